//! That digital signatures hold over what the proof is for, and are whose they must be (Rules cl.
//! [35.1](lending::law::CL_35_1)).
//!
//! What is needed to judge one years later hangs on it: the exact bytes that were signed (the document with a statement
//! behind it, `docs/adr/0014-what-is-signed.md`), a time-stamp where the signature has none, what the authority
//! answered about revocation or its lists, and when all that was judged. It is judged again as it was then: an answer
//! that says nothing useful leaves the word to the lists. Where there is no stamp, when that was is the organization's word
//! ([`UNPROVED`](crate::UNPROVED)).

use std::collections::BTreeSet;

use eds::{
    ANSWER_AGE_MAX, Evidence, OcspAnswer, RevocationList, Rules, SignedMessage, TimeStamp, Trust, Verdict,
    audit::{File, Report, Trusted, trusted},
    verify,
};
use jiff::{SignedDuration, Timestamp};
use lending::confirmation::{Operation, ProofKind};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Judge,
    proofs::{Used, read},
    purposes::Purpose,
};
use crate::{limits::SIGNATURES_MAX, manifest::Proof, reason::Reason, report::Signed};

/// How long what is to be signed waits for its signature.
const STATEMENT_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// What the program found.
#[derive(Deserialize)]
struct Found {
    signature: String,
    statement: Uuid,
    judged_at: Timestamp,
    /// Of our question to the OCSP responder, hexadecimal.
    nonce: String,
}

impl Judge<'_> {
    pub(super) fn signatures(&mut self, trust: Option<&[File]>) {
        let m = self.m;
        let mut signed = m.proofs.iter().filter(|proof| proof.kind == ProofKind::DigitalSignature.code());
        let mut used = BTreeSet::new();
        for proof in signed.by_ref().take(SIGNATURES_MAX) {
            if used.insert(Used::Evidence(proof.evidence)) {
                self.signature(proof, trust, &mut used);
            }
        }
        self.hold(signed.next().is_none(), Reason::TooMany, "signatures");
    }

    fn signature(&mut self, proof: &Proof, trust: Option<&[File]>, used: &mut BTreeSet<Used>) {
        let Some((member, bytes)) = self.evidence.get(&proof.evidence).copied() else { return };
        let path = member.path.clone();
        // That there is none is said of the proof.
        let said = self.statement(proof, Some("signature:verdict")).and_then(read::<Found>);
        let Some(said) = said.filter(|said| said.signature == "holds") else {
            return self.note(Reason::StatementDiffers, proof.id);
        };
        let waited = proof.created_at.duration_since(said.judged_at);
        // What the database keeps is cut to the microsecond.
        let in_time = waited >= -SignedDuration::from_millis(1) && waited <= STATEMENT_LIFE;
        self.hold(in_time, Reason::StatementDiffers, proof.id);
        self.hold(used.insert(Used::Statement(said.statement)), Reason::ChallengeReused, said.statement);
        let content = self.only(proof.evidence, "signature:content").map(|(_, bytes)| bytes);
        let Some(content) = content.filter(|content| self.states(content, said.statement, proof)) else {
            return self.note(Reason::SignatureOfOther, path);
        };
        let judged = SignedMessage::read(bytes).ok().and_then(|message| {
            let trusted = trusted(trust, &message).ok()?;
            let verdict = self.verdict(proof.evidence, &message, content, &said, &trusted.trust);
            Some((trusted, verdict))
        });
        let Some((Trusted { source, passed_over, .. }, verdict)) = judged else {
            self.signed.push(Signed { path: path.clone(), report: None });
            return self.note(Reason::SignatureUnreadable, path);
        };
        self.hold(verdict.holds().is_ok(), Reason::SignatureInvalid, &path);
        let whom = self.purposes.get(&proof.confirmation).and_then(Purpose::signatory);
        let theirs = match (&verdict.signers[..], whom) {
            ([signer], Some(whom)) => signer.is(&whom).is_ok(),
            _ => false,
        };
        self.hold(theirs, Reason::SignatureOfAnother, &path);
        let report = Report::of(verdict, said.judged_at, source, passed_over);
        self.signed.push(Signed { path, report: Some(report) });
    }

    /// Judged as it was when it was given, by what hangs on it. A stamp that is of something else is passed over; one of
    /// this signature that does not hold speaks against it, for it may say that the instant of the judgement is a lie.
    fn verdict(
        &self,
        signature: Uuid,
        message: &SignedMessage,
        content: &[u8],
        said: &Found,
        trust: &Trust,
    ) -> Verdict {
        let at = said.judged_at;
        let judge = |evidence: Evidence| {
            let rules = Rules { at, trust, evidence: &evidence, answer_age_max: ANSWER_AGE_MAX, nonce: None };
            verify(message, Some(content), &rules)
        };
        let signed = message.signatures().next().map(|(value, _)| value).unwrap_or_default();
        let stamps =
            self.of(signature, "answer:tsp").filter_map(|(_, bytes)| TimeStamp::from_response(bytes).ok());
        let stamps: Vec<TimeStamp> = stamps.filter(|stamp| stamp.is_of(signed).is_ok()).collect();
        let asked = |answer: &OcspAnswer| answer.nonce().is_some_and(|nonce| hex(nonce) == said.nonce);
        let answers = self.of(signature, "answer:ocsp").filter_map(|(_, bytes)| OcspAnswer::read(bytes).ok());
        let answers: Vec<OcspAnswer> = answers.filter(asked).collect();
        if !answers.is_empty() {
            let verdict = judge(Evidence { answers, stamps: stamps.clone(), ..Evidence::default() });
            if verdict.holds().err().is_none_or(eds::Reason::speaks_against) {
                return verdict;
            }
        }
        let lists = self.of(signature, "signature:list");
        let lists = lists.filter_map(|(_, bytes)| RevocationList::read(bytes).ok()).collect();
        judge(Evidence { lists, stamps, ..Evidence::default() })
    }

    /// Whether it is the paper, where one is concluded, with the statement behind it that was to be signed, of this
    /// proof's operation and object.
    fn states(&self, signed: &[u8], statement: Uuid, proof: &Proof) -> bool {
        let papers = [Operation::SignContract, Operation::AmendContract];
        let is_paper = papers.iter().any(|operation| operation.code() == proof.operation);
        let paper = self.m.papers().find(|(_, paper)| paper.sha256 == proof.object_sha256);
        let paper = paper.and_then(|(_, paper)| self.evidence.get(&paper.evidence));
        let behind = match (is_paper, paper) {
            (false, _) => Some(signed),
            (true, Some((_, document))) => signed.strip_prefix(*document),
            (true, None) => None,
        };
        let Some(Ok(text)) = behind.map(std::str::from_utf8) else { return false };
        let prefix = if is_paper { "% " } else { "" };
        let lines: Option<Vec<&str>> =
            text.trim_start_matches('\n').lines().map(|line| line.strip_prefix(prefix)).collect();
        let Some([.., version, operation, object, id, random]) = lines.as_deref() else { return false };
        *version == "Nesie-Statement: 1"
            && *operation == format!("Operation: {}", proof.operation)
            && *object == format!("Object-SHA256: {}", proof.object_sha256)
            && *id == format!("Statement: {statement}")
            && random.strip_prefix("Random: ").is_some_and(|random| random.len() == 64)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
