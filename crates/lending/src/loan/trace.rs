//! The steps that lead to a figure.

use crate::ledger::Turnover;
use crate::loan::{Allocation, Debt, Happening};
use crate::money::Money;
use crate::rate::{Accrual, DailyRate, Rate};
use jiff::civil::Date;
use uuid::Uuid;

/// One step of the fold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The day at whose end it began; `on` for what takes no time.
    pub from: Date,
    /// The day at whose end it was done.
    pub on: Date,
    /// What was done.
    pub kind: StepKind,
    /// How the loan stood afterwards.
    pub position: Position,
}

/// How a loan stands between two steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// What is owed, by kind.
    pub debt: Debt,
    /// Interest not accrued yet that closing the loan costs all the same.
    pub interest_to_come: Money,
    /// Money held for the next due dates.
    pub advance: Money,
    /// Interest for the next row so far, rounded as the row will be, what was paid of it included.
    pub running: Money,
    /// What was moved through the books.
    pub turnover: Turnover,
}

/// How a loan came to stand as it does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    /// What happened up to the date of the fold.
    pub steps: Vec<Step>,
    /// What is to come if everything is paid on its day: the interest of the coming rows. Of its standings
    /// only [`Position::running`] is foreseen.
    pub foreseen: Vec<Step>,
}

/// What a step did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// Something happened to the loan.
    Event(Happening),
    /// The coming installments were planned.
    Planned {
        /// The regular installment, or share of principal.
        regular: Money,
        /// How many there are.
        rows: usize,
    },
    /// Interest ran.
    Interest(InterestRun),
    /// Nothing was accrued: suspended.
    Suspended,
    /// Nothing was accrued: too long overdue.
    Stopped,
    /// An installment fell due.
    Due {
        /// Its number.
        number: u16,
        /// Its principal.
        principal: Money,
        /// Its interest: that of its period, rounded.
        interest: Money,
    },
    /// The day ended on which something was due that is not paid.
    FellOverdue {
        /// Principal of it.
        principal: Money,
        /// Interest of it.
        interest: Money,
    },
    /// Penalty ran.
    Penalty {
        /// On this overdue amount.
        on: Money,
        /// At this rate a day.
        rate: DailyRate,
        /// All penalty so far, under the caps of the law.
        accrued: Money,
    },
    /// A payment was taken.
    Paid {
        /// Its id.
        id: Uuid,
        /// How much.
        amount: Money,
        /// It was taken back, and counts for nothing.
        reversed: bool,
        /// What it was taken for.
        allocation: Allocation,
    },
    /// Money held before was taken for what fell due.
    AdvanceUsed {
        /// What it was taken for.
        allocation: Allocation,
    },
    /// Principal was paid before it was due, with the interest up to the day, as a row of its own.
    PaidAhead {
        /// The principal.
        principal: Money,
        /// The interest.
        interest: Money,
    },
    /// An installment was wholly paid before it was due.
    Satisfied {
        /// Its number.
        number: u16,
        /// Its interest.
        interest: Money,
        /// The interest that was running was its.
        collects: bool,
    },
}

/// Interest over days in which nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InterestRun {
    /// On this principal.
    pub on: Money,
    /// At this rate.
    pub rate: Rate,
    /// So much time, in parts of a year.
    pub units: i64,
    /// How many parts make a year.
    pub units_per_year: i64,
    /// Interest of the running period so far.
    pub running: Accrual,
}
