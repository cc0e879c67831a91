//! Other terms for a loan, proposed by an employee (Rules cl. [9.a](lending::law::CL_9_A)).

use app::{
    amendments::{self, Amendment, Form as Proposed, Shown, State},
    id::Id,
    loans::Loan,
    sessions::Employee,
    staff::{self, Action},
};
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use maud::{Markup, html};
use texts::{Lang, client, format, staff as t};

use crate::{
    form::{Form, Nothing},
    guard::{Answer, Reader, Stop},
    page::{self, Input, Problem, facts, field, money},
};

fn id<T>(text: &str) -> Result<Id<T>, Stop> {
    text.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))
}

pub(super) async fn show(reader: Reader, employee: Employee, Path(path): Path<String>) -> Answer {
    loan_page(&reader, employee, id(&path)?, &Proposed::default(), &Problem::none()).await
}

pub(super) async fn propose(
    reader: Reader,
    employee: Employee,
    Path(path): Path<String>,
    Form(typed): Form<Proposed>,
) -> Answer {
    let loan: Id<Loan> = id(&path)?;
    let form = Proposed { next_due: page::iso_day(&typed.next_due), ..typed.clone() };
    let mut op = reader.app().begin(employee.clone()).await?;
    match amendments::propose(&mut op, loan, &form).await {
        Ok(_) => {
            op.commit().await?;
            Ok(Redirect::to(&format!("/staff/loans/{loan}/amendments")).into_response())
        }
        Err(no) => {
            drop(op);
            loan_page(&reader, employee, loan, &typed, &Problem::of(reader.lang, no)?).await
        }
    }
}

pub(super) async fn withdraw(
    reader: Reader,
    employee: Employee,
    Path((path, which)): Path<(String, String)>,
    _: Form<Nothing>,
) -> Answer {
    let loan: Id<Loan> = id(&path)?;
    let which: Id<Amendment> = id(&which)?;
    let mut op = reader.app().begin(employee.clone()).await?;
    match amendments::withdraw(&mut op, which).await {
        Ok(_) => {
            op.commit().await?;
            Ok(Redirect::to(&format!("/staff/loans/{loan}/amendments")).into_response())
        }
        Err(no) => {
            drop(op);
            let problem = Problem::of(reader.lang, no)?;
            loan_page(&reader, employee, loan, &Proposed::default(), &problem).await
        }
    }
}

/// Somebody reloads the answer to the form.
pub(super) async fn back(_: Employee, Path((path, _)): Path<(String, String)>) -> Answer {
    let loan: Id<Loan> = id(&path)?;
    Ok(Redirect::to(&format!("/staff/loans/{loan}/amendments")).into_response())
}

async fn loan_page(
    reader: &Reader,
    employee: Employee,
    loan: Id<Loan>,
    typed: &Proposed,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let may = employee.role.may(Action::ProposeAmendments);
    let mut op = reader.app().begin(employee).await?;
    let seen = staff::loan(&mut op, loan, "amendments").await?;
    let all = amendments::of_any_loan(&mut op, loan).await?;
    op.commit().await?;
    let now = seen.known.on(seen.known.today)?;
    let title = t::amendments_title(lang, &seen.known.number);
    let open = all.iter().any(|shown| shown.state == State::Proposed);
    let body = html! {
        h1 { (title) }
        section.card {
            p { (seen.client) ", " a href={ "/staff/loans/" (loan) } { (client::loan_number(lang, &seen.known.number)) } }
            (facts(&[
                (client::nominal_rate(lang), html! { span.figures { (format::percent(lang, i64::from(now.rate.ppm()))) } }),
                (client::penalty(lang), html! { span.figures { (money(lang, now.debt.penalty)) } }),
                (client::amended_due(lang), html! { span.figures { (money(lang, now.debt.overdue())) } }),
            ]))
        }
        (list(reader, loan, &all, may))
        @if may && !open {
            section.card {
                h2 { (t::amendment_propose(lang)) }
                p { (t::amendment_lead(lang)) }
                (page::post(reader, &format!("/staff/loans/{loan}/amendments"), &form(lang, typed, problem)))
            }
        }
    };
    Ok(page::show_form(reader, &title, problem, &body))
}

fn form(lang: Lang, typed: &Proposed, problem: &Problem) -> Markup {
    let digits =
        |name, label, hint, value| field(problem, lang, name, label, hint, &Input::digits(value, 20));
    html! {
        (digits("rate", t::amendment_rate(lang), Some(t::amendment_rate_hint(lang)), &typed.rate))
        (field(problem, lang, "next_due", t::amendment_next_due(lang), Some(t::amendment_next_due_hint(lang)), &Input::day(&typed.next_due)))
        (digits("more_installments", t::amendment_more(lang), None, &typed.more_installments))
        (digits("grace_on_principal", t::amendment_grace_principal(lang), Some(t::amendment_grace_hint(lang)), &typed.grace_on_principal))
        (digits("grace_on_interest", t::amendment_grace_interest(lang), Some(t::amendment_grace_hint(lang)), &typed.grace_on_interest))
        (digits("interest_waived", t::amendment_waive_interest(lang), Some(t::amendment_waive_hint(lang)), &typed.interest_waived))
        (digits("penalty_waived", t::amendment_waive_penalty(lang), Some(t::amendment_waive_hint(lang)), &typed.penalty_waived))
        div.actions { button { (t::amendment_send(lang)) } }
    }
}

fn list(reader: &Reader, loan: Id<Loan>, all: &[Shown], may: bool) -> Markup {
    let lang = reader.lang;
    html! {
        div.card.wide tabindex="0" role="region" aria-labelledby="amendments" {
            table {
                caption #amendments { (client::amendments_title(lang)) }
                thead { tr {
                    th scope="col" { (t::amendment_proposal(lang)) }
                    th scope="col" { (t::made(lang)) }
                    th scope="col" { (t::state(lang)) }
                } }
                tbody {
                    @for shown in all {
                        tr {
                            td { ul { @for part in parts(lang, shown) { li { (part) } } } }
                            td { (format::instant(lang, shown.proposed_at)) }
                            td {
                                (crate::client::amendment_state(lang, shown.state))
                                @if may && shown.state == State::Proposed {
                                    (page::post(reader, &format!("/staff/loans/{loan}/amendments/{}/withdraw", shown.id),
                                        &html! { button.link { (t::amendment_withdraw(lang)) } }))
                                }
                            }
                        }
                    }
                    @if all.is_empty() { tr { td colspan="3" { (t::none(lang)) } } }
                }
            }
        }
    }
}

/// What a proposal says, part by part.
fn parts(lang: Lang, shown: &Shown) -> Vec<String> {
    let p = &shown.proposal;
    let part = |name: &str, value: String| format!("{name}: {value}");
    let count = |name, count: u16| (count > 0).then(|| part(name, count.to_string()));
    let amount =
        |name, amount: lending::money::Money| amount.is_positive().then(|| part(name, money(lang, amount)));
    [
        p.rate.map(|rate| part(t::amendment_rate(lang), format::percent(lang, i64::from(rate.ppm())))),
        p.next_due.map(|day| part(t::amendment_next_due(lang), format::date_short(day))),
        count(t::amendment_more(lang), p.more_installments),
        count(t::amendment_grace_principal(lang), p.grace_on_principal),
        count(t::amendment_grace_interest(lang), p.grace_on_interest),
        amount(t::amendment_waive_interest(lang), p.interest_waived),
        amount(t::amendment_waive_penalty(lang), p.penalty_waived),
    ]
    .into_iter()
    .flatten()
    .collect()
}
