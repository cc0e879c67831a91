//! The closing of the business day: every living loan is brought to its end, and what was accrued is posted.
//!
//! A day closes once the next has begun. Closing is idempotent (a loan brought to a day is not taken again),
//! resumable (one transaction a loan), catches up missed days in order, and parks a loan that fails with its
//! reason instead of holding up the others.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use lending::loan::Status;
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, audit,
    jobs::{self, Work},
    loans,
    op::{Context, System},
    refusal::{No, Result},
};

/// How a closing went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The day.
    pub day: Date,
    /// Loans brought to its end.
    pub loans: i32,
    /// Loans parked.
    pub exceptions: i32,
}

const CHUNK: i64 = 500;

/// Closes every day that has passed and is still open, oldest first. The first day ever is the one on which
/// this is first asked.
pub async fn catch_up(app: &App) -> Result<Vec<Closed>> {
    let mut closed = Vec::new();
    let today = app.today();
    loop {
        let mut op = app.begin(System).await?;
        let day = open_day(&mut op).await?;
        op.commit().await?;
        if day >= today {
            return Ok(closed);
        }
        closed.push(close(app, day).await?);
    }
}

/// The oldest open day; begins the calendar where there is none.
async fn open_day(op: &mut Context) -> Result<Date> {
    let (tenant, now, today) = (op.tenant, op.now_sql(), op.today);
    if let Some(day) = loans::ledger::open_from(op).await? {
        return Ok(day);
    }
    sqlx::query!(
        "insert into business_day (tenant_id, day, opened_at) values ($1, $2, $3) on conflict do nothing",
        tenant,
        today.to_sqlx() as _,
        now as _
    )
    .execute(op.db())
    .await?;
    Ok(today)
}

async fn close(app: &App, day: Date) -> Result<Closed> {
    let (mut count, mut exceptions, mut after) = (0, 0, Uuid::nil());
    loop {
        let mut op = app.begin(System).await?;
        let chunk = loans::accruing(&mut op, day, after, CHUNK).await?;
        drop(op);
        let Some(last) = chunk.last() else { break };
        after = last.uuid();
        for loan in chunk {
            // In a task of its own: a panic is this loan's, and not the day's.
            let one = app.clone();
            let closing = tokio::spawn(async move { close_loan(&one, day, loan).await }).await;
            match closing.unwrap_or_else(|panic| Err(panic.into())) {
                Ok(()) => count += 1,
                Err(no) => {
                    exceptions += 1;
                    park(app, day, loan.uuid(), &no).await?;
                }
            }
        }
    }
    let mut op = app.begin(System).await?;
    let (tenant, now) = (op.tenant, op.now_sql());
    let closed = sqlx::query!(
        "update business_day set closed_at = $3, loans = loans + $4, exceptions = $5
         where tenant_id = $1 and day = $2 and closed_at is null",
        tenant,
        day.to_sqlx() as _,
        now as _,
        count,
        exceptions,
    )
    .execute(op.db())
    .await?;
    if closed.rows_affected() > 0 {
        let next = day.tomorrow().map_err(crate::refusal::Fault::new)?;
        sqlx::query!(
            "insert into business_day (tenant_id, day, opened_at) values ($1, $2, $3) on conflict do nothing",
            tenant,
            next.to_sqlx() as _,
            now as _
        )
        .execute(op.db())
        .await?;
        let about = json!({ "day": day.to_string(), "loans": count, "exceptions": exceptions });
        audit::record(&mut op, "day.closed", None, &about).await?;
    }
    op.commit().await?;
    tracing::info!(%day, loans = count, exceptions, "day closed");
    Ok(Closed { day, loans: count, exceptions })
}

async fn close_loan(app: &App, day: Date, loan: crate::id::Id<loans::Loan>) -> Result<()> {
    let mut op = app.begin(System).await?;
    let row = loans::lock(&mut op, loan).await?;
    if row.accrued_to >= day {
        return Ok(()); // Something happened to it meanwhile, and brought it here.
    }
    let folded = loans::bring_to(&mut op, &row, day).await?;
    if folded.status == Status::Closed {
        jobs::enqueue(&mut op, &Work::GiveClosingNotice(loan)).await?;
    }
    let (tenant, id) = (op.tenant, loan.uuid());
    sqlx::query!(
        "delete from day_exception where tenant_id = $1 and day <= $2 and loan_id = $3",
        tenant,
        day.to_sqlx() as _,
        id
    )
    .execute(op.db())
    .await?;
    op.commit().await
}

async fn park(app: &App, day: Date, loan: Uuid, no: &No) -> Result<()> {
    tracing::error!(%day, %loan, ?no, "a loan was parked");
    let mut op = app.begin(System).await?;
    let (tenant, now) = (op.tenant, op.now_sql());
    let reason = format!("{no:?}");
    audit::record(&mut op, "day.loan-parked", Some(loan), &json!({ "day": day.to_string() })).await?;
    sqlx::query!(
        "insert into day_exception (tenant_id, day, loan_id, reason, created_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        tenant,
        day.to_sqlx() as _,
        loan,
        reason.chars().take(1000).collect::<String>(),
        now as _,
    )
    .execute(op.db())
    .await?;
    op.commit().await
}
