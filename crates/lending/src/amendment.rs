//! Other terms of a living credit, agreed on by both sides (Rules cl. [9.a](crate::law::CL_9_A); Law on microfinance,
//! art. 3 п. 6, art. 9-2).
//!
//! An employee proposes a [`Proposal`]; [`amend`] says what it comes to on a day: what happens to the loan, how the loan
//! stands before and after, and whether the law of that day allows it. It is a function of the day and of what happened
//! before: a payment or a night later the same proposal comes to something else, and is another paper to agree on.

use crate::calendar::Calendar;
use crate::effective_rate::{EffectiveRate, EffectiveRateError};
use crate::law::rules::{
    Amendment, Breach, By, Capitalised, Conditions, Extras, NoRules, RuleSet, check_amendment,
};
use crate::loan::{
    Event, FoldError, Happening, Loan, LoanRow, LoanTerms, Rescheduling, RowKind, RowState, Status, Waivable,
    fold,
};
use crate::money::Money;
use crate::rate::{Rate, days_after};
use crate::schedule::DaysOff;
use jiff::civil::Date;

#[cfg(test)]
mod tests;

/// The farthest that the next due date may be put off, in days from the day of the amendment.
pub const POSTPONED_DAYS_MAX: i64 = 366;
/// The most installments that one amendment may add: ten years by the month.
pub const MORE_INSTALLMENTS_MAX: u16 = 120;

/// What is proposed. What is nothing stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Proposal {
    /// A lower nominal annual rate, from the day after.
    #[serde(rename = "rate_ppm")]
    pub rate: Option<Rate>,
    /// Another day for the next installment, which the later ones follow.
    pub next_due: Option<Date>,
    /// So many installments more.
    pub more_installments: u16,
    /// So many of the coming installments pay no principal.
    pub grace_on_principal: u16,
    /// In so many of the coming installments interest is put off.
    pub grace_on_interest: u16,
    /// Interest to give up, of what is due or overdue, and after the last due date of what has run since: at most so much.
    #[serde(rename = "interest_waived_tiyn")]
    pub interest_waived: Money,
    /// Penalty to give up: at most so much.
    #[serde(rename = "penalty_waived_tiyn")]
    pub penalty_waived: Money,
}

/// A proposal on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amended {
    /// The day.
    pub on: Date,
    /// The rule set of that day, against which it was held.
    pub rule_set: &'static RuleSet,
    /// What happens to the loan that day, in this order.
    pub effects: Vec<Happening>,
    /// How the loan stands without it.
    pub before: Side,
    /// How it stands with it.
    pub after: Side,
}

/// How a loan stands on one side of an amendment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Side {
    /// The loan at the end of the day.
    pub loan: Loan,
    /// Annual effective rate: the agreement's while its schedule stands, then of what is left of debt and term.
    pub effective_rate: EffectiveRate,
}

/// Why a proposal comes to nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AmendmentError {
    /// Nothing is owed: not yet, or not any more.
    #[error("the loan does not live")]
    NotLiving,
    /// The rate does not fall.
    #[error("rate: must be lower than the one that holds")]
    RateNotLower,
    /// All installments have fallen due: there is none to move.
    #[error("no installment is left to change")]
    NoneLeft,
    /// The next due date does not lie between the last one that has passed and [`POSTPONED_DAYS_MAX`] ahead.
    #[error("next_due: must lie after the last due date and within {POSTPONED_DAYS_MAX} days")]
    NextDue,
    /// Too many installments, or grace that leaves none to pay what is put off.
    #[error("installments: at most {MORE_INSTALLMENTS_MAX} more, and one at least without grace")]
    Installments,
    /// An amount below nothing.
    #[error("an amount must not be negative")]
    Amount,
    /// The loan would be the same.
    #[error("nothing would change")]
    NothingChanges,
    /// The law of the day does not allow it.
    #[error("the law does not allow it")]
    Unlawful(Vec<Breach>),
    /// The law of the day is not known.
    #[error(transparent)]
    NoRules(#[from] NoRules),
    /// The loan itself cannot be folded, or its schedule has no effective rate.
    #[error("the loan cannot be computed: {0}")]
    Loan(String),
}

