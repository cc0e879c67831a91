//! The fold: events in the order of their days, each handed to the loan as it stands.

use crate::law::rules::RuleSet;
use crate::loan::folding::Folding;
use crate::loan::trace::Trace;
use crate::loan::{EVENTS_MAX, Event, Happening, Loan, LoanTerms, Payoff};
use crate::money::Money;
use crate::rate::Rate;
use crate::schedule::{DATES, INSTALLMENTS_MAX, TermsError};
use jiff::civil::Date;
use uuid::Uuid;

/// Why events cannot be folded. The caller asks before it records an event, so that a recorded loan always
/// folds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FoldError {
    /// The terms themselves.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// The agreement names a rule set that does not exist.
    #[error("rule_set: no such rule set")]
    RuleSet,
    /// The date lies outside 2000–2150.
    #[error("as_of: must be within the years 2000 to 2150")]
    AsOf,
    /// More than [`EVENTS_MAX`] events.
    #[error("events: more than 10 000")]
    TooManyEvents,
    /// An event's date lies outside 2000–2150.
    #[error("event {0}: date must be within the years 2000 to 2150")]
    Date(i64),
    /// Two events of one date have one sequence number.
    #[error("event {0}: another event of its date has the same sequence")]
    SameSequence(i64),
    /// Something happened before the money was given.
    #[error("event {0}: happened before disbursement")]
    NotDisbursed(i64),
    /// The money was given a second time.
    #[error("event {0}: disbursed already")]
    DisbursedTwice(i64),
    /// Another amount than the agreed principal was given; with tranches, more than what is left of it.
    #[error("event {0}: not the agreed principal")]
    DisbursedAmount(i64),
    /// A further part was given when no installment was left to pay it back.
    #[error("event {0}: disbursed when no due date was left")]
    DisbursedTooLate(i64),
    /// An amount of nothing, or above [`Money::MAX`].
    #[error("event {0}: amount must be from 1 tiyn to 1 trillion tenge")]
    Amount(i64),
    /// A second payment with the same id.
    #[error("event {0}: a payment with this id is there already")]
    SamePayment(i64),
    /// No such payment to take back, or not yet made on that date.
    #[error("event {0}: no such payment on that date")]
    UnknownPayment(i64),
    /// Taken back already.
    #[error("event {0}: the payment was taken back already")]
    ReversedTwice(i64),
    /// A rate above [`Rate::MAX`].
    #[error("event {0}: rate must not exceed 1000 % a year")]
    Rate(i64),
    /// A date of a change that is not after the day it was made, or outside 2000–2150.
    #[error("event {0}: the date it names must lie after it, within the years 2000 to 2150")]
    NamedDate(i64),
    /// More than [`INSTALLMENTS_MAX`] installments, or grace that leaves none to pay what is put off.
    #[error("event {0}: no more than 600 installments, and one at least without grace")]
    Installments(i64),
    /// More was returned than was overpaid.
    #[error("event {0}: more returned than was overpaid")]
    ReturnedTooMuch(i64),
}

impl FoldError {
    /// The sequence of the event to blame, where one is.
    #[must_use]
    pub const fn event(self) -> Option<i64> {
        match self {
            Self::Terms(_) | Self::RuleSet | Self::AsOf | Self::TooManyEvents => None,
            Self::Date(number)
            | Self::SameSequence(number)
            | Self::NotDisbursed(number)
            | Self::DisbursedTwice(number)
            | Self::DisbursedAmount(number)
            | Self::DisbursedTooLate(number)
            | Self::Amount(number)
            | Self::SamePayment(number)
            | Self::UnknownPayment(number)
            | Self::ReversedTwice(number)
            | Self::Rate(number)
            | Self::NamedDate(number)
            | Self::Installments(number)
            | Self::ReturnedTooMuch(number) => Some(number),
        }
    }
}

/// The loan on `as_of`, all events of that day included. Of later events, changes of the agreement show in
/// the coming rows; everything else is checked and left aside. The order of `events` does not matter.
///
/// # Errors
/// The first [`FoldError`] found; its number is the event's sequence.
pub fn fold(terms: &LoanTerms, events: &[Event], as_of: Date) -> Result<Loan, FoldError> {
    let (folding, later) = run(terms, events, as_of, None)?;
    Ok(folding.finish(as_of, &later))
}

/// The same, with every step that led there.
///
/// # Errors
/// As [`fold`].
pub fn fold_traced(terms: &LoanTerms, events: &[Event], as_of: Date) -> Result<(Loan, Trace), FoldError> {
    let (mut folding, later) = run(terms, events, as_of, Some(Trace::default()))?;
    let mut trace = folding.trace.take().unwrap_or_default();
    trace.foreseen = folding.foreseen(&later);
    Ok((folding.finish(as_of, &later), trace))
}

