//! Applying for a microcredit: the application, the checks, the decision (Rules cl.
//! [7.1](lending::law::CL_7_1), [7.4](lending::law::CL_7_4), 8, [10](lending::law::CL_10)).

mod consider;
mod number;
mod offer;
mod sign;

pub use consider::consider;
pub use number::{in_text, is_number};
pub use offer::{Offer, offer};
pub(crate) use sign::purpose;
pub use sign::{ACKNOWLEDGED, Signing, acknowledge, conclude, sign, sign_with_code, signing};

use jiff::{SignedDuration, Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{
    authority::Act,
    calendar::CalendarDays,
    effective_rate::EffectiveRate,
    iban::Iban,
    law::rules::{self, Payout, RuleSet},
    money::Money,
    product::{Clients, NotOffered, Product},
    schedule::{Method, Schedule, Terms},
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use crate::{
    App, attempts, audit,
    entities::{self, allowed},
    id::Id,
    identity::ClientRecord,
    jobs::{self, Work},
    once::{self, Deed, Key},
    op::{Context, Op, business_date},
    organization::{self, ProductRecord},
    refusal::{Fault, Refusal, Result, refusals},
    sessions::Client,
};

refusals! {
    /// Applications.
    ApplicationRefusal {
        /// No such application, or not this client's.
        NotFound = "application-not-found" NotFound,
        /// No such product on offer.
        Product = "product-unknown" Invalid,
        /// The product is for the other kind of clients.
        NotForYou = "product-not-for-you" Invalid,
        /// Not an amount, or outside the product's bounds.
        Amount = "amount-out-of-bounds" Invalid,
        /// Not a term the product has.
        Term = "term-out-of-bounds" Invalid,
        /// Not a method of repayment the product has.
        Method = "method-unknown" Invalid CL_8_4,
        /// Not one of the product's purposes.
        Purpose = "purpose-unknown" Invalid,
        /// Not an income.
        Income = "income-invalid" Invalid,
        /// Not an account in Kazakhstan, or mistyped.
        Iban = "iban-invalid" Invalid CL_8_7,
        /// Not the account of the personal account: that is changed there, by a method of clause 35.
        AccountNotYours = "account-not-yours" Invalid CL_6_F,
        /// The consent to the credit report is missing.
        Consent = "consent-missing" Invalid,
        /// There is no rule set for the day: what the law demands on it is not known to the program.
        LawUnknown = "law-unknown" Conflict,
        /// The offer breaks a rule of the law in force.
        Unlawful = "offer-unlawful" Invalid,
        /// The law asks for a pause between agreement and money above this amount, which is not built yet.
        CoolingOff = "cooling-off-not-offered" Invalid,
        /// Another application is under way.
        UnderWay = "application-under-way" Conflict,
        /// Not approved (yet, or any more).
        NotApproved = "application-not-approved" Conflict,
        /// What was checked is too old to lend on.
        Lapsed = "approval-lapsed" Conflict CL_8_1,
        /// Something was not acknowledged.
        NotAcknowledged = "acknowledgement-missing" Conflict CL_8_3,
        /// What was confirmed is not the agreement now on the table.
        OfferChanged = "offer-changed" Conflict CL_11,
    }
}

/// What an applicant fills in, as typed.
#[allow(missing_docs)]
#[derive(Clone, Default, serde::Deserialize)]
pub struct Form {
    pub product: String,
    pub amount: String,
    pub term: String,
    pub method: String,
    pub purpose: String,
    pub income: String,
    pub iban: String,
}

impl Form {
    /// All of it, by which one form is told from another.
    fn said(&self) -> [&[u8]; 7] {
        [&self.product, &self.amount, &self.term, &self.method, &self.purpose, &self.income, &self.iban]
            .map(String::as_bytes)
    }
}

/// What was applied for.
#[derive(Clone)]
pub struct Asked {
    /// The product.
    pub product: Product,
    pub(crate) product_id: Id<ProductRecord>,
    /// How much.
    pub amount: Money,
    /// For how long: months or days, as the product says.
    pub term: u16,
    /// How it is repaid.
    pub method: Method,
    /// What for: a code of the product's list.
    pub purpose: String,
    /// Monthly income as stated.
    pub income: Money,
    /// Where to (Rules cl. [8.7](lending::law::CL_8_7)).
    pub iban: Iban,
}

/// Which products are for whom the client acts.
#[must_use]
pub fn clients(who: &Client) -> Clients {
    if who.capacity.is_some() { Clients::Entities } else { Clients::Individuals }
}

/// Reads a form against the products on offer.
pub async fn read(op: &mut Op<Client>, form: &Form) -> Result<Asked> {
    let id: Id<ProductRecord> =
        form.product.parse().map_err(|_| ApplicationRefusal::Product.at("product"))?;
    let offered = organization::products(op).await?;
    let Some(offered) = offered.into_iter().find(|o| o.id == id) else {
        return Err(ApplicationRefusal::Product.at("product"));
    };
    let product = offered.product;
    if product.borrower.clients != clients(&op.who) {
        return Err(ApplicationRefusal::NotForYou.at("product"));
    }
    let amount = Money::parse(&form.amount).map_err(|_| ApplicationRefusal::Amount.at("amount"))?;
    let term: u16 = form.term.trim().parse().map_err(|_| ApplicationRefusal::Term.at("term"))?;
    let method = Method::by_code(&form.method).ok_or_else(|| ApplicationRefusal::Method.at("method"))?;
    if !product.purposes.contains(&form.purpose) {
        return Err(ApplicationRefusal::Purpose.at("purpose"));
    }
    let income = Money::parse(&form.income).map_err(|_| ApplicationRefusal::Income.at("income"))?;
    let iban = Iban::parse(&form.iban).map_err(|_| ApplicationRefusal::Iban.at("iban"))?;
    let asked =
        Asked { product, product_id: id, amount, term, method, purpose: form.purpose.clone(), income, iban };
    let rules = rule_set(op.today)?;
    let quote = asked.quote(op.today)?;
    if !rules.check_offer(&quote.offer(&asked.product)).is_empty() {
        return Err(ApplicationRefusal::Unlawful.at("amount"));
    }
    if rules.pause(asked.product.kind, true, Payout::Client, amount) > 0 {
        return Err(ApplicationRefusal::CoolingOff.at("amount"));
    }
    Ok(asked)
}

impl Asked {
    /// The terms, schedule and effective rate of what was asked, were the money paid out on `on`.
    pub fn quote(&self, on: Date) -> Result<Quote> {
        let terms = self.product.terms(self.amount, self.term, self.method, on).map_err(|no| match no {
            NotOffered::Amount => ApplicationRefusal::Amount.at("amount"),
            NotOffered::Term => ApplicationRefusal::Term.at("term"),
            NotOffered::Method => ApplicationRefusal::Method.at("method"),
            NotOffered::Terms(error) => Fault::new(error).into(),
        })?;
        let schedule = terms.schedule().map_err(Fault::new)?;
        let effective_rate = EffectiveRate::of(schedule.cash_flow(on)).map_err(Fault::new)?;
        Ok(Quote { terms, schedule, effective_rate })
    }
}

/// What a credit would be.
pub struct Quote {
    /// Its terms.
    pub terms: Terms,
    /// Its schedule.
    pub schedule: Schedule,
    /// Its annual effective rate.
    pub effective_rate: EffectiveRate,
}

impl Quote {
    pub(crate) fn offer(&self, product: &Product) -> rules::Offer<'_> {
        product.offer(&self.terms, self.effective_rate)
    }
}

/// The rule set in force on `on`. Without one nothing is lent: the law of a day is not guessed.
pub fn rule_set(on: Date) -> Result<&'static RuleSet> {
    RuleSet::in_force("today", on).map_err(|_| ApplicationRefusal::LawUnknown.into())
}

