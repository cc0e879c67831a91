//! What is lawful at each boundary, and what is not one tiyn, day or millionth beyond, in every set.

mod agreements;
mod amendments;
mod delays;
mod offers;
mod sets;

use super::*;
use crate::rate::{DayCount, Rate};
use crate::schedule::{Method, Period, Terms};
use jiff::civil::date;

/// One payment after `days`, given on `on`.
fn terms(principal: Money, days: u16, on: Date) -> Terms {
    let period = Period::Days(days);
    Terms {
        principal,
        rate: Rate::from_ppm(300_000),
        method: Method::Annuity,
        installments: 1,
        period,
        disbursed_on: on,
        first_due: period.first_due_after(on),
        day_count: DayCount::Actual365,
    }
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
