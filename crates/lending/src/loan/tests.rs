use super::*;
use crate::law::rules::CreditKind;
use crate::ledger::Side;
use crate::money::Rounding;
use crate::rate::{DailyRate, DayCount, Rate};
use crate::schedule::{DaysOff, Grace, Method, Options, Period, RoundTo, Terms};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

pub(crate) fn terms() -> LoanTerms {
    LoanTerms {
        schedule: Terms {
            principal: Money::from_tenge(1_000_000),
            rate: Rate::from_ppm(360_000),
            method: Method::Annuity,
            installments: 12,
            period: Period::Months(1),
            disbursed_on: date(2026, 2, 2),
            first_due: date(2026, 3, 2),
            day_count: DayCount::Actual365,
            options: Options::default(),
        },
        penalty: DailyRate::from_ppm(5_000),
        allocation: AllocationOrder::LAW,
        rule_set: "2026-01-01".into(),
        kind: CreditKind::default(),
        days_off: DaysOff::Stay,
        conduct: Conduct::default(),
    }
}

fn happened(on: Date, sequence: i64, what: Happening) -> Event {
    Event { on, sequence, what }
}

pub(crate) fn disbursed(terms: &LoanTerms) -> Event {
    happened(terms.schedule.disbursed_on, 0, Happening::Disbursed { amount: terms.schedule.principal })
}

pub(crate) fn paid(on: Date, id: u128, tiyn: i64) -> Event {
    let sequence = i64::try_from(id).unwrap();
    happened(on, sequence, Happening::Repaid { id: Uuid::from_u128(id), amount: Money::from_tiyn(tiyn) })
}

/// What must hold for every loan on every day.
pub(crate) fn check(loan: &Loan, terms: &LoanTerms) {
    let turnover = &loan.turnover;
    let side = |side| -> Money {
        loan.balances()
            .iter()
            .filter(|(account, _)| account.side() == side)
            .map(|(_, balance)| *balance)
            .sum()
    };
    assert_eq!(side(Side::Debit), side(Side::Credit), "debits = credits");
    let balance = |account| turnover.balance(account);
    assert_eq!(balance(Account::PrincipalCurrent), loan.debt.principal_not_due + loan.debt.principal_due);
    assert_eq!(balance(Account::PrincipalOverdue), loan.debt.principal_overdue);
    assert_eq!(balance(Account::InterestReceivable), loan.debt.interest_accrued + loan.debt.interest_due);
    assert_eq!(balance(Account::InterestOverdue), loan.debt.interest_overdue);
    assert_eq!(balance(Account::PenaltyReceivable), loan.debt.penalty);
    assert_eq!(balance(Account::ClientAdvances), loan.advance);
    assert_eq!(balance(Account::Overpayments), loan.overpaid);
    let debt = loan.debt;
    for part in [
        debt.principal_not_due,
        debt.principal_due,
        debt.principal_overdue,
        debt.interest_accrued,
        debt.interest_due,
        debt.interest_overdue,
        debt.penalty,
        loan.advance,
        loan.overpaid,
        loan.claim,
    ] {
        assert!(!part.is_negative(), "nothing is negative: {debt:?} {:?} {:?}", loan.advance, loan.overpaid);
    }
    let counted: Money =
        loan.payments.iter().filter(|payment| !payment.reversed).map(|payment| payment.amount).sum();
    assert_eq!(balance(Account::RepaymentClearing), -counted, "every tiyn received was allocated");
    for payment in &loan.payments {
        let expected = if payment.reversed { Money::ZERO } else { payment.amount };
        assert_eq!(payment.allocation.total(), expected);
    }
    if loan.status != Status::AwaitingDisbursement {
        let planned: Money = loan.rows.iter().map(|row| row.principal).sum();
        assert_eq!(planned, turnover.disbursement_settled, "the rows still pay back what was lent");
    }
    for row in &loan.rows {
        assert!(!row.unpaid_principal().is_negative() && !row.unpaid_interest().is_negative());
    }
    if loan.status == Status::Closed {
        assert_eq!((debt.total(), loan.advance), (Money::ZERO, Money::ZERO), "a closed loan owes nothing");
    }
    let years = i128::from(loan.as_of.year() - terms.schedule.disbursed_on.year()) + 1;
    let cap = terms.schedule.principal.mul_ratio(years, 10, Rounding::Floor);
    assert!(turnover.penalty_accrued <= cap, "penalty within 10 % of the amount a year");
}

