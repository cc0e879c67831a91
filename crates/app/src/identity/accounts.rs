//! Where a client's money goes (Rules cl. [6.f](lending::law::CL_6_F), [8.7](lending::law::CL_8_7)).
//!
//! The first account is the one of the first agreement that was signed. Another one is set by a confirmed change only, and
//! no money goes out before a pause after the last change has passed, in which a client who did not ask for it can say so.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::iban::Iban;
use uuid::Uuid;

use crate::{
    op::Context,
    refusal::{Fault, Result},
};

/// An account and since when money goes to it.
pub struct Account {
    /// The account.
    pub iban: Iban,
    /// Before that instant nothing is paid out to it.
    pub payouts_from: Timestamp,
}

/// The client's account now, if one is known.
pub async fn current(op: &mut Context, client: Uuid) -> Result<Option<Account>> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select iban, payouts_from from account where tenant_id = $1 and client_id = $2
         order by created_at desc, id desc limit 1",
        tenant,
        client
    )
    .fetch_optional(op.db())
    .await?;
    row.map(|r| {
        let iban = Iban::parse(&r.iban).map_err(|_| Fault::new("a stored account is not one"))?;
        Ok(Account { iban, payouts_from: r.payouts_from.into() })
    })
    .transpose()
}

/// Until when no money of the client's leaves: the longest pause of any account they ever set. Whoever changes the account
/// once more, or back, while a payout waits, shortens nothing.
pub(crate) async fn pause(op: &mut Context, client: Uuid) -> Result<Option<Timestamp>> {
    let (tenant, now) = (op.tenant, op.now_sql());
    let until = sqlx::query_scalar!(
        r#"select max(payouts_from) as "until: jiff_sqlx::Timestamp" from account
           where tenant_id = $1 and client_id = $2 and payouts_from > $3"#,
        tenant,
        client,
        now as _,
    )
    .fetch_one(op.db())
    .await?;
    Ok(until.map(Into::into))
}

/// Sets the account; gives the instant from which money goes to it: now for the first, after the pause for another.
pub(crate) async fn set(op: &mut Context, client: Uuid, iban: &Iban, pause_hours: u16) -> Result<Timestamp> {
    let held = current(op, client).await?;
    let pause = match held {
        Some(held) if held.iban == *iban => return Ok(held.payouts_from),
        Some(_) => SignedDuration::from_hours(i64::from(pause_hours)),
        None => SignedDuration::ZERO,
    };
    let (tenant, id, now) = (op.tenant, op.id(), op.now);
    let from = now + pause;
    sqlx::query!(
        "insert into account (tenant_id, id, client_id, iban, payouts_from, created_at) values ($1, $2, $3, $4, $5, $6)",
        tenant,
        id,
        client,
        iban.as_str(),
        from.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    Ok(from)
}
