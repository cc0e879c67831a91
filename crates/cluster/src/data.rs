//! The binaries that are installed and the database they can open.

use std::fs;
use std::path::{Path, PathBuf};

use crate::user::User;
use crate::{ClusterError, OWNER, at, private_dir};

/// The oldest major version: what Debian 12 ships and what is tested; `wal_compression=lz4` is from it.
pub(crate) const OLDEST: u32 = 15;

/// A directory with `postgres` and `initdb`.
pub(crate) struct Binaries {
    pub(crate) bin: PathBuf,
    version: u32,
}

impl Binaries {
    /// The given ones, or of the system's the version that wrote the database, or the newest.
    pub(crate) fn find(bin: Option<&Path>, data: &Path) -> Result<Self, ClusterError> {
        let written =
            fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
        let found = match bin {
            Some(bin) => given(bin),
            None => installed().max_by_key(|found| (Some(found.version) == written, found.version)),
        };
        let looked_in = bin.unwrap_or(Path::new("/usr/lib/postgresql/*/bin")).to_owned();
        let found = found.ok_or(ClusterError::NotInstalled { looked_in })?;
        match written {
            Some(written) if written != found.version => {
                Err(ClusterError::OtherVersion { data: data.to_owned(), written, found: found.version })
            }
            _ if found.version < OLDEST => Err(ClusterError::TooOld { found: found.version }),
            _ => Ok(found),
        }
    }
}

/// Debian's layout: `/usr/lib/postgresql/15/bin`.
fn installed() -> impl Iterator<Item = Binaries> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.filter_map(|entry| {
        let found =
            Binaries { bin: entry.path().join("bin"), version: entry.file_name().to_str()?.parse().ok()? };
        (found.bin.join("postgres").exists() && found.bin.join("initdb").exists()).then_some(found)
    })
}

/// Asks `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn given(bin: &Path) -> Option<Binaries> {
    let said = User::Same.command(&bin.join("postgres")).arg("--version").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let version = said.split_whitespace().nth(2)?.split(['.', 'b', 'r', 'd']).next()?.parse().ok()?;
    Some(Binaries { bin: bin.to_owned(), version })
}

/// Makes the database unless it is there. It is made aside and renamed, so that what is there is whole.
pub(crate) fn make(binaries: &Binaries, user: &User, data: &Path, durable: bool) -> Result<(), ClusterError> {
    if data.exists() {
        return Ok(());
    }
    let new = data.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new).map_err(at(&new))?;
    }
    private_dir(&new, 0o700, Some(user))?;
    let initdb = binaries.bin.join("initdb");
    let mut command = user.command(&initdb);
    command.args([
        "--data-checksums",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--auth=trust",
        "--username",
        OWNER,
    ]);
    if !durable {
        command.arg("--no-sync");
    }
    let run = command.arg("--pgdata").arg(&new).output();
    let run = run.map_err(|source| ClusterError::Run { program: initdb, hint: user.hint(), source })?;
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        return Err(ClusterError::Initdb { data: data.to_owned(), said });
    }
    fs::rename(&new, data).map_err(at(data))
}
