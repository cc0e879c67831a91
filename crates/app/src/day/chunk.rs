//! One chunk of loans through the days of a run, in one transaction.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use lending::{
    ledger::{Transfer, Turnover, postings},
    loan::{Accrued, Event, Loan as Folded, LoanTerms, Status, fold},
    product::AccrualRecord,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    PLACES, Run,
    block::{Block, Blocks},
    copy,
};
use crate::{
    App, audit,
    jobs::{self, Work},
    loans::{
        self,
        ledger::{self, Posting},
        standing::{self, Held, day_number},
    },
    op::{Context, System},
    refusal::{Fault, Result},
};

/// Clients told of their delays by one job: it must end within the job's lease.
const TOLD_TOGETHER: usize = 200;

/// Whether a product asks for a row per loan and day.
pub(super) type ByRows = HashMap<Uuid, bool>;

/// Asks all products, those no longer offered included.
pub(super) async fn by_rows(app: &App) -> Result<ByRows> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    let products =
        sqlx::query!("select id, body from product where tenant_id = $1", tenant).fetch_all(op.db()).await?;
    products
        .into_iter()
        .map(|row| {
            let product: lending::product::Product = serde_json::from_value(row.body)?;
            Ok((row.id, product.accrual_record == AccrualRecord::Rows))
        })
        .collect()
}

/// Closes a chunk that nobody has taken, or waits for one that somebody has and may leave. How many loans it took;
/// nothing if all chunks are done.
pub(super) async fn close_one(app: &App, run: Run, by_rows: &ByRows) -> Result<Option<i64>> {
    let mut op = app.begin(System).await?;
    // A month of days of a chunk may take longer than a client would be kept waiting.
    sqlx::query!(
        "select set_config('lock_timeout', '10min', true) as locks, set_config('statement_timeout', '10min', true) as work,
                set_config('idle_in_transaction_session_timeout', '10min', true) as pauses"
    )
    .fetch_one(op.db())
    .await?;
    let Some((chunk, from)) = take(&mut op, run).await? else { return Ok(None) };
    let run = Run { from, to: run.to };
    let loans = copy::loans(&mut op, chunk * PLACES..(chunk + 1) * PLACES).await?;
    let changing: Vec<Uuid> =
        loans.iter().filter(|held| held.lines.changes_on <= run.to).map(|held| held.loan).collect();
    let lives = lives(&mut op, &changing).await?;
    let taken = i64::try_from(loans.len()).unwrap_or(i64::MAX);
    let by_rows = by_rows.clone();
    // Off the threads that serve clients.
    let closing = tokio::task::spawn_blocking(move || {
        let mut closing = Closing { run, by_rows, ..Closing::default() };
        for held in loans {
            closing.close(held, lives.get(&held.loan));
        }
        closing
    })
    .await?;
    closing.write(&mut op, &changing).await?;
    let (tenant, to) = (op.tenant, run.to.to_sqlx());
    sqlx::query!(
        "update day_chunk set closed_to = $3 where tenant_id = $1 and chunk = $2",
        tenant,
        chunk,
        to as _
    )
    .execute(op.db())
    .await?;
    op.commit().await?;
    Ok(Some(taken))
}

/// Locks a chunk of the run; its number and the first day that it lacks.
async fn take(op: &mut Context, run: Run) -> Result<Option<(i32, Date)>> {
    let tenant = op.tenant;
    let free = sqlx::query!(
        "select chunk, closed_to from day_chunk where tenant_id = $1 and closed_to < $2
         order by chunk limit 1 for update skip locked",
        tenant,
        run.to.to_sqlx() as _,
    )
    .fetch_optional(op.db())
    .await?;
    let (chunk, closed_to) = match free {
        Some(row) => (row.chunk, row.closed_to),
        None => {
            let left = sqlx::query!(
                "select chunk, closed_to from day_chunk where tenant_id = $1 and closed_to < $2
                 order by chunk desc limit 1 for update",
                tenant,
                run.to.to_sqlx() as _,
            )
            .fetch_optional(op.db())
            .await?;
            let Some(row) = left else { return Ok(None) };
            (row.chunk, row.closed_to)
        }
    };
    let from = Date::from(closed_to).tomorrow().map_err(Fault::new)?;
    Ok(Some((chunk, from)))
}

