//! What a loan accrues from a date on while nothing happens to it.
//!
//! Between two of its dates a loan's interest and penalty are straight lines: facts and dates describe them, no
//! counter. That is what lets a million loans close a day: only those whose line ends are folded again.
//! Because a day's accrual is the difference of two values of one function, F(d1, d3) = F(d1, d2) + F(d2, d3), and any
//! day can be computed alone, late or twice.

use crate::money::{Money, Rounding};
use crate::rate::{DailyRate, MeterStep, Rate, days_from};
use jiff::civil::Date;

/// The denominator of penalties: rates are in millionths a day.
pub const PENALTY_DENOMINATOR: i64 = 1_000_000;

/// The lines of a living loan from [`Standing::base`] on. Made by the fold ([`Loan::standing`](super::Loan)); agrees
/// with it on every date before [`Standing::changes_on`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The date it was folded to, all events of that day included.
    pub base: Date,
    /// The first date on which the lines may be others: a due date, the day after it, a step of the penalty, the end
    /// of accrual, the end of a year of the agreement, a known event.
    pub changes_on: Date,
    /// How days become units of interest.
    pub step: MeterStep,
    /// What interest runs on; with a rate of zero, nothing runs.
    pub principal: Money,
    /// Nominal annual rate; zero where interest has stopped.
    pub rate: Rate,
    /// Interest of earlier periods, each rounded when it ended.
    pub interest_before: Money,
    /// Interest of the running period up to the base date, exactly.
    pub interest: Exact,
    /// Penalty of earlier years of the agreement.
    pub penalty_before: Money,
    /// Penalty of the running year up to the base date, exactly and above its cap.
    pub penalty: Exact,
    /// What penalty runs on; zero where none does.
    pub overdue: Money,
    /// Penalty a day; zero where none runs.
    pub penalty_rate: DailyRate,
    /// The most that one year of the agreement may add.
    pub penalty_cap: Money,
    /// The first day of the oldest delay that still lasts.
    pub overdue_since: Option<Date>,
}

/// An exact amount: whole tiyn and a part of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exact {
    /// Whole tiyn.
    pub whole: Money,
    /// The part beyond, in parts of [`Exact::denominator`]; from zero to below it.
    pub rest: i64,
    /// Parts of a tiyn: 1 000 000 times the units of a year for interest, [`PENALTY_DENOMINATOR`] for penalty.
    pub denominator: i64,
}

impl Exact {
    /// Nothing.
    pub const NOTHING: Self = Self { whole: Money::ZERO, rest: 0, denominator: 1 };

    /// `numerator / denominator`.
    ///
    /// # Panics
    /// If the amount is beyond [`Money`] or the denominator is not positive: neither comes from a bounded loan.
    #[must_use]
    pub fn new(numerator: i128, denominator: i64) -> Self {
        let parts = i128::from(denominator);
        let narrow = |part: i128| i64::try_from(part).expect("a bounded amount fits");
        Self {
            whole: Money::from_tiyn(narrow(numerator.div_euclid(parts))),
            rest: narrow(numerator.rem_euclid(parts)),
            denominator,
        }
    }

    /// The amount and `parts` more, to the tiyn, half to even.
    fn and(self, parts: i128) -> Money {
        let denominator = i128::from(self.denominator);
        let exact = i128::from(self.whole.tiyn()) * denominator + i128::from(self.rest) + parts;
        let tiyn = Rounding::HalfEven.divide(exact, denominator);
        Money::from_tiyn(i64::try_from(tiyn).expect("interest on a bounded amount over bounded time fits"))
    }
}

/// What has accrued since a loan began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Accrued {
    /// Interest.
    pub interest: Money,
    /// Penalty.
    pub penalty: Money,
}

impl std::ops::Sub for Accrued {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { interest: self.interest - other.interest, penalty: self.penalty - other.penalty }
    }
}

impl std::ops::Add for Accrued {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { interest: self.interest + other.interest, penalty: self.penalty + other.penalty }
    }
}

impl std::ops::AddAssign for Accrued {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Standing {
    /// The last date of which it tells.
    #[must_use]
    pub fn last(&self) -> Date {
        self.changes_on.yesterday().unwrap_or(self.base).max(self.base)
    }

    /// All interest and penalty from the loan's beginning to the end of `on`. A date before the base date or after
    /// [`Standing::last`] is taken for that one.
    #[must_use]
    pub fn accrued(&self, on: Date) -> Accrued {
        let on = on.clamp(self.base, self.last());
        Accrued { interest: self.interest_on(on), penalty: self.penalty_on(on) }
    }

    /// What the days after `from` up to `to` add.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Accrued {
        self.accrued(to) - self.accrued(from)
    }

    /// Consecutive days overdue at the end of `on`.
    #[must_use]
    pub fn overdue_days(&self, on: Date) -> u32 {
        let days = self.overdue_since.map_or(0, |since| days_from(since, on) + 1);
        u32::try_from(days).unwrap_or(0)
    }

    fn interest_on(&self, on: Date) -> Money {
        let units = self.step.units(self.base, on);
        let parts = i128::from(self.principal.tiyn()) * i128::from(self.rate.ppm()) * i128::from(units);
        self.interest_before + self.interest.and(parts)
    }

    fn penalty_on(&self, on: Date) -> Money {
        let days = days_from(self.base, on);
        let parts = i128::from(self.overdue.tiyn()) * i128::from(self.penalty_rate.ppm()) * i128::from(days);
        self.penalty_before + self.penalty.and(parts).min(self.penalty_cap)
    }
}

#[cfg(test)]
mod tests;
