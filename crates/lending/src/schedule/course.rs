//! A debt on its way through the coming due dates.

use crate::loan::RowKind;
use crate::money::Money;
use crate::rate::{Accrual, DayMeter, MeterStep, Rate};
use crate::schedule::{InterestMethod, Terms};
use jiff::civil::Date;

/// How a row of the plan divides into principal and interest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Split {
    /// So much altogether: principal is what interest leaves.
    Installment(Money),
    /// So much principal, whatever the interest.
    Principal(Money),
}

/// A due date with what it asks for and what was paid on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    pub(crate) kind: RowKind,
    /// Number of the installment from 1; 0 for other kinds.
    pub(crate) number: u16,
    pub(crate) due_on: Date,
    pub(crate) split: Split,
    /// Interest is put off to the next slot.
    pub(crate) puts_off_interest: bool,
    /// No interest runs in its period.
    pub(crate) interest_free: bool,
    pub(crate) principal: Money,
    pub(crate) interest: Money,
    pub(crate) principal_paid: Money,
    pub(crate) interest_paid: Money,
    /// Paid before the due date.
    pub(crate) paid_early: Money,
    /// Paid after it.
    pub(crate) paid_late: Money,
    pub(crate) paid_on: Option<Date>,
}

impl Slot {
    pub(crate) const fn new(number: u16, due_on: Date) -> Self {
        Self {
            kind: RowKind::Installment,
            number,
            due_on,
            split: Split::Principal(Money::ZERO),
            puts_off_interest: false,
            interest_free: false,
            principal: Money::ZERO,
            interest: Money::ZERO,
            principal_paid: Money::ZERO,
            interest_paid: Money::ZERO,
            paid_early: Money::ZERO,
            paid_late: Money::ZERO,
            paid_on: None,
        }
    }

    pub(crate) fn payment(&self) -> Money {
        self.principal + self.interest
    }

    pub(crate) fn unpaid_principal(&self) -> Money {
        self.principal - self.principal_paid
    }

    pub(crate) fn unpaid_interest(&self) -> Money {
        self.interest - self.interest_paid
    }

    pub(crate) fn unpaid(&self) -> Money {
        self.unpaid_principal() + self.unpaid_interest()
    }

    pub(crate) const fn is_paid(&self) -> bool {
        self.paid_on.is_some()
    }

    /// What it asks for once `accrued` interest stands on it, `put_off` of it by earlier slots, and `not_due`
    /// principal is still to be spread; `last` takes all of it. Returns principal and interest, what was paid
    /// included.
    ///
    /// Interest that was put off is paid beside an installment, and not out of it.
    ///
    /// Where money paid early satisfies an installment `yielding`, a client who paid more principal than the
    /// installment leaves room for owes no more interest with it: the rest goes to the next slot. What goes with
    /// it is in whole `unit`s, as all interest is, lest the rest be rounded a second time.
    pub(crate) fn asks(
        &self,
        accrued: Money,
        unit: Money,
        put_off: Money,
        not_due: Money,
        last: bool,
        yielding: bool,
    ) -> (Money, Money) {
        let most = not_due + self.principal_paid;
        let of_its_period = accrued.less(put_off);
        let accrued = if self.puts_off_interest && !last { self.interest_paid } else { accrued };
        let interest = accrued.max(self.interest_paid);
        let within = |principal: Money| principal.max(self.principal_paid).min(most);
        match self.split {
            _ if last => (most, interest),
            Split::Principal(principal) => (within(principal), interest),
            Split::Installment(whole) if !yielding || put_off.is_positive() || self.puts_off_interest => {
                (within(whole.less(of_its_period)), interest)
            }
            Split::Installment(whole) => {
                let no_room = self.principal_paid > whole.less(accrued);
                let interest = if no_room { self.interest_paid } else { interest.min(whole.floor_to(unit)) };
                let interest = interest.max(self.interest_paid);
                (within(whole.less(interest)), interest)
            }
        }
    }
}

