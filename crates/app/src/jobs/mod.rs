//! Work after the transaction that caused it: enqueued by it, done once it is real.
//!
//! A job is claimed by moving its time forward by a lease longer than any job takes, so a worker that dies leaves
//! it for another, and no two ever do it at once. What a job does
//! must therefore bear being done again; where it must not be (paying out), the work has its own discipline.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    App, amendments, applications, documents,
    id::Id,
    loans, messages,
    op::Context,
    refusal::{No, Result},
    vault::Sealed,
};

/// What can be left to be done.
#[derive(Serialize, Deserialize)]
pub enum Work {
    /// Send an SMS.
    SendSms(messages::SmsMessage),
    /// Send an e-mail.
    SendMail(messages::MailMessage),
    /// Ask about an applicant and decide.
    ConsiderApplication(Id<applications::Application>),
    /// Send the money of a signed agreement.
    PayOut(Id<loans::Loan>),
    /// Write the sheet of evidence of an agreement.
    GiveEvidenceSheet(Id<loans::Loan>),
    /// Write the sheet of evidence of an amendment.
    GiveAmendmentSheet(Id<amendments::Amendment>),
    /// Write the closing notice of a loan.
    GiveClosingNotice(Id<loans::Loan>),
    /// Tell the clients of loans that the closing of a day found overdue.
    TellOfDelays(Vec<Id<loans::Loan>>),
}

const PAY_OUT: &str = "pay-out";

impl Work {
    fn kind(&self) -> &'static str {
        match self {
            Self::SendSms(_) => "send-sms",
            Self::SendMail(_) => "send-mail",
            Self::ConsiderApplication(_) => "consider-application",
            Self::PayOut(_) => PAY_OUT,
            Self::GiveEvidenceSheet(_) => "give-evidence-sheet",
            Self::GiveAmendmentSheet(_) => "give-amendment-sheet",
            Self::GiveClosingNotice(_) => "give-closing-notice",
            Self::TellOfDelays(_) => "tell-of-delays",
        }
    }

    async fn perform(&self, app: &App, id: Uuid) -> Result<Done> {
        match self {
            Self::SendSms(message) => messages::send_sms(app, id, message).await,
            Self::SendMail(message) => messages::send_mail(app, id, message).await,
            Self::ConsiderApplication(application) => applications::consider(app, *application).await,
            Self::PayOut(loan) => loans::payout::pay_out(app, *loan).await,
            Self::GiveEvidenceSheet(loan) => documents::give_evidence_sheet(app, *loan).await,
            Self::GiveAmendmentSheet(amendment) => documents::give_amendment_sheet(app, *amendment).await,
            Self::GiveClosingNotice(loan) => documents::give_closing_notice(app, *loan).await,
            Self::TellOfDelays(loans) => loans::tell_of_delays(app, loans).await,
        }
    }
}

/// How a job went.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// For good.
    Finished,
    /// Not yet: try again later.
    Later,
    /// Not before so long: its time has not come.
    After(SignedDuration),
}

/// Tries before a job is put aside for a person to look at: with the pauses below, about 21 hours. Money is never
/// put aside: a payout is asked about until the bank has said what became of it.
const TRIES_MAX: i16 = 30;
/// Longer than any job: two outside calls of thirty seconds each, and what is around them.
const LEASE: SignedDuration = SignedDuration::from_secs(150);

/// Five seconds, doubled each time, up to an hour.
fn pause_after(attempts: i16) -> SignedDuration {
    SignedDuration::from_secs(5 << attempts.clamp(0, 10)).min(SignedDuration::from_hours(1))
}

