//! The control API, for tests and scripts: JSON.
//!
//! * `GET /api/state`: today, modes, outbox, payments, receipts
//! * `PUT /api/modes/{service}`: `{"mode": "slow", "ms": 500}`
//! * `POST /api/receipts`: `{"text": "…", "amount_tiyn": 100, "on": "2026-03-02"}`, `on` optional
//! * `PUT /api/today`: `{"date": "2026-03-02"}`
//! * `PUT /api/signer`: `{"iin": "…", "bin": "…", "tokens": ["AKKZIDCardStore"]}`, all optional: the one key that NCALayer
//!   finds, and what is in the reader
//! * `POST /api/scans`: `{"qr": "mobileSign:…", "iin": "…", "bin": "…"}`, `bin` optional: eGov Mobile on that person's phone,
//!   or eGov Business with the entity's key, signs what the code shows

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post, put},
};
use jiff::civil::Date;
use lending::money::Money;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Mode, Service,
    service::{bank, egov_mobile, ncalayer::Signer},
    world::World,
};

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/api/state", get(state))
        .route("/api/modes/{service}", put(mode))
        .route("/api/receipts", post(receive))
        .route("/api/today", put(advance))
        .route("/api/signer", put(signer))
        .route("/api/scans", post(scan))
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let modes: serde_json::Map<_, _> = Service::ALL
        .map(|service| (service.name().to_owned(), json!(world.mode(service))))
        .into_iter()
        .collect();
    Json(json!({
        "today": world.clock.today(),
        "modes": modes,
        "outbox": world.outbox(),
        "payments": world.payments(),
        "receipts": world.receipts(),
    }))
}

async fn mode(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    Json(mode): Json<Mode>,
) -> StatusCode {
    match Service::named(&name) {
        Some(service) => {
            world.set_mode(service, mode);
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arrived {
    text: String,
    amount_tiyn: Money,
    on: Option<Date>,
}

async fn receive(
    State(world): State<Arc<World>>,
    Json(arrived): Json<Arrived>,
) -> Result<Json<Value>, StatusCode> {
    let Arrived { text, amount_tiyn: amount, on } = arrived;
    if !amount.is_positive() || !amount.is_within_max() || text.chars().count() > 140 {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let on = on.unwrap_or_else(|| world.clock.today());
    Ok(Json(json!({ "reference": bank::receive(&world, &text, amount, on) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    date: Date,
}

async fn advance(
    State(world): State<Arc<World>>,
    Json(moved): Json<Moved>,
) -> Result<StatusCode, (StatusCode, String)> {
    let refuse = |why| (StatusCode::UNPROCESSABLE_ENTITY, why);
    world.clock.advance_to(moved.date).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn signer(State(world): State<Arc<World>>, Json(signer): Json<Signer>) -> StatusCode {
    world.set_signer(signer);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scanned {
    qr: String,
    iin: String,
    bin: Option<String>,
}

async fn scan(
    State(world): State<Arc<World>>,
    Json(scanned): Json<Scanned>,
) -> Result<StatusCode, (StatusCode, String)> {
    let refuse = |why| (StatusCode::UNPROCESSABLE_ENTITY, why);
    egov_mobile::scan(&world, &scanned.qr, &scanned.iin, scanned.bin.as_deref()).await.map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}
