//! Rates, day counts, and interest as an exact sum that is rounded only when it is read.

use crate::loan::Exact;
use crate::money::{Money, Rounding};
use jiff::civil::Date;
use std::fmt;

/// A nominal annual rate in parts per million of the principal (36 % = 360 000).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Rate(u32);

/// A rate per calendar day in parts per million (0.5 % a day = 5 000); penalties are agreed by the day.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct DailyRate(u32);

/// Why a text is no rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RateError {
    /// Not a number of percent with at most four decimals.
    #[error("not a percentage with at most four decimals")]
    NotAPercentage,
    /// Above [`Rate::MAX`].
    #[error("rate too high")]
    TooHigh,
}

impl Rate {
    /// The highest rate that can be computed with: 1 000 % a year. What is lawful is the rule set's business.
    pub const MAX: Self = Self(10_000_000);

    /// A rate of `ppm` parts per million a year.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        Self(ppm)
    }

    /// Parts per million a year.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// Reads a percentage: `36`, `38.5`, `9,4822` (at most four decimals), a percent sign allowed.
    ///
    /// # Errors
    /// [`RateError`].
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let text = text.get(..32).map_or(text, |_| "").trim();
        let text = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
            return Err(RateError::NotAPercentage);
        }
        let ppm: u64 = format!("{whole}{decimals:0<4}").parse().map_err(|_| RateError::TooHigh)?;
        let rate = u32::try_from(ppm).map(Self).map_err(|_| RateError::TooHigh)?;
        if rate <= Self::MAX { Ok(rate) } else { Err(RateError::TooHigh) }
    }
}

impl DailyRate {
    /// A rate of `ppm` parts per million a day.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        Self(ppm)
    }

    /// Parts per million a day.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }
}

fn percent(ppm: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
}

/// `38.5`: percent a year, without the sign, which languages place differently.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        percent(self.0, f)
    }
}

/// `0.5`: percent a day, without the sign.
impl fmt::Display for DailyRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        percent(self.0, f)
    }
}

/// How days become a part of a year.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Calendar days over 365.
    Actual365,
    /// Calendar days over 360.
    Actual360,
    /// Calendar days, each over the length of the year of the date it ends on: the day of disbursement does
    /// not count, the day of repayment does.
    ActualActual,
    /// Months of 30 days over 360.
    Thirty360,
}

/// The position of dates on a loan's own time axis.
///
/// Each day count is a function from a date to a whole number, and a period is a difference of two: that is
/// why interest from d1 to d3 is interest from d1 to d2 plus interest from d2 to d3 in every day count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayMeter {
    count: DayCount,
    /// The day of the month the due dates stand for; 28 February of a loan due on the 31st is its "30th".
    anchor_day: i8,
}

impl DayMeter {
    /// A meter for a loan whose due dates stand for `anchor_day` of the month (only 30/360 looks at it).
    #[must_use]
    pub const fn new(count: DayCount, anchor_day: i8) -> Self {
        Self { count, anchor_day }
    }

    /// How days are counted.
    #[must_use]
    pub const fn count(self) -> DayCount {
        self.count
    }

    /// The day of the month the due dates stand for.
    #[must_use]
    pub const fn anchor_day(self) -> i8 {
        self.anchor_day
    }

    /// Units in a year.
    #[must_use]
    pub const fn units_per_year(self) -> i64 {
        match self.count {
            DayCount::Actual365 => 365,
            DayCount::Actual360 | DayCount::Thirty360 => 360,
            DayCount::ActualActual => 365 * 366,
        }
    }

    /// Where `date` stands.
    #[must_use]
    pub fn position(self, date: Date) -> i64 {
        let year = i64::from(date.year());
        match self.count {
            DayCount::Actual365 | DayCount::Actual360 => days_from(Date::ZERO, date),
            DayCount::ActualActual => {
                let day_weight = if date.in_leap_year() { 365 } else { 366 };
                year * self.units_per_year() + i64::from(date.day_of_year()) * day_weight
            }
            DayCount::Thirty360 => {
                let stands_for_anchor = self.anchor_day > date.day() && date.day() == date.days_in_month();
                let day = if stands_for_anchor { self.anchor_day } else { date.day() };
                360 * year + 30 * i64::from(date.month()) + i64::from(day.min(30))
            }
        }
    }

