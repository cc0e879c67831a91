//! A loan: what is owed today and of what it is made, payments to come and made, how to pay, papers (Rules
//! cl. [7.3](lending::law::CL_7_3), [7.5](lending::law::CL_7_5), [7.6](lending::law::CL_7_6)).

use app::{
    amendments,
    documents::{self, Kind},
    evidence::{self, Exported},
    id::Id,
    loans::{self, Shown},
    once::{Deed, Key},
    sessions::Client,
};
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use lending::{
    authority::Act,
    loan::{EarlyRepayment, LoanRow, Payment, RowKind, RowState, Status},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t, common};

use crate::{
    form::Form,
    guard::{Answer, Reader, Stop},
    page::{self, Problem, bare, facts, money},
};

/// The id in a path; what is none names nothing.
pub(super) fn id<T>(text: &str) -> Result<Id<T>, Stop> {
    text.parse().map_err(|_| Stop::Status(StatusCode::NOT_FOUND))
}

pub(super) async fn show(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    let lang = reader.lang;
    let signs = client.may(Act::Sign);
    let mut op = reader.app().begin(client).await?;
    let loan = loans::loan(&mut op, id(&path)?).await?;
    let papers = documents::ready(&mut op, loan.id).await?;
    let amendments = amendments::of_loan(&mut op, loan.id).await?;
    op.commit().await?;
    let waiting = loan.folded.status == Status::AwaitingDisbursement && !loan.cancelled;
    let living = matches!(loan.folded.status, Status::Active | Status::Overdue);
    let body = html! {
        div #loan data-live[waiting] data-follow[waiting] aria-live="polite" {
            (summary(lang, &loan, &html! { h1 { (t::loan_number(lang, &loan.number)) } }))
        }
        @if living { (super::amendments::proposed(lang, &amendments, signs)) }
        div #ways data-live[waiting] {
            @if living {
                div.pair {
                    (ways(&reader, &loan))
                    (early_card(lang, &loan))
                }
            }
        }
        @if !loan.cancelled { (rows(lang, &loan)) }
        @if !loan.folded.payments.is_empty() { (payments(lang, &loan.folded.payments)) }
        section.card {
            h2 { (t::loan_terms(lang)) }
            (terms(lang, &loan))
        }
        div #papers data-live[waiting] { (paper_list(lang, &loan, &papers, signs)) }
        (super::amendments::concluded(lang, &amendments))
    };
    Ok(page::show(&reader, &t::loan_number(lang, &loan.number), &body))
}

/// The loan in a few figures: on its own page and on the account's first.
pub(super) fn summary(lang: Lang, loan: &Shown, heading: &Markup) -> Markup {
    let f = &loan.folded;
    let debt = &f.debt;
    html! {
        section.card {
            (heading)
            @if loan.cancelled {
                p.warning { (t::loan_cancelled(lang)) }
            } @else if f.status == Status::AwaitingDisbursement {
                p.told { (t::loan_waiting(lang, &loan.iban, money(lang, loan.terms.schedule.principal))) }
            } @else if f.status == Status::Closed {
                p.told { strong { (t::loan_closed(lang)) } }
            } @else if f.status == Status::WrittenOff {
                p.told { (t::loan_written_off(lang)) }
            } @else if f.status == Status::Sold {
                p.told { (t::loan_sold(lang)) }
            } @else {
                @if let Some(since) = f.overdue_since {
                    div.warning role="status" {
                        p { strong { (t::loan_overdue(lang, money(lang, debt.overdue()))) } }
                        p { (t::loan_overdue_since(lang, texts::format::date_short(since), i64::from(f.overdue_days))) }
                    }
                }
                div.pair {
                    div {
                        p.quiet { (t::loan_debt_on(lang, texts::format::date(lang, loan.today))) }
                        p.big.figures { (money(lang, debt.total())) }
                        (facts(&[
                            (t::principal(lang), html! { span.figures { (money(lang, debt.principal())) } }),
                            (t::interest(lang), html! { span.figures { (money(lang, debt.interest())) } }),
                            (t::penalty(lang), html! { span.figures { (money(lang, debt.penalty)) } }),
                        ]))
                    }
                    @if let Some(next) = &f.next_due {
                        div {
                            p.quiet { (t::loan_next(lang)) " " (page::day(next.on)) }
                            p.big.figures { (money(lang, next.to_bring)) }
                            (facts(&[
                                (t::principal(lang), html! { span.figures { (money(lang, next.principal)) } }),
                                (t::interest(lang), html! { span.figures { (money(lang, next.interest)) } }),
                            ]))
                        }
                    }
                }
                @if f.advance.is_positive() { p.told { (t::loan_advance(lang, money(lang, f.advance))) } }
            }
            @if f.overpaid.is_positive() { p.told { (t::loan_overpaid(lang, money(lang, f.overpaid))) } }
        }
    }
}

