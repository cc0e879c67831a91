//! A lender with very many loans: a thousand lives computed by the fold, each written many times over by SQL.

use std::{str::FromStr, sync::Arc};

use app::{App, op::System, organization};
use cluster::Cluster;
use jiff::{ToSpan, civil::Date};
use lending::{
    law::rules::RuleSet,
    ledger::{Transfer, Turnover, postings},
    loan::{Event, Happening, Loan, LoanTerms, Standing, Status, fold},
    money::Money,
    product::Product,
    schedule::Method,
};
use serde_json::{Value, json};
use simulator::Simulator;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use testkit::world::ManualClock;
use uuid::Uuid;

use crate::{
    Outcome,
    market::{self, Clock},
};

/// A life: what was agreed and what has happened up to a day.
pub(super) struct Life {
    pub(super) given_on: Date,
    pub(super) terms: LoanTerms,
    pub(super) events: Vec<Event>,
    pub(super) product: Uuid,
}

/// An open lender.
pub(super) struct Lender {
    pub(super) app: App,
    pub(super) clock: Arc<ManualClock>,
    pub(super) url: String,
    _world: Simulator,
}

impl Lender {
    /// Over a database that is there.
    pub(super) async fn open(cluster: &Cluster, database: &str, today: Date) -> Outcome<Self> {
        let clock = Arc::new(ManualClock::new(testkit::beginning()));
        let url = cluster.url(database);
        let (app, world) = market::open(&url, Clock::ByHand(Arc::clone(&clock))).await?;
        let lender = Self { app, clock, url, _world: world };
        lender.advance_to(today);
        Ok(lender)
    }

    pub(super) fn advance_to(&self, day: Date) {
        let noon = jiff::tz::offset(5).to_timestamp(day.at(12, 0, 0, 0));
        self.clock.advance_to(noon.unwrap_or(jiff::Timestamp::MAX));
    }

    /// The books balance and agree with the loans.
    pub(super) async fn books(&self) -> Outcome<()> {
        market::check_books(&self.app).await
    }
}

/// What a lender is made of.
pub(super) struct Plan<'a> {
    pub(super) database: &'a str,
    pub(super) loans: u32,
    /// The last day that has closed; lives are told up to its end.
    pub(super) yesterday: Date,
    /// Whether payments have their receipts.
    pub(super) receipts: bool,
}

/// Makes a lender's database; nobody is connected to it afterwards.
pub(super) async fn make(
    cluster: &Cluster,
    plan: &Plan<'_>,
    lives: impl FnOnce(&[organization::Offered]) -> Outcome<Vec<Life>>,
) -> Outcome<()> {
    let mut maintenance = PgConnection::connect(&cluster.url("postgres")).await?;
    let create = format!("create database {}", plan.database);
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut maintenance).await?;
    maintenance.close().await?;
    let url = cluster.url(plan.database);
    app::migrate(&PgConnectOptions::from_str(&url)?).await?;
    let lender = Lender::open(cluster, plan.database, plan.yesterday.tomorrow()?).await?;
    let mut op = lender.app.begin(System).await.map_err(market::told)?;
    organization::found(&mut op, &app::demonstration::organization(), &app::demonstration::products())
        .await
        .map_err(market::told)?;
    let offered = organization::products(&mut op).await.map_err(market::told)?;
    op.commit().await.map_err(market::told)?;

    let tables = tables(&lives(&offered)?, plan.yesterday)?;
    let mut owner = PgConnection::connect(&url).await?;
    sqlx::raw_sql(include_str!("lender_before.sql")).execute(&mut owner).await?;
    for (table, rows) in tables {
        let sql = format!("insert into {table} select * from jsonb_populate_recordset(null::{table}, $1)");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(Value::from(rows)).execute(&mut owner).await?;
    }
    sqlx::query("insert into size select $1, $2::text::date, $3")
        .bind(i32::try_from(plan.loans)?)
        .bind(plan.yesterday.to_string())
        .bind(plan.receipts)
        .execute(&mut owner)
        .await?;
    sqlx::raw_sql(include_str!("lender.sql")).execute(&mut owner).await?;
    sqlx::query("vacuum analyze").execute(&mut owner).await?;
    owner.close().await?;
    lender.books().await?;
    lender.app.pool().close().await;
    Ok(())
}

