//! What readers send us: queries, forms and photos, each read strictly, within limits, into a type.
//!
//! Bytes that are no UTF-8, control characters, a field given twice and a field nobody asked for are a
//! bad request, not something to guess at. A form without our token is refused before anyone reads it.

use app::uploads;
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::{Method, StatusCode, header, request::Parts},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, value},
};

use crate::{
    Site,
    guard::{FORM_BYTES_MAX, Reader, Stop},
    intake::Whole,
};

/// Most fields of a form.
const FIELDS_MAX: usize = 40;
/// The hidden field that carries the form's token.
pub(crate) const TOKEN: &str = "csrf";

const BAD: Stop = Stop::Status(StatusCode::BAD_REQUEST);

/// A query string.
pub(crate) struct Query<T>(pub(crate) T);

/// A form from one of our pages.
pub(crate) struct Form<T>(pub(crate) T);

/// A form with nothing in it but its button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A form with a photo.
pub(crate) struct Upload<T> {
    pub(crate) form: T,
    /// The photo's bytes; empty where none was chosen.
    pub(crate) photo: Vec<u8>,
}

/// A form with a scanned document.
pub(crate) struct Scan<T> {
    pub(crate) form: T,
    /// The file's name as the reader's machine calls it, for its ending alone.
    pub(crate) name: String,
    /// Its bytes, one more than may be at most; empty where none was chosen.
    pub(crate) bytes: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequestParts<Site> for Query<T> {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Stop> {
        read(pairs(parts.uri.query().unwrap_or_default()).ok_or(BAD)?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for Form<T> {
    type Rejection = Stop;
    async fn from_request(request: Request, site: &Site) -> Result<Self, Stop> {
        let (mut parts, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut parts, site).await?;
        let plain =
            parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|kind| {
                kind.split(';')
                    .next()
                    .unwrap_or_default()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        if parts.method != Method::POST || !plain {
            return Err(BAD);
        }
        let request = Request::from_parts(parts, body);
        let Whole(body) = Whole::from_request(request, site).await.map_err(Stop::Status)?;
        let pairs = std::str::from_utf8(&body).ok().and_then(pairs).ok_or(BAD)?;
        read(unlock(&reader, pairs)?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for Upload<T> {
    type Rejection = Stop;
    async fn from_request(mut request: Request, site: &Site) -> Result<Self, Stop> {
        let reader = request.extensions_mut().get::<Reader>().cloned().ok_or(BAD)?;
        let reading = read_photo(request, site);
        let (pairs, photo) = site.intake.upload(reader.address(), reading).await.map_err(Stop::Status)??;
        Ok(Self { form: read(unlock(&reader, pairs)?)?, photo })
    }
}

/// Fields, and the photo.
async fn read_photo(request: Request, site: &Site) -> Result<(Pairs, Vec<u8>), Stop> {
    let mut parts = Multipart::from_request(request, site).await.map_err(|_| BAD)?;
    let (mut pairs, mut photo) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(cut)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "photo" {
            photo = part.bytes().await.map_err(cut)?.into();
        } else {
            let value = part.bytes().await.map_err(cut)?;
            let value = std::str::from_utf8(&value).ok().filter(|value| clean(value)).ok_or(BAD)?;
            pairs.push((name, value.to_owned()));
        }
        if pairs.len() > FIELDS_MAX {
            return Err(BAD);
        }
    }
    Ok((pairs, photo))
}

impl<T: DeserializeOwned> FromRequest<Site> for Scan<T> {
    type Rejection = Stop;
    async fn from_request(mut request: Request, site: &Site) -> Result<Self, Stop> {
        let reader = request.extensions_mut().get::<Reader>().cloned().ok_or(BAD)?;
        let reading = read_scan(request, site);
        let (pairs, name, bytes) =
            site.intake.upload(reader.address(), reading).await.map_err(Stop::Status)??;
        Ok(Self { form: read(unlock(&reader, pairs)?)?, name, bytes })
    }
}

/// Fields, and the file's name and bytes.
async fn read_scan(request: Request, site: &Site) -> Result<(Pairs, String, Vec<u8>), Stop> {
    let mut parts = Multipart::from_request(request, site).await.map_err(|_| BAD)?;
    let (mut pairs, mut file, mut bytes) = (Vec::new(), String::new(), Vec::new());
    while let Some(mut part) = parts.next_field().await.map_err(cut)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "scan" {
            if !file.is_empty() {
                return Err(BAD);
            }
            file = part.file_name().unwrap_or_default().chars().take(255).collect();
            // What is too large is read on, so that the reader can be told, and not kept.
            while let Some(chunk) = part.chunk().await.map_err(cut)? {
                let room = (uploads::BYTES_MAX + 1).saturating_sub(bytes.len());
                bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
        } else {
            let mut value = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(cut)? {
                value.extend_from_slice(&chunk);
                if value.len() > FORM_BYTES_MAX {
                    return Err(Stop::Status(StatusCode::PAYLOAD_TOO_LARGE));
                }
            }
            let value = std::str::from_utf8(&value).ok().filter(|value| clean(value)).ok_or(BAD)?;
            pairs.push((name, value.to_owned()));
        }
        if pairs.len() > FIELDS_MAX {
            return Err(BAD);
        }
    }
    Ok((pairs, file, bytes))
}

/// A part that breaks off, or is larger than a part may be.
fn cut(error: MultipartError) -> Stop {
    Stop::Status(error.status())
}

type Pairs = Vec<(String, String)>;

/// Takes the token out and checks it.
fn unlock(reader: &Reader, mut pairs: Pairs) -> Result<Pairs, Stop> {
    let at = pairs.iter().position(|(name, _)| name == TOKEN).ok_or(Stop::Forged)?;
    let (_, token) = pairs.swap_remove(at);
    if reader.gave(&token) { Ok(pairs) } else { Err(Stop::Forged) }
}

fn read<T: DeserializeOwned>(pairs: Pairs) -> Result<T, Stop> {
    let pairs = value::MapDeserializer::<_, value::Error>::new(pairs.into_iter());
    T::deserialize(pairs).map_err(|_| BAD)
}

/// `application/x-www-form-urlencoded` (WHATWG URL, section 5), without its forgiveness.
fn pairs(text: &str) -> Option<Pairs> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    });
    let pairs: Pairs = pairs.take(FIELDS_MAX + 1).collect::<Option<_>>()?;
    (pairs.len() <= FIELDS_MAX).then_some(pairs)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit =
                    || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit()? * 16 + digit()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| clean(text))
}

/// Without control characters, but for the line breaks of a text area.
fn clean(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::{decode, pairs};

    #[test]
    fn a_form_reads_as_it_was_typed_or_not_at_all() {
        assert_eq!(decode("%D3%98%D0%BB%D0%B8%D1%8F+1%2B1").as_deref(), Some("Әлия 1+1"));
        for broken in ["%", "%4", "%zz", "%+1", "%FF%FE", "a%00b", "%1B"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
        assert_eq!(pairs("a=1&&b"), Some(vec![("a".into(), "1".into()), ("b".into(), String::new())]));
        assert_eq!(pairs(&"a=1&".repeat(41)), None);
    }
}
