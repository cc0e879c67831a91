//! What proves it: original bytes, hashed, sealed, never changed (design promise 4; Rules cl.
//! [11](lending::law::CL_11), [34](lending::law::CL_34)).

mod export;
mod gather;

pub use export::{Exported, export, export_own};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    op::{Context, missing},
    refusal::Result,
    vault::{Hash, Sealed, sha256},
};

/// Evidence that has been stored.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of the original bytes.
    pub sha256: Hash,
}

/// Something to be stored as evidence.
pub struct Exhibit<'a> {
    /// What it is, for example `answer:idec`, `consent:personal-data`, `agreement`.
    pub kind: &'a str,
    /// Whom it is about: a client or a registration.
    pub subject: Uuid,
    /// What it belongs to: an application, a loan.
    pub object: Option<Uuid>,
    /// Media type of the bytes.
    pub media_type: &'a str,
    /// The bytes exactly as they were.
    pub bytes: &'a [u8],
}

/// Stores it.
pub async fn store(op: &mut Context, exhibit: Exhibit<'_>) -> Result<Stored> {
    let id = op.id();
    let hash = sha256(exhibit.bytes);
    let app = op.app.clone();
    let sealed = app.vault().seal(app.chance(), "evidence", id, exhibit.bytes)?;
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "insert into evidence (tenant_id, id, kind, subject_id, object_id, media_type, sha256, size,
                               key_version, nonce, sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant,
        id,
        exhibit.kind,
        exhibit.subject,
        exhibit.object,
        exhibit.media_type,
        &hash,
        i32::try_from(exhibit.bytes.len()).unwrap_or(i32::MAX),
        sealed.key_version,
        sealed.nonce,
        sealed.bytes,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(Stored { id, sha256: hash })
}

/// Stores what the program itself witnessed (a password that agreed, a code that was typed) as JSON.
pub async fn witness<T: Serialize>(
    op: &mut Context,
    kind: &str,
    subject: Uuid,
    object: Option<Uuid>,
    what: &T,
) -> Result<Stored> {
    let bytes = serde_json::to_vec(what)?;
    store(op, Exhibit { kind, subject, object, media_type: "application/json", bytes: &bytes }).await
}

/// Original bytes and their media type. A value that was changed in the database is a fault, not an answer.
pub async fn read(op: &mut Context, id: Uuid) -> Result<(String, Vec<u8>)> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select media_type, sha256, key_version, nonce, sealed from evidence where tenant_id = $1 and id = $2",
        tenant,
        id
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("evidence", id))?;
    let sealed = Sealed { key_version: row.key_version, nonce: row.nonce, bytes: row.sealed };
    let bytes = op.app.vault().open("evidence", id, &sealed)?;
    if sha256(&bytes).as_slice() != row.sha256 {
        return Err(crate::refusal::Fault::new(format_args!("evidence {id} does not have its hash")).into());
    }
    Ok((row.media_type, bytes))
}
