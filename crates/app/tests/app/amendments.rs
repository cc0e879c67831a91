//! Other terms for a living loan: proposed by an employee, concluded by the client by two methods, or not at all.

use ::texts::Lang;
use app::{
    amendments::{self, Amendment, Form, State},
    documents,
    id::Id,
    identity::{Matter, Prover, signatures::Way},
    loans::Loan,
    refusal::Result,
    sessions::{Client, Employee},
    staff::Role,
};
use jiff::ToSpan;
use lending::{confirmation::Missing, loan::Status, money::Money, rate::Rate};
use simulator::Service;
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, entity_form, face, form, second_form},
};

use crate::{methods::holds, refused};

const IIN: &str = "880101300123";

/// A borrower ten days late with the first installment, and an employee.
async fn late() -> (TestApp, Client, Id<Loan>, Employee) {
    let t = TestApp::start().await;
    let (who, loan) = t.borrower().await;
    let first = t.loan(&who, loan).await.folded.plan.rows[0];
    t.live(i64::from((first.due_on - t.today()).get_days()) + 10).await;
    let (who, officer) = (t.again(&who).await, t.officer().await);
    (t, who, loan, officer)
}

async fn propose(t: &TestApp, by: &Employee, loan: Id<Loan>, form: &Form) -> Result<Id<Amendment>> {
    let mut op = t.app.begin(by.clone()).await?;
    let id = amendments::propose(&mut op, loan, form).await?;
    op.commit().await?;
    t.settle().await;
    Ok(id)
}

/// Cheaper, longer, and the penalty given up.
fn relief() -> Form {
    Form {
        rate: "24".into(),
        more_installments: "3".into(),
        penalty_waived: "100 000".into(),
        ..Form::default()
    }
}

async fn acknowledge(t: &TestApp, who: &Client, id: Id<Amendment>) -> Result<()> {
    let (_, paper) = amendments::paper(&t.app, who.clone(), id).await?;
    amendments::acknowledge(&t.app, who.clone(), id, &paper.sha256, Lang::Kk, "Не өзгеретінін түсіндім").await
}

async fn prove_by_code(t: &TestApp, who: &Client, id: Id<Amendment>, phone: &str) -> Result<()> {
    let (matter, prover) = (Matter::Amendment(id), Prover::from(who.clone()));
    matter.take_password(&t.app, &prover, PASSWORD).await?;
    matter.send_code(&t.app, &prover, Lang::Kk).await?;
    t.settle().await;
    matter.take_code(&t.app, &prover, &t.code(phone)).await
}

async fn state(t: &TestApp, who: &Client, id: Id<Amendment>) -> State {
    let mut op = t.app.begin(who.clone()).await.unwrap();
    amendments::amendment(&mut op, id).await.unwrap().state
}

/// Proves [`lending::law::CL_9_A`]: an amendment is concluded by two methods over its own bytes, and by no less.
#[tokio::test]
async fn other_terms_hold_once_the_client_concludes_them_by_two_methods() {
    let (t, who, loan, officer) = late().await;
    let before = t.loan(&who, loan).await.folded;
    let id = propose(&t, &officer, loan, &relief()).await.unwrap();
    assert!(
        t.world.last_sms_to(PHONE).unwrap().contains(&t.loan(&who, loan).await.number),
        "the client is told"
    );
    assert_eq!(t.loan(&who, loan).await.folded, before, "a proposal changes nothing");

    let conclude = async || refused(amendments::conclude(&t.app, who.clone(), id).await);
    assert_eq!(conclude().await, "proofs-missing");
    prove_by_code(&t, &who, id, PHONE).await.unwrap();
    let concluding = amendments::concluding(&t.app, who.clone(), id).await.unwrap();
    assert_eq!(concluding.standing.missing, Some(Missing::Methods(1)), "one method is not two");
    assert_eq!(conclude().await, "proofs-missing");

    let (matter, prover) = (Matter::Amendment(id), Prover::from(who.clone()));
    let statement = matter.ask_signature(&t.app, &prover, Way::Ncalayer, Lang::Kk).await.unwrap();
    let (_, media_type, content) = matter.to_sign(&t.app, &prover, statement).await.unwrap();
    let pdf = amendments::pdf(&t.app, who.clone(), id).await.unwrap();
    assert_eq!(media_type, "application/pdf");
    assert!(content.starts_with(&pdf), "what is signed begins with the paper's own bytes");
    let signature = t.world.sign(Service::Ncalayer, IIN, &content, true);
    matter.take_signature(&t.app, &prover, statement, &signature, Some("PKCS12")).await.unwrap();
    assert_eq!(conclude().await, "amendment-not-acknowledged");
    let of_another = amendments::acknowledge(&t.app, who.clone(), id, &[7; 32], Lang::Kk, "Оқыдым").await;
    assert_eq!(refused(of_another), "amendment-changed");
    acknowledge(&t, &who, id).await.unwrap();
    assert_eq!(conclude().await, "done");
    assert_eq!(conclude().await, "amendment-not-open", "it is concluded once");
    t.settle().await;

    let after = t.loan(&who, loan).await.folded;
    assert_eq!((after.rate, after.rows.len()), (Rate::from_ppm(240_000), before.rows.len() + 3));
    assert!(before.debt.penalty.is_positive() && after.debt.penalty.is_zero());
    assert_eq!(after.debt.principal(), before.debt.principal());
    let mut op = t.app.begin(who.clone()).await.unwrap();
    assert!(documents::amendment_sheet(&mut op, id).await.unwrap().starts_with(b"%PDF"));
    drop(op);
    assert_eq!(
        amendments::pdf(&t.app, who.clone(), id).await.unwrap(),
        pdf,
        "the paper is that which was signed"
    );
    let report = holds(&t, who.clone(), loan).await;
    assert_eq!(
        (report.amendments.len(), report.signatures.len()),
        (1, 1),
        "it is proved as the agreement is"
    );
    t.books().await;
    t.live(40).await;
    let who = t.again(&who).await;
    assert_eq!(t.loan(&who, loan).await.folded.status, Status::Overdue);

    let again = Form { penalty_waived: "1".into(), ..Form::default() };
    let second = propose(&t, &officer, loan, &again).await.unwrap();
    let mut op = t.app.begin(who.clone()).await.unwrap();
    assert_eq!(amendments::amendment(&mut op, second).await.unwrap().number, 2);
    drop(op);
    t.finish().await;
}

