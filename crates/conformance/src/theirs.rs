//! Reading their values.

use jiff::civil::Date;
use lending::money::Money;
use serde_json::Value;

pub(crate) trait Theirs {
    fn text(&self, key: &str) -> Option<&str>;
    fn money(&self, key: &str) -> Option<Money>;
    fn date(&self, key: &str) -> Option<Date>;
    fn count(&self, key: &str) -> Option<u16>;
    /// A number, or a number written as text; nothing for empty text.
    fn number(&self, key: &str) -> Option<u16>;
    fn flag(&self, key: &str) -> bool;
}

impl Theirs for Value {
    fn text(&self, key: &str) -> Option<&str> {
        self[key].as_str()
    }

    fn money(&self, key: &str) -> Option<Money> {
        signed_of(&self[key])
    }

    fn date(&self, key: &str) -> Option<Date> {
        date_of(&self[key])
    }

    fn count(&self, key: &str) -> Option<u16> {
        self[key].as_u64().and_then(|count| u16::try_from(count).ok())
    }

    fn number(&self, key: &str) -> Option<u16> {
        self.count(key).or_else(|| self.text(key)?.trim().parse().ok())
    }

    fn flag(&self, key: &str) -> bool {
        self[key] == true || self[key] == "true"
    }
}

/// An amount, which may be negative.
pub(crate) fn signed_of(value: &Value) -> Option<Money> {
    let text = value.as_str()?;
    match text.strip_prefix('-') {
        Some(rest) => Some(-Money::parse(rest).ok()?),
        None => Money::parse(text).ok(),
    }
}

/// `2024-01-31`, or `31 January 2024` with whatever may follow it.
pub(crate) fn date_of(value: &Value) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = value.as_str()?;
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    Date::new(words.next()?.parse().ok()?, month, day).ok()
}
