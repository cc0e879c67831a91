//! What the state's certification authority and its test authority really issued. The files lie beside the repository
//! and are not part of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use eds::{
    ANSWER_AGE_MAX, Certificate, Evidence, Expected, Family, NATIONAL, OcspAnswer, Reason, RevocationList,
    Role, Rules, SignedMessage, Source, TimeStamp, Trust, Verdict, verify,
};
use jiff::Timestamp;

/// The folder of the files; none, with a message, where it is absent and need not be there.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/nca");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("NESIE_SHARED_REQUIRED").is_none_or(|value| value != "1"),
        "shared data is absent"
    );
    eprintln!("skipped: ../shared/data/nca is absent");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::read(&bytes(folder, name)).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn certificates(data: &Path) -> Vec<(String, Certificate)> {
    let all = ["prod", "test"].into_iter().flat_map(|folder| files(&data.join(folder)));
    all.map(|path| {
        let read = Certificate::read(&fs::read(&path).unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name.clone(), read.unwrap_or_else(|reason| panic!("{name}: {reason}")))
    })
    .collect()
}

/// Everything that may be an anchor: also issuers of the old test authority, whose roots are not at hand.
fn trust(data: &Path) -> Trust {
    Trust::chosen(certificates(data).into_iter().map(|(_, certificate)| certificate).collect()).unwrap()
}

fn judge(trust: &Trust, message: &[u8], content: Option<&[u8]>, now: &str) -> Result<Verdict, Reason> {
    let evidence = Evidence::default();
    let message = SignedMessage::read(message)?;
    let rules =
        Rules { at: at(now), trust, evidence: &evidence, answer_age_max: ANSWER_AGE_MAX, nonce: None };
    Ok(verify(&message, content, &rules))
}

/// Everything but revocation, of which nothing is at hand, holds.
fn holds_but_for_revocation(verdict: &Verdict) -> bool {
    verdict.reasons.is_empty()
        && !verdict.signers.is_empty()
        && verdict.signers.iter().all(|signer| signer.reasons == [Reason::RevocationMissing])
}

#[test]
fn every_certificate_whose_issuer_is_at_hand_was_signed_by_it() {
    let Some(data) = data() else { return };
    let all = certificates(&data);
    let mut verified = 0;
    for (name, certificate) in &all {
        let issuers: Vec<_> = all.iter().filter(|(_, issuer)| certificate.is_issued_by(issuer)).collect();
        if certificate.is_self_issued() {
            assert!(issuers.iter().any(|(issuer, _)| issuer == name), "{name} is not signed by itself");
        }
        verified += usize::from(!issuers.is_empty());
        eprintln!(
            "{name}: {} {:?}, {} issuers",
            certificate.serial_hex(),
            certificate.family(),
            issuers.len()
        );
    }
    assert!(verified >= 10, "only {verified} of {}", all.len());
}

#[test]
fn names_repeat_and_keys_tell_the_roots_apart() {
    let Some(data) = data() else { return };
    let data = data.join("prod");
    let (old, new) = (certificate(&data, "root_gost.pem"), certificate(&data, "root_gost_2020.cer"));
    assert_eq!(old.subject().common_name, new.subject().common_name);
    let issuing = certificate(&data, "nca_gost.pem");
    assert!(issuing.is_issued_by(&old) && !issuing.is_issued_by(&new));
}

