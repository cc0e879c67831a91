//! Electronic digital signatures of Kazakhstan's National Certification Authority.
mod armour;
mod certificate;
mod crypto;
pub mod limits;
mod list;
mod message;
mod ocsp;
mod oid;
mod reason;
mod revocation;
mod subject;
mod time_stamp;
mod tlv;
mod trust;
mod verify;

pub use certificate::{Certificate, Fingerprint};
pub use crypto::{algorithm::Family, hash::Hash};
pub use list::RevocationList;
pub use message::SignedMessage;
pub use ocsp::OcspAnswer;
pub use reason::Reason;
pub use revocation::{Evidence, NotRevoked, Source};
pub use subject::{Role, Subject};
pub use time_stamp::TimeStamp;
pub use trust::{Anchor, NATIONAL, Pin, Trust};
pub use verify::{ANSWER_AGE_MAX, CLOCK_SKEW, Expected, Rules, Signer, Verdict, verify};
