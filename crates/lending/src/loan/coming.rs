//! What comes if all goes well: the rows ahead, and the lines the loan follows until something happens.

use super::folding::Folding;
use crate::loan::fold::Payments;
use crate::loan::trace::{Step, Trace};
use crate::loan::{Debt, Ending, Event, Exact, Happening, Loan, NextDue, Standing, Status};
use crate::money::Money;
use crate::rate::{DailyRate, Rate, days_after, days_from};
use crate::schedule::Slot;
use jiff::civil::Date;

impl Folding<'_> {
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
        let stopped = self.is_stopped(overdue_days);
        let runs = !stopped && self.suspension.is_none();
        let late = overdue_days.filter(|_| runs);
        let unpaid_today = |slot: &Slot| slot.due_on == now && slot.unpaid().is_positive();
        let falls_overdue = today != tonight || self.due_slots().iter().any(unpaid_today);
        // Interest that is no straight line of tiyn is looked at every day.
        let exact = self.course.accrued.exact(&self.course.clock.step);
        let straight = exact.filter(|_| self.course.interest_unit == Money::TIYN && !self.by_plan());
        let due = self.slots.get(self.next).map(|slot| slot.due_on);
        let steps = tonight.into_iter().flat_map(|due| {
            let first_days = self.rules.penalty.value.first_days;
            self.stops_after.into_iter().chain([first_days]).map(move |days| days.after(due))
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
            rate: self.course.rate,
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