fn tables(lives: &[Life], yesterday: Date) -> Outcome<[(&'static str, Vec<Value>); 4]> {
    let [mut loans, mut events, mut transfers, mut totals] = [const { Vec::new() }; 4];
    for (n, life) in lives.iter().enumerate() {
        let (folded, standing) = stands(life, yesterday)?;
        for event in &life.events {
            let paid =
                if let Happening::Repaid { amount, .. } = event.what { Some(amount.tiyn()) } else { None };
            events.push(json!({
                "life": n, "sequence": event.sequence, "value_date": event.on.to_string(), "body": event, "paid": paid,
            }));
        }
        let own = Turnover { interest_accrued: Money::ZERO, penalty_accrued: Money::ZERO, ..folded.turnover };
        let row = |t: &Transfer| {
            json!({
                "life": n, "debit": t.debit.code(), "credit": t.credit.code(), "amount": t.amount.tiyn(), "posting": t.posting,
            })
        };
        for (place, transfer) in own.since(&Turnover::default()).iter().enumerate() {
            let mut row = row(transfer);
            row["place"] = place.into();
            row["on_date"] = standing.base.to_string().into();
            transfers.push(row);
        }
        // Money handed to the bank, and money that came: the other sides of what the loan moved.
        let received = own.principal_repaid
            + own.interest_repaid
            + own.overdue_principal_repaid
            + own.overdue_interest_repaid
            + own.penalty_repaid
            + own.advance_held
            - own.advance_applied;
        for transfer in
            [postings::disbursement_sent(own.disbursement_settled), postings::repayment_received(received)]
        {
            if transfer.amount.is_positive() {
                let mut row = row(&transfer);
                row["place"] = 99.into();
                row["on_date"] = life.given_on.to_string().into();
                transfers.push(row);
            }
        }
        let accrued = standing.accrued(yesterday);
        for transfer in
            [postings::interest_accrued(accrued.interest), postings::penalty_accrued(accrued.penalty)]
        {
            if transfer.amount.is_positive() {
                totals.push(row(&transfer));
            }
        }
        loans.push(json!({
            "life": n, "product_id": life.product, "given_on": life.given_on.to_string(), "terms": life.terms,
            "status": if folded.status == Status::Overdue { "overdue" } else { "active" }, "events": life.events.len(),
            "standing": market::standing_row(&folded, &standing),
        }));
    }
    Ok([("life", loans), ("life_event", events), ("life_transfer", transfers), ("life_total", totals)])
}

/// How a life stands: folded where its lines changed last.
fn stands(life: &Life, yesterday: Date) -> Outcome<(Loan, Standing)> {
    let mut on = life.given_on;
    loop {
        let folded = fold(&life.terms, &life.events, on)?;
        let standing = folded.standing.ok_or("a life that has ended")?;
        if standing.changes_on > yesterday {
            return Ok((folded, standing));
        }
        on = standing.changes_on;
    }
}

/// A thousand lives as they stand when `day` is about to close. Of each thousand 26 have a due date on it for which
/// nothing has come, 7 one for which money is held, 7 fall overdue, 30 have been for up to 85 days; nothing happens to
/// the others. What clients pay on the day itself is theirs to wait for, and has its own figure.
pub(super) fn business(offered: &[organization::Offered], day: Date) -> Outcome<Vec<Life>> {
    (0..1_000_i32)
        .map(|n| {
            let product = &offered[usize::try_from(n)? % offered.len()];
            let (ago, paid, held) = match n {
                0..26 => (0, false, false),
                26..33 => (0, false, true),
                33..40 => (1, false, false),
                40..70 => (2 + n % 30 * 83 / 29, false, false),
                _ => (2 + n % 26, true, false),
            };
            let last_due = day.checked_sub(ago.days())?;
            let given_on = last_due.checked_sub((1 + n % 5).months())?;
            let amount = Money::from_tenge(60_000 + i64::from(n) * 213);
            let method = if n % 4 < 2 { Method::Annuity } else { Method::Differentiated };
            let terms =
                terms(&product.product, amount, [12, 6, 24, 18][usize::try_from(n % 4)?], method, given_on)?;
            let mut life =
                Life { given_on, events: vec![given(given_on, amount)], terms, product: product.id.uuid() };
            for row in life.terms.schedule.schedule()?.rows {
                if row.due_on < last_due || (row.due_on == last_due && paid) {
                    life.pays(row.due_on, row.payment);
                } else if row.due_on == last_due && held {
                    life.pays(row.due_on.checked_sub(3.days())?, row.payment);
                }
            }
            Ok(life)
        })
        .collect()
}

/// Annuity loans of 24 monthly installments at 12 %; the second of the two has paid once, on the twentieth day.
pub(super) fn annuities(offered: &[organization::Offered], given_on: Date) -> Outcome<Vec<Life>> {
    let product = offered.first().ok_or("no product")?;
    let amount = Money::from_tenge(300_000);
    let mut terms = terms(&product.product, amount, 24, Method::Annuity, given_on)?;
    terms.schedule.rate = lending::rate::Rate::from_ppm(120_000);
    let quiet = Life { given_on, events: vec![given(given_on, amount)], terms, product: product.id.uuid() };
    let mut paid = Life { events: quiet.events.clone(), terms: quiet.terms.clone(), ..quiet };
    paid.pays(given_on.checked_add(20.days())?, Money::from_tenge(5_000));
    Ok(vec![quiet, paid])
}

impl Life {
    fn pays(&mut self, on: Date, amount: Money) {
        let sequence = self.events.len() as u128 + 1;
        // Each loan's own id is put in by lender.sql.
        let what = Happening::Repaid { id: Uuid::from_u128(sequence), amount };
        self.events.push(Event { on, sequence: i64::try_from(sequence).unwrap_or(i64::MAX), what });
    }
}

fn given(on: Date, amount: Money) -> Event {
    Event { on, sequence: 1, what: Happening::Disbursed { amount } }
}

fn terms(product: &Product, amount: Money, term: u16, method: Method, given_on: Date) -> Outcome<LoanTerms> {
    let rules = RuleSet::on(given_on).ok_or("no rule set")?;
    Ok(product.loan_terms(product.terms(amount, term, method, given_on)?, rules))
}
