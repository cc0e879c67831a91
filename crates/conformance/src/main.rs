//! `conformance schedules FILE` and `conformance effective-rate FILE`.

use conformance::{Kind, run};
use std::process::ExitCode;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (kind, file) = match words[..] {
        ["schedules", file] => (Kind::Schedules, file),
        ["effective-rate", file] => (Kind::EffectiveRate, file),
        _ => {
            eprintln!("usage: conformance schedules|effective-rate FILE");
            return ExitCode::from(2);
        }
    };
    let report =
        std::fs::read_to_string(file).map_err(|error| error.to_string()).and_then(|json| run(kind, &json));
    match report {
        Ok(report) => {
            println!("{report}");
            if report.counts().1 == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::from(2)
        }
    }
}
