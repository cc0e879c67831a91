use super::*;
use crate::loan::Conduct;
use crate::loan::tests::{any_life, check, disbursed, paid, terms};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever happened to a loan before, what is agreed folds, keeps the books, and never costs more principal.
    #[test]
    fn an_amendment_of_any_life_keeps_the_books(
        (terms, events, _) in any_life(),
        days in 0..300_i64,
        (cut, more, principal, interest, later) in (0..400_000_u32, 0..5_u16, 0..3_u16, 0..3_u16, 0..80_i64),
        (interest_waived, penalty_waived) in (0..9_000_000_i64, 0..9_000_000_i64),
    ) {
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
