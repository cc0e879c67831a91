//! What a loan of ours shows, beside what theirs must show.

use crate::theirs::{Theirs, date_of};
use jiff::civil::Date;
use lending::loan::{Ending, Event, Happening, Loan, LoanRow, RowState, Status};
use lending::money::Money;
use lending::rate::days_from;
use serde_json::Value;

/// A row as they show it.
struct Shown {
    number: u16,
    due_on: Date,
    days: i64,
    balance: Money,
    row: LoanRow,
    paid: Money,
    outstanding: Money,
    paid_on: Option<Date>,
}

fn shown(loan: &Loan, events: &[Event]) -> Vec<Shown> {
    let mut given: Vec<(Date, Money)> = disbursements(events, loan.as_of).collect();
    given.sort_unstable();
    let start = given.first().map_or(loan.planned_from, |(on, _)| *on);
    let forgiven = matches!(loan.ended, Some(Ending::WrittenOff { claim_kept: false, .. }));
    let (mut before, mut repaid) = (start, Money::ZERO);
    let rows = loan.rows.iter().map(|row| {
        let days = days_from(before, row.due_on);
        (before, repaid) = (row.due_on, repaid + row.principal);
        // What is given on a due date is balance after it.
        let all: Money =
            given.iter().filter(|(on, _)| *on < row.due_on || *on == start).map(|(_, amount)| *amount).sum();
        let planned: Money =
            if given.is_empty() { loan.rows.iter().map(|row| row.principal).sum() } else { all };
        let written_off = forgiven && row.state == RowState::WrittenOff;
        Shown {
            number: row.number,
            due_on: row.due_on,
            days,
            balance: planned - repaid,
            row: *row,
            paid: row.principal_paid + row.interest_paid,
            outstanding: if written_off { Money::ZERO } else { row.unpaid() },
            paid_on: row.paid_on.or(if written_off { loan.closed_on } else { None }),
        }
    });
    rows.collect()
}

fn disbursements(events: &[Event], as_of: Date) -> impl Iterator<Item = (Date, Money)> {
    events.iter().filter_map(move |event| match event.what {
        Happening::Disbursed { amount } if event.on <= as_of => Some((event.on, amount)),
        _ => None,
    })
}

/// The first difference between a schedule and what it must be; of the columns that are given.
pub(crate) fn schedule(theirs: &[Value], loan: &Loan, events: &[Event], whole: bool) -> Option<String> {
    let ours = shown(loan, events);
    let expected: Vec<&Value> = theirs.iter().filter(|row| !row["n"].is_null()).collect();
    if whole && expected.len() != ours.len() {
        return Some(format!("rows: theirs {}, ours {}", expected.len(), ours.len()));
    }
    let given: Vec<(Date, Money)> = disbursements(events, loan.as_of).collect();
    for row in theirs.iter().filter(|row| row["n"].is_null()) {
        let is_there = given.is_empty()
            || given.iter().any(|(on, amount)| {
                row.date("due_date") == Some(*on) && row.money("balance") == Some(*amount)
            });
        if !is_there {
            return Some(format!("disbursement of {} on {}: not ours", row["balance"], row["due_date"]));
        }
    }
    expected.into_iter().find_map(|theirs| {
        let number = theirs.count("n");
        match ours.iter().find(|row| Some(row.number) == number) {
            Some(ours) => {
                differs(theirs, ours).map(|difference| format!("row {}, {difference}", ours.number))
            }
            None => Some(format!("row {}: not ours", theirs["n"])),
        }
    })
}

fn differs(theirs: &Value, ours: &Shown) -> Option<String> {
    let paid_on = ours.paid_on;
    if theirs["days"].as_i64().is_some_and(|days| days != ours.days) {
        return Some(format!("days: theirs {}, ours {}", theirs["days"], ours.days));
    }
    if theirs.date("due_date") != Some(ours.due_on) {
        return Some(format!("due_date: theirs {}, ours {}", theirs["due_date"], ours.due_on));
    }
    if date_of(&theirs["paid_date"]) != paid_on && !theirs["outstanding"].is_null() {
        return Some(format!("paid_date: theirs {}, ours {paid_on:?}", theirs["paid_date"]));
    }
    let columns = [
        ("principal", ours.row.principal),
        ("interest", ours.row.interest),
        ("fees", Money::ZERO),
        ("penalties", Money::ZERO),
        ("total_due", ours.row.payment()),
        ("balance", ours.balance),
        ("paid", ours.paid),
        ("in_advance", ours.row.paid_early),
        ("late", ours.row.paid_late),
        ("outstanding", ours.outstanding),
    ];
    amounts(theirs, &columns)
}