#[test]
fn the_roots_of_the_state_are_the_pinned_ones_for_their_own_time() {
    let Some(data) = data() else { return };
    let all: Vec<_> = files(&data.join("prod"))
        .iter()
        .map(|path| Certificate::read(&fs::read(path).unwrap()).unwrap())
        .collect();
    let issuing = certificate(&data.join("prod"), "nca_gost_2022.pem");
    let ended = certificate(&data.join("prod"), "nca_gost.pem");
    let roots = all.iter().filter(|certificate| certificate.is_self_issued()).count();
    let trust = Trust::pinned(all, &NATIONAL).unwrap();
    assert_eq!(trust.anchors().len(), roots, "a root that is not pinned");
    for anchor in trust.anchors() {
        assert_eq!((anchor.from, anchor.until), anchor.certificate.validity());
    }
    assert_eq!(trust.chain(&issuing, &[], at("2026-11-01T00:00:00Z")).unwrap().len(), 2);
    assert!(trust.chain(&ended, &[], at("2024-11-01T00:00:00Z")).is_ok());
    assert_eq!(trust.chain(&ended, &[], at("2026-11-01T00:00:00Z")).err(), Some(Reason::AnchorOutOfDate));
    let test = certificate(&data.join("test"), "nca_gost2022_test.cer");
    assert_eq!(trust.chain(&test, &[], at("2026-11-01T00:00:00Z")).err(), Some(Reason::IssuerUnknown));
}

#[test]
fn a_person_is_named_with_number_patronymic_and_role() {
    let Some(data) = data() else { return };
    let person = certificate(&data, "cms/individual_signer.cer");
    let subject = person.subject();
    assert_eq!(subject.iin.as_deref(), Some("123456789011"));
    assert_eq!(subject.patronymic.as_deref(), Some("ТЕСТОВИЧ"));
    assert_eq!((person.roles(), person.family()), (vec![Role::Individual], Family::Gost2015));
    let head = certificate(&data, "test/ceo_valid_sign_2004_gost.cer");
    assert_eq!(head.subject().bin.as_deref(), Some("123456789021"));
    assert_eq!((head.roles(), head.family()), (vec![Role::Entity, Role::Head], Family::Gost2004));
    assert_eq!(format!("{subject:?}"), "Subject(******)");
}

#[test]
fn messages_with_the_document_within_and_beside_hold_for_the_time_of_their_stamp() {
    let Some(data) = data() else { return };
    let trust = trust(&data);
    let document = bytes(&data, "cms/individual_document.txt");
    for (file, content) in [("individual_attached.der", None), ("individual_detached.der", Some(&*document))]
    {
        let message = bytes(&data.join("cms"), file);
        let verdict = judge(&trust, &message, content, "2026-11-01T00:00:00Z").unwrap();
        assert!(holds_but_for_revocation(&verdict), "{file}: {verdict:?}");
        let signer = &verdict.signers[0];
        assert_eq!(signer.algorithm, "gost-34.10-2015-512");
        assert!(signer.time_stamp.unwrap().to_string().starts_with("2026-07-20T09:08:"), "{signer:?}");
        assert_eq!(signer.chain.len(), 3);
        assert_eq!(signer.is(&Expected::Individual { iin: "123456789011" }), Ok(()));
        assert_eq!(signer.is(&Expected::Individual { iin: "123456789012" }), Err(Reason::AnotherPerson));
        // Ten years later the certificates have ended, and the time-stamp still says when it was signed.
        let later = judge(&trust, &message, content, "2036-11-01T00:00:00Z").unwrap();
        assert!(holds_but_for_revocation(&later), "{file}: {later:?}");
    }
}

#[test]
fn an_old_message_signed_with_rsa_holds_while_its_certificate_did_not_end() {
    let Some(data) = data() else { return };
    let trust = trust(&data);
    let message = bytes(&data, "cms/CmsServiceTest_signed_cms_one_signer.cms");
    let verdict = judge(&trust, &message, None, "2021-09-28T00:00:00Z").unwrap();
    assert!(holds_but_for_revocation(&verdict), "{verdict:?}");
    // Without a time-stamp it counts as signed now, and its own word for the time proves nothing.
    let late = judge(&trust, &message, None, "2022-09-28T14:40:30Z").unwrap();
    assert_eq!(late.signers[0].claimed_time, Some(at("2022-09-28T14:40:30Z")));
    assert_eq!(late.signers[0].reasons, [Reason::Expired, Reason::RevocationMissing]);
}

