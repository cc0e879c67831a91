//! Posting a repayment: the bank's notification from its signature on, allocated, in the ledger, with audit
//! events and the message to the client enqueued; sixteen at a time, every commit on disk.
//!
//! Against it pgbench drives the bare SQL of the same transaction (repayment.sql), with as many connections, on a
//! copy of the same database on the same server, in turns. That both write as many rows is checked.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use app::payments;
use hmac::{Hmac, KeyInit, Mac};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use crate::{
    Extent, Outcome, machine,
    market::{self, Market},
    report::{Report, median},
};

const CONNECTIONS: u32 = 16;
const ROUNDS: u32 = 5;
const AMOUNT_TENGE: u32 = 5_000;
const TARGET: f64 = 0.5;
/// What a repayment writes to, beside the loan's own row.
const TABLES: [&str; 6] = ["receipt", "evidence", "audit_event", "loan_event", "transfer", "job"];

pub(crate) async fn measure(
    report: &mut Report,
    market: &Market,
    postmaster: u32,
    extent: Extent,
) -> Outcome<()> {
    let rounds = if extent.rounds < ROUNDS { 1 } else { ROUNDS };
    let bare = Bare::find(market, extent)?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut our_cpu, mut their_cpu) = (Vec::new(), Vec::new());
    post(market, extent, rounds, Duration::from_secs(1)).await?; // so that connections and caches are warm
    bare.run(rounds, 1, 2.0)?;
    for round in 0..rounds {
        let before =
            (rows(&market.url).await?, machine::database(postmaster)?, machine::process(std::process::id())?);
        let began = Instant::now();
        let posted = post(market, extent, round, Duration::from_secs(extent.seconds.into())).await?;
        let rate = posted / began.elapsed().as_secs_f64();
        let database = (machine::database(postmaster)? - before.1).as_secs_f64() * 1e6 / posted;
        let program = (machine::process(std::process::id())? - before.2).as_secs_f64() * 1e6 / posted;
        our_cpu.push((program, database));
        let wrote = each(&before.0, &rows(&market.url).await?, posted);

        let before = (rows(&market.copy_url).await?, machine::database(postmaster)?);
        let run = bare.run(round, extent.seconds, wrote[4] - 1.0)?;
        their_cpu.push((machine::database(postmaster)? - before.1).as_secs_f64() * 1e6 / run.transactions);
        let they_wrote = each(&before.0, &rows(&market.copy_url).await?, run.transactions);
        for ((table, ours), theirs) in TABLES.iter().zip(wrote).zip(they_wrote) {
            if (ours - theirs).abs() > 0.05 {
                return Err(
                    format!("{table}: a repayment writes {ours:.2} rows, repayment.sql {theirs:.2}").into()
                );
            }
        }
        ours.push(rate);
        theirs.push(run.rate);
        ratios.push(rate / run.rate);
    }
    market.books().await?;

    let (program, database): (Vec<_>, Vec<_>) = our_cpu.into_iter().unzip();
    let (program, database) = (median(program), median(database));
    report.tell(
        "bare SQL of a repayment by pgbench",
        format!("{:.0}/s", median(theirs)),
        format!("{:.0} µs of the database's processor time each", median(their_cpu)),
    );
    report.tell(
        "repayments posted",
        format!("{:.0}/s", median(ours)),
        format!("{program:.0} server + {database:.0} database µs of processor time each"),
    );
    let ratio = median(ratios);
    let range = format!("of pgbench's rate; {rounds} pairs of rounds");
    report.hold(
        "repayments posted, against bare SQL",
        format!("{ratio:.2}"),
        range,
        ">= 0.5",
        ratio >= TARGET,
    );
    Ok(())
}

/// Has the program take in notifications for so long. How many.
async fn post(market: &Market, extent: Extent, round: u32, time: Duration) -> Outcome<f64> {
    let until = Instant::now() + time;
    let posted = Arc::new(AtomicU64::new(0));
    let secret: Arc<str> = market.world.settings().bank.notification_secret.into();
    let mut payers = JoinSet::new();
    for payer in 0..CONNECTIONS {
        let (app, posted, secret) = (market.app.clone(), Arc::clone(&posted), Arc::clone(&secret));
        payers.spawn(async move {
            let mut i = 0;
            while Instant::now() < until {
                let n = anybody(round * CONNECTIONS + payer, i, extent.clients);
                let (body, signature) = notification(&format!("R{round}P{payer}N{i}"), n, &secret)?;
                payments::notified(&app, body.as_bytes(), &signature).await.map_err(market::told)?;
                posted.fetch_add(1, Ordering::Relaxed);
                i += 1;
            }
            Outcome::Ok(())
        });
    }
    while let Some(payer) = payers.join_next().await {
        payer??;
    }
    Ok(u32::try_from(posted.load(Ordering::Relaxed)).map(f64::from)?)
}

