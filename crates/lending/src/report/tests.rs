use crate::effective_rate::EffectiveRate;
use crate::ledger::Account;
use crate::loan::{Conduct, Event, Happening, LoanTerms, fold, fold_traced};
use crate::money::Money;
use crate::report::explain::{Explanation, Figure, What, explain, explain_json};
use crate::report::quote::quote;
use crate::report::replay::{Known, replay};
use crate::schedule::Grace;
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

#[path = "../../../../fuzz/src/plausible.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the fuzz targets, which use all of it")]
mod plausible;

fn schedule() -> Value {
    json!({
        "principal_tiyn": 100_000_000, "rate_ppm": 360_000, "method": "annuity", "installments": 12,
        "period": { "months": 1 }, "disbursed_on": "2026-02-02", "first_due": "2026-03-02",
        "day_count": "actual365"
    })
}

fn life() -> Value {
    json!({
        "terms": { "schedule": schedule(), "penalty_ppm_per_day": 5_000 },
        "events": [
            { "on": "2026-02-02", "sequence": 0, "what": "disbursed", "amount_tiyn": 100_000_000 },
            { "on": "2026-03-12", "sequence": 1, "what": "repaid", "amount_tiyn": 7_300_000,
              "id": "00000000-0000-0000-0000-000000000001" },
        ],
        "as_of": "2026-03-20"
    })
}

/// `value` with what stands at `path` replaced; removed, if by nothing.
fn with(mut value: Value, path: &str, new: Option<Value>) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, new) {
        (Value::Object(fields), Some(new)) => drop(fields.insert(name.to_owned(), new)),
        (Value::Object(fields), None) => drop(fields.remove(name)),
        (Value::Array(items), Some(new)) => items[name.parse::<usize>().unwrap()] = new,
        (Value::Array(items), None) => drop(items.remove(name.parse().unwrap())),
        _ => panic!("{path} leads nowhere"),
    }
    value
}

#[test]
fn a_quote_tells_cost_and_verdict_with_the_rule_set_of_its_day() {
    let told = quote(&schedule().to_string()).unwrap();
    assert_eq!(
        (told.rows.len(), told.verdict.rule_set.as_str(), told.verdict.lawful),
        (12, "2026-01-01", true)
    );
    assert_eq!(told.effective_rate_tenths.unwrap().to_string(), "42.6");
    let usury = with(schedule(), "/rate_ppm", Some(json!(500_000)));
    let told = quote(&json!({ "schedule": usury, "penalty_ppm_per_day": 6_000 }).to_string()).unwrap();
    let codes: Vec<&str> = told.verdict.breaches.iter().map(|broken| broken.code).collect();
    assert_eq!((told.verdict.lawful, codes), (false, vec!["effective_rate_over_cap", "penalty_over_cap"]));
    let older = json!({ "schedule": schedule(), "rule_set": "2025-01-01" });
    assert_eq!(quote(&older.to_string()).unwrap().verdict.rule_set, "2025-01-01");
}

#[test]
fn due_dates_on_days_off_move_where_that_is_agreed() {
    let due = |days_off: &str| {
        let told = quote(&json!({ "schedule": schedule(), "days_off": days_off }).to_string()).unwrap();
        told.rows.iter().map(|row| row.due_on.to_string()).take(4).collect::<Vec<_>>()
    };
    assert_eq!(due("stay"), ["2026-03-02", "2026-04-02", "2026-05-02", "2026-06-02"]);
    assert_eq!(due("forward"), ["2026-03-02", "2026-04-02", "2026-05-04", "2026-06-02"]);
}

#[test]
fn a_replay_tells_what_the_fold_knows_and_what_the_books_moved() {
    let told = replay(&life().to_string()).unwrap();
    let known = Known::read(&life().to_string()).unwrap();
    let loan = fold(&known.terms, &known.events, known.as_of).unwrap();
    assert_eq!((told.debt, told.payoff, told.rows.len()), (loan.debt, loan.payoff(), loan.rows.len()));
    assert_eq!(told.payments[0].allocation, loan.payments[0].allocation);
    assert_eq!(told.postings[0].posting, "disbursement_settled");
}

