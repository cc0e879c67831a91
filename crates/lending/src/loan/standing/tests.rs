use super::*;
use crate::loan::tests::any_life;
use crate::loan::{Status, fold};
use crate::rate::{DayCount, DayMeter};
use crate::schedule::Period;
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

/// Lines of any slope, among them penalties that reach their cap.
fn any_standing() -> impl Strategy<Value = Standing> {
    let interest = (1..Money::MAX.tiyn(), 0..10_000_000_u32, any::<u32>(), 0..1_000_000_i64);
    let penalty = (0..1_000_000_000_i64, 0..6_000_u32, 0..1_000_000_i64, 0..100_000_000_i64);
    let dates = (0..9_000_i64, 1..1_000_i64, 0..90_i64, 1..=31_i8);
    (prop::sample::select(DayCount::ALL.to_vec()), interest, penalty, dates).prop_map(
        |(
            count,
            (principal, ppm, before, rest),
            (overdue, daily, part, cap),
            (base, lasts, late, anchor),
        )| {
            let base = date(2020, 1, 1).saturating_add(base.days());
            let step = DayMeter::new(count, Period::Months(1), base, anchor).step_after(base);
            let interest = Exact::new(rest.into(), 1_000_000 * step.units_per_year);
            Standing {
                base,
                changes_on: base.saturating_add(lasts.days()).min(step.until),
                step,
                principal: Money::from_tiyn(principal),
                rate: Rate::from_ppm(ppm),
                interest_before: Money::from_tiyn(before.into()),
                interest,
                penalty_before: Money::from_tiyn(before.into()),
                penalty: Exact::new(part.into(), PENALTY_DENOMINATOR),
                overdue: Money::from_tiyn(overdue),
                penalty_rate: DailyRate::from_ppm(daily),
                penalty_cap: Money::from_tiyn(cap),
                overdue_since: Some(base.saturating_add((-late).days())),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn days_closed_one_by_one_or_at_once_accrue_the_same(
        standing in any_standing(),
        mut days in prop::array::uniform3(0..1_200_i64),
    ) {
        days.sort_unstable();
        let [first, second, third] = days.map(|days| standing.base.saturating_add(days.days()));
        let at_once = standing.between(first, third);
        prop_assert_eq!(at_once, standing.between(first, second) + standing.between(second, third));
        prop_assert!(!at_once.interest.is_negative() && !at_once.penalty.is_negative());
        prop_assert!(standing.accrued(third).penalty <= standing.penalty_before + standing.penalty_cap);
        prop_assert_eq!(standing.between(standing.last(), third.max(standing.last())), Accrued::default());
    }

    #[test]
    fn a_loan_closed_by_its_lines_owes_what_its_fold_says_on_every_day_until_they_change(
        (terms, events, _) in any_life(),
        from in 0..1_200_i64,
    ) {
        let on = terms.schedule.disbursed_on.saturating_add(from.days());
        let loan = fold(&terms, &events, on).unwrap();
        let lives = matches!(loan.status, Status::Active | Status::Overdue);
        prop_assert_eq!(loan.standing.is_some(), lives);
        let Some(standing) = loan.standing else { return Ok(()) };
        prop_assert_eq!(standing.base, on);
        let mut day = on;
        // A week from the start and a week to the end: what lies between is on the same line.
        while day <= standing.last() && day < on.saturating_add(500.days()) {
            let folded = fold(&terms, &events, day).unwrap();
            let accrued = standing.accrued(day);
            prop_assert_eq!(accrued.interest, folded.turnover.interest_accrued, "interest on {}", day);
            prop_assert_eq!(accrued.penalty, folded.turnover.penalty_accrued, "penalty on {}", day);
            prop_assert_eq!(standing.overdue_days(day), folded.overdue_days, "delay on {}", day);
            prop_assert_eq!(folded.status, loan.status);
            // Nothing else moves through the books meanwhile.
            let mut before = loan.turnover;
            before.interest_accrued = accrued.interest;
            before.penalty_accrued = accrued.penalty;
            prop_assert_eq!(before, folded.turnover);
            let last = standing.last();
            let near = day < on.saturating_add(7.days()) || day >= last.saturating_add((-7).days());
            day = if near { day.tomorrow().unwrap() } else { last.saturating_add((-7).days()).max(day.tomorrow().unwrap()) };
        }
    }
}
