//! A loan is the fold of its events: terms and value-dated events in, the state on a date out.
//!
//! [`fold()`] knows no clock and remembers nothing. A payment found late, a payment taken back: append the
//! event, fold again, and post the difference of the [`Turnover`]s.
//!
//! The days of a loan, in the order in which they are computed:
//! 1. interest runs on all outstanding principal, overdue or not; penalty on what is overdue ([`Penalty`]);
//!    both stop after 90 consecutive overdue days and resume when the oldest delay ends;
//! 2. on a due date the row's principal and the interest of the period become due, and a held advance is
//!    taken for them;
//! 3. the events of the day follow by their sequence; a payment on the due date is on time;
//! 4. what is unpaid when the day ends is overdue from the next day.

mod allocation;
mod changing;
mod coming;
mod event;
mod fold;
mod folding;
mod noting;
mod owing;
mod paying;
mod penalty;
mod standing;
mod terms;
mod trace;

use crate::effective_rate::{EffectiveRate, EffectiveRateError};
use crate::law::rules::RuleSet;
use crate::ledger::{Account, Turnover};
use crate::money::Money;
use crate::rate::Rate;
use crate::schedule::Schedule;
pub use allocation::{Allocation, AllocationOrder, Component, NotAnOrder};
pub use event::{
    EVENTS_MAX, EarlyRepayment, Event, GapInterest, Happening, Rescheduling, Waivable, WriteOff,
};
pub use fold::{FoldError, fold, fold_traced, quote_payoff};
use jiff::civil::Date;
pub use penalty::Penalty;
pub use standing::{Accrued, Exact, PENALTY_DENOMINATOR, Standing};
pub use terms::{AllocateBy, Conduct, Deviation, EarlyMoney, InterestOn, LoanTerms, Rounded};
pub use trace::{InterestRun, Position, Step, StepKind, Trace};
use uuid::Uuid;

/// Where a loan stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The money has not left yet.
    AwaitingDisbursement,
    /// Nothing is overdue.
    Active,
    /// Something was due and is not paid.
    Overdue,
    /// Nothing is owed any more.
    Closed,
    /// The debt was written off.
    WrittenOff,
    /// The claim was assigned to another.
    Sold,
}

/// How a loan ended that was not paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Written off.
    WrittenOff {
        /// Why.
        by: WriteOff,
        /// The right to claim it stays.
        claim_kept: bool,
    },
    /// Assigned to another.
    Sold,
}

/// A loan on a date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loan {
    /// The date, all its events included.
    pub as_of: Date,
    /// Where it stands.
    pub status: Status,
    /// What is owed, by kind.
    pub debt: Debt,
    /// Interest not accrued yet that closing the loan costs all the same; only where interest follows the plan
    /// ([`InterestOn::Plan`]).
    pub interest_to_come: Money,
    /// Money held for the next due dates.
    pub advance: Money,
    /// Money beyond the whole debt, owed to the client.
    pub overpaid: Money,
    /// What may still be claimed although it was written off.
    pub claim: Money,
    /// Interest and penalty are suspended.
    pub accrual_suspended: bool,
    /// The nominal annual rate that is agreed, whether or not interest runs.
    pub rate: Rate,
    /// The first day of the oldest delay that still lasts.
    pub overdue_since: Option<Date>,
    /// Consecutive overdue days of the oldest delay that still lasts.
    pub overdue_days: u32,
    /// Planned installments, and early repayments where they happened.
    pub rows: Vec<LoanRow>,
    /// Payments by value date, the reversed ones included.
    pub payments: Vec<Payment>,
    /// The next row that asks for money.
    pub next_due: Option<NextDue>,
    /// The day the last tiyn was paid, or the debt ended in another way.
    pub closed_on: Option<Date>,
    /// How it ended, where it was not paid.
    pub ended: Option<Ending>,
    /// The plan since the last change of the schedule.
    pub plan: Schedule,
    /// Where the interest of its first row began to run: disbursement, a due date, or an early repayment.
    pub planned_from: Date,
    /// The rule set the agreement was made under.
    pub rule_set: &'static RuleSet,
    /// What it should have moved through the books.
    pub turnover: Turnover,
    /// What it accrues from here on while nothing happens to it; nothing unless it is active or overdue.
    pub standing: Option<Standing>,
}

/// Debt = principal + accrued unpaid interest + penalties (Rules cl. 2, [7.5](crate::law::CL_7_5)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Debt {
    /// Principal of coming due dates.
    #[serde(rename = "principal_not_due_tiyn")]
    pub principal_not_due: Money,
    /// Principal due on the date itself.
    #[serde(rename = "principal_due_tiyn")]
    pub principal_due: Money,
    /// Principal overdue.
    #[serde(rename = "principal_overdue_tiyn")]
    pub principal_overdue: Money,
    /// Interest of the running period; after the last due date, on principal still overdue.
    #[serde(rename = "interest_accrued_tiyn")]
    pub interest_accrued: Money,
    /// Interest due on the date itself.
    #[serde(rename = "interest_due_tiyn")]
    pub interest_due: Money,
    /// Interest overdue.
    #[serde(rename = "interest_overdue_tiyn")]
    pub interest_overdue: Money,
    /// Penalty.
    #[serde(rename = "penalty_tiyn")]
    pub penalty: Money,
}

