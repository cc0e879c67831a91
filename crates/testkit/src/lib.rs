//! What tests stand on: a whole application over a database of its own, with the outside world as real HTTP
//! servers, and time and chance in the test's hand.
//!
//! A test that ends well but leaves jobs undone, or a ledger that disagrees with the loans, fails: the
//! harness checks both in [`TestApp::finish`].

pub mod people;
pub mod world;

/// A certification authority of the tests' own: keys, certificates, signatures, OCSP answers, lists, time-stamps.
pub use eds::testing as authority;

use std::{
    hash::{BuildHasher, RandomState},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    App, Parts, Ports, demonstration, identity::liveness::Faces, jobs, loans, op::System, organization,
    vault::Vault,
};
use cluster::Cluster;
use jiff::{SignedDuration, Timestamp, civil::Date, tz};
use lending::{ledger::Account, money::Money};
use outside::{Outside, Patience};
use ports::Clock;
use simulator::{MovableClock, Simulator};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::world::{ManualClock, SeededChance};

/// How long the outside world is waited for: longer than a busy machine takes.
const PATIENCE_MS: u64 = 60_000;

/// The moment at which every test begins: Monday 2 February 2026, 10:00 in Kazakhstan.
#[must_use]
pub fn beginning() -> Timestamp {
    at(jiff::civil::date(2026, 2, 2), 10)
}

