//! A change of an agreement held against the rule set in force on the day of the change.

use super::offer::Span;
use super::{Breach, CreditKind, Extras, Figure, NoRules, Rule, RuleSet};
use crate::effective_rate::EffectiveRate;
use crate::money::{Money, Rounding};
use crate::rate::{DailyRate, DayCount, Rate};
use crate::schedule::Method;
use jiff::civil::Date;

/// A change of an agreement, as far as the law limits it: what was, what is to be, and by whose will.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// The day it is made.
    pub on: Date,
    /// By whose will.
    pub by: By,
    /// Which limits the credit comes under.
    pub kind: CreditKind,
    /// The amount issued.
    pub issued: Money,
    /// The day it was issued.
    pub disbursed_on: Date,
    /// How days become interest.
    pub day_count: DayCount,
    /// What holds until now.
    pub before: Conditions,
    /// What is to hold.
    pub after: Conditions,
    /// What is added to principal.
    pub capitalised: Capitalised,
    /// What is given to a client to whom relief is due: vulnerable, or hurt by an emergency.
    pub relief: Option<Relief>,
    /// What is given to a conscript.
    pub deferral: Option<ConscriptDeferral>,
    /// What the change asks for beside interest and penalty.
    pub extras: Extras,
}

/// By whose will an agreement changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The organization alone.
    LenderAlone,
    /// The client asked for it or agreed to it.
    Agreed,
}

/// What holds between the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conditions {
    /// Nominal annual rate.
    pub rate: Rate,
    /// Annual effective rate: at first of the whole schedule, after a change of what is left of debt and term.
    pub effective_rate: EffectiveRate,
    /// Penalty a day.
    pub penalty: DailyRate,
    /// Method of repayment.
    pub method: Method,
    /// The last due date.
    pub last_due: Date,
}

/// Overdue interest and penalty that an amendment adds to principal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capitalised {
    /// How much.
    pub amount: Money,
    /// Whether interest will run on it.
    pub bears_interest: bool,
}

/// A relief for so many months.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relief {
    /// How long.
    pub months: u16,
    /// The monthly payment of the schedule.
    pub payment_before: Money,
    /// What is paid monthly instead; nothing where payments wait.
    pub payment_after: Money,
}

/// Payments that wait while a client serves as a conscript.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConscriptDeferral {
    /// The last day of the service.
    pub service_ends: Date,
    /// The last day of the deferral.
    pub until: Date,
    /// Whether interest runs meanwhile.
    pub interest_runs: bool,
}

/// Every rule the change breaks, by the set in force on its day. What the change does not touch keeps the set
/// of the agreement: the penalty is held against the new set only where it changes. The effective rate is not
/// spared: it is computed anew on every change, and the cap of that day holds.
///
/// A higher rate is refused even where the client agrees: the law lets the organization only lower it, and an
/// agreement to the contrary is not made here.
///
/// # Errors
/// [`NoRules`] where that day has no rules.
pub fn check_amendment(change: &Amendment) -> Result<Vec<Breach>, NoRules> {
    let rules = RuleSet::in_force("on", change.on)?;
    let (before, after) = (change.before, change.after);
    let mut breaches = Vec::new();
    if after.rate > before.rate {
        let (found, allowed) = (Figure::AnnualPpm(after.rate), Figure::AnnualPpm(before.rate));
        breaches.push(Breach::new(Rule::RateRaised, found, allowed, &rules.rate_and_method));
    }
    if change.by == By::LenderAlone {
        breaches.extend(rules.check_alone(change));
    }
    let credit = Span {
        issued: change.issued,
        disbursed_on: change.disbursed_on,
        last_due: after.last_due,
        day_count: change.day_count,
    };
    breaches.extend(rules.check_rates(&credit, after.rate, after.effective_rate));
    if after.penalty != before.penalty {
        breaches.extend(rules.check_penalty(change.kind, after.penalty));
    }
    breaches.extend(rules.check_capitalised(change));
    breaches.extend(change.relief.iter().flat_map(|relief| rules.check_relief(relief)));
    breaches.extend(change.deferral.iter().flat_map(|deferral| rules.check_deferral(deferral)));
    breaches.extend(rules.check_extras(change.extras));
    Ok(breaches)
}

