//! How much is read of a file that somebody hands us. Beyond a limit it is refused before work is done.

/// Bytes of a whole file: two hundred photos of the largest size would not fit, an agreement's handful does.
pub const FILE_BYTES_MAX: usize = 256 << 20;
/// Bytes of the manifest.
pub const MANIFEST_BYTES_MAX: usize = 16 << 20;
/// Members, the three that describe the others included.
pub const MEMBERS_MAX: usize = 2_000;
/// Records of one kind in the manifest: proofs, challenges, events of the audit trail.
pub const RECORDS_MAX: usize = 20_000;
/// Letters of a member's name: what a header of the archive holds.
pub const NAME_MAX: usize = 100;
/// Failures that a report lists; a file that has more is no better understood by reading them.
pub const FAILURES_MAX: usize = 200;
/// Digital signatures that are judged: each reads its document again.
pub const SIGNATURES_MAX: usize = 64;
