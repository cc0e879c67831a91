//! The agreement on an unsecured microcredit, to an individual or a legal entity.

use jiff::civil::Date;
use lending::money::Money;
use serde::Serialize;

use crate::press::{Template, print};
use crate::writing::{self, Percent};
use crate::{PaperError, words};

/// A text in the two languages of an agreement.
#[derive(Clone, Serialize)]
pub struct Bilingual {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
}

/// The organization, as it stands on its papers.
#[derive(Clone, Serialize)]
pub struct Lender {
    /// Full legal name, form included: `«Несие» МҚҰ» ЖШС` / `ТОО «МФО «Несие»`.
    pub name: Bilingual,
    /// Business identification number, 12 digits.
    pub bin: String,
    /// Legal address.
    pub address: Bilingual,
    /// Number of the licence for microfinance activity.
    pub licence_number: String,
    /// Date of the licence.
    #[serde(serialize_with = "writing::date")]
    pub licence_date: Date,
    /// Post of the first manager: `Директор`.
    pub manager_post: Bilingual,
    /// Full name of the first manager.
    pub manager_name: String,
    /// Phone, as people dial it.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Address of the personal account: `https://…`.
    pub site: String,
    /// Account to which repayments go, 20 characters without spaces.
    #[serde(serialize_with = "writing::in_fours")]
    pub iban: String,
    /// Bank of that account.
    pub bank: Bilingual,
    /// Code of that bank (BIC).
    pub bic: String,
}

/// The client.
#[derive(Clone, Serialize)]
pub struct Borrower {
    /// Surname, given name and patronymic as in the identity document; of a legal entity its name.
    pub full_name: String,
    /// Individual identification number, 12 digits; of a legal entity its business identification number.
    pub number: String,
    /// Who signs for a legal entity; none for an individual.
    pub representative: Option<Representative>,
    /// Identity document of who signs.
    pub document: Document,
    /// Mobile phone, as people dial it.
    pub phone: String,
    /// Own account to which the credit is paid, 20 characters without spaces.
    #[serde(serialize_with = "writing::in_fours")]
    pub iban: String,
}

/// Who signs for a legal entity, and on the basis of what (Rules cl. [6.b](lending::law::CL_6_B)).
#[derive(Clone, Serialize)]
pub struct Representative {
    /// Surname, given name and patronymic as in the identity document.
    pub full_name: String,
    /// Individual identification number, 12 digits.
    pub iin: String,
    /// The document, to follow "on the basis of": `бұйрық негізінде` / `на основании приказа`.
    pub basis: Bilingual,
    /// Its number.
    pub number: String,
    /// Its date.
    #[serde(serialize_with = "writing::date")]
    pub dated: Date,
}

/// An identity document.
#[derive(Clone, Serialize)]
pub struct Document {
    /// What it is: `жеке куәлік` / `удостоверение личности`.
    pub kind: Bilingual,
    /// Its number.
    pub number: String,
    /// Last day of its validity.
    #[serde(serialize_with = "writing::date")]
    pub valid_until: Date,
}

/// For how long the credit is given.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Calendar days.
    Days(u16),
    /// Months.
    Months(u16),
}

/// How it is repaid.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Equal payments.
    Annuity,
    /// Equal principal, falling payments.
    Differentiated,
    /// Interest on each due date, principal at the end.
    Bullet,
    /// Shares of principal as agreed.
    Shares,
    /// One payment at the end.
    SinglePayment,
}

/// The time base of interest.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// 30 days a month, 360 a year.
    Thirty360,
    /// Actual days, 360 a year.
    Actual360,
    /// Actual days, 365 a year.
    Actual365,
    /// Actual days, 365 or 366 a year.
    ActualActual,
    /// Actual days, 365 a year; 366 in a period that holds 29 February.
    ActualActualFebruary,
    /// A month is a twelfth of a year, each of its days an equal part.
    EqualMonths,
    /// A month is 30 days of 365, each of its days an equal part.
    EqualMonths365,
}

/// The penalty for late payment (law on microfinance, art. 6.3).
#[derive(Clone, Copy, Serialize)]
pub struct Penalty {
    /// Of the overdue payment, for each day.
    pub daily_rate: Percent,
    /// Days overdue in a row after which neither interest nor penalty may be demanded (art. 7.3.4); none where the law
    /// sets none.
    pub stops_after_days: Option<u16>,
    /// Cap for each year of the agreement, of the amount given.
    pub yearly_cap: Percent,
}

/// A row of the repayment schedule.
#[derive(Clone, Copy, Serialize)]
pub struct Instalment {
    /// When it is due.
    #[serde(serialize_with = "writing::date")]
    pub due: Date,
    /// Principal in it.
    #[serde(serialize_with = "writing::money")]
    pub principal: Money,
    /// Interest in it.
    #[serde(serialize_with = "writing::money")]
    pub interest: Money,
    /// Principal still owed after it.
    #[serde(serialize_with = "writing::money")]
    pub balance: Money,
}

