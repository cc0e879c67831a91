//! Money as an integer of tiyn, and its named roundings.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount in tiyn (1 tenge = 100 tiyn). May be negative where a difference is meant.
///
/// Its operators abort instead of wrapping: a wrapped sum would be a lie on someone's account. What comes
/// from outside is held under [`Money::MAX`] at the door, 92 000 times below the overflow, so that the
/// abort is unreachable by input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default, serde::Serialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Money(i64);

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let money = Self(i64::deserialize(from)?);
        if money.is_within_max() { Ok(money) } else { Err(serde::de::Error::custom(MoneyError::TooLarge)) }
    }
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MoneyError {
    /// Nothing but spaces.
    #[error("no amount given")]
    Empty,
    /// A character which is no part of an amount, or two decimal separators.
    #[error("not an amount")]
    NotANumber,
    /// Finer than a tiyn.
    #[error("more than two decimals")]
    TooFine,
    /// Beyond [`Money::MAX`].
    #[error("amount too large")]
    TooLarge,
}

/// How a fraction of a tiyn becomes a whole one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; a half to the even neighbour. No drift over many rows: the default for interest.
    HalfEven,
    /// To the nearest; a half away from zero.
    HalfUp,
    /// Toward minus infinity.
    Floor,
    /// Toward plus infinity.
    Ceiling,
}

impl Rounding {
    /// `num / den` as a whole number. `den` must be positive.
    #[must_use]
    pub fn divide(self, num: i128, den: i128) -> i128 {
        assert!(den > 0, "a ratio's denominator is positive");
        // Division of 64 bits is several times faster, and nearly always wide enough.
        let (floor, rest) = match (i64::try_from(num), i64::try_from(den)) {
            (Ok(num), Ok(den)) => (i128::from(num.div_euclid(den)), i128::from(num.rem_euclid(den))),
            _ => (num.div_euclid(den), num.rem_euclid(den)),
        };
        // `rest` against `den - rest` instead of `2 * rest` against `den`: cannot overflow.
        let up = match (self, rest.cmp(&(den - rest))) {
            (_, _) if rest == 0 => false,
            (Self::Floor, _) => false,
            (Self::Ceiling, _) => true,
            (_, std::cmp::Ordering::Less) => false,
            (_, std::cmp::Ordering::Greater) => true,
            (Self::HalfEven, std::cmp::Ordering::Equal) => floor.rem_euclid(2) == 1,
            (Self::HalfUp, std::cmp::Ordering::Equal) => num > 0,
        };
        if up { floor + 1 } else { floor }
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The smallest amount.
    pub const TIYN: Self = Self(1);
    /// The largest amount accepted from outside for one credit or one payment: 1 trillion tenge. Ten thousand
    /// of them still fit the integer.
    pub const MAX: Self = Self(100_000_000_000_000);

    /// An amount of `tiyn`.
    #[must_use]
    pub const fn from_tiyn(tiyn: i64) -> Self {
        Self(tiyn)
    }

    /// An amount of whole `tenge`.
    ///
    /// # Panics
    /// Beyond 92 quadrillion tenge; meant for figures of our own code and rule sets, not for input.
    #[must_use]
    pub const fn from_tenge(tenge: i64) -> Self {
        match tenge.checked_mul(100) {
            Some(tiyn) => Self(tiyn),
            None => panic!("tenge beyond the range of tiyn"),
        }
    }

    /// The amount in tiyn.
    #[must_use]
    pub const fn tiyn(self) -> i64 {
        self.0
    }

    /// Exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// More than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Within ±[`Money::MAX`], so that it may take part in a credit.
    #[must_use]
    pub const fn is_within_max(self) -> bool {
        -Self::MAX.0 <= self.0 && self.0 <= Self::MAX.0
    }

    /// The sum, or nothing on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(tiyn) => Some(Self(tiyn)),
            None => None,
        }
    }

    /// The difference, or nothing on overflow.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(tiyn) => Some(Self(tiyn)),
            None => None,
        }
    }

    /// The difference, but never below zero.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        (self - other).max(Self::ZERO)
    }

    /// The most whole `unit`s in it; a unit is positive.
    #[must_use]
    pub(crate) const fn floor_to(self, unit: Self) -> Self {
        Self(self.0 - self.0.rem_euclid(unit.0))
    }

    /// `self × num / den`, rounded as named; nothing if the result does not fit.
    #[must_use]
    pub fn checked_mul_ratio(self, num: i128, den: i128, rounding: Rounding) -> Option<Self> {
        let product = i128::from(self.0).checked_mul(num)?;
        i64::try_from(rounding.divide(product, den)).ok().map(Self)
    }

    /// `self × num / den`, rounded as named.
    ///
    /// # Panics
    /// If the result does not fit, or `den` is not positive.
    #[must_use]
    pub fn mul_ratio(self, num: i128, den: i128, rounding: Rounding) -> Self {
        self.checked_mul_ratio(num, den, rounding).expect("a share of a bounded amount fits")
    }

    /// Reads what people write: `100000`, `100 000,50`, `100 000.5` (spaces of any kind between digits, comma
    /// or point, at most two decimals). Never negative.
    ///
    /// # Errors
    /// [`MoneyError`]; the text is never repeated.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        if text.len() > 64 {
            return Err(MoneyError::TooLarge);
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        let (mut tiyn, mut digits, mut decimals) = (0_i64, 0_u32, None::<u32>);
        for c in text.chars() {
            match (c, decimals) {
                (' ' | '\u{a0}' | '\u{202f}' | '\u{2009}', None) => {}
                (',' | '.', None) if digits > 0 => decimals = Some(0),
                ('0'..='9', _) => {
                    if let Some(seen) = &mut decimals {
                        *seen += 1;
                        if *seen > 2 {
                            return Err(MoneyError::TooFine);
                        }
                    }
                    digits += 1;
                    let digit = i64::from(u32::from(c) - u32::from('0'));
                    tiyn = tiyn
                        .checked_mul(10)
                        .and_then(|tiyn| tiyn.checked_add(digit))
                        .ok_or(MoneyError::TooLarge)?;
                }
                _ => return Err(MoneyError::NotANumber),
            }
        }
        for _ in decimals.unwrap_or(0)..2 {
            tiyn = tiyn.checked_mul(10).ok_or(MoneyError::TooLarge)?;
        }
        let money = Self(tiyn);
        if money.is_within_max() { Ok(money) } else { Err(MoneyError::TooLarge) }
    }
}

