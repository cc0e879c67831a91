//! Closing the day for very many loans, on disk, by the program's own `day::catch_up`: evidence, events, totals and the
//! control total included.
//!
//! A thousand lives are computed by the fold and written a thousand times over by SQL (day/lender.rs); 4 % of the loans
//! have something on the day that closes. Each round closes that day on a copy of the database, after a checkpoint, so
//! that the first touch of each page is in the journal as it is on a real evening. Against it the same day is closed
//! loan by loan on another copy (day/baseline.rs). Then months of days are caught up, and payments taken back.

mod baseline;
mod lender;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use app::{day, payments};
use cluster::{Cluster, Options};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use lender::{Lender, Plan};
use sqlx::{Connection, PgConnection};

use crate::{
    Extent, Outcome, machine, market,
    report::{Report, median},
};

/// The day that closes.
const DAY: Date = date(2026, 6, 15);
/// Loans of the baseline.
const SAMPLE: i64 = 4_000;
/// Days up to which the long scenario is caught up.
const MILESTONES: [i64; 6] = [1, 7, 30, 100, 300, 700];

pub(crate) fn measure(report: &mut Report, extent: Extent) -> Outcome<()> {
    let place = crate::place();
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    let cluster = Cluster::start(&Options::new(place.join("postgres")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let quick = extent.rounds < 5;
    runtime.block_on(one_day(
        report,
        &cluster,
        if quick { 50_000 } else { 1_000_000 },
        if quick { 1 } else { 3 },
    ))?;
    runtime.block_on(many_days(report, &cluster, 1_000, &MILESTONES))?;
    runtime.block_on(many_days(report, &cluster, if quick { 10_000 } else { 100_000 }, &[30]))?;
    drop(runtime);
    drop(cluster);
    fs::remove_dir_all(&place)?;
    Ok(())
}

/// What a closing took.
struct Taken {
    seconds: f64,
    journal_bytes: f64,
    grown_bytes: f64,
    memory_mb: f64,
}

async fn one_day(report: &mut Report, cluster: &Cluster, loans: u32, rounds: u32) -> Outcome<()> {
    let began = Instant::now();
    let yesterday = DAY.yesterday()?;
    let plan = Plan { database: "lender", loans, yesterday, receipts: false };
    lender::make(cluster, &plan, |offered| lender::business(offered, DAY)).await?;
    eprintln!("  {loans} loans in {:.0} s", began.elapsed().as_secs_f64());

    copy(cluster, "lender", "one_by_one").await?;
    let one_by_one = Lender::open(cluster, "one_by_one", DAY.tomorrow()?).await?;
    checkpoint(&one_by_one.url).await?;
    let baseline = baseline::rate(one_by_one.app.pool(), DAY, SAMPLE.min(i64::from(loans))).await?;
    one_by_one.app.pool().close().await;
    remove(cluster, "one_by_one").await?;
    report.tell(
        "one transaction a loan, 8 connections",
        format!("{baseline:.0}/s"),
        format!("{SAMPLE} loans sampled, on disk"),
    );

    let mut taken = Vec::new();
    let mut touched = 0.0;
    for round in 0..rounds {
        let database = format!("round_{round}");
        copy(cluster, "lender", &database).await?;
        let lender = Lender::open(cluster, &database, DAY.tomorrow()?).await?;
        taken.push(close(&lender, loans).await?);
        lender.books().await?;
        let mut connection = PgConnection::connect(&lender.url).await?;
        let folded: i64 = sqlx::query_scalar("select count(*) from standing where base = $1::text::date")
            .bind(DAY.to_string())
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        touched = f64::from(u32::try_from(folded)?) / f64::from(loans);
        lender.app.pool().close().await;
        remove(cluster, &database).await?;
    }
    remove(cluster, "lender").await?;
    let middle = |of: fn(&Taken) -> f64| median(taken.iter().map(of).collect());
    let all = f64::from(loans);
    let rate = all / middle(|taken| taken.seconds);
    let rates: Vec<String> = taken.iter().map(|taken| format!("{:.0}", all / taken.seconds)).collect();
    report.hold(
        "loans closed",
        format!("{rate:.0}/s"),
        format!(
            "{loans} loans in {:.1} s, {:.1} % folded; rounds {}",
            middle(|t| t.seconds),
            100.0 * touched,
            rates.join(", ")
        ),
        ">= 150000/s",
        rate >= 150_000.0,
    );
    let ratio = rate / baseline;
    report.hold(
        "loans closed, against one by one",
        format!("{ratio:.0}"),
        String::new(),
        ">= 100",
        ratio >= 100.0,
    );
    let grown = middle(|taken| taken.grown_bytes) / all;
    report.hold(
        "database growth, a loan and day",
        format!("{grown:.1} bytes"),
        String::new(),
        "< 15",
        grown < 15.0,
    );
    let journal = middle(|taken| taken.journal_bytes) / all;
    report.hold(
        "journal, a loan and day",
        format!("{journal:.0} bytes"),
        String::new(),
        "< 150",
        journal < 150.0,
    );
    let memory = middle(|taken| taken.memory_mb);
    report.hold(
        "memory while closing",
        format!("{memory:.0} MB"),
        "resident, at most".into(),
        "< 300 MB",
        memory < 300.0,
    );
    Ok(())
}

async fn close(lender: &Lender, loans: u32) -> Outcome<Taken> {
    checkpoint(&lender.url).await?;
    let before = sizes(&lender.url).await?;
    let watch = Memory::watch();
    let began = Instant::now();
    let closed = day::catch_up(&lender.app).await.map_err(market::told)?;
    let seconds = began.elapsed().as_secs_f64();
    let memory_mb = watch.end();
    let after = sizes(&lender.url).await?;
    if closed.len() != 1 || closed.iter().any(|day| day.loans != i64::from(loans) || day.exceptions != 0) {
        return Err(format!("not one day of all loans: {closed:?}").into());
    }
    Ok(Taken { seconds, journal_bytes: after.0 - before.0, grown_bytes: after.1 - before.1, memory_mb })
}

/// Catches up to each milestone; the scenario that is skipped elsewhere. With payments taken back on the way.
async fn many_days(report: &mut Report, cluster: &Cluster, loans: u32, milestones: &[i64]) -> Outcome<()> {
    let given_on = date(2026, 1, 1);
    let plan = Plan { database: "annuities", loans, yesterday: given_on, receipts: true };
    lender::make(cluster, &plan, |offered| lender::annuities(offered, given_on)).await?;
    let lender = Lender::open(cluster, plan.database, given_on.tomorrow()?).await?;
    let (mut seconds, mut each) = (0.0, Vec::new());
    for milestone in milestones {
        lender.advance_to(given_on.checked_add((*milestone + 1).days())?);
        let began = Instant::now();
        day::catch_up(&lender.app).await.map_err(market::told)?;
        let took = began.elapsed().as_secs_f64();
        seconds += took;
        each.push(format!("{milestone}: {took:.1}"));
        if *milestone == 300 {
            lender.advance_to(given_on.checked_add(321.days())?);
            day::catch_up(&lender.app).await.map_err(market::told)?;
            take_back(report, &lender).await?;
        }
    }
    lender.books().await?;
    lender.app.pool().close().await;
    remove(cluster, plan.database).await?;
    report.hold(
        &format!("{loans} annuities of 24 months caught up to day {}", milestones.last().unwrap_or(&0)),
        format!("{seconds:.1} s"),
        format!("seconds to day {}", each.join(", ")),
        "< 60 s",
        seconds < 60.0,
    );
    Ok(())
}

/// Takes back payments of 300 days ago.
async fn take_back(report: &mut Report, lender: &Lender) -> Outcome<()> {
    let mut connection = PgConnection::connect(&lender.url).await?;
    let references: Vec<String> =
        sqlx::query_scalar("select reference from receipt order by reference limit 101")
            .fetch_all(&mut connection)
            .await?;
    // Whoever is late was told so long ago.
    sqlx::query(
        "update loan l set delay_told = s.overdue_since from standing s
         where s.tenant_id = l.tenant_id and s.loan_id = l.id",
    )
    .execute(&mut connection)
    .await?;
    connection.close().await?;
    let mut milliseconds = Vec::new();
    for reference in &references {
        let began = Instant::now();
        if !payments::take_back(&lender.app, reference).await.map_err(market::told)? {
            return Err(format!("{reference} could not be taken back").into());
        }
        milliseconds.push(began.elapsed().as_secs_f64() * 1e3);
    }
    lender.books().await?;
    let middle = median(milliseconds);
    let beside = format!("{} payments, ledger and commit included", references.len());
    report.hold(
        "a repayment of 300 days ago taken back",
        format!("{middle:.1} ms"),
        beside,
        "< 10 ms",
        middle < 10.0,
    );
    Ok(())
}

async fn copy(cluster: &Cluster, from: &str, to: &str) -> Outcome<()> {
    maintain(cluster, format!("create database {to} template {from} strategy file_copy")).await
}

async fn remove(cluster: &Cluster, database: &str) -> Outcome<()> {
    maintain(cluster, format!("drop database {database} with (force)")).await
}

async fn maintain(cluster: &Cluster, sql: String) -> Outcome<()> {
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await?;
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn checkpoint(url: &str) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("checkpoint").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Bytes of journal ever written, and of the database.
async fn sizes(url: &str) -> Outcome<(f64, f64)> {
    let mut connection = PgConnection::connect(url).await?;
    let sizes = sqlx::query_as(
        "select (pg_current_wal_lsn() - '0/0')::float8, pg_database_size(current_database())::float8",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(sizes)
}

/// Looks at this process's memory every twenty milliseconds.
struct Memory {
    stop: Arc<AtomicBool>,
    peak_kb: Arc<AtomicU64>,
}

impl Memory {
    fn watch() -> Self {
        let (stop, peak_kb) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let watch = Self { stop: Arc::clone(&stop), peak_kb: Arc::clone(&peak_kb) };
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let now = machine::resident_kb(std::process::id()).unwrap_or_default();
                peak_kb.fetch_max(now, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        watch
    }

    /// Megabytes, at most.
    fn end(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        f64::from(u32::try_from(self.peak_kb.load(Ordering::Relaxed)).unwrap_or(u32::MAX)) / 1024.0
    }
}
