//! One operation: a transaction, who acts, through which channel, at which one instant.
//!
//! No use case changes anything without it (only counters that must outlive a refusal go past it: attempts, tries
//! of a code, a job's claim, a session's last request). Dropping it rolls back; [`Op::commit`] makes the change, its
//! audit entries and its jobs real together.

use std::{
    ops::{Deref, DerefMut},
    sync::atomic::Ordering,
};

use jiff::{Timestamp, civil::Date, tz};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::{
    App,
    refusal::{Fault, No, Result},
};

/// Through what an operation came (Rules cl. [3](lending::law::CL_3)): every operation records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The web resource.
    Web,
    /// The mobile application, or another client of the API.
    Mobile,
    /// The organization's own work: closing of the day, jobs, commands.
    System,
}

impl Channel {
    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mobile => "mobile",
            Self::System => "system",
        }
    }
}

/// Somebody who acts.
pub trait Actor {
    /// Kind and id, for the audit trail.
    fn named(&self) -> (&'static str, Option<Uuid>);
    /// Through which channel.
    fn channel(&self) -> Channel;
    /// By which authority, if for a legal entity (Rules cl. [6.b](lending::law::CL_6_B)).
    fn authority(&self) -> Option<Uuid> {
        None
    }
}

/// The organization itself: jobs, the closing of the day, commands.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Actor for System {
    fn named(&self) -> (&'static str, Option<Uuid>) {
        ("system", None)
    }
    fn channel(&self) -> Channel {
        Channel::System
    }
}

/// What every operation has, whoever acts.
pub struct Context {
    /// The application: ports, keys, settings.
    pub app: App,
    /// The instant of the operation: everything it writes carries this one.
    pub now: Timestamp,
    /// The instant by which sessions and codes expire.
    pub security_now: Timestamp,
    /// The business date of `now`.
    pub today: Date,
    /// The organization.
    pub tenant: i32,
    /// Kind of actor.
    pub actor_kind: &'static str,
    /// Actor's id.
    pub actor_id: Option<Uuid>,
    /// Channel.
    pub channel: Channel,
    /// By which authority the actor acts for a legal entity, if they do.
    pub authority: Option<Uuid>,
    tx: Transaction<'static, Postgres>,
}

impl Context {
    /// The connection, inside the transaction.
    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// A new id, ordered by the operation's instant.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.app.id_at(self.now)
    }

    /// [`Context::now`] for SQL.
    #[must_use]
    pub fn now_sql(&self) -> jiff_sqlx::Timestamp {
        self.now.to_sqlx()
    }

    /// [`Context::security_now`] for SQL.
    #[must_use]
    pub fn security_now_sql(&self) -> jiff_sqlx::Timestamp {
        self.security_now.to_sqlx()
    }
}

/// An operation by a `W`. A use case that asks for `Op<Client>` cannot be called for anybody else.
pub struct Op<W> {
    /// Who acts.
    pub who: W,
    context: Context,
}

impl<W> Deref for Op<W> {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}

impl<W> DerefMut for Op<W> {
    fn deref_mut(&mut self) -> &mut Context {
        &mut self.context
    }
}

impl<W> Op<W> {
    /// Makes everything real.
    pub async fn commit(self) -> Result<()> {
        self.context.tx.commit().await.map_err(No::from)
    }
}

impl App {
    /// Begins an operation. Whoever stops waiting for it leaves nothing behind.
    pub async fn begin<W: Actor>(&self, who: W) -> Result<Op<W>> {
        // In a task of its own, which nobody cuts off: sqlx 0.9 gives a connection that was cut off while it began back to
        // the pool inside the transaction, and what others do on it is not committed (its issue 4393).
        let pool = self.pool().clone();
        let tx = tokio::spawn(async move { pool.begin().await }).await??;
        let now = self.clock().now();
        let (actor_kind, actor_id) = who.named();
        let (channel, authority) = (who.channel(), who.authority());
        let context = Context {
            app: self.clone(),
            now,
            security_now: self.clock().security_now(),
            today: business_date(now),
            tenant: self.tenant(),
            actor_kind,
            actor_id,
            channel,
            authority,
            tx,
        };
        Ok(Op { who, context })
    }

    /// The business date now.
    #[must_use]
    pub fn today(&self) -> Date {
        business_date(self.clock().now())
    }

    /// A new UUIDv7 (RFC 9562 §6.2, method 1: the twelve bits after the milliseconds count), so that ids made
    /// by one process are in the order they were made in.
    pub(crate) fn id_at(&self, now: Timestamp) -> Uuid {
        let floor = u64::try_from(now.as_millisecond()).unwrap_or_default() << 12;
        let next = |last: u64| Some((last + 1).max(floor));
        let last = self.last_id().fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(floor);
        let at = (last + 1).max(floor);
        let mut random = [0; 10];
        self.chance().fill(&mut random);
        [random[0], random[1]] = [(at >> 8 & 0x0f) as u8, (at & 0xff) as u8];
        uuid::Builder::from_unix_timestamp_millis(at >> 12, &random).into_uuid()
    }
}

/// The civil date in Kazakhstan: one zone, UTC+5, since 1 March 2024.
#[must_use]
pub fn business_date(instant: Timestamp) -> Date {
    tz::offset(5).to_datetime(instant).date()
}

/// A job or a day found nothing where something must be.
pub(crate) fn missing(what: &str, id: Uuid) -> Fault {
    Fault::new(format_args!("{what} {id} is missing"))
}
