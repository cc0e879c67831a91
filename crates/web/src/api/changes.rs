//! Changing what a client is reached, paid and known by (Rules cl. [6.f](lending::law::CL_6_F),
//! [29](lending::law::CL_29), [35.3](lending::law::CL_35_3)): ask, check, prove ([`proofs`](super::proofs)), carry out.

use app::{
    identity::{self, Asked, TokenKind, What},
    refusal::Result,
    sessions::Client,
};
use axum::http::StatusCode;
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
        .routes(routes!(phone))
        .routes(routes!(account))
        .routes(routes!(password))
        .routes(routes!(tokens, token))
        .routes(routes!(give_up))
        .routes(routes!(resynchronise))
        .routes(routes!(show))
        .routes(routes!(send_number))
        .routes(routes!(check_number))
        .routes(routes!(check_token))
        .routes(routes!(carry_out))
}

/// A change that was asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeAsked)]
struct AskedFor {
    change: Uuid,
    /// Of a token whose secret was made here: base 32. Told once.
    #[schema(format = Password)]
    secret: Option<String>,
    /// The same as an address that authenticators read (`otpauth:`). Told once.
    #[schema(format = Password)]
    address: Option<String>,
}

async fn ask(caller: &Caller, who: Client, asked: Asked<'_>) -> Result<(StatusCode, Json<AskedFor>)> {
    let asked = identity::ask(caller.app(), who, asked, caller.lang).await?;
    let (secret, address) = asked.secret.map(|s| (s.text, s.address)).unzip();
    Ok((StatusCode::CREATED, Json(AskedFor { change: asked.id.uuid(), secret, address })))
}

/// Another mobile number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPhone, example = json!({ "phone": "+77017654321" }))]
struct Phone {
    phone: String,
}

/// Asks for another number, of the entity where the session acts for one: a person's is checked, a code goes to it.
#[utoipa::path(post, path = "/v1/changes/phone", tag = "changes", operation_id = "ask_change_of_phone",
    security(("client" = [])), request_body = Phone,
    responses((status = 201, description = "It is asked for.", body = AskedFor)))]
async fn phone(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Json(given): Json<Phone>,
) -> Answer<(StatusCode, Json<AskedFor>)> {
    Ok(ask(&caller, who, Asked::Phone(&given.phone)).await?)
}

/// Another account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount, example = json!({ "iban": "KZ41601A141000897321" }))]
struct Account {
    iban: String,
}

/// Asks for another account for payouts.
#[utoipa::path(post, path = "/v1/changes/account", tag = "changes", operation_id = "ask_change_of_account",
    security(("client" = [])), request_body = Account,
    responses((status = 201, description = "It is asked for.", body = AskedFor)))]
async fn account(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Json(given): Json<Account>,
) -> Answer<(StatusCode, Json<AskedFor>)> {
    Ok(ask(&caller, who, Asked::Account(&given.iban)).await?)
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPassword, example = json!({ "password": "a phrase of several words" }))]
pub(super) struct Password {
    /// 12 to 128 characters.
    #[schema(format = Password)]
    pub(super) password: String,
}

/// Asks for another password.
#[utoipa::path(post, path = "/v1/changes/password", tag = "changes", operation_id = "ask_change_of_password",
    security(("client" = [])), request_body = Password,
    responses((status = 201, description = "It is asked for.", body = AskedFor)))]
async fn password(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Json(given): Json<Password>,
) -> Answer<(StatusCode, Json<AskedFor>)> {
    Ok(ask(&caller, who, Asked::Password(&given.password)).await?)
}

/// By what a token makes its codes.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// By the time (RFC 6238): SHA-1, six digits, 30 seconds.
    Totp,
    /// By counting (RFC 4226): SHA-1, six digits.
    Hotp,
}

/// A token of the client.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredToken)]
struct Token {
    id: Uuid,
    kind: Kind,
    name: String,
    created_at: Instant,
}

/// The client's tokens.
#[utoipa::path(get, path = "/v1/tokens", tag = "changes", operation_id = "list_tokens", security(("client" = [])),
    responses((status = 200, description = "The tokens, oldest first.", body = [Token])))]
async fn tokens(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Token>>> {
    let mut op = caller.app().begin(who).await?;
    let listed = identity::tokens(&mut op).await?;
    op.commit().await?;
    let token = |one: identity::ListedToken| Token {
        id: one.id,
        kind: match one.kind {
            TokenKind::Totp => Kind::Totp,
            TokenKind::Hotp => Kind::Hotp,
        },
        name: one.name,
        created_at: one.created_at.into(),
    };
    Ok(Json(listed.into_iter().map(token).collect()))
}

/// A token to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenToRegister, example = json!({ "kind": "totp", "name": "my phone" }))]
struct NewToken {
    kind: Kind,
    /// What the client calls it, up to 60 characters.
    name: String,
    /// Of a hardware token, as printed beside it: base 32 or hexadecimal, 16 to 64 bytes. Left out: one is made.
    #[schema(format = Password)]
    seed: Option<String>,
}

/// Asks for a token. It counts once two codes in a row have shown that it works.
#[utoipa::path(post, path = "/v1/tokens", tag = "changes", operation_id = "ask_for_token",
    security(("client" = [])), request_body = NewToken,
    responses((status = 201, description = "It is asked for.", body = AskedFor)))]
