//! What the outside world offers, as small traits.
//!
//! A port says what Nesie asks and what it may hear back, in the words of lending. Adapters live in
//! `outside`, their counterparts for demonstrations and tests in `simulator`; nothing here knows HTTP.
//!
//! Every answer carries the original bytes it was read from ([`Answered`]): they are evidence (design
//! promise 4). Every failure says whether the question may have been heard ([`Silence`]): an unknown
//! outcome is a state that reconciliation settles, never a reason to ask again blindly (promise 5).

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use lending::{
    iban::Iban,
    iin::{Bin, Iin},
    money::Money,
    phone::Phone,
};
use uuid::Uuid;

/// An outside answer: what it means, and the bytes it was read from.
#[derive(Debug, Clone)]
pub struct Answered<T> {
    /// What the answer means to us.
    pub value: T,
    /// Name of who answered, as shown on evidence, for example `first-credit-bureau`.
    pub source: &'static str,
    /// Media type of [`raw`](Self::raw).
    pub media_type: &'static str,
    /// The body exactly as received.
    pub raw: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// The question certainly did not reach them; asking again is safe.
    #[error("{port}: not reached: {reason}")]
    NotReached {
        /// Which port.
        port: &'static str,
        /// Technical reason, without personal data.
        reason: String,
    },
    /// Sent, and no usable answer came: it may or may not have had its effect.
    #[error("{port}: sent, outcome unknown: {reason}")]
    Unknown {
        /// Which port.
        port: &'static str,
        /// Technical reason, without personal data.
        reason: String,
    },
}

/// A person's names as in the identity document (Rules cl. [6.a](lending::law::CL_6_A)).
#[derive(Clone, PartialEq, Eq)]
pub struct Names {
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given: String,
    /// Patronymic, if the document has one.
    pub patronymic: Option<String>,
}

/// The number by which the state knows a client.
#[derive(Clone, Copy)]
pub enum Identifier<'a> {
    /// An individual's.
    Iin(&'a Iin),
    /// A legal entity's.
    Bin(&'a Bin),
}

impl<'a> Identifier<'a> {
    /// Its 12 digits.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Iin(iin) => iin.as_str(),
            Self::Bin(bin) => bin.as_str(),
        }
    }
}

/// The phone register: whether a number belongs to an IIN (Rules cl. [35.3](lending::law::CL_35_3),
/// possession).
#[async_trait]
pub trait PhoneRegister: Send + Sync {
    /// Asks whether `phone` is registered to the person with `iin`. `request` is our id of the question.
    async fn belongs(&self, request: Uuid, iin: &Iin, phone: &Phone) -> Result<Answered<bool>, Silence>;
}

/// What is put to the identification data exchange centre (IDEC; Rules cl. 2, [6.c](lending::law::CL_6_C),
/// [35.2](lending::law::CL_35_2)).
pub struct Identification<'a> {
    /// Our id of the question.
    pub request: Uuid,
    /// The person's IIN.
    pub iin: &'a Iin,
    /// The names the person gave.
    pub names: &'a Names,
    /// Number of the identity document the person gave.
    pub document_number: &'a str,
    /// The photo, JPEG.
    pub photo_jpeg: &'a [u8],
    /// The liveness challenge that the photo is the best frame of; none for a photo from a file.
    pub sitting: Option<Sitting>,
    /// SHA-256 of the person's consent to the comparison, as it was shown.
    pub consent_sha256: [u8; 32],
}

/// A liveness challenge that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    /// Id of its record in our evidence.
    pub id: Uuid,
    /// SHA-256 of that record.
    pub record_sha256: [u8; 32],
}

/// What the IDEC found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The state database holds the IIN.
    pub known: bool,
    /// The names given agree with the state database.
    pub names_match: bool,
    /// The document given is the valid one in the state database.
    pub document_valid: bool,
    /// Likeness of the live photo to the reference photo, parts per million.
    pub score_ppm: u32,
    /// The score from which the IDEC calls it the same person, parts per million.
    pub threshold_ppm: u32,
    /// The IDEC's own id of the comparison.
    pub reference: String,
    /// Whose photo it was compared with, for example `GBD-FL`: the state database of individuals.
    pub compared_with: String,
    /// When it was compared.
    pub at: Timestamp,
}