/// Marks the id of an application.
pub struct Application;

/// Submits an application (Rules cl. [7.1](lending::law::CL_7_1)); asking and deciding follow as a job. `consent` is the consent to the credit
/// report as shown (facts of the credit bureau law: the report needs it). Submitted again with the same `key`, it is the
/// application that the first made, whatever became of it (Rules cl. [11](lending::law::CL_11)).
pub async fn submit(
    app: &App,
    who: Client,
    form: &Form,
    consent: Option<&str>,
    lang: Lang,
    key: &Key,
) -> Result<Id<Application>> {
    entities::may(app, who.clone(), Act::Apply).await?; // Before it counts against whom they act for.
    let party = who.party().uuid();
    attempts::take(app, &attempts::APPLICATIONS, party.as_bytes()).await?;
    let mut op = app.begin(who).await?;
    allowed(&mut op, Act::Apply).await?;
    let id = op.id();
    if let Some(made) = once::claim(&mut op, Deed::Apply, key, &form.said(), id).await? {
        drop(op);
        attempts::give_back(app, &attempts::APPLICATIONS, party.as_bytes()).await?;
        return Ok(made.into());
    }
    let asked = read(&mut op, form).await?;
    let applicant = op.who.party().uuid();
    if let Some(account) = crate::identity::account(&mut op, applicant).await?
        && account.iban != asked.iban
    {
        return Err(ApplicationRefusal::AccountNotYours.at("iban"));
    }
    let consent = consent.ok_or_else(|| ApplicationRefusal::Consent.at("consent"))?;
    let (tenant, now, client) = (op.tenant, op.now_sql(), op.who.party().uuid());
    withdraw_lapsed(&mut op, client).await?;
    let number = free_number(&mut op).await?;
    let made = sqlx::query!(
        "insert into application (tenant_id, id, client_id, product_id, rule_set, amount_tiyn, term, method,
                                  purpose, income_tiyn, iban, number, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'checking', $13)
         on conflict (tenant_id, client_id) where state in ('checking', 'approved') do nothing",
        tenant,
        id,
        client,
        asked.product_id.uuid(),
        rule_set(op.today)?.id,
        asked.amount.tiyn(),
        i16::try_from(asked.term).map_err(Fault::new)?,
        asked.method.code(),
        asked.purpose,
        asked.income.tiyn(),
        asked.iban.as_str(),
        number,
        now as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Err(ApplicationRefusal::UnderWay.into());
    }
    crate::identity::acknowledge(&mut op, client, id, "consent:credit-report", lang, consent).await?;
    jobs::enqueue(&mut op, &Work::ConsiderApplication(id.into())).await?;
    audit::record(&mut op, "application.submitted", Some(id), &json!({ "amount_tiyn": asked.amount }))
        .await?;
    op.commit().await?;
    Ok(id.into())
}

