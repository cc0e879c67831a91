//! Money, dates and shares as people write them in each language. The browser cannot do it: it has no Kazakh.
//!
//! Nothing here breaks across lines: the spaces inside a sum or a date are U+00A0. A minus is U+2212.

use jiff::{Timestamp, civil::Date, tz};

use crate::Lang;

const NO_BREAK_SPACE: char = '\u{a0}';

/// A sum: `1 234 567,89 ₸` (kk, ru), `1,234,567.89 ₸` (en). Tiyn are shown, always two digits, unless they
/// are zero: `15 000 ₸`.
pub fn money(lang: Lang, tiyn: i64) -> String {
    let (tenge, rest) = (tiyn.unsigned_abs() / 100, tiyn.unsigned_abs() % 100);
    let mut sum = sign(tiyn);
    sum.push_str(&grouped(lang, tenge));
    if rest != 0 {
        sum.push(decimal_mark(lang));
        sum.push_str(&format!("{rest:02}"));
    }
    sum.push(NO_BREAK_SPACE);
    sum.push('₸');
    sum
}

/// A share given in millionths: `46,3 %` (ru), `46,3%` (kk), `46.3%` (en). All digits that are there, at
/// most four after the mark, without zeros at the end.
pub fn percent(lang: Lang, ppm: i64) -> String {
    let (whole, rest) = (ppm.unsigned_abs() / 10_000, ppm.unsigned_abs() % 10_000);
    let mut share = sign(ppm);
    share.push_str(&grouped(lang, whole));
    if rest != 0 {
        share.push(decimal_mark(lang));
        share.push_str(format!("{rest:04}").trim_end_matches('0'));
    }
    if lang == Lang::Ru {
        share.push(NO_BREAK_SPACE);
    }
    share.push('%');
    share
}

/// A date in words: `2026 ж. 22 қараша` · `22 ноября 2026 г.` · `22 November 2026`.
pub fn date(lang: Lang, date: Date) -> String {
    let (year, day) = (date.year(), date.day());
    let month = usize::from(date.month().unsigned_abs()) - 1;
    let words = match lang {
        Lang::Kk => format!("{year} ж. {day} {}", KK_MONTHS[month]),
        Lang::Ru => format!("{day} {} {year} г.", RU_MONTHS[month]),
        Lang::En => format!("{day} {} {year}", EN_MONTHS[month]),
    };
    words.replace(' ', "\u{a0}")
}

/// A date in digits, the same in every language, day first as on every paper of the country: `22.11.2026`.
pub fn date_short(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}

/// An instant on the clocks of the country (UTC+5 everywhere since 1 March 2024): the date in words, then hours and
/// minutes: `22 ноября 2026 г., 14:05`.
pub fn instant(lang: Lang, instant: Timestamp) -> String {
    let local = tz::offset(5).to_datetime(instant);
    format!("{}, {:02}:{:02}", date(lang, local.date()), local.hour(), local.minute())
}

fn sign(number: i64) -> String {
    if number < 0 { "−".to_owned() } else { String::new() }
}

fn decimal_mark(lang: Lang) -> char {
    if lang == Lang::En { '.' } else { ',' }
}

fn grouped(lang: Lang, number: u64) -> String {
    let separator = if lang == Lang::En { ',' } else { NO_BREAK_SPACE };
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

const KK_MONTHS: [&str; 12] = [
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
];

const RU_MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    /// Spaces as typed, so that expectations can be read.
    fn seen(text: &str) -> String {
        assert!(!text.contains(' '), "{text}: would break across lines");
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn a_sum_reads_as_on_paper_in_each_language() {
        for (tiyn, ru, en) in [
            (0, "0 ₸", "0 ₸"),
            (5, "0,05 ₸", "0.05 ₸"),
            (100_000, "1 000 ₸", "1,000 ₸"),
            (99_990, "999,90 ₸", "999.90 ₸"),
            (123_456_789, "1 234 567,89 ₸", "1,234,567.89 ₸"),
            (-123_401, "−1 234,01 ₸", "−1,234.01 ₸"),
            (-1, "−0,01 ₸", "−0.01 ₸"),
            (i64::MIN, "−92 233 720 368 547 758,08 ₸", "−92,233,720,368,547,758.08 ₸"),
        ] {
            assert_eq!(seen(&money(Lang::Kk, tiyn)), ru);
            assert_eq!(seen(&money(Lang::Ru, tiyn)), ru);
            assert_eq!(seen(&money(Lang::En, tiyn)), en);
        }
    }

    #[test]
    fn a_rate_loses_no_digit() {
        for (ppm, kk, ru, en) in [
            (463_000, "46,3%", "46,3 %", "46.3%"),
            (460_000, "46%", "46 %", "46%"),
            (1, "0,0001%", "0,0001 %", "0.0001%"),
            (2_000_500, "200,05%", "200,05 %", "200.05%"),
            (-5_000, "−0,5%", "−0,5 %", "−0.5%"),
        ] {
            let shown = Lang::ALL.map(|lang| seen(&percent(lang, ppm)));
            assert_eq!(shown, [kk, ru, en]);
        }
    }

    #[test]
    fn a_date_reads_as_in_a_contract() {
        let day = civil::date(2026, 11, 22);
        let shown = Lang::ALL.map(|lang| seen(&date(lang, day)));
        assert_eq!(shown, ["2026 ж. 22 қараша", "22 ноября 2026 г.", "22 November 2026"]);
        assert_eq!(date_short(civil::date(2026, 1, 2)), "02.01.2026");
        let may = Lang::ALL.map(|lang| seen(&date(lang, civil::date(2027, 5, 1))));
        assert_eq!(may, ["2027 ж. 1 мамыр", "1 мая 2027 г.", "1 May 2027"]);
    }

    #[test]
    fn an_instant_shows_the_clock_of_the_country_across_midnight() {
        let late: Timestamp = "2026-11-21T19:05:59Z".parse().unwrap();
        assert_eq!(instant(Lang::Ru, late).replace('\u{a0}', " "), "22 ноября 2026 г., 00:05");
        assert_eq!(instant(Lang::Kk, late).replace('\u{a0}', " "), "2026 ж. 22 қараша, 00:05");
    }
}
