//! That digital signatures hold over what the proof is for, and are the person's (Rules cl.
//! [35.1](lending::law::CL_35_1)).
//!
//! What is needed to judge one years later hangs on it: the exact bytes that were signed (the document with a statement
//! behind it, `docs/adr/0014-what-is-signed.md`), answers about revocation, and a time-stamp where the signature has none.
//! The signer's certificate is in the signature.

use eds::{
    Expected, SignedMessage,
    audit::{File, Files, report},
};
use lending::confirmation::{Factor, ProofKind};

use super::Judge;
use crate::{
    manifest::{Member, Proof, Sha256},
    reason::Reason,
    report::Signed,
};

/// The kind of the exact bytes that were signed.
const CONTENT: &str = "signature:content";
const OCSP_ANSWER: &str = "application/ocsp-response";
const TIME_STAMP: &str = "application/timestamp-reply";
const REVOCATION_LIST: &str = "application/pkix-crl";

impl Judge<'_> {
    pub(super) fn signatures(&mut self, trust: Option<&[File]>) {
        let m = self.m;
        for proof in &m.proofs {
            let kind = ProofKind::by_code(&proof.kind);
            if matches!(kind, Some(ProofKind::DigitalSignature | ProofKind::Factor(Factor::SmartCard))) {
                self.signature(proof, trust);
            }
        }
    }

    fn signature(&mut self, proof: &Proof, trust: Option<&[File]>) {
        let Some((member, bytes)) = self.evidence.get(&proof.evidence).copied() else { return };
        let Ok(message) = SignedMessage::read(bytes) else {
            self.signed.push(Signed { path: member.path.clone(), report: None });
            return self.note(Reason::SignatureUnreadable, &member.path);
        };
        let document = self.evidence.values().copied().find(|(one, _)| one.sha256 == proof.object_sha256);
        let hangs = |one: &Member| one.kind == CONTENT && one.object == Some(proof.evidence);
        let content = self.evidence.values().copied().find(|(one, _)| hangs(one));
        // What was signed says itself what it is for; else it is the document, beside the signature or within.
        let beside = content.or(document);
        let of_this = match content {
            Some((_, bytes)) => states(bytes, document.map(|(_, bytes)| bytes), proof),
            None => beside.is_some() || message.content().map(Sha256::of) == Some(proof.object_sha256),
        };
        self.hold(of_this, Reason::SignatureOfOther, &member.path);
        let of_kind = |media_type: &str| {
            let found = self.evidence.values().filter(|(one, _)| one.media_type == media_type);
            found.map(|(one, bytes)| File { name: one.path.clone(), bytes: bytes.to_vec() }).collect()
        };
        let files = Files {
            message: File { name: member.path.clone(), bytes: bytes.to_vec() },
            content: beside.map(|(one, bytes)| File { name: one.path.clone(), bytes: bytes.to_vec() }),
            trust: trust.map(|folder| {
                folder.iter().map(|f| File { name: f.name.clone(), bytes: f.bytes.clone() }).collect()
            }),
            answers: of_kind(OCSP_ANSWER),
            lists: of_kind(REVOCATION_LIST),
            stamps: of_kind(TIME_STAMP),
        };
        match report(&files, proof.created_at) {
            Err(_) => {
                self.note(Reason::SignatureUnreadable, &member.path);
                self.signed.push(Signed { path: member.path.clone(), report: None });
            }
            Ok(found) => {
                let client = &self.m.client;
                let whom = match &client.bin {
                    Some(bin) => Expected::Entity { bin, iin: Some(&client.iin) },
                    None => Expected::Individual { iin: &client.iin },
                };
                let theirs = found.signers.iter().any(|one| one.signer.is(&whom).is_ok());
                self.hold(found.valid, Reason::SignatureInvalid, &member.path);
                self.hold(theirs, Reason::SignatureOfAnother, &member.path);
                self.signed.push(Signed { path: member.path.clone(), report: Some(found) });
            }
        }
    }
}

/// Whether it is the document, where there is one, with a statement behind it that names what the proof is for.
fn states(signed: &[u8], document: Option<&[u8]>, proof: &Proof) -> bool {
    let statement = match document {
        Some(document) => signed.strip_prefix(document),
        None => Some(signed),
    };
    let Some(Ok(statement)) = statement.map(std::str::from_utf8) else { return false };
    let says = |wanted: &str| statement.lines().any(|line| line.strip_prefix("% ").unwrap_or(line) == wanted);
    says(&format!("Object-SHA256: {}", proof.object_sha256))
        && says(&format!("Operation: {}", proof.operation))
}
