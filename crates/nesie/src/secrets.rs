//! Files only we may read: the key of the vault, the certificate's key.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use app::vault::Vault;
use ports::Chance;

/// Writes a file of mode 0400 that was not there.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The vault from its key file; made on first use. Whoever loses the file loses the evidence: back it up,
/// apart from the database.
pub(crate) fn vault(path: &Path, chance: &dyn Chance) -> io::Result<Vault> {
    if !path.exists() {
        let mut key = [0; 64];
        chance.fill(&mut key);
        write_new(path, &key)?;
    }
    let file = fs::File::open(path)?;
    if file.metadata()?.mode() & 0o077 != 0 {
        return Err(io::Error::other(format!("{}: others may read this key; chmod 0400", path.display())));
    }
    let mut key = Vec::new();
    file.take(65).read_to_end(&mut key)?;
    let key: [u8; 64] =
        key.try_into().map_err(|_| io::Error::other(format!("{}: a key has 64 bytes", path.display())))?;
    Ok(Vault::new(&key))
}

/// Certificate chain and key, PEM, from files.
pub(crate) struct Certificate {
    pub(crate) chain: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Certificate {
    pub(crate) fn read(chain: &Path, key: &Path) -> io::Result<Self> {
        Ok(Self { chain: fs::read(chain)?, key: fs::read(key)? })
    }

    /// A certificate of our own for this machine, made on first start.
    pub(crate) fn self_signed(dir: &Path) -> io::Result<Self> {
        let (chain, key) = (dir.join("localhost.crt"), dir.join("localhost.key"));
        if !chain.exists() || !key.exists() {
            let _ = fs::remove_file(&key);
            let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
            let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
            write_new(&key, made.signing_key.serialize_pem().as_bytes())?;
            fs::write(&chain, made.cert.pem())?;
        }
        Self::read(&chain, &key)
    }
}
