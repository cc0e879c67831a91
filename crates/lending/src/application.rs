//! The decision on an application (Rules cl. [8.1](crate::law::CL_8_1), [8.8](crate::law::CL_8_8),
//! [10](crate::law::CL_10)).

use crate::effective_rate::EffectiveRate;
use crate::law::rules::{Breach, Offer, Rule, RuleSet};
use crate::money::{Money, Rounding};
use crate::product::Product;
use crate::rate::DailyRate;
use crate::schedule::Schedule;
use crate::schedule::Terms;
use jiff::civil::Date;

/// What is known about an application when it is decided.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The day of the decision.
    pub on: Date,
    /// The terms asked for.
    pub terms: &'a Terms,
    /// Their schedule.
    pub schedule: &'a Schedule,
    /// Its annual effective rate.
    pub effective_rate: EffectiveRate,
    /// The penalty a day.
    pub penalty: DailyRate,
    /// What the money is for; a code of the product's purposes.
    pub purpose: &'a str,
    /// Full years on the day of the decision; a legal entity has none.
    pub age: Option<u16>,
    /// Average monthly income over the last six months.
    pub monthly_income: Money,
    /// Found in a list of terrorists or of the financing of weapons (Rules cl. [8.1](crate::law::CL_8_1),
    /// [10](crate::law::CL_10)).
    pub listed: bool,
    /// The credit report holds a voluntary refusal (Rules cl. [8.8](crate::law::CL_8_8),
    /// [10](crate::law::CL_10)).
    pub voluntary_refusal: bool,
    /// The obligations in the credit report.
    pub debts: &'a [OtherDebt],
    /// Principal still owed to this organization.
    pub owed_here: Money,
}

/// An obligation elsewhere, as the bureau reports it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OtherDebt {
    /// Payment a month.
    pub monthly_payment: Money,
    /// Amount overdue.
    pub overdue: Money,
    /// Days overdue.
    pub overdue_days: u32,
}

/// Yes or no.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The credit may be given on the terms asked for.
    Approve {
        /// The debt burden with it, parts per million of income.
        debt_burden_ppm: u32,
    },
    /// It may not; every reason found.
    Decline(Vec<DeclineReason>),
}

/// Why a credit is not given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeclineReason {
    /// Found in a list (Rules cl. [10](crate::law::CL_10)).
    #[error("found in a list under the AML/CFT law")]
    Listed,
    /// The person has refused to take microcredits (Rules cl. [8.8](crate::law::CL_8_8),
    /// [10](crate::law::CL_10)).
    #[error("a voluntary refusal to take microcredits stands")]
    VoluntaryRefusal,
    /// Overdue elsewhere for too long (Law on microfinance activity, art. 7 п. 3 пп. 1-1).
    #[error("overdue elsewhere for {days} days")]
    OverdueElsewhere {
        /// The longest delay.
        days: u32,
    },
    /// Payments would take too much of the income (NBRK resolution No. 215).
    #[error("debt burden of {found_ppm} millionths is above {max_ppm}")]
    DebtBurden {
        /// With this credit; [`u32::MAX`] without income.
        found_ppm: u32,
        /// Allowed.
        max_ppm: u32,
    },
    /// Too young now, or too old at the last due date.
    #[error("age outside the product's bounds")]
    Age,
    /// Not a purpose of the product.
    #[error("not a purpose of the product")]
    Purpose,
    /// The amount is outside the product's bounds, or above the law's with what is owed already.
    #[error("amount outside the bounds")]
    Amount,
    /// A limit of the law on rates.
    #[error(transparent)]
    Law(#[from] Breach),
}

