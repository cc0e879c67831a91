//! A lender in business: clients, each with a loan that has lived for up to four months.
//!
//! A few dozen loans are lived through day by day, by the rules and in the order of the program (payout,
//! closing of each day, repayments on the due dates), and written many times over by SQL: the program itself
//! would take hours. That they are what the program would have written is checked by its own sums
//! ([`Market::books`]) here, and again after it has gone on with them.

use std::{str::FromStr, sync::Arc, time::Instant};

use app::{App, Parts, Ports, demonstration, loans, op::System, organization, vault::Vault};
use cluster::Cluster;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use lending::{
    iin::Iin,
    law::rules::RuleSet,
    ledger::{Account, Transfer, Turnover, postings},
    loan::{Event, Happening, Loan, Standing, Status, fold},
    money::Money,
    product::Product,
    rate::Units,
    schedule::Method,
};
use outside::Outside;
use serde_json::{Value, json};
use simulator::{MovableClock, Simulator};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use testkit::world::{ManualClock, SeededChance};

use crate::Outcome;

/// Lives lived through; clients share them in turn.
const LIVES: u32 = 50;
/// Every so many lives the last installment was not paid.
const LATE_EVERY: u32 = 8;
const TENANT: i32 = demonstration::TENANT;

/// The lender.
pub(crate) struct Market {
    /// The program over it.
    pub(crate) app: App,
    /// Address of its database, as the schema's owner.
    pub(crate) url: String,
    /// Address of a copy, for what spoils the books.
    pub(crate) copy_url: String,
    pub(crate) world: Simulator,
}

impl Market {
    /// Founds it, with so many clients.
    pub(crate) async fn open(cluster: &Cluster, clients: u32) -> Outcome<Self> {
        let began = Instant::now();
        let mut maintenance = PgConnection::connect(&cluster.url("postgres")).await?;
        sqlx::query("create database market").execute(&mut maintenance).await?;
        let url = cluster.url("market");
        app::migrate(&PgConnectOptions::from_str(&url)?).await?;
        let (app, world) = open(&url, Clock::Running { since: Instant::now() }).await?;
        let mut op = app.begin(System).await.map_err(told)?;
        organization::found(&mut op, &demonstration::organization(), &demonstration::products())
            .await
            .map_err(told)?;
        let offered = organization::products(&mut op).await.map_err(told)?;
        op.commit().await.map_err(told)?;

        let lives = lives(&offered)?;
        let people = people(clients)?;
        let mut owner = PgConnection::connect(&url).await?;
        sqlx::raw_sql(include_str!("market_before.sql")).execute(&mut owner).await?;
        for (table, rows) in [
            ("life", &lives.loans),
            ("life_event", &lives.events),
            ("life_transfer", &lives.transfers),
            ("person", &people),
        ] {
            let sql =
                format!("insert into {table} select * from jsonb_populate_recordset(null::{table}, $1)");
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(Value::from(rows.clone())).execute(&mut owner).await?;
        }
        sqlx::raw_sql(include_str!("market.sql")).execute(&mut owner).await?;
        for sql in ["vacuum analyze", "checkpoint"] {
            sqlx::query(sql).execute(&mut owner).await?;
        }
        owner.close().await?;
        app.pool().close().await; // a database that is copied must not be in use

        sqlx::query("create database market_copy template market strategy file_copy")
            .execute(&mut maintenance)
            .await?;
        maintenance.close().await?;
        let (app, _) = open(&url, Clock::Running { since: Instant::now() }).await?;
        let market = Self { app, url, copy_url: cluster.url("market_copy"), world };
        market.books().await?;
        eprintln!("  {clients} clients and loans in {:.0} s", began.elapsed().as_secs_f64());
        Ok(market)
    }

    /// Debits equal credits, and what the loans owe is what the ledger says they owe.
    pub(crate) async fn books(&self) -> Outcome<()> {
        check_books(&self.app).await
    }
}

/// Debits equal credits, and what the loans owe is what the ledger says they owe.
pub(crate) async fn check_books(app: &App) -> Outcome<()> {
    let mut op = app.begin(System).await.map_err(told)?;
    let balance = loans::ledger::trial_balance(&mut op).await.map_err(told)?;
    let owed: Money = [
        Account::PrincipalCurrent,
        Account::PrincipalOverdue,
        Account::InterestReceivable,
        Account::InterestOverdue,
        Account::PenaltyReceivable,
    ]
    .iter()
    .filter_map(|account| balance.get(account).copied())
    .sum();
    let loans = loans::debt_of_all(&mut op).await.map_err(told)?;
    if balance.values().copied().sum::<Money>() != Money::ZERO || owed != loans || owed == Money::ZERO {
        return Err(format!("the books are wrong: the ledger says {owed}, the loans {loans}").into());
    }
    Ok(())
}

