//! Proving who one is, for whatever is to be confirmed (Rules cl. [6.d](lending::law::CL_6_D),
//! [6.f](lending::law::CL_6_F), [9.a](lending::law::CL_9_A), 35): the same ways below the address of each matter.

use app::{
    amendments::Amendment,
    applications::Application,
    entities::EntityRegistration,
    identity::{
        Change, Matter, Prover, Standing, egov_mobile,
        liveness::FaceRefusal,
        signatures::{self, BYTES_MAX, Progress, SignatureRefusal, Way},
    },
    refusal::{Fault, Refusal, Result},
    sessions::{Client, Recoverer, Registrant},
};
use axum::{
    Extension,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use face::challenge::{Hint, Turn};
use jiff::Timestamp;
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
use uuid::Uuid;

use super::{
    body::{Frame, Image, Json},
    door::{Bearer, Caller, Named},
    problem::{Answer, Stop},
};
use crate::{Site, client::NONCE};

/// What the addresses are about.
#[derive(Debug, Clone, Copy)]
enum About {
    Registration,
    Application,
    Amendment,
    Entity,
    Change,
    Recovery,
}

impl About {
    const ALL: [Self; 6] =
        [Self::Registration, Self::Application, Self::Amendment, Self::Entity, Self::Change, Self::Recovery];

    /// Address, whose token, tag, and the end of each operation's id.
    fn described(self) -> [&'static str; 4] {
        match self {
            Self::Registration => ["/v1/registrations/{id}", "registration", "registrations", "registration"],
            Self::Application => ["/v1/applications/{id}", "client", "signing", "signing"],
            Self::Amendment => ["/v1/amendments/{id}", "client", "amendments", "amendment"],
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
        .routes(routes!(ask_signature))
        .routes(routes!(by_signature))
        .routes(routes!(begin_liveness))
        .routes(routes!(take_frame))
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
            About::Amendment => {
                let Bearer(who) = Bearer::<Client>::from_request_parts(parts, site).await?;
                let Named(id) = Named::<Amendment>::from_request_parts(parts, site).await?;
                (who.into(), Matter::Amendment(id))
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
    /// The newest statements to be signed digitally, and what became of them.
    statements: Vec<Asked>,
}

/// What became of a statement to be signed.
#[derive(Serialize, ToSchema)]
#[schema(as = AskedStatement)]
struct Asked {
    id: Uuid,
    way: SigningWay,
    /// `awaited`, `signed` or `lapsed`.
    #[schema(example = "awaited")]
    progress: &'static str,
    /// Why the last signature was refused: the code of a refusal.
    #[schema(example = "signature-another-person")]
    refused: Option<String>,
}

impl From<signatures::Statement> for Asked {
    fn from(statement: signatures::Statement) -> Self {
        let (progress, refused) = match statement.progress {
            Progress::Awaited(refused) => ("awaited", refused),
            Progress::Signed => ("signed", None),
            Progress::Lapsed => ("lapsed", None),
        };
        Self { id: statement.id, way: statement.way.into(), progress, refused }
    }
}

/// How something is signed.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SigningWay {
    /// With a key that the caller has at hand: a file, a card, a token.
    Key,
    /// By the application eGov Mobile.
    EgovMobile,
}

impl From<Way> for SigningWay {
    fn from(way: Way) -> Self {
        match way {
            Way::Ncalayer => Self::Key,
            Way::EgovMobile => Self::EgovMobile,
        }
    }
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
            statements: standing.statements.into_iter().map(Asked::from).collect(),
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
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed."),
        ("X-Challenge" = Option<String>, Header, description = "The liveness challenge that the photo ends.")),
    request_body(description = "A JPEG or PNG, up to 10 MiB and 25 million pixels.",
        content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
    responses((status = 200, description = "The person is who they say.", body = Proofs)))]
async fn by_face(proving: Proving, headers: HeaderMap, Image(photo): Image) -> Answer<Json<Proofs>> {
    let taken = async {
        let Proving { caller, who, matter } = &proving;
        let photo = matter.photo(caller.app(), who, photo).await?.ending(nonce(&headers));
        matter.take_face(caller.app(), who, photo).await
    };
    proving.after(taken.await).await
}

/// How the person wants to sign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WantedStatement, example = json!({ "way": "egov_mobile" }))]
struct Wanted {
    way: SigningWay,
}

/// A statement to be signed, good for ten minutes and one signature.
#[derive(Serialize, ToSchema)]
#[schema(as = StatementToSign)]
struct ToSign {
    id: Uuid,
    /// What is stated, as the person reads it.
    text: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Of what is to be signed: a PDF, or text.
    media_type: &'static str,
    /// What is to be signed: the document with the statement behind it, or the statement alone.
    #[schema(format = Byte)]
    content_base64: String,
    /// For eGov Mobile: the text of its QR code.
    #[schema(example = "mobileSign:https://nesie.example/egov/…")]
    qr: Option<String>,
    /// For eGov Mobile: what opens it on this device; for a legal entity, eGov Business.
    launch: Option<String>,
}

/// Makes a statement to be signed with a key of the National Certification Authority; those made before for this are void.
#[utoipa::path(post, path = "/statements", operation_id = "ask_signature", request_body = Wanted,
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "What is to be signed.", body = ToSign)))]
async fn ask_signature(proving: Proving, Json(wanted): Json<Wanted>) -> Answer<Json<ToSign>> {
    let Proving { caller, who, matter } = &proving;
    let app = caller.app();
    let way = match wanted.way {
        SigningWay::Key => Way::Ncalayer,
        SigningWay::EgovMobile => Way::EgovMobile,
    };
    let id = matter.ask_signature(app, who, way, caller.lang).await?;
    let (statement, media_type, bytes) = matter.to_sign(app, who, id).await?;
    let address = (way == Way::EgovMobile)
        .then(|| egov_mobile::address(&caller.site.settings.domain, &egov_mobile::link(app, id)));
    Ok(Json(ToSign {
        id,
        text: statement.text,
        expires_at: statement.expires_at,
        media_type,
        content_base64: BASE64_STANDARD.encode(bytes),
        qr: address.as_deref().map(egov_mobile::code),
        launch: address.as_deref().map(|address| egov_mobile::launch(address, statement.bin.is_some())),
    }))
}