/// What would close the loan on `on` if nothing else happened after it: good for that day.
///
/// # Errors
/// As [`fold`].
pub fn quote_payoff(terms: &LoanTerms, events: &[Event], on: Date) -> Result<Payoff, FoldError> {
    fold(terms, events, on).map(|loan| loan.payoff())
}

fn run<'a>(
    terms: &'a LoanTerms,
    events: &'a [Event],
    as_of: Date,
    trace: Option<Trace>,
) -> Result<(Folding<'a>, Vec<&'a Event>), FoldError> {
    terms.schedule.check()?;
    let rules = RuleSet::by_id(&terms.rule_set).ok_or(FoldError::RuleSet)?;
    if !DATES.contains(&as_of) {
        return Err(FoldError::AsOf);
    }
    let mut events = in_order(events)?;
    let payments = Payments::of(&events, as_of)?;
    let mut folding = Folding::new(terms, rules, trace);
    let later = events.split_off(events.partition_point(|event| event.on <= as_of));
    for event in events {
        folding.happens(event, &payments)?;
    }
    folding.advance_to(as_of);
    Ok((folding, later))
}

fn in_order(events: &[Event]) -> Result<Vec<&Event>, FoldError> {
    if events.len() > EVENTS_MAX {
        return Err(FoldError::TooManyEvents);
    }
    let mut events: Vec<&Event> = events.iter().collect();
    if !events.is_sorted_by_key(|event| (event.on, event.sequence)) {
        events.sort_unstable_by_key(|event| (event.on, event.sequence));
    }
    if let Some(pair) =
        events.windows(2).find(|pair| (pair[0].on, pair[0].sequence) == (pair[1].on, pair[1].sequence))
    {
        return Err(FoldError::SameSequence(pair[1].sequence));
    }
    events.iter().try_for_each(|event| sensible(event))?;
    Ok(events)
}

fn sensible(event: &Event) -> Result<(), FoldError> {
    let number = event.sequence;
    let amount = match event.what {
        Happening::Disbursed { amount }
        | Happening::Repaid { amount, .. }
        | Happening::PenaltyCharged { amount }
        | Happening::Waived { amount, .. }
        | Happening::OverpaymentReturned { amount } => Some(amount),
        Happening::EarlyRepaymentRequested { amount, .. } => amount,
        _ => None,
    };
    let named = match &event.what {
        Happening::AccrualSuspended { until } => *until,
        Happening::Rescheduled(change) => change.next_due,
        _ => None,
    };
    let more = match &event.what {
        Happening::Rescheduled(change) => {
            change.more_installments.max(change.grace_on_interest).max(change.grace_on_principal)
        }
        _ => 0,
    };
    let rate = if let Happening::RateChanged { rate } = event.what { rate } else { Rate::default() };
    let refusals = [
        (amount.is_none_or(|amount| amount.is_positive() && amount <= Money::MAX), FoldError::Amount(number)),
        (DATES.contains(&event.on), FoldError::Date(number)),
        (named.is_none_or(|date| date > event.on && DATES.contains(&date)), FoldError::NamedDate(number)),
        (rate <= Rate::MAX, FoldError::Rate(number)),
        (more <= INSTALLMENTS_MAX, FoldError::Installments(number)),
    ];
    refusals.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(why))
}

/// The payments that were taken back by the date of the fold.
pub(super) struct Payments(Vec<Uuid>);

impl Payments {
    fn of(events: &[&Event], as_of: Date) -> Result<Self, FoldError> {
        // Sorted ids with the place of the event that made them, so that thousands are looked up quickly.
        let mut made: Vec<(Uuid, usize)> = Vec::new();
        for (at, event) in events.iter().enumerate() {
            if let Happening::Repaid { id, .. } = event.what {
                made.push((id, at));
            }
        }
        made.sort_unstable();
        if let Some(pair) = made.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(FoldError::SamePayment(events[pair[1].1].sequence));
        }
        let mut reversed: Vec<(Uuid, usize)> = Vec::new();
        for (at, event) in events.iter().enumerate() {
            if let Happening::RepaymentReversed { id } = event.what {
                match made.binary_search_by_key(&id, |(id, _)| *id) {
                    Ok(found) if made[found].1 < at => reversed.push((id, at)),
                    _ => return Err(FoldError::UnknownPayment(event.sequence)),
                }
            }
        }
        reversed.sort_unstable();
        if let Some(pair) = reversed.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(FoldError::ReversedTwice(events[pair[1].1].sequence));
        }
        reversed.retain(|(_, at)| events[*at].on <= as_of);
        Ok(Self(reversed.into_iter().map(|(id, _)| id).collect()))
    }

    /// Nothing was taken back.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn was_reversed(&self, id: Uuid) -> bool {
        self.0.binary_search(&id).is_ok()
    }
}
