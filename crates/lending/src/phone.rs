//! Mobile numbers of Kazakhstan.

use std::fmt;

/// A mobile number in E.164 form, `+77XXXXXXXXX`.
///
/// The operator is never inferred from it: numbers move between operators.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(try_from = "String")]
pub struct Phone(String);

/// Why a text is no mobile number of Kazakhstan. Never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PhoneError {
    /// A character which is no part of a number.
    #[error("not a phone number")]
    NotDigits,
    /// Neither 10 digits nor 11 with the country's 7 or 8.
    #[error("wrong number of digits")]
    Length,
    /// Not a mobile number of Kazakhstan: those begin with +7 7.
    #[error("not a mobile number of Kazakhstan")]
    NotMobile,
}

impl Phone {
    /// Reads `+7 (701) 123-45-67`, `8 701 123 45 67`, `77011234567`, `701 123 45 67`.
    ///
    /// # Errors
    /// The first [`PhoneError`] found.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if text.len() > 64 {
            return Err(PhoneError::Length);
        }
        let text = text.trim();
        let (text, international) = text.strip_prefix('+').map_or((text, false), |rest| (rest, true));
        let mut digits = String::with_capacity(12);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '\u{a0}' | '-' | '\u{2011}' | '\u{2013}' | '(' | ')' => {}
                _ => return Err(PhoneError::NotDigits),
            }
        }
        let subscriber = match (digits.len(), digits.as_bytes().first()) {
            (10, Some(_)) if !international => &digits[..],
            (11, Some(b'7')) => &digits[1..],
            (11, Some(b'8')) if !international => &digits[1..],
            (11, _) => return Err(PhoneError::NotMobile),
            _ => return Err(PhoneError::Length),
        };
        if !subscriber.starts_with('7') {
            return Err(PhoneError::NotMobile);
        }
        Ok(Self(format!("+7{subscriber}")))
    }

    /// `+77XXXXXXXXX`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+7701*****67`: enough for its owner to recognise it.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}*****{}", self.0.get(..5).unwrap_or(""), self.0.get(10..).unwrap_or(""))
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(******)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_their_number_in_many_ways() {
        for text in ["+7 (701) 123-45-67", "8 701 123 45 67", "77011234567", "701 123 45 67", "+77011234567"]
        {
            let phone = Phone::parse(text);
            assert_eq!(phone.as_ref().map(Phone::as_str), Ok("+77011234567"), "{text}");
        }
        assert_eq!(Phone::parse("8 701 123 45 67").unwrap().masked(), "+7701*****67");
    }

    #[test]
    fn other_numbers_are_refused_with_the_reason() {
        for (text, why) in [
            ("+8 701 123 45 67", PhoneError::NotMobile),
            ("+7 495 123 45 67", PhoneError::NotMobile),
            ("+1 701 123 45 67", PhoneError::NotMobile),
            ("8 727 250 00", PhoneError::Length),
            ("", PhoneError::Length),
            ("8 701 123 45 6x", PhoneError::NotDigits),
        ] {
            assert_eq!(Phone::parse(text), Err(why), "{text}");
        }
    }
}