/// Ways to repay (Rules cl. [7.6](lending::law::CL_7_6)).
fn ways(reader: &Reader, loan: &Shown) -> Markup {
    let lang = reader.lang;
    let o = &reader.site.settings.organization;
    html! {
        section.card {
            h2 { (t::pay_title(lang)) }
            p { (t::pay_lead(lang)) }
            (facts(&[
                (t::pay_to(lang), html! { (o.legal_name.in_lang(lang)) }),
                (t::pay_bin(lang), html! { span.figures { (o.bin) } }),
                (t::pay_iban(lang), html! { span.figures { (in_fours(&o.iban)) } }),
                (t::pay_bank(lang), html! { (o.bank.in_lang(lang)) ", " (o.bic) }),
                (t::pay_text(lang), html! { strong.figures { (loan.number) } }),
            ]))
            p.hint { (t::pay_hint(lang)) }
        }
    }
}

fn in_fours(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("\u{a0}")
}

fn early_card(lang: Lang, loan: &Shown) -> Markup {
    html! {
        section.card {
            h2 { (t::early_title(lang)) }
            p { (t::early_today(lang)) }
            p.big.figures { (money(lang, loan.folded.payoff().to_bring)) }
            p.hint { (t::early_free(lang)) }
            a.button.plain href={ "/loans/" (loan.id) "/early" } { (t::early_open(lang)) }
        }
    }
}

/// Upcoming and actual payments with the schedule (Rules cl. [7.5](lending::law::CL_7_5)).
fn rows(lang: Lang, loan: &Shown) -> Markup {
    html! {
        section.card {
            table.stack {
                caption { (t::schedule_title(lang)) ", ₸" }
                thead { tr {
                    th scope="col" { (t::due(lang)) }
                    th scope="col" { (t::payment(lang)) }
                    th scope="col" { (t::principal(lang)) }
                    th scope="col" { (t::interest(lang)) }
                    th scope="col" { (t::row_state(lang)) }
                } }
                tbody { @for row in &loan.folded.rows { (loan_row(lang, row)) } }
            }
            div.actions.scripted { button.plain type="button" data-print { (t::print(lang)) } }
        }
    }
}

fn loan_row(lang: Lang, row: &LoanRow) -> Markup {
    let state = match row.state {
        RowState::Upcoming => t::row_upcoming(lang).to_owned(),
        RowState::Due => t::row_due(lang).to_owned(),
        RowState::Overdue => t::row_overdue(lang, money(lang, row.unpaid())),
        RowState::Paid => match row.paid_on {
            Some(on) => t::row_paid_on(lang, texts::format::date_short(on)),
            None => t::row_paid(lang).to_owned(),
        },
        RowState::WrittenOff => t::row_written_off(lang).to_owned(),
    };
    let kind = match row.kind {
        RowKind::Installment => None,
        RowKind::EarlyRepayment => Some(t::row_early(lang)),
        RowKind::AfterMaturity => Some(t::row_after(lang)),
    };
    html! {
        tr.paid[row.state == RowState::Paid].late[row.state == RowState::Overdue] {
            td { (page::day(row.due_on)) @if let Some(kind) = kind { br; small { (kind) } } }
            td.figures { (bare(lang, row.payment())) }
            td.figures data-of=(t::principal(lang)) { (bare(lang, row.principal)) }
            td.figures data-of=(t::interest(lang)) { (bare(lang, row.interest)) }
            td data-of=(t::row_state(lang)) { (state) }
        }
    }
}

