//! The fold itself.

use crate::law::rules::RuleSet;
use crate::ledger::Turnover;
use crate::loan::{
    Allocation, Component, Debt, EVENTS_MAX, EarlyRepayment, Event, Happening, Loan, LoanRow, LoanTerms,
    NextDue, Payment, Payoff, Penalty, RowKind, RowState, Standing, Status,
};
use crate::money::Money;
use crate::rate::{Accrual, DailyRate, DayMeter, Rate, days_from};
use crate::schedule::{DATES, Plan, Schedule, TermsError};
use jiff::civil::Date;
use std::collections::BTreeMap;
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
    /// Another amount than the agreed principal was given.
    #[error("event {0}: not the agreed principal")]
    DisbursedAmount(i64),
    /// The money was given when the first installment was due already.
    #[error("event {0}: disbursed on or after the first due date")]
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
}

/// The loan on `as_of`, all events of that day included; later events are checked and left aside. The order
/// of `events` does not matter.
///
/// # Errors
/// The first [`FoldError`] found; its number is the event's sequence.
pub fn fold(terms: &LoanTerms, events: &[Event], as_of: Date) -> Result<Loan, FoldError> {
    terms.schedule.check()?;
    let rules = RuleSet::by_id(&terms.rule_set).ok_or(FoldError::RuleSet)?;
    if !DATES.contains(&as_of) {
        return Err(FoldError::AsOf);
    }
    let events = in_order(events)?;
    let payments = known_payments(&events)?;
    let mut folding = Folding::new(terms, rules);
    for event in &events {
        if event.on > as_of {
            break;
        }
        folding.happens(event, &payments, as_of)?;
    }
    folding.advance_to(as_of);
    let next_event = events.iter().map(|event| event.on).find(|on| *on > as_of);
    Ok(folding.finish(as_of, next_event))
}

/// What would close the loan on `on` if nothing else happened after it.
///
/// # Errors
/// As [`fold`].
pub fn quote_payoff(terms: &LoanTerms, events: &[Event], on: Date) -> Result<Payoff, FoldError> {
    fold(terms, events, on).map(|loan| loan.payoff())
}

fn in_order(events: &[Event]) -> Result<Vec<&Event>, FoldError> {
    if events.len() > EVENTS_MAX {
        return Err(FoldError::TooManyEvents);
    }
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_unstable_by_key(|event| (event.on, event.sequence));
    if let Some(pair) =
        events.windows(2).find(|pair| (pair[0].on, pair[0].sequence) == (pair[1].on, pair[1].sequence))
    {
        return Err(FoldError::SameSequence(pair[1].sequence));
    }
    for event in &events {
        let amount = match event.what {
            Happening::Disbursed { amount } | Happening::Repaid { amount, .. } => Some(amount),
            Happening::EarlyRepaymentRequested { amount, .. } => amount,
            Happening::RepaymentReversed { .. } => None,
        };
        if amount.is_some_and(|amount| !amount.is_positive() || amount > Money::MAX) {
            return Err(FoldError::Amount(event.sequence));
        }
        if !DATES.contains(&event.on) {
            return Err(FoldError::Date(event.sequence));
        }
    }
    Ok(events)
}

/// The payments, each with the date it was taken back, if it was.
fn known_payments(events: &[&Event]) -> Result<BTreeMap<Uuid, Option<Date>>, FoldError> {
    let mut payments = BTreeMap::new();
    for event in events {
        match event.what {
            Happening::Repaid { id, .. } if payments.insert(id, None).is_some() => {
                return Err(FoldError::SamePayment(event.sequence));
            }
            Happening::RepaymentReversed { id } => match payments.get_mut(&id) {
                None => return Err(FoldError::UnknownPayment(event.sequence)),
                Some(Some(_)) => return Err(FoldError::ReversedTwice(event.sequence)),
                Some(reversed) => *reversed = Some(event.on),
            },
            _ => {}
        }
    }
    Ok(payments)
}

