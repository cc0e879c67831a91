//! A loan for employees: how it stands on a date, and what leads to each of its figures.

use app::{
    evidence,
    sessions::Employee,
    staff::{self, Action, LoanSeen},
};
use axum::{extract::Path, http::StatusCode};
use jiff::civil::Date;
use lending::{
    loan::{Loan, RowKind},
    money::Money,
    report::explain::{Explanation, Figure},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, explain as t, format, staff as of_staff};

use crate::{
    explained::{explained, figure},
    form::Query,
    guard::{Answer, Reader, Stop},
    page::{self, facts, money},
};

/// What is looked at; today's payoff if nothing is said.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Look {
    figure: String,
    on: String,
}

pub(super) async fn show(
    reader: Reader,
    employee: Employee,
    Path(id): Path<String>,
    Query(look): Query<Look>,
) -> Answer {
    let lang = reader.lang;
    let id = id.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))?;
    let chosen = match look.figure.as_str() {
        "" => Figure::Payoff,
        figure => figure.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))?,
    };
    let may_export = employee.role.may(Action::ExportEvidence);
    let mut op = reader.app().begin(employee).await?;
    let seen = staff::loan(&mut op, id, &chosen.to_string()).await?;
    op.commit().await?;
    let on = match look.on.as_str() {
        "" => seen.known.today,
        typed => page::iso_day(typed).parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))?,
    };
    let loan = seen.known.on(on)?;
    let told = seen.known.explain(chosen, on).ok();
    let title = t::loan(lang, &seen.known.number);
    let body = html! {
        h1 { (title) }
        (state(lang, &seen, &loan))
        (question(lang, chosen, on))
        (explanation(lang, chosen, told.as_ref()))
        (rows(lang, &loan))
        p { a href={ "/staff/loans/" (seen.known.id) "/amendments" } { (texts::client::amendments_title(lang)) } }
        @if may_export { (bundle(lang, &seen)) }
    };
    Ok(page::show(&reader, &title, &body))
}

/// The evidence of the agreement as one file; that it was taken is recorded.
pub(super) async fn evidence_bundle(reader: Reader, employee: Employee, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))?;
    Ok(crate::client::bundle(evidence::export(reader.app(), employee, id).await?))
}

fn bundle(lang: Lang, seen: &LoanSeen) -> Markup {
    html! {
        section.card {
            h2 { (of_staff::evidence_title(lang)) }
            p { (of_staff::evidence_lead(lang)) }
            a.button.plain href={ "/staff/loans/" (seen.known.id) "/evidence.tar" } { (of_staff::evidence_take(lang)) }
        }
    }
}

/// A link to what leads to a figure.
fn why(lang: Lang, asked: Figure, on: Date, amount: Money) -> Markup {
    html! { a.figures href={ "?figure=" (asked) "&on=" (on) "#why" } { (money(lang, amount)) } }
}

fn state(lang: Lang, seen: &LoanSeen, loan: &Loan) -> Markup {
    let (debt, on) = (&loan.debt, loan.as_of);
    let status = if seen.known.cancelled { "cancelled".to_owned() } else { code(loan) };
    html! {
        section.card {
            p { (seen.client) ", " (crate::client::loan_status(lang, &status)) ", " (format::date(lang, on)) }
            (facts(&[
                (t::principal(lang), why(lang, Figure::Principal, on, debt.principal())),
                (t::interest(lang), why(lang, Figure::Interest, on, debt.interest())),
                (t::penalty(lang), why(lang, Figure::Penalty, on, debt.penalty)),
                (t::overdue(lang), why(lang, Figure::Overdue, on, debt.overdue())),
                (t::payoff(lang), why(lang, Figure::Payoff, on, loan.payoff().to_bring)),
            ]))
            @if let Some(next) = &loan.next_due {
                (facts(&[(t::next_installment(lang), html! {
                    (page::day(next.on)) ", " (why(lang, Figure::NextInstallment, on, next.to_bring))
                })]))
            }
            dl.facts {
                @for (account, balance) in loan.balances() {
                    @if !balance.is_zero() {
                        div {
                            dt { (figure(lang, Figure::Balance(account))) }
                            dd { (why(lang, Figure::Balance(account), on, balance)) }
                        }
                    }
                }
            }
        }
    }
}

/// The stored code of a status.
fn code(loan: &Loan) -> String {
    let code = serde_json::to_value(loan.status).unwrap_or_default();
    code.as_str().unwrap_or_default().to_owned()
}

fn question(lang: Lang, chosen: Figure, on: Date) -> Markup {
    let general = Figure::GENERAL.into_iter();
    let more = (!Figure::GENERAL.contains(&chosen)).then_some(chosen);
    html! {
        form.card action="#why" method="get" {
            label for="figure" { (t::choose(lang)) }
            select #figure name="figure" {
                @for one in general.chain(more) {
                    option value=(one) selected[one == chosen] { (figure(lang, one)) }
                }
            }
            label for="on" { (t::on(lang)) }
            input #on name="on" value=(format::date_short(on)) inputmode="numeric" autocomplete="off" maxlength="10";
            div.actions { button { (t::show(lang)) } }
        }
    }
}

fn explanation(lang: Lang, chosen: Figure, told: Option<&Explanation>) -> Markup {
    let lines = told.map_or(&[][..], |told| &told.lines);
    html! {
        section #why {
            h2 { (t::title(lang)) }
            p { (t::lead(lang)) }
            div.card.wide tabindex="0" role="region" aria-labelledby="explained" {
                table {
                    caption #explained { (figure(lang, chosen)) }
                    thead { tr {
                        th scope="col" { (t::day(lang)) }
                        th scope="col" { (t::step(lang)) }
                        th scope="col" { (t::change(lang)) }
                        th scope="col" { (t::total(lang)) }
                    } }
                    tbody {
                        @for line in lines {
                            tr {
                                td {
                                    @if line.from != line.on { (page::day(line.from)) " – " }
                                    (page::day(line.on))
                                }
                                td { (explained(lang, line)) }
                                td.figures { (money(lang, line.amount_tiyn)) }
                                td.figures { (money(lang, line.total_tiyn)) }
                            }
                        }
                        @if lines.is_empty() { tr { td colspan="4" { (t::none(lang)) } } }
                    }
                }
            }
        }
    }
}

fn rows(lang: Lang, loan: &Loan) -> Markup {
    html! {
        div.card.wide tabindex="0" role="region" aria-labelledby="rows" {
            table {
                caption #rows { (texts::client::schedule_title(lang)) }
                thead { tr {
                    th scope="col" { (of_staff::next_due(lang)) }
                    th scope="col" { (t::principal(lang)) }
                    th scope="col" { (t::interest(lang)) }
                } }
                tbody {
                    @for row in &loan.rows {
                        tr {
                            td { (page::day(row.due_on)) }
                            td.figures { (money(lang, row.principal)) }
                            td {
                                @if row.kind == RowKind::Installment {
                                    (why(lang, Figure::RowInterest(row.number), loan.as_of, row.interest))
                                } @else {
                                    span.figures { (money(lang, row.interest)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
