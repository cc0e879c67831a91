//! Dated rule sets: every limit of the law that a figure can break, with its source and the date from which
//! it holds.
//!
//! An application and an agreement name the set they were made under by [`RuleSet::id`] and keep it. A change
//! of the law is a new set in [`RULE_SETS`]; nothing else changes. [`sets`](RULE_SETS) holds the data, and
//! the checks are functions of a set and of what is held against it: [`RuleSet::check_product`],
//! [`RuleSet::check_offer`], [`check_agreement`], [`check_amendment`], [`RuleSet::demandable`]. Each check
//! names every [`Breach`], not the first.
//!
//! A date before the first set, or after the day up to which the last one's figures are known, has no rules
//! ([`NoRules`]): the monthly calculation index is set a year at a time, and a limit in next year's index is
//! not guessed from this year's.

mod agreement;
mod amendment;
mod breach;
mod demandable;
mod offer;
mod product;
mod sets;

#[cfg(test)]
mod tests;

use crate::calendar::{CalendarDays, WorkingDays};
use crate::effective_rate::EffectiveRate;
use crate::money::{Money, Rounding};
use crate::rate::DailyRate;
pub use agreement::{Agreement, Extras, Payout, check_agreement};
pub use amendment::{Amendment, By, Capitalised, Conditions, ConscriptDeferral, Relief, check_amendment};
pub use breach::{Breach, Figure, Rule};
pub use demandable::{Delay, Demandable, PenaltyClaim};
use jiff::civil::Date;
pub use offer::{CreditKind, Offer};
pub use sets::RULE_SETS;

/// A limit, where it is written and since when it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit<T> {
    /// The limit itself.
    pub value: T,
    /// The act and article.
    pub source: &'static str,
    /// The first day it holds; for what is older than the edition these sets begin with, the day of that.
    pub since: Date,
}

/// Everything the law sets in numbers on the days this set is in force.
///
/// Limits for "individuals" are those for credits of individuals that serve no business; see [`CreditKind`].
#[derive(PartialEq, Eq, Debug)]
pub struct RuleSet {
    /// Stable name: the first day it is in force.
    pub id: &'static str,
    /// The first day it is in force.
    pub from: Date,
    /// The last day for which its figures are known; the next set begins the day after.
    pub until: Date,
    /// The monthly calculation index (MCI, МРП).
    pub mci: Limit<Money>,
    /// Highest annual effective rate of a microcredit.
    pub effective_rate_max: Limit<EffectiveRate>,
    /// What holds instead for short small credits.
    pub short_credit: Limit<ShortCredit>,
    /// Largest credit, in MCI.
    pub credit_max_mci: Limit<u32>,
    /// Caps on penalties of individuals.
    pub penalty: Limit<PenaltyCaps>,
    /// Interest and penalty accrued to individuals after so many consecutive overdue days may not be
    /// demanded.
    pub accrual_stops_after: Limit<CalendarDays>,
    /// The same where immovable property is mortgaged.
    pub accrual_stops_after_mortgage: Limit<CalendarDays>,
    /// The pause between agreement and money, where there is one.
    pub cooling_off: Option<Limit<CoolingOff>>,
    /// Overdue interest and penalty added to principal.
    pub capitalisation: Limit<CapitalisationRules>,
    /// The client is told of a delay within so many days of its beginning.
    pub overdue_notice_within: Limit<CalendarDays>,
    /// A client in delay may ask for a change of terms.
    pub relief_request_within: Limit<RequestWindow>,
    /// Such a request is answered within so many days.
    pub relief_answer_within: Limit<CalendarDays>,
    /// A counter-offer not agreed on within so many days is a refusal.
    pub relief_agreement_within: Limit<CalendarDays>,
    /// A client refused may turn to the ombudsman within so many days.
    pub ombudsman_within: Limit<CalendarDays>,
    /// What the vulnerable must be given when they ask for it.
    pub relief_due: Limit<ReliefDue>,
    /// A conscript's payments wait, without interest, for the service and so many days after it.
    pub conscript_deferral_after: Limit<CalendarDays>,
    /// The client may refuse a change for the better within so many days of being told.
    pub improvement_refusal_within: Limit<CalendarDays>,
    /// The rate is not raised, and the method of repayment not changed by the organization alone.
    pub rate_and_method: Limit<()>,
    /// An individual's term is not lengthened without consent.
    pub lengthening: Limit<()>,
    /// The organization alone changes terms only for the better.
    pub alone: Limit<()>,
    /// Fees beside interest and penalty.
    pub fee_max: Limit<Money>,
    /// Fee for early repayment, as a share of it in parts per million.
    pub early_repayment_fee_max_ppm: Limit<u32>,
    /// A debt in tenge is tied to no currency and no other measure.
    pub no_indexation: Limit<()>,
    /// Every individual is shown draft schedules by annuity and by differentiated payments.
    pub draft_schedules: Limit<()>,
    /// What an insufficient payment of an individual is taken for, first to last.
    pub allocation: Limit<crate::loan::AllocationOrder>,
    /// Highest debt burden (КДН) in parts per million of income.
    pub debt_burden_max_ppm: Limit<u32>,
    /// No credit to someone overdue elsewhere for more days than this.
    pub overdue_elsewhere_max: Limit<CalendarDays>,
    /// A right to claim is assigned only after so many consecutive overdue days.
    pub assignment_after: Limit<CalendarDays>,
    /// The same where immovable property is mortgaged.
    pub assignment_after_mortgage: Limit<CalendarDays>,
    /// Terms when somebody got at the client's data or credit.
    pub fraud: Limit<FraudTerms>,
    /// A credit given against a ban is written off and refunded within so many days of being found.
    pub banned_credit_write_off_within: Limit<WorkingDays>,
}

