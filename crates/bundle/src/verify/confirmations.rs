//! That each proof was valid, bound, spent once, and that together they are what the operation asks for (Rules cl.
//! [6.d](lending::law::CL_6_D), [9.a](lending::law::CL_9_A), [11](lending::law::CL_11)).

use std::collections::BTreeSet;

use lending::confirmation::{Factor, Operation, ProofKind, methods, satisfied};
use serde::Deserialize;
use uuid::Uuid;

use super::Judge;
use crate::{
    manifest::{Confirmation, Member, Proof},
    reason::Reason,
    report::Confirmed,
};

/// What the program says it witnessed, as far as it binds a proof. Kinds of proof add fields of their own.
#[derive(Deserialize)]
struct Statement {
    operation: Option<String>,
    object: Option<String>,
    challenge: Option<Uuid>,
}

impl Judge<'_> {
    pub(super) fn confirmations(&mut self) {
        let (m, agreement) = (self.m, &self.m.agreement);
        match m.confirmations.iter().find(|one| one.id == agreement.confirmation) {
            None => self.note(Reason::ConfirmationMissing, agreement.confirmation),
            Some(one) => {
                let ours = one.subject == m.client.id
                    && one.operation == Operation::SignContract.code()
                    && one.object_sha256 == agreement.sha256
                    && one.created_at == agreement.signed_at;
                self.hold(ours, Reason::ConfirmationForeign, one.id);
            }
        }
        let registered = |one: &Confirmation| {
            one.subject == m.client.registration && one.operation == Operation::Registration.code()
        };
        let registered = m.confirmations.iter().any(registered);
        self.hold(registered, Reason::RegistrationMissing, m.client.registration);
        for one in &m.confirmations {
            self.confirmation(one);
        }
        let (mut used, mut answered) = (BTreeSet::new(), BTreeSet::new());
        for proof in &m.proofs {
            let spent = m.confirmations.iter().any(|one| one.id == proof.confirmation);
            self.hold(spent, Reason::ProofUnspent, proof.id);
            self.hold(used.insert(proof.evidence), Reason::ProofReused, proof.id);
            if let Some(challenge) = self.statement(proof) {
                self.hold(answered.insert(challenge), Reason::ChallengeReused, challenge);
                self.challenge(proof, challenge);
            }
        }
    }

    fn confirmation(&mut self, one: &Confirmation) {
        let m = self.m;
        let proofs: Vec<&Proof> = m.proofs.iter().filter(|proof| proof.confirmation == one.id).collect();
        let mut kinds = Vec::new();
        for proof in &proofs {
            let id = proof.id;
            self.hold(proof.subject == one.subject, Reason::ProofOfAnother, id);
            self.hold(proof.operation == one.operation, Reason::ProofForAnotherOperation, id);
            self.hold(proof.object_sha256 == one.object_sha256, Reason::ProofForAnotherObject, id);
            let together = proof.session.is_some() && proof.session == proofs[0].session;
            self.hold(together, Reason::ProofInAnotherSession, id);
            self.hold(one.spent_at < proof.expires_at, Reason::ProofExpired, id);
            self.hold(one.spent_at >= proof.created_at, Reason::ProofTooEarly, id);
            match ProofKind::by_code(&proof.kind) {
                Some(kind) => kinds.push(kind),
                None => self.note(Reason::ProofKindUnknown, id),
            }
        }
        match Operation::ALL.into_iter().find(|operation| operation.code() == one.operation) {
            None => self.note(Reason::OperationUnknown, one.id),
            Some(operation) => {
                self.hold(satisfied(operation, &kinds).is_ok(), Reason::MethodsInsufficient, one.id);
            }
        }
        self.confirmed.push(Confirmed {
            id: one.id,
            operation: one.operation.clone(),
            methods: methods(&kinds),
            proofs: proofs.iter().map(|proof| proof.kind.clone()).collect(),
            spent_at: one.spent_at,
        });
    }

    /// What the evidence itself says the proof is for; the challenge that it answers.
    fn statement(&mut self, proof: &Proof) -> Option<Uuid> {
        let (member, bytes) = *self.evidence.get(&proof.evidence)?;
        self.hold(member.subject == proof.subject, Reason::ProofOfAnother, proof.id);
        let kind = ProofKind::by_code(&proof.kind);
        if kind == Some(ProofKind::BiometricIdentification) {
            let mut inquiries = self.m.inquiries.iter();
            let answer = inquiries.find(|one| one.evidence == Some(proof.evidence));
            // What the answer is about is at hand: the photo that was put to them, or came with their answer.
            let shown = match answer {
                Some(one) => self.evidence.contains_key(&one.object),
                None => member.kind.starts_with("answer:") && self.has_photo_with(member),
            };
            self.hold(shown, Reason::ProofWithoutAnswer, proof.id);
        }
        if !member.kind.starts_with("proof:") || member.media_type != "application/json" {
            return None;
        }
        let Ok(said) = serde_json::from_slice::<Statement>(bytes) else {
            self.note(Reason::StatementDiffers, proof.id);
            return None;
        };
        let operation = said.operation.is_none_or(|operation| operation == proof.operation);
        let object = said.object.is_none_or(|object| object == proof.object_sha256.to_string());
        self.hold(operation && object, Reason::StatementDiffers, proof.id);
        let sent = kind == Some(ProofKind::Factor(Factor::SmsCode));
        self.hold(said.challenge.is_some() || !sent, Reason::ChallengeMissing, proof.id);
        said.challenge
    }

    /// There is a photo that belongs to the same as this answer.
    fn has_photo_with(&self, answer: &Member) -> bool {
        let mut all = self.evidence.values();
        answer.object.is_some() && all.any(|(one, _)| one.kind == "photo" && one.object == answer.object)
    }

    fn challenge(&mut self, proof: &Proof, id: Uuid) {
        let Some(challenge) = self.m.challenges.iter().find(|one| one.id == id) else {
            return self.note(Reason::ChallengeMissing, id);
        };
        let same = challenge.subject == proof.subject
            && challenge.session == proof.session
            && challenge.operation == proof.operation
            && challenge.object_sha256 == proof.object_sha256;
        self.hold(same, Reason::ChallengeForeign, id);
        let in_time = challenge.passed_at.is_some_and(|at| {
            challenge.created_at <= at && at < challenge.expires_at && at <= proof.created_at
        });
        self.hold(in_time && challenge.tries > 0, Reason::ChallengeNotPassed, id);
    }
}
