//! Hashes, keys and the arithmetic of signatures.

pub(crate) mod algorithm;
pub(crate) mod curve;
pub(crate) mod hash;
pub(crate) mod rsa;
