//! The control total: what closings have accrued, computed a second time, by one statement in SQL.
//!
//! For each product, everything that totals of the ledger ever held must equal what its loans' standings say was
//! accrued in totals: what they kept when they were written last, and their lines from there to the end of the run.
//! Nothing of the program's arithmetic takes part. A chunk closed twice or left out, a lost update, a wrong rounding
//! anywhere, now or on an earlier day, shows. And the evidence of the run's days must add up to their postings.

use jiff_sqlx::ToSqlx;

use super::Run;
use crate::{
    App,
    op::System,
    refusal::{Fault, Result},
};

/// Checks a run whose chunks are all done.
///
/// # Errors
/// A fault that names a product and both figures; the days then stay open.
pub(super) async fn check(app: &App, run: Run) -> Result<()> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    // It reads every loan.
    sqlx::query!("set local statement_timeout = '10min'").execute(op.db()).await?;
    let wrong = sqlx::query!(
        r#"with ledger as (
               select product_id, posting, sum(case when reversal then -amount_tiyn else amount_tiyn end) as tiyn
               from transfer where tenant_id = $1 and product_id is not null group by product_id, posting
           ), computed as (
               select s.product_id, sum(s.interest_in_totals_tiyn + a.interest) as interest,
                      sum(s.penalty_in_totals_tiyn + a.penalty) as penalty
               from standing s
               cross join lateral accrued_after_base(s, case when s.lives and s.place is not null
                                                             then $2::date else s.base end) a
               where s.tenant_id = $1 group by s.product_id
           ), loans as (
               select product_id, 'interest_accrued' as posting, interest as tiyn from computed
               union all
               select product_id, 'penalty_accrued', penalty from computed
           )
           select coalesce(g.product_id, l.product_id) as "product!", coalesce(g.posting, l.posting) as "posting!",
                  coalesce(g.tiyn, 0)::bigint as "ledger!", coalesce(l.tiyn, 0)::bigint as "loans!"
           from ledger g full join loans l on l.product_id = g.product_id and l.posting = g.posting
           where coalesce(g.tiyn, 0) <> coalesce(l.tiyn, 0) limit 1"#,
        tenant,
        run.to.to_sqlx() as _,
    )
    .fetch_optional(op.db())
    .await?;
    if let Some(wrong) = wrong {
        return Err(Fault::new(format_args!(
            "control total of {}: {} of product {} is {} tiyn in the ledger, {} by the loans; the day stays open",
            run.to, wrong.posting, wrong.product, wrong.ledger, wrong.loans
        ))
        .into());
    }
    let wrong = sqlx::query!(
        r#"with evidence as (
               select day, product_id, interest_tiyn + penalty_tiyn as tiyn from accrual_block
               where tenant_id = $1 and day between $2 and $3
               union all
               select day, product_id, interest_tiyn + penalty_tiyn from accrual_row
               where tenant_id = $1 and day between $2 and $3
               union all
               select on_date, product_id, case when reversal then amount_tiyn else -amount_tiyn end from transfer
               where tenant_id = $1 and product_id is not null and on_date between $2 and $3
           )
           select day as "day!", product_id as "product!", sum(tiyn)::bigint as "tiyn!"
           from evidence group by day, product_id having sum(tiyn) <> 0 limit 1"#,
        tenant,
        run.from.to_sqlx() as _,
        run.to.to_sqlx() as _,
    )
    .fetch_optional(op.db())
    .await?;
    wrong.map_or(Ok(()), |wrong| {
        let day = jiff::civil::Date::from(wrong.day);
        Err(Fault::new(format_args!(
            "evidence of {day}: product {} differs from the ledger by {} tiyn; the day stays open",
            wrong.product, wrong.tiyn
        ))
        .into())
    })
}
