//! An auditor checks an agreement years later, with files and no server.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use eds::{
    Family, Reason,
    audit::{ANCHORS_FILE, File, Files, TrustSource, report},
    testing::{Authority, Profile, Says},
};
use jiff::{SignedDuration, Timestamp};

fn file(name: &str, bytes: &[u8]) -> File {
    File { name: name.to_owned(), bytes: bytes.to_vec() }
}

fn signed_then() -> (Authority, Files, Timestamp) {
    let then: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let authority = Authority::new(Family::Gost2015, "ours", then);
    let client = authority.issue(&Profile::individual("880101300123"), "client");
    let files = Files {
        message: file("agreement.cms", &client.sign(b"agreement", false, then, Some(&authority))),
        content: Some(file("agreement.pdf", b"agreement")),
        trust: Some(vec![
            file("root.cer", authority.root().der()),
            file("issuing.cer", authority.issuing().der()),
            file("readme.cer", b"not a certificate"),
        ]),
        answers: vec![file("answer", &authority.answer_bytes(&client.certificate, Says::Good, then, None))],
        lists: Vec::new(),
        stamps: Vec::new(),
    };
    (authority, files, then + SignedDuration::from_hours(9 * 365 * 24))
}

#[test]
fn a_nine_year_old_agreement_is_judged_for_the_time_of_its_stamp() {
    let (_, files, now) = signed_then();
    let found = report(&files, now).unwrap();
    assert!(found.valid, "{found:?}");
    assert_eq!((found.trust, found.signers[0].national_root), (TrustSource::Chosen, None));
    assert_eq!(found.passed_over[0].name, "readme.cer");
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["signers"][0]["subject"]["iin"], "880101300123");
    assert_eq!(json["signers"][0]["time_stamp"], "2026-11-22T10:00:00Z");
    assert_eq!(json["signers"][0]["not_revoked"]["by"], "ocsp");
    assert!(found.to_string().starts_with("VALID\nsigner ТЕСТОВ ТЕСТ IIN 880101300123"), "{found}");
}

#[test]
fn each_thing_missing_or_wrong_is_said_in_a_code_and_a_sentence() {
    let (_, mut files, now) = signed_then();
    files.answers.clear();
    files.content = Some(file("agreement.pdf", b"another agreement"));
    let found = report(&files, now).unwrap();
    assert!(!found.valid);
    assert_eq!(found.signers[0].signer.reasons, [Reason::DigestDiffers, Reason::RevocationMissing]);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["signers"][0]["reasons"], serde_json::json!(["digest-differs", "revocation-missing"]));
    files.message.bytes.truncate(100);
    assert_eq!(report(&files, now).unwrap_err().to_string(), format!("agreement.cms: {}", Reason::Malformed));
}

#[test]
fn only_listed_anchors_count_where_there_is_a_list() {
    let (authority, mut files, now) = signed_then();
    let line =
        |until: &str| format!("# ours\n{} 2026-01-01T00:00:00Z {until}\n", authority.root().fingerprint());
    let mut with = |until: &str| {
        let folder = files.trust.as_mut().unwrap();
        folder.retain(|file| file.name != ANCHORS_FILE);
        folder.push(file(ANCHORS_FILE, line(until).as_bytes()));
        report(&files, now)
    };
    let found = with("2030-01-01T00:00:00Z").unwrap();
    assert_eq!((found.valid, found.trust), (true, TrustSource::Listed));
    let ended = with("2026-02-01T00:00:00Z").unwrap();
    assert!(ended.signers[0].signer.reasons.contains(&Reason::AnchorOutOfDate));
    assert_eq!(with("soon").unwrap_err().reason, Reason::Malformed);
    files.trust = None;
    let pinned = report(&files, now).unwrap();
    assert_eq!((pinned.valid, pinned.trust), (false, TrustSource::Pinned));
}
