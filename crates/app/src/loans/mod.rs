//! Loans: the fold of their events, and what is cached of it (Rules cl. [7.5](lending::law::CL_7_5); design
//! promises 1, 3).
//!
//! Whatever happens to a loan goes the same way: lock its row, append an event, fold all of them again, post
//! the difference to the ledger, and write how it stands now (`standing`), by which days are closed.

pub mod ledger;
pub mod payout;
pub(crate) mod standing;

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{
    authority::Act,
    loan::{EarlyRepayment, Event, FoldError, Happening, Loan as Folded, LoanTerms, Status, fold},
    money::Money,
    report::explain::{ExplainError, Explanation, Figure, explain},
};

use self::standing::Held;
use crate::{
    App,
    applications::{self, Offer},
    attempts, audit, day, entities,
    id::Id,
    identity::ClientRecord,
    jobs::Done,
    messages,
    once::{self, Deed, Key},
    op::{Context, Op, System, missing},
    organization::ProductRecord,
    parties,
    refusal::{Fault, Refusal, Result, refusals},
    sessions::Client,
};

refusals! {
    /// Loans.
    LoanRefusal {
        /// No such loan, or not this client's.
        NotFound = "loan-not-found" NotFound,
        /// Nothing is owed (any more, or yet).
        NotActive = "loan-not-active" Conflict,
        /// The loan has no such figure on that date.
        NoSuchFigure = "loan-no-such-figure" NotFound,
    }
}

/// Marks the id of a loan; its agreement has the same id.
pub struct Loan;

/// A loan's locked row.
pub(crate) struct Row {
    pub(crate) id: Id<Loan>,
    pub(crate) client: Id<ClientRecord>,
    product: Id<ProductRecord>,
    pub(crate) number: String,
    pub(crate) terms: LoanTerms,
    /// The day it was brought to last, by what happened to it or by the closing of days.
    pub(crate) accrued_to: Date,
    /// How it stood then; nothing before its money was given.
    held: Option<Held>,
    /// The first day of the delay that the client was told of last.
    delay_told: Option<Date>,
    events: i32,
}

/// Makes the loan of an agreement just signed, and plans its payout.
pub(crate) async fn make(
    op: &mut Context,
    id: Id<Loan>,
    application: &applications::Shown,
    offer: &Offer,
) -> Result<Id<Loan>> {
    let (tenant, now, today) = (op.tenant, op.now_sql(), op.today);
    let product: Id<ProductRecord> = application.asked.product_id;
    sqlx::query!(
        "insert into loan (tenant_id, id, client_id, product_id, number, terms, status, accrued_to, events, created_at)
         values ($1, $2, $3, $4, $5, $6, 'awaiting_disbursement', $7, 0, $8)",
        tenant,
        id.uuid(),
        application.client.uuid(),
        product.uuid(),
        application.number,
        serde_json::to_value(&offer.terms)?,
        today.to_sqlx() as _,
        now as _,
    )
    .execute(op.db())
    .await?;
    payout::plan(op, id, &application.asked.iban, application.asked.amount).await?;
    Ok(id)
}

/// Locks a loan: the first thing that anything done to it does. Before it, and shared with all other loans, the day
/// that closes next: so the closing either has this loan's day or finds that somebody else brought it there.
pub(crate) async fn lock(op: &mut Context, id: Id<Loan>) -> Result<Row> {
    let tenant = op.tenant;
    let closed_to = day::hold(op, id).await?;
    let r = sqlx::query!(
        "select client_id, product_id, number, terms, accrued_to, delay_told, events from loan
         where tenant_id = $1 and id = $2 for update",
        tenant,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("loan", id.uuid()))?;
    // A statement of its own: one that waited for the row would show the standing of before.
    let held = standing::read(op, id).await?;
    Ok(Row {
        id,
        client: r.client_id.into(),
        product: r.product_id.into(),
        number: r.number,
        terms: serde_json::from_value(r.terms)?,
        accrued_to: match (&held, closed_to) {
            (Some(held), Some(closed_to)) => held.accrued_to(closed_to),
            (Some(held), None) => held.lines.base,
            (None, _) => r.accrued_to.into(),
        },
        held,
        delay_told: r.delay_told.map(Into::into),
        events: r.events,
    })
}

