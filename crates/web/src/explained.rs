//! Explanations in words: what each line of [`lending::report::explain`] says to people.

use lending::{
    loan::{Allocation, GapInterest, Happening, Waivable, WriteOff},
    money::Money,
    report::explain::{Exact, Figure, Line, What},
};
use texts::{Lang, explain as t, format};

use crate::page::money;

/// What happened in a line.
#[must_use]
pub fn explained(lang: Lang, line: &Line) -> String {
    match &line.what {
        What::Event { event } => happened(lang, event),
        What::Planned { regular_tiyn, rows } => t::planned(lang, money(lang, *regular_tiyn), rows),
        What::Interest {
            principal_tiyn,
            rate_ppm,
            days,
            units,
            units_per_year,
            exact_tiyn,
            running_exact_tiyn,
            ..
        } => t::ran(
            lang,
            days,
            exact(lang, *exact_tiyn),
            money(lang, *principal_tiyn),
            format::percent(lang, rate_ppm.ppm().into()),
            exact(lang, *running_exact_tiyn),
            units,
            units_per_year,
        ),
        What::Suspended => t::suspended(lang).to_owned(),
        What::Stopped => t::stopped(lang).to_owned(),
        What::Due { number, principal_tiyn, interest_tiyn } => {
            t::due(lang, money(lang, *interest_tiyn), number, money(lang, *principal_tiyn))
        }
        What::FellOverdue { principal_tiyn, interest_tiyn } => {
            t::fell_overdue(lang, money(lang, *interest_tiyn), money(lang, *principal_tiyn))
        }
        What::Penalty { overdue_tiyn, rate_ppm_per_day, days, exact_tiyn, accrued_tiyn } => t::penalty_ran(
            lang,
            money(lang, *accrued_tiyn),
            days,
            exact(lang, *exact_tiyn),
            money(lang, *overdue_tiyn),
            format::percent(lang, rate_ppm_per_day.ppm().into()),
        ),
        What::Paid { payment_tiyn, reversed: true, .. } => t::paid_reversed(lang, money(lang, *payment_tiyn)),
        What::Paid { payment_tiyn, allocation, .. } => {
            with_parts(lang, &t::paid(lang, money(lang, *payment_tiyn)), allocation)
        }
        What::AdvanceUsed { allocation } => with_parts(lang, t::advance_used(lang), allocation),
        What::PaidAhead { principal_tiyn, interest_tiyn } => {
            t::paid_ahead(lang, money(lang, *interest_tiyn), money(lang, *principal_tiyn))
        }
        What::Satisfied { number, interest_tiyn } => t::satisfied(lang, money(lang, *interest_tiyn), number),
        What::Carried => t::carried(lang).to_owned(),
        What::Asks { number, foreseen: false } => t::asks(lang, number),
        What::Asks { number, foreseen: true } => t::asks_foreseen(lang, number),
        What::AsPlanned { number } => t::as_planned(lang, number),
        What::RowPrincipal { number } => t::row_principal(lang, number),
        What::RowPaid { number } => t::row_paid(lang, number),
        What::AdvanceHeld => t::advance_held(lang).to_owned(),
        What::CashFlow { days: 0 } if line.amount_tiyn.is_positive() => t::received(lang).to_owned(),
        What::CashFlow { days } => t::pays(lang, days),
        What::EffectiveRate { tenths } => {
            t::equal(lang, format::percent(lang, 1_000 * i64::from(tenths.tenths())))
        }
    }
}

fn happened(lang: Lang, event: &Happening) -> String {
    match event.clone() {
        Happening::Disbursed { amount } => t::disbursed(lang, money(lang, amount)),
        Happening::Repaid { amount, .. } => t::paid(lang, money(lang, amount)),
        Happening::RepaymentReversed { .. } => t::reversed(lang).to_owned(),
        Happening::EarlyRepaymentRequested { .. } => t::early_requested(lang).to_owned(),
        Happening::PenaltyCharged { amount } => t::penalty_charged(lang, money(lang, amount)),
        Happening::Waived { part: Waivable::Interest, amount } => {
            t::interest_waived(lang, money(lang, amount))
        }
        Happening::Waived { part: Waivable::Penalty, amount } => t::penalty_waived(lang, money(lang, amount)),
        Happening::RateChanged { rate } => t::rate_changed(lang, format::percent(lang, rate.ppm().into())),
        Happening::Rescheduled(change) => t::rescheduled(lang, format::date_short(change.from)),
        Happening::AccrualSuspended { .. } => t::accrual_suspended(lang).to_owned(),
        Happening::AccrualResumed { interest: GapInterest::Charged } => t::accrual_resumed(lang).to_owned(),
        Happening::AccrualResumed { interest: GapInterest::Dropped } => {
            t::accrual_resumed_dropped(lang).to_owned()
        }
        Happening::WrittenOff { by: WriteOff::Uncollectible, .. } => t::written_off(lang).to_owned(),
        Happening::WrittenOff { by: WriteOff::Verdict, .. } => t::refunded(lang).to_owned(),
        Happening::Sold => t::sold(lang).to_owned(),
        Happening::OverpaymentReturned { amount } => t::returned(lang, money(lang, amount)),
    }
}

/// What money was taken for, part by part.
#[must_use]
pub fn allocated(lang: Lang, taken: &Allocation) -> Vec<String> {
    let parts: [(Money, String); 8] = [
        (taken.overdue_principal, t::part_overdue_principal(lang, money(lang, taken.overdue_principal))),
        (taken.overdue_interest, t::part_overdue_interest(lang, money(lang, taken.overdue_interest))),
        (taken.penalty, t::part_penalty(lang, money(lang, taken.penalty))),
        (taken.principal, t::part_principal(lang, money(lang, taken.principal))),
        (taken.interest, t::part_interest(lang, money(lang, taken.interest))),
        (taken.advance, t::part_advance(lang, money(lang, taken.advance))),
        (taken.recovered, t::part_recovered(lang, money(lang, taken.recovered))),
        (taken.overpaid, t::part_overpaid(lang, money(lang, taken.overpaid))),
    ];
    parts.into_iter().filter(|(amount, _)| !amount.is_zero()).map(|(_, text)| text).collect()
}

fn with_parts(lang: Lang, what: &str, taken: &Allocation) -> String {
    let parts = allocated(lang, taken);
    if parts.is_empty() { what.to_owned() } else { format!("{what}: {}", parts.join(", ")) }
}

/// An amount before rounding, with six decimals of a tenge.
fn exact(lang: Lang, amount: Exact) -> String {
    let text = amount.tenge();
    let text = if lang == Lang::En { text } else { text.replace('.', ",") };
    format!("{}\u{a0}₸", text.replace('-', "−"))
}

/// The name of a figure.
#[must_use]
pub fn figure(lang: Lang, figure: Figure) -> String {
    match figure {
        Figure::Principal => t::principal(lang).to_owned(),
        Figure::Interest => t::interest(lang).to_owned(),
        Figure::Penalty => t::penalty(lang).to_owned(),
        Figure::Overdue => t::overdue(lang).to_owned(),
        Figure::Payoff => t::payoff(lang).to_owned(),
        Figure::NextInstallment => t::next_installment(lang).to_owned(),
        Figure::EffectiveRate => t::effective_rate(lang).to_owned(),
        Figure::RowInterest(number) => t::row_interest(lang, number),
        Figure::Balance(account) => t::balance(lang, account.code()),
    }
}
