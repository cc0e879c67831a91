//! The server process: started, awaited, stopped.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal};

use crate::data::Binaries;
use crate::user::User;
use crate::{ClusterError, Life, PATIENCE, at};

/// Larger logs make way for a new one at the next start.
const LOG_BYTES_MAX: u64 = 10 << 20;

/// How long a stopping server may roll back and write before it is cut off; what is committed is safe either way.
const STOP_MAX: Duration = Duration::from_secs(60);

/// What `postmaster.pid` says of a live server.
pub(crate) struct Running {
    pub(crate) sockets: PathBuf,
    pub(crate) ready: bool,
}

/// The server of `data`, unless what `postmaster.pid` names is dead or, numbers being used again, another program.
pub(crate) fn running(data: &Path) -> Option<Running> {
    let text = fs::read(data.join("postmaster.pid")).ok()?;
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let pid: u32 = std::str::from_utf8(lines.first()?).ok()?.trim().parse().ok()?;
    // A server's working directory is its data.
    let (cwd, data) = (fs::metadata(format!("/proc/{pid}/cwd")).ok()?, fs::metadata(data).ok()?);
    if (cwd.dev(), cwd.ino()) != (data.dev(), data.ino()) {
        return None;
    }
    let sockets = PathBuf::from(OsString::from_vec(lines.get(4).copied().unwrap_or_default().to_vec()));
    let ready = lines.get(7).is_some_and(|status| status.trim_ascii() == b"ready");
    Some(Running { sockets, ready })
}

/// Whether anything still runs in `data`: every process of a server works there.
pub(crate) fn orphaned(data: &Path) -> bool {
    let (Ok(data), Ok(processes)) = (fs::metadata(data), fs::read_dir("/proc")) else { return false };
    let works_there = |process: fs::DirEntry| {
        let name = process.file_name();
        let is_one = name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
        let cwd = is_one.then(|| fs::metadata(process.path().join("cwd")));
        matches!(cwd, Some(Ok(cwd)) if (cwd.dev(), cwd.ino()) == (data.dev(), data.ino()))
    };
    processes.flatten().any(works_there)
}

/// A server that ends with us.
pub(crate) struct Server {
    process: OwnedFd,
    sockets: PathBuf,
    keeper: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(keeper) = self.keeper.take() else { return };
        let began = Instant::now();
        // Both signals may come too late, when the server has ended by itself; then there is nothing to stop.
        let _ = rustix::process::pidfd_send_signal(&self.process, Signal::INT);
        while !keeper.is_finished() && began.elapsed() < STOP_MAX {
            thread::sleep(Duration::from_millis(5));
        }
        if !keeper.is_finished() {
            let _ = rustix::process::pidfd_send_signal(&self.process, Signal::QUIT);
        }
        let _ = keeper.join();
        let _ = fs::remove_dir(&self.sockets); // it may stand in /tmp
    }
}

/// Starts the server and waits until it is ready. `None`: it lives on its own.
pub(crate) fn start(
    binaries: &Binaries,
    user: &User,
    data: &Path,
    sockets: &Path,
    durable: bool,
    life: &Life,
) -> Result<Option<Server>, ClusterError> {
    let stale = data.join("postmaster.pid");
    if stale.exists() {
        fs::remove_file(&stale).map_err(at(&stale))?;
    }
    let log = data.with_file_name("log");
    let (out, err) = open_log(&log).map_err(at(&log))?;
    let postgres = binaries.bin.join("postgres");
    let mut command = match life {
        Life::Ours => user.command(&postgres),
        Life::WhileUsed(lock) => {
            let mut shell = user.command(Path::new("/bin/sh"));
            shell.args(["-c", include_str!("shared.sh"), "shared.sh"]).arg(lock).arg(data).arg(&postgres);
            shell
        }
    };
    command.arg("-D").arg(data).args(settings(sockets, durable));
    // A process group of its own: the terminal's Ctrl-C is for us, who stop the server last.
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);

    let program = postgres.clone();
    let failed = move |source| ClusterError::Run { program, hint: user.hint(), source };
    match life {
        Life::Ours => {
            let server = keep(command, sockets).map_err(failed)?;
            let alive = || server.keeper.as_ref().is_some_and(|keeper| !keeper.is_finished());
            wait_until_ready(data, &log, alive)?;
            Ok(Some(server))
        }
        Life::WhileUsed(_) => {
            let mut child = command.spawn().map_err(failed)?;
            wait_until_ready(data, &log, || matches!(child.try_wait(), Ok(None)))?;
            Ok(None)
        }
    }
}

