//! Reading and signing the agreement (Rules cl. [7.3](lending::law::CL_7_3), [8.2](lending::law::CL_8_2),
//! [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4), [8.5](lending::law::CL_8_5),
//! [9.a](lending::law::CL_9_A)): acknowledge, prove who one is, sign. What is signed is the PDF, by its hash.

use app::{
    applications::{self, Application, ApplicationRefusal, Quote, Signing, State},
    documents,
    id::Id,
    identity::{Matter, Prover},
    refusal::Refusal,
    sessions::Client,
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};

use super::{
    draft,
    loan::{id, paper},
    proving::{self, Chosen},
};
use crate::{
    form::{Form, Nothing, Query},
    guard::{Answer, Reader, Stop},
    page::{self, Problem, agree, facts, long_text, money},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Acknowledged {
    lending_rules: String,
    full_cost: String,
    rights_and_duties: String,
    shown: String,
}

/// Fields of the form, and what `app` calls them.
const ACKNOWLEDGED: [(&str, &str); 3] = [
    ("lending_rules", "lending-rules"),
    ("full_cost", "full-cost"),
    ("rights_and_duties", "rights-and-duties"),
];

/// The agreement as a PDF, before it is signed.
pub(super) async fn agreement(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    let pdf = documents::unsigned_agreement(reader.app(), client, id(&path)?).await?;
    Ok(paper("agreement.pdf", pdf))
}

pub(super) async fn show(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    step(&reader, client, id(&path)?, Acknowledged::default(), chosen.way(), &Problem::none()).await
}

/// The page again, after a proof that was refused.
pub(super) async fn proofs(
    reader: &Reader,
    who: Prover,
    id: Id<Application>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    match who {
        Prover::Client(client) => step(reader, client, id, Acknowledged::default(), way, problem).await,
        Prover::Registrant(_) | Prover::Recoverer(_) => Err(Stop::SignIn),
    }
}

pub(super) async fn acknowledge(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Form(given): Form<Acknowledged>,
) -> Answer {
    let (lang, id) = (reader.lang, id(&path)?);
    let ticked =
        [&given.lending_rules, &given.full_cost, &given.rights_and_duties].map(|value| value == "yes");
    let mut problem = Problem::none();
    for ((field, kind), _) in ACKNOWLEDGED.iter().zip(ticked).filter(|(_, ticked)| !ticked) {
        problem.say(field, t::tick_missing(lang, label(lang, kind)));
    }
    if !problem.is_none() {
        return step(&reader, client, id, given, None, &problem).await;
    }
    let signing = applications::signing(reader.app(), client.clone(), id).await?;
    let quote = draft::quote(signing.offer.terms.schedule)?;
    let texts = shown_texts(lang, &quote);
    if given.shown != page::texts_hash(&texts.each_ref().map(String::as_str)) {
        let problem = Problem::of(lang, ApplicationRefusal::OfferChanged.into())?; // Of yesterday, or in another language.
        return step(&reader, client, id, Acknowledged::default(), None, &problem).await;
    }
    let shown: Vec<_> = ACKNOWLEDGED.iter().map(|(_, kind)| *kind).zip(texts).collect();
    let agreement = &signing.offer.sha256;
    match applications::acknowledge(reader.app(), client.clone(), id, agreement, lang, &shown).await {
        Ok(()) => Ok(Redirect::to(&format!("/applications/{id}/sign")).into_response()),
        Err(no) => step(&reader, client, id, given, None, &Problem::of(lang, no)?).await,
    }
}

/// The signature itself: everything is proved.
pub(super) async fn confirm(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    match applications::conclude(reader.app(), client.clone(), id).await {
        Ok(loan) => Ok(Redirect::to(&format!("/loans/{loan}")).into_response()),
        Err(no) => {
            let problem = Problem::of(reader.lang, no)?;
            step(&reader, client, id, Acknowledged::default(), None, &problem).await
        }
    }
}

/// What is shown to be acknowledged, in the words that are kept and the order of [`ACKNOWLEDGED`].
fn shown_texts(lang: Lang, quote: &Quote) -> [String; 3] {
    [t::rules_text(lang).to_owned(), draft::cost_text(lang, quote), t::rights_text(lang).to_owned()]
}

/// What is ticked.
fn label(lang: Lang, kind: &str) -> &'static str {
    match kind {
        "lending-rules" => t::acknowledge_rules(lang),
        "full-cost" => t::acknowledge_cost(lang),
        _ => t::acknowledge_rights(lang),
    }
}

