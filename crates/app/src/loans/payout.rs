//! Sending the money of a signed agreement, once (Rules cl. [9.b](lending::law::CL_9_B); design promise 5).
//!
//! `planned` → (committed) `sent` → the bank is asked → `executed`, `rejected`, or `unknown` until the bank's
//! own answer about our id settles it. The database holds one payout a loan; the bank executes one id at most
//! once; and nothing is sent again unless the bank says that it never took it.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::{iban::Iban, ledger::postings, loan::Happening, money::Money};
use ports::{Answered, OrderStatus, PaymentOrder, Silence};
use serde_json::json;
use uuid::Uuid;

use super::{Loan, Row, append, bring_to, cancel, ledger, lock};
use crate::{
    App, audit,
    evidence::{self, Exhibit},
    id::Id,
    identity,
    jobs::Done,
    messages,
    op::{Context, System, missing},
    parties,
    refusal::{Fault, Result},
};

struct Payout {
    id: Uuid,
    iban: Iban,
    amount: Money,
    state: String,
    sent_at: Option<Timestamp>,
}

/// Only after so long is "never taken" believed: an order may still be on its way to the bank.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(2);

async fn load(op: &mut Context, loan: Id<Loan>) -> Result<Payout> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select id, iban, amount_tiyn, state, sent_at from payout where tenant_id = $1 and loan_id = $2 for update",
        tenant,
        loan.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("payout", loan.uuid()))?;
    Ok(Payout {
        id: r.id,
        iban: Iban::parse(&r.iban).map_err(|_| Fault::new("a stored account is not one"))?,
        amount: Money::from_tiyn(r.amount_tiyn),
        state: r.state,
        sent_at: r.sent_at.map(Into::into),
    })
}

/// A step of a payout: its new state, when it was sent or settled, and the bank's answer that led to it.
struct Step<'a> {
    state: &'a str,
    sent: bool,
    settled: bool,
    answer: Option<Uuid>,
}

async fn step(op: &mut Context, loan: Id<Loan>, step: Step<'_>) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now.to_sqlx());
    sqlx::query!(
        "update payout set state = $3, sent_at = case when $4 then $6 else sent_at end,
                           settled_at = case when $5 then $6 else settled_at end, evidence_id = coalesce($7, evidence_id)
         where tenant_id = $1 and loan_id = $2",
        tenant,
        loan.uuid(),
        step.state,
        step.sent,
        step.settled,
        now as _,
        step.answer,
    )
    .execute(op.db())
    .await?;
    audit::record(op, &format!("payout.{}", step.state), Some(loan.uuid()), &json!({ "answer": step.answer }))
        .await
}

async fn keep_answer(op: &mut Context, row: &Row, answer: &Answered<OrderStatus>) -> Result<Uuid> {
    let exhibit = Exhibit {
        kind: "answer:bank",
        subject: row.client.uuid(),
        object: Some(row.id.uuid()),
        media_type: answer.media_type,
        bytes: &answer.raw,
    };
    Ok(evidence::store(op, exhibit).await?.id)
}