fn payments(lang: Lang, payments: &[Payment]) -> Markup {
    html! {
        section.card {
            table.stack {
                caption { (t::payments_title(lang)) ", ₸" }
                thead { tr {
                    th scope="col" { (t::paid_on(lang)) }
                    th scope="col" { (t::payment(lang)) }
                    th scope="col" { (t::principal(lang)) }
                    th scope="col" { (t::interest(lang)) }
                    th scope="col" { (t::penalty(lang)) }
                } }
                tbody {
                    @for payment in payments {
                        @let a = &payment.allocation;
                        tr.paid[payment.reversed] {
                            td { (page::day(payment.on)) @if payment.reversed { br; small { (t::payment_reversed(lang)) } } }
                            td.figures { (bare(lang, payment.amount)) }
                            td.figures data-of=(t::principal(lang)) { (bare(lang, a.overdue_principal + a.principal)) }
                            td.figures data-of=(t::interest(lang)) { (bare(lang, a.overdue_interest + a.interest)) }
                            td.figures data-of=(t::penalty(lang)) { (bare(lang, a.penalty)) }
                        }
                    }
                }
            }
        }
    }
}

fn terms(lang: Lang, loan: &Shown) -> Markup {
    let terms = &loan.terms.schedule;
    let last_due = loan.folded.rows.iter().map(|row| row.due_on).max(); // None: the money never left.
    facts(&[
        (t::amount(lang), html! { span.figures { (money(lang, terms.principal)) } }),
        (t::term(lang), html! { (months_or_days(lang, terms.period, terms.installments)) }),
        (t::amended_last_due(lang), html! { @if let Some(on) = last_due { (page::day(on)) } @else { "–" } }),
        (t::method(lang), html! { (super::draft::method_name(lang, terms.method)) }),
        (t::nominal_rate(lang), html! { span.figures { (super::draft::nominal(lang, loan.folded.rate)) } }),
        (t::signed_at(lang), html! { (texts::format::instant(lang, loan.signed_at)) }),
        (t::account_paid_to(lang), html! { span.figures { (loan.iban) } }),
    ])
}

fn paper_list(lang: Lang, loan: &Shown, papers: &[Kind], signs: bool) -> Markup {
    html! {
        section.card {
            h2 { (t::documents_title(lang)) }
            @if papers.is_empty() { p.quiet { (t::documents_none(lang)) } }
            ul {
                @for kind in papers {
                    @let title = match kind {
                        Kind::Agreement => t::document_agreement(lang),
                        Kind::EvidenceSheet => t::document_evidence(lang),
                        Kind::ClosingNotice => t::document_closing(lang),
                    };
                    li { a href={ "/loans/" (loan.id) "/documents/" (kind.code()) ".pdf" } { (title) " (PDF)" } }
                }
            }
            @if signs && papers.contains(&Kind::EvidenceSheet) {
                p { a href={ "/loans/" (loan.id) "/evidence.tar" } { (t::evidence_bundle(lang)) " (TAR)" } }
                p.hint { (t::evidence_bundle_hint(lang)) }
            }
        }
    }
}

/// The evidence of the agreement as one file (Rules cl. [12](lending::law::CL_12)).
pub(super) async fn evidence_bundle(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    Ok(bundle(evidence::export_own(reader.app(), client, id(&path)?).await?))
}

/// A bundle, to be kept.
pub(crate) fn bundle(given: Exported) -> Response {
    let disposition = format!("attachment; filename=\"evidence-{}.tar\"", given.number);
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    (headers, given.file).into_response()
}

/// A paper of the loan.
pub(super) async fn document(
    reader: Reader,
    client: Client,
    Path((path, file)): Path<(String, String)>,
) -> Answer {
    let kind = file.strip_suffix(".pdf").and_then(Kind::parse).ok_or(Stop::Status(StatusCode::NOT_FOUND))?;
    let mut op = reader.app().begin(client).await?;
    let pdf = documents::document(&mut op, id(&path)?, kind).await?;
    op.commit().await?;
    Ok(paper(&file, pdf))
}

