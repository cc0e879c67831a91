//! Legal entities (Rules cl. [6.b](lending::law::CL_6_B)): for whom the reader acts, asking to act for an entity, and the
//! people of the entity they act for.

use app::{
    entities::{self, AuthorityRecord, EntityRegistration, Line, Mine, Person, State},
    id::Id,
    identity::{Matter, Prover},
    sessions::Client,
    uploads,
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use lending::authority::{Authority, Basis, Role};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t, format};

use super::{
    loan::id,
    proving::{self, Chosen},
};
use crate::{
    form::{Form, Nothing, Query, Scan},
    guard::{Answer, Reader, Stop},
    page::{self, Input, Problem, facts, field},
};

/// For whom the reader acts: themselves, and each entity that has given them power to.
pub(super) async fn show(reader: Reader, client: Client) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client).await?;
    let (mine, asked, today) = (entities::mine(&mut op).await?, entities::asked(&mut op).await?, op.today);
    op.commit().await?;
    let body = html! {
        h1 { (t::entities_title(lang)) }
        p.lead { (t::entities_lead(lang)) }
        section.card {
            h2 { (t::entities_myself(lang)) @if !mine.iter().any(|one| one.chosen) { " " (now(lang)) } }
            @if mine.iter().any(|one| one.chosen) {
                (page::post(&reader, "/entities/act", &html! {
                    input type="hidden" name="authority" value="";
                    button.plain { (t::entities_act_myself(lang)) }
                }))
            }
        }
        @for one in &mine { (authority_card(&reader, one, today)) }
        @for line in &asked { (asked_card(lang, line)) }
        p { a.button.plain href="/entities/register" { (t::entities_register(lang)) } }
    };
    Ok(page::show(&reader, t::entities_title(lang), &body))
}

fn now(lang: Lang) -> Markup {
    html! { span.tag { (t::entities_now(lang)) } }
}

fn authority_card(reader: &Reader, one: &Mine, today: Date) -> Markup {
    let lang = reader.lang;
    let holds = one.authority.holds_on(today);
    html! {
        section.card {
            h2 { (one.name) @if one.chosen { " " (now(lang)) } }
            (facts(&[
                (t::bin(lang), html! { span.figures { (one.bin) } }),
                (t::entities_role(lang), html! { (role(lang, one.authority.role)) }),
                (t::entities_power(lang), html! { (power(lang, &one.authority, today)) }),
            ]))
            @if one.chosen {
                p { a href="/entities/people" { (t::entities_people(lang)) } }
            } @else if holds {
                (page::post(reader, "/entities/act", &html! {
                    input type="hidden" name="authority" value=(one.id);
                    button { (t::entities_act(lang)) }
                }))
            }
        }
    }
}

fn asked_card(lang: Lang, line: &Line) -> Markup {
    html! {
        section.card {
            h2 { (line.name) " " span.tag.bad[line.state == State::Refused] { (state(lang, line.state)) } }
            p.quiet { (format::instant(lang, line.created_at)) }
            @if let Some(reason) = &line.reason { p { (reason) } }
            @if line.state == State::Begun {
                a.button href={ "/entities/registrations/" (line.id) } { (t::go_on(lang)) }
            }
        }
    }
}

pub(crate) fn role(lang: Lang, role: Role) -> &'static str {
    match role {
        Role::Head => t::role_head(lang),
        Role::Signer => t::role_signer(lang),
        Role::Applicant => t::role_applicant(lang),
        Role::Viewer => t::role_viewer(lang),
    }
}

fn role_meaning(lang: Lang, role: Role) -> &'static str {
    match role {
        Role::Head => t::role_head_hint(lang),
        Role::Signer => t::role_signer_hint(lang),
        Role::Applicant => t::role_applicant_hint(lang),
        Role::Viewer => t::role_viewer_hint(lang),
    }
}

pub(crate) fn basis(lang: Lang, basis: Basis) -> &'static str {
    match basis {
        Basis::Order => t::basis_order(lang),
        Basis::PowerOfAttorney => t::basis_power_of_attorney(lang),
    }
}

fn power(lang: Lang, authority: &Authority, today: Date) -> Markup {
    html! {
        @if authority.revoked {
            (t::power_revoked(lang))
        } @else if !authority.holds_on(today) {
            (t::power_over(lang))
        } @else {
            @match authority.until {
                Some(until) => { (t::power_until(lang, format::date_short(until))) }
                None => (t::power_open(lang))
            }
        }
    }
}

fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Begun => t::entity_state_begun(lang),
        State::Confirmed => t::entity_state_confirmed(lang),
        State::Accepted => t::entity_state_accepted(lang),
        State::Refused => t::entity_state_refused(lang),
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Acting {
    authority: String,
}

/// From now on the session acts for the chosen one.
pub(super) async fn act(reader: Reader, client: Client, Form(chosen): Form<Acting>) -> Answer {
    let authority = match chosen.authority.as_str() {
        "" => None,
        text => Some(id::<AuthorityRecord>(text)?),
    };
    let mut op = reader.app().begin(client).await?;
    entities::act_for(&mut op, authority).await?;
    op.commit().await?;
    Ok(Redirect::to("/account").into_response())
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Data {
    bin: String,
    name: String,
    phone: String,
    email: String,
    role: String,
    number: String,
    dated: String,
    valid_until: String,
}

impl Data {
    fn form(&self) -> entities::Form {
        entities::Form {
            bin: self.bin.clone(),
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            role: self.role.clone(),
            number: self.number.clone(),
            dated: page::iso_day(&self.dated),
            valid_until: page::iso_day(&self.valid_until),
        }
    }
}

pub(super) async fn show_form(reader: Reader, _: Client) -> Answer {
    Ok(form_page(&reader, &Data::default(), &Problem::none()))
}

pub(super) async fn begin(reader: Reader, client: Client, sent: Scan<Data>) -> Answer {
    let lang = reader.lang;
    let form = sent.form.form();
    let begun = async {
        form.check(reader.app().today())?;
        if sent.bytes.is_empty() {
            return Err(entities::EntityRefusal::ScanMissing.at("scan"));
        }
        let upload = uploads::take(reader.app(), client.clone(), &sent.name, sent.bytes).await?;
        entities::begin(reader.app(), client, lang, &form, upload).await
    };
    match begun.await {
        Ok(id) => Ok(Redirect::to(&proving::home(Matter::Entity(id))).into_response()),
        Err(no) => Ok(form_page(&reader, &sent.form, &Problem::of(lang, no)?)),
    }
}

fn form_page(reader: &Reader, data: &Data, problem: &Problem) -> Response {
    let lang = reader.lang;
    let f = |id, label, hint, input: Input<'_>| field(problem, lang, id, label, hint, &input);
    let (role_error, scan_error) = (problem.at("role"), problem.at("scan"));
    let form = html! {
        fieldset {
            legend { (t::entity_about(lang)) }
            (f("name", t::entity_name(lang), Some(t::entity_name_hint(lang)), Input::text(&data.name, "organization", 300)))
            (f("bin", t::bin(lang), Some(t::bin_hint(lang)), Input::digits(&data.bin, 12)))
            (f("phone", t::entity_phone(lang), Some(t::entity_phone_hint(lang)), Input::phone(&data.phone)))
            (f("email", t::email(lang), Some(t::email_hint(lang)), Input::email(&data.email)))
        }
        fieldset {
            legend { (t::entity_power(lang)) }
            fieldset.choices.wrong[role_error.is_some()] #role tabindex="-1"
                aria-describedby=[page::described("role", None, role_error)] {
                legend { (t::entities_role(lang)) }
                (page::notes(lang, "role", None, role_error))
                @for one in Role::ALL {
                    label {
                        input type="radio" name="role" value=(one.code()) checked[data.role == one.code()];
                        span { (role(lang, one)) small { (role_meaning(lang, one)) } }
                    }
                }
            }
            (f("number", t::authority_number(lang), Some(t::authority_number_hint(lang)), Input::text(&data.number, "off", 60)))
            (f("dated", t::authority_date(lang), Some(t::document_valid_until_hint(lang)), Input::day(&data.dated)))
            (f("valid_until", t::authority_until(lang), Some(t::authority_until_hint(lang)), Input::day(&data.valid_until)))
            div.field.wrong[scan_error.is_some()] {
                label for="scan" { (t::scan(lang)) }
                (page::notes(lang, "scan", Some(t::scan_hint(lang)), scan_error))
                input #scan name="scan" type="file" accept="application/pdf,image/jpeg,image/png"
                    aria-describedby=[page::described("scan", Some(""), scan_error)]
                    aria-invalid=[scan_error.map(|_| "true")];
            }
        }
        div.actions { button { (t::go_on(lang)) } }
    };
    let body = html! {
        div.narrow {
            h1 { (t::entities_register(lang)) }
            p.lead { (t::entity_register_lead(lang)) }
            (page::upload(reader, "/entities/register", &form))
        }
    };
    page::show_form(reader, t::entities_register(lang), problem, &body)
}

pub(super) async fn show_registration(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    let id = id(&path)?;
    proofs(&reader, client.into(), id, chosen.way(), &Problem::none()).await
}

/// The proofs of a registration, with a way to prove more.
pub(super) async fn proofs(
    reader: &Reader,
    who: Prover,
    id: Id<EntityRegistration>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    let Prover::Client(client) = &who else { return Err(Stop::SignIn) };
    let lang = reader.lang;
    let mut op = reader.app().begin(client.clone()).await?;
    let shown = entities::registration(&mut op, id).await?;
    drop(op);
    if shown.state != State::Begun {
        return Ok(Redirect::to("/entities").into_response());
    }
    let matter = Matter::Entity(id);
    let standing = matter.standing(reader.app(), &who).await?;
    let body = html! {
        div.narrow {
            h1 { (t::prove_title(lang)) }
            section.card {
                h2 { (shown.name) }
                (facts(&[
                    (t::bin(lang), html! { span.figures { (shown.bin.as_str()) } }),
                    (t::entities_role(lang), html! { (role(lang, shown.role)) }),
                ]))
            }
            (proving::part(reader, matter, &standing, way, problem))
            @if standing.missing.is_none() {
                p { (t::entity_ready(lang)) }
                (page::post(reader, &format!("/entities/registrations/{id}/finish"),
                    &html! { button { (t::entity_send(lang)) } }))
            }
        }
    };
    Ok(page::show_form(reader, t::prove_title(lang), problem, &body))
}

/// Everything is proved: an employee reads the document.
pub(super) async fn finish(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    match entities::complete(reader.app(), client.clone(), id).await {
        Ok(()) => Ok(Redirect::to("/entities").into_response()),
        Err(no) => proofs(&reader, client.into(), id, None, &Problem::of(reader.lang, no)?).await,
    }
}

/// The people of the entity for whom the reader acts.
pub(super) async fn people(reader: Reader, client: Client) -> Answer {
    let lang = reader.lang;
    let name = client.capacity.as_ref().map(|capacity| capacity.name.clone()).unwrap_or_default();
    let mut op = reader.app().begin(client).await?;
    let (all, today) = (entities::people(&mut op).await?, op.today);
    op.commit().await?;
    let body = html! {
        h1 { (t::people_title(lang)) }
        p.lead { (name) }
        @for person in &all.people { (person_card(&reader, person, all.may_end, today)) }
        p { (t::people_more(lang)) }
    };
    Ok(page::show(&reader, t::people_title(lang), &body))
}

fn person_card(reader: &Reader, person: &Person, may_end: bool, today: Date) -> Markup {
    let (lang, authority) = (reader.lang, &person.authority);
    html! {
        section.card {
            h2 { (person.name) @if person.me { " " span.tag { (t::people_me(lang)) } } }
            (facts(&[
                (t::entities_role(lang), html! { (role(lang, authority.role)) }),
                (basis(lang, authority.basis),
                    html! { (t::authority_of(lang, format::date_short(authority.from), &person.number)) }),
                (t::entities_power(lang), html! { (power(lang, authority, today)) }),
            ]))
            @if authority.holds_on(today) && (may_end || person.me) {
                (page::post(reader, &format!("/entities/people/{}/end", person.id), &html! {
                    button.plain { (t::people_end(lang)) }
                }))
            }
        }
    }
}

/// Ends somebody's power at once.
pub(super) async fn end(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id::<AuthorityRecord>(&path)?;
    let own = client.capacity.as_ref().is_some_and(|capacity| capacity.authority == id);
    let mut op = reader.app().begin(client).await?;
    entities::end(&mut op, id).await?;
    op.commit().await?;
    Ok(Redirect::to(if own { "/entities" } else { "/entities/people" }).into_response())
}
