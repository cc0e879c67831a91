//! Legal entities (Rules cl. [6.b](lending::law::CL_6_B)): asking to act for one, and for whom a session acts.

use app::{
    entities::{self, AuthorityRecord, EntityRegistration, State},
    id::Id,
    refusal::Result,
    sessions::Client,
    uploads,
};
use axum::http::StatusCode;
use jiff::civil::Date;
use lending::authority::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};
use uuid::Uuid;

use super::{
    body::{Document, Json},
    door::{Bearer, Caller, Named},
    problem::Answer,
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(mine))
        .routes(routes!(act))
        .routes(routes!(upload).layer(super::photo_limit()))
        .routes(routes!(begin))
        .routes(routes!(show))
        .routes(routes!(complete))
        .routes(routes!(people))
        .routes(routes!(end))
}

/// Power to act for a legal entity.
#[derive(Serialize, ToSchema)]
struct Authority {
    id: Uuid,
    /// The entity's name.
    entity: String,
    bin: String,
    #[schema(example = "signer")]
    role: &'static str,
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day; none: until it is ended.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    in_force: bool,
    /// The session acts by it now.
    chosen: bool,
}

/// For whom the person may act, besides themselves; the newest first.
#[utoipa::path(get, path = "/v1/authorities", tag = "entities", operation_id = "list_authorities",
    security(("client" = [])), responses((status = 200, description = "All, those that are over too.", body = [Authority])))]
async fn mine(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Authority>>> {
    let mut op = caller.app().begin(who).await?;
    let (mine, today) = (entities::mine(&mut op).await?, op.today);
    op.commit().await?;
    let all = mine.into_iter().map(|one| Authority {
        id: one.id.uuid(),
        entity: one.name,
        bin: one.bin,
        role: one.authority.role.code(),
        from: one.authority.from,
        until: one.authority.until,
        in_force: one.authority.holds_on(today),
        chosen: one.chosen,
    });
    Ok(Json(all.collect()))
}

/// For whom the session is to act.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "authority": "018f4e1c-7b6a-7000-8000-000000000001" }))]
struct Acting {
    /// One of the person's authorities; none: themselves.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    authority: Option<Uuid>,
}

/// From now on the session's applications, loans and papers are those of the entity, or the person's own.
#[utoipa::path(post, path = "/v1/acting", tag = "entities", operation_id = "act_for", security(("client" = [])),
    request_body = Acting, responses((status = 204, description = "It acts so.")))]
async fn act(caller: Caller, Bearer(who): Bearer<Client>, Json(given): Json<Acting>) -> Answer<StatusCode> {
    let mut op = caller.app().begin(who).await?;
    entities::act_for(&mut op, given.authority.map(Id::from)).await?;
    op.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Something that was made, by its id.
#[derive(Serialize, ToSchema)]
#[schema(as = Made)]
struct Made {
    id: Uuid,
}

/// Takes a scanned document in. It is searched and scanned first, and kept as it came.
#[utoipa::path(post, path = "/v1/uploads", tag = "entities", operation_id = "upload_document",
    security(("client" = [])),
    request_body(description = "A PDF, JPEG or PNG, up to 10 MiB; a picture of up to 25 million pixels.",
        content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
    responses((status = 201, description = "It is taken.", body = Made)))]
async fn upload(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    document: Document,
) -> Answer<(StatusCode, Json<Made>)> {
    let id = uploads::take(caller.app(), who, document.media_type, document.bytes).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.uuid() })))
}

/// For which entity the person asks to act, and by what document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EntityData, example = json!({
    "bin": "070440003902", "name": "ТОО «Береке»", "phone": "+77027654321", "role": "head", "number": "1-к",
    "dated": "2024-05-06", "document": "018f4e1c-7b6a-7000-8000-000000000001"
}))]
struct Data {
    /// 12 digits.
    bin: String,
    /// As in the state register.
    name: String,
    /// A mobile number of Kazakhstan; the entity is told things there.
    phone: String,
    #[serde(default)]
    email: String,
    /// `head` (by order of appointment), `signer`, `applicant`, `viewer` (by power of attorney).
    role: String,
    /// Number of the order or power of attorney.
    number: String,
    /// Its date: `YYYY-MM-DD`.
    dated: String,
    /// Its last day: `YYYY-MM-DD`; a power of attorney without one is good for a year.
    #[serde(default)]
    valid_until: String,
    /// The uploaded scan of it.
    document: Uuid,
}

