//! Penalty for delay, under the caps of the law (Law on microfinance activity, art. 6 п. 3).

use crate::law::rules::PenaltyCaps;
use crate::loan::{Exact, PENALTY_DENOMINATOR};
use crate::money::{Money, Rounding};
use crate::rate::DailyRate;
use jiff::Span;
use jiff::civil::Date;

/// Penalty accrued so far, kept exactly and rounded only when read: any days may be added one by one or at
/// once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Penalty {
    caps: PenaltyCaps,
    agreed: DailyRate,
    issued_on: Date,
    /// The most one year of the agreement may add.
    yearly_max: Money,
    /// Σ overdue × rate × days of the running year.
    year: i128,
    /// What earlier years added.
    earlier_years: Money,
    /// The running year of the agreement, from 1.
    year_number: i16,
    /// The first date not in it.
    year_ends: Date,
}

impl Penalty {
    /// Nothing yet, for `issued` given on `issued_on` with `agreed` penalty a day.
    #[must_use]
    pub fn new(caps: PenaltyCaps, agreed: DailyRate, issued: Money, issued_on: Date) -> Self {
        let yearly_max = issued.mul_ratio(i128::from(caps.yearly_max_ppm), 1_000_000, Rounding::Floor);
        let year_ends = issued_on.saturating_add(Span::new().years(1));
        let earlier_years = Money::ZERO;
        Self { caps, agreed, issued_on, yearly_max, year: 0, earlier_years, year_number: 1, year_ends }
    }

    /// Counts from another day and amount; for what was given otherwise than agreed.
    pub fn restart(&mut self, issued: Money, issued_on: Date) {
        *self = Self::new(self.caps, self.agreed, issued, issued_on);
    }

    /// More was given: the caps of this and later years rise.
    pub fn issue(&mut self, more: Money) {
        self.yearly_max += more.mul_ratio(i128::from(self.caps.yearly_max_ppm), 1_000_000, Rounding::Floor);
    }

    /// Adds a fixed penalty.
    pub fn charge(&mut self, amount: Money) {
        self.year += i128::from(amount.tiyn()) * 1_000_000;
    }

    /// The first date not in the running year of the agreement.
    #[must_use]
    pub const fn year_ends(&self) -> Date {
        self.year_ends
    }

    /// The penalty a day after so many full days overdue.
    #[must_use]
    pub fn rate_after(&self, overdue_days: i64) -> DailyRate {
        let first = overdue_days < i64::from(self.caps.first_days.0);
        self.agreed.min(if first { self.caps.daily_max } else { self.caps.daily_max_later })
    }

    /// Adds `days` for what is `overdue` since `overdue_days` before them. The caller splits at
    /// [`Penalty::year_ends`] and at the end of the first days.
    pub fn add(&mut self, overdue: Money, overdue_days: i64, days: i64) {
        let rate = self.rate_after(overdue_days);
        self.year += i128::from(overdue.tiyn()) * i128::from(rate.ppm()) * i128::from(days);
    }

    /// Begins the next year of the agreement, with a cap of its own.
    pub fn turn_year(&mut self) {
        self.earlier_years = self.accrued();
        self.year = 0;
        self.year_number = self.year_number.saturating_add(1);
        self.year_ends = self.issued_on.saturating_add(Span::new().years(self.year_number));
    }

    /// Penalty of earlier years, of the running year exactly and before its cap, and that cap.
    pub(super) fn lines(&self) -> (Money, Exact, Money) {
        (self.earlier_years, Exact::new(self.year, PENALTY_DENOMINATOR), self.yearly_max)
    }

    /// All penalty so far, to the tiyn, half to even, no year above its cap.
    #[must_use]
    pub fn accrued(&self) -> Money {
        let cap = i128::from(self.yearly_max.tiyn());
        let year = Rounding::HalfEven.divide(self.year, 1_000_000).min(cap);
        self.earlier_years + Money::from_tiyn(i64::try_from(year).unwrap_or(0))
    }
}
