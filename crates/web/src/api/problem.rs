//! Every no of the API, as `application/problem+json` (RFC 9457).

use std::sync::Arc;

use app::{
    App,
    refusal::{Fault, No, Refusal},
};
use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use texts::Lang;
use utoipa::ToSchema;

use crate::guard::{RETRY_AFTER_SECONDS, status};

/// Why something was not done.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:nesie:refusal:iin-invalid",
    "title": "Check the IIN: it has 12 digits, and one of them does not fit",
    "status": 422,
    "code": "iin-invalid",
    "field": "iin",
    "clause": "6.a"
}))]
pub(super) struct Problem {
    /// `urn:nesie:refusal:` and the code, or `urn:nesie:fault`.
    #[serde(rename = "type")]
    kind: String,
    /// For people, in the language of the answer.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Stable code of the refusal; see the list in the description of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The clause of Resolution No. 217 behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<&'static str>,
    /// Line of the body that could not be read, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Column of the body that could not be read, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// Of a fault: the number by which we find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// The media type of a [`Problem`].
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why there is no answer. Written by [`door`](super::door), which knows the language.
#[derive(Debug)]
pub(super) enum Stop {
    /// The use case said no.
    No(No),
    /// The request itself is wrong: 400, 404, 405, 413, 415; or took too long: 503.
    Status(StatusCode),
    /// The body is not what its description says. Only the place is told: the body may hold a secret.
    Unreadable { status: StatusCode, line: usize, column: usize },
}

/// What a handler gives.
pub(super) type Answer<T> = Result<T, Stop>;

impl<E: Into<No>> From<E> for Stop {
    fn from(no: E) -> Self {
        Self::No(no.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What `app` calls a field of its forms, as the API's bodies call it.
fn field(name: &'static str) -> &'static str {
    match name {
        "amount" => "amount_tiyn",
        "income" => "income_tiyn",
        "consent" => "consent_sha256",
        other => other,
    }
}

/// The code and text of what is wrong with a request as such.
fn named(status: StatusCode, lang: Lang) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("not-found", texts::client::error_404_title(lang)),
        StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", texts::client::error_405_title(lang)),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", texts::client::error_413_title(lang)),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", texts::client::error_400_title(lang)),
        StatusCode::SERVICE_UNAVAILABLE => ("too-slow", texts::client::error_503_title(lang)),
        StatusCode::UNPROCESSABLE_ENTITY => ("body-invalid", texts::client::error_400_title(lang)),
        _ => ("malformed", texts::client::error_400_title(lang)),
    }
}

impl Problem {
    fn refusal(no: &Refusal, lang: Lang) -> Self {
        Self {
            field: no.field.map(field),
            clause: no.clause,
            ..Self::coded(status(no.sort), no.code, no.text(lang))
        }
    }

    fn coded(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            kind: format!("urn:nesie:refusal:{code}"),
            title,
            status: status.as_u16(),
            code: Some(code),
            field: None,
            clause: None,
            line: None,
            column: None,
            reference: None,
        }
    }

    fn fault(reference: String, lang: Lang) -> Self {
        Self {
            kind: "urn:nesie:fault".to_owned(),
            code: None,
            reference: Some(reference),
            ..Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "", texts::client::error_500_title(lang))
        }
    }
}

/// A no as a problem; a fault is logged here, once.
pub(super) fn explain(app: &App, lang: Lang, stop: &Stop, method: &Method, route: &str) -> Response {
    let problem = match stop {
        Stop::No(No::Refusal(no)) => Problem::refusal(no, lang),
        Stop::No(No::Fault(fault)) => Problem::fault(log(app, fault, method, route), lang),
        Stop::Status(status) => {
            let (code, title) = named(*status, lang);
            Problem::coded(*status, code, title)
        }
        Stop::Unreadable { status, line, column } => {
            let (code, title) = named(*status, lang);
            Problem { line: Some(*line), column: Some(*column), ..Problem::coded(*status, code, title) }
        }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        _ => {}
    }
    response
}

/// Logs a fault under a new reference number, without the letters and digits that are mistaken for each other
/// when read out on the phone.
fn log(app: &App, fault: &Fault, method: &Method, route: &str) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bytes = [0; 10];
    app.chance().fill(&mut bytes);
    let reference: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    tracing::error!(reference, ?fault, %method, route, "a request failed");
    reference
}

/// Every refusal that the API can answer with: code, status, clause.
pub(super) fn refusals() -> Vec<(&'static str, StatusCode, Option<&'static str>)> {
    use app::{
        amendments::AmendmentRefusal,
        applications::ApplicationRefusal,
        attempts::TooOften,
        documents::DocumentRefusal,
        entities::EntityRefusal,
        identity::{IdentityRefusal, signatures::SignatureRefusal},
        inquiry::Outside,
        loans::LoanRefusal,
        once::OnceRefusal,
        password::Weak,
        sessions::SessionRefusal,
        uploads::UploadRefusal,
    };
    fn all<R: Copy + Into<Refusal>>(domain: &[R]) -> impl Iterator<Item = Refusal> {
        domain.iter().map(|no| (*no).into())
    }
    let domains = all(IdentityRefusal::ALL)
        .chain(all(SignatureRefusal::ALL))
        .chain(all(Weak::ALL))
        .chain(all(SessionRefusal::ALL))
        .chain(all(ApplicationRefusal::ALL))
        .chain(all(LoanRefusal::ALL))
        .chain(all(AmendmentRefusal::ALL))
        .chain(all(OnceRefusal::ALL))
        .chain(all(DocumentRefusal::ALL))
        .chain(all(EntityRefusal::ALL))
        .chain(all(UploadRefusal::ALL))
        .chain(all(TooOften::ALL))
        .chain(all(Outside::ALL))
        .map(|no| (no.code, status(no.sort), no.clause));
    let requests = [400, 404, 405, 413, 415, 422, 503].into_iter().filter_map(|code| {
        let status = StatusCode::from_u16(code).ok()?;
        Some((named(status, Lang::En).0, status, None))
    });
    let mut list: Vec<_> = domains.chain(requests).collect();
    list.sort_unstable();
    list.dedup();
    list
}
