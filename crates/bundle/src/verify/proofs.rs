//! What each proof stands on (Rules cl. [11](lending::law::CL_11), [35.1](lending::law::CL_35_1),
//! [35.2](lending::law::CL_35_2), [35.3](lending::law::CL_35_3)): evidence of its own kind, the program's statement that
//! binds it to operation, object and session, and what the statement names.

use std::collections::BTreeSet;

use lending::confirmation::{Factor, Operation, ProofKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::Judge;
use crate::{
    manifest::{Inquiry, Member, Proof, Sha256},
    reason::Reason,
};

/// The kinds of proofs, of evidence that one of them can stand on, and of the statement that belongs to that evidence;
/// none, where the statement is all there is.
const STANDS_ON: [(ProofKind, &str, Option<&str>); 6] = [
    (ProofKind::Factor(Factor::Password), "proof:password", None),
    (ProofKind::Factor(Factor::SmsCode), "proof:sms-code", None),
    (ProofKind::Factor(Factor::Token), "proof:token", None),
    (ProofKind::BiometricIdentification, "answer:idec", Some("proof:face")),
    (ProofKind::BiometricIdentification, "answer:hosted-face", Some("proof:face")),
    (ProofKind::DigitalSignature, "signature", Some("signature:verdict")),
];

/// What every statement says.
#[derive(Deserialize)]
struct Bound {
    operation: String,
    object: String,
    session: Uuid,
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    challenge: Uuid,
}

#[derive(Deserialize)]
struct Token {
    token: Uuid,
    moment: u64,
}

#[derive(Deserialize)]
struct Face {
    face: String,
    iin: String,
    photo: Uuid,
    liveness: Option<Uuid>,
}

/// What the record of a live challenge says.
#[derive(Deserialize)]
struct Liveness {
    challenge: Uuid,
    subject: Uuid,
    operation: String,
    object: String,
    ended: String,
    result: Ended,
}

#[derive(Deserialize)]
struct Ended {
    photo: String,
}

/// What is remembered of the IDEC's answer.
#[derive(Deserialize)]
struct Finding {
    known: bool,
    names_match: bool,
    document_valid: bool,
    same_face: bool,
}

/// What served a proof and can serve no other.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Used {
    Evidence(Uuid),
    Challenge(Uuid),
    Moment(Uuid, u64),
    Photo(Sha256),
    Statement(Uuid),
}

impl<'a> Judge<'a> {
    pub(super) fn proofs(&mut self) {
        let mut used = BTreeSet::new();
        for proof in &self.m.proofs {
            self.hold(used.insert(Used::Evidence(proof.evidence)), Reason::ProofReused, proof.id);
            let Some((member, _)) = self.evidence.get(&proof.evidence).copied() else { continue };
            self.hold(member.subject == proof.subject, Reason::ProofOfAnother, proof.id);
            let Some(kind) = ProofKind::by_code(&proof.kind) else { continue };
            let fits = |row: &&(ProofKind, &str, Option<&str>)| row.0 == kind && row.1 == member.kind;
            let Some((_, _, beside)) = STANDS_ON.iter().find(fits) else {
                self.note(Reason::ProofOnNothing, proof.id);
                continue;
            };
            self.hold(self.is_before(member, proof), Reason::ProofOnNothing, proof.id);
            let Some(said) = self.statement(proof, *beside) else {
                self.note(Reason::StatementDiffers, proof.id);
                continue;
            };
            let stands = match kind {
                ProofKind::Factor(Factor::Password) => read(said).map(|said| self.password(proof, &said)),
                ProofKind::Factor(Factor::SmsCode) => {
                    read(said).map(|said| self.code(proof, &said, &mut used))
                }
                ProofKind::Factor(Factor::Token) => {
                    read(said).map(|said| self.token(proof, &said, &mut used))
                }
                ProofKind::BiometricIdentification => {
                    read(said).map(|said| self.face(proof, member, &said, &mut used))
                }
                // Judged with the signature itself.
                _ => Some(()),
            };
            self.hold(stands.is_some(), Reason::StatementDiffers, proof.id);
        }
    }

    /// It was stored before the proof was spent.
    fn is_before(&self, member: &Member, proof: &Proof) -> bool {
        let spent = self.confirmations.get(&proof.confirmation);
        spent.is_none_or(|one| member.created_at <= one.created_at)
    }

