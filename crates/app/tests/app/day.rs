use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use app::{day, payments};
use jiff::SignedDuration;
use lending::{loan::Status, money::Money};
use sqlx::PgConnection;
use testkit::TestApp;
use uuid::Uuid;

/// Places of a chunk.
const CHUNK: i32 = 16_384;

/// Makes `times` loans of one, with all that happened to it and all its postings. They are in one chunk.
async fn multiply(owner: &mut PgConnection, times: i32) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "set session_replication_role = replica;
         create temp table copies as
             select l.id as old, ('0190000c-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as new, n
             from loan l, generate_series(2, {times}) n;
         insert into loan select (jsonb_populate_record(l, jsonb_build_object('id', c.new, 'number', 'copy ' || c.n))).*
             from loan l join copies c on c.old = l.id;
         insert into loan_event select (jsonb_populate_record(e, jsonb_build_object('loan_id', c.new))).*
             from loan_event e join copies c on c.old = e.loan_id;
         insert into transfer select (jsonb_populate_record(t, jsonb_build_object('loan_id', c.new, 'id', gen_random_uuid()))).*
             from transfer t join copies c on c.old = t.loan_id;
         insert into standing select (jsonb_populate_record(s, jsonb_build_object('loan_id', c.new, 'place', null))).*
             from standing s join copies c on c.old = s.loan_id;
         reset session_replication_role;"
    )))
    .execute(owner)
    .await
    .unwrap();
}

/// Gives every loan a chunk of its own; evidence that names its old place goes.
async fn scatter(owner: &mut PgConnection) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "delete from accrual_block;
         update accrual_place set place = place * {CHUNK};
         update standing set place = place * {CHUNK};
         insert into day_chunk select s.tenant_id, s.place / {CHUNK}, (select max(closed_to) from day_chunk)
             from standing s on conflict do nothing;"
    )))
    .execute(owner)
    .await
    .unwrap();
}

/// What evidence says each loan has accrued: distinct sums and numbers of days.
async fn accrued_of_all(owner: &mut PgConnection) -> Vec<(i64, i64)> {
    sqlx::query_as(
        "select distinct interest, penalty from (
             select sum(interest_tiyn)::bigint as interest, sum(penalty_tiyn)::bigint as penalty
             from accrual group by loan_id) each",
    )
    .fetch_all(owner)
    .await
    .unwrap()
}

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
    let mut owner = t.owner().await;
    multiply(&mut owner, 2).await;
    let (sound, sick): (String, Uuid) =
        sqlx::query_as("select body::text, loan_id from loan_event order by loan_id desc limit 1")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    let body = async |owner: &mut PgConnection, body: &str| {
        let spoil = sqlx::query("update loan_event set body = $1::text::jsonb where loan_id = $2");
        spoil.bind(body).bind(sick).execute(owner).await.unwrap();
    };
    body(&mut owner, "{}").await;
    t.clock.advance(SignedDuration::from_hours(24 * 40));
    let closed = day::catch_up(&t.app).await.unwrap();
    // While nothing happens to it, it is not folded and accrues; from its due date on it is parked.
    assert!(closed.iter().any(|c| (c.loans, c.exceptions) == (2, 0)), "{closed:?}");
    assert!(closed.iter().any(|c| (c.loans, c.exceptions) == (1, 1)), "{closed:?}");
    let reason: String =
        sqlx::query_scalar("select reason from day_exception limit 1").fetch_one(&mut owner).await.unwrap();
    assert!(reason.starts_with("events: "), "{reason}");
    t.books().await;
    // Mended, it is brought to where the other one is.
    body(&mut owner, &sound).await;
    t.live(1).await;
    let left: i64 =
        sqlx::query_scalar("select count(*) from day_exception").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, 0);
    let debts: Vec<i64> =
        sqlx::query_scalar("select debt_tiyn from standing").fetch_all(&mut owner).await.unwrap();
    t.books().await;
    assert_eq!(accrued_of_all(&mut owner).await.len(), 1, "{debts:?}");
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
    assert_eq!(closed.status, Status::Closed);
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

