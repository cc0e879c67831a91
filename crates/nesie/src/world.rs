//! Real time and real chance: the only place that asks the machine for either.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicI64, Ordering},
};

use app::{demonstration, op::business_date};
use jiff::{SignedDuration, Timestamp, civil::Date};
use ports::{Chance, Clock};
use simulator::MovableClock;

#[expect(clippy::disallowed_methods, reason = "here is where time comes from")]
fn machine_now() -> Timestamp {
    Timestamp::now()
}

/// The machine's clock.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        machine_now()
    }
    fn security_now(&self) -> Timestamp {
        machine_now()
    }
}

/// The machine's clock, ahead by as many days as a visitor has moved it from where it opened. Kept in a file: the next
/// start must not go back behind what has been posted.
pub(crate) struct DemoClock {
    days_ahead: AtomicI64,
    file: PathBuf,
}

/// The furthest a demonstration may be moved: the rules and the calendar are known for a few years.
const DAYS_AHEAD_MAX: i64 = 4_000;

impl DemoClock {
    /// The calendar as it was left; of a demonstration that `is_new`, as it opens ([`demonstration::opens_on`]).
    pub(crate) fn remembered(file: PathBuf, is_new: bool) -> io::Result<Self> {
        let days = match fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map_err(io::Error::other)?,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) if is_new => {
                let today = business_date(machine_now());
                let days = i64::from((demonstration::opens_on(today) - today).get_days());
                keep(&file, days)?;
                days
            }
            Err(_) => 0,
        };
        Ok(Self { days_ahead: AtomicI64::new(days), file })
    }

    /// It opened before the machine's day, or was not moved as far.
    pub(crate) fn is_behind(&self) -> bool {
        self.days_ahead.load(Ordering::Relaxed) < 0
    }
}

fn keep(file: &Path, days: i64) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, days.to_string())?;
    fs::rename(&new, file)
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        machine_now() + SignedDuration::from_hours(24 * self.days_ahead.load(Ordering::Relaxed))
    }
    fn security_now(&self) -> Timestamp {
        machine_now()
    }
}

impl MovableClock for DemoClock {
    fn today(&self) -> Date {
        business_date(self.now())
    }

    fn instant(&self) -> Timestamp {
        self.security_now()
    }

    fn advance_to(&self, date: Date) -> Result<(), String> {
        let days = i64::from((date - self.today()).get_days());
        let ahead = self.days_ahead.load(Ordering::Relaxed) + days;
        if days < 0 || ahead > DAYS_AHEAD_MAX {
            return Err("the calendar moves forward only, and by at most eleven years".into());
        }
        keep(&self.file, ahead).map_err(|error| error.to_string())?;
        self.days_ahead.store(ahead, Ordering::Relaxed);
        Ok(())
    }
}

/// The machine's randomness.
pub(crate) struct MachineChance;

impl Chance for MachineChance {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without randomness must not go on making keys and codes.
        #[expect(clippy::expect_used, reason = "there is no safe way on")]
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}
