//! The three languages.

use serde::{Deserialize, Serialize};

/// A language of the people we serve. Kazakh is the state language and comes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Lang {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    /// ISO 639-1 code: in URLs, in the database, and the value of HTML's `lang`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Reads a code or a tag that starts with one, in any case: `kk`, `ru-KZ`, one item of `Accept-Language`
    /// without its weight (RFC 4647 lookup).
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// The language's name in itself, as the language switch shows it.
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_keeps_the_language_chosen_in_url_browser_and_stored_data() {
        for lang in Lang::ALL {
            assert_eq!(Lang::parse(lang.code()), Some(lang));
            let json = serde_json::to_string(&lang).unwrap();
            assert_eq!(json, format!("\"{}\"", lang.code()));
            assert_eq!(serde_json::from_str::<Lang>(&json).unwrap(), lang);
        }
        assert_eq!(Lang::parse(" kk-KZ "), Some(Lang::Kk));
        assert_eq!(Lang::parse("RU_kz"), Some(Lang::Ru));
        for unknown in ["", "-", "k", "kkk", "de-DE", "рус"] {
            assert_eq!(Lang::parse(unknown), None, "{unknown}");
        }
    }
}