#[test]
fn a_client_who_pays_the_plan_owes_nothing_at_its_end() {
    for method in [Method::Annuity, Method::Differentiated] {
        let mut terms = terms();
        terms.schedule.method = method;
        let plan = terms.schedule.schedule().unwrap();
        let mut events = vec![disbursed(&terms)];
        for row in &plan.rows {
            events.push(paid(row.due_on, u128::from(row.number), row.payment.tiyn()));
            let loan = fold(&terms, &events, row.due_on).unwrap();
            check(&loan, &terms);
            assert_eq!((loan.debt.total(), loan.overpaid), (row.balance_after, Money::ZERO));
        }
        let loan = fold(&terms, &events, date(2028, 1, 1)).unwrap();
        assert_eq!((loan.status, loan.closed_on), (Status::Closed, Some(date(2027, 2, 2))));
        assert_eq!(loan.turnover.interest_accrued, plan.totals.interest);
        assert_eq!(loan.turnover.penalty_accrued, Money::ZERO);
    }
}

/// Proves [`CL_7_5`](crate::law::CL_7_5).
#[test]
fn a_delay_costs_interest_and_penalty_by_the_day_and_is_paid_in_the_order_of_the_law() {
    let terms = terms();
    let row = terms.schedule.schedule().unwrap().rows[0];
    let on_time = fold(&terms, &[disbursed(&terms)], date(2026, 3, 2)).unwrap();
    assert_eq!((on_time.status, on_time.overdue_days), (Status::Active, 0));
    assert_eq!((on_time.debt.principal_due, on_time.debt.interest_due), (row.principal, row.interest));

    let events = [disbursed(&terms), paid(date(2026, 3, 12), 1, 7_300_000)];
    let late = fold(&terms, &events[..1], date(2026, 3, 12)).unwrap();
    check(&late, &terms);
    assert_eq!(
        (late.status, late.overdue_days, late.overdue_since),
        (Status::Overdue, 10, Some(date(2026, 3, 3)))
    );
    assert_eq!(late.debt.penalty, row.payment.mul_ratio(10 * 5_000, 1_000_000, Rounding::HalfEven));
    assert_eq!(late.debt.interest_accrued.tiyn(), 986_301, "10 days of 36 % on the whole million");

    let after = fold(&terms, &events, date(2026, 3, 12)).unwrap();
    check(&after, &terms);
    let taken = after.payments[0].allocation;
    assert_eq!(
        (taken.overdue_principal, taken.overdue_interest),
        (row.principal, Money::from_tiyn(7_300_000) - row.principal)
    );
    assert_eq!((taken.penalty, after.debt.penalty), (Money::ZERO, late.debt.penalty));
}

#[test]
fn after_ninety_overdue_days_nothing_is_added() {
    let mut terms = terms();
    let events = [disbursed(&terms)];
    let day_90 = fold(&terms, &events, date(2026, 5, 31)).unwrap();
    let day_500 = fold(&terms, &events, date(2027, 7, 15)).unwrap();
    check(&day_500, &terms);
    assert_eq!(day_90.overdue_days, 90);
    assert_eq!(day_90.turnover.interest_accrued, day_500.turnover.interest_accrued);
    assert_eq!(day_90.turnover.penalty_accrued, day_500.turnover.penalty_accrued);

    terms.kind = CreditKind::WhollyMortgaged;
    let day = |day: Date| fold(&terms, &events, day).unwrap().turnover;
    let (day_180, day_181) = (day(date(2026, 8, 29)), day(date(2026, 8, 30)));
    assert!(day_180.interest_accrued > day(date(2026, 8, 28)).interest_accrued);
    assert_eq!(day_181, day_180, "a mortgage stops after 180 days");

    terms.kind = CreditKind::WhollySecured;
    let day = |day: Date| fold(&terms, &events, day).unwrap().turnover;
    let (on_90, on_91) = (day(date(2026, 5, 31)), day(date(2026, 6, 1)));
    assert!(on_91.interest_accrued > on_90.interest_accrued);
    assert_eq!(day(date(2027, 2, 2)).penalty_accrued, Money::from_tenge(100_000), "10 % in the first year");
    assert!(day(date(2027, 2, 3)).penalty_accrued > Money::from_tenge(100_000), "the second has its own");
}

#[test]
fn after_ninety_days_a_penalty_runs_at_the_lower_rate() {
    let caps = RuleSet::by_id("2026-01-01").unwrap().penalty.value;
    let penalty = Penalty::new(caps, DailyRate::from_ppm(4_000), Money::from_tenge(1_000), date(2026, 1, 1));
    assert_eq!((penalty.rate_after(89).ppm(), penalty.rate_after(90).ppm()), (4_000, 300));
}