    /// What the program witnessed of a proof, if it is about this one.
    pub(super) fn statement(&self, proof: &Proof, beside: Option<&str>) -> Option<&'a [u8]> {
        let (member, bytes) = match beside {
            Some(kind) => self.only(proof.evidence, kind)?,
            None => *self.evidence.get(&proof.evidence)?,
        };
        let said: Bound = read(bytes)?;
        let ours = member.subject == proof.subject
            && member.media_type == "application/json"
            && self.is_before(member, proof)
            && said.operation == proof.operation
            && said.object == proof.object_sha256.to_string()
            && Some(said.session) == proof.session;
        ours.then_some(bytes)
    }

    /// A password is set where somebody registers, and must agree everywhere else.
    fn password(&mut self, proof: &Proof, said: &Password) {
        let registering = proof.operation == Operation::Registration.code();
        let right = said.password == "agreed" || registering && said.password == "set";
        self.hold(right, Reason::StatementDiffers, proof.id);
    }

    fn code(&mut self, proof: &Proof, said: &Code, used: &mut BTreeSet<Used>) {
        self.hold(said.code == "agreed", Reason::StatementDiffers, proof.id);
        let id = said.challenge;
        self.hold(used.insert(Used::Challenge(id)), Reason::ChallengeReused, id);
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
        self.code_was_sent(proof, id);
    }

    fn token(&mut self, proof: &Proof, said: &Token, used: &mut BTreeSet<Used>) {
        let fresh = used.insert(Used::Moment(said.token, said.moment));
        self.hold(fresh, Reason::ChallengeReused, proof.id);
    }

    fn face(&mut self, proof: &Proof, answer: &Member, said: &Face, used: &mut BTreeSet<Used>) {
        let person = self.purposes.get(&proof.confirmation).and_then(|purpose| purpose.person);
        let theirs = person.is_none_or(|person| person.iin == said.iin);
        self.hold(said.face == "agreed" && theirs, Reason::StatementDiffers, proof.id);
        let photo = self.evidence.get(&said.photo).copied();
        let Some((photo, bytes)) = photo.filter(|(one, _)| {
            one.kind == "photo" && one.subject == proof.subject && self.is_before(one, proof)
        }) else {
            return self.note(Reason::PhotoMissing, proof.id);
        };
        if answer.kind == "answer:idec" {
            self.compared(proof, photo);
            self.hold(used.insert(Used::Photo(Sha256::of(bytes))), Reason::ChallengeReused, photo.evidence);
            self.hold(said.liveness == photo.object, Reason::LivenessDiffers, photo.evidence);
            self.lived(proof, photo, used);
        } else {
            // The provider's session in which both were taken.
            let session = answer.object.filter(|_| answer.object == photo.object);
            self.hold(session.is_some(), Reason::PhotoMissing, proof.id);
            if let Some(session) = session {
                self.session_agreed(proof, session);
            }
        }
    }

    /// The answer is to the question about this photo, and says yes to all of it.
    fn compared(&mut self, proof: &Proof, photo: &Member) {
        let about = |one: &&Inquiry| one.port == "idec" && one.object == photo.evidence;
        let asked = self.m.inquiries.iter().find(about);
        match asked.filter(|one| one.evidence == Some(proof.evidence)) {
            None => self.note(Reason::ProofWithoutAnswer, proof.id),
            Some(one) => {
                let yes = one.meaning.as_ref().is_some_and(agrees);
                self.hold(yes, Reason::AnswerAgainst, one.id);
            }
        }
    }

    /// A photo that ended a live challenge: it was passed, for this, with this photo.
    fn lived(&mut self, proof: &Proof, photo: &Member, used: &mut BTreeSet<Used>) {
        let Some((_, original)) = self.only(photo.evidence, "photo:original") else {
            return self.note(Reason::PhotoMissing, photo.evidence);
        };
        let Some(ended) = photo.object else { return };
        let record = self.evidence.get(&ended).copied();
        let record = record.filter(|(one, _)| one.kind == "liveness" && one.subject == proof.subject);
        let said = record.and_then(|(one, bytes)| Some((one.object?, read::<Liveness>(bytes)?)));
        let passed = said.is_some_and(|(challenge, said)| {
            said.challenge == challenge
                && used.insert(Used::Challenge(challenge))
                && said.subject == proof.subject
                && said.operation == proof.operation
                && said.object == proof.object_sha256.to_string()
                && said.ended == "spent"
                && said.result.photo == Sha256::of(original).to_string()
        });
        self.hold(passed, Reason::LivenessDiffers, photo.evidence);
    }
}

fn agrees(meaning: &Value) -> bool {
    Finding::deserialize(meaning)
        .is_ok_and(|said| said.known && said.names_match && said.document_valid && said.same_face)
}

/// JSON that the program wrote.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}
