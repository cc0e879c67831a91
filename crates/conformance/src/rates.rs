//! Effective rates: dated flows, and the rate they must have.

use crate::theirs::{Theirs, date_of, signed_of};
use crate::{Outcome, Verdict};
use lending::effective_rate::EffectiveRate;
use serde_json::Value;

pub(crate) fn judge(case: &Value) -> Verdict {
    let id = case.text("name").or(case.text("id")).unwrap_or("a case without a name").to_owned();
    let outcome = match compare(case) {
        Ok(None) => Outcome::Passed,
        Ok(Some(difference)) => Outcome::Failed(difference),
        Err(unreadable) => Outcome::Failed(unreadable),
    };
    Verdict { id, outcome }
}

fn compare(case: &Value) -> Result<Option<String>, String> {
    let flows = case["cashflows"].as_array().ok_or("cashflows: not a list")?;
    let flow = flows.iter().map(|pair| {
        let both = date_of(&pair[0]).zip(signed_of(&pair[1]));
        both.ok_or_else(|| format!("cashflows: {pair} is not a date and an amount"))
    });
    let flow: Vec<_> = flow.collect::<Result<_, _>>()?;
    let theirs = case.text("gesv_rounded").ok_or("gesv_rounded: missing")?;
    let ours = EffectiveRate::of(flow).map_or_else(|error| error.to_string(), |rate| rate.to_string());
    Ok((ours != theirs).then(|| format!("rate: theirs {theirs}, ours {ours}")))
}