/// The loan on the way from one day to the next.
struct Folding<'a> {
    terms: &'a LoanTerms,
    rules: &'static RuleSet,
    meter: DayMeter,
    now: Date,
    disbursed: bool,
    plan: Schedule,
    planned_from: Date,
    rows: Vec<LoanRow>,
    /// Rows before it have fallen due.
    next: usize,
    /// Rows before it are paid.
    paid_up_to: usize,
    /// All principal not paid.
    outstanding: Money,
    /// Principal of rows that have not fallen due.
    ahead: Money,
    /// Interest since the last due date or early repayment.
    period: Accrual,
    /// What of it is paid already; only after the last due date.
    period_paid: Money,
    /// Interest of earlier periods.
    interest_before: Money,
    penalty: Penalty,
    request: Option<(EarlyRepayment, Option<Money>)>,
    advance: Money,
    payments: Vec<Payment>,
    closed_on: Option<Date>,
    turnover: Turnover,
}

impl<'a> Folding<'a> {
    fn new(terms: &'a LoanTerms, rules: &'static RuleSet) -> Self {
        let from = terms.schedule.disbursed_on;
        let mut folding = Self {
            terms,
            rules,
            meter: terms.schedule.meter(),
            now: from,
            disbursed: false,
            plan: Schedule::empty(),
            planned_from: from,
            rows: Vec::new(),
            next: 0,
            paid_up_to: 0,
            outstanding: Money::ZERO,
            ahead: terms.schedule.principal,
            period: Accrual::default(),
            period_paid: Money::ZERO,
            interest_before: Money::ZERO,
            penalty: Penalty::new(rules.penalty.value, terms.penalty, terms.schedule.principal, from),
            request: None,
            advance: Money::ZERO,
            payments: Vec::new(),
            closed_on: None,
            turnover: Turnover::default(),
        };
        let due: Vec<Date> = terms.schedule.due_dates().collect();
        folding.follow(folding.to_spread().spread(terms.schedule.method, &due), 1);
        folding
    }

    fn happens(
        &mut self,
        event: &Event,
        payments: &BTreeMap<Uuid, Option<Date>>,
        as_of: Date,
    ) -> Result<(), FoldError> {
        match event.what {
            Happening::Disbursed { amount } => self.disburse(event, amount),
            _ if !self.disbursed => Err(FoldError::NotDisbursed(event.sequence)),
            Happening::RepaymentReversed { .. } => Ok(()),
            Happening::Repaid { id, amount } => {
                self.advance_to(event.on);
                let reversed = payments.get(&id).copied().flatten().is_some_and(|on| on <= as_of);
                let allocation = if reversed { Allocation::default() } else { self.take(amount) };
                self.payments.push(Payment { id, on: event.on, amount, reversed, allocation });
                Ok(())
            }
            Happening::EarlyRepaymentRequested { mode, amount } => {
                self.advance_to(event.on);
                if self.closed_on.is_none() {
                    self.request = Some((mode, amount));
                    self.repay_early(Money::ZERO, &mut Allocation::default());
                }
                Ok(())
            }
        }
    }

    fn disburse(&mut self, event: &Event, amount: Money) -> Result<(), FoldError> {
        let agreed = &self.terms.schedule;
        if self.disbursed {
            return Err(FoldError::DisbursedTwice(event.sequence));
        }
        if amount != agreed.principal {
            return Err(FoldError::DisbursedAmount(event.sequence));
        }
        if event.on >= agreed.first_due {
            return Err(FoldError::DisbursedTooLate(event.sequence));
        }
        self.disbursed = true;
        self.outstanding = amount;
        self.turnover.disbursement_settled = amount;
        self.now = event.on;
        if event.on != agreed.disbursed_on {
            // The bank took another day than agreed: same due dates, interest from the day the money was
            // there.
            let due: Vec<Date> = agreed.due_dates().collect();
            self.penalty = Penalty::new(self.rules.penalty.value, self.terms.penalty, amount, event.on);
            self.follow(self.to_spread().spread(agreed.method, &due), 1);
        }
        Ok(())
    }

    /// What has to be spread over coming due dates from today.
    fn to_spread(&self) -> Plan {
        Plan { from: self.now, principal: self.ahead, rate: self.terms.schedule.rate, meter: self.meter }
    }

