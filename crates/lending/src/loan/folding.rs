//! The loan on the way from one day to the next.

use crate::law::rules::RuleSet;
use crate::ledger::Turnover;
use crate::loan::fold::Payments;
use crate::loan::trace::{InterestRun, Position, Step, StepKind, Trace};
use crate::loan::{
    Allocation, Component, Debt, Deviation, EarlyMoney, EarlyRepayment, Ending, Event, Exact, FoldError,
    Happening, InterestOn, Loan, LoanRow, LoanTerms, NextDue, Payment, Penalty, RowKind, RowState, Standing,
    Status,
};
use crate::money::Money;
use crate::rate::{Accrual, DailyRate, Rate, days_after, days_from};
use crate::schedule::{Course, Grace, Plan, Schedule, Slot, Split};
use jiff::civil::Date;

#[derive(Clone)]
pub(super) struct Folding<'a> {
    pub(super) terms: &'a LoanTerms,
    rules: &'static RuleSet,
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
    stood_still: bool,
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
    foreseeing: bool,
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
        self.note(|| StepKind::Event(event.what));
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
            Happening::Rescheduled(change) => self.reschedule(event.sequence, change)?,
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
            stop(self.rules.accrual_stops_after.value.after(due));
        }
        stop(self.penalty.year_ends());
        if let Some(Suspension { until: Some(date), .. }) = self.suspension {
            stop(date);
        }
        until
    }

    fn accrue(&mut self, until: Date) {
        let from = self.today();
        let oldest = self.oldest_due_tonight();
        let overdue_days = oldest.map(|due| days_from(due, from));
        let stops_after = i64::from(self.rules.accrual_stops_after.value.0);
        if !self.terms.fully_secured && overdue_days.is_some_and(|days| days >= stops_after) {
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

    /// Lets interest run to the end of `until` and notes how.
    fn run_noting(&mut self, until: Date, base: Money) {
        while self.course.now < until {
            let (from, clock) = (self.course.now, self.course.clock);
            let stop = until.min(clock.holds_until());
            self.course.run(stop, base);
            let run = InterestRun {
                on: base,
                rate: self.course.rate,
                units: clock.step.units(from, stop),
                units_per_year: clock.step.units_per_year,
                running: self.course.accrued,
            };
            self.note_days(from, || StepKind::Interest(run));
        }
    }

    /// What interest runs on from tonight.
    fn interest_base(&self) -> Money {
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
                (slot.principal, slot.interest) =
                    slot.asks(accrued, self.course.put_off, self.course.balance, last, yielding);
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

    /// Slots that have fallen due and may be unpaid.
    pub(super) fn due_slots(&self) -> &[Slot] {
        &self.slots[self.paid_up_to..self.next]
    }

    /// The due date of the oldest delay once today has ended.
    fn oldest_due_tonight(&self) -> Option<Date> {
        self.oldest_due(|due, today| due <= today)
    }

    /// The due date of the oldest delay. Once the last due date has passed, any debt is a delay.
    fn oldest_due(&self, has_passed: impl Fn(Date, Date) -> bool) -> Option<Date> {
        let today = self.today();
        let unpaid = self
            .due_slots()
            .iter()
            .find(|slot| has_passed(slot.due_on, today) && slot.unpaid().is_positive());
        unpaid.map(|slot| slot.due_on).or_else(|| {
            if !self.is_matured() || self.is_over() {
                return None;
            }
            let last = self.slots.iter().rev().find(|slot| slot.kind == RowKind::Installment)?.due_on;
            has_passed(last, today).then_some(last)
        })
    }

    /// No coming slot is left that could ask for interest.
    pub(super) fn is_matured(&self) -> bool {
        self.disbursed && self.collecting().is_none()
    }

    pub(super) fn unpaid_of(&self, component: Component) -> Money {
        let today = self.today();
        let (overdue, unpaid): (bool, fn(&Slot) -> Money) = match component {
            Component::OverduePrincipal => (true, Slot::unpaid_principal),
            Component::OverdueInterest => (true, Slot::unpaid_interest),
            Component::CurrentPrincipal => (false, Slot::unpaid_principal),
            Component::CurrentInterest => (false, Slot::unpaid_interest),
            Component::Penalty => return Money::ZERO,
        };
        self.due_slots().iter().filter(|slot| (slot.due_on < today) == overdue).map(unpaid).sum()
    }

    /// What of a component may be asked for today.
    pub(super) fn owed(&self, component: Component) -> Money {
        match component {
            Component::Penalty => {
                self.penalty.accrued() - self.turnover.penalty_repaid - self.turnover.penalty_waived
            }
            Component::CurrentInterest if self.is_matured() => {
                self.unpaid_of(component) + self.running_interest()
            }
            _ => self.unpaid_of(component),
        }
    }

    /// Interest since the last due date or early repayment, as far as it is unpaid.
    pub(super) fn running_interest(&self) -> Money {
        let paid = self.collecting().map_or(self.running_paid, |at| self.slots[at].interest_paid);
        self.running_accrued().less(paid)
    }

    /// Interest since the last due date or early repayment; where it follows the plan, no more than planned.
    fn running_accrued(&self) -> Money {
        let accrued = self.course.accrued.rounded_to(self.course.interest_unit);
        let planned = self.collecting().filter(|_| self.by_plan()).map(|at| self.slots[at].interest);
        planned.map_or(accrued, |planned| accrued.min(planned))
    }

    /// The slot whose interest is running; none after the last due date.
    pub(super) fn collecting(&self) -> Option<usize> {
        let coming = &self.slots[self.next..];
        coming.iter().position(|slot| !slot.is_paid()).map(|at| self.next + at)
    }

    /// Everything owed today.
    pub(super) fn payoff(&self) -> Money {
        let due: Money = self.due_slots().iter().map(Slot::unpaid).sum();
        let running = if self.is_matured() { self.running_interest() } else { self.coming_interest() };
        due + self.owed(Component::Penalty) + self.course.balance + running
    }

    /// Interest that is not due and must be paid to close the loan today.
    fn coming_interest(&self) -> Money {
        match (self.is_matured(), self.by_plan()) {
            (true, _) => Money::ZERO,
            (false, false) => self.running_interest(),
            (false, true) => self.slots[self.next..].iter().map(Slot::unpaid_interest).sum(),
        }
    }

    /// Interest that closing the loan today costs beyond what is owed.
    fn interest_to_come(&self) -> Money {
        if self.disbursed && !self.is_over() {
            self.coming_interest() - self.running_interest_not_due()
        } else {
            Money::ZERO
        }
    }

    fn running_interest_not_due(&self) -> Money {
        if self.is_matured() { Money::ZERO } else { self.running_interest() }
    }

    pub(super) fn overpaid(&self) -> Money {
        let turnover = &self.turnover;
        turnover.overpayment_owed + turnover.refund_owed - turnover.overpayment_returned
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
        for slot in &mut self.slots[self.next..] {
            // What asked for nothing may ask now.
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

    pub(super) fn note(&mut self, kind: impl FnOnce() -> StepKind) {
        self.note_days(self.course.now, kind);
    }

    fn note_days(&mut self, from: Date, kind: impl FnOnce() -> StepKind) {
        if self.trace.is_none() {
            return;
        }
        let (on, position) = (self.course.now, self.position());
        if let Some(trace) = &mut self.trace {
            trace.steps.push(Step { from, on, kind: kind(), position });
        }
    }

    /// How many steps are noted.
    pub(super) fn noted(&self) -> usize {
        self.trace.as_ref().map_or(0, |trace| trace.steps.len())
    }

    /// Says more precisely what the step after the first `noted` was.
    fn note_again(&mut self, noted: usize, kind: StepKind) {
        if let Some(step) = self.trace.as_mut().and_then(|trace| trace.steps.get_mut(noted)) {
            step.kind = kind;
        }
    }

    /// The step after the first `noted` has done all that is done by now; those after it are parts of it.
    pub(super) fn note_position(&mut self, noted: usize) {
        if self.trace.is_none() {
            return;
        }
        let position = self.position();
        if let Some(trace) = &mut self.trace {
            trace.steps[noted..].iter_mut().for_each(|step| step.position = position);
        }
    }

    fn position(&self) -> Position {
        Position {
            debt: if self.ended.is_some() { Debt::default() } else { self.debt() },
            interest_to_come: self.interest_to_come(),
            advance: self.advance,
            running: self.course.accrued.rounded_to(self.course.interest_unit),
            turnover: self.turnover_today(),
        }
    }

    /// What was moved through the books, interest and penalty up to today included.
    fn turnover_today(&self) -> Turnover {
        let running = self.running_accrued();
        // Where interest follows the plan, what was paid of it ahead of time has been earned.
        let running = match self.collecting() {
            Some(at) if self.by_plan() => {
                let later = self.slots[at + 1..].iter().filter(|slot| !slot.is_paid());
                running.max(self.slots[at].interest_paid) + later.map(|slot| slot.interest_paid).sum()
            }
            _ => running,
        };
        Turnover {
            interest_accrued: self.interest_before + running,
            penalty_accrued: self.penalty.accrued(),
            ..self.turnover
        }
    }

    /// Writes into the coming rows what they will ask for if everything is paid on its day from now on, by
    /// what is agreed today for later.
    fn foresee(&mut self, later: &[&Event]) {
        if !self.disbursed || self.is_over() || self.is_matured() {
            return;
        }
        let mut changes = later.iter().filter(|event| changes_what_comes(event)).peekable();
        let suspended_until = |ahead: &Self| ahead.suspension.and_then(|suspension| suspension.until);
        if changes.peek().is_none() && self.by_plan() {
            return;
        }
        if changes.peek().is_none() && suspended_until(self).is_none() {
            let mut course = self.course;
            if self.suspension.is_some() {
                course.rate = Rate::default();
            }
            let yielding = self.yielding();
            course.run_through(&mut self.slots[self.next..], yielding);
            return;
        }
        let mut ahead = self.ahead(None);
        let nobody = Payments::none();
        for event in changes {
            // What cannot be done if all goes well is not done: whether it can be shows on its day.
            let _ = ahead.happens(event, &nobody);
        }
        if let Some(until) = suspended_until(&ahead) {
            ahead.advance_to(until);
        }
        if !ahead.is_matured() && !self.by_plan() {
            let mut course = ahead.course;
            if ahead.suspension.is_some() {
                course.rate = Rate::default();
            }
            course.run_through(&mut ahead.slots[ahead.next..], self.yielding());
        }
        let coming = ahead.slots[self.next..].iter().enumerate().map(|(at, slot)| {
            let known = self.slots.get(self.next + at).copied();
            let paid = known.unwrap_or(Slot::new(slot.number, slot.due_on));
            Slot {
                due_on: slot.due_on,
                number: slot.number,
                principal: slot.principal,
                interest: slot.interest,
                ..paid
            }
        });
        let coming: Vec<Slot> = coming.collect();
        self.slots.truncate(self.next);
        self.slots.extend(coming);
    }

    /// The loan as it will be if everything is paid on its day from now on.
    fn ahead(&self, trace: Option<Trace>) -> Self {
        let outstanding = self.course.balance;
        Self { foreseeing: true, trace, paid_up_to: self.next, outstanding, ..self.clone() }
    }

    /// The steps by which the coming rows get the interest that [`Self::foresee`] writes into them.
    pub(super) fn foreseen(&self, later: &[&Event]) -> Vec<Step> {
        if self.by_plan() || !self.disbursed || self.is_over() || self.is_matured() {
            return Vec::new();
        }
        let mut ahead = self.ahead(Some(Trace::default()));
        for event in later.iter().filter(|event| changes_what_comes(event)) {
            let _ = ahead.happens(event, &Payments::none());
        }
        if let Some(last) = ahead.slots.last().map(|slot| slot.due_on) {
            ahead.advance_to(last);
        }
        ahead.trace.map_or(Vec::new(), |trace| trace.steps)
    }

    /// The lines it follows from here until something happens, at the latest on `next_event`.
    fn standing(&self, next_event: Option<Date>) -> Option<Standing> {
        if !self.disbursed || self.is_over() {
            return None;
        }
        let (now, tonight) = (self.today(), self.oldest_due_tonight());
        let (today, tomorrow) = (self.oldest_due(|due, today| due < today), days_after(now, 1));
        let overdue_days = tonight.map(|due| days_from(due, now));
        let stops_after = i64::from(self.rules.accrual_stops_after.value.0);
        let stopped = !self.terms.fully_secured && overdue_days.is_some_and(|days| days >= stops_after);
        let runs = !stopped && self.suspension.is_none();
        let late = overdue_days.filter(|_| runs);
        let unpaid_today = |slot: &Slot| slot.due_on == now && slot.unpaid().is_positive();
        let falls_overdue = today != tonight || self.due_slots().iter().any(unpaid_today);
        // Interest that is no straight line of tiyn is looked at every day.
        let exact = self.course.accrued.exact(&self.course.clock.step);
        let straight = exact.filter(|_| self.course.interest_unit == Money::TIYN && !self.by_plan());
        let due = self.slots.get(self.next).map(|slot| slot.due_on);
        let steps = tonight.into_iter().flat_map(|due| {
            [self.rules.penalty.value.first_days, self.rules.accrual_stops_after.value]
                .map(|days| days.after(due))
        });
        let ends = self.suspension.and_then(|suspension| suspension.until);
        let dates = steps.chain(due).chain(next_event).chain(ends);
        let dates = dates.chain(late.map(|_| self.penalty.year_ends()));
        let dates = dates.chain((falls_overdue || straight.is_none()).then_some(tomorrow));
        let dates = dates.chain([self.course.clock.holds_until()]);
        let (penalty_before, penalty, penalty_cap) = self.penalty.lines();
        let level = (self.turnover.interest_accrued, Exact::NOTHING, Rate::default());
        let (interest_before, interest, rate) = straight.map_or(level, |exact| {
            (self.interest_before, exact, if runs { self.course.rate } else { Rate::default() })
        });
        Some(Standing {
            base: now,
            changes_on: dates.filter(|date| *date > now).min().unwrap_or(Date::MAX),
            step: self.course.clock.step,
            principal: self.interest_base(),
            rate,
            interest_before,
            interest,
            penalty_before,
            penalty,
            overdue: late.map_or(Money::ZERO, |_| self.due_slots().iter().map(Slot::unpaid).sum()),
            penalty_rate: late.map_or_else(DailyRate::default, |days| self.penalty.rate_after(days)),
            penalty_cap,
            overdue_since: today.map(|due| days_after(due, 1)),
        })
    }

    pub(super) fn finish(mut self, as_of: Date, later: &[&Event]) -> Loan {
        self.turnover = self.turnover_today();
        let standing = self.standing(later.first().map(|event| event.on));
        let oldest_due = self.oldest_due(|due, today| due < today).filter(|_| !self.is_over());
        let debt = if self.ended.is_some() { Debt::default() } else { self.debt() };
        let lives = self.disbursed && !self.is_over();
        let interest_to_come = self.interest_to_come();
        // Only now, as the rows ahead may show what is not yet in force.
        self.foresee(later);
        let rows = self.rows();
        let next_due = rows.iter().find(|row| row.paid_on.is_none() && row.due_on >= as_of);
        let next_due = next_due.filter(|_| lives).map(|row| NextDue {
            on: row.due_on,
            principal: row.unpaid_principal(),
            interest: row.unpaid_interest(),
            to_bring: row.unpaid().less(self.advance),
        });
        let status = match (self.disbursed, self.ended, self.closed_on, oldest_due) {
            (false, ..) => Status::AwaitingDisbursement,
            (_, Some((_, Ending::WrittenOff { .. })), ..) => Status::WrittenOff,
            (_, Some((_, Ending::Sold)), ..) => Status::Sold,
            (_, _, Some(_), _) => Status::Closed,
            (.., Some(_)) => Status::Overdue,
            _ => Status::Active,
        };
        Loan {
            as_of,
            status,
            debt,
            interest_to_come,
            advance: self.advance,
            overpaid: self.overpaid(),
            claim: self.claim,
            accrual_suspended: self.suspension.is_some(),
            overdue_since: oldest_due.and_then(|due| due.tomorrow().ok()),
            overdue_days: oldest_due.map_or(0, |due| u32::try_from(days_from(due, as_of)).unwrap_or(0)),
            rows,
            payments: self.payments,
            next_due,
            closed_on: self.closed_on.or(self.ended.map(|(on, _)| on)),
            ended: self.ended.map(|(_, ending)| ending),
            plan: self.plan,
            planned_from: self.planned_from,
            rule_set: self.rules,
            turnover: self.turnover,
            standing,
        }
    }

    pub(super) fn debt(&self) -> Debt {
        Debt {
            principal_not_due: self.course.balance,
            principal_due: self.unpaid_of(Component::CurrentPrincipal),
            principal_overdue: self.unpaid_of(Component::OverduePrincipal),
            interest_accrued: if self.by_plan() { self.running_by_plan() } else { self.running_interest() },
            interest_due: self.unpaid_of(Component::CurrentInterest),
            interest_overdue: self.unpaid_of(Component::OverdueInterest),
            penalty: self.owed(Component::Penalty),
        }
    }

    fn running_by_plan(&self) -> Money {
        if self.closed_on.is_some() { Money::ZERO } else { self.running_interest() }
    }

    fn rows(&self) -> Vec<LoanRow> {
        let today = self.today();
        let row = |(at, slot): (usize, &Slot)| LoanRow {
            kind: slot.kind,
            number: slot.number,
            due_on: slot.due_on,
            principal: slot.principal,
            interest: slot.interest,
            principal_paid: slot.principal_paid,
            interest_paid: slot.interest_paid,
            paid_early: slot.paid_early,
            paid_late: slot.paid_late,
            paid_on: slot.paid_on,
            state: match slot.paid_on {
                Some(_) => RowState::Paid,
                None if self.ended.is_some() => RowState::WrittenOff,
                None if at >= self.next => RowState::Upcoming,
                None if slot.due_on == today => RowState::Due,
                None => RowState::Overdue,
            },
        };
        self.slots.iter().enumerate().map(row).collect()
    }
}

/// Whether coming rows know of it before it happens.
fn changes_what_comes(event: &Event) -> bool {
    matches!(
        event.what,
        Happening::RateChanged { .. }
            | Happening::Rescheduled(_)
            | Happening::AccrualSuspended { .. }
            | Happening::AccrualResumed { .. }
    )
}
