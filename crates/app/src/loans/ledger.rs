//! The general ledger: transfers in, sums out. Nothing here changes or removes a transfer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use lending::{
    ledger::{Account, Transfer, Turnover},
    money::Money,
};
use uuid::Uuid;

use super::Loan;
use crate::{
    id::Id,
    op::Context,
    refusal::{Fault, Result},
};

/// Posts transfers, in the transaction of what caused them.
pub(crate) async fn post(
    op: &mut Context,
    loan: Option<Id<Loan>>,
    on: Date,
    transfers: &[Transfer],
) -> Result<()> {
    if transfers.is_empty() {
        return Ok(());
    }
    refuse_closed(op, on).await?;
    let ids: Vec<Uuid> = transfers.iter().map(|_| op.id()).collect();
    let debits: Vec<String> = transfers.iter().map(|t| t.debit.code().to_owned()).collect();
    let credits: Vec<String> = transfers.iter().map(|t| t.credit.code().to_owned()).collect();
    let amounts: Vec<i64> = transfers.iter().map(|t| t.amount.tiyn()).collect();
    let postings: Vec<String> = transfers.iter().map(|t| t.posting.to_owned()).collect();
    let reversals: Vec<bool> = transfers.iter().map(|t| t.reversal).collect();
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id,
                               recorded_at)
         select $1, t.id, $2, t.debit, t.credit, t.amount, t.posting, t.reversal, $3, $4
         from unnest($5::uuid[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bool[])
              as t(id, debit, credit, amount, posting, reversal)",
        tenant,
        on.to_sqlx() as _,
        loan.map(Id::uuid),
        now as _,
        &ids,
        &debits,
        &credits,
        &amounts,
        &postings,
        &reversals,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// A day that is closed takes no more; one that is being closed is waited for.
async fn refuse_closed(op: &mut Context, on: Date) -> Result<()> {
    let tenant = op.tenant;
    let closed = sqlx::query_scalar!(
        r#"select closed_at is not null as "closed!" from business_day where tenant_id = $1 and day = $2 for share"#,
        tenant,
        on.to_sqlx() as _,
    )
    .fetch_optional(op.db())
    .await?;
    if closed == Some(true) {
        return Err(Fault::new(format_args!("{on} is closed; nothing can be posted to it")).into());
    }
    Ok(())
}

/// The oldest day that is open, if the calendar has begun.
pub(crate) async fn open_from(op: &mut Context) -> Result<Option<Date>> {
    let tenant = op.tenant;
    let day = sqlx::query_scalar!(
        "select day from business_day where tenant_id = $1 and closed_at is null order by day limit 1",
        tenant
    )
    .fetch_optional(op.db())
    .await?;
    Ok(day.map(Into::into))
}

/// What has been posted for a loan, by posting.
pub(crate) async fn posted(op: &mut Context, loan: Id<Loan>) -> Result<Turnover> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select posting, sum(case when reversal then -amount_tiyn else amount_tiyn end)::bigint as "amount!"
           from transfer where tenant_id = $1 and loan_id = $2 group by posting"#,
        tenant,
        loan.uuid(),
    )
    .fetch_all(op.db())
    .await?;
    let mut turnover = Turnover::default();
    for row in rows {
        // Money sent, received and returned are the organization's movements, not figures of the fold.
        let _ = turnover.add(&row.posting, Money::from_tiyn(row.amount));
    }
    Ok(turnover)
}

/// The trial balance: debits less credits by account, over everything ever posted.
pub async fn trial_balance(op: &mut Context) -> Result<BTreeMap<Account, Money>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select account as "account!", sum(amount)::bigint as "amount!" from (
             select debit as account, amount_tiyn as amount from transfer where tenant_id = $1
             union all
             select credit, -amount_tiyn from transfer where tenant_id = $1
           ) as both_sides group by account"#,
        tenant,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            let account = Account::by_code(&r.account)
                .ok_or_else(|| Fault::new(format_args!("unknown account {}", r.account)))?;
            Ok((account, Money::from_tiyn(r.amount)))
        })
        .collect()
}
