//! The loan on the way from one day to the next.

use crate::calendar::CalendarDays;
use crate::law::rules::RuleSet;
use crate::ledger::Turnover;
use crate::loan::fold::Payments;
use crate::loan::trace::{StepKind, Trace};
use crate::loan::{
    Allocation, Deviation, EarlyMoney, EarlyRepayment, Ending, Event, FoldError, Happening, InterestOn,
    LoanTerms, Payment, Penalty,
};
use crate::money::Money;
use crate::rate::{Accrual, days_from};
use crate::schedule::{Course, Grace, Plan, Schedule, Slot, Split};
use jiff::civil::Date;

#[derive(Clone)]
pub(super) struct Folding<'a> {
    pub(super) terms: &'a LoanTerms,
    pub(super) rules: &'static RuleSet,
    /// Nothing is accrued after so many consecutive overdue days.
    pub(super) stops_after: Option<CalendarDays>,
    /// Today, principal that is not due, and the interest of the running period.
    pub(super) course: Course,
    pub(super) disbursed: bool,
    /// All principal given.
    pub(super) issued: Money,
    /// All principal not paid.
    pub(super) outstanding: Money,
    /// Principal not paid if everything went by the plan.
    pub(super) scheduled: Money,
    pub(super) slots: Vec<Slot>,
    /// Slots before it have fallen due.
    pub(super) next: usize,
    /// Slots before it are paid.
    pub(super) paid_up_to: usize,
    /// Where the running interest began.
    pub(super) running_from: Date,
    /// What of the running interest is paid already; only after the last due date.
    pub(super) running_paid: Money,
    /// Interest stood still on days of the running period.
    pub(super) stood_still: bool,
    /// Interest that has become part of a row.
    pub(super) interest_before: Money,
    pub(super) penalty: Penalty,
    pub(super) suspension: Option<Suspension>,
    pub(super) request: Option<(EarlyRepayment, Option<Money>)>,
    pub(super) advance: Money,
    pub(super) payments: Vec<Payment>,
    pub(super) closed_on: Option<Date>,
    pub(super) ended: Option<(Date, Ending)>,
    /// What may still be claimed after a write-off.
    pub(super) claim: Money,
    pub(super) plan: Schedule,
    pub(super) planned_from: Date,
    pub(super) turnover: Turnover,
    pub(super) trace: Option<Trace>,
    /// Whatever falls due is paid at once: the loan as it will be if all goes well.
    pub(super) foreseeing: bool,
}

/// Days on which nothing is accrued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Suspension {
    pub(super) until: Option<Date>,
    /// The interest those days would have cost.
    pub(super) gap: Accrual,
}

impl<'a> Folding<'a> {
    pub(super) fn new(terms: &'a LoanTerms, rules: &'static RuleSet, trace: Option<Trace>) -> Self {
        let (agreed, from) = (&terms.schedule, terms.schedule.disbursed_on);
        let (slots, regular) = Plan::of(agreed, agreed.principal, from);
        let mut folding = Self {
            terms,
            rules,
            stops_after: rules.accrual_stops(terms.kind).map(|limit| limit.value),
            course: Course::of(agreed, Money::ZERO, from),
            disbursed: false,
            issued: Money::ZERO,
            outstanding: Money::ZERO,
            scheduled: Money::ZERO,
            plan: Schedule::of(&slots, from, regular),
            slots,
            next: 0,
            paid_up_to: 0,
            running_from: from,
            running_paid: Money::ZERO,
            stood_still: false,
            interest_before: Money::ZERO,
            penalty: Penalty::new(rules.penalty.value, terms.penalty, agreed.principal, from),
            suspension: None,
            request: None,
            advance: Money::ZERO,
            payments: Vec::new(),
            closed_on: None,
            ended: None,
            claim: Money::ZERO,
            planned_from: from,
            turnover: Turnover::default(),
            trace,
            foreseeing: false,
        };
        folding.fix_principal();
        folding
    }