/// What a loan is folded from, as stored: one that cannot be read is that loan's trouble alone.
struct Life {
    terms: String,
    events: Vec<String>,
}

async fn lives(op: &mut Context, loans: &[Uuid]) -> Result<HashMap<Uuid, Life>> {
    if loans.is_empty() {
        return Ok(HashMap::new());
    }
    let tenant = op.tenant;
    let terms = sqlx::query!(
        r#"select id, terms::text as "terms!" from loan where tenant_id = $1 and id = any($2)"#,
        tenant,
        loans
    )
    .fetch_all(op.db())
    .await?;
    let events = sqlx::query!(
        r#"select loan_id, body::text as "body!" from loan_event where tenant_id = $1 and loan_id = any($2)"#,
        tenant,
        loans
    )
    .fetch_all(op.db())
    .await?;
    let mut lives: HashMap<Uuid, Life> =
        terms.into_iter().map(|row| (row.id, Life { terms: row.terms, events: Vec::new() })).collect();
    for row in events {
        if let Some(life) = lives.get_mut(&row.loan_id) {
            life.events.push(row.body);
        }
    }
    Ok(lives)
}

/// What the days of a run bring to the loans of a chunk.
#[derive(Default)]
struct Closing {
    run: Run,
    by_rows: ByRows,
    totals: BTreeMap<(Date, Uuid), Accrued>,
    blocks: BTreeMap<(Date, Uuid), Blocks>,
    rows: Vec<EvidenceRow>,
    postings: Vec<Posting>,
    changed: Vec<Changed>,
    parked: Vec<Parked>,
}

struct EvidenceRow {
    day: Date,
    product: Uuid,
    loan: Uuid,
    accrued: Accrued,
    overdue_days: u32,
}

struct Changed {
    held: Held,
    status: Status,
    status_before: Status,
    delay_began: bool,
    closed_on: Option<Date>,
}

struct Parked {
    loan: Uuid,
    from: Date,
    reason: String,
}

impl Closing {
    /// Takes a loan through the days.
    fn close(&mut self, held: Held, life: Option<&Life>) {
        let lines = held.lines;
        let before = self.run.from.yesterday().unwrap_or(self.run.from);
        let mut done_to = before.clamp(lines.base, lines.last());
        done_to = self.along(&held, done_to);
        if lines.changes_on > self.run.to {
            return;
        }
        // A panic is this loan's trouble too, and not the day's.
        let went = catch_unwind(AssertUnwindSafe(|| self.changes(held, life, &mut done_to)));
        let reason = match went {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => reason,
            Err(_) => "a panic; see the log".to_owned(),
        };
        let from = done_to.tomorrow().unwrap_or(done_to).max(self.run.from);
        self.parked.push(Parked { loan: held.loan, from, reason });
    }

    /// Accrues the days after `done_to` as far as the lines hold.
    fn along(&mut self, held: &Held, done_to: Date) -> Date {
        let (mut day, mut accrued) = (done_to, held.lines.accrued(done_to));
        let last = held.lines.last().min(self.run.to);
        while day < last {
            day = day.tomorrow().unwrap_or(last);
            let now = held.lines.accrued(day);
            self.evidence(held, day, now - accrued, held.lines.overdue_days(day));
            accrued = now;
        }
        day
    }

    /// Folds the loan on each day on which its lines change, and accrues along them in between.
    fn changes(
        &mut self,
        mut held: Held,
        life: Option<&Life>,
        done_to: &mut Date,
    ) -> std::result::Result<(), String> {
        let life = life.ok_or("its agreement is missing")?;
        let terms: LoanTerms =
            serde_json::from_str(&life.terms).map_err(|error| format!("terms: {error}"))?;
        let events: std::result::Result<Vec<Event>, _> =
            life.events.iter().map(|body| serde_json::from_str(body)).collect();
        let events = events.map_err(|error| format!("events: {error}"))?;
        let folded = |on| fold(&terms, &events, on).map_err(|error| error.to_string());

        let mut before = folded(*done_to)?;
        let first = before.clone();
        if accrued(&before.turnover) != held.lines.accrued(*done_to) {
            return Err(format!("on {done_to} its fold and its standing differ"));
        }
        let mut changed = None;
        while *done_to < self.run.to && held.lives {
            let day = held.lines.changes_on.max(self.run.from);
            if day > self.run.to {
                break;
            }
            let now = match folded(day) {
                Ok(now) => now,
                Err(reason) => {
                    self.changed.extend(changed);
                    return Err(reason);
                }
            };
            let mut posted = before.turnover;
            let reached = held.lines.accrued(*done_to);
            (posted.interest_accrued, posted.penalty_accrued) = (reached.interest, reached.penalty);
            let in_totals = self.change(&held, day, &now, &posted);
            held = held.folded(&now, held.in_totals_on(*done_to) + in_totals);
            *done_to = if held.lives { self.along(&held, day) } else { day };
            changed = Some(Changed {
                held,
                status: now.status,
                status_before: first.status,
                delay_began: now.overdue_since.is_some() && now.overdue_since != first.overdue_since,
                closed_on: now.closed_on,
            });
            before = now;
        }
        self.changed.extend(changed);
        Ok(())
    }

