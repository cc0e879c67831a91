//! Employees: sign-in, and what each role may (Rules cl. [27](lending::law::CL_27),
//! [28](lending::law::CL_28)).

use jiff::Timestamp;
use lending::money::Money;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    App,
    attempts::{self, Guessed, Guesses},
    audit,
    id::Id,
    identity::devices::{self, Owner},
    loans::{self, Loan},
    op::{Channel, Context, Op, System},
    organization::{self, Policy},
    parties::{self, Party},
    password,
    refusal::{No, Result, refusals},
    sessions::{self, Employee, Holder, Token, Visitor},
};

refusals! {
    /// Staff.
    StaffRefusal {
        /// Login or password is wrong; which, is not told.
        WrongCredentials = "staff-wrong-credentials" Unauthenticated,
        /// Too many wrong passwords in a row where the employee is not known; somebody has to unlock it.
        Locked = "staff-locked" TooMany CL_28,
        /// The role does not allow it.
        NotAllowed = "not-allowed" Forbidden CL_27,
    }
}

/// Marks the id of an employee.
pub struct StaffRecord;

/// What an employee is employed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Works applications and loans.
    LoanOfficer,
    /// Reads everything, changes nothing.
    Auditor,
}

/// What can be done by employees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See applications and loans of all clients.
    SeeLoans,
    /// Take the evidence of an agreement out of the system, with the photos and answers it holds.
    ExportEvidence,
    /// See who asks to act for legal entities, and their documents.
    SeeEntities,
    /// Decide on that.
    CheckEntities,
    /// Propose other terms to the client of a loan, and take the proposal back.
    ProposeAmendments,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::LoanOfficer, Self::Auditor];

    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LoanOfficer => "loan-officer",
            Self::Auditor => "auditor",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.code() == code)
    }

    /// The role × action table (Rules cl. [27](lending::law::CL_27)).
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        match (self, action) {
            (Self::LoanOfficer | Self::Auditor, Action::SeeLoans | Action::SeeEntities)
            | (Self::LoanOfficer, Action::CheckEntities | Action::ProposeAmendments)
            | (Self::Auditor, Action::ExportEvidence) => true,
            (Self::LoanOfficer, Action::ExportEvidence)
            | (Self::Auditor, Action::CheckEntities | Action::ProposeAmendments) => false,
        }
    }
}

/// Adds an employee; `false`: the login is taken. The password is checked like a client's.
pub async fn add(op: &mut Context, login: &str, name: &str, role: Role, password: &str) -> Result<bool> {
    password::check(password, &[login])?;
    let hash = password::hash(&op.app.clone(), password).await?;
    let (tenant, id) = (op.tenant, op.id());
    let made = sqlx::query!(
        "insert into staff (tenant_id, id, login, name, role, password) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, login) do nothing",
        tenant,
        id,
        login,
        name,
        role.code(),
        hash,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    audit::record(op, "staff.added", Some(id), &role.code()).await?;
    Ok(true)
}

/// Signs an employee in (Rules cl. [28](lending::law::CL_28)). What strangers guess is counted by the login they type, and
/// after a hundred wrong passwords in a row the login is locked, whether or not there is such an employee, until somebody
/// unlocks it ([`unlock`]). A device that the employee has signed in from has an account of its own, and goes on.
pub async fn sign_in(app: &App, visitor: Visitor, login: &str, given: &str) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let (network, per_address) =
        (attempts::network(&visitor.origin.address), attempts::sign_ins_per_address(&policy));
    attempts::take(app, &per_address, &network).await?;
    let mut op = app.begin(visitor.clone()).await?;
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select id, password from staff where tenant_id = $1 and login = $2 and disabled_at is null",
        tenant,
        login
    )
    .fetch_optional(op.db())
    .await?;
    let device = devices::known(&mut op, row.as_ref().map(|r| r.id), &visitor.origin).await?;
    drop(op); // No connection is held while the password is weighed.
    match device {
        Some(device) => Guesses::on_device(&policy, Guessed::Password, device).take(app).await?,
        None => {
            attempts::take(app, &attempts::staff_password_per_login(&policy), login.as_bytes()).await?;
            let in_a_row = attempts::staff_passwords_in_a_row(&policy);
            attempts::take(app, &in_a_row, login.as_bytes()).await.map_err(|no| match no {
                No::Refusal(_) => StaffRefusal::Locked.into(),
                fault @ No::Fault(_) => fault,
            })?;
        }
    }
    let agreed = password::verify(app, given, row.as_ref().map(|r| r.password.as_str())).await?;
    let mut op = app.begin(visitor).await?;
    let Some(row) = row.filter(|_| agreed) else {
        audit::record(&mut op, "staff.sign-in-refused", None, &()).await?;
        op.commit().await?;
        return Err(StaffRefusal::WrongCredentials.into());
    };
    let origin = op.who.origin.clone();
    let (mut token, session) = sessions::open(&mut op, Holder::Staff(Id::from(row.id)), &origin).await?;
    if origin.channel == Channel::Web {
        (token, _) = devices::remember(&mut op, Owner::Staff(row.id), &origin, token).await?;
    }
    audit::record(&mut op, "staff.signed-in", Some(row.id), &session).await?;
    op.commit().await?;
    match device {
        Some(device) => Guesses::on_device(&policy, Guessed::Password, device).forget(app).await?,
        None => forget_guesses(app, &policy, login).await?,
    }
    attempts::give_back(app, &per_address, &network).await?;
    Ok(token)
}

