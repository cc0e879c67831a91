//! Dated rule sets: every limit of the law that a figure can break, with its source and the date from which
//! it holds.
//!
//! An application and an agreement name the set they were made under by [`RuleSet::id`] and keep it. A change
//! of the law is a new set in [`RULE_SETS`]; nothing else changes.

use crate::calendar::CalendarDays;
use crate::effective_rate::EffectiveRate;
use crate::money::Money;
use crate::rate::{DailyRate, days_from};
use crate::schedule::Terms;
use jiff::civil::Date;

/// A limit, where it is written and since when it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit<T> {
    /// The limit itself.
    pub value: T,
    /// The act and article.
    pub source: &'static str,
    /// The first day it holds.
    pub since: Date,
}

/// Everything the law sets in numbers on the days this set is in force.
#[derive(PartialEq, Eq, Debug)]
pub struct RuleSet {
    /// Stable name: the first day it is in force.
    pub id: &'static str,
    /// The first day it is in force; it ends where the next begins.
    pub from: Date,
    /// The monthly calculation index (MCI, МРП).
    pub mci: Limit<Money>,
    /// Highest annual effective rate.
    pub effective_rate_max: Limit<EffectiveRate>,
    /// What holds instead for short small credits.
    pub short_credit: Limit<ShortCredit>,
    /// Largest credit, in MCI.
    pub credit_max_mci: Limit<u32>,
    /// Caps on penalties.
    pub penalty: Limit<PenaltyCaps>,
    /// Interest and penalty accrued after so many consecutive overdue days may not be demanded.
    pub accrual_stops_after: Limit<CalendarDays>,
    /// The pause between agreement and money, where there is one.
    pub cooling_off: Option<Limit<CoolingOff>>,
    /// The client is told of a delay within so many days.
    pub overdue_notice_within: Limit<CalendarDays>,
    /// A client in delay may ask for a change of terms within so many days.
    pub relief_request_within: Limit<CalendarDays>,
    /// Such a request is answered within so many days.
    pub relief_answer_within: Limit<CalendarDays>,
    /// Fee for early repayment, as a share of it in parts per million.
    pub early_repayment_fee_max_ppm: Limit<u32>,
    /// Highest debt burden (КДН) in parts per million of income.
    pub debt_burden_max_ppm: Limit<u32>,
    /// No credit to someone overdue elsewhere for more days than this.
    pub overdue_elsewhere_max: Limit<CalendarDays>,
}

/// Short small credits: outside the general cap on the effective rate, under caps of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShortCredit {
    /// Longest term that counts as short.
    pub term_max: CalendarDays,
    /// Largest amount that counts as small, in MCI.
    pub amount_max_mci: u32,
    /// Highest interest a day.
    pub daily_rate_max: DailyRate,
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
    /// A day, of the overdue payment, afterwards.
    pub daily_max_later: DailyRate,
    /// In each year of the agreement, of the amount issued, in parts per million.
    pub yearly_max_ppm: u32,
}

/// The pause between agreement and money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CoolingOff {
    /// Its length in hours.
    pub hours: u16,
    /// Only for credits (summed over a day) above so many MCI.
    pub above_mci: u32,
}

/// What is offered to a client, as far as the law limits it.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// Amount, rate, dates.
    pub terms: &'a Terms,
    /// The annual effective rate of its schedule.
    pub effective_rate: EffectiveRate,
    /// The penalty a day agreed for delay.
    pub penalty: DailyRate,
}

/// A limit that an offer breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Breach {
    /// [`RuleSet::credit_max_mci`].
    #[error("amount {found} tenge is above the largest credit of {max} tenge")]
    Amount {
        /// Offered.
        found: Money,
        /// Allowed.
        max: Money,
    },
    /// [`RuleSet::effective_rate_max`] or [`ShortCredit::effective_rate_max`].
    #[error("effective rate {found} % is above {max} %")]
    EffectiveRate {
        /// Offered.
        found: EffectiveRate,
        /// Allowed.
        max: EffectiveRate,
    },
    /// [`ShortCredit::daily_rate_max`].
    #[error("interest of {found_ppm} millionths a year is above {max} % a day")]
    DailyRate {
        /// Offered a year.
        found_ppm: u32,
        /// Allowed a day.
        max: DailyRate,
    },
    /// [`PenaltyCaps::daily_max`].
    #[error("penalty of {found} % a day is above {max} %")]
    Penalty {
        /// Offered.
        found: DailyRate,
        /// Allowed.
        max: DailyRate,
    },
}

impl Breach {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Amount { .. } => "amount_over_limit",
            Self::EffectiveRate { .. } => "effective_rate_over_cap",
            Self::DailyRate { .. } => "daily_rate_over_cap",
            Self::Penalty { .. } => "penalty_over_cap",
        }
    }
}