    /// Posts what a day changed; returns what of it went into totals. Accrual does, unless something is taken back.
    fn change(&mut self, held: &Held, day: Date, now: &Folded, posted: &Turnover) -> Accrued {
        let difference = accrued(&now.turnover) - accrued(posted);
        let takes_back = difference.interest.is_negative() || difference.penalty.is_negative();
        for transfer in now.turnover.since(posted) {
            let accrual = matches!(transfer.posting, "interest_accrued" | "penalty_accrued");
            if takes_back || !accrual {
                self.postings.push(Posting { on: day, loan: Some(held.loan), product: None, transfer });
            }
        }
        if takes_back {
            return Accrued::default();
        }
        self.evidence(held, day, difference, now.overdue_days);
        difference
    }

    fn evidence(&mut self, held: &Held, day: Date, accrued: Accrued, overdue_days: u32) {
        let key = (day, held.product);
        *self.totals.entry(key).or_default() += accrued;
        if self.by_rows.get(&held.product) == Some(&true) {
            let (product, loan) = (held.product, held.loan);
            self.rows.push(EvidenceRow { day, product, loan, accrued, overdue_days });
        } else {
            self.blocks.entry(key).or_default().push(held.place.unwrap_or_default(), accrued, overdue_days);
        }
    }

    async fn write(self, op: &mut Context, folded: &[Uuid]) -> Result<()> {
        let mut postings = self.postings;
        for ((day, product), accrued) in self.totals {
            let transfers: [Transfer; 2] =
                [postings::interest_accrued(accrued.interest), postings::penalty_accrued(accrued.penalty)];
            let total = |transfer| Posting { on: day, loan: None, product: Some(product), transfer };
            postings.extend(transfers.into_iter().filter(|t| t.amount.is_positive()).map(total));
        }
        ledger::post_all(op, &postings).await?;
        write_blocks(op, self.blocks).await?;
        write_rows(op, &self.rows).await?;
        standing::write(op, &self.changed.iter().map(|changed| changed.held).collect::<Vec<_>>()).await?;
        write_statuses(op, &self.changed).await?;
        let late = self.changed.iter().filter(|changed| changed.delay_began).map(|changed| changed.held.loan);
        let late: Vec<_> = late.map(Into::into).collect();
        for some in late.chunks(TOLD_TOGETHER) {
            jobs::enqueue(op, &Work::TellOfDelays(some.to_vec())).await?;
        }
        for changed in self.changed.iter().filter(|changed| changed.status == Status::Closed) {
            jobs::enqueue(op, &Work::GiveClosingNotice(changed.held.loan.into())).await?;
        }
        park(op, self.run, &self.parked, folded).await
    }
}

fn accrued(turnover: &Turnover) -> Accrued {
    Accrued { interest: turnover.interest_accrued, penalty: turnover.penalty_accrued }
}

