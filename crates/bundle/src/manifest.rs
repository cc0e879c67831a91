//! What a bundle says of itself: every record behind an agreement, and every file that proves one.
//!
//! A [`Paper`] is what was read, confirmed and so concluded. The agreement is one and each amendment is one; they are
//! judged alike, but for the operation.

use jiff::{Timestamp, civil::Date};
use lending::confirmation::Operation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256 as Hasher};
use uuid::Uuid;

/// A SHA-256, as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Hasher::digest(bytes).into())
    }

    fn parse(text: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> = text
            .bytes()
            .map(|byte| match byte {
                b'0'..=b'9' => Some(byte - b'0'),
                b'a'..=b'f' => Some(byte - b'a' + 10),
                _ => None,
            })
            .collect();
        let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        if text.len() == 64 { bytes.try_into().ok().map(Self) } else { None }
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256"))
    }
}

/// The version of the format. It changes when a field does; new kinds of answers and events are no change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub enum Format {
    /// The first that was ever given out.
    #[serde(rename = "nesie-evidence-2")]
    Two,
}

/// Everything behind one agreement. Ids are UUIDs, instants RFC 3339 in UTC, hashes SHA-256 in hexadecimal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub format: Format,
    /// What was agreed.
    pub agreement: Agreement,
    /// What was agreed otherwise since, in that order.
    pub amendments: Vec<Amendment>,
    /// With whom.
    pub party: Party,
    /// The people who confirmed any of it.
    pub people: Vec<Person>,
    /// The powers by which they did it for a legal entity.
    pub powers: Vec<Power>,
    /// Confirmations: one of each paper, person and power.
    pub confirmations: Vec<Confirmation>,
    /// Proofs that these confirmations spent.
    pub proofs: Vec<Proof>,
    /// One-time codes sent for the same purposes, those that were never answered included.
    pub challenges: Vec<Challenge>,
    /// What was shown and accepted.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What was asked outside, once for each object.
    pub inquiries: Vec<Inquiry>,
    /// What the audit trail tells of all this, by time.
    pub events: Vec<Event>,
    /// The files, in the order in which they stand in the archive.
    pub members: Vec<Member>,
}

impl Manifest {
    /// The papers that were concluded, the agreement first, each with the operation by which it was confirmed.
    pub fn papers(&self) -> impl Iterator<Item = (Operation, &Paper)> {
        let amendments = self.amendments.iter().map(|one| (Operation::AmendContract, &one.paper));
        std::iter::once((Operation::SignContract, &self.agreement.paper)).chain(amendments)
    }
}

/// What was agreed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Its number.
    pub number: String,
    /// The application it came of.
    pub application: Uuid,
    /// The paper. Its id is the agreement's; the loan has the same.
    pub paper: Paper,
}

/// Other terms of an agreement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Its number: an agreement's amendments count from 1.
    pub number: u16,
    /// The paper. Its id is the amendment's.
    pub paper: Paper,
}

/// A document that was read, confirmed and so concluded.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// The id of what was concluded.
    pub id: Uuid,
    /// The offer, or the amendment's paper, that was accepted: what was acknowledged before was acknowledged for it.
    pub offer: Uuid,
    /// The date on the document: the day on which it was concluded.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Date))]
    pub dated: Date,
    /// The set of dated limits that it keeps: the one in force on that day.
    pub rule_set: String,
    /// SHA-256 of the document: what was agreed to.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub sha256: Sha256,
    /// The evidence that is the document.
    pub evidence: Uuid,
    /// The confirmation by which it was concluded.
    pub confirmation: Uuid,
    /// The power by which that was done, if for a legal entity.
    pub power: Option<Uuid>,
    /// When.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub concluded_at: Timestamp,
}

/// With whom.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The client. Of an individual, the person's id.
    pub id: Uuid,
    /// The legal entity, if the client is one.
    pub entity: Option<Entity>,
}

/// A legal entity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Twelve digits.
    pub bin: String,
    /// Its name.
    pub name: String,
}

/// Somebody who confirmed a paper, for themselves or for a legal entity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The person.
    pub id: Uuid,
    /// Twelve digits.
    pub iin: String,
    /// Surname, given name and patronymic. No record here shows them: the documents do.
    pub name: String,
    /// The registration by which they became a client.
    pub registration: Uuid,
    /// The confirmation of it.
    pub confirmation: Uuid,
}

/// That somebody may act for a legal entity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Its id.
    pub id: Uuid,
    /// Who may.
    pub person: Uuid,
    /// What they may, for whom, by which document.
    pub claim: Claim,
    /// The confirmation by which the person stood for that.
    pub confirmation: Uuid,
    /// The document.
    pub scan: Scan,
    /// When an employee had read it, and the power began to count here.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub given_at: Timestamp,
    /// When it was ended before its time.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
}

/// What somebody claims who asks to act for a legal entity, exactly as they confirm it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The registration of it.
    pub registration: Uuid,
    /// The entity's twelve digits.
    pub bin: String,
    /// The entity's name.
    pub name: String,
    /// The entity's mobile number.
    pub phone: String,
    /// The entity's e-mail, if given.
    pub email: Option<String>,
    /// What they may, by its code (`lending::authority::Role`).
    pub role: String,
    /// The kind of the document, by its code (`lending::authority::Basis`).
    pub basis: String,
    /// The document's number.
    pub number: String,
    /// Its date: the first day of the power.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Date))]
    pub dated: Date,
    /// The power's last day; none: until it is ended.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Date))]
    pub valid_until: Option<Date>,
    /// SHA-256 of the scanned document.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub scan_sha256: Sha256,
}

