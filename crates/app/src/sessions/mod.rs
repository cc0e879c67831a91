//! Sessions: who is on the other side of a request, until when.
//!
//! The token is 256 random bits; only its hash is stored. A client's session ends after 10 minutes of
//! silence or 12 hours, an employee's after 15 minutes or 8 hours, a registration's after 30 minutes or one hour. Expiry
//! is by [`ports::Clock::security_now`].

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::authority::Act;
use texts::Lang;
use uuid::Uuid;

use crate::{
    App, audit,
    entities::Capacity,
    id::Id,
    identity::{Change, ClientRecord, Registration},
    op::{Actor, Channel, Context, Op},
    refusal::{Result, refusals},
    staff::{Role, StaffRecord},
    vault::{Hash, sha256},
};

refusals! {
    /// Sessions.
    SessionRefusal {
        /// Nobody is signed in, or not any more.
        Ended = "session-ended" Unauthenticated,
    }
}

/// Where a request comes from, whoever makes it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The browser's or application's own name, at most 200 characters.
    pub device: String,
    /// Network address.
    pub address: String,
    /// Channel.
    pub channel: Channel,
    /// SHA-256 of the secret by which a device is known again, if it showed one.
    pub device_key: Option<Hash>,
}

/// Somebody not known yet.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Where from.
    pub origin: Origin,
}

/// Somebody who is registering.
#[derive(Debug, Clone)]
pub struct Registrant {
    /// Session.
    pub session: Uuid,
    /// Registration.
    pub registration: Id<Registration>,
    /// Where from.
    pub origin: Origin,
}

/// Somebody who has lost a password and is proving who they are.
#[derive(Debug, Clone)]
pub struct Recoverer {
    /// Session.
    pub session: Uuid,
    /// The recovery.
    pub change: Id<Change>,
    /// Whose; nobody's, if there is no such client: they do not learn that.
    pub client: Option<Id<ClientRecord>>,
    /// Where from.
    pub origin: Origin,
}

/// A signed-in client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Session.
    pub session: Uuid,
    /// Who: the person, whoever they act for.
    pub id: Id<ClientRecord>,
    /// For whom they act, if not for themselves.
    pub capacity: Option<Capacity>,
    /// The language they chose.
    pub lang: Lang,
    /// Where from.
    pub origin: Origin,
}

impl Client {
    /// Whose applications, loans and papers this session is about: the legal entity for which the person acts
    /// (Rules cl. [6.b](lending::law::CL_6_B)), or themselves.
    #[must_use]
    pub fn party(&self) -> Id<ClientRecord> {
        self.capacity.as_ref().map_or(self.id, |capacity| capacity.entity)
    }

    /// Whether whoever acts here may do this for the party, as far as the session knows: what to offer on a page. Whether it
    /// is done, the transaction that does it asks anew.
    #[must_use]
    pub fn may(&self, act: Act) -> bool {
        self.capacity.as_ref().is_none_or(|capacity| capacity.role.may(act))
    }
}

/// A signed-in employee.
#[derive(Debug, Clone)]
pub struct Employee {
    /// Session.
    pub session: Uuid,
    /// Who.
    pub id: Id<StaffRecord>,
    /// What they may.
    pub role: Role,
    /// Their name, for the page's corner.
    pub name: String,
    /// Where from.
    pub origin: Origin,
}

/// How the audit trail calls who registers.
pub(crate) const REGISTRANT: &str = "registrant";

macro_rules! actor {
    ($who:ty, $kind:expr, $id:expr) => {
        impl Actor for $who {
            fn named(&self) -> (&'static str, Option<Uuid>) {
                #[allow(clippy::redundant_closure_call)]
                ($kind, ($id)(self))
            }
            fn channel(&self) -> Channel {
                self.origin.channel
            }
        }
    };
}
actor!(Visitor, "visitor", |_: &Visitor| None);
actor!(Registrant, REGISTRANT, |w: &Registrant| Some(w.registration.uuid()));
actor!(Recoverer, "recoverer", |w: &Recoverer| Some(w.change.uuid()));
actor!(Employee, "staff", |w: &Employee| Some(w.id.uuid()));

impl Actor for Client {
    fn named(&self) -> (&'static str, Option<Uuid>) {
        ("client", Some(self.id.uuid()))
    }
    fn channel(&self) -> Channel {
        self.origin.channel
    }
    fn authority(&self) -> Option<Uuid> {
        self.capacity.as_ref().map(|capacity| capacity.authority.uuid())
    }
}

/// Somebody recognised by a token.
pub enum Known {
    /// Registering.
    Registrant(Registrant),
    /// Recovering a password.
    Recoverer(Recoverer),
    /// A client.
    Client(Client),
    /// An employee.
    Employee(Employee),
}

