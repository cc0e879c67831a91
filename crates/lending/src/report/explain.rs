//! Why a figure is what it is: every step that leads to it, line by line.
//!
//! The lines come from the fold itself ([`fold_traced`]), not from a second computation: each says by how much
//! the figure changed in one step, and the last total is the figure.

mod line;
mod row;

use crate::effective_rate::{EffectiveRate, EffectiveRateError};
use crate::ledger::Account;
use crate::loan::{Event, FoldError, Loan, LoanTerms, Position, Trace, fold_traced};
use crate::money::Money;
use crate::rate::days_from;
use crate::report::input::InputError;
use crate::report::replay::Known;
use jiff::civil::Date;
pub use line::{Exact, Line, What};
use std::fmt;
use std::str::FromStr;

/// A figure of a loan on a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Figure {
    /// All principal owed.
    Principal,
    /// All interest owed.
    Interest,
    /// Penalty owed.
    Penalty,
    /// What should have been paid before the date.
    Overdue,
    /// What remains to be brought to close the loan on the date.
    Payoff,
    /// What remains to be brought for the next due date.
    NextInstallment,
    /// The annual effective rate of the plan in force.
    EffectiveRate,
    /// The interest of the installment of that number.
    RowInterest(u16),
    /// The loan's part of an account's balance, on the side where the account grows.
    Balance(Account),
}

/// Not the name of a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a figure is one of principal, interest, penalty, overdue, payoff, next-installment, effective-rate, \
     row-interest:NUMBER, balance:ACCOUNT"
)]
pub struct NotAFigure;

impl Figure {
    /// The figures that every loan has.
    pub const GENERAL: [Self; 7] = [
        Self::Principal,
        Self::Interest,
        Self::Penalty,
        Self::Overdue,
        Self::Payoff,
        Self::NextInstallment,
        Self::EffectiveRate,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Interest => "interest",
            Self::Penalty => "penalty",
            Self::Overdue => "overdue",
            Self::Payoff => "payoff",
            Self::NextInstallment => "next-installment",
            Self::EffectiveRate => "effective-rate",
            Self::RowInterest(_) => "row-interest",
            Self::Balance(_) => "balance",
        }
    }
}

/// `payoff`, `row-interest:3`, `balance:1270.10`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowInterest(number) => write!(f, "{}:{number}", self.name()),
            Self::Balance(account) => write!(f, "{}:{}", self.name(), account.code()),
            _ => f.write_str(self.name()),
        }
    }
}

impl FromStr for Figure {
    type Err = NotAFigure;
    fn from_str(text: &str) -> Result<Self, NotAFigure> {
        if let Some(figure) = Self::GENERAL.into_iter().find(|figure| figure.name() == text) {
            return Ok(figure);
        }
        match text.split_once(':') {
            Some(("row-interest", number)) => number.parse().map(Self::RowInterest).map_err(|_| NotAFigure),
            Some(("balance", code)) => Account::by_code(code).map(Self::Balance).ok_or(NotAFigure),
            _ => Err(NotAFigure),
        }
    }
}

/// Why there is nothing to explain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExplainError {
    /// The loan cannot be folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// Nothing is asked for after the date.
    #[error("figure: there is no next installment on that date")]
    NothingNext,
    /// No installment of that number.
    #[error("figure: there is no installment of that number")]
    NoSuchRow,
    /// The plan has no effective rate.
    #[error("figure: {0}")]
    NoRate(#[from] EffectiveRateError),
}

/// A figure with everything that leads to it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The figure: `payoff`, `row-interest:3`, `balance:1270.10`.
    pub figure: String,
    /// The date, all its events included.
    pub as_of: Date,
    /// The figure, where it is an amount: the total of the last line.
    pub result_tiyn: Option<Money>,
    /// The figure, where it is the annual effective rate, in tenths of a percent.
    pub result_tenths: Option<EffectiveRate>,
    /// What leads to it, in order.
    pub lines: Vec<Line>,
}