/// Proves [`lending::law::CL_9_A`] and [`lending::law::CL_11`].
#[tokio::test]
async fn after_a_payment_or_a_night_there_is_another_paper_and_old_proofs_conclude_nothing() {
    let (t, who, loan, officer) = late().await;
    let number = t.loan(&who, loan).await.number;
    let id = propose(&t, &officer, loan, &relief()).await.unwrap();
    let sha256 = async || amendments::paper(&t.app, who.clone(), id).await.unwrap().1.sha256;
    let all_done = async || {
        acknowledge(&t, &who, id).await.unwrap();
        prove_by_code(&t, &who, id, PHONE).await.unwrap();
        Matter::Amendment(id).take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    };
    all_done().await;
    let first = sha256().await;
    assert_eq!(first, sha256().await, "read twice, it is the same paper");
    let before = t.loan(&who, loan).await.folded.rate;
    t.repay(&number, Money::from_tenge(1_000)).await;
    assert!(sha256().await != first, "a payment makes another paper");
    assert_eq!(refused(amendments::conclude(&t.app, who.clone(), id).await), "proofs-missing");
    t.live(1).await;
    let who = t.again(&who).await;
    let tomorrow = amendments::paper(&t.app, who.clone(), id).await.unwrap().1.sha256;
    assert!(tomorrow != first);
    assert_eq!(refused(amendments::conclude(&t.app, who.clone(), id).await), "proofs-missing");
    assert_eq!(t.loan(&who, loan).await.folded.rate, before);
    t.finish().await;
}

#[tokio::test]
async fn what_cannot_be_proposed_is_refused_at_its_field_and_leaves_nothing() {
    let (t, who, loan, officer) = late().await;
    let auditor = Employee { role: Role::Auditor, ..officer.clone() };
    assert_eq!(refused(propose(&t, &auditor, loan, &relief()).await), "not-allowed");
    let nothing = Form::default();
    let with = |change: &dyn Fn(&mut Form)| {
        let mut form = Form::default();
        change(&mut form);
        form
    };
    let year_ahead = t.today().saturating_add(400.days()).to_string();
    for (form, code) in [
        (nothing, "amendment-changes-nothing"),
        (with(&|f| f.rate = "a lot".into()), "amendment-rate-invalid"),
        (with(&|f| f.rate = "99".into()), "amendment-rate-not-lower"),
        (with(&|f| f.next_due = "2026-02-30".into()), "amendment-date-invalid"),
        (with(&|f| f.next_due = "2026-02-01".into()), "amendment-date-invalid"),
        (with(&|f| f.next_due = year_ahead.clone()), "amendment-date-invalid"),
        (with(&|f| f.more_installments = "121".into()), "amendment-installments-invalid"),
        (with(&|f| f.more_installments = "-1".into()), "amendment-installments-invalid"),
        (with(&|f| f.grace_on_principal = "600".into()), "amendment-installments-invalid"),
        (with(&|f| f.interest_waived = "-5".into()), "amendment-amount-invalid"),
        (with(&|f| f.penalty_waived = "x".into()), "amendment-amount-invalid"),
    ] {
        assert_eq!(refused(propose(&t, &officer, loan, &form).await), code);
    }
    let kept: i64 =
        sqlx::query_scalar("select count(*) from amendment").fetch_one(&mut t.owner().await).await.unwrap();
    assert_eq!(kept, 0);

    let id = propose(&t, &officer, loan, &relief()).await.unwrap();
    assert_eq!(refused(propose(&t, &officer, loan, &relief()).await), "amendment-under-way");
    let stranger = t.register(&second_form()).await.unwrap();
    assert_eq!(refused(amendments::paper(&t.app, stranger.clone(), id).await), "amendment-not-found");
    assert_eq!(refused(acknowledge(&t, &stranger, id).await), "amendment-not-found");
    assert_eq!(refused(amendments::conclude(&t.app, stranger.clone(), id).await), "amendment-not-found");
    let mut op = t.app.begin(stranger).await.unwrap();
    assert_eq!(refused(amendments::decline(&mut op, id).await), "amendment-not-found");
    assert!(amendments::of_loan(&mut op, loan).await.unwrap().is_empty());
    drop(op);

    let mut op = t.app.begin(who.clone()).await.unwrap();
    amendments::decline(&mut op, id).await.unwrap();
    op.commit().await.unwrap();
    assert_eq!(state(&t, &who, id).await, State::Declined);
    assert_eq!(refused(amendments::paper(&t.app, who.clone(), id).await), "amendment-not-open");
    let id = propose(&t, &officer, loan, &relief()).await.unwrap();
    let mut op = t.app.begin(auditor).await.unwrap();
    assert_eq!(refused(amendments::withdraw(&mut op, id).await), "not-allowed");
    drop(op);
    let mut op = t.app.begin(officer.clone()).await.unwrap();
    amendments::withdraw(&mut op, id).await.unwrap();
    op.commit().await.unwrap();
    t.settle().await;
    assert_eq!(state(&t, &who, id).await, State::Withdrawn);

    let id = propose(&t, &officer, loan, &relief()).await.unwrap();
    t.live(31).await;
    let who = t.again(&who).await;
    assert_eq!(state(&t, &who, id).await, State::Withdrawn, "nobody decided within thirty days");
    assert_eq!(refused(amendments::conclude(&t.app, who.clone(), id).await), "amendment-not-open");
    assert_eq!(refused(propose(&t, &officer, loan, &relief()).await), "done", "it stands in nobody's way");
    t.finish().await;
}

