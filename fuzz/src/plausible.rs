//! Bytes that begin with a brace are taken as they are; all others are drawn on, byte by byte, for JSON that is
//! nearly right, so that most of it gets past the reading and into the arithmetic.

use std::fmt::Write;

/// Terms for `quote`.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    as_given(bytes).unwrap_or_else(|| {
        let mut draw = Draw(bytes);
        if draw.one_in(2) { terms(&mut draw) } else { agreement(&mut draw) }
    })
}

/// Terms and events for `replay`.
#[must_use]
pub fn replay(bytes: &[u8]) -> String {
    as_given(bytes).unwrap_or_else(|| {
        let mut draw = Draw(bytes);
        let terms = agreement(&mut draw);
        let as_of = day(&mut draw);
        let mut events = String::new();
        let (mut sequence, mut on) = (0, 0);
        while !draw.0.is_empty() && sequence < 12 {
            if sequence > 0 {
                events.push(',');
            }
            event(&mut draw, &mut events, sequence, &mut on);
            sequence += 1;
        }
        format!(r#"{{"terms":{terms},"events":[{events}],"as_of":"{as_of}"}}"#)
    })
}

fn as_given(bytes: &[u8]) -> Option<String> {
    bytes.starts_with(b"{").then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Bytes to choose by; zeros when they are used up.
struct Draw<'a>(&'a [u8]);

impl Draw<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self, bytes: u32) -> i64 {
        (0..bytes).fold(0, |number, _| number << 8 | i64::from(self.byte()))
    }

    /// Seldom: once in so many draws.
    fn one_in(&mut self, many: u8) -> bool {
        self.byte() % many == many - 1
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }
}

const DAY_COUNTS: [&str; 7] = [
    "actual365",
    "actual360",
    "actual_actual",
    "actual_actual_february",
    "thirty360",
    "equal_months",
    "equal_months365",
];

