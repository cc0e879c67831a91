//! The plan of repayment: terms in, rows out (Rules cl. [8.4](crate::law::CL_8_4); Law on microfinance, art.
//! 7 п. 2).
//!
//! One engine for the visitor's slider, the agreement, and every recalculation after an early repayment.

use crate::money::{Money, Rounding};
use crate::rate::{Accrual, DayCount, DayMeter, Rate, days_from};
use jiff::Span;
use jiff::civil::Date;

/// How principal is spread over the installments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Equal installments.
    Annuity,
    /// Equal shares of principal, so that installments fall.
    Differentiated,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 2] = [Self::Annuity, Self::Differentiated];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Annuity => "annuity",
            Self::Differentiated => "differentiated",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// The distance between due dates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// So many months, on the anchor's day or the month's last.
    Months(u16),
    /// So many days; with one installment, a short credit paid back at once.
    Days(u16),
}

impl Period {
    /// The end of the first period of a credit given on `date`.
    #[must_use]
    pub fn first_due_after(self, date: Date) -> Date {
        self.step(date, date.day(), 1)
    }

    /// `count` periods after `date`, standing for `day` of the month.
    fn step(self, date: Date, day: i8, count: u16) -> Date {
        match self {
            Self::Days(days) => date.saturating_add(Span::new().days(i64::from(days) * i64::from(count))),
            Self::Months(months) => {
                let month = date.saturating_add(Span::new().months(i32::from(months) * i32::from(count)));
                Date::new(month.year(), month.month(), day.min(month.days_in_month())).unwrap_or(month)
            }
        }
    }
}

/// What is agreed about the repayment of a credit.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Principal, 1 tiyn to [`Money::MAX`].
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// Nominal annual rate, 0 to [`Rate::MAX`].
    #[serde(rename = "rate_ppm")]
    pub rate: Rate,
    /// How principal is spread.
    pub method: Method,
    /// Number of installments, 1 to [`INSTALLMENTS_MAX`].
    pub installments: u16,
    /// Distance between due dates.
    pub period: Period,
    /// The day the money leaves; interest runs from it.
    pub disbursed_on: Date,
    /// The first due date; later ones count from its day, cut to the month's end each time (31 January → 28
    /// February → 31 March). See [`Period::first_due_after`] for the usual one.
    pub first_due: Date,
    /// How days become interest.
    pub day_count: DayCount,
}

/// The most installments a schedule may have.
pub const INSTALLMENTS_MAX: u16 = 600;

/// The dates a loan may touch: no earlier than the first tenge of the law, no later than any of us.
pub(crate) const DATES: std::ops::RangeInclusive<Date> =
    Date::constant(2000, 1, 1)..=Date::constant(2150, 12, 31);

/// Which part of the terms cannot be computed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TermsError {
    /// Principal not positive or above [`Money::MAX`].
    #[error("principal: must be from 1 tiyn to 1 trillion tenge")]
    Principal,
    /// Rate above [`Rate::MAX`].
    #[error("rate: must not exceed 1000 % a year")]
    Rate,
    /// No installments, or more than [`INSTALLMENTS_MAX`].
    #[error("installments: must be from 1 to 600")]
    Installments,
    /// A period of nothing, or above 12 months or 366 days.
    #[error("period: must be from 1 to 12 months or from 1 to 366 days")]
    Period,
    /// A disbursement outside 2000–2150.
    #[error("disbursed_on: must be within the years 2000 to 2150")]
    DisbursedOn,
    /// A first due date not after disbursement.
    #[error("first_due: must be after disbursement")]
    FirstDue,
    /// The last due date lies beyond 2150.
    #[error("installments: the last due date lies beyond the year 2150")]
    TooLong,
}

impl TermsError {
    /// The field of [`Terms`] to blame.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Rate => "rate",
            Self::Installments | Self::TooLong => "installments",
            Self::Period => "period",
            Self::DisbursedOn => "disbursed_on",
            Self::FirstDue => "first_due",
        }
    }
}

/// One installment of the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Row {
    /// 1, 2, 3 …
    pub number: u16,
    /// When it is due.
    pub due_on: Date,
    /// Calendar days since the previous due date or disbursement.
    pub days: u32,
    /// Principal to pay.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// Interest to pay.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// Both together.
    #[serde(rename = "payment_tiyn")]
    pub payment: Money,
    /// Principal left after it.
    #[serde(rename = "balance_after_tiyn")]
    pub balance_after: Money,
}

