//! What is agreed about repayment.

use crate::calendar::Calendar;
use crate::money::Money;
use crate::rate::{DayCount, DayMeter, Rate};
use crate::schedule::{Period, Plan, Schedule};
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
    /// Interest on each due date, all principal on the last.
    Bullet,
    /// The organization's own shares of principal ([`Options::shares_ppm`]).
    Shares,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Annuity, Self::Differentiated, Self::Bullet, Self::Shares];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Annuity => "annuity",
            Self::Differentiated => "differentiated",
            Self::Bullet => "bullet",
            Self::Shares => "shares",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
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
    /// What few agreements say.
    #[serde(default, skip_serializing_if = "Options::is_default")]
    pub options: Options,
}

/// What few agreements say about repayment; the default is what most mean by saying nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Installments that ask for less.
    pub grace: Grace,
    /// Coarser units than the tiyn.
    pub round_to: RoundTo,
    /// What interest is computed on.
    pub interest: InterestMethod,
    /// The regular installment of an annuity is computed as if every period were as long as the first; the
    /// last installment takes the difference. Else by the true length of each.
    pub periods_as_the_first: bool,
    /// For [`Method::Shares`]: the part of principal each installment pays, in parts per million, adding up to
    /// a million; the last takes what rounding leaves.
    pub shares_ppm: Vec<u32>,
    /// The due dates themselves where the rule is not enough, one for each installment in order; see
    /// [`Terms::with_days_off`].
    pub due_on: Vec<Date>,
    /// The part of principal the client pays on the day of disbursement, in parts per million, as a row of its
    /// own before the installments.
    pub down_payment_ppm: u32,
}

impl Options {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How many of the first installments ask for less.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Grace {
    /// These pay no principal.
    pub principal: u16,
    /// These pay no interest; it is paid with the first installment after them, and bears no interest itself.
    pub interest: u16,
    /// In these no interest runs.
    pub interest_free: u16,
}

/// The units figures are rounded to, half to even.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RoundTo {
    /// Interest of a period; 1 tiyn to 10 000 tenge.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// The regular installment, or share of principal; 1 tiyn to 10 000 tenge.
    #[serde(rename = "installment_tiyn")]
    pub installment: Money,
}

impl Default for RoundTo {
    fn default() -> Self {
        Self { interest: Money::TIYN, installment: Money::TIYN }
    }
}

/// What interest is computed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InterestMethod {
    /// On the principal that is still lent.
    #[default]
    Declining,
    /// On the principal first lent, whatever was repaid.
    Flat,
}

/// What becomes of a due date on a day off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DaysOff {
    /// Nothing.
    #[default]
    Stay,
    /// It moves to the next working day; later due dates do not follow it.
    Forward,
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
    /// A period of nothing, or above 12 months, 52 weeks or 366 days.
    #[error("period: must be from 1 to 12 months, 1 to 52 weeks or 1 to 366 days")]
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
    /// Grace leaves no installment to pay what is put off.
    #[error("options.grace: must leave at least one installment")]
    Grace,
    /// A unit of nothing, or above 10 000 tenge.
    #[error("options.round_to: must be from 1 tiyn to 10 000 tenge")]
    RoundTo,
    /// Shares where the method has none, or not one for each installment, or not adding up to a million.
    #[error(
        "options.shares_ppm: one for each installment, a million together, for the method of shares only"
    )]
    Shares,
    /// Not one due date for each installment, or not in order.
    #[error("options.due_on: one for each installment, in order, the first after disbursement")]
    DueOn,
    /// All of the principal or more.
    #[error("options.down_payment_ppm: must be less than a million")]
    DownPayment,
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
            Self::Grace => "options.grace",
            Self::RoundTo => "options.round_to",
            Self::Shares => "options.shares_ppm",
            Self::DueOn => "options.due_on",
            Self::DownPayment => "options.down_payment_ppm",
        }
    }
}