/// Appends to a locked loan what happened on `on`.
pub(crate) async fn append(op: &mut Context, row: &mut Row, on: Date, what: Happening) -> Result<()> {
    row.events += 1;
    let event = Event { on, sequence: i64::from(row.events), what };
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "insert into loan_event (tenant_id, loan_id, sequence, value_date, body, recorded_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant,
        row.id.uuid(),
        row.events,
        on.to_sqlx() as _,
        serde_json::to_value(&event)?,
        now as _,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "loan.event", Some(row.id.uuid()), &event).await
}

async fn events(op: &mut Context, id: Id<Loan>) -> Result<Vec<Event>> {
    let tenant = op.tenant;
    let rows = sqlx::query_scalar!(
        "select body from loan_event where tenant_id = $1 and loan_id = $2 order by sequence",
        tenant,
        id.uuid()
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter().map(|body| Ok(serde_json::from_value(body)?)).collect()
}

pub(crate) async fn folded(op: &mut Context, id: Id<Loan>, terms: &LoanTerms, as_of: Date) -> Result<Folded> {
    let events = events(op, id).await?;
    Ok(fold(terms, &events, as_of)?)
}

/// Whether `what` could happen to a locked loan on `on`; if not, why.
pub(crate) async fn refuses(
    op: &mut Context,
    row: &Row,
    on: Date,
    what: Happening,
) -> Result<Option<FoldError>> {
    let mut events = events(op, row.id).await?;
    events.push(Event { on, sequence: i64::from(row.events) + 1, what });
    Ok(fold(&row.terms, &events, op.today).err())
}

/// Folds a locked loan to the end of `as_of`, posts what the ledger lacks, writes how it stands. Each day since it
/// was brought anywhere gets its own postings, as long as it is open. Never goes back: a loan that is further
/// stays there. What the ledger has of it are its own transfers and what closings accrued of it in totals.
pub(crate) async fn bring_to(op: &mut Context, row: &Row, as_of: Date) -> Result<Folded> {
    let as_of = as_of.max(row.accrued_to);
    let events = events(op, row.id).await?;
    let mut posted = ledger::posted(op, row.id).await?;
    let in_totals = row.held.map(|held| held.in_totals_on(row.accrued_to)).unwrap_or_default();
    posted.interest_accrued += in_totals.interest;
    posted.penalty_accrued += in_totals.penalty;
    let open_from = ledger::open_from(op).await?.unwrap_or(as_of);
    let mut day = row.accrued_to.tomorrow().map_err(Fault::new)?.max(open_from).min(as_of);
    let folded = loop {
        let folded = fold(&row.terms, &events, day)?;
        ledger::post(op, Some(row.id), day, &folded.turnover.since(&posted)).await?;
        posted = folded.turnover;
        if day == as_of {
            break folded;
        }
        day = day.tomorrow().map_err(Fault::new)?;
    };
    if folded.overdue_since.is_some() && folded.overdue_since != row.delay_told {
        tell_of_delay(op, row, &folded).await?;
    }
    let tenant = op.tenant;
    sqlx::query!(
        "update loan set status = $3, accrued_to = $4, events = $5, closed_on = $6, delay_told = coalesce($7, delay_told)
         where tenant_id = $1 and id = $2",
        tenant,
        row.id.uuid(),
        status_code(folded.status),
        as_of.to_sqlx() as _,
        row.events,
        folded.closed_on.map(ToSqlx::to_sqlx) as _,
        folded.overdue_since.map(ToSqlx::to_sqlx) as _,
    )
    .execute(op.db())
    .await?;
    if let Some(held) = row.held.or_else(|| Held::first(row.id, row.product, &folded)) {
        standing::write(op, &[held.folded(&folded, in_totals)]).await?;
    }
    Ok(folded)
}

/// Tells clients of their delays, after the closing of a day that found them; who was told already is not told again.
/// One that fails holds up no other.
pub(crate) async fn tell_of_delays(app: &App, loans: &[Id<Loan>]) -> Result<Done> {
    let mut failed = None;
    for loan in loans {
        failed = tell_of_delay_found(app, *loan).await.err().or(failed);
    }
    failed.map_or(Ok(Done::Finished), Err)
}

async fn tell_of_delay_found(app: &App, loan: Id<Loan>) -> Result<()> {
    let mut op = app.begin(System).await?;
    let row = lock(&mut op, loan).await?;
    let (tenant, today) = (op.tenant, op.today);
    let folded = folded(&mut op, loan, &row.terms, today).await?;
    if folded.overdue_since.is_none() || folded.overdue_since == row.delay_told {
        return Ok(());
    }
    tell_of_delay(&mut op, &row, &folded).await?;
    sqlx::query!(
        "update loan set delay_told = $3 where tenant_id = $1 and id = $2",
        tenant,
        loan.uuid(),
        folded.overdue_since.map(ToSqlx::to_sqlx) as _,
    )
    .execute(op.db())
    .await?;
    op.commit().await
}

/// The client is told of a delay once, as soon as it shows: how much, and that a change of terms can be asked
/// for (the law on microfinance, art. 9-2, gives the organization ten days for it).
async fn tell_of_delay(op: &mut Context, row: &Row, folded: &Folded) -> Result<()> {
    let client = parties::party(op, row.client.uuid()).await?;
    let amount = texts::format::money(client.lang(), folded.debt.overdue().tiyn());
    let text = texts::messages::overdue(client.lang(), &amount, &row.number);
    messages::notice(op, &client.address(), text).await
}

pub(crate) fn status_code(status: Status) -> &'static str {
    match status {
        Status::AwaitingDisbursement => "awaiting_disbursement",
        Status::Active => "active",
        Status::Overdue => "overdue",
        Status::Closed => "closed",
        Status::WrittenOff => "written_off",
        Status::Sold => "sold",
    }
}