/// What differs from the defaults, given on the command line so that an upgrade of the program changes it.
fn settings(sockets: &Path, durable: bool) -> Vec<OsString> {
    let mut sockets_setting = OsString::from("unix_socket_directories=\"");
    sockets_setting.push(sockets); // a list; in quotes a name may hold spaces and commas
    sockets_setting.push("\"");
    let always = [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "timezone=UTC",
        "log_timezone=UTC",
        "jit=off",                   // costs more than it brings on short queries
        "wal_compression=lz4",       // a third of the journal, no processor time seen
        "max_wal_size=4GB",          // a closing day writes much: fewer forced checkpoints
        "log_error_verbosity=terse", // no DETAIL: it quotes rows, which are personal data
    ];
    let volatile = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"];
    let named = always.iter().chain(volatile.iter().filter(|_| !durable)).map(OsString::from);
    named.chain([sockets_setting]).flat_map(|setting| [OsString::from("-c"), setting]).collect()
}

/// Starts the server under a thread that lives as long as it does. The kernel's "tell the child when the parent dies"
/// means the parent *thread*, so a thread of somebody's pool must not be the parent.
fn keep(mut command: Command, sockets: &Path) -> io::Result<Server> {
    let us = rustix::process::getpid();
    #[allow(unsafe_code)]
    // SAFETY: between fork and exec `die_with` makes system calls only: no allocation, no lock.
    unsafe {
        command.pre_exec(move || die_with(us));
    }
    let (tell, told) = mpsc::channel();
    let keeper = thread::Builder::new().name("postgresql".into()).spawn(move || {
        let started = command.spawn().and_then(|child| {
            let process = rustix::process::pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
            Ok((child, process))
        });
        match started {
            Err(error) => drop(tell.send(Err(error))),
            Ok((child, process)) => {
                drop(tell.send(Ok(process)));
                wait(child);
            }
        }
    })?;
    let process = told.recv().unwrap_or_else(|_| Err(io::Error::other("the keeping thread died")))?;
    Ok(Server { process, sockets: sockets.to_owned(), keeper: Some(keeper) })
}

fn wait(mut child: Child) {
    match child.wait() {
        Ok(status) if status.success() => tracing::debug!("PostgreSQL stopped"),
        Ok(status) => tracing::error!(%status, "PostgreSQL ended by itself; see its log"),
        Err(error) => tracing::error!(%error, "PostgreSQL cannot be waited for"),
    }
}

/// Asks for SIGINT (roll back, write, stop) when the parent ends; set last, because a change of user clears it.
fn die_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::INT))?;
    if rustix::process::getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}

fn wait_until_ready(data: &Path, log: &Path, mut alive: impl FnMut() -> bool) -> Result<(), ClusterError> {
    let began = Instant::now();
    while !running(data).is_some_and(|server| server.ready) {
        if !alive() {
            return Err(ClusterError::NotStarted { log: log.to_owned(), said: tail(log) });
        }
        if began.elapsed() > PATIENCE {
            return Err(ClusterError::Stuck { data: data.to_owned() });
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn open_log(path: &Path) -> io::Result<(File, File)> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
        fs::rename(path, path.with_extension("old"))?;
    }
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    Ok((log.try_clone()?, log))
}

fn tail(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