/// The plan: its principals add up to the principal, its last balance is zero, nothing in it is negative.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// In order of due date.
    pub rows: Vec<Row>,
    /// Sums of the columns.
    pub totals: Totals,
    /// The regular installment (annuity) or share of principal (differentiated).
    #[serde(rename = "regular_tiyn")]
    pub regular: Money,
}

/// Sums of a schedule's columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Totals {
    /// All principal.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// All interest: the overpayment.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// All that is paid.
    #[serde(rename = "payment_tiyn")]
    pub payment: Money,
}

impl Terms {
    /// Whether these terms can be computed with; says nothing about the law.
    ///
    /// # Errors
    /// The first [`TermsError`] found.
    pub fn check(&self) -> Result<(), TermsError> {
        let period_fits = match self.period {
            Period::Months(months) => (1..=12).contains(&months),
            Period::Days(days) => (1..=366).contains(&days),
        };
        let refusals = [
            (self.principal.is_positive() && self.principal <= Money::MAX, TermsError::Principal),
            (self.rate <= Rate::MAX, TermsError::Rate),
            ((1..=INSTALLMENTS_MAX).contains(&self.installments), TermsError::Installments),
            (period_fits, TermsError::Period),
            (DATES.contains(&self.disbursed_on), TermsError::DisbursedOn),
            (self.first_due > self.disbursed_on, TermsError::FirstDue),
            (DATES.contains(&self.due_date(self.installments)), TermsError::TooLong),
        ];
        refusals.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(why))
    }

    /// The plan.
    ///
    /// # Errors
    /// The first [`TermsError`] found.
    pub fn schedule(&self) -> Result<Schedule, TermsError> {
        self.check()?;
        let due: Vec<Date> = self.due_dates().collect();
        let plan =
            Plan { from: self.disbursed_on, principal: self.principal, rate: self.rate, meter: self.meter() };
        Ok(plan.spread(self.method, &due))
    }

    /// The day of the month the due dates stand for: the day of disbursement where the first due date is one
    /// period after it, else the first due date's own.
    #[must_use]
    pub fn anchor_day(&self) -> i8 {
        if self.first_due == self.period.first_due_after(self.disbursed_on) {
            self.disbursed_on.day()
        } else {
            self.first_due.day()
        }
    }

    /// How this loan measures time.
    #[must_use]
    pub fn meter(&self) -> DayMeter {
        DayMeter::new(self.day_count, self.anchor_day())
    }

    /// All due dates in order.
    pub fn due_dates(&self) -> impl Iterator<Item = Date> + '_ {
        (1..=self.installments).map(|number| self.due_date(number))
    }

    fn due_date(&self, number: u16) -> Date {
        self.period.step(self.first_due, self.anchor_day(), number.saturating_sub(1))
    }
}

/// Principal that has to be spread over coming due dates: at disbursement, and again after an early
/// repayment.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) from: Date,
    pub(crate) principal: Money,
    pub(crate) rate: Rate,
    pub(crate) meter: DayMeter,
}

impl Plan {
    /// Over all of `due`.
    pub(crate) fn spread(self, method: Method, due: &[Date]) -> Schedule {
        match method {
            Method::Annuity => self.annuity(due),
            Method::Differentiated => {
                let count = i128::try_from(due.len()).unwrap_or(i128::MAX);
                let share = self.principal.mul_ratio(1, count, Rounding::HalfEven);
                self.rows(due, method, share)
            }
        }
    }

    /// Over as few of `due` as the `regular` installment or share needs.
    pub(crate) fn shorten(self, method: Method, due: &[Date], regular: Money) -> Schedule {
        let mut schedule = self.rows(due, method, regular);
        let needed =
            schedule.rows.iter().position(|row| row.balance_after.is_zero()).map_or(due.len(), |at| at + 1);
        schedule.rows.truncate(needed);
        schedule
    }

