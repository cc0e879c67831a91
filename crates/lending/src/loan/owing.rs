//! What is owed on a day, and for what.

use super::folding::Folding;
use crate::loan::{Component, Debt, LoanRow, RowKind, RowState};
use crate::money::Money;
use crate::schedule::Slot;
use jiff::civil::Date;

impl Folding<'_> {
    /// Slots that have fallen due and may be unpaid.
    pub(super) fn due_slots(&self) -> &[Slot] {
        &self.slots[self.paid_up_to..self.next]
    }

    /// The due date of the oldest delay once today has ended.
    pub(super) fn oldest_due_tonight(&self) -> Option<Date> {
        self.oldest_due(|due, today| due <= today)
    }

    /// The due date of the oldest delay. Once the last due date has passed, any debt is a delay.
    pub(super) fn oldest_due(&self, has_passed: impl Fn(Date, Date) -> bool) -> Option<Date> {
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
    pub(super) fn running_accrued(&self) -> Money {
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
    pub(super) fn interest_to_come(&self) -> Money {
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

    pub(super) fn rows(&self) -> Vec<LoanRow> {
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
