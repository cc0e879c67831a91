//! The personal account's first page: what is owed today, what comes next, what is under way (Rules cl.
//! [7.4](lending::law::CL_7_4), [7.5](lending::law::CL_7_5)).

use app::{
    applications::{self, State},
    loans,
    sessions::Client,
};
use maud::{Markup, html};
use texts::{Lang, client as t};

use super::{application_state, loan};
use crate::{
    guard::{Answer, Reader},
    page,
};

/// Loans whose state is computed for this page; older ones are a line each.
const LIVE_MAX: usize = 5;

pub(super) async fn show(reader: Reader, client: Client) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client).await?;
    let lines = loans::loans(&mut op).await?;
    let (ended, live): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| matches!(line.status.as_str(), "closed" | "cancelled"));
    let mut shown = Vec::new();
    for line in live.iter().take(LIVE_MAX) {
        shown.push(loans::loan(&mut op, line.id).await?);
    }
    let applications = applications::applications(&mut op).await?;
    op.commit().await?;
    let under_way: Vec<_> = applications.iter().filter(|a| a.state != State::Signed).take(5).collect();
    let body = html! {
        h1 { (t::account_title(lang)) }
        @for loan in &shown {
            @let link = html! { h2 { a href={ "/loans/" (loan.id) } { (t::loan_number(lang, &loan.number)) } } };
            (loan::summary(lang, loan, &link))
        }
        @for application in &under_way { (progress(lang, application)) }
        @if shown.is_empty() && !under_way.iter().any(|a| matches!(a.state, State::Checking | State::Approved)) {
            div.card {
                h2 { (t::account_empty_title(lang)) }
                p { (t::account_empty(lang)) }
                a.button href="/" { (t::apply_title(lang)) }
            }
        }
        @if !ended.is_empty() {
            section.card {
                h2 { (t::account_closed(lang)) }
                ul {
                    @for line in &ended {
                        li {
                            a href={ "/loans/" (line.id) } { (t::loan_number(lang, &line.number)) } " "
                            span.tag { (super::loan_status(lang, &line.status)) }
                        }
                    }
                }
            }
        }
        p { a href="/entities" { (t::entities_title(lang)) } }
        p { a href="/account/security" { (t::security_title(lang)) } }
        p { a href="/account/sessions" { (t::sessions_title(lang)) } }
    };
    Ok(page::show(&reader, t::account_title(lang), &body))
}

fn progress(lang: Lang, application: &applications::Shown) -> Markup {
    html! {
        section.card {
            h2 {
                (t::application_of(lang, page::money(lang, application.asked.amount))) " "
                span.tag.bad[application.state == State::Declined] { (application_state(lang, application.state.code())) }
            }
            a.button.plain[application.state != State::Approved] href={ "/applications/" (application.id) } {
                @if application.state == State::Approved { (t::application_sign(lang)) } @else { (t::application_open(lang)) }
            }
        }
    }
}
