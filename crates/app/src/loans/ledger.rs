//! The general ledger: transfers in, sums out. Nothing here changes or removes a transfer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use lending::{
    ledger::{Account, Transfer, Turnover},
    money::Money,
};
use uuid::Uuid;

use super::{Loan, standing};
use crate::{
    id::Id,
    op::Context,
    refusal::{Fault, Result},
};

/// A transfer to be posted.
pub(crate) struct Posting {
    pub(crate) on: Date,
    /// The loan that caused it.
    pub(crate) loan: Option<Uuid>,
    /// The product whose loans caused it together.
    pub(crate) product: Option<Uuid>,
    pub(crate) transfer: Transfer,
}

/// Posts transfers of one day and, if it caused them, one loan, in the transaction of what caused them.
pub(crate) async fn post(
    op: &mut Context,
    loan: Option<Id<Loan>>,
    on: Date,
    transfers: &[Transfer],
) -> Result<()> {
    let loan = loan.map(Id::uuid);
    let posting = |transfer: &Transfer| Posting { on, loan, product: None, transfer: *transfer };
    post_all(op, &transfers.iter().map(posting).collect::<Vec<_>>()).await
}

/// Posts many transfers at once.
pub(crate) async fn post_all(op: &mut Context, postings: &[Posting]) -> Result<()> {
    let days: BTreeSet<Date> = postings.iter().map(|posting| posting.on).collect();
    for day in days {
        refuse_closed(op, day).await?;
    }
    if postings.is_empty() {
        return Ok(());
    }
    let transfers = || postings.iter().map(|posting| &posting.transfer);
    let ids: Vec<Uuid> = postings.iter().map(|_| op.id()).collect();
    let days: Vec<i32> = postings.iter().map(|posting| standing::day_number(posting.on)).collect();
    let loans: Vec<Option<Uuid>> = postings.iter().map(|posting| posting.loan).collect();
    let products: Vec<Option<Uuid>> = postings.iter().map(|posting| posting.product).collect();
    let debits: Vec<String> = transfers().map(|t| t.debit.code().to_owned()).collect();
    let credits: Vec<String> = transfers().map(|t| t.credit.code().to_owned()).collect();
    let amounts: Vec<i64> = transfers().map(|t| t.amount.tiyn()).collect();
    let names: Vec<String> = transfers().map(|t| t.posting.to_owned()).collect();
    let reversals: Vec<bool> = transfers().map(|t| t.reversal).collect();
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id, product_id,
                               recorded_at)
         select $1, t.id, date '2000-01-01' + t.day, t.debit, t.credit, t.amount, t.posting, t.reversal, t.loan, t.product, $2
         from unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bool[], $10::uuid[],
                     $11::uuid[])
              as t(id, day, debit, credit, amount, posting, reversal, loan, product)",
        tenant,
        now as _,
        &ids,
        &days,
        &debits,
        &credits,
        &amounts,
        &names,
        &reversals,
        &loans as &[Option<Uuid>],
        &products as &[Option<Uuid>],
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

/// What has been posted in a loan's own name, by posting; what totals hold of it is in its standing.
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
