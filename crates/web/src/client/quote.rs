//! The first page: what a credit costs, before anybody is asked for anything (Rules cl.
//! [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4)).

use app::{
    applications::{self, Quote},
    organization::{self, Offered},
    refusal::{Fault, No},
};
use axum::response::Response;
use lending::{
    money::Money,
    product::{Clients, Product, TermRange},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};

use super::draft;
use crate::{
    form::Query,
    guard::{Answer, Reader},
    page::{self, facts, money},
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Choice {
    product: String,
    amount: String,
    term: String,
}

/// Steps of the amount's slider, in tenge; the coarsest that still leaves a hundred positions.
const STEPS: [i64; 5] = [10_000, 5_000, 1_000, 500, 100];

pub(super) async fn show(reader: Reader, Query(choice): Query<Choice>) -> Answer {
    let lang = reader.lang;
    let (offered, today) = (organization::on_show(reader.app()).await?, reader.app().today());
    let chosen = offered.iter().find(|o| o.id.to_string() == choice.product).or(offered.first());
    let offer = chosen.ok_or_else(|| Fault::new("no product is offered"))?;
    let product = &offer.product;
    let wanted = read(product, &choice.amount, &choice.term);
    let (amount, term) = wanted.unwrap_or_else(|| nearest(product, &choice));
    match applications::rule_set(today) {
        Ok(_) => {}
        // Nothing can be had today, so nothing is promised.
        Err(No::Refusal(no)) => return Ok(closed(&reader, no.text(lang))),
        Err(fault) => return Err(fault.into()),
    }
    let drafts = draft::drafts(product, amount, term, today)?;
    let touched = !choice.amount.is_empty() || !choice.term.is_empty();
    let body = html! {
        h1 { (t::quote_title(lang)) }
        p.lead { (t::quote_lead(lang)) }
        div.pair {
            form.card action="/" method="get" data-quote {
                (amount_slider(lang, product, amount))
                (term_slider(lang, product, term))
                @if offered.len() > 1 {
                    fieldset.choices {
                        legend { (t::product(lang)) }
                        @for o in offered.iter() {
                            label {
                                input type="radio" name="product" value=(o.id) checked[o.id == offer.id];
                                span { (draft::product_name(lang, &o.product)) small { (bounds(lang, &o.product)) } }
                            }
                        }
                    }
                }
                p.error #moved data-live role="status" {
                    @if touched && wanted.is_none() { (t::quote_moved(lang)) }
                }
                button.plain.unscripted { (t::recalculate(lang)) }
            }
            section.card.result #result data-live aria-live="polite" aria-label=(t::quote_result(lang)) {
                (result(lang, offer, &drafts, amount, term))
            }
        }
        section #plans data-live aria-labelledby="compare" {
            h2 #compare { (t::compare_title(lang)) }
            p { (t::compare_lead(lang)) }
            div.pair { @for draft in &drafts { (plan(lang, draft)) } }
        }
    };
    Ok(page::show(&reader, t::quote_title(lang), &body))
}

/// The first page of a day on which nothing is lent.
fn closed(reader: &Reader, why: &str) -> Response {
    let lang = reader.lang;
    let body = html! {
        div.narrow {
            h1 { (t::quote_title(lang)) }
            p.warning role="status" { (why) }
        }
    };
    page::show(reader, t::quote_title(lang), &body)
}

/// Amount and term as typed, if the product has them.
pub(super) fn read(product: &Product, amount: &str, term: &str) -> Option<(Money, u16)> {
    let amount = Money::parse(amount).ok()?;
    let term: u16 = term.trim().parse().ok()?;
    let (shortest, longest) = product.term.bounds();
    let fits =
        (product.amount_min..=product.amount_max).contains(&amount) && (shortest..=longest).contains(&term);
    fits.then_some((amount, term))
}

/// What the product has that is nearest to what was typed; its middle where nothing was.
fn nearest(product: &Product, choice: &Choice) -> (Money, u16) {
    let (least, most) = (product.amount_min, product.amount_max);
    let round = step(product) * 10;
    let middle = Money::from_tenge((tenge(least) + tenge(most)) / 2 / round * round).clamp(least, most);
    let amount = Money::parse(&choice.amount).map_or(middle, |amount| amount.clamp(least, most));
    let (shortest, longest) = product.term.bounds();
    let term =
        choice.term.trim().parse().map_or(12.clamp(shortest, longest), |n: u16| n.clamp(shortest, longest));
    (amount, term)
}