/// A signature of a statement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GivenSignature, example = json!({ "statement": "019a0000-0000-7000-8000-000000000000",
    "signature": "MIIKxwYJKoZIhvcNAQcCoIIKuDCC…", "storage": "PKCS12" }))]
struct Given {
    statement: Uuid,
    /// CMS over the content, which lies beside it, in base64 or PEM; at most 32 KiB.
    signature: String,
    /// Where the key lies, by NCALayer's name, if that is known.
    #[schema(example = "PKCS12")]
    #[serde(default)]
    storage: Option<String>,
}

/// Takes a digital signature. What eGov Mobile signs, it sends itself.
#[utoipa::path(post, path = "/proofs/digital-signature", operation_id = "prove_by_signature", request_body = Given,
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 200, description = "The signature holds.", body = Proofs)))]
async fn by_signature(proving: Proving, Json(given): Json<Given>) -> Answer<Json<Proofs>> {
    let Proving { caller, who, matter } = &proving;
    let storage = given.storage.as_deref();
    let taken = match given.signature.trim().as_bytes() {
        large if large.len() > BYTES_MAX => Err(SignatureRefusal::Unreadable.at("signature")),
        signature => matter.take_signature(caller.app(), who, given.statement, signature, storage).await,
    };
    proving.after(taken).await
}

fn nonce(headers: &HeaderMap) -> &str {
    headers.get(NONCE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A liveness challenge that has begun.
#[derive(Serialize, ToSchema)]
struct Liveness {
    /// To be sent with each frame, and with the photo, as `X-Challenge`.
    #[schema(format = Password, min_length = 43, max_length = 43)]
    challenge: String,
    /// A minute from now.
    expires_at: Timestamp,
    /// How many turns of the head there will be.
    turns: usize,
}

/// Begins a liveness challenge: turns of the head in an order drawn for this, told one by one.
#[utoipa::path(post, path = "/liveness", operation_id = "begin_liveness",
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed.")),
    responses((status = 201, description = "It has begun.", body = Liveness)))]
async fn begin_liveness(proving: Proving) -> Answer<(StatusCode, Json<Liveness>)> {
    let begun = proving.matter.begin_liveness(proving.caller.app(), &proving.who).await?;
    let (challenge, expires_at, turns) = (begun.nonce.reveal(), begun.expires_at, begun.turns);
    Ok((StatusCode::CREATED, Json(Liveness { challenge, expires_at, turns })))
}

/// What to do next.
#[derive(Serialize, ToSchema)]
struct Step {
    hint: ToDo,
    /// What is wrong with the picture, as the code of a refusal, where the hint is to mend it.
    mend: Option<&'static str>,
    /// Turns done.
    done: usize,
}

/// What to do next, told from the person's own side.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ToDo {
    /// Mend what is wrong with the picture.
    Mend,
    /// Look straight ahead and hold still.
    Straight,
    /// Turn the head to the left.
    Left,
    /// Turn the head to the right.
    Right,
    /// Raise the head.
    Up,
    /// Come closer.
    Closer,
    /// Send the photo, large, to `proofs/face`.
    Photo,
}

impl From<Hint> for ToDo {
    fn from(hint: Hint) -> Self {
        match hint {
            Hint::Mend(_) => Self::Mend,
            Hint::Straight => Self::Straight,
            Hint::Turn(Turn::Left) => Self::Left,
            Hint::Turn(Turn::Right) => Self::Right,
            Hint::Turn(Turn::Up) => Self::Up,
            Hint::Turn(Turn::Closer) => Self::Closer,
            Hint::Photo => Self::Photo,
        }
    }
}

/// Takes the next frame of a challenge: three by four, the face in the middle, about 180 by 240 pixels, four a second.
#[utoipa::path(post, path = "/liveness/frames", operation_id = "take_frame",
    params(("id" = uuid::Uuid, Path, description = "What is to be confirmed."),
        ("X-Challenge" = String, Header, description = "The challenge.")),
    request_body(description = "A JPEG of up to 30 KiB and 480 pixels a side.", content((Vec<u8> = "image/jpeg"))),
    responses((status = 200, description = "What to do next.", body = Step)))]
async fn take_frame(proving: Proving, headers: HeaderMap, Frame(frame): Frame) -> Answer<Json<Step>> {
    let step = proving.matter.take_frame(proving.caller.app(), &proving.who, nonce(&headers), frame).await?;
    let mend = match step.hint {
        Hint::Mend(fault) => Some(Refusal::from(FaceRefusal::from(fault)).code),
        _ => None,
    };
    Ok(Json(Step { hint: step.hint.into(), mend, done: step.done }))
}