impl Terms {
    /// Whether these terms can be computed with; says nothing about the law.
    ///
    /// # Errors
    /// The first [`TermsError`] found.
    pub fn check(&self) -> Result<(), TermsError> {
        let (options, units) = (&self.options, Money::TIYN..=Money::from_tenge(10_000));
        let grace = options.grace;
        let fits = |count: u16| count < self.installments;
        let refusals = [
            (self.principal.is_positive() && self.principal <= Money::MAX, TermsError::Principal),
            (self.rate <= Rate::MAX, TermsError::Rate),
            ((1..=INSTALLMENTS_MAX).contains(&self.installments), TermsError::Installments),
            (self.period.is_sensible(), TermsError::Period),
            (DATES.contains(&self.disbursed_on), TermsError::DisbursedOn),
            (self.first_due > self.disbursed_on, TermsError::FirstDue),
            (
                fits(grace.principal) && fits(grace.interest) && grace.interest_free <= self.installments,
                TermsError::Grace,
            ),
            (
                units.contains(&options.round_to.interest) && units.contains(&options.round_to.installment),
                TermsError::RoundTo,
            ),
            (self.shares_fit(), TermsError::Shares),
            (self.due_on_fits(), TermsError::DueOn),
            (options.down_payment_ppm < 1_000_000, TermsError::DownPayment),
            (DATES.contains(&self.due_date(self.installments)), TermsError::TooLong),
        ];
        refusals.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(why))
    }

    fn shares_fit(&self) -> bool {
        let shares = &self.options.shares_ppm;
        if self.method != Method::Shares {
            return shares.is_empty();
        }
        let sum: u64 = shares.iter().map(|share| u64::from(*share)).sum();
        shares.len() == usize::from(self.installments) && sum == 1_000_000
    }

    fn due_on_fits(&self) -> bool {
        let due = &self.options.due_on;
        due.is_empty()
            || (due.len() == usize::from(self.installments)
                && due.first().is_some_and(|first| *first > self.disbursed_on)
                && due.windows(2).all(|pair| pair[0] < pair[1]))
    }

    /// The plan.
    ///
    /// # Errors
    /// The first [`TermsError`] found.
    pub fn schedule(&self) -> Result<Schedule, TermsError> {
        self.check()?;
        let (slots, regular) = Plan::of(self, self.principal, self.disbursed_on);
        Ok(Schedule::of(&slots, self.disbursed_on, regular))
    }

    /// The same terms with due dates on days off dealt with, as they stand in the agreement.
    ///
    /// # Errors
    /// The first [`TermsError`] found.
    pub fn with_days_off(mut self, days_off: DaysOff, calendar: &Calendar) -> Result<Self, TermsError> {
        self.check()?;
        if days_off == DaysOff::Forward {
            let mut moved: Vec<Date> = self.due_dates().map(|due| calendar.working_day_from(due)).collect();
            moved.dedup();
            if moved.len() != usize::from(self.installments) {
                return Err(TermsError::DueOn); // Due dates so close that two fall on one working day.
            }
            self.options.due_on = moved;
            self.check()?;
        }
        Ok(self)
    }

    /// The day of the month the first due date stands for: that of disbursement where it is one period later
    /// (or half a month from it), else its own.
    #[must_use]
    pub fn anchor_day(&self) -> i8 {
        let given = self.disbursed_on.day();
        match self.period {
            _ if self.first_due != self.period.first_due_after(self.disbursed_on) => self.first_due.day(),
            Period::HalfMonths if given > 15 => given.min(30) - 15,
            Period::HalfMonths => given + 15,
            Period::Months(_) | Period::Weeks(_) | Period::Days(_) => given,
        }
    }

    /// How this loan measures time.
    #[must_use]
    pub fn meter(&self) -> DayMeter {
        DayMeter::new(self.day_count, self.period, self.first_due, self.anchor_day())
    }

    /// The due dates of all installments in order.
    pub fn due_dates(&self) -> impl Iterator<Item = Date> + '_ {
        (1..=self.installments).map(|number| self.due_date(number))
    }

    fn due_date(&self, number: u16) -> Date {
        let before = number.saturating_sub(1);
        let agreed = self.options.due_on.get(usize::from(before)).copied();
        agreed.unwrap_or_else(|| self.period.step(self.first_due, self.anchor_day(), i32::from(before)))
    }
}
