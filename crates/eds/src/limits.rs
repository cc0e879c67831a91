//! How much is read of anything. Beyond a limit the answer is [`TooLarge`](crate::Reason::TooLarge) or
//! [`TooMany`](crate::Reason::TooMany), before work is done.
//!
//! Nothing is read recursively: the deepest nesting is that of a time-stamp within a message. The work of a
//! verification is bounded by the counts below times one signature check (about a millisecond).

/// Bytes of a signed message with its content.
pub const MESSAGE_BYTES_MAX: usize = 32 << 20;
/// Bytes of a certificate.
pub const CERTIFICATE_BYTES_MAX: usize = 64 << 10;
/// Bytes of an OCSP answer or a time-stamp.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Bytes of a revocation list.
pub const LIST_BYTES_MAX: usize = 128 << 20;
/// Certificates on a revocation list.
pub const LIST_ENTRIES_MAX: usize = 3_000_000;
/// Signers of a message.
pub const SIGNERS_MAX: usize = 8;
/// Time-stamps of one signature.
pub const STAMPS_MAX: usize = 2;
/// Certificates in a message, lists in a message, answers in an OCSP answer.
pub const BAG_MAX: usize = 24;
/// Attributes of a signer, extensions of a certificate, parts of a name.
pub const ATTRIBUTES_MAX: usize = 48;
/// Certificates in a chain, anchor and signer included.
pub const CHAIN_MAX: usize = 5;
/// Signature checks while one chain is looked for.
pub const CHAIN_TRIES_MAX: usize = 8;
/// Certificates in a folder of trust.
pub const TRUSTED_MAX: usize = 200;
