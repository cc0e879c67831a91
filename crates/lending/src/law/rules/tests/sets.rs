use super::*;
use std::fmt::Debug;

/// Every limit of a set: name, value, source, first day. A field that is added and not listed does not build.
fn limits(set: &RuleSet) -> Vec<(&'static str, String, &'static str, Date)> {
    fn row<T: Debug>(name: &'static str, limit: &Limit<T>) -> (&'static str, String, &'static str, Date) {
        (name, format!("{:?}", limit.value), limit.source, limit.since)
    }
    macro_rules! rows {
        ($($name:ident),+ $(,)?) => {{
            let RuleSet { id: _, from: _, until: _, cooling_off, $($name),+ } = set;
            let mut rows = vec![$(row(stringify!($name), $name)),+];
            rows.extend(cooling_off.as_ref().map(|limit| row("cooling_off", limit)));
            rows
        }};
    }
    rows!(
        mci,
        effective_rate_max,
        short_credit,
        credit_max_mci,
        penalty,
        accrual_stops_after,
        accrual_stops_after_mortgage,
        capitalisation,
        overdue_notice_within,
        relief_request_within,
        relief_answer_within,
        relief_agreement_within,
        ombudsman_within,
        relief_due,
        conscript_deferral_after,
        improvement_refusal_within,
        rate_and_method,
        lengthening,
        alone,
        fee_max,
        early_repayment_fee_max_ppm,
        no_indexation,
        draft_schedules,
        allocation,
        debt_burden_max_ppm,
        overdue_elsewhere_max,
        assignment_after,
        assignment_after_mortgage,
        fraud,
        banned_credit_write_off_within,
    )
}

#[test]
fn sets_follow_each_other_without_a_gap_under_the_names_of_their_first_days() {
    for set in &RULE_SETS {
        assert_eq!(set.id, set.from.to_string());
        assert_eq!(RuleSet::by_id(set.id), Some(set));
        assert!(set.from <= set.until);
    }
    for pair in RULE_SETS.windows(2) {
        assert_eq!(pair[0].until.tomorrow().ok(), Some(pair[1].from), "{}", pair[1].id);
    }
    assert_eq!(RuleSet::by_id("2026-01-02"), None);
}

#[test]
fn every_limit_says_where_it_is_written_and_since_when() {
    for set in &RULE_SETS {
        for (name, _, source, since) in limits(set) {
            assert!(source.len() > 10 && !source.ends_with('.'), "{} {name}", set.id);
            assert!(since <= set.from, "{} {name}: holds only from {since}", set.id);
        }
    }
}

/// A new set is a change of data: nothing gets lost, and what is not named as new stays as it was.
#[test]
fn from_set_to_set_a_limit_is_kept_or_is_new_from_that_day() {
    for pair in RULE_SETS.windows(2) {
        let after = limits(&pair[1]);
        for (name, value, _, since) in limits(&pair[0]) {
            let now = after.iter().find(|row| row.0 == name);
            let (_, new_value, _, new_since) = now.unwrap_or_else(|| panic!("{} lost {name}", pair[1].id));
            if *new_value == value {
                assert_eq!(*new_since, since, "{} {name}: the same since", pair[1].id);
            } else {
                assert_eq!(*new_since, pair[1].from, "{} {name}: new since", pair[1].id);
            }
        }
        assert_ne!(limits(&pair[0]), after, "{} changes nothing", pair[1].id);
    }
}

#[test]
fn each_set_changes_what_its_act_changed_and_nothing_else() {
    let changed = |from: usize| {
        let before = limits(&RULE_SETS[from]);
        let new =
            |row: &(&str, String, &str, Date)| !before.iter().any(|old| (old.0, &old.1) == (row.0, &row.1));
        limits(&RULE_SETS[from + 1]).into_iter().filter(new).map(|row| row.0).collect::<Vec<_>>()
    };
    assert_eq!(changed(0), ["cooling_off"]);
    assert_eq!(changed(1), ["mci"]);
    assert_eq!(
        changed(2),
        ["penalty", "capitalisation", "relief_request_within", "overdue_elsewhere_max", "cooling_off"]
    );
}

