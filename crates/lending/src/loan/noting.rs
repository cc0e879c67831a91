//! Noting what was done, step by step, for those who ask why.

use super::folding::Folding;
use crate::ledger::Turnover;
use crate::loan::Debt;
use crate::loan::trace::{InterestRun, Position, Step, StepKind};
use crate::money::Money;
use jiff::civil::Date;

impl Folding<'_> {
    pub(super) fn note(&mut self, kind: impl FnOnce() -> StepKind) {
        self.note_days(self.course.now, kind);
    }

    pub(super) fn note_days(&mut self, from: Date, kind: impl FnOnce() -> StepKind) {
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
    pub(super) fn note_again(&mut self, noted: usize, kind: StepKind) {
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
    pub(super) fn turnover_today(&self) -> Turnover {
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

    /// Lets interest run to the end of `until` and notes how.
    pub(super) fn run_noting(&mut self, until: Date, base: Money) {
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
}