/// Ends a piece of work after so many of its steps, however long each takes.
async fn killed_after<T>(steps: u32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (pin!(work), steps);
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// What such a connection was given to would never be committed.
#[tokio::test]
async fn whoever_is_cut_off_while_they_begin_leaves_no_transaction_to_those_who_come_after() {
    let t = TestApp::start().await;
    let mut cut_off = 0;
    for _ in 0..20 {
        for steps in 1..5 {
            cut_off += u32::from(killed_after(steps, t.app.begin(app::op::System)).await.is_none());
        }
    }
    assert!(cut_off > 19, "{cut_off} were cut off");
    let open =
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    let mut look = t.owner().await;
    let mut left = 1;
    for _ in 0..100 {
        left = sqlx::query_scalar::<_, i64>(open).fetch_one(&mut look).await.unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(left, 0, "transactions that nobody ends");
    t.finish().await;
}

/// The closing ends wherever it is, again and again; what is there in the end is what one closing leaves.
#[tokio::test]
async fn a_closing_killed_at_any_moment_is_taken_on_and_nothing_is_accrued_twice() {
    let t = TestApp::start().await;
    t.borrower().await;
    let mut owner = t.owner().await;
    multiply(&mut owner, 6).await;
    t.live(2).await;
    scatter(&mut owner).await;
    t.clock.advance(SignedDuration::from_hours(24 * 45));
    let mut killed = 0;
    for attempt in 1.. {
        let program = t.another().await;
        match killed_after(attempt, day::catch_up(&program)).await {
            None => killed += 1,
            Some(closed) => {
                closed.unwrap();
                break;
            }
        }
    }
    assert!(killed > 3, "{killed}");
    assert!(day::catch_up(&t.app).await.unwrap().is_empty());
    t.settle().await;
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (select from accrual group by loan_id, day having count(*) > 1) twice",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(twice, 0);
    assert_eq!(accrued_of_all(&mut owner).await.len(), 1, "six loans of one fate accrued the same");
    let told = t.world.outbox().iter().filter(|m| m.text.contains("просрочено")).count();
    assert_eq!(told, 6);
    t.finish().await;
}

/// One chunk is closed and the other not when two clients pay: each day is still accrued once.
#[tokio::test]
async fn who_pays_while_the_day_closes_is_accrued_once_on_either_side_of_the_closing() {
    let t = TestApp::start().await;
    t.borrower().await;
    let mut owner = t.owner().await;
    multiply(&mut owner, 2).await;
    // An agreement's number is what a payment names.
    sqlx::query("update loan set number = '2600000158' where number = 'copy 2'")
        .execute(&mut owner)
        .await
        .unwrap();
    t.live(2).await;
    scatter(&mut owner).await;
    t.clock.advance(SignedDuration::from_hours(24 * 2));
    // As if killed between the chunks: the run has begun, and only its first chunk is done.
    day::catch_up(&t.app).await.unwrap();
    t.books().await;
    t.clock.advance(SignedDuration::from_hours(24));
    sqlx::raw_sql(
        "update business_day set closing_to = day where closed_at is null;
         create temp table early as select * from standing;",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut other = sqlx::Connection::begin(&mut owner).await.unwrap();
    sqlx::query("select from day_chunk where chunk = 1 for update").execute(&mut *other).await.unwrap();
    let closing = tokio::spawn({
        let app = t.app.clone();
        async move { day::catch_up(&app).await }
    });
    let mut look = t.owner().await;
    while sqlx::query_scalar::<_, i64>("select count(distinct closed_to) from day_chunk")
        .fetch_one(&mut look)
        .await
        .unwrap()
        < 2
    {
        tokio::task::yield_now().await;
    }
    closing.abort();
    other.rollback().await.unwrap();
    let numbers: Vec<String> =
        sqlx::query_scalar("select number from loan").fetch_all(&mut look).await.unwrap();
    for number in &numbers {
        t.repay(number, Money::from_tenge(1_000)).await;
        t.books().await;
    }
    day::catch_up(&t.app).await.unwrap();
    t.live(3).await;
    let debts: Vec<i64> =
        sqlx::query_scalar("select distinct debt_tiyn from standing").fetch_all(&mut look).await.unwrap();
    assert_eq!(debts.len(), 1, "both paid the same on the same day: {debts:?}");
    t.finish().await;
}

#[tokio::test]
async fn a_day_whose_control_total_disagrees_stays_open_and_says_why() {
    let t = TestApp::start().await;
    t.borrower().await;
    t.live(3).await;
    let mut owner = t.owner().await;
    let mut spoil = async |by: i64| {
        sqlx::query("update standing set interest_in_totals_tiyn = interest_in_totals_tiyn + $1")
            .bind(by)
            .execute(&mut owner)
            .await
            .unwrap();
    };
    spoil(1).await;
    t.clock.advance(SignedDuration::from_hours(24));
    let fault = format!("{:?}", day::catch_up(&t.app).await.unwrap_err());
    assert!(fault.contains("control total") && fault.contains("interest_accrued"), "{fault}");
    spoil(-1).await;
    assert_eq!(day::catch_up(&t.app).await.unwrap().len(), 1);
    t.finish().await;
}

#[tokio::test]
async fn an_auditor_reads_with_psql_what_each_day_accrued_of_a_loan_packed_or_in_rows() {
    let mut said = Vec::new();
    for record in ["packed", "rows"] {
        let t = TestApp::start().await;
        let (who, id) = t.borrower().await;
        let mut owner = t.owner().await;
        sqlx::query("update product set body = jsonb_set(body, '{accrual_record}', to_jsonb($1::text))")
            .bind(record)
            .execute(&mut owner)
            .await
            .unwrap();
        t.live(60).await;
        let rows: Vec<(i64, i64, i32)> = sqlx::query_as(
            "select interest_tiyn, penalty_tiyn, overdue_days from accruals(1, $1, '2026-01-01', '2026-12-31')",
        )
        .bind(id.uuid())
        .fetch_all(&mut owner)
        .await
        .unwrap();
        assert_eq!(rows.len(), 59, "{record}: every day but the one on which the money was given");
        let (blocks, singles): (i64, i64) =
            sqlx::query_as("select (select count(*) from accrual_block), (select count(*) from accrual_row)")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        assert_eq!((blocks > 0, singles > 0), (record == "packed", record == "rows"));
        t.books().await;
        let late = t.loan(&who, id).await.folded;
        assert_eq!(late.status, Status::Overdue);
        assert!(rows.iter().any(|(_, penalty, overdue)| *penalty > 0 && *overdue > 0));
        assert!(rows.last().unwrap().2 > 20, "{:?}", rows.last());
        said.push(rows);
        t.finish().await;
    }
    assert_eq!(said[0], said[1]);
}

/// The law of the next year is not needed for what was agreed under this one's: days close, interest and penalty accrue,
/// money is taken, and the credit ends.
#[tokio::test]
async fn a_credit_lives_on_in_a_year_whose_law_is_not_known_yet() {
    let t = TestApp::start().await;
    t.clock.advance(SignedDuration::from_hours(24 * 300)); // 29 November 2026
    let (who, id) = t.borrower().await;
    let loan = t.loan(&who, id).await;
    assert_eq!(loan.terms.rule_set, "2026-03-18");
    t.live(40).await;
    assert!(app::applications::rule_set(t.today()).is_err(), "{}", t.today());
    let before = (accrued(&t).await, t.loan(&who, id).await.folded);
    assert_eq!(before.1.status, Status::Overdue);
    t.live(30).await;
    let late = t.loan(&who, id).await.folded;
    assert!(accrued(&t).await > before.0 && late.debt.penalty > before.1.debt.penalty);
    t.repay(&loan.number, late.debt.overdue()).await;
    assert_eq!(t.loan(&who, id).await.folded.status, Status::Active);
    t.repay(&loan.number, Money::from_tenge(1_000)).await;
    t.live(120).await;
    let owed = t.loan(&who, id).await.folded;
    t.repay(&loan.number, owed.payoff().to_bring).await;
    assert_eq!(t.loan(&who, id).await.folded.status, Status::Closed);
    let parked: i64 = sqlx::query_scalar("select count(*) from day_exception")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(parked, 0, "every day closed without exception");
    t.live(1).await;
    t.finish().await;
}

#[tokio::test]
async fn a_payment_taken_back_after_months_posts_the_exact_difference() {
    let t = TestApp::start().await;
    let (who, id) = t.borrower().await;
    let number = t.loan(&who, id).await.number;
    t.live(20).await;
    t.repay(&number, Money::from_tenge(9_000)).await;
    t.live(80).await;
    let reference: String =
        sqlx::query_scalar("select reference from receipt").fetch_one(&mut t.owner().await).await.unwrap();
    t.books().await;
    assert!(payments::take_back(&t.app, &reference).await.unwrap());
    assert!(!payments::take_back(&t.app, &reference).await.unwrap(), "only once");
    t.books().await;
    let loan = t.loan(&who, id).await.folded;
    assert!(loan.payments[0].reversed);
    t.live(3).await;
    t.finish().await;
}
