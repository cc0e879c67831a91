//! Registration of an individual (Rules cl. [6.a](lending::law::CL_6_A), [6.c](lending::law::CL_6_C),
//! [6.d](lending::law::CL_6_D)): data and consents, then the proofs.

use app::{
    identity::{self, Consent, Matter, Prover},
    sessions::Registrant,
};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};

use super::proving::{self, Chosen};
use crate::{
    form::{Form, Nothing, Query},
    guard::{self, Answer, Reader, Who},
    page::{self, Input, Problem, agree, field, long_text},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Data {
    surname: String,
    given_name: String,
    patronymic: String,
    iin: String,
    document_number: String,
    document_valid_until: String,
    phone: String,
    email: String,
    password: String,
    personal_data: String,
    electronic: String,
}

impl Data {
    fn agreed(&self) -> [(&'static str, &'static str, bool); 2] {
        [
            ("personal_data", "personal-data", self.personal_data == "yes"),
            ("electronic", "electronic-interaction", self.electronic == "yes"),
        ]
    }
}

/// A consent exactly as its page shows it, for the evidence.
fn consent_text(lang: Lang, kind: &str, organization: &str) -> String {
    if kind == "personal-data" {
        t::consent_personal_text(lang, organization)
    } else {
        t::consent_electronic_text(lang, organization)
    }
}

fn consent_label(lang: Lang, kind: &str) -> &'static str {
    if kind == "personal-data" { t::consent_personal_label(lang) } else { t::consent_electronic_label(lang) }
}

pub(super) async fn show(reader: Reader) -> Answer {
    Ok(match &reader.who {
        Who::Client(_) => Redirect::to("/account").into_response(),
        _ => data_page(&reader, &Data::default(), &Problem::none()),
    })
}

pub(super) async fn begin(reader: Reader, Form(data): Form<Data>) -> Answer {
    let lang = reader.lang;
    let organization = reader.site.settings.organization.name.in_lang(lang);
    let mut problem = Problem::none();
    for (field, kind, agreed) in data.agreed() {
        if !agreed {
            problem.say(field, t::tick_missing(lang, consent_label(lang, kind)));
        }
    }
    let consents: Vec<Consent> = data
        .agreed()
        .into_iter()
        .filter(|(.., agreed)| *agreed)
        .map(|(_, kind, _)| Consent { kind, text: consent_text(lang, kind, organization) })
        .collect();
    if !problem.is_none() {
        return Ok(data_page(&reader, &data, &problem));
    }
    let form = identity::Form {
        iin: data.iin.clone(),
        surname: data.surname.clone(),
        given_name: data.given_name.clone(),
        patronymic: data.patronymic.clone(),
        document_number: data.document_number.clone(),
        document_valid_until: page::iso_day(&data.document_valid_until),
        phone: data.phone.clone(),
        email: data.email.clone(),
        password: data.password.clone(),
    };
    match identity::begin(reader.app(), reader.visitor(), lang, &form, &consents).await {
        Ok(token) => {
            let mut response = Redirect::to(&proving::home(Matter::Registration)).into_response();
            guard::set_session(&mut response, &token);
            Ok(response)
        }
        Err(no) => Ok(data_page(&reader, &data, &Problem::of(lang, no)?)),
    }
}

/// What is still to be proved.
pub(super) async fn show_proofs(reader: Reader, who: Registrant, Query(chosen): Query<Chosen>) -> Answer {
    proofs(&reader, who.into(), chosen.way(), &Problem::none()).await
}

/// Once everything is proved: in.
pub(super) async fn finish(reader: Reader, who: Registrant, _: Form<Nothing>) -> Answer {
    go_on(&reader, who.into()).await
}

