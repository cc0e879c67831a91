//! Electronic digital signatures of Kazakhstan's National Certification Authority, verified without its software.
//!
//! Reads and verifies certificates and their chains, signed messages (CMS and CAdES, content within or beside, several
//! signers), OCSP answers, revocation lists with deltas, and time-stamps (RFC 3161); GOST 34.10-2015 (512 bits) with
//! Streebog, GOST 34.310-2004 with GOST 34.311-95, and RSA (Rules cl. 35.1). The state's conventions of byte order,
//! parameters and object identifiers were found by experiment on its own certificates; see
//! `docs/adr/0011-gost-verification.md`.
//!
//! Pure: bytes and an instant come in, a verdict comes out. No clock, no network, no file, no `async`, no `unsafe`.
//! Nothing is secret here, so nothing is done in constant time: this crate verifies, and signs in the test authority alone (feature `testing`).
//!
//! ```
//! use eds::{Certificate, Evidence, Expected, NATIONAL, OcspAnswer, Reason, Rules, SignedMessage, Trust, verify};
//!
//! /// Has this client signed this document?
//! fn signed(
//!     message: &[u8],
//!     document: &[u8],
//!     authorities: Vec<Certificate>, // as published by the state; the pinned ones among them are trusted
//!     answer: &[u8],                 // of the OCSP responder, to a question with our nonce
//!     nonce: &[u8],
//!     now: jiff::Timestamp,
//! ) -> Result<(), Reason> {
//!     let trust = Trust::pinned(authorities, &NATIONAL)?;
//!     let evidence = Evidence { answers: vec![OcspAnswer::read(answer)?], ..Evidence::default() };
//!     let rules = Rules {
//!         at: now,
//!         trust: &trust,
//!         evidence: &evidence,
//!         answer_age_max: eds::ANSWER_AGE_MAX,
//!         nonce: Some(nonce),
//!     };
//!     let verdict = verify(&SignedMessage::read(message)?, Some(document), &rules);
//!     verdict.signed_by(&Expected::Individual { iin: "880101300123" }).map(|_| ())
//! }
//! ```
//!
//! [`ocsp_question`] and [`time_stamp_question`] write what to ask; sending is the caller's.
//!
//! What holds, and why:
//!
//! - Signatures are over bytes: every structure keeps the bytes it was read from, and only DER is read.
//! - An issuer is found by name *and* key identifier, and then by its signature: the state's names repeat.
//! - What stands in a message outside of its signatures is checked against what stands within, or refused. A change of
//!   any byte of a message, certificate, answer, list, stamp or of the PEM around it is noticed. (Line ends may be added
//!   to the end of a PEM file and cut from it.)
//! - A time-stamp that is there must hold; then it dates the signature. Else the given instant does. What the signer
//!   says about the time is shown and never used.
//! - Silence about revocation is a refusal ([`Reason::RevocationMissing`]), as are old news ([`Reason::RevocationStale`])
//!   and an authority that does not know the certificate ([`Reason::CertificateUnknown`]).
//! - Every no is a [`Reason`] with a stable code. Readers bound size, number and depth ([`limits`]).
//!
//! Not read: BER (indefinite lengths), XML signatures, unsigned attributes other than time-stamps, indirect and
//! partial revocation lists, the 256-bit form of GOST 34.10-2015 (no certificate of it was ever found).

mod armour;
mod ask;
pub mod audit;
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
#[cfg(feature = "testing")]
pub mod testing;
mod time_stamp;
mod tlv;
mod trust;
mod verify;
mod write;

pub use ask::{ocsp_question, time_stamp_question};
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
