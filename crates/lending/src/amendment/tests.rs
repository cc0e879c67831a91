use super::*;
use crate::loan::Conduct;
use crate::loan::tests::{any_life, check, disbursed, paid, terms};
use crate::schedule::DaysOff;
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

const ON: Date = date(2026, 5, 12);

/// Two installments paid, the third late since 2 May.
fn late() -> (LoanTerms, Vec<Event>) {
    let terms = terms();
    let plan = terms.schedule.schedule().unwrap();
    let paid_of = |at: usize| paid(plan.rows[at].due_on, at as u128 + 1, plan.rows[at].payment.tiyn());
    (terms.clone(), vec![disbursed(&terms), paid_of(0), paid_of(1)])
}

fn amended(proposal: &Proposal) -> Amended {
    let (terms, events) = late();
    amend(&terms, &events, ON, proposal).unwrap()
}

fn refused(proposal: &Proposal) -> AmendmentError {
    let (terms, events) = late();
    amend(&terms, &events, ON, proposal).unwrap_err()
}

/// Proves [`CL_9_A`](crate::law::CL_9_A).
#[test]
fn a_client_in_delay_sees_what_each_part_of_a_proposal_comes_to() {
    let rate = Some(Rate::from_ppm(240_000));
    let cheaper = amended(&Proposal { rate, ..Proposal::default() });
    assert_eq!(cheaper.effects, [Happening::RateChanged { rate: Rate::from_ppm(240_000) }]);
    assert!(cheaper.after.to_pay() < cheaper.before.to_pay());
    assert!(cheaper.after.effective_rate < cheaper.before.effective_rate);
    assert_eq!(cheaper.after.due(), cheaper.before.due(), "what is overdue stays");

    let longer = amended(&Proposal {
        next_due: Some(date(2026, 7, 15)),
        more_installments: 6,
        grace_on_principal: 2,
        ..Proposal::default()
    });
    let (before, after): (Vec<_>, Vec<_>) =
        (longer.before.coming().collect(), longer.after.coming().collect());
    assert_eq!((before.len(), after.len()), (9, 15));
    assert_eq!((before[0].due_on, after[0].due_on), (date(2026, 6, 2), date(2026, 7, 15)));
    assert!(after[0].principal.is_zero() && after[1].principal.is_zero() && !after[2].principal.is_zero());
    assert!(longer.after.to_pay() > longer.before.to_pay(), "time costs interest, and the client sees it");
    let principal = |rows: &[&LoanRow]| -> Money { rows.iter().map(|row| row.principal).sum() };
    assert_eq!(principal(&before), principal(&after));

    let forgiven = amended(&Proposal {
        penalty_waived: Money::MAX,
        interest_waived: Money::from_tiyn(5),
        ..Proposal::default()
    });
    let penalty = forgiven.before.loan.debt.penalty;
    assert!(penalty.is_positive());
    assert_eq!(
        (forgiven.waived(Waivable::Penalty), forgiven.after.loan.debt.penalty),
        (penalty, Money::ZERO)
    );
    assert_eq!(forgiven.before.to_pay() - forgiven.after.to_pay(), penalty + Money::from_tiyn(5));
}

#[test]
fn a_proposal_that_cannot_be_is_refused_by_its_own_reason() {
    let nothing = Proposal::default();
    assert_eq!(refused(&nothing), AmendmentError::NothingChanges);
    for (rate, why) in [(360_000, AmendmentError::RateNotLower), (400_000, AmendmentError::RateNotLower)] {
        assert_eq!(refused(&Proposal { rate: Some(Rate::from_ppm(rate)), ..nothing }), why);
    }
    for day in [ON, date(2026, 5, 1), date(2027, 5, 14)] {
        assert_eq!(refused(&Proposal { next_due: Some(day), ..nothing }), AmendmentError::NextDue, "{day}");
    }
    assert_eq!(refused(&Proposal { grace_on_principal: 9, ..nothing }), AmendmentError::Installments);
    assert_eq!(refused(&Proposal { more_installments: 121, ..nothing }), AmendmentError::Installments);
    let below = Proposal { penalty_waived: Money::from_tiyn(-1), ..nothing };
    assert_eq!(refused(&below), AmendmentError::Amount);

    let (terms, events) = late();
    let more = Proposal { more_installments: 1, ..nothing };
    let matured = amend(&terms, &events, date(2026, 12, 31), &more).map(|amended| amended.after.last_due());
    assert_eq!(matured, Ok(Some(date(2027, 3, 2))), "a year of delay still has installments to come");
    let rules = amend(&terms, &events, date(2031, 1, 1), &more).unwrap_err();
    assert!(matches!(rules, AmendmentError::NoRules(_)), "{rules}");
    assert_eq!(amend(&terms, &[], ON, &more), Err(AmendmentError::NotLiving), "no money was given yet");
}

