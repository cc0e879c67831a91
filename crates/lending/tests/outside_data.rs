//! Our results held against data that others made. The data are not part of the project: where they are absent, the
//! tests say so and pass, unless `NESIE_SHARED_REQUIRED=1` demands them.

use jiff::civil::Date;
use lending::calendar::{Calendar, DayKind};
use lending::effective_rate::EffectiveRate;
use lending::money::Money;
use lending::rate::{DayCount, Rate};
use lending::schedule::{Method, Options, Period, Terms};
use serde_json::Value;

#[expect(clippy::disallowed_methods, reason = "a test's setting, read by nothing that ships")]
fn outside(file: &str) -> Option<String> {
    let path = format!("{}/../../../shared/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let required = std::env::var("NESIE_SHARED_REQUIRED").is_ok_and(|value| value == "1");
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if required => panic!("{file} is required: {error}"),
        Err(_) => {
            eprintln!("SKIPPED: {file} is not here");
            None
        }
    }
}

fn json(file: &str) -> Vec<Value> {
    outside(file).map_or_else(Vec::new, |text| serde_json::from_str(&text).expect("JSON"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

fn signed(text: &str) -> Money {
    text.strip_prefix('-').map_or_else(
        || Money::parse(text).expect("an amount"),
        |rest| -Money::parse(rest).expect("an amount"),
    )
}

/// Proves [`CL_8_3`](lending::law::CL_8_3): the cost shown is true.
#[test]
fn effective_rates_agree_with_fifty_digit_bisection() {
    for case in json("effective-rate.json") {
        let flow = case["cashflows"].as_array().unwrap().iter().map(|pair| {
            let date: Date = pair[0].as_str().unwrap().parse().unwrap();
            (date, signed(pair[1].as_str().unwrap()))
        });
        let rate = EffectiveRate::of(flow).unwrap();
        assert_eq!(rate.to_string(), text(&case, "gesv_rounded"), "{}", text(&case, "name"));
    }
}

#[test]
fn days_off_of_2026_and_2027_agree_with_the_holidays_package() {
    let Some(csv) = outside("holidays.csv") else { return };
    let theirs: Vec<Date> = csv
        .lines()
        .filter(|line| line.starts_with("2026") || line.starts_with("2027"))
        .map(|line| line.split(',').next().unwrap().parse().unwrap())
        .collect();
    let calendar = Calendar::kazakhstan();
    let ours: Vec<Date> = Date::constant(2026, 1, 1)
        .series(jiff::Span::new().days(1))
        .take_while(|date| date.year() < 2028)
        .filter(|date| calendar.exception(*date) == Some(DayKind::Off))
        .collect();
    assert_eq!(ours, theirs);
}

/// Their terms in ours, where ours have the words for them.
fn terms(case: &Value) -> Option<Terms> {
    let theirs = &case["terms"];
    let plain = text(theirs, "schedule_type") == "progressive"
        && text(theirs, "interest_method") == "DECLINING_BALANCE"
        && text(theirs, "interest_calculation_period") == "DAILY"
        && text(theirs, "rate_period") == "YEAR"
        && ["down_payment_percent", "installment_amount_in_multiples_of", "days_in_year_custom_strategy"]
            .iter()
            .all(|key| theirs[key].is_null());
    let reproduced = case["initial_schedule_reproduced_by_reference"] == true;
    let day_count = match (text(theirs, "days_in_year"), text(theirs, "days_in_month")) {
        ("ACTUAL", "ACTUAL") => DayCount::ActualActual,
        ("DAYS365", "ACTUAL") => DayCount::Actual365,
        ("DAYS360", "ACTUAL") => DayCount::Actual360,
        ("DAYS360", "DAYS30") => DayCount::Thirty360,
        _ => return None,
    };
    let every = u16::try_from(theirs["repay_every"].as_u64()?).ok()?;
    let period = match text(theirs, "repay_unit") {
        "MONTHS" => Period::Months(every),
        "DAYS" => Period::Days(every),
        _ => return None,
    };
    let disbursed = case["timeline"].as_array()?.iter().find(|step| step["op"] == "disburse")?;
    let disbursed_on: Date = text(disbursed, "date").parse().ok()?;
    (plain && reproduced).then_some(Terms {
        principal: Money::parse(text(disbursed, "amount")).ok()?,
        rate: Rate::parse(text(theirs, "nominal_rate_percent")).ok()?,
        method: Method::Annuity,
        installments: u16::try_from(theirs["installments"].as_u64()?).ok()?,
        period,
        disbursed_on,
        first_due: period.first_due_after(disbursed_on),
        day_count,
        options: Options::default(),
    })
}

/// Proves [`CL_8_4`](lending::law::CL_8_4): the schedules shown are right.
#[test]
fn first_schedules_agree_with_fineract_to_the_tiyn() {
    let cases = json("schedules.json");
    let mut compared = 0;
    for case in &cases {
        let Some(terms) = terms(case) else { continue };
        let first =
            case["timeline"].as_array().unwrap().iter().find(|step| step["op"] == "expect_schedule").unwrap();
        let theirs: Vec<_> =
            first["rows"].as_array().unwrap().iter().filter(|row| !row["n"].is_null()).collect();
        let ours = terms.schedule().unwrap();
        assert_eq!(ours.rows.len(), theirs.len(), "{}", text(case, "id"));
        for (ours, theirs) in ours.rows.iter().zip(theirs) {
            let money = |key| signed(text(theirs, key));
            assert_eq!(
                (ours.due_on.to_string().as_str(), ours.principal, ours.interest, ours.balance_after),
                (text(theirs, "due_date"), money("principal"), money("interest"), money("balance")),
                "{} row {}",
                text(case, "id"),
                ours.number
            );
        }
        compared += 1;
    }
    assert!(cases.is_empty() || compared >= 20, "only {compared} cases could be compared");
}