/// Enqueues `work`, to be done once this operation is real.
pub async fn enqueue(op: &mut Context, work: &Work) -> Result<()> {
    let id = op.id();
    let app = op.app.clone();
    let sealed = app.vault().seal(app.chance(), "job", id, &serde_json::to_vec(work)?)?;
    let (tenant, now) = (op.tenant, op.security_now_sql());
    sqlx::query!(
        "insert into job (tenant_id, id, kind, key_version, nonce, sealed, run_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        tenant,
        id,
        work.kind(),
        sealed.key_version,
        sealed.nonce,
        sealed.bytes,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Does one due job. `false`: none was due.
pub async fn run_one(app: &App) -> Result<bool> {
    let now = app.clock().security_now();
    let Some(job) = sqlx::query!(
        "update job set attempts = least(attempts, 30000) + 1, run_at = $3
         where tenant_id = $1 and id = (
             select id from job where tenant_id = $1 and failed_at is null and run_at <= $2
             order by run_at, id limit 1 for update skip locked)
         returning id, kind, key_version, nonce, sealed, attempts",
        app.tenant(),
        now.to_sqlx() as _,
        (now + LEASE).to_sqlx() as _,
    )
    .fetch_optional(app.pool())
    .await?
    else {
        return Ok(false);
    };
    let sealed = Sealed { key_version: job.key_version, nonce: job.nonce, bytes: job.sealed };
    let done = match app.vault().open("job", job.id, &sealed) {
        Ok(body) => match serde_json::from_slice::<Work>(&body) {
            Ok(work) => perform(app.clone(), work, job.id).await,
            Err(error) => Err(error.into()),
        },
        Err(fault) => Err(No::Fault(fault)),
    };
    match done {
        Ok(Done::Finished) => {
            sqlx::query!("delete from job where tenant_id = $1 and id = $2", app.tenant(), job.id)
                .execute(app.pool())
                .await?;
        }
        Ok(Done::After(pause)) => {
            let at = (app.clock().security_now() + pause).to_sqlx();
            sqlx::query!(
                "update job set run_at = $3, attempts = 0 where tenant_id = $1 and id = $2",
                app.tenant(),
                job.id,
                at as _,
            )
            .execute(app.pool())
            .await?;
        }
        Ok(Done::Later) => postpone(app, job.id, &job.kind, job.attempts, "no answer yet").await?,
        Err(No::Refusal(refusal)) => postpone(app, job.id, &job.kind, job.attempts, refusal.code).await?,
        Err(No::Fault(fault)) => {
            tracing::error!(job = %job.id, kind = job.kind, ?fault, "a job failed");
            postpone(app, job.id, &job.kind, job.attempts, "fault").await?;
        }
    }
    Ok(true)
}

/// In a task of its own: a panic is this job's fault, and not the worker's end.
async fn perform(app: App, work: Work, id: Uuid) -> Result<Done> {
    tokio::spawn(async move { work.perform(&app, id).await }).await?
}

async fn postpone(app: &App, id: Uuid, kind: &str, attempts: i16, reason: &str) -> Result<()> {
    let tired = attempts >= TRIES_MAX;
    if tired {
        tracing::error!(job = %id, kind, attempts, reason, "a job needs a person's attention");
    }
    let failed = (tired && kind != PAY_OUT).then(|| app.clock().now().to_sqlx());
    let again = app.clock().security_now() + pause_after(attempts);
    sqlx::query!(
        "update job set last_error = $3, failed_at = $4, run_at = $5 where tenant_id = $1 and id = $2",
        app.tenant(),
        id,
        reason,
        failed as _,
        again.to_sqlx() as _,
    )
    .execute(app.pool())
    .await?;
    Ok(())
}

/// Does jobs as they fall due until `stop` is ready.
pub async fn work(app: App, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        let pause = match run_one(&app).await {
            Ok(true) => SignedDuration::ZERO,
            Ok(false) => SignedDuration::from_millis(150),
            Err(no) => {
                tracing::error!(?no, "jobs cannot be taken");
                SignedDuration::from_secs(2)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause.unsigned_abs()) => {}
            _ = stop.changed() => return,
        }
        if *stop.borrow() {
            return;
        }
    }
}
