//! The agreement on the table, and concluding it (Rules cl. [7.3](lending::law::CL_7_3),
//! [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4),
//! [8.5](lending::law::CL_8_5), [9.a](lending::law::CL_9_A)): what was shown is
//! acknowledged, the signer is proved ([`proofs`](super::proofs)), and signs. What is signed is the PDF, by its hash.

use app::{
    applications::{self as use_case, Application, ApplicationRefusal},
    documents,
    id::Id,
    refusal::Result,
    sessions::Client,
    vault::{Hash, hex},
};
use axum::{http::StatusCode, response::Response};
use jiff::civil::Date;
use lending::{
    effective_rate::EffectiveRate,
    rate::DailyRate,
    schedule::{Schedule, Terms},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller, Named},
    loans::paper,
    problem::Answer,
    proofs::Proofs,
    quotes::drawn_up,
    shown::{self, Accepted, Text},
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(offer))
        .routes(routes!(agreement))
        .routes(routes!(to_acknowledge, acknowledge))
        .routes(routes!(sign))
}

/// The agreement on the table, and how far its signing is.
#[derive(Serialize, ToSchema)]
struct Offer {
    id: Uuid,
    /// The number of the agreement.
    number: String,
    /// The day it was drawn up. Unsigned on the next day, it is drawn up anew.
    dated: Date,
    rule_set: String,
    terms: Terms,
    /// Penalty for each day of delay, parts per million of what is overdue.
    penalty_ppm_per_day: DailyRate,
    schedule: Schedule,
    /// Annual effective rate in tenths of a percent (46 % = 460).
    effective_rate_permille: EffectiveRate,
    /// SHA-256 of the agreement's PDF, hexadecimal: what is signed.
    sha256: String,
    /// Everything has been acknowledged.
    acknowledged: bool,
    /// What is proved of who the signer is, and what is missing.
    proofs: Proofs,
}

async fn on_the_table(caller: &Caller, who: Client, id: Id<Application>) -> Result<Offer> {
    let signing = use_case::signing(caller.app(), who, id).await?;
    let offer = signing.offer;
    let quote = drawn_up(offer.terms.schedule)?;
    Ok(Offer {
        id: offer.id,
        number: signing.application.number,
        dated: offer.dated,
        rule_set: offer.rule_set,
        terms: quote.terms,
        penalty_ppm_per_day: offer.terms.penalty,
        schedule: quote.schedule,
        effective_rate_permille: quote.effective_rate,
        sha256: hex(&offer.sha256),
        acknowledged: signing.acknowledged,
        proofs: signing.standing.into(),
    })
}

/// The agreement on the table: its terms, schedule and hash, and what is still missing to sign it.
#[utoipa::path(get, path = "/v1/applications/{id}/offer", tag = "signing", operation_id = "get_offer",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 200, description = "The offer.", body = Offer)))]
async fn offer(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Application>,
) -> Answer<Json<Offer>> {
    Ok(Json(on_the_table(&caller, who, id).await?))
}

/// The agreement to be read before it is signed.
#[utoipa::path(get, path = "/v1/applications/{id}/offer/agreement", tag = "signing",
    operation_id = "get_unsigned_agreement", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 200, description = "The agreement.", body = Vec<u8>, content_type = "application/pdf")))]
async fn agreement(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Application>,
) -> Answer<Response> {
    Ok(paper("agreement", documents::unsigned_agreement(caller.app(), who, id).await?))
}

async fn texts(caller: &Caller, who: Client, id: Id<Application>) -> Result<([Text; 3], Hash)> {
    let (_, offer) = use_case::offer(caller.app(), who, id).await?;
    Ok((shown::signing(caller.lang, &drawn_up(offer.terms.schedule)?), offer.sha256))
}

/// What must be shown and acknowledged before signing: the lending rules, the full cost, rights and duties.
#[utoipa::path(get, path = "/v1/applications/{id}/acknowledgements", tag = "signing",
    operation_id = "list_acknowledgements", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 200, description = "The texts, in the language of the answer.", body = [Text])))]
async fn to_acknowledge(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Application>,
) -> Answer<Json<Vec<Text>>> {
    Ok(Json(texts(&caller, who, id).await?.0.into()))
}

/// What was acknowledged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "accepted": [
    { "kind": "lending-rules", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
    { "kind": "full-cost", "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752" },
    { "kind": "rights-and-duties", "sha256": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13" }
] }))]
struct Acknowledged {
    /// Every text, by the hash of what was shown, in the language of the request.
    accepted: Vec<Accepted>,
}

/// Records what was shown and acknowledged.
#[utoipa::path(post, path = "/v1/applications/{id}/acknowledgements", tag = "signing",
    operation_id = "acknowledge", security(("client" = [])), request_body = Acknowledged,
    params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 204, description = "It is recorded.")))]
async fn acknowledge(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Application>,
    Json(given): Json<Acknowledged>,
) -> Answer<StatusCode> {
    let (texts, agreement) = texts(&caller, who.clone(), id).await?;
    let shown: Vec<(&str, String)> =
        shown::accepted(texts, &given.accepted).into_iter().map(|text| (text.kind, text.text)).collect();
    use_case::acknowledge(caller.app(), who, id, &agreement, caller.lang, &shown).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What signs an agreement: the proofs given before, and a password and code that may come along.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agreement_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "password": "a phrase of several words", "code": "402817"
}))]
struct Signature {
    /// The hash of the PDF that was read.
    agreement_sha256: String,
    /// With `code`: both are taken as proofs first, unless they are given already.
    #[schema(format = Password)]
    password: Option<String>,
    /// From the SMS. Good for five minutes, three tries and one use.
    code: Option<String>,
}

/// An agreement that was concluded.
#[derive(Serialize, ToSchema)]
#[schema(as = AgreementSigned)]
struct Signed {
    /// The loan; the money is on its way.
    loan: Uuid,
}

/// Signs the agreement: the one way to a loan.
#[utoipa::path(post, path = "/v1/applications/{id}/signatures", tag = "signing", operation_id = "sign_agreement",
    security(("client" = [])), request_body = Signature,
    params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 201, description = "It is concluded.", body = Signed)))]
async fn sign(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Application>,
    Json(given): Json<Signature>,
) -> Answer<(StatusCode, Json<Signed>)> {
    let (_, offer) = use_case::offer(caller.app(), who.clone(), id).await?;
    if !hex(&offer.sha256).eq_ignore_ascii_case(&given.agreement_sha256) {
        return Err(ApplicationRefusal::OfferChanged.at("agreement_sha256").into());
    }
    let loan = match (given.password, given.code) {
        (None, None) => use_case::conclude(caller.app(), who, id).await?,
        (password, code) => {
            let (password, code) = (password.unwrap_or_default(), code.unwrap_or_default());
            use_case::sign_with_code(caller.app(), who, id, &password, &code).await?
        }
    };
    Ok((StatusCode::CREATED, Json(Signed { loan: loan.uuid() })))
}
