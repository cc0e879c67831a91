//! The hash functions met in the state's signatures.

use der::asn1::ObjectIdentifier;
use sha2::Digest as _;

use crate::{Reason, crypto::algorithm::Algorithm, oid};

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// Streebog, 512 bits (GOST R 34.11-2012).
    Streebog512,
    /// GOST 34.311-95 with the test parameter set, as the state's certification authority uses it.
    Gost94,
    /// SHA-1: identifies certificates and keys in old structures. Never signs, never is an imprint.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    const ALL: [(Self, ObjectIdentifier); 6] = [
        (Self::Streebog512, oid::STREEBOG_512),
        (Self::Gost94, oid::GOST_94),
        (Self::Sha1, oid::SHA1),
        (Self::Sha256, oid::SHA256),
        (Self::Sha384, oid::SHA384),
        (Self::Sha512, oid::SHA512),
    ];

    /// By an AlgorithmIdentifier whose parameters are absent or NULL.
    pub(crate) fn of(algorithm: &Algorithm<'_>) -> Result<Self, Reason> {
        algorithm.without_parameters()?;
        let known = Self::ALL.iter().find(|(_, oid)| *oid == algorithm.oid);
        known.map(|(hash, _)| *hash).ok_or(Reason::UnknownAlgorithm)
    }

    /// Its object identifier.
    pub(crate) fn oid(self) -> ObjectIdentifier {
        Self::ALL.iter().find(|(hash, _)| *hash == self).map_or(oid::SHA256, |(_, oid)| *oid)
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Streebog512 => streebog::Streebog512::digest(bytes).to_vec(),
            Self::Gost94 => gost94::Gost94Test::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }
}