impl DeclineReason {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::VoluntaryRefusal => "voluntary_refusal",
            Self::OverdueElsewhere { .. } => "overdue_elsewhere",
            Self::DebtBurden { .. } => "debt_burden",
            Self::Age => "age",
            Self::Purpose => "purpose",
            Self::Amount => "amount_over_limit",
            Self::Law(breach) => breach.code(),
        }
    }

    /// Where it is written.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Listed => "Rules cl. 8.1, 10",
            Self::VoluntaryRefusal => "Rules cl. 8.8, 10",
            Self::OverdueElsewhere { .. } => "Law on microfinance activity, art. 7 п. 3 пп. 1-1",
            Self::DebtBurden { .. } => "NBRK resolution No. 215 of 28.11.2019",
            Self::Age | Self::Purpose => "the product",
            Self::Amount => "the product; Law on microfinance activity, art. 3",
            Self::Law(breach) => breach.source_of_rule,
        }
    }
}

/// Decides by the product's rules and the law of the day; every reason is named.
#[must_use]
pub fn decide(facts: &Facts<'_>, product: &Product, rules: &RuleSet) -> Decision {
    let borrower = product.borrower;
    let longest_delay = facts.debts.iter().map(|debt| debt.overdue_days).max().unwrap_or(0);
    let delay_max = borrower.overdue_days_max.0.min(rules.overdue_elsewhere_max.value.0);
    let burden_max = borrower.debt_burden_max_ppm.min(rules.debt_burden_max_ppm.value);
    let burden = debt_burden_ppm(facts.debts, largest_payment(facts), facts.monthly_income);
    let ends_on = facts.schedule.rows.last().map_or(facts.on, |row| row.due_on);
    let years_ahead = u16::try_from(ends_on.year() - facts.on.year()).unwrap_or(0);
    let amounts = product.amount_min..=product.amount_max;
    let within_law =
        facts.terms.principal.checked_add(facts.owed_here).is_some_and(|sum| sum <= rules.credit_max());

    let checks = [
        (!facts.listed, DeclineReason::Listed),
        (!facts.voluntary_refusal, DeclineReason::VoluntaryRefusal),
        (longest_delay <= u32::from(delay_max), DeclineReason::OverdueElsewhere { days: longest_delay }),
        (burden <= burden_max, DeclineReason::DebtBurden { found_ppm: burden, max_ppm: burden_max }),
        (
            facts.age.is_none_or(|age| {
                borrower.age_min <= age && age.saturating_add(years_ahead) <= borrower.age_max
            }),
            DeclineReason::Age,
        ),
        (product.purposes.iter().any(|purpose| purpose == facts.purpose), DeclineReason::Purpose),
        (amounts.contains(&facts.terms.principal) && within_law, DeclineReason::Amount),
    ];
    let offer = Offer {
        kind: product.kind,
        terms: facts.terms,
        effective_rate: facts.effective_rate,
        penalty: facts.penalty,
    };
    let unlawful = rules.check_offer(&offer).into_iter().filter(|breach| breach.rule != Rule::Amount);
    let reasons: Vec<DeclineReason> = checks
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, reason)| reason)
        .chain(unlawful.map(DeclineReason::Law))
        .collect();
    if reasons.is_empty() {
        Decision::Approve { debt_burden_ppm: burden }
    } else {
        Decision::Decline(reasons)
    }
}

/// The new credit's monthly payment: the largest of its schedule.
fn largest_payment(facts: &Facts<'_>) -> Money {
    facts.schedule.rows.iter().map(|row| row.payment).max().unwrap_or(Money::ZERO)
}

