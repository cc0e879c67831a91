//! Rates, day counts, and interest as an exact sum that is rounded only when it is read.

use crate::loan::Exact;
use crate::money::{Money, Rounding};
use crate::schedule::Period;
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
    /// Calendar days over 365; in a period that holds 29 February, those that end in the leap year over 366.
    ActualActualFebruary,
    /// Months of 30 days over 360: the 31st costs nothing, the end of February makes up for the days it lacks.
    Thirty360,
    /// Months as twelfths of a year, each calendar day an equal part of its month.
    EqualMonths,
    /// Months of 30 days over 365, each calendar day an equal part of its month.
    EqualMonths365,
}

impl DayCount {
    /// Every day count.
    pub const ALL: [Self; 7] = [
        Self::Actual365,
        Self::Actual360,
        Self::ActualActual,
        Self::ActualActualFebruary,
        Self::Thirty360,
        Self::EqualMonths,
        Self::EqualMonths365,
    ];

    /// Whether a day's part depends on the period it lies in.
    const fn by_period(self) -> bool {
        matches!(self, Self::ActualActualFebruary | Self::EqualMonths | Self::EqualMonths365)
    }
}

/// Measures a loan's time: calendar dates in, parts of a year out.
///
/// Time falls into steps, the periods between nominal due dates. Within a step each day count is a function
/// from a date to a whole number, and a span of days is a difference of two: that is why interest from d1 to
/// d3 is interest from d1 to d2 plus interest from d2 to d3 in every day count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayMeter {
    count: DayCount,
    period: Period,
    /// A nominal due date; the others lie whole periods before and after it.
    origin: Date,
    /// The day of the month the due dates stand for; 28 February of a loan due on the 31st is its "30th".
    anchor_day: i8,
}

/// How days of a step become units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Units {
    /// So many for each calendar day.
    PerDay(i64),
    /// 366 for each day of a year of 365, 365 for each day of a year of 366.
    PerDayOfYear,
    /// One for each day of months of 30.
    Months30 {
        /// The day of the month the due dates stand for.
        anchor_day: i8,
    },
}

/// A stretch of a loan's time with one measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MeterStep {
    /// Its first moment is the end of this date.
    pub from: Date,
    /// Its last moment is the end of this date.
    pub until: Date,
    /// Units in a year.
    pub units_per_year: i64,
    /// How its days are counted.
    pub units: Units,
}

impl DayMeter {
    /// A meter for a loan whose due dates lie whole periods from `origin` and stand for `anchor_day` of the
    /// month.
    #[must_use]
    pub const fn new(count: DayCount, period: Period, origin: Date, anchor_day: i8) -> Self {
        Self { count, period, origin, anchor_day }
    }

    /// The step in which the day after `date` lies.
    #[must_use]
    pub fn step_after(self, date: Date) -> MeterStep {
        let (from, until) =
            if self.count.by_period() { self.period_after(date) } else { (Date::MIN, Date::MAX) };
        let months = match self.period {
            Period::Months(months) => Some(i64::from(months)),
            Period::Days(_) | Period::Weeks(_) | Period::HalfMonths => None,
        };
        let days = days_from(from, until);
        let (units_per_year, units) = match (self.count, months) {
            (DayCount::Actual365, _) | (DayCount::EqualMonths365, None) => (365, Units::PerDay(1)),
            (DayCount::Actual360, _) | (DayCount::EqualMonths, None) => (360, Units::PerDay(1)),
            (DayCount::Thirty360, _) => (360, Units::Months30 { anchor_day: self.anchor_day }),
            (DayCount::ActualActual, _) => (365 * 366, Units::PerDayOfYear),
            (DayCount::ActualActualFebruary, _) if holds_29_february(from, until) => {
                (365 * 366, Units::PerDayOfYear)
            }
            (DayCount::ActualActualFebruary, _) => (365 * 366, Units::PerDay(366)),
            (DayCount::EqualMonths, Some(months)) => (360 * days, Units::PerDay(30 * months)),
            (DayCount::EqualMonths365, Some(months)) => (365 * days, Units::PerDay(30 * months)),
        };
        MeterStep { from, until, units_per_year, units }
    }