fn agreement(draw: &mut Draw<'_>) -> String {
    let mut text = format!(r#"{{"schedule":{},"rule_set":"2026-01-01""#, terms(draw));
    if draw.one_in(2) {
        write!(text, r#","penalty_ppm_per_day":{}"#, draw.number(2)).expect("a string takes all");
    }
    if draw.one_in(6) {
        let kinds = ["secured", "wholly_secured", "mortgage", "wholly_mortgaged", "business"];
        write!(text, r#","kind":"{}""#, draw.pick(&kinds)).expect("a string takes all");
    }
    if draw.one_in(6) {
        text.push_str(r#","days_off":"forward""#);
    }
    if draw.one_in(5) {
        let order = draw.pick(&[
            r#"["penalty","overdue_interest","overdue_principal","current_interest","current_principal"]"#,
            r#"["current_interest","current_principal","penalty","overdue_interest","overdue_principal"]"#,
        ]);
        write!(text, r#","allocation":{order}"#).expect("a string takes all");
    }
    if draw.one_in(2) {
        let conduct = format!(
            r#","conduct":{{"interest_on":"{}","deviation":"{}","early_money":"{}","rounded":"{}","allocate_by":"{}","tranches":{}}}"#,
            draw.pick(&["balance", "balance_not_overdue", "plan"]),
            draw.pick(&["payment", "last_installment"]),
            draw.pick(&["hold", "next_installment", "last_installment", "lower_installment"]),
            draw.pick(&["due_dates", "changes"]),
            draw.pick(&["component", "installment"]),
            draw.one_in(2),
        );
        text.push_str(&conduct);
    }
    text.push('}');
    text
}

fn terms(draw: &mut Draw<'_>) -> String {
    let principal = amount(draw);
    let rate = match draw.byte() {
        0..=20 => 0,
        21..=230 => draw.number(2) * 8,
        231..=250 => 10_000_000,
        _ => draw.number(4),
    };
    let installments = match draw.byte() {
        0..=240 => i64::from(draw.byte() % 16),
        241..=253 => i64::from(draw.byte() % 64),
        _ => 600,
    };
    let method = draw.pick(&["annuity", "differentiated", "bullet", "annuity", "shares"]);
    let length = draw.byte();
    let period = match length % 4 {
        0 => format!(r#"{{"months":{}}}"#, length / 4 % 13),
        1 => r#""half_months""#.to_owned(),
        2 => format!(r#"{{"weeks":{}}}"#, length / 4),
        _ => format!(r#"{{"days":{}}}"#, length),
    };
    let mut text = format!(
        r#"{{"principal_tiyn":{principal},"rate_ppm":{rate},"method":"{method}","installments":{installments},"period":{period},"disbursed_on":"{}","first_due":"{}","day_count":"{}""#,
        date(0, i64::from(draw.byte() % 64)),
        date(0, 20 + i64::from(draw.byte())),
        draw.pick(&DAY_COUNTS),
    );
    if method == "shares" || draw.one_in(3) {
        options(draw, &mut text, method == "shares", installments);
    }
    text.push('}');
    text
}

fn options(draw: &mut Draw<'_>, text: &mut String, shares: bool, installments: i64) {
    let interest = draw.pick(&["declining", "declining", "flat"]);
    write!(
        text,
        r#","options":{{"grace":{{"principal":{},"interest":{},"interest_free":{}}},"round_to":{{"interest_tiyn":{},"installment_tiyn":{}}},"interest":"{interest}","down_payment_ppm":{}"#,
        draw.byte() % 4,
        draw.byte() % 4,
        draw.byte() % 4,
        draw.pick(&[1, 100, 10_000, 1_000_000, 7]),
        draw.pick(&[1, 100, 10_000, 1_000_000, 7]),
        if draw.one_in(4) { draw.number(3) } else { 0 },
    )
    .expect("a string takes all");
    if shares && installments > 0 {
        let mut left = 1_000_000;
        let shares: Vec<String> = (1..=installments)
            .map(|number| {
                let share = if number == installments { left } else { left.min(draw.number(2)) };
                left -= share;
                share.to_string()
            })
            .collect();
        write!(text, r#","shares_ppm":[{}]"#, shares.join(",")).expect("a string takes all");
    }
    if draw.one_in(8) {
        let mut due = 30;
        let dates: Vec<String> = (0..installments)
            .map(|_| {
                due += i64::from(draw.byte());
                format!("\"{}\"", date(0, due))
            })
            .collect();
        write!(text, r#","due_on":[{}]"#, dates.join(",")).expect("a string takes all");
    }
    text.push('}');
}

fn event(draw: &mut Draw<'_>, text: &mut String, sequence: i64, last: &mut i64) {
    if sequence == 0 && !draw.one_in(16) {
        let (on, amount) = (i64::from(draw.byte() % 80), 100_000_000);
        *last = on;
        let amount = if draw.one_in(4) { draw.number(3) } else { amount };
        write!(text, r#"{{"on":"{}","sequence":0,"what":"disbursed","amount_tiyn":{amount}}}"#, date(0, on))
            .expect("a string takes all");
        return;
    }
    *last += match draw.byte() {
        gap @ 0..=200 => i64::from(gap % 40),
        gap => 7 * i64::from(gap) - 1_600,
    };
    let what = match draw.byte() % 20 {
        0..=7 => format!(r#""repaid","id":"{}","amount_tiyn":{}"#, id(sequence), amount(draw)),
        8 => format!(r#""repayment_reversed","id":"{}""#, id(i64::from(draw.byte() % 12))),
        9 | 10 => {
            let mode = draw.pick(&["keep_term", "keep_installment"]);
            let amount = if draw.one_in(2) { amount(draw).to_string() } else { "null".to_owned() };
            format!(r#""early_repayment_requested","mode":"{mode}","amount_tiyn":{amount}"#)
        }
        11 => format!(r#""penalty_charged","amount_tiyn":{}"#, amount(draw)),
        12 => {
            format!(
                r#""waived","part":"{}","amount_tiyn":{}"#,
                draw.pick(&["interest", "penalty"]),
                amount(draw)
            )
        }
        13 => format!(r#""rate_changed","rate_ppm":{}"#, draw.number(3)),
        14 | 15 => {
            let from = date(0, *last + i64::from(draw.byte()));
            let moved = *last + i64::from(draw.byte());
            let next = if draw.one_in(2) { format!("\"{}\"", date(0, moved)) } else { "null".to_owned() };
            format!(
                r#""rescheduled","from":"{from}","next_due":{next},"more_installments":{},"grace_on_principal":{},"grace_on_interest":{},"keep_installment":{}"#,
                draw.byte() % 20,
                draw.byte() % 4,
                draw.byte() % 4,
                draw.one_in(2),
            )
        }
        16 => {
            let until = *last + i64::from(draw.byte());
            let until = if draw.one_in(2) { format!("\"{}\"", date(0, until)) } else { "null".to_owned() };
            format!(r#""accrual_suspended","until":{until}"#)
        }
        17 => format!(r#""accrual_resumed","interest":"{}""#, draw.pick(&["charged", "dropped"])),
        18 => {
            let by = draw.pick(&["uncollectible", "verdict"]);
            format!(r#""written_off","by":"{by}","claim_kept":{}"#, draw.one_in(2))
        }
        _ if draw.one_in(2) => r#""sold""#.to_owned(),
        _ => format!(r#""overpayment_returned","amount_tiyn":{}"#, amount(draw)),
    };
    write!(text, r#"{{"on":"{}","sequence":{sequence},"what":{what}}}"#, date(0, *last))
        .expect("a string takes all");
}

fn id(number: i64) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

fn amount(draw: &mut Draw<'_>) -> i64 {
    match draw.byte() {
        0..=80 => 100_000_000,
        81..=180 => draw.number(3),
        181..=210 => draw.number(4),
        211..=225 => i64::from(draw.byte()),
        226..=240 => 100_000_000_000_000,
        241..=250 => draw.number(6),
        251 => 0,
        _ => draw.number(8),
    }
}

fn day(draw: &mut Draw<'_>) -> String {
    let year = match draw.byte() {
        0..=180 => 0,
        far @ 181..=250 => i64::from(far % 40),
        far => 30 * i64::from(far - 250) - 30,
    };
    date(year, draw.number(2) % 1_200)
}

/// So many years and months of 30 days after January 2026; the 29th to 31st now and then.
fn date(years: i64, days: i64) -> String {
    let (years, days) = (2026 + years + days.div_euclid(360), days.rem_euclid(360));
    let (month, day) = (days / 30 + 1, days % 30 + 1);
    let day = if month == 2 {
        day.min(28)
    } else if day == 30 && month % 2 == 1 {
        31 - i64::from(month > 8)
    } else {
        day
    };
    format!("{years:04}-{month:02}-{day:02}")
}
