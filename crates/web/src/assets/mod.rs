//! Style, script, font and icon: part of the program, served under names that change with their content, so
//! that a browser fetches each once and never an old one.

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::Site;

/// A colour of the organization, dark enough to write on in white (WCAG 2.2, 1.4.3: contrast 4.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour([u8; 3]);

impl Colour {
    /// Reads `#rrggbb`; nothing for what is not one, or too light for white text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        let colour = Self([part(0)?, part(2)?, part(4)?]);
        (1.05 / (colour.luminance() + 0.05) >= 4.5).then_some(colour)
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// So many percent of it, the rest of another.
    fn mixed(self, percent: u16, other: [u8; 3]) -> Self {
        let mut mixed = other;
        for (part, own) in mixed.iter_mut().zip(self.0) {
            let sum = u16::from(own) * percent + u16::from(*part) * (100 - percent);
            *part = u8::try_from(sum / 100).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    fn css(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The assets, by the path each is served under.
pub(crate) struct Assets {
    pub(crate) font: String,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
    files: Vec<File>,
}

struct File {
    path: String,
    media_type: &'static str,
    bytes: Vec<u8>,
}

const FONT: &[u8] = include_bytes!("fonts/golos-text.woff2");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

impl Assets {
    pub(crate) fn new(colour: Colour) -> Self {
        let font = File::new("golos-text", "woff2", "font/woff2", FONT.to_vec());
        let (black, white) = ([0; 3], [255; 3]);
        let style = STYLE
            .replace("FONT-PATH", &font.path)
            .replace("BRAND-DEEP", &colour.mixed(72, black).css())
            .replace("BRAND-SOFT", &colour.mixed(9, white).css())
            .replace("BRAND-LIGHT", &colour.mixed(45, white).css())
            .replace("BRAND-NIGHT", &colour.mixed(40, [15, 20, 20]).css())
            .replace("BRAND", &colour.css());
        let style = File::new("style", "css", "text/css; charset=utf-8", style.into_bytes());
        let script = File::new("script", "js", "text/javascript; charset=utf-8", SCRIPT.into());
        let icon = ICON.replace("BRAND", &colour.css());
        let icon = File::new("icon", "svg", "image/svg+xml", icon.into_bytes());
        Self {
            font: font.path.clone(),
            style: style.path.clone(),
            script: script.path.clone(),
            icon: icon.path.clone(),
            files: vec![font, style, script, icon],
        }
    }
}

impl File {
    fn new(name: &str, ending: &str, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash = app::vault::hex(&app::vault::sha256(&bytes)[..6]);
        Self { path: format!("/assets/{name}-{hash}.{ending}"), media_type, bytes }
    }
}

pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/assets/{name}", get(file))
}

async fn file(State(site): State<Site>, Path(name): Path<String>) -> Response {
    let found =
        site.assets.files.iter().find(|file| file.path.strip_prefix("/assets/") == Some(name.as_str()));
    match found {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(file) => (
            [
                (header::CONTENT_TYPE, file.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            file.bytes.clone(),
        )
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn white_letters_can_be_read_on_the_organizations_colour() {
        assert!(Colour::parse("#0b6b60").is_some());
        for bad in ["#ffd400", "#7fb0a8", "0b6b60", "#0b6b6", "#0b6b6g", "#ффф", ""] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }
}
