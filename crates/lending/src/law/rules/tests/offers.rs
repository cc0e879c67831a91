use super::*;
use crate::product::ProductFault;
use proptest::prelude::*;

/// What an offer of `principal` over `days` breaks, after a change.
fn broken(
    set: &RuleSet,
    principal: Money,
    days: u16,
    change: impl Fn(&mut Terms, &mut EffectiveRate, &mut DailyRate, &mut CreditKind),
) -> Vec<&'static str> {
    let mut terms = terms(principal, days, set.from);
    let (mut effective, mut penalty, mut kind) =
        (EffectiveRate::from_tenths(460), DailyRate::from_ppm(5_000), CreditKind::Unsecured);
    change(&mut terms, &mut effective, &mut penalty, &mut kind);
    codes(set.check_offer(&Offer { kind, terms: &terms, effective_rate: effective, penalty }))
}

#[test]
fn a_credit_may_be_as_large_as_20_000_indexes_and_no_tiyn_larger() {
    for set in &RULE_SETS {
        let max = set.credit_max();
        assert!(broken(set, max, 365, |_, _, _, _| {}).is_empty(), "{}", set.id);
        assert_eq!(broken(set, tiyn_more(max), 365, |_, _, _, _| {}), ["amount_over_limit"], "{}", set.id);
    }
}

#[test]
fn the_effective_rate_may_reach_46_percent_and_no_tenth_more() {
    let cap = ["effective_rate_over_cap"];
    let amount = Money::from_tenge(300_000);
    for set in &RULE_SETS {
        for (tenths, breaks) in [(460, &[][..]), (461, &cap[..])] {
            let set_rate = |_: &mut Terms, rate: &mut EffectiveRate, _: &mut _, _: &mut CreditKind| {
                *rate = EffectiveRate::from_tenths(tenths);
            };
            assert_eq!(broken(set, amount, 365, set_rate), breaks, "{}", set.id);
        }
    }
}

#[test]
fn a_short_small_credit_has_caps_of_its_own_up_to_45_days_and_45_indexes() {
    let daily = ["daily_rate_over_cap"];
    let cap = ["effective_rate_over_cap"];
    for set in &RULE_SETS {
        let small = set.of_mci(45);
        let at = |tenths: u32, ppm: u32, count: DayCount| {
            move |terms: &mut Terms, rate: &mut EffectiveRate, _: &mut DailyRate, _: &mut CreditKind| {
                (terms.rate, terms.day_count) = (Rate::from_ppm(ppm), count);
                *rate = EffectiveRate::from_tenths(tenths);
            }
        };
        let below = 365 * 3_000 - 1;
        let year = DayCount::Actual365;
        assert!(broken(set, small, 45, at(1_790, below, year)).is_empty(), "{}", set.id);
        assert_eq!(broken(set, small, 45, at(1_791, below, year)), cap, "{}", set.id);
        assert_eq!(broken(set, small, 45, at(1_790, below + 1, year)), daily, "0.3 % is not below 0.3 %");
        assert_eq!(broken(set, small, 46, at(1_790, below, year)), cap, "a day too long");
        assert_eq!(broken(set, tiyn_more(small), 45, at(1_790, below, year)), cap, "a tiyn too much");
        let below = 360 * 3_000 - 1;
        for count in [DayCount::Actual360, DayCount::Thirty360] {
            assert!(broken(set, small, 45, at(1_790, below, count)).is_empty(), "{}", set.id);
            assert_eq!(broken(set, small, 45, at(1_790, below + 1, count)), daily, "days of a year of 360");
        }
    }
}

#[test]
fn the_penalty_of_an_individual_may_be_half_a_percent_a_day_and_a_millionth_more_not() {
    for set in &RULE_SETS {
        for kind in CreditKind::ALL {
            for (ppm, over) in [(5_000, false), (5_001, true)] {
                let with =
                    |_: &mut Terms, _: &mut EffectiveRate, rate: &mut DailyRate, of: &mut CreditKind| {
                        (*rate, *of) = (DailyRate::from_ppm(ppm), kind);
                    };
                let breaks = broken(set, Money::from_tenge(300_000), 365, with);
                let capped = over && kind.is_consumer();
                assert_eq!(breaks, capped.then_some("penalty_over_cap").as_slice(), "{} {kind:?}", set.id);
            }
        }
    }
}

#[test]
fn an_offer_that_breaks_everything_is_told_everything() {
    for set in &RULE_SETS {
        let all = broken(set, tiyn_more(set.credit_max()), 365, |_, rate, penalty, _| {
            (*rate, *penalty) = (EffectiveRate::from_tenths(461), DailyRate::from_ppm(5_001));
        });
        assert_eq!(all, ["amount_over_limit", "effective_rate_over_cap", "penalty_over_cap"], "{}", set.id);
    }
}

/// Figures as people know them: whole schedules, rates computed.
#[test]
fn real_schedules_are_judged_by_their_own_effective_rates() {
    let given_on = date(2026, 2, 2);
    let judge = |tenge: i64, percent: &str, period: Period, installments: u16| {
        let terms = Terms {
            rate: Rate::parse(percent).unwrap(),
            period,
            installments,
            first_due: period.first_due_after(given_on),
            ..terms(Money::from_tenge(tenge), 30, given_on)
        };
        let schedule = terms.schedule().unwrap();
        let effective_rate = EffectiveRate::of(schedule.cash_flow(given_on)).unwrap();
        codes(RuleSet::on(given_on).unwrap().check_offer(&Offer { effective_rate, ..offer(&terms) }))
    };
    let (cap, daily) = ("effective_rate_over_cap", "daily_rate_over_cap");
    let month = Period::Months(1);
    assert!(judge(1_000_000, "38", month, 12).is_empty());
    assert_eq!(judge(1_000_000, "38.5", month, 24), [cap]);
    assert!(judge(100_000, "105.85", Period::Days(30), 1).is_empty(), "0.29 % a day for 30 days");
    assert_eq!(judge(100_000, "109.5", Period::Days(45), 1), [daily, cap], "0.3 % a day: 179.3 %");
    assert_eq!(judge(194_626, "105.85", Period::Days(30), 1), [cap], "above 45 MCI");
    assert_eq!(judge(100_000, "105.85", Period::Days(46), 1), [cap], "above 45 days");
}

