//! Proving who one is, for whatever is to be confirmed (Rules cl. [6.d](lending::law::CL_6_D),
//! [6.f](lending::law::CL_6_F), [9.a](lending::law::CL_9_A), 35): the same ways below the address of each matter.

use app::{
    applications::Application,
    entities::EntityRegistration,
    identity::{Change, Matter, Photo, Prover, Standing},
    refusal::{Fault, Result},
    sessions::{Client, Recoverer, Registrant},
};
use axum::{Extension, extract::FromRequestParts, http::StatusCode, http::request::Parts};
use lending::confirmation::Missing;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{path::Operation, security::SecurityRequirement},
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{
    body::{Image, Json},
    door::{Bearer, Caller, Named},
    problem::{Answer, Stop},
};
use crate::Site;

/// What the addresses are about.
#[derive(Debug, Clone, Copy)]
enum About {
    Registration,
    Application,
    Entity,
    Change,
    Recovery,
}

impl About {
    const ALL: [Self; 5] =
        [Self::Registration, Self::Application, Self::Entity, Self::Change, Self::Recovery];

    /// Address, whose token, tag, and the end of each operation's id.
    fn described(self) -> [&'static str; 4] {
        match self {
            Self::Registration => ["/v1/registrations/{id}", "registration", "registrations", "registration"],
            Self::Application => ["/v1/applications/{id}", "client", "signing", "signing"],
            Self::Entity => ["/v1/entity-registrations/{id}", "client", "entities", "entity"],
            Self::Change => ["/v1/changes/{id}", "client", "changes", "change"],
            Self::Recovery => ["/v1/recoveries/{id}", "recovery", "recoveries", "recovery"],
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Site> {
    About::ALL.into_iter().fold(OpenApiRouter::new(), |all, about| {
        let [path, ..] = about.described();
        all.nest(path, of(about))
    })
}

fn of(about: About) -> OpenApiRouter<Site> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(send_code))
        .routes(routes!(by_code))
        .routes(routes!(by_token))
        .routes(routes!(by_password))
        .routes(routes!(by_face).layer(super::photo_limit()))
        .layer(Extension(about));
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            describe(operation, about);
        }
    }
    router
}

/// One function serves every matter; its description says for which it stands here.
fn describe(operation: &mut Operation, about: About) {
    let [_, whose, tag, suffix] = about.described();
    operation.operation_id = operation.operation_id.take().map(|id| format!("{id}_{suffix}"));
    operation.tags = Some(vec![tag.to_owned()]);
    operation.security = Some(vec![SecurityRequirement::new(whose, Vec::<String>::new())]);
}

/// Who proves what.
struct Proving {
    caller: Caller,
    who: Prover,
    matter: Matter,
}

impl FromRequestParts<Site> for Proving {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let about = parts.extensions.get::<About>().copied();
        let caller = Caller::from_request_parts(parts, site).await?;
        let (who, matter) = match about.ok_or_else(|| Fault::new("proofs about nothing"))? {
            About::Registration => {
                let Bearer(who) = Bearer::<Registrant>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Registration)
            }
            About::Application => {
                let Bearer(who) = Bearer::<Client>::from_request_parts(parts, site).await?;
                let Named(id) = Named::<Application>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Application(id))
            }
            About::Entity => {
                let Bearer(who) = Bearer::<Client>::from_request_parts(parts, site).await?;
                let Named(id) = Named::<EntityRegistration>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Entity(id))
            }
            About::Change => {
                let Bearer(who) = Bearer::<Client>::from_request_parts(parts, site).await?;
                let Named(id) = Named::<Change>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Change(id))
            }
            About::Recovery => {
                let Bearer(who) = Bearer::<Recoverer>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Recovery)
            }
        };
        Ok(Self { caller, who, matter })
    }
}

impl Proving {
    async fn standing(&self) -> Result<Json<Proofs>> {
        Ok(Json(self.matter.standing(self.caller.app(), &self.who).await?.into()))
    }

    async fn after(&self, taken: Result<()>) -> Answer<Json<Proofs>> {
        taken?;
        Ok(self.standing().await?)
    }
}

