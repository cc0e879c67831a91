//! One line of an explanation.

use crate::effective_rate::EffectiveRate;
use crate::loan::{Allocation, Happening, Step, StepKind};
use crate::money::Money;
use crate::rate::{DailyRate, Rate, days_from};
use jiff::civil::Date;
use std::fmt;
use uuid::Uuid;

/// One line of an explanation.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(as = ExplanationLine))]
pub struct Line {
    /// The day at whose end it began; `on` for what takes no time.
    pub from: Date,
    /// The day at whose end it was done.
    pub on: Date,
    /// What was done.
    #[serde(flatten)]
    pub what: What,
    /// By how much the figure changed.
    pub amount_tiyn: Money,
    /// The figure after it.
    pub total_tiyn: Money,
}

/// What a line tells. Exact amounts are fractions of tiyn, as `4315068493/1460000`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(as = ExplanationStep))]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum What {
    /// Something happened to the loan.
    Event {
        /// What.
        event: Happening,
    },
    /// The coming installments were planned.
    Planned {
        /// The regular installment, or share of principal.
        regular_tiyn: Money,
        /// How many there are.
        rows: usize,
    },
    /// Interest ran: principal × rate × units / units of a year.
    Interest {
        /// On this principal.
        principal_tiyn: Money,
        /// At this rate a year.
        rate_ppm: Rate,
        /// Over so many calendar days.
        days: i64,
        /// Which are so many parts of a year.
        units: i64,
        /// Of so many.
        units_per_year: i64,
        /// The interest of these days.
        #[cfg_attr(feature = "utoipa", schema(value_type = String))]
        exact_tiyn: Exact,
        /// The interest of the running period with these days, before rounding.
        #[cfg_attr(feature = "utoipa", schema(value_type = String))]
        running_exact_tiyn: Exact,
        /// The same, half to even.
        running_tiyn: Money,
    },
    /// Nothing was accrued: suspended.
    Suspended,
    /// Nothing was accrued: too long overdue.
    Stopped,
    /// An installment fell due.
    Due {
        /// Its number.
        number: u16,
        /// Its principal.
        principal_tiyn: Money,
        /// Its interest.
        interest_tiyn: Money,
    },
    /// What was due and is not paid is overdue from this day.
    FellOverdue {
        /// Principal of it.
        principal_tiyn: Money,
        /// Interest of it.
        interest_tiyn: Money,
    },
    /// Penalty ran: overdue amount × rate × days.
    Penalty {
        /// On this overdue amount.
        overdue_tiyn: Money,
        /// At this rate a day, the cap of the law applied.
        rate_ppm_per_day: DailyRate,
        /// Over so many calendar days.
        days: i64,
        /// The penalty of these days, before the yearly cap.
        #[cfg_attr(feature = "utoipa", schema(value_type = String))]
        exact_tiyn: Exact,
        /// All penalty so far, under the yearly cap, half to even.
        accrued_tiyn: Money,
    },
    /// A payment was taken.
    Paid {
        /// Its id.
        id: Uuid,
        /// How much.
        payment_tiyn: Money,
        /// It was taken back later, and counts for nothing.
        reversed: bool,
        /// What it was taken for.
        allocation: Allocation,
    },
    /// Money held before was taken for what fell due.
    AdvanceUsed {
        /// What it was taken for.
        allocation: Allocation,
    },
    /// Principal was paid before it was due, with the interest up to the day.
    PaidAhead {
        /// The principal.
        principal_tiyn: Money,
        /// The interest.
        interest_tiyn: Money,
    },
    /// An installment was wholly paid before it was due.
    Satisfied {
        /// Its number.
        number: u16,
        /// Its interest.
        interest_tiyn: Money,
    },
    /// Interest that was left to this installment by those before it.
    Carried,
    /// What the installment asks for as interest; what it does not is left to the next.
    Asks {
        /// Its number.
        number: u16,
        /// It lies ahead: if everything is paid on its day.
        foreseen: bool,
    },
    /// The interest of the installment as the plan has it.
    AsPlanned {
        /// Its number.
        number: u16,
    },
    /// Principal of the installment.
    RowPrincipal {
        /// Its number.
        number: u16,
    },
    /// What is paid of the installment.
    RowPaid {
        /// Its number.
        number: u16,
    },
    /// Money held for it.
    AdvanceHeld,
    /// Money the client receives (positive) or pays.
    CashFlow {
        /// So many days after the first day.
        days: i64,
    },
    /// The rate at which both, discounted to the first day, are equal.
    EffectiveRate {
        /// In tenths of a percent, half up.
        tenths: EffectiveRate,
    },
}

