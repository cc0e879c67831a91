//! The interest of one installment, and the next one as a whole.

use crate::loan::{Loan, LoanRow, Step, StepKind, Trace};
use crate::money::Money;
use crate::report::explain::line::{Line, What};

/// What leads to a row's interest: the days of its period, from where the row before left off to where it is
/// due, paid early, or foreseen.
pub(super) fn interest(trace: &Trace, row: &LoanRow) -> Vec<Line> {
    let steps: Vec<&Step> = trace.steps.iter().chain(&trace.foreseen).collect();
    let end = steps.iter().position(|step| match step.kind {
        StepKind::Due { number, .. } | StepKind::Satisfied { number, .. } => number == row.number,
        _ => false,
    });
    let mut lines = Vec::new();
    let mut total = Money::ZERO;
    let Some(end) = end else {
        let what = What::AsPlanned { number: row.number };
        let (amount_tiyn, total_tiyn) = (row.interest, row.interest);
        return vec![Line { from: row.due_on, on: row.due_on, what, amount_tiyn, total_tiyn }];
    };
    if !matches!(steps[end].kind, StepKind::Satisfied { collects: false, .. }) {
        let start = steps[..end].iter().rposition(|step| begins_a_row(step));
        let (carried, first) = start.map_or((Money::ZERO, 0), |at| (steps[at].position.running, at + 1));
        if let Some(at) = start
            && !carried.is_zero()
        {
            total = carried;
            let on = steps[at].on;
            lines.push(Line { from: on, on, what: What::Carried, amount_tiyn: carried, total_tiyn: carried });
        }
        for step in &steps[first..end] {
            let running = step.position.running;
            if running != total || is_of_days(step) {
                lines.push(Line::of(step, running - total, running));
                total = running;
            }
        }
    }
    let (from, on) = (steps[end].from, steps[end].on);
    let what = What::Asks { number: row.number, foreseen: end >= trace.steps.len() };
    lines.push(Line { from, on, what, amount_tiyn: row.interest - total, total_tiyn: row.interest });
    lines
}

/// What leads to the next installment: its interest, its principal, what is paid of it, and money held.
pub(super) fn next(trace: &Trace, loan: &Loan) -> Option<Vec<Line>> {
    let row = loan.rows.iter().find(|row| row.paid_on.is_none() && row.due_on >= loan.as_of)?;
    let mut lines = interest(trace, row);
    let mut total = row.interest;
    let number = row.number;
    let paid = row.principal_paid + row.interest_paid;
    for (what, amount) in [
        (What::RowPrincipal { number }, row.principal),
        (What::RowPaid { number }, -paid),
        (What::AdvanceHeld, -loan.advance.min(row.unpaid())),
    ] {
        if !amount.is_zero() {
            total += amount;
            let (from, on) = (loan.as_of, loan.as_of);
            lines.push(Line { from, on, what, amount_tiyn: amount, total_tiyn: total });
        }
    }
    Some(lines)
}

/// From here interest runs for the next row.
fn begins_a_row(step: &Step) -> bool {
    matches!(
        step.kind,
        StepKind::Due { .. } | StepKind::PaidAhead { .. } | StepKind::Satisfied { collects: true, .. }
    )
}

fn is_of_days(step: &Step) -> bool {
    matches!(step.kind, StepKind::Interest(_) | StepKind::Suspended | StepKind::Stopped)
}
