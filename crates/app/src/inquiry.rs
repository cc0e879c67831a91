//! Outside questions that change nothing outside: asked once for their object, answered as evidence.
//!
//! The question is recorded before it is put, the answer before it has any effect. A question without an
//! answer stays `unknown` and may be put again under the same id, because asking changes nothing; orders of
//! money are another matter and live in [`loans::payout`](crate::loans::payout).

use ports::{Answered, Silence};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    App, evidence,
    evidence::Exhibit,
    op::System,
    refusal::{Result, refusals},
};

refusals! {
    /// Nobody answers.
    Outside {
        /// The outside service did not answer; nothing has changed.
        Unavailable = "outside-unavailable" Unavailable,
    }
}

/// What is asked, of whom, about what.
pub struct Inquiry {
    /// The port, for example `idec`.
    pub port: &'static str,
    /// Whom it is about.
    pub subject: Uuid,
    /// What it is for; a port is asked once for an object.
    pub object: Uuid,
}

/// Asks, and records the answer. `meaning` is what we will remember of it beside the original bytes.
pub async fn ask<T, M, F>(
    app: &App,
    inquiry: &Inquiry,
    question: impl FnOnce(Uuid) -> F,
    meaning: impl FnOnce(&T) -> M,
) -> Result<(M, Uuid)>
where
    F: Future<Output = Result<Answered<T>, Silence>>,
    M: Serialize + DeserializeOwned,
{
    let id = match record(app, inquiry).await? {
        Asked::Answered(meaning, evidence) => return Ok((serde_json::from_value(meaning)?, evidence)),
        Asked::Open(id) => id,
    };
    let answer = match question(id).await {
        Ok(answer) => answer,
        Err(silence) => {
            tracing::warn!(port = inquiry.port, %silence, "no answer");
            if matches!(silence, Silence::Unknown { .. }) {
                set_unknown(app, id).await?;
            }
            return Err(Outside::Unavailable.into());
        }
    };
    let meaning = meaning(&answer.value);
    let mut op = app.begin(System).await?;
    let stored = evidence::store(
        &mut op,
        Exhibit {
            kind: &format!("answer:{}", inquiry.port),
            subject: inquiry.subject,
            object: Some(inquiry.object),
            media_type: answer.media_type,
            bytes: &answer.raw,
        },
    )
    .await?;
    let (tenant, now) = (op.tenant, op.now_sql());
    let recorded = sqlx::query!(
        "update inquiry set state = 'answered', answered_at = $3, evidence_id = $4, meaning = $5
         where tenant_id = $1 and id = $2 and state <> 'answered'",
        tenant,
        id,
        now as _,
        stored.id,
        serde_json::to_value(&meaning)?,
    )
    .execute(op.db())
    .await?;
    if recorded.rows_affected() == 0 {
        drop(op); // Asked twice at once: the answer that came first is the one there is.
        return match record(app, inquiry).await? {
            Asked::Answered(meaning, evidence) => Ok((serde_json::from_value(meaning)?, evidence)),
            Asked::Open(_) => Err(Outside::Unavailable.into()),
        };
    }
    op.commit().await?;
    Ok((meaning, stored.id))
}

enum Asked {
    Open(Uuid),
    Answered(serde_json::Value, Uuid),
}

async fn record(app: &App, inquiry: &Inquiry) -> Result<Asked> {
    let mut op = app.begin(System).await?;
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    sqlx::query!(
        "insert into inquiry (tenant_id, id, port, object_id, state, asked_at)
         values ($1, $2, $3, $4, 'sent', $5)
         on conflict (tenant_id, port, object_id) do nothing",
        tenant,
        id,
        inquiry.port,
        inquiry.object,
        now as _,
    )
    .execute(op.db())
    .await?;
    let row = sqlx::query!(
        "select id, evidence_id, meaning from inquiry where tenant_id = $1 and port = $2 and object_id = $3",
        tenant,
        inquiry.port,
        inquiry.object,
    )
    .fetch_one(op.db())
    .await?;
    op.commit().await?;
    Ok(match (row.meaning, row.evidence_id) {
        (Some(meaning), Some(evidence)) => Asked::Answered(meaning, evidence),
        _ => Asked::Open(row.id),
    })
}

async fn set_unknown(app: &App, id: Uuid) -> Result<()> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    sqlx::query!(
        "update inquiry set state = 'unknown' where tenant_id = $1 and id = $2 and state <> 'answered'",
        tenant,
        id
    )
    .execute(op.db())
    .await?;
    op.commit().await
}
