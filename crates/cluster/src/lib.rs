//! A private PostgreSQL: made, started and stopped by the program that uses it.
//!
//! [`Cluster::start`] turns a directory into a running server from the system's own binaries. It listens on no port,
//! only on a socket in a directory of mode 0700, so whoever may open that directory (its user and root) is let in
//! without a password. It ends with us: on drop, and by the kernel's hand if we are killed.
//!
//! ```text
//! DIR/data    the database, checksummed, owned by the server's user
//! DIR/run     the socket (or /tmp/nesie-… where DIR is longer than a socket path may be)
//! DIR/log     what the server says; without values of rows
//! DIR/lock    held while starting, so that two programs started at once do not both make a database
//! ```
//!
//! **Second program on the same directory.** It finds the server running and uses it; the one that started the
//! server stops it.
//!
//! **Root.** PostgreSQL refuses to run as root. The server then runs as the system's user `postgres` if that user can
//! reach DIR, else as root stripped of everything in a user namespace of its own, which needs no reach (see `user.rs`).
//! A database that exists keeps its owner.
//!
//! **Tests** share one server through [`Cluster::for_tests`], because nextest gives each test its own process and
//! a database costs a second to make: the first one starts it under /dev/shm, each holds a shared lock while it
//! lives, and a small shell around the server (`shared.sh`) stops and wipes it half a minute after the last lock is
//! gone. Nothing needs to be told that a run begins or ends.

mod data;
mod server;
mod user;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use data::Binaries;
use server::Server;
use user::User;

/// How long a server may take to recover from a crash, or the one before it to stop.
const PATIENCE: Duration = Duration::from_secs(300);

/// Below this, /dev/shm is not a place for test databases (containers often give it 64 MB).
const TEST_SPACE_BYTES: u64 = 2 << 30;

/// The one role there is at first: owner of everything.
const OWNER: &str = "nesie";

/// What to start.
pub struct Options {
    /// The directory; made if it is missing.
    pub dir: PathBuf,
    /// Whether a commit survives the loss of power. Only tests may say no.
    pub durable: bool,
    /// Where `postgres` and `initdb` are; by default the newest in `/usr/lib/postgresql`.
    pub bin: Option<PathBuf>,
}

impl Options {
    /// A durable cluster in `dir` by the system's PostgreSQL.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), durable: true, bin: None }
    }
}

/// A running server. Dropping it stops the server, if this is the program that started it; this blocks until
/// open transactions are rolled back and all is on disk, usually less than half a second.
pub struct Cluster {
    sockets: PathBuf,
    _server: Option<Server>,
    _in_use: Option<File>,
}

/// Why there is no server, in words for the person who started the program.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ClusterError {
    #[error(
        "PostgreSQL is not installed: there is no {}/postgres. On Debian and Ubuntu: apt-get install postgresql",
        .looked_in.display()
    )]
    NotInstalled { looked_in: PathBuf },
    #[error("PostgreSQL {found} is too old: version {} or newer is needed", data::OLDEST)]
    TooOld { found: u32 },
    #[error(
        "the database in {dir} was written by PostgreSQL {written}, but only PostgreSQL {found} is installed. Either \
         apt-get install postgresql-{written}, or upgrade the database with pg_upgrade (keep a backup)",
        dir = .data.display()
    )]
    OtherVersion { data: PathBuf, written: u32, found: u32 },
    #[error("cannot use {}: {source}", .path.display())]
    Path { path: PathBuf, source: io::Error },
    #[error("{} is open for everyone to change, not a directory, or somebody else's", .path.display())]
    NotPrivate { path: PathBuf },
    #[error("cannot run {}{hint}: {source}", .program.display())]
    Run { program: PathBuf, hint: &'static str, source: io::Error },
    #[error("PostgreSQL could not make a database in {}:\n{said}", .data.display())]
    Initdb { data: PathBuf, said: String },
    #[error("PostgreSQL did not start. The end of {}:\n{said}", .log.display())]
    NotStarted { log: PathBuf, said: String },
    #[error("the server in {} has been starting or stopping for too long; see the log beside it", .data.display())]
    Stuck { data: PathBuf },
}

/// How the server's life ends.
enum Life {
    /// With this program.
    Ours,
    /// When no program holds this file's lock any more.
    WhileUsed(PathBuf),
}

impl Cluster {
    /// Makes the database if there is none, starts the server or finds it running, and waits until it answers. Blocks:
    /// about a second the first time, a tenth of it later, longer after a crash. May be called from any thread.
    pub fn start(options: &Options) -> Result<Self, ClusterError> {
        make_parents(&options.dir)?;
        start(options, &Life::Ours)
    }