    /// Replaces the rows ahead by those of `plan`.
    fn follow(&mut self, plan: Schedule, first_number: u16) {
        self.rows.truncate(self.next);
        self.rows.extend(plan.rows.iter().map(|row| LoanRow {
            kind: RowKind::Installment,
            number: row.number + first_number - 1,
            due_on: row.due_on,
            principal: row.principal,
            interest: row.interest,
            principal_paid: Money::ZERO,
            interest_paid: Money::ZERO,
            paid_on: None,
            state: RowState::Upcoming,
        }));
        self.planned_from = self.now;
        self.plan = plan;
    }

    fn advance_to(&mut self, to: Date) {
        while self.disbursed && self.now < to {
            self.fall_overdue();
            let until = self.constant_until(to);
            self.accrue(until);
            self.now = until;
            if self.now == self.penalty.year_ends() {
                self.penalty.turn_year();
            }
            if self.rows.get(self.next).is_some_and(|row| row.due_on == self.now) {
                self.fall_due();
            }
        }
    }

    /// The last date up to which every rate and every base stays as it is.
    fn constant_until(&self, to: Date) -> Date {
        let due = self.rows.get(self.next).map(|row| row.due_on);
        let steps = self.oldest_due(self.tonight()).into_iter().flat_map(|due| {
            [self.rules.penalty.value.first_days, self.rules.accrual_stops_after.value]
                .map(|days| days.after(due))
        });
        let changes = due.into_iter().chain(steps).chain([self.penalty.year_ends()]);
        changes.filter(|date| *date > self.now).fold(to, Date::min)
    }

    fn accrue(&mut self, until: Date) {
        let overdue_days = self.oldest_due(self.tonight()).map(|due| days_from(due, self.now));
        let stops_after = i64::from(self.rules.accrual_stops_after.value.0);
        if !self.terms.fully_secured && overdue_days.is_some_and(|days| days >= stops_after) {
            return;
        }
        self.period.add(self.outstanding, self.terms.schedule.rate, self.meter.units(self.now, until));
        if let Some(overdue_days) = overdue_days {
            let overdue = self.due_rows().iter().map(LoanRow::unpaid).sum();
            self.penalty.add(overdue, overdue_days, days_from(self.now, until));
        }
    }

    /// Today's row becomes due, and money held is taken for it.
    fn fall_due(&mut self) {
        let interest = self.end_period();
        let row = &mut self.rows[self.next];
        row.interest = interest;
        self.ahead -= row.principal;
        self.next += 1;
        let held = self.advance;
        let mut left = held;
        for component in self.terms.allocation.components() {
            left -= self.pay(component, left);
        }
        self.advance = left;
        self.turnover.advance_applied += held - left;
        self.settle();
    }

    /// The interest of the period that ends today.
    fn end_period(&mut self) -> Money {
        let interest = self.period.rounded(self.meter);
        self.period = Accrual::default();
        self.interest_before += interest;
        interest
    }

    /// The day ends: what was due on it and is unpaid is overdue.
    fn fall_overdue(&mut self) {
        let (principal, interest) = (Component::CurrentPrincipal, Component::CurrentInterest);
        self.turnover.principal_fell_overdue += self.unpaid_rows(principal);
        self.turnover.interest_fell_overdue += self.unpaid_rows(interest);
    }

    /// Rows that have fallen due and may be unpaid.
    fn due_rows(&self) -> &[LoanRow] {
        &self.rows[self.paid_up_to..self.next]
    }

    /// When today has ended and its due date with it.
    fn tonight(&self) -> Date {
        self.now.tomorrow().unwrap_or(Date::MAX)
    }

    /// The due date of the oldest delay as seen on `on`. Once the last due date has passed, any debt is a
    /// delay.
    fn oldest_due(&self, on: Date) -> Option<Date> {
        let unpaid = self.due_rows().iter().find(|row| row.due_on < on && row.unpaid().is_positive());
        unpaid.map(|row| row.due_on).or_else(|| {
            let last = self.rows.iter().rev().find(|row| row.kind == RowKind::Installment)?.due_on;
            (self.is_matured() && last < on && self.closed_on.is_none()).then_some(last)
        })
    }