#[test]
fn early_repayment_keeps_the_term_or_the_installment_as_the_client_wished() {
    let terms = terms();
    let plan = terms.schedule.schedule().unwrap();
    let at = date(2026, 3, 20);
    let wish = |mode| happened(at, 1, Happening::EarlyRepaymentRequested { mode, amount: None });
    let events = |mode| {
        vec![
            disbursed(&terms),
            paid(date(2026, 3, 2), 1, plan.rows[0].payment.tiyn()),
            wish(mode),
            paid(at, 2, 40_000_000),
        ]
    };
    let shorter = fold(&terms, &events(EarlyRepayment::KeepInstallment), at).unwrap();
    let smaller = fold(&terms, &events(EarlyRepayment::KeepTerm), at).unwrap();
    for loan in [&shorter, &smaller] {
        check(loan, &terms);
        let early = loan.rows[1];
        assert_eq!((early.kind, early.payment()), (RowKind::EarlyRepayment, Money::from_tenge(400_000)));
        assert_eq!(loan.advance, Money::ZERO);
        assert_eq!(loan.rows[2].due_on, date(2026, 4, 2));
        assert!(loan.effective_rate().unwrap() < EffectiveRate::from_tenths(460));
    }
    assert_eq!(shorter.plan.regular, plan.regular);
    assert!(shorter.rows.len() < smaller.rows.len());
    assert_eq!(smaller.rows.len(), 13);
    assert!(smaller.plan.regular < plan.regular);
    assert_eq!(smaller.rows[12].number, 12);
}

#[test]
fn without_a_request_money_before_the_due_date_is_held_for_it() {
    let terms = terms();
    let row = terms.schedule.schedule().unwrap().rows[0];
    let events = [disbursed(&terms), paid(date(2026, 2, 10), 1, row.payment.tiyn() + 5)];
    let before = fold(&terms, &events, date(2026, 3, 1)).unwrap();
    assert_eq!(
        (before.advance, before.next_due.unwrap().to_bring),
        (row.payment + Money::from_tiyn(5), Money::ZERO)
    );
    let after = fold(&terms, &events, date(2026, 3, 2)).unwrap();
    check(&after, &terms);
    assert_eq!((after.advance.tiyn(), after.rows[0].paid_on), (5, Some(date(2026, 3, 2))));
}

#[test]
fn the_payoff_quoted_for_a_day_closes_the_loan_on_that_day() {
    let terms = terms();
    for on in [
        date(2026, 2, 2),
        date(2026, 2, 20),
        date(2026, 3, 2),
        date(2026, 4, 15),
        date(2026, 9, 1),
        date(2027, 6, 1),
    ] {
        let mut events = vec![disbursed(&terms)];
        let quote = quote_payoff(&terms, &events, on).unwrap();
        events.push(paid(on, 1, quote.to_bring.tiyn()));
        let loan = fold(&terms, &events, on).unwrap();
        check(&loan, &terms);
        assert_eq!((loan.status, loan.overpaid), (Status::Closed, Money::ZERO), "{on}");
        events[1] = paid(on, 1, quote.to_bring.tiyn() - 1);
        assert_ne!(fold(&terms, &events, on).unwrap().status, Status::Closed, "{on}");
    }
}

#[test]
fn a_payment_taken_back_was_never_there() {
    let terms = terms();
    let row = terms.schedule.schedule().unwrap().rows[0];
    let back = happened(date(2026, 4, 1), 9, Happening::RepaymentReversed { id: Uuid::from_u128(1) });
    let events = [disbursed(&terms), paid(row.due_on, 1, row.payment.tiyn()), back];
    let (before, after) =
        (fold(&terms, &events, date(2026, 3, 31)).unwrap(), fold(&terms, &events, date(2026, 4, 1)).unwrap());
    check(&after, &terms);
    assert_eq!((before.status, after.status, after.overdue_days), (Status::Active, Status::Overdue, 30));
    assert_eq!(after.turnover, fold(&terms, &events[..1], date(2026, 4, 1)).unwrap().turnover);
}

#[test]
fn interest_after_the_last_due_date_can_be_paid_and_the_loan_closes() {
    let mut terms = terms();
    (terms.schedule.installments, terms.schedule.rate) = (1, Rate::from_ppm(360_000));
    let mut events = vec![disbursed(&terms), paid(date(2026, 3, 22), 1, 103_000_000)];
    let loan = fold(&terms, &events, date(2026, 3, 25)).unwrap();
    check(&loan, &terms);
    assert_eq!(loan.status, Status::Overdue);
    events.push(paid(date(2026, 3, 25), 2, loan.payoff().to_bring.tiyn()));
    let loan = fold(&terms, &events, date(2026, 4, 25)).unwrap();
    check(&loan, &terms);
    assert_eq!((loan.status, loan.closed_on), (Status::Closed, Some(date(2026, 3, 25))));
}

