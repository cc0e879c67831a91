//! One file that proves one agreement with its amendments: made by the server, checked by anybody, off-line and with no database (Rules cl.
//! [11](lending::law::CL_11), [12](lending::law::CL_12)).
//!
//! A bundle is a plain tar archive ([`archive`]) with a manifest ([`manifest`]) of every record behind the agreement
//! and the files that prove them, in their original bytes. [`write`](write()) makes it; [`read`](read()) takes it apart
//! and notices any byte that is not as it was written; [`verify`](verify()) judges what the records say: whether the
//! proofs stood on something, were valid, bound to this person, operation and document, spent once, and enough.
//!
//! Pure: bytes in, a verdict out. No clock, no file, no network, no database, no `unsafe`. What is read comes from
//! strangers: everything is limited ([`limits`]) and nothing is unpacked.

pub mod archive;
mod file;
pub mod limits;
pub mod manifest;
mod reason;
mod report;
#[cfg(feature = "utoipa")]
mod schema;
mod verify;

pub use file::{Bundle, MANIFEST, MEDIA_TYPE, README, README_TEXT, SUMS, read, write};
pub use reason::{Failure, Reason};
pub use report::{Counted, Report, Seen, SeenPower, Signed, UNPROVED};
#[cfg(feature = "utoipa")]
pub use schema::schema;
pub use verify::verify;
