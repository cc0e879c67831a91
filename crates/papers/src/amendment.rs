//! The amendment of an agreement on a microcredit.

use jiff::civil::Date;
use lending::money::Money;
use serde::Serialize;

use crate::PaperError;
use crate::agreement::{Borrower, Instalment, Lender, figures, follow};
use crate::press::{Template, print};
use crate::writing::{self, Percent};

/// What holds on one side of an amendment.
#[derive(Clone, Serialize)]
pub struct Side {
    /// Interest, of the principal, a year.
    pub nominal_rate: Percent,
    /// Effective annual rate, rounded to one decimal by the caller.
    pub effective_rate: Percent,
    /// How many payments are to come.
    pub payments: usize,
    /// When the next of them is due; none where all have fallen due.
    #[serde(serialize_with = "writing::date_or_none")]
    pub next_due: Option<Date>,
    /// When the last is due, or was.
    #[serde(serialize_with = "writing::date_or_none")]
    pub last_due: Option<Date>,
    /// Principal and interest that are due or overdue.
    #[serde(serialize_with = "writing::money")]
    pub due: Money,
    /// Penalty owed.
    #[serde(serialize_with = "writing::money")]
    pub penalty: Money,
    /// All that is to be paid, if everything is paid on its day.
    #[serde(serialize_with = "writing::money")]
    pub to_pay: Money,
}

/// An amendment of an agreement (Rules cl. [9.a](lending::law::CL_9_A); law on microfinance, art. 3 п. 6, art. 9-2).
#[derive(Clone, Serialize)]
pub struct Amendment {
    /// Its number among the amendments of the agreement, from 1.
    pub number: u16,
    /// Number of the agreement.
    pub agreement_number: String,
    /// Date of the agreement.
    #[serde(serialize_with = "writing::date")]
    pub agreement_date: Date,
    /// Date of conclusion; the document's date, too.
    #[serde(serialize_with = "writing::date")]
    pub concluded_on: Date,
    /// The organization.
    pub lender: Lender,
    /// The client.
    pub borrower: Borrower,
    /// What holds until now.
    pub before: Side,
    /// What is to hold.
    pub after: Side,
    /// The rate falls.
    pub rate_falls: bool,
    /// Interest given up; none if none.
    #[serde(serialize_with = "writing::money_or_none")]
    pub interest_waived: Option<Money>,
    /// Penalty given up; none if none.
    #[serde(serialize_with = "writing::money_or_none")]
    pub penalty_waived: Option<Money>,
    /// Money of the client that is held for coming payments; none if none.
    #[serde(serialize_with = "writing::money_or_none")]
    pub advance: Option<Money>,
    /// Name of the dated rule set against which it was held.
    pub rule_set: String,
    /// Principal that has not fallen due: what the schedule pays back.
    #[serde(serialize_with = "writing::money")]
    pub principal_to_come: Money,
    /// The payments to come, by date.
    pub schedule: Vec<Instalment>,
}

/// Prints an amendment with its schedule.
///
/// # Errors
/// [`PaperError`]: a text that cannot be printed, an amount out of range, a schedule that does not add up.
pub fn amendment(amendment: &Amendment) -> Result<Vec<u8>, PaperError> {
    #[derive(Serialize)]
    struct Sheet<'a> {
        #[serde(flatten)]
        amendment: &'a Amendment,
        payments: Vec<String>,
        #[serde(serialize_with = "writing::money")]
        interest: Money,
        #[serde(serialize_with = "writing::money")]
        total: Money,
    }
    let principal = amendment.principal_to_come;
    let (payments, interest) = follow(principal, amendment.concluded_on, &amendment.schedule)?;
    let sheet = Sheet {
        amendment,
        payments: payments.into_iter().map(figures).collect::<Result<_, _>>()?,
        interest,
        total: principal.checked_add(interest).ok_or(PaperError::Schedule { row: 0 })?,
    };
    print(Template::Amendment, &sheet)
}