#[test]
fn events_that_cannot_be_are_refused_by_number() {
    let terms = terms();
    let start = disbursed(&terms);
    let refused = |events: &[Event]| fold(&terms, events, date(2026, 6, 1)).unwrap_err();
    let back = |sequence| {
        happened(date(2026, 4, 1), sequence, Happening::RepaymentReversed { id: Uuid::from_u128(1) })
    };
    let payment = paid(date(2026, 3, 1), 1, 100);
    assert_eq!(refused(std::slice::from_ref(&payment)), FoldError::NotDisbursed(1));
    assert_eq!(
        refused(&[start.clone(), happened(date(2026, 2, 3), 7, start.what.clone())]),
        FoldError::DisbursedTwice(7)
    );
    assert_eq!(refused(&[start.clone(), back(2)]), FoldError::UnknownPayment(2));
    assert_eq!(refused(&[start.clone(), payment.clone(), back(2), back(3)]), FoldError::ReversedTwice(3));
    assert_eq!(
        refused(&[start.clone(), payment.clone(), happened(date(2026, 3, 5), 4, payment.what.clone())]),
        FoldError::SamePayment(4)
    );
    assert_eq!(refused(&[start.clone(), paid(date(2026, 3, 1), 1, 0)]), FoldError::Amount(1));
    assert_eq!(refused(&[start.clone(), paid(date(2026, 3, 1), 1, i64::MAX)]), FoldError::Amount(1));
    assert_eq!(refused(&[start.clone(), paid(date(2026, 2, 2), 0, 5)]), FoldError::SameSequence(0));
    assert_eq!(refused(&[start.clone(), paid(Date::MAX, 5, 5)]), FoldError::Date(5));
    assert_eq!(refused(&vec![start.clone(); 10_001]), FoldError::TooManyEvents);
    assert_eq!(fold(&terms, &[start], Date::MAX), Err(FoldError::AsOf));
}

#[test]
fn a_payout_a_day_late_costs_a_day_of_interest_less() {
    let terms = terms();
    let start = happened(date(2026, 2, 3), 0, Happening::Disbursed { amount: terms.schedule.principal });
    let loan = fold(&terms, &[start], date(2026, 2, 3)).unwrap();
    check(&loan, &terms);
    let agreed = terms.schedule.schedule().unwrap();
    assert!(loan.plan.totals.interest < agreed.totals.interest);
    assert_eq!(loan.rows[0].due_on, agreed.rows[0].due_on);
    let waiting = fold(&terms, &[], date(2026, 2, 3)).unwrap();
    assert_eq!(
        (waiting.status, waiting.debt.total(), waiting.rows.len()),
        (Status::AwaitingDisbursement, Money::ZERO, 12)
    );
}

