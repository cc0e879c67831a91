//! Who lives in the simulated country.
//!
//! Any IIN with a right check digit is a person whom the registers know, whose names and document are
//! right and whose face is theirs. The first two of the four serial digits (the 8th and 9th of the IIN)
//! make a person special, see [`Fate::of`]; a few things depend on what is typed instead: a phone ending
//! in `0000` belongs to somebody else, the surname `ЧУЖОЙ` or `WRONG` is never the person's own, the
//! document `000000000` is never valid.

use jiff::civil::{Date, date};
use lending::iin::Iin;

/// What is special about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Ordinary,
    /// Serial 91xx: repays another credit, 15 000 ₸ a month.
    OneDebt,
    /// Serial 92xx: repays two others, 180 000 ₸ a month.
    HeavyDebt,
    /// Serial 93xx: 95 days overdue elsewhere.
    Overdue,
    /// Serial 94xx: has voluntarily refused to take credits.
    VoluntaryRefusal,
    /// On the list of persons connected with terrorism: only those in [`listed`].
    Listed,
    /// Serial 96xx: the state database does not know this IIN.
    Unknown,
    /// Serial 97xx: the document is no longer valid.
    DocumentInvalid,
    /// Serial 98xx: the face on the photo is another.
    FaceDiffers,
}

impl Fate {
    /// The fate that `iin` carries.
    #[must_use]
    pub fn of(iin: &str) -> Self {
        match iin.get(7..9) {
            Some("91") => Self::OneDebt,
            Some("92") => Self::HeavyDebt,
            Some("93") => Self::Overdue,
            Some("94") => Self::VoluntaryRefusal,
            Some("96") => Self::Unknown,
            Some("97") => Self::DocumentInvalid,
            Some("98") => Self::FaceDiffers,
            _ => Self::Ordinary,
        }
    }
}

/// A ready-made person for the demonstration.
#[derive(Clone)]
pub struct Person {
    /// What is special.
    pub fate: Fate,
    /// IIN with a right check digit.
    pub iin: String,
    /// Surname, given name, patronymic.
    pub names: [&'static str; 3],
    /// Date of birth.
    pub born: Date,
    /// Document number.
    pub document: &'static str,
    /// Phone.
    pub phone: &'static str,
}

/// The example persons of the page, the ordinary first.
#[must_use]
pub fn examples() -> Vec<Person> {
    let row = |fate, born: Date, sex_digit, serial, names, document, phone| Person {
        fate,
        iin: iin(born, sex_digit, serial),
        names,
        born,
        document,
        phone,
    };
    let [listed_by_iin, listed_by_name] = listed();
    vec![
        row(
            Fate::Ordinary,
            date(1992, 5, 14),
            4,
            100,
            ["Ахметова", "Айгүл", "Серікқызы"],
            "040000001",
            "+77010000101",
        ),
        row(
            Fate::Ordinary,
            date(2001, 11, 3),
            5,
            200,
            ["Иванов", "Пётр", "Сергеевич"],
            "040000002",
            "+77010000102",
        ),
        row(
            Fate::OneDebt,
            date(1988, 2, 29),
            3,
            9100,
            ["Оспанов", "Ерлан", "Маратұлы"],
            "040000003",
            "+77010000103",
        ),
        row(
            Fate::HeavyDebt,
            date(1979, 7, 21),
            4,
            9200,
            ["Ким", "Елена", "Викторовна"],
            "040000004",
            "+77010000104",
        ),
        row(
            Fate::Overdue,
            date(1995, 12, 1),
            3,
            9300,
            ["Жұмабаев", "Нұрлан", "Қайратұлы"],
            "040000005",
            "+77010000105",
        ),
        row(
            Fate::VoluntaryRefusal,
            date(1983, 9, 9),
            4,
            9400,
            ["Сейітова", "Гүлнар", "Әлібекқызы"],
            "040000006",
            "+77010000106",
        ),
        listed_by_iin,
        listed_by_name,
        row(
            Fate::Unknown,
            date(1990, 4, 4),
            3,
            9600,
            ["Беков", "Санжар", "Тимурұлы"],
            "040000009",
            "+77010000109",
        ),
        row(
            Fate::DocumentInvalid,
            date(1975, 1, 30),
            4,
            9700,
            ["Попова", "Анна", "Игоревна"],
            "040000010",
            "+77010000110",
        ),
        row(
            Fate::FaceDiffers,
            date(1998, 8, 18),
            3,
            9800,
            ["Дәулетов", "Арман", "Ержанұлы"],
            "040000011",
            "+77010000111",
        ),
    ]
}

/// The organisation on the list, invented.
pub const LISTED_ORGANISATION: &str = "ОБЩЕСТВО «ОЙДАН ШЫҒАРЫЛҒАН ҚОР»";

/// Those on the list, invented: the first stands there with an IIN, the second with name and birth date.
#[must_use]
pub fn listed() -> [Person; 2] {
    let (first, second) = (date(1985, 3, 12), date(1980, 2, 1));
    [
        Person {
            fate: Fate::Listed,
            iin: iin(first, 3, 9500),
            names: ["Ойдан", "Шығарылған", "Бірінші"],
            born: first,
            document: "040000007",
            phone: "+77010000107",
        },
        Person {
            fate: Fate::Listed,
            iin: iin(second, 3, 9550),
            names: ["Выдуманный", "Фёдор", "Второй"],
            born: second,
            document: "040000008",
            phone: "+77010000108",
        },
    ]
}

/// The first valid IIN from `serial` on: some have no check digit and are never issued.
pub fn iin(born: Date, sex_digit: u8, serial: u16) -> String {
    let birth = born.strftime("%y%m%d").to_string();
    (serial..10_000)
        .flat_map(|serial| (0..10).map(move |check| (serial, check)))
        .map(|(serial, check)| format!("{birth}{sex_digit}{serial:04}{check}"))
        .find(|candidate| Iin::parse(candidate).is_ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_on_the_page_can_be_typed_into_the_form() {
        for person in examples() {
            let iin = Iin::parse(&person.iin).expect("valid");
            assert_eq!(iin.birth_date(), person.born);
            assert!(person.fate == Fate::Listed || Fate::of(&person.iin) == person.fate);
            assert!(lending::phone::Phone::parse(person.phone).is_ok());
        }
    }
}
