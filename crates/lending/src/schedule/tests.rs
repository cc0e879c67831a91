use super::*;
use crate::calendar::Calendar;
use crate::rate::{DayCount, Rate};
use jiff::Span;
use jiff::civil::date;
use proptest::prelude::*;

fn any_options() -> impl Strategy<Value = Options> {
    let unit = prop::sample::select(vec![1_i64, 100, 10_000]);
    let grace = (0..3_u16, 0..3_u16, 0..3_u16);
    let special = (grace, unit.clone(), unit, any::<bool>(), 0..400_000_u32, prop::bool::weighted(0.2));
    let special =
        special.prop_map(|((principal, interest, interest_free), whole, part, flat, down, pays_down)| {
            Options {
                grace: Grace { principal, interest, interest_free },
                round_to: RoundTo { interest: Money::from_tiyn(part), installment: Money::from_tiyn(whole) },
                interest: if flat { InterestMethod::Flat } else { InterestMethod::Declining },
                down_payment_ppm: if pays_down { down } else { 0 },
                ..Options::default()
            }
        });
    prop_oneof![2 => Just(Options::default()), 1 => special]
}

pub(crate) fn any_terms() -> impl Strategy<Value = Terms> {
    let principal = prop_oneof![1..1_000_i64, 100_000..1_000_000_000_i64, Just(Money::MAX.tiyn())];
    let rate = prop_oneof![Just(0), 1..460_000_u32, Just(Rate::MAX.ppm())];
    let method = prop::sample::select(Method::ALL.to_vec());
    let period = prop_oneof![
        (1..=3_u16).prop_map(Period::Months),
        Just(Period::HalfMonths),
        (1..=3_u16).prop_map(Period::Weeks),
        (1..=45_u16).prop_map(Period::Days),
    ];
    let dates = (0..1_500_i64, 1..70_i64, any::<bool>());
    let day_count = prop::sample::select(DayCount::ALL.to_vec());
    (principal, rate, method, 1..=40_u16, period, dates, day_count, any_options()).prop_map(
        |(principal, rate, method, installments, period, (day, gap, usual), day_count, mut options)| {
            let disbursed_on = date(2024, 1, 1).saturating_add(Span::new().days(day));
            let first_due = if usual {
                period.first_due_after(disbursed_on)
            } else {
                disbursed_on.saturating_add(Span::new().days(gap))
            };
            if installments < 3 {
                options.grace = Grace::default();
            }
            if method == Method::Shares {
                let share = 1_000_000 / u32::from(installments);
                options.shares_ppm = vec![share; usize::from(installments)];
                options.shares_ppm[0] += 1_000_000 - share * u32::from(installments);
            }
            Terms {
                principal: Money::from_tiyn(principal),
                rate: Rate::from_ppm(rate),
                method,
                installments,
                period,
                disbursed_on,
                first_due,
                day_count,
                options,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_plan_pays_back_exactly_what_was_lent_and_asks_nothing_negative(terms in any_terms()) {
        let schedule = terms.schedule().unwrap();
        let down_payment = terms.options.down_payment_ppm > 0;
        prop_assert_eq!(schedule.rows.len(), usize::from(terms.installments) + usize::from(down_payment));
        prop_assert_eq!(schedule.rows.iter().map(|row| row.principal).sum::<Money>(), terms.principal);
        prop_assert_eq!(schedule.rows.last().map(|row| row.balance_after), Some(Money::ZERO));
        let (mut balance, mut due) = (terms.principal, terms.disbursed_on);
        for row in &schedule.rows {
            balance -= row.principal;
            prop_assert!(!row.principal.is_negative() && !row.interest.is_negative());
            prop_assert_eq!((row.payment, row.balance_after), (row.principal + row.interest, balance));
            prop_assert!(row.due_on > due || (down_payment && row.number == 1));
            due = row.due_on;
        }
        let read: Terms = serde_json::from_str(&serde_json::to_string(&terms).unwrap()).unwrap();
        prop_assert_eq!(read, terms);
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
        options: Options::default(),
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

fn plan(change: impl FnOnce(&mut Terms)) -> Schedule {
    let mut terms = terms();
    change(&mut terms);
    terms.schedule().unwrap()
}

#[test]
fn due_dates_twice_a_month_keep_their_two_days() {
    let due = |on: Date| {
        let mut terms = terms();
        (terms.period, terms.installments, terms.disbursed_on) = (Period::HalfMonths, 4, on);
        terms.first_due = terms.period.first_due_after(on);
        terms.due_dates().collect::<Vec<_>>()
    };
    let on = |month, day| date(2026, month, day);
    assert_eq!(due(on(1, 1)), [on(1, 16), on(2, 1), on(2, 16), on(3, 1)]);
    assert_eq!(due(on(1, 15)), [on(1, 30), on(2, 15), on(2, 28), on(3, 15)]);
    assert_eq!(due(on(1, 31)), [on(2, 15), on(2, 28), on(3, 15), on(3, 30)]);
}

#[test]
fn a_due_date_on_a_day_off_moves_to_the_next_working_day_and_pulls_no_other_with_it() {
    let calendar = Calendar::kazakhstan();
    let agreed = terms().with_days_off(DaysOff::Forward, &calendar).unwrap();
    let due: Vec<Date> = agreed.due_dates().collect();
    assert_eq!((due[1], due[2]), (date(2026, 4, 2), date(2026, 5, 4)), "2 May 2026 is a Saturday");
    assert_eq!(due[3], date(2026, 6, 2));
    assert!(due.iter().all(|due| calendar.is_working(*due)));
    let (moved, stayed) = (agreed.schedule().unwrap(), terms().schedule().unwrap());
    assert_eq!((moved.rows[2].days, moved.rows[3].days), (32, 29), "interest runs to the day it is due");
    assert!(moved.rows[2].interest > stayed.rows[2].interest);
    let mut daily = terms();
    (daily.period, daily.first_due) = (Period::Days(1), date(2026, 2, 6));
    assert_eq!(daily.with_days_off(DaysOff::Forward, &calendar), Err(TermsError::DueOn));
}

#[test]
fn a_bullet_pays_interest_on_each_date_and_principal_on_the_last() {
    let schedule = plan(|terms| terms.method = Method::Bullet);
    let (last, before) = schedule.rows.split_last().unwrap();
    assert!(before.iter().all(|row| row.principal.is_zero() && row.interest.is_positive()));
    assert_eq!(last.principal, Money::from_tenge(1_000_000));
}

#[test]
fn an_organizations_own_shares_are_paid_as_given() {
    let schedule = plan(|terms| {
        (terms.method, terms.installments) = (Method::Shares, 3);
        terms.options.shares_ppm = vec![500_000, 333_333, 166_667];
    });
    let principals: Vec<i64> = schedule.rows.iter().map(|row| row.principal.tiyn()).collect();
    assert_eq!(principals, [50_000_000, 33_333_300, 16_666_700]);
}

#[test]
fn grace_puts_off_principal_or_interest_and_forgives_only_what_is_free() {
    let schedule = plan(|terms| terms.options.grace = Grace { principal: 2, interest: 0, interest_free: 1 });
    let rows = &schedule.rows;
    assert_eq!((rows[0].payment, rows[1].principal), (Money::ZERO, Money::ZERO));
    assert_eq!(rows[1].interest.tiyn(), 3_057_534, "31 days of a million at 36 %");
    assert!(rows[2].principal.is_positive());

    let (put_off, plain) = (plan(|terms| terms.options.grace.interest = 2), plan(|_| {}));
    assert_eq!((put_off.rows[0].interest, put_off.rows[1].interest), (Money::ZERO, Money::ZERO));
    assert!(put_off.rows[2].interest > plain.rows[0].interest + plain.rows[1].interest);
}

#[test]
fn figures_are_rounded_to_the_agreed_unit_and_the_last_installment_takes_the_rest() {
    let schedule = plan(|terms| {
        terms.options.round_to =
            RoundTo { interest: Money::from_tenge(1), installment: Money::from_tenge(100) };
    });
    let (_, before) = schedule.rows.split_last().unwrap();
    assert!(before.iter().all(|row| row.payment.tiyn() % 10_000 == 0 && row.interest.tiyn() % 100 == 0));
}

#[test]
fn options_that_make_no_sense_name_the_field() {
    let with = |change: fn(&mut Options)| {
        let mut terms = terms();
        change(&mut terms.options);
        terms.schedule().unwrap_err().field()
    };
    assert_eq!(with(|options| options.grace.principal = 12), "options.grace");
    assert_eq!(with(|options| options.grace.interest = u16::MAX), "options.grace");
    assert_eq!(with(|options| options.round_to.interest = Money::ZERO), "options.round_to");
    assert_eq!(with(|options| options.round_to.installment = Money::MAX), "options.round_to");
    assert_eq!(with(|options| options.shares_ppm = vec![1_000_000]), "options.shares_ppm");
    assert_eq!(with(|options| options.due_on = vec![date(2026, 3, 2)]), "options.due_on");
    assert_eq!(with(|options| options.down_payment_ppm = 1_000_000), "options.down_payment_ppm");
}
