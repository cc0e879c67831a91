//! Everything that changes a loan but payments.

use crate::loan::folding::{Folding, Suspension};
use crate::loan::{Component, Ending, Event, FoldError, GapInterest, Rescheduling, Waivable, WriteOff};
use crate::money::Money;
use crate::rate::{Accrual, DayMeter, Rate};
use crate::schedule::{Course, DATES, Grace, INSTALLMENTS_MAX, Plan, Schedule, Slot, Terms};
use jiff::civil::Date;

impl Folding<'_> {
    pub(super) fn disburse(&mut self, event: &Event, amount: Money) -> Result<(), FoldError> {
        if self.disbursed {
            return self.disburse_more(event, amount);
        }
        let agreed = &self.terms.schedule;
        let fits =
            if self.terms.conduct.tranches { amount <= agreed.principal } else { amount == agreed.principal };
        if !fits {
            return Err(FoldError::DisbursedAmount(event.sequence));
        }
        self.disbursed = true;
        (self.issued, self.outstanding, self.scheduled) = (amount, amount, amount);
        self.turnover.disbursement_settled = amount;
        self.running_from = event.on;
        let moved;
        let terms = if agreed.due_dates().next().is_some_and(|first| event.on < first) {
            agreed
        } else {
            moved = self.moved_beyond(event)?;
            &moved
        };
        self.course = Course::of(terms, amount, event.on);
        if event.on != agreed.disbursed_on || amount != agreed.principal {
            // The bank took another day than agreed: same due dates, interest from the day the money was
            // there.
            let (slots, regular) = Plan::of(terms, amount, event.on);
            self.plan = Schedule::of(&slots, event.on, regular);
            self.planned_from = event.on;
            self.slots = slots;
            self.fix_principal();
            self.penalty.restart(amount, event.on);
        }
        self.note(|| crate::loan::StepKind::Event(event.what.clone()));
        if terms.rate == Rate::default() {
            // What will never ask for anything is paid.
            for slot in self.slots.iter_mut().filter(|slot| slot.payment().is_zero()) {
                slot.paid_on = Some(event.on);
            }
        }
        while self.slots.get(self.next).is_some_and(|slot| slot.due_on == event.on) {
            self.fall_due();
        }
        Ok(())
    }

    /// Terms whose first due date lies after a disbursement that came later than the agreed one: all due dates
    /// move by as many whole periods.
    fn moved_beyond(&self, event: &Event) -> Result<Terms, FoldError> {
        let agreed = &self.terms.schedule;
        let anchor = agreed.anchor_day();
        let about = agreed.period.steps_between(agreed.first_due, event.on);
        let first_due = (about.saturating_sub(1)..=about.saturating_add(2))
            .map(|count| agreed.period.step(agreed.first_due, anchor, count))
            .find(|due| *due > event.on)
            .ok_or(FoldError::Date(event.sequence))?;
        let mut terms = Terms { first_due, disbursed_on: event.on, ..agreed.clone() };
        terms.options.due_on = Vec::new();
        terms.check().map_err(|_| FoldError::Date(event.sequence))?;
        Ok(terms)
    }

    /// A further part of the principal.
    fn disburse_more(&mut self, event: &Event, amount: Money) -> Result<(), FoldError> {
        if !self.terms.conduct.tranches {
            return Err(FoldError::DisbursedTwice(event.sequence));
        }
        if self.issued + amount > self.terms.schedule.principal {
            return Err(FoldError::DisbursedAmount(event.sequence));
        }
        self.advance_to(event.on);
        if self.is_over() || self.collecting().is_none() {
            return Err(FoldError::DisbursedTooLate(event.sequence));
        }
        let noted = self.noted();
        self.note(|| crate::loan::StepKind::Event(event.what.clone()));
        self.balance_changes();
        self.issued += amount;
        self.outstanding += amount;
        self.scheduled += amount;
        self.course.balance += amount;
        if let Some(flat) = &mut self.course.flat {
            *flat += amount;
        }
        self.turnover.disbursement_settled += amount;
        self.penalty.issue(amount);
        self.plan_anew(|plan, slots, next| plan.spread(&mut slots[next..]));
        self.note_position(noted);
        Ok(())
    }

    pub(super) fn change_rate(&mut self, rate: Rate) {
        self.course.rate = rate;
        if !self.is_matured() {
            self.plan_anew(|plan, slots, next| plan.spread(&mut slots[next..]));
        }
    }

    /// Changes the installments due on `change.from` or later; those already due stay.
    pub(super) fn reschedule(&mut self, number: i64, change: &Rescheduling) -> Result<(), FoldError> {
        let coming =
            self.slots[self.next..].iter().position(|slot| !slot.is_paid() && slot.due_on >= change.from);
        let Some(first) = coming.map(|at| self.next + at) else { return Ok(()) };
        let named_from = self.slots.iter().position(|slot| slot.due_on >= change.from).unwrap_or(first);
        let more = usize::from(change.more_installments);
        let count = self.slots.len() - first + more;
        if count > usize::from(INSTALLMENTS_MAX) {
            return Err(FoldError::Installments(number));
        }
        // What happened before and is found out later may leave fewer installments than were agreed on: the last one pays.
        let graced = |wanted: u16| u16::try_from(count - 1).map_or(wanted, |most| wanted.min(most));
        if let Some(next_due) = change.next_due
            && first > 0
            && next_due <= self.slots[first - 1].due_on
        {
            return Err(FoldError::NamedDate(number));
        }
        let agreed = &self.terms.schedule;
        let begins = change.due_on.last().copied().or(change.next_due).unwrap_or(self.slots[first].due_on);
        let ends = agreed.period.step(begins, begins.day(), i32::try_from(count).unwrap_or(i32::MAX));
        let named = &change.due_on;
        let in_order =
            named.first().is_none_or(|named| *named > self.today()) && named.is_sorted_by(|a, b| a < b);
        if !DATES.contains(&ends) || !in_order {
            return Err(FoldError::NamedDate(number));
        }
        self.add_installments(first, change.more_installments);
        if let Some(next_due) = change.next_due {
            self.move_due_dates(first, next_due);
        }
        self.name_due_dates(named_from, &change.due_on);
        let grace = Grace {
            principal: graced(change.grace_on_principal),
            interest: graced(change.grace_on_interest),
            interest_free: 0,
        };
        let stays = change.keep_installment && grace == Grace::default();
        if stays {
            let (course, yielding) = (self.course, self.yielding());
            course.run_through(&mut self.slots[self.next..], yielding);
            let regular = self.plan.regular;
            self.plan = Schedule::of(&self.slots[self.next..], self.running_from, regular);
            self.planned_from = self.running_from;
        } else {
            self.plan_from(first, grace);
        }
        Ok(())
    }

    fn add_installments(&mut self, first: usize, more: u16) {
        let (agreed, last) = (&self.terms.schedule, self.slots[self.slots.len() - 1]);
        let split = self.slots[first].split;
        for count in 1..=more {
            let due_on = agreed.period.step(last.due_on, agreed.anchor_day(), i32::from(count));
            let number = last.number.saturating_add(count);
            self.slots.push(Slot { split, ..Slot::new(number, due_on) });
        }
    }

    fn move_due_dates(&mut self, first: usize, next_due: Date) {
        let agreed = &self.terms.schedule;
        let day = next_due.day();
        for (count, slot) in (0..).zip(&mut self.slots[first..]) {
            slot.due_on = agreed.period.step(next_due, day, count);
        }
        let meter = DayMeter::new(agreed.day_count, agreed.period, next_due, day);
        self.course.clock.change(next_due, meter);
    }

    fn name_due_dates(&mut self, first: usize, named: &[Date]) {
        let Some(last) = named.last() else { return };
        let period = self.terms.schedule.period;
        let beyond = (1..).map(|count| period.step(*last, last.day(), count));
        for (slot, due_on) in self.slots[first..].iter_mut().zip(named.iter().copied().chain(beyond)) {
            slot.due_on = due_on;
        }
    }

    /// Plans the slots from `first` on anew, on what those before it leave.
    fn plan_from(&mut self, first: usize, grace: Grace) {
        self.plan_anew(|plan, slots, next| {
            let mut after = plan.clone();
            for slot in &mut slots[next..first] {
                let (principal, base) = (slot.unpaid_principal(), after.course.balance);
                after.course.run(slot.due_on, after.course.flat.unwrap_or(base));
                after.course.balance -= principal;
                after.course.accrued = Accrual::default();
                after.from = slot.due_on;
            }
            after.grace = grace;
            let regular = after.spread(&mut slots[first..]);
            plan.course.run_through(&mut slots[next..], plan.yielding);
            regular
        });
    }

    pub(super) fn suspend(&mut self, until: Option<Date>) {
        let gap = self.suspension.map_or(Accrual::default(), |suspension| suspension.gap);
        self.suspension = Some(Suspension { until, gap });
    }

    pub(super) fn resume(&mut self, interest: GapInterest) {
        if let Some(suspension) = self.suspension.take()
            && interest == GapInterest::Charged
        {
            self.course.accrued.append(suspension.gap);
        }
    }

    pub(super) fn waive(&mut self, part: Waivable, amount: Money) {
        let mut left = amount;
        match part {
            Waivable::Penalty => {
                self.turnover.penalty_waived += left.min(self.owed(Component::Penalty));
            }
            Waivable::Interest => {
                let today = self.today();
                for slot in &mut self.slots[self.paid_up_to..self.next] {
                    let waived = slot.unpaid_interest().min(left);
                    slot.interest_paid += waived;
                    left -= waived;
                    *(if slot.due_on < today {
                        &mut self.turnover.overdue_interest_waived
                    } else {
                        &mut self.turnover.interest_waived
                    }) += waived;
                }
                if self.is_matured() {
                    let waived = self.running_interest().min(left);
                    self.running_paid += waived;
                    self.turnover.interest_waived += waived;
                }
            }
        }
        self.settle();
    }

    /// The debt leaves the books. What was paid is returned where a court found that the client never got the
    /// credit.
    pub(super) fn write_off(&mut self, by: WriteOff, claim_kept: bool) {
        let verdict = by == WriteOff::Verdict;
        if self.is_over() && !verdict && !matches!(self.ended, Some((_, Ending::WrittenOff { .. }))) {
            return; // Paid or sold meanwhile.
        }
        if !self.is_over() {
            self.freeze();
            let debt = self.debt();
            self.turnover.overdue_principal_written_off += debt.principal_overdue;
            self.turnover.overdue_interest_written_off += debt.interest_overdue;
            self.turnover.penalty_written_off += debt.penalty;
            self.turnover.principal_written_off += debt.principal_due + debt.principal_not_due;
            self.turnover.interest_written_off += debt.interest_due + debt.interest_accrued;
            self.claim = debt.total();
        }
        if !claim_kept {
            self.claim = Money::ZERO;
        }
        if verdict {
            let turnover = &mut self.turnover;
            turnover.refund_owed = turnover.overdue_principal_repaid
                + turnover.overdue_interest_repaid
                + turnover.penalty_repaid
                + turnover.principal_repaid
                + turnover.interest_repaid
                + turnover.claim_recovered;
        }
        self.closed_on = None;
        self.ended = Some((self.today(), Ending::WrittenOff { by, claim_kept }));
    }

    /// The claim leaves the books for a price to be settled with the buyer.
    pub(super) fn sell(&mut self) {
        if self.is_over() {
            return;
        }
        self.freeze();
        let debt = self.debt();
        self.turnover.overdue_principal_sold += debt.principal_overdue;
        self.turnover.overdue_interest_sold += debt.interest_overdue;
        self.turnover.penalty_sold += debt.penalty;
        self.turnover.principal_sold += debt.principal_due + debt.principal_not_due;
        self.turnover.interest_sold += debt.interest_due + debt.interest_accrued;
        self.ended = Some((self.today(), Ending::Sold));
    }

    /// The rows stay as they stand; money held goes back to the client.
    fn freeze(&mut self) {
        if !self.by_plan() && !self.is_matured() {
            let (course, yielding) = (self.course, self.yielding());
            course.run_through(&mut self.slots[self.next..], yielding);
        }
        let held = std::mem::take(&mut self.advance);
        self.turnover.advance_applied += held;
        self.turnover.overpayment_owed += held;
    }
}
