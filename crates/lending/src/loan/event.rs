//! What can happen to a loan.

use crate::money::Money;
use crate::rate::Rate;
use jiff::civil::Date;
use uuid::Uuid;

/// The most events a loan may have.
pub const EVENTS_MAX: usize = 10_000;

/// Something that happened, with the date from which it counts. It may become known at any later time.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
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
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// Money reached the client: all of it, or a part where the agreement has several
    /// ([`Conduct::tranches`](crate::loan::Conduct::tranches)).
    Disbursed {
        /// How much.
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
    /// later request replaces it. Without effect where early money is used unasked
    /// ([`EarlyMoney`](crate::loan::EarlyMoney)).
    EarlyRepaymentRequested {
        /// What becomes of the schedule.
        mode: EarlyRepayment,
        /// How much to use, interest up to the day included; all there is if not said.
        #[serde(rename = "amount_tiyn", default)]
        amount: Option<Money>,
    },
    /// A fixed penalty was imposed; it counts toward the yearly cap, and what is above the cap is not owed.
    PenaltyCharged {
        /// How much.
        #[serde(rename = "amount_tiyn")]
        amount: Money,
    },
    /// The organization gave up a part of what is owed.
    Waived {
        /// Of what.
        part: Waivable,
        /// How much; no more than is owed on the day is given up.
        #[serde(rename = "amount_tiyn")]
        amount: Money,
    },
    /// Another rate holds after this day, and the coming installments are planned anew. Whether it may rise is
    /// the rule set's business.
    RateChanged {
        /// The new rate.
        #[serde(rename = "rate_ppm")]
        rate: Rate,
    },
    /// The schedule was changed by agreement.
    Rescheduled(Rescheduling),
    /// Interest and penalty stop after this day (Rules cl. [13.b](crate::law::CL_13_B)).
    AccrualSuspended {
        /// The last day on which nothing is accrued; until [`Happening::AccrualResumed`] if not said.
        #[serde(default)]
        until: Option<Date>,
    },
    /// Interest and penalty run again after this day.
    AccrualResumed {
        /// What becomes of the interest of the days between.
        interest: GapInterest,
    },
    /// The debt was given up (Rules cl. [13.d](crate::law::CL_13_D), [13.e](crate::law::CL_13_E)).
    WrittenOff {
        /// Why.
        by: WriteOff,
        /// The right to claim it stays.
        #[serde(default)]
        claim_kept: bool,
    },
    /// The claim was assigned to another.
    Sold,
    /// What the client had paid too much was returned.
    OverpaymentReturned {
        /// How much, no more than was overpaid.
        #[serde(rename = "amount_tiyn")]
        amount: Money,
    },
}

/// What an organization may give up in part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Waivable {
    /// Interest due or overdue, oldest first; after the last due date that which runs, too.
    Interest,
    /// Penalty.
    Penalty,
}

/// A change of the schedule by agreement: of the installments due on `from` or later.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rescheduling {
    /// The first due date that changes; earlier ones stay.
    pub from: Date,
    /// Where that due date moves to; later ones follow it period by period.
    #[serde(default)]
    pub next_due: Option<Date>,
    /// So many installments more.
    #[serde(default)]
    pub more_installments: u16,
    /// The due dates from there on one by one, as they were agreed on with days off dealt with. What happened before and is
    /// found out later may leave another number of installments: those beyond follow the last date period by period.
    /// Empty: all do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due_on: Vec<Date>,
    /// So many of these installments pay no principal.
    #[serde(default)]
    pub grace_on_principal: u16,
    /// In so many of them interest is put off to the next.
    #[serde(default)]
    pub grace_on_interest: u16,
    /// The regular installment stays, and the last takes what is left; else it is computed anew.
    #[serde(default)]
    pub keep_installment: bool,
}

/// What becomes of interest of the days on which nothing was accrued.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapInterest {
    /// It is accrued at once (Rules cl. [13.c](crate::law::CL_13_C)).
    Charged,
    /// It never was.
    Dropped,
}

/// Why a debt is written off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WriteOff {
    /// It will not be paid.
    Uncollectible,
    /// A court found that the client never got the credit: all that was paid is returned.
    Verdict,
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
