//! The employee's pages: sign-in, one page that lists applications and loans, and one for each loan (Rules cl.
//! [27](lending::law::CL_27), [28](lending::law::CL_28)).

mod amendments;
mod entities;
mod loan;

use app::{
    sessions::Employee,
    staff::{self, ApplicationLine, LoanLine},
};
use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client, format, staff as t};

use crate::{
    Site,
    form::Form,
    guard::{self, Answer, Reader, Who},
    page::{self, Input, Problem, field},
};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/staff", get(overview))
        .route("/staff/sign-in", get(show_sign_in).post(sign_in))
        .route("/staff/loans/{id}", get(loan::show))
        .route("/staff/loans/{id}/amendments", get(amendments::show).post(amendments::propose))
        .route(
            "/staff/loans/{id}/amendments/{amendment}/withdraw",
            get(amendments::back).post(amendments::withdraw),
        )
        .route("/staff/loans/{id}/evidence.tar", get(loan::evidence_bundle))
        .route("/staff/entities", get(entities::list))
        .route("/staff/entities/{id}", get(entities::show))
        .route("/staff/entities/{id}/picture.jpg", get(entities::picture))
        .route("/staff/entities/{id}/original", get(entities::original))
        .route("/staff/entities/{id}/accept", get(entities::show).post(entities::accept))
        .route("/staff/entities/{id}/refuse", get(entities::show).post(entities::refuse))
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Credentials {
    login: String,
    password: String,
}

async fn show_sign_in(reader: Reader) -> Answer {
    Ok(match &reader.who {
        Who::Employee(_) => Redirect::to("/staff").into_response(),
        _ => sign_in_page(&reader, "", &Problem::none()),
    })
}

async fn sign_in(reader: Reader, Form(given): Form<Credentials>) -> Answer {
    match staff::sign_in(reader.app(), reader.visitor(), given.login.trim(), &given.password).await {
        Ok(token) => {
            let mut response = Redirect::to("/staff").into_response();
            guard::set_staff_session(&mut response, &token);
            Ok(response)
        }
        Err(no) => Ok(sign_in_page(&reader, &given.login, &Problem::of(reader.lang, no)?)),
    }
}

fn sign_in_page(reader: &Reader, login: &str, problem: &Problem) -> Response {
    let lang = reader.lang;
    let form = html! {
        (field(problem, lang, "login", t::login(lang), None, &Input::text(login, "off", 60)))
        (field(problem, lang, "password", client::password(lang), None, &Input::password()))
        div.actions { button { (client::sign_in_button(lang)) } }
    };
    let body = html! {
        div.narrow {
            h1 { (t::sign_in_title(lang)) }
            (page::post(reader, "/staff/sign-in", &form))
        }
    };
    page::show_form(reader, t::sign_in_title(lang), problem, &body)
}

async fn overview(reader: Reader, employee: Employee) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(employee).await?;
    let (applications, loans) = staff::overview(&mut op).await?;
    op.commit().await?;
    let body = html! {
        h1 { (t::overview_title(lang)) }
        p { a href="/staff/entities" { (t::entities_title(lang)) } }
        (application_table(lang, &applications))
        (loan_table(lang, &loans))
    };
    Ok(page::show(&reader, t::overview_title(lang), &body))
}

fn application_table(lang: Lang, lines: &[ApplicationLine]) -> Markup {
    html! {
        div.card.wide tabindex="0" role="region" aria-labelledby="applications" {
            table {
                caption #applications { (t::applications(lang)) }
                thead { tr {
                    th scope="col" { (t::client(lang)) }
                    th scope="col" { (t::made(lang)) }
                    th scope="col" { (t::amount(lang)) }
                    th scope="col" { (t::state(lang)) }
                } }
                tbody {
                    @for line in lines {
                        tr {
                            td { (line.client) }
                            td { (format::instant(lang, line.created_at)) }
                            td.figures { (page::money(lang, line.amount)) }
                            td { (crate::client::application_state(lang, &line.state)) }
                        }
                    }
                    @if lines.is_empty() { tr { td colspan="4" { (t::none(lang)) } } }
                }
            }
        }
    }
}

fn loan_table(lang: Lang, lines: &[LoanLine]) -> Markup {
    html! {
        div.card.wide tabindex="0" role="region" aria-labelledby="loans" {
            table {
                caption #loans { (t::loans(lang)) }
                thead { tr {
                    th scope="col" { (t::client(lang)) }
                    th scope="col" { (t::number(lang)) }
                    th scope="col" { (t::debt(lang)) }
                    th scope="col" { (t::next_due(lang)) }
                    th scope="col" { (t::overdue_since(lang)) }
                    th scope="col" { (t::state(lang)) }
                } }
                tbody {
                    @for line in lines {
                        tr.late[line.overdue_since.is_some()] {
                            td { (line.client) }
                            td.figures { a href={ "/staff/loans/" (line.id) } { (line.number) } }
                            td.figures { (page::money(lang, line.debt)) }
                            td { @if let Some(due) = line.next_due_on { (page::day(due)) } }
                            td { @if let Some(since) = line.overdue_since { (page::day(since)) } }
                            td { (crate::client::loan_status(lang, &line.status)) }
                        }
                    }
                    @if lines.is_empty() { tr { td colspan="6" { (t::none(lang)) } } }
                }
            }
        }
    }
}
