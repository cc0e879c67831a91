//! Whom the server runs as, since PostgreSQL refuses root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use rustix::thread::UnshareFlags;

use crate::{ClusterError, at};

/// Whom the server runs as.
#[derive(Clone, Copy)]
pub(crate) enum User {
    /// Ourselves: we are not root.
    Same,
    /// Another user: we are root.
    Other { uid: u32, gid: u32 },
    /// Root outside, and so owner of the files; an ordinary user to itself, without any of root's rights.
    Namespace,
}

impl User {
    /// The owner of the database if there is one; else `postgres` if the system has that user and it can reach `dir`.
    pub(crate) fn of(dir: &Path, data: &Path) -> Result<Self, ClusterError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Same);
        }
        if data.exists() {
            let owner = fs::metadata(data).map_err(at(data))?;
            return Ok(match owner.uid() {
                0 => Self::Namespace,
                uid => Self::Other { uid, gid: owner.gid() },
            });
        }
        let reachable =
            dir.ancestors().all(|dir| fs::metadata(dir).is_ok_and(|found| found.mode() & 0o001 != 0));
        Ok(postgres().filter(|_| reachable).unwrap_or(Self::Namespace))
    }

    /// The owner of what the server writes.
    pub(crate) fn uid(&self) -> u32 {
        match self {
            Self::Other { uid, .. } => *uid,
            Self::Same | Self::Namespace => rustix::process::geteuid().as_raw(),
        }
    }

    /// Makes the server's user the owner of `path`.
    pub(crate) fn give(&self, path: &Path) -> io::Result<()> {
        match self {
            Self::Other { uid, gid } => chown(path, Some(*uid), Some(*gid)),
            Self::Same | Self::Namespace => Ok(()),
        }
    }

    /// A command as that user, in an empty environment (ours may hold secrets).
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").current_dir("/");
        match self {
            Self::Same => {}
            Self::Other { uid, gid } => {
                command.uid(uid).gid(gid);
            }
            #[allow(unsafe_code)]
            // SAFETY: between fork and exec `enter_namespace` makes system calls only: no allocation, no lock.
            Self::Namespace => unsafe {
                command.pre_exec(enter_namespace);
            },
        }
        command
    }

    /// What to think of when a command cannot even be started.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Namespace => {
                " in a user namespace (root may not run PostgreSQL; choose a directory that \
                 the user postgres can reach, or run as another user)"
            }
            Self::Same | Self::Other { .. } => "",
        }
    }
}

/// uid and gid of the user that the package `postgresql` makes.
fn postgres() -> Option<User> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').skip(2);
    Some(User::Other { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

fn enter_namespace() -> io::Result<()> {
    #[allow(unsafe_code)]
    // SAFETY: a new user namespace shares no table of file descriptors or paths with anyone; fork left one thread.
    unsafe {
        rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER)?;
    }
    for (path, text) in [
        (c"/proc/self/uid_map", b"1000 0 1".as_slice()),
        (c"/proc/self/setgroups", b"deny"),
        (c"/proc/self/gid_map", b"1000 0 1"),
    ] {
        let file = rustix::fs::open(path, OFlags::WRONLY, Mode::empty())?;
        rustix::io::write(&file, text)?;
    }
    Ok(())
}