/// Calls a loan off whose money was never sent: the bank refused the account.
pub(crate) async fn cancel(op: &mut Context, row: &Row) -> Result<()> {
    let (tenant, today) = (op.tenant, op.today.to_sqlx());
    sqlx::query!(
        "update loan set status = 'cancelled', closed_on = $3 where tenant_id = $1 and id = $2",
        tenant,
        row.id.uuid(),
        today as _
    )
    .execute(op.db())
    .await?;
    audit::record(op, "loan.cancelled", Some(row.id.uuid()), &()).await
}

/// A loan in a list.
pub struct Line {
    /// Id.
    pub id: Id<Loan>,
    /// Number of the agreement.
    pub number: String,
    /// Stored status.
    pub status: String,
    /// When made.
    pub created_at: Timestamp,
}

/// The client's loans, newest first, at most fifty.
pub async fn loans(op: &mut Op<Client>) -> Result<Vec<Line>> {
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let rows = sqlx::query!(
        "select id, number, status, created_at from loan where tenant_id = $1 and client_id = $2
         order by created_at desc limit 50",
        tenant,
        client
    )
    .fetch_all(op.db())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Line {
            id: r.id.into(),
            number: r.number,
            status: r.status,
            created_at: r.created_at.into(),
        })
        .collect())
}

/// A loan as its client sees it today.
pub struct Shown {
    /// Id.
    pub id: Id<Loan>,
    /// Number of the agreement.
    pub number: String,
    /// Its terms.
    pub terms: LoanTerms,
    /// Its state at the end of today: debt, schedule, payments.
    pub folded: Folded,
    /// It was called off: the bank refused the account.
    pub cancelled: bool,
    /// When the agreement was signed.
    pub signed_at: Timestamp,
    /// The account it was paid to, masked.
    pub iban: String,
    /// The day it is shown for.
    pub today: Date,
}

/// One of the client's loans (Rules cl. [7.5](lending::law::CL_7_5)). Somebody else's does not exist for them.
pub async fn loan(op: &mut Op<Client>, id: Id<Loan>) -> Result<Shown> {
    let (tenant, client, today) = (op.tenant, op.who.party().uuid(), op.today);
    let r = sqlx::query!(
        "select l.number, l.terms, l.status, l.created_at, p.iban from loan l
         join payout p on p.tenant_id = l.tenant_id and p.loan_id = l.id
         where l.tenant_id = $1 and l.client_id = $2 and l.id = $3",
        tenant,
        client,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(LoanRefusal::NotFound))?;
    let terms: LoanTerms = serde_json::from_value(r.terms)?;
    let folded = folded(op, id, &terms, today).await?;
    let iban = lending::iban::Iban::parse(&r.iban).map_err(|_| Fault::new("a stored account is not one"))?;
    Ok(Shown {
        id,
        number: r.number,
        terms,
        folded,
        cancelled: r.status == "cancelled",
        signed_at: r.created_at.into(),
        iban: iban.masked(),
        today,
    })
}