fn at(date: Date, hour: i8) -> Timestamp {
    let there = tz::offset(5).to_timestamp(date.at(hour, 0, 0, 0));
    there.unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The simulator's pages may move a test's clock like a demonstration's.
struct Calendar(Arc<ManualClock>);

impl MovableClock for Calendar {
    fn today(&self) -> Date {
        app::op::business_date(self.0.now())
    }
    fn instant(&self) -> Timestamp {
        self.0.security_now()
    }
    fn advance_to(&self, date: Date) -> Result<(), String> {
        self.0.advance_to(at(date, 10));
        Ok(())
    }
}

/// An application over a database of its own.
pub struct TestApp {
    /// The application.
    pub app: App,
    /// The outside world.
    pub world: Simulator,
    /// The time.
    pub clock: Arc<ManualClock>,
    owner: PgConnectOptions,
    database: String,
    maintenance: String,
    _cluster: Cluster,
}

impl TestApp {
    /// Everything fresh: the demonstration's organization and products, nobody registered.
    ///
    /// # Panics
    /// When it cannot be set up: the test cannot go on.
    #[allow(clippy::expect_used)]
    pub async fn start() -> Self {
        Self::start_with(Faces::default(), false, PATIENCE_MS).await
    }

    /// The same, with the face models: photos are judged, and only live ones are taken.
    ///
    /// # Panics
    /// When it cannot be set up, or the models were not fetched (`./x models`).
    #[allow(clippy::expect_used)]
    pub async fn with_eyes() -> Self {
        Self::start_with(Faces { eyes: Some(Arc::new(eyes())), files: false }, false, PATIENCE_MS).await
    }

    /// The same, with a provider that looks at faces on its own pages.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn with_hosted_face() -> Self {
        Self::start_with(Faces::default(), true, PATIENCE_MS).await
    }

    /// The same with both: the models here, and a provider that looks at faces on its own pages.
    ///
    /// # Panics
    /// When it cannot be set up, or the models were not fetched (`./x models`).
    #[allow(clippy::expect_used)]
    pub async fn with_eyes_and_hosted_face() -> Self {
        Self::start_with(Faces { eyes: Some(Arc::new(eyes())), files: false }, true, PATIENCE_MS).await
    }

    /// The same, with little patience: for who is kept waiting for an answer that never comes.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn with_little_patience() -> Self {
        Self::start_with(Faces::default(), false, 4_000).await
    }

    #[allow(clippy::expect_used)]
    async fn start_with(faces: Faces, hosted: bool, patience_ms: u64) -> Self {
        let cluster =
            tokio::task::spawn_blocking(Cluster::for_tests).await.expect("runs").expect("a database server");
        let maintenance = cluster.url("postgres");
        let template = template(&maintenance, &cluster).await;
        let database = format!("t_{:016x}", unlike_any_other());
        let mut connection = PgConnection::connect(&maintenance).await.expect("connects");
        copy(&mut connection, &database, &template).await;
        connection.close().await.expect("closes");

        let clock = Arc::new(ManualClock::new(beginning()));
        let world = simulator::start(simulator::Options {
            addr: ([127, 0, 0, 1], 0).into(),
            state_dir: None,
            clock: Arc::new(Calendar(Arc::clone(&clock))),
            callback: None,
            ncalayer: None,
        })
        .await
        .expect("the simulated world starts");
        let mut settings = world.settings();
        settings.patience = Patience { connect_ms: patience_ms, total_ms: patience_ms };
        settings.biometric_kz = hosted.then(|| world.hosted_face());
        let outside = Outside::new(settings, clock.clone()).expect("adapters");
        let Outside {
            phone_register,
            idec,
            hosted_face,
            bureau,
            terrorist_list,
            bank,
            sms,
            mail,
            nca,
            scanner,
        } = outside;
        let ports = Ports {
            phone_register,
            idec,
            hosted_face,
            bureau,
            terrorist_list,
            bank,
            sms,
            mail,
            nca,
            scanner,
        };
        let owner = PgConnectOptions::from_str(&cluster.url(&database)).expect("an address");
        let parts = Parts {
            pool: app::connect(owner.clone(), 8, false).await.expect("connects as the program's role"),
            vault: Vault::new(&[7; 64]),
            clock: clock.clone(),
            chance: chance(),
            ports,
            faces,
            tenant: demonstration::TENANT,
            trust: world.trust(),
        };
        let app = App::new(parts);
        let mut op = app.begin(System).await.expect("begins");
        organization::found(&mut op, &demonstration::organization(), &demonstration::products())
            .await
            .expect("founded");
        op.commit().await.expect("commits");
        Self { app, world, clock, owner, database, maintenance, _cluster: cluster }
    }

    /// A second program over the same database, with connections of its own: it can be killed, which is dropping what it
    /// does and then it.
    ///
    /// # Panics
    /// When it cannot connect.
    pub async fn another(&self) -> App {
        self.trusting(self.world.trust()).await
    }

    /// A second program that trusts other certificates.
    ///
    /// # Panics
    /// When it cannot connect.
    #[allow(clippy::expect_used)]
    pub async fn trusting(&self, trust: eds::Trust) -> App {
        App::new(Parts {
            pool: app::connect(self.owner.clone(), 8, false).await.expect("connects as the program's role"),
            vault: Vault::new(&[7; 64]),
            clock: self.clock.clone(),
            chance: chance(),
            ports: self.app.ports().clone(),
            faces: self.app.faces().clone(),
            tenant: demonstration::TENANT,
            trust,
        })
    }

    /// The same on a machine without a scanner for malware.
    ///
    /// # Panics
    /// When it cannot connect.
    #[allow(clippy::expect_used)]
    pub async fn without_scanner(&self) -> App {
        App::new(Parts {
            pool: app::connect(self.owner.clone(), 2, false).await.expect("connects as the program's role"),
            vault: Vault::new(&[7; 64]),
            clock: self.clock.clone(),
            chance: chance(),
            ports: Ports { scanner: None, ..self.app.ports().clone() },
            faces: self.app.faces().clone(),
            tenant: demonstration::TENANT,
            trust: self.world.trust(),
        })
    }

    /// Connection as the schema's owner, for what a test wants to see or to spoil.
    ///
    /// # Panics
    /// When the database is gone.
    #[allow(clippy::expect_used)]
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.owner).await.expect("connects as owner")
    }

    /// Where the schema's owner connects, for what looks at the database from outside of the test's own steps.
    #[must_use]
    pub fn owner_options(&self) -> &PgConnectOptions {
        &self.owner
    }

    /// Does all jobs that are due, and those they cause.
    ///
    /// # Panics
    /// When jobs cannot be taken at all.
    #[allow(clippy::expect_used)]
    pub async fn settle(&self) {
        while jobs::run_one(&self.app).await.expect("jobs can be taken") {}
    }

    /// Moves time on by days, closing each day as the running program would, and settles.
    ///
    /// # Panics
    /// When a day cannot be closed.
    #[allow(clippy::expect_used)]
    pub async fn live(&self, days: i64) {
        for _ in 0..days {
            self.clock.advance(SignedDuration::from_hours(24));
            app::day::catch_up(&self.app).await.expect("the day closes");
        }
        self.settle().await;
    }

    /// The business date.
    #[must_use]
    pub fn today(&self) -> Date {
        self.app.today()
    }

    /// The codes of the last SMS to a number.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn code(&self, phone: &str) -> String {
        let text = self.world.last_sms_to(phone).expect("an SMS was sent");
        text.chars().take_while(char::is_ascii_digit).collect()
    }

    /// Takes in what the bank's statement of today shows.
    ///
    /// # Panics
    /// When the bank's statement cannot be read.
    #[allow(clippy::expect_used)]
    pub async fn read_statement(&self) {
        app::payments::read_statement(&self.app, self.today()).await.expect("the statement is read");
        self.settle().await;
    }

    /// The books: the ledger balances, agrees with the loans, and no job is left undone. Call it last.
    ///
    /// # Panics
    /// When any of that is not so.
    #[allow(clippy::expect_used)]
    pub async fn finish(self) {
        self.books().await;
        let mut connection = self.owner().await;
        let left: i64 =
            sqlx::query_scalar("select count(*) from job").fetch_one(&mut connection).await.expect("counts");
        assert_eq!(left, 0, "jobs were left undone");
        connection.close().await.expect("closes");
        self.app.pool().close().await;
        let mut connection = PgConnection::connect(&self.maintenance).await.expect("connects");
        let drop = format!("drop database \"{}\" with (force)", self.database);
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await.expect("drops");
    }

    /// Debits equal credits, and the loans' sub-ledger equals the general ledger.
    ///
    /// # Panics
    /// When they do not.
    #[allow(clippy::expect_used)]
    pub async fn books(&self) {
        let mut op = self.app.begin(System).await.expect("begins");
        let balance = loans::ledger::trial_balance(&mut op).await.expect("a trial balance");
        let all: Money = balance.values().copied().sum();
        assert_eq!(all, Money::ZERO, "debits differ from credits");
        let receivable = [
            Account::PrincipalCurrent,
            Account::PrincipalOverdue,
            Account::InterestReceivable,
            Account::InterestOverdue,
            Account::PenaltyReceivable,
        ];
        let ledger: Money = receivable.iter().filter_map(|a| balance.get(a).copied()).sum();
        assert_eq!(
            ledger,
            loans::debt_of_all(&mut op).await.expect("a sum"),
            "the loans differ from the ledger"
        );
    }
}