    fn is_matured(&self) -> bool {
        self.disbursed && self.next == self.rows.len()
    }

    fn unpaid_rows(&self, component: Component) -> Money {
        let rows = self.due_rows().iter();
        match component {
            Component::OverduePrincipal => {
                rows.filter(|row| row.due_on < self.now).map(LoanRow::unpaid_principal).sum()
            }
            Component::OverdueInterest => {
                rows.filter(|row| row.due_on < self.now).map(LoanRow::unpaid_interest).sum()
            }
            Component::CurrentPrincipal => {
                rows.filter(|row| row.due_on == self.now).map(LoanRow::unpaid_principal).sum()
            }
            Component::CurrentInterest => {
                rows.filter(|row| row.due_on == self.now).map(LoanRow::unpaid_interest).sum()
            }
            Component::Penalty => Money::ZERO,
        }
    }

    /// What of a component may be asked for today.
    fn owed(&self, component: Component) -> Money {
        match component {
            Component::Penalty => self.penalty.accrued() - self.turnover.penalty_repaid,
            Component::CurrentInterest if self.is_matured() => {
                self.unpaid_rows(component) + self.running_interest()
            }
            _ => self.unpaid_rows(component),
        }
    }

    /// Interest since the last due date or early repayment, as far as it is unpaid.
    fn running_interest(&self) -> Money {
        self.period.rounded(self.meter) - self.period_paid
    }

    /// Everything owed today.
    fn payoff(&self) -> Money {
        let due: Money =
            self.terms.allocation.components().into_iter().map(|component| self.owed(component)).sum();
        let running = if self.is_matured() { Money::ZERO } else { self.running_interest() };
        due + self.ahead + running
    }

    /// Takes a payment and says what for.
    fn take(&mut self, amount: Money) -> Allocation {
        let mut allocation = Allocation::default();
        if self.closed_on.is_some() {
            self.turnover.overpayment_owed += amount;
            allocation.overpaid = amount;
            return allocation;
        }
        let closes = amount + self.advance >= self.payoff();
        let held_before = self.advance;
        let mut left = amount;
        if closes {
            left += self.advance;
            self.advance = Money::ZERO;
        }
        for component in self.terms.allocation.components() {
            let paid = self.pay(component, left);
            *allocation.of_debt(component) += paid;
            left -= paid;
        }
        if closes {
            left -= self.pay_ahead(self.ahead, &mut allocation);
            self.rows.truncate(self.next);
            self.turnover.advance_applied += held_before;
            self.turnover.overpayment_owed += left;
            allocation.overpaid = left;
            allocation.advance = -held_before;
        } else {
            self.repay_early(left, &mut allocation);
        }
        self.settle();
        allocation
    }

    /// What nothing due asks for: principal early if the client wished so, else held. `left` is new money.
    fn repay_early(&mut self, left: Money, allocation: &mut Allocation) {
        let held = self.advance;
        let available = left + held;
        let mut used = Money::ZERO;
        if let Some((mode, wished)) = self.request
            && wished.map_or(available, |wished| wished.min(available)) > self.running_interest()
            && self.due_rows().iter().all(|row| row.unpaid().is_zero())
            && self.ahead.is_positive()
        {
            let using = wished.map_or(available, |wished| wished.min(available));
            let principal = (using - self.running_interest()).min(self.ahead);
            let (due, number) = self.coming();
            used = self.pay_ahead(principal, allocation);
            self.request = None;
            if self.ahead.is_positive() {
                let (plan, method) = (self.to_spread(), self.terms.schedule.method);
                let schedule = match mode {
                    EarlyRepayment::KeepTerm => plan.spread(method, &due),
                    EarlyRepayment::KeepInstallment => plan.shorten(method, &due, self.plan.regular),
                };
                self.follow(schedule, number);
            }
        }
        self.advance = available - used;
        let change = self.advance - held;
        allocation.advance = change;
        self.turnover.advance_held += change.max(Money::ZERO);
        self.turnover.advance_applied += (-change).max(Money::ZERO);
    }