/// Asks to act for an entity. Then the person proves who they are, and completes it, within an hour.
#[utoipa::path(post, path = "/v1/entity-registrations", tag = "entities", operation_id = "begin_entity_registration",
    security(("client" = [])), request_body = Data,
    responses((status = 201, description = "It has begun.", body = Made)))]
async fn begin(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Json(data): Json<Data>,
) -> Answer<(StatusCode, Json<Made>)> {
    let form = entities::Form {
        bin: data.bin,
        name: data.name,
        phone: data.phone,
        email: data.email,
        role: data.role,
        number: data.number,
        dated: data.dated,
        valid_until: data.valid_until,
    };
    let id = entities::begin(caller.app(), who, caller.lang, &form, data.document.into()).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.uuid() })))
}

/// How far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = EntityRegistration)]
struct Shown {
    id: Uuid,
    bin: String,
    name: String,
    #[schema(example = "head")]
    role: &'static str,
    /// `begun`, `confirmed` (an employee reads the document), `accepted`, `refused`.
    #[schema(example = "confirmed")]
    state: &'static str,
    /// Why it was refused.
    reason: Option<String>,
}

async fn standing(caller: &Caller, who: Client, id: Id<EntityRegistration>) -> Result<Json<Shown>> {
    let mut op = caller.app().begin(who).await?;
    let shown = entities::registration(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(Shown {
        id: shown.id.uuid(),
        bin: shown.bin.as_str().to_owned(),
        name: shown.name,
        role: Role::code(shown.role),
        state: State::code(shown.state),
        reason: shown.reason,
    }))
}

/// How far a request to act for an entity is.
#[utoipa::path(get, path = "/v1/entity-registrations/{id}", tag = "entities", operation_id = "get_entity_registration",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The request.")),
    responses((status = 200, description = "How far it is.", body = Shown)))]
async fn show(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<EntityRegistration>,
) -> Answer<Json<Shown>> {
    Ok(standing(&caller, who, id).await?)
}

/// Everything is proved: an employee reads the document.
#[utoipa::path(post, path = "/v1/entity-registrations/{id}/completion", tag = "entities",
    operation_id = "complete_entity_registration", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The request.")),
    responses((status = 200, description = "It waits for an employee.", body = Shown)))]
async fn complete(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<EntityRegistration>,
) -> Answer<Json<Shown>> {
    entities::complete(caller.app(), who.clone(), id).await?;
    Ok(standing(&caller, who, id).await?)
}

/// Somebody who acts, or acted, for the entity.
#[derive(Serialize, ToSchema)]
#[schema(as = EntityPerson)]
struct Person {
    /// Of their authority.
    id: Uuid,
    name: String,
    #[schema(example = "signer")]
    role: &'static str,
    #[schema(value_type = String, format = Date)]
    from: Date,
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    in_force: bool,
    me: bool,
}

/// The people of the entity for whom the session acts.
#[utoipa::path(get, path = "/v1/people", tag = "entities", operation_id = "list_people", security(("client" = [])),
    responses((status = 200, description = "Their power, the newest first.", body = [Person])))]
async fn people(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Person>>> {
    let mut op = caller.app().begin(who).await?;
    let (all, today) = (entities::people(&mut op).await?, op.today);
    op.commit().await?;
    let all = all.people.into_iter().map(|person| Person {
        id: person.id.uuid(),
        name: person.name,
        role: person.authority.role.code(),
        from: person.authority.from,
        until: person.authority.until,
        in_force: person.authority.holds_on(today),
        me: person.me,
    });
    Ok(Json(all.collect()))
}

/// Ends somebody's power at once: the head that of anybody, everybody their own. All are told.
#[utoipa::path(post, path = "/v1/people/{id}/end", tag = "entities", operation_id = "end_authority",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The authority.")),
    responses((status = 204, description = "It is over.")))]
async fn end(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<AuthorityRecord>,
) -> Answer<StatusCode> {
    let mut op = caller.app().begin(who).await?;
    entities::end(&mut op, id).await?;
    op.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