    /// The nominal period in which the day after `date` lies.
    fn period_after(self, date: Date) -> (Date, Date) {
        let nominal = |count| self.period.step(self.origin, self.anchor_day, count);
        let mut count = self.period.steps_between(self.origin, date);
        while nominal(count) > date {
            count -= 1;
        }
        while nominal(count + 1) <= date && nominal(count + 1) < Date::MAX {
            count += 1;
        }
        (nominal(count), nominal(count + 1))
    }
}

fn holds_29_february(from: Date, until: Date) -> bool {
    (from.year()..=until.year())
        .any(|year| Date::new(year, 2, 29).is_ok_and(|leap_day| from < leap_day && leap_day <= until))
}

impl MeterStep {
    /// A measure for all time.
    #[must_use]
    pub const fn days(units_per_year: i64, units: Units) -> Self {
        Self { from: Date::MIN, until: Date::MAX, units_per_year, units }
    }

    /// Units from one date to a later one, both within the step.
    #[must_use]
    pub fn units(&self, from: Date, to: Date) -> i64 {
        match self.units {
            Units::PerDay(units) => units * days_from(from, to),
            Units::PerDayOfYear => years_position(to) - years_position(from),
            Units::Months30 { anchor_day } => {
                months_position(to, anchor_day) - months_position(from, anchor_day)
            }
        }
    }
}

fn years_position(date: Date) -> i64 {
    let day_weight = if date.in_leap_year() { 365 } else { 366 };
    i64::from(date.year()) * (365 * 366) + i64::from(date.day_of_year()) * day_weight
}

fn months_position(date: Date, anchor_day: i8) -> i64 {
    let stands_for_anchor = anchor_day > date.day() && date.day() == date.days_in_month();
    let day = if stands_for_anchor { anchor_day } else { date.day() };
    360 * i64::from(date.year()) + 30 * i64::from(date.month()) + i64::from(day.min(30))
}

/// Whole calendar days from one date to another; negative if `to` is earlier.
#[must_use]
pub fn days_from(from: Date, to: Date) -> i64 {
    day_number(to) - day_number(from)
}

/// Days since 1 March of the year 12 001 before Christ, by the rule that the months from March on repeat 31,
/// 30, 31, 30, 31 days. All in 32 bits and above zero: this is the innermost sum of everything here.
fn day_number(date: Date) -> i64 {
    let (year, month, day) =
        (i32::from(date.year()) + YEARS_BEFORE, i32::from(date.month()), i32::from(date.day()));
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    i64::from(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1)
}

/// Thirty times 400 years.
const YEARS_BEFORE: i32 = 12_000;

/// The date so many calendar days after another, before it if negative; stops at the ends of time.
#[must_use]
pub fn days_after(date: Date, days: i64) -> Date {
    date_of(day_number(date).saturating_add(days)).unwrap_or(if days > 0 { Date::MAX } else { Date::MIN })
}

