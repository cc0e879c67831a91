//! The engine against the data that others made. They are not part of the project: where they are absent, the
//! tests say so and pass, unless `NESIE_SHARED_REQUIRED=1` demands them.

use conformance::{Kind, Report, run};

#[expect(clippy::disallowed_methods, reason = "a test's setting, read by nothing that ships")]
fn report(kind: Kind, file: &str) -> Option<Report> {
    let path = format!("{}/../../../shared/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let required = std::env::var("NESIE_SHARED_REQUIRED").is_ok_and(|value| value == "1");
    match std::fs::read_to_string(path) {
        Ok(json) => Some(run(kind, &json).expect("a list of cases")),
        Err(error) if required => panic!("{file} is required: {error}"),
        Err(_) => {
            eprintln!("SKIPPED: {file} is not here");
            None
        }
    }
}

/// Proves [`CL_8_3`](lending::law::CL_8_3): the cost shown is true.
#[test]
fn effective_rates_agree_with_fifty_digit_bisection() {
    let Some(report) = report(Kind::EffectiveRate, "effective-rate.json") else { return };
    let (passed, failed, skipped) = report.counts();
    assert!(passed >= 11 && failed == 0 && skipped == 0, "{report}");
}

/// Proves [`CL_8_4`](lending::law::CL_8_4): schedules are right from the first plan through every payment,
/// change and mistake.
#[test]
fn loans_of_another_system_come_out_the_same_to_the_tiyn() {
    let Some(report) = report(Kind::Schedules, "schedules.json") else { return };
    let (passed, failed, skipped) = report.counts();
    assert!(passed >= 52 && failed == 0 && skipped <= 2, "{report}");
}

#[test]
fn a_difference_is_found_and_named() {
    let json = r#"[{"id": "A", "terms": {"principal": "1200", "nominal_rate_percent": "0", "rate_period": "YEAR",
        "schedule_type": "progressive", "interest_method": "DECLINING_BALANCE", "amortization": "EQUAL_INSTALLMENTS",
        "interest_calculation_period": "DAILY", "installments": 2, "repay_every": 1, "repay_unit": "MONTHS",
        "days_in_year": "DAYS365", "days_in_month": "ACTUAL", "submitted_on": "2026-01-01",
        "payment_allocation_strategy": "ADVANCED_PAYMENT_ALLOCATION"},
        "timeline": [{"op": "disburse", "date": "2026-01-01", "amount": "1200"},
                     {"op": "expect_schedule", "rows": [
                         {"n": 1, "due_date": "2026-02-01", "principal": "600", "balance": "600"},
                         {"n": 2, "due_date": "2026-03-01", "principal": "599.99", "balance": "0"}]}]},
        {"id": "B", "terms": {}, "timeline": [{"op": "chargeback"}]}, {"id": "C"}, 7]"#;
    let report = run(Kind::Schedules, json).unwrap();
    assert_eq!(report.counts(), (0, 1, 3), "{report}");
    let text = report.to_string();
    assert!(text.contains("FAILED  A: step 2, row 2, principal: theirs 599.99, ours 600.00"), "{text}");
    assert!(text.ends_with("0 passed, 1 failed, 3 skipped"), "{text}");
    assert!(run(Kind::EffectiveRate, "{}").is_err());
}
