use ::texts::Lang;
use app::{
    identity::{self, Asked, Matter},
    sessions::Client,
};
use jiff::SignedDuration;
use simulator::{Mode, Outcome, Service};
use testkit::{
    TestApp,
    people::{IBAN, face, form},
};

/// One more account with right check digits.
const THIRD: &str = "KZ05125KZT5004100200";

async fn state(t: &TestApp) -> String {
    sqlx::query_scalar("select state from payout").fetch_one(&mut t.owner().await).await.unwrap()
}

async fn signed_with_bank(mode: Mode) -> TestApp {
    let t = if mode == Mode::Silent { TestApp::with_little_patience().await } else { TestApp::start().await };
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.world.set_mode(Service::Bank, mode);
    t.sign(&who, id).await.unwrap();
    t
}

fn executed(t: &TestApp) -> usize {
    t.world.payments().iter().filter(|p| matches!(p.outcome, Outcome::Executed)).count()
}

/// Changes the account by a face.
async fn change_account(t: &TestApp, who: &Client, iban: &str) {
    let id = identity::ask(&t.app, who.clone(), Asked::Account(iban), Lang::Ru).await.unwrap().id;
    Matter::Change(id).take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    identity::carry_out(&t.app, who.clone(), id).await.unwrap();
    t.settle().await;
}

/// Proves [`lending::law::CL_6_F`] and [`lending::law::CL_9_B`]: who changes the account once more while money waits for the
/// pause, to a third one or back, shortens nothing; the pause counts from the last change.
#[tokio::test]
async fn changing_the_account_once_more_or_back_sends_no_money_sooner() {
    const OTHER: &str = "KZ86125KZT5004100100";
    for again in [IBAN, THIRD] {
        let t = TestApp::start().await;
        let (who, _) = t.borrower().await;
        change_account(&t, &who, OTHER).await;
        let wish = app::applications::Form { iban: OTHER.into(), ..t.application_form().await };
        let id = app::applications::submit(
            &t.app,
            who.clone(),
            &wish,
            Some("Келісемін"),
            Lang::Ru,
            &testkit::people::key(),
        )
        .await
        .unwrap();
        t.settle().await;
        t.sign(&who, id).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(12));
        let who = t.again(&who).await;
        change_account(&t, &who, again).await;
        assert_eq!(executed(&t), 1, "{again}: at once");
        t.clock.advance(SignedDuration::from_hours(23));
        t.settle().await;
        assert_eq!(executed(&t), 1, "{again}: in the pause that counts from the last change");
        t.clock.advance(SignedDuration::from_mins(61));
        t.settle().await;
        assert_eq!(executed(&t), 2, "{again}: the pause is over");
        t.finish().await;
    }
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
