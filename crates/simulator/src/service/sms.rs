//! Mobizon's `sendSmsMessage`.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::KEY;
use crate::{Channel, Mode, Service, world::World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    api_key: String,
    output: String,
    api: String,
}

#[derive(Deserialize)]
pub(super) struct Sent {
    recipient: String,
    text: String,
}

pub(super) async fn send(
    State(world): State<Arc<World>>,
    Query(account): Query<Account>,
    Form(sent): Form<Sent>,
) -> Response {
    let refuse = |code: u8, message: &str| Json(json!({ "code": code, "message": message })).into_response();
    if account.api_key != KEY || account.output != "json" || account.api != "v1" {
        return refuse(2, "no such account");
    }
    let mode = world.mode(Service::Sms);
    let number = sent.recipient.len() == 11 && sent.recipient.bytes().all(|digit| digit.is_ascii_digit());
    if mode == Mode::Reject || !number || sent.text.is_empty() || sent.text.chars().count() > 1_000 {
        return refuse(1, "bad recipient or text");
    }
    for _ in 0..if mode == Mode::Twice { 2 } else { 1 } {
        world.send(Channel::Sms, format!("+{}", sent.recipient), String::new(), sent.text.clone());
    }
    let id = world.outbox().len().to_string();
    Json(json!({ "code": 0, "message": "", "data": { "messageId": id, "campaignId": id, "status": 2 } }))
        .into_response()
}
