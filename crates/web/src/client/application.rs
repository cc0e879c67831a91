//! Applying: the form, the check of one's answers, progress and result (Rules cl.
//! [7.1](lending::law::CL_7_1), [7.4](lending::law::CL_7_4), 8).

use app::{
    applications::{self, Application, Asked, Shown, State},
    id::Id,
    identity,
    once::{Deed, Key},
    op::Op,
    organization::{self, Offered},
    refusal::Result,
    sessions::Client,
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use lending::schedule::Method;
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};

use super::{application_state, draft, loan::id};
use crate::{
    form::{Form, Nothing, Query},
    guard::{Answer, Reader, Stop},
    page::{self, Input, Problem, agree, facts, field, long_text, money},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wish {
    product: String,
    amount: String,
    term: String,
    method: String,
    purpose: String,
    income: String,
    iban: String,
    consent: String,
    change: String,
    /// Drawn for the form that sends all this.
    key: String,
}

impl Wish {
    fn form(&self) -> applications::Form {
        applications::Form {
            product: self.product.clone(),
            amount: self.amount.clone(),
            term: self.term.clone(),
            method: self.method.clone(),
            purpose: self.purpose.clone(),
            income: self.income.clone(),
            iban: self.iban.clone(),
        }
    }

    /// All of it, carried on.
    fn hidden(&self) -> Markup {
        let fields = [
            ("product", &self.product),
            ("amount", &self.amount),
            ("term", &self.term),
            ("method", &self.method),
            ("purpose", &self.purpose),
            ("income", &self.income),
            ("iban", &self.iban),
            ("consent", &self.consent),
        ];
        html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
    }
}

/// The form, with what was chosen on the first page.
pub(super) async fn show_form(reader: Reader, client: Client, Query(mut wish): Query<Wish>) -> Answer {
    let mut op = reader.app().begin(client).await?;
    let owner = op.who.party().uuid();
    if let Some(account) = identity::account(&mut op, owner).await? {
        wish.iban = account.iban.as_str().to_owned();
    }
    let (offered, today) = (offered(&mut op).await?, op.today);
    op.commit().await?;
    applications::rule_set(today)?; // Whoever cannot be lent to today need not fill in anything.
    Ok(form_page(&reader, &offered, today, &wish, &Problem::none()))
}

/// The answers, to be looked at once more before they are sent.
pub(super) async fn check(reader: Reader, client: Client, Form(wish): Form<Wish>) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client.clone()).await?;
    let read = applications::read(&mut op, &wish.form()).await;
    let (offered, today) = (offered(&mut op).await?, op.today);
    op.commit().await?;
    let mut problem = Problem::none();
    let asked = match read {
        Ok(asked) => Some(asked),
        Err(no) => {
            problem = Problem::of(lang, no)?;
            None
        }
    };
    if wish.change.is_empty() && wish.consent != "yes" {
        problem.say("consent", t::tick_missing(lang, t::consent_report_label(lang)));
    }
    match asked {
        Some(asked) if problem.is_none() && wish.change.is_empty() => {
            check_page(&reader, &client, &asked, today, &wish, &problem)
        }
        _ => Ok(form_page(&reader, &offered, today, &wish, &problem)),
    }
}

pub(super) async fn submit(reader: Reader, client: Client, Form(wish): Form<Wish>) -> Answer {
    let lang = reader.lang;
    let key = Key::drawn(reader.app(), &client, Deed::Apply, &wish.key).ok_or(Stop::Forged)?;
    let consent = (wish.consent == "yes").then(|| consent_text(&reader));
    let submitted =
        applications::submit(reader.app(), client.clone(), &wish.form(), consent.as_deref(), lang, &key)
            .await;
    match submitted {
        Ok(id) => Ok(Redirect::to(&format!("/applications/{id}")).into_response()),
        Err(no) => {
            let problem = Problem::of(lang, no)?;
            let mut op = reader.app().begin(client).await?;
            let (offered, today) = (offered(&mut op).await?, op.today);
            op.commit().await?;
            Ok(form_page(&reader, &offered, today, &wish, &problem))
        }
    }
}

/// The products for whom the reader acts.
async fn offered(op: &mut Op<Client>) -> Result<Vec<Offered>> {
    let clients = applications::clients(&op.who);
    let mut offered = organization::products(op).await?;
    offered.retain(|offer| offer.product.borrower.clients == clients);
    Ok(offered)
}

fn consent_text(reader: &Reader) -> String {
    t::consent_report_text(reader.lang, reader.site.settings.organization.name.in_lang(reader.lang))
}

