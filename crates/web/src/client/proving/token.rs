//! The code of a registered token (Rules cl. [35.3](lending::law::CL_35_3)).

use lending::confirmation::Factor;
use maud::html;
use serde::Deserialize;
use texts::client as t;

use super::{At, Proving, Way};
use crate::{
    form::Form,
    guard::Answer,
    page::{self, Input, field},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Secrets {
    password: String,
    token: String,
}

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    let with_password = at.wants(Factor::Password);
    let title = if with_password { t::prove_password_and_token(at.lang) } else { t::prove_token(at.lang) };
    let form = || {
        page::post(
            at.reader,
            &at.action("token"),
            &html! {
                @if with_password {
                    (field(at.problem, at.lang, "password", t::password(at.lang), None, &Input::password()))
                }
                (field(at.problem, at.lang, "token", t::token_code(at.lang), Some(t::token_code_hint(at.lang)), &Input::code()))
                div.actions { button { (t::prove_button(at.lang)) } }
            },
        )
    };
    (at.wants(Factor::Token) && at.standing.has_token).then(|| Way { name: "token", title, form: form() })
}

pub(super) async fn take(proving: Proving, Form(given): Form<Secrets>) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let taken = async {
        if !given.password.is_empty() {
            matter.take_password(reader.app(), who, &given.password).await?;
        }
        matter.take_token(reader.app(), who, &given.token).await
    };
    let taken = taken.await;
    proving.answer("token", taken).await
}
