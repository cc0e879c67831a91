//! Draft repayment plans, and how a plan is shown (Rules cl. [8.2](lending::law::CL_8_2),
//! [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4)).

use app::{
    applications::Quote,
    refusal::{Fault, Result},
};
use jiff::civil::Date;
use lending::{
    effective_rate::EffectiveRate,
    money::Money,
    product::{Product, TermRange},
    rate::Rate,
    schedule::{Method, Schedule, Terms},
};
use maud::{Markup, html};
use texts::{Lang, client as t, common, format};

use crate::page::{bare, day, facts, money};

/// What a credit on these terms is.
pub(super) fn quote(terms: Terms) -> Result<Quote> {
    let schedule = terms.schedule().map_err(Fault::new)?;
    let effective_rate = EffectiveRate::of(schedule.cash_flow(terms.disbursed_on)).map_err(Fault::new)?;
    Ok(Quote { terms, schedule, effective_rate })
}

/// A product's plans by all its methods, if the money left on `today`.
pub(super) fn drafts(product: &Product, amount: Money, term: u16, today: Date) -> Result<Vec<Quote>> {
    let draft = |method: &Method| quote(product.terms(amount, term, *method, today).map_err(Fault::new)?);
    product.methods.iter().map(draft).collect()
}

/// The payment a month, or the first and the last where they differ.
pub(super) fn payment(lang: Lang, quote: &Quote) -> String {
    let rows = &quote.schedule.rows;
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) if quote.terms.method != Method::Annuity && rows.len() > 1 => {
            t::payment_falling(lang, money(lang, first.payment), money(lang, last.payment))
        }
        (Some(first), _) => money(lang, first.payment),
        (None, _) => String::new(),
    }
}

/// A product's name.
pub(super) fn product_name(lang: Lang, product: &Product) -> &str {
    match lang {
        Lang::Kk => &product.name.kk,
        Lang::Ru => &product.name.ru,
        Lang::En => &product.name.en,
    }
}

/// A term in the product's unit.
pub(super) fn term(lang: Lang, range: TermRange, term: u16) -> String {
    match range {
        TermRange::Months { .. } => common::months(lang, i64::from(term)),
        TermRange::Days { .. } => common::days(lang, i64::from(term)),
    }
}

/// A rate.
pub(super) fn nominal(lang: Lang, rate: Rate) -> String {
    format::percent(lang, i64::from(rate.ppm()))
}

/// An effective rate.
pub(super) fn effective(lang: Lang, rate: EffectiveRate) -> String {
    format::percent(lang, i64::from(rate.tenths()) * 1000)
}

/// The name of a method.
pub(super) fn method_name(lang: Lang, method: Method) -> &'static str {
    match method {
        Method::Annuity => t::annuity(lang),
        Method::Differentiated => t::differentiated(lang),
        Method::Bullet => t::bullet(lang),
        Method::Shares => t::shares(lang),
    }
}

/// What a method means for the client.
pub(super) fn method_meaning(lang: Lang, method: Method) -> &'static str {
    match method {
        Method::Annuity => t::annuity_hint(lang),
        Method::Differentiated => t::differentiated_hint(lang),
        Method::Bullet => t::bullet_hint(lang),
        Method::Shares => t::shares_hint(lang),
    }
}

/// What it costs: nominal and effective rate alike, total, overpayment.
pub(super) fn cost(lang: Lang, quote: &Quote) -> Markup {
    facts(&[
        (t::nominal_rate(lang), html! { span.figures { (nominal(lang, quote.terms.rate)) } }),
        (t::effective_rate(lang), html! { span.figures { (effective(lang, quote.effective_rate)) } }),
        (t::total(lang), html! { span.figures { (money(lang, quote.schedule.totals.payment)) } }),
        (t::overpayment(lang), html! { span.figures { (money(lang, quote.schedule.totals.interest)) } }),
    ])
}

/// A plan, row by row.
pub(super) fn table(lang: Lang, caption: &str, schedule: &Schedule) -> Markup {
    let totals = &schedule.totals;
    html! {
        table.stack {
            caption { (caption) ", ₸" }
            thead { tr {
                th scope="col" { (t::due(lang)) }
                th scope="col" { (t::payment(lang)) }
                th scope="col" { (t::principal(lang)) }
                th scope="col" { (t::interest(lang)) }
                th scope="col" { (t::balance(lang)) }
            } }
            tbody {
                @for row in &schedule.rows {
                    tr {
                        td { (day(row.due_on)) }
                        td.figures { (bare(lang, row.payment)) }
                        td.figures data-of=(t::principal(lang)) { (bare(lang, row.principal)) }
                        td.figures data-of=(t::interest(lang)) { (bare(lang, row.interest)) }
                        td.figures data-of=(t::balance(lang)) { (bare(lang, row.balance_after)) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (t::in_all(lang)) }
                td.figures { (bare(lang, totals.payment)) }
                td.figures data-of=(t::principal(lang)) { (bare(lang, totals.principal)) }
                td.figures data-of=(t::interest(lang)) { (bare(lang, totals.interest)) }
                td {}
            } }
        }
    }
}

/// All that getting and repaying the credit costs, in plain text: what is shown, acknowledged, and kept.
pub(super) fn cost_text(lang: Lang, quote: &Quote) -> String {
    let totals = &quote.schedule.totals;
    let mut text = t::cost_text(
        lang,
        money(lang, quote.terms.principal),
        effective(lang, quote.effective_rate),
        nominal(lang, quote.terms.rate),
        money(lang, totals.interest),
        money(lang, totals.payment),
    );
    for row in &quote.schedule.rows {
        text.push('\n');
        let (on, interest) = (format::date_short(row.due_on), money(lang, row.interest));
        text.push_str(&t::cost_row(lang, interest, on, money(lang, row.payment), money(lang, row.principal)));
    }
    text
}
