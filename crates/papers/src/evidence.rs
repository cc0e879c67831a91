//! The sheet that says how an agreement, or an amendment of one, was concluded (Rules cl. [9.a](lending::law::CL_9_A),
//! [11](lending::law::CL_11), [12](lending::law::CL_12), 35).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::PaperError;
use crate::agreement::{Bilingual, Lender, Representative};
use crate::press::{Template, print};
use crate::writing::{self, Sha256};

/// Where the client acted (Rules cl. [3](lending::law::CL_3)).
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The web resource.
    Web,
    /// The mobile application.
    Mobile,
    /// A terminal.
    Terminal,
}

/// A method of Rules cl. 35.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationMethod {
    /// 35.1: digital signature of the National Certification Authority.
    DigitalSignature,
    /// 35.2: biometric identification through the IDEC.
    Biometric,
    /// 35.3: two-factor authentication.
    TwoFactor,
}

/// One proof that the client was who they are and agreed.
#[derive(Clone, Serialize)]
pub struct Proof {
    /// By which method of cl. 35.
    pub method: ConfirmationMethod,
    /// What exactly: `құпиясөз және SMS-код` / `пароль и код из SMS`.
    pub detail: Bilingual,
    /// When it was accepted.
    #[serde(serialize_with = "writing::instant")]
    pub at: Timestamp,
    /// Number that the outside source gave, if it gave one.
    pub reference: Option<String>,
    /// Hash of the stored evidence, in its original bytes.
    pub evidence_sha256: Sha256,
}

/// Something that the client was shown and acknowledged.
#[derive(Clone, Serialize)]
pub struct Acknowledgement {
    /// What was shown.
    pub shown: Bilingual,
    /// When it was acknowledged.
    #[serde(serialize_with = "writing::instant")]
    pub at: Timestamp,
    /// Hash of what was shown.
    pub sha256: Sha256,
}

/// How an agreement, or an amendment of one, was concluded.
#[derive(Clone, Serialize)]
pub struct EvidenceSheet {
    /// Number of the agreement.
    pub agreement_number: String,
    /// Date of the agreement.
    #[serde(serialize_with = "writing::date")]
    pub agreement_date: Date,
    /// Number of the amendment that was concluded; none: the agreement itself.
    pub amendment: Option<u16>,
    /// Hash of the PDF, which is what was agreed.
    pub agreed_sha256: Sha256,
    /// Identifier of the operation to which all proofs are bound.
    pub operation: String,
    /// The organization.
    pub lender: Lender,
    /// Client's full name.
    pub borrower_name: String,
    /// Client's IIN or BIN.
    pub borrower_number: String,
    /// It is a legal entity, and the number a BIN.
    pub borrower_is_entity: bool,
    /// Who concluded it for a legal entity.
    pub representative: Option<Representative>,
    /// Channel of the conclusion.
    pub channel: Channel,
    /// When it was concluded.
    #[serde(serialize_with = "writing::instant")]
    pub concluded_at: Timestamp,
    /// Proofs, by time.
    pub proofs: Vec<Proof>,
    /// Acknowledgements, by time.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Day of this sheet; the document's date.
    #[serde(serialize_with = "writing::date")]
    pub issued_on: Date,
}

/// Prints an evidence sheet.
///
/// # Errors
/// [`PaperError`]: a text that cannot be printed, too many rows.
pub fn evidence(sheet: &EvidenceSheet) -> Result<Vec<u8>, PaperError> {
    print(Template::Evidence, sheet)
}
