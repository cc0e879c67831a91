//! Bodies: what they must be, and how large.

use app::{identity::PHOTO_BYTES_MAX, uploads::BYTES_MAX as UPLOAD_BYTES_MAX};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

use super::{
    door::Caller,
    problem::{Answer, Stop},
};
use crate::{Site, guard::FORM_BYTES_MAX, intake::Whole};

/// A JSON body, in a request or an answer.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Site> for Json<T> {
    type Rejection = Stop;
    async fn from_request(request: Request, site: &Site) -> Answer<Self> {
        if media_type(request.headers()).as_deref() != Some("application/json") {
            return Err(Stop::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = read(request, site, FORM_BYTES_MAX).await?;
        let body = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        // An array would do for `serde`, field by field. It would not for the description.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Stop::Unreadable { status: StatusCode::UNPROCESSABLE_ENTITY, line: 1, column: 1 });
        }
        Ok(Self(body))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// 400 for what is not JSON or says something twice, 422 for JSON that does not fit the description.
fn unreadable(error: &serde_json::Error) -> Stop {
    let fits_no_description =
        error.classify() == Category::Data && !error.to_string().starts_with("duplicate field");
    let status = if fits_no_description { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
    Stop::Unreadable { status, line: error.line(), column: error.column() }
}

/// A photo, raw. Whether it is one, is found out by looking at it, not by what it is called.
pub(super) struct Image(pub(super) Vec<u8>);

impl FromRequest<Site> for Image {
    type Rejection = Stop;
    async fn from_request(request: Request, site: &Site) -> Answer<Self> {
        is_picture(&request)?;
        Ok(Self(upload(request, site, PHOTO_BYTES_MAX).await?.into()))
    }
}

/// A frame of a challenge, raw: small, and four of them a second, so it waits for no place among the uploads.
pub(super) struct Frame(pub(super) Vec<u8>);

impl FromRequest<Site> for Frame {
    type Rejection = Stop;
    async fn from_request(request: Request, site: &Site) -> Answer<Self> {
        is_picture(&request)?;
        Ok(Self(read(request, site, FORM_BYTES_MAX).await?.into()))
    }
}

/// Whether it is called a picture.
fn is_picture(request: &Request) -> Answer<()> {
    match media_type(request.headers()).as_deref() {
        Some("image/jpeg" | "image/png") => Ok(()),
        _ => Err(Stop::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

/// A scanned document, raw. What it really is, is found out by looking at it.
pub(super) struct Document {
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl FromRequest<Site> for Document {
    type Rejection = Stop;
    async fn from_request(request: Request, site: &Site) -> Answer<Self> {
        let media_type = match media_type(request.headers()).as_deref() {
            Some("application/pdf") => "application/pdf",
            Some("image/jpeg") => "image/jpeg",
            Some("image/png") => "image/png",
            _ => return Err(Stop::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        };
        Ok(Self { media_type, bytes: upload(request, site, UPLOAD_BYTES_MAX).await?.into() })
    }
}

/// The media type in lower case; none if its text is in another encoding than UTF-8.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next()?.to_owned();
    let utf8 = |part: &str| {
        let charset = part.strip_prefix("charset=");
        charset.is_none_or(|name| name.trim_matches('"') == "utf-8")
    };
    parts.all(utf8).then_some(essence)
}

/// Reads a body of at most `most` bytes in time.
async fn read(request: Request, site: &Site, most: usize) -> Answer<Bytes> {
    fits(&request, most)?;
    Whole::from_request(request, site).await.map(|Whole(body)| body).map_err(Stop::Status)
}

/// The same for a large one, in its turn.
async fn upload(request: Request, site: &Site, most: usize) -> Answer<Bytes> {
    fits(&request, most)?;
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, site).await?;
    let reading = Bytes::from_request(Request::from_parts(parts, body), site);
    let read = site.intake.upload(caller.address(), reading).await.map_err(Stop::Status)?;
    read.map_err(|rejection| Stop::Status(rejection.status()))
}

/// What says that it is larger than `most` bytes, is not read at all.
fn fits(request: &Request, most: usize) -> Answer<()> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if declared.is_some_and(|length| length.parse::<usize>().map_or(true, |bytes| bytes > most)) {
        return Err(Stop::Status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    Ok(())
}