/// What `proposal` comes to if it is agreed on `on`, after `events`.
///
/// # Errors
/// [`AmendmentError`]: the proposal changes nothing, cannot be carried out, or is not lawful on that day.
pub fn amend(
    terms: &LoanTerms,
    events: &[Event],
    on: Date,
    proposal: &Proposal,
) -> Result<Amended, AmendmentError> {
    let rule_set = RuleSet::in_force("on", on)?;
    let before = fold(terms, events, on).map_err(broken)?;
    if !matches!(before.status, Status::Active | Status::Overdue) {
        return Err(AmendmentError::NotLiving);
    }
    let effects = effects(terms, events, &before, on, proposal)?;
    let first = events.iter().map(|event| event.sequence).max().unwrap_or_default() + 1;
    let added = (first..).zip(effects.clone()).map(|(sequence, what)| Event { on, sequence, what });
    let all: Vec<Event> = events.iter().cloned().chain(added).collect();
    let after = fold(terms, &all, on).map_err(|why| match why {
        FoldError::NamedDate(_) => AmendmentError::NextDue,
        FoldError::Installments(_) => AmendmentError::Installments,
        why => broken(why),
    })?;
    if (&before.rows, before.rate, before.debt) == (&after.rows, after.rate, after.debt) {
        return Err(AmendmentError::NothingChanges);
    }
    let planned_anew = effects.iter().any(|what| !matches!(what, Happening::Waived { .. }));
    let before = Side { effective_rate: effective_rate(terms, &before, on)?, loan: before };
    let after = Side {
        effective_rate: if planned_anew && coming(&after).next().is_some() {
            of_the_rest(&after, on)?
        } else {
            before.effective_rate
        },
        loan: after,
    };
    let breaches = check_amendment(&Amendment {
        on,
        by: By::Agreed,
        kind: terms.kind,
        issued: terms.schedule.principal,
        disbursed_on: terms.schedule.disbursed_on,
        day_count: terms.schedule.day_count,
        before: before.conditions(terms),
        after: after.conditions(terms),
        capitalised: Capitalised::default(),
        relief: None,
        deferral: None,
        extras: Extras::default(),
    })?;
    if !breaches.is_empty() {
        return Err(AmendmentError::Unlawful(breaches));
    }
    Ok(Amended { on, rule_set, effects, before, after })
}

/// What is given up first, so that the rest is planned on what is left.
fn effects(
    terms: &LoanTerms,
    events: &[Event],
    loan: &Loan,
    on: Date,
    proposal: &Proposal,
) -> Result<Vec<Happening>, AmendmentError> {
    let mut effects = Vec::new();
    for (part, wanted) in
        [(Waivable::Penalty, proposal.penalty_waived), (Waivable::Interest, proposal.interest_waived)]
    {
        if wanted.is_negative() {
            return Err(AmendmentError::Amount);
        }
        let amount = wanted.min(owed(loan, part));
        if amount.is_positive() {
            effects.push(Happening::Waived { part, amount });
        }
    }
    if let Some(rate) = proposal.rate {
        if rate >= loan.rate {
            return Err(AmendmentError::RateNotLower);
        }
        effects.push(Happening::RateChanged { rate });
    }
    if proposal.reschedules() {
        let first = coming(loan).next().ok_or(AmendmentError::NoneLeft)?;
        if proposal.next_due.is_some_and(|day| day <= on || day > days_after(on, POSTPONED_DAYS_MAX)) {
            return Err(AmendmentError::NextDue);
        }
        let left = coming(loan).count() + usize::from(proposal.more_installments);
        let graced = usize::from(proposal.grace_on_principal.max(proposal.grace_on_interest));
        if proposal.more_installments > MORE_INSTALLMENTS_MAX || graced >= left {
            return Err(AmendmentError::Installments);
        }
        effects.push(Happening::Rescheduled(Rescheduling {
            from: first.due_on,
            next_due: proposal.next_due,
            more_installments: proposal.more_installments,
            due_on: due_on(terms, events, loan, proposal)?,
            grace_on_principal: proposal.grace_on_principal,
            grace_on_interest: proposal.grace_on_interest,
            keep_installment: false,
        }));
    }
    if effects.is_empty() { Err(AmendmentError::NothingChanges) } else { Ok(effects) }
}

/// The coming due dates one by one, where the agreement moves them from days off; none where it does not, or none moves.
fn due_on(
    terms: &LoanTerms,
    events: &[Event],
    loan: &Loan,
    proposal: &Proposal,
) -> Result<Vec<Date>, AmendmentError> {
    let planned = loan.rows.iter().skip_while(|row| !is_coming(row));
    let stays = proposal.next_due.is_none() && proposal.more_installments == 0;
    let ends = planned.clone().next().zip(planned.clone().last());
    let Some((first, last)) = ends.filter(|_| terms.days_off == DaysOff::Forward && !stays) else {
        return Ok(Vec::new());
    };
    let (calendar, period) = (Calendar::kazakhstan(), terms.schedule.period);
    // The date that an installment's number stands for, before days off.
    let (number, date, day) = match proposal.next_due {
        Some(next_due) => (first.number, next_due, next_due.day()),
        None => counted_from(terms, events, loan),
    };
    let stands_for = |of: u16| period.step(date, day, i32::from(of) - i32::from(number));
    let moved = |of: u16| calendar.working_day_from(stands_for(of));
    let kept = planned.filter(|_| proposal.next_due.is_none()).map(|row| row.due_on);
    let made = if proposal.next_due.is_none() { last.number + 1 } else { first.number };
    let dates: Vec<Date> = kept.chain((made..=last.number + proposal.more_installments).map(moved)).collect();
    // Due dates so close that two fall on one working day.
    if dates.is_sorted_by(|a, b| a < b) { Ok(dates) } else { Err(AmendmentError::NextDue) }
}