/// A session's secret, given out once, and with it the secret of a device seen for the first time. Not printable by
/// accident.
pub struct Token {
    secret: [u8; 32],
    device: Option<[u8; 32]>,
}

impl Token {
    /// A secret of fresh randomness.
    pub(crate) fn of(random: [u8; 32]) -> Self {
        Self { secret: random, device: None }
    }

    /// As the cookie or the `Authorization` header carries it: base64url, 43 characters.
    #[must_use]
    pub fn reveal(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.secret)
    }

    /// The secret by which this device is known from now on, as [`Token::reveal`]; none, if it is known already.
    #[must_use]
    pub fn reveal_device(&self) -> Option<String> {
        self.device.map(|secret| Self { secret, device: None }.reveal())
    }

    pub(crate) fn with_device(self, secret: [u8; 32]) -> Self {
        Self { device: Some(secret), ..self }
    }

    /// What is kept of a secret.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&self.secret)
    }

    /// Reads what [`Token::reveal`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        use base64::Engine;
        if text.len() != 43 {
            return None;
        }
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self { secret: bytes.try_into().ok()?, device: None })
    }
}

/// For whom a session is opened.
pub(crate) enum Holder {
    Registration(Id<Registration>),
    Recovery(Id<Change>),
    Client(Id<ClientRecord>),
    Staff(Id<StaffRecord>),
}

impl Holder {
    /// Silence and age that end the session.
    fn limits(&self) -> (SignedDuration, SignedDuration) {
        match self {
            Self::Registration(_) | Self::Recovery(_) => {
                (SignedDuration::from_mins(30), SignedDuration::from_hours(1))
            }
            Self::Client(_) => CLIENT_LIMITS,
            Self::Staff(_) => STAFF_LIMITS,
        }
    }
}

const CLIENT_LIMITS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(10), SignedDuration::from_hours(12));
const STAFF_LIMITS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(15), SignedDuration::from_hours(8));

/// Opens a session: always a new token, never one that came from outside.
pub(crate) async fn open(op: &mut Context, holder: Holder, origin: &Origin) -> Result<(Token, Uuid)> {
    let mut secret = [0; 32];
    op.app.chance().fill(&mut secret);
    let (_, age) = holder.limits();
    let (registration, client, staff, change) = match holder {
        Holder::Registration(id) => (Some(id.uuid()), None, None, None),
        Holder::Client(id) => (None, Some(id.uuid()), None, None),
        Holder::Staff(id) => (None, None, Some(id.uuid()), None),
        Holder::Recovery(id) => (None, None, None, Some(id.uuid())),
    };
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    sqlx::query!(
        "insert into session (tenant_id, id, token_sha256, registration_id, client_id, staff_id, device, address,
                              created_at, last_seen_at, expires_at, change_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
        tenant,
        id,
        &sha256(&secret),
        registration,
        client,
        staff,
        origin.device.chars().take(200).collect::<String>(),
        origin.address,
        now.to_sqlx() as _,
        (now + age).to_sqlx() as _,
        change,
    )
    .execute(op.db())
    .await?;
    Ok((Token { secret, device: None }, id))
}

