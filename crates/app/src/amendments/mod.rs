//! Amendments of agreements (Rules cl. [9.a](lending::law::CL_9_A); law on microfinance, art. 3 п. 6, art. 9-2).
//!
//! An employee proposes other terms for a living loan ([`propose`]); [`lending::amendment`] says what they come to. The client
//! reads them as a paper drawn up for the day ([`paper`]), acknowledges what changes, and concludes by two methods
//! ([`conclude`]), or declines. Only then anything happens to the loan.

mod conclude;
mod paper;

pub(crate) use conclude::purpose;
pub use conclude::{ACKNOWLEDGED, Concluding, acknowledge, conclude, concluding};
pub use paper::{Paper, paper, pdf};

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{
    amendment::{AmendmentError, Proposal, amend},
    authority::Act,
    money::Money,
    rate::Rate,
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use crate::{
    applications::{ApplicationRefusal, rule_set},
    audit,
    entities::allowed,
    id::Id,
    identity::ClientRecord,
    loans::{self, Loan, LoanRefusal},
    messages,
    op::{Context, Op},
    parties,
    refusal::{Fault, No, Refusal, Result, refusals},
    sessions::{Client, Employee},
    staff::{Action, StaffRefusal},
};

refusals! {
    /// Amendments.
    AmendmentRefusal {
        /// No such amendment, or not this client's.
        NotFound = "amendment-not-found" NotFound,
        /// The loan would be the same.
        NothingChanges = "amendment-changes-nothing" Invalid,
        /// Not a rate.
        Rate = "amendment-rate-invalid" Invalid,
        /// The rate does not fall: the law lets it only fall.
        RateNotLower = "amendment-rate-not-lower" Invalid,
        /// The next due date is none, has passed, or lies too far ahead.
        NextDue = "amendment-date-invalid" Invalid,
        /// Not so many installments.
        Installments = "amendment-installments-invalid" Invalid,
        /// Not an amount.
        Amount = "amendment-amount-invalid" Invalid,
        /// All installments have fallen due.
        NoneLeft = "amendment-none-left" Conflict,
        /// The law of the day does not allow it.
        Unlawful = "amendment-unlawful" Conflict,
        /// Another amendment is proposed and not decided.
        UnderWay = "amendment-under-way" Conflict,
        /// It was decided, or waited for too long.
        NotOpen = "amendment-not-open" Conflict,
        /// What was proposed can no longer be carried out: a date has passed, a debt is paid.
        Lapsed = "amendment-lapsed" Conflict,
        /// What was confirmed is not the paper now on the table.
        PaperChanged = "amendment-changed" Conflict CL_11,
        /// What changes was not acknowledged.
        NotAcknowledged = "amendment-not-acknowledged" Conflict CL_8_3,
    }
}

impl From<AmendmentError> for No {
    fn from(why: AmendmentError) -> Self {
        match why {
            AmendmentError::NotLiving => LoanRefusal::NotActive.into(),
            AmendmentError::RateNotLower => AmendmentRefusal::RateNotLower.at("rate"),
            AmendmentError::NoneLeft => AmendmentRefusal::NoneLeft.into(),
            AmendmentError::NextDue => AmendmentRefusal::NextDue.at("next_due"),
            AmendmentError::Installments => AmendmentRefusal::Installments.at("more_installments"),
            AmendmentError::Amount => AmendmentRefusal::Amount.into(),
            AmendmentError::NothingChanges => AmendmentRefusal::NothingChanges.into(),
            AmendmentError::Unlawful(_) => AmendmentRefusal::Unlawful.into(),
            AmendmentError::NoRules(_) => ApplicationRefusal::LawUnknown.into(),
            AmendmentError::Loan(why) => Fault::new(why).into(),
        }
    }
}

/// Marks the id of an amendment.
pub struct Amendment;

/// What an employee fills in, as typed; what is empty stays as it is.
#[allow(missing_docs)]
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Form {
    pub rate: String,
    pub next_due: String,
    pub more_installments: String,
    pub grace_on_principal: String,
    pub grace_on_interest: String,
    pub interest_waived: String,
    pub penalty_waived: String,
}

impl Form {
    /// What is proposed.
    pub fn read(&self) -> Result<Proposal> {
        let count = |text: &str, field| match text.trim() {
            "" => Ok(0),
            typed => typed.parse::<u16>().map_err(|_| AmendmentRefusal::Installments.at(field)),
        };
        let amount = |text: &str, field| match text.trim() {
            "" => Ok(Money::ZERO),
            typed => Money::parse(typed).map_err(|_| AmendmentRefusal::Amount.at(field)),
        };
        Ok(Proposal {
            rate: match self.rate.trim() {
                "" => None,
                typed => Some(Rate::parse(typed).map_err(|_| AmendmentRefusal::Rate.at("rate"))?),
            },
            next_due: match self.next_due.trim() {
                "" => None,
                typed => Some(typed.parse().map_err(|_| AmendmentRefusal::NextDue.at("next_due"))?),
            },
            more_installments: count(&self.more_installments, "more_installments")?,
            grace_on_principal: count(&self.grace_on_principal, "grace_on_principal")?,
            grace_on_interest: count(&self.grace_on_interest, "grace_on_interest")?,
            interest_waived: amount(&self.interest_waived, "interest_waived")?,
            penalty_waived: amount(&self.penalty_waived, "penalty_waived")?,
        })
    }
}

/// How far an amendment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The client has not decided.
    Proposed,
    /// It holds.
    Concluded,
    /// The client did not want it.
    Declined,
    /// The organization took it back, or nobody decided in time.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Concluded, Self::Declined, Self::Withdrawn];

    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Concluded => "concluded",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An amendment as both sides see it.
#[derive(Clone)]
pub struct Shown {
    /// Id.
    pub id: Id<Amendment>,
    /// Of which loan.
    pub loan: Id<Loan>,
    /// Number of its agreement.
    pub agreement: String,
    /// Whose.
    pub client: Id<ClientRecord>,
    /// Its number among the agreement's amendments.
    pub number: u16,
    /// What was proposed.
    pub proposal: Proposal,
    /// When.
    pub proposed_at: Timestamp,
    /// The last day on which it can be concluded.
    pub open_until: Date,
    /// How far it is; what nobody decided in time counts as withdrawn.
    pub state: State,
}

/// Proposes other terms for a loan. The client is told, and has as long to decide as the law gives both sides to agree (law
/// on microfinance, art. 9-2 п. 3).
pub async fn propose(op: &mut Op<Employee>, loan: Id<Loan>, form: &Form) -> Result<Id<Amendment>> {
    if !op.who.role.may(Action::ProposeAmendments) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    let proposal = form.read()?;
    let known = loans::known(op, Some(loan), None).await?.ok_or(LoanRefusal::NotFound)?;
    if known.cancelled {
        return Err(LoanRefusal::NotActive.into());
    }
    amend(&known.terms, &known.events, op.today, &proposal)?;
    loans::lock(op, loan).await?;
    let (tenant, id, today, now) = (op.tenant, op.id(), op.today, op.now_sql());
    let by = op.who.id.uuid();
    let within = rule_set(today)?.relief_agreement_within.value.after(today);
    // On the day that is proposed for the next payment it is too late for it.
    let open_until = proposal.next_due.map_or(within, |day| within.min(day.yesterday().unwrap_or(day)));
    sqlx::query!(
        "update amendment set state = 'withdrawn', decided_at = $4
         where tenant_id = $1 and loan_id = $2 and state = 'proposed' and open_until < $3",
        tenant,
        loan.uuid(),
        today.to_sqlx() as _,
        now as _,
    )
    .execute(op.db())
    .await?;
    let made = sqlx::query!(
        "insert into amendment (tenant_id, id, loan_id, client_id, number, proposal, proposed_by, proposed_at, open_until,
                                state)
         select $1, $2, $3, $4, 1 + count(*), $5, $6, $7, $8, 'proposed' from amendment_concluded
         where tenant_id = $1 and loan_id = $3
         on conflict (tenant_id, loan_id) where state = 'proposed' do nothing",
        tenant,
        id,
        loan.uuid(),
        known.client.uuid(),
        serde_json::to_value(proposal)?,
        by,
        now as _,
        open_until.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Err(AmendmentRefusal::UnderWay.into());
    }
    tell(op, known.client.uuid(), &known.number, |lang, number| {
        texts::messages::amendment_proposed(lang, number)
    })
    .await?;
    audit::record(op, "amendment.proposed", Some(id), &json!({ "loan": loan, "proposal": proposal })).await?;
    Ok(id.into())
}