#[test]
fn the_same_proposal_is_another_paper_after_a_payment_or_a_night() {
    let (terms, mut events) = late();
    let proposal = Proposal { penalty_waived: Money::MAX, ..Proposal::default() };
    let today = amend(&terms, &events, ON, &proposal).unwrap();
    let tomorrow = amend(&terms, &events, ON.tomorrow().unwrap(), &proposal).unwrap();
    assert!(today.effects != tomorrow.effects);
    events.push(paid(ON, 9, 20_000_000));
    assert_eq!(amend(&terms, &events, ON, &proposal), Err(AmendmentError::NothingChanges), "it is paid");
}

/// So many monthly installments, of which the first are paid, and an agreement that moves due dates from days off.
fn unpaid(installments: u16, from: usize) -> (LoanTerms, Vec<Event>) {
    let mut terms = terms();
    terms.schedule.installments = installments;
    terms.days_off = DaysOff::Forward;
    terms.schedule = terms.schedule.with_days_off(DaysOff::Forward, &Calendar::kazakhstan()).unwrap();
    let plan = terms.schedule.schedule().unwrap();
    let paid_of = |at: usize| paid(plan.rows[at].due_on, at as u128 + 1, plan.rows[at].payment.tiyn());
    let mut events = vec![disbursed(&terms)];
    events.extend((0..from).map(paid_of));
    (terms, events)
}

/// Proves [`CL_8_3`](crate::law::CL_8_3): overdue principal bears interest, and is lent as well.
#[test]
fn a_long_delay_does_not_make_a_falling_rate_look_unlawful() {
    let (terms, events) = unpaid(12, 7);
    let on = date(2026, 12, 27);
    let lower = |ppm| Proposal { rate: Some(Rate::from_ppm(ppm)), ..Proposal::default() };
    let amended = amend(&terms, &events, on, &lower(300_000)).unwrap();
    assert_eq!(amended.before.loan.overdue_days, 86, "almost three installments");
    let (before, after) = (amended.before.effective_rate.tenths(), amended.after.effective_rate.tenths());
    assert!(before > 425 && after < 350 && after > 330, "{before} {after}");
    for day in 0..80 {
        let on = date(2026, 10, 5).saturating_add(day.days());
        let barely = amend(&terms, &events, on, &lower(359_999)).unwrap();
        let moved = i64::from(barely.after.effective_rate.tenths()) - i64::from(before);
        assert!((-15..=5).contains(&moved), "{on}: {moved}");
    }
}

/// Proves [`CL_8_3`](crate::law::CL_8_3): what is told is what closes the loan.
#[test]
fn after_the_last_due_date_what_is_to_be_paid_is_all_that_is_owed() {
    let (terms, events) = unpaid(6, 5);
    let on = date(2026, 9, 4);
    let proposal = Proposal {
        penalty_waived: Money::MAX,
        interest_waived: Money::from_tenge(100),
        ..Proposal::default()
    };
    let amended = amend(&terms, &events, on, &proposal).unwrap();
    for side in [&amended.before, &amended.after] {
        assert!(side.loan.debt.interest_accrued.is_positive(), "interest runs on");
        assert_eq!(side.to_pay(), side.loan.debt.total());
        assert_eq!(side.due(), side.loan.debt.total() - side.loan.debt.penalty);
    }
    assert_eq!(amended.before.due() - amended.after.due(), Money::from_tenge(100));
    let mut paid_off = events;
    paid_off.extend((1..).zip(amended.effects.clone()).map(|(sequence, what)| Event { on, sequence, what }));
    paid_off.push(paid(on, 99, amended.after.to_pay().tiyn()));
    assert_eq!(fold(&terms, &paid_off, on).unwrap().closed_on, Some(on));
}