impl Claim {
    /// What is confirmed of a claim: SHA-256 of its JSON, without spaces, fields in the order of their declaration.
    ///
    /// # Errors
    /// None that this type can cause.
    pub fn object(&self) -> serde_json::Result<Sha256> {
        Ok(Sha256::of(&serde_json::to_vec(self)?))
    }
}

/// A scanned document, and what the scanner for malware said of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// The id under which it was taken in.
    pub id: Uuid,
    /// The original bytes.
    pub evidence: Uuid,
    /// `clean`, or `not-scanned` where no scanner was installed.
    pub verdict: String,
    /// By which signatures it was found clean.
    pub signatures: Option<String>,
    /// When it was taken in.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub taken_at: Timestamp,
}

/// That an operation was confirmed as the Rules ask.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Its id.
    pub id: Uuid,
    /// By whom: a person or a registration.
    pub subject: Uuid,
    /// Of what operation, by its code.
    pub operation: String,
    /// SHA-256 of what was confirmed.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub object_sha256: Sha256,
    /// Through which channel.
    pub channel: String,
    /// When, by the clock that dates business.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When, by the clock that ends proofs and codes. The two differ in demonstrations only.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub spent_at: Timestamp,
}

/// That somebody was who they said, by one method or factor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Its id.
    pub id: Uuid,
    /// Of whom.
    pub subject: Uuid,
    /// In which session.
    pub session: Option<Uuid>,
    /// For which operation, by its code.
    pub operation: String,
    /// For which object, by its SHA-256.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub object_sha256: Sha256,
    /// Kind of proof, by its code.
    pub kind: String,
    /// What shows it.
    pub evidence: Uuid,
    /// When it was given.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Until when it could be spent.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// What it was spent on.
    pub confirmation: Uuid,
}

/// A one-time code that was sent. The code itself is nowhere kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub subject: Uuid,
    /// In which session.
    pub session: Option<Uuid>,
    /// For which operation, by its code.
    pub operation: String,
    /// For which object, by its SHA-256.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub object_sha256: Sha256,
    /// How often it was answered, rightly or wrongly.
    pub tries: u16,
    /// When it was made.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Until when it could be answered.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// When it was answered rightly.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = DateTime))]
    pub passed_at: Option<Timestamp>,
}

/// What somebody was shown and accepted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Its id.
    pub id: Uuid,
    /// Who.
    pub subject: Uuid,
    /// For what: a registration, an application, an offer, an amendment's paper.
    pub object: Uuid,
    /// What, by its code.
    pub kind: String,
    /// In which language.
    pub language: String,
    /// The text as shown.
    pub evidence: Uuid,
    /// When.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

/// A question to somebody outside.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// Its id, by which it was put.
    pub id: Uuid,
    /// To whom, by the name of the port.
    pub port: String,
    /// For what.
    pub object: Uuid,
    /// `sent`, `answered` or `unknown`.
    pub state: String,
    /// When it was recorded, which is before it was put.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub asked_at: Timestamp,
    /// When the answer was recorded.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = DateTime))]
    pub answered_at: Option<Timestamp>,
    /// The answer's original bytes.
    pub evidence: Option<Uuid>,
    /// What is remembered of the answer.
    pub meaning: Option<Value>,
}

/// An event of the audit trail.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// The transaction that wrote it together with what it tells of: a number in decimal digits, good for comparing.
    pub transaction: String,
    /// When.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Kind of who acted.
    pub actor_kind: String,
    /// Who acted.
    pub actor: Option<Uuid>,
    /// By which power, if for a legal entity.
    pub power: Option<Uuid>,
    /// Through which channel.
    pub channel: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: Option<Uuid>,
    /// The payload, exactly as written: JSON without personal data.
    pub payload: String,
}

/// A file of the archive: a piece of evidence in its original bytes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name in the archive.
    pub path: String,
    /// The evidence's id.
    pub evidence: Uuid,
    /// What it is, by its code.
    pub kind: String,
    /// Whom it is about.
    pub subject: Uuid,
    /// What it belongs to.
    pub object: Option<Uuid>,
    /// Media type of the bytes.
    pub media_type: String,
    /// Number of the bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub sha256: Sha256,
    /// When it was stored.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

impl Member {
    /// The name of the member at place `number`, counted from 1, in the archive: `evidence/007-answer-idec.json`.
    #[must_use]
    pub fn name(number: usize, kind: &str, media_type: &str) -> String {
        let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
        let kind: String = kind.chars().take(60).map(plain).collect();
        format!("evidence/{number:04}-{kind}.{}", extension(media_type))
    }
}

/// The ending by which a computer knows what to open a file with.
fn extension(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "application/pdf" => "pdf",
        "application/json" => "json",
        "application/xml" | "text/xml" => "xml",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "text/plain" => "txt",
        "application/pkcs7-signature" | "application/cms" => "p7s",
        "application/ocsp-response" => "ors",
        "application/timestamp-reply" => "tsr",
        "application/pkix-cert" => "cer",
        "application/pkix-crl" => "crl",
        "application/pem-certificate-chain" => "pem",
        _ => "bin",
    }
}