    /// The due dates ahead, and the number of the next installment.
    fn coming(&self) -> (Vec<Date>, u16) {
        let rows = &self.rows[self.next..];
        (rows.iter().map(|row| row.due_on).collect(), rows.first().map_or(1, |row| row.number))
    }

    /// Pays the running interest and then `principal` that is not due, as a row of its own; returns what it
    /// took.
    fn pay_ahead(&mut self, principal: Money, allocation: &mut Allocation) -> Money {
        if self.is_matured() || (principal + self.running_interest()).is_zero() {
            return Money::ZERO;
        }
        let interest = self.end_period();
        self.ahead -= principal;
        self.outstanding -= principal;
        self.turnover.principal_repaid += principal;
        self.turnover.interest_repaid += interest;
        allocation.principal += principal;
        allocation.interest += interest;
        self.insert_paid(RowKind::EarlyRepayment, principal, interest);
        principal + interest
    }

    fn insert_paid(&mut self, kind: RowKind, principal: Money, interest: Money) {
        let row = LoanRow {
            kind,
            number: 0,
            due_on: self.now,
            principal,
            interest,
            principal_paid: principal,
            interest_paid: interest,
            paid_on: Some(self.now),
            state: RowState::Paid,
        };
        self.rows.insert(self.next, row);
        self.next += 1;
    }

    /// Pays as much of a component as `money` allows, oldest row first; returns what it took.
    fn pay(&mut self, component: Component, money: Money) -> Money {
        let paid = money.min(self.owed(component));
        let in_rows = paid.min(self.unpaid_rows(component));
        match component {
            Component::OverduePrincipal => self.turnover.overdue_principal_repaid += paid,
            Component::OverdueInterest => self.turnover.overdue_interest_repaid += paid,
            Component::Penalty => self.turnover.penalty_repaid += paid,
            Component::CurrentPrincipal => self.turnover.principal_repaid += paid,
            Component::CurrentInterest => self.turnover.interest_repaid += paid,
        }
        self.pay_rows(component, in_rows);
        if component == Component::CurrentInterest && paid > in_rows {
            self.period_paid += paid - in_rows;
            self.insert_paid(RowKind::AfterMaturity, Money::ZERO, paid - in_rows);
        }
        paid
    }

    fn pay_rows(&mut self, component: Component, mut money: Money) {
        let now = self.now;
        for row in &mut self.rows[self.paid_up_to..self.next] {
            let (today, principal) = match component {
                Component::OverduePrincipal => (false, true),
                Component::OverdueInterest => (false, false),
                Component::CurrentPrincipal => (true, true),
                Component::CurrentInterest => (true, false),
                Component::Penalty => return,
            };
            if (row.due_on == now) != today {
                continue;
            }
            let part = money.min(if principal { row.unpaid_principal() } else { row.unpaid_interest() });
            if principal {
                row.principal_paid += part;
                self.outstanding -= part;
            } else {
                row.interest_paid += part;
            }
            money -= part;
        }
    }

    /// Notes which rows are paid, and closes the loan where nothing is owed any more.
    fn settle(&mut self) {
        for row in &mut self.rows[self.paid_up_to..self.next] {
            if row.paid_on.is_none() && row.unpaid().is_zero() {
                row.paid_on = Some(self.now);
            }
        }
        while self.due_rows().first().is_some_and(|row| row.paid_on.is_some()) {
            self.paid_up_to += 1;
        }
        if self.closed_on.is_none() && self.payoff().is_zero() {
            self.closed_on = Some(self.now);
            self.rows.truncate(self.next);
            self.turnover.advance_applied += self.advance;
            self.turnover.overpayment_owed += self.advance;
            self.advance = Money::ZERO;
        }
    }

