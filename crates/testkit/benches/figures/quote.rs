//! A quote as a call: the schedules by both methods and their effective rates, as the first page draws them.
//! Processor time of one thread; no database, no page.

use std::{hint::black_box, time::Duration};

use jiff::civil::Date;
use lending::{effective_rate::EffectiveRate, money::Money, product::Product};

use crate::{
    Outcome, machine,
    report::{Report, median},
};

const ROUNDS: u32 = 15;
const QUOTES: u32 = 1_000;
pub(crate) const TARGET_US: f64 = 300.0;

pub(crate) fn measure(report: &mut Report) -> Outcome<()> {
    let products = app::demonstration::products();
    let product = products.first().ok_or("no product")?;
    let today = app::op::business_date(testkit::beginning());
    let (_, longest) = product.term.bounds();
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let before = machine::thread()?;
        for n in 0..QUOTES {
            let amount = Money::from_tenge(i64::from(100_000 + round * 1_000 + n * 37));
            black_box(both(product, amount, longest, today)?);
        }
        let spent: Duration = machine::thread()? - before;
        rounds.push(spent.as_secs_f64() * 1e6 / f64::from(QUOTES));
    }
    let us = median(rounds);
    let name = format!("quote, a call: both schedules of {longest} months, effective rates");
    report.hold(&name, format!("{us:.0} µs"), String::new(), "< 300 µs", us < TARGET_US);
    Ok(())
}

fn both(product: &Product, amount: Money, term: u16, today: Date) -> Outcome<Vec<EffectiveRate>> {
    let one = |method: &_| {
        let schedule = product.terms(amount, term, *method, today)?.schedule()?;
        Ok(EffectiveRate::of(schedule.cash_flow(today))?)
    };
    product.methods.iter().map(one).collect()
}