/// A client is not left before an officer's error: what time or money has overtaken can be declined, and something else proposed.
#[tokio::test]
async fn what_has_come_to_nothing_is_said_to_have_and_can_be_declined() {
    let (t, who, loan, officer) = late().await;
    let forgiven = Form { penalty_waived: "100 000".into(), ..Form::default() };
    let id = propose(&t, &officer, loan, &forgiven).await.unwrap();
    let owed = t.loan(&who, loan).await;
    t.repay(&owed.number, owed.folded.debt.overdue()).await;
    assert_eq!(refused(amendments::concluding(&t.app, who.clone(), id).await), "amendment-lapsed");
    assert_eq!(refused(amendments::conclude(&t.app, who.clone(), id).await), "amendment-lapsed");
    let mut op = t.app.begin(who.clone()).await.unwrap();
    amendments::decline(&mut op, id).await.unwrap();
    op.commit().await.unwrap();

    let next_due = t.today().saturating_add(5.days());
    let later = Form { next_due: next_due.to_string(), ..Form::default() };
    let id = propose(&t, &officer, loan, &later).await.unwrap();
    let mut op = t.app.begin(who.clone()).await.unwrap();
    let shown = amendments::amendment(&mut op, id).await.unwrap();
    assert_eq!(shown.open_until, next_due.yesterday().unwrap(), "on the day itself it would be too late");
    drop(op);
    t.live(5).await;
    let who = t.again(&who).await;
    assert_eq!(state(&t, &who, id).await, State::Withdrawn);
    t.finish().await;
}

/// Proves [`lending::law::CL_9_A`] and [`lending::law::CL_6_B`]: an entity's amendment names who concludes it, and is concluded
/// by who may bind it.
#[tokio::test]
async fn an_entitys_amendment_is_concluded_by_who_may_sign_for_it() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let asked = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, asked, PHONE).await.unwrap();
    let application = t.apply(&head).await.unwrap();
    let loan = t.sign(&head, application).await.unwrap();
    let id = propose(&t, &officer, loan, &Form { rate: "20".into(), ..Form::default() }).await.unwrap();

    // For themselves, the same person has nothing to do with it.
    let mut op = t.app.begin(person.clone()).await.unwrap();
    assert_eq!(refused(amendments::amendment(&mut op, id).await), "amendment-not-found");
    drop(op);
    acknowledge(&t, &head, id).await.unwrap();
    prove_by_code(&t, &head, id, PHONE).await.unwrap();
    Matter::Amendment(id).take_face(&t.app, &head.clone().into(), face().await).await.unwrap();

    sqlx::query("update authority set role = 'signer', basis = 'power-of-attorney', revoked_at = now(), revoked_by = client_id")
        .execute(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(refused(amendments::conclude(&t.app, head.clone(), id).await), "authority-ended");
    sqlx::query("update authority set revoked_at = null, revoked_by = null")
        .execute(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(refused(amendments::conclude(&t.app, head.clone(), id).await), "done");
    t.settle().await;
    let by: i64 =
        sqlx::query_scalar("select count(*) from amendment_concluded where authority_id is not null")
            .fetch_one(&mut t.owner().await)
            .await
            .unwrap();
    assert_eq!(by, 1);
    assert_eq!(t.loan(&head, loan).await.folded.rate, Rate::from_ppm(200_000));
    t.finish().await;
}
