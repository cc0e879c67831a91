//! `cargo bench -p lending`: the engine beside the plain way of doing the same, on one core, by the processor
//! time of the thread, so that a busy machine changes little.
//!
//! * A quote: an annuity of twelve rows and its effective rate. The plain way adds interest day by day and
//!   finds installment and rate by bisection.
//! * A fold: a loan of 36 months with daily interest and 40 events, to a date after the last of them. The plain
//!   way is what systems do that keep a row a day: every day of the loan is computed.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark, whose plain way is plain"
)]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lending::effective_rate::EffectiveRate;
use lending::loan::{Conduct, Event, Happening, LoanTerms, fold};
use lending::money::{Money, Rounding};
use lending::rate::{DailyRate, DayCount, Rate};
use lending::schedule::{Method, Options, Period, Schedule, Terms};
use std::hint::black_box;
use uuid::Uuid;

const ROUNDS: usize = 15;

fn main() {
    let quote = microseconds(2_000, |n| {
        let terms = terms(12, Money::from_tenge(300_000 + i64::from(n)));
        let schedule = terms.schedule().expect("a schedule");
        black_box((EffectiveRate::of(schedule.cash_flow(terms.disbursed_on)).expect("a rate"), schedule));
    });
    let plain_quote = microseconds(20, |n| {
        black_box(plain_schedule(&terms(12, Money::from_tenge(300_000 + i64::from(n)))));
    });
    let (loan, events) = life();
    let as_of = date(2029, 3, 1);
    let folded = microseconds(500, |_| {
        black_box(fold(&loan, black_box(&events), as_of).expect("a fold"));
    });
    let plain_fold = microseconds(5, |_| {
        black_box(plain_days(&loan, &events, as_of));
    });

    println!(
        "figure                                                   ours       plain way   ratio   target"
    );
    println!(
        "annuity of 12 rows with effective rate, a second   {:>10.0}  {:>10.0}  {:>6.0}   > 300 000   {}",
        1e6 / quote,
        1e6 / plain_quote,
        plain_quote / quote,
        verdict(1e6 / quote > 300_000.0)
    );
    println!(
        "fold of 36 months and {} events, microseconds      {folded:>10.1}  {plain_fold:>10.1}  {:>6.0}   < 20        {}",
        events.len(),
        plain_fold / folded,
        verdict(folded < 20.0)
    );
}

fn verdict(met: bool) -> &'static str {
    if met { "pass" } else { "FAIL" }
}

/// Median of the processor time of one call, in microseconds.
fn microseconds(calls: u32, mut call: impl FnMut(u32)) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let before = thread_nanoseconds();
            (0..calls).for_each(&mut call);
            (thread_nanoseconds() - before) / 1e3 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn thread_nanoseconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

fn terms(installments: u16, principal: Money) -> Terms {
    let disbursed_on = date(2026, 2, 2);
    Terms {
        principal,
        rate: Rate::from_ppm(360_000),
        method: Method::Annuity,
        installments,
        period: Period::Months(1),
        disbursed_on,
        first_due: Period::Months(1).first_due_after(disbursed_on),
        day_count: DayCount::Actual365,
        options: Options::default(),
    }
}

/// Paid by the plan, some days late, one payment taken back and made again.
fn life() -> (LoanTerms, Vec<Event>) {
    let schedule = terms(36, Money::from_tenge(1_000_000));
    let plan: Schedule = schedule.schedule().expect("a schedule");
    let loan = LoanTerms {
        penalty: DailyRate::from_ppm(5_000),
        allocation: lending::loan::AllocationOrder::LAW,
        rule_set: "2026-01-01".into(),
        kind: lending::law::rules::CreditKind::default(),
        days_off: lending::schedule::DaysOff::Stay,
        conduct: Conduct::default(),
        schedule,
    };
    let mut events =
        vec![(loan.schedule.disbursed_on, Happening::Disbursed { amount: loan.schedule.principal })];
    for row in &plan.rows {
        let late = if row.number % 4 == 0 { 6 } else { 0 };
        let (on, id) = (row.due_on.saturating_add(late.days()), Uuid::from_u128(row.number.into()));
        events.push((on, Happening::Repaid { id, amount: row.payment + Money::from_tenge(late * 300) }));
    }
    let id = Uuid::from_u128(10);
    events.push((date(2026, 12, 9), Happening::RepaymentReversed { id }));
    events.push((date(2026, 12, 9), Happening::Repaid { id: Uuid::from_u128(99), amount: plan.regular }));
    events.push((
        date(2027, 5, 3),
        Happening::Repaid { id: Uuid::from_u128(98), amount: Money::from_tenge(5_000) },
    ));
    let events = (0..).zip(events).map(|(sequence, (on, what))| Event { on, sequence, what });
    (loan, events.collect())
}

/// The installment and the rate by bisection, interest day by day.
fn plain_schedule(terms: &Terms) -> (Money, f64) {
    let due: Vec<Date> = terms.due_dates().collect();
    let left = |installment: Money| {
        let (mut balance, mut day) = (terms.principal, terms.disbursed_on);
        for date in &due {
            let mut interest = 0.0;
            while day < *date {
                interest += balance.tiyn() as f64 * 0.36 / 365.0;
                day = day.tomorrow().unwrap();
            }
            balance = balance + Money::from_tiyn(interest.round() as i64) - installment;
        }
        balance
    };
    let (mut low, mut high) = (0, terms.principal.tiyn());
    while low + 1 < high {
        let middle = i64::midpoint(low, high);
        *(if left(Money::from_tiyn(middle)).is_positive() { &mut low } else { &mut high }) = middle;
    }
    let value = |rate: f64| -> f64 {
        let paid = due.iter().map(|date| {
            let days = (*date - terms.disbursed_on).get_days();
            high as f64 / (1.0 + rate).powf(f64::from(days) / 365.0)
        });
        paid.sum()
    };
    let (mut least, mut most) = (0.0, 10.0);
    for _ in 0..50 {
        let middle = f64::midpoint(least, most);
        *(if value(middle) > terms.principal.tiyn() as f64 { &mut least } else { &mut most }) = middle;
    }
    (Money::from_tiyn(high), least)
}

/// Every day computed by itself, from nothing, as of that day.
fn plain_days(terms: &LoanTerms, events: &[Event], as_of: Date) -> Money {
    let (mut day, mut accrued) = (terms.schedule.disbursed_on, Money::ZERO);
    let (mut balance, mut interest) = (Money::ZERO, Money::ZERO);
    while day <= as_of {
        for event in events.iter().filter(|event| event.on == day) {
            match event.what {
                Happening::Disbursed { amount } => balance = amount,
                Happening::Repaid { amount, .. } => {
                    let paid = interest.min(amount);
                    interest -= paid;
                    balance -= (amount - paid).min(balance);
                }
                _ => {}
            }
        }
        let of_day = balance.mul_ratio(360_000, 365_000_000, Rounding::HalfEven);
        interest += of_day;
        accrued += of_day;
        day = day.tomorrow().unwrap();
    }
    accrued
}
