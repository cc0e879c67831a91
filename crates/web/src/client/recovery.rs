//! Another password for who has lost theirs (Rules cl. [29](lending::law::CL_29)): the same pages whether or not there is
//! such a client.

use app::{
    identity::{self, Matter, Prover},
    sessions::Recoverer,
};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;
use texts::client as t;

use super::proving::{self, Chosen};
use crate::{
    form::{Form, Query},
    guard::{self, Answer, Reader},
    page::{self, Input, Problem, field},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lost {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewPassword {
    password: String,
}

pub(super) async fn show(reader: Reader) -> Response {
    begin_page(&reader, "", &Problem::none())
}

pub(super) async fn begin(reader: Reader, Form(lost): Form<Lost>) -> Answer {
    match identity::begin_recovery(reader.app(), reader.visitor(), &lost.name).await {
        Ok(token) => {
            let mut response = Redirect::to(&proving::home(Matter::Recovery)).into_response();
            guard::set_session(&mut response, &token);
            Ok(response)
        }
        Err(no) => Ok(begin_page(&reader, &lost.name, &Problem::of(reader.lang, no)?)),
    }
}

fn begin_page(reader: &Reader, name: &str, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        (field(problem, lang, "name", t::sign_in_name(lang), Some(t::sign_in_name_hint(lang)), &Input::text(name, "off", 40)))
        div.actions { button { (t::go_on(lang)) } }
    };
    let body = html! {
        div.narrow {
            h1 { (t::recover_title(lang)) }
            p.lead { (t::recover_lead(lang)) }
            (page::post(reader, "/recover", &form))
        }
    };
    page::show_form(reader, t::recover_title(lang), problem, &body)
}

pub(super) async fn show_proofs(reader: Reader, who: Recoverer, Query(chosen): Query<Chosen>) -> Answer {
    proofs(&reader, who.into(), chosen.way(), &Problem::none()).await
}

/// What is still to be proved; then the new password.
pub(super) async fn proofs(reader: &Reader, who: Prover, way: Option<&str>, problem: &Problem) -> Answer {
    let lang = reader.lang;
    let standing = Matter::Recovery.standing(reader.app(), &who).await?;
    let body = html! {
        div.narrow {
            h1 { (t::recover_title(lang)) }
            @if standing.missing.is_some() {
                (proving::part(reader, Matter::Recovery, &standing, way, problem))
            } @else {
                (page::post(reader, "/recover/finish", &html! {
                    (field(problem, lang, "password", t::password_new(lang), Some(t::password_hint(lang)), &Input::password()))
                    div.actions { button { (t::recover_button(lang)) } }
                }))
            }
        }
    };
    Ok(page::show_form(reader, t::recover_title(lang), problem, &body))
}

pub(super) async fn finish(reader: Reader, who: Recoverer, Form(given): Form<NewPassword>) -> Answer {
    match identity::recover(reader.app(), who.clone(), &given.password).await {
        Ok(()) => {
            let mut response = Redirect::to("/recover/done").into_response();
            guard::clear_session(&mut response);
            Ok(response)
        }
        Err(no) => proofs(&reader, who.into(), None, &Problem::of(reader.lang, no)?).await,
    }
}

pub(super) async fn done(reader: Reader) -> Response {
    let lang = reader.lang;
    let body = html! {
        div.narrow {
            h1 { (t::recover_done_title(lang)) }
            p.lead { (t::recover_done(lang)) }
            p { a.button href="/sign-in" { (t::sign_in_title(lang)) } }
        }
    };
    page::show(&reader, t::recover_done_title(lang), &body)
}
