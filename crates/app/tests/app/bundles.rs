//! The evidence of an agreement as one file, from real records.

use app::{evidence, sessions::Employee, staff::Role};
use jiff::SignedDuration;
use testkit::{
    TestApp,
    people::{form, origin},
};

use crate::refused;

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
    let subjects = [read.manifest.client.id, read.manifest.client.registration];
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
        ("update proof set kind = 'live_face' where kind = 'password'", "methods-insufficient"),
        (
            "update proof set operation = 'sign_in' where operation = 'sign_contract'",
            "proof-for-another-operation",
        ),
        ("update proof set expires_at = created_at", "proof-expired"),
        ("update challenge set passed_at = null", "challenge-not-passed"),
        ("delete from acknowledgement where kind = 'full-cost'", "acknowledgement-missing"),
        ("delete from audit_event where action = 'agreement.signed'", "trail-incomplete"),
        ("update confirmation set object_sha256 = sha256('another')", "confirmation-foreign"),
    ];
    let mut owner = t.owner().await;
    for (sql, expected) in spoilt {
        let kept = ["proof", "challenge", "acknowledgement", "audit_event", "confirmation"];
        for table in kept {
            let sql = format!("create table kept_{table} as select * from {table}");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
        }
        sqlx::query(sql).execute(&mut owner).await.unwrap();
        let given = evidence::export_own(&t.app, who.clone(), loan).await.unwrap();
        let report = bundle::verify(&given.file, None);
        let reasons: Vec<&str> = report.failures.iter().map(|failure| failure.reason.code()).collect();
        assert!(reasons.contains(&expected), "{sql}: {reasons:?}");
        // No trigger and no check stands in the owner's way: this is what a dishonest administrator can do.
        sqlx::query("set session_replication_role = replica").execute(&mut owner).await.unwrap();
        for table in kept {
            for sql in [
                format!("delete from {table}"),
                format!("insert into {table} select * from kept_{table}"),
                format!("drop table kept_{table}"),
            ] {
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
            }
        }
        sqlx::query("set session_replication_role = origin").execute(&mut owner).await.unwrap();
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
