//! Text from outside: read, held under limits, refused with the field and the reason.

use crate::calendar::Calendar;
use crate::law::rules::{CreditKind, RULE_SETS, RuleSet};
use crate::loan::{AllocationOrder, Conduct, LoanTerms};
use crate::rate::DailyRate;
use crate::schedule::{DaysOff, Terms, TermsError};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest input that is read, in bytes: enough for ten thousand events.
pub const INPUT_BYTES_MAX: usize = 4 << 20;

/// Why an input is refused.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InputError {
    /// The path to what is wrong: `schedule.rate_ppm`, `events[3]`; `input` for all of it.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl InputError {
    pub(super) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }

    pub(super) fn terms(within: &str, why: TermsError) -> Self {
        let field = match why {
            TermsError::Principal => "principal_tiyn",
            TermsError::Rate => "rate_ppm",
            _ => why.field(),
        };
        Self::new(format!("{within}{field}"), reason(&why.to_string()))
    }

    fn json(path: &str, why: &serde_json::Error) -> Self {
        Self::new(if matches!(path, "." | "?" | "") { "input" } else { path }, why.to_string())
    }
}

/// What follows the field in a message of ours.
pub(super) fn reason(message: &str) -> &str {
    message.split_once(": ").map_or(message, |(_, reason)| reason)
}

/// Reads the whole of `json`.
pub(super) fn read<T: DeserializeOwned>(json: &str) -> Result<T, InputError> {
    if json.len() > INPUT_BYTES_MAX {
        return Err(InputError::new("input", format!("longer than {INPUT_BYTES_MAX} bytes")));
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|why| InputError::json(&why.path().to_string(), why.inner()))?;
    reader.end().map_err(|why| InputError::json(".", &why))?;
    Ok(value)
}

/// An agreement as an auditor writes it down: that of a loan, with what can be derived left out.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Amount, rate and dates.
    pub schedule: Terms,
    /// Penalty for each day of delay, parts per million of what is overdue; none if not said.
    #[serde(rename = "penalty_ppm_per_day", default)]
    pub penalty: DailyRate,
    /// What a payment is taken for first; the order of the law if not said.
    #[serde(default)]
    pub allocation: AllocationOrder,
    /// The rule set it is held against, by its first day; the one in force on the day of disbursement if not
    /// said.
    #[serde(default)]
    pub rule_set: Option<String>,
    /// What kind of credit it is; an individual's without a pledge if not said.
    #[serde(default)]
    pub kind: CreditKind,
    /// How the loan answers to what was not planned.
    #[serde(default)]
    pub conduct: Conduct,
    /// What becomes of due dates on days off: weekends, and the holidays of Kazakhstan from 2026 to 2035.
    #[serde(default)]
    pub days_off: DaysOff,
}

impl Agreement {
    /// Mere terms, with nothing said beyond.
    #[must_use]
    pub fn of(schedule: Terms) -> Self {
        Self {
            schedule,
            penalty: DailyRate::default(),
            allocation: AllocationOrder::default(),
            rule_set: None,
            kind: CreditKind::default(),
            conduct: Conduct::default(),
            days_off: DaysOff::Stay,
        }
    }

    /// The terms of the loan; `within` is the path to this agreement, ending with a point, and to its schedule.
    pub(super) fn agreed(
        self,
        within: &str,
        schedule: &str,
    ) -> Result<(LoanTerms, &'static RuleSet), InputError> {
        let terms = match self.days_off {
            DaysOff::Stay => self.schedule.check().map(|()| self.schedule),
            DaysOff::Forward => self.schedule.with_days_off(DaysOff::Forward, &Calendar::kazakhstan()),
        };
        let terms = terms.map_err(|why| InputError::terms(schedule, why))?;
        let rules = match &self.rule_set {
            Some(id) => RuleSet::by_id(id).ok_or_else(|| {
                let known: Vec<&str> = RULE_SETS.iter().map(|set| set.id).collect();
                InputError::new(format!("{within}rule_set"), format!("must be one of {}", known.join(", ")))
            })?,
            None => RuleSet::on(terms.disbursed_on).ok_or_else(|| {
                let (first, last) = (&RULE_SETS[0], &RULE_SETS[RULE_SETS.len() - 1]);
                InputError::new(
                    format!("{schedule}disbursed_on"),
                    format!(
                        "rule sets are known from {} to {}; name one in rule_set",
                        first.from, last.until
                    ),
                )
            })?,
        };
        let terms = LoanTerms {
            schedule: terms,
            penalty: self.penalty,
            allocation: self.allocation,
            rule_set: rules.id.to_owned(),
            kind: self.kind,
            days_off: self.days_off,
            conduct: self.conduct,
        };
        Ok((terms, rules))
    }
}
