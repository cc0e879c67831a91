//! Principal spread over coming due dates: when a credit begins, and whenever its plan is made anew.

use crate::money::{Money, Rounding};
use crate::rate::Accrual;
use crate::schedule::course::Clock;
use crate::schedule::{Course, Grace, Method, RoundTo, Slot, Split, Terms};
use jiff::civil::Date;

/// How the coming slots are to pay a debt back.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) method: Method,
    /// For [`Method::Shares`]: of every installment from the first.
    pub(crate) shares_ppm: &'a [u32],
    pub(crate) round_to: RoundTo,
    /// Slots from the first of these on that ask for less.
    pub(crate) grace: Grace,
    /// Where interest for the next slot began to run.
    pub(crate) from: Date,
    /// The debt as it stands.
    pub(crate) course: Course,
    /// Money paid early satisfies installments.
    pub(crate) yielding: bool,
    /// The period that every other is taken to be as long as, where that was agreed.
    pub(crate) model_period: Option<(Date, Date)>,
}

impl<'a> Plan<'a> {
    /// The slots of `terms` for `principal` given on `on`, and the regular installment or share.
    pub(crate) fn of(terms: &'a Terms, principal: Money, on: Date) -> (Vec<Slot>, Money) {
        let mut slots = Vec::with_capacity(usize::from(terms.installments) + 1);
        let down_payment = i128::from(terms.options.down_payment_ppm);
        let mut balance = principal;
        if down_payment > 0 {
            let mut slot = Slot::new(1, on);
            slot.principal = principal.mul_ratio(down_payment, 1_000_000, Rounding::HalfEven);
            slot.split = Split::Principal(slot.principal);
            balance -= slot.principal;
            slots.push(slot);
        }
        let first = slots.len();
        slots.extend(
            (1 + u16::from(first > 0)..).zip(terms.due_dates()).map(|(number, due)| Slot::new(number, due)),
        );
        let regular = Self::to_begin(terms, principal, balance, on).spread(&mut slots[first..]);
        (slots, regular)
    }

    fn to_begin(terms: &'a Terms, principal: Money, balance: Money, on: Date) -> Self {
        let mut course = Course::of(terms, principal, on);
        course.balance = balance;
        Plan {
            method: terms.method,
            shares_ppm: &terms.options.shares_ppm,
            round_to: terms.options.round_to,
            grace: terms.options.grace,
            from: on,
            course,
            yielding: false,
            model_period: Self::model_period(terms),
        }
    }

    pub(crate) fn model_period(terms: &Terms) -> Option<(Date, Date)> {
        terms.options.periods_as_the_first.then_some((terms.disbursed_on, terms.first_due))
    }

    /// Over all `slots` that are not paid; returns the regular installment or share.
    pub(crate) fn spread(&self, slots: &mut [Slot]) -> Money {
        for (at, slot) in slots.iter_mut().enumerate() {
            slot.puts_off_interest = at < usize::from(self.grace.interest);
            slot.interest_free = at < usize::from(self.grace.interest_free);
        }
        let paying =
            slots.iter().skip(usize::from(self.grace.principal)).filter(|slot| !slot.is_paid()).count();
        let paying = i64::try_from(paying).unwrap_or(i64::MAX).max(1);
        match self.method {
            Method::Annuity => self.annuity(slots, paying),
            Method::Differentiated => {
                let share = self.share(1, i128::from(paying));
                self.with(slots, |_| Split::Principal(share));
                share
            }
            Method::Bullet => {
                self.with(slots, |_| Split::Principal(Money::ZERO));
                self.course.balance
            }
            Method::Shares => self.shares(slots),
        }
    }

    /// Over as few of `slots` as the `regular` installment or share needs; returns how many.
    pub(crate) fn shorten(&self, slots: &mut [Slot], regular: Money) -> usize {
        match self.method {
            Method::Annuity => self.with(slots, |_| Split::Installment(regular)),
            _ => self.with(slots, |_| Split::Principal(regular)),
        }
        let mut balance = self.course.balance;
        let needed = slots.iter().position(|slot| {
            balance -= slot.principal;
            balance.is_zero()
        });
        needed.map_or(slots.len(), |at| at + 1)
    }

    fn share(&self, num: i128, den: i128) -> Money {
        let unit = i128::from(self.round_to.installment.tiyn());
        let units = self.course.balance.mul_ratio(num, den.max(1) * unit, Rounding::HalfEven);
        let share = units.mul_ratio(unit, 1, Rounding::HalfEven);
        // A debt smaller than the unit is still paid in shares.
        let share = if share.is_zero() {
            self.course.balance.mul_ratio(num, den.max(1), Rounding::HalfEven)
        } else {
            share
        };
        share.min(self.course.balance)
    }

    fn shares(&self, slots: &mut [Slot]) -> Money {
        // Installments count from 2 after a down payment.
        let last = slots.last().map_or(0, |slot| usize::from(slot.number));
        let before = last.saturating_sub(self.shares_ppm.len()) + 1;
        let share_of = |slot: &Slot| {
            let at = usize::from(slot.number).checked_sub(before);
            i128::from(at.and_then(|at| self.shares_ppm.get(at)).copied().unwrap_or(0))
        };
        let all: i128 = slots.iter().filter(|slot| !slot.is_paid()).map(share_of).sum();
        self.with(slots, |slot| Split::Principal(self.share(share_of(slot), all)));
        slots.first().map_or(Money::ZERO, |slot| slot.principal)
    }

