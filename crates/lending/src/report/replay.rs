//! A loan replayed: terms and events in, everything that can be said of it on a date out.

use crate::effective_rate::EffectiveRate;
use crate::ledger::{Account, Transfer, Turnover};
use crate::loan::{
    Allocation, Debt, Ending, Event, FoldError, Loan, LoanRow, LoanTerms, Payoff, RowKind, RowState, Status,
    Trace, WriteOff, fold_traced,
};
use crate::money::Money;
use crate::report::input::{self, Agreement, InputError};
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A loan to be replayed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// What was agreed.
    pub terms: Agreement,
    /// What happened, in any order.
    pub events: Vec<Event>,
    /// The date, all its events included.
    pub as_of: Date,
}

/// A loan that can be folded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What was agreed.
    pub terms: LoanTerms,
    /// What happened.
    pub events: Vec<Event>,
    /// The date.
    pub as_of: Date,
}

/// A loan on a date.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Replay {
    /// The date, all its events included.
    pub as_of: Date,
    /// The rule set, by its first day.
    pub rule_set: String,
    /// Where it stands.
    pub status: Status,
    /// The day the last tiyn was paid, or the debt ended in another way.
    pub closed_on: Option<Date>,
    /// How it ended, where it was not paid.
    pub ended: Option<Ended>,
    /// What is owed, by kind.
    pub debt: Debt,
    /// All of it together.
    pub debt_total_tiyn: Money,
    /// Money held for the next due dates.
    pub advance_tiyn: Money,
    /// Money beyond the whole debt, owed to the client.
    pub overpaid_tiyn: Money,
    /// What may still be claimed although it was written off.
    pub claim_tiyn: Money,
    /// Interest and penalty are suspended.
    pub accrual_suspended: bool,
    /// The first day of the oldest delay that still lasts.
    pub overdue_since: Option<Date>,
    /// Consecutive overdue days of the oldest delay that still lasts.
    pub overdue_days: u32,
    /// The next payment that is asked for.
    pub next_installment: Option<NextInstallment>,
    /// What closes the loan on the date.
    pub payoff: Payoff,
    /// The annual effective rate of the plan in force, in tenths of a percent; nothing where it has none.
    pub effective_rate_tenths: Option<EffectiveRate>,
    /// Planned installments, and early repayments where they happened.
    pub rows: Vec<Row>,
    /// Payments by value date, those taken back included.
    pub payments: Vec<Payment>,
    /// What the books should have moved, in order.
    pub postings: Vec<Posting>,
    /// The loan's part of each account's balance, on the side where the account grows.
    pub balances: Vec<Balance>,
}

/// How a loan ended that was not paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ended {
    /// Written off.
    WrittenOff {
        /// Why.
        by: WriteOff,
        /// The right to claim it stays.
        claim_kept: bool,
    },
    /// Assigned to another.
    Sold,
}

/// The next payment that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NextInstallment {
    /// When.
    pub on: Date,
    /// Principal still to pay.
    pub principal_tiyn: Money,
    /// Interest still to pay, as planned.
    pub interest_tiyn: Money,
    /// What remains to be brought after the advance.
    pub to_bring_tiyn: Money,
}

/// A row of the schedule with what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(as = ReplayRow))]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Number of the installment; 0 for other kinds.
    pub number: u16,
    /// When it is or was due.
    pub due_on: Date,
    /// Principal to pay.
    pub principal_tiyn: Money,
    /// Interest to pay: planned until the due date, then what the period really cost.
    pub interest_tiyn: Money,
    /// Principal paid.
    pub principal_paid_tiyn: Money,
    /// Interest paid.
    pub interest_paid_tiyn: Money,
    /// The value date of the payment that completed it.
    pub paid_on: Option<Date>,
    /// Where it stands.
    pub state: RowState,
}

/// A payment and what it was taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(as = ReplayPayment))]
pub struct Payment {
    /// Its id.
    pub id: Uuid,
    /// Its value date.
    pub on: Date,
    /// How much.
    pub amount_tiyn: Money,
    /// It was taken back, so that it counts for nothing.
    pub reversed: bool,
    /// What it was taken for.
    pub allocation: Allocation,
}

/// An entry in the books. Of interest and penalty one entry stands for all the days after `from`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Posting {
    /// The day at whose end its cause began; `on` for what takes no time.
    pub from: Date,
    /// Its date.
    pub on: Date,
    /// What it is.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub posting: &'static str,
    /// Code of the account that is debited.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub debit: &'static str,
    /// Code of the account that is credited.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub credit: &'static str,
    /// How much.
    pub amount_tiyn: Money,
}

/// The loan's part of an account's balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Balance {
    /// Code of the account.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub account: &'static str,
    /// Its title.
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub title: &'static str,
    /// On the side where it grows.
    pub balance_tiyn: Money,
}

impl Known {
    /// Reads a [`Life`].
    ///
    /// # Errors
    /// [`InputError`] where the text is no such thing, or has terms that cannot be computed with.
    pub fn read(json: &str) -> Result<Self, InputError> {
        let life: Life = input::read(json)?;
        nothing_unknown(json, &life.events)?;
        let (terms, _) = life.terms.agreed("terms.", "terms.schedule.")?;
        Ok(Self { terms, events: life.events, as_of: life.as_of })
    }