    /// The installment `P / Σ Π 1/(1+rᵢ)`, then up to three tries to bring the last row nearer to the others.
    fn annuity(self, due: &[Date]) -> Schedule {
        let count = i64::try_from(due.len()).unwrap_or(i64::MAX);
        let mut best = self.rows(due, Method::Annuity, self.installment(due));
        for _ in 0..3 {
            let uneven = best.unevenness();
            if uneven.tiyn().abs() <= count / 2 {
                break;
            }
            let regular = best.regular + uneven.mul_ratio(1, i128::from(count), Rounding::HalfEven);
            let next = self.rows(due, Method::Annuity, regular);
            if next.unevenness().tiyn().abs() >= uneven.tiyn().abs() {
                break;
            }
            best = next;
        }
        best
    }

    fn installment(self, due: &[Date]) -> Money {
        // Discount factors fall from 1, so fixed point with 80 binary digits holds them whatever rate and
        // term, and leaves 600 installments of a trillion tenge exact to a thousandth of a tiyn.
        const SCALE: u32 = 80;
        let whole = 1_000_000 * self.meter.units_per_year().unsigned_abs();
        let (mut factor, mut annuity, mut from) = (1_u128 << SCALE, 0_u128, self.meter.position(self.from));
        for date in due {
            let to = self.meter.position(*date);
            let interest = u64::from(self.rate.ppm()) * (to - from).unsigned_abs();
            factor = factor * u128::from(whole) / u128::from(whole + interest);
            annuity += factor;
            from = to;
        }
        let principal = u128::from(self.principal.tiyn().unsigned_abs()) << SCALE;
        let (quotient, rest) = (principal / annuity.max(1), principal % annuity.max(1));
        let rounded =
            quotient + u128::from(rest > annuity - rest || (rest == annuity - rest && quotient % 2 == 1));
        // Where discounting leaves nothing (a huge rate over decades) the first interest is all there is to
        // pay.
        Money::from_tiyn(i64::try_from(rounded).unwrap_or(i64::MAX))
            .min(self.principal + self.first_interest(due))
    }

    fn first_interest(self, due: &[Date]) -> Money {
        due.first().map_or(Money::ZERO, |first| self.interest(self.principal, self.from, *first))
    }

    fn interest(self, balance: Money, from: Date, to: Date) -> Money {
        let mut accrual = Accrual::default();
        accrual.add(balance, self.rate, self.meter.units(from, to));
        accrual.rounded(self.meter)
    }

    fn rows(self, due: &[Date], method: Method, regular: Money) -> Schedule {
        let (mut rows, mut from, mut balance) = (Vec::with_capacity(due.len()), self.from, self.principal);
        for (number, due_on) in (1..).zip(due.iter().copied()) {
            let interest = self.interest(balance, from, due_on);
            let last = usize::from(number) == due.len();
            let principal = match method {
                _ if last => balance,
                Method::Annuity => regular.less(interest).min(balance),
                Method::Differentiated => regular.min(balance),
            };
            balance -= principal;
            let days = u32::try_from(days_from(from, due_on)).unwrap_or(0);
            let payment = principal + interest;
            rows.push(Row { number, due_on, days, principal, interest, payment, balance_after: balance });
            from = due_on;
        }
        let totals = Totals {
            principal: self.principal,
            interest: rows.iter().map(|row| row.interest).sum(),
            payment: rows.iter().map(|row| row.payment).sum(),
        };
        Schedule { rows, totals, regular }
    }
}

impl Schedule {
    /// No rows yet.
    pub(crate) const fn empty() -> Self {
        let totals = Totals { principal: Money::ZERO, interest: Money::ZERO, payment: Money::ZERO };
        Self { rows: Vec::new(), totals, regular: Money::ZERO }
    }

    fn unevenness(&self) -> Money {
        self.rows.last().map_or(Money::ZERO, |last| last.payment - self.regular)
    }

    /// The money as the client sees it, for [`crate::effective_rate`]: received on `disbursed_on` (positive),
    /// then paid (negative).
    pub fn cash_flow(&self, disbursed_on: Date) -> impl Iterator<Item = (Date, Money)> + '_ {
        std::iter::once((disbursed_on, self.totals.principal))
            .chain(self.rows.iter().map(|row| (row.due_on, -row.payment)))
    }
}

#[cfg(test)]
pub(crate) mod tests;
