//! Money that comes in: from the bank's statement or its notification, each receipt once.
//!
//! A receipt is matched to a loan by the agreement's number in its text. What cannot be matched is kept as
//! unidentified money, in the ledger and on the list for people; nothing is guessed.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use lending::{
    ledger::postings,
    loan::{Happening, Status},
    money::Money,
};
use ports::Receipt;
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, applications, audit,
    evidence::{self, Exhibit},
    id::Id,
    identity,
    jobs::{self, Work},
    loans::{self, Loan},
    messages,
    op::{Context, Op, System},
    refusal::{Result, refusals},
};

refusals! {
    /// Payments.
    PaymentRefusal {
        /// The notification is not from the bank, or cannot be read.
        NotFromBank = "notification-not-from-bank" Forbidden,
    }
}

/// Takes a notification from the bank in. `signature` is the value of its signature header.
pub async fn notified(app: &App, body: &[u8], signature: &str) -> Result<()> {
    let Some(receipts) = app.ports().bank.notification(body, signature) else {
        return Err(PaymentRefusal::NotFromBank.into());
    };
    receive(app, &receipts, "application/xml", body).await
}

/// Reads the statement of `on` and takes in what is new.
pub async fn read_statement(app: &App, on: Date) -> Result<()> {
    match app.ports().bank.statement(on).await {
        Ok(answer) => receive(app, &answer.value, answer.media_type, &answer.raw).await,
        Err(silence) => {
            tracing::warn!(%silence, "no statement");
            Err(crate::inquiry::Outside::Unavailable.into())
        }
    }
}

/// Takes receipts in, one transaction each, so that one that fails holds up no other.
async fn receive(app: &App, receipts: &[Receipt], media_type: &str, raw: &[u8]) -> Result<()> {
    let mut failed = None;
    for receipt in receipts {
        if let Err(no) = receive_one(app, receipt, media_type, raw).await {
            tracing::error!(?no, "a receipt could not be taken in");
            failed = Some(no);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn receive_one(app: &App, receipt: &Receipt, media_type: &str, raw: &[u8]) -> Result<()> {
    let mut op = app.begin(System).await?;
    if known(&mut op, &receipt.reference).await? {
        return Ok(());
    }
    let loan = find(&mut op, &receipt.text).await?;
    // The loan's row first: every writer takes the same locks in the same order.
    let row = match loan {
        Some(id) => Some(loans::lock(&mut op, id).await?),
        None => None,
    };
    let subject = row.as_ref().map_or(Uuid::nil(), |r| r.client.uuid());
    let exhibit = Exhibit { kind: "receipt", subject, object: loan.map(Id::uuid), media_type, bytes: raw };
    let stored = evidence::store(&mut op, exhibit).await?;
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    let on = receipt.on.min(op.today);
    let made = sqlx::query!(
        "insert into receipt (tenant_id, reference, id, value_date, amount_tiyn, text, loan_id, evidence_id, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        tenant,
        receipt.reference,
        id,
        on.to_sqlx() as _,
        receipt.amount.tiyn(),
        receipt.text.chars().take(500).collect::<String>(),
        loan.map(Id::uuid),
        stored.id,
        now as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Ok(()); // The same notification, twice at once: the other one has it.
    }
    let about =
        json!({ "reference": receipt.reference, "amount_tiyn": receipt.amount, "on": on.to_string() });
    audit::record(&mut op, "receipt.taken", loan.map(Id::uuid), &about).await?;
    let today = op.today;
    loans::ledger::post(&mut op, loan, today, &[postings::repayment_received(receipt.amount)]).await?;
    if let Some(mut row) = row {
        loans::append(&mut op, &mut row, on, Happening::Repaid { id, amount: receipt.amount }).await?;
        let folded = loans::bring_to(&mut op, &row, today).await?;
        let profile = identity::profile(&mut op, row.client.uuid()).await?;
        let amount = texts::format::money(profile.lang, receipt.amount.tiyn());
        let debt = texts::format::money(profile.lang, folded.debt.total().tiyn());
        let text = texts::messages::repaid(profile.lang, &amount, &debt, &row.number);
        messages::notice(&mut op, &profile.address(), text).await?;
        if folded.status == Status::Closed {
            jobs::enqueue(&mut op, &Work::GiveClosingNotice(row.id)).await?;
        }
    }
    op.commit().await
}

async fn known(op: &mut Context, reference: &str) -> Result<bool> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select 1 as one from receipt where tenant_id = $1 and reference = $2",
        tenant,
        reference
    )
    .fetch_optional(op.db())
    .await?;
    Ok(row.is_some())
}

async fn find(op: &mut Context, text: &str) -> Result<Option<Id<Loan>>> {
    let tenant = op.tenant;
    let numbers: Vec<String> = applications::in_text(text).take(5).map(str::to_owned).collect();
    let ids = sqlx::query_scalar!(
        "select id from loan where tenant_id = $1 and number = any($2) and status <> 'cancelled' limit 2",
        tenant,
        &numbers
    )
    .fetch_all(op.db())
    .await?;
    // Two agreements in one text: a person decides.
    Ok(match ids.as_slice() {
        [one] => Some((*one).into()),
        _ => None,
    })
}

/// Money received that belongs to no known agreement.
#[allow(missing_docs)]
pub struct Unidentified {
    pub reference: String,
    pub on: Date,
    pub amount: Money,
}

/// Receipts that nobody was found for, newest first.
pub async fn unidentified(op: &mut Op<System>) -> Result<Vec<Unidentified>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select reference, value_date, amount_tiyn from receipt where tenant_id = $1 and loan_id is null
         order by recorded_at desc limit 200",
        tenant
    )
    .fetch_all(op.db())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Unidentified {
            reference: r.reference,
            on: r.value_date.into(),
            amount: Money::from_tiyn(r.amount_tiyn),
        })
        .collect())
}
