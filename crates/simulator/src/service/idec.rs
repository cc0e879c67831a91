//! Biometric identification.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use lending::iin::Iin;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{known, refused};
use crate::{Mode, Service, persons::Fate, world::World};

#[derive(Deserialize)]
pub(super) struct Asked {
    request: Uuid,
    iin: String,
    surname: String,
    given: String,
    document_number: String,
    photo_jpeg_base64: String,
    liveness: Option<Sitting>,
    consent_sha256: String,
}

#[derive(Deserialize)]
struct Sitting {
    session: Uuid,
    record_sha256: String,
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) async fn identify(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Response {
    if !known(&headers) {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let photo = BASE64_STANDARD.decode(&asked.photo_jpeg_base64).unwrap_or_default();
    if !photo.starts_with(&[0xff, 0xd8]) || Iin::parse(&asked.iin).is_err() || asked.given.is_empty() {
        return refused(StatusCode::BAD_REQUEST);
    }
    let sitting = asked.liveness.as_ref();
    if !is_sha256(&asked.consent_sha256)
        || sitting.is_some_and(|sitting| !is_sha256(&sitting.record_sha256) || sitting.session.is_nil())
    {
        return refused(StatusCode::BAD_REQUEST);
    }
    let (fate, mode) = (Fate::of(&asked.iin), world.mode(Service::Idec));
    let stranger = ["ЧУЖОЙ", "WRONG"].contains(&asked.surname.trim().to_uppercase().as_str());
    let other_face = fate == Fate::FaceDiffers || mode == Mode::FaceMismatch;
    Json(json!({
        "request": asked.request,
        "reference": format!("IDEC-{}", asked.request.simple()),
        "known": fate != Fate::Unknown && mode != Mode::Reject,
        "names_match": !stranger,
        "document_valid": fate != Fate::DocumentInvalid && asked.document_number != "000000000",
        "score_ppm": if other_face { 412_000 } else { 973_000 },
        "threshold_ppm": 850_000,
        "source": "GBD-FL",
        "at": format!("{}T05:00:00Z", world.today()),
    }))
    .into_response()
}