    /// Plans every slot that is not paid by `split`, principal-free ones aside.
    fn with(&self, slots: &mut [Slot], split: impl Fn(&Slot) -> Split) {
        for (at, slot) in slots.iter_mut().enumerate().filter(|(_, slot)| !slot.is_paid()) {
            let graced = at < usize::from(self.grace.principal);
            slot.split = if graced { Split::Principal(Money::ZERO) } else { split(slot) };
        }
        self.course.run_through(slots, self.yielding);
    }

    /// The installment `P / Σ Π 1/(1+rᵢ)`, then up to three tries to bring the last row nearer to the others.
    fn annuity(&self, slots: &mut [Slot], paying: i64) -> Money {
        let mut regular = self.installment(slots, paying);
        self.with(slots, |_| Split::Installment(regular));
        let mut uneven = unevenness(slots, regular);
        let tries = if self.model_period.is_some() { 0 } else { 3 };
        for _ in 0..tries {
            if uneven.tiyn().abs() <= paying / 2 {
                break;
            }
            let change = self.to_unit(i128::from(uneven.tiyn()), i128::from(paying));
            let next = regular + change;
            if change.is_zero() || next.is_negative() {
                break;
            }
            let before: Vec<Slot> = slots.to_vec();
            self.with(slots, |_| Split::Installment(next));
            let left = unevenness(slots, next);
            if left.tiyn().abs() >= uneven.tiyn().abs() {
                slots.copy_from_slice(&before);
                break;
            }
            (regular, uneven) = (next, left);
        }
        regular
    }

    /// `num / den` tiyn in whole units of an installment.
    fn to_unit(&self, num: i128, den: i128) -> Money {
        let unit = i128::from(self.round_to.installment.tiyn());
        let units = Rounding::HalfEven.divide(num, den * unit);
        i64::try_from(units * unit).map_or(Money::MAX, Money::from_tiyn)
    }

    fn installment(&self, slots: &[Slot], paying: i64) -> Money {
        let graced = usize::from(self.grace.principal);
        let balance = self.course.balance;
        if let Some(base) = self.course.flat {
            // Flat interest does not fall: the installment is the mean of all that is to be paid.
            let clock = self.course.clock.back_at(self.from);
            let mut course = Course { now: self.from, accrued: Accrual::default(), clock, ..self.course };
            let ends = slots.iter().rev().find(|slot| !slot.is_paid()).map_or(self.from, |slot| slot.due_on);
            course.run(ends, base);
            return self.to_unit(i128::from((balance + course.accrued.rounded()).tiyn()), i128::from(paying));
        }
        // Discount factors fall from 1, so fixed point with 80 binary digits holds them whatever rate and
        // term, and leaves 600 installments of a trillion tenge exact to a thousandth of a tiyn.
        const SCALE: u32 = 80;
        let (mut factor, mut annuity, mut first) = (1_u128 << SCALE, 0_u128, None);
        let mut clock = self.course.clock.back_at(self.from);
        let mut from = self.from;
        for (at, slot) in slots.iter().enumerate().filter(|(_, slot)| !slot.is_paid()) {
            let (interest, whole) = match self.model_period {
                Some((start, end)) => {
                    let model = Slot { interest_free: slot.interest_free, ..Slot::new(0, end) };
                    self.growth(&mut self.course.clock.back_at(start), start, &model)
                }
                None => self.growth(&mut clock, from, slot),
            };
            from = slot.due_on;
            if at < graced {
                continue; // Its interest is paid as it falls due.
            }
            first.get_or_insert((interest, whole));
            factor = factor * u128::from(whole) / u128::from(whole + interest);
            annuity += factor;
        }
        let principal = u128::from(balance.tiyn().unsigned_abs()) << SCALE;
        let unit = u128::from(self.round_to.installment.tiyn().unsigned_abs());
        // A debt smaller than the unit is still paid in installments.
        let unit = if principal / annuity.max(1) < unit.div_ceil(2) { 1 } else { unit };
        let annuity = annuity.max(1).saturating_mul(unit);
        let (quotient, rest) = (principal / annuity, principal % annuity);
        let rounded =
            quotient + u128::from(rest > annuity - rest || (rest == annuity - rest && quotient % 2 == 1));
        let installment = i64::try_from(rounded.saturating_mul(unit)).unwrap_or(i64::MAX);
        // Where discounting leaves nothing (a huge rate over decades) the first interest is all there is to
        // pay.
        let (interest, whole) = first.unwrap_or((0, 1));
        let first_interest = balance.mul_ratio(interest.into(), whole.into(), Rounding::HalfEven);
        Money::from_tiyn(installment).min(balance + first_interest)
    }

    /// The interest that `whole` earns in a slot's period, and `whole`.
    fn growth(&self, clock: &mut Clock, from: Date, slot: &Slot) -> (u64, u64) {
        let ppm = if slot.interest_free { 0 } else { u64::from(self.course.rate.ppm()) };
        clock.arrive(from);
        if clock.holds_until() >= slot.due_on && clock.step.from <= from {
            let whole = 1_000_000 * clock.step.units_per_year.unsigned_abs();
            return (ppm * clock.step.units(from, slot.due_on).unsigned_abs(), whole);
        }
        let whole = Money::from_tiyn(1 << 46);
        let accrued = Accrual::default();
        let mut course = Course { now: from, accrued, clock: *clock, ..self.course };
        course.run(slot.due_on, if slot.interest_free { Money::ZERO } else { whole });
        *clock = course.clock;
        (course.accrued.rounded().tiyn().unsigned_abs(), whole.tiyn().unsigned_abs())
    }
}

fn unevenness(slots: &[Slot], regular: Money) -> Money {
    slots.iter().rev().find(|slot| !slot.is_paid()).map_or(Money::ZERO, |last| last.payment() - regular)
}