#[test]
fn the_answer_about_a_known_and_an_unknown_certificate() {
    let Some(data) = data() else { return };
    // The signer of the old message, whom the answer of 2022 calls good.
    let answer = OcspAnswer::read(&bytes(&data, "ocsp/ocsp_response_individual_sign_2004.bin")).unwrap();
    let message = SignedMessage::read(&bytes(&data, "cms/CmsServiceTest_signed_cms_one_signer.cms")).unwrap();
    let issuer = certificate(&data, "test/nca_rsa_test.crt");
    assert!(answer.verify(&issuer).is_ok());
    assert_eq!(answer.nonce().unwrap().len(), 8);
    let trust = trust(&data);
    let evidence = Evidence { answers: vec![answer], ..Evidence::default() };
    let rules = Rules {
        at: at("2022-01-10T00:00:00Z"),
        trust: &trust,
        evidence: &evidence,
        answer_age_max: ANSWER_AGE_MAX,
        nonce: None,
    };
    assert_eq!(verify(&message, None, &rules).holds(), Err(Reason::RevocationInFuture));
    let then = Rules { at: at("2022-09-02T16:55:00Z"), ..rules };
    let verdict = verify(&message, None, &then);
    assert_eq!(verdict.signers[0].reasons, [Reason::Expired], "and not revoked");
    assert_eq!(verdict.signers[0].not_revoked.unwrap().by, Source::Ocsp);
    // An answer to another question is a replay.
    let replay = Rules { nonce: Some(&[0; 8]), ..then };
    assert_eq!(verify(&message, None, &replay).signers[0].reasons, [Reason::Expired, Reason::Nonce]);

    let unknown = OcspAnswer::read(&bytes(&data, "ocsp/ocsp_response_individual_2015.bin")).unwrap();
    assert!(unknown.verify(&certificate(&data, "test/nca_gost2022_test.cer")).is_ok());
    assert_eq!(unknown.verify(&issuer).err(), Some(Reason::ResponderNotAuthorised));
}

#[test]
fn a_time_stamp_alone_is_read_and_its_authority_known() {
    let Some(data) = data() else { return };
    let stamp = TimeStamp::from_response(&bytes(&data, "tsp/tsp_response.bin")).unwrap();
    assert_eq!(stamp.time(), at("2022-09-18T13:20:14Z"));
    assert_eq!(stamp.policy(), "1.2.398.3.3.2.6.1");
    assert!(stamp.verify(&trust(&data), at("2026-01-01T00:00:00Z")).is_ok());
    assert_eq!(
        stamp.verify(&trust(&data), at("2022-01-01T00:00:00Z")).err(),
        Some(Reason::TimeStampInFuture)
    );
    assert_eq!(stamp.is_of(b""), Err(Reason::WeakAlgorithm));
}

#[test]
fn the_list_names_who_was_revoked() {
    let Some(data) = data() else { return };
    let list = RevocationList::read(&bytes(&data, "crl/nca_gost2022_test.crl")).unwrap();
    let issuer = certificate(&data, "test/nca_gost2022_test.cer");
    assert_eq!(list.verify(&issuer), Ok(()));
    assert!(!list.is_delta() && list.len() > 20);
    assert_eq!(
        list.verify(&certificate(&data, "test/root_test_gost_2022.cer")),
        Err(Reason::RevocationSignature)
    );
    // It ended before the message was signed.
    let trust = trust(&data);
    let message = SignedMessage::read(&bytes(&data, "cms/individual_attached.der")).unwrap();
    let evidence = Evidence { lists: vec![list], ..Evidence::default() };
    let rules = Rules {
        at: at("2026-11-01T00:00:00Z"),
        trust: &trust,
        evidence: &evidence,
        answer_age_max: ANSWER_AGE_MAX,
        nonce: None,
    };
    assert_eq!(verify(&message, None, &rules).holds(), Err(Reason::RevocationStale));
}