    pub(super) fn happens(&mut self, event: &Event, payments: &Payments) -> Result<(), FoldError> {
        if let Happening::Disbursed { amount } = event.what {
            return self.disburse(event, amount);
        }
        if !self.disbursed {
            return Err(FoldError::NotDisbursed(event.sequence));
        }
        self.advance_to(event.on);
        let noted = self.noted();
        self.note(|| StepKind::Event(event.what.clone()));
        match event.what {
            Happening::Disbursed { .. } | Happening::RepaymentReversed { .. } => {}
            Happening::Repaid { id, amount } => {
                let reversed = payments.was_reversed(id);
                let allocation = if reversed { Allocation::default() } else { self.take(amount) };
                self.payments.push(Payment { id, on: event.on, amount, reversed, allocation });
                self.note_again(noted, StepKind::Paid { id, amount, reversed, allocation });
            }
            Happening::OverpaymentReturned { amount } => {
                if amount > self.overpaid() {
                    return Err(FoldError::ReturnedTooMuch(event.sequence));
                }
                self.turnover.overpayment_returned += amount;
            }
            Happening::WrittenOff { by, claim_kept } => self.write_off(by, claim_kept),
            Happening::Sold => self.sell(),
            _ if self.is_over() => {} // It was paid meanwhile: nothing left to change.
            // Where early money is not held, it is used without being asked.
            Happening::EarlyRepaymentRequested { .. }
                if self.terms.conduct.early_money != EarlyMoney::Hold => {}
            Happening::EarlyRepaymentRequested { mode, amount } => {
                self.request = Some((mode, amount));
                self.repay_early(Money::ZERO, &mut Allocation::default());
            }
            Happening::PenaltyCharged { amount } => self.penalty.charge(amount),
            Happening::Waived { part, amount } => self.waive(part, amount),
            Happening::RateChanged { rate } => self.change_rate(rate),
            Happening::Rescheduled(ref change) => self.reschedule(event.sequence, change)?,
            Happening::AccrualSuspended { until } => self.suspend(until),
            Happening::AccrualResumed { interest } => self.resume(interest),
        }
        self.note_position(noted);
        Ok(())
    }

    /// Nothing more will be owed, or nothing more will be asked for.
    pub(super) fn is_over(&self) -> bool {
        self.closed_on.is_some() || self.ended.is_some()
    }

    pub(super) fn today(&self) -> Date {
        self.course.now
    }

    pub(super) fn advance_to(&mut self, to: Date) {
        while self.disbursed && self.course.now < to {
            if self.is_over() {
                self.course.now = to;
                return;
            }
            self.fall_overdue();
            let until = self.constant_until(to);
            self.accrue(until);
            if until == self.penalty.year_ends() {
                self.penalty.turn_year();
            }
            if self.suspension.is_some_and(|suspension| suspension.until == Some(until)) {
                self.suspension = None;
            }
            while self.slots.get(self.next).is_some_and(|slot| slot.due_on == until) {
                self.fall_due();
            }
        }
    }

    /// The last date up to which every rate and every base stays as it is.
    fn constant_until(&self, to: Date) -> Date {
        let now = self.today();
        let mut until = to;
        let mut stop = |date: Date| {
            if date > now && date < until {
                until = date;
            }
        };
        if let Some(slot) = self.slots.get(self.next) {
            stop(slot.due_on);
        }
        if let Some(due) = self.oldest_due_tonight() {
            stop(self.rules.penalty.value.first_days.after(due));
            if let Some(days) = self.stops_after {
                stop(days.after(due));
            }
        }
        stop(self.penalty.year_ends());
        if let Some(Suspension { until: Some(date), .. }) = self.suspension {
            stop(date);
        }
        until
    }

    /// Whether the law stops accrual after so long a delay.
    pub(super) fn is_stopped(&self, overdue_days: Option<i64>) -> bool {
        let stops_after = self.stops_after.map(|days| i64::from(days.0));
        stops_after.is_some_and(|stop| overdue_days.is_some_and(|days| days >= stop))
    }

