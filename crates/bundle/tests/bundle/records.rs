//! Records that do not fit each other. Each is told by its own reason.

use bundle::manifest::Sha256;
use jiff::SignedDuration;

use crate::made::{Made, SIGNED, at, id};

type Spoil = fn(&mut Made);

fn signing(made: &Made) -> usize {
    made.manifest.proofs.iter().position(|proof| proof.confirmation == id(SIGNED)).unwrap()
}

fn code(made: &Made) -> usize {
    let of_signing = |proof: &&bundle::manifest::Proof| proof.confirmation == id(SIGNED);
    let kind = |proof: &bundle::manifest::Proof| proof.kind == "sms_code";
    made.manifest.proofs.iter().position(|proof| of_signing(&proof) && kind(proof)).unwrap()
}

/// Proves [`lending::law::CL_11`], [`lending::law::CL_9_A`] and [`lending::law::CL_6_D`]: whatever of the records is
/// otherwise than the Rules ask is noticed, and it is said what.
#[test]
fn every_way_in_which_records_can_lie_has_its_own_reason() {
    assert_eq!(Made::new().reasons(), Vec::<&str>::new());
    let cases: &[(&str, Spoil)] = &[
        ("record-twice", |m| m.manifest.challenges.push(m.manifest.challenges[0].clone())),
        ("evidence-missing", |m| m.manifest.proofs[0].evidence = id(404)),
        ("document-differs", |m| m.manifest.agreement.evidence = m.manifest.members[0].evidence),
        ("confirmation-missing", |m| m.manifest.agreement.confirmation = id(404)),
        ("confirmation-foreign", |m| m.manifest.agreement.signed_at = at(31)),
        ("confirmation-foreign", |m| m.manifest.agreement.sha256 = Sha256::of(b"another")),
        ("registration-missing", |m| {
            m.manifest.confirmations.retain(|one| one.operation != "registration");
        }),
        ("operation-unknown", |m| m.manifest.confirmations[1].operation = "give".into()),
        ("methods-insufficient", |m| {
            m.manifest.proofs.retain(|one| one.kind != "biometric_identification");
        }),
        ("methods-insufficient", |m| m.manifest.proofs.retain(|one| one.kind != "password")),
        ("proof-kind-unknown", |m| m.manifest.proofs[0].kind = "nod".into()),
        ("proof-unspent", |m| m.manifest.proofs[0].confirmation = id(404)),
        ("proof-of-another", |m| m.manifest.proofs[0].subject = id(404)),
        ("proof-for-another-operation", |m| m.manifest.proofs[0].operation = "sign_in".into()),
        ("proof-for-another-object", |m| m.manifest.proofs[0].object_sha256 = Sha256::of(b"another")),
        ("proof-in-another-session", |m| m.manifest.proofs[0].session = Some(id(404))),
        ("proof-in-another-session", |m| m.manifest.proofs[0].session = None),
        ("proof-expired", |m| {
            let place = signing(m);
            m.manifest.proofs[place].expires_at = at(30);
        }),
        ("proof-too-early", |m| {
            let place = signing(m);
            m.manifest.proofs[place].created_at = at(31);
        }),
        ("proof-reused", |m| m.manifest.proofs[3].evidence = m.manifest.proofs[0].evidence),
        ("statement-differs", |m| m.manifest.proofs[0].evidence = m.manifest.proofs[3].evidence),
        ("proof-without-answer", |m| {
            m.manifest.inquiries.retain(|one| one.port != "idec");
        }),
        ("challenge-missing", |m| m.manifest.challenges.clear()),
        ("challenge-foreign", |m| m.manifest.challenges[0].session = Some(id(404))),
        ("challenge-foreign", |m| m.manifest.challenges[0].operation = "sign_in".into()),
        ("challenge-not-passed", |m| m.manifest.challenges[0].passed_at = None),
        ("challenge-not-passed", |m| {
            let sent = &mut m.manifest.challenges[0];
            sent.passed_at = Some(sent.expires_at + SignedDuration::from_secs(1));
        }),
        ("challenge-reused", |m| {
            let place = code(m);
            let said = m.contents[m
                .manifest
                .members
                .iter()
                .position(|one| one.evidence == m.manifest.proofs[place].evidence)
                .unwrap()]
            .clone();
            let again = m.put("proof:sms-code", 1, None, "application/json", &said, at(25));
            m.prove(SIGNED, "sms_code", again, at(25));
        }),
        ("inquiry-twice", |m| {
            let mut twice = m.manifest.inquiries[0].clone();
            twice.id = id(404);
            m.manifest.inquiries.push(twice);
        }),
        ("answer-foreign", |m| m.manifest.inquiries[0].object = id(404)),
        ("answer-foreign", |m| m.manifest.inquiries[0].answered_at = Some(at(-60))),
        ("answer-missing", |m| m.manifest.inquiries.retain(|one| one.port != "credit-bureau")),
        ("acknowledgement-missing", |m| {
            m.manifest.acknowledgements.retain(|one| one.kind != "full-cost");
        }),
        ("acknowledgement-late", |m| m.manifest.acknowledgements[3].created_at = at(31)),
        ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "agreement.signed")),
        ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "confirmed")),
        ("trail-differs", |m| {
            for event in &mut m.manifest.events {
                event.payload = event.payload.replace("\"sign_contract\"", "\"sign_in\"");
            }
        }),
        ("effect-apart", |m| {
            for event in m.manifest.events.iter_mut().filter(|one| one.action == "agreement.signed") {
                event.transaction = "404".into();
            }
        }),
    ];
    for (expected, spoil) in cases {
        let mut made = Made::new();
        spoil(&mut made);
        let reasons = made.reasons();
        assert!(reasons.contains(expected), "{expected} is not in {reasons:?}");
    }
}

#[test]
fn a_report_says_by_what_each_operation_was_confirmed_and_what_no_bundle_shows() {
    let report = Made::new().judged();
    let said = report.to_string();
    assert!(said.starts_with("VALID\n"), "{said}");
    assert!(
        said.contains("sign_contract confirmed 2026-02-02T05:30:00Z by BiometricIdentification + TwoFactor"),
        "{said}"
    );
    assert!(said.contains("not sealed yet"), "{said}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["confirmations"][1]["methods"][0], "biometric_identification");
    let mut spoilt = Made::new();
    spoilt.manifest.proofs.clear();
    assert!(spoilt.judged().to_string().contains("methods-insufficient"));
}

/// Nothing of what is secret or personal goes into a failure: it may be printed into a log.
#[test]
fn a_failure_repeats_nothing_of_the_content() {
    let mut made = Made::new();
    made.manifest.proofs[0].kind = "880101300123".into();
    for failure in made.judged().failures {
        assert!(!failure.to_string().contains("880101300123"), "{failure}");
    }
}