#[test]
fn terms_that_cannot_be_computed_with_are_refused_by_field() {
    for (path, value, field, reason) in [
        ("/principal_tiyn", json!(0), "principal_tiyn", "must be from 1 tiyn to 1 trillion tenge"),
        ("/principal_tiyn", json!(-1), "principal_tiyn", "must be from 1 tiyn"),
        ("/principal_tiyn", json!(100_000_000_000_001_i64), "principal_tiyn", "amount too large"),
        ("/principal_tiyn", json!(u64::MAX), "principal_tiyn", "invalid value"),
        ("/principal_tiyn", json!(1.5), "principal_tiyn", "invalid type: floating point"),
        ("/principal_tiyn", json!("1000"), "principal_tiyn", "invalid type: string"),
        ("/principal_tiyn", Value::Null, "principal_tiyn", "invalid type: null"),
        ("/rate_ppm", json!(10_000_001), "rate_ppm", "must not exceed 1000 %"),
        ("/rate_ppm", json!(-1), "rate_ppm", "invalid value"),
        ("/installments", json!(0), "installments", "from 1 to 600"),
        ("/installments", json!(601), "installments", "from 1 to 600"),
        ("/installments", json!(65_536), "installments", "invalid value"),
        ("/method", json!("ballon"), "method", "unknown variant"),
        ("/period", json!({ "months": 0 }), "period", "from 1 to 12 months"),
        ("/period", json!({ "months": 13 }), "period", "from 1 to 12 months"),
        ("/period", json!({ "years": 1 }), "period", "unknown variant"),
        ("/disbursed_on", json!("1999-12-31"), "disbursed_on", "within the years 2000 to 2150"),
        ("/disbursed_on", json!("2024-12-31"), "disbursed_on", "known from 2025-01-01 to 2026-12-31"),
        ("/disbursed_on", json!("2026-02-30"), "disbursed_on", ""),
        ("/disbursed_on", json!("yesterday"), "disbursed_on", ""),
        ("/first_due", json!("2026-02-02"), "first_due", "must be after disbursement"),
        ("/first_due", json!("2026-01-02"), "first_due", "must be after disbursement"),
        ("/first_due", json!("2150-12-31"), "installments", "beyond the year 2150"),
        ("/day_count", json!(365), "day_count", ""),
        ("/options", json!({ "grace": { "principal": 12 } }), "options.grace", "at least one installment"),
        ("/options", json!({ "grace": { "capital": 1 } }), "options.grace.capital", "unknown field"),
        ("/options", json!({ "round_to": { "interest_tiyn": 0 } }), "options.round_to", "from 1 tiyn"),
        ("/options", json!({ "shares_ppm": [1] }), "options.shares_ppm", "one for each installment"),
        ("/options", json!({ "due_on": ["2026-03-02"] }), "options.due_on", "one for each installment"),
        (
            "/options",
            json!({ "down_payment_ppm": 1_000_000 }),
            "options.down_payment_ppm",
            "less than a million",
        ),
        ("/surprise", json!(1), "surprise", "unknown field"),
    ] {
        let bare = with(schedule(), path, Some(value.clone()));
        let why = quote(&bare.to_string()).unwrap_err();
        assert!(why.field == field && why.reason.contains(reason), "{path} = {value}: {why}");
        let life = with(life(), &format!("/terms/schedule{path}"), Some(value.clone()));
        let why = replay(&life.to_string()).unwrap_err();
        assert!(why.field == format!("terms.schedule.{field}"), "{path} = {value}: {why}");
        assert!(why.reason.contains(reason), "{path} = {value}: {why}");
    }
    let why = quote(&with(schedule(), "/rate_ppm", None).to_string()).unwrap_err();
    assert!(why.reason.contains("missing field `rate_ppm`"), "{why}");
    let next_year = with(schedule(), "/first_due", Some(json!("2027-02-01")));
    let next_year = with(next_year, "/disbursed_on", Some(json!("2027-01-01")));
    let why = quote(&next_year.to_string()).unwrap_err();
    assert!(why.reason.contains("to 2026-12-31; name one in rule_set"), "{why}");
    let under_the_last = json!({ "schedule": next_year, "rule_set": "2026-03-18" });
    assert!(quote(&under_the_last.to_string()).is_ok(), "what is named is not guessed");
    let named = json!({ "schedule": schedule(), "rule_set": "2024-01-01" });
    let why = quote(&named.to_string()).unwrap_err();
    assert_eq!((why.field.as_str(), why.reason.starts_with("must be one of 2025-01-01")), ("rule_set", true));
}

#[test]
fn terms_at_their_limits_are_computed() {
    for changes in [
        vec![("/principal_tiyn", json!(1))],
        vec![("/principal_tiyn", json!(100_000_000_000_000_i64))],
        vec![("/rate_ppm", json!(0))],
        vec![("/rate_ppm", json!(10_000_000))],
        vec![("/installments", json!(600))],
        vec![("/installments", json!(600)), ("/principal_tiyn", json!(1)), ("/rate_ppm", json!(10_000_000))],
        vec![
            ("/installments", json!(600)),
            ("/principal_tiyn", json!(100_000_000_000_000_i64)),
            ("/rate_ppm", json!(10_000_000)),
            ("/period", json!("half_months")),
        ],
    ] {
        let terms =
            changes.iter().fold(schedule(), |terms, (path, value)| with(terms, path, Some(value.clone())));
        let told = quote(&terms.to_string()).unwrap();
        assert_eq!(told.rows.iter().map(|row| row.principal).sum::<Money>(), told.totals.principal);
        assert!(told.rows.iter().all(|row| !row.payment.is_negative()), "{changes:?}");
    }
    let free = quote(&with(schedule(), "/rate_ppm", Some(json!(0))).to_string()).unwrap();
    assert_eq!(free.effective_rate_tenths.map(EffectiveRate::tenths), Some(0));
}