#[test]
fn events_read_from_json_are_what_they_say() {
    let json = r#"{"on":"2026-03-01","sequence":4,"what":"early_repayment_requested","mode":"keep_term"}"#;
    let event: Event = serde_json::from_str(json).unwrap();
    let what = Happening::EarlyRepaymentRequested { mode: EarlyRepayment::KeepTerm, amount: None };
    assert_eq!(event, happened(date(2026, 3, 1), 4, what));
    assert!(
        serde_json::from_str::<AllocationOrder>(r#"["penalty","penalty","penalty","penalty","penalty"]"#)
            .is_err()
    );
}

/// A loan disbursed and paid by the plan up to May, with `what` on 10 May, as it stands on a later date.
fn after(what: Happening, as_of: Date) -> Loan {
    let terms = terms();
    let plan = terms.schedule.schedule().unwrap();
    let mut events = vec![disbursed(&terms)];
    for row in &plan.rows[..3] {
        events.push(paid(row.due_on, u128::from(row.number), row.payment.tiyn()));
    }
    events.push(happened(date(2026, 5, 10), 50, what));
    let loan = fold(&terms, &events, as_of).unwrap();
    check(&loan, &terms);
    loan
}

/// Proves [`CL_13_B`](crate::law::CL_13_B) and [`CL_13_C`](crate::law::CL_13_C).
#[test]
fn a_victim_of_fraud_owes_no_more_for_suspended_days_unless_the_suspension_was_wrong() {
    let terms = terms();
    let suspended = Happening::AccrualSuspended { until: None };
    let (then, later) =
        (after(suspended.clone(), date(2026, 5, 10)), after(suspended.clone(), date(2026, 8, 10)));
    assert!(then.accrual_suspended && later.accrual_suspended);
    assert_eq!(then.turnover.interest_accrued, later.turnover.interest_accrued);
    assert_eq!(later.turnover.penalty_accrued, Money::ZERO);

    let resumed = |interest| {
        let events = [
            disbursed(&terms),
            happened(date(2026, 2, 10), 1, suspended.clone()),
            happened(date(2026, 2, 20), 2, Happening::AccrualResumed { interest }),
        ];
        fold(&terms, &events, date(2026, 3, 1)).unwrap().debt.interest_accrued
    };
    let never = fold(&terms, &[disbursed(&terms)], date(2026, 3, 1)).unwrap().debt.interest_accrued;
    assert_eq!(resumed(GapInterest::Charged), never);
    let ten_days = Money::from_tenge(1_000_000).mul_ratio(36 * 10, 36_500, Rounding::HalfEven);
    assert!((never - resumed(GapInterest::Dropped) - ten_days).tiyn().abs() <= 1);
}

/// Proves [`CL_13_D`](crate::law::CL_13_D) and [`CL_13_E`](crate::law::CL_13_E).
#[test]
fn a_verdict_writes_off_all_and_returns_what_was_paid_and_a_claim_may_be_kept() {
    let terms = terms();
    let paid_so_far: Money = terms.schedule.schedule().unwrap().rows[..3].iter().map(|row| row.payment).sum();
    let verdict = |claim_kept| Happening::WrittenOff { by: WriteOff::Verdict, claim_kept };
    let loan = after(verdict(false), date(2026, 9, 1));
    assert_eq!((loan.status, loan.debt.total(), loan.claim), (Status::WrittenOff, Money::ZERO, Money::ZERO));
    assert_eq!((loan.overpaid, loan.overdue_days), (paid_so_far, 0), "all that was paid is returned");
    let kept = after(verdict(true), date(2026, 9, 1));
    assert!(kept.claim > Money::from_tenge(700_000) && kept.debt.total().is_zero());

    let uncollectible = Happening::WrittenOff { by: WriteOff::Uncollectible, claim_kept: true };
    let mut events = vec![disbursed(&terms), happened(date(2026, 5, 10), 1, uncollectible)];
    events.push(paid(date(2026, 6, 1), 2, 5_000_000));
    let loan = fold(&terms, &events, date(2026, 6, 1)).unwrap();
    check(&loan, &terms);
    assert_eq!(
        loan.turnover.claim_recovered,
        Money::from_tenge(50_000),
        "money on a kept claim is a recovery"
    );
    assert_eq!(loan.overpaid, Money::ZERO);
}

#[test]
fn a_sold_claim_owes_nothing_here_and_nothing_accrues_on_it() {
    let loan = after(Happening::Sold, date(2027, 1, 1));
    assert_eq!((loan.status, loan.debt.total()), (Status::Sold, Money::ZERO));
    assert_eq!(loan.turnover, after(Happening::Sold, date(2026, 5, 10)).turnover);
}

#[test]
fn a_lower_rate_lowers_the_coming_installments_and_the_effective_rate() {
    let before = terms().schedule.schedule().unwrap();
    let loan = after(Happening::RateChanged { rate: Rate::from_ppm(120_000) }, date(2026, 5, 10));
    assert!(loan.plan.regular < before.regular);
    assert!(loan.effective_rate().unwrap() < EffectiveRate::from_tenths(150));
    assert_eq!(loan.rows[2].payment(), before.rows[2].payment, "what was paid stays");
}

#[test]
fn a_restructured_credit_has_the_dates_and_the_grace_that_were_agreed() {
    let change = Rescheduling {
        due_on: Vec::new(),
        from: date(2026, 6, 2),
        next_due: Some(date(2026, 7, 15)),
        more_installments: 3,
        grace_on_principal: 2,
        grace_on_interest: 0,
        keep_installment: false,
    };
    let loan = after(Happening::Rescheduled(change), date(2026, 5, 11));
    let due: Vec<Date> = loan.rows[3..].iter().map(|row| row.due_on).collect();
    assert_eq!((due.len(), due[0], due[1]), (12, date(2026, 7, 15), date(2026, 8, 15)));
    assert_eq!((loan.rows[3].principal, loan.rows[4].principal), (Money::ZERO, Money::ZERO));
    assert!(loan.rows[3].interest.is_positive() && loan.rows[5].principal.is_positive());
}

#[test]
fn penalty_and_interest_given_up_are_owed_no_more_and_never_below_zero() {
    let terms = terms();
    let waived = |part| happened(date(2026, 4, 1), 5, Happening::Waived { part, amount: Money::MAX });
    let late = fold(&terms, &[disbursed(&terms)], date(2026, 4, 1)).unwrap();
    assert!(late.debt.penalty.is_positive() && late.debt.interest_overdue.is_positive());
    let events = [
        disbursed(&terms),
        waived(Waivable::Penalty),
        happened(date(2026, 4, 1), 6, waived(Waivable::Interest).what),
    ];
    let loan = fold(&terms, &events, date(2026, 4, 1)).unwrap();
    check(&loan, &terms);
    assert_eq!((loan.debt.penalty, loan.debt.interest_overdue), (Money::ZERO, Money::ZERO));
    assert_eq!(loan.debt.principal(), late.debt.principal());
}

#[test]
fn money_given_in_parts_bears_interest_from_the_day_of_each() {
    let mut terms = terms();
    terms.conduct.tranches = true;
    let half = Money::from_tenge(500_000);
    let events = [
        happened(date(2026, 2, 2), 0, Happening::Disbursed { amount: half }),
        happened(date(2026, 2, 16), 1, Happening::Disbursed { amount: half }),
    ];
    let loan = fold(&terms, &events, date(2026, 3, 2)).unwrap();
    check(&loan, &terms);
    let interest = half.mul_ratio(36 * (28 + 14), 36_500, Rounding::HalfEven);
    assert_eq!(loan.rows[0].interest, interest);
    let more = happened(date(2026, 3, 3), 2, Happening::Disbursed { amount: Money::TIYN });
    let refused = fold(&terms, &[events[0].clone(), events[1].clone(), more], date(2026, 3, 4));
    assert_eq!(refused, Err(FoldError::DisbursedAmount(2)), "never more than was agreed");
}

#[test]
fn an_overpayment_is_returned_once() {
    let terms = terms();
    let back = |tiyn| {
        let amount = Money::from_tiyn(tiyn);
        happened(date(2026, 2, 20), 9, Happening::OverpaymentReturned { amount })
    };
    let events = |tiyn| [disbursed(&terms), paid(date(2026, 2, 10), 1, 200_000_000), back(tiyn)];
    let owed = fold(&terms, &events(1)[..2], date(2026, 2, 20)).unwrap().overpaid;
    let loan = fold(&terms, &events(owed.tiyn()), date(2026, 2, 20)).unwrap();
    assert_eq!((loan.overpaid, loan.status), (Money::ZERO, Status::Closed));
    let refused = fold(&terms, &events(owed.tiyn() + 1), date(2026, 2, 20));
    assert_eq!(refused, Err(FoldError::ReturnedTooMuch(9)));
}

#[test]
fn money_that_came_after_the_first_due_date_moves_the_plan_by_whole_periods() {
    let terms = terms();
    let amount = terms.schedule.principal;
    let loan =
        fold(&terms, &[happened(date(2026, 3, 20), 0, Happening::Disbursed { amount })], date(2026, 3, 20));
    let loan = loan.unwrap();
    check(&loan, &terms);
    assert_eq!((loan.rows.len(), loan.rows[0].due_on), (12, date(2026, 4, 2)));
}

fn any_conduct() -> impl Strategy<Value = Conduct> {
    use prop::sample::select;
    let interest_on = select(vec![InterestOn::Balance, InterestOn::BalanceNotOverdue, InterestOn::Plan]);
    let deviation = select(vec![Deviation::Payment, Deviation::LastInstallment]);
    let early_money = select(vec![
        EarlyMoney::Hold,
        EarlyMoney::NextInstallment,
        EarlyMoney::LastInstallment,
        EarlyMoney::LowerInstallment,
    ]);
    let rounded = select(vec![Rounded::DueDates, Rounded::Changes]);
    let allocate_by = select(vec![AllocateBy::Component, AllocateBy::Installment]);
    let special = (interest_on, deviation, early_money, rounded, allocate_by, any::<bool>());
    let special =
        special.prop_map(|(interest_on, deviation, early_money, rounded, allocate_by, tranches)| Conduct {
            interest_on,
            deviation,
            early_money,
            rounded,
            allocate_by,
            tranches,
        });
    prop_oneof![1 => Just(Conduct::default()), 2 => special]
}

fn any_happening(at: i64, days: i64, tiyn: i64, kind: u8, terms: &LoanTerms) -> Vec<Event> {
    let on = terms.schedule.disbursed_on.saturating_add(days.days());
    let (id, amount) = (Uuid::from_u128(at.unsigned_abs().into()), Money::from_tiyn(tiyn));
    let later = on.saturating_add((1 + tiyn % 50).days());
    let what = match kind {
        0 => Happening::EarlyRepaymentRequested {
            mode: if tiyn % 2 == 0 { EarlyRepayment::KeepTerm } else { EarlyRepayment::KeepInstallment },
            amount: (tiyn % 3 == 0).then_some(amount),
        },
        1 => Happening::PenaltyCharged { amount },
        2 => Happening::Waived {
            part: if tiyn % 2 == 0 { Waivable::Interest } else { Waivable::Penalty },
            amount,
        },
        3 => Happening::RateChanged { rate: Rate::from_ppm(u32::try_from(tiyn % 500_000).unwrap()) },
        4 => Happening::Rescheduled(Rescheduling {
            due_on: Vec::new(),
            from: if tiyn % 2 == 0 { on } else { later },
            next_due: (tiyn % 3 == 0).then_some(later),
            more_installments: u16::try_from(tiyn % 4).unwrap(),
            grace_on_principal: u16::try_from(tiyn % 5 / 3).unwrap(),
            grace_on_interest: u16::try_from(tiyn % 7 / 5).unwrap(),
            keep_installment: tiyn % 11 < 5,
        }),
        5 => Happening::AccrualSuspended { until: (tiyn % 2 == 0).then_some(later) },
        6 => Happening::AccrualResumed {
            interest: if tiyn % 2 == 0 { GapInterest::Charged } else { GapInterest::Dropped },
        },
        7 if tiyn % 3 == 0 => Happening::WrittenOff {
            by: if tiyn % 2 == 0 { WriteOff::Verdict } else { WriteOff::Uncollectible },
            claim_kept: tiyn % 5 < 2,
        },
        7 if tiyn % 3 == 1 => Happening::Sold,
        8 if terms.conduct.tranches => Happening::Disbursed { amount: amount.min(terms.schedule.principal) },
        _ => Happening::Repaid { id, amount },
    };
    let mut events = vec![happened(on, 10 * at, what)];
    if kind == 9 {
        events.push(happened(later, 10 * at + 1, Happening::RepaymentReversed { id }));
    }
    events
}

pub(crate) fn any_life() -> impl Strategy<Value = (LoanTerms, Vec<Event>, Vec<usize>)> {
    let order = prop::sample::select(vec![[0, 1, 2, 3, 4], [2, 1, 0, 4, 3], [4, 3, 2, 1, 0]]);
    let happening = (0..900_i64, 1..60_000_000_i64, 0..20_u8);
    let schedule = crate::schedule::tests::any_terms();
    let loan = (schedule, prop::sample::select(CreditKind::ALL.to_vec()), 0..6_000_u32, order, any_conduct());
    (loan, prop::collection::vec(happening, 0..14)).prop_flat_map(
        |((schedule, kind, penalty, order, conduct), happenings)| {
            let components = AllocationOrder::LAW.components();
            let terms = LoanTerms {
                schedule,
                penalty: DailyRate::from_ppm(penalty),
                allocation: AllocationOrder::try_from(order.map(|at| components[at])).unwrap(),
                rule_set: "2026-01-01".into(),
                kind,
                days_off: DaysOff::Stay,
                conduct,
            };
            let mut given = disbursed(&terms);
            if conduct.tranches {
                let part = Money::from_tiyn(1 + terms.schedule.principal.tiyn() / 2);
                given.what = Happening::Disbursed { amount: part };
            }
            let mut events = vec![given];
            for (at, (day, tiyn, kind)) in (1_i64..).zip(happenings) {
                let mut with = events.clone();
                with.extend(any_happening(at, day, tiyn, kind, &terms));
                // As the caller does: what cannot be is refused before it is recorded.
                let last = terms.schedule.disbursed_on.saturating_add(1_500.days());
                if fold(&terms, &with, last).is_ok() {
                    events = with;
                }
            }
            let order = Just((0..events.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(terms), Just(events), order)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_life_of_a_loan_loses_a_tiyn_or_depends_on_the_order_of_arrival(
        (terms, events, order) in any_life(),
        days in prop::collection::vec(0..1_200_i64, 4),
    ) {
        let shuffled: Vec<Event> = order.iter().map(|at| events[*at].clone()).collect();
        let mut days = days;
        days.sort_unstable();
        let mut posted = Turnover::default();
        let mut before: Option<Loan> = None;
        for day in days {
            let on = terms.schedule.disbursed_on.saturating_add(day.days());
            let loan = fold(&terms, &events, on).unwrap();
            check(&loan, &terms);
            prop_assert_eq!(&loan, &fold(&terms, &shuffled, on).unwrap());
            for transfer in loan.turnover.since(&posted) {
                prop_assert!(posted.record(&transfer));
            }
            prop_assert_eq!(posted, loan.turnover);
            let quiet_since = |day: Date| !events.iter().any(|event| day < event.on && event.on <= on);
            if let Some(before) = before.filter(|before| quiet_since(before.as_of)) {
                let (then, now) = (before.turnover, loan.turnover);
                prop_assert!(then.interest_accrued <= now.interest_accrued);
                prop_assert!(then.penalty_accrued <= now.penalty_accrued);
                let over = matches!(before.status, Status::Closed | Status::WrittenOff | Status::Sold);
                if over || (before.accrual_suspended && loan.accrual_suspended) {
                    prop_assert_eq!(then.interest_accrued, now.interest_accrued, "nothing accrues now");
                    prop_assert_eq!(then.penalty_accrued, now.penalty_accrued);
                }
            }
            let payoff = loan.payoff();
            let lives = matches!(loan.status, Status::Active | Status::Overdue);
            if lives && payoff.to_bring.is_positive() && payoff.to_bring <= Money::MAX {
                let mut events = events.clone();
                events.retain(|event| event.on <= on);
                events.push(paid(on, 1_000_000, payoff.to_bring.tiyn()));
                let closed = fold(&terms, &events, on).unwrap();
                check(&closed, &terms);
                prop_assert_eq!((closed.status, closed.overpaid), (Status::Closed, loan.overpaid));
            }
            before = Some(loan);
        }
    }

    #[test]
    fn closing_two_days_apart_or_at_once_posts_the_same(
        terms in crate::schedule::tests::any_terms(),
        kind in prop::sample::select(CreditKind::ALL.to_vec()),
        first in 0..400_i64,
        second in 0..400_i64,
    ) {
        let terms = LoanTerms { schedule: terms, kind, ..self::terms() };
        let turnover = |days: i64| {
            fold(&terms, &[disbursed(&terms)], terms.schedule.disbursed_on.saturating_add(days.days())).unwrap().turnover
        };
        // F(d1,d3) = F(d1,d2) + F(d2,d3): what two days' closings post is what one closing posts.
        let (early, late) = (turnover(first), turnover(first + second));
        let mut posted = Turnover::default();
        for goal in [early, late] {
            for transfer in goal.since(&posted) {
                prop_assert!(!transfer.reversal, "a day without events takes nothing back: {:?}", transfer);
                prop_assert!(posted.record(&transfer));
            }
        }
        prop_assert_eq!(posted, late);
        // The same inside the fold: stopping on the way, here for a wish that moves no money, changes
        // nothing.
        let on = |days: i64| terms.schedule.disbursed_on.saturating_add(days.days());
        let wish = Happening::EarlyRepaymentRequested { mode: EarlyRepayment::KeepTerm, amount: None };
        let stopped = fold(&terms, &[disbursed(&terms), happened(on(first), 1, wish)], on(first + second)).unwrap();
        prop_assert_eq!(stopped.turnover, late);
    }
}

fn interest_first() -> AllocationOrder {
    use Component::{CurrentInterest, CurrentPrincipal, OverdueInterest, OverduePrincipal, Penalty};
    AllocationOrder::try_from([CurrentInterest, CurrentPrincipal, Penalty, OverdueInterest, OverduePrincipal])
        .unwrap()
}

#[test]
fn who_pays_all_there_is_closes_the_loan_though_installments_are_no_whole_units_of_interest() {
    let mut terms = terms();
    terms.schedule = Terms {
        principal: Money::from_tiyn(493_081_686),
        rate: Rate::from_ppm(10_000_000),
        installments: 33,
        period: Period::HalfMonths,
        disbursed_on: date(2024, 1, 8),
        first_due: date(2024, 1, 23),
        day_count: DayCount::ActualActualFebruary,
        options: Options {
            grace: Grace { principal: 2, interest: 2, interest_free: 2 },
            round_to: RoundTo { interest: Money::from_tenge(1), installment: Money::TIYN },
            ..Options::default()
        },
        ..terms.schedule
    };
    terms.allocation = interest_first();
    terms.kind = CreditKind::WhollySecured;
    terms.penalty = DailyRate::from_ppm(136);
    terms.conduct = Conduct {
        early_money: EarlyMoney::NextInstallment,
        deviation: Deviation::LastInstallment,
        ..Conduct::default()
    };
    for day in 60..140 {
        let on = terms.schedule.disbursed_on.saturating_add(day.days());
        let owed = fold(&terms, &[disbursed(&terms)], on).unwrap().payoff().to_bring;
        let closed = fold(&terms, &[disbursed(&terms), paid(on, 1, owed.tiyn())], on).unwrap();
        check(&closed, &terms);
        assert_eq!((closed.status, closed.overpaid), (Status::Closed, Money::ZERO), "on {on}");
    }
}

#[test]
fn an_installment_that_asks_for_interest_only_asks_for_the_principal_that_is_paid_on_it() {
    let mut terms = terms();
    terms.schedule = Terms {
        principal: Money::from_tiyn(100_000_000_000_000),
        rate: Rate::from_ppm(10_000_000),
        installments: 40,
        period: Period::Weeks(3),
        disbursed_on: date(2025, 9, 3),
        first_due: date(2025, 11, 3),
        day_count: DayCount::ActualActual,
        options: Options {
            round_to: RoundTo { interest: Money::TIYN, installment: Money::TIYN },
            ..Options::default()
        },
        ..terms.schedule
    };
    terms.allocation = interest_first();
    terms.conduct = Conduct {
        interest_on: InterestOn::Plan,
        early_money: EarlyMoney::LowerInstallment,
        deviation: Deviation::LastInstallment,
        ..Conduct::default()
    };
    let loan = fold(&terms, &[disbursed(&terms), paid(date(2025, 9, 25), 1, 46_969_235)], date(2025, 9, 25))
        .unwrap();
    check(&loan, &terms);
    assert_eq!(loan.rows[0].unpaid_principal(), Money::ZERO);
    assert_eq!(loan.rows[0].principal_paid, Money::from_tiyn(46_969_235));
}
