//! The closing of business days: what every living loan accrued, in evidence and in the ledger.
//!
//! A day can close once the next has begun. Days that were missed are closed together: a *run* (`Run`) covers up to
//! a month of them. Loans have places; 16 384 places make a chunk, and workers take the chunks one by one, each in one
//! transaction (`chunk`): for a loan to which nothing happens its standing says what each day adds; only the loans
//! whose lines change are folded again. Then one statement computes what all chunks have accrued a second time
//! (`control`), and only if it agrees to the tiyn do the days count as closed.
//!
//! Killed at any moment, the next closing takes the same run on: a chunk is done or it is not. Run twice, the second
//! finds nothing. A client's operation shares the day's row with all others and waits at most for its loan's chunk
//! (`hold`).

mod block;
mod chunk;
mod control;
mod copy;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    App, audit,
    id::Id,
    loans::{self, standing::day_number},
    op::{Context, System},
    refusal::{Fault, Result},
};

/// How a day closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The day.
    pub day: Date,
    /// Loans of which it accrued something or might have.
    pub loans: i64,
    /// Loans parked, with their reasons in `day_exception`.
    pub exceptions: i64,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Chunks closed.
    pub chunks_done: i64,
    /// Chunks there are.
    pub chunks: i64,
    /// Loans in the chunks that this process closed.
    pub loans: i64,
}

/// Places closed together; also in the schema's `day_chunk`.
const PLACES: i32 = 16_384;
/// The most days of one run: bounds a chunk's transaction.
const DAYS_MAX: i64 = 31;
/// Chunks closed at once: one waits for the disk or the database while another computes.
const WORKERS: usize = 4;

/// Days that are closed together.
#[derive(Clone, Copy, Default)]
struct Run {
    from: Date,
    to: Date,
}

/// Closes every day that has passed and is still open, oldest first. The first day ever is the one on which
/// this is first asked.
pub async fn catch_up(app: &App) -> Result<Vec<Closed>> {
    catch_up_telling(app, |_| {}).await
}

