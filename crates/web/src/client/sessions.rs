//! Where a client is signed in.

use app::{
    identity,
    sessions::{self, Client},
};
use axum::response::{IntoResponse, Redirect};
use maud::html;
use texts::{client as t, format};

use crate::{
    form::{Form, Nothing},
    guard::{Answer, Reader},
    page,
};

pub(super) async fn show(reader: Reader, client: Client) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client).await?;
    let sessions = sessions::list(&mut op).await?;
    let devices = identity::devices(&mut op).await?;
    op.commit().await?;
    let body = html! {
        h1 { (t::sessions_title(lang)) }
        p.lead { (t::sessions_lead(lang)) }
        @for session in &sessions {
            div.card {
                h2 { (device(&session.device)) @if session.current { " " span.tag { (t::sessions_this(lang)) } } }
                (page::facts(&[
                    (t::sessions_since(lang), html! { (format::instant(lang, session.created_at)) }),
                    (t::sessions_seen(lang), html! { (format::instant(lang, session.last_seen_at)) }),
                    (t::sessions_address(lang), html! { (session.address) }),
                ]))
            }
        }
        section.card {
            h2 { (t::devices_title(lang)) }
            p { (t::devices_lead(lang)) }
            @for known in &devices {
                h3 { (device(&known.name)) @if known.current { " " span.tag { (t::sessions_this(lang)) } } }
                (page::facts(&[
                    (t::devices_first(lang), html! { (format::instant(lang, known.first_seen_at)) }),
                    (t::sessions_seen(lang), html! { (format::instant(lang, known.last_seen_at)) }),
                    (t::sessions_address(lang), html! { (known.address) }),
                ]))
            }
        }
        @if sessions.len() > 1 || devices.len() > 1 {
            (page::post(&reader, "/account/sessions/end-others", &html! { button { (t::sessions_end_others(lang)) } }))
        } @else {
            p.quiet { (t::sessions_only_this(lang)) }
        }
    };
    Ok(page::show(&reader, t::sessions_title(lang), &body))
}

pub(super) async fn end_others(reader: Reader, client: Client, _: Form<Nothing>) -> Answer {
    let mut op = reader.app().begin(client).await?;
    sessions::end_others(&mut op).await?;
    identity::forget_other_devices(&mut op).await?;
    op.commit().await?;
    Ok(Redirect::to("/account/sessions").into_response())
}

/// A browser's long name as people know it.
fn device(name: &str) -> String {
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| name.contains(mark)).map(|(_, s)| *s);
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser", "Yandex Browser"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => name.chars().take(40).collect(),
    }
}
