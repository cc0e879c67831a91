//! eGov Mobile: what the phone asks us once it has read the QR code (Rules cl. [35.1](lending::law::CL_35_1)).
//!
//! API 1 tells who wants a signature and where the document is; API 2 gives the document and takes it back signed. The
//! form of both is the application's own (`docs/handbook/signing.md`). There is no session here: link and token are the
//! statement's, and what comes back is believed by its signature alone.

use std::time::Duration;

use app::{
    identity::{egov_mobile, signatures::Statement},
    op::Channel,
    refusal::No,
    sessions::Visitor,
};
use axum::{
    extract::{FromRequest, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use lending::confirmation::Operation;
use serde_json::{Value, json};
use texts::{Lang, signature as t};

use crate::{Site, guard, intake::Whole};

/// Longer than this the phone does not wait: the certification authority is asked meanwhile.
const TIME_MAX: Duration = Duration::from_secs(40);

/// API 1.
pub(super) async fn invitation(
    State(site): State<Site>,
    Path(link): Path<String>,
    request: Request,
) -> Response {
    let (visitor, lang) = asking(&request);
    match egov_mobile::opened(&site.app, visitor, &link).await {
        Ok(statement) => {
            let token = egov_mobile::token(&site.app, statement.id);
            Json(described(&site, &statement, &link, &token, lang)).into_response()
        }
        Err(no) => refused(no, lang),
    }
}

fn described(site: &Site, statement: &Statement, link: &str, token: &str, lang: Lang) -> Value {
    let organization = &site.settings.organization;
    let name = |lang| organization.legal_name.in_lang(lang);
    let expires = statement.expires_at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string();
    json!({
        "description": t::phone_asks(lang),
        "expiry_date": expires,
        "organisation": {
            "nameRu": name(Lang::Ru), "nameKz": name(Lang::Kk), "nameEn": name(Lang::En), "bin": organization.bin,
        },
        "document": {
            "uri": format!("{}/document", egov_mobile::address(&site.settings.domain, link)),
            "auth_type": "Token",
            "auth_token": token,
        },
    })
}

/// API 2: the document.
pub(super) async fn document(
    State(site): State<Site>,
    Path(link): Path<String>,
    request: Request,
) -> Response {
    let (visitor, lang) = asking(&request);
    let token = bearer(request.headers());
    match egov_mobile::to_sign(&site.app, visitor, &link, &token).await {
        Ok((statement, media_type, bytes)) => Json(to_sign(&statement, media_type, &bytes)).into_response(),
        Err(no) => refused(no, lang),
    }
}

fn to_sign(statement: &Statement, media_type: &str, bytes: &[u8]) -> Value {
    let name = |lang| match statement.purpose.operation {
        Operation::SignContract => t::phone_agreement(lang),
        Operation::AmendContract => t::phone_amendment(lang),
        _ => t::phone_statement(lang),
    };
    // The application shows what it is told is a PDF, and offers to open the rest.
    let mime = if media_type == "application/pdf" { "@file/pdf" } else { media_type };
    json!({
        "signMethod": "CMS_SIGN_ONLY",
        "version": 1,
        "documentsToSign": [{
            "id": 1, "nameRu": name(Lang::Ru), "nameKz": name(Lang::Kk), "nameEn": name(Lang::En),
            "meta": [{ "name": "SHA-256", "value": app::vault::hex(&statement.purpose.object) }],
            "document": { "file": { "mime": mime, "data": BASE64_STANDARD.encode(bytes) } },
        }],
    })
}

/// API 2: the document comes back, with the signature in its place. Finished even if the phone hangs up.
pub(super) async fn signed(State(site): State<Site>, Path(link): Path<String>, request: Request) -> Response {
    let (visitor, lang) = asking(&request);
    let token = bearer(request.headers());
    let body = match Whole::from_request(request, &site).await {
        Ok(Whole(body)) => body,
        Err(status) => return status.into_response(),
    };
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let declined = body["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case("CANCELED"));
    let [document] = body["documentsToSign"].as_array().map_or(&[][..], Vec::as_slice) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let signature =
        document["document"]["file"]["data"].as_str().unwrap_or_default().trim().as_bytes().to_vec();
    let work = tokio::spawn(async move {
        let signature = (!declined).then_some(signature.as_slice());
        egov_mobile::answered(&site.app, visitor, &link, &token, signature).await
    });
    match tokio::time::timeout(TIME_MAX, work).await {
        Ok(Ok(Ok(()))) => Json(json!({})).into_response(),
        Ok(Ok(Err(no))) => refused(no, lang),
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a signature from a phone failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn asking(request: &Request) -> (Visitor, Lang) {
    let lang = guard::accepted(request.headers()).unwrap_or(Lang::Kk);
    (Visitor { origin: guard::origin(request, Channel::Mobile) }, lang)
}

fn bearer(headers: &HeaderMap) -> String {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.strip_prefix("Bearer ").unwrap_or_default().to_owned()
}

/// The application shows the message of a 403.
fn refused(no: No, lang: Lang) -> Response {
    match no {
        No::Refusal(no) => {
            (StatusCode::FORBIDDEN, Json(json!({ "message": no.text(lang), "code": no.code })))
                .into_response()
        }
        No::Fault(fault) => {
            tracing::error!(?fault, "a question of a phone failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
