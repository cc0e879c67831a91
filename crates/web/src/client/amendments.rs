//! Other terms for a living loan: reading what changes, acknowledging it, proving who one is, and agreeing or declining
//! (Rules cl. [8.3](lending::law::CL_8_3), [9.a](lending::law::CL_9_A)). What is concluded is the PDF, by its hash.

use app::{
    amendments::{self, Amendment, AmendmentRefusal, Concluding, Shown, State},
    documents,
    id::Id,
    identity::{Matter, Prover},
    refusal::{No, Refusal},
    sessions::Client,
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t, format};

use super::{
    loan::{id, paper},
    proving::{self, Chosen},
    signing::steps,
};
use crate::{
    amended,
    form::{Form, Nothing, Query},
    guard::{Answer, Reader, Stop},
    page::{self, Problem, agree, long_text},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Acknowledged {
    changed_terms: String,
    shown: String,
}

/// The amendment as a PDF: before it is concluded today's, then the one that was.
pub(super) async fn pdf(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    Ok(paper("amendment.pdf", amendments::pdf(reader.app(), client, id(&path)?).await?))
}

/// How it was concluded, as a PDF.
pub(super) async fn sheet(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    let mut op = reader.app().begin(client).await?;
    let pdf = documents::amendment_sheet(&mut op, id(&path)?).await?;
    op.commit().await?;
    Ok(paper("evidence-sheet.pdf", pdf))
}

pub(super) async fn show(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    step(&reader, client, id(&path)?, chosen.way(), &Problem::none()).await
}

/// The page again, after a proof that was refused.
pub(super) async fn proofs(
    reader: &Reader,
    who: Prover,
    id: Id<Amendment>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    match who {
        Prover::Client(client) => step(reader, client, id, way, problem).await,
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
    if given.changed_terms != "yes" {
        let mut problem = Problem::none();
        problem.say("changed_terms", t::tick_missing(lang, t::amended_acknowledge(lang)));
        return step(&reader, client, id, None, &problem).await;
    }
    let concluding = amendments::concluding(reader.app(), client.clone(), id).await?;
    let text = amended::text(lang, &concluding.amended);
    if given.shown != page::texts_hash(&[&text]) {
        let problem = Problem::of(lang, AmendmentRefusal::PaperChanged.into())?; // Of before a payment, or in another language.
        return step(&reader, client, id, None, &problem).await;
    }
    let paper = &concluding.paper.sha256;
    match amendments::acknowledge(reader.app(), client.clone(), id, paper, lang, &text).await {
        Ok(()) => Ok(Redirect::to(&format!("/amendments/{id}")).into_response()),
        Err(no) => step(&reader, client, id, None, &Problem::of(lang, no)?).await,
    }
}

/// The conclusion itself: everything is proved.
pub(super) async fn confirm(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    match amendments::conclude(reader.app(), client.clone(), id).await {
        Ok(_) => Ok(Redirect::to(&format!("/amendments/{id}")).into_response()),
        Err(no) => step(&reader, client, id, None, &Problem::of(reader.lang, no)?).await,
    }
}

pub(super) async fn decline(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    let mut op = reader.app().begin(client.clone()).await?;
    match amendments::decline(&mut op, id).await {
        Ok(shown) => {
            op.commit().await?;
            Ok(Redirect::to(&format!("/loans/{}", shown.loan)).into_response())
        }
        Err(no) => {
            drop(op);
            step(&reader, client, id, None, &Problem::of(reader.lang, no)?).await
        }
    }
}

/// The step that it is at.
async fn step(
    reader: &Reader,
    client: Client,
    id: Id<Amendment>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client.clone()).await?;
    let shown = amendments::amendment(&mut op, id).await?;
    op.commit().await?;
    let title = t::amendment_title(lang, &shown.agreement);
    if shown.state != State::Proposed {
        return Ok(page::show_form(reader, &title, problem, &decided(lang, &title, &shown)));
    }
    let base = format!("/amendments/{id}");
    let concluding = match amendments::concluding(reader.app(), client, id).await {
        Ok(concluding) => concluding,
        Err(No::Refusal(no)) if no.code == Refusal::from(AmendmentRefusal::Lapsed).code => {
            return Ok(page::show_form(reader, &title, problem, &lapsed(reader, &base, &title, &shown)));
        }
        Err(no) => return Err(no.into()),
    };
    let action = if !concluding.acknowledged {
        acknowledge_form(reader, &base, problem, &concluding)
    } else if concluding.standing.missing.is_some() {
        proving::part(reader, Matter::Amendment(id), &concluding.standing, way, problem)
    } else {
        html! {
            h2 { (t::amendment_button(lang)) }
            p { (t::amendment_ready(lang)) }
            (page::post(reader, &format!("{base}/confirm"), &html! { button { (t::amendment_button(lang)) } }))
        }
    };
    let read = concluding.acknowledged;
    let body = html! {
        h1 { (title) }
        div.pair {
            @if !read { (changes(lang, &concluding)) }
            section.card {
                (steps(lang, read, concluding.standing.missing.is_none()))
                (action)
                (decline_form(reader, &base))
            }
            @if read { (changes(lang, &concluding)) }
        }
        @if concluding.amended.after.coming().next().is_some() {
            section.card { (amended::schedule(lang, &concluding.amended)) }
        }
    };
    Ok(page::show_form(reader, &title, problem, &body))
}

fn decline_form(reader: &Reader, base: &str) -> Markup {
    let button = html! { button.link { (t::amendment_decline(reader.lang)) } };
    page::post(reader, &format!("{base}/decline"), &button)
}

/// What was proposed cannot be carried out any more; it can be declined, so that something else may be proposed.
fn lapsed(reader: &Reader, base: &str, title: &str, shown: &Shown) -> Markup {
    let lang = reader.lang;
    html! {
        div.narrow {
            h1 { (title) }
            p.told role="status" { (Refusal::from(AmendmentRefusal::Lapsed).text(lang)) }
            (decline_form(reader, base))
            a.button href={ "/loans/" (shown.loan) } { (t::amendment_back(lang)) }
        }
    }
}

fn changes(lang: Lang, concluding: &Concluding) -> Markup {
    let id = concluding.shown.id;
    html! {
        section.card {
            h2 { (t::amendment_number(lang, concluding.shown.number.to_string())) }
            p { (t::amendment_until(lang, format::date(lang, concluding.shown.open_until))) }
            p { a.button.plain href={ "/amendments/" (id) "/amendment.pdf" } { (t::amendment_read(lang)) " (PDF)" } }
            (amended::table(lang, &concluding.amended))
            p.hint { (t::agreement_hash(lang)) " " code { (app::vault::hex(&concluding.paper.sha256)) } }
        }
    }
}

fn acknowledge_form(reader: &Reader, base: &str, problem: &Problem, concluding: &Concluding) -> Markup {
    let lang = reader.lang;
    let text = amended::text(lang, &concluding.amended);
    html! {
        h2 { (t::sign_read_title(lang)) }
        p { (t::amendment_read_lead(lang)) }
        (page::post(reader, base, &html! {
            (page::texts_shown(&[&text]))
            (long_text(t::amended_caption(lang), &text, true))
            (agree(problem, lang, "changed_terms", t::amended_acknowledge(lang), false))
            div.actions { button { (t::go_on(lang)) } }
        }))
    }
}

/// What became of it.
fn decided(lang: Lang, title: &str, shown: &Shown) -> Markup {
    html! {
        div.narrow {
            h1 { (title) }
            p.told role="status" { (state(lang, shown.state)) }
            @if shown.state == State::Concluded { (papers(lang, shown)) }
            a.button href={ "/loans/" (shown.loan) } { (t::amendment_back(lang)) }
        }
    }
}

fn papers(lang: Lang, shown: &Shown) -> Markup {
    html! {
        ul {
            li { a href={ "/amendments/" (shown.id) "/amendment.pdf" } { (t::amendment_number(lang, shown.number.to_string())) " (PDF)" } }
            li { a href={ "/amendments/" (shown.id) "/evidence-sheet.pdf" } { (t::document_evidence(lang)) " (PDF)" } }
        }
    }
}

/// How far it is, in words.
pub(crate) fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Proposed => t::amendment_proposed(lang),
        State::Concluded => t::amendment_concluded(lang),
        State::Declined => t::amendment_declined(lang),
        State::Withdrawn => t::amendment_withdrawn(lang),
    }
}

/// What is proposed for a loan, on its own page: nobody should overlook it. It opens for who may sign.
pub(super) fn proposed(lang: Lang, all: &[Shown], signs: bool) -> Markup {
    html! {
        @for shown in all.iter().filter(|shown| shown.state == State::Proposed) {
            section.card.told {
                h2 { (t::amendment_proposed(lang)) }
                p { (t::amendment_until(lang, format::date(lang, shown.open_until))) }
                @if signs { a.button href={ "/amendments/" (shown.id) } { (t::amendment_open(lang)) } }
            }
        }
    }
}

/// The amendments that hold.
pub(super) fn concluded(lang: Lang, all: &[Shown]) -> Markup {
    let held: Vec<&Shown> = all.iter().filter(|shown| shown.state == State::Concluded).collect();
    html! {
        @if !held.is_empty() {
            section.card {
                h2 { (t::amendments_title(lang)) }
                @for shown in held { (papers(lang, shown)) }
            }
        }
    }
}
