//! Signing in and out (Rules cl. [6.e](lending::law::CL_6_E), [24.4](lending::law::CL_24_4)).

use app::{
    identity,
    refusal::No,
    sessions::{self, Token},
};
use axum::response::{IntoResponse, Redirect, Response};
use lending::phone::Phone;
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};
use uuid::Uuid;

use crate::{
    form::{Form, Nothing},
    guard::{self, Answer, Reader, Who},
    page::{self, Input, Problem, field},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Credentials {
    name: String,
    password: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ByCode {
    phone: String,
    handle: String,
    code: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ByToken {
    name: String,
    token: String,
}

pub(super) async fn show(reader: Reader) -> Answer {
    Ok(match &reader.who {
        Who::Client(_) => Redirect::to("/account").into_response(),
        _ => password_page(&reader, "", &Problem::none()),
    })
}

pub(super) async fn by_password(reader: Reader, Form(given): Form<Credentials>) -> Answer {
    let token =
        identity::sign_in_by_password(reader.app(), reader.visitor(), given.name.trim(), &given.password)
            .await;
    enter(&reader, token, |problem| password_page(&reader, &given.name, problem))
}

pub(super) async fn show_token(reader: Reader) -> Answer {
    Ok(token_page(&reader, "", &Problem::none()))
}

pub(super) async fn by_token(reader: Reader, Form(given): Form<ByToken>) -> Answer {
    let token =
        identity::sign_in_by_token(reader.app(), reader.visitor(), given.name.trim(), &given.token).await;
    enter(&reader, token, |problem| token_page(&reader, &given.name, problem))
}

fn token_page(reader: &Reader, name: &str, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        (field(problem, lang, "name", t::sign_in_name(lang), Some(t::sign_in_name_hint(lang)),
            &Input::text(name, "off", 40)))
        (field(problem, lang, "token", t::token_code(lang), Some(t::token_code_hint(lang)), &Input::code()))
        div.actions {
            button { (t::sign_in_button(lang)) }
            a.button.plain href="/sign-in" { (t::sign_in_by_password(lang)) }
        }
    };
    framed(reader, problem, &page::post(reader, "/sign-in/token", &form))
}

pub(super) async fn show_phone(reader: Reader) -> Answer {
    Ok(phone_page(&reader, "", &Problem::none()))
}

/// Sends a code, or does as if: the answer is the same for a number that nobody has.
pub(super) async fn send_code(reader: Reader, Form(given): Form<ByCode>) -> Answer {
    let lang = reader.lang;
    if Phone::parse(&given.phone).is_err() {
        let problem = Problem::of(lang, identity::IdentityRefusal::Phone.at("phone"))?;
        return Ok(phone_page(&reader, &given.phone, &problem));
    }
    match identity::request_sign_in_code(reader.app(), reader.visitor(), &given.phone).await {
        Ok(handle) => Ok(code_page(&reader, &given.phone, handle, &Problem::none())),
        Err(no) => Ok(phone_page(&reader, &given.phone, &Problem::of(lang, no)?)),
    }
}

pub(super) async fn by_code(reader: Reader, Form(given): Form<ByCode>) -> Answer {
    let Ok(handle) = given.handle.parse::<Uuid>() else {
        return Ok(phone_page(&reader, &given.phone, &Problem::none()));
    };
    let token =
        identity::sign_in_by_code(reader.app(), reader.visitor(), &given.phone, handle, &given.code).await;
    enter(&reader, token, |problem| code_page(&reader, &given.phone, handle, problem))
}

/// Ends the session of whoever asks.
pub(super) async fn sign_out(reader: Reader, _: Form<Nothing>) -> Answer {
    match &reader.who {
        Who::Visitor => {}
        Who::Recoverer(who) => end(&reader, who.clone(), who.session).await?,
        Who::Registrant(who) => end(&reader, who.clone(), who.session).await?,
        Who::Client(who) => end(&reader, who.clone(), who.session).await?,
        Who::Employee(who) => end(&reader, who.clone(), who.session).await?,
    }
    let mut response = Redirect::to("/").into_response();
    guard::clear_session(&mut response);
    Ok(response)
}

async fn end<W: app::op::Actor>(reader: &Reader, who: W, session: Uuid) -> Result<(), No> {
    let mut op = reader.app().begin(who).await?;
    sessions::end(&mut op, session).await?;
    op.commit().await
}

fn enter(reader: &Reader, token: Result<Token, No>, again: impl Fn(&Problem) -> Response) -> Answer {
    match token {
        Ok(token) => Ok(reader.let_in(&token)),
        Err(no) => Ok(again(&Problem::of(reader.lang, no)?)),
    }
}

fn password_page(reader: &Reader, name: &str, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        (field(problem, lang, "name", t::sign_in_name(lang), Some(t::sign_in_name_hint(lang)),
            &Input::text(name, "off", 40)))
        (field(problem, lang, "password", t::password(lang), None, &Input::password()))
        div.actions {
            button { (t::sign_in_button(lang)) }
            a.button.plain href="/sign-in/code" { (t::sign_in_by_code(lang)) }
        }
    };
    framed(reader, problem, &page::post(reader, "/sign-in", &form))
}

fn phone_page(reader: &Reader, phone: &str, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        (field(problem, lang, "phone", t::phone(lang), Some(t::sign_in_phone_hint(lang)), &Input::phone(phone)))
        div.actions {
            button { (t::code_send(lang)) }
            a.button.plain href="/sign-in" { (t::sign_in_by_password(lang)) }
        }
    };
    framed(reader, problem, &page::post(reader, "/sign-in/code", &form))
}

fn code_page(reader: &Reader, phone: &str, handle: Uuid, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        input type="hidden" name="phone" value=(phone);
        input type="hidden" name="handle" value=(handle);
        (field(problem, lang, "code", t::code(lang), Some(t::code_hint(lang)), &Input::code()))
        div.actions { button { (t::sign_in_button(lang)) } }
    };
    let again = html! {
        input type="hidden" name="phone" value=(phone);
        button.link { (t::code_again(lang)) }
    };
    let forms = html! {
        p.told { (t::sign_in_code_sent(lang)) }
        (page::post(reader, "/sign-in/code/answer", &form))
        (page::post(reader, "/sign-in/code", &again))
    };
    framed(reader, problem, &forms)
}

fn framed(reader: &Reader, problem: &Problem, form: &Markup) -> Response {
    let lang = reader.lang;
    let body = html! {
        div.pair {
            section {
                h1 { (t::sign_in_title(lang)) }
                @if reader.is_on_the_way() { p.told { (t::sign_in_to_go_on(lang)) } }
                (form)
                p { a href="/sign-in/token" { (t::sign_in_by_token(lang)) } }
                p { a href="/recover" { (t::recover_title(lang)) } }
                p { (t::sign_in_new(lang)) " " a href="/register" { (t::register_title(lang)) } }
            }
            (hygiene(lang))
        }
    };
    page::show_form(reader, t::sign_in_title(lang), problem, &body)
}

/// Advice on cyber hygiene (Rules cl. [24.4](lending::law::CL_24_4)).
fn hygiene(lang: Lang) -> Markup {
    html! {
        aside.card aria-labelledby="hygiene" {
            h2 #hygiene { (t::hygiene_title(lang)) }
            ul { @for line in t::hygiene_text(lang).lines() { li { (line) } } }
        }
    }
}
