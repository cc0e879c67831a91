//! Holds the engine against what others computed: schedules through the life of a loan, and effective rates.
//!
//! A case is data: terms, a timeline of operations, and what a schedule, a total or a balance must be on the
//! way. It is mapped onto our terms and events; what our words cannot say is skipped with the reason. Nothing
//! here knows a particular case.

mod expectations;
mod rates;
mod schedules;
mod theirs;

use serde_json::Value;
use std::fmt;

/// What became of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything agreed.
    Passed,
    /// The first difference.
    Failed(String),
    /// Why it cannot be said in our words.
    Skipped(String),
}

/// A case and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The case.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// All verdicts on a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report(pub Vec<Verdict>);

impl Report {
    /// How many passed, failed and were skipped.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Outcome) -> bool| self.0.iter().filter(|verdict| is(&verdict.outcome)).count();
        (
            count(|outcome| *outcome == Outcome::Passed),
            count(|outcome| matches!(outcome, Outcome::Failed(_))),
            count(|outcome| matches!(outcome, Outcome::Skipped(_))),
        )
    }
}

/// A line for each failure and each skip, and the counts.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Verdict { id, outcome } in &self.0 {
            match outcome {
                Outcome::Passed => {}
                Outcome::Failed(difference) => writeln!(f, "FAILED  {id}: {difference}")?,
                Outcome::Skipped(reason) => writeln!(f, "skipped {id}: {reason}")?,
            }
        }
        let (passed, failed, skipped) = self.counts();
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Loans with a timeline and expected schedules.
    Schedules,
    /// Cash flows with their annual effective rate.
    EffectiveRate,
}

/// Runs every case of a file.
///
/// # Errors
/// Where the text is not a list of cases.
pub fn run(kind: Kind, json: &str) -> Result<Report, String> {
    let cases: Vec<Value> =
        serde_json::from_str(json).map_err(|error| format!("not a list of cases: {error}"))?;
    let judge = match kind {
        Kind::Schedules => schedules::judge,
        Kind::EffectiveRate => rates::judge,
    };
    Ok(Report(cases.iter().map(judge).collect()))
}
