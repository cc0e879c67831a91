//! Another password for who has lost theirs (Rules cl. [29](lending::law::CL_29)); the proofs are in
//! [`proofs`](super::proofs).

use app::{
    identity,
    refusal::Fault,
    sessions::{self, Known, Recoverer},
};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    changes::Password,
    door::{Bearer, Caller},
    problem::Answer,
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(complete))
}

/// Whose password is lost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LostPassword, example = json!({ "name": "880101300123" }))]
struct Lost {
    /// IIN or mobile number.
    name: String,
}

/// A recovery under way.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryBegun)]
struct Begun {
    recovery: Uuid,
    /// Good for this recovery and nothing else, for an hour.
    #[schema(format = Password, min_length = 43, max_length = 43)]
    token: String,
}

/// Begins a recovery. The answer is the same for who is no client.
#[utoipa::path(post, path = "/v1/recoveries", tag = "recoveries", operation_id = "begin_recovery_by_code",
    security(()), request_body = Lost,
    responses((status = 201, description = "A code is on its way, if there is such a client.", body = Begun)))]
async fn begin(caller: Caller, Json(lost): Json<Lost>) -> Answer<(StatusCode, Json<Begun>)> {
    let token = identity::begin_recovery(caller.app(), caller.visitor(), &lost.name).await?;
    match sessions::recognise(caller.app(), &token, caller.visitor().origin).await? {
        Some(Known::Recoverer(who)) => {
            Ok((StatusCode::CREATED, Json(Begun { recovery: who.change.uuid(), token: token.reveal() })))
        }
        _ => Err(Fault::new("a recovery just begun is not recognised").into()),
    }
}

/// Sets the new password, once everything is proved. All sessions end; sign in with it.
#[utoipa::path(post, path = "/v1/recoveries/{id}/completion", tag = "recoveries", operation_id = "complete_recovery",
    security(("recovery" = [])), request_body = Password,
    params(("id" = Uuid, Path, description = "The recovery.")),
    responses((status = 204, description = "It is set; the client is told.")))]
async fn complete(
    caller: Caller,
    Bearer(who): Bearer<Recoverer>,
    Json(given): Json<Password>,
) -> Answer<StatusCode> {
    identity::recover(caller.app(), who, &given.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
