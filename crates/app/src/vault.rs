//! Keys, and what is done with them. They come from outside the database and never enter it.
//!
//! * sealing: XChaCha20-Poly1305 with a random nonce; the place a sealed value belongs to is authenticated
//!   with it, so that no row can be swapped for another.
//! * marking: HMAC-SHA-256 for one-time codes, rate-limit buckets and form tokens, each use under its own
//!   label, so that a mark made for one purpose is worthless for another.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use ports::Chance;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::refusal::Fault;

/// SHA-256 of what was hashed.
pub type Hash = [u8; 32];

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal, as hashes are printed on documents.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A sealed value, as it lies in the database.
pub struct Sealed {
    /// Which key.
    pub key_version: i32,
    /// 24 random bytes.
    pub nonce: Vec<u8>,
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Sealing and marking keys.
pub struct Vault {
    sealing: Zeroizing<[u8; 32]>,
    marking: Zeroizing<[u8; 32]>,
}

/// The version of the one sealing key there is.
const KEY_VERSION: i32 = 1;

impl Vault {
    /// From the 64 bytes of the key file: 32 for sealing, 32 for marking.
    #[must_use]
    pub fn new(key: &[u8; 64]) -> Self {
        let (mut sealing, mut marking) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        sealing.copy_from_slice(&key[..32]);
        marking.copy_from_slice(&key[32..]);
        Self { sealing, marking }
    }

    /// Seals `bytes` for the row `id` of what `kind` names.
    pub fn seal(&self, chance: &dyn Chance, kind: &str, id: Uuid, bytes: &[u8]) -> Result<Sealed, Fault> {
        let mut nonce = [0; 24];
        chance.fill(&mut nonce);
        let place = place(kind, id);
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: &place })
            .map_err(|_| Fault::new("sealing failed"))?;
        Ok(Sealed { key_version: KEY_VERSION, nonce: nonce.to_vec(), bytes: sealed })
    }

    /// Opens what was sealed for the same place; a changed or moved value is a fault.
    pub fn open(&self, kind: &str, id: Uuid, sealed: &Sealed) -> Result<Vec<u8>, Fault> {
        if sealed.key_version != KEY_VERSION {
            return Err(Fault::new(format_args!("sealed with unknown key version {}", sealed.key_version)));
        }
        let nonce: [u8; 24] =
            sealed.nonce.as_slice().try_into().map_err(|_| Fault::new("sealed value has no nonce"))?;
        let place = place(kind, id);
        self.cipher()
            .decrypt(&XNonce::from(nonce), Payload { msg: &sealed.bytes, aad: &place })
            .map_err(|_| Fault::new(format_args!("sealed {kind} {id} was changed or moved")))
    }

    /// A keyed mark of `parts` for the purpose `label`. Lengths are marked too: parts cannot run together.
    #[must_use]
    pub fn mark(&self, label: &str, parts: &[&[u8]]) -> Hash {
        // A key of any length is accepted, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.marking.as_ref()) else { return [0; 32] };
        for part in [label.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.sealing).into())
    }
}

fn place(kind: &str, id: Uuid) -> Vec<u8> {
    [kind.as_bytes(), b"\0", id.as_bytes()].concat()
}

/// Equality in a time that tells nothing.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}
