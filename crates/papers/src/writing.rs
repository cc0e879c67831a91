//! How money, rates, dates, instants and hashes are written on paper: the one place for it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use lending::money::Money;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use crate::words;

/// A rate in thousandths of a percent: 36 % is 36 000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Percent(u32);

impl Percent {
    /// A rate of `thousandths` of a percent.
    #[must_use]
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths)
    }
}

/// Written with a decimal comma and without idle zeros, but never without one decimal: `36,0`, `0,275`.
impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let decimals = format!("{:03}", self.0 % 1_000);
        let decimals = decimals.trim_end_matches('0');
        let decimals = if decimals.is_empty() { "0" } else { decimals };
        to.collect_str(&format_args!("{},{decimals}", grouped(u64::from(self.0 / 1_000))))
    }
}

/// A SHA-256 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sha256(pub [u8; 32]);

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// `1 234 567,89 ₸`, with spaces that do not break.
pub(crate) fn money<S: Serializer>(amount: &Money, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&tenge(*amount).ok_or_else(|| S::Error::custom("amount"))?)
}

/// As [`money`], with the words beside: `{figures, kk, ru}`.
pub(crate) fn money_in_words<S: Serializer>(amount: &Money, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Sum {
        figures: String,
        kk: String,
        ru: String,
    }
    let (kk, ru) = words::in_words(*amount).ok_or_else(|| S::Error::custom("amount"))?;
    let figures = tenge(*amount).ok_or_else(|| S::Error::custom("amount"))?;
    Sum { figures, kk, ru }.serialize(to)
}

/// Figures, or nothing for what no paper may say: a negative or absurd amount.
pub(crate) fn tenge(amount: Money) -> Option<String> {
    if amount.is_negative() || !amount.is_within_max() {
        return None;
    }
    let tiyn = amount.tiyn().unsigned_abs();
    Some(format!("{},{:02}\u{a0}₸", grouped(tiyn / 100), tiyn % 100))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `22.11.2026`.
pub(crate) fn date<S: Serializer>(date: &Date, to: S) -> Result<S::Ok, S::Error> {
    if date.year() < 1900 {
        return Err(S::Error::custom("date"));
    }
    to.collect_str(&date.strftime("%d.%m.%Y"))
}

/// As [`date`], where there is one.
pub(crate) fn date_or_none<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => date(day, to),
        None => to.serialize_none(),
    }
}

/// As [`money`], where there is any.
pub(crate) fn money_or_none<S: Serializer>(amount: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => money(amount, to),
        None => to.serialize_none(),
    }
}

/// `22.11.2026 14:03:07 +05:00`: the whole country keeps UTC+5 since 01.03.2024.
pub(crate) fn instant<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    let local = Offset::constant(5).to_datetime(*instant);
    if local.year() < 1900 {
        return Err(S::Error::custom("instant"));
    }
    to.collect_str(&format_args!("{}\u{a0}+05:00", local.strftime("%d.%m.%Y\u{a0}%H:%M:%S")))
}

/// An account or a long number in groups of four.
pub(crate) fn in_fours<S: Serializer>(number: &str, to: S) -> Result<S::Ok, S::Error> {
    let chars: Vec<char> = number.chars().collect();
    to.serialize_str(&chars.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("\u{a0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_reads_figures_the_way_they_are_written_in_kazakhstan() {
        assert_eq!(tenge(Money::from_tiyn(123_456_789)).unwrap(), "1\u{a0}234\u{a0}567,89\u{a0}₸");
        assert_eq!(tenge(Money::from_tiyn(5)).unwrap(), "0,05\u{a0}₸");
        assert_eq!(tenge(Money::from_tiyn(-5)), None);
        let percent = |thousandths| serde_json::to_value(Percent::from_thousandths(thousandths)).unwrap();
        assert_eq!(percent(36_000), "36,0");
        assert_eq!(percent(275), "0,275");
        assert_eq!(percent(500), "0,5");
        assert_eq!(percent(45_800), "45,8");
        let at = instant(&"2026-11-22T20:30:00Z".parse().unwrap(), serde_json::value::Serializer).unwrap();
        assert_eq!(at, "23.11.2026\u{a0}01:30:00\u{a0}+05:00");
    }
}