/// A row of the table "standing" as the program would have written it; loan, product and place are for SQL to add.
pub(crate) fn standing_row(folded: &Loan, standing: &Standing) -> Value {
    let (day_count, units) = match standing.step.units {
        Units::PerDay(units) => (0, units),
        Units::PerDayOfYear => (1, 0),
        Units::Months30 { anchor_day } => (2, anchor_day.into()),
    };
    json!({
        "tenant_id": TENANT, "lives": true, "base": standing.base.to_string(),
        "changes_on": standing.changes_on.to_string(),
        "day_count": day_count, "units": units, "principal_tiyn": standing.principal, "rate_ppm": standing.rate,
        "interest_before_tiyn": standing.interest_before, "interest_tiyn": standing.interest.whole,
        "interest_rest": standing.interest.rest, "interest_denominator": standing.interest.denominator,
        "penalty_before_tiyn": standing.penalty_before, "penalty_tiyn": standing.penalty.whole,
        "penalty_rest": standing.penalty.rest, "overdue_tiyn": standing.overdue, "penalty_ppm": standing.penalty_rate,
        "penalty_cap_tiyn": standing.penalty_cap, "overdue_since": standing.overdue_since.map(|day| day.to_string()),
        "next_due_on": folded.next_due.map(|next| next.on.to_string()), "debt_tiyn": folded.debt.total(),
        "interest_in_totals_tiyn": folded.turnover.interest_accrued,
        "penalty_in_totals_tiyn": folded.turnover.penalty_accrued,
    })
}

/// An application over a database; its outside world is there to be named, and is not asked.
pub(crate) async fn open(url: &str, clock: Clock) -> Outcome<(App, Simulator)> {
    let clock = Arc::new(clock);
    let options = simulator::Options {
        addr: ([127, 0, 0, 1], 0).into(),
        state_dir: None,
        clock: Arc::clone(&clock) as Arc<dyn MovableClock>,
        callback: None,
        ncalayer: None,
    };
    let world = simulator::start(options).await?;
    let Outside { phone_register, idec, hosted_face, bureau, terrorist_list, bank, sms, mail, nca, scanner } =
        Outside::new(world.settings(), Arc::clone(&clock) as Arc<dyn ports::Clock>)?;
    let ports =
        Ports { phone_register, idec, hosted_face, bureau, terrorist_list, bank, sms, mail, nca, scanner };
    let parts = Parts {
        pool: app::connect(PgConnectOptions::from_str(url)?, 16, true).await?,
        vault: Vault::new(&[7; 64]),
        clock,
        // Ids must differ between the two processes that use one database.
        chance: Arc::new(SeededChance::new(u64::from(std::process::id()))),
        ports,
        faces: app::identity::liveness::Faces::default(),
        tenant: TENANT,
        trust: world.trust(),
    };
    Ok((App::new(parts), world))
}

/// Time that begins where tests begin.
pub(crate) enum Clock {
    /// Stands: a page is measured as the second one within a minute, when the session need not be touched.
    Standing,
    /// Runs: ids are ordered as they would be.
    Running { since: Instant },
    /// Moved from day to day.
    ByHand(Arc<ManualClock>),
}

impl ports::Clock for Clock {
    fn now(&self) -> Timestamp {
        match self {
            Self::Standing => testkit::beginning(),
            Self::Running { since } => {
                testkit::beginning() + SignedDuration::try_from(since.elapsed()).unwrap_or_default()
            }
            Self::ByHand(clock) => ports::Clock::now(&**clock),
        }
    }

    fn security_now(&self) -> Timestamp {
        self.now()
    }
}

impl MovableClock for Clock {
    fn today(&self) -> Date {
        app::op::business_date(ports::Clock::now(self))
    }

    fn instant(&self) -> Timestamp {
        ports::Clock::security_now(self)
    }

    fn advance_to(&self, _: Date) -> Result<(), String> {
        Err("this clock is not moved".to_owned())
    }
}

/// Rows of loans lived through.
#[derive(Default)]
struct Lives {
    loans: Vec<Value>,
    events: Vec<Value>,
    transfers: Vec<Value>,
}

/// Loans of all ages up to four months, by both methods, of all products; some late.
fn lives(offered: &[organization::Offered]) -> Outcome<Lives> {
    let yesterday = app::op::business_date(testkit::beginning()).yesterday()?;
    let mut lives = Lives::default();
    for n in 0..LIVES {
        let product = offered.get(n as usize % offered.len()).ok_or("no product")?;
        let method = if n % 4 < 2 { Method::Annuity } else { Method::Differentiated };
        let term = [12, 6, 24, 18][n as usize % 4];
        let amount = Money::from_tenge(60_000 + i64::from(n) * 4_700);
        let given_on = yesterday.checked_sub(i64::from(4 + n * 120 / LIVES).days())?;
        live(&mut lives, n, product, (amount, term, method), given_on, yesterday)?;
    }
    Ok(lives)
}