/// After a proof: in, if that was all.
pub(super) async fn go_on(reader: &Reader, who: Prover) -> Answer {
    let standing = Matter::Registration.standing(reader.app(), &who).await?;
    let (None, Prover::Registrant(registrant)) = (standing.missing, who.clone()) else {
        return Ok(Redirect::to(&proving::home(Matter::Registration)).into_response());
    };
    match identity::complete(reader.app(), registrant).await {
        Ok(token) => Ok(reader.let_in(&token)),
        Err(no) => proofs(reader, who, None, &Problem::of(reader.lang, no)?).await,
    }
}

fn data_page(reader: &Reader, data: &Data, problem: &Problem) -> Response {
    let lang = reader.lang;
    let organization = reader.site.settings.organization.name.in_lang(lang);
    let f = |id, label, hint, input: Input<'_>| field(problem, lang, id, label, hint, &input);
    let form = html! {
        fieldset {
            legend { (t::register_who(lang)) }
            p.hint { (t::register_who_hint(lang)) }
            (f("surname", t::surname(lang), None, Input::text(&data.surname, "family-name", 60)))
            (f("given_name", t::given_name(lang), None, Input::text(&data.given_name, "given-name", 60)))
            (f("patronymic", t::patronymic(lang), Some(t::patronymic_hint(lang)),
                Input::text(&data.patronymic, "additional-name", 60)))
            (f("iin", t::iin(lang), Some(t::iin_hint(lang)), Input::digits(&data.iin, 12)))
            (f("document_number", t::document_number(lang), Some(t::document_number_hint(lang)),
                Input::text(&data.document_number, "off", 12)))
            (f("document_valid_until", t::document_valid_until(lang), Some(t::document_valid_until_hint(lang)),
                Input::day(&data.document_valid_until)))
        }
        fieldset {
            legend { (t::register_contact(lang)) }
            (f("phone", t::phone(lang), Some(t::phone_hint(lang)), Input::phone(&data.phone)))
            (f("email", t::email(lang), Some(t::email_hint(lang)), Input::email(&data.email)))
        }
        fieldset {
            legend { (t::register_password(lang)) }
            (f("password", t::password_new(lang), Some(t::password_hint(lang)), Input::password()))
        }
        fieldset {
            legend { (t::register_consents(lang)) }
            @for (id, kind, agreed) in data.agreed() {
                @let title = if kind == "personal-data" {
                    t::consent_personal_title(lang)
                } else {
                    t::consent_electronic_title(lang)
                };
                (long_text(title, &consent_text(lang, kind, organization), true))
                (agree(problem, lang, id, consent_label(lang, kind), agreed))
            }
        }
        div.actions { button { (t::go_on(lang)) } }
    };
    let body = html! {
        div.narrow {
            (steps(lang, 0))
            h1 { (t::register_title(lang)) }
            p.lead { (t::register_lead(lang)) }
            (page::post(reader, "/register", &form))
        }
    };
    page::show_form(reader, t::register_title(lang), problem, &body)
}

/// The proofs of a registration, with a way to prove more.
pub(super) async fn proofs(reader: &Reader, who: Prover, way: Option<&str>, problem: &Problem) -> Answer {
    let lang = reader.lang;
    let standing = Matter::Registration.standing(reader.app(), &who).await?;
    let body = html! {
        div.narrow {
            (steps(lang, if standing.proved.len() > 1 { 2 } else { 1 }))
            h1 { (t::prove_title(lang)) }
            (proving::part(reader, Matter::Registration, &standing, way, problem))
            @if standing.missing.is_none() {
                (page::post(reader, "/register/finish", &html! { button { (t::register_finish(lang)) } }))
            } @else {
                p.quiet { (t::register_wrong_number(lang)) " " a href="/register" { (t::register_again(lang)) } }
            }
        }
    };
    Ok(page::show_form(reader, t::prove_title(lang), problem, &body))
}

/// Where one is in the registration.
fn steps(lang: Lang, now: u8) -> Markup {
    html! { p.quiet { (t::step_of(lang, now + 1, 3)) } }
}