    /// Units from one date to a later one.
    #[must_use]
    pub fn units(self, from: Date, to: Date) -> i64 {
        self.position(to) - self.position(from)
    }
}

/// Whole calendar days from one date to another; negative if `to` is earlier.
#[must_use]
pub fn days_from(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// Interest as an exact number: Σ principal × rate × time. Nothing is rounded until it is read, so that the
/// days may be added one by one or all at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Accrual(i128);

impl Accrual {
    /// Adds the interest of `principal` at `rate` for `units` of a [`DayMeter`].
    pub fn add(&mut self, principal: Money, rate: Rate, units: i64) {
        self.0 += i128::from(principal.tiyn()) * i128::from(rate.ppm()) * i128::from(units);
    }

    /// The interest so far, exactly.
    #[must_use]
    pub fn exact(self, meter: DayMeter) -> Exact {
        Exact::new(self.0, 1_000_000 * meter.units_per_year())
    }

    /// The interest so far, to the tiyn, half to even.
    #[must_use]
    pub fn rounded(self, meter: DayMeter) -> Money {
        let tiyn = Rounding::HalfEven.divide(self.0, 1_000_000 * i128::from(meter.units_per_year()));
        Money::from_tiyn(i64::try_from(tiyn).expect("interest on a bounded amount over bounded time fits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn rates_are_written_in_percent() {
        for (text, ppm, shown) in
            [("36", 360_000, "36"), ("38,5 %", 385_000, "38.5"), ("9.4822", 94_822, "9.4822")]
        {
            let rate = Rate::parse(text).unwrap();
            assert_eq!((rate.ppm(), rate.to_string().as_str()), (ppm, shown));
        }
        assert!(["", "-1", "1.23456", "1e3", ".", "99999"].iter().all(|text| Rate::parse(text).is_err()));
        assert_eq!(DailyRate::from_ppm(300).to_string(), "0.03");
    }

    #[test]
    fn a_february_due_date_of_a_loan_due_on_the_31st_closes_a_month_of_30_days() {
        let meter = DayMeter::new(DayCount::Thirty360, 31);
        let ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)];
        assert!(ends.windows(2).all(|pair| meter.units(pair[0], pair[1]) == 30));
    }

    #[test]
    fn a_day_belongs_to_the_year_of_the_date_it_ends_on() {
        let meter = DayMeter::new(DayCount::ActualActual, 1);
        assert_eq!(meter.units(date(2023, 12, 12), date(2024, 1, 12)), 19 * 366 + 12 * 365);
        assert_eq!(meter.units(date(2023, 12, 31), date(2024, 12, 31)), 365 * 366);
    }

    fn a_date() -> impl Strategy<Value = Date> {
        (0..20_000_i64).prop_map(|days| date(2000, 1, 1).saturating_add(days.days()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn interest_of_a_period_is_the_sum_of_its_parts(
            mut dates in prop::array::uniform3(a_date()),
            tiyn in 1..Money::MAX.tiyn(),
            ppm in 0..=Rate::MAX.ppm(),
            anchor in 1..=31_i8,
            count in prop::sample::select(
                vec![DayCount::Actual365, DayCount::Actual360, DayCount::ActualActual, DayCount::Thirty360],
            ),
        ) {
            dates.sort_unstable();
            let meter = DayMeter::new(count, anchor);
            let accrued = |to| {
                let mut accrual = Accrual::default();
                accrual.add(Money::from_tiyn(tiyn), Rate::from_ppm(ppm), meter.units(dates[0], to));
                accrual
            };
            let mut in_parts = accrued(dates[1]);
            in_parts.add(Money::from_tiyn(tiyn), Rate::from_ppm(ppm), meter.units(dates[1], dates[2]));
            prop_assert_eq!(in_parts, accrued(dates[2]));
            prop_assert!(meter.units(dates[0], dates[1]) >= 0);
        }
    }
}
