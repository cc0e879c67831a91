//! An employee reads the document, and power to act is given or not (Rules cl. [6.b](lending::law::CL_6_B)).

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::authority::{Act, Authority, Role};
use serde_json::json;
use uuid::Uuid;

use super::{EntityRefusal, EntityRegistration, State, known, people, tell_all};
use crate::{
    audit, evidence,
    id::Id,
    identity::{self, Profile},
    messages,
    op::{Context, Op},
    parties::{self, Founded},
    refusal::{Refusal, Result},
    sessions::Employee,
    staff::{Action, StaffRefusal},
};

/// A registration that waits for an employee.
pub struct Waiting {
    /// Id.
    pub id: Id<EntityRegistration>,
    /// The entity's name as given.
    pub name: String,
    /// Its BIN.
    pub bin: String,
    /// Who asks: surname and given name.
    pub person: String,
    /// The role asked for.
    pub role: Role,
    /// Since when.
    pub confirmed_at: Timestamp,
}

fn may(op: &Op<Employee>, action: Action) -> Result<()> {
    if op.who.role.may(action) { Ok(()) } else { Err(StaffRefusal::NotAllowed.into()) }
}

/// What waits, oldest first, at most a hundred.
pub async fn waiting(op: &mut Op<Employee>) -> Result<Vec<Waiting>> {
    may(op, Action::SeeEntities)?;
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select r.id, r.name, r.bin, r.role, r.confirmed_at as "confirmed_at!", c.surname, c.given_name
           from entity_registration r join client c on c.tenant_id = r.tenant_id and c.id = r.client_id
           where r.tenant_id = $1 and r.state = 'confirmed' order by r.confirmed_at limit 100"#,
        tenant
    )
    .fetch_all(op.db())
    .await?;
    let waiting = rows.into_iter().filter_map(|r| {
        Some(Waiting {
            id: r.id.into(),
            name: r.name,
            bin: r.bin,
            person: format!("{} {}", r.surname, r.given_name),
            role: Role::by_code(&r.role)?,
            confirmed_at: r.confirmed_at.into(),
        })
    });
    audit::record(op, "staff.entities-read", None, &()).await?;
    Ok(waiting.collect())
}

/// A registration as an employee sees it.
pub struct Claim {
    /// Id.
    pub id: Id<EntityRegistration>,
    /// How far it is.
    pub state: State,
    /// The entity's name as given.
    pub name: String,
    /// Its BIN.
    pub bin: String,
    /// Its mobile number as given.
    pub phone: String,
    /// The name under which this BIN is a client already.
    pub known_as: Option<String>,
    /// Who asks, proved by two methods.
    pub person: Profile,
    /// The power asked for.
    pub authority: Authority,
    /// Number of the document.
    pub number: String,
    /// Media type of the scan.
    pub media_type: String,
    /// By which signatures it was found clean of malware; none: no scanner is installed.
    pub signatures: Option<String>,
    language: String,
    email: Option<String>,
    original: Uuid,
    shown: Option<Uuid>,
}

/// A registration, for the employee who decides. Reading it is recorded.
pub async fn claim(op: &mut Op<Employee>, id: Id<EntityRegistration>) -> Result<Claim> {
    may(op, Action::SeeEntities)?;
    let claim = load(op, id).await?;
    audit::record(op, "staff.entity-registration-read", Some(id.uuid()), &()).await?;
    Ok(claim)
}

async fn load(op: &mut Context, id: Id<EntityRegistration>) -> Result<Claim> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        r#"select r.client_id, r.state, r.name, r.bin, r.phone, r.email, r.language, r.role, r.basis, r.document_number,
                r.dated, r.valid_until, u.media_type, u.signatures, u.evidence_id, u.shown_id, e.name as "known_as?"
           from entity_registration r
           join upload u on u.tenant_id = r.tenant_id and u.id = r.upload_id
           left join entity e on e.tenant_id = r.tenant_id and e.bin = r.bin
           where r.tenant_id = $1 and r.id = $2 and r.state <> 'begun' for update of r"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(EntityRefusal::NotFound))?;
    Ok(Claim {
        id,
        state: State::parse(&r.state)?,
        name: r.name,
        bin: r.bin,
        phone: r.phone,
        known_as: r.known_as,
        person: identity::profile(op, r.client_id).await?,
        authority: known(&r.role, &r.basis, r.dated.into(), r.valid_until.map(Date::from), false)?,
        number: r.document_number,
        media_type: r.media_type,
        signatures: r.signatures,
        language: r.language,
        email: r.email,
        original: r.evidence_id,
        shown: r.shown_id,
    })
}