/// Takes a proposal back.
pub async fn withdraw(op: &mut Op<Employee>, id: Id<Amendment>) -> Result<Shown> {
    if !op.who.role.may(Action::ProposeAmendments) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    let shown = load(op, id).await?;
    decide(op, &shown, State::Withdrawn).await?;
    tell(op, shown.client.uuid(), &shown.agreement, |lang, number| {
        texts::messages::amendment_withdrawn(lang, number)
    })
    .await?;
    Ok(shown)
}

/// The client does not want it; the agreement stays as it is.
pub async fn decline(op: &mut Op<Client>, id: Id<Amendment>) -> Result<Shown> {
    let shown = amendment(op, id).await?;
    allowed(op, Act::Sign).await?;
    decide(op, &shown, State::Declined).await?;
    Ok(shown)
}

/// Ends the waiting for a decision, once.
async fn decide(op: &mut Context, shown: &Shown, state: State) -> Result<()> {
    let (tenant, now, today) = (op.tenant, op.now_sql(), op.today.to_sqlx());
    let done = sqlx::query!(
        "update amendment set state = $3, decided_at = $4
         where tenant_id = $1 and id = $2 and state = 'proposed' and open_until >= $5",
        tenant,
        shown.id.uuid(),
        state.code(),
        now as _,
        today as _,
    )
    .execute(op.db())
    .await?;
    if done.rows_affected() == 0 {
        return Err(AmendmentRefusal::NotOpen.into());
    }
    let action = match state {
        State::Proposed => "amendment.proposed",
        State::Concluded => "amendment.concluded",
        State::Declined => "amendment.declined",
        State::Withdrawn => "amendment.withdrawn",
    };
    audit::record(op, action, Some(shown.id.uuid()), &json!({ "loan": shown.loan })).await
}