/// An agreement on microcredit (law on microfinance, art. 4; Rules cl. [8.2](lending::law::CL_8_2),
/// [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4), [8.5](lending::law::CL_8_5),
/// [9.a](lending::law::CL_9_A)).
///
/// The total to pay, the overpayment and the payments' sizes are not given but summed from the schedule, so that
/// the first page cannot contradict it.
#[derive(Clone, Serialize)]
pub struct Agreement {
    /// Number.
    pub number: String,
    /// Date of conclusion; the document's date, too.
    #[serde(serialize_with = "writing::date")]
    pub concluded_on: Date,
    /// The organization.
    pub lender: Lender,
    /// The client.
    pub borrower: Borrower,
    /// Name of the credit product.
    pub product: Bilingual,
    /// What the money is for, as said in the application.
    pub purpose: Bilingual,
    /// It serves a business.
    pub for_business: bool,
    /// What is lent.
    #[serde(serialize_with = "writing::money_in_words")]
    pub amount: Money,
    /// For how long.
    pub term: Term,
    /// Interest, of the principal, a year.
    pub nominal_rate: Percent,
    /// Effective annual rate, rounded to one decimal by the caller.
    pub effective_rate: Percent,
    /// Time base of interest.
    pub day_count: DayCount,
    /// Method of repayment.
    pub method: Method,
    /// Due dates on days off were moved to the next working day.
    pub days_off_moved: bool,
    /// Penalty for late payment.
    pub penalty: Penalty,
    /// Working days within which the money is sent.
    pub payout_working_days: u16,
    /// Ways to repay, each a short phrase (Rules cl. [7.6](lending::law::CL_7_6)).
    pub ways_to_repay: Vec<Bilingual>,
    /// Whether a collection agency may be engaged when payments are late; allowed only if agreed (art. 9-2.5.2).
    pub collection_agency: bool,
    /// Name of the dated rule set under which it is made.
    pub rule_set: String,
    /// All payments, by date.
    pub schedule: Vec<Instalment>,
}

/// Prints an agreement with its schedule.
///
/// # Errors
/// [`PaperError`]: a text that cannot be printed, an amount out of range, a schedule that does not add up.
pub fn agreement(agreement: &Agreement) -> Result<Vec<u8>, PaperError> {
    #[derive(Serialize)]
    struct Sheet<'a> {
        #[serde(flatten)]
        agreement: &'a Agreement,
        payments: Payments,
    }
    print(Template::Agreement, &Sheet { agreement, payments: Payments::of(agreement)? })
}

/// Each row's payment and all interest, of a schedule that begins after `from` and repays `amount`.
///
/// # Errors
/// [`PaperError::Schedule`] where a row does not follow from those before, or something is left at the end.
pub(crate) fn follow(
    amount: Money,
    from: Date,
    schedule: &[Instalment],
) -> Result<(Vec<Money>, Money), PaperError> {
    let wrong = |row| PaperError::Schedule { row };
    let (mut balance, mut interest, mut day) = (amount, Money::ZERO, from);
    let mut payments = Vec::with_capacity(schedule.len());
    for (row, instalment) in (1..).zip(schedule) {
        let follows = instalment.due > day
            && !instalment.principal.is_negative()
            && !instalment.interest.is_negative()
            && balance.checked_sub(instalment.principal) == Some(instalment.balance)
            && !instalment.balance.is_negative();
        if !follows {
            return Err(wrong(row));
        }
        (balance, day) = (instalment.balance, instalment.due);
        interest = interest.checked_add(instalment.interest).ok_or(wrong(row))?;
        payments.push(instalment.principal.checked_add(instalment.interest).ok_or(wrong(row))?);
    }
    if balance.is_zero() { Ok((payments, interest)) } else { Err(wrong(0)) }
}

/// A payment of a schedule in figures.
pub(crate) fn figures(payment: Money) -> Result<String, PaperError> {
    writing::tenge(payment).ok_or_else(|| PaperError::OutOfRange { field: "schedule".to_owned() })
}

/// What the schedule comes to.
#[derive(Serialize)]
struct Payments {
    count: usize,
    /// Russian for «payments» after that number.
    count_ru: &'static str,
    term_ru: &'static str,
    #[serde(serialize_with = "writing::date")]
    last_due: Date,
    /// Each row's payment.
    rows: Vec<String>,
    /// Equal payments in a row, when that says it shortly; else empty.
    runs: Vec<Run>,
    largest: String,
    smallest: String,
    #[serde(serialize_with = "writing::money_in_words")]
    total: Money,
    #[serde(serialize_with = "writing::money_in_words")]
    overpayment: Money,
}

#[derive(Serialize)]
struct Run {
    count: usize,
    payment: String,
}

impl Payments {
    fn of(agreement: &Agreement) -> Result<Self, PaperError> {
        let amount = agreement.amount;
        let wrong = |row| PaperError::Schedule { row };
        let (payments, interest) = follow(amount, agreement.concluded_on, &agreement.schedule)?;
        if !amount.is_positive() {
            return Err(wrong(0));
        }
        let (Some(&largest), Some(&smallest)) = (payments.iter().max(), payments.iter().min()) else {
            return Err(wrong(0));
        };
        let runs: Vec<&[Money]> = payments.chunk_by(PartialEq::eq).collect();
        let runs = if runs.len() <= 3 { runs.as_slice() } else { &[] };
        let count = payments.len();
        let months_or_days = match agreement.term {
            Term::Days(days) => words::plural(days.into(), ["день", "дня", "дней"]),
            Term::Months(months) => words::plural(months.into(), ["месяц", "месяца", "месяцев"]),
        };
        Ok(Self {
            count,
            count_ru: words::plural(count as u64, ["платеж", "платежа", "платежей"]),
            term_ru: months_or_days,
            last_due: agreement.schedule[payments.len() - 1].due,
            rows: payments.iter().map(|&payment| figures(payment)).collect::<Result<_, _>>()?,
            runs: runs
                .iter()
                .map(|run| Ok(Run { count: run.len(), payment: figures(run[0])? }))
                .collect::<Result<_, PaperError>>()?,
            largest: figures(largest)?,
            smallest: figures(smallest)?,
            total: amount.checked_add(interest).ok_or(wrong(0))?,
            overpayment: interest,
        })
    }
}