    /// What is wrong with the input where the fold refuses it.
    #[must_use]
    pub fn refused(&self, why: FoldError) -> InputError {
        let message = why.to_string();
        match (why, why.event()) {
            (FoldError::Terms(why), _) => InputError::terms("terms.schedule.", why),
            (FoldError::RuleSet, _) => InputError::new("terms.rule_set", input::reason(&message)),
            (_, Some(sequence)) => {
                let mut those = (0..).zip(&self.events).filter(|(_, event)| event.sequence == sequence);
                match (those.next(), those.next()) {
                    (Some((at, _)), None) => {
                        InputError::new(format!("events[{at}]"), input::reason(&message))
                    }
                    _ => InputError::new("events", message), // Several of that number, on different dates.
                }
            }
            (FoldError::TooManyEvents, None) => InputError::new("events", input::reason(&message)),
            _ => InputError::new("as_of", input::reason(&message)),
        }
    }
}

/// Events are read past what they do not know: nobody shall believe that it counted.
fn nothing_unknown(json: &str, events: &[Event]) -> Result<(), InputError> {
    #[derive(Deserialize)]
    struct Given {
        events: Vec<BTreeMap<String, IgnoredAny>>,
    }
    let given: Given = input::read(json)?;
    for (at, (given, event)) in given.events.iter().zip(events).enumerate() {
        let known = serde_json::to_value(event).unwrap_or_default();
        if let Some(field) = given.keys().find(|field| known.get(field.as_str()).is_none()) {
            return Err(InputError::new(format!("events[{at}].{field}"), "unknown field"));
        }
    }
    Ok(())
}

/// Reads a [`Life`] and says how the loan stands.
///
/// # Errors
/// [`InputError`] where the text is no such thing, or cannot be folded.
pub fn replay(json: &str) -> Result<Replay, InputError> {
    let known = Known::read(json)?;
    let (loan, trace) =
        fold_traced(&known.terms, &known.events, known.as_of).map_err(|why| known.refused(why))?;
    Ok(Replay::of(&loan, &trace))
}

impl Replay {
    fn of(loan: &Loan, trace: &Trace) -> Self {
        Self {
            as_of: loan.as_of,
            rule_set: loan.rule_set.id.to_owned(),
            status: loan.status,
            closed_on: loan.closed_on,
            ended: loan.ended.map(Ended::from),
            debt: loan.debt,
            debt_total_tiyn: loan.debt.total(),
            advance_tiyn: loan.advance,
            overpaid_tiyn: loan.overpaid,
            claim_tiyn: loan.claim,
            accrual_suspended: loan.accrual_suspended,
            overdue_since: loan.overdue_since,
            overdue_days: loan.overdue_days,
            next_installment: loan.next_due.map(|due| NextInstallment {
                on: due.on,
                principal_tiyn: due.principal,
                interest_tiyn: due.interest,
                to_bring_tiyn: due.to_bring,
            }),
            payoff: loan.payoff(),
            effective_rate_tenths: loan.effective_rate().ok(),
            rows: loan.rows.iter().map(Row::from).collect(),
            payments: loan
                .payments
                .iter()
                .map(|payment| Payment {
                    id: payment.id,
                    on: payment.on,
                    amount_tiyn: payment.amount,
                    reversed: payment.reversed,
                    allocation: payment.allocation,
                })
                .collect(),
            postings: journal(trace),
            balances: loan.balances().into_iter().map(Balance::from).collect(),
        }
    }
}

/// What each step moved through the books.
fn journal(trace: &Trace) -> Vec<Posting> {
    let mut posted = Turnover::default();
    let mut postings = Vec::new();
    for step in &trace.steps {
        let entry = |transfer: Transfer| Posting {
            from: step.from,
            on: step.on,
            posting: transfer.posting,
            debit: transfer.debit.code(),
            credit: transfer.credit.code(),
            amount_tiyn: transfer.amount,
        };
        postings.extend(step.position.turnover.since(&posted).into_iter().map(entry));
        posted = step.position.turnover;
    }
    postings
}

impl From<Ending> for Ended {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::WrittenOff { by, claim_kept } => Self::WrittenOff { by, claim_kept },
            Ending::Sold => Self::Sold,
        }
    }
}

impl From<&LoanRow> for Row {
    fn from(row: &LoanRow) -> Self {
        Self {
            kind: row.kind,
            number: row.number,
            due_on: row.due_on,
            principal_tiyn: row.principal,
            interest_tiyn: row.interest,
            principal_paid_tiyn: row.principal_paid,
            interest_paid_tiyn: row.interest_paid,
            paid_on: row.paid_on,
            state: row.state,
        }
    }
}

impl From<(Account, Money)> for Balance {
    fn from((account, balance): (Account, Money)) -> Self {
        Self { account: account.code(), title: account.title(), balance_tiyn: balance }
    }
}
