//! The table of operations and methods, walked whole against the database.

use app::{
    identity::{self, Purpose},
    op::{Op, System},
};
use jiff::{SignedDuration, Timestamp};
use lending::confirmation::{Operation, ProofKind, REQUIREMENTS, Requirement};
use testkit::TestApp;
use uuid::Uuid;

use crate::refused;

/// How proofs stand to what they are for.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Flaw {
    None,
    AnotherPerson,
    AnotherSession,
    AnotherOperation,
    AnotherObject,
    Expired,
    Spent,
}

/// What the table asks, said a second time: methods are counted by hand.
fn enough(requirement: Requirement, kinds: &[ProofKind]) -> bool {
    let has = |codes: &[&str]| kinds.iter().any(|kind| codes.contains(&kind.code()));
    let (signature, face) = (has(&["digital_signature"]), has(&["biometric_identification"]));
    let knows = has(&["password"]);
    let holds = has(&["sms_code", "token"]);
    let two_factor = knows && holds;
    let methods = [signature, face, two_factor].iter().filter(|given| **given).count();
    match requirement {
        Requirement::AnyFactor => !kinds.is_empty(),
        Requirement::BiometricAndPossession => face && (signature || holds),
        Requirement::Methods { count, biometric } => methods >= usize::from(count) && (face || !biometric),
    }
}

async fn prove(op: &mut Op<System>, purpose: &Purpose, kind: ProofKind, evidence: Uuid, flaw: Flaw) {
    let now: Timestamp = op.security_now;
    let other = |flawed: Flaw, value: Uuid| if flaw == flawed { Uuid::max() } else { value };
    let another =
        if purpose.operation == Operation::SignIn { Operation::Registration } else { Operation::SignIn };
    let operation = if flaw == Flaw::AnotherOperation { another } else { purpose.operation };
    let object = if flaw == Flaw::AnotherObject { [9; 32] } else { purpose.object };
    let life = SignedDuration::from_mins(if flaw == Flaw::Expired { 0 } else { 15 });
    let id = op.id();
    let tenant = op.tenant;
    sqlx::query(
        "insert into proof (tenant_id, id, subject_id, session_id, operation, object_sha256, kind, evidence_id,
             created_at, expires_at, confirmation_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $10::timestamptz, $11)",
    )
    .bind(tenant)
    .bind(id)
    .bind(other(Flaw::AnotherPerson, purpose.subject))
    .bind(other(Flaw::AnotherSession, purpose.session))
    .bind(operation.code())
    .bind(object)
    .bind(kind.code())
    .bind(evidence)
    .bind(now.to_string())
    .bind((now + life).to_string())
    .bind((flaw == Flaw::Spent).then_some(Uuid::nil()))
    .execute(op.db())
    .await
    .unwrap();
}

/// Proves [`lending::law::CL_9_A`], [`lending::law::CL_6_D`], [`lending::law::CL_6_E`], [`lending::law::CL_6_F`],
/// [`lending::law::CL_9_C`], [`lending::law::CL_11`], [`lending::law::CL_35_1`], [`lending::law::CL_35_2`] and
/// [`lending::law::CL_35_3`]: every operation is confirmed by every set of proofs that the table takes, and by no other.
#[tokio::test]
async fn every_operation_takes_exactly_the_proofs_that_the_table_says() {
    let t = TestApp::start().await;
    let mut evidence = Vec::new();
    for kind in ProofKind::ALL {
        let id = Uuid::from_u128(100 + evidence.len() as u128);
        sqlx::query(
            "insert into evidence (tenant_id, id, kind, subject_id, media_type, sha256, size, key_version, nonce, sealed,
                 created_at)
             values ($1, $2, $3, $2, 'text/plain', sha256(''), 0, 1, substring(sha256('') for 24), '', now())",
        )
        .bind(t.app.tenant())
        .bind(id)
        .bind(kind.code())
        .execute(&mut t.owner().await)
        .await
        .unwrap();
        evidence.push((kind, id));
    }
    let listed: Vec<Operation> = REQUIREMENTS.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(listed, Operation::ALL, "the table has each operation once");
    let mut taken = 0;
    for (operation, requirement) in REQUIREMENTS {
        let purpose =
            Purpose { subject: Uuid::from_u128(1), session: Uuid::from_u128(2), operation, object: [3; 32] };
        for set in 0..1_u32 << evidence.len() {
            let chosen = evidence.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
            let chosen: Vec<(ProofKind, Uuid)> = chosen.map(|(_, one)| *one).collect();
            let kinds: Vec<ProofKind> = chosen.iter().map(|(kind, _)| *kind).collect();
            let mut op = t.app.begin(System).await.unwrap();
            for (kind, id) in &chosen {
                prove(&mut op, &purpose, *kind, *id, Flaw::None).await;
            }
            let expected = if enough(requirement, &kinds) { "done" } else { "proofs-missing" };
            taken += usize::from(expected == "done");
            assert_eq!(
                refused(identity::confirm(&mut op, &purpose).await),
                expected,
                "{operation:?} {kinds:?}"
            );
            assert_eq!(
                refused(identity::confirm(&mut op, &purpose).await),
                "proofs-missing",
                "{operation:?}: what was spent is spent"
            );
            drop(op); // All of it is undone.
        }
        for flaw in [
            Flaw::AnotherPerson,
            Flaw::AnotherSession,
            Flaw::AnotherOperation,
            Flaw::AnotherObject,
            Flaw::Expired,
            Flaw::Spent,
        ] {
            let mut op = t.app.begin(System).await.unwrap();
            for (kind, id) in &evidence {
                prove(&mut op, &purpose, *kind, *id, flaw).await;
            }
            let answer = identity::confirm(&mut op, &purpose).await;
            assert_eq!(refused(answer), "proofs-missing", "{operation:?} with all proofs, {flaw:?}");
        }
    }
    assert!(taken > 100, "{taken} sets are taken");
    t.finish().await;
}
