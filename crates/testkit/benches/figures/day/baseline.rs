//! What other systems do, honestly: each loan in a transaction of its own, on eight connections. Lock it, read what
//! happened to it, fold it, read what was posted for it, post what the day added under its name, write how it stands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use jiff::civil::Date;
use lending::{
    ledger::Turnover,
    loan::{Event, LoanTerms, fold},
    money::Money,
};
use sqlx::{PgPool, Row, types::Json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Outcome;

const CONNECTIONS: usize = 8;

/// Closes `day` for a sample of loans; loans a second.
pub(super) async fn rate(pool: &PgPool, day: Date, sample: i64) -> Outcome<f64> {
    let loans: Vec<Uuid> = sqlx::query_scalar(
        "select loan_id from standing where tenant_id = 1 and lives order by md5(place::text) limit $1",
    )
    .bind(sample)
    .fetch_all(pool)
    .await?;
    let (loans, next) = (Arc::new(loans), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (pool, loans, next) = (pool.clone(), Arc::clone(&loans), Arc::clone(&next));
        connections.spawn(async move {
            while let Some(loan) = loans.get(next.fetch_add(1, Ordering::Relaxed)) {
                close(&pool, *loan, day).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(connection) = connections.join_next().await {
        connection??;
    }
    Ok(f64::from(u32::try_from(loans.len())?) / began.elapsed().as_secs_f64())
}

async fn close(pool: &PgPool, loan: Uuid, day: Date) -> Outcome<()> {
    let mut tx = pool.begin().await?;
    let Json(terms): Json<LoanTerms> =
        sqlx::query_scalar("select terms from loan where tenant_id = 1 and id = $1 for update")
            .bind(loan)
            .fetch_one(&mut *tx)
            .await?;
    let events: Vec<Json<Event>> = sqlx::query_scalar(
        "select body from loan_event where tenant_id = 1 and loan_id = $1 order by sequence",
    )
    .bind(loan)
    .fetch_all(&mut *tx)
    .await?;
    let events: Vec<Event> = events.into_iter().map(|Json(event)| event).collect();
    let rows = sqlx::query(
        "select posting, sum(case when reversal then -amount_tiyn else amount_tiyn end)::bigint
         from transfer where tenant_id = 1 and loan_id = $1 group by posting",
    )
    .bind(loan)
    .fetch_all(&mut *tx)
    .await?;
    let mut posted = Turnover::default();
    for row in rows {
        let _ = posted.add(row.get(0), Money::from_tiyn(row.get(1)));
    }
    let folded = fold(&terms, &events, day)?;
    // What accrued earlier stands in totals here; a system of this kind would have it under the loan's name.
    let before = fold(&terms, &events, day.yesterday()?)?.turnover;
    (posted.interest_accrued, posted.penalty_accrued) = (before.interest_accrued, before.penalty_accrued);
    sqlx::query("select closed_at from business_day where tenant_id = 1 and day = $1::text::date for share")
        .bind(day.to_string())
        .fetch_one(&mut *tx)
        .await?;
    for transfer in folded.turnover.since(&posted) {
        sqlx::query(
            "insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id,
                                   recorded_at)
             values (1, gen_random_uuid(), $1::text::date, $2, $3, $4, $5, $6, $7, now())",
        )
        .bind(day.to_string())
        .bind(transfer.debit.code())
        .bind(transfer.credit.code())
        .bind(transfer.amount.tiyn())
        .bind(transfer.posting)
        .bind(transfer.reversal)
        .bind(loan)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query(
        "update standing set debt_tiyn = $2, base = $3::text::date, changes_on = 'infinity', interest_tiyn = $4
         where tenant_id = 1 and loan_id = $1",
    )
    .bind(loan)
    .bind(folded.debt.total().tiyn())
    .bind(day.to_string())
    .bind(folded.debt.interest_accrued.tiyn())
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
