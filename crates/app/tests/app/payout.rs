use jiff::SignedDuration;
use simulator::{Mode, Outcome, Service};
use testkit::{TestApp, people::form};

async fn state(t: &TestApp) -> String {
    sqlx::query_scalar("select state from payout").fetch_one(&mut t.owner().await).await.unwrap()
}

async fn signed_with_bank(mode: Mode) -> TestApp {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.world.set_mode(Service::Bank, mode);
    t.sign(&who, id).await.unwrap();
    t
}

fn executed(t: &TestApp) -> usize {
    t.world.payments().iter().filter(|p| matches!(p.outcome, Outcome::Executed)).count()
}

/// Proves [`lending::law::CL_9_B`]: whatever the bank does, the money goes out once.
#[tokio::test]
async fn a_bank_that_is_silent_repeats_itself_or_takes_its_time_pays_once() {
    for mode in [Mode::Silent, Mode::Error500, Mode::Garbled, Mode::Twice, Mode::Pending] {
        let t = signed_with_bank(mode).await;
        t.books().await;
        // Asked again while the bank is still as it is: even then only after the order, never with it.
        t.clock.advance(SignedDuration::from_mins(10));
        t.settle().await;
        t.world.set_mode(Service::Bank, Mode::Ok);
        for _ in 0..4 {
            t.clock.advance(SignedDuration::from_mins(10));
            t.settle().await;
        }
        assert_eq!((state(&t).await.as_str(), executed(&t)), ("executed", 1), "{mode:?}");
        assert_eq!(t.world.repeated_orders(), 0, "{mode:?}: the bank was asked twice to pay");
        t.finish().await;
    }
}

#[tokio::test]
async fn a_payout_that_the_bank_refuses_leaves_no_debt_and_the_client_knows() {
    let t = signed_with_bank(Mode::Reject).await;
    assert_eq!((state(&t).await.as_str(), executed(&t)), ("rejected", 0));
    let status: String =
        sqlx::query_scalar("select status from loan").fetch_one(&mut t.owner().await).await.unwrap();
    assert_eq!(status, "cancelled");
    assert!(t.world.last_sms_to(testkit::people::PHONE).unwrap().contains("отменён"));
    t.finish().await;
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_payout_of_a_loan() {
    let t = TestApp::start().await;
    t.borrower().await;
    let error = sqlx::query(
        "insert into payout select tenant_id, loan_id, gen_random_uuid(), iban, amount_tiyn, 'planned', now() from payout",
    )
    .execute(&mut t.owner().await)
    .await
    .unwrap_err();
    assert!(error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation));
    t.finish().await;
}

#[tokio::test]
async fn an_order_that_the_bank_keeps_over_a_long_weekend_is_still_settled() {
    let t = signed_with_bank(Mode::Pending).await;
    for _ in 0..60 {
        t.clock.advance(SignedDuration::from_hours(1));
        t.settle().await;
    }
    assert_eq!(state(&t).await, "unknown");
    t.world.set_mode(Service::Bank, Mode::Ok);
    t.clock.advance(SignedDuration::from_hours(2));
    t.settle().await;
    assert_eq!((state(&t).await.as_str(), executed(&t)), ("executed", 1));
    t.finish().await;
}

#[tokio::test]
async fn two_workers_never_do_one_payout_at_once() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.world.set_mode(Service::Bank, Mode::Slow { ms: 900 });
    let work = |t: &TestApp| {
        let app = t.app.clone();
        tokio::spawn(async move { while app::jobs::run_one(&app).await.unwrap() {} })
    };
    // The signature's jobs are taken while the bank still thinks about the first.
    let signing = t.sign(&who, id);
    let others = async {
        for _ in 0..20 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            work(&t).await.unwrap();
        }
    };
    let (signed, ()) = tokio::join!(signing, others);
    signed.unwrap();
    assert_eq!((state(&t).await.as_str(), executed(&t), t.world.repeated_orders()), ("executed", 1, 0));
    t.finish().await;
}
