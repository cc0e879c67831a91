//! An offer held against a rule set.

use super::{Breach, Figure, Limit, Rule, RuleSet};
use crate::effective_rate::EffectiveRate;
use crate::money::Money;
use crate::rate::{DailyRate, DayCount, Rate, days_from};
use crate::schedule::Terms;
use jiff::civil::Date;

/// A kind of credit, as far as the law's limits differ by it. The first five are credits of individuals that
/// serve no business.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// Without a pledge.
    #[default]
    Unsecured,
    /// Pledged property or money covers a part of the principal.
    Secured,
    /// Registered property or money covers all of the principal on the day of the agreement.
    WhollySecured,
    /// Mortgaged immovable property covers a part of the principal; taken for a dwelling.
    Mortgage,
    /// Mortgaged immovable property covers all of the principal on the day of the agreement; taken for a
    /// dwelling.
    WhollyMortgaged,
    /// For business: of an individual entrepreneur or a legal entity.
    Business,
}

impl CreditKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Unsecured,
        Self::Secured,
        Self::WhollySecured,
        Self::Mortgage,
        Self::WhollyMortgaged,
        Self::Business,
    ];

    /// Whether it is an individual's and serves no business.
    #[must_use]
    pub const fn is_consumer(self) -> bool {
        !matches!(self, Self::Business)
    }

    /// Whether immovable property is mortgaged for it.
    #[must_use]
    pub const fn is_mortgage(self) -> bool {
        matches!(self, Self::Mortgage | Self::WhollyMortgaged)
    }
}

/// What is offered to a client, as far as the law limits it.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Which limits it comes under.
    pub kind: CreditKind,
    /// Amount, rate, dates.
    pub terms: &'a Terms,
    /// The annual effective rate of its schedule.
    pub effective_rate: EffectiveRate,
    /// The penalty a day agreed for delay.
    pub penalty: DailyRate,
}

impl RuleSet {
    /// Every limit the offer breaks; none if it is lawful.
    #[must_use]
    pub fn check_offer(&self, offer: &Offer<'_>) -> Vec<Breach> {
        let terms = offer.terms;
        let mut breaches = Vec::new();
        if terms.principal > self.credit_max() {
            let (found, max) = (Figure::Tiyn(terms.principal), Figure::Tiyn(self.credit_max()));
            breaches.push(Breach::new(Rule::Amount, found, max, &self.credit_max_mci));
        }
        breaches.extend(self.check_rates(&Span::of(terms), terms.rate, offer.effective_rate));
        breaches.extend(self.check_penalty(offer.kind, offer.penalty));
        breaches
    }

    /// Whether a credit counts as short and small.
    #[must_use]
    pub fn is_short_credit(&self, terms: &Terms) -> bool {
        self.is_short(&Span::of(terms))
    }

    /// The highest annual effective rate for such a credit.
    #[must_use]
    pub fn effective_rate_max_for(&self, terms: &Terms) -> EffectiveRate {
        self.effective_rate_cap(&Span::of(terms)).value
    }

    fn is_short(&self, credit: &Span) -> bool {
        let short = self.short_credit.value;
        let days = days_from(credit.disbursed_on, credit.last_due);
        days <= i64::from(short.term_max.0) && credit.issued <= self.of_mci(short.amount_max_mci)
    }

    fn effective_rate_cap(&self, credit: &Span) -> Limit<EffectiveRate> {
        let short = self.short_credit;
        if self.is_short(credit) {
            Limit { value: short.value.effective_rate_max, source: short.source, since: short.since }
        } else {
            self.effective_rate_max
        }
    }

    /// The caps on what a credit costs.
    pub(super) fn check_rates(
        &self,
        credit: &Span,
        rate: Rate,
        effective: EffectiveRate,
    ) -> impl Iterator<Item = Breach> {
        let below = self.short_credit.value.daily_rate_below;
        let a_year = u64::from(below.ppm()) * credit.days_in_year();
        let daily = (self.is_short(credit) && u64::from(rate.ppm()) >= a_year).then(|| {
            let (found, allowed) = (Figure::AnnualPpm(rate), Figure::BelowDailyPpm(below));
            Breach::new(Rule::DailyRate, found, allowed, &self.short_credit)
        });
        let cap = self.effective_rate_cap(credit);
        let dear = (effective > cap.value).then(|| {
            let (found, allowed) = (Figure::EffectiveTenths(effective), Figure::EffectiveTenths(cap.value));
            Breach::new(Rule::EffectiveRate, found, allowed, &cap)
        });
        daily.into_iter().chain(dear)
    }

    /// The cap on a penalty agreed by the day; there is none for business.
    pub(super) fn check_penalty(&self, kind: CreditKind, penalty: DailyRate) -> Option<Breach> {
        let max = self.penalty.value.daily_max;
        (kind.is_consumer() && penalty > max).then(|| {
            Breach::new(Rule::Penalty, Figure::DailyPpm(penalty), Figure::DailyPpm(max), &self.penalty)
        })
    }
}

/// How much, from when to when, and how days become interest: what decides which caps hold.
pub(super) struct Span {
    pub(super) issued: Money,
    pub(super) disbursed_on: Date,
    pub(super) last_due: Date,
    pub(super) day_count: DayCount,
}

impl Span {
    fn of(terms: &Terms) -> Self {
        Self {
            issued: terms.principal,
            disbursed_on: terms.disbursed_on,
            last_due: terms.due_dates().last().unwrap_or(terms.disbursed_on),
            day_count: terms.day_count,
        }
    }

    /// By how many days a year's rate is divided; of two, the smaller.
    const fn days_in_year(&self) -> u64 {
        if matches!(self.day_count, DayCount::Actual360 | DayCount::Thirty360) { 360 } else { 365 }
    }
}