/// Proves [`CL_7_3`](crate::law::CL_7_3): the agreement's promise of working days holds for what is agreed later.
#[test]
fn due_dates_that_an_amendment_makes_are_working_days_and_skip_no_month() {
    let calendar = Calendar::kazakhstan();
    let months =
        |dates: &[Date]| -> Vec<(i16, i8)> { dates.iter().map(|day| (day.year(), day.month())).collect() };
    let dates = |amended: &Amended| -> Vec<Date> { amended.after.coming().map(|row| row.due_on).collect() };

    // The last due date of the agreement, 31 January 2027, is a Sunday: it was moved into February, and has its own.
    let mut end_of_month = terms();
    end_of_month.days_off = DaysOff::Forward;
    end_of_month.schedule.disbursed_on = date(2026, 1, 31);
    end_of_month.schedule.first_due = date(2026, 2, 28);
    end_of_month.schedule = end_of_month.schedule.with_days_off(DaysOff::Forward, &calendar).unwrap();
    let events = vec![disbursed(&end_of_month)];
    let on = date(2026, 2, 10);
    let more = Proposal { more_installments: 8, ..Proposal::default() };
    let longer = amend(&end_of_month, &events, on, &more).unwrap();
    let all = dates(&longer);
    assert_eq!(all[11], date(2027, 2, 1));
    assert_eq!(all[12], date(2027, 3, 1), "the last of February is a Sunday, too");
    assert_eq!(&all[13..15], [date(2027, 3, 31), date(2027, 4, 30)]);

    let (terms, events) = unpaid(12, 2);
    let later = Proposal { next_due: Some(date(2026, 7, 18)), more_installments: 14, ..Proposal::default() };
    let moved = amend(&terms, &events, ON, &later).unwrap();
    let all = dates(&moved);
    assert_eq!(all[0], date(2026, 7, 20), "the 18th is a Saturday");
    assert!(all.iter().all(|day| calendar.is_working(*day)), "{all:?}");
    let next: Vec<(i16, i8)> = (0..i32::try_from(all.len()).unwrap())
        .map(|count| date(2026, 7, 1).saturating_add(count.months()))
        .map(|day| (day.year(), day.month()))
        .collect();
    assert_eq!(months(&all), next, "one in each month");

    // Another amendment counts from the day that this one named.
    let mut events = events;
    events.extend((70..).zip(moved.effects.clone()).map(|(sequence, what)| Event { on: ON, sequence, what }));
    let again =
        amend(&terms, &events, date(2026, 6, 1), &Proposal { more_installments: 1, ..Proposal::default() })
            .unwrap();
    let once_more = dates(&again);
    assert_eq!(once_more[..all.len()], all[..], "those that were agreed on stay");
    let last = once_more[all.len()];
    assert!((18..22).contains(&last.day()) && calendar.is_working(last), "{last}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever happened to a loan before, what is agreed folds, keeps the books, and never costs more principal.
    #[test]
    fn an_amendment_of_any_life_keeps_the_books(
        (terms, events, _) in any_life(),
        days in 0..300_i64,
        (cut, more, principal, interest, later) in (0..400_000_u32, 0..5_u16, 0..3_u16, 0..3_u16, 0..80_i64),
        (interest_waived, penalty_waived) in (0..9_000_000_i64, 0..9_000_000_i64),
        forward in any::<bool>(),
    ) {
        let terms = LoanTerms { days_off: if forward { DaysOff::Forward } else { DaysOff::Stay }, ..terms };
        let on = terms.schedule.disbursed_on.saturating_add(days.days());
        let Ok(now) = fold(&terms, &events, on) else { return Ok(()) };
        let proposal = Proposal {
            rate: now.rate.ppm().checked_sub(cut).filter(|_| cut > 0).map(Rate::from_ppm),
            next_due: (later > 0).then(|| on.saturating_add(later.days())),
            more_installments: more,
            grace_on_principal: principal,
            grace_on_interest: interest,
            interest_waived: Money::from_tiyn(interest_waived),
            penalty_waived: Money::from_tiyn(penalty_waived),
        };
        let Ok(amended) = amend(&terms, &events, on, &proposal) else { return Ok(()) };
        check(&amended.after.loan, &terms);
        let changed_later = |event: &Event| event.on > on && matches!(event.what, Happening::Rescheduled(_));
        let known = now.rows.iter().map(|row| row.number).max().unwrap_or_default();
        let mut added = amended.after.coming().filter(|row| row.number > known);
        let calendar = Calendar::kazakhstan();
        prop_assert!(
            !forward || events.iter().any(changed_later) || added.all(|row| calendar.is_working(row.due_on)),
            "due on a day off"
        );
        prop_assert_eq!(amended.before.loan.debt.principal(), amended.after.loan.debt.principal());
        if terms.conduct != Conduct::default() {
            return Ok(()); // Interest that follows a plan is that of the new plan.
        }
        let debts = amended.before.loan.debt.total() - amended.after.loan.debt.total();
        prop_assert_eq!(debts, amended.waived(Waivable::Interest) + amended.waived(Waivable::Penalty));
        let due = amended.before.due() - amended.after.due();
        prop_assert_eq!(due, amended.waived(Waivable::Interest), "what is due only falls by what is given up");
    }
}
