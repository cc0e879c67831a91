//! Devices that a client or an employee has signed in from (Rules cl. [25.9](lending::law::CL_25_9), [29](lending::law::CL_29)).
//!
//! A device is known again by a secret that it was given with its first session; only the hash is kept. It opens nothing:
//! it tells their own phone from a stranger's, so that guesses are counted apart and a new device is told of.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    audit,
    op::{Context, Op},
    refusal::Result,
    sessions::{Client, Origin, Token},
    vault::{Hash, sha256},
};

/// Whose a device is.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    /// A client's.
    Client(Uuid),
    /// An employee's.
    Staff(Uuid),
}

/// Which device of theirs it is. Asked for everybody, known or not, with or without a secret: the same work.
pub(crate) async fn known(op: &mut Context, owner: Option<Uuid>, origin: &Origin) -> Result<Option<Uuid>> {
    let tenant = op.tenant;
    let (owner, key): (Uuid, Hash) = (owner.unwrap_or_default(), origin.device_key.unwrap_or_default());
    let row = sqlx::query!(
        "select id from device
         where tenant_id = $1 and coalesce(client_id, staff_id) = $2 and secret_sha256 = $3 and forgotten_at is null",
        tenant,
        owner,
        &key,
    )
    .fetch_optional(op.db())
    .await?;
    Ok(row.map(|r| r.id))
}

/// Remembers the device of a new session. `true`: it was seen for the first time, and its secret goes with the token.
pub(crate) async fn remember(
    op: &mut Context,
    owner: Owner,
    origin: &Origin,
    token: Token,
) -> Result<(Token, bool)> {
    let (client, staff) = match owner {
        Owner::Client(id) => (Some(id), None),
        Owner::Staff(id) => (None, Some(id)),
    };
    let name: String = origin.device.chars().take(200).collect();
    let (tenant, now) = (op.tenant, op.security_now_sql());
    if let Some(device) = known(op, client.or(staff), origin).await? {
        sqlx::query!(
            "update device set last_seen_at = $3, name = $4, address = $5 where tenant_id = $1 and id = $2",
            tenant,
            device,
            now as _,
            name,
            origin.address,
        )
        .execute(op.db())
        .await?;
        return Ok((token, false));
    }
    let mut secret = [0; 32];
    op.app.chance().fill(&mut secret);
    let id = op.id();
    sqlx::query!(
        "insert into device (tenant_id, id, client_id, secret_sha256, name, address, first_seen_at, last_seen_at, staff_id)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        tenant,
        id,
        client,
        &sha256(&secret),
        name,
        origin.address,
        now as _,
        staff,
    )
    .execute(op.db())
    .await?;
    Ok((token.with_device(secret), true))
}

/// A device as its client sees it.
pub struct Device {
    /// Id.
    pub id: Uuid,
    /// The browser's or application's own name.
    pub name: String,
    /// Address it was last seen at.
    pub address: String,
    /// First sign-in from it.
    pub first_seen_at: Timestamp,
    /// Last sign-in from it.
    pub last_seen_at: Timestamp,
    /// It is the one that asks.
    pub current: bool,
}

/// The client's devices, seen last first.
pub async fn list(op: &mut Op<Client>) -> Result<Vec<Device>> {
    let (tenant, client) = (op.tenant, op.who.id.uuid());
    let key = op.who.origin.device_key.unwrap_or_default();
    let rows = sqlx::query!(
        r#"select id, name, address, first_seen_at, last_seen_at, secret_sha256 = $3 as "current!" from device
           where tenant_id = $1 and client_id = $2 and forgotten_at is null
           order by last_seen_at desc, id limit 50"#,
        tenant,
        client,
        &key,
    )
    .fetch_all(op.db())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Device {
            id: r.id,
            name: r.name,
            address: r.address,
            first_seen_at: r.first_seen_at.into(),
            last_seen_at: r.last_seen_at.into(),
            current: r.current,
        })
        .collect())
}

/// Forgets all the client's devices but the one that asks: a sign-in from them is told of as from new ones.
pub async fn forget_others(op: &mut Op<Client>) -> Result<()> {
    let (tenant, client, now) = (op.tenant, op.who.id.uuid(), op.security_now_sql());
    let key = op.who.origin.device_key.unwrap_or_default();
    sqlx::query!(
        "update device set forgotten_at = $4
         where tenant_id = $1 and client_id = $2 and secret_sha256 <> $3 and forgotten_at is null",
        tenant,
        client,
        &key,
        now as _,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "device.others-forgotten", Some(client), &()).await
}
