//! How often something may be tried. Counted in a transaction of its own, because a refusal must not undo it.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::{
    App,
    refusal::{Result, refusals},
};

refusals! {
    /// Too often.
    TooOften {
        /// The limit for now is used up.
        Wait = "too-many-attempts" TooMany,
    }
}

/// A limit: at most `most` in a `window`.
pub struct Limit {
    /// Names the bucket's purpose.
    pub name: &'static str,
    /// How many.
    pub most: i32,
    /// In how long.
    pub window: SignedDuration,
}

/// Passwords tried for one account; the right one forgets the wrong.
pub const PASSWORD_PER_ACCOUNT: Limit =
    Limit { name: "password-account", most: 10, window: SignedDuration::from_mins(15) };
/// Passwords tried for one client, whatever they were called by; the right one forgets the wrong (NIST SP 800-63B:
/// at most a hundred failures in a row).
pub const PASSWORD_PER_CLIENT: Limit =
    Limit { name: "password-client", most: 100, window: SignedDuration::from_hours(30 * 24) };
/// Failed sign-ins from one address.
pub const SIGN_IN_PER_ADDRESS: Limit =
    Limit { name: "sign-in-address", most: 60, window: SignedDuration::from_hours(1) };
/// Registrations begun from one address.
pub const REGISTRATION_PER_ADDRESS: Limit =
    Limit { name: "registration-address", most: 30, window: SignedDuration::from_hours(1) };
/// One-time codes sent to one number for one kind of operation.
pub const CODES_PER_PHONE: Limit =
    Limit { name: "codes-phone", most: 10, window: SignedDuration::from_hours(1) };
/// Answers to one-time codes sent to one number for one kind of operation.
pub const CODE_ANSWERS: Limit =
    Limit { name: "code-answers", most: 15, window: SignedDuration::from_hours(24) };
/// Faces put to the IDEC by one subject.
pub const FACES: Limit = Limit { name: "faces", most: 10, window: SignedDuration::from_hours(24) };
/// Applications by one client.
pub const APPLICATIONS: Limit =
    Limit { name: "applications", most: 10, window: SignedDuration::from_hours(24) };
/// Files sent by one client.
pub const UPLOADS: Limit = Limit { name: "uploads", most: 30, window: SignedDuration::from_hours(24) };
/// Registrations for legal entities begun by one client.
pub const ENTITIES: Limit = Limit { name: "entities", most: 10, window: SignedDuration::from_hours(24) };

/// Counts one attempt by `whom` and refuses it when the limit is used up.
pub async fn take(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    let now = app.clock().security_now();
    let expired: Timestamp = now - limit.window;
    let count = sqlx::query_scalar!(
        "insert into attempt as a (tenant_id, bucket, window_from, count) values ($1, $2, $3, 1)
         on conflict (tenant_id, bucket) do update set
            count = case when a.window_from <= $4 then 1 else least(a.count, 1000000) + 1 end,
            window_from = case when a.window_from <= $4 then $3 else a.window_from end
         returning count",
        app.tenant(),
        &bucket,
        now.to_sqlx() as _,
        expired.to_sqlx() as _,
    )
    .fetch_one(app.pool())
    .await?;
    if count > limit.most { Err(TooOften::Wait.into()) } else { Ok(()) }
}

/// Takes one attempt back: it was no failure.
pub async fn give_back(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    sqlx::query!(
        "update attempt set count = greatest(count - 1, 0) where tenant_id = $1 and bucket = $2",
        app.tenant(),
        &bucket
    )
    .execute(app.pool())
    .await?;
    Ok(())
}

/// What an address is counted by: of IPv6, the half that names a subscriber, because each has all the rest.
#[must_use]
pub fn network(address: &str) -> Vec<u8> {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => v6.octets()[..8].to_vec(),
        _ => address.as_bytes().to_vec(),
    }
}

/// Forgets the attempts of `whom`: what was tried has succeeded.
pub async fn forget(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    sqlx::query!("delete from attempt where tenant_id = $1 and bucket = $2", app.tenant(), &bucket)
        .execute(app.pool())
        .await?;
    Ok(())
}