fn live(
    lives: &mut Lives,
    life: u32,
    offered: &organization::Offered,
    (amount, term, method): (Money, u16, Method),
    given_on: Date,
    yesterday: Date,
) -> Outcome<()> {
    let product: &Product = &offered.product;
    let rules = RuleSet::on(given_on).ok_or("no rule set")?;
    let terms = product.loan_terms(product.terms(amount, term, method, given_on)?, rules);
    let mut due: Vec<(Date, Money)> =
        terms.schedule.schedule()?.rows.iter().map(|row| (row.due_on, row.payment)).collect();
    due.retain(|(on, _)| *on <= yesterday);
    if life % LATE_EVERY == LATE_EVERY - 1 {
        due.pop();
    }
    let mut events: Vec<Event> = Vec::new();
    let mut posted = Turnover::default();
    let mut post = |on: Date, transfer: &Transfer| {
        lives.transfers.push(json!({
            "place": lives.transfers.len(), "life": life, "on_date": on.to_string(), "debit": transfer.debit.code(), "credit": transfer.credit.code(),
            "amount": transfer.amount.tiyn(), "posting": transfer.posting, "reversal": transfer.reversal,
        }));
    };
    post(given_on, &postings::disbursement_sent(amount));
    let mut happen = |events: &mut Vec<Event>, on: Date, what: Happening| -> Outcome<()> {
        let paid = if let Happening::Repaid { amount, .. } = what { Some(amount.tiyn()) } else { None };
        let event = Event { on, sequence: i64::try_from(events.len())? + 1, what };
        lives.events.push(json!({
            "life": life, "sequence": event.sequence, "value_date": on.to_string(), "body": event, "paid": paid,
        }));
        events.push(event);
        Ok(())
    };
    happen(&mut events, given_on, Happening::Disbursed { amount })?;
    let mut today = given_on;
    let last = loop {
        if let Some((_, amount)) = due.iter().find(|(on, _)| *on == today) {
            post(today, &postings::repayment_received(*amount));
            let id = uuid::Uuid::from_u128(events.len() as u128); // each loan's own is put in by market.sql
            happen(&mut events, today, Happening::Repaid { id, amount: *amount })?;
        }
        let folded = fold(&terms, &events, today)?;
        for transfer in folded.turnover.since(&posted) {
            post(today, &transfer);
            if !posted.record(&transfer) {
                return Err("a posting that is not a loan's".into());
            }
        }
        if today == yesterday {
            break folded;
        }
        today = today.tomorrow()?;
    };
    let standing = last.standing.ok_or("a life that has ended")?;
    let mut row = standing_row(&last, &standing);
    // The transfers of these lives are all in their own names.
    for total in ["interest_in_totals_tiyn", "penalty_in_totals_tiyn"] {
        row[total] = 0.into();
    }
    lives.loans.push(json!({
        "life": life, "product_id": offered.id.uuid(), "given_on": given_on.to_string(), "amount": amount.tiyn(), "term": term,
        "method": method.code(), "purpose": product.purposes.first(), "rule_set": rules.id, "terms": terms,
        "status": if last.status == Status::Overdue { "overdue" } else { "active" },
        "overdue_since": last.overdue_since.map(|since| since.to_string()), "accrued_to": yesterday.to_string(),
        "events": events.len(), "standing": row,
    }));
    Ok(())
}

/// Clients with an IIN each, and the number of their agreement.
fn people(clients: u32) -> Outcome<Vec<Value>> {
    let mut people = Vec::new();
    let mut serial = 0_u32;
    let mut n = 1;
    while n <= clients {
        serial += 1;
        let (day, rest) = (serial % 28 + 1, serial / 28);
        // Some heads have no check digit and are never issued.
        let iin = with_check_digit(&format!("8803{day:02}{}{rest:04}", 3 + serial % 2), |text| {
            Iin::parse(text).is_ok()
        });
        if let Some(iin) = iin {
            people.push(json!({ "n": n, "iin": iin, "number": number(n)?, "life": n % LIVES }));
            n += 1;
        }
    }
    Ok(people)
}

/// The number of client `n`'s agreement: 26, the client in seven digits, a check digit.
pub(crate) fn number(n: u32) -> Outcome<String> {
    with_check_digit(&format!("26{n:07}"), app::applications::is_number)
        .ok_or_else(|| "no check digit".into())
}

fn with_check_digit(head: &str, valid: impl Fn(&str) -> bool) -> Option<String> {
    (0..10).map(|digit| format!("{head}{digit}")).find(|text| valid(text))
}

/// A refusal or fault, as an error.
pub(crate) fn told(no: app::refusal::No) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{no:?}").into()
}
