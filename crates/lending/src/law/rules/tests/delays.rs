use super::*;

fn on_day(set: &RuleSet, kind: CreditKind, day: u32) -> (bool, PenaltyClaim) {
    let demandable = set.demandable(kind, Delay { day, with_agency: false });
    (demandable.interest, demandable.penalty)
}

#[test]
fn what_accrues_after_90_overdue_days_may_not_be_demanded() {
    let most = PenaltyClaim::UpTo(DailyRate::from_ppm(5_000));
    for set in &RULE_SETS {
        for kind in [CreditKind::Unsecured, CreditKind::Secured, CreditKind::Mortgage] {
            assert_eq!(on_day(set, kind, 0), (true, PenaltyClaim::Nothing), "nothing is overdue");
            assert_eq!(on_day(set, kind, 1), (true, most), "{} {kind:?}", set.id);
            assert_eq!(on_day(set, kind, 90), (true, most), "{} {kind:?}", set.id);
            assert_eq!(on_day(set, kind, 91), (false, PenaltyClaim::Nothing), "{} {kind:?}", set.id);
        }
    }
}

#[test]
fn a_mortgage_runs_for_180_days_and_a_credit_wholly_covered_on() {
    for set in &RULE_SETS {
        let later = if set.id < "2026-03-18" {
            PenaltyClaim::UpTo(DailyRate::from_ppm(300))
        } else {
            PenaltyClaim::Nothing
        };
        for kind in [CreditKind::WhollyMortgaged, CreditKind::WhollySecured] {
            assert_eq!(on_day(set, kind, 90).1, PenaltyClaim::UpTo(DailyRate::from_ppm(5_000)));
            assert_eq!(on_day(set, kind, 91), (true, later), "{} {kind:?}", set.id);
            assert_eq!(on_day(set, kind, 180), (true, later), "{} {kind:?}", set.id);
        }
        assert_eq!(on_day(set, CreditKind::WhollyMortgaged, 181), (false, PenaltyClaim::Nothing));
        assert_eq!(on_day(set, CreditKind::WhollySecured, 181), (true, later), "{}", set.id);
    }
}

#[test]
fn the_time_to_ask_for_relief_counts_from_the_delay_and_since_law_259_from_the_notice() {
    let (delay, notice) = (date(2026, 3, 3), date(2026, 3, 13));
    for set in &RULE_SETS {
        let (untold, told) =
            (set.relief_request_until(delay, None), set.relief_request_until(delay, Some(notice)));
        if set.id < "2026-03-18" {
            assert_eq!([untold, told], [Some(date(2026, 4, 2)); 2], "{}", set.id);
        } else {
            assert_eq!([untold, told], [None, Some(date(2026, 4, 12))], "{}", set.id);
        }
    }
}

#[test]
fn business_pays_what_was_agreed() {
    for set in &RULE_SETS {
        assert_eq!(on_day(set, CreditKind::Business, 0), (true, PenaltyClaim::Nothing));
        assert_eq!(on_day(set, CreditKind::Business, 1_000), (true, PenaltyClaim::Agreed), "{}", set.id);
        assert_eq!(set.penalty_year_max(CreditKind::Business, Money::from_tenge(1)), None);
    }
}

#[test]
fn nothing_runs_while_a_collection_agency_has_the_debt() {
    for set in &RULE_SETS {
        for kind in CreditKind::ALL {
            let demandable = set.demandable(kind, Delay { day: 5, with_agency: true });
            assert_eq!((demandable.interest, demandable.penalty), (false, PenaltyClaim::Nothing));
        }
    }
}

#[test]
fn a_year_of_the_agreement_brings_a_tenth_of_the_amount_issued_at_most() {
    for set in &RULE_SETS {
        let max = |tiyn| set.penalty_year_max(CreditKind::Unsecured, Money::from_tiyn(tiyn));
        assert_eq!(max(100_000), Some(Money::from_tiyn(10_000)), "{}", set.id);
        assert_eq!(max(100_009), Some(Money::from_tiyn(10_000)), "rounded down");
        assert_eq!(max(100_010), Some(Money::from_tiyn(10_001)));
    }
}
