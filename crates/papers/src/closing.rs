//! The notice that the obligations of an agreement are fulfilled.

use jiff::civil::Date;
use lending::money::Money;
use serde::Serialize;

use crate::agreement::{Bilingual, Lender};
use crate::press::{Template, print};
use crate::{PaperError, writing};

/// A credit that is repaid in full.
#[derive(Clone, Serialize)]
pub struct ClosingNotice {
    /// Number of the notice.
    pub number: String,
    /// Day of the notice; the document's date.
    #[serde(serialize_with = "writing::date")]
    pub issued_on: Date,
    /// The organization.
    pub lender: Lender,
    /// Client's full name.
    pub borrower_name: String,
    /// Client's IIN or BIN.
    pub borrower_number: String,
    /// It is a legal entity, and the number a BIN.
    pub borrower_is_entity: bool,
    /// Number of the agreement.
    pub agreement_number: String,
    /// Date of the agreement.
    #[serde(serialize_with = "writing::date")]
    pub agreement_date: Date,
    /// Name of the credit product.
    pub product: Bilingual,
    /// What was lent.
    #[serde(serialize_with = "writing::money")]
    pub amount: Money,
    /// Day when the money was given.
    #[serde(serialize_with = "writing::date")]
    pub given_on: Date,
    /// Day when the last obligation was fulfilled.
    #[serde(serialize_with = "writing::date")]
    pub closed_on: Date,
    /// Principal paid.
    #[serde(serialize_with = "writing::money")]
    pub principal_paid: Money,
    /// Interest paid.
    #[serde(serialize_with = "writing::money")]
    pub interest_paid: Money,
    /// Penalty paid.
    #[serde(serialize_with = "writing::money")]
    pub penalty_paid: Money,
}

/// Prints a closing notice.
///
/// # Errors
/// [`PaperError`]: a text that cannot be printed, an amount out of range.
pub fn closing_notice(notice: &ClosingNotice) -> Result<Vec<u8>, PaperError> {
    #[derive(Serialize)]
    struct Sheet<'a> {
        #[serde(flatten)]
        notice: &'a ClosingNotice,
        #[serde(serialize_with = "writing::money_in_words")]
        total_paid: Money,
    }
    let total = notice.principal_paid.checked_add(notice.interest_paid);
    let total_paid = total
        .and_then(|sum| sum.checked_add(notice.penalty_paid))
        .ok_or_else(|| PaperError::OutOfRange { field: "total_paid".to_owned() })?;
    print(Template::ClosingNotice, &Sheet { notice, total_paid })
}
