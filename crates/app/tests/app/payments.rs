use app::{loans, payments};
use lending::{
    loan::{EarlyRepayment, Status},
    money::Money,
};
use testkit::{TestApp, people::key};

use crate::refused;

async fn receipts(t: &TestApp) -> (i64, i64) {
    sqlx::query_as("select count(*), count(*) filter (where loan_id is null) from receipt")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_same_receipt_is_taken_in_once_however_often_the_bank_says_it() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let number = t.loan(&who, id).await.number;
    t.live(10).await;
    t.repay(&number, Money::from_tenge(5_000)).await;
    let before = t.loan(&who, id).await.folded;
    let again = || {
        let (app, day) = (t.app.clone(), t.today());
        tokio::spawn(async move { payments::read_statement(&app, day).await })
    };
    for task in [again(), again(), again(), again()] {
        task.await.unwrap().unwrap();
    }
    t.settle().await;
    assert_eq!(t.loan(&who, id).await.folded, before);
    assert_eq!(receipts(&t).await, (1, 0));
    t.finish().await;
}

#[tokio::test]
async fn money_for_an_unknown_agreement_is_kept_apart_and_pays_nobodys_debt() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let before = t.loan(&who, id).await.folded.debt;
    t.repay("26 не помню номер", Money::from_tenge(7_000)).await;
    assert_eq!(t.loan(&who, id).await.folded.debt, before);
    assert_eq!(receipts(&t).await, (1, 1));
    t.finish().await;
}

#[tokio::test]
async fn a_notification_that_is_not_the_banks_changes_nothing() {
    let t = TestApp::start().await;
    t.borrower().await;
    for (body, signature) in [(&b"<Document/>"[..], "00"), (b"\xff\xfe", ""), (b"", "deadbeef")] {
        assert_eq!(refused(payments::notified(&t.app, body, signature).await), "notification-not-from-bank");
    }
    assert_eq!(receipts(&t).await, (0, 0));
    t.finish().await;
}

/// Proves [`lending::law::CL_7_5`]: debt is split, delay is seen, the whole can be paid at any time, to the tiyn.
#[tokio::test]
async fn who_falls_behind_sees_the_delay_and_its_penalty_and_can_still_pay_everything() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let loan = t.loan(&who, id).await;
    let first = loan.folded.plan.rows[0];
    t.live(i64::from((first.due_on - t.today()).get_days()) + 10).await;
    let late = t.loan(&who, id).await.folded;
    assert_eq!((late.status, late.overdue_days), (Status::Overdue, 10));
    assert_eq!(late.debt.principal_overdue + late.debt.interest_overdue, first.payment);
    assert!(late.debt.penalty > Money::ZERO);
    t.books().await;
    t.repay(&loan.number, late.payoff().to_bring).await;
    let paid = t.loan(&who, id).await.folded;
    assert_eq!((paid.status, paid.debt.total(), paid.overpaid), (Status::Closed, Money::ZERO, Money::ZERO));
    t.live(40).await;
    assert_eq!(t.loan(&who, id).await.folded.debt.total(), Money::ZERO, "nothing accrues on what is closed");
    t.finish().await;
}

#[tokio::test]
async fn early_repayment_makes_the_schedule_anew_as_the_client_chose() {
    for (mode, fewer) in [(EarlyRepayment::KeepTerm, false), (EarlyRepayment::KeepInstallment, true)] {
        let t = TestApp::start().await;
        let (who, id) = t.borrower().await;
        let before = t.loan(&who, id).await;
        t.live(5).await;
        let again = t.again(&who).await;
        loans::request_early_repayment(&t.app, again, id, mode, &key()).await.unwrap();
        t.repay(&before.number, Money::from_tenge(50_000)).await;
        let after = t.loan(&who, id).await.folded;
        assert!(after.debt.principal() < before.folded.debt.principal());
        let (was, is) = (&before.folded.plan, &after.plan);
        assert_eq!(is.rows.len() < was.rows.len(), fewer, "{mode:?}");
        assert_eq!(is.regular < was.regular, !fewer, "{mode:?}");
        t.finish().await;
    }
}

/// Proves [`lending::law::CL_11`]: who recorded the wish has nothing of it, whatever became of the first.
#[tokio::test]
async fn a_wish_to_repay_early_that_is_sent_again_is_not_made_again() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let number = t.loan(&who, id).await.number;
    let wishes = async || -> i64 {
        sqlx::query_scalar(
            "select count(*) from loan_event where body->>'what' = 'early_repayment_requested'",
        )
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap()
    };
    let (keep_term, keep_installment) = (EarlyRepayment::KeepTerm, EarlyRepayment::KeepInstallment);
    let wish = async |mode, key| {
        refused(loans::request_early_repayment(&t.app, t.again(&who).await, id, mode, key).await)
    };
    let (first, second) = (key(), key());
    assert_eq!(wish(keep_term, &first).await, "done");
    assert_eq!(wish(keep_term, &second).await, "done", "it stands already");
    assert_eq!(wishes().await, 1);
    t.live(1).await;
    t.repay(&number, Money::from_tenge(20_000)).await;
    for sent in [&first, &second] {
        assert_eq!(wish(keep_term, sent).await, "done");
        assert_eq!(wish(keep_installment, sent).await, "idempotency-key-reused");
    }
    assert_eq!(wishes().await, 1, "nothing of it was made again");
    assert_eq!(wish(keep_term, &key()).await, "done");
    assert_eq!(wishes().await, 2, "a new wish is one");
    t.finish().await;
}

/// The law on microfinance, art. 9-2: a delay is told, once, and whatever else happens that day.
#[tokio::test]
async fn a_client_in_delay_is_told_once_even_if_a_part_was_paid_that_morning() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let loan = t.loan(&who, id).await;
    let first = loan.folded.plan.rows[0];
    t.live(i64::from((first.due_on - t.today()).get_days())).await;
    t.clock.advance(jiff::SignedDuration::from_hours(24));
    t.repay(&loan.number, Money::from_tenge(100)).await;
    t.live(5).await;
    let told = t.world.outbox().iter().filter(|m| m.text.contains("просрочено")).count();
    assert_eq!(told, 1);
    t.finish().await;
}

#[tokio::test]
async fn money_that_comes_before_its_loan_can_take_it_is_kept_for_a_person_to_place() {
    let t = TestApp::start().await;
    let who = t.register(&testkit::people::form()).await.unwrap();
    let application = t.apply(&who).await.unwrap();
    t.world.set_mode(simulator::Service::Bank, simulator::Mode::Pending);
    let id = t.sign(&who, application).await.unwrap();
    let number = t.loan(&who, id).await.number;
    t.repay(&number, Money::from_tenge(1_000)).await;
    assert_eq!(receipts(&t).await, (1, 1));
    t.books().await;
}

#[tokio::test]
async fn a_statement_that_was_missed_for_days_is_read_when_the_bank_is_back() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let number = t.loan(&who, id).await.number;
    t.live(3).await;
    t.world.bank_receive(&format!("договор {number}"), Money::from_tenge(2_000), t.today());
    t.live(5).await;
    payments::read_statements(&t.app).await.unwrap();
    t.settle().await;
    assert_eq!(receipts(&t).await, (1, 0));
    assert_eq!(t.loan(&who, id).await.folded.payments[0].on, jiff::civil::date(2026, 2, 5));
    t.finish().await;
}
