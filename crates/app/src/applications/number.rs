//! Numbers of agreements: ten digits that survive being read out, typed at a terminal, and put into the text
//! of a payment: two of the year, seven drawn, and a check digit (ISO/IEC 7812-1, Luhn).

use jiff::civil::Date;
use ports::Chance;

/// A new number. Drawn, not counted: numbers tell nobody how many there are. Whoever draws looks whether it is taken.
pub(super) fn draw(chance: &dyn Chance, today: Date) -> String {
    let mut bytes = [0; 8];
    chance.fill(&mut bytes);
    let head = format!("{:02}{:07}", today.year() % 100, u64::from_be_bytes(bytes) % 10_000_000);
    let check = (10 - luhn(head.bytes().rev(), 1) % 10) % 10;
    format!("{head}{check}")
}

/// Whether `text` is a number with its check digit.
#[must_use]
pub fn is_number(text: &str) -> bool {
    text.len() == 10
        && text.bytes().all(|b| b.is_ascii_digit())
        && luhn(text.bytes().rev(), 0).is_multiple_of(10)
}

/// The numbers found in the text of a payment, in order.
pub fn in_text(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| is_number(run))
}

/// Luhn's sum over digits from the right, the first of which stands `at` places from the check digit.
fn luhn(digits: impl Iterator<Item = u8>, at: usize) -> u32 {
    digits
        .enumerate()
        .map(|(i, b)| match (u32::from(b - b'0'), (i + at) % 2) {
            (d, 0) => d,
            (d, _) if d > 4 => d * 2 - 9,
            (d, _) => d * 2,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_payer_who_mistypes_one_digit_or_swaps_two_pays_nobody_elses_credit() {
        for seed in 0..=255 {
            let number = draw(&Fixed(seed), jiff::civil::date(2026, 11, 22));
            assert!(is_number(&number), "{number}");
            for i in 0..10 {
                for digit in b'0'..=b'9' {
                    let mut typed = number.clone().into_bytes();
                    if typed[i] != digit {
                        typed[i] = digit;
                        assert!(!is_number(std::str::from_utf8(&typed).unwrap()));
                    }
                }
            }
        }
    }

    #[test]
    fn a_number_is_found_in_whatever_the_payer_wrote_around_it() {
        let number = draw(&Fixed(7), jiff::civil::date(2026, 11, 22));
        let text = format!("Погашение по договору №{number}/1 от 22.11.2026 ИИН 880101300123");
        assert_eq!(in_text(&text).collect::<Vec<_>>(), [number.as_str()]);
    }
}