/// The number of a client, scattered but the same in every run.
fn anybody(payer: u32, i: u32, clients: u32) -> u32 {
    (payer.wrapping_mul(0x9e37_79b9) ^ i.wrapping_mul(0x85eb_ca6b)).rotate_right(13).wrapping_mul(0xc2b2_ae35)
        % clients
        + 1
}

/// `camt.054` of one receipt as the simulated bank writes it, and its signature.
fn notification(reference: &str, n: u32, secret: &str) -> Outcome<(String, String)> {
    let (number, account) = (market::number(n)?, simulator::ACCOUNT);
    let today = app::op::business_date(testkit::beginning());
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>N{reference}</MsgId><CreDtTm>{today}T12:00:00+05:00</CreDtTm></GrpHdr>\
         <Ntfctn><Id>N{reference}</Id><CreDtTm>{today}T12:00:00+05:00</CreDtTm>\
         <Acct><Id><IBAN>{account}</IBAN></Id></Acct>\
         <Ntry><Amt Ccy=\"KZT\">{AMOUNT_TENGE}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>{today}</Dt></BookgDt><ValDt><Dt>{today}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>\
         <NtryDtls><TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>\
         <RmtInf><Ustrd>Погашение микрокредита, договор {number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\
         </Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    );
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(body.as_bytes());
    let signature = app::vault::hex(&mac.finalize().into_bytes());
    Ok((body, signature))
}

/// The bare SQL, driven by pgbench.
struct Bare {
    pgbench: PathBuf,
    script: PathBuf,
    url: String,
    clients: u32,
    /// Bytes of the evidence that the program seals: the notification and the tag.
    sealed: usize,
}

struct Run {
    rate: f64,
    transactions: f64,
}

impl Bare {
    fn find(market: &Market, extent: Extent) -> Outcome<Self> {
        let version = |dir: &Path| dir.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        let mut versions: Vec<PathBuf> =
            fs::read_dir("/usr/lib/postgresql")?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
        versions.sort_by_key(|dir| version(dir));
        let pgbench = versions.pop().ok_or("no PostgreSQL")?.join("bin/pgbench");
        let script = crate::place().join("repayment.sql");
        fs::write(&script, include_str!("repayment.sql"))?;
        let sealed = notification("R0P00N0000", 1, &"0".repeat(32))?.0.len() + 16;
        Ok(Self { pgbench, script, url: market.copy_url.clone(), clients: extent.clients, sealed })
    }

    /// Runs for so many seconds; `transfers` is how many rows of the ledger a repayment has on the average,
    /// beside the receipt's own.
    fn run(&self, round: u32, seconds: u32, transfers: f64) -> Outcome<Run> {
        let mut command = Command::new(&self.pgbench);
        command.args([
            "-n",
            "-M",
            "prepared",
            "-c",
            &CONNECTIONS.to_string(),
            "-j",
            "2",
            "-T",
            &seconds.to_string(),
            "-f",
        ]);
        command.arg(&self.script);
        for (name, value) in [
            ("clients", self.clients.to_string()),
            ("round", (round + 1).to_string()),
            ("few", format!("{:.0}", transfers.floor())),
            ("per_mille", format!("{:.0}", transfers.fract() * 1000.0)),
            ("sealed", format!("\\x{}", "5e".repeat(self.sealed))),
            ("c", "0".to_owned()),
        ] {
            command.args(["-D", &format!("{name}={value}")]);
        }
        // As the program connects.
        command.env(
            "PGOPTIONS",
            "-c role=nesie_program -c timezone=UTC -c statement_timeout=30s -c lock_timeout=5s",
        );
        let output = command.arg(&self.url).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = |before: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(before))?;
            line.trim().split([' ', '/']).next()?.parse::<f64>().ok()
        };
        let read = (
            number("tps ="),
            number("number of transactions actually processed:"),
            number("number of failed transactions:"),
        );
        match read {
            (Some(rate), Some(transactions), failed)
                if output.status.success() && failed.unwrap_or_default() == 0.0 =>
            {
                Ok(Run { rate, transactions })
            }
            _ => Err(format!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

async fn rows(url: &str) -> Outcome<Vec<f64>> {
    let mut connection = PgConnection::connect(url).await?;
    let mut counts = Vec::new();
    for table in TABLES {
        let sql = format!("select count(*)::float8 from {table}");
        counts.push(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await?);
    }
    connection.close().await?;
    Ok(counts)
}

fn each(before: &[f64], after: &[f64], of: f64) -> Vec<f64> {
    before.iter().zip(after).map(|(before, after)| (after - before) / of).collect()
}
