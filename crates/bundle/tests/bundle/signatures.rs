//! An agreement signed digitally: judged by crate `eds`, with the answers kept beside the signature.

use bundle::verify;
use eds::{
    Family,
    audit::File,
    testing::{Authority, Holder, Profile, Says},
};

use crate::made::{DOCUMENT, IIN, Made, SIGNED, at};

struct Signed {
    made: Made,
    authority: Authority,
}

/// A face and a digital signature over `over` by who has this profile.
fn signed(family: Family, profile: &Profile, over: &[u8], answer: bool) -> Signed {
    let authority = Authority::new(family, "ours", at(0));
    let holder: Holder = authority.issue(profile, "client");
    let message = holder.sign(over, false, at(25), Some(&authority));
    let mut made = Made::new();
    made.manifest
        .proofs
        .retain(|one| one.confirmation != crate::made::id(SIGNED) || one.kind == "biometric_identification");
    let signature = made.put("signature:cms", 1, Some(5), "application/pkcs7-signature", &message, at(25));
    made.prove(SIGNED, "digital_signature", signature, at(25));
    if answer {
        let ocsp = authority.answer_bytes(&holder.certificate, Says::Good, at(25), None);
        made.put("answer:ocsp", 1, Some(signature.as_u128()), "application/ocsp-response", &ocsp, at(25));
    }
    Signed { made, authority }
}

impl Signed {
    fn reasons(&self) -> Vec<&'static str> {
        let file = |name: &str, bytes: &[u8]| File { name: name.into(), bytes: bytes.to_vec() };
        let root = self.authority.root();
        let (from, until) = root.validity();
        let fingerprint: String = root.fingerprint().to_string();
        let anchors = format!("{fingerprint} {from} {until}\n");
        let trust = [
            file("root.cer", root.der()),
            file("issuing.cer", self.authority.issuing().der()),
            file(eds::audit::ANCHORS_FILE, anchors.as_bytes()),
        ];
        let report = verify(&self.made.file(), Some(&trust));
        assert_eq!(report.signatures.len(), 1);
        report.failures.iter().map(|failure| failure.reason.code()).collect()
    }
}

/// Proves [`lending::law::CL_35_1`]: the signature is over the agreement, by the client, under a known authority.
#[test]
fn a_digital_signature_is_checked_over_the_agreements_bytes_without_any_server() {
    let individual = Profile::individual(IIN);
    for family in [Family::Gost2015, Family::Rsa] {
        assert_eq!(signed(family, &individual, DOCUMENT, true).reasons(), Vec::<&str>::new(), "{family:?}");
    }
    let another = Profile::individual("900505400777");
    for (what, bad, expected) in [
        ("another document", signed(Family::Gost2015, &individual, b"another", true), "signature-invalid"),
        (
            "no answer about revocation",
            signed(Family::Gost2015, &individual, DOCUMENT, false),
            "signature-invalid",
        ),
        ("another person", signed(Family::Gost2015, &another, DOCUMENT, true), "signature-of-another"),
    ] {
        assert!(bad.reasons().contains(&expected), "{what}: {:?}", bad.reasons());
    }
    let foreign = signed(Family::Gost2015, &individual, DOCUMENT, true);
    let report = verify(&foreign.made.file(), None);
    assert_eq!(report.failures[0].reason.code(), "signature-invalid", "an authority that nobody trusts");
}

#[test]
fn a_signature_that_is_none_is_told_apart_from_one_that_does_not_hold() {
    let mut bad = signed(Family::Gost2015, &Profile::individual(IIN), DOCUMENT, true);
    let garbage = bad.made.put("signature:cms", 1, None, "application/pkcs7-signature", b"garbage", at(25));
    bad.made.manifest.proofs.last_mut().unwrap().evidence = garbage;
    assert_eq!(bad.reasons(), ["signature-unreadable"]);
}

/// What a client signs here: the agreement with a statement behind it, kept beside the signature.
#[test]
fn a_signed_copy_must_begin_with_the_agreement_and_state_what_it_is_for() {
    let hash = bundle::manifest::Sha256::of(DOCUMENT);
    let copy = |document: &[u8], statement: &str| [document, statement.as_bytes()].concat();
    let said = format!("\n% I sign.\n% Operation: sign_contract\n% Object-SHA256: {hash}\n% Random: 1\n");
    for (content, expected) in [
        (copy(DOCUMENT, &said), &[][..]),
        (copy(b"another", &said), &["signature-of-other"][..]),
        (copy(DOCUMENT, &said.replace("sign_contract", "change_phone")), &["signature-of-other"]),
        (copy(DOCUMENT, &said.replace("Object", "Other")), &["signature-of-other"]),
    ] {
        let mut one = signed(Family::Gost2015, &Profile::individual(IIN), &content, true);
        let signature = one.made.manifest.proofs.last().unwrap().evidence;
        let hangs = Some(signature.as_u128());
        one.made.put("signature:content", 1, hangs, "application/pdf", &content, at(25));
        assert_eq!(one.reasons(), expected);
    }
}
