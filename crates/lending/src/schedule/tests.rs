use super::*;
use jiff::civil::date;
use proptest::prelude::*;

pub(crate) fn any_terms() -> impl Strategy<Value = Terms> {
    let principal = prop_oneof![1..1_000_i64, 100_000..1_000_000_000_i64, Just(Money::MAX.tiyn())];
    let rate = prop_oneof![Just(0), 1..460_000_u32, Just(Rate::MAX.ppm())];
    let method = prop::sample::select(vec![Method::Annuity, Method::Differentiated]);
    let period = prop_oneof![(1..=3_u16).prop_map(Period::Months), (1..=45_u16).prop_map(Period::Days)];
    let day_count = prop::sample::select(vec![
        DayCount::Actual365,
        DayCount::Actual360,
        DayCount::ActualActual,
        DayCount::Thirty360,
    ]);
    (principal, rate, method, 1..=40_u16, period, 0..1_500_i64, 1..70_i64, any::<bool>(), day_count).prop_map(
        |(principal, rate, method, installments, period, day, gap, usual, day_count)| {
            let disbursed_on = date(2024, 1, 1).saturating_add(Span::new().days(day));
            let first_due = if usual {
                period.first_due_after(disbursed_on)
            } else {
                disbursed_on.saturating_add(Span::new().days(gap))
            };
            Terms {
                principal: Money::from_tiyn(principal),
                rate: Rate::from_ppm(rate),
                method,
                installments,
                period,
                disbursed_on,
                first_due,
                day_count,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_plan_pays_back_exactly_what_was_lent_and_asks_nothing_negative(terms in any_terms()) {
        let schedule = terms.schedule().unwrap();
        prop_assert_eq!(schedule.rows.len(), usize::from(terms.installments));
        prop_assert_eq!(schedule.rows.iter().map(|row| row.principal).sum::<Money>(), terms.principal);
        prop_assert_eq!(schedule.rows.last().map(|row| row.balance_after), Some(Money::ZERO));
        let (mut balance, mut due) = (terms.principal, terms.disbursed_on);
        for row in &schedule.rows {
            balance -= row.principal;
            prop_assert!(!row.principal.is_negative() && !row.interest.is_negative());
            prop_assert_eq!((row.payment, row.balance_after), (row.principal + row.interest, balance));
            prop_assert!(row.due_on > due);
            due = row.due_on;
        }
    }
}

fn terms() -> Terms {
    Terms {
        principal: Money::from_tenge(1_000_000),
        rate: Rate::from_ppm(360_000),
        method: Method::Annuity,
        installments: 12,
        period: Period::Months(1),
        disbursed_on: date(2026, 2, 2),
        first_due: date(2026, 3, 2),
        day_count: DayCount::Actual365,
    }
}

#[test]
fn due_dates_are_cut_to_the_month_and_come_back_to_their_day() {
    let mut terms = terms();
    (terms.disbursed_on, terms.first_due, terms.installments) = (date(2026, 1, 31), date(2026, 2, 28), 3);
    let due: Vec<Date> = terms.due_dates().collect();
    assert_eq!(due, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]);
    terms.disbursed_on = date(2026, 1, 20);
    assert_eq!(
        terms.due_dates().last(),
        Some(date(2026, 4, 28)),
        "a first due date chosen freely is its own anchor"
    );
}

#[test]
fn terms_that_cannot_be_computed_name_the_field() {
    let with = |change: fn(&mut Terms)| {
        let mut terms = terms();
        change(&mut terms);
        terms.schedule().unwrap_err().field()
    };
    assert_eq!(with(|terms| terms.principal = Money::ZERO), "principal");
    assert_eq!(with(|terms| terms.principal = Money::from_tiyn(i64::MAX)), "principal");
    assert_eq!(with(|terms| terms.rate = Rate::from_ppm(u32::MAX)), "rate");
    assert_eq!(with(|terms| terms.installments = 601), "installments");
    assert_eq!(with(|terms| terms.installments = 0), "installments");
    assert_eq!(with(|terms| terms.period = Period::Months(0)), "period");
    assert_eq!(with(|terms| terms.period = Period::Days(u16::MAX)), "period");
    assert_eq!(with(|terms| terms.disbursed_on = Date::MIN), "disbursed_on");
    assert_eq!(with(|terms| terms.first_due = terms.disbursed_on), "first_due");
    assert_eq!(with(|terms| terms.first_due = Date::MAX), "installments");
}

#[test]
fn the_highest_rate_over_the_longest_term_is_still_a_plan() {
    let mut terms = terms();
    (terms.principal, terms.rate, terms.installments) = (Money::MAX, Rate::MAX, 600);
    let schedule = terms.schedule().unwrap();
    assert_eq!(schedule.totals.principal, Money::MAX);
}