/// The inverse of [`day_number`].
fn date_of(number: i64) -> Option<Date> {
    const DAYS_IN_400_YEARS: i64 = 146_097;
    let (era, day) = (number.div_euclid(DAYS_IN_400_YEARS), number.rem_euclid(DAYS_IN_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let year = 400 * era + year - i64::from(YEARS_BEFORE);
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

/// Interest as an exact number: Σ principal × rate × time. Nothing is rounded until it is read, so that the
/// days may be added one by one or all at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accrual {
    /// Σ principal × ppm × units of steps with `units_per_year`.
    running: i128,
    units_per_year: i64,
    /// What steps of another measure left, in billionths of a tiyn.
    carried: i128,
}

const BILLION: i128 = 1_000_000_000;

impl Default for Accrual {
    fn default() -> Self {
        Self { running: 0, units_per_year: 1, carried: 0 }
    }
}

impl From<Money> for Accrual {
    fn from(interest: Money) -> Self {
        Self { carried: i128::from(interest.tiyn()) * BILLION, ..Self::default() }
    }
}

impl Accrual {
    /// Adds the interest of `principal` at `rate` from one date to a later one of `step`.
    pub fn add(&mut self, principal: Money, rate: Rate, step: &MeterStep, from: Date, to: Date) {
        if self.units_per_year != step.units_per_year {
            self.carry();
            self.units_per_year = step.units_per_year;
        }
        let a_year = i128::from(principal.tiyn()) * i128::from(rate.ppm());
        self.running += a_year * i128::from(step.units(from, to));
    }

    /// The interest so far, exactly, in the measure of `step`; nothing where it has parts of another measure.
    pub(crate) fn exact(self, step: &MeterStep) -> Option<Exact> {
        let same = self.running == 0 || self.units_per_year == step.units_per_year;
        (same && self.carried == 0).then(|| Exact::new(self.running, 1_000_000 * step.units_per_year))
    }

    /// What is paid of it is no longer in it.
    pub fn take(&mut self, paid: Money) {
        self.carried -= i128::from(paid.tiyn()) * BILLION;
    }

    /// Adds what another has.
    pub fn append(&mut self, mut other: Self) {
        self.carry();
        other.carry();
        self.carried += other.carried;
    }

    fn carry(&mut self) {
        if self.running != 0 {
            let scale = 1_000_000 * i128::from(self.units_per_year);
            self.carried += Rounding::HalfEven.divide(self.running * BILLION, scale);
            self.running = 0;
        }
    }

    /// The interest so far as a fraction of tiyn: numerator and denominator. Where days of another measure
    /// left a part of it, that part is exact to a billionth of a tiyn.
    #[must_use]
    pub fn fraction(mut self) -> (i128, i128) {
        if self.carried == 0 {
            return (self.running, 1_000_000 * i128::from(self.units_per_year));
        }
        self.carry();
        (self.carried, BILLION)
    }

    /// The interest so far to a whole `unit`, half to even.
    #[must_use]
    pub fn rounded_to(self, unit: Money) -> Money {
        // Nearly always one measure, the tiyn, and 64 bits.
        if self.carried == 0
            && unit == Money::TIYN
            && let Ok(sum) = i64::try_from(self.running)
            && let Some(scale) = self.units_per_year.checked_mul(1_000_000)
        {
            let (floor, rest) = (sum.div_euclid(scale), sum.rem_euclid(scale));
            let up = rest > scale - rest || (rest == scale - rest && floor % 2 != 0);
            return Money::from_tiyn(floor + i64::from(up));
        }
        let (sum, scale) = self.fraction();
        let unit = i128::from(unit.tiyn());
        let tiyn = unit * Rounding::HalfEven.divide(sum, scale * unit);
        Money::from_tiyn(i64::try_from(tiyn).expect("interest on a bounded amount over bounded time fits"))
    }

    /// The interest so far, to the tiyn, half to even.
    #[must_use]
    pub fn rounded(self) -> Money {
        self.rounded_to(Money::TIYN)
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

    fn meter(count: DayCount, origin: Date) -> DayMeter {
        DayMeter::new(count, Period::Months(1), origin, origin.day())
    }

    /// A million tenge at 36 % from one date to a later one.
    fn interest(meter: DayMeter, from: Date, to: Date) -> Accrual {
        let (mut accrual, mut now) = (Accrual::default(), from);
        while now < to {
            let step = meter.step_after(now);
            let until = to.min(step.until);
            accrual.add(Money::from_tenge(1_000_000), Rate::from_ppm(360_000), &step, now, until);
            now = until;
        }
        accrual
    }

    #[test]
    fn a_february_due_date_of_a_loan_due_on_the_31st_closes_a_month_of_30_days() {
        let meter = meter(DayCount::Thirty360, date(2026, 1, 31));
        let ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)];
        for pair in ends.windows(2) {
            assert_eq!(interest(meter, pair[0], pair[1]).rounded(), Money::from_tenge(30_000));
        }
    }

    #[test]
    fn a_day_belongs_to_the_year_of_the_date_it_ends_on() {
        let step = meter(DayCount::ActualActual, date(2023, 12, 12)).step_after(date(2023, 12, 12));
        assert_eq!(step.units(date(2023, 12, 12), date(2024, 1, 12)), 19 * 366 + 12 * 365);
        assert_eq!(step.units(date(2023, 12, 31), date(2024, 12, 31)), 365 * 366);
    }

    #[test]
    fn only_a_period_with_29_february_knows_a_leap_year_where_that_was_agreed() {
        let meter = meter(DayCount::ActualActualFebruary, date(2023, 10, 31));
        let of = |from, to| meter.step_after(from).units(from, to);
        assert_eq!(of(date(2023, 12, 31), date(2024, 1, 31)), 31 * 366, "31 days over 365");
        assert_eq!(of(date(2024, 1, 31), date(2024, 2, 29)), 29 * 365, "29 days over 366");
    }

    #[test]
    fn each_day_of_a_month_costs_the_same_where_months_are_twelfths() {
        let meter = meter(DayCount::EqualMonths, date(2026, 1, 31));
        let (month, half) = (Money::from_tenge(30_000), date(2026, 2, 14));
        assert_eq!(interest(meter, date(2026, 1, 31), half).rounded(), Money::from_tenge(15_000));
        assert_eq!(interest(meter, half, date(2026, 2, 28)).rounded(), Money::from_tenge(15_000));
        assert_eq!(interest(meter, date(2026, 1, 31), date(2026, 4, 30)).rounded(), month + month + month);
    }

    #[test]
    fn days_are_counted_over_leap_centuries() {
        assert_eq!(days_from(date(1899, 12, 31), date(1900, 3, 1)), 60);
        assert_eq!(days_from(date(1999, 12, 31), date(2000, 3, 1)), 61);
        let (from, to) = (date(-5, 2, 28), date(2150, 12, 31));
        assert_eq!(days_from(from, to), from.duration_until(to).as_hours() / 24);
        let (mut date, end) = (from, date(2201, 1, 1));
        for days in 0.. {
            assert_eq!(days_after(from, days), date);
            if date == end {
                break;
            }
            date = date.tomorrow().unwrap();
        }
        assert_eq!((days_after(to, i64::MAX), days_after(to, i64::MIN)), (Date::MAX, Date::MIN));
    }

    fn a_date() -> impl Strategy<Value = Date> {
        (0..20_000_i64).prop_map(|days| date(2000, 1, 1).saturating_add(days.days()))
    }

    fn a_meter() -> impl Strategy<Value = DayMeter> {
        let period = prop_oneof![
            (1..=12_u16).prop_map(Period::Months),
            Just(Period::HalfMonths),
            (1..=3_u16).prop_map(Period::Weeks),
            (1..=50_u16).prop_map(Period::Days),
        ];
        let count = prop::sample::select(DayCount::ALL.to_vec());
        (count, period, a_date())
            .prop_map(|(count, period, origin)| DayMeter::new(count, period, origin, origin.day()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn interest_of_a_period_is_the_sum_of_its_parts(
            meter in a_meter(),
            mut dates in prop::array::uniform3(a_date()),
        ) {
            dates.sort_unstable();
            let (mut in_parts, whole) =
                (interest(meter, dates[0], dates[1]), interest(meter, dates[0], dates[2]));
            in_parts.append(interest(meter, dates[1], dates[2]));
            prop_assert!(!in_parts.rounded().is_negative());
            // Steps of different measure are joined to the billionth of a tiyn.
            let (mut in_parts, whole) = (in_parts, { let mut sum = Accrual::default(); sum.append(whole); sum });
            in_parts.carried -= whole.carried;
            prop_assert!(in_parts.carried.abs() <= 2_000, "{}", in_parts.carried);
        }

        #[test]
        fn every_day_lies_in_one_step(meter in a_meter(), day in a_date()) {
            let step = meter.step_after(day);
            prop_assert!(step.from <= day && day < step.until);
            prop_assert!(step.units(day, day.tomorrow().unwrap()) >= 0);
        }
    }
}
