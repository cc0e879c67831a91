//! How far a closing is: a bar on a terminal, a line now and then in a log.

use std::{
    io::{IsTerminal, Write, stderr},
    sync::Mutex,
    time::{Duration, Instant},
};

use app::day::Progress;

/// Characters of the bar.
const WIDTH: i64 = 30;
/// Between two lines in a log.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells on standard error.
pub(crate) struct Teller {
    began: Instant,
    terminal: bool,
    said: Mutex<Option<Instant>>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), terminal: stderr().is_terminal(), said: Mutex::new(None) }
    }

    pub(crate) fn tell(&self, progress: Progress) {
        let whole = progress.chunks_done >= progress.chunks;
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.terminal {
            let end = if whole { "\n" } else { "" };
            let _ = write!(stderr(), "\r{}{end}", bar(progress, self.began.elapsed()));
        } else if whole || said.is_none_or(|at| at.elapsed() >= PAUSE) {
            *said = Some(Instant::now());
            tracing::info!("{}", line(progress, self.began.elapsed()));
        }
    }
}

/// `2026-06-15 [##########--------------------] 33 %  412000 loans/s  2 s left`
fn bar(progress: Progress, elapsed: Duration) -> String {
    let filled = WIDTH * progress.chunks_done / progress.chunks.max(1);
    let mark = |at: i64| if at < filled { '#' } else { '-' };
    let bar: String = (0..WIDTH).map(mark).collect();
    let percent = 100 * progress.chunks_done / progress.chunks.max(1);
    format!("{} [{bar}] {percent} %  {}", days(progress), pace(progress, elapsed))
}

/// `closing 2026-06-15: 20 of 62 chunks, 412000 loans/s, 2 s left`
fn line(progress: Progress, elapsed: Duration) -> String {
    let Progress { chunks_done, chunks, .. } = progress;
    format!("closing {}: {chunks_done} of {chunks} chunks, {}", days(progress), pace(progress, elapsed))
}

fn days(progress: Progress) -> String {
    let Progress { from, to, .. } = progress;
    if from == to { from.to_string() } else { format!("{from}…{to}") }
}

fn pace(progress: Progress, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a pace is read, not booked")]
    let (loans, done, all) = (progress.loans as f64, progress.chunks_done as f64, progress.chunks as f64);
    let left = if done > 0.0 { seconds * (all - done) / done } else { 0.0 };
    format!("{:.0} loans/s  {left:.0} s left", loans / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn who_waits_for_a_closing_sees_how_far_it_is_and_how_long_it_takes() {
        let day = date(2026, 6, 15);
        let progress = Progress { from: day, to: day, chunks_done: 20, chunks: 60, loans: 400_000 };
        let elapsed = Duration::from_secs(2);
        let bar = bar(progress, elapsed);
        assert_eq!(bar, "2026-06-15 [##########--------------------] 33 %  200000 loans/s  4 s left");
        let days = Progress { to: date(2026, 6, 20), ..progress };
        assert_eq!(
            line(days, elapsed),
            "closing 2026-06-15…2026-06-20: 20 of 60 chunks, 200000 loans/s  4 s left"
        );
        let none = Progress { chunks: 0, chunks_done: 0, loans: 0, ..progress };
        assert!(super::bar(none, Duration::ZERO).contains(" 0 %"));
    }
}