/// The same, and tells after each chunk how far it is.
pub async fn catch_up_telling(
    app: &App,
    tell: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Vec<Closed>> {
    let tell: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(tell);
    let mut closed = Vec::new();
    while let Some(run) = begin(app).await? {
        chunks(app, run, &tell).await?;
        control::check(app, run).await?;
        closed.extend(finish(app, run).await?);
    }
    Ok(closed)
}

/// Begins a run, or takes on the one that was begun; nothing if no day has passed.
async fn begin(app: &App) -> Result<Option<Run>> {
    let mut op = app.begin(System).await?;
    let (tenant, now, today) = (op.tenant, op.now_sql(), op.today);
    // Waits for the operations on loans that are under way; the next ones find the run begun.
    let open = sqlx::query!(
        "select day, closing_to from business_day where tenant_id = $1 and closed_at is null and day < $2
         order by day limit 1 for update",
        tenant,
        today.to_sqlx() as _,
    )
    .fetch_optional(op.db())
    .await?;
    let Some(open) = open else {
        sqlx::query!(
            "insert into business_day (tenant_id, day, opened_at)
             select $1, $2, $3 where not exists (select from business_day where tenant_id = $1)
             on conflict do nothing",
            tenant,
            today.to_sqlx() as _,
            now as _
        )
        .execute(op.db())
        .await?;
        op.commit().await?;
        return Ok(None);
    };
    let from: Date = open.day.into();
    if let Some(to) = open.closing_to {
        return Ok(Some(Run { from, to: to.into() }));
    }
    let run =
        Run { from, to: from.saturating_add((DAYS_MAX - 1).days()).min(today.saturating_sub(1.days())) };
    give_places(&mut op, run).await?;
    sqlx::query!(
        "update business_day set closing_to = $3 where tenant_id = $1 and day = $2",
        tenant,
        run.from.to_sqlx() as _,
        run.to.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    op.commit().await?;
    Ok(Some(run))
}

/// Gives places to loans that have none, and makes their chunks.
async fn give_places(op: &mut Context, run: Run) -> Result<()> {
    let (tenant, before) = (op.tenant, day_number(run.from) - 1);
    sqlx::query!(
        "with last as (select coalesce(max(place), -1)::int as place from accrual_place where tenant_id = $1),
              new as (select s.loan_id, last.place + (row_number() over (order by s.loan_id))::int as place
                      from standing s, last where s.tenant_id = $1 and s.lives and s.place is null),
              given as (insert into accrual_place (tenant_id, place, loan_id) select $1, place, loan_id from new)
         update standing s set place = new.place from new where s.tenant_id = $1 and s.loan_id = new.loan_id",
        tenant
    )
    .execute(op.db())
    .await?;
    sqlx::query!(
        "insert into day_chunk (tenant_id, chunk, closed_to)
         select $1, c, date '2000-01-01' + $2::int
         from generate_series(0, (select max(place) / $3::int from accrual_place where tenant_id = $1)) c
         on conflict do nothing",
        tenant,
        before,
        PLACES,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Has workers close chunks until none is left.
async fn chunks(app: &App, run: Run, tell: &Arc<dyn Fn(Progress) + Send + Sync>) -> Result<()> {
    let products = Arc::new(chunk::by_rows(app).await?);
    let loans = Arc::new(AtomicI64::new(0));
    let mut workers: JoinSet<Result<()>> = JoinSet::new();
    for _ in 0..WORKERS {
        let (app, products, loans, tell) =
            (app.clone(), Arc::clone(&products), Arc::clone(&loans), Arc::clone(tell));
        workers.spawn(async move {
            while let Some(taken) = chunk::close_one(&app, run, &products).await? {
                let loans = loans.fetch_add(taken, Ordering::Relaxed) + taken;
                let (chunks_done, chunks) = done(&app, run).await?;
                tell(Progress { from: run.from, to: run.to, chunks_done, chunks, loans });
            }
            Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(())
}

/// Chunks that are done, and all.
async fn done(app: &App, run: Run) -> Result<(i64, i64)> {
    let r = sqlx::query!(
        r#"select count(*) filter (where closed_to >= $2) as "done!", count(*) as "all!"
           from day_chunk where tenant_id = $1"#,
        app.tenant(),
        run.to.to_sqlx() as _,
    )
    .fetch_one(app.pool())
    .await?;
    Ok((r.done, r.all))
}

/// The days count as closed, and the next one is open.
async fn finish(app: &App, run: Run) -> Result<Vec<Closed>> {
    let mut op = app.begin(System).await?;
    let (tenant, now) = (op.tenant, op.now_sql());
    let days = sqlx::query!(
        r#"select d::date as "day!",
                  coalesce((select sum(b.loans) from accrual_block b where b.tenant_id = $1 and b.day = d::date), 0)::bigint
                  + (select count(*) from accrual_row r where r.tenant_id = $1 and r.day = d::date) as "loans!",
                  (select count(*) from day_exception e where e.tenant_id = $1 and e.day = d::date) as "exceptions!"
           from generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') d order by d"#,
        tenant,
        run.from.to_sqlx() as _,
        run.to.to_sqlx() as _,
    )
    .fetch_all(op.db())
    .await?;
    let closed: Vec<Closed> = days
        .into_iter()
        .map(|r| Closed { day: r.day.into(), loans: r.loans, exceptions: r.exceptions })
        .collect();
    for Closed { day, loans, exceptions } in &closed {
        let made = sqlx::query!(
            "insert into business_day (tenant_id, day, opened_at, closed_at, loans, exceptions)
             values ($1, $2, $3, $3, $4, $5)
             on conflict (tenant_id, day) do update set closed_at = $3, loans = $4, exceptions = $5
             where business_day.closed_at is null",
            tenant,
            day.to_sqlx() as _,
            now as _,
            i32::try_from(*loans).unwrap_or(i32::MAX),
            i32::try_from(*exceptions).unwrap_or(i32::MAX),
        )
        .execute(op.db())
        .await?;
        if made.rows_affected() == 0 {
            return Ok(Vec::new()); // Another process finished this run.
        }
        let about = json!({ "day": day.to_string(), "loans": loans, "exceptions": exceptions });
        audit::record(&mut op, "day.closed", None, &about).await?;
    }
    let next = run.to.tomorrow().map_err(Fault::new)?;
    sqlx::query!(
        "insert into business_day (tenant_id, day, opened_at) values ($1, $2, $3) on conflict do nothing",
        tenant,
        next.to_sqlx() as _,
        now as _
    )
    .execute(op.db())
    .await?;
    op.commit().await?;
    for Closed { day, loans, exceptions } in &closed {
        tracing::info!(%day, loans, exceptions, "day closed");
    }
    Ok(closed)
}

/// Shares the day that closes next with all other operations on loans, and where its closing has begun, the chunk of
/// `loan` too, so that neither moves until this operation ends. The last day that closings have accrued of the loan, if
/// it has a place; nothing before the calendar has begun.
pub(crate) async fn hold(op: &mut Context, loan: Id<loans::Loan>) -> Result<Option<Date>> {
    let tenant = op.tenant;
    let open = loop {
        let open = sqlx::query!(
            "select day, closing_to from business_day where tenant_id = $1 and closed_at is null
             order by day limit 1 for share",
            tenant
        )
        .fetch_optional(op.db())
        .await?;
        if let Some(open) = open {
            break open;
        }
        // It was closed while we waited for it, and the next one is there; or there is no calendar yet.
        let begun = sqlx::query_scalar!(
            r#"select exists (select from business_day where tenant_id = $1) as "begun!""#,
            tenant
        )
        .fetch_one(op.db())
        .await?;
        if !begun {
            return Ok(None);
        }
    };
    let day: Date = open.day.into();
    let before = day.yesterday().map_err(Fault::new)?;
    if open.closing_to.is_none() {
        return Ok(Some(before));
    }
    let closed_to = sqlx::query_scalar!(
        "select c.closed_to from accrual_place p
         join day_chunk c on c.tenant_id = p.tenant_id and c.chunk = p.place / 16384
         where p.tenant_id = $1 and p.loan_id = $2 for share of c",
        tenant,
        loan.uuid()
    )
    .fetch_optional(op.db())
    .await?;
    Ok(Some(closed_to.map_or(before, Into::into)))
}