async fn write_blocks(op: &mut Context, blocks: BTreeMap<(Date, Uuid), Blocks>) -> Result<()> {
    let blocks: Vec<(Date, Uuid, Block)> = blocks
        .into_iter()
        .flat_map(|((day, product), blocks)| blocks.into_all().map(move |block| (day, product, block)))
        .collect();
    let int = |of: fn(&Block) -> i32| -> Vec<i32> { blocks.iter().map(|(.., block)| of(block)).collect() };
    let big = |of: fn(&Block) -> i64| -> Vec<i64> { blocks.iter().map(|(.., block)| of(block)).collect() };
    let tenant = op.tenant;
    sqlx::query!(
        "insert into accrual_block (tenant_id, day, product_id, first_place, last_place, loans, interest_tiyn, penalty_tiyn,
                                    sha256, packed)
         select $1, date '2000-01-01' + b.day, b.product, b.first_place, b.last_place, b.loans, b.interest, b.penalty,
                b.sha256, b.packed
         from unnest($2::int[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::bigint[], $9::bytea[],
                     $10::bytea[])
              as b(day, product, first_place, last_place, loans, interest, penalty, sha256, packed)",
        tenant,
        &blocks.iter().map(|(day, ..)| day_number(*day)).collect::<Vec<_>>(),
        &blocks.iter().map(|(_, product, _)| *product).collect::<Vec<_>>(),
        &int(|block| block.first_place),
        &int(|block| block.last_place),
        &int(|block| block.loans),
        &big(|block| block.sum.interest.tiyn()),
        &big(|block| block.sum.penalty.tiyn()),
        &blocks.iter().map(|(.., block)| block.sha256().to_vec()).collect::<Vec<_>>(),
        &blocks.iter().map(|(.., block)| block.packed.clone()).collect::<Vec<_>>(),
    )
    .execute(op.db())
    .await?;
    Ok(())
}

async fn write_rows(op: &mut Context, rows: &[EvidenceRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let tenant = op.tenant;
    sqlx::query!(
        "insert into accrual_row (tenant_id, day, product_id, loan_id, interest_tiyn, penalty_tiyn, overdue_days)
         select $1, date '2000-01-01' + r.day, r.product, r.loan, r.interest, r.penalty, r.overdue_days
         from unnest($2::int[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[], $7::int[])
              as r(day, product, loan, interest, penalty, overdue_days)",
        tenant,
        &rows.iter().map(|row| day_number(row.day)).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.product).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.loan).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.accrued.interest.tiyn()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.accrued.penalty.tiyn()).collect::<Vec<_>>(),
        &rows.iter().map(|row| i32::try_from(row.overdue_days).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// The agreement's own row is written only where its status changed: it is wide.
async fn write_statuses(op: &mut Context, changed: &[Changed]) -> Result<()> {
    let changed: Vec<&Changed> = changed.iter().filter(|c| c.status != c.status_before).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let tenant = op.tenant;
    sqlx::query!(
        "update loan l set status = c.status, closed_on = date '2000-01-01' + c.closed_on,
                           accrued_to = date '2000-01-01' + c.accrued_to
         from unnest($2::uuid[], $3::text[], $4::int[], $5::int[]) as c(id, status, closed_on, accrued_to)
         where l.tenant_id = $1 and l.id = c.id",
        tenant,
        &changed.iter().map(|c| c.held.loan).collect::<Vec<_>>(),
        &changed.iter().map(|c| loans::status_code(c.status).to_owned()).collect::<Vec<_>>(),
        &changed.iter().map(|c| c.closed_on.map(day_number)).collect::<Vec<_>>() as &[Option<i32>],
        &changed.iter().map(|c| day_number(c.held.lines.base)).collect::<Vec<_>>(),
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Parks the loans that failed, for every day of the run that they lack, and frees those that were parked and could be
/// folded now.
async fn park(op: &mut Context, run: Run, parked: &[Parked], folded: &[Uuid]) -> Result<()> {
    let failed = |loan: &Uuid| parked.iter().any(|parked| parked.loan == *loan);
    let freed: Vec<Uuid> = folded.iter().filter(|loan| !failed(loan)).copied().collect();
    let (tenant, now) = (op.tenant, op.now_sql());
    if !freed.is_empty() {
        sqlx::query!("delete from day_exception where tenant_id = $1 and loan_id = any($2)", tenant, &freed)
            .execute(op.db())
            .await?;
    }
    for Parked { loan, from, reason } in parked {
        tracing::error!(%from, %loan, reason, "a loan was parked");
        audit::record(op, "day.loan-parked", Some(*loan), &json!({ "day": from.to_string() })).await?;
        sqlx::query!(
            "insert into day_exception (tenant_id, day, loan_id, reason, created_at)
             select $1, d::date, $4, $5, $6
             from generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') d
             on conflict do nothing",
            tenant,
            from.to_sqlx() as _,
            run.to.to_sqlx() as _,
            loan,
            reason.chars().take(1000).collect::<String>(),
            now as _,
        )
        .execute(op.db())
        .await?;
    }
    Ok(())
}
