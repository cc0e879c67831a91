//! A digital signature on the phone, by eGov Mobile, for a legal entity by eGov Business (Rules cl. [35.1](lending::law::CL_35_1)): a QR code for the phone
//! beside this screen, a link for the phone that this screen is on. What the phone then asks us is in
//! [`callbacks`](crate::callbacks).

use app::identity::{
    egov_mobile,
    signatures::{Progress, Statement, Way as By},
};
use axum::response::Redirect;
use lending::confirmation::ProofKind;
use maud::{Markup, html};
use texts::{Lang, refusals, signature as t};

use super::{At, Proving, Way, computer, home};
use crate::{
    form::{Form, Nothing},
    guard::Answer,
    page,
    qr::qr,
};

/// The way, by name.
const NAME: &str = "egov";

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    let form = || match at.standing.awaited(By::EgovMobile) {
        Some(statement) => wait(at, statement),
        None => begin(at),
    };
    let wanted = at.standing.signatures && at.standing.wants(ProofKind::DigitalSignature);
    let title = said(at, t::way_phone, t::way_phone_entity);
    wanted.then(|| Way { name: NAME, title, form: form() })
}

/// A person signs with one application, who signs for an entity with the other.
fn said(at: &At<'_>, mobile: fn(Lang) -> &'static str, business: fn(Lang) -> &'static str) -> &'static str {
    if at.standing.bin.is_some() { business(at.lang) } else { mobile(at.lang) }
}

fn begin(at: &At<'_>) -> Markup {
    html! {
        p { (said(at, t::phone_lead, t::phone_lead_entity)) }
        (computer::for_entity(at))
        (page::notes(at.lang, NAME, None, at.problem.at("signature")))
        (page::post(at.reader, &at.action("egov/ask"), &html! {
            div.actions { button { (t::phone_begin(at.lang)) } }
        }))
    }
}

fn wait(at: &At<'_>, statement: &Statement) -> Markup {
    let lang = at.lang;
    let site = &at.reader.site;
    let address = egov_mobile::address(&site.settings.domain, &egov_mobile::link(&site.app, statement.id));
    let text = egov_mobile::code(&address);
    let here = format!("{}?way={NAME}", home(at.matter));
    let refused = match &statement.progress {
        Progress::Awaited(Some(code)) => refusals::by_code(lang, code),
        _ => None,
    };
    html! {
        p { (said(at, t::phone_scan, t::phone_scan_entity)) }
        (qr(&text, said(at, t::phone_code, t::phone_code_entity)))
        p {
            a.button.plain href=(egov_mobile::launch(&address, statement.bin.is_some())) rel="noreferrer" {
                (said(at, t::phone_open, t::phone_open_entity))
            }
        }
        (computer::for_entity(at))
        div #phone-progress data-live {
            p.told role="status" data-follow=(here) { (t::phone_waiting(lang)) }
            @if let Some(refused) = refused { p.error role="alert" { (refused) } }
        }
        // Without a script the page comes again by itself.
        noscript { meta http-equiv="refresh" content="10"; }
        p.unscripted { a.button href=(here) { (t::phone_check(lang)) } }
        details { summary { (t::phone_text(lang)) } p #qr-text .figures { (text) } }
        (computer::what(lang, statement))
        (page::post(at.reader, &at.action("egov/ask"), &html! { button.link { (t::phone_again(lang)) } }))
    }
}

pub(super) async fn ask(proving: Proving, _: Form<Nothing>) -> Answer {
    computer::begun(proving, By::EgovMobile, NAME).await
}

/// Somebody reloads the answer to a form of this way.
pub(super) async fn back(proving: Proving) -> Redirect {
    Redirect::to(&format!("{}?way={NAME}", home(proving.matter)))
}
