//! A digital signature in the browser, through NCALayer (Rules cl. [35.1](lending::law::CL_35_1)): a key in a file, on a
//! card or on a token.
//!
//! NCALayer is a program on the reader's own machine. The page's script connects to it when a button is pressed and not
//! before, and sends the signature with the form; nothing of it is kept in the browser.

use app::identity::signatures::{BYTES_MAX, SignatureRefusal, Statement, Way as By};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect},
};
use lending::{
    confirmation::ProofKind,
    iin::{Bin, Iin},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::signature as t;
use uuid::Uuid;

use super::{At, Proving, Way, home};
use crate::{
    Site,
    form::{Form, Nothing},
    guard::{Answer, Stop},
    page,
};

/// The way, by name.
const NAME: &str = "signature";

/// A sentence in the reader's language.
type Said = fn(texts::Lang) -> &'static str;

/// What the page's script says while it works, and how it ends; the first two are no errors.
const STATES: [(&str, Said); 7] = [
    ("connecting", t::computer_connecting),
    ("signing", t::computer_signing),
    ("blocked", t::computer_blocked),
    ("absent", t::computer_absent),
    ("cancelled", t::computer_cancelled),
    ("empty", t::computer_empty),
    ("failed", t::computer_failed),
];

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    let form = || match at.standing.awaited(By::Ncalayer) {
        Some(statement) => sign(at, statement),
        None => begin(at),
    };
    let wanted = at.standing.signatures && at.standing.wants(ProofKind::DigitalSignature);
    wanted.then(|| Way { name: NAME, title: t::way_computer(at.lang), form: form() })
}

fn begin(at: &At<'_>) -> Markup {
    html! {
        p { (t::computer_lead(at.lang)) }
        (for_entity(at))
        p.unscripted { (t::computer_unscripted(at.lang)) }
        (page::notes(at.lang, NAME, None, at.problem.at(NAME)))
        (page::post(at.reader, &at.action("signature/ask"), &html! {
            div.actions { button #signature { (t::computer_begin(at.lang)) } }
        }))
    }
}

fn sign(at: &At<'_>, statement: &Statement) -> Markup {
    let (lang, error) = (at.lang, at.problem.at(NAME));
    let port = at.reader.site.settings.ncalayer_port;
    html! {
        p.unscripted { (t::computer_unscripted(lang)) }
        (page::notes(lang, NAME, None, error))
        (for_entity(at))
        (what(lang, statement))
        div.scripted data-ncalayer=(port) data-form="signature-form"
            data-iin=[at.standing.iin.as_ref().map(Iin::as_str)] data-bin=[statement.bin.as_ref().map(Bin::as_str)]
            data-content=(at.action(&format!("signature/{}", statement.id))) data-lang=(lang.code()) {
            p.told { (t::computer_permission(lang)) }
            div.actions {
                button #signature type="button" data-storage="PKCS12" { (t::computer_file(lang)) }
                button.plain type="button" data-storage="" { (t::computer_card(lang)) }
            }
            @for (number, (state, text)) in STATES.iter().enumerate() {
                p.error[number > 1] role=(if number > 1 { "alert" } else { "status" }) data-say=(state) hidden { (text(lang)) }
            }
        }
        form #signature-form method="post" action=(at.action(NAME)) hidden {
            input type="hidden" name=(crate::form::TOKEN) value=(at.reader.form_token());
            input type="hidden" name="statement" value=(statement.id);
            input type="hidden" name="signature" value="";
            input type="hidden" name="storage" value="";
        }
    }
}

/// Whose key it has to be, where it is not the reader's own.
pub(super) fn for_entity(at: &At<'_>) -> Markup {
    html! { @if let Some(bin) = &at.standing.bin { p.told { (t::signs_for_entity(at.lang, bin.as_str())) } } }
}

/// The statement as it will stand behind the document, for who wants to read it.
pub(super) fn what(lang: texts::Lang, statement: &Statement) -> Markup {
    html! {
        details.text {
            summary { (t::what_is_signed(lang)) }
            div.scroll tabindex="0" role="region" aria-label=(t::what_is_signed(lang)) { pre { (statement.text) } }
        }
    }
}

pub(super) async fn ask(proving: Proving, _: Form<Nothing>) -> Answer {
    begun(proving, By::Ncalayer, NAME).await
}

/// Makes the statement, and on to where it can be signed.
pub(super) async fn begun(proving: Proving, by: By, way: &str) -> Answer {
    let Proving { reader, who, matter } = &proving;
    match matter.ask_signature(reader.app(), who, by, reader.lang).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?way={way}", home(*matter))).into_response()),
        Err(no) => proving.answer(way, Err(no)).await,
    }
}

/// The statement that an address names.
pub(super) struct Named(Uuid);

impl FromRequestParts<Site> for Named {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Stop> {
        let params = RawPathParams::from_request_parts(parts, site).await.ok();
        let found = params.as_ref().and_then(|all| all.iter().find(|(name, _)| *name == "statement"));
        let id = found.and_then(|(_, id)| Uuid::try_parse(id).ok());
        id.map(Self).ok_or(Stop::Status(StatusCode::NOT_FOUND))
    }
}

/// The bytes to be signed.
pub(super) async fn content(proving: Proving, Named(id): Named) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let (_, media_type, bytes) = matter.to_sign(reader.app(), who, id).await?;
    let kept = (header::CONTENT_DISPOSITION, "attachment");
    Ok(([(header::CONTENT_TYPE, media_type), kept], bytes).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    statement: Uuid,
    signature: String,
    storage: String,
}

pub(super) async fn take(proving: Proving, Form(given): Form<Signed>) -> Answer {
    let Proving { reader, who, matter } = &proving;
    let storage = Some(given.storage.as_str()).filter(|name| !name.is_empty());
    let taken = match given.signature.trim() {
        large if large.len() > BYTES_MAX => Err(SignatureRefusal::Unreadable.at(NAME)),
        signature => {
            matter.take_signature(reader.app(), who, given.statement, signature.as_bytes(), storage).await
        }
    };
    proving.answer(NAME, taken).await
}

/// Somebody reloads the answer to a form of this way.
pub(super) async fn back(proving: Proving) -> Redirect {
    Redirect::to(&format!("{}?way={NAME}", home(proving.matter)))
}
