//! The evidence of an agreement as one file, from real records.

use app::{evidence, sessions::Employee, staff::Role};
use jiff::SignedDuration;
use sqlx::PgConnection;
use testkit::{
    TestApp,
    people::{PHONE, entity_form, form, origin, scan, second_form},
};

use crate::refused;

/// The number of [`second_form`].
const SECOND: &str = "+77052223344";

fn employee(role: Role) -> Employee {
    Employee {
        session: uuid::Uuid::max(),
        id: uuid::Uuid::from_u128(7).into(),
        role,
        name: "Айгүл".into(),
        origin: origin(),
    }
}

fn second() -> app::identity::Form {
    let mut second = form();
    second.iin = simulator::persons::iin(jiff::civil::date(1990, 5, 5), 4, 77);
    second.phone = "+77025556677".into();
    second
}

/// What is found wrong with a bundle that is taken out while something is otherwise in the database. No trigger and no
/// check stands in the owner's way: this is what a dishonest administrator can do.
async fn spoiled(
    owner: &mut PgConnection,
    sql: &'static str,
    export: impl AsyncFnOnce() -> Vec<u8>,
) -> Vec<&'static str> {
    const KEPT: [&str; 8] = [
        "proof",
        "challenge",
        "acknowledgement",
        "audit_event",
        "confirmation",
        "inquiry",
        "authority",
        "upload",
    ];
    let mut run = async |sql: String| {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *owner).await.unwrap();
    };
    run("set session_replication_role = replica".into()).await;
    for table in KEPT.into_iter().chain(["client"]) {
        run(format!("create table kept_{table} as select * from {table}")).await;
    }
    run(sql.to_owned()).await;
    let report = bundle::verify(&export().await, None);
    for table in KEPT.into_iter().chain(["client"]) {
        run(format!("delete from {table}")).await;
        run(format!("insert into {table} select * from kept_{table}")).await;
        run(format!("drop table kept_{table}")).await;
    }
    run("set session_replication_role = origin".into()).await;
    report.failures.iter().map(|failure| failure.reason.code()).collect()
}

/// Proves [`lending::law::CL_11`] and [`lending::law::CL_12`]: what a client and an auditor can check without us.
#[tokio::test]
async fn an_agreement_is_proved_to_who_has_one_file_and_no_server() {
    let t = TestApp::start().await;
    let (who, loan) = t.borrower().await;
    let given = evidence::export_own(&t.app, who.clone(), loan).await.unwrap();
    let report = bundle::verify(&given.file, None);
    assert!(report.valid, "{report}");
    assert_eq!(report.file_sha256.to_string(), given.sha256);
    assert_eq!(report.agreement.as_ref().unwrap().number, given.number);
    assert_eq!(report.confirmations.len(), 2, "the registration and the agreement");

    let read = bundle::read(&given.file).unwrap();
    let kinds: Vec<&str> = read.manifest.members.iter().map(|member| member.kind.as_str()).collect();
    for kind in [
        "agreement",
        "answer:credit-bureau",
        "answer:idec",
        "answer:phone-register",
        "answer:terrorist-list",
        "consent:credit-report",
        "consent:electronic-interaction",
        "consent:personal-data",
        "evidence-sheet",
        "full-cost",
        "lending-rules",
        "photo",
        "proof:password",
        "proof:sms-code",
        "rights-and-duties",
    ] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    let actions: Vec<&str> = read.manifest.events.iter().map(|event| event.action.as_str()).collect();
    for action in [
        "registration.begun",
        "proof.given",
        "confirmed",
        "client.registered",
        "code.sent",
        "application.submitted",
        "agreement.signed",
        "payout.executed",
    ] {
        assert!(actions.contains(&action), "{action} is missing in {actions:?}");
    }
    let pdf = read.contents[kinds.iter().position(|kind| *kind == "agreement").unwrap()];
    assert!(pdf.starts_with(b"%PDF-"));

    // The same again, whoever asks; that it was given out is in the trail with its hash.
    t.clock.advance(SignedDuration::from_mins(5));
    let again = evidence::export(&t.app, employee(Role::Auditor), loan).await.unwrap();
    assert_eq!(again.sha256, given.sha256);
    let told: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from audit_event where action = 'evidence.exported'")
            .fetch_all(&mut t.owner().await)
            .await
            .unwrap();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|payload| String::from_utf8_lossy(payload).contains(&given.sha256)));
    t.finish().await;
}