/// From which installment due dates are counted, its date before days off, and the day of the month that stands for: the
/// first of the agreement, or the one that an amendment moved last.
fn counted_from(terms: &LoanTerms, events: &[Event], loan: &Loan) -> (u16, Date, i8) {
    let agreed = &terms.schedule;
    let planned = || loan.rows.iter().filter(|row| row.kind == RowKind::Installment);
    let moved = events.iter().filter_map(|event| match &event.what {
        Happening::Rescheduled(Rescheduling { next_due: Some(date), .. }) => {
            Some((event.on, event.sequence, *date))
        }
        _ => None,
    });
    let moved = moved.max().map(|(_, _, date)| date);
    let row = moved
        .and_then(|date| planned().find(|row| row.due_on >= date).map(|row| (row.number, date, date.day())));
    row.unwrap_or_else(|| {
        let first = planned().next().map_or(agreed.first_due, |row| row.due_on);
        let as_agreed = agreed.due_dates().next() == Some(first); // The bank may have moved them by whole periods.
        (1, if as_agreed { agreed.first_due } else { first }, agreed.anchor_day())
    })
}

/// What may be given up of a part.
fn owed(loan: &Loan, part: Waivable) -> Money {
    match part {
        Waivable::Penalty => loan.debt.penalty,
        Waivable::Interest if coming(loan).next().is_none() => loan.debt.interest(),
        Waivable::Interest => loan.debt.interest_due + loan.debt.interest_overdue,
    }
}

/// The installments that lie ahead, unpaid.
fn coming(loan: &Loan) -> impl Iterator<Item = &LoanRow> {
    loan.rows.iter().filter(|row| is_coming(row))
}

fn is_coming(row: &LoanRow) -> bool {
    row.kind == RowKind::Installment && row.state == RowState::Upcoming
}

/// The rate that holds: the agreement's own while its schedule stands, else that of what is left.
fn effective_rate(terms: &LoanTerms, loan: &Loan, on: Date) -> Result<EffectiveRate, AmendmentError> {
    let agreed = terms.schedule.schedule().map_err(|why| AmendmentError::Loan(why.to_string()))?;
    if loan.plan == agreed || coming(loan).next().is_none() {
        EffectiveRate::of(agreed.cash_flow(terms.schedule.disbursed_on)).map_err(no_rate)
    } else {
        of_the_rest(loan, on)
    }
}

/// The rate computed anew from what is left of debt and term (NBRK resolution No. 208 of 26.11.2019): the debt is lent and
/// what is due of it paid on the day, the coming installments on theirs.
fn of_the_rest(loan: &Loan, on: Date) -> Result<EffectiveRate, AmendmentError> {
    let left = loan.debt.principal_not_due + loan.debt.interest_accrued;
    let paid = coming(loan).map(|row| (row.due_on, -row.unpaid()));
    EffectiveRate::of(std::iter::once((on, left)).chain(paid)).map_err(no_rate)
}

fn no_rate(why: EffectiveRateError) -> AmendmentError {
    AmendmentError::Loan(why.to_string())
}

fn broken(why: FoldError) -> AmendmentError {
    AmendmentError::Loan(why.to_string())
}

impl Proposal {
    const fn reschedules(&self) -> bool {
        self.next_due.is_some()
            || self.more_installments > 0
            || self.grace_on_principal > 0
            || self.grace_on_interest > 0
    }
}

impl Amended {
    /// What is given up of a part.
    #[must_use]
    pub fn waived(&self, of: Waivable) -> Money {
        let amount = |effect: &Happening| match effect {
            Happening::Waived { part, amount } if *part == of => Some(*amount),
            _ => None,
        };
        self.effects.iter().filter_map(amount).sum()
    }
}

impl Side {
    /// The installments that lie ahead, unpaid.
    pub fn coming(&self) -> impl Iterator<Item = &LoanRow> {
        coming(&self.loan)
    }

    /// Due or overdue and unpaid: principal and interest. After the last due date interest is due as it runs.
    #[must_use]
    pub fn due(&self) -> Money {
        let all: Money = self.loan.rows.iter().map(LoanRow::unpaid).sum();
        let running =
            if self.coming().next().is_none() { self.loan.debt.interest_accrued } else { Money::ZERO };
        all - self.coming().map(LoanRow::unpaid).sum() + running
    }

    /// All that is still to be paid if everything is paid on its day: what is due, the coming installments, the penalty.
    #[must_use]
    pub fn to_pay(&self) -> Money {
        self.due() + self.coming().map(LoanRow::unpaid).sum::<Money>() + self.loan.debt.penalty
    }

    /// The last due date, passed or to come.
    #[must_use]
    pub fn last_due(&self) -> Option<Date> {
        self.loan.rows.iter().filter(|row| row.kind == RowKind::Installment).map(|row| row.due_on).max()
    }

    fn conditions(&self, terms: &LoanTerms) -> Conditions {
        Conditions {
            rate: self.loan.rate,
            effective_rate: self.effective_rate,
            penalty: terms.penalty,
            method: terms.schedule.method,
            last_due: self.last_due().unwrap_or(terms.schedule.first_due),
        }
    }
}
