//! The distance between due dates.

use crate::rate::{days_after, days_from};
use jiff::civil::Date;

/// The distance between due dates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// So many months, on the anchor's day or the month's last.
    Months(u16),
    /// Twice a month, fifteen days of the month apart: on the 1st and the 16th, on the 10th and the 25th; the
    /// 31st counts as the 30th.
    HalfMonths,
    /// So many weeks.
    Weeks(u16),
    /// So many days; with one installment, a short credit paid back at once.
    Days(u16),
}

impl Period {
    /// The end of the first period of a credit given on `date`.
    #[must_use]
    pub fn first_due_after(self, date: Date) -> Date {
        self.step(date, date.day(), 1)
    }

    /// `count` periods after `date` (before it, if negative), where `date` stands for `day` of the month.
    pub(crate) fn step(self, date: Date, day: i8, count: i32) -> Date {
        match self {
            Self::Days(days) => days_after(date, i64::from(days) * i64::from(count)),
            Self::Weeks(weeks) => days_after(date, 7 * i64::from(weeks) * i64::from(count)),
            Self::Months(months) => in_month(date, i32::from(months).saturating_mul(count), day),
            Self::HalfMonths => {
                let first = if day > 15 { day.min(30) - 15 } else { day };
                let halves = i32::from(day > 15) + count;
                let day = if halves.rem_euclid(2) == 1 { first + 15 } else { first };
                in_month(date, halves.div_euclid(2), day)
            }
        }
    }

    /// About how many periods lie between two dates.
    pub(crate) fn steps_between(self, from: Date, to: Date) -> i32 {
        let months = 12 * (i32::from(to.year()) - i32::from(from.year()))
            + (i32::from(to.month()) - i32::from(from.month()));
        let days = |length: i64| i32::try_from(days_from(from, to).div_euclid(length.max(1))).unwrap_or(0);
        match self {
            Self::Months(length) => months.div_euclid(i32::from(length.max(1))),
            Self::HalfMonths => 2 * months,
            Self::Weeks(length) => days(7 * i64::from(length)),
            Self::Days(length) => days(i64::from(length)),
        }
    }

    /// Whether due dates can be that far apart.
    pub(crate) fn is_sensible(self) -> bool {
        match self {
            Self::Months(months) => (1..=12).contains(&months),
            Self::HalfMonths => true,
            Self::Weeks(weeks) => (1..=52).contains(&weeks),
            Self::Days(days) => (1..=366).contains(&days),
        }
    }
}

/// `day`, or the last one, of the month `months` after that of `date`; stops at the ends of time.
fn in_month(date: Date, months: i32, day: i8) -> Date {
    let month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
    let first = first.and_then(|(year, month)| Date::new(year, month, 1).ok());
    let ends = if months > 0 { Date::MAX } else { Date::MIN };
    first.map_or(ends, |first| {
        Date::new(first.year(), first.month(), day.min(first.days_in_month())).unwrap_or(first)
    })
}
