//! Who asks to act for a legal entity, for the employee who reads the document and decides (Rules cl.
//! [6.b](lending::law::CL_6_B)).

use app::{
    entities::{self, Claim, EntityRegistration, State, Waiting},
    id::Id,
    sessions::Employee,
    staff::Action,
};
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client, format, staff as t};

use crate::{
    client::{basis, role},
    form::{Form, Nothing},
    guard::{Answer, Reader, Stop},
    page::{self, Input, Problem, facts, field},
};

fn id(text: &str) -> Result<Id<EntityRegistration>, Stop> {
    text.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))
}

/// What waits.
pub(super) async fn list(reader: Reader, employee: Employee) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(employee).await?;
    let waiting = entities::waiting(&mut op).await?;
    op.commit().await?;
    let body = html! {
        h1 { (t::entities_title(lang)) }
        (table(lang, &waiting))
    };
    Ok(page::show(&reader, t::entities_title(lang), &body))
}

fn table(lang: Lang, waiting: &[Waiting]) -> Markup {
    html! {
        div.card.wide tabindex="0" role="region" aria-labelledby="waiting" {
            table {
                caption #waiting { (t::entities_waiting(lang)) }
                thead { tr {
                    th scope="col" { (client::entity_name(lang)) }
                    th scope="col" { (client::bin(lang)) }
                    th scope="col" { (t::client(lang)) }
                    th scope="col" { (client::entities_role(lang)) }
                    th scope="col" { (t::made(lang)) }
                } }
                tbody {
                    @for one in waiting {
                        tr {
                            td { a href={ "/staff/entities/" (one.id) } { (one.name) } }
                            td.figures { (one.bin) }
                            td { (one.person) }
                            td { (role(lang, one.role)) }
                            td { (format::instant(lang, one.confirmed_at)) }
                        }
                    }
                    @if waiting.is_empty() { tr { td colspan="5" { (t::none(lang)) } } }
                }
            }
        }
    }
}

pub(super) async fn show(reader: Reader, employee: Employee, Path(path): Path<String>) -> Answer {
    claim_page(&reader, employee, id(&path)?, &Problem::none()).await
}

async fn claim_page(
    reader: &Reader,
    employee: Employee,
    id: Id<EntityRegistration>,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let decides = employee.role.may(Action::CheckEntities);
    let mut op = reader.app().begin(employee).await?;
    let claim = entities::claim(&mut op, id).await?;
    op.commit().await?;
    let base = format!("/staff/entities/{id}");
    let body = html! {
        h1 { (claim.name) }
        div.pair {
            section.card {
                h2 { (t::entities_claim(lang)) }
                (claimed(lang, &claim))
            }
            section.card {
                h2 { (client::scan(lang)) }
                @if claim.has_picture() { p { img src={ (base) "/picture.jpg" } alt=(client::scan(lang)) width="100%"; } }
                p { a.button.plain href={ (base) "/original" } { (t::entities_original(lang)) } }
                p.quiet {
                    @match &claim.signatures {
                        Some(by) => (t::entities_scanned(lang, by)),
                        None => (t::entities_not_scanned(lang)),
                    }
                }
            }
        }
        @if decides && claim.state == State::Confirmed {
            section.card {
                h2 { (t::entities_decide(lang)) }
                p { (t::entities_decide_lead(lang)) }
                (page::post(reader, &format!("{base}/accept"),
                    &html! { div.actions { button { (t::entities_accept(lang)) } } }))
                (page::post(reader, &format!("{base}/refuse"), &html! {
                    (field(problem, lang, "reason", t::entities_reason(lang), None, &Input::text("", "off", 300)))
                    button.plain { (t::entities_refuse(lang)) }
                }))
            }
        }
    };
    Ok(page::show_form(reader, &claim.name, problem, &body))
}

fn claimed(lang: Lang, claim: &Claim) -> Markup {
    let (person, authority) = (&claim.person, &claim.authority);
    let until = authority.until.map(page::day).unwrap_or_else(|| html! { "–" });
    facts(&[
        (client::bin(lang), html! { span.figures { (claim.bin) } }),
        (t::entities_known_as(lang), html! { (claim.known_as.as_deref().unwrap_or("–")) }),
        (client::entity_phone(lang), html! { span.figures { (claim.phone) } }),
        (t::entities_person(lang), html! { (person.full_name()) }),
        (client::iin(lang), html! { span.figures { (person.iin.as_str()) } }),
        (
            client::document_number(lang),
            html! { span.figures { (person.document_number) ", " (page::day(person.document_valid_until)) } },
        ),
        (client::entities_role(lang), html! { (role(lang, authority.role)) }),
        (
            basis(lang, authority.basis),
            html! { (client::authority_of(lang, format::date_short(authority.from), &claim.number)) },
        ),
        (client::authority_until(lang), until),
    ])
}

pub(super) async fn accept(
    reader: Reader,
    employee: Employee,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    let mut op = reader.app().begin(employee.clone()).await?;
    if let Err(no) = entities::accept(&mut op, id).await {
        drop(op);
        return claim_page(&reader, employee, id, &Problem::of(reader.lang, no)?).await;
    }
    op.commit().await?;
    Ok(Redirect::to("/staff/entities").into_response())
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Refused {
    reason: String,
}

pub(super) async fn refuse(
    reader: Reader,
    employee: Employee,
    Path(path): Path<String>,
    Form(given): Form<Refused>,
) -> Answer {
    let id = id(&path)?;
    let mut op = reader.app().begin(employee.clone()).await?;
    if let Err(no) = entities::refuse(&mut op, id, &given.reason).await {
        drop(op);
        return claim_page(&reader, employee, id, &Problem::of(reader.lang, no)?).await;
    }
    op.commit().await?;
    Ok(Redirect::to("/staff/entities").into_response())
}

/// What we drew from the scan.
pub(super) async fn picture(reader: Reader, employee: Employee, Path(path): Path<String>) -> Answer {
    let mut op = reader.app().begin(employee).await?;
    let (media_type, bytes) = entities::scan(&mut op, id(&path)?, false).await?;
    op.commit().await?;
    Ok(sent_by_somebody(media_type, "inline", bytes))
}

/// The document as it came, to be saved.
pub(super) async fn original(reader: Reader, employee: Employee, Path(path): Path<String>) -> Answer {
    let mut op = reader.app().begin(employee).await?;
    let (media_type, bytes) = entities::scan(&mut op, id(&path)?, true).await?;
    op.commit().await?;
    let name = match media_type.as_str() {
        "application/pdf" => "attachment; filename=\"scan.pdf\"",
        "image/png" => "attachment; filename=\"scan.png\"",
        _ => "attachment; filename=\"scan.jpg\"",
    };
    Ok(sent_by_somebody(media_type, name, bytes))
}

/// A file that somebody sent: nothing runs in it, whatever a browser makes of it and however it is opened.
fn sent_by_somebody(media_type: String, disposition: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition.to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}