/// Plans the payout of a loan, in the transaction that makes the loan.
pub(crate) async fn plan(op: &mut Context, loan: Id<Loan>, iban: &Iban, amount: Money) -> Result<()> {
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    sqlx::query!(
        "insert into payout (tenant_id, loan_id, id, iban, amount_tiyn, state, planned_at)
         values ($1, $2, $3, $4, $5, 'planned', $6)",
        tenant,
        loan.uuid(),
        id,
        iban.as_str(),
        amount.tiyn(),
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Takes the payout one step on.
pub(crate) async fn pay_out(app: &App, loan: Id<Loan>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let row = lock(&mut op, loan).await?;
    let payout = load(&mut op, loan).await?;
    let client = parties::party(&mut op, row.client.uuid()).await?;
    let on = op.today;
    match payout.state.as_str() {
        "planned" => {
            // After a change of the account nothing leaves until its client had time to say that it was not them.
            if let Some(until) = identity::payout_pause(&mut op, row.client.uuid()).await? {
                return Ok(Done::After(until.duration_since(op.now)));
            }
            step(&mut op, loan, Step { state: "sent", sent: true, settled: false, answer: None }).await?;
            ledger::post(&mut op, Some(loan), on, &[postings::disbursement_sent(payout.amount)]).await?;
            op.commit().await?;
        }
        "sent" | "unknown" => {
            drop(op);
            // An earlier try may or may not have reached the bank. Only the bank knows.
            match app.ports().bank.status(payout.id).await {
                Ok(answer) if answer.value == OrderStatus::NotFound => {
                    if !send_again(app, loan, &answer).await? {
                        return Ok(Done::Later);
                    }
                }
                Ok(answer) => return settle(app, loan, &answer).await,
                Err(silence) => return wait(app, loan, &silence, false).await,
            }
        }
        _ => return Ok(Done::Finished),
    }
    let order = PaymentOrder {
        id: payout.id,
        iban: &payout.iban,
        payee: &client.name(),
        identifier: client.identifier(),
        amount: payout.amount,
        agreement: &row.number,
        on,
    };
    match app.ports().bank.pay(order).await {
        Ok(answer) => settle(app, loan, &answer).await,
        Err(silence @ Silence::NotReached { .. }) => wait(app, loan, &silence, true).await,
        Err(silence) => wait(app, loan, &silence, false).await,
    }
}

/// The bank says that it never took the order. Believed, kept as evidence and acted on only when the order
/// cannot be on its way any more.
async fn send_again(app: &App, loan: Id<Loan>, answer: &Answered<OrderStatus>) -> Result<bool> {
    let mut op = app.begin(System).await?;
    let row = lock(&mut op, loan).await?;
    let payout = load(&mut op, loan).await?;
    let settled = matches!(payout.state.as_str(), "executed" | "rejected");
    if settled || payout.sent_at.is_none_or(|sent| op.now < sent + ON_ITS_WAY) {
        return Ok(false);
    }
    let answer = keep_answer(&mut op, &row, answer).await?;
    step(&mut op, loan, Step { state: "sent", sent: true, settled: false, answer: Some(answer) }).await?;
    op.commit().await?;
    Ok(true)
}

async fn wait(app: &App, loan: Id<Loan>, silence: &Silence, never_sent: bool) -> Result<Done> {
    tracing::warn!(%loan, %silence, "a payout waits");
    let mut op = app.begin(System).await?;
    lock(&mut op, loan).await?;
    let payout = load(&mut op, loan).await?;
    if payout.state == "sent" {
        let state = if never_sent { "planned" } else { "unknown" };
        step(&mut op, loan, Step { state, sent: false, settled: false, answer: None }).await?;
        if never_sent {
            let (today, back) = (op.today, postings::disbursement_sent(payout.amount).reversed());
            ledger::post(&mut op, Some(loan), today, &[back]).await?;
        }
    }
    op.commit().await?;
    Ok(Done::Later)
}

async fn settle(app: &App, loan: Id<Loan>, answer: &Answered<OrderStatus>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let mut row = lock(&mut op, loan).await?;
    let payout = load(&mut op, loan).await?;
    let executed = matches!(answer.value, OrderStatus::Executed { .. });
    let kept = keep_answer(&mut op, &row, answer).await?;
    match payout.state.as_str() {
        "executed" => return Ok(Done::Finished),
        "rejected" if executed => {
            // The bank contradicts itself about money. What it said is kept; a person must look.
            audit::record(&mut op, "payout.contradicted", Some(loan.uuid()), &json!({ "answer": kept }))
                .await?;
            op.commit().await?;
            return Err(Fault::new(format_args!("payout of {loan}: rejected, and then executed")).into());
        }
        "rejected" => return Ok(Done::Finished),
        "planned" => {
            let today = op.today;
            ledger::post(&mut op, Some(loan), today, &[postings::disbursement_sent(payout.amount)]).await?;
        }
        _ => {}
    }
    let client = parties::party(&mut op, row.client.uuid()).await?;
    let today = op.today;
    let done = match &answer.value {
        OrderStatus::Executed { on } => {
            step(&mut op, loan, Step { state: "executed", sent: false, settled: true, answer: Some(kept) })
                .await?;
            // Interest never runs before the money could be used, nor from before the agreement.
            let on = (*on).clamp(row.terms.schedule.disbursed_on.min(today), today);
            append(&mut op, &mut row, on, Happening::Disbursed { amount: payout.amount }).await?;
            bring_to(&mut op, &row, today).await?;
            let amount = texts::format::money(client.lang(), payout.amount.tiyn());
            let text = texts::messages::paid_out(client.lang(), &amount, &row.number);
            messages::notice(&mut op, &client.address(), text).await?;
            Done::Finished
        }
        OrderStatus::Rejected { .. } => {
            step(&mut op, loan, Step { state: "rejected", sent: false, settled: true, answer: Some(kept) })
                .await?;
            ledger::post(&mut op, Some(loan), today, &[postings::disbursement_rejected(payout.amount)])
                .await?;
            cancel(&mut op, &row).await?;
            let text = texts::messages::payout_rejected(client.lang(), &row.number);
            messages::notice(&mut op, &client.address(), text).await?;
            Done::Finished
        }
        OrderStatus::Pending | OrderStatus::NotFound => {
            step(&mut op, loan, Step { state: "unknown", sent: false, settled: false, answer: Some(kept) })
                .await?;
            Done::Later
        }
    };
    op.commit().await?;
    Ok(done)
}