    /// The server that all tests of this working copy share. It loses its data with the last of them.
    pub fn for_tests() -> Result<Self, ClusterError> {
        let shm = Path::new("/dev/shm");
        let roomy = rustix::fs::statvfs(shm).is_ok_and(|fs| fs.f_bavail * fs.f_frsize >= TEST_SPACE_BYTES);
        let uid = rustix::process::geteuid().as_raw();
        let name = format!("nesie-tests-{uid}-{:016x}", short_name(env!("CARGO_MANIFEST_DIR").as_ref()));
        let dir = if roomy { shm.join(name) } else { Path::new("/tmp").join(name) };
        private_dir(&dir, 0o711, None)?;
        let path = dir.join("in-use");
        let in_use = File::create(&path).map_err(at(&path))?;
        in_use.lock_shared().map_err(at(&path))?; // waits while a server that nobody used is being wiped
        let cluster = start(&Options { dir, durable: false, bin: None }, &Life::WhileUsed(path))?;
        Ok(Self { _in_use: Some(in_use), ..cluster })
    }

    /// The address of a database, for sqlx and for `psql`. It holds no secret.
    pub fn url(&self, database: &str) -> String {
        let host = encoded(self.sockets.as_os_str().as_bytes());
        format!("postgresql://{OWNER}@{host}/{}?sslmode=disable", encoded(database.as_bytes()))
    }
}

fn start(options: &Options, life: &Life) -> Result<Cluster, ClusterError> {
    private_dir(&options.dir, 0o711, None)?;
    let dir = fs::canonicalize(&options.dir).map_err(at(&options.dir))?;
    let path = dir.join("lock");
    let lock = File::create(&path).map_err(at(&path))?;
    lock.lock().map_err(at(&path))?;

    let data = dir.join("data");
    let began = Instant::now();
    while let Some(running) = server::running(&data) {
        if running.ready {
            return Ok(Cluster { sockets: running.sockets, _server: None, _in_use: None });
        }
        if began.elapsed() > PATIENCE {
            return Err(ClusterError::Stuck { data });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // A server that was killed leaves processes behind that take a moment to notice; until then another refuses to start.
    while server::orphaned(&data) {
        if began.elapsed() > PATIENCE {
            return Err(ClusterError::Stuck { data });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if matches!(life, Life::WhileUsed(_)) && data.exists() {
        fs::remove_dir_all(&data).map_err(at(&data))?;
    }

    let user = User::of(&dir, &data)?;
    let binaries = Binaries::find(options.bin.as_deref(), &data)?;
    data::make(&binaries, &user, &data, options.durable)?;
    let sockets = socket_dir(&dir, &user)?;
    let server = server::start(&binaries, &user, &data, &sockets, options.durable, life)?;
    Ok(Cluster { sockets, _server: server, _in_use: None })
}

/// `dir/run`, unless the socket in it would have a longer name than the kernel's 107 bytes.
fn socket_dir(dir: &Path, user: &User) -> Result<PathBuf, ClusterError> {
    let near = dir.join("run");
    let fits = near.join(".s.PGSQL.5432").as_os_str().len() <= 107;
    let sockets =
        if fits { near } else { Path::new("/tmp").join(format!("nesie-{:016x}", short_name(dir.as_ref()))) };
    private_dir(&sockets, 0o700, Some(user))?;
    Ok(sockets)
}

/// Makes a directory, or makes sure that an existing one is nobody else's.
fn private_dir(path: &Path, mode: u32, user: Option<&User>) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => user.map_or(Ok(()), |user| user.give(path)).map_err(at(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(at(path))?;
            let owner = user.map_or(rustix::process::geteuid().as_raw(), User::uid);
            let private = found.is_dir() && found.uid() == owner && found.mode() & 0o002 == 0;
            if private { Ok(()) } else { Err(ClusterError::NotPrivate { path: path.to_owned() }) }
        }
        Err(source) => Err(ClusterError::Path { path: path.to_owned(), source }),
    }
}

fn make_parents(dir: &Path) -> Result<(), ClusterError> {
    dir.parent().map_or(Ok(()), |parent| fs::create_dir_all(parent).map_err(at(parent)))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
    let path = path.to_owned();
    |source| ClusterError::Path { path, source }
}

/// FNV-1a: a name that stays the same between builds.
fn short_name(path: &std::ffi::OsStr) -> u64 {
    path.as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out + &char::from(*byte).to_string(),
        _ => out + &format!("%{byte:02X}"),
    })
}
