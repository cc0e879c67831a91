//! Applying for a credit, and what became of it (Rules cl. [7.1](lending::law::CL_7_1),
//! [7.4](lending::law::CL_7_4)).

use app::applications::{self as use_case, Shown};
use axum::http::{HeaderName, StatusCode, header};
use lending::{money::Money, schedule::Method};
use serde::{Deserialize, Serialize};
use texts::Lang;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller, Named, Once},
    organization::{TermUnit, name},
    problem::Answer,
    shown,
    units::Instant,
};
use crate::Site;
use app::sessions::Client;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(submit, list)).routes(routes!(show)).routes(routes!(withdraw))
}

/// What is applied for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicationWish, example = json!({
    "product": "019c2000-0000-7000-8000-000000000001", "amount_tiyn": 10_000_000, "term": 6, "method": "annuity",
    "purpose": "household", "income_tiyn": 45_000_000, "iban": "KZ41601A141000897321",
    "consent_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
struct Wish {
    product: Uuid,
    amount_tiyn: i64,
    /// In the product's unit: months or days.
    term: i64,
    /// A method of the product.
    #[schema(value_type = Method)]
    method: String,
    /// The code of one of the product's purposes.
    purpose: String,
    /// Average monthly income.
    income_tiyn: i64,
    /// The client's own account, to which the money goes.
    iban: String,
    /// The hash of the consent `credit-report` of `/v1/consents` as it was shown and accepted.
    consent_sha256: String,
}

/// An application.
#[derive(Serialize, ToSchema)]
struct Application {
    id: Uuid,
    /// The number of the agreement to be.
    number: String,
    state: State,
    /// Why it was declined.
    reasons: Vec<Reason>,
    /// The product's name, in the language of the answer.
    product: String,
    amount_tiyn: Money,
    term: u16,
    term_unit: TermUnit,
    method: Method,
    /// The code of the purpose.
    purpose: String,
    income_tiyn: Money,
    /// Masked.
    iban: String,
    /// The rule set it was made under.
    rule_set: String,
    created_at: Instant,
}

/// Where an application stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationState)]
enum State {
    /// Being checked.
    Checking,
    /// The agreement can be read and signed.
    Approved,
    Declined,
    /// There is a loan.
    Signed,
    /// By the client.
    Withdrawn,
}

/// A reason for declining.
#[derive(Serialize, ToSchema)]
#[schema(as = DeclineReason)]
struct Reason {
    #[schema(example = "debt_burden")]
    code: String,
    /// In the language of the answer.
    text: String,
}

impl From<use_case::State> for State {
    fn from(state: use_case::State) -> Self {
        match state {
            use_case::State::Checking => Self::Checking,
            use_case::State::Approved => Self::Approved,
            use_case::State::Declined => Self::Declined,
            use_case::State::Signed => Self::Signed,
            use_case::State::Withdrawn => Self::Withdrawn,
        }
    }
}

impl Application {
    fn of(shown: Shown, lang: Lang) -> Self {
        let asked = shown.asked;
        let reason = |code: String| {
            let text = texts::refusals::by_code(lang, &code.replace('_', "-")).unwrap_or_default();
            Reason { text: text.to_owned(), code }
        };
        Self {
            id: shown.id.uuid(),
            number: shown.number,
            state: shown.state.into(),
            reasons: shown.reasons.into_iter().map(reason).collect(),
            product: name(&asked.product, lang),
            amount_tiyn: asked.amount,
            term: asked.term,
            term_unit: asked.product.term.into(),
            method: asked.method,
            purpose: asked.purpose,
            income_tiyn: asked.income,
            iban: asked.iban.masked(),
            rule_set: shown.rule_set,
            created_at: shown.created_at.into(),
        }
    }
}

async fn load(
    caller: &Caller,
    who: Client,
    id: app::id::Id<use_case::Application>,
) -> Answer<Json<Application>> {
    let mut op = caller.app().begin(who).await?;
    let shown = use_case::application(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(Application::of(shown, caller.lang)))
}

/// Submits an application; checks and decision follow. A client has one under way at a time. Sent again with the same key,
/// it is answered with the application that the first made, and makes none.
#[utoipa::path(post, path = "/v1/applications", tag = "applications", operation_id = "submit_application",
    security(("client" = [])), request_body = Wish,
    params(("Idempotency-Key" = String, Header, description = "Drawn at random for each application that is wished for, \
        and the same when it is sent again.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9_-]{16,128}$")),
    responses((status = 201, description = "It is being checked.", body = Application,
        headers(("Location" = String, description = "Where it is.")))))]
async fn submit(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Once(key): Once,
    Json(wish): Json<Wish>,
) -> Answer<(StatusCode, [(HeaderName, String); 1], Json<Application>)> {
    let consent = shown::credit_report(caller.lang, caller.organization());
    let consent = consent.is(&wish.consent_sha256).then_some(consent.text);
    let form = use_case::Form {
        product: wish.product.to_string(),
        amount: Money::from_tiyn(wish.amount_tiyn).to_string(),
        term: wish.term.to_string(),
        method: wish.method,
        purpose: wish.purpose,
        income: Money::from_tiyn(wish.income_tiyn).to_string(),
        iban: wish.iban,
    };
    let id =
        use_case::submit(caller.app(), who.clone(), &form, consent.as_deref(), caller.lang, &key).await?;
    let place = [(header::LOCATION, format!("{}/v1/applications/{id}", super::BASE))];
    Ok((StatusCode::CREATED, place, load(&caller, who, id).await?))
}

/// The client's applications, newest first, at most fifty.
#[utoipa::path(get, path = "/v1/applications", tag = "applications", operation_id = "list_applications",
    security(("client" = [])),
    responses((status = 200, description = "The applications.", body = [Application])))]
async fn list(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Application>>> {
    let mut op = caller.app().begin(who).await?;
    let all = use_case::applications(&mut op).await?;
    op.commit().await?;
    Ok(Json(all.into_iter().map(|shown| Application::of(shown, caller.lang)).collect()))
}

/// Progress and result of an application.
#[utoipa::path(get, path = "/v1/applications/{id}", tag = "applications", operation_id = "get_application",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 200, description = "The application.", body = Application)))]
async fn show(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Application>,
) -> Answer<Json<Application>> {
    load(&caller, who, id).await
}

/// Withdraws an application that is not signed.
#[utoipa::path(post, path = "/v1/applications/{id}/withdrawal", tag = "applications",
    operation_id = "withdraw_application", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The application.")),
    responses((status = 200, description = "It is withdrawn.", body = Application)))]
async fn withdraw(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Application>,
) -> Answer<Json<Application>> {
    let mut op = caller.app().begin(who.clone()).await?;
    use_case::withdraw(&mut op, id).await?;
    op.commit().await?;
    load(&caller, who, id).await
}
