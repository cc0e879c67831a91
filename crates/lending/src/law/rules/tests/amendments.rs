use super::*;
use jiff::ToSpan;

/// A year of 300 000 tenge, changed on the first day of `set` in nothing.
fn amendment(set: &RuleSet, by: By) -> Amendment {
    let agreed = Conditions {
        rate: Rate::from_ppm(360_000),
        effective_rate: EffectiveRate::from_tenths(426),
        penalty: DailyRate::from_ppm(3_000),
        method: Method::Annuity,
        last_due: date(2026, 11, 2),
    };
    Amendment {
        on: set.from,
        by,
        kind: CreditKind::Unsecured,
        issued: Money::from_tenge(300_000),
        disbursed_on: date(2025, 11, 3),
        day_count: DayCount::Actual365,
        before: agreed,
        after: agreed,
        capitalised: Capitalised::default(),
        relief: None,
        deferral: None,
        extras: Extras::default(),
    }
}

/// What a change breaks in every set: made by the organization alone, and agreed.
fn breaks(change: impl Fn(&mut Amendment)) -> [Vec<&'static str>; 2] {
    let in_set = |set| {
        [By::LenderAlone, By::Agreed].map(|by| {
            let mut amendment = amendment(set, by);
            change(&mut amendment);
            codes(check_amendment(&amendment).unwrap())
        })
    };
    let [first, rest @ ..] = RULE_SETS.each_ref().map(in_set);
    for other in rest {
        assert_eq!(first, other, "the same in every set");
    }
    first
}

const NOTHING: [&[&str]; 2] = [&[], &[]];

#[test]
fn the_rate_may_only_fall() {
    let to = |ppm| breaks(|change: &mut Amendment| change.after.rate = Rate::from_ppm(ppm));
    assert_eq!(to(360_000), NOTHING);
    assert_eq!(to(359_999), NOTHING);
    assert_eq!(to(360_001), [["rate_raised"], ["rate_raised"]]);
}

#[test]
fn the_organization_alone_changes_only_for_the_better() {
    let alone = |code| [vec![code], vec![]];
    assert_eq!(breaks(|change| change.after.method = Method::Differentiated), alone("method_changed_alone"));
    let due = |day| breaks(move |change| change.after.last_due = date(2026, 11, day));
    assert_eq!(due(3), alone("term_lengthened_alone"));
    assert_eq!(due(1), alone("changed_alone"));
    let penalty = |ppm| breaks(move |change| change.after.penalty = DailyRate::from_ppm(ppm));
    assert_eq!(penalty(2_999), NOTHING);
    assert_eq!(penalty(0), NOTHING);
    assert_eq!(penalty(3_001), alone("changed_alone"));
    let business = breaks(|change| {
        (change.kind, change.after.last_due) = (CreditKind::Business, date(2026, 11, 3));
    });
    assert_eq!(business, alone("changed_alone"), "the ban on longer terms is written for individuals");
}

#[test]
fn a_changed_penalty_comes_under_the_cap_of_that_day_and_an_unchanged_one_does_not() {
    let cap = "penalty_over_cap";
    assert_eq!(breaks(|change| change.after.penalty = DailyRate::from_ppm(5_000))[1], [""; 0]);
    assert_eq!(breaks(|change| change.after.penalty = DailyRate::from_ppm(5_001))[1], [cap]);
    let old = breaks(|change| {
        (change.before.penalty, change.after.penalty) =
            (DailyRate::from_ppm(9_000), DailyRate::from_ppm(9_000));
    });
    assert_eq!(old, NOTHING);
}

#[test]
fn the_effective_rate_computed_anew_comes_under_the_cap_of_that_day() {
    let to = |tenths| breaks(move |change| change.after.effective_rate = EffectiveRate::from_tenths(tenths));
    assert_eq!(to(460), NOTHING);
    assert_eq!(to(461), [["effective_rate_over_cap"], ["effective_rate_over_cap"]]);
}