    fn accrue(&mut self, until: Date) {
        let from = self.today();
        let oldest = self.oldest_due_tonight();
        let overdue_days = oldest.map(|due| days_from(due, from));
        if self.is_stopped(overdue_days) {
            self.course.run(until, Money::ZERO);
            self.stood_still = true;
            self.note_days(from, || StepKind::Stopped);
            return;
        }
        let base = self.interest_base();
        if let Some(suspension) = &mut self.suspension {
            std::mem::swap(&mut self.course.accrued, &mut suspension.gap);
            self.course.run(until, base);
            std::mem::swap(&mut self.course.accrued, &mut suspension.gap);
            self.stood_still = true;
            self.note_days(from, || StepKind::Suspended);
            return;
        }
        if self.trace.is_some() {
            self.run_noting(until, base);
        } else {
            self.course.run(until, base);
        }
        if let Some(overdue_days) = overdue_days {
            let overdue = self.due_slots().iter().map(Slot::unpaid).sum();
            let days = days_from(from, until);
            self.penalty.add(overdue, overdue_days, days);
            if self.trace.is_some() {
                let (rate, accrued) = (self.penalty.rate_after(overdue_days), self.penalty.accrued());
                self.note_days(from, || StepKind::Penalty { on: overdue, rate, accrued });
            }
        }
    }

    /// What interest runs on from tonight.
    pub(super) fn interest_base(&self) -> Money {
        let slot = self.slots.get(self.next);
        if slot.is_some_and(|slot| slot.interest_free || (self.by_plan() && slot.is_paid())) {
            return Money::ZERO;
        }
        if let Some(flat) = self.course.flat {
            return if slot.is_some() { flat } else { Money::ZERO };
        }
        match self.terms.conduct.interest_on {
            InterestOn::Balance => self.outstanding,
            InterestOn::BalanceNotOverdue => self.course.balance,
            InterestOn::Plan => self.scheduled,
        }
    }

    /// Today's row becomes due, and money held is taken for it.
    pub(super) fn fall_due(&mut self) {
        let accrued = self.course.accrued.rounded_to(self.course.interest_unit);
        let by_plan = self.by_plan();
        let (yielding, last) = (self.yielding(), self.is_last_unpaid(self.next));
        let stood_still = std::mem::take(&mut self.stood_still);
        let slot = &mut self.slots[self.next];
        if !slot.is_paid() {
            if by_plan && stood_still {
                slot.interest = slot.interest.min(accrued).max(slot.interest_paid);
            } else if !by_plan {
                (slot.principal, slot.interest) = slot.asks(
                    accrued,
                    self.course.interest_unit,
                    self.course.put_off,
                    self.course.balance,
                    last,
                    yielding,
                );
            }
            self.course.balance -= slot.unpaid_principal();
            self.interest_before += slot.interest;
        }
        self.scheduled -= slot.principal;
        let left = match (by_plan, slot.is_paid()) {
            (true, _) => Money::ZERO,
            (false, true) => accrued,
            (false, false) => accrued - slot.interest,
        };
        let (number, principal, interest) = (slot.number, slot.principal, slot.interest);
        let puts_off = slot.puts_off_interest;
        self.course.leave(left, puts_off);
        self.running_from = self.today();
        self.next += 1;
        let noted = self.noted();
        self.note(|| StepKind::Due { number, principal, interest });
        if self.foreseeing {
            let slot = &mut self.slots[self.next - 1];
            self.outstanding -= slot.unpaid_principal();
            (slot.principal_paid, slot.interest_paid) = (slot.principal, slot.interest);
            slot.paid_on = Some(self.course.now);
            self.paid_up_to = self.next;
            return;
        }
        let (held, mut allocation) = (self.advance, Allocation::default());
        self.advance = held - self.pay_due(held, &mut allocation);
        self.turnover.advance_applied += held - self.advance;
        let noted = if self.advance < held { self.noted() } else { noted };
        if self.advance < held {
            allocation.advance = self.advance - held;
            self.note(|| StepKind::AdvanceUsed { allocation });
        }
        self.settle();
        self.note_position(noted);
    }

    pub(super) fn is_last_unpaid(&self, at: usize) -> bool {
        self.slots[at + 1..].iter().all(Slot::is_paid)
    }

    pub(super) const fn by_plan(&self) -> bool {
        matches!(self.terms.conduct.interest_on, InterestOn::Plan)
    }

    /// Money paid early satisfies installments.
    pub(super) const fn yielding(&self) -> bool {
        matches!(self.terms.conduct.early_money, EarlyMoney::NextInstallment | EarlyMoney::LastInstallment)
    }