/// Biometric identification through the IDEC (Rules cl. [35.2](lending::law::CL_35_2)).
#[async_trait]
pub trait Idec: Send + Sync {
    /// Compares names, document and face with the state databases.
    async fn identify(&self, question: Identification<'_>) -> Result<Answered<Identified>, Silence>;
}

/// A session that a provider has opened for somebody, at an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedSession {
    /// The provider's id of it, 1 to 100 letters, digits, `-` and `_`.
    pub id: String,
    /// Where the person is sent.
    pub address: String,
}

/// Whom a provider found, from the state's document, and the face it saw.
#[derive(Clone, PartialEq, Eq)]
pub struct HostedPerson {
    /// IIN.
    pub iin: String,
    /// Names as in the document.
    pub names: Names,
    /// The document's number.
    pub document_number: String,
    /// How sure it is that the face is alive, parts per million.
    pub alive_ppm: u32,
    /// Likeness of the face to the document's photo, parts per million.
    pub score_ppm: u32,
    /// The face as it was seen, JPEG.
    pub photo_jpeg: Vec<u8>,
}

/// What became of a session.
#[derive(Clone, PartialEq, Eq)]
pub enum Hosted {
    /// The person is not done, or the provider is not.
    Pending,
    /// It came to nothing.
    Failed,
    /// Liveness and likeness were found by the provider, by its own limits.
    Passed(Box<HostedPerson>),
}

/// A provider that looks at the face on pages of its own, and has it compared (Rules cl.
/// [35.2](lending::law::CL_35_2), as far as the provider acts for the IDEC).
#[async_trait]
pub trait HostedFace: Send + Sync {
    /// Opens a session; `language` is `kk`, `ru` or `en`.
    async fn open(&self, request: Uuid, language: &str) -> Result<Answered<HostedSession>, Silence>;
    /// Asks what became of one.
    async fn outcome(&self, request: Uuid, session: &str) -> Result<Answered<Hosted>, Silence>;
}

/// One obligation found in a credit report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BureauDebt {
    /// Who lent.
    pub creditor: String,
    /// Outstanding amount.
    pub outstanding: Money,
    /// Monthly payment.
    pub monthly_payment: Money,
    /// Amount overdue.
    pub overdue: Money,
    /// Days overdue now.
    pub overdue_days: u32,
}

/// What a credit report says (Rules cl. [8.8](lending::law::CL_8_8), [10](lending::law::CL_10)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditReport {
    /// The person has voluntarily refused to take microcredits.
    pub voluntary_refusal: bool,
    /// Open obligations.
    pub debts: Vec<BureauDebt>,
}

/// A credit bureau.
#[async_trait]
pub trait CreditBureau: Send + Sync {
    /// Asks for the report on `subject`; `consent_sha256` is the hash of the stored consent.
    async fn report(
        &self,
        request: Uuid,
        subject: Identifier<'_>,
        consent_sha256: &[u8; 32],
    ) -> Result<Answered<CreditReport>, Silence>;
}

/// Whom to look for in the lists. A legal entity is looked for with the people who act for it.
pub struct Screened<'a> {
    /// The legal entity's name, if it is one.
    pub organisation: Option<&'a str>,
    /// The people.
    pub persons: &'a [Person<'a>],
}

/// A person to look for in the lists.
pub struct Person<'a> {
    /// The person's IIN.
    pub iin: &'a Iin,
    /// The person's names.
    pub names: &'a Names,
    /// Date of birth.
    pub born_on: Date,
}

/// A list entry that may be the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHit {
    /// Number of the entry in the list.
    pub entry: String,
    /// What agreed: `iin`, `name-and-birth-date`, `name` where the list gives no birth date, or `organisation-name`.
    pub matched_by: &'static str,
}