#[test]
fn events_that_cannot_be_are_refused_by_field() {
    let second = |event: Value| with(life(), "/events/1", Some(event));
    let repaid = |on: &str, tiyn: i64| {
        json!({ "on": on, "sequence": 1, "what": "repaid", "amount_tiyn": tiyn,
                "id": "00000000-0000-0000-0000-000000000001" })
    };
    for (life, field, reason) in [
        (second(repaid("2026-02-01", 5)), "events[1]", "happened before disbursement"),
        (second(repaid("2026-03-12", 0)), "events[1]", "from 1 tiyn"),
        (second(repaid("1999-12-31", 5)), "events[1]", "within the years 2000 to 2150"),
        (second(repaid("9999-12-31", 5)), "events[1]", "within the years 2000 to 2150"),
        (with(life(), "/events/0/amount_tiyn", Some(json!(1))), "events[0]", "not the agreed principal"),
        (with(life(), "/events/0/what", Some(json!("vanished"))), "events[0]", "unknown variant `vanished`"),
        (with(life(), "/events/1/amount_tiyn", None), "events[1]", "missing field `amount_tiyn`"),
        (with(life(), "/events/1/id", Some(json!("1"))), "events[1]", "UUID"),
        (with(life(), "/events/1/amount", Some(json!(5))), "events[1].amount", "unknown field"),
        (with(life(), "/events/1/sequence", Some(json!("1"))), "events[1].sequence", "invalid type"),
        (with(life(), "/events", Some(json!({}))), "events", "invalid type: map"),
        (with(life(), "/events", Some(vec![life()["events"][0].clone(); 10_001].into())), "events", "10 000"),
        (with(life(), "/as_of", Some(json!("1999-12-31"))), "as_of", "within the years 2000 to 2150"),
        (with(life(), "/as_of", Some(json!("2151-01-01"))), "as_of", "within the years 2000 to 2150"),
        (with(life(), "/as_of", None), "as_of", "missing field"),
        (with(life(), "/terms/rule_set", Some(json!("1"))), "terms.rule_set", "must be one of"),
        (with(life(), "/terms/penalty_ppm_per_day", Some(json!(-1))), "terms.penalty_ppm_per_day", ""),
        (with(life(), "/terms/allocation", Some(json!(["penalty"]))), "terms.allocation", ""),
        (with(life(), "/terms/days_off", Some(json!("back"))), "terms.days_off", "unknown variant"),
        (with(life(), "/surprise", Some(json!(1))), "surprise", "unknown field"),
    ] {
        let why = replay(&life.to_string()).unwrap_err();
        let field_fits = why.field == field || why.reason.contains(&format!("`{field}`"));
        assert!(field_fits && why.reason.contains(reason), "{why}, and not {field}: {reason}");
    }
}

#[test]
fn a_payment_after_closing_is_owed_back() {
    let mut life = life();
    let quoted = replay(&life.to_string()).unwrap().payoff.to_bring.tiyn();
    let events = life["events"].as_array_mut().unwrap();
    for (sequence, on, tiyn) in [(2, "2026-03-20", quoted), (3, "2026-04-01", 700)] {
        let id = format!("00000000-0000-0000-0000-00000000000{sequence}");
        events
            .push(json!({ "on": on, "sequence": sequence, "what": "repaid", "id": id, "amount_tiyn": tiyn }));
    }
    life["as_of"] = json!("2026-05-01");
    let told = replay(&life.to_string()).unwrap();
    assert_eq!((told.overpaid_tiyn.tiyn(), told.debt_total_tiyn), (700, Money::ZERO));
}

#[test]
fn json_of_any_shape_is_refused_without_a_panic() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"schedule\": \"{}\"}}", "x".repeat(5 << 20));
    let twice = life().to_string().replacen("{", "{\"as_of\":\"2026-01-01\",", 1);
    let more = format!("{} {{}}", life());
    for text in
        ["", " ", "null", "[]", "{}", "0", "\"\"", "{", "\u{0}", "{\"schedule\":null}", "NaN", &deep, &long]
    {
        let why = quote(text).unwrap_err();
        assert!(!why.field.is_empty() && !why.reason.is_empty());
        replay(text).unwrap_err();
    }
    for text in [&twice, &more] {
        replay(text).unwrap_err();
    }
}