/// Proves [`lending::law::CL_27`] and [`lending::law::CL_11`]: nobody takes out what is not theirs to see.
#[tokio::test]
async fn a_neighbour_and_a_loan_officer_get_no_evidence_and_nobodys_is_in_anothers() {
    let t = TestApp::start().await;
    let (who, loan) = t.borrower().await;
    let neighbour = t.register(&second()).await.unwrap();
    t.apply(&neighbour).await.unwrap();
    assert_eq!(refused(evidence::export_own(&t.app, neighbour.clone(), loan).await), "loan-not-found");
    assert_eq!(refused(evidence::export(&t.app, employee(Role::LoanOfficer), loan).await), "not-allowed");
    let nobodys = uuid::Uuid::max().into();
    assert_eq!(refused(evidence::export(&t.app, employee(Role::Auditor), nobodys).await), "loan-not-found");

    let given = evidence::export_own(&t.app, who.clone(), loan).await.unwrap();
    let read = bundle::read(&given.file).unwrap();
    let subjects = [read.manifest.party.id, read.manifest.people[0].registration];
    assert_eq!((read.manifest.party.id, read.manifest.people.len()), (who.id.uuid(), 1));
    assert!(read.manifest.members.iter().all(|member| subjects.contains(&member.subject)));
    assert!(!String::from_utf8_lossy(&given.file).contains("9005054"), "the neighbour's IIN");

    for _ in 0..19 {
        evidence::export_own(&t.app, who.clone(), loan).await.unwrap();
    }
    assert_eq!(refused(evidence::export_own(&t.app, who, loan).await), "too-many-attempts");
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: a byte of evidence, a proof or an event that somebody with the database changed is
/// not given out as if nothing were.
#[tokio::test]
async fn what_was_changed_in_the_database_does_not_pass_as_evidence() {
    let t = TestApp::start().await;
    let (who, loan) = t.borrower().await;
    let spoilt = [
        ("update proof set kind = 'token' where kind = 'password'", "methods-insufficient"),
        (
            "update proof set operation = 'sign_in' where operation = 'sign_contract'",
            "proof-for-another-operation",
        ),
        ("update proof set expires_at = created_at", "proof-expired"),
        ("update proof set session_id = id where kind = 'sms_code'", "statement-differs"),
        ("update challenge set passed_at = null", "challenge-not-passed"),
        ("delete from acknowledgement where kind = 'full-cost'", "acknowledgement-missing"),
        ("update inquiry set meaning = 'true' where port = 'terrorist-list'", "answer-against"),
        ("delete from audit_event where action = 'agreement.signed'", "trail-incomplete"),
        ("delete from audit_event where action = 'proof.given'", "trail-incomplete"),
        ("update confirmation set object_sha256 = sha256('another')", "confirmation-foreign"),
        ("update client set iin = '900505400777'", "statement-differs"),
    ];
    let mut owner = t.owner().await;
    for (sql, expected) in spoilt {
        let reasons = spoiled(&mut owner, sql, async || {
            evidence::export_own(&t.app, who.clone(), loan).await.unwrap().file
        });
        let reasons = reasons.await;
        assert!(reasons.contains(&expected), "{sql}: {reasons:?}");
    }
    sqlx::query(
        "update evidence set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where kind = 'photo'",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let given = evidence::export_own(&t.app, who, loan).await;
    assert!(
        matches!(given, Err(app::refusal::No::Fault(_))),
        "sealed evidence was changed: a fault, not a file"
    );
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`], [`lending::law::CL_9_A`], [`lending::law::CL_11`] and [`lending::law::CL_33`]: who
/// signed for an entity, by which power, on which document, that the scanner had seen; and whoever changed any of it is
/// found out.
#[tokio::test]
async fn an_entitys_agreement_is_proved_with_who_signed_by_which_power_and_on_which_document() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let second = t.register(&second_form()).await.unwrap();
    let attorney = app::entities::Form {
        role: "applicant".into(),
        number: "7".into(),
        dated: "2026-01-15".into(),
        ..entity_form()
    };
    let id = t.ask_to_act(&second, &attorney, SECOND).await.unwrap();
    let (applicant, _) = t.accepted(&officer, id, SECOND).await.unwrap();
    // Somebody else applies; the head signs.
    let application = t.apply(&applicant).await.unwrap();
    let loan = t.sign(&head, application).await.unwrap();

    let given = evidence::export_own(&t.app, head.clone(), loan).await.unwrap();
    let report = bundle::verify(&given.file, None);
    assert!(report.valid, "{report}");
    assert_eq!(report.confirmations.len(), 3, "the registration, the claim and the agreement");
    let power = report.agreement.unwrap().power.unwrap();
    assert_eq!(power.role, Some(lending::authority::Role::Head));
    assert!(power.scan_is_clean);
    let read = bundle::read(&given.file).unwrap();
    let m = &read.manifest;
    let entity = m.party.entity.as_ref().unwrap();
    assert_eq!((m.party.id, entity.bin.as_str()), (head.party().uuid(), "070440003902"));
    assert_eq!((m.people.len(), m.people[0].id, m.powers.len()), (1, head.id.uuid(), 1));
    let scanned = m.members.iter().position(|one| one.evidence == m.powers[0].scan.evidence).unwrap();
    assert_eq!(read.contents[scanned], scan(), "the order, byte for byte");
    assert_eq!(m.powers[0].claim.number, entity_form().number);
    assert!(!m.members.iter().any(|one| one.subject == second.id.uuid()), "nothing of who did not sign");

    // Looked at by an employee meanwhile, it is the same.
    let mut op = t.app.begin(officer).await.unwrap();
    app::entities::scan(&mut op, m.powers[0].claim.registration.into(), true).await.unwrap();
    op.commit().await.unwrap();
    let again = evidence::export(&t.app, employee(Role::Auditor), loan).await.unwrap();
    assert_eq!(again.sha256, given.sha256);

    // The head's face is for who may sign; the person, for themselves, has no such agreement.
    assert_eq!(refused(evidence::export_own(&t.app, applicant, loan).await), "authority-narrow");
    assert_eq!(refused(evidence::export_own(&t.app, person, loan).await), "loan-not-found");

    let mut owner = t.owner().await;
    for (sql, expected) in [
        ("update authority set document_number = '99' where role = 'head'", "confirmation-foreign"),
        ("update authority set valid_until = '2030-01-01' where role = 'head'", "confirmation-foreign"),
        ("update authority set valid_from = '2026-02-03' where role = 'head'", "power-not-in-force"),
        (
            "update authority set revoked_at = granted_at, revoked_by = client_id where role = 'head'",
            "power-not-in-force",
        ),
        (
            "update authority set role = 'viewer', basis = 'power-of-attorney', valid_until = '2027-01-01'
             where role = 'head'",
            "power-narrow",
        ),
        ("update authority set granted_at = now() where role = 'head'", "power-not-in-force"),
        ("update upload set sha256 = sha256('another')", "scan-differs"),
        ("update upload set verdict = 'not-scanned', signatures = null", "trail-differs"),
        ("delete from audit_event where action = 'authority.given'", "trail-incomplete"),
        ("update audit_event set authority_id = null where action = 'agreement.signed'", "trail-differs"),
        ("update client set iin = '900505400777' where phone = '+77011234567'", "statement-differs"),
    ] {
        let reasons = spoiled(&mut owner, sql, async || {
            evidence::export(&t.app, employee(Role::Auditor), loan).await.unwrap().file
        });
        let reasons = reasons.await;
        assert!(reasons.contains(&expected), "{sql}: {reasons:?}");
    }
    t.finish().await;
}