/// All that is known of a loan: what it is folded from.
pub struct Known {
    /// Id.
    pub id: Id<Loan>,
    /// Number of the agreement.
    pub number: String,
    /// Whose it is.
    pub(crate) client: Id<ClientRecord>,
    /// It was called off: the bank refused the account.
    pub cancelled: bool,
    /// Its terms.
    pub terms: LoanTerms,
    /// What happened to it.
    pub events: Vec<Event>,
    /// The day on which it was looked at.
    pub today: Date,
}

impl Known {
    /// The loan on a date.
    ///
    /// # Errors
    /// [`LoanRefusal::NoSuchFigure`] where the date is none that a loan can have.
    pub fn on(&self, date: Date) -> Result<Folded> {
        fold(&self.terms, &self.events, date).map_err(|why| not_there(ExplainError::Fold(why)))
    }

    /// What leads to a figure on a date.
    ///
    /// # Errors
    /// [`LoanRefusal::NoSuchFigure`] where the loan has no such figure, or cannot have such a date.
    pub fn explain(&self, figure: Figure, on: Date) -> Result<Explanation> {
        explain(&self.terms, &self.events, on, figure).map_err(not_there)
    }
}

fn not_there(why: ExplainError) -> crate::refusal::No {
    match why {
        ExplainError::Fold(why) if why != FoldError::AsOf => Fault::new(why).into(),
        _ => LoanRefusal::NoSuchFigure.into(),
    }
}

/// All that is known of one of the client's loans; somebody else's does not exist for them.
pub async fn known_to_client(op: &mut Op<Client>, id: Id<Loan>) -> Result<Known> {
    let client = op.who.party();
    let known = known(op, Some(id), None).await?.filter(|known| known.client == client);
    known.ok_or_else(|| LoanRefusal::NotFound.into())
}

/// All that is known of the loan of an agreement.
pub async fn known_by_number(op: &mut Op<System>, number: &str) -> Result<Option<Known>> {
    known(op, None, Some(number)).await
}

/// All that is known of a loan by its id or the number of its agreement.
pub(crate) async fn known(
    op: &mut Context,
    id: Option<Id<Loan>>,
    number: Option<&str>,
) -> Result<Option<Known>> {
    let (tenant, today) = (op.tenant, op.today);
    let row = sqlx::query!(
        "select id, client_id, number, terms, status from loan
         where tenant_id = $1 and (id = $2 or number = $3)",
        tenant,
        id.map(Id::uuid),
        number,
    )
    .fetch_optional(op.db())
    .await?;
    let Some(r) = row else { return Ok(None) };
    let id = r.id.into();
    Ok(Some(Known {
        id,
        number: r.number,
        client: r.client_id.into(),
        cancelled: r.status == "cancelled",
        terms: serde_json::from_value(r.terms)?,
        events: events(op, id).await?,
        today,
    }))
}

/// The client asks to repay early: the next money beyond what is due goes to the principal, and the schedule
/// is made anew; the term or the installment is kept. Free of charge (law on microfinance, art. 7). Asked again with the
/// same `key`, nothing happens (Rules cl. [11](lending::law::CL_11)).
pub async fn request_early_repayment(
    app: &App,
    who: Client,
    id: Id<Loan>,
    mode: EarlyRepayment,
    key: &Key,
) -> Result<()> {
    let party = who.party().uuid();
    attempts::take(app, &attempts::EARLY_WISHES, party.as_bytes()).await?;
    let mut op = app.begin(who).await?;
    loan(&mut op, id).await?;
    entities::allowed(&mut op, Act::Sign).await?;
    let mut row = lock(&mut op, id).await?;
    let said = serde_json::to_vec(&mode)?;
    if once::claim(&mut op, Deed::RepayEarly(id), key, &[&said], id.uuid()).await?.is_some() {
        drop(op);
        return attempts::give_back(app, &attempts::EARLY_WISHES, party.as_bytes()).await;
    }
    let on = op.today;
    let now = folded(&mut op, id, &row.terms, on).await?;
    if !matches!(now.status, Status::Active | Status::Overdue) {
        return Err(LoanRefusal::NotActive.into());
    }
    let what = Happening::EarlyRepaymentRequested { mode, amount: None };
    let stands = events(&mut op, id).await?.last().is_some_and(|last| last.what == what);
    if !stands {
        append(&mut op, &mut row, on, what).await?;
        bring_to(&mut op, &row, on).await?;
    }
    op.commit().await // The key has served, even if nothing had to be changed.
}

/// What all loans owe, as far as days have been closed of them, for comparison with the ledger.
pub async fn debt_of_all(op: &mut Context) -> Result<Money> {
    standing::debt_of_all(op).await
}
