//! Whose API it is, what it offers, what one consents to (Rules cl. [7.2](lending::law::CL_7_2)).

use app::organization::{self as use_case, Organization};
use lending::{
    money::Money,
    product::TermRange,
    rate::{DailyRate, DayCount, Rate},
    schedule::Method,
};
use serde::Serialize;
use texts::Lang;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::Caller,
    problem::Answer,
    shown::{self, Text},
};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(organization)).routes(routes!(products)).routes(routes!(consents))
}

/// The organization: names, licence, addresses, phones, e-mail, first manager, account for repayments.
#[utoipa::path(get, path = "/v1/organization", tag = "organization", operation_id = "get_organization",
    security(()), responses((status = 200, description = "The organization.", body = Organization)))]
async fn organization(caller: Caller) -> Json<Organization> {
    Json(caller.site.settings.organization.clone())
}

/// A credit product.
#[derive(Serialize, ToSchema)]
struct Product {
    id: Uuid,
    /// Its name, in the language of the answer.
    name: String,
    #[serde(rename = "amount_min_tiyn")]
    amount_min: Money,
    #[serde(rename = "amount_max_tiyn")]
    amount_max: Money,
    /// In what the term is counted.
    term_unit: TermUnit,
    term_min: u16,
    term_max: u16,
    /// Nominal annual rate, parts per million.
    rate_ppm: Rate,
    /// Penalty for each day of delay, parts per million of what is overdue.
    penalty_ppm_per_day: DailyRate,
    day_count: DayCount,
    methods: Vec<Method>,
    purposes: Vec<Purpose>,
}

/// In what a term is counted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TermUnit {
    Months,
    Days,
}

/// What the money may be for.
#[derive(Serialize, ToSchema)]
struct Purpose {
    #[schema(example = "household")]
    code: String,
    /// In the language of the answer.
    name: String,
}

impl From<TermRange> for TermUnit {
    fn from(range: TermRange) -> Self {
        match range {
            TermRange::Months { .. } => Self::Months,
            TermRange::Days { .. } => Self::Days,
        }
    }
}

/// A product's name in a language.
pub(super) fn name(product: &lending::product::Product, lang: Lang) -> String {
    let names = &product.name;
    match lang {
        Lang::Kk => &names.kk,
        Lang::Ru => &names.ru,
        Lang::En => &names.en,
    }
    .clone()
}

/// The products on offer.
#[utoipa::path(get, path = "/v1/products", tag = "organization", operation_id = "list_products",
    security(()), responses((status = 200, description = "The products on offer.", body = [Product])))]
async fn products(caller: Caller) -> Answer<Json<Vec<Product>>> {
    let mut op = caller.app().begin(caller.visitor()).await?;
    let offered = use_case::products(&mut op).await?;
    op.commit().await?;
    let lang = caller.lang;
    let purpose = |code: String| Purpose {
        name: texts::purposes::by_code(lang, &code).unwrap_or(&code).to_owned(),
        code,
    };
    let shown = offered.into_iter().map(|offer| {
        let product = offer.product;
        let (term_min, term_max) = product.term.bounds();
        Product {
            id: offer.id.uuid(),
            name: name(&product, lang),
            amount_min: product.amount_min,
            amount_max: product.amount_max,
            term_unit: product.term.into(),
            term_min,
            term_max,
            rate_ppm: product.rate,
            penalty_ppm_per_day: product.penalty,
            day_count: product.day_count,
            methods: product.methods,
            purposes: product.purposes.into_iter().map(purpose).collect(),
        }
    });
    Ok(Json(shown.collect()))
}

/// The texts that registration (`personal-data`, `electronic-interaction`) and an application
/// (`credit-report`) ask consent to.
#[utoipa::path(get, path = "/v1/consents", tag = "organization", operation_id = "list_consents",
    security(()), responses((status = 200, description = "The texts, in the language of the answer.", body = [Text])))]
async fn consents(caller: Caller) -> Json<Vec<Text>> {
    let mut texts = Vec::from(shown::registration(caller.lang, caller.organization()));
    texts.push(shown::credit_report(caller.lang, caller.organization()));
    Json(texts)
}