/// A number that no application has.
async fn free_number(op: &mut Context) -> Result<String> {
    let tenant = op.tenant;
    loop {
        let number = number::draw(op.app.chance(), op.today);
        let taken = sqlx::query!(
            "select 1 as one from application where tenant_id = $1 and number = $2",
            tenant,
            number
        )
        .fetch_optional(op.db())
        .await?;
        if taken.is_none() {
            return Ok(number);
        }
    }
}

/// For how long an approval is good: lists, refusals and debts change.
const APPROVAL_LIFE: CalendarDays = CalendarDays(10);

/// An approval that has lapsed is no application under way.
async fn withdraw_lapsed(op: &mut Context, client: Uuid) -> Result<()> {
    let tenant = op.tenant;
    let oldest = op.now - SignedDuration::from_hours(24 * i64::from(APPROVAL_LIFE.0));
    sqlx::query!(
        "update application set state = 'withdrawn'
         where tenant_id = $1 and client_id = $2 and state = 'approved' and decided_at < $3",
        tenant,
        client,
        oldest.to_sqlx() as _
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Being checked.
    Checking,
    /// Approved: the agreement can be read and signed.
    Approved,
    /// Declined.
    Declined,
    /// Signed: a loan.
    Signed,
    /// Withdrawn by the client.
    Withdrawn,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Signed => "signed",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn parse(code: &str) -> Result<Self> {
        [Self::Checking, Self::Approved, Self::Declined, Self::Signed, Self::Withdrawn]
            .into_iter()
            .find(|state| state.code() == code)
            .ok_or_else(|| Fault::new(format_args!("unknown state {code}")).into())
    }
}

/// An application as its client sees it (Rules cl. [7.4](lending::law::CL_7_4)).
#[derive(Clone)]
pub struct Shown {
    /// Id.
    pub id: Id<Application>,
    /// Whose.
    pub client: Id<ClientRecord>,
    /// Number of the agreement to be.
    pub number: String,
    /// What was asked.
    pub asked: Asked,
    /// Rule set it was made under.
    pub rule_set: String,
    /// Where it stands.
    pub state: State,
    /// Codes of the reasons it was declined for.
    pub reasons: Vec<String>,
    /// When made.
    pub created_at: Timestamp,
    /// When decided.
    pub decided_at: Option<Timestamp>,
}

impl Shown {
    /// It was approved too long ago to be signed on `today`.
    #[must_use]
    pub fn has_lapsed(&self, today: Date) -> bool {
        let decided = self.decided_at.map(business_date);
        self.state == State::Approved && decided.is_some_and(|day| APPROVAL_LIFE.after(day) < today)
    }

    /// The reasons in a language.
    #[must_use]
    pub fn reasons(&self, lang: Lang) -> Vec<&'static str> {
        let text = |code: &String| texts::refusals::by_code(lang, &code.replace('_', "-"));
        self.reasons.iter().filter_map(text).collect()
    }
}

