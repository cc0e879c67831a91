//! A digital signature on the phone, by eGov Mobile (Rules cl. [35.1](lending::law::CL_35_1)): a QR code for the phone
//! beside this screen, a link for the phone that this screen is on. What the phone then asks us is in
//! [`callbacks`](crate::callbacks).

use app::identity::{
    egov_mobile,
    signatures::{Progress, Statement, Way as By},
};
use axum::response::Redirect;
use lending::confirmation::ProofKind;
use maud::{Markup, html};
use texts::{refusals, signature as t};

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
    wanted.then(|| Way { name: NAME, title: t::way_phone(at.lang), form: form() })
}

fn begin(at: &At<'_>) -> Markup {
    html! {
        p { (t::phone_lead(at.lang)) }
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
        p { (t::phone_scan(lang)) }
        (qr(&text, t::phone_code(lang)))
        p { a.button.plain href=(egov_mobile::launch(&address)) rel="noreferrer" { (t::phone_open(lang)) } }
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
