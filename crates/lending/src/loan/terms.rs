//! What an agreement says of a loan.

use crate::law::rules::CreditKind;
use crate::loan::AllocationOrder;
use crate::rate::DailyRate;
use crate::schedule::{DaysOff, Terms};

/// Everything agreed that a fold needs.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
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
    /// What kind of credit it is, by which it depends whether and when interest and penalty stop in a delay
    /// ([`RuleSet::accrual_stops`](crate::law::rules::RuleSet::accrual_stops)).
    #[serde(default)]
    pub kind: CreditKind,
    /// What becomes of due dates on days off that an amendment makes; those of the agreement are in the schedule.
    #[serde(default, skip_serializing_if = "stays")]
    pub days_off: DaysOff,
    /// How the loan answers to what was not planned.
    #[serde(default, skip_serializing_if = "Conduct::is_default")]
    pub conduct: Conduct,
}

fn stays(days_off: &DaysOff) -> bool {
    *days_off == DaysOff::Stay
}

/// How a loan answers to what was not planned; the default is what this law and its clients expect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// What interest runs on.
    pub interest_on: InterestOn,
    /// What gives way when a period costs another interest than planned.
    pub deviation: Deviation,
    /// What money does that comes before it is due.
    pub early_money: EarlyMoney,
    /// When interest is rounded.
    pub rounded: Rounded,
    /// Whether a payment goes through what is owed component by component or installment by installment.
    pub allocate_by: AllocateBy,
    /// The principal may be paid out in several parts, adding up to that of the terms at most.
    pub tranches: bool,
}

impl Conduct {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What interest runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InterestOn {
    /// On all principal still lent, overdue or not.
    #[default]
    Balance,
    /// On principal that is not overdue.
    BalanceNotOverdue,
    /// On the balance of the plan: neither delay nor early payment changes the interest.
    Plan,
}

/// What gives way when a period costs another interest than planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// The payment: planned principal is paid as planned.
    #[default]
    Payment,
    /// The last installment: the regular one stays, principal is what interest leaves of it.
    LastInstallment,
}

/// What money does that comes before it is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EarlyMoney {
    /// It is held for the next due date, unless the client asked for early repayment.
    #[default]
    Hold,
    /// It satisfies the next installments in order.
    NextInstallment,
    /// It satisfies the last installments, the very last first.
    LastInstallment,
    /// It is principal of the running period; what is beyond its installment lowers the later ones.
    LowerInstallment,
}

/// When interest is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounded {
    /// Once a period.
    #[default]
    DueDates,
    /// Whenever the balance changes, too.
    Changes,
}

/// How a payment goes through several overdue installments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AllocateBy {
    /// All of one component first, as the law has it.
    #[default]
    Component,
    /// The oldest installment first.
    Installment,
}