/// One of the client's applications. Somebody else's does not exist for them.
pub async fn application(op: &mut Op<Client>, id: Id<Application>) -> Result<Shown> {
    let client = op.who.party();
    let shown = load(op, id, false).await?;
    if shown.client != client {
        return Err(ApplicationRefusal::NotFound.into());
    }
    Ok(shown)
}

/// The client's applications, newest first, at most fifty.
pub async fn applications(op: &mut Op<Client>) -> Result<Vec<Shown>> {
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let ids = sqlx::query_scalar!(
        "select id from application where tenant_id = $1 and client_id = $2 order by created_at desc limit 50",
        tenant,
        client
    )
    .fetch_all(op.db())
    .await?;
    let mut shown = Vec::with_capacity(ids.len());
    for id in ids {
        shown.push(load(op, id.into(), false).await?);
    }
    Ok(shown)
}

/// Withdraws an application that is not signed.
pub async fn withdraw(op: &mut Op<Client>, id: Id<Application>) -> Result<()> {
    allowed(op, Act::Apply).await?;
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let done = sqlx::query!(
        "update application set state = 'withdrawn'
         where tenant_id = $1 and client_id = $2 and id = $3 and state in ('checking', 'approved')",
        tenant,
        client,
        id.uuid()
    )
    .execute(op.db())
    .await?;
    if done.rows_affected() == 0 {
        return Err(ApplicationRefusal::NotFound.into());
    }
    audit::record(op, "application.withdrawn", Some(id.uuid()), &()).await
}

/// Loads an application; with `lock`, nobody else changes it until the operation ends.
async fn load(op: &mut Context, id: Id<Application>, lock: bool) -> Result<Shown> {
    let tenant = op.tenant;
    if lock {
        sqlx::query!(
            "select 1 as one from application where tenant_id = $1 and id = $2 for update",
            tenant,
            id.uuid()
        )
        .fetch_optional(op.db())
        .await?;
    }
    let r = sqlx::query!(
        "select a.client_id, a.product_id, a.number, a.rule_set, a.amount_tiyn, a.term, a.method, a.purpose,
                a.income_tiyn, a.iban, a.state, a.reasons, a.created_at, a.decided_at, p.body
         from application a join product p on p.tenant_id = a.tenant_id and p.id = a.product_id
         where a.tenant_id = $1 and a.id = $2",
        tenant,
        id.uuid(),
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(ApplicationRefusal::NotFound))?;
    Ok(Shown {
        id,
        client: r.client_id.into(),
        number: r.number,
        rule_set: r.rule_set,
        asked: Asked {
            product: serde_json::from_value(r.body)?,
            product_id: r.product_id.into(),
            amount: Money::from_tiyn(r.amount_tiyn),
            term: u16::try_from(r.term).map_err(Fault::new)?,
            method: Method::by_code(&r.method).ok_or_else(|| Fault::new("unknown method"))?,
            purpose: r.purpose,
            income: Money::from_tiyn(r.income_tiyn),
            iban: Iban::parse(&r.iban).map_err(|_| Fault::new("a stored account is not one"))?,
        },
        state: State::parse(&r.state)?,
        reasons: serde_json::from_value(r.reasons)?,
        created_at: r.created_at.into(),
        decided_at: r.decided_at.map(Into::into),
    })
}

async fn set_state(
    op: &mut Context,
    id: Id<Application>,
    state: State,
    reasons: &[&str],
    debt_burden_ppm: Option<i64>,
) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now.to_sqlx());
    sqlx::query!(
        "update application set state = $3, reasons = $4, debt_burden_ppm = coalesce($5, debt_burden_ppm), decided_at = $6
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        state.code(),
        json!(reasons),
        debt_burden_ppm,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}