fn step(product: &Product) -> i64 {
    let span = tenge(product.amount_max - product.amount_min);
    STEPS.into_iter().find(|step| span / step >= 100).unwrap_or(1)
}

/// From–to of a product, in a line.
pub(super) fn bounds(lang: Lang, product: &Product) -> String {
    let longest = draft::term(lang, product.term, product.term.bounds().1);
    let bounds =
        t::product_bounds(lang, money(lang, product.amount_min), longest, money(lang, product.amount_max));
    match product.borrower.clients {
        Clients::Individuals => bounds,
        Clients::Entities => format!("{bounds} · {}", t::product_for_entities(lang)),
    }
}

fn tenge(money: Money) -> i64 {
    money.tiyn() / 100
}

fn amount_slider(lang: Lang, product: &Product, amount: Money) -> Markup {
    let (least, most) = (product.amount_min, product.amount_max);
    html! {
        div.field.slider {
            label for="amount" { (t::quote_amount(lang)) }
            div.sum {
                input #amount name="amount" inputmode="numeric" autocomplete="off" maxlength="15"
                    data-twin="amount-slider" value=(grouped(tenge(amount)));
                span aria-hidden="true" { "₸" }
            }
            div.scripted {
                input #amount-slider type="range" data-twin="amount" aria-label=(t::quote_amount(lang))
                    min=(tenge(least)) max=(tenge(most)) step=(step(product)) value=(tenge(amount));
            }
            p.hint.ends { span { (money(lang, least)) } span { (money(lang, most)) } }
        }
    }
}

fn term_slider(lang: Lang, product: &Product, term: u16) -> Markup {
    let (shortest, longest) = product.term.bounds();
    let unit = match product.term {
        TermRange::Months { .. } => t::unit_months(lang),
        TermRange::Days { .. } => t::unit_days(lang),
    };
    html! {
        div.field.slider {
            label for="term" { (t::quote_term(lang)) }
            div.sum {
                input #term name="term" inputmode="numeric" autocomplete="off" maxlength="3"
                    data-twin="term-slider" value=(term);
                span { (unit) }
            }
            div.scripted {
                input #term-slider type="range" data-twin="term" aria-label=(t::quote_term(lang))
                    min=(shortest) max=(longest) step="1" value=(term);
            }
            p.hint.ends {
                span { (draft::term(lang, product.term, shortest)) }
                span { (draft::term(lang, product.term, longest)) }
            }
        }
    }
}

fn grouped(tenge: i64) -> String {
    page::bare(Lang::Ru, Money::from_tenge(tenge))
}

fn result(lang: Lang, offer: &Offered, drafts: &[Quote], amount: Money, term: u16) -> Markup {
    html! {
        @if let Some(quote) = drafts.first() {
            p.quiet { @if quote.schedule.rows.len() == 1 { (t::quote_once(lang)) } @else { (t::quote_monthly(lang)) } }
            p.big { (draft::payment(lang, quote)) }
            dl.facts.rates {
                div { dt { (t::effective_rate(lang)) } dd.figures { (draft::effective(lang, quote.effective_rate)) } }
                div { dt { (t::nominal_rate(lang)) } dd.figures { (draft::nominal(lang, quote.terms.rate)) } }
            }
            (facts(&[
                (t::you_get(lang), html! { span.figures { (money(lang, amount)) } }),
                (t::total(lang), html! { span.figures { (money(lang, quote.schedule.totals.payment)) } }),
                (t::overpayment(lang), html! { span.figures { (money(lang, quote.schedule.totals.interest)) } }),
                (t::last_payment(lang), html! {
                    @if let Some(row) = quote.schedule.rows.last() { (page::day(row.due_on)) }
                }),
            ]))
            p {
                a.button href={ "/apply?product=" (offer.id) "&amount=" (tenge(amount)) "&term=" (term) } {
                    (t::quote_apply(lang))
                }
            }
            p { small { (t::quote_note(lang)) } }
        }
    }
}

fn plan(lang: Lang, quote: &Quote) -> Markup {
    let hint = draft::method_meaning(lang, quote.terms.method);
    let name = draft::method_name(lang, quote.terms.method);
    html! {
        div.card {
            h3 { (name) }
            p.quiet { (hint) }
            (facts(&[(t::payment(lang), html! { (draft::payment(lang, quote)) })]))
            (draft::cost(lang, quote))
            details open { summary { (t::schedule_title(lang)) } (draft::table(lang, name, &quote.schedule)) }
        }
    }
}
