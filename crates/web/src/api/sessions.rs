//! Signing in and out (Rules cl. [6.e](lending::law::CL_6_E)), and where one is signed in.

use app::{
    identity::{self, IdentityRefusal},
    sessions::{self, Client, Token},
};
use axum::http::StatusCode;
use lending::phone::Phone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller, Named},
    problem::Answer,
    units::Instant,
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(by_password, list))
        .routes(routes!(send_code))
        .routes(routes!(by_code))
        .routes(routes!(by_token))
        .routes(routes!(end_others))
        .routes(routes!(sign_out))
}

/// A session that was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionOpened)]
pub(super) struct Opened {
    /// Its secret, told once. The session ends after 10 minutes of silence, or 12 hours.
    #[schema(format = Password, min_length = 43, max_length = 43)]
    token: String,
    /// Of a device seen for the first time: the secret by which it is known again. Keep it in the system's credential store
    /// and send it as `Device-Key` when signing in. It opens nothing; guesses from elsewhere are counted apart from it.
    #[schema(format = Password, min_length = 43, max_length = 43)]
    device_key: Option<String>,
}

impl Opened {
    pub(super) fn by(token: &Token) -> Self {
        Self { token: token.reveal(), device_key: token.reveal_device() }
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PhoneNumber, example = json!({ "name": "880101300123", "password": "a phrase of several words" }))]
struct Credentials {
    /// IIN or mobile number.
    name: String,
    #[schema(format = Password)]
    password: String,
}

/// Signs in by IIN or phone, and password.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", operation_id = "sign_in_by_password", security(()),
    request_body = Credentials, responses((status = 201, description = "Signed in.", body = Opened)))]
async fn by_password(caller: Caller, Json(given): Json<Credentials>) -> Answer<(StatusCode, Json<Opened>)> {
    let name = given.name.trim();
    let token = identity::sign_in_by_password(caller.app(), caller.visitor(), name, &given.password).await?;
    Ok((StatusCode::CREATED, Json(Opened::by(&token))))
}

/// Who signs in by a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignInByToken, example = json!({ "name": "880101300123", "code": "402817" }))]
struct ByToken {
    /// IIN or mobile number.
    name: String,
    /// Of a registered token. Each is good once.
    code: String,
}

/// Signs in by IIN or phone, and a code of a registered token.
#[utoipa::path(post, path = "/v1/sessions/by-token", tag = "sessions", operation_id = "sign_in_by_token_code",
    security(()), request_body = ByToken, responses((status = 201, description = "Signed in.", body = Opened)))]
async fn by_token(caller: Caller, Json(given): Json<ByToken>) -> Answer<(StatusCode, Json<Opened>)> {
    let name = given.name.trim();
    let token = identity::sign_in_by_token(caller.app(), caller.visitor(), name, &given.code).await?;
    Ok((StatusCode::CREATED, Json(Opened::by(&token))))
}

/// Where to send a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignInCodeAnswer, example = json!({ "phone": "+77011234567" }))]
struct Number {
    phone: String,
}

/// A code that was sent, if there is such a client.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInCode)]
struct Sent {
    /// Comes with the answer; good for nothing without the code.
    id: Uuid,
}

/// Sends a sign-in code. The answer is the same for a number that nobody has.
#[utoipa::path(post, path = "/v1/sign-in-codes", tag = "sessions", operation_id = "send_sign_in_code",
    security(()), request_body = Number,
    responses((status = 201, description = "It is on its way, if there is such a client.", body = Sent)))]
async fn send_code(caller: Caller, Json(given): Json<Number>) -> Answer<(StatusCode, Json<Sent>)> {
    if Phone::parse(&given.phone).is_err() {
        return Err(IdentityRefusal::Phone.at("phone").into());
    }
    let id = identity::request_sign_in_code(caller.app(), caller.visitor(), &given.phone).await?;
    Ok((StatusCode::CREATED, Json(Sent { id })))
}

/// The answer to a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "phone": "+77011234567", "code": "402817" }))]
struct ByCode {
    phone: String,
    code: String,
}

/// Marks the id of a sign-in code.
struct SignInCode;

/// Signs in by the code that was sent. Good for five minutes, three tries and one use.
#[utoipa::path(post, path = "/v1/sign-in-codes/{id}/sessions", tag = "sessions",
    operation_id = "sign_in_by_code", security(()), request_body = ByCode,
    params(("id" = Uuid, Path, description = "As given when the code was asked for.")),
    responses((status = 201, description = "Signed in.", body = Opened)))]
async fn by_code(
    caller: Caller,
    Named(id): Named<SignInCode>,
    Json(given): Json<ByCode>,
) -> Answer<(StatusCode, Json<Opened>)> {
    let visitor = caller.visitor();
    let token =
        identity::sign_in_by_code(caller.app(), visitor, &given.phone, id.uuid(), &given.code).await?;
    Ok((StatusCode::CREATED, Json(Opened::by(&token))))
}

/// Where one is signed in.
#[derive(Serialize, ToSchema)]
struct Session {
    id: Uuid,
    /// As the browser or application calls itself.
    device: String,
    address: String,
    created_at: Instant,
    /// To the minute.
    last_seen_at: Instant,
    /// It is the one that asks.
    current: bool,
}

/// The client's live sessions, newest first.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", operation_id = "list_sessions",
    security(("client" = [])), responses((status = 200, description = "The sessions.", body = [Session])))]
async fn list(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Session>>> {
    let mut op = caller.app().begin(who).await?;
    let listed = sessions::list(&mut op).await?;
    op.commit().await?;
    let session = |one: sessions::Listed| Session {
        id: one.id,
        device: one.device,
        address: one.address,
        created_at: one.created_at.into(),
        last_seen_at: one.last_seen_at.into(),
        current: one.current,
    };
    Ok(Json(listed.into_iter().map(session).collect()))
}

/// Ends all sessions but the one that asks.
#[utoipa::path(delete, path = "/v1/sessions/others", tag = "sessions", operation_id = "end_other_sessions",
    security(("client" = [])), responses((status = 204, description = "They have ended.")))]
async fn end_others(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<StatusCode> {
    let mut op = caller.app().begin(who).await?;
    sessions::end_others(&mut op).await?;
    identity::forget_other_devices(&mut op).await?;
    op.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out: the token is worthless from here on.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "sessions", operation_id = "sign_out",
    security(("client" = [])), responses((status = 204, description = "Signed out.")))]
async fn sign_out(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<StatusCode> {
    let session = who.session;
    let mut op = caller.app().begin(who).await?;
    sessions::end(&mut op, session).await?;
    op.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
