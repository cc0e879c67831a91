//! What can happen to a loan.

use crate::money::Money;
use jiff::civil::Date;
use uuid::Uuid;

/// The most events a loan may have.
pub const EVENTS_MAX: usize = 10_000;

/// Something that happened, with the date from which it counts. It may become known at any later time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// The value date.
    pub on: Date,
    /// Order within the value date, unique within it; given once, when the event is recorded.
    pub sequence: i64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// The money reached the client, all of it.
    Disbursed {
        /// How much; the principal of the terms.
        #[serde(rename = "amount_tiyn")]
        amount: Money,
    },
    /// The client paid.
    Repaid {
        /// Id of the payment.
        id: Uuid,
        /// How much.
        #[serde(rename = "amount_tiyn")]
        amount: Money,
    },
    /// A payment was taken back: from its own value date on it counts for nothing.
    RepaymentReversed {
        /// Id of the payment.
        id: Uuid,
    },
    /// The client asked to use money for principal before it is due. Stands until money has been used so; a
    /// later request replaces it.
    EarlyRepaymentRequested {
        /// What becomes of the schedule.
        mode: EarlyRepayment,
        /// How much to use, interest up to the day included; all there is if not said.
        #[serde(rename = "amount_tiyn", default)]
        amount: Option<Money>,
    },
}

/// What becomes of the schedule after principal was paid early; the due dates stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EarlyRepayment {
    /// As many installments as before, each smaller.
    KeepTerm,
    /// Installments as large as before, fewer of them.
    KeepInstallment,
}
