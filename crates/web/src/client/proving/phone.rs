//! The password, and the code by SMS (Rules cl. [35.3](lending::law::CL_35_3)).

use app::identity::Matter;
use lending::confirmation::Factor;
use maud::{Markup, html};
use serde::Deserialize;
use texts::client as t;

use super::{At, Proving, Way};
use crate::{
    form::{Form, Nothing},
    guard::Answer,
    page::{self, Input, field},
};

/// The way of the code, by name.
pub(super) const CODE: &str = "code";

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Secrets {
    password: String,
    code: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Password {
    password: String,
}

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    let with_password = at.wants(Factor::Password);
    let title = if with_password { t::prove_password_and_code(at.lang) } else { t::prove_code(at.lang) };
    at.wants(Factor::SmsCode).then(|| Way { name: CODE, title, form: code_form(at, with_password) })
}

fn code_form(at: &At<'_>, with_password: bool) -> Markup {
    let (lang, phone) = (at.lang, at.standing.phone.as_str());
    let send = at.action("code/send");
    if !at.standing.code_sent {
        return html! {
            p { @if phone.is_empty() { (t::prove_code_lead_unknown(lang)) } @else { (t::prove_code_lead(lang, phone)) } }
            (page::post(at.reader, &send, &html! { button { (t::code_send(lang)) } }))
        };
    }
    html! {
        p.told { @if phone.is_empty() { (t::sign_in_code_sent(lang)) } @else { (t::code_sent_to(lang, phone)) } }
        (page::post(at.reader, &at.action(CODE), &html! {
            @if with_password { (password_field(at)) }
            (field(at.problem, lang, "code", t::code(lang), Some(t::code_hint(lang)), &Input::code()))
            @if let Matter::Application(_) = at.matter { p.hint { (t::sign_binding(lang)) } }
            div.actions { button { (t::prove_button(lang)) } }
        }))
        (page::post(at.reader, &send, &html! { button.link { (t::code_again(lang)) } }))
    }
}

fn password_field(at: &At<'_>) -> Markup {
    field(at.problem, at.lang, "password", t::password(at.lang), None, &Input::password())
}

/// The password alone: where it goes with something else than a code.
pub(super) fn password(at: &At<'_>) -> Option<Way> {
    let form = || {
        page::post(
            at.reader,
            &at.action("password"),
            &html! {
                (password_field(at))
                div.actions { button { (t::prove_button(at.lang)) } }
            },
        )
    };
    let title = t::prove_password(at.lang);
    at.wants(Factor::Password).then(|| Way { name: "password", title, form: form() })
}

pub(super) async fn send(proving: Proving, _: Form<Nothing>) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let sent = matter.send_code(reader.app(), who, reader.lang).await;
    proving.answer(CODE, sent).await
}

pub(super) async fn take(proving: Proving, Form(given): Form<Secrets>) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let taken = if given.password.is_empty() {
        matter.take_code(reader.app(), who, &given.code).await
    } else {
        matter.take_password_and_code(reader.app(), who, &given.password, &given.code).await
    };
    proving.answer(CODE, taken).await
}

pub(super) async fn take_password(proving: Proving, Form(given): Form<Password>) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let taken = matter.take_password(reader.app(), who, &given.password).await;
    proving.answer("password", taken).await
}