/// The face models, from where `./x models` puts them.
///
/// # Panics
/// When they are not there.
#[must_use]
#[allow(clippy::expect_used)]
pub fn eyes() -> face::Eyes {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../face/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data"
    );
    face::Eyes::read(&std::fs::read(file).expect("the face models: ./x models fetches them"))
        .expect("the models")
}

/// The migrated database that every test's own is copied from; made by the first, for this schema.
#[allow(clippy::expect_used)]
async fn template(maintenance: &str, cluster: &Cluster) -> String {
    let schema = app::schema_sha256();
    let name = format!("nesie_{}", &schema[..16]);
    let mut connection = PgConnection::connect(maintenance).await.expect("connects");
    // One maker at a time; the lock goes with the connection.
    sqlx::query("select pg_advisory_lock(217)").execute(&mut connection).await.expect("locks");
    let there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .expect("asks");
    if !there {
        for sql in [format!("drop database if exists \"{name}\""), format!("create database \"{name}\"")] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.expect("makes the template");
        }
        let options = PgConnectOptions::from_str(&cluster.url(&name)).expect("an address");
        app::migrate(&options).await.expect("migrates");
        let sql = format!("alter database \"{name}\" with is_template true allow_connections false");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.expect("marks the template");
    }
    connection.close().await.expect("closes");
    name
}

#[allow(clippy::expect_used)]
async fn copy(connection: &mut PgConnection, database: &str, template: &str) {
    let sql = format!("create database \"{database}\" template \"{template}\" strategy file_copy");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(connection).await.expect("copies the template");
}

/// Names of databases must differ between processes of one run; nothing else in a test is left to chance.
fn unlike_any_other() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Each program of a test has a chance of its own, and in every run the same.
fn chance() -> Arc<SeededChance> {
    static SEED: AtomicU64 = AtomicU64::new(217);
    Arc::new(SeededChance::new(SEED.fetch_add(1, Ordering::Relaxed)))
}