/// Proves [`CL_8_4`](crate::law::CL_8_4).
#[test]
fn a_product_shows_drafts_by_both_methods_and_takes_payments_in_the_order_of_the_law() {
    for set in &RULE_SETS {
        let faults = |change: fn(&mut Product)| {
            let mut product = product();
            change(&mut product);
            let conditions = |fault| match fault {
                ProductFault::Conditions(breach) => breach.code(),
                other => panic!("{other}"),
            };
            set.check_product(&product).into_iter().map(conditions).collect::<Vec<_>>()
        };
        assert!(faults(|_| {}).is_empty(), "{}", set.id);
        assert_eq!(faults(|product| product.methods = vec![Method::Annuity]), ["draft_schedules_missing"]);
        assert!(
            faults(|product| {
                (product.methods, product.kind) = (vec![Method::Annuity], CreditKind::Business);
            })
            .is_empty()
        );
        assert_eq!(
            faults(|product| {
                let [first, second, rest @ ..] = product.allocation.components();
                let [third, fourth, fifth] = rest;
                product.allocation = [second, first, third, fourth, fifth].try_into().unwrap();
            }),
            ["allocation_order"]
        );
    }
}

#[test]
fn a_product_that_is_dear_only_beyond_45_days_is_found_out_there() {
    for set in &RULE_SETS {
        let mut short = product();
        (short.amount_min, short.amount_max) = (Money::from_tenge(10_000), Money::from_tenge(100_000));
        (short.term, short.rate) = (TermRange::Days { min: 20, max: 45 }, Rate::from_ppm(1_000_000));
        assert_eq!(set.check_product(&short), []);
        short.term = TermRange::Days { min: 20, max: 46 };
        let faults = set.check_product(&short);
        assert!(!faults.is_empty());
        for fault in faults {
            assert!(matches!(fault, ProductFault::Unlawful { term: 46, breach, .. }
                if breach.rule == Rule::EffectiveRate));
        }
        (short.term, short.rate) = (TermRange::Days { min: 20, max: 366 }, Rate::from_ppm(400_000));
        let within = set.check_product(&short);
        assert!(!within.is_empty(), "47.7 % at 46 days, though 40 % at a year");
        assert!(within.iter().all(|fault| matches!(fault, ProductFault::Unlawful { term: 46, .. })));
        short.rate = Rate::from_ppm(1_000_000);
        (short.term, short.amount_max) = (TermRange::Days { min: 20, max: 45 }, tiyn_more(set.of_mci(45)));
        let faults = set.check_product(&short);
        assert!(
            faults.iter().all(|fault| matches!(fault, ProductFault::Unlawful { amount, .. }
            if *amount == short.amount_max))
                && !faults.is_empty()
        );
    }
}

fn any_product() -> impl Strategy<Value = Product> {
    let months = (1..=36_u16, 0..=24_u16).prop_map(|(min, more)| TermRange::Months { min, max: min + more });
    let days = (1..=60_u16, 0..=60_u16).prop_map(|(min, more)| TermRange::Days { min, max: min + more });
    let amounts = (1_000..=500_000_i64, 0..=20_000_000_i64);
    (prop_oneof![months, days], amounts, 0..=1_200_000_u32, 0..=6_000_u32).prop_map(
        |(term, (least, more), rate, penalty)| Product {
            term,
            amount_min: Money::from_tenge(least),
            amount_max: Money::from_tenge(least + more),
            rate: Rate::from_ppm(rate),
            penalty: DailyRate::from_ppm(penalty),
            ..product()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Of a lawful product only the length of the months can make an offer unlawful, and then by its name.
    #[test]
    fn an_offer_of_a_lawful_product_is_lawful_or_refused_by_name(
        product in any_product(),
        set in prop::sample::select(RULE_SETS.iter().collect::<Vec<_>>()),
        (share, term_share, method, day) in (0..=1_000_i64, 0..=1_000_u32, 0..2_usize, 0..60_i64),
    ) {
        prop_assume!(set.check_product(&product).is_empty());
        let (shortest, longest) = product.term.bounds();
        let term = shortest + u16::try_from(u32::from(longest - shortest) * term_share / 1_000).unwrap();
        let span = product.amount_max - product.amount_min;
        let amount = product.amount_min + span.mul_ratio(i128::from(share), 1_000, Rounding::Floor);
        let on = set.from.saturating_add(jiff::Span::new().days(day));
        let terms = product.terms(amount, term, product.methods[method], on).unwrap();
        let schedule = terms.schedule().unwrap();
        let effective_rate = EffectiveRate::of(schedule.cash_flow(on)).unwrap();
        for breach in set.check_offer(&product.offer(&terms, effective_rate)) {
            prop_assert_eq!(breach.rule, Rule::EffectiveRate);
            prop_assert!(breach.found != breach.allowed && !breach.source_of_rule.is_empty());
        }
    }
}