/// What is proved of who one is, and what is missing.
#[derive(Serialize, ToSchema)]
pub(super) struct Proofs {
    /// What is to be confirmed.
    #[schema(example = "sign_contract")]
    operation: &'static str,
    /// The kinds of proof given, in their order.
    #[schema(example = json!(["biometric_identification", "password"]))]
    proved: Vec<&'static str>,
    /// The kinds of proof of which one more would help. Empty: it is enough.
    #[schema(example = json!(["digital_signature", "sms_code"]))]
    helpful: Vec<&'static str>,
    /// What is missing; none: it is enough.
    missing: Option<Lacking>,
    /// A code was sent and can be answered.
    code_sent: bool,
    /// Where codes go, masked; empty for who is not known to be the client.
    phone: String,
}

/// What is missing of the proofs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Lacking {
    /// Biometric identification.
    Biometric,
    /// A second factor of another kind than the one given.
    SecondFactor,
    /// One more method.
    Method,
    /// Two more methods.
    Methods,
    /// Any one proof.
    Proof,
    /// A code, a token's code or another thing that only the client has.
    Possession,
}

impl From<Missing> for Lacking {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Biometric => Self::Biometric,
            Missing::SecondFactor => Self::SecondFactor,
            Missing::Methods(2..) => Self::Methods,
            Missing::Methods(_) => Self::Method,
            Missing::Factor => Self::Proof,
            Missing::Possession => Self::Possession,
        }
    }
}

impl From<Standing> for Proofs {
    fn from(standing: Standing) -> Self {
        Self {
            operation: standing.operation.code(),
            proved: standing.proved.iter().map(|kind| kind.code()).collect(),
            helpful: standing.helpful.iter().map(|kind| kind.code()).collect(),
            missing: standing.missing.map(Lacking::from),
            code_sent: standing.code_sent,
            phone: standing.phone,
        }
    }
}

/// What is proved, and what would help.
#[utoipa::path(get, path = "/proofs", operation_id = "list_proofs",
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "How far the proving is.", body = Proofs)))]
async fn show(proving: Proving) -> Answer<Json<Proofs>> {
    Ok(proving.standing().await?)
}

/// Sends a code that is good for this and nothing else; those sent before are void.
#[utoipa::path(post, path = "/codes", operation_id = "send_code",
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 204, description = "It is on its way.")))]
async fn send_code(proving: Proving) -> Answer<StatusCode> {
    proving.matter.send_code(proving.caller.app(), &proving.who, proving.caller.lang).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code from an SMS.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OneTimeCode, example = json!({ "code": "402817" }))]
struct Code {
    code: String,
}

/// Takes the code: the number is in the person's hand. Good for five minutes, three tries and one use.
#[utoipa::path(post, path = "/proofs/sms-code", operation_id = "prove_by_code", request_body = Code,
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "The code agreed.", body = Proofs)))]
async fn by_code(proving: Proving, Json(given): Json<Code>) -> Answer<Json<Proofs>> {
    let taken = proving.matter.take_code(proving.caller.app(), &proving.who, &given.code).await;
    proving.after(taken).await
}

/// Takes a code of one of the client's tokens. Each is good once.
#[utoipa::path(post, path = "/proofs/token", operation_id = "prove_by_token", request_body = Code,
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "The code agreed.", body = Proofs)))]
async fn by_token(proving: Proving, Json(given): Json<Code>) -> Answer<Json<Proofs>> {
    let taken = proving.matter.take_token(proving.caller.app(), &proving.who, &given.code).await;
    proving.after(taken).await
}

/// The password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnownPassword, example = json!({ "password": "a phrase of several words" }))]
struct Password {
    #[schema(format = Password)]
    password: String,
}

/// Takes the password.
#[utoipa::path(post, path = "/proofs/password", operation_id = "prove_by_password", request_body = Password,
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "The password agreed.", body = Proofs)))]
async fn by_password(proving: Proving, Json(given): Json<Password>) -> Answer<Json<Proofs>> {
    let taken = proving.matter.take_password(proving.caller.app(), &proving.who, &given.password).await;
    proving.after(taken).await
}

/// Takes the photo of the person's face; names, document and face are checked at the source.
#[utoipa::path(post, path = "/proofs/face", operation_id = "prove_by_face",
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    request_body(description = "A JPEG or PNG, up to 10 MiB and 25 million pixels.",
        content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
    responses((status = 200, description = "The person is who they say.", body = Proofs)))]
async fn by_face(proving: Proving, Image(photo): Image) -> Answer<Json<Proofs>> {
    let taken = async {
        let photo = Photo::take(photo).await?;
        proving.matter.take_face(proving.caller.app(), &proving.who, photo).await
    };
    proving.after(taken.await).await
}