/// The list of persons connected with terrorism and its financing (AML/CFT law; Rules cl.
/// [8.1](lending::law::CL_8_1), [10](lending::law::CL_10)).
#[async_trait]
pub trait TerroristList: Send + Sync {
    /// Looks everybody up in the list in force. An empty answer is evidence too.
    async fn screen(&self, request: Uuid, screened: Screened<'_>) -> Result<Answered<Vec<ListHit>>, Silence>;
}

/// An order to pay out.
pub struct PaymentOrder<'a> {
    /// Our id; the bank executes one id at most once.
    pub id: Uuid,
    /// Payee's account.
    pub iban: &'a Iban,
    /// Payee's full name.
    pub payee: &'a str,
    /// Payee's IIN or BIN.
    pub identifier: Identifier<'a>,
    /// How much.
    pub amount: Money,
    /// Number of the agreement, for the payment's text.
    pub agreement: &'a str,
    /// Business date of the order.
    pub on: Date,
}

/// What the bank says about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderStatus {
    /// Taken, not executed yet.
    Pending,
    /// Executed on this value date.
    Executed {
        /// Value date.
        on: Date,
    },
    /// Refused for good: no money moved.
    Rejected {
        /// The bank's reason code.
        reason: String,
    },
    /// The bank does not know this id: it was never taken.
    NotFound,
}

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The bank's own reference, unique for ever.
    pub reference: String,
    /// Value date.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// The payment's text, where the agreement's number is looked for.
    pub text: String,
}

/// The organization's bank.
#[async_trait]
pub trait Bank: Send + Sync {
    /// Sends the order once. After [`Silence::Unknown`] only [`Bank::status`] may be asked.
    async fn pay(&self, order: PaymentOrder<'_>) -> Result<Answered<OrderStatus>, Silence>;
    /// What became of the order `id`.
    async fn status(&self, id: Uuid) -> Result<Answered<OrderStatus>, Silence>;
    /// Receipts booked on `on`, each time the whole list of that day.
    async fn statement(&self, on: Date) -> Result<Answered<Vec<Receipt>>, Silence>;
    /// The HTTP header in which the bank signs its notifications.
    fn signature_header(&self) -> &'static str;
    /// Reads a notification the bank has sent us, after checking that the bank sent it.
    /// `signature` is the value of that header. `None`: not from the bank, or unreadable.
    fn notification(&self, body: &[u8], signature: &str) -> Option<Vec<Receipt>>;
}

/// An SMS gateway.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Sends `text` to `phone`; the gateway's id of the message is the value.
    async fn send(&self, request: Uuid, phone: &Phone, text: &str) -> Result<Answered<String>, Silence>;
}

/// An outgoing e-mail server.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Sends a plain text message.
    async fn send(
        &self,
        request: Uuid,
        address: &str,
        subject: &str,
        text: &str,
    ) -> Result<Answered<()>, Silence>;
}

/// The services of the National Certification Authority (Rules cl. [35.1](lending::law::CL_35_1)). Questions and answers
/// are the bytes of their standards; what an answer means is judged where signatures are verified, because every answer is
/// signed.
#[async_trait]
pub trait CertificationAuthority: Send + Sync {
    /// Puts an OCSP question (RFC 6960, DER).
    async fn status(&self, question: &[u8]) -> Result<Answered<()>, Silence>;
    /// The revocation lists in force, full ones and deltas (RFC 5280): for when nobody answers to OCSP questions.
    async fn lists(&self) -> Result<Vec<Answered<()>>, Silence>;
    /// Asks for a time-stamp (RFC 3161, DER).
    async fn time_stamp(&self, question: &[u8]) -> Result<Answered<()>, Silence>;
}

/// What a scanner says of a file (Rules cl. [33](lending::law::CL_33)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The name of the malware found, if any.
    pub malware: Option<String>,
    /// The scanner's version and that of its signatures.
    pub signatures: String,
}

/// A scanner for malware.
#[async_trait]
pub trait MalwareScanner: Send + Sync {
    /// Scans a file. Whatever is no clear answer is silence.
    async fn scan(&self, bytes: &[u8]) -> Result<Scanned, Silence>;
}

/// Where time comes from.
///
/// Two times, because a demonstration may move the business calendar, and must not thereby end the
/// visitor's session or let an old code live.
pub trait Clock: Send + Sync {
    /// The instant business is dated with.
    fn now(&self) -> Timestamp;
    /// The instant by which sessions and codes expire. Equal to [`Clock::now`] outside demonstrations.
    fn security_now(&self) -> Timestamp;
}

/// Where chance comes from.
pub trait Chance: Send + Sync {
    /// Fills `bytes` with randomness fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}