async fn tell(
    op: &mut Context,
    client: Uuid,
    agreement: &str,
    text: impl Fn(Lang, &str) -> String,
) -> Result<()> {
    let party = parties::party(op, client).await?;
    let text = text(party.lang(), agreement);
    messages::notice(op, &party.address(), text).await
}

/// One of the client's amendments. Somebody else's does not exist for them.
pub async fn amendment(op: &mut Op<Client>, id: Id<Amendment>) -> Result<Shown> {
    let client = op.who.party();
    let shown = load(op, id).await?;
    if shown.client == client { Ok(shown) } else { Err(AmendmentRefusal::NotFound.into()) }
}

/// The amendments of one of the client's loans, newest first, at most fifty.
pub async fn of_loan(op: &mut Op<Client>, loan: Id<Loan>) -> Result<Vec<Shown>> {
    let client = op.who.party();
    let all = all(op, loan).await?;
    Ok(all.into_iter().filter(|shown| shown.client == client).collect())
}

/// The amendments of a loan for employees, newest first, at most fifty.
pub async fn of_any_loan(op: &mut Op<Employee>, loan: Id<Loan>) -> Result<Vec<Shown>> {
    if !op.who.role.may(Action::SeeLoans) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    all(op, loan).await
}

async fn all(op: &mut Context, loan: Id<Loan>) -> Result<Vec<Shown>> {
    let tenant = op.tenant;
    let ids = sqlx::query_scalar!(
        "select id from amendment where tenant_id = $1 and loan_id = $2 order by proposed_at desc, id desc limit 50",
        tenant,
        loan.uuid()
    )
    .fetch_all(op.db())
    .await?;
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.push(load(op, id.into()).await?);
    }
    Ok(all)
}

async fn load(op: &mut Context, id: Id<Amendment>) -> Result<Shown> {
    let (tenant, today) = (op.tenant, op.today);
    let r = sqlx::query!(
        "select a.loan_id, a.client_id, a.number, a.proposal, a.proposed_at, a.open_until, a.state, l.number as agreement
         from amendment a join loan l on l.tenant_id = a.tenant_id and l.id = a.loan_id
         where a.tenant_id = $1 and a.id = $2",
        tenant,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(AmendmentRefusal::NotFound))?;
    let open_until = r.open_until.into();
    let state = State::ALL.into_iter().find(|state| state.code() == r.state);
    let state = state.ok_or_else(|| Fault::new("an amendment in an unknown state"))?;
    Ok(Shown {
        id,
        loan: r.loan_id.into(),
        agreement: r.agreement,
        client: r.client_id.into(),
        number: u16::try_from(r.number).map_err(Fault::new)?,
        proposal: serde_json::from_value(r.proposal)?,
        proposed_at: r.proposed_at.into(),
        open_until,
        state: if state == State::Proposed && open_until < today { State::Withdrawn } else { state },
    })
}
