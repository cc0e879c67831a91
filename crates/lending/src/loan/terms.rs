//! What an agreement says of a loan.

use crate::loan::AllocationOrder;
use crate::rate::DailyRate;
use crate::schedule::Terms;

/// Everything agreed that a fold needs.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanTerms {
    /// Amount, rate and dates.
    pub schedule: Terms,
    /// Penalty for each day of delay, of what is overdue; the legal caps hold above it.
    #[serde(rename = "penalty_ppm_per_day")]
    pub penalty: DailyRate,
    /// What a payment is taken for first.
    #[serde(default)]
    pub allocation: AllocationOrder,
    /// The rule set the agreement was made under ([`RuleSet::id`](crate::law::rules::RuleSet::id)).
    pub rule_set: String,
    /// Principal is wholly secured by registered property or money, so that interest and penalty do not stop
    /// after 90 overdue days (Law on microfinance activity, art. 7 п. 3).
    #[serde(default)]
    pub fully_secured: bool,
}
