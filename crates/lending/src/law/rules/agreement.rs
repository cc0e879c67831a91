//! An agreement held against the rule set it names.

use super::{Breach, CreditKind, Figure, NoRules, Offer, Rule, RuleSet};
use crate::calendar::CalendarDays;
use crate::money::Money;
use jiff::civil::Date;

/// Where the money of a credit goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payout {
    /// To the client: account, card or cash.
    Client,
    /// To the account of who sells what the credit is taken for, when the client has confirmed getting it.
    Merchant,
    /// To pay the client's debt to this same organization.
    OwnDebt,
    /// To taxes, fines and debts under enforcement.
    PublicDues,
}

/// What an agreement may ask for beside interest and penalty: nothing. Filled in from a text that is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extras {
    /// Fees of any name.
    pub fees: Money,
    /// Fee for early repayment, as a share of it in parts per million.
    pub early_repayment_fee_ppm: u32,
    /// The debt, which is in tenge, is tied to a currency or another measure.
    pub indexed: bool,
}

/// An agreement: an offer, concluded on a date, under the rule set it names and keeps.
#[derive(Clone, Copy, Debug)]
pub struct Agreement<'a> {
    /// What was agreed on.
    pub offer: Offer<'a>,
    /// The day it was signed.
    pub concluded_on: Date,
    /// The set it names ([`RuleSet::id`]).
    pub rule_set: &'a str,
    /// Concluded over the Internet.
    pub online: bool,
    /// Where the money goes.
    pub payout: Payout,
    /// What else this client was lent that day, without a pledge and over the Internet.
    pub lent_that_day: Money,
    /// What it asks for beside interest and penalty.
    pub extras: Extras,
}

/// Every rule the agreement breaks, by the set it names. A set that was not in force on its day is itself a
/// breach.
///
/// # Errors
/// [`NoRules`] where no set has that name, or its date has no rules.
pub fn check_agreement(agreement: &Agreement<'_>) -> Result<Vec<Breach>, NoRules> {
    let in_force = RuleSet::in_force("concluded_on", agreement.concluded_on)?;
    let named = RuleSet::by_id(agreement.rule_set).ok_or(NoRules::Unknown { field: "rule_set" })?;
    let mut breaches = named.check_offer(&agreement.offer);
    if named != in_force {
        breaches.push(Breach {
            rule: Rule::RuleSet,
            found: Figure::Word(named.id),
            allowed: Figure::Word(in_force.id),
            source_of_rule: "the rule sets of the law",
            since: in_force.from,
        });
    }
    breaches.extend(named.check_extras(agreement.extras));
    breaches.extend(named.check_pause(agreement));
    Ok(breaches)
}

impl RuleSet {
    /// Hours between agreement and money for such a credit; `amount` with what else was lent that day.
    #[must_use]
    pub fn pause(&self, kind: CreditKind, online: bool, payout: Payout, amount: Money) -> u16 {
        let exempt = self.cooling_off.is_none_or(|limit| limit.value.exempt.contains(&payout));
        if kind == CreditKind::Unsecured && online && !exempt { self.cooling_off_hours(amount) } else { 0 }
    }

    /// Dates say less than hours: the money may leave on the day on which the pause ends, at the earliest.
    fn check_pause(&self, agreement: &Agreement<'_>) -> Option<Breach> {
        let terms = agreement.offer.terms;
        let amount = terms.principal.checked_add(agreement.lent_that_day).unwrap_or(Money::MAX);
        let hours = self.pause(agreement.offer.kind, agreement.online, agreement.payout, amount);
        let earliest = CalendarDays(hours.div_ceil(24)).after(agreement.concluded_on);
        let limit = self.cooling_off.as_ref().filter(|_| terms.disbursed_on < earliest)?;
        let (found, allowed) = (Figure::On(terms.disbursed_on), Figure::On(earliest));
        Some(Breach::new(Rule::CoolingOff, found, allowed, limit))
    }

    /// Fees and ties, which no set allows.
    pub(super) fn check_extras(&self, extras: Extras) -> impl Iterator<Item = Breach> {
        let (max, fee_max) = (self.fee_max.value, self.early_repayment_fee_max_ppm.value);
        let fees = (extras.fees > max)
            .then(|| Breach::new(Rule::Fee, Figure::Tiyn(extras.fees), Figure::Tiyn(max), &self.fee_max));
        let early = (extras.early_repayment_fee_ppm > fee_max).then(|| {
            let (found, allowed) =
                (Figure::SharePpm(extras.early_repayment_fee_ppm), Figure::SharePpm(fee_max));
            Breach::new(Rule::EarlyRepaymentFee, found, allowed, &self.early_repayment_fee_max_ppm)
        });
        let tie = extras.indexed.then(|| {
            Breach::new(Rule::Indexation, Figure::Word("tied"), Figure::Word("not tied"), &self.no_indexation)
        });
        [fees, early, tie].into_iter().flatten()
    }
}