const CERTIFICATES: [&str; 14] = [
    "prod/nca_gost.pem",
    "prod/nca_gost_2022.pem",
    "prod/nca_rsa.pem",
    "prod/nca_rsa_2022.cer",
    "prod/root_gost.pem",
    "prod/root_gost_2020.cer",
    "prod/root_gost_2022.pem",
    "prod/root_rsa.pem",
    "prod/root_rsa_2020.cer",
    "test/ceo_valid_sign_2004_gost.cer",
    "test/cert_individual.pem",
    "test/nca_gost2022_test.cer",
    "test/root_test_gost_2022.cer",
    "cms/individual_signer.cer",
];

#[test]
fn no_byte_of_a_certificate_can_change_unnoticed() {
    let Some(data) = data() else { return };
    let all = certificates(&data);
    for name in CERTIFICATES {
        let original = certificate(&data, name);
        let issuer =
            all.iter().find(|(_, issuer)| original.is_issued_by(issuer)).map(|(_, issuer)| issuer).unwrap();
        each_flip(&data.join(name), |changed| {
            Certificate::read(changed).is_ok_and(|certificate| certificate.is_issued_by(issuer))
        });
    }
}

#[test]
fn no_byte_of_a_message_with_the_document_within_can_change_unnoticed() {
    let Some(data) = data() else { return };
    each_flip_of_a_message(&data, "cms/individual_attached.der", None, "2026-11-01T00:00:00Z");
    each_flip_of_a_message(
        &data,
        "cms/CmsServiceTest_signed_cms_one_signer.cms",
        None,
        "2021-09-28T00:00:00Z",
    );
}

#[test]
fn no_byte_of_a_message_or_of_the_document_beside_it_can_change_unnoticed() {
    let Some(data) = data() else { return };
    let document = bytes(&data, "cms/individual_document.txt");
    each_flip_of_a_message(&data, "cms/individual_detached.der", Some(&document), "2026-11-01T00:00:00Z");
    let (trust, message) = (trust(&data), bytes(&data, "cms/individual_detached.der"));
    each_flip(&data.join("cms/individual_document.txt"), |changed| {
        judge(&trust, &message, Some(changed), "2026-11-01T00:00:00Z")
            .is_ok_and(|verdict| holds_but_for_revocation(&verdict))
    });
}

fn each_flip_of_a_message(data: &Path, name: &str, content: Option<&[u8]>, now: &str) {
    let trust = trust(data);
    each_flip(&data.join(name), |changed| {
        judge(&trust, changed, content, now).is_ok_and(|verdict| holds_but_for_revocation(&verdict))
    });
}

#[test]
fn no_byte_of_an_answer_a_stamp_or_a_list_can_change_unnoticed() {
    let Some(data) = data() else { return };
    let trust = trust(&data);
    for (name, issuer) in [
        ("ocsp/ocsp_response_individual_2015.bin", "test/nca_gost2022_test.cer"),
        ("ocsp/ocsp_response_individual_sign_2004.bin", "test/nca_rsa_test.crt"),
    ] {
        let issuer = certificate(&data, issuer);
        each_flip(&data.join(name), |changed| {
            OcspAnswer::read(changed).is_ok_and(|answer| answer.verify(&issuer).is_ok())
        });
    }
    each_flip(&data.join("tsp/tsp_response.bin"), |changed| {
        TimeStamp::from_response(changed)
            .is_ok_and(|stamp| stamp.verify(&trust, at("2026-01-01T00:00:00Z")).is_ok())
    });
    let issuer = certificate(&data, "test/nca_gost2022_test.cer");
    each_flip(&data.join("crl/nca_gost2022_test.crl"), |changed| {
        RevocationList::read(changed).is_ok_and(|list| list.verify(&issuer).is_ok())
    });
}

/// One bit of each byte: nothing passes.
fn each_flip(path: &Path, passes: impl Fn(&[u8]) -> bool) {
    let mut changed = fs::read(path).unwrap();
    assert!(passes(&changed), "{} does not hold to begin with", path.display());
    for byte in 0..changed.len() {
        let bit = 1 << (byte % 8);
        changed[byte] ^= bit;
        assert!(!passes(&changed), "{}: byte {byte}, bit {bit:#x}", path.display());
        changed[byte] ^= bit;
    }
}
