//! Registration of an individual (Rules cl. [6.a](lending::law::CL_6_A), [6.c](lending::law::CL_6_C),
//! [6.d](lending::law::CL_6_D)): data and consents; the proofs are in [`proofs`](super::proofs).

use app::{
    identity::{self, Consent},
    refusal::Fault,
    sessions::{self, Known, Registrant},
};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller},
    problem::Answer,
    sessions::Opened,
    shown::{self, Accepted},
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(complete))
}

/// Who registers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Registrant, example = json!({
    "iin": "880101300123", "surname": "Қасымов", "given_name": "Ержан", "patronymic": "Әбілұлы",
    "document_number": "045123456", "document_valid_until": "2031-05-20",
    "phone": "+77011234567", "password": "a phrase of several words",
    "consents": [
        { "kind": "personal-data", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
        { "kind": "electronic-interaction", "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752" }
    ]
}))]
struct Data {
    /// 12 digits.
    iin: String,
    /// As in the document.
    surname: String,
    /// As in the document.
    given_name: String,
    /// As in the document, if it has one.
    #[serde(default)]
    patronymic: String,
    /// Identity card or residence permit: 9 digits; passport: `N` and 8 digits.
    document_number: String,
    /// `YYYY-MM-DD`.
    document_valid_until: String,
    /// A mobile number of Kazakhstan that belongs to the IIN.
    phone: String,
    #[serde(default)]
    email: String,
    /// 12 to 128 characters.
    #[schema(format = Password)]
    password: String,
    /// The texts of `/v1/consents` that were shown and accepted.
    consents: Vec<Accepted>,
}

/// A registration under way.
#[derive(Serialize, ToSchema)]
#[schema(as = RegistrationBegun)]
struct Begun {
    registration: Uuid,
    /// Good for finishing this registration and nothing else, for an hour.
    #[schema(format = Password, min_length = 43, max_length = 43)]
    token: String,
}

/// Begins a registration: the number's owner is checked, a code is sent to it.
#[utoipa::path(post, path = "/v1/registrations", tag = "registrations", operation_id = "begin_registration",
    security(()), request_body = Data,
    responses((status = 201, description = "It has begun; a code is on its way.", body = Begun)))]
async fn begin(caller: Caller, Json(data): Json<Data>) -> Answer<(StatusCode, Json<Begun>)> {
    let texts = shown::registration(caller.lang, caller.organization());
    let consents: Vec<Consent> = shown::accepted(texts, &data.consents)
        .into_iter()
        .map(|text| Consent { kind: text.kind, text: text.text })
        .collect();
    let form = identity::Form {
        iin: data.iin,
        surname: data.surname,
        given_name: data.given_name,
        patronymic: data.patronymic,
        document_number: data.document_number,
        document_valid_until: data.document_valid_until,
        phone: data.phone,
        email: data.email,
        password: data.password,
    };
    let token = identity::begin(caller.app(), caller.visitor(), caller.lang, &form, &consents).await?;
    match sessions::recognise(caller.app(), &token, caller.visitor().origin).await? {
        Some(Known::Registrant(who)) => {
            let begun = Begun { registration: who.registration.uuid(), token: token.reveal() };
            Ok((StatusCode::CREATED, Json(begun)))
        }
        _ => Err(Fault::new("a registration just begun is not recognised").into()),
    }
}

/// Completes the registration: the person is a client and signed in. The registration's token ends.
#[utoipa::path(post, path = "/v1/registrations/{id}/completion", tag = "registrations",
    operation_id = "complete_registration", security(("registration" = [])),
    params(("id" = Uuid, Path, description = "The registration.")),
    responses((status = 201, description = "A client, signed in.", body = Opened)))]
async fn complete(caller: Caller, Bearer(who): Bearer<Registrant>) -> Answer<(StatusCode, Json<Opened>)> {
    let token = identity::complete(caller.app(), who).await?;
    Ok((StatusCode::CREATED, Json(Opened::by(&token))))
}
