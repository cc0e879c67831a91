//! Working days: a business calendar as data, and two kinds of days that never mix.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeMap;

/// A number of working days, counted on a [`Calendar`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct WorkingDays(pub u16);

/// A number of calendar days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CalendarDays(pub u16);

impl CalendarDays {
    /// The date so many days after `date`, stopping at the end of time.
    #[must_use]
    pub fn after(self, date: Date) -> Date {
        crate::rate::days_after(date, i64::from(self.0))
    }
}

/// What a date is, where its weekday does not say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A holiday, or a day off moved from a weekend.
    Off,
    /// A Saturday or Sunday declared a working day.
    Working,
}

/// Which days are worked: Monday to Friday, but for the dated exceptions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calendar(BTreeMap<Date, DayKind>);

impl FromIterator<(Date, DayKind)> for Calendar {
    fn from_iter<I: IntoIterator<Item = (Date, DayKind)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

impl Extend<(Date, DayKind)> for Calendar {
    fn extend<I: IntoIterator<Item = (Date, DayKind)>>(&mut self, days: I) {
        self.0.extend(days);
    }
}

impl Calendar {
    /// Kazakhstan from 2026: the holidays of the Law on holidays for ten years, Kurban Ait for 2026 and 2027
    /// (both estimates). Corrections and the government's swaps are added with `extend`; a later row wins.
    #[must_use]
    pub fn kazakhstan() -> Self {
        let mut calendar = Self::default();
        for year in 2026..2036 {
            calendar.add_year(year);
        }
        calendar
    }

    fn add_year(&mut self, year: i16) {
        let on = |(month, day)| Date::new(year, month, day).ok();
        let staying = NEVER_MOVED.into_iter().filter_map(on);
        let kurban_ait = KURBAN_AIT.into_iter().filter(|day| day.year() == year);
        self.extend(staying.chain(kurban_ait).map(|date| (date, DayKind::Off)));

        let constitution_day = (year >= 2027).then_some((3, 15));
        let moving: Vec<Date> = STATE_HOLIDAYS.into_iter().chain(constitution_day).filter_map(on).collect();
        self.extend(moving.iter().map(|date| (*date, DayKind::Off)));
        for holiday in moving.into_iter().filter(|date| is_weekend(*date)) {
            let instead = WorkingDays(1).after(holiday, self);
            self.0.insert(instead, DayKind::Off);
        }
    }

    /// What a dated row says of `date`, if there is one.
    #[must_use]
    pub fn exception(&self, date: Date) -> Option<DayKind> {
        self.0.get(&date).copied()
    }

    /// Whether `date` is worked.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        self.exception(date).map_or(!is_weekend(date), |kind| kind == DayKind::Working)
    }

    /// `date` itself if it is worked, else the next working day.
    #[must_use]
    pub fn working_day_from(&self, date: Date) -> Date {
        if self.is_working(date) { date } else { WorkingDays(1).after(date, self) }
    }
}

impl WorkingDays {
    /// The last of so many working days after `date`; the day itself does not count. Stops at the end of
    /// time.
    #[must_use]
    pub fn after(self, date: Date, calendar: &Calendar) -> Date {
        let (mut date, mut left) = (date, self.0);
        while left > 0 && date < Date::MAX {
            date = date.saturating_add(1.day());
            left -= u16::from(calendar.is_working(date));
        }
        date
    }

    /// Full working days from `from` (not counted) to `to` (counted).
    #[must_use]
    pub fn between(from: Date, to: Date, calendar: &Calendar) -> Self {
        let worked = from.series(1.day()).skip(1).take_while(|date| *date <= to);
        let count = worked.filter(|date| calendar.is_working(*date)).take(usize::from(u16::MAX)).count();
        Self(u16::try_from(count).unwrap_or(u16::MAX))
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// State holidays; one on a weekend moves to the next working day.
const STATE_HOLIDAYS: [(i8, i8); 12] =
    [(1, 1), (1, 2), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 7), (5, 9), (7, 6), (10, 25), (12, 16)];

/// Orthodox Christmas: a day off which never moves.
const NEVER_MOVED: [(i8, i8); 1] = [(1, 7)];

/// First day of Kurban Ait: a day off which never moves; the dates are estimates until declared.
const KURBAN_AIT: [Date; 2] = [Date::constant(2026, 5, 27), Date::constant(2027, 5, 16)];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Proves [`CL_4_1`](crate::law::CL_4_1), [`CL_5`](crate::law::CL_5).
    #[test]
    fn ten_working_days_skip_the_spring_holidays() {
        let calendar = Calendar::kazakhstan();
        assert_eq!(WorkingDays(10).after(date(2026, 3, 13), &calendar), date(2026, 4, 1));
        assert_eq!(CalendarDays(10).after(date(2026, 3, 13)), date(2026, 3, 23));
        assert_eq!(WorkingDays::between(date(2026, 3, 13), date(2026, 4, 1), &calendar), WorkingDays(10),);
        assert_eq!(WorkingDays(0).after(date(2026, 3, 14), &calendar), date(2026, 3, 14));
        assert_eq!(WorkingDays(u16::MAX).after(Date::MAX, &calendar), Date::MAX);
    }

    #[test]
    fn a_declared_working_saturday_is_worked() {
        let mut calendar = Calendar::kazakhstan();
        calendar.extend([(date(2026, 1, 10), DayKind::Working)]);
        assert_eq!(calendar.working_day_from(date(2026, 1, 10)), date(2026, 1, 10));
        assert_eq!(calendar.working_day_from(date(2026, 1, 11)), date(2026, 1, 12));
    }
}
