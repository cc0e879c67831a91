//! Mobizon's `sendSmsMessage` and SMSC's `send.php`.

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

pub(super) async fn mobizon(
    State(world): State<Arc<World>>,
    Query(account): Query<Account>,
    Form(sent): Form<Sent>,
) -> Response {
    let refuse = |code: u8, message: &str| Json(json!({ "code": code, "message": message })).into_response();
    if account.api_key != KEY || account.output != "json" || account.api != "v1" {
        return refuse(2, "no such account");
    }
    let Some(count) = take(&world, &sent.recipient, &sent.text) else {
        return refuse(1, "bad recipient or text");
    };
    let id = count.to_string();
    Json(json!({ "code": 0, "message": "", "data": { "messageId": id, "campaignId": id, "status": 2 } }))
        .into_response()
}

/// Sends as the mode says; gives how many messages there are now. `None`: refused.
fn take(world: &World, recipient: &str, text: &str) -> Option<usize> {
    let mode = world.mode(Service::Sms);
    let number = recipient.len() == 11 && recipient.bytes().all(|digit| digit.is_ascii_digit());
    if mode == Mode::Reject || !number || text.is_empty() || text.chars().count() > 1_000 {
        return None;
    }
    for _ in 0..if mode == Mode::Twice { 2 } else { 1 } {
        world.send(Channel::Sms, format!("+{recipient}"), String::new(), text.to_owned());
    }
    Some(world.outbox().len())
}

#[derive(Deserialize)]
pub(super) struct Order {
    login: String,
    psw: String,
    phones: String,
    mes: String,
    id: String,
    fmt: u8,
    charset: String,
}

pub(super) async fn smsc(State(world): State<Arc<World>>, Form(order): Form<Order>) -> Response {
    let refuse = |code: u8, why: &str| Json(json!({ "error": why, "error_code": code })).into_response();
    if order.login != "nesie" || order.psw != KEY {
        return refuse(2, "authorise error");
    }
    if order.fmt != 3 || order.charset != "utf-8" {
        return refuse(1, "parameters error");
    }
    match take(&world, &order.phones, &order.mes) {
        Some(_) => Json(json!({ "id": order.id, "cnt": 1 })).into_response(),
        None => refuse(7, "invalid number"),
    }
}