#[test]
fn figures_are_named_as_they_are_read() {
    let more = [Figure::RowInterest(3), Figure::Balance(Account::InterestReceivable)];
    for figure in Figure::GENERAL.into_iter().chain(more) {
        assert_eq!(figure.to_string().parse(), Ok(figure));
    }
    for text in ["", "debt", "row-interest", "row-interest:", "row-interest:-1", "balance:1", "payoff:1"] {
        assert!(text.parse::<Figure>().is_err(), "{text}");
    }
    assert_eq!(explain_json(&life().to_string(), Figure::RowInterest(99)).unwrap_err().field, "figure");
}

#[test]
fn an_auditor_reads_the_days_the_rate_and_the_rounding() {
    let told = explain_json(&life().to_string(), Figure::RowInterest(1)).unwrap();
    let told = serde_json::to_value(told).unwrap();
    let days = &told["lines"][0];
    assert_eq!(
        (&days["from"], &days["on"], &days["days"], &days["rate_ppm"], &days["units_per_year"]),
        (&json!("2026-02-02"), &json!("2026-03-02"), &json!(28), &json!(360_000), &json!(365))
    );
    assert_eq!(days["exact_tiyn"], "201600000/73", "1 000 000 tenge × 36 % × 28 / 365");
    assert_eq!((&days["running_tiyn"], &told["result_tiyn"]), (&json!(2_761_644), &json!(2_761_644)));
}

/// What must hold of the explanation of every figure of a loan.
fn check(terms: &LoanTerms, events: &[Event], as_of: Date) {
    let loan = fold(terms, events, as_of).unwrap();
    let (traced, _) = fold_traced(terms, events, as_of).unwrap();
    assert_eq!(loan, traced, "looking changes nothing");
    let told = |figure| explain(terms, events, as_of, figure);
    let leads_to = |told: &Explanation, figure: Money| {
        let mut total = Money::ZERO;
        for line in &told.lines {
            total += line.amount_tiyn;
            assert_eq!(total, line.total_tiyn, "{line:?}");
        }
        assert_eq!((total, told.result_tiyn), (figure, Some(figure)), "{}: {:#?}", told.figure, told.lines);
    };
    for (figure, amount) in [
        (Figure::Principal, loan.debt.principal()),
        (Figure::Interest, loan.debt.interest()),
        (Figure::Penalty, loan.debt.penalty),
        (Figure::Overdue, loan.debt.overdue()),
        (Figure::Payoff, loan.payoff().to_bring),
    ] {
        leads_to(&told(figure).unwrap(), amount);
    }
    for (account, balance) in loan.balances() {
        leads_to(&told(Figure::Balance(account)).unwrap(), balance);
    }
    let rescheduled = events.iter().any(|event| matches!(event.what, Happening::Rescheduled(_)));
    for row in loan.rows.iter().filter(|row| row.number > 0) {
        let told = told(Figure::RowInterest(row.number)).unwrap();
        leads_to(&told, row.interest);
        if terms.conduct == Conduct::default() && terms.schedule.options.grace == Grace::default() {
            let asks = told.lines.last().filter(|line| matches!(line.what, What::Asks { .. }));
            let left = asks.map_or(Money::ZERO, |line| line.amount_tiyn);
            assert!(left.is_zero() || rescheduled, "its days alone lead there: {told:#?}");
        }
    }
    match (loan.next_due, told(Figure::NextInstallment)) {
        (Some(due), Ok(told)) => leads_to(&told, due.to_bring),
        (due, told) => assert!(due.is_none() && told.is_err()),
    }
    match (loan.effective_rate(), told(Figure::EffectiveRate)) {
        (Ok(rate), Ok(told)) => assert_eq!(told.result_tenths, Some(rate)),
        (rate, told) => assert!(rate.is_err() && told.is_err()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_lines_of_an_explanation_lead_to_the_figure(
        (terms, events, _) in crate::loan::tests::any_life(),
        days in 0..1_200_i64,
    ) {
        check(&terms, &events, terms.schedule.disbursed_on.saturating_add(days.days()));
    }

    #[test]
    fn so_they_do_for_every_kind_of_agreement_and_event(
        bytes in prop::collection::vec(any::<u8>(), 30..300),
    ) {
        let Ok(mut known) = Known::read(&plausible::replay(&bytes)) else { return Ok(()) };
        // What cannot be is left out, so that the rest is looked at.
        let mut events: Vec<Event> = Vec::new();
        for event in known.events.drain(..) {
            events.push(event);
            if fold(&known.terms, &events, known.as_of).is_err() {
                events.pop();
            }
        }
        if fold(&known.terms, &events, known.as_of).is_ok() {
            check(&known.terms, &events, known.as_of);
        }
    }
}