impl RuleSet {
    /// The set in force on `date`; nothing before the first.
    #[must_use]
    pub fn on(date: Date) -> Option<&'static Self> {
        RULE_SETS.iter().rev().find(|set| set.from <= date)
    }

    /// The set an agreement names.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        RULE_SETS.iter().find(|set| set.id == id)
    }

    /// So many MCI in money.
    #[must_use]
    pub fn of_mci(&self, count: u32) -> Money {
        self.mci.value.mul_ratio(i128::from(count), 1, crate::money::Rounding::HalfEven)
    }

    /// The largest credit.
    #[must_use]
    pub fn credit_max(&self) -> Money {
        self.of_mci(self.credit_max_mci.value)
    }

    /// Whether a credit counts as short and small.
    #[must_use]
    pub fn is_short_credit(&self, terms: &Terms) -> bool {
        let short = self.short_credit.value;
        let days = terms.due_dates().last().map_or(0, |last| days_from(terms.disbursed_on, last));
        days <= i64::from(short.term_max.0) && terms.principal <= self.of_mci(short.amount_max_mci)
    }

    /// The highest annual effective rate for such a credit.
    #[must_use]
    pub fn effective_rate_max_for(&self, terms: &Terms) -> EffectiveRate {
        if self.is_short_credit(terms) {
            self.short_credit.value.effective_rate_max
        } else {
            self.effective_rate_max.value
        }
    }

    /// Hours between agreement and money for credits of one day adding up to `amount`.
    #[must_use]
    pub fn cooling_off_hours(&self, amount: Money) -> u16 {
        let pause = self.cooling_off.as_ref().map(|limit| limit.value);
        pause.filter(|pause| amount > self.of_mci(pause.above_mci)).map_or(0, |pause| pause.hours)
    }

    /// Every limit the offer breaks; none if it is lawful.
    #[must_use]
    pub fn check_offer(&self, offer: &Offer<'_>) -> Vec<Breach> {
        let (terms, short) = (offer.terms, self.short_credit.value);
        let mut breaches = Vec::new();
        if terms.principal > self.credit_max() {
            breaches.push(Breach::Amount { found: terms.principal, max: self.credit_max() });
        }
        if self.is_short_credit(terms)
            && u64::from(terms.rate.ppm()) > 365 * u64::from(short.daily_rate_max.ppm())
        {
            breaches.push(Breach::DailyRate { found_ppm: terms.rate.ppm(), max: short.daily_rate_max });
        }
        let max = self.effective_rate_max_for(terms);
        if offer.effective_rate > max {
            breaches.push(Breach::EffectiveRate { found: offer.effective_rate, max });
        }
        let max = self.penalty.value.daily_max;
        if offer.penalty > max {
            breaches.push(Breach::Penalty { found: offer.penalty, max });
        }
        breaches
    }
}

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

const fn limit<T>(value: T, source: &'static str, since: Date) -> Limit<T> {
    Limit { value, source, since }
}

const SHORT_CREDIT: ShortCredit = ShortCredit {
    term_max: CalendarDays(45),
    amount_max_mci: 45,
    daily_rate_max: DailyRate::from_ppm(3_000),
    effective_rate_max: EffectiveRate::from_tenths(1_790),
};

const PENALTY: PenaltyCaps = PenaltyCaps {
    daily_max: DailyRate::from_ppm(5_000),
    first_days: CalendarDays(90),
    daily_max_later: DailyRate::from_ppm(300),
    yearly_max_ppm: 100_000,
};

/// What did not change between the sets below.
const fn set(
    id: &'static str,
    from: Date,
    mci: Limit<Money>,
    effective_rate_max: Limit<EffectiveRate>,
    cooling_off: Option<Limit<CoolingOff>>,
) -> RuleSet {
    let since = day(2024, 8, 20);
    RuleSet {
        id,
        from,
        mci,
        effective_rate_max,
        short_credit: limit(
            SHORT_CREDIT,
            "ARDFM and NBRK joint act on the effective rate, 16.08.2024",
            since,
        ),
        credit_max_mci: limit(20_000, "Law on microfinance activity, art. 3", since),
        penalty: limit(PENALTY, "Law on microfinance activity, art. 6 п. 3", since),
        accrual_stops_after: limit(
            CalendarDays(90),
            "Law on microfinance activity, art. 7 п. 3 пп. 4",
            since,
        ),
        cooling_off,
        overdue_notice_within: limit(CalendarDays(10), "Law on microfinance activity, art. 9-2 п. 1", since),
        relief_request_within: limit(CalendarDays(30), "Law on microfinance activity, art. 9-2", since),
        relief_answer_within: limit(CalendarDays(15), "Law on microfinance activity, art. 9-2", since),
        early_repayment_fee_max_ppm: limit(0, "Law on microfinance activity, art. 7 п. 3 пп. 2", since),
        debt_burden_max_ppm: limit(500_000, "NBRK resolution No. 215 of 28.11.2019", since),
        overdue_elsewhere_max: limit(CalendarDays(90), LAW_ART_7, since),
    }
}

