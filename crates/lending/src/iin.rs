//! Individual (IIN) and business (BIN) identification numbers.

use jiff::civil::Date;
use std::fmt;

/// A person's individual identification number: 12 digits with date of birth, sex and a check digit.
///
/// Personal data: shows nothing of itself but by [`Iin::as_str`] and [`Iin::masked`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(try_from = "String")]
pub struct Iin(String);

/// A legal entity's business identification number: 12 digits with year and month of registration, kind and
/// a check digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(try_from = "String")]
pub struct Bin(String);

/// Why a text is no IIN or BIN. Never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IinError {
    /// Not 12 characters.
    #[error("not 12 digits long")]
    Length,
    /// Something other than the digits 0–9.
    #[error("not digits only")]
    NotDigits,
    /// The seventh digit names no century and sex (1–6).
    #[error("no such century digit")]
    Century,
    /// The first digits are no date.
    #[error("no such date")]
    Date,
    /// The fifth digit of a BIN names no kind of entity (4–6).
    #[error("no such kind of entity")]
    Kind,
    /// The last digit does not fit the others, or the number can never have been issued.
    #[error("check digit does not fit")]
    CheckDigit,
}

/// Sex as the IIN records it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// An odd seventh digit.
    Male,
    /// An even seventh digit.
    Female,
}

impl Iin {
    /// Reads 12 digits, spaces around them allowed.
    ///
    /// # Errors
    /// The first [`IinError`] found.
    pub fn parse(text: &str) -> Result<Self, IinError> {
        let (text, digits) = twelve_digits(text)?;
        birth_date(&digits)?;
        check(&digits)?;
        Ok(Self(text.to_owned()))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `880101******`: enough for its owner to recognise it.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }

    /// The date of birth within it.
    #[must_use]
    pub fn birth_date(&self) -> Date {
        // A value read from storage passed `parse` when it was stored; were it damaged since, the impossible
        // date makes every age check refuse rather than panic.
        twelve_digits(&self.0).and_then(|(_, digits)| birth_date(&digits)).unwrap_or(Date::MAX)
    }

    /// The sex within it.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes().get(6).is_some_and(|digit| digit % 2 == 1) { Sex::Male } else { Sex::Female }
    }

    /// Full years of age on `date`; 0 before birth. Someone born on 29 February comes of age on 1 March of a
    /// common year.
    #[must_use]
    pub fn age_on(&self, date: Date) -> u16 {
        let born = self.birth_date();
        let had_birthday = (date.month(), date.day()) >= (born.month(), born.day());
        u16::try_from(date.year() - born.year() - i16::from(!had_birthday)).unwrap_or(0)
    }
}

impl Bin {
    /// Reads 12 digits, spaces around them allowed.
    ///
    /// # Errors
    /// The first [`IinError`] found.
    pub fn parse(text: &str) -> Result<Self, IinError> {
        let (text, digits) = twelve_digits(text)?;
        if !(1..=12).contains(&(digits[2] * 10 + digits[3])) {
            return Err(IinError::Date);
        }
        if !(4..=6).contains(&digits[4]) {
            return Err(IinError::Kind);
        }
        check(&digits)?;
        Ok(Self(text.to_owned()))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `000740******`.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

fn masked(digits: &str) -> String {
    format!("{}******", digits.get(..6).unwrap_or(""))
}

fn twelve_digits(text: &str) -> Result<(&str, [u8; 12]), IinError> {
    if text.len() > 32 {
        return Err(IinError::Length);
    }
    let text = text.trim();
    let mut digits: [u8; 12] = text.as_bytes().try_into().map_err(|_| IinError::Length)?;
    for digit in &mut digits {
        *digit = match *digit {
            b'0'..=b'9' => *digit - b'0',
            _ => return Err(IinError::NotDigits),
        };
    }
    Ok((text, digits))
}

fn birth_date(digits: &[u8; 12]) -> Result<Date, IinError> {
    let century = match digits[6] {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return Err(IinError::Century),
    };
    let two = |at: usize| i16::from(digits[at] * 10 + digits[at + 1]);
    let small = |at: usize| i8::try_from(two(at)).map_err(|_| IinError::Date);
    Date::new(century + two(0), small(2)?, small(4)?).map_err(|_| IinError::Date)
}

/// Weights 1…11; if that leaves 10, weights 3…11, 1, 2; if that leaves 10 too, the number is never issued.
fn check(digits: &[u8; 12]) -> Result<(), IinError> {
    let with = |weights: [u16; 11]| {
        weights.iter().zip(digits).map(|(weight, digit)| weight * u16::from(*digit)).sum::<u16>() % 11
    };
    let expected = match with([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
        10 => with([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]),
        first => first,
    };
    if expected == u16::from(digits[11]) { Ok(()) } else { Err(IinError::CheckDigit) }
}

impl TryFrom<String> for Iin {
    type Error = IinError;
    fn try_from(text: String) -> Result<Self, IinError> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for Bin {
    type Error = IinError;
    fn try_from(text: String) -> Result<Self, IinError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iin(******)")
    }
}

impl fmt::Debug for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bin(******)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn published_and_synthetic_numbers_are_accepted() {
        for text in ["880101300123", "010203500008", "010203500906", " 880101300123 "] {
            assert!(Iin::parse(text).is_ok(), "{text}");
        }
        for text in ["000740000728", "070440003902", "190440019884"] {
            assert!(Bin::parse(text).is_ok(), "{text}");
        }
    }

    /// Proves [`CL_6_A`](crate::law::CL_6_A), [`CL_6_B`](crate::law::CL_6_B).
    #[test]
    fn each_flaw_is_named_to_the_person() {
        for (text, why) in [
            ("", IinError::Length),
            ("88010130012", IinError::Length),
            ("88010130012a", IinError::NotDigits),
            ("880101900123", IinError::Century),
            ("880230300123", IinError::Date),
            ("880101300124", IinError::CheckDigit),
            ("010203500920", IinError::CheckDigit),
        ] {
            assert_eq!(Iin::parse(text), Err(why), "{text}");
        }
        for last in 0..=9 {
            assert!(Iin::parse(&format!("01020350092{last}")).is_err(), "a prefix that is never issued");
        }
        assert_eq!(Bin::parse("123456789021"), Err(IinError::Date));
        assert_eq!(Bin::parse("880101300123"), Err(IinError::Kind));
    }

    #[test]
    fn birth_date_sex_and_age_come_from_the_number() {
        let iin = Iin::parse("880101300123").unwrap();
        assert_eq!((iin.birth_date(), iin.sex()), (date(1988, 1, 1), Sex::Male));
        assert_eq!((iin.age_on(date(2005, 12, 31)), iin.age_on(date(2006, 1, 1))), (17, 18));
        assert_eq!(iin.age_on(date(1980, 1, 1)), 0);
        assert_eq!(format!("{iin:?} {}", iin.masked()), "Iin(******) 880101******");
    }

    #[test]
    fn a_number_in_json_is_checked_and_never_repeated_in_the_error() {
        let error = serde_json::from_str::<Iin>("\"880101300124\"").unwrap_err().to_string();
        assert!(!error.contains("880101"), "{error}");
    }
}