#[test]
fn a_short_credit_made_longer_than_45_days_loses_its_cap() {
    for set in &RULE_SETS {
        let mut change = amendment(set, By::Agreed);
        (change.issued, change.disbursed_on) = (set.of_mci(45), set.from);
        (change.before.rate, change.before.effective_rate) =
            (Rate::from_ppm(1_000_000), EffectiveRate::from_tenths(1_700));
        change.before.last_due = set.from.saturating_add(30.days());
        let until = |days: i64| {
            let mut change = change.clone();
            change.after = Conditions { last_due: set.from.saturating_add(days.days()), ..change.before };
            codes(check_amendment(&change).unwrap())
        };
        assert!(until(45).is_empty(), "{}", set.id);
        assert_eq!(until(46), ["effective_rate_over_cap"], "{}", set.id);
    }
}

#[test]
fn fees_and_ties_do_not_come_in_by_an_amendment() {
    let all = Extras { fees: Money::from_tiyn(1), early_repayment_fee_ppm: 1, indexed: true };
    let codes = ["fee", "early_repayment_fee", "indexation"];
    assert_eq!(breaks(|change| change.extras = all), [codes, codes]);
}

#[test]
fn overdue_interest_added_to_principal_bears_no_interest() {
    let judge = |set, kind, tiyn, bears_interest| {
        let mut change = amendment(set, By::Agreed);
        (change.kind, change.capitalised) =
            (kind, Capitalised { amount: Money::from_tiyn(tiyn), bears_interest });
        codes(check_amendment(&change).unwrap())
    };
    let (banned, bears) = ("overdue_capitalised", "interest_on_capitalised");
    for set in &RULE_SETS {
        let old = set.id < "2026-03-18";
        assert!(judge(set, CreditKind::Unsecured, 0, true).is_empty());
        assert!(judge(set, CreditKind::Unsecured, 1, false).is_empty());
        assert_eq!(judge(set, CreditKind::Unsecured, 1, true), [bears], "{}", set.id);
        for kind in [CreditKind::Mortgage, CreditKind::WhollyMortgaged] {
            assert_eq!(judge(set, kind, 1, false), old.then_some(banned).as_slice(), "{}", set.id);
        }
        assert_eq!(
            judge(set, CreditKind::Business, 1, true),
            (!old).then_some(bears).as_slice(),
            "{}",
            set.id
        );
    }
    let alone = breaks(|change| change.capitalised.amount = Money::from_tiyn(1));
    assert_eq!(alone, [vec!["changed_alone"], vec![]]);
}

#[test]
fn a_relief_that_is_due_lasts_three_months_and_halves_the_payment() {
    let give = |months, tiyn| {
        breaks(move |change| {
            change.by = By::Agreed;
            let (payment_before, payment_after) = (Money::from_tenge(30_000), Money::from_tiyn(tiyn));
            change.relief = Some(Relief { months, payment_before, payment_after });
        })
    };
    let of = |codes: &[&'static str]| [codes.to_vec(), codes.to_vec()];
    assert_eq!(give(3, 1_500_000), of(&[]));
    assert_eq!(give(3, 0), of(&[]), "payments wait");
    assert_eq!(give(2, 1_500_000), of(&["relief_too_short"]));
    assert_eq!(give(3, 1_500_001), of(&["relief_too_small"]));
    assert_eq!(give(2, 4_000_000), of(&["relief_too_short", "relief_too_small"]));
    let (payment_before, payment_after) = (Money::from_tenge(30_000), Money::ZERO);
    let alone = breaks(|change| change.relief = Some(Relief { months: 3, payment_before, payment_after }));
    assert_eq!(alone, [vec!["changed_alone"], vec![]], "a relief is asked for");
}

#[test]
fn a_conscript_waits_for_the_service_and_sixty_days_without_interest() {
    let give = |until, interest_runs| {
        breaks(move |change| {
            change.after.last_due = date(2027, 11, 2);
            let service_ends = date(2026, 10, 1);
            change.deferral = Some(ConscriptDeferral { service_ends, until, interest_runs });
        })
    };
    let both = |code| [[code], [code]];
    assert_eq!(give(date(2026, 11, 30), false), NOTHING, "given by the organization alone, too");
    assert_eq!(give(date(2026, 11, 29), false), both("conscript_deferral_too_short"));
    assert_eq!(give(date(2026, 11, 30), true), both("conscript_deferral_interest"));
}

#[test]
fn a_change_on_a_day_without_rules_is_refused_with_the_field() {
    for on in [date(2024, 12, 31), date(2027, 1, 1)] {
        let change = Amendment { on, ..amendment(&RULE_SETS[0], By::Agreed) };
        assert_eq!(check_amendment(&change).unwrap_err().field(), "on");
    }
}