/// The first of the given columns that differs.
fn amounts(theirs: &Value, columns: &[(&str, Money)]) -> Option<String> {
    columns.iter().find_map(|(column, ours)| {
        let wanted = theirs.money(column)?;
        (wanted != *ours).then(|| format!("{column}: theirs {wanted}, ours {ours}"))
    })
}

/// The first total that differs.
pub(crate) fn totals(theirs: &Value, loan: &Loan, events: &[Event]) -> Option<String> {
    let rows = shown(loan, events);
    let sum = |column: fn(&Shown) -> Money| rows.iter().map(column).sum();
    let columns = [
        ("principal", sum(|row| row.row.principal)),
        ("interest", sum(|row| row.row.interest)),
        ("fees", Money::ZERO),
        ("penalties", Money::ZERO),
        ("total_due", sum(|row| row.row.payment())),
        ("paid", sum(|row| row.paid)),
        ("in_advance", sum(|row| row.row.paid_early)),
        ("late", sum(|row| row.row.paid_late)),
        ("outstanding", sum(|row| row.outstanding)),
    ];
    amounts(theirs, &columns).map(|difference| format!("totals, {difference}"))
}

/// What is outstanding on all rows.
pub(crate) fn outstanding(loan: &Loan, events: &[Event]) -> Money {
    shown(loan, events).iter().map(|row| row.outstanding).sum()
}

/// The first disbursement or repayment that differs: amount, its split, the balance it leaves.
pub(crate) fn transactions(theirs: &[Value], loan: &Loan, events: &[Event]) -> Option<String> {
    let of_type = |kinds: &'static [&str]| {
        let is_one = |row: &&Value| row.text("Transaction Type").is_some_and(|kind| kinds.contains(&kind));
        theirs.iter().filter(is_one).filter(|row| !row.flag("Reverted"))
    };
    let given: Vec<(Date, Money)> = disbursements(events, loan.as_of).collect();
    for row in of_type(&["Disbursement"]) {
        let is_there = given.iter().any(|(on, amount)| {
            row.date("Transaction date") == Some(*on) && row.money("Amount") == Some(*amount)
        });
        if !is_there {
            return Some(format!("disbursement of {}: not ours", row["Amount"]));
        }
    }
    let paid = loan.payments.iter().filter(|payment| !payment.reversed);
    let mut paid: Vec<_> = paid.collect();
    let mut balance: Money = Money::ZERO;
    let mut given = given.into_iter().peekable();
    for row in of_type(&["Repayment", "Down Payment"]) {
        if paid.is_empty() {
            return Some(format!("repayment of {}: not ours", row["Amount"]));
        }
        let payment = paid.remove(0);
        while let Some((_, amount)) = given.next_if(|(on, _)| *on <= payment.on) {
            balance += amount;
        }
        let taken = payment.allocation;
        let principal = taken.overdue_principal + taken.principal;
        balance -= principal;
        let columns = [
            ("Amount", payment.amount),
            ("Principal", principal),
            ("Interest", taken.overdue_interest + taken.interest),
            ("Loan Balance", balance),
        ];
        if let Some(difference) = amounts(row, &columns) {
            return Some(format!("repayment on {}, {difference}", payment.on));
        }
    }
    None
}

/// Whether ours stands where theirs must.
pub(crate) fn status(theirs: &str, loan: &Loan) -> Option<String> {
    let agrees = match theirs {
        "ACTIVE" => matches!(loan.status, Status::Active | Status::Overdue),
        "CLOSED_OBLIGATIONS_MET" => loan.status == Status::Closed && loan.overpaid.is_zero(),
        "OVERPAID" => loan.status == Status::Closed && loan.overpaid.is_positive(),
        "CLOSED_WRITTEN_OFF" => loan.status == Status::WrittenOff,
        "APPROVED" | "SUBMITTED_AND_PENDING_APPROVAL" => loan.status == Status::AwaitingDisbursement,
        _ => return Some(format!("status: theirs {theirs}, which is none of ours")),
    };
    (!agrees).then(|| format!("status: theirs {theirs}, ours {:?}", loan.status))
}