fn form_page(reader: &Reader, offered: &[Offered], today: Date, wish: &Wish, problem: &Problem) -> Response {
    let lang = reader.lang;
    let chosen = offered.iter().find(|o| o.id.to_string() == wish.product).or(offered.first());
    let form = html! {
        fieldset {
            legend { (t::apply_credit(lang)) }
            (choices(problem, lang, "product", t::product(lang), &html! {
                @for offer in offered {
                    @let id = offer.id.to_string();
                    label {
                        input type="radio" name="product" value=(id) checked[chosen.is_some_and(|c| c.id == offer.id)];
                        span { (draft::product_name(lang, &offer.product)) small { (super::quote::bounds(lang, &offer.product)) } }
                    }
                }
            }))
            (field(problem, lang, "amount", t::amount_tenge(lang), None, &Input::digits(&wish.amount, 15)))
            (field(problem, lang, "term", t::term(lang), Some(t::term_hint(lang)), &Input::digits(&wish.term, 3)))
            (choices(problem, lang, "method", t::method(lang), &html! {
                @for method in offered_methods(offered) {
                    label {
                        input type="radio" name="method" value=(method.code()) checked[wish.method == method.code()];
                        span {
                            (draft::method_name(lang, method))
                            small { (method_hint(lang, method, chosen, wish, today)) }
                        }
                    }
                }
            }))
        }
        fieldset {
            legend { (t::apply_about(lang)) }
            div.field.wrong[problem.at("purpose").is_some()] {
                label for="purpose" { (t::purpose(lang)) }
                (page::notes(lang, "purpose", None, problem.at("purpose")))
                select #purpose name="purpose" aria-describedby=[page::described("purpose", None, problem.at("purpose"))] {
                    option value="" { (t::choose(lang)) }
                    @for purpose in purposes(offered) {
                        option value=(purpose) selected[wish.purpose == purpose] { (purpose_name(lang, purpose)) }
                    }
                }
            }
            (field(problem, lang, "income", t::income(lang), Some(t::income_hint(lang)), &Input::digits(&wish.income, 15)))
        }
        fieldset {
            legend { (t::apply_payout(lang)) }
            (field(problem, lang, "iban", t::iban(lang), Some(t::iban_hint(lang)), &Input::text(&wish.iban, "off", 34)))
        }
        fieldset {
            legend { (t::consent_report_title(lang)) }
            (long_text(t::consent_report_title(lang), &consent_text(reader), true))
            (agree(problem, lang, "consent", t::consent_report_label(lang), wish.consent == "yes"))
        }
        div.actions { button { (t::go_on(lang)) } }
    };
    let body = html! {
        div.narrow {
            h1 { (t::apply_title(lang)) }
            p.lead { (t::apply_lead(lang)) }
            (page::post(reader, "/apply", &form))
        }
    };
    page::show_form(reader, t::apply_title(lang), problem, &body)
}

/// What paying by a method comes to for what was chosen, where that can be said.
fn method_hint(lang: Lang, method: Method, chosen: Option<&Offered>, wish: &Wish, today: Date) -> String {
    let general = draft::method_meaning(lang, method);
    let figures = chosen.and_then(|offer| {
        let (amount, term) = super::quote::read(&offer.product, &wish.amount, &wish.term)?;
        let drafts = draft::drafts(&offer.product, amount, term, today).ok()?;
        let quote = drafts.into_iter().find(|quote| quote.terms.method == method)?;
        let overpayment = money(lang, quote.schedule.totals.interest);
        Some(t::method_figures(lang, overpayment, draft::payment(lang, &quote)))
    });
    figures.map_or_else(|| general.to_owned(), |figures| format!("{general} {figures}"))
}

fn offered_methods(offered: &[Offered]) -> impl Iterator<Item = Method> {
    Method::ALL.into_iter().filter(|method| offered.iter().any(|o| o.product.methods.contains(method)))
}

fn purposes(offered: &[Offered]) -> Vec<&str> {
    let mut purposes: Vec<&str> =
        offered.iter().flat_map(|o| &o.product.purposes).map(String::as_str).collect();
    let mut seen = std::collections::BTreeSet::new();
    purposes.retain(|purpose| seen.insert(*purpose));
    purposes
}

/// Several to choose one from.
fn choices(problem: &Problem, lang: Lang, id: &str, legend: &str, options: &Markup) -> Markup {
    let error = problem.at(id);
    html! {
        fieldset.choices.wrong[error.is_some()] id=(id) tabindex="-1" aria-describedby=[page::described(id, None, error)] {
            legend { (legend) }
            (page::notes(lang, id, None, error))
            (options)
        }
    }
}

