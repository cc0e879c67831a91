//! Sending the money of a signed agreement, once (Rules cl. [9.b](lending::law::CL_9_B); design promise 5).
//!
//! `planned` → (committed) `sent` → the bank is asked → `executed`, `rejected`, or `unknown` until the bank's
//! own answer about our id settles it. The database holds one payout a loan; the bank executes one id at most
//! once; and nothing is sent again unless the bank says that it never took it.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{iban::Iban, ledger::postings, loan::Happening, money::Money};
use ports::{Answered, OrderStatus, PaymentOrder, Silence};
use serde_json::json;
use uuid::Uuid;

use super::{Loan, append, bring_to, cancel, ledger, lock};
use crate::{
    App, audit,
    evidence::{self, Exhibit},
    id::Id,
    identity,
    jobs::Done,
    messages,
    op::{Context, System, missing},
    refusal::{Fault, Result},
};

struct Payout {
    id: Uuid,
    iban: Iban,
    amount: Money,
    state: String,
}

async fn load(op: &mut Context, loan: Id<Loan>) -> Result<Payout> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select id, iban, amount_tiyn, state from payout where tenant_id = $1 and loan_id = $2 for update",
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
    })
}

async fn set_state(
    op: &mut Context,
    loan: Id<Loan>,
    state: &str,
    sent: Option<Timestamp>,
    settled: Option<(Timestamp, Uuid)>,
) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update payout set state = $3, sent_at = coalesce($4, sent_at), settled_at = coalesce($5, settled_at),
                           evidence_id = coalesce($6, evidence_id)
         where tenant_id = $1 and loan_id = $2",
        tenant,
        loan.uuid(),
        state,
        sent.map(ToSqlx::to_sqlx) as _,
        settled.map(|(t, _)| t.to_sqlx()) as _,
        settled.map(|(_, evidence)| evidence),
    )
    .execute(op.db())
    .await?;
    audit::record(
        op,
        &format!("payout.{state}"),
        Some(loan.uuid()),
        &json!({ "evidence": settled.map(|s| s.1) }),
    )
    .await
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
    let client = identity::profile(&mut op, row.client.uuid()).await?;
    let on = op.today;
    match payout.state.as_str() {
        "planned" => {
            let now = op.now;
            set_state(&mut op, loan, "sent", Some(now), None).await?;
            ledger::post(&mut op, Some(loan), on, &[postings::disbursement_sent(payout.amount)]).await?;
            op.commit().await?;
        }
        "sent" | "unknown" => {
            drop(op);
            // An earlier try may or may not have reached the bank. Only the bank knows.
            match app.ports().bank.status(payout.id).await {
                Ok(Answered { value: OrderStatus::NotFound, .. }) => {}
                Ok(answer) => return settle(app, loan, &answer).await,
                Err(silence) => return wait(app, loan, &silence, false).await,
            }
        }
        _ => return Ok(Done::Finished),
    }
    let order = PaymentOrder {
        id: payout.id,
        iban: &payout.iban,
        payee: &client.names,
        iin: &client.iin,
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

async fn wait(app: &App, loan: Id<Loan>, silence: &Silence, never_sent: bool) -> Result<Done> {
    tracing::warn!(%loan, %silence, "a payout waits");
    let mut op = app.begin(System).await?;
    let payout = load(&mut op, loan).await?;
    if payout.state == "sent" {
        if never_sent {
            set_state(&mut op, loan, "planned", None, None).await?;
            let today = op.today;
            let back = postings::disbursement_sent(payout.amount).reversed();
            ledger::post(&mut op, Some(loan), today, &[back]).await?;
        } else {
            set_state(&mut op, loan, "unknown", None, None).await?;
        }
    }
    op.commit().await?;
    Ok(Done::Later)
}

async fn settle(app: &App, loan: Id<Loan>, answer: &Answered<OrderStatus>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let mut row = lock(&mut op, loan).await?;
    let payout = load(&mut op, loan).await?;
    if matches!(payout.state.as_str(), "executed" | "rejected") {
        return Ok(Done::Finished);
    }
    let exhibit = Exhibit {
        kind: "answer:bank",
        subject: row.client.uuid(),
        object: Some(loan.uuid()),
        media_type: answer.media_type,
        bytes: &answer.raw,
    };
    let evidence = evidence::store(&mut op, exhibit).await?.id;
    let now = op.now;
    let profile = identity::profile(&mut op, row.client.uuid()).await?;
    let done = match &answer.value {
        OrderStatus::Executed { on } => {
            set_state(&mut op, loan, "executed", None, Some((now, evidence))).await?;
            let on = value_date(*on, op.today);
            append(&mut op, &mut row, on, Happening::Disbursed { amount: payout.amount }).await?;
            let today = op.today;
            bring_to(&mut op, &row, today).await?;
            let amount = texts::format::money(profile.lang, payout.amount.tiyn());
            let text = texts::messages::paid_out(profile.lang, &amount, &row.number);
            messages::notice(&mut op, &profile.address(), text).await?;
            Done::Finished
        }
        OrderStatus::Rejected { .. } => {
            set_state(&mut op, loan, "rejected", None, Some((now, evidence))).await?;
            let today = op.today;
            ledger::post(&mut op, Some(loan), today, &[postings::disbursement_rejected(payout.amount)])
                .await?;
            cancel(&mut op, &row).await?;
            let text = texts::messages::payout_rejected(profile.lang, &row.number);
            messages::notice(&mut op, &profile.address(), text).await?;
            Done::Finished
        }
        OrderStatus::Pending | OrderStatus::NotFound => {
            set_state(&mut op, loan, "unknown", None, None).await?;
            Done::Later
        }
    };
    op.commit().await?;
    Ok(done)
}

/// The bank's value date, unless it lies in the future: interest never runs before the money could be used,
/// and a day that is not here yet cannot be posted to.
fn value_date(on: Date, today: Date) -> Date {
    on.min(today)
}
