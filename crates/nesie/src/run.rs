//! The running program: web, jobs, the closing of the day, the bank's statements, until told to stop.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use app::{App, Parts, Ports, day, identity::liveness::Faces, jobs, organization, payments, refusal::No};
use cluster::Cluster;
use face::Eyes;
use outside::Outside;
use ports::Clock;
use sqlx::postgres::PgConnectOptions;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    listener,
    secrets::{self, Certificate},
    world::MachineChance,
};

/// What went wrong at start, in words for the person who started us.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Name of the database in our own cluster.
const DATABASE: &str = "nesie";
/// Connections of one server: more than 16 make nothing faster on a small machine (docs/handbook).
const CONNECTIONS: u32 = 16;

/// The database: the given one, or our own beside `dir`, made if it is missing; schema up to date.
pub(crate) fn database(
    dir: &Path,
    url: Option<&str>,
) -> Result<(Option<Cluster>, PgConnectOptions), Trouble> {
    match url {
        Some(url) => Ok((None, PgConnectOptions::from_str(url)?)),
        None => {
            let cluster = Cluster::start(&cluster::Options::new(dir.join("postgres")))?;
            let options = PgConnectOptions::from_str(&cluster.url(DATABASE))?;
            Ok((Some(cluster), options))
        }
    }
}

/// Makes the database in our own cluster, if need be, and brings the schema up to date.
pub(crate) async fn migrate(cluster: Option<&Cluster>, options: &PgConnectOptions) -> Result<(), Trouble> {
    if let Some(cluster) = cluster {
        use sqlx::{Connection, PgConnection};
        let mut first = PgConnection::connect(&cluster.url("postgres")).await?;
        let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut first)
            .await?;
        if !there {
            sqlx::query("create database nesie").execute(&mut first).await?;
        }
        first.close().await?;
    }
    app::migrate(options).await?;
    Ok(())
}

/// How faces are looked at.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FaceSettings {
    /// The file of the models (docs/handbook/face.md).
    pub(crate) models: Option<PathBuf>,
    /// Whether a photo from a file is taken for identification where there are models.
    pub(crate) files: bool,
}

impl FaceSettings {
    /// Reads the models. Where they are not given, says what that means; where they are given and cannot be used, nothing
    /// starts: nobody should believe that faces are checked when they are not.
    pub(crate) fn open(&self) -> Result<Faces, Trouble> {
        let Some(path) = &self.models else {
            tracing::warn!(
                "no face models: photos are not judged here and nobody is asked to turn their head; \
                 the face as a factor is not offered, and identification rests on the IDEC alone (docs/handbook/face.md)"
            );
            return Ok(Faces::default());
        };
        let trouble = |error: &dyn std::fmt::Display| format!("face models: {}: {error}", path.display());
        let size = std::fs::metadata(path).map_err(|error| trouble(&error))?.len();
        if size > Eyes::FILE_BYTES_MAX {
            return Err(trouble(&face::Unknown).into());
        }
        let file = std::fs::read(path).map_err(|error| trouble(&error))?;
        let eyes = Eyes::read(&file).map_err(|error| trouble(&error))?;
        Ok(Faces { eyes: Some(Arc::new(eyes)), files: self.files })
    }
}

/// Puts the application together.
pub(crate) async fn assemble(
    dir: &Path,
    options: PgConnectOptions,
    clock: Arc<dyn Clock>,
    outside: Outside,
    trust: eds::Trust,
    faces: Faces,
    tenant: i32,
) -> Result<App, Trouble> {
    let pool = app::connect(options, CONNECTIONS, true).await?;
    let vault = secrets::vault(&dir.join("vault.key"), &MachineChance)?;
    let Outside { phone_register, idec, hosted_face, bureau, terrorist_list, bank, sms, mail, nca, scanner } =
        outside;
    let ports =
        Ports { phone_register, idec, hosted_face, bureau, terrorist_list, bank, sms, mail, nca, scanner };
    let app =
        App::new(Parts { pool, vault, clock, chance: Arc::new(MachineChance), ports, faces, tenant, trust });
    if organization::knows_key(&app).await.map_err(told)? == Some(false) {
        return Err(
            format!("{}: not the key this database was begun with", dir.join("vault.key").display()).into()
        );
    }
    Ok(app)
}

/// Where the web is served.
pub(crate) struct Door {
    pub(crate) listen: SocketAddr,
    pub(crate) domain: String,
    pub(crate) certificate: Certificate,
    /// Where pages look for NCALayer.
    pub(crate) ncalayer_port: u16,
}

/// Serves until the person or the system says stop.
pub(crate) async fn run(app: App, door: Door, ready: impl FnOnce()) -> Result<(), Trouble> {
    let mut op = app.begin(app::op::System).await.map_err(told)?;
    let organization = organization::organization(&mut op).await.map_err(told)?;
    drop(op);
    let colour =
        web::Colour::parse(&organization.colour).ok_or("the organization's colour is not #rrggbb")?;
    let settings = web::Settings {
        domain: door.domain,
        organization,
        colour,
        ncalayer_port: door.ncalayer_port,
        body_time: web::BODY_TIME,
    };
    let router = web::router(app.clone(), settings);
    let listener = TcpListener::bind(door.listen)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", door.listen)))?;
    let tls = listener::tls(&door.certificate)?;

    let (stop, stopped) = watch::channel(false);
    let mut workers = JoinSet::new();
    for _ in 0..2 {
        workers.spawn(jobs::work(app.clone(), stopped.clone()));
    }
    workers.spawn(keep_days(app.clone(), stopped.clone()));
    workers.spawn(read_statements(app.clone(), stopped.clone()));
    workers.spawn(listener::serve(listener, tls, router, stopped));
    ready();
    let ended_early = tokio::select! {
        told = told_to_stop() => { told?; false }
        _ = workers.join_next() => true,
    };
    tracing::info!("stopping");
    let _ = stop.send(true);
    while workers.join_next().await.is_some() {}
    app.pool().close().await;
    // Half a program must not look like a whole one: whoever supervises it starts it again.
    if ended_early { Err("a part of the program ended by itself; see the log".into()) } else { Ok(()) }
}

/// Closes days as they pass.
async fn keep_days(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let closed = day::catch_up(&app).await;
        if let Err(no) = &closed {
            tracing::error!(?no, "the day could not be closed");
        }
        // A day that cannot close will not in a second either, and its control total reads every loan.
        let pause = if closed.is_ok() { 1 } else { 60 };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(pause)) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Reads the bank's statements every five minutes.
async fn read_statements(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(300)) => {}
            _ = stop.changed() => return,
        }
        if let Err(No::Fault(fault)) = payments::read_statements(&app).await {
            tracing::error!(?fault, "the statements could not be taken in");
        }
    }
}

async fn told_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    Ok(())
}

/// A refusal or fault at start, as an error.
pub(crate) fn told(no: No) -> Trouble {
    format!("{no:?}").into()
}
