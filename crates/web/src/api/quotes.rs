//! What a credit costs, before anybody is asked for anything (Rules cl. [8.2](lending::law::CL_8_2),
//! [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4)).

use app::{
    applications::{self, ApplicationRefusal, Quote},
    organization,
    refusal::{Fault, Result},
};
use jiff::civil::Date;
use lending::{
    effective_rate::EffectiveRate,
    law::rules::{Breach, RuleSet},
    money::Money,
    product::{NotOffered, Product},
    schedule::{Method, Schedule, Terms},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{body::Json, door::Caller, problem::Answer};
use crate::Site;

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(quote))
}

/// What somebody would like to borrow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuoteWish, example = json!({ "product": "019c2000-0000-7000-8000-000000000001", "amount_tiyn": 10_000_000, "term": 6 }))]
struct Wish {
    product: Uuid,
    amount_tiyn: i64,
    /// In the product's unit: months or days.
    term: i64,
}

/// What it would cost by each method of the product.
#[derive(Serialize, ToSchema)]
#[schema(as = Quote)]
struct Quoted {
    /// The day for which it is computed: as if the money left on it.
    on: Date,
    product: Uuid,
    plans: Vec<Plan>,
}

/// A plan of repayment.
#[derive(Serialize, ToSchema)]
struct Plan {
    terms: Terms,
    schedule: Schedule,
    /// Annual effective rate in tenths of a percent (46 % = 460).
    effective_rate_permille: EffectiveRate,
    verdict: Verdict,
}

/// What the law in force says of a plan.
#[derive(Serialize, ToSchema)]
struct Verdict {
    /// Nothing stands against it: it can be applied for.
    allowed: bool,
    /// The rule set of the day.
    #[schema(example = "2026-01-01")]
    rule_set: &'static str,
    /// The highest annual effective rate for such a credit, in tenths of a percent.
    effective_rate_max_permille: EffectiveRate,
    /// Limits it would break.
    #[schema(value_type = Vec<String>, example = json!(["effective_rate_over_cap"]))]
    breaches: Vec<&'static str>,
    /// Hours that the law asks for between agreement and money; such credits are not offered yet.
    cooling_off_hours: u16,
}

/// Both plans of repayment of a credit, their annual effective rates, and what the law says of them.
#[utoipa::path(post, path = "/v1/quotes", tag = "quotes", operation_id = "quote", security(()),
    request_body = Wish, responses((status = 200, description = "What it would cost.", body = Quoted)))]
async fn quote(caller: Caller, Json(wish): Json<Wish>) -> Answer<Json<Quoted>> {
    let (offered, on) = (organization::on_show(caller.app()).await?, caller.app().today());
    let offer = offered.iter().find(|offer| offer.id.uuid() == wish.product);
    let product = &offer.ok_or_else(|| ApplicationRefusal::Product.at("product"))?.product;
    let rules = applications::rule_set(on)?;
    let plan = |method: &Method| Ok(judged(draft(product, &wish, *method, on)?, product, rules));
    let plans = product.methods.iter().map(plan).collect::<Result<_>>()?;
    Ok(Json(Quoted { on, product: wish.product, plans }))
}

fn draft(product: &Product, wish: &Wish, method: Method, on: Date) -> Result<Quote> {
    let term = u16::try_from(wish.term).map_err(|_| ApplicationRefusal::Term.at("term"))?;
    let terms = product.terms(Money::from_tiyn(wish.amount_tiyn), term, method, on);
    drawn_up(terms.map_err(|no| match no {
        NotOffered::Amount => ApplicationRefusal::Amount.at("amount"),
        NotOffered::Term => ApplicationRefusal::Term.at("term"),
        NotOffered::Method | NotOffered::Terms(_) => Fault::new(no).into(),
    })?)
}

/// Schedule and effective rate of terms.
pub(super) fn drawn_up(terms: Terms) -> Result<Quote> {
    let schedule = terms.schedule().map_err(Fault::new)?;
    let effective_rate = EffectiveRate::of(schedule.cash_flow(terms.disbursed_on)).map_err(Fault::new)?;
    Ok(Quote { terms, schedule, effective_rate })
}

fn judged(quote: Quote, product: &Product, rules: &'static RuleSet) -> Plan {
    let Quote { terms, schedule, effective_rate } = quote;
    let breaches = rules.check_offer(&product.offer(&terms, effective_rate));
    let cooling_off_hours = rules.cooling_off_hours(terms.principal);
    let verdict = Verdict {
        allowed: breaches.is_empty() && cooling_off_hours == 0,
        rule_set: rules.id,
        effective_rate_max_permille: rules.effective_rate_max_for(&terms),
        breaches: breaches.into_iter().map(Breach::code).collect(),
        cooling_off_hours,
    };
    Plan { terms, schedule, effective_rate_permille: effective_rate, verdict }
}
