//! The papers of a credit as PDF: the agreement and its amendments, the sheet that proves how one was concluded, the
//! notice that its obligations are fulfilled. Each is a plain struct in and bytes out; the only crate that knows about PDF.
//!
//! - Every paper is Kazakh and Russian side by side, A4, PDF/A-2u, tagged for screen readers.
//! - The same struct gives the same bytes in any process: no clock, no file system, no network, no system
//!   fonts. The hash of an agreement's bytes is what its parties sign.
//! - What a client wrote reaches a template as a value, never as source text, so it cannot become markup.
//! - A character without a glyph in the embedded font is an error, not an empty box on a contract.
//!
//! Rendering takes some tens of milliseconds of one core: call it from a blocking thread.

mod admission;
mod agreement;
mod amendment;
mod closing;
mod evidence;
mod press;
mod words;
mod writing;

pub use agreement::{
    Agreement, Bilingual, Borrower, DayCount, Document, Instalment, Lender, Method, Penalty, Representative,
    Term, agreement,
};
pub use amendment::{Amendment, Side, amendment};
pub use closing::{ClosingNotice, closing_notice};
pub use evidence::{Acknowledgement, Channel, ConfirmationMethod, EvidenceSheet, Proof, evidence};
pub use words::in_words;
pub use writing::{Percent, Sha256};

/// Why a paper was not printed. Never repeats what a field contains.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaperError {
    /// A required text is empty.
    #[error("{field} is empty")]
    Empty {
        /// Path of the field, as `borrower.full_name`.
        field: String,
    },
    /// A text is longer than 500 characters.
    #[error("{field} is too long")]
    TooLong {
        /// Path of the field.
        field: String,
    },
    /// A list is longer than 600 rows.
    #[error("{field} has too many rows")]
    TooManyRows {
        /// Path of the field.
        field: String,
    },
    /// A control or direction character, or one that the embedded font has no glyph for.
    #[error("{field} holds a character that cannot be printed")]
    Unprintable {
        /// Path of the field.
        field: String,
    },
    /// An amount is negative or above [`lending::money::Money::MAX`], or a date is outside the years 1900–9999.
    #[error("{field} is out of range")]
    OutOfRange {
        /// Name of the value.
        field: String,
    },
    /// The schedule does not repay the amount, or a row, its balance or its date does not follow from the rows before.
    #[error("the schedule does not add up at row {row}")]
    Schedule {
        /// Number of the first wrong row, from 1; 0: the schedule as a whole.
        row: usize,
    },
    /// Our template is broken; the place, without the text that broke it.
    #[error("template fault at {place}")]
    Template {
        /// File and line, or the stage.
        place: String,
    },
}