impl Line {
    pub(super) fn of(step: &Step, amount_tiyn: Money, total_tiyn: Money) -> Self {
        Self { from: step.from, on: step.on, what: What::of(step), amount_tiyn, total_tiyn }
    }
}

impl What {
    /// Told even where it changes nothing.
    pub(super) const fn is_telling(&self) -> bool {
        matches!(self, Self::Suspended | Self::Stopped | Self::Event { event: Happening::RateChanged { .. } })
    }

    fn of(step: &Step) -> Self {
        let days = days_from(step.from, step.on);
        match step.kind.clone() {
            StepKind::Event(event) => Self::Event { event },
            StepKind::Planned { regular, rows } => Self::Planned { regular_tiyn: regular, rows },
            StepKind::Interest(run) => {
                let a_year = i128::from(run.on.tiyn()) * i128::from(run.rate.ppm());
                let scale = 1_000_000 * i128::from(run.units_per_year);
                Self::Interest {
                    principal_tiyn: run.on,
                    rate_ppm: run.rate,
                    days,
                    units: run.units,
                    units_per_year: run.units_per_year,
                    exact_tiyn: Exact::new(a_year * i128::from(run.units), scale),
                    running_exact_tiyn: Exact::new(run.running.fraction().0, run.running.fraction().1),
                    running_tiyn: step.position.running,
                }
            }
            StepKind::Suspended => Self::Suspended,
            StepKind::Stopped => Self::Stopped,
            StepKind::Due { number, principal, interest } => {
                Self::Due { number, principal_tiyn: principal, interest_tiyn: interest }
            }
            StepKind::FellOverdue { principal, interest } => {
                Self::FellOverdue { principal_tiyn: principal, interest_tiyn: interest }
            }
            StepKind::Penalty { on, rate, accrued } => Self::Penalty {
                overdue_tiyn: on,
                rate_ppm_per_day: rate,
                days,
                exact_tiyn: Exact::new(
                    i128::from(on.tiyn()) * i128::from(rate.ppm()) * i128::from(days),
                    1_000_000,
                ),
                accrued_tiyn: accrued,
            },
            StepKind::Paid { id, amount, reversed, allocation } => {
                Self::Paid { id, payment_tiyn: amount, reversed, allocation }
            }
            StepKind::AdvanceUsed { allocation } => Self::AdvanceUsed { allocation },
            StepKind::PaidAhead { principal, interest } => {
                Self::PaidAhead { principal_tiyn: principal, interest_tiyn: interest }
            }
            StepKind::Satisfied { number, interest, .. } => {
                Self::Satisfied { number, interest_tiyn: interest }
            }
        }
    }
}

/// An amount before rounding: a fraction of tiyn in its lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exact {
    num: i128,
    den: i128,
}

impl Exact {
    fn new(num: i128, den: i128) -> Self {
        let (mut a, mut b) = (num.unsigned_abs(), den.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a.max(1)).unwrap_or(1);
        Self { num: num / divisor, den: den / divisor }
    }

    /// In tenge with six decimals, cut off after them: `27616.438356`.
    #[must_use]
    pub fn tenge(self) -> String {
        let millionths =
            10_000 * (self.num.abs() / self.den) + 10_000 * (self.num.abs() % self.den) / self.den;
        let sign = if self.num < 0 { "-" } else { "" };
        format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
    }
}

/// `201600000/73`; a whole number without a denominator.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            1 => write!(f, "{}", self.num),
            den => write!(f, "{}/{den}", self.num),
        }
    }
}

impl serde::Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
