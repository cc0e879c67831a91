//! That digital signatures hold over what the proof is for, and are the person's (Rules cl.
//! [35.1](lending::law::CL_35_1)).
//!
//! What is needed to judge one years later lies beside it: answers about revocation are members with the media types of
//! RFC 6960 and RFC 5280. Certificates and time-stamps are in the signature.

use eds::{
    Expected, SignedMessage,
    audit::{File, Files, report},
};
use lending::confirmation::{Factor, ProofKind};

use super::Judge;
use crate::{
    manifest::{Proof, Sha256},
    reason::Reason,
    report::Signed,
};

const OCSP_ANSWER: &str = "application/ocsp-response";
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
        // The document beside the signature is the member with the hash that the proof is for; else it is within.
        let beside = self.evidence.values().copied().find(|(one, _)| one.sha256 == proof.object_sha256);
        let within = message.content().map(Sha256::of);
        if beside.is_none() && within != Some(proof.object_sha256) {
            self.note(Reason::SignatureOfOther, &member.path);
        }
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
