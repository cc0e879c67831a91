//! Our results held against data that others made. The data are not part of the project: where they are absent, the
//! tests say so and pass, unless `NESIE_SHARED_REQUIRED=1` demands them.

use jiff::civil::Date;
use lending::calendar::{Calendar, DayKind};

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