/// Short small credits: outside the general cap on the effective rate, under caps of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShortCredit {
    /// Longest term that counts as short.
    pub term_max: CalendarDays,
    /// Largest amount that counts as small, in MCI.
    pub amount_max_mci: u32,
    /// Interest a day stays below it.
    pub daily_rate_below: DailyRate,
    /// Highest annual effective rate.
    pub effective_rate_max: EffectiveRate,
}

/// Caps on penalties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PenaltyCaps {
    /// A day, of the overdue payment, in the first days overdue.
    pub daily_max: DailyRate,
    /// How many those first days are.
    pub first_days: CalendarDays,
    /// A day, of the overdue payment, afterwards; zero where the law allows none by name.
    pub daily_max_later: DailyRate,
    /// In each year of the agreement, of the amount issued, in parts per million.
    pub yearly_max_ppm: u32,
}

/// The pause between agreement and money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CoolingOff {
    /// Its length in hours.
    pub hours: u16,
    /// Only for credits (summed over a calendar day) above so many MCI.
    pub above_mci: u32,
    /// Where the money may go at once.
    pub exempt: &'static [Payout],
}

/// What the law says of overdue interest and penalty that an amendment adds to principal. That they bear no
/// interest holds in every set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CapitalisationRules {
    /// Whether they may be added at all where a dwelling is mortgaged.
    pub of_mortgages: bool,
    /// Whether credits for business are left out of it; where they are not, legal entities come under it here
    /// with individuals, though the law names these only.
    pub spares_business: bool,
}

/// Since when a client in delay may ask for a change of terms, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestWindow {
    /// How long.
    pub days: CalendarDays,
    /// Counted from what.
    pub from: RequestFrom,
}

/// What a time to ask is counted from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestFrom {
    /// The first day of the delay.
    Delay,
    /// The day the notice of it was sent.
    Notice,
}

/// What the organization must agree to when a client asks who is of a vulnerable group or has suffered from
/// an emergency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReliefDue {
    /// Least length, in months.
    pub months_min: u16,
    /// Least cut of the monthly payment, in parts per million of it.
    pub cut_min_ppm: u32,
    /// For the vulnerable: only where income fell by more than this, in parts per million; the average of two
    /// months against that of twelve, both before the month of asking.
    pub income_fall_above_ppm: u32,
}

