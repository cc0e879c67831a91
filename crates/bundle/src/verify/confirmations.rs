//! That everything was confirmed that had to be, by proofs that were valid, bound and spent once, and that together are
//! what the operation asks for (Rules cl. [6.d](lending::law::CL_6_D), [9.a](lending::law::CL_9_A),
//! [11](lending::law::CL_11)).

use std::collections::BTreeMap;

use lending::confirmation::{Operation, ProofKind, methods, satisfied};
use uuid::Uuid;

use super::Judge;
use crate::{
    manifest::{Confirmation, Proof},
    reason::Reason,
    report::Confirmed,
};

impl Judge<'_> {
    pub(super) fn confirmations(&mut self) {
        let m = self.m;
        for purpose in super::purposes::of(m) {
            let Some(one) = self.confirmations.get(&purpose.confirmation).copied() else {
                self.note(purpose.missing, purpose.confirmation);
                continue;
            };
            self.hold(purpose.person.is_some(), Reason::PersonMissing, one.id);
            let same = one.subject == purpose.subject
                && one.operation == purpose.operation.code()
                && Some(one.object_sha256) == purpose.object
                && purpose.at.is_none_or(|at| at == one.created_at);
            self.hold(same, Reason::ConfirmationForeign, one.id);
        }
        let mut spent: BTreeMap<Uuid, Vec<&Proof>> = BTreeMap::new();
        for proof in &m.proofs {
            spent.entry(proof.confirmation).or_default().push(proof);
            let there = self.confirmations.contains_key(&proof.confirmation);
            self.hold(there, Reason::ProofUnspent, proof.id);
        }
        for one in &m.confirmations {
            self.hold(self.purposes.contains_key(&one.id), Reason::RecordStray, one.id);
            self.confirmation(one, spent.get(&one.id).map(Vec::as_slice).unwrap_or_default());
        }
    }

    fn confirmation(&mut self, one: &Confirmation, proofs: &[&Proof]) {
        let mut kinds = Vec::new();
        for proof in proofs {
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
        match Operation::by_code(&one.operation) {
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
}
