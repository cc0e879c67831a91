//! What a check names.

use super::Limit;
use crate::effective_rate::EffectiveRate;
use crate::money::Money;
use crate::rate::{DailyRate, Rate};
use jiff::civil::Date;
use std::fmt;

/// A rule broken: which, by what, and where it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, thiserror::Error)]
#[error("{rule}: {found}, where the law allows {allowed} ({source_of_rule})")]
pub struct Breach {
    /// The rule.
    #[serde(rename = "code")]
    pub rule: Rule,
    /// What was found.
    pub found: Figure,
    /// What is allowed: the limit itself.
    pub allowed: Figure,
    /// The act and article.
    #[serde(rename = "source")]
    pub source_of_rule: &'static str,
    /// The first day the rule holds.
    pub since: Date,
}

impl Breach {
    pub(super) const fn new<T>(rule: Rule, found: Figure, allowed: Figure, limit: &Limit<T>) -> Self {
        Self { rule, found, allowed, source_of_rule: limit.source, since: limit.since }
    }

    /// Stable code of the rule.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.rule.code()
    }
}

/// A figure found or allowed, with its unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Figure {
    /// An amount in tiyn.
    Tiyn(Money),
    /// An annual effective rate in tenths of a percent.
    EffectiveTenths(EffectiveRate),
    /// A nominal annual rate in parts per million.
    AnnualPpm(Rate),
    /// A rate per day in parts per million.
    DailyPpm(DailyRate),
    /// Anything below that rate per day.
    BelowDailyPpm(DailyRate),
    /// A share in parts per million.
    SharePpm(u32),
    /// A number of months.
    Months(u16),
    /// A date.
    On(Date),
    /// Something that is there, or should be.
    Word(&'static str),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tiyn(amount) => write!(f, "{amount} tenge"),
            Self::EffectiveTenths(rate) => write!(f, "{rate} % effective"),
            Self::AnnualPpm(rate) => write!(f, "{rate} % a year"),
            Self::DailyPpm(rate) => write!(f, "{rate} % a day"),
            Self::BelowDailyPpm(rate) => write!(f, "less than {rate} % a day"),
            Self::SharePpm(share) => write!(f, "{share} parts per million"),
            Self::Months(months) => write!(f, "{months} months"),
            Self::On(date) => date.fmt(f),
            Self::Word(word) => f.write_str(word),
        }
    }
}

macro_rules! rules {
    ($( $(#[doc = $doc:literal])+ $name:ident = ($code:literal, $text:literal); )+) => {
        /// A rule that a figure or a change can break.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize)]
        pub enum Rule {
            $( $(#[doc = $doc])+ #[serde(rename = $code)] $name, )+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }

        /// What was looked at, in English, for logs and auditors.
        impl fmt::Display for Rule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text),+ })
            }
        }
    };
}

rules! {
    /// [`credit_max_mci`](super::RuleSet::credit_max_mci).
    Amount = ("amount_over_limit", "amount of the credit");
    /// [`effective_rate_max`](super::RuleSet::effective_rate_max), or that of
    /// [short credits](super::RuleSet::short_credit).
    EffectiveRate = ("effective_rate_over_cap", "annual effective rate");
    /// [`ShortCredit::daily_rate_below`](super::ShortCredit::daily_rate_below).
    DailyRate = ("daily_rate_over_cap", "interest of a short credit");
    /// [`PenaltyCaps::daily_max`](super::PenaltyCaps::daily_max).
    Penalty = ("penalty_over_cap", "penalty");
    /// [`fee_max`](super::RuleSet::fee_max).
    Fee = ("fee", "fees beside interest and penalty");
    /// [`early_repayment_fee_max_ppm`](super::RuleSet::early_repayment_fee_max_ppm).
    EarlyRepaymentFee = ("early_repayment_fee", "fee for early repayment");
    /// [`no_indexation`](super::RuleSet::no_indexation).
    Indexation = ("indexation", "tie of the debt to a currency or another measure");
    /// [`draft_schedules`](super::RuleSet::draft_schedules).
    DraftSchedules = ("draft_schedules_missing", "methods of repayment shown");
    /// [`allocation`](super::RuleSet::allocation).
    Allocation = ("allocation_order", "order in which a payment is taken");
    /// The set an agreement names is not the one of its day.
    RuleSet = ("rule_set_not_in_force", "rule set the agreement names");
    /// [`cooling_off`](super::RuleSet::cooling_off).
    CoolingOff = ("cooling_off_too_short", "day the money leaves");
    /// [`rate_and_method`](super::RuleSet::rate_and_method).
    RateRaised = ("rate_raised", "interest rate after the change");
    /// [`rate_and_method`](super::RuleSet::rate_and_method).
    MethodChanged = ("method_changed_alone", "method changed by the organization alone");
    /// [`lengthening`](super::RuleSet::lengthening).
    TermLengthened = ("term_lengthened_alone", "last due date moved by the organization alone");
    /// [`alone`](super::RuleSet::alone).
    ChangedAlone = ("changed_alone", "change by the organization alone that is no improvement");
    /// [`capitalisation`](super::RuleSet::capitalisation).
    Capitalised = ("overdue_capitalised", "overdue interest and penalty added to principal");
    /// [`capitalisation`](super::RuleSet::capitalisation).
    InterestOnCapitalised = ("interest_on_capitalised", "interest on what was added to principal");
    /// [`ReliefDue::months_min`](super::ReliefDue::months_min).
    ReliefLength = ("relief_too_short", "length of the relief due");
    /// [`ReliefDue::cut_min_ppm`](super::ReliefDue::cut_min_ppm).
    ReliefCut = ("relief_too_small", "cut of the monthly payment");
    /// [`conscript_deferral_after`](super::RuleSet::conscript_deferral_after).
    ConscriptDeferral = ("conscript_deferral_too_short", "end of the conscript's deferral");
    /// [`conscript_deferral_after`](super::RuleSet::conscript_deferral_after).
    ConscriptInterest = ("conscript_deferral_interest", "interest during the conscript's deferral");
}
