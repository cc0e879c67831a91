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
    jobs::{self, Work},
    loans::{self, Loan},
    messages,
    op::{Context, System},
    parties,
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

/// Reads the statements that may hold something new, oldest first: of today, and of every day since the calendar
/// began whose statement was not read after its end, because a notification may have been lost.
pub async fn read_statements(app: &App) -> Result<()> {
    let mut op = app.begin(System).await?;
    let (tenant, today) = (op.tenant, op.today);
    let mut days: Vec<Date> = sqlx::query_scalar!(
        "select day from business_day where tenant_id = $1 and not statement_read and day < $2 order by day limit 60",
        tenant,
        today.to_sqlx() as _
    )
    .fetch_all(op.db())
    .await?
    .into_iter()
    .map(Into::into)
    .collect();
    drop(op);
    days.push(today);
    for day in days {
        read_statement(app, day).await?;
        if day < today {
            let mut op = app.begin(System).await?;
            sqlx::query!(
                "update business_day set statement_read = true where tenant_id = $1 and day = $2",
                tenant,
                day.to_sqlx() as _
            )
            .execute(op.db())
            .await?;
            op.commit().await?;
        }
    }
    Ok(())
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

/// Takes in what is new among receipts: the document once as evidence, then one transaction a receipt, so that
/// one that fails holds up no other.
async fn receive(app: &App, receipts: &[Receipt], media_type: &str, raw: &[u8]) -> Result<()> {
    let mut op = app.begin(System).await?;
    let mut new = Vec::new();
    for receipt in receipts {
        if !known(&mut op, &receipt.reference).await? {
            new.push(receipt);
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let exhibit = Exhibit { kind: "receipts", subject: Uuid::nil(), object: None, media_type, bytes: raw };
    let document = evidence::store(&mut op, exhibit).await?.id;
    op.commit().await?;
    let mut failed = None;
    for receipt in new {
        if let Err(no) = receive_one(app, receipt, document).await {
            tracing::error!(?no, reference = receipt.reference, "a receipt could not be taken in");
            failed = Some(no);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn receive_one(app: &App, receipt: &Receipt, document: Uuid) -> Result<()> {
    let mut op = app.begin(System).await?;
    let (tenant, id, now, today) = (op.tenant, op.id(), op.now_sql(), op.today);
    let on = receipt.on.min(today);
    let paid = Happening::Repaid { id, amount: receipt.amount };
    let (mut row, mut why) = (None, None);
    if let Some(found) = find(&mut op, &receipt.text).await? {
        // The loan's row first: every writer takes the same locks in the same order.
        let locked = loans::lock(&mut op, found).await?;
        why = loans::refuses(&mut op, &locked, on, paid.clone()).await?;
        // Money that the loan cannot take (paid before it was given, say) is still money: it waits for a person.
        row = why.is_none().then_some(locked);
    }
    let loan = row.as_ref().map(|row| row.id);
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
        document,
        now as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Ok(()); // The same notification, twice at once: the other one has it.
    }
    let about = json!({ "reference": receipt.reference, "amount_tiyn": receipt.amount, "on": on.to_string(),
        "loan": loan, "refused": why.map(|error| error.to_string()) });
    audit::record(&mut op, "receipt.taken", Some(id), &about).await?;
    loans::ledger::post(&mut op, loan, today, &[postings::repayment_received(receipt.amount)]).await?;
    if let Some(mut row) = row {
        loans::append(&mut op, &mut row, on, paid).await?;
        let folded = loans::bring_to(&mut op, &row, today).await?;
        let client = parties::party(&mut op, row.client.uuid()).await?;
        let amount = texts::format::money(client.lang(), receipt.amount.tiyn());
        let debt = texts::format::money(client.lang(), folded.debt.total().tiyn());
        let text = texts::messages::repaid(client.lang(), &amount, &debt, &row.number);
        messages::notice(&mut op, &client.address(), text).await?;
        if folded.status == Status::Closed {
            jobs::enqueue(&mut op, &Work::GiveClosingNotice(row.id)).await?;
        }
    }
    op.commit().await
}

/// The bank takes a payment back: from its value date on it counts for nothing, and today's books get the difference.
/// `false`: no loan has such a payment (any more).
pub async fn take_back(app: &App, reference: &str) -> Result<bool> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    let receipt = sqlx::query!(
        r#"select id, loan_id as "loan_id!", amount_tiyn from receipt
           where tenant_id = $1 and reference = $2 and loan_id is not null"#,
        tenant,
        reference
    )
    .fetch_optional(op.db())
    .await?;
    let Some(receipt) = receipt else { return Ok(false) };
    let (today, taken_back) = (op.today, Happening::RepaymentReversed { id: receipt.id });
    let mut row = loans::lock(&mut op, receipt.loan_id.into()).await?;
    if loans::refuses(&mut op, &row, today, taken_back.clone()).await?.is_some() {
        return Ok(false);
    }
    let amount = Money::from_tiyn(receipt.amount_tiyn);
    loans::ledger::post(&mut op, Some(row.id), today, &[postings::repayment_taken_back(amount)]).await?;
    loans::append(&mut op, &mut row, today, taken_back).await?;
    loans::bring_to(&mut op, &row, today).await?;
    op.commit().await?;
    Ok(true)
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
