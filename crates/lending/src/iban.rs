//! Bank accounts of Kazakhstan (IBAN, ISO 13616).

use std::fmt;

/// An account number: `KZ`, two check digits, three characters of the bank, thirteen of the account.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(try_from = "String")]
pub struct Iban(String);

/// Why a text is no account number. Never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IbanError {
    /// Not 20 characters.
    #[error("not 20 characters long")]
    Length,
    /// Something other than Latin letters and digits.
    #[error("only Latin letters and digits")]
    NotAlphanumeric,
    /// Not an account in Kazakhstan.
    #[error("does not begin with KZ")]
    Country,
    /// The check digits do not fit the rest.
    #[error("check digits do not fit")]
    CheckDigits,
}

impl Iban {
    /// Reads 20 characters in either case, spaces anywhere allowed.
    ///
    /// # Errors
    /// The first [`IbanError`] found.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        if text.len() > 64 {
            return Err(IbanError::Length);
        }
        let text: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(IbanError::NotAlphanumeric);
        }
        if text.len() != 20 {
            return Err(IbanError::Length);
        }
        if !text.starts_with("KZ") {
            return Err(IbanError::Country);
        }
        let digits_of_check = text.bytes().skip(2).take(2).all(|byte| byte.is_ascii_digit());
        let (head, account) = text.split_at(4);
        let rest = account.bytes().chain(head.bytes()).fold(0_u32, |rest, byte| match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        });
        if digits_of_check && rest == 1 { Ok(Self(text)) } else { Err(IbanError::CheckDigits) }
    }

    /// The 20 characters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bank's three characters.
    #[must_use]
    pub fn bank_code(&self) -> &str {
        self.0.get(4..7).unwrap_or("")
    }

    /// `KZ**601*********7321`: the bank and the last four, enough for its owner to recognise it.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("KZ**{}*********{}", self.bank_code(), self.0.get(16..).unwrap_or(""))
    }
}

impl TryFrom<String> for Iban {
    type Error = IbanError;
    fn try_from(text: String) -> Result<Self, IbanError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iban(******)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_and_synthetic_accounts_are_accepted() {
        for text in [
            "KZ86125KZT5004100100",
            "KZ75125KZT2069100100",
            "KZ41601A141000897321",
            "KZ976017131000000372",
            "KZ31601A000000000001",
            "KZ41722C000000000001",
            "kz41 601a 1410 0089 7321",
        ] {
            assert!(Iban::parse(text).is_ok(), "{text}");
        }
        let iban = Iban::parse("KZ41601A141000897321").unwrap();
        assert_eq!((iban.bank_code(), iban.masked().as_str()), ("601", "KZ**601*********7321"));
    }

    #[test]
    fn each_flaw_is_named_to_the_person() {
        for (text, why) in [
            ("KZ86125KZT5004100101", IbanError::CheckDigits),
            ("KZ8612", IbanError::Length),
            ("DE86125KZT5004100100", IbanError::Country),
            ("КZ86125KZT5004100100", IbanError::NotAlphanumeric),
            ("", IbanError::Length),
        ] {
            assert_eq!(Iban::parse(text), Err(why), "{text}");
        }
    }
}