/// Terms when somebody got at the client's data or credit (stricter than Rules cl. 13.a, 13.b and 13.d).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FraudTerms {
    /// The client and the authorized body are told.
    pub tell_within: WorkingDays,
    /// The unlawful acts are put an end to.
    pub stop_within: WorkingDays,
    /// Their consequences are mended.
    pub mend_within: WorkingDays,
    /// Accrual and collection are suspended after an act of the police.
    pub suspend_within: CalendarDays,
    /// The debt is written off and what was paid is given back after an act of a court in force.
    pub write_off_within: WorkingDays,
}

/// Why there are no rules to hold something against.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRules {
    /// Before the first set.
    #[error("{field}: {on} lies before {first}, the first day of the first rule set")]
    Before {
        /// The field to blame.
        field: &'static str,
        /// Its date.
        on: Date,
        /// The first day that has rules.
        first: Date,
    },
    /// Beyond what is known of the law.
    #[error(
        "{field}: {on} lies beyond {until}; the monthly calculation index and the law of that day are not known yet"
    )]
    Beyond {
        /// The field to blame.
        field: &'static str,
        /// Its date.
        on: Date,
        /// The last day that has rules.
        until: Date,
    },
    /// No set has that name.
    #[error("{field}: no rule set has that name")]
    Unknown {
        /// The field to blame.
        field: &'static str,
    },
}

impl NoRules {
    /// The field to blame.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Before { field, .. } | Self::Beyond { field, .. } | Self::Unknown { field } => field,
        }
    }
}

impl RuleSet {
    /// The set in force on `date`; nothing where [`RuleSet::in_force`] refuses.
    #[must_use]
    pub fn on(date: Date) -> Option<&'static Self> {
        RULE_SETS.iter().find(|set| set.holds_on(date))
    }

    /// The set in force on the date of `field`.
    ///
    /// # Errors
    /// [`NoRules`] before the first set and beyond what is known.
    pub fn in_force(field: &'static str, on: Date) -> Result<&'static Self, NoRules> {
        let (first, until) = (RULE_SETS[0].from, RULE_SETS[RULE_SETS.len() - 1].until);
        Self::on(on).ok_or(if on < first {
            NoRules::Before { field, on, first }
        } else {
            NoRules::Beyond { field, on, until }
        })
    }

    /// The set an agreement names.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        RULE_SETS.iter().find(|set| set.id == id)
    }

    /// The last day on which a client whose delay began on `delay_since` may ask for a change of terms; not
    /// known before the notice is sent, where the time counts from it.
    #[must_use]
    pub fn relief_request_until(&self, delay_since: Date, notice_sent: Option<Date>) -> Option<Date> {
        let window = self.relief_request_within.value;
        let from = match window.from {
            RequestFrom::Delay => Some(delay_since),
            RequestFrom::Notice => notice_sent,
        };
        from.map(|from| window.days.after(from))
    }

    /// Whether it is in force on `date`.
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        (self.from..=self.until).contains(&date)
    }

    /// So many MCI in money.
    #[must_use]
    pub fn of_mci(&self, count: u32) -> Money {
        self.mci.value.mul_ratio(i128::from(count), 1, Rounding::HalfEven)
    }

    /// The largest credit.
    #[must_use]
    pub fn credit_max(&self) -> Money {
        self.of_mci(self.credit_max_mci.value)
    }

    /// Hours between agreement and money for unsecured consumer credits concluded over the Internet whose
    /// money goes to the client, adding up to `amount` on one calendar day. [`RuleSet::pause`] knows the
    /// exceptions.
    #[must_use]
    pub fn cooling_off_hours(&self, amount: Money) -> u16 {
        let pause = self.cooling_off.as_ref().map(|limit| limit.value);
        pause.filter(|pause| amount > self.of_mci(pause.above_mci)).map_or(0, |pause| pause.hours)
    }
}