    /// The lines it follows from here until something happens, at the latest on `next_event`.
    fn standing(&self, next_event: Option<Date>) -> Option<Standing> {
        if !self.disbursed || self.closed_on.is_some() {
            return None;
        }
        let (today, tonight) = (self.oldest_due(self.now), self.oldest_due(self.tonight()));
        let overdue_days = tonight.map(|due| days_from(due, self.now));
        let stops_after = i64::from(self.rules.accrual_stops_after.value.0);
        let runs = self.terms.fully_secured || overdue_days.is_none_or(|days| days < stops_after);
        let late = overdue_days.filter(|_| runs);
        let unpaid_today = |row: &LoanRow| row.due_on == self.now && row.unpaid().is_positive();
        let falls_overdue = today != tonight || self.due_rows().iter().any(unpaid_today);
        let due = self.rows.get(self.next).map(|row| row.due_on);
        let steps = tonight.into_iter().flat_map(|due| {
            [self.rules.penalty.value.first_days, self.rules.accrual_stops_after.value]
                .map(|days| days.after(due))
        });
        let year = late.map(|_| self.penalty.year_ends());
        let dates = due.into_iter().chain(steps).chain(year).chain(next_event);
        let dates = dates.chain(falls_overdue.then(|| self.tonight()));
        let (penalty_before, penalty, penalty_cap) = self.penalty.lines();
        Some(Standing {
            base: self.now,
            changes_on: dates.filter(|date| *date > self.now).min().unwrap_or(Date::MAX),
            meter: self.meter,
            principal: self.outstanding,
            rate: if runs { self.terms.schedule.rate } else { Rate::default() },
            interest_before: self.interest_before,
            interest: self.period.exact(self.meter),
            penalty_before,
            penalty,
            overdue: late.map_or(Money::ZERO, |_| self.due_rows().iter().map(LoanRow::unpaid).sum()),
            penalty_rate: late.map_or_else(DailyRate::default, |days| self.penalty.rate_after(days)),
            penalty_cap,
            overdue_since: today.and_then(|due| due.tomorrow().ok()),
        })
    }

    fn finish(mut self, as_of: Date, next_event: Option<Date>) -> Loan {
        let standing = self.standing(next_event);
        self.turnover.interest_accrued = self.interest_before + self.period.rounded(self.meter);
        self.turnover.penalty_accrued = self.penalty.accrued();
        let now = self.now;
        for row in &mut self.rows[..self.next] {
            row.state = match row.paid_on {
                Some(_) => RowState::Paid,
                None if row.due_on == now => RowState::Due,
                None => RowState::Overdue,
            };
        }
        let oldest_due = self.oldest_due(now);
        let debt = Debt {
            principal_not_due: if self.disbursed { self.ahead } else { Money::ZERO },
            principal_due: self.unpaid_rows(Component::CurrentPrincipal),
            principal_overdue: self.unpaid_rows(Component::OverduePrincipal),
            interest_accrued: self.running_interest(),
            interest_due: self.unpaid_rows(Component::CurrentInterest),
            interest_overdue: self.unpaid_rows(Component::OverdueInterest),
            penalty: self.owed(Component::Penalty),
        };
        let next_due = self.rows.iter().find(|row| row.paid_on.is_none() && row.due_on >= as_of);
        let next_due = next_due.filter(|_| self.disbursed).map(|row| NextDue {
            on: row.due_on,
            principal: row.unpaid_principal(),
            interest: row.unpaid_interest(),
            to_bring: row.unpaid().less(self.advance),
        });
        let status = match (self.disbursed, self.closed_on, oldest_due) {
            (false, ..) => Status::AwaitingDisbursement,
            (_, Some(_), _) => Status::Closed,
            (.., Some(_)) => Status::Overdue,
            _ => Status::Active,
        };
        Loan {
            as_of,
            status,
            debt,
            advance: self.advance,
            overpaid: self.turnover.overpayment_owed,
            overdue_since: oldest_due.and_then(|due| due.tomorrow().ok()),
            overdue_days: oldest_due.map_or(0, |due| u32::try_from(days_from(due, as_of)).unwrap_or(0)),
            rows: self.rows,
            payments: self.payments,
            next_due,
            closed_on: self.closed_on,
            plan: self.plan,
            planned_from: self.planned_from,
            rule_set: self.rules,
            turnover: self.turnover,
            standing,
        }
    }
}
