use super::*;
use jiff::ToSpan;

fn agreement<'a>(terms: &'a Terms, set: &'a RuleSet) -> Agreement<'a> {
    Agreement {
        offer: offer(terms),
        concluded_on: set.from,
        rule_set: set.id,
        online: true,
        payout: Payout::Client,
        lent_that_day: Money::ZERO,
        extras: Extras::default(),
    }
}

fn broken(agreement: &Agreement<'_>) -> Vec<&'static str> {
    codes(check_agreement(agreement).unwrap())
}

#[test]
fn an_agreement_names_the_set_of_its_day_and_no_other() {
    for (at, set) in RULE_SETS.iter().enumerate() {
        let terms = terms(Money::from_tenge(100_000), 60, set.from);
        for (other_at, other) in RULE_SETS.iter().enumerate() {
            let named = Agreement { rule_set: other.id, ..agreement(&terms, set) };
            let breaks = (at != other_at).then_some("rule_set_not_in_force");
            assert_eq!(broken(&named), breaks.as_slice(), "{} on {}", other.id, set.from);
        }
        let last = Agreement { concluded_on: set.until, ..agreement(&terms, set) };
        assert!(!broken(&last).contains(&"rule_set_not_in_force"), "{}", set.id);
    }
}

/// Found again years later, it is held against its own set: the index of its year, the caps of its day.
#[test]
fn an_old_agreement_keeps_its_set() {
    let set = RuleSet::by_id("2025-01-01").unwrap();
    let max = set.credit_max();
    let terms = terms(max, 365, set.from);
    assert!(broken(&agreement(&terms, set)).is_empty());
    assert_eq!(set.penalty.value.daily_max_later, DailyRate::from_ppm(300), "0.03 % after 90 days");
    assert_eq!(RULE_SETS[3].penalty.value.daily_max_later, DailyRate::from_ppm(0));
}

#[test]
fn an_agreement_without_rules_is_refused_with_its_field() {
    let set = &RULE_SETS[0];
    let terms = terms(Money::from_tenge(100_000), 60, set.from);
    let field = |change: fn(&mut Agreement<'_>)| {
        let mut agreement = agreement(&terms, set);
        change(&mut agreement);
        check_agreement(&agreement).unwrap_err().field()
    };
    assert_eq!(field(|agreement| agreement.concluded_on = date(2024, 12, 31)), "concluded_on");
    assert_eq!(field(|agreement| agreement.concluded_on = date(2027, 1, 1)), "concluded_on");
    assert_eq!(field(|agreement| agreement.rule_set = "2019-01-01"), "rule_set");
}

#[test]
fn the_money_of_a_credit_above_75_indexes_waits_a_day() {
    for set in &RULE_SETS {
        let (limit, pause) = (set.of_mci(75), set.cooling_off.is_some());
        let hours = if pause { 24 } else { 0 };
        assert_eq!((set.cooling_off_hours(limit), set.cooling_off_hours(tiyn_more(limit))), (0, hours));
        let too_soon = pause.then_some("cooling_off_too_short");

        let on = set.from;
        assert!(broken(&agreement(&terms(limit, 365, on), set)).is_empty(), "{}", set.id);
        let above = terms(tiyn_more(limit), 365, on);
        assert_eq!(broken(&agreement(&above, set)), too_soon.as_slice(), "{}", set.id);
        let next_day = terms(tiyn_more(limit), 365, on.saturating_add(1.day()));
        assert!(broken(&agreement(&next_day, set)).is_empty(), "{}", set.id);

        let small = terms(Money::from_tiyn(1), 365, on);
        let third_that_day = Agreement { lent_that_day: limit, ..agreement(&small, set) };
        assert_eq!(broken(&third_that_day), too_soon.as_slice(), "{}: summed over the day", set.id);
    }
}

#[test]
fn the_pause_spares_what_the_law_spares() {
    for set in &RULE_SETS {
        let amount = set.of_mci(1_000);
        let hours = if set.cooling_off.is_some() { 24 } else { 0 };
        let pause = |kind, online, payout| set.pause(kind, online, payout, amount);
        assert_eq!(pause(CreditKind::Unsecured, true, Payout::Client), hours, "{}", set.id);
        assert_eq!(pause(CreditKind::Unsecured, false, Payout::Client), 0, "in person");
        assert_eq!(pause(CreditKind::Unsecured, true, Payout::Merchant), 0);
        assert_eq!(pause(CreditKind::Unsecured, true, Payout::OwnDebt), 0);
        let dues = if set.id < "2026-03-18" { hours } else { 0 };
        assert_eq!(pause(CreditKind::Unsecured, true, Payout::PublicDues), dues, "{}", set.id);
        for kind in CreditKind::ALL.into_iter().skip(1) {
            assert_eq!(pause(kind, true, Payout::Client), 0, "{} {kind:?}", set.id);
        }
    }
}

#[test]
fn nothing_is_asked_for_beside_interest_and_penalty() {
    for set in &RULE_SETS {
        let terms = terms(Money::from_tenge(100_000), 60, set.from);
        let with = |extras| broken(&Agreement { extras, ..agreement(&terms, set) });
        let none = Extras::default();
        assert!(with(none).is_empty());
        assert_eq!(with(Extras { fees: Money::from_tiyn(1), ..none }), ["fee"], "{}", set.id);
        assert_eq!(with(Extras { early_repayment_fee_ppm: 1, ..none }), ["early_repayment_fee"]);
        assert_eq!(with(Extras { indexed: true, ..none }), ["indexation"], "{}", set.id);
    }
}

#[test]
fn what_a_client_was_lent_that_day_cannot_overflow_the_sum() {
    let set = &RULE_SETS[1];
    let terms = terms(Money::from_tenge(100_000), 60, set.from);
    let all = Agreement { lent_that_day: Money::from_tiyn(i64::MAX), ..agreement(&terms, set) };
    assert_eq!(broken(&all), ["cooling_off_too_short"]);
}
