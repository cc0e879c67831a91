//! What is lawful at each boundary, and what is not one tiyn, day or millionth beyond, in every set.

mod agreements;
mod amendments;
mod delays;
mod offers;
mod sets;

use super::*;
use crate::product::tests::product;
use crate::product::{Product, TermRange};
use crate::rate::{DayCount, Rate};
use crate::schedule::{Method, Period, Terms};
use jiff::civil::date;

/// One payment after `days`, given on `on`.
fn terms(principal: Money, days: u16, on: Date) -> Terms {
    let product = Product {
        amount_min: principal,
        amount_max: principal,
        term: TermRange::Days { min: days, max: days },
        rate: Rate::from_ppm(300_000),
        ..product()
    };
    product.terms(principal, days, Method::Annuity, on).unwrap()
}

/// A lawful offer of those terms.
fn offer(terms: &Terms) -> Offer<'_> {
    Offer {
        kind: CreditKind::Unsecured,
        terms,
        effective_rate: EffectiveRate::from_tenths(460),
        penalty: DailyRate::from_ppm(5_000),
    }
}

fn codes(breaches: impl IntoIterator<Item = Breach>) -> Vec<&'static str> {
    breaches.into_iter().map(Breach::code).collect()
}

fn tiyn_more(amount: Money) -> Money {
    amount + Money::from_tiyn(1)
}