/// The step that signing is at.
async fn step(
    reader: &Reader,
    client: Client,
    id: Id<Application>,
    given: Acknowledged,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let signing = applications::signing(reader.app(), client, id).await?;
    if signing.application.state == State::Signed {
        return Ok(Redirect::to("/account").into_response());
    }
    if signing.application.state != State::Approved {
        return Err(Refusal::from(ApplicationRefusal::NotApproved).into());
    }
    let quote = draft::quote(signing.offer.terms.schedule.clone())?;
    let base = format!("/applications/{id}/sign");
    let action = if !signing.acknowledged {
        acknowledge_form(reader, &base, &given, problem, &quote)
    } else if signing.standing.missing.is_some() {
        proving::part(reader, Matter::Application(id), &signing.standing, way, problem)
    } else {
        html! {
            h2 { (t::sign_button_title(lang)) }
            p { (t::sign_ready(lang)) }
            @if let Some(from) = signing.payout_from {
                p.told { (t::account_from(lang, texts::format::instant(lang, from))) }
            }
            (page::post(reader, &format!("{base}/confirm"), &html! { button { (t::sign_button(lang)) } }))
        }
    };
    let body = html! {
        h1 { (t::sign_title(lang)) }
        div.pair {
            @if !signing.acknowledged { (offer_card(lang, &signing, &quote)) }
            section.card {
                (steps(lang, signing.acknowledged, signing.standing.missing.is_none()))
                (action)
            }
            @if signing.acknowledged { (offer_card(lang, &signing, &quote)) }
        }
        @if signing.acknowledged { section.card { (draft::table(lang, t::schedule_title(lang), &quote.schedule)) } }
    };
    Ok(page::show_form(reader, t::sign_title(lang), problem, &body))
}

fn offer_card(lang: Lang, signing: &Signing, quote: &Quote) -> Markup {
    let asked = &signing.application.asked;
    html! {
        section.card {
            h2 { (t::agreement_number(lang, &signing.application.number)) }
            p { a.button.plain href={ "/applications/" (signing.application.id) "/agreement.pdf" } {
                (t::agreement_read(lang)) " (PDF)"
            } }
            (facts(&[
                (t::amount(lang), html! { span.figures { (money(lang, asked.amount)) } }),
                (t::term(lang), html! { (draft::term(lang, asked.product.term, asked.term)) }),
                (t::method(lang), html! { (draft::method_name(lang, asked.method)) }),
                (t::payment(lang), html! { (draft::payment(lang, quote)) }),
            ]))
            (draft::cost(lang, quote))
            (facts(&[(t::account_paid_to(lang), html! { span.figures { (asked.iban.masked()) } })]))
            p.hint { (t::agreement_hash(lang)) " " code { (app::vault::hex(&signing.offer.sha256)) } }
        }
    }
}

/// What has been proved and what has not yet.
pub(super) fn steps(lang: Lang, read: bool, proved: bool) -> Markup {
    let steps = [
        (t::sign_step_read(lang), read),
        (t::sign_step_prove(lang), proved),
        (t::sign_step_sign(lang), false),
    ];
    let now = steps.iter().position(|(_, done)| !done);
    html! {
        ol.steps {
            @for (at, (name, done)) in steps.into_iter().enumerate() {
                li.done[done].next[now == Some(at)] aria-current=[(now == Some(at)).then_some("step")] {
                    (name) @if done { span.unseen { " – " (t::step_done(lang)) } }
                }
            }
        }
    }
}

fn acknowledge_form(
    reader: &Reader,
    base: &str,
    given: &Acknowledged,
    problem: &Problem,
    quote: &Quote,
) -> Markup {
    let lang = reader.lang;
    let ticked = [&given.lending_rules, &given.full_cost, &given.rights_and_duties];
    let texts = shown_texts(lang, quote);
    html! {
        h2 { (t::sign_read_title(lang)) }
        p { (t::sign_read_lead(lang)) }
        (page::post(reader, base, &html! {
            (page::texts_shown(&texts.each_ref().map(String::as_str)))
            @for (((id, kind), ticked), text) in ACKNOWLEDGED.into_iter().zip(ticked).zip(&texts) {
                @let title = match kind {
                    "lending-rules" => t::rules_title(lang),
                    "full-cost" => t::cost_title(lang),
                    _ => t::rights_title(lang),
                };
                (long_text(title, text, kind == "full-cost"))
                (agree(problem, lang, id, label(lang, kind), ticked == "yes"))
            }
            div.actions { button { (t::go_on(lang)) } }
        }))
    }
}