/// Explains a figure of a loan on a date.
///
/// # Errors
/// [`ExplainError`].
pub fn explain(
    terms: &LoanTerms,
    events: &[Event],
    as_of: Date,
    figure: Figure,
) -> Result<Explanation, ExplainError> {
    let (loan, trace) = fold_traced(terms, events, as_of)?;
    let (mut result_tiyn, mut result_tenths) = (None, None);
    let lines = match figure {
        Figure::EffectiveRate => {
            let rate = loan.effective_rate()?;
            result_tenths = Some(rate);
            cash_flow(&loan, rate)
        }
        Figure::RowInterest(number) => {
            let row = loan.rows.iter().find(|row| row.number == number && number > 0);
            let row = row.ok_or(ExplainError::NoSuchRow)?;
            result_tiyn = Some(row.interest);
            row::interest(&trace, row)
        }
        Figure::NextInstallment => {
            let due = loan.next_due.ok_or(ExplainError::NothingNext)?;
            result_tiyn = Some(due.to_bring);
            row::next(&trace, &loan).ok_or(ExplainError::NothingNext)?
        }
        _ => {
            let lines = positions(&trace, figure);
            result_tiyn = Some(lines.last().map_or(Money::ZERO, |line| line.total_tiyn));
            lines
        }
    };
    Ok(Explanation { figure: figure.to_string(), as_of, result_tiyn, result_tenths, lines })
}

/// Reads what [`replay`](crate::report::replay::replay) reads and explains a figure of it.
///
/// # Errors
/// [`InputError`] where the text is no such thing, cannot be folded, or has no such figure.
pub fn explain_json(json: &str, figure: Figure) -> Result<Explanation, InputError> {
    let known = Known::read(json)?;
    explain(&known.terms, &known.events, known.as_of, figure).map_err(|why| match why {
        ExplainError::Fold(why) => known.refused(why),
        _ => InputError::new("figure", crate::report::input::reason(&why.to_string())),
    })
}

fn of(figure: Figure, position: &Position) -> Money {
    let debt = &position.debt;
    match figure {
        Figure::Principal => debt.principal(),
        Figure::Interest => debt.interest(),
        Figure::Penalty => debt.penalty,
        Figure::Overdue => debt.overdue(),
        Figure::Payoff => (debt.total() + position.interest_to_come).less(position.advance),
        Figure::Balance(account) => position.turnover.balance(account),
        Figure::NextInstallment | Figure::EffectiveRate | Figure::RowInterest(_) => Money::ZERO,
    }
}

/// Every step that changed the figure, and those days on which it did not change because it was not to.
fn positions(trace: &Trace, figure: Figure) -> Vec<Line> {
    let mut before = Money::ZERO;
    let mut lines = Vec::new();
    for step in &trace.steps {
        let total = of(figure, &step.position);
        let line = Line::of(step, total - before, total);
        if total != before || (line.what.is_telling() && accrues(figure)) {
            lines.push(line);
        }
        before = total;
    }
    lines
}

const fn accrues(figure: Figure) -> bool {
    matches!(figure, Figure::Interest | Figure::Penalty | Figure::Payoff)
}

/// The cash flow of the plan in force as the client sees it, and the rate at which its parts are equal.
fn cash_flow(loan: &Loan, rate: EffectiveRate) -> Vec<Line> {
    let from = loan.planned_from;
    let mut total = Money::ZERO;
    let mut lines: Vec<Line> = loan
        .plan
        .cash_flow(from)
        .map(|(on, amount)| {
            total += amount;
            let days = days_from(from, on);
            Line { from, on, what: What::CashFlow { days }, amount_tiyn: amount, total_tiyn: total }
        })
        .collect();
    let what = What::EffectiveRate { tenths: rate };
    lines.push(Line { from, on: loan.as_of, what, amount_tiyn: Money::ZERO, total_tiyn: total });
    lines
}
