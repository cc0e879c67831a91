//! The annual effective rate of remuneration (ГЭСВ; Rules cl. [8.3](crate::law::CL_8_3); NBRK resolution No.
//! 208 of 26.11.2019).
//!
//! The rate at which what the client receives equals what the client pays, both discounted to the first day:
//! `Σ Sⱼ/(1+r)^(tⱼ/365) = Σ Pᵢ/(1+r)^(tᵢ/365)`, rounded half-up to a tenth of a percent.
//!
//! Floating point only *finds* the tenth. Whether the true rate reaches the boundary of that tenth is then
//! decided with an error bound, and where the bound does not suffice, by interval arithmetic on 128-bit
//! integers: the rounding is right, not probably right.

use crate::money::Money;
use crate::rate::days_from;
use jiff::civil::Date;
use std::fmt;

/// An annual effective rate in tenths of a percent (46 % = 460).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct EffectiveRate(u32);

/// Why a cash flow has no annual effective rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EffectiveRateError {
    /// Nothing received that is not paid back on the same day, nothing paid, or something paid before anything
    /// was received.
    #[error("a cash flow begins with money received and goes on with money paid")]
    NotACredit,
    /// The client pays back less than was received.
    #[error("less is paid back than was received")]
    Negative,
    /// Above 1 000 000 % a year.
    #[error("the effective rate exceeds a million percent")]
    TooHigh,
    /// More than 2 000 flows, or amounts or dates beyond what a credit may have.
    #[error("the cash flow is too large")]
    TooLarge,
}

impl EffectiveRate {
    const MAX: Self = Self(10_000_000);

    /// A rate of so many tenths of a percent.
    #[must_use]
    pub const fn from_tenths(tenths_of_percent: u32) -> Self {
        Self(tenths_of_percent)
    }

    /// Tenths of a percent.
    #[must_use]
    pub const fn tenths(self) -> u32 {
        self.0
    }

    /// The rate of a cash flow as the client sees it: received amounts positive, paid ones negative, in any
    /// order of dates, penalties left out.
    ///
    /// # Errors
    /// [`EffectiveRateError`].
    pub fn of(flow: impl IntoIterator<Item = (Date, Money)>) -> Result<Self, EffectiveRateError> {
        let flow = Flow::read(flow)?;
        let mut tenths = flow.nearest_tenth()?;
        // At most a step or two: the estimate is off only next to a boundary.
        while tenths > 0 && !flow.reaches(2 * tenths - 1) {
            tenths -= 1;
        }
        while flow.reaches(2 * tenths + 1) {
            tenths += 1;
            if tenths > Self::MAX.0 {
                return Err(EffectiveRateError::TooHigh);
            }
        }
        Ok(Self(tenths))
    }
}

/// `46.0`: percent, without the sign.
impl fmt::Display for EffectiveRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// Payments positive, receipts negative, by days from the first receipt.
struct Flow {
    amounts: Vec<(u32, i64)>,
    /// Sum of absolute amounts.
    volume: i64,
}

const FLOWS_MAX: usize = 2_000;
const DAYS_MAX: u32 = 200 * 366;

impl Flow {
    fn read(flow: impl IntoIterator<Item = (Date, Money)>) -> Result<Self, EffectiveRateError> {
        let mut amounts = Vec::new();
        let mut first: Option<Date> = None;
        let dated: Vec<(Date, Money)> =
            flow.into_iter().filter(|(_, amount)| !amount.is_zero()).take(FLOWS_MAX + 1).collect();
        if dated.len() > FLOWS_MAX {
            return Err(EffectiveRateError::TooLarge);
        }
        for (date, amount) in &dated {
            if amount.is_positive() && first.is_none_or(|first| *date < first) {
                first = Some(*date);
            }
        }
        let first = first.ok_or(EffectiveRateError::NotACredit)?;
        let (mut volume, mut balance) = (0_i64, 0_i64);
        amounts.reserve(dated.len());
        for (date, amount) in dated {
            let days = u32::try_from(days_from(first, date)).map_err(|_| EffectiveRateError::NotACredit)?;
            let paid = amount.tiyn().checked_neg().ok_or(EffectiveRateError::TooLarge)?;
            let too_large = EffectiveRateError::TooLarge;
            volume = volume.checked_add(paid.abs()).ok_or(too_large)?;
            balance += paid;
            if days > DAYS_MAX {
                return Err(too_large);
            }
            amounts.push((days, paid));
        }
        // Else every rate is right, or none, and the search for one would not end.
        let at_once: i64 = amounts.iter().filter(|(days, _)| *days == 0).map(|(_, paid)| *paid).sum();
        match at_once != 0 && amounts.iter().any(|(_, paid)| *paid > 0) {
            false => Err(EffectiveRateError::NotACredit),
            true if balance < 0 => Err(EffectiveRateError::Negative),
            true => Ok(Self { amounts, volume }),
        }
    }