impl Debt {
    /// All principal.
    #[must_use]
    pub fn principal(&self) -> Money {
        self.principal_not_due + self.principal_due + self.principal_overdue
    }

    /// All interest.
    #[must_use]
    pub fn interest(&self) -> Money {
        self.interest_accrued + self.interest_due + self.interest_overdue
    }

    /// What should have been paid before the date: overdue principal and interest, and penalty.
    #[must_use]
    pub fn overdue(&self) -> Money {
        self.principal_overdue + self.interest_overdue + self.penalty
    }

    /// Everything.
    #[must_use]
    pub fn total(&self) -> Money {
        self.principal() + self.interest() + self.penalty
    }
}

/// What a row of the schedule is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A planned installment.
    Installment,
    /// Principal paid before its due date, with the interest up to that day.
    EarlyRepayment,
    /// Interest that ran after the last due date.
    AfterMaturity,
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Its due date lies ahead.
    Upcoming,
    /// Due today and not wholly paid.
    Due,
    /// Its due date has passed and it is not wholly paid.
    Overdue,
    /// Wholly paid.
    Paid,
    /// The debt ended before it was paid.
    WrittenOff,
}

/// A row of the schedule with what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoanRow {
    /// What it is.
    pub kind: RowKind,
    /// Number of the installment; 0 for other kinds.
    pub number: u16,
    /// When it is or was due.
    pub due_on: Date,
    /// Principal to pay.
    pub principal: Money,
    /// Interest to pay: planned until the due date, then what the period really cost.
    pub interest: Money,
    /// Principal paid.
    pub principal_paid: Money,
    /// Interest paid.
    pub interest_paid: Money,
    /// What of both was paid before the due date.
    pub paid_early: Money,
    /// What of both was paid after it.
    pub paid_late: Money,
    /// The value date of the payment that completed it.
    pub paid_on: Option<Date>,
    /// Where it stands.
    pub state: RowState,
}

impl LoanRow {
    /// Principal and interest to pay.
    #[must_use]
    pub fn payment(&self) -> Money {
        self.principal + self.interest
    }

    /// Principal and interest still to pay.
    #[must_use]
    pub fn unpaid(&self) -> Money {
        self.unpaid_principal() + self.unpaid_interest()
    }

    fn unpaid_principal(&self) -> Money {
        self.principal - self.principal_paid
    }

    fn unpaid_interest(&self) -> Money {
        self.interest - self.interest_paid
    }
}

/// A payment and what it was taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Payment {
    /// Its id.
    pub id: Uuid,
    /// Its value date.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// It was taken back, so that it counts for nothing.
    pub reversed: bool,
    /// What it was taken for; nothing if reversed.
    pub allocation: Allocation,
}

/// The next row that asks for money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextDue {
    /// When.
    pub on: Date,
    /// Principal still to pay.
    pub principal: Money,
    /// Interest still to pay, as planned.
    pub interest: Money,
    /// What remains to be brought after the advance.
    pub to_bring: Money,
}

/// What closes a loan on a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Payoff {
    /// The date it holds for.
    pub on: Date,
    /// All principal.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// All interest up to the date.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// All penalty up to the date.
    #[serde(rename = "penalty_tiyn")]
    pub penalty: Money,
    /// Money already held.
    #[serde(rename = "advance_tiyn")]
    pub advance: Money,
    /// What remains to be brought.
    #[serde(rename = "to_bring_tiyn")]
    pub to_bring: Money,
}

impl Loan {
    /// What closes the loan on its date.
    #[must_use]
    pub fn payoff(&self) -> Payoff {
        Payoff {
            on: self.as_of,
            principal: self.debt.principal(),
            interest: self.debt.interest() + self.interest_to_come,
            penalty: self.debt.penalty,
            advance: self.advance,
            to_bring: (self.debt.total() + self.interest_to_come).less(self.advance),
        }
    }

    /// The annual effective rate of the plan in force: of the whole credit, or since a change of the schedule
    /// from the remaining debt and term (NBRK resolution No. 208).
    ///
    /// # Errors
    /// [`EffectiveRateError`], for example where nothing is left to pay.
    pub fn effective_rate(&self) -> Result<EffectiveRate, EffectiveRateError> {
        EffectiveRate::of(self.plan.cash_flow(self.planned_from))
    }

    /// The loan's part of each account's balance.
    #[must_use]
    pub fn balances(&self) -> [(Account, Money); Account::ALL.len()] {
        self.turnover.balances()
    }
}

#[cfg(test)]
pub(crate) mod tests;
