//! What of a debt in delay may be demanded.

use super::{CreditKind, Limit, RuleSet};
use crate::calendar::CalendarDays;
use crate::money::{Money, Rounding};
use crate::rate::DailyRate;

/// Where a delay stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delay {
    /// The how-manieth consecutive overdue day it is, from 1; 0 when nothing is overdue.
    pub day: u32,
    /// A collection agency has the debt.
    pub with_agency: bool,
}

/// What may be demanded of what accrues on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demandable {
    /// Interest may be.
    pub interest: bool,
    /// Penalty may be.
    pub penalty: PenaltyClaim,
}

/// How much penalty may be demanded for a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PenaltyClaim {
    /// None.
    Nothing,
    /// At most so much of the overdue payment, within the yearly cap.
    UpTo(DailyRate),
    /// What was agreed: the law caps penalties of individuals only.
    Agreed,
}

impl RuleSet {
    /// After how many consecutive overdue days what accrues to such a credit may no longer be demanded; never
    /// for business, and where principal was wholly covered by a pledge other than a mortgage. A mortgage
    /// that covers a part only comes under the general rule as well, which is the stricter.
    #[must_use]
    pub const fn accrual_stops(&self, kind: CreditKind) -> Option<Limit<CalendarDays>> {
        match kind {
            CreditKind::Unsecured | CreditKind::Secured | CreditKind::Mortgage => {
                Some(self.accrual_stops_after)
            }
            CreditKind::WhollyMortgaged => Some(self.accrual_stops_after_mortgage),
            CreditKind::WhollySecured | CreditKind::Business => None,
        }
    }

    /// What may be demanded of what accrues on a day of a delay.
    #[must_use]
    pub fn demandable(&self, kind: CreditKind, delay: Delay) -> Demandable {
        let stopped = self.accrual_stops(kind).is_some_and(|limit| delay.day > u32::from(limit.value.0));
        if stopped || delay.with_agency {
            return Demandable { interest: false, penalty: PenaltyClaim::Nothing };
        }
        let caps = self.penalty.value;
        let later = delay.day > u32::from(caps.first_days.0);
        let max = if later { caps.daily_max_later } else { caps.daily_max };
        let penalty = if delay.day == 0 {
            PenaltyClaim::Nothing
        } else if !kind.is_consumer() {
            PenaltyClaim::Agreed
        } else if max.ppm() == 0 {
            PenaltyClaim::Nothing
        } else {
            PenaltyClaim::UpTo(max)
        };
        Demandable { interest: true, penalty }
    }

    /// The most penalty that one year of the agreement may bring, of the amount `issued`, rounded down to the
    /// tiyn; the law sets no such cap for business.
    #[must_use]
    pub fn penalty_year_max(&self, kind: CreditKind, issued: Money) -> Option<Money> {
        let ppm = i128::from(self.penalty.value.yearly_max_ppm);
        kind.is_consumer().then(|| issued.mul_ratio(ppm, 1_000_000, Rounding::Floor))
    }
}
