//! A quote: what a credit on given terms costs, and what the law says of it.

use crate::effective_rate::{EffectiveRate, EffectiveRateError};
use crate::law::rules::{Breach, Offer};
use crate::money::Money;
use crate::report::input::{self, Agreement, InputError};
use crate::schedule::{Row, Terms, Totals};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a credit on given terms costs.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Quote {
    /// The terms, due dates on days off dealt with.
    pub terms: Terms,
    /// The plan.
    pub rows: Vec<Row>,
    /// Sums of the plan's columns.
    pub totals: Totals,
    /// The regular installment (annuity) or share of principal (every other method).
    pub regular_tiyn: Money,
    /// The annual effective rate in tenths of a percent; nothing where the cash flow has none.
    pub effective_rate_tenths: Option<EffectiveRate>,
    /// What the law says.
    pub verdict: Verdict,
}

/// What a rule set says of an offer.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// The rule set, by its first day.
    pub rule_set: String,
    /// No limit of it is broken.
    pub lawful: bool,
    /// The limits that are broken.
    pub breaches: Vec<Broken>,
}

/// A limit that is broken.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Broken {
    /// Stable code.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub code: &'static str,
    /// What was found and what is allowed.
    pub reason: String,
}

/// Tells an agreement from mere terms.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    schedule: Option<IgnoredAny>,
}

/// Reads an [`Agreement`] or mere [`Terms`] and quotes them.
///
/// # Errors
/// [`InputError`] where the text is not one of both, or cannot be computed with.
pub fn quote(json: &str) -> Result<Quote, InputError> {
    let is_agreement = serde_json::from_str::<Shape>(json).is_ok_and(|shape| shape.schedule.is_some());
    let (agreement, within) = if is_agreement {
        (input::read::<Agreement>(json)?, "schedule.")
    } else {
        (Agreement::of(input::read::<Terms>(json)?), "")
    };
    let (loan, rules) = agreement.agreed("", within)?;
    let terms = loan.schedule;
    let schedule = terms.schedule().map_err(|why| InputError::terms(within, why))?;
    let rate = EffectiveRate::of(schedule.cash_flow(terms.disbursed_on));
    let offer =
        |effective_rate| Offer { kind: loan.kind, terms: &terms, effective_rate, penalty: loan.penalty };
    let breaches = match rate {
        Ok(rate) => rules.check_offer(&offer(rate)).into_iter().map(Broken::from).collect(),
        Err(why) => {
            let others = rules.check_offer(&offer(EffectiveRate::default())).into_iter().map(Broken::from);
            std::iter::once(Broken::from(why)).chain(others).collect()
        }
    };
    let breaches: Vec<Broken> = breaches;
    Ok(Quote {
        rows: schedule.rows,
        totals: schedule.totals,
        regular_tiyn: schedule.regular,
        effective_rate_tenths: rate.ok(),
        verdict: Verdict { rule_set: rules.id.to_owned(), lawful: breaches.is_empty(), breaches },
        terms,
    })
}

impl From<Breach> for Broken {
    fn from(breach: Breach) -> Self {
        Self { code: breach.code(), reason: breach.to_string() }
    }
}

impl From<EffectiveRateError> for Broken {
    fn from(why: EffectiveRateError) -> Self {
        Self { code: "effective_rate_unknown", reason: why.to_string() }
    }
}
