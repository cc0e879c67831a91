use app::{day, op::System};
use jiff::SignedDuration;
use lending::money::Money;
use testkit::TestApp;

async fn accrued(t: &TestApp) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(amount_tiyn), 0)::bigint from transfer where posting = 'interest_accrued'",
    )
    .fetch_one(&mut t.owner().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn days_that_were_missed_are_closed_in_order_and_once() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    t.live(1).await;
    t.clock.advance(SignedDuration::from_hours(24 * 20));
    let closed = day::catch_up(&t.app).await.unwrap();
    assert_eq!(closed.len(), 20);
    assert!(closed.windows(2).all(|pair| pair[0].day < pair[1].day));
    assert!(closed.iter().all(|c| (c.loans, c.exceptions) == (1, 0)), "{closed:?}");
    let once = accrued(&t).await;
    assert!(once > 0);
    assert!(day::catch_up(&t.app).await.unwrap().is_empty());
    assert_eq!(accrued(&t).await, once);
    let debt = t.loan(&who, id).await.folded.debt;
    assert!(debt.interest() > Money::from_tiyn(once), "today is open, and shown");
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn a_loan_that_cannot_be_closed_is_parked_with_its_reason_and_holds_up_nobody() {
    let t = TestApp::start().await;
    t.borrower().await;
    t.live(1).await;
    sqlx::query("update loan_event set body = '{}'").execute(&mut t.owner().await).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(48));
    let closed = day::catch_up(&t.app).await.unwrap();
    assert!(closed.iter().any(|c| c.exceptions == 1), "{closed:?}");
    let parked: i64 = sqlx::query_scalar("select count(*) from day_exception")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert!(parked >= 1);
    let op = t.app.begin(System).await.unwrap();
    assert_eq!(op.today, jiff::civil::date(2026, 2, 5));
}

#[tokio::test]
async fn closing_yesterday_takes_nothing_back_from_who_paid_this_morning() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    t.live(3).await;
    let number = t.loan(&who, id).await.number;
    t.clock.advance(SignedDuration::from_hours(24));
    let whole = t.loan(&who, id).await.folded.payoff().to_bring;
    t.repay(&number, whole).await;
    let closed = t.loan(&who, id).await.folded;
    assert_eq!(closed.status, lending::loan::Status::Closed);
    day::catch_up(&t.app).await.unwrap();
    assert_eq!(t.loan(&who, id).await.folded, closed);
    let mut owner = t.owner().await;
    let reversed: i64 = sqlx::query_scalar("select count(*) from transfer where reversal")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(reversed, 0);
    // Each day has its own interest, though the loan was brought over two at once.
    let days: Vec<i64> = sqlx::query_scalar(
        "select amount_tiyn from transfer where posting = 'interest_accrued' order by on_date",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(days.len(), 4, "{days:?}");
    assert!(days.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 1), "{days:?}");
    t.finish().await;
}
