//! The audit trail: who did what to what, written by the same transaction as its cause (Rules cl.
//! [32](lending::law::CL_32)).
//!
//! Payloads are JSON without personal data: ids, codes, amounts and hashes. They are stored as the exact
//! bytes, because it is bytes that get sealed and verified.

use serde::Serialize;
use uuid::Uuid;

use crate::{op::Context, refusal::Result};

/// Records `action` on `object`.
pub async fn record<T: Serialize>(
    op: &mut Context,
    action: &str,
    object: Option<Uuid>,
    payload: &T,
) -> Result<()> {
    let payload = serde_json::to_vec(payload)?;
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    let (actor_kind, actor_id, channel, authority) =
        (op.actor_kind, op.actor_id, op.channel.code(), op.authority);
    sqlx::query!(
        "insert into audit_event (tenant_id, id, at, actor_kind, actor_id, channel, action, object_id, payload,
                                  authority_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        now as _,
        actor_kind,
        actor_id,
        channel,
        action,
        object,
        payload,
        authority,
    )
    .execute(op.db())
    .await?;
    Ok(())
}