    /// Σ paid × e^(−u·t) and its derivative by u, with u = ln(1 + r).
    fn value(&self, u: f64) -> (f64, f64) {
        let mut sums = (0.0, 0.0);
        for (days, paid) in &self.amounts {
            let years = f64::from(*days) / 365.0;
            let discounted = as_float(*paid) * (-u * years).exp();
            sums.0 += discounted;
            sums.1 -= years * discounted;
        }
        sums
    }

    /// The tenth of a percent nearest to a root found by Newton's method, kept within a bracket by bisection.
    fn nearest_tenth(&self) -> Result<u32, EffectiveRateError> {
        let (mut low, mut high) = (0.0_f64, (f64::from(EffectiveRate::MAX.0) / 1_000.0).ln_1p());
        if self.value(high).0 > 0.0 {
            return Err(EffectiveRateError::TooHigh);
        }
        let mut u = self.guess().clamp(low, high);
        for _ in 0..200 {
            let (value, slope) = self.value(u);
            if value > 0.0 {
                low = u;
            } else {
                high = u;
            }
            let newton = u - value / slope;
            let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            let settled = (next - u).abs() < 1e-12;
            u = next;
            if settled {
                break;
            }
        }
        Ok(rounded(u.exp_m1() * 1_000.0))
    }

    /// By Jensen's inequality never above the root of a credit paid out at once, where Newton's method cannot
    /// overshoot.
    fn guess(&self) -> f64 {
        let (mut paid, mut weighted, mut received) = (0.0, 0.0, 0.0);
        for (days, amount) in &self.amounts {
            if *amount > 0 {
                paid += as_float(*amount);
                weighted += as_float(*amount) * f64::from(*days) / 365.0;
            } else {
                received -= as_float(*amount);
            }
        }
        if weighted > 0.0 { (paid / received).ln() * paid / weighted } else { 0.0 }
    }

    /// Whether the rate is at least `half_tenths` halves of a tenth of a percent, i.e. `half_tenths / 2000`.
    fn reaches(&self, half_tenths: u32) -> bool {
        let value = self.value((f64::from(half_tenths) / 2_000.0).ln_1p()).0;
        // Each term errs by less than 3 units of the 53rd binary digit of its amount; the sum of up to 2 000
        // of them by less than 2 000 units of the volume's: 5e-13.
        let certain = as_float(self.volume) * 1e-12;
        if value.abs() > certain { value > 0.0 } else { self.reaches_exactly(half_tenths) }
    }

    /// The same with intervals of integers. Paid and received cannot agree to 120 binary digits without being
    /// equal in a flow of tiyn, and equality reaches the boundary: half is rounded up.
    fn reaches_exactly(&self, half_tenths: u32) -> bool {
        let daily = Interval::root_365(2_000, 2_000 + half_tenths);
        let shift = self.volume.leading_zeros() + 62;
        // Bounds from below and above of what is paid, then of what is received.
        let (mut paid, mut received) = ((0_u128, 0_u128), (0_u128, 0_u128));
        for (days, amount) in &self.amounts {
            let factor = daily.power(*days);
            let scaled = u128::from(amount.unsigned_abs()) << shift;
            let side = if *amount > 0 { &mut paid } else { &mut received };
            side.0 += multiply(scaled, factor.low);
            side.1 += multiply(scaled, factor.high) + 1;
        }
        paid.1 >= received.0
    }
}

/// A number from 0 to 1 between two integers over 2¹²⁷.
#[derive(Clone, Copy)]
struct Interval {
    low: u128,
    high: u128,
}

const ONE: u128 = 1 << 127;

impl Interval {
    /// The 365th root of `num / den` (below 1).
    fn root_365(num: u32, den: u32) -> Self {
        let (num, den) = (u128::from(num), u128::from(den));
        let (quotient, rest) = ((num << 100) / den, (num << 100) % den);
        let target = (quotient << 27) + (rest << 27) / den; // floor
        let (mut low, mut high) = (0, ONE);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if Self::exactly(middle).power(365).high <= target { low = middle } else { high = middle }
        }
        let below = low;
        let (mut low, mut high) = (below, ONE);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if Self::exactly(middle).power(365).low > target { high = middle } else { low = middle }
        }
        Self { low: below, high }
    }

    const fn exactly(number: u128) -> Self {
        Self { low: number, high: number }
    }

    fn times(self, other: Self) -> Self {
        Self { low: multiply(self.low, other.low), high: (multiply(self.high, other.high) + 1).min(ONE) }
    }

    fn power(self, mut exponent: u32) -> Self {
        let (mut result, mut base) = (Self::exactly(ONE), self);
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result.times(base);
            }
            base = base.times(base);
            exponent /= 2;
        }
        result
    }
}