fn check_page(
    reader: &Reader,
    client: &Client,
    asked: &Asked,
    today: Date,
    wish: &Wish,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let quote = asked.quote(today)?;
    let key = Key::draw(reader.app(), client, Deed::Apply);
    let form = html! {
        (wish.hidden())
        input type="hidden" name="key" value=(key);
        div.actions {
            button { (t::apply_submit(lang)) }
            button.plain formaction="/apply" name="change" value="yes" { (t::change(lang)) }
        }
    };
    let body = html! {
        div.narrow {
            h1 { (t::check_title(lang)) }
            section.card { (answers(lang, asked)) }
            section.card {
                h2 { (t::check_cost(lang)) }
                (facts(&[(t::payment(lang), html! { (draft::payment(lang, &quote)) })]))
                (draft::cost(lang, &quote))
            }
            p { (t::check_lead(lang)) }
            (page::post(reader, "/apply/submit", &form))
        }
    };
    Ok(page::show_form(reader, t::check_title(lang), problem, &body))
}

fn answers(lang: Lang, asked: &Asked) -> Markup {
    facts(&[
        (t::product(lang), html! { (draft::product_name(lang, &asked.product)) }),
        (t::amount(lang), html! { span.figures { (money(lang, asked.amount)) } }),
        (t::term(lang), html! { (draft::term(lang, asked.product.term, asked.term)) }),
        (t::method(lang), html! { (draft::method_name(lang, asked.method)) }),
        (t::purpose(lang), html! { (purpose_name(lang, &asked.purpose)) }),
        (t::income(lang), html! { span.figures { (money(lang, asked.income)) } }),
        (t::iban(lang), html! { span.figures { (asked.iban.masked()) } }),
    ])
}

/// What a purpose's code means; a code without words stands for itself.
fn purpose_name(lang: Lang, code: &str) -> &str {
    texts::purposes::by_code(lang, code).unwrap_or(code)
}

/// Progress and result.
pub(super) async fn show(reader: Reader, client: Client, Path(path): Path<String>) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client).await?;
    let shown = applications::application(&mut op, id::<Application>(&path)?).await?;
    op.commit().await?;
    let checking = shown.state == State::Checking;
    let body = html! {
        div.narrow {
            h1 { (t::application_of(lang, money(lang, shown.asked.amount))) }
            @if checking { noscript { meta http-equiv="refresh" content="4"; } }
            div #progress data-live[checking] data-follow[checking] aria-live="polite" { (result(&reader, &shown)) }
            section.card { (answers(lang, &shown.asked)) }
            @if matches!(shown.state, State::Checking | State::Approved) {
                (page::post(&reader, &format!("/applications/{}/withdraw", shown.id),
                    &html! { button.link { (t::withdraw(lang)) } }))
            }
        }
    };
    Ok(page::show(&reader, t::application_title(lang), &body))
}

fn result(reader: &Reader, shown: &Shown) -> Markup {
    let lang = reader.lang;
    let at = |done: bool| if done { "done" } else { "now" };
    let decided = shown.state != State::Checking;
    html! {
        p { span.tag.bad[shown.state == State::Declined] { (application_state(lang, shown.state.code())) } }
        @match shown.state {
            State::Checking => {
                ul.steps {
                    li.done { (t::progress_received(lang)) }
                    li class=(at(decided)) { (t::progress_checking(lang)) }
                    li { (t::progress_decision(lang)) }
                }
                p.quiet { (t::progress_wait(lang)) }
            }
            State::Approved => {
                p.lead { (t::approved_lead(lang)) }
                p { a.button href={ "/applications/" (shown.id) "/sign" } { (t::application_sign(lang)) } }
            }
            State::Declined => {
                p.lead { (t::declined_lead(lang)) }
                div.warning {
                    p { strong { (t::declined_why(lang)) } }
                    ul { @for reason in shown.reasons(lang) { li { (reason) } } }
                }
                p { (t::declined_next(lang)) }
            }
            State::Signed => {
                p.lead { (t::signed_lead(lang)) }
                p { a.button href="/account" { (t::account_title(lang)) } }
            }
            State::Withdrawn => {
                p.lead { (t::withdrawn_lead(lang)) }
                p { a.button href="/" { (t::apply_title(lang)) } }
            }
        }
    }
}

pub(super) async fn withdraw(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id: Id<Application> = id(&path)?;
    let mut op = reader.app().begin(client).await?;
    applications::withdraw(&mut op, id).await?;
    op.commit().await?;
    Ok(Redirect::to(&format!("/applications/{id}")).into_response())
}