async fn token(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Json(given): Json<NewToken>,
) -> Answer<(StatusCode, Json<AskedFor>)> {
    let kind = match given.kind {
        Kind::Totp => TokenKind::Totp,
        Kind::Hotp => TokenKind::Hotp,
    };
    let seed = given.seed.unwrap_or_default();
    Ok(ask(&caller, who, Asked::Token { kind, name: &given.name, seed: &seed }).await?)
}

/// Marks the id of a token.
struct TokenRecord;

/// Asks to give up a token.
#[utoipa::path(post, path = "/v1/tokens/{id}/giving-up", tag = "changes", operation_id = "ask_to_give_up_token",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The token.")),
    responses((status = 201, description = "It is asked for.", body = AskedFor)))]
async fn give_up(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<TokenRecord>,
) -> Answer<(StatusCode, Json<AskedFor>)> {
    Ok(ask(&caller, who, Asked::GiveUpToken(id.uuid())).await?)
}

/// Two codes in a row.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TwoCodes, example = json!({ "first": "755224", "second": "287082" }))]
struct TwoCodes {
    first: String,
    second: String,
}

/// Finds a hardware token's counter again by two codes in a row.
#[utoipa::path(post, path = "/v1/tokens/{id}/resynchronisation", tag = "changes",
    operation_id = "resynchronise_token", security(("client" = [])), request_body = TwoCodes,
    params(("id" = Uuid, Path, description = "The token.")),
    responses((status = 204, description = "It is found.")))]
async fn resynchronise(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<TokenRecord>,
    Json(given): Json<TwoCodes>,
) -> Answer<StatusCode> {
    identity::resynchronise(caller.app(), who, id.uuid(), &given.first, &given.second).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a change is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum About {
    Phone,
    Account,
    Password,
    Token,
    GiveUpToken,
}

/// A change and how far it is.
#[derive(Serialize, ToSchema)]
struct Change {
    id: Uuid,
    about: About,
    /// The new number or account, masked; the name of the token.
    to: Option<String>,
    /// The new number, or the token, still has to be seen to work.
    to_check: bool,
    /// It was carried out.
    done: bool,
}

/// A change of one's own.
#[utoipa::path(get, path = "/v1/changes/{id}", tag = "changes", operation_id = "get_change",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The change.")),
    responses((status = 200, description = "How far it is.", body = Change)))]
async fn show(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<identity::Change>,
) -> Answer<Json<Change>> {
    let mut op = caller.app().begin(who).await?;
    let shown = identity::change(&mut op, id).await?;
    op.commit().await?;
    let (about, to) = match shown.what {
        What::Phone(to) => (About::Phone, Some(to)),
        What::Account(to) => (About::Account, Some(to)),
        What::Password => (About::Password, None),
        What::Token(_, name) => (About::Token, Some(name)),
        What::GiveUpToken => (About::GiveUpToken, None),
    };
    Ok(Json(Change { id: id.uuid(), about, to, to_check: shown.to_check, done: shown.done }))
}

/// Sends another code to the new number.
#[utoipa::path(post, path = "/v1/changes/{id}/number-codes", tag = "changes", operation_id = "send_new_number_code",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The change.")),
    responses((status = 204, description = "It is on its way.")))]
async fn send_number(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<identity::Change>,
) -> Answer<StatusCode> {
    identity::send_to_new_phone(caller.app(), who, id, caller.lang).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code that went to the new number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNumberCode, example = json!({ "code": "402817" }))]
struct NumberCode {
    code: String,
}

/// Takes the code that went to the new number.
#[utoipa::path(post, path = "/v1/changes/{id}/number", tag = "changes", operation_id = "check_new_number",
    security(("client" = [])), request_body = NumberCode,
    params(("id" = Uuid, Path, description = "The change.")),
    responses((status = 204, description = "The number is in the client's hand.")))]
async fn check_number(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<identity::Change>,
    Json(given): Json<NumberCode>,
) -> Answer<StatusCode> {
    identity::check_phone(caller.app(), who, id, &given.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes two codes in a row of the new token.
#[utoipa::path(post, path = "/v1/changes/{id}/token-codes", tag = "changes", operation_id = "check_new_token",
    security(("client" = [])), request_body = TwoCodes,
    params(("id" = Uuid, Path, description = "The change.")),
    responses((status = 204, description = "The token works.")))]
async fn check_token(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<identity::Change>,
    Json(given): Json<TwoCodes>,
) -> Answer<StatusCode> {
    identity::check_token(caller.app(), who, id, &given.first, &given.second).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Carries the change out, once everything is proved. Of another number, password or token all other sessions end.
#[utoipa::path(post, path = "/v1/changes/{id}/completion", tag = "changes", operation_id = "carry_out_change",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The change.")),
    responses((status = 204, description = "It is done; the client is told.")))]
async fn carry_out(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<identity::Change>,
) -> Answer<StatusCode> {
    identity::carry_out(caller.app(), who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