const LAW_ART_7: &str = "Law on microfinance activity, art. 7 п. 3 пп. 1-1";

const CAP_56: Limit<EffectiveRate> = limit(
    EffectiveRate::from_tenths(560),
    "ARDFM and NBRK joint act on the effective rate",
    day(2019, 11, 26),
);
const CAP_46: Limit<EffectiveRate> =
    limit(EffectiveRate::from_tenths(460), "ARDFM and NBRK joint act of 24.12.2025", day(2026, 1, 1));
const MCI_2025: Limit<Money> =
    limit(Money::from_tenge(3_932), "Law on the republican budget", day(2025, 1, 1));
const MCI_2026: Limit<Money> =
    limit(Money::from_tenge(4_325), "Law on the republican budget", day(2026, 1, 1));
const COOLING_OFF: Limit<CoolingOff> = limit(
    CoolingOff { hours: 24, above_mci: 75 },
    "Law on microfinance activity, art. 3 п. 3-3",
    day(2025, 9, 30),
);

/// All sets, oldest first.
pub static RULE_SETS: [RuleSet; 3] = [
    set("2025-01-01", day(2025, 1, 1), MCI_2025, CAP_56, None),
    set("2025-09-30", day(2025, 9, 30), MCI_2025, CAP_56, Some(COOLING_OFF)),
    set("2026-01-01", day(2026, 1, 1), MCI_2026, CAP_46, Some(COOLING_OFF)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::{DayCount, Rate};
    use crate::schedule::{Method, Options, Period};
    use jiff::civil::date;

    fn offer_breaks(
        principal: i64,
        rate_percent: &str,
        days_or_months: Period,
        installments: u16,
    ) -> Vec<&'static str> {
        let disbursed_on = date(2026, 2, 2);
        let terms = Terms {
            principal: Money::from_tenge(principal),
            rate: Rate::parse(rate_percent).unwrap(),
            method: Method::Annuity,
            installments,
            period: days_or_months,
            disbursed_on,
            first_due: days_or_months.first_due_after(disbursed_on),
            day_count: DayCount::Actual365,
            options: Options::default(),
        };
        let schedule = terms.schedule().unwrap();
        let effective_rate = EffectiveRate::of(schedule.cash_flow(disbursed_on)).unwrap();
        let offer = Offer { terms: &terms, effective_rate, penalty: DailyRate::from_ppm(5_001) };
        RuleSet::on(disbursed_on).unwrap().check_offer(&offer).into_iter().map(Breach::code).collect()
    }

    #[test]
    fn each_limit_is_named_when_an_offer_breaks_it() {
        let (cap, daily, penalty) = ("effective_rate_over_cap", "daily_rate_over_cap", "penalty_over_cap");
        let month = Period::Months(1);
        assert_eq!(offer_breaks(1_000_000, "38", month, 12), [penalty]);
        assert_eq!(offer_breaks(1_000_000, "38.5", month, 24), [cap, penalty]);
        assert_eq!(offer_breaks(86_500_001, "10", month, 12), ["amount_over_limit", penalty]);
        assert_eq!(
            offer_breaks(100_000, "105.85", Period::Days(30), 1),
            [penalty],
            "0.29 % a day for 30 days"
        );
        assert_eq!(offer_breaks(100_000, "109.5", Period::Days(45), 1), [cap, penalty], "179.3 %");
        assert_eq!(offer_breaks(100_000, "110", Period::Days(45), 1), [daily, cap, penalty]);
        assert_eq!(offer_breaks(194_626, "105.85", Period::Days(30), 1), [cap, penalty], "above 45 MCI");
        assert_eq!(offer_breaks(100_000, "105.85", Period::Days(46), 1), [cap, penalty], "above 45 days");
    }

    #[test]
    fn an_agreement_keeps_the_set_of_its_day() {
        let id = |year, month, day| RuleSet::on(date(year, month, day)).map(|set| set.id);
        assert_eq!(id(2024, 12, 31), None);
        assert_eq!(id(2025, 9, 29), Some("2025-01-01"));
        assert_eq!(id(2025, 12, 31), Some("2025-09-30"));
        assert_eq!(id(2027, 6, 1), Some("2026-01-01"));
        for set in &RULE_SETS {
            assert_eq!((set.id, RuleSet::by_id(set.id)), (set.from.to_string().as_str(), Some(set)));
        }
        assert!(RULE_SETS.windows(2).all(|pair| pair[0].from < pair[1].from));
    }

    #[test]
    fn the_pause_holds_above_75_mci_only() {
        let rules = RuleSet::by_id("2026-01-01").unwrap();
        assert_eq!(rules.cooling_off_hours(Money::from_tenge(324_375)), 0);
        assert_eq!(rules.cooling_off_hours(Money::from_tenge(324_375) + Money::from_tiyn(1)), 24);
    }
}