/// The scanned document: as it came, or what we drew from it to look at. Reading it is recorded. Media type and bytes.
pub async fn scan(
    op: &mut Op<Employee>,
    id: Id<EntityRegistration>,
    original: bool,
) -> Result<(String, Vec<u8>)> {
    may(op, Action::SeeEntities)?;
    let claim = load(op, id).await?;
    let evidence = if original { claim.original } else { claim.shown.ok_or(EntityRefusal::NotFound)? };
    audit::record(op, "staff.scan-read", Some(id.uuid()), &json!({ "evidence": evidence })).await?;
    evidence::read(op, evidence).await
}

impl Claim {
    /// There is a picture drawn from the scan.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.shown.is_some()
    }
}

/// The document says what was claimed: the person may act from now on. The first makes the entity a client; a new head
/// ends the power of the one before. Everybody concerned is told.
pub async fn accept(op: &mut Op<Employee>, id: Id<EntityRegistration>) -> Result<()> {
    may(op, Action::CheckEntities)?;
    let claim = undecided(op, id).await?;
    claim.authority.allows(Act::View, op.today).map_err(|_| EntityRefusal::Over)?;
    let entity = match of_bin(op, &claim.bin).await? {
        Some(entity) => entity,
        None if !claim.authority.role.may(Act::Sign) => return Err(EntityRefusal::SignerFirst.into()),
        None => {
            let founded = Founded {
                bin: &claim.bin,
                name: &claim.name,
                phone: &claim.phone,
                email: claim.email.as_deref(),
                language: &claim.language,
            };
            let entity = parties::found(op, &founded).await?.ok_or(EntityRefusal::Decided)?;
            audit::record(op, "entity.registered", Some(entity), &json!({ "registration": id })).await?;
            entity
        }
    };
    let (tenant, authority, now, person) = (op.tenant, op.id(), op.now_sql(), claim.person.id.uuid());
    if claim.authority.role == Role::Head {
        people::end_heads(op, entity, person).await?;
    }
    sqlx::query!(
        "insert into authority (tenant_id, id, entity_id, client_id, registration_id, role, basis, document_number,
                                valid_from, valid_until, granted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant,
        authority,
        entity,
        person,
        id.uuid(),
        claim.authority.role.code(),
        claim.authority.basis.code(),
        claim.number,
        claim.authority.from.to_sqlx() as _,
        claim.authority.until.map(ToSqlx::to_sqlx) as _,
        now as _,
    )
    .execute(op.db())
    .await?;
    decide(op, id, State::Accepted, None).await?;
    let about = json!({ "entity": entity, "registration": id, "role": claim.authority.role.code() });
    audit::record(op, "authority.given", Some(authority), &about).await?;
    tell_all(op, entity, None, |lang, name| texts::messages::entity_person_added(lang, name)).await
}

/// The document does not say so; the person is told why.
pub async fn refuse(op: &mut Op<Employee>, id: Id<EntityRegistration>, reason: &str) -> Result<()> {
    may(op, Action::CheckEntities)?;
    let reason = reason.trim();
    if !(1..=300).contains(&reason.chars().count()) {
        return Err(EntityRefusal::Reason.at("reason"));
    }
    let claim = undecided(op, id).await?;
    decide(op, id, State::Refused, Some(reason)).await?;
    audit::record(op, "entity.registration-refused", Some(id.uuid()), &()).await?;
    let text = texts::messages::entity_refused(claim.person.lang, &claim.name);
    messages::notice(op, &claim.person.address(), text).await
}

async fn undecided(op: &mut Op<Employee>, id: Id<EntityRegistration>) -> Result<Claim> {
    let claim = load(op, id).await?;
    if claim.state == State::Confirmed { Ok(claim) } else { Err(EntityRefusal::Decided.into()) }
}

async fn of_bin(op: &mut Context, bin: &str) -> Result<Option<Uuid>> {
    let tenant = op.tenant;
    let found = sqlx::query_scalar!(
        "select id from entity where tenant_id = $1 and bin = $2 for update",
        tenant,
        bin
    );
    Ok(found.fetch_optional(op.db()).await?)
}

async fn decide(
    op: &mut Op<Employee>,
    id: Id<EntityRegistration>,
    state: State,
    reason: Option<&str>,
) -> Result<()> {
    let (tenant, now, by) = (op.tenant, op.now_sql(), op.who.id.uuid());
    sqlx::query!(
        "update entity_registration set state = $3, decided_at = $4, decided_by = $5, reason = $6
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        state.code(),
        now as _,
        by,
        reason
    )
    .execute(op.db())
    .await?;
    Ok(())
}