/// The debt burden (КДН): monthly payments on all debts, what is overdue included, and on the new credit, by
/// monthly income; in parts per million, rounded up. [`u32::MAX`] without income or where it is beyond
/// measure.
#[must_use]
pub fn debt_burden_ppm(debts: &[OtherDebt], new_payment: Money, monthly_income: Money) -> u32 {
    if !monthly_income.is_positive() {
        return u32::MAX;
    }
    let wide = |amount: Money| i128::from(amount.tiyn().max(0));
    let payments: i128 = debts.iter().map(|debt| wide(debt.monthly_payment) + wide(debt.overdue)).sum();
    let ratio = Rounding::Ceiling.divide((payments + wide(new_payment)) * 1_000_000, wide(monthly_income));
    u32::try_from(ratio).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::product;
    use crate::schedule::Method;

    fn decided(change: impl FnOnce(&mut Facts<'_>), debts: &[OtherDebt]) -> Result<u32, Vec<&'static str>> {
        decided_on(Date::constant(2026, 2, 2), change, debts)
    }

    fn decided_on(
        on: Date,
        change: impl FnOnce(&mut Facts<'_>),
        debts: &[OtherDebt],
    ) -> Result<u32, Vec<&'static str>> {
        let product = product();
        let terms = product.terms(Money::from_tenge(300_000), 12, Method::Annuity, on).unwrap();
        let schedule = terms.schedule().unwrap();
        let mut facts = Facts {
            on,
            terms: &terms,
            schedule: &schedule,
            effective_rate: EffectiveRate::of(schedule.cash_flow(on)).unwrap(),
            penalty: product.penalty,
            purpose: "consumption",
            age: Some(30),
            monthly_income: Money::from_tenge(200_000),
            listed: false,
            voluntary_refusal: false,
            debts,
            owed_here: Money::ZERO,
        };
        change(&mut facts);
        match decide(&facts, &product, RuleSet::on(on).unwrap()) {
            Decision::Approve { debt_burden_ppm } => Ok(debt_burden_ppm),
            Decision::Decline(reasons) => Err(reasons.into_iter().map(DeclineReason::code).collect()),
        }
    }

    #[test]
    fn a_client_within_every_rule_is_given_the_credit() {
        assert_eq!(decided(|_| {}, &[]), Ok(150_486), "30 097.20 of 200 000");
    }

    /// Proves [`CL_8_8`](crate::law::CL_8_8), [`CL_10`](crate::law::CL_10).
    #[test]
    fn each_ground_for_refusal_is_named() {
        let debt = |monthly, overdue, overdue_days| OtherDebt {
            monthly_payment: Money::from_tenge(monthly),
            overdue: Money::from_tenge(overdue),
            overdue_days,
        };
        let refused = |change: fn(&mut Facts<'_>)| decided(change, &[]).unwrap_err();
        assert_eq!(refused(|facts| facts.listed = true), ["listed"]);
        assert_eq!(refused(|facts| facts.voluntary_refusal = true), ["voluntary_refusal"]);
        assert_eq!(refused(|facts| facts.age = Some(17)), ["age"]);
        assert_eq!(refused(|facts| facts.age = Some(68)), ["age"], "69 at the last due date");
        assert!(decided(|facts| facts.age = None, &[]).is_ok(), "a legal entity has no age");
        assert_eq!(refused(|facts| facts.purpose = "speculation"), ["purpose"]);
        assert_eq!(refused(|facts| facts.monthly_income = Money::ZERO), ["debt_burden"]);
        assert_eq!(refused(|facts| facts.owed_here = Money::from_tenge(86_300_000)), ["amount_over_limit"]);
        assert_eq!(
            refused(|facts| facts.effective_rate = EffectiveRate::from_tenths(461)),
            ["effective_rate_over_cap"]
        );
        assert_eq!(decided(|_| {}, &[debt(69_902, 0, 0)]), Ok(499_996));
        assert_eq!(decided(|_| {}, &[debt(60_000, 9_903, 1)]), Err(vec!["debt_burden"]), "overdue counts");
        assert!(decided(|_| {}, &[debt(0, 100, 90)]).is_ok());
        assert_eq!(decided(|_| {}, &[debt(0, 100, 91)]), Err(vec!["overdue_elsewhere"]));
        let since_law_259 = |days| decided_on(Date::constant(2026, 3, 18), |_| {}, &[debt(0, 100, days)]);
        assert!(since_law_259(50).is_ok());
        assert_eq!(since_law_259(51), Err(vec!["overdue_elsewhere"]));
    }
}