/// `a × b / 2¹²⁷`, rounded down.
const fn multiply(a: u128, b: u128) -> u128 {
    const LOW: u128 = (1 << 64) - 1;
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let cross = a_high * b_low + ((a_low * b_low) >> 64);
    let middle = a_low * b_high + (cross & LOW);
    let high = a_high * b_high + (cross >> 64) + (middle >> 64);
    let low = (middle << 64) | ((a_low * b_low) & LOW);
    (high << 1) | (low >> 127)
}

/// Amounts as floating point: below 2⁶³, off by at most one unit of the 53rd binary digit, which
/// [`Flow::reaches`] accounts for.
#[expect(clippy::cast_precision_loss, reason = "the loss is within the bound that decides")]
const fn as_float(amount: i64) -> f64 {
    amount as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=10⁷ by the bracket")]
fn rounded(tenths: f64) -> u32 {
    tenths.round().clamp(0.0, 1e7) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn paid_once(after_days: i64, received: i64, paid: i64) -> Result<EffectiveRate, EffectiveRateError> {
        let start = date(2025, 1, 1);
        let end = start.saturating_add(jiff::Span::new().days(after_days));
        EffectiveRate::of([(start, Money::from_tiyn(received)), (end, Money::from_tiyn(-paid))])
    }

    #[test]
    fn exactly_half_a_tenth_is_rounded_up_and_a_tiyn_less_is_not() {
        let lent = 1_000_000_000_000;
        for (years, factor_num, factor_den, tenths) in
            [(1, 10_005_i64, 10_000_i64, 1), (1, 12_345, 10_000, 235), (2, 14_641, 12_100, 100)]
        {
            let paid = lent / factor_den * factor_num;
            assert_eq!(
                paid_once(365 * years, lent / factor_den * factor_den, paid),
                Ok(EffectiveRate(tenths))
            );
        }
        assert_eq!(paid_once(365, lent, 1_000_500_000_000), Ok(EffectiveRate(1)));
        assert_eq!(paid_once(365, lent, 1_000_499_999_999), Ok(EffectiveRate(0)));
        assert_eq!(paid_once(365, lent, lent), Ok(EffectiveRate(0)));
        // (1.2345)² over two years, to the tiyn and one below it.
        assert_eq!(paid_once(730, 10_000_000_000_000, 15_239_902_500_000), Ok(EffectiveRate(235)));
        assert_eq!(paid_once(730, 10_000_000_000_000, 15_239_902_499_999), Ok(EffectiveRate(234)));
    }

    #[test]
    fn interval_arithmetic_agrees_with_the_bound_away_from_it() {
        let start = date(2026, 1, 31);
        let flow = Flow::read((0..=24).map(|month| {
            let on = start.saturating_add(jiff::Span::new().months(month));
            (on, if month == 0 { Money::from_tenge(1_000_000) } else { -Money::from_tenge(60_380) })
        }))
        .unwrap();
        for half_tenths in [1, 101, 899, 919, 921, 923, 1_001, 5_001] {
            assert_eq!(flow.reaches(half_tenths), flow.reaches_exactly(half_tenths), "{half_tenths}");
        }
    }

    #[test]
    fn what_is_no_credit_has_no_rate() {
        assert_eq!(EffectiveRate::of([]), Err(EffectiveRateError::NotACredit));
        assert_eq!(paid_once(-1, 100, 110), Err(EffectiveRateError::NotACredit));
        assert_eq!(paid_once(0, 100, 100), Err(EffectiveRateError::NotACredit), "every rate would be right");
        assert_eq!(paid_once(30, 100, 99), Err(EffectiveRateError::Negative));
        assert_eq!(paid_once(0, 100, 101), Err(EffectiveRateError::TooHigh));
        assert_eq!(paid_once(1, 1, Money::MAX.tiyn()), Err(EffectiveRateError::TooHigh));
        assert_eq!(paid_once(30, 100, i64::MAX), Err(EffectiveRateError::TooLarge));
        let many = std::iter::repeat_n((date(2026, 1, 1), Money::from_tiyn(1)), 3_000);
        assert_eq!(EffectiveRate::of(many), Err(EffectiveRateError::TooLarge));
    }
}
