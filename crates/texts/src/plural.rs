//! Plural categories of whole numbers (Unicode CLDR, cardinal rules with no fraction digits).

/// What a number asks of the noun after it. `Other` is never asked by a whole number in Russian.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Category {
    One,
    Few,
    Many,
    Other,
}

/// Kazakh: `n = 1`.
pub(crate) fn kk(n: i64) -> Category {
    if n.unsigned_abs() == 1 { Category::One } else { Category::Other }
}

/// English: `i = 1 and v = 0`.
pub(crate) fn en(n: i64) -> Category {
    kk(n)
}

/// Russian: 1, 21, 101 день · 2, 3, 22 дня · 0, 5, 11–14, 111 дней.
pub(crate) fn ru(n: i64) -> Category {
    let n = n.unsigned_abs();
    match (n % 10, n % 100) {
        (1, tens) if tens != 11 => Category::One,
        (2..=4, tens) if !(12..=14).contains(&tens) => Category::Few,
        _ => Category::Many,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_russian_reader_sees_the_right_noun_after_every_number() {
        for n in [1, 21, 31, 101, 121, 1001, -1, -21] {
            assert_eq!(ru(n), Category::One, "{n}");
        }
        for n in [2, 3, 4, 22, 34, 102, 1002, -2] {
            assert_eq!(ru(n), Category::Few, "{n}");
        }
        for n in [0, 5, 10, 11, 12, 13, 14, 20, 25, 100, 111, 112, 114, 1011, -11, i64::MIN, i64::MAX] {
            assert_eq!(ru(n), Category::Many, "{n}");
        }
    }

    #[test]
    fn kazakh_and_english_tell_one_from_the_rest() {
        for rule in [kk, en] {
            assert_eq!(rule(1), Category::One);
            for n in [0, 2, 11, 21, 111] {
                assert_eq!(rule(n), Category::Other, "{n}");
            }
        }
    }
}
