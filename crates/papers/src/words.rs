//! Amounts in words, as agreements carry them.

use lending::money::Money;

/// An amount in words in Kazakh and Russian, tiyn in figures: `бір мың бес жүз теңге 00 тиын`,
/// `одна тысяча пятьсот тенге 00 тиынов`. Nothing for a negative amount or one above [`Money::MAX`].
#[must_use]
pub fn in_words(amount: Money) -> Option<(String, String)> {
    if amount.is_negative() || !amount.is_within_max() {
        return None;
    }
    let tiyn = amount.tiyn().unsigned_abs();
    let (tenge, tiyn) = (tiyn / 100, tiyn % 100);
    let kk = format!("{} теңге {tiyn:02} тиын", kazakh(tenge));
    let ru = format!("{} тенге {tiyn:02} {}", russian(tenge), plural(tiyn, ["тиын", "тиына", "тиынов"]));
    Some((kk, ru))
}

/// Thousands to trillions, highest first: the value of the group and its power.
fn groups(number: u64) -> impl Iterator<Item = (u64, usize)> {
    (0..5_usize)
        .rev()
        .map(move |power| {
            (number / [1, 1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000][power] % 1_000, power)
        })
        .filter(|&(value, _)| value > 0)
}

fn at(words: &'static [&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}

fn kazakh(number: u64) -> String {
    const ONES: [&str; 10] = ["", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"];
    const TENS: [&str; 10] =
        ["", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"];
    const POWERS: [&str; 5] = ["", "мың", "миллион", "миллиард", "триллион"];
    let mut words = Vec::new();
    for (value, power) in groups(number) {
        let hundreds = value / 100;
        if hundreds > 1 {
            words.push(at(&ONES, hundreds));
        }
        if hundreds > 0 {
            words.push("жүз");
        }
        words.extend([at(&TENS, value / 10 % 10), at(&ONES, value % 10), POWERS[power]]);
    }
    join(&words, "нөл")
}

fn russian(number: u64) -> String {
    const ONES: [&str; 20] = [
        "",
        "один",
        "два",
        "три",
        "четыре",
        "пять",
        "шесть",
        "семь",
        "восемь",
        "девять",
        "десять",
        "одиннадцать",
        "двенадцать",
        "тринадцать",
        "четырнадцать",
        "пятнадцать",
        "шестнадцать",
        "семнадцать",
        "восемнадцать",
        "девятнадцать",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "двадцать",
        "тридцать",
        "сорок",
        "пятьдесят",
        "шестьдесят",
        "семьдесят",
        "восемьдесят",
        "девяносто",
    ];
    const HUNDREDS: [&str; 10] = [
        "",
        "сто",
        "двести",
        "триста",
        "четыреста",
        "пятьсот",
        "шестьсот",
        "семьсот",
        "восемьсот",
        "девятьсот",
    ];
    const POWERS: [[&str; 3]; 5] = [
        ["", "", ""],
        ["тысяча", "тысячи", "тысяч"],
        ["миллион", "миллиона", "миллионов"],
        ["миллиард", "миллиарда", "миллиардов"],
        ["триллион", "триллиона", "триллионов"],
    ];
    let mut words = Vec::new();
    for (value, power) in groups(number) {
        let below = value % 100;
        let (tens, ones) = if below < 20 { (0, below) } else { (below / 10, below % 10) };
        // A thousand is feminine.
        let ones = match (power, ones) {
            (1, 1) => "одна",
            (1, 2) => "две",
            _ => at(&ONES, ones),
        };
        words.extend([at(&HUNDREDS, value / 100), at(&TENS, tens), ones, plural(value, POWERS[power])]);
    }
    join(&words, "ноль")
}

/// The Russian form after a number: one, few, many.
pub(crate) fn plural(number: u64, [one, few, many]: [&'static str; 3]) -> &'static str {
    match (number % 100, number % 10) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

fn join(words: &[&str], zero: &str) -> String {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    if words.is_empty() { zero.to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_in_words_is_the_sum_in_figures() {
        let cases = [
            (0, "нөл теңге 00 тиын", "ноль тенге 00 тиынов"),
            (1, "нөл теңге 01 тиын", "ноль тенге 01 тиын"),
            (100, "бір теңге 00 тиын", "один тенге 00 тиынов"),
            (10_000, "жүз теңге 00 тиын", "сто тенге 00 тиынов"),
            (111_212, "бір мың жүз он екі теңге 12 тиын", "одна тысяча сто двенадцать тенге 12 тиынов"),
            (
                29_490_022,
                "екі жүз тоқсан төрт мың тоғыз жүз теңге 22 тиын",
                "двести девяносто четыре тысячи девятьсот тенге 22 тиына",
            ),
            (
                202_100_100,
                "екі миллион жиырма бір мың бір теңге 00 тиын",
                "два миллиона двадцать одна тысяча один тенге 00 тиынов",
            ),
            (100_000_000_000_000, "бір триллион теңге 00 тиын", "один триллион тенге 00 тиынов"),
            (
                51_200_001_101,
                "бес жүз он екі миллион он бір теңге 01 тиын",
                "пятьсот двенадцать миллионов одиннадцать тенге 01 тиын",
            ),
        ];
        for (tiyn, kk, ru) in cases {
            let (in_kazakh, in_russian) = in_words(Money::from_tiyn(tiyn)).unwrap();
            assert_eq!((in_kazakh.as_str(), in_russian.as_str()), (kk, ru), "{tiyn} tiyn");
        }
        assert_eq!(in_words(Money::from_tiyn(-1)), None);
        assert_eq!(in_words(Money::from_tiyn(100_000_000_000_001)), None);
    }
}