impl RuleSet {
    /// The organization alone may lower the rate and the penalty, and let a conscript wait. All else needs the
    /// client.
    fn check_alone(&self, change: &Amendment) -> impl Iterator<Item = Breach> {
        let (before, after) = (change.before, change.after);
        let no_better = |holds: bool, found: Figure, allowed: Figure| {
            holds.then(|| Breach::new(Rule::ChangedAlone, found, allowed, &self.alone))
        };
        let (was, is) = (Figure::On(before.last_due), Figure::On(after.last_due));
        let method = (after.method != before.method).then(|| {
            let (found, allowed) = (Figure::Word(after.method.code()), Figure::Word(before.method.code()));
            Breach::new(Rule::MethodChanged, found, allowed, &self.rate_and_method)
        });
        let longer = after.last_due > before.last_due && change.deferral.is_none();
        let longer = longer.then(|| {
            // The ban on a longer term is written for individuals; for others it is a change like any other.
            if change.kind.is_consumer() {
                Breach::new(Rule::TermLengthened, is, was, &self.lengthening)
            } else {
                Breach::new(Rule::ChangedAlone, is, was, &self.alone)
            }
        });
        let shorter = no_better(after.last_due < before.last_due, is, was);
        let (was, is) = (Figure::DailyPpm(before.penalty), Figure::DailyPpm(after.penalty));
        let penalty = no_better(after.penalty > before.penalty, is, was);
        let added = change.capitalised.amount;
        let added = no_better(added.is_positive(), Figure::Tiyn(added), Figure::Tiyn(Money::ZERO));
        let relief = no_better(change.relief.is_some(), Figure::Word("alone"), Figure::Word("agreed"));
        [method, longer, shorter, penalty, added, relief].into_iter().flatten()
    }

    fn check_capitalised(&self, change: &Amendment) -> impl Iterator<Item = Breach> {
        let (limit, added) = (&self.capitalisation, change.capitalised);
        let something = added.amount.is_positive();
        let banned = something && change.kind.is_mortgage() && !limit.value.of_mortgages;
        let banned = banned.then(|| {
            let (found, allowed) = (Figure::Tiyn(added.amount), Figure::Tiyn(Money::ZERO));
            Breach::new(Rule::Capitalised, found, allowed, limit)
        });
        let spared = !change.kind.is_consumer() && limit.value.spares_business;
        let interest = (something && added.bears_interest && !spared).then(|| {
            let (found, allowed) = (Figure::Word("bears interest"), Figure::Word("bears none"));
            Breach::new(Rule::InterestOnCapitalised, found, allowed, limit)
        });
        banned.into_iter().chain(interest)
    }

    fn check_relief(&self, relief: &Relief) -> impl Iterator<Item = Breach> {
        let (limit, due) = (&self.relief_due, self.relief_due.value);
        let short = (relief.months < due.months_min).then(|| {
            let (found, allowed) = (Figure::Months(relief.months), Figure::Months(due.months_min));
            Breach::new(Rule::ReliefLength, found, allowed, limit)
        });
        let cut = relief.cut_ppm();
        let small = (cut < due.cut_min_ppm).then(|| {
            let (found, allowed) = (Figure::SharePpm(cut), Figure::SharePpm(due.cut_min_ppm));
            Breach::new(Rule::ReliefCut, found, allowed, limit)
        });
        short.into_iter().chain(small)
    }

    fn check_deferral(&self, deferral: &ConscriptDeferral) -> impl Iterator<Item = Breach> {
        let limit = &self.conscript_deferral_after;
        let least = limit.value.after(deferral.service_ends);
        let short = (deferral.until < least).then(|| {
            let (found, allowed) = (Figure::On(deferral.until), Figure::On(least));
            Breach::new(Rule::ConscriptDeferral, found, allowed, limit)
        });
        let interest = deferral.interest_runs.then(|| {
            let (found, allowed) = (Figure::Word("interest runs"), Figure::Word("no interest"));
            Breach::new(Rule::ConscriptInterest, found, allowed, limit)
        });
        short.into_iter().chain(interest)
    }
}

impl Relief {
    /// By how much the payment falls, in parts per million, rounded down: half a tiyn too little is too little.
    fn cut_ppm(&self) -> u32 {
        let before = i128::from(self.payment_before.tiyn());
        if before <= 0 {
            return 1_000_000;
        }
        let cut = before - i128::from(self.payment_after.tiyn());
        u32::try_from(Rounding::Floor.divide(cut * 1_000_000, before)).unwrap_or(0)
    }
}