/// Lets an employee sign in again where they are not known. `false`: there is no such employee.
pub async fn unlock(app: &App, login: &str) -> Result<bool> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    let id = sqlx::query_scalar!("select id from staff where tenant_id = $1 and login = $2", tenant, login)
        .fetch_optional(op.db())
        .await?;
    let Some(id) = id else { return Ok(false) };
    audit::record(&mut op, "staff.unlocked", Some(id), &()).await?;
    op.commit().await?;
    forget_guesses(app, &organization::policy(app).await?, login).await?;
    Ok(true)
}

async fn forget_guesses(app: &App, policy: &Policy, login: &str) -> Result<()> {
    for limit in [attempts::staff_password_per_login(policy), attempts::staff_passwords_in_a_row(policy)] {
        attempts::forget(app, &limit, login.as_bytes()).await?;
    }
    Ok(())
}

/// An application on the employee's list.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ApplicationLine {
    pub id: Uuid,
    pub client: String,
    pub amount: Money,
    pub state: String,
    pub created_at: Timestamp,
}

/// A loan on the employee's list.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct LoanLine {
    pub id: Uuid,
    pub number: String,
    pub client: String,
    pub status: String,
    pub debt: Money,
    pub next_due_on: Option<jiff::civil::Date>,
    pub overdue_since: Option<jiff::civil::Date>,
}

/// The newest applications and loans, two hundred of each. Reading them is recorded.
pub async fn overview(op: &mut Op<Employee>) -> Result<(Vec<ApplicationLine>, Vec<LoanLine>)> {
    if !op.who.role.may(Action::SeeLoans) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    let tenant = op.tenant;
    let applications = sqlx::query!(
        r#"select a.id, a.amount_tiyn, a.state, a.created_at,
                coalesce(e.name, c.surname || ' ' || c.given_name) as "client!"
         from application a
         left join client c on c.tenant_id = a.tenant_id and c.id = a.client_id
         left join entity e on e.tenant_id = a.tenant_id and e.id = a.client_id
         where a.tenant_id = $1 order by a.id desc limit 200"#,
        tenant
    )
    .fetch_all(op.db())
    .await?
    .into_iter()
    .map(|r| ApplicationLine {
        id: r.id,
        client: r.client,
        amount: Money::from_tiyn(r.amount_tiyn),
        state: r.state,
        created_at: r.created_at.into(),
    })
    .collect();
    let loans = sqlx::query!(
        r#"select l.id, l.number, l.status, coalesce(s.debt_tiyn + a.interest + a.penalty, 0) as "debt_tiyn!",
                  s.next_due_on as "next_due_on?", s.overdue_since as "overdue_since?",
                  coalesce(e.name, c.surname || ' ' || c.given_name) as "client!"
           from loan l
           left join client c on c.tenant_id = l.tenant_id and c.id = l.client_id
           left join entity e on e.tenant_id = l.tenant_id and e.id = l.client_id
           left join standing s on s.tenant_id = l.tenant_id and s.loan_id = l.id
           left join day_chunk d on d.tenant_id = s.tenant_id and d.chunk = s.place / 16384
           left join lateral accrued_after_base(s, coalesce(d.closed_to, s.base)) a on true
           where l.tenant_id = $1 order by l.id desc limit 200"#,
        tenant
    )
    .fetch_all(op.db())
    .await?
    .into_iter()
    .map(|r| LoanLine {
        id: r.id,
        number: r.number,
        client: r.client,
        status: r.status,
        debt: Money::from_tiyn(r.debt_tiyn),
        next_due_on: r.next_due_on.map(Into::into),
        overdue_since: r.overdue_since.map(Into::into),
    })
    .collect();
    audit::record(op, "staff.overview-read", None, &()).await?;
    Ok((applications, loans))
}

/// A loan as an employee sees it.
pub struct LoanSeen {
    /// What it is folded from.
    pub known: loans::Known,
    /// Whose it is.
    pub client: String,
}

/// A loan with its client's name. Reading it is recorded, with what was looked at.
///
/// # Errors
/// [`StaffRefusal::NotAllowed`]; [`LoanRefusal::NotFound`](loans::LoanRefusal::NotFound).
pub async fn loan(op: &mut Op<Employee>, id: Id<Loan>, looked_at: &str) -> Result<LoanSeen> {
    if !op.who.role.may(Action::SeeLoans) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    let known = loans::known(op, Some(id), None).await?.ok_or(loans::LoanRefusal::NotFound)?;
    let client = match parties::party(op, known.client.uuid()).await? {
        Party::Individual(profile) => format!("{} {}", profile.names.surname, profile.names.given),
        Party::Entity(entity) => entity.name,
    };
    audit::record(op, "staff.loan-read", Some(id.uuid()), &looked_at).await?;
    Ok(LoanSeen { known, client })
}
