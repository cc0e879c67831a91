//! Where a payment goes.

use crate::loan::folding::Folding;
use crate::loan::trace::StepKind;
use crate::loan::{AllocateBy, Allocation, Component, EarlyMoney, EarlyRepayment, Rounded, RowKind};
use crate::money::Money;
use crate::rate::Accrual;
use crate::schedule::{Slot, Split};

impl Folding<'_> {
    /// Takes a payment and says what for.
    pub(super) fn take(&mut self, amount: Money) -> Allocation {
        let mut allocation = Allocation::default();
        if self.is_over() {
            let recovered = amount.min(self.claim);
            self.claim -= recovered;
            self.turnover.claim_recovered += recovered;
            self.turnover.overpayment_owed += amount - recovered;
            (allocation.recovered, allocation.overpaid) = (recovered, amount - recovered);
            return allocation;
        }
        let closes = amount + self.advance >= self.payoff();
        let held_before = self.advance;
        let mut left = amount;
        if closes {
            left += self.advance;
            self.advance = Money::ZERO;
        }
        left -= self.pay_due(left, &mut allocation);
        if closes {
            left -= match self.terms.conduct.early_money {
                EarlyMoney::Hold | EarlyMoney::LowerInstallment if !self.by_plan() => {
                    self.pay_ahead(self.course.balance, &mut allocation)
                }
                _ => self.satisfy(left, &mut allocation),
            };
            self.drop_coming();
            self.turnover.advance_applied += held_before;
            self.turnover.overpayment_owed += left;
            allocation.overpaid = left;
            allocation.advance = -held_before;
        } else if self.request.is_some() || self.terms.conduct.early_money == EarlyMoney::Hold {
            self.repay_early(left, &mut allocation);
        } else {
            left -= match self.terms.conduct.early_money {
                EarlyMoney::LowerInstallment => self.lower(left, &mut allocation),
                _ => self.satisfy(left, &mut allocation),
            };
            self.advance += left;
            self.turnover.advance_held += left;
            allocation.advance = left;
        }
        self.settle();
        allocation
    }

    /// Pays what is due, in the agreed order; returns what it took.
    pub(super) fn pay_due(&mut self, money: Money, allocation: &mut Allocation) -> Money {
        let mut left = money;
        if self.terms.conduct.allocate_by == AllocateBy::Installment {
            let order = self.terms.allocation.components();
            for at in self.paid_up_to..self.next {
                for component in order {
                    left -= self.pay_slot(at, component, left, allocation);
                }
            }
        }
        for component in self.terms.allocation.components() {
            left -= self.pay(component, left, allocation);
        }
        money - left
    }

    /// What nothing due asks for: principal early if the client wished so, else held. `left` is new money.
    pub(super) fn repay_early(&mut self, left: Money, allocation: &mut Allocation) {
        let held = self.advance;
        let available = left + held;
        let mut used = Money::ZERO;
        if let Some((mode, wished)) = self.request
            && !self.by_plan()
            && wished.map_or(available, |wished| wished.min(available)) > self.running_interest()
            && self.due_slots().iter().all(|slot| slot.unpaid().is_zero())
            && self.course.balance.is_positive()
        {
            let using = wished.map_or(available, |wished| wished.min(available));
            let principal = (using - self.running_interest()).min(self.course.balance);
            used = self.pay_ahead(principal, allocation);
            self.request = None;
            if self.course.balance.is_positive() {
                let regular = self.plan.regular;
                self.plan_anew(|plan, slots, next| match mode {
                    EarlyRepayment::KeepTerm => plan.spread(&mut slots[next..]),
                    EarlyRepayment::KeepInstallment => {
                        let needed = plan.shorten(&mut slots[next..], regular);
                        slots.truncate(next + needed);
                        regular
                    }
                });
            }
        }
        self.advance = available - used;
        let change = self.advance - held;
        allocation.advance = change;
        self.turnover.advance_held += change.max(Money::ZERO);
        self.turnover.advance_applied += (-change).max(Money::ZERO);
    }

    /// Pays the running interest and then `principal` that is not due, as a row of its own; returns what it
    /// took.
    fn pay_ahead(&mut self, principal: Money, allocation: &mut Allocation) -> Money {
        let interest = self.running_interest();
        if self.is_matured() || (principal + interest).is_zero() {
            return Money::ZERO;
        }
        // What of the running interest was paid before becomes part of this row.
        let mut paid_before = Money::ZERO;
        if let Some(at) = self.collecting() {
            let slot = &mut self.slots[at];
            paid_before = std::mem::take(&mut slot.interest_paid);
            slot.paid_early -= paid_before;
        }
        self.interest_before += interest + paid_before;
        self.course.accrued = Accrual::default();
        self.running_from = self.today();
        self.principal_leaves(principal);
        self.course.balance -= principal;
        self.turnover.principal_repaid += principal;
        self.turnover.interest_repaid += interest;
        allocation.principal += principal;
        allocation.interest += interest;
        self.insert_paid(RowKind::EarlyRepayment, principal, interest + paid_before);
        self.note(|| StepKind::PaidAhead { principal, interest });
        principal + interest
    }

    /// Lets money satisfy coming installments, next or last first; returns what it took.
    fn satisfy(&mut self, money: Money, allocation: &mut Allocation) -> Money {
        let from_last = self.terms.conduct.early_money == EarlyMoney::LastInstallment;
        let mut left = money;
        while let Some(at) = self.next_to_satisfy(from_last) {
            let (principal, interest) = self.asked_today(at);
            let slot = self.slots[at];
            let unpaid = (principal - slot.principal_paid, interest - slot.interest_paid);
            let (to_principal, to_interest) = self.divide(left, unpaid);
            if left.is_zero() && (unpaid.0 + unpaid.1).is_positive() {
                break;
            }
            left -= to_principal + to_interest;
            self.principal_leaves(to_principal);
            self.course.balance -= to_principal;
            self.turnover.principal_repaid += to_principal;
            self.turnover.interest_repaid += to_interest;
            allocation.principal += to_principal;
            allocation.interest += to_interest;
            let running = self.course.accrued.rounded_to(self.course.interest_unit);
            let (today, by_plan, collects) = (self.today(), self.by_plan(), self.collecting() == Some(at));
            let slot = &mut self.slots[at];
            slot.principal_paid += to_principal;
            slot.interest_paid += to_interest;
            slot.paid_early += to_principal + to_interest;
            if (to_principal, to_interest) != unpaid {
                break;
            }
            (slot.principal, slot.interest, slot.paid_on) = (principal, interest, Some(today));
            self.interest_before += interest;
            let number = slot.number;
            self.note(|| StepKind::Satisfied { number, interest, collects });
            if by_plan && collects {
                self.course.accrued = Accrual::default();
            } else if collects && interest < running {
                self.course.accrued = Accrual::from(running - interest);
            } else if !by_plan {
                self.course.accrued.take(interest);
            }
        }
        money - left
    }

    fn next_to_satisfy(&self, from_last: bool) -> Option<usize> {
        let mut coming = self.next..self.slots.len();
        if from_last { coming.rfind(|at| !self.slots[*at].is_paid()) } else { self.collecting() }
    }

    /// What a coming slot asks for if it is to be satisfied today.
    fn asked_today(&self, at: usize) -> (Money, Money) {
        let slot = &self.slots[at];
        if self.by_plan() {
            return (slot.principal, slot.interest);
        }
        let collects = self.collecting() == Some(at);
        let unit = self.course.interest_unit;
        let accrued = if collects { self.course.accrued.rounded_to(unit) } else { slot.interest_paid };
        // The only one left takes all there is.
        let alone = self.slots[self.next..].iter().filter(|slot| !slot.is_paid()).count() == 1;
        slot.asks(accrued, unit, self.course.put_off, self.course.balance, alone, true)
    }

    /// Divides money between unpaid principal and interest in the agreed order.
    fn divide(&self, money: Money, (principal, interest): (Money, Money)) -> (Money, Money) {
        let order = self.terms.allocation.components();
        let place = |component| order.iter().position(|other| *other == component);
        if place(Component::CurrentPrincipal) < place(Component::CurrentInterest) {
            let principal = principal.min(money);
            (principal, interest.min(money - principal))
        } else {
            let interest = interest.min(money);
            (principal.min(money - interest), interest)
        }
    }

    /// Takes money for principal of the running period (today's installment, on a due date); where it is more
    /// than the installment leaves room for, the later ones are lowered. Returns what it took.
    fn lower(&mut self, money: Money, allocation: &mut Allocation) -> Money {
        let money = money.min(self.course.balance);
        let (today, by_plan) = (self.today(), self.by_plan());
        let on_due_date = self.next > 0 && self.slots[self.next - 1].due_on == today;
        let at = if on_due_date { Some(self.next - 1) } else { self.collecting() };
        let Some(at) = at.filter(|_| money.is_positive()) else { return Money::ZERO };
        self.principal_leaves(money);
        self.course.balance -= money;
        self.turnover.principal_repaid += money;
        allocation.principal += money;
        let slot = &mut self.slots[at];
        slot.principal_paid += money;
        if on_due_date {
            slot.principal += money;
        } else {
            slot.paid_early += money;
        }
        let room = match slot.split {
            _ if by_plan => slot.principal,
            Split::Principal(principal) => principal,
            Split::Installment(whole) => whole.less(self.course.accrued.rounded()),
        };
        let fits = slot.principal_paid <= room;
        if on_due_date {
            self.plan_anew(|plan, slots, next| plan.spread(&mut slots[next..]));
        } else if !fits {
            // The running installment keeps its interest; those after it are planned on what it leaves.
            self.plan_anew(|plan, slots, next| {
                let mut after = plan.clone();
                let slot = &mut slots[at];
                after.course.run(slot.due_on, after.course.balance);
                after.course.accrued = Accrual::default();
                after.from = slot.due_on;
                slot.split = Split::Principal(slot.principal_paid);
                let regular = after.spread(&mut slots[at + 1..]);
                plan.course.run_through(&mut slots[next..], plan.yielding);
                regular
            });
        }
        money
    }

    /// Pays as much of a component as `money` allows, oldest row first; returns what it took.
    fn pay(&mut self, component: Component, money: Money, allocation: &mut Allocation) -> Money {
        let mut left = money;
        if left.is_zero() {
            return left;
        }
        for at in self.paid_up_to..self.next {
            left -= self.pay_slot(at, component, left, allocation);
        }
        let running = match component {
            Component::Penalty => {
                let paid = left.min(self.owed(component));
                self.turnover.penalty_repaid += paid;
                paid
            }
            Component::CurrentInterest if self.is_matured() => {
                let paid = left.min(self.running_interest());
                if paid.is_positive() {
                    self.running_paid += paid;
                    self.turnover.interest_repaid += paid;
                    self.insert_paid(RowKind::AfterMaturity, Money::ZERO, paid);
                }
                paid
            }
            _ => Money::ZERO,
        };
        *allocation.of_debt(component) += running;
        money - left + running
    }

    /// Pays as much of a row's component as `money` allows; returns what it took.
    fn pay_slot(
        &mut self,
        at: usize,
        component: Component,
        money: Money,
        allocation: &mut Allocation,
    ) -> Money {
        let today = self.today();
        let slot = &self.slots[at];
        let overdue = slot.due_on < today;
        let unpaid = match component {
            Component::OverduePrincipal if overdue => slot.unpaid_principal(),
            Component::CurrentPrincipal if !overdue => slot.unpaid_principal(),
            Component::OverdueInterest if overdue => slot.unpaid_interest(),
            Component::CurrentInterest if !overdue => slot.unpaid_interest(),
            _ => return Money::ZERO,
        };
        let paid = unpaid.min(money);
        if paid.is_zero() {
            return paid;
        }
        let principal = matches!(component, Component::OverduePrincipal | Component::CurrentPrincipal);
        if principal {
            self.principal_leaves(paid);
        }
        let slot = &mut self.slots[at];
        *(if principal { &mut slot.principal_paid } else { &mut slot.interest_paid }) += paid;
        if overdue {
            slot.paid_late += paid;
        }
        *allocation.of_debt(component) += paid;
        *match component {
            Component::OverduePrincipal => &mut self.turnover.overdue_principal_repaid,
            Component::OverdueInterest => &mut self.turnover.overdue_interest_repaid,
            Component::CurrentPrincipal => &mut self.turnover.principal_repaid,
            Component::CurrentInterest => &mut self.turnover.interest_repaid,
            Component::Penalty => &mut self.turnover.penalty_repaid,
        } += paid;
        paid
    }

    /// Principal is paid: from tonight interest runs on less.
    fn principal_leaves(&mut self, principal: Money) {
        if principal.is_positive() {
            self.balance_changes();
        }
        self.outstanding -= principal;
    }

    /// What interest runs on changes tonight.
    pub(super) fn balance_changes(&mut self) {
        if self.terms.conduct.rounded == Rounded::Changes {
            self.course.accrued = Accrual::from(self.course.accrued.rounded_to(self.course.interest_unit));
        }
    }

    fn insert_paid(&mut self, kind: RowKind, principal: Money, interest: Money) {
        let today = self.today();
        let slot = Slot {
            kind,
            principal,
            interest,
            principal_paid: principal,
            interest_paid: interest,
            paid_early: if kind == RowKind::EarlyRepayment { principal + interest } else { Money::ZERO },
            paid_on: Some(today),
            ..Slot::new(0, today)
        };
        self.slots.insert(self.next, slot);
        self.next += 1;
    }
}