/// A PDF, to be read in the browser or kept.
pub(super) fn paper(name: &str, pdf: Vec<u8>) -> Response {
    let disposition = format!("inline; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], pdf)
        .into_response()
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Early {
    mode: String,
    /// Drawn for the form.
    key: String,
}

pub(super) async fn show_early(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    early_page(&reader, client, &path, &Problem::none()).await
}

/// The next money beyond what is due goes to the principal.
pub(super) async fn repay_early(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Form(given): Form<Early>,
) -> Answer {
    let loan = id(&path)?;
    let deed = Deed::RepayEarly(loan);
    let key = Key::drawn(reader.app(), &client, deed, &given.key).ok_or(Stop::Forged)?;
    let mode = match given.mode.as_str() {
        "keep-term" => EarlyRepayment::KeepTerm,
        "keep-installment" => EarlyRepayment::KeepInstallment,
        _ => {
            let mut problem = Problem::none();
            problem.say("mode", t::early_choose(reader.lang));
            return early_page(&reader, client, &path, &problem).await;
        }
    };
    match loans::request_early_repayment(reader.app(), client.clone(), loan, mode, &key).await {
        Ok(()) => {
            let body = html! {
                div.narrow {
                    h1 { (t::early_done_title(reader.lang)) }
                    p.told { (t::early_done(reader.lang)) }
                    a.button href={ "/loans/" (path) } { (t::early_back(reader.lang)) }
                }
            };
            Ok(page::show(&reader, t::early_done_title(reader.lang), &body))
        }
        Err(no) => {
            let problem = Problem::of(reader.lang, no)?;
            early_page(&reader, client, &path, &problem).await
        }
    }
}

async fn early_page(reader: &Reader, client: Client, path: &str, problem: &Problem) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client.clone()).await?;
    let loan = loans::loan(&mut op, id(path)?).await?;
    op.commit().await?;
    if !matches!(loan.folded.status, Status::Active | Status::Overdue) {
        return Ok(Redirect::to(&format!("/loans/{}", loan.id)).into_response());
    }
    let payoff = loan.folded.payoff();
    let error = problem.at("mode");
    let key = Key::draw(reader.app(), &client, Deed::RepayEarly(loan.id));
    let form = html! {
        input type="hidden" name="key" value=(key);
        fieldset.choices.wrong[error.is_some()] #mode tabindex="-1" aria-describedby=[page::described("mode", None, error)] {
            legend { (t::early_mode(lang)) }
            (page::notes(lang, "mode", None, error))
            label {
                input type="radio" name="mode" value="keep-installment";
                span { (t::early_keep_installment(lang)) small { (t::early_keep_installment_hint(lang)) } }
            }
            label {
                input type="radio" name="mode" value="keep-term";
                span { (t::early_keep_term(lang)) small { (t::early_keep_term_hint(lang)) } }
            }
        }
        div.actions { button { (t::early_request(lang)) } a href={ "/loans/" (loan.id) } { (t::early_back(lang)) } }
    };
    let body = html! {
        h1 { (t::early_title(lang)) }
        div.pair {
            section.card {
                h2 { (t::early_whole(lang)) }
                p.quiet { (t::early_on(lang, texts::format::date(lang, payoff.on))) }
                p.big.figures { (money(lang, payoff.to_bring)) }
                (facts(&[
                    (t::principal(lang), html! { span.figures { (money(lang, payoff.principal)) } }),
                    (t::interest(lang), html! { span.figures { (money(lang, payoff.interest)) } }),
                    (t::penalty(lang), html! { span.figures { (money(lang, payoff.penalty)) } }),
                ]))
                p.hint { (t::early_whole_hint(lang)) }
            }
            section.card {
                h2 { (t::early_part(lang)) }
                p { (t::early_part_lead(lang)) }
                (page::post(reader, &format!("/loans/{}/early", loan.id), &form))
            }
        }
        (ways(reader, &loan))
    };
    Ok(page::show_form(reader, t::early_title(lang), problem, &body))
}

/// How long a term is.
pub(super) fn months_or_days(lang: Lang, period: lending::schedule::Period, installments: u16) -> String {
    use lending::schedule::Period;
    match period {
        Period::Months(months) => common::months(lang, i64::from(months) * i64::from(installments)),
        Period::HalfMonths if installments.is_multiple_of(2) => {
            common::months(lang, i64::from(installments) / 2)
        }
        Period::HalfMonths => common::days(lang, 15 * i64::from(installments)),
        Period::Weeks(weeks) => common::days(lang, 7 * i64::from(weeks) * i64::from(installments)),
        Period::Days(days) => common::days(lang, i64::from(days) * i64::from(installments)),
    }
}