/// Who holds `token`, if it is still good. Silence is measured to the minute.
pub async fn recognise(app: &App, token: &Token, origin: Origin) -> Result<Option<Known>> {
    let now = app.clock().security_now();
    let Some(row) = sqlx::query!(
        r#"select s.id, s.registration_id, s.client_id, s.staff_id, s.change_id, s.last_seen_at,
                  r.client_id as "recovering?", c.language as "language?", e.role as "role?", e.name as "name?",
                  a.id as "authority?", a.role as "acts_as?", n.id as "entity?", n.name as "entity_name?"
           from session s
           left join change r on r.tenant_id = s.tenant_id and r.id = s.change_id
           left join client c on c.tenant_id = s.tenant_id and c.id = s.client_id
           left join staff e on e.tenant_id = s.tenant_id and e.id = s.staff_id
           left join authority a on a.tenant_id = s.tenant_id and a.id = s.authority_id and a.client_id = s.client_id
             and a.revoked_at is null and a.valid_from <= $4 and coalesce(a.valid_until >= $4, true)
           left join entity n on n.tenant_id = a.tenant_id and n.id = a.entity_id
           where s.tenant_id = $1 and s.token_sha256 = $2 and s.ended_at is null and s.expires_at > $3
             and e.disabled_at is null"#,
        app.tenant(),
        &token.hash(),
        now.to_sqlx() as _,
        app.today().to_sqlx() as _,
    )
    .fetch_optional(app.pool())
    .await?
    else {
        return Ok(None);
    };
    let seen: Timestamp = row.last_seen_at.into();
    let (known, silence) = match (row.registration_id, row.client_id, row.staff_id) {
        (Some(id), ..) => (
            Known::Registrant(Registrant { session: row.id, registration: id.into(), origin }),
            SignedDuration::from_mins(30),
        ),
        (_, Some(id), _) => {
            let lang = row.language.as_deref().and_then(Lang::parse).unwrap_or(Lang::Kk);
            // Power that is over leaves the person: they act for themselves.
            let capacity = match (row.authority, row.entity, row.entity_name, row.acts_as) {
                (Some(authority), Some(entity), Some(name), Some(role)) => {
                    lending::authority::Role::by_code(&role).map(|role| Capacity {
                        authority: authority.into(),
                        entity: entity.into(),
                        name,
                        role,
                    })
                }
                _ => None,
            };
            (
                Known::Client(Client { session: row.id, id: id.into(), capacity, lang, origin }),
                CLIENT_LIMITS.0,
            )
        }
        (.., Some(id)) => {
            let Some(role) = row.role.as_deref().and_then(Role::parse) else { return Ok(None) };
            let name = row.name.unwrap_or_default();
            (Known::Employee(Employee { session: row.id, id: id.into(), role, name, origin }), STAFF_LIMITS.0)
        }
        _ => {
            let Some(change) = row.change_id else { return Ok(None) };
            let client = row.recovering.map(Id::from);
            (
                Known::Recoverer(Recoverer { session: row.id, change: change.into(), client, origin }),
                SignedDuration::from_mins(30),
            )
        }
    };
    if now - silence > seen {
        return Ok(None);
    }
    if now - SignedDuration::from_mins(1) > seen {
        sqlx::query!(
            "update session set last_seen_at = $3 where tenant_id = $1 and id = $2",
            app.tenant(),
            row.id,
            now.to_sqlx() as _
        )
        .execute(app.pool())
        .await?;
    }
    Ok(Some(known))
}

/// Ends one session: its token is worthless from here on.
pub async fn end(op: &mut Context, session: Uuid) -> Result<()> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    sqlx::query!(
        "update session set ended_at = $3 where tenant_id = $1 and id = $2 and ended_at is null",
        tenant,
        session,
        now as _
    )
    .execute(op.db())
    .await?;
    audit::record(op, "session.ended", Some(session), &()).await
}

/// Sets by which authority a session acts; none: for the person.
pub(crate) async fn act_by(op: &mut Context, session: Uuid, authority: Option<Uuid>) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update session set authority_id = $3 where tenant_id = $1 and id = $2",
        tenant,
        session,
        authority
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// One of a client's sessions, as the client sees it.
#[derive(Debug)]
pub struct Listed {
    /// Id.
    pub id: Uuid,
    /// Device.
    pub device: String,
    /// Address.
    pub address: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Last request, to the minute.
    pub last_seen_at: Timestamp,
    /// It is the one that asks.
    pub current: bool,
}

/// The client's live sessions, newest first.
pub async fn list(op: &mut Op<Client>) -> Result<Vec<Listed>> {
    let (tenant, client, current, now) = (op.tenant, op.who.id.uuid(), op.who.session, op.security_now);
    let rows = sqlx::query!(
        "select id, device, address, created_at, last_seen_at from session
         where tenant_id = $1 and client_id = $2 and ended_at is null and expires_at > $3 and last_seen_at > $4
         order by created_at desc limit 50",
        tenant,
        client,
        now.to_sqlx() as _,
        (now - CLIENT_LIMITS.0).to_sqlx() as _,
    )
    .fetch_all(op.db())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Listed {
            id: r.id,
            device: r.device,
            address: r.address,
            created_at: r.created_at.into(),
            last_seen_at: r.last_seen_at.into(),
            current: r.id == current,
        })
        .collect())
}

/// Ends all sessions of a client, and recoveries of their password under way: what was proved in one by a factor that is
/// theirs no more counts for nothing.
pub(crate) async fn end_all(op: &mut Context, client: Uuid) -> Result<()> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    sqlx::query!(
        "update session set ended_at = $3 where tenant_id = $1 and ended_at is null
           and (client_id = $2 or change_id in (select id from change where tenant_id = $1 and client_id = $2))",
        tenant,
        client,
        now as _,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "session.all-ended", Some(client), &()).await
}

/// Ends all the client's sessions, and recoveries of their password, but the session that asks.
pub async fn end_others(op: &mut Op<Client>) -> Result<()> {
    let (tenant, client, current, now) = (op.tenant, op.who.id.uuid(), op.who.session, op.security_now_sql());
    sqlx::query!(
        "update session set ended_at = $4 where tenant_id = $1 and id <> $3 and ended_at is null
           and (client_id = $2 or change_id in (select id from change where tenant_id = $1 and client_id = $2))",
        tenant,
        client,
        current,
        now as _,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "session.others-ended", Some(client), &()).await
}
