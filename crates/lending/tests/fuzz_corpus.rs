//! What fuzzing found worth keeping is asked again with every test: nothing in it panics, and every figure of
//! what can be folded is explained.

use lending::report::explain::{Figure, explain_json};
use lending::report::{quote::quote, replay::replay};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../fuzz/src/plausible.rs"]
#[allow(unreachable_pub, reason = "shared with the fuzz targets")]
mod plausible;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("the kept corpus").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 100, "the corpus of {target} is there");
    files.iter().map(|file| fs::read(file).expect("a readable file")).collect()
}

#[test]
fn whatever_was_asked_of_quote_is_answered_or_refused_by_field() {
    let asked = corpus("quote");
    let told = asked.iter().filter(|bytes| match quote(&plausible::quote(bytes)) {
        Ok(_) => true,
        Err(why) => {
            assert!(!why.field.is_empty() && !why.reason.is_empty());
            false
        }
    });
    assert!(told.count() > 20, "much of it gets past the reading");
}

#[test]
fn whatever_was_asked_of_replay_is_answered_or_refused_by_field() {
    let asked = corpus("replay");
    let told = asked.iter().filter(|bytes| {
        let json = plausible::replay(bytes);
        match replay(&json) {
            Ok(told) => {
                let payoff = explain_json(&json, Figure::Payoff).unwrap();
                assert_eq!(payoff.result_tiyn, Some(told.payoff.to_bring));
                true
            }
            Err(why) => {
                assert!(!why.field.is_empty() && !why.reason.is_empty());
                false
            }
        }
    });
    assert!(told.count() > 20, "much of it gets past the reading");
}
