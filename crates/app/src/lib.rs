//! Use cases: load, ask [`lending`], store.
//!
//! One folder per noun of the business. A use case takes an [`Op`](op::Op), does everything in its one
//! transaction and answers with a value, a [`Refusal`](refusal::Refusal) or a [`Fault`](refusal::Fault).
//! Where the outside world has to be asked, the use case takes the [`App`] instead and works in two
//! transactions around the question, so that none is open while somebody else thinks.

pub mod amendments;
pub mod applications;
pub mod attempts;
pub mod audit;
pub mod day;
pub mod demonstration;
pub mod documents;
pub mod entities;
pub mod evidence;
pub mod id;
pub mod identity;
pub mod inquiry;
pub mod jobs;
pub mod loans;
pub mod messages;
pub mod once;
pub mod op;
pub mod organization;
pub mod parties;
pub mod password;
pub mod payments;
pub mod refusal;
pub mod sessions;
pub mod staff;
pub mod uploads;
pub mod vault;

use std::sync::{Arc, atomic::AtomicU64};

use ports::{
    Bank, CertificationAuthority, Chance, Clock, CreditBureau, HostedFace, Idec, Mail, MalwareScanner,
    PhoneRegister, Sms, TerroristList,
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Mutex, Semaphore};

use crate::{refusal::Result, vault::Vault};

/// The outside world, port by port.
#[allow(missing_docs)]
#[derive(Clone)]
pub struct Ports {
    pub phone_register: Arc<dyn PhoneRegister>,
    pub idec: Arc<dyn Idec>,
    pub hosted_face: Option<Arc<dyn HostedFace>>,
    pub bureau: Arc<dyn CreditBureau>,
    pub terrorist_list: Arc<dyn TerroristList>,
    pub bank: Arc<dyn Bank>,
    pub sms: Arc<dyn Sms>,
    pub mail: Arc<dyn Mail>,
    pub nca: Arc<dyn CertificationAuthority>,
    /// Where one is installed; files are recorded as not scanned otherwise.
    pub scanner: Option<Arc<dyn MalwareScanner>>,
}

/// What an application is made of.
pub struct Parts {
    /// Connections, acting as the program's role.
    pub pool: PgPool,
    /// Keys.
    pub vault: Vault,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The outside world.
    pub ports: Ports,
    /// How faces are looked at.
    pub faces: identity::liveness::Faces,
    /// The organization whose data this program serves.
    pub tenant: i32,
    /// Whose certificates are believed; nobody's: no digital signature is offered or taken.
    pub trust: eds::Trust,
}

/// The application, shared by all requests and workers.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    hashing: Semaphore,
    last_id: AtomicU64,
    on_show: OnShow,
    policy: KnownPolicy,
}

type KnownPolicy = Mutex<Option<(jiff::Timestamp, organization::Policy)>>;
type OnShow = Mutex<Option<(jiff::Timestamp, Arc<Vec<organization::Offered>>)>>;

impl App {
    /// Puts it together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            hashing: Semaphore::new(2),
            last_id: AtomicU64::new(0),
            on_show: OnShow::default(),
            policy: KnownPolicy::default(),
        }))
    }

    /// The database, for [`op`] and for what must outlive a refusal.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.0.parts.pool
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    /// The chance.
    #[must_use]
    pub fn chance(&self) -> &dyn Chance {
        &*self.0.parts.chance
    }

    /// The outside world.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.0.parts.ports
    }

    /// How faces are looked at.
    #[must_use]
    pub fn faces(&self) -> &identity::liveness::Faces {
        &self.0.parts.faces
    }

    /// The organization.
    #[must_use]
    pub fn tenant(&self) -> i32 {
        self.0.parts.tenant
    }

    /// Whose certificates are believed.
    #[must_use]
    pub fn trust(&self) -> &eds::Trust {
        &self.0.parts.trust
    }

    fn on_show(&self) -> &OnShow {
        &self.0.on_show
    }

    fn policy(&self) -> &KnownPolicy {
        &self.0.policy
    }

    fn last_id(&self) -> &AtomicU64 {
        &self.0.last_id
    }

    fn hashing(&self) -> &Semaphore {
        &self.0.hashing
    }
}

/// Brings the database to this program's schema. `options` must name the owner of the schema.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), sqlx::migrate::MigrateError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    MIGRATIONS.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// SHA-256 of the schema's migrations, hexadecimal: what a database made from them is named by in tests.
#[must_use]
pub fn schema_sha256() -> String {
    let sql: Vec<u8> = MIGRATIONS.iter().flat_map(|m| m.checksum.iter().copied()).collect();
    vault::hex(&vault::sha256(&sql))
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connections that act as the program's role, which may not change what must stay (Rules cl.
/// [6.g](lending::law::CL_6_G), [11](lending::law::CL_11), [32](lending::law::CL_32)).
///
/// Refuses a server that could lose what it has acknowledged: `fsync`, `full_page_writes` and
/// `synchronous_commit` must be on, unless `durable` is false (tests). Nobody waits longer than five seconds for a connection
/// or a lock; tests, which share a busy machine, wait a minute.
pub async fn connect(
    options: PgConnectOptions,
    connections: u32,
    durable: bool,
) -> Result<PgPool, sqlx::Error> {
    let wait_seconds = if durable { 5 } else { 60 };
    let lock_timeout = format!("{wait_seconds}s");
    let options = options.options([
        ("role", "nesie_program"),
        ("timezone", "UTC"),
        ("statement_timeout", if durable { "30s" } else { "120s" }),
        ("lock_timeout", lock_timeout.as_str()),
        ("idle_in_transaction_session_timeout", if durable { "30s" } else { "120s" }),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(std::time::Duration::from_secs(wait_seconds))
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    if durable {
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let value: String =
                sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&pool).await?;
            if value == "off" {
                return Err(sqlx::Error::Configuration(
                    format!("PostgreSQL has {setting} off: acknowledged payments could be lost").into(),
                ));
            }
        }
    }
    Ok(pool)
}