/// Principal not yet due that bears interest, from date to date.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) now: Date,
    /// Principal not due.
    pub(crate) balance: Money,
    /// What interest runs on instead of it, where that is something else.
    pub(crate) flat: Option<Money>,
    pub(crate) rate: Rate,
    /// Interest for the next slot so far.
    pub(crate) accrued: Accrual,
    /// What of it earlier slots put off.
    pub(crate) put_off: Money,
    pub(crate) interest_unit: Money,
    pub(crate) clock: Clock,
}

/// A meter that knows in which of its steps a loan is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Clock {
    meter: DayMeter,
    /// The meter from a date on, where due dates were moved.
    next: Option<(Date, DayMeter)>,
    pub(crate) step: MeterStep,
}

impl Clock {
    pub(crate) fn new(meter: DayMeter, at: Date) -> Self {
        Self { meter, next: None, step: meter.step_after(at) }
    }

    /// Measures by another meter from `date` on.
    pub(crate) fn change(&mut self, date: Date, meter: DayMeter) {
        self.next = Some((date, meter));
    }

    /// The last date up to which the present step measures.
    pub(crate) fn holds_until(&self) -> Date {
        self.next.map_or(self.step.until, |(date, _)| date.min(self.step.until))
    }

    /// The same clock put back to `date`.
    pub(crate) fn back_at(&self, date: Date) -> Self {
        if self.step.from <= date { *self } else { Self { step: self.meter.step_after(date), ..*self } }
    }

    /// Takes the step for the day after `date`.
    pub(crate) fn arrive(&mut self, date: Date) {
        if let Some((from, meter)) = self.next
            && from <= date
        {
            (self.meter, self.next) = (meter, None);
            self.step = meter.step_after(date);
        } else if date >= self.step.until {
            self.step = self.meter.step_after(date);
        }
    }
}

impl Course {
    /// A credit at its beginning.
    pub(crate) fn of(terms: &Terms, balance: Money, on: Date) -> Self {
        let flat = terms.options.interest == InterestMethod::Flat;
        Self {
            now: on,
            balance,
            flat: flat.then_some(balance),
            rate: terms.rate,
            accrued: Accrual::default(),
            put_off: Money::ZERO,
            interest_unit: terms.options.round_to.interest,
            clock: Clock::new(terms.meter(), on),
        }
    }

    /// Lets interest on `base` run to the end of `to`.
    pub(crate) fn run(&mut self, to: Date, base: Money) {
        while self.now < to {
            let until = to.min(self.clock.holds_until());
            self.accrued.add(base, self.rate, &self.clock.step, self.now, until);
            self.now = until;
            self.clock.arrive(until);
        }
    }

    /// A slot has fallen due and leaves interest to the next.
    pub(crate) fn leave(&mut self, interest: Money, put_off: bool) {
        self.accrued = Accrual::from(interest);
        self.put_off = if put_off { interest } else { Money::ZERO };
    }

    /// Runs through `slots`, each paid on its day, and writes down what they ask for.
    pub(crate) fn run_through(mut self, slots: &mut [Slot], yielding: bool) {
        let Some(last) = slots.iter().rposition(|slot| !slot.is_paid()) else { return };
        for (at, slot) in slots.iter_mut().enumerate() {
            let base = if slot.interest_free { Money::ZERO } else { self.flat.unwrap_or(self.balance) };
            self.run(slot.due_on, base);
            let accrued = self.accrued.rounded_to(self.interest_unit);
            if slot.is_paid() {
                self.accrued = Accrual::from(accrued);
                continue;
            }
            (slot.principal, slot.interest) =
                slot.asks(accrued, self.interest_unit, self.put_off, self.balance, at == last, yielding);
            self.balance -= slot.unpaid_principal();
            self.leave(accrued - slot.interest, slot.puts_off_interest);
        }
    }
}
