//! The steps that lead to a figure.

use crate::loan::{Allocation, Happening};
use crate::money::Money;
use crate::rate::{DailyRate, Rate};
use jiff::civil::Date;

/// One step of the fold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The day at whose end it began; `on` for what takes no time.
    pub from: Date,
    /// The day at whose end it was done.
    pub on: Date,
    /// What was done.
    pub kind: StepKind,
}

/// What a step did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    Interest {
        /// On this principal.
        on: Money,
        /// At this rate.
        rate: Rate,
        /// Interest of the running period so far, rounded to the tiyn.
        running: Money,
    },
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
        /// How much.
        amount: Money,
        /// It was taken back, and counts for nothing.
        reversed: bool,
        /// What it was taken for.
        allocation: Allocation,
    },
}