#[test]
fn a_day_without_rules_is_refused_with_the_field_and_never_guessed() {
    let id = |on| RuleSet::in_force("signed_on", on).map(|set| set.id);
    let (first, until) = (date(2025, 1, 1), date(2026, 12, 31));
    let before = NoRules::Before { field: "signed_on", on: date(2024, 12, 31), first };
    let beyond = NoRules::Beyond { field: "signed_on", on: date(2027, 1, 1), until };
    for (on, set) in [
        (date(2024, 12, 31), Err(before)),
        (first, Ok("2025-01-01")),
        (date(2025, 9, 29), Ok("2025-01-01")),
        (date(2025, 9, 30), Ok("2025-09-30")),
        (date(2025, 12, 31), Ok("2025-09-30")),
        (date(2026, 1, 1), Ok("2026-01-01")),
        (date(2026, 3, 17), Ok("2026-01-01")),
        (date(2026, 3, 18), Ok("2026-03-18")),
        (until, Ok("2026-03-18")),
        (date(2027, 1, 1), Err(beyond)),
        (Date::MIN, Err(NoRules::Before { field: "signed_on", on: Date::MIN, first })),
        (Date::MAX, Err(NoRules::Beyond { field: "signed_on", on: Date::MAX, until })),
    ] {
        assert_eq!(id(on), set, "{on}");
        assert_eq!(RuleSet::on(on).map(|set| set.id), set.ok(), "{on}");
    }
    assert_eq!(beyond.field(), "signed_on");
    let text = beyond.to_string();
    assert!(text.contains("2027-01-01") && text.contains("2026-12-31"), "{text}");
}

#[test]
fn the_index_is_that_of_the_year() {
    for set in &RULE_SETS {
        let index = match set.from.year() {
            2025 => 3_932,
            2026 => 4_325,
            year => panic!("the index of {year} is not known"),
        };
        assert_eq!(set.until.year(), set.from.year(), "{}: an index is that of one year", set.id);
        assert_eq!(set.of_mci(1), Money::from_tenge(index), "{}", set.id);
        assert_eq!(set.credit_max(), Money::from_tenge(20_000 * index), "{}", set.id);
    }
}

#[test]
fn terms_of_working_and_of_calendar_days_are_the_law_s() {
    for set in &RULE_SETS {
        let fraud = set.fraud.value;
        let working = [fraud.tell_within, fraud.stop_within, fraud.mend_within, fraud.write_off_within];
        assert_eq!(working, [1, 2, 10, 10].map(WorkingDays), "{}", set.id);
        assert_eq!(set.banned_credit_write_off_within.value, WorkingDays(3));
        let calendar = [
            fraud.suspend_within,
            set.overdue_notice_within.value,
            set.relief_request_within.value.days,
            set.relief_answer_within.value,
            set.relief_agreement_within.value,
            set.ombudsman_within.value,
            set.improvement_refusal_within.value,
            set.assignment_after.value,
            set.assignment_after_mortgage.value,
        ];
        assert_eq!(calendar, [3, 10, 30, 15, 30, 15, 14, 90, 180].map(CalendarDays), "{}", set.id);
        let from = if set.id < "2026-03-18" { RequestFrom::Delay } else { RequestFrom::Notice };
        assert_eq!(set.relief_request_within.value.from, from, "{}", set.id);
        let elsewhere = if set.id < "2026-03-18" { 90 } else { 50 };
        assert_eq!(set.overdue_elsewhere_max.value, CalendarDays(elsewhere), "{}", set.id);
    }
}

#[test]
fn codes_are_stable_and_told_apart() {
    let codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    let unique: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!((codes.len(), unique.len()), (21, 21));
    for rule in Rule::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.code());
    }
}

#[test]
fn a_breach_reads_as_found_allowed_and_source() {
    let set = RuleSet::by_id("2026-01-01").unwrap();
    let terms = terms(tiyn_more(set.credit_max()), 365, set.from);
    let breach = set.check_offer(&offer(&terms))[0];
    assert_eq!(
        breach.to_string(),
        "amount of the credit: 86500000.01 tenge, where the law allows 86500000.00 tenge \
         (Law on microfinance activity, art. 3 п. 1-1 пп. 3)"
    );
    assert_eq!(
        serde_json::to_value(breach).unwrap(),
        serde_json::json!({
            "code": "amount_over_limit",
            "found": { "unit": "tiyn", "value": 8_650_000_001_i64 },
            "allowed": { "unit": "tiyn", "value": 8_650_000_000_i64 },
            "source": "Law on microfinance activity, art. 3 п. 1-1 пп. 3",
            "since": "2024-08-20",
        })
    );
}