    /// The day ends: what was due on it and is unpaid is overdue.
    fn fall_overdue(&mut self) {
        let today = self.today();
        let (mut principal, mut interest) = (Money::ZERO, Money::ZERO);
        for slot in &self.slots[self.paid_up_to..self.next] {
            if slot.due_on == today {
                principal += slot.unpaid_principal();
                interest += slot.unpaid_interest();
            }
        }
        self.turnover.principal_fell_overdue += principal;
        self.turnover.interest_fell_overdue += interest;
        if self.trace.is_some() && (principal + interest).is_positive() {
            let noted = self.noted();
            self.note(|| StepKind::FellOverdue { principal, interest });
            if let Some(step) = self.trace.as_mut().and_then(|trace| trace.steps.get_mut(noted)) {
                step.on = step.on.tomorrow().unwrap_or(step.on);
                let debt = &mut step.position.debt;
                (debt.principal_due, debt.principal_overdue) =
                    (debt.principal_due - principal, debt.principal_overdue + principal);
                (debt.interest_due, debt.interest_overdue) =
                    (debt.interest_due - interest, debt.interest_overdue + interest);
            }
        }
    }

    /// Notes which rows are paid, and closes the loan where nothing is owed any more.
    pub(super) fn settle(&mut self) {
        let today = self.today();
        for slot in &mut self.slots[self.paid_up_to..self.next] {
            if slot.paid_on.is_none() && slot.unpaid().is_zero() {
                slot.paid_on = Some(today);
            }
        }
        while self.due_slots().first().is_some_and(Slot::is_paid) {
            self.paid_up_to += 1;
        }
        if !self.is_over() && self.course.balance.is_zero() && self.payoff().is_zero() {
            self.closed_on = Some(today);
            self.drop_coming();
            self.turnover.advance_applied += self.advance;
            self.turnover.overpayment_owed += self.advance;
            self.advance = Money::ZERO;
        }
    }

    /// Rows that ask for nothing any more disappear, unless money was paid on them: those asked for no more.
    pub(super) fn drop_coming(&mut self) {
        let (next, today) = (self.next, self.today());
        for slot in &mut self.slots[next..] {
            if !slot.is_paid() && (slot.principal_paid + slot.interest_paid).is_positive() {
                (slot.principal, slot.interest) = (slot.principal_paid, slot.interest_paid);
                slot.paid_on = Some(today);
            }
        }
        let mut at = 0;
        self.slots.retain(|slot| {
            at += 1;
            at <= next || slot.is_paid()
        });
    }

    /// Plans the coming slots anew.
    pub(super) fn plan_anew(&mut self, shape: impl FnOnce(&Plan<'_>, &mut Vec<Slot>, usize) -> Money) {
        let passed = self.slots.get(self.next).map_or(u16::MAX, |slot| slot.number.saturating_sub(1));
        let agreed = self.terms.schedule.options.grace;
        let grace = Grace {
            principal: agreed.principal.saturating_sub(passed),
            interest: agreed.interest.saturating_sub(passed),
            interest_free: agreed.interest_free.saturating_sub(passed),
        };
        let plan = Plan {
            method: self.terms.schedule.method,
            shares_ppm: &self.terms.schedule.options.shares_ppm,
            round_to: self.terms.schedule.options.round_to,
            grace,
            from: self.running_from,
            course: self.course,
            yielding: self.yielding(),
            model_period: Plan::model_period(&self.terms.schedule),
        };
        // What asked for nothing may ask now; but not before a slot on which running interest was paid.
        let coming = &mut self.slots[self.next..];
        let settled = coming.iter().rposition(|slot| slot.interest_paid.is_positive()).map_or(0, |at| at + 1);
        for slot in &mut coming[settled..] {
            slot.paid_on = slot.paid_on.filter(|_| slot.payment().is_positive());
        }
        let regular = shape(&plan, &mut self.slots, self.next);
        self.plan = Schedule::of(&self.slots[self.next..], self.running_from, regular);
        self.planned_from = self.running_from;
        self.fix_principal();
        let rows = self.slots.len() - self.next;
        self.note(|| StepKind::Planned { regular, rows });
    }

    /// Where the payment gives way to another interest, planned principal is paid as planned.
    pub(super) fn fix_principal(&mut self) {
        if self.terms.conduct.deviation == Deviation::Payment {
            for slot in &mut self.slots[self.next..] {
                slot.split = Split::Principal(slot.principal);
            }
        }
    }
}