/// `100000.50`: the same in every language; grouping and sign belong to the page.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, tiyn) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02}", tiyn / 100, tiyn % 100)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect("sum of money overflows")
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.checked_sub(other).expect("difference of money overflows")
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_amounts_in_many_ways() {
        for (text, tiyn) in
            [("100 000,50", 10_000_050), ("100\u{a0}000.5", 10_000_050), (" 7 ", 700), ("0", 0), ("5,", 500)]
        {
            assert_eq!(Money::parse(text), Ok(Money(tiyn)), "{text:?}");
        }
        for (text, why) in [
            ("", MoneyError::Empty),
            ("-5", MoneyError::NotANumber),
            ("1,000.00", MoneyError::TooFine),
            ("1,0.0", MoneyError::NotANumber),
            (".5", MoneyError::NotANumber),
            ("1e9", MoneyError::NotANumber),
            ("1.005", MoneyError::TooFine),
            ("9999999999999999999999", MoneyError::TooLarge),
            ("1000000000000.01", MoneyError::TooLarge),
        ] {
            assert_eq!(Money::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn roundings_do_what_their_names_say() {
        let all = |num| {
            [Rounding::HalfEven, Rounding::HalfUp, Rounding::Floor, Rounding::Ceiling]
                .map(|rounding| rounding.divide(num, 2))
        };
        assert_eq!(all(1), [0, 1, 0, 1]);
        assert_eq!(all(3), [2, 2, 1, 2]);
        assert_eq!(all(-1), [0, -1, -1, 0]);
        assert_eq!(all(-3), [-2, -2, -2, -1]);
        assert_eq!(all(4), [2, 2, 2, 2]);
    }

    #[test]
    fn amounts_from_outside_cannot_reach_the_overflow() {
        assert!(serde_json::from_str::<Money>("9223372036854775807").is_err());
        assert!(serde_json::from_str::<Money>("-9223372036854775808").is_err());
        assert_eq!(serde_json::from_str::<Money>("150").ok(), Some(Money(150)));
        assert_eq!(Money(-5).to_string(), "-0.05");
    }
}
