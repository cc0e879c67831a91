//! The figures of docs/figures.md: each with what it is held against, measured in the same run.
//!
//! `cargo bench -p testkit [-- [--quick] [--strict] [quote] [first-page] [pages] [posting] [day]]`. `--quick` takes fewer
//! clients and rounds, for a look whether it runs; with `--strict` a missed target is a failure; naming parts
//! measures those only. What is measured, and how: each file's head.

mod day;
mod first_page;
mod machine;
mod market;
mod pages;
mod posting;
mod quote;
mod report;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use cluster::{Cluster, Options};

use crate::{market::Market, report::Report};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
    clients: u32,
    /// Requests to each page in a round; all rounds together see every client once.
    requests: u32,
    rounds: u32,
    /// Seconds of posting in a round.
    seconds: u32,
}

const FULL: Extent = Extent { clients: 10_000, requests: 1_000, rounds: 10, seconds: 5 };
const QUICK: Extent = Extent { clients: 600, requests: 200, rounds: 3, seconds: 2 };

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let said = |word: &str| arguments.iter().any(|argument| argument == word);
    let all = arguments.iter().all(|argument| argument.starts_with("--"));
    let part = |word: &str| all || said(word);
    if let [command, url, ..] = &arguments[..]
        && command == pages::SERVE
    {
        return ended(pages::serve(url).map(|()| true));
    }
    let extent = if said("--quick") { QUICK } else { FULL };
    ended(measure(extent, part).map(|all_met| all_met || !said("--strict")))
}

fn ended(outcome: Outcome<bool>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("figures: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `target/bench`: on the disk that a server would have, not in memory.
fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench")
}

fn measure(extent: Extent, part: impl Fn(&str) -> bool) -> Outcome<bool> {
    let mut report = Report::new(extent);
    if part("quote") {
        quote::measure(&mut report)?;
    }
    if part("first-page") {
        first_page::measure(&mut report, extent)?;
    }
    if part("pages") || part("posting") {
        over_clients(&mut report, extent, &part)?;
    }
    if part("day") {
        day::measure(&mut report, extent)?;
    }
    Ok(report.end())
}

fn over_clients(report: &mut Report, extent: Extent, part: impl Fn(&str) -> bool) -> Outcome<()> {
    let place = place();
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    let cluster = Cluster::start(&Options::new(place.join("postgres")))?;
    let postmaster = fs::read_to_string(place.join("postgres/data/postmaster.pid"))?;
    let postmaster: u32 = postmaster.lines().next().unwrap_or_default().trim().parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let market = runtime.block_on(Market::open(&cluster, extent.clients))?;
    if part("pages") {
        pages::measure(report, &market, postmaster, extent)?;
    }
    if part("posting") {
        runtime.block_on(posting::measure(report, &market, postmaster, extent))?;
    }
    drop(runtime);
    drop(cluster);
    fs::remove_dir_all(&place)?;
    Ok(())
}
