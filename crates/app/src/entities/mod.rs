//! Legal entities as clients (Rules cl. [6.b](lending::law::CL_6_B)).
//!
//! An entity has no password and no session of its own: it acts only through people. A person is registered as an
//! individual, and signs in as themselves. To act for an entity they give its data and the scanned order or power of
//! attorney ([`begin`]), prove who they are by two methods, one biometric, for exactly these data ([`purpose`],
//! [`complete`]), and an employee reads the document ([`accept`]). From then on they may choose for whom their session
//! acts ([`act_for`]): [`sessions::Client::party`] is then the entity, everywhere. What they may do is their
//! [`Role`], held against the authority in the transaction of each effect (`allowed`).
//!
//! Codes, faces and passwords are the person's own: the entity's number is where it is told things.

mod check;
mod people;
mod register;

pub use check::{Claim, Waiting, accept, claim, refuse, scan, waiting};
pub use people::{People, Person, end, people};
pub use register::{Form, REGISTRATION_LIFE, Shown, State, begin, complete, purpose, registration};

use jiff::{Timestamp, civil::Date};
use lending::{
    authority::{Act, Authority, Basis, Role, Withheld},
    confirmation::Operation,
    iin::Bin,
    phone::Phone,
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use crate::{
    App, audit,
    id::Id,
    identity::{self, ClientRecord, Profile, Purpose},
    messages,
    op::{Context, Op, missing},
    parties,
    refusal::{Fault, Refusal, Result, refusals},
    sessions::{self, Client},
};

refusals! {
    /// Legal entities and who acts for them.
    EntityRefusal {
        /// The BIN is not one.
        Bin = "bin-invalid" Invalid CL_6_B,
        /// No name, or too long.
        Name = "entity-name-invalid" Invalid CL_6_B,
        /// Not a role.
        Role = "authority-role-invalid" Invalid CL_6_B,
        /// The order or power of attorney has no number, or a long one.
        Number = "authority-number-invalid" Invalid CL_6_B,
        /// The document is dated ahead, or its date is none.
        Dated = "authority-date-invalid" Invalid CL_6_B,
        /// The document's time is over, or its last day is none.
        Over = "authority-over" Invalid CL_6_B,
        /// A power of attorney for more than three years.
        TooLong = "authority-too-long" Invalid CL_6_B,
        /// The scanned document is missing.
        ScanMissing = "authority-scan-missing" Invalid CL_6_B,
        /// No such entity, registration or person, or not one this client has to do with.
        NotFound = "entity-not-found" NotFound,
        /// The registration has lapsed; begin again.
        Lapsed = "entity-registration-lapsed" Conflict,
        /// The power to act is not in force, or not any more.
        AuthorityEnded = "authority-ended" Forbidden CL_6_B,
        /// The power to act does not cover this.
        AuthorityNarrow = "authority-narrow" Forbidden CL_6_B,
        /// The entity's first person must be entitled to sign.
        SignerFirst = "entity-signer-first" Conflict CL_6_B,
        /// An employee has decided already.
        Decided = "entity-decided" Conflict,
        /// A refusal needs its reason, of at most 300 characters.
        Reason = "entity-reason-invalid" Invalid,
    }
}

/// Marks the id of an authority.
pub struct AuthorityRecord;
/// Marks the id of a registration for an entity.
pub struct EntityRegistration;

/// For whom somebody acts who does not act for themselves.
#[derive(Debug, Clone)]
pub struct Capacity {
    /// By which authority.
    pub authority: Id<AuthorityRecord>,
    /// For which entity.
    pub entity: Id<ClientRecord>,
    /// Its name, for the page's corner.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// One of a person's authorities.
pub struct Mine {
    /// Id.
    pub id: Id<AuthorityRecord>,
    /// The entity's name.
    pub name: String,
    /// Its BIN.
    pub bin: String,
    /// What they may, by which document, until when.
    pub authority: Authority,
    /// The session acts by it now.
    pub chosen: bool,
}

/// The authorities of the person, newest first, at most fifty.
pub async fn mine(op: &mut Op<Client>) -> Result<Vec<Mine>> {
    let (tenant, person) = (op.tenant, op.who.id.uuid());
    let chosen = op.who.capacity.as_ref().map(|capacity| capacity.authority);
    let rows = sqlx::query!(
        "select a.id, a.role, a.basis, a.valid_from, a.valid_until, a.revoked_at, e.name, e.bin
         from authority a join entity e on e.tenant_id = a.tenant_id and e.id = a.entity_id
         where a.tenant_id = $1 and a.client_id = $2 order by a.granted_at desc, a.id limit 50",
        tenant,
        person
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            let id: Id<AuthorityRecord> = r.id.into();
            let until = r.valid_until.map(Date::from);
            let authority = known(&r.role, &r.basis, r.valid_from.into(), until, r.revoked_at.is_some())?;
            Ok(Mine { id, name: r.name, bin: r.bin, authority, chosen: chosen == Some(id) })
        })
        .collect()
}

/// An authority as stored.
fn known(role: &str, basis: &str, from: Date, until: Option<Date>, revoked: bool) -> Result<Authority> {
    let unknown = || Fault::new("an authority of an unknown kind");
    Ok(Authority {
        basis: Basis::by_code(basis).ok_or_else(unknown)?,
        role: Role::by_code(role).ok_or_else(unknown)?,
        from,
        until,
        revoked,
    })
}

/// Chooses for whom the session acts from now on: by one of the person's authorities, or for themselves.
pub async fn act_for(op: &mut Op<Client>, authority: Option<Id<AuthorityRecord>>) -> Result<()> {
    if let Some(id) = authority {
        let held = held(op, id).await?;
        held.allows(Act::View, op.today).map_err(EntityRefusal::from)?;
    }
    if op.who.capacity.as_ref().map(|capacity| capacity.authority) == authority {
        return Ok(());
    }
    let session = op.who.session;
    sessions::act_by(op, session, authority.map(Id::uuid)).await?;
    audit::record(op, "session.acts-for", Some(session), &json!({ "authority": authority })).await
}

/// One of the person's own authorities; nobody may end it until the operation does.
async fn held(op: &mut Op<Client>, id: Id<AuthorityRecord>) -> Result<Authority> {
    let (tenant, person) = (op.tenant, op.who.id.uuid());
    let r = sqlx::query!(
        "select role, basis, valid_from, valid_until, revoked_at from authority
         where tenant_id = $1 and id = $2 and client_id = $3 for share",
        tenant,
        id.uuid(),
        person
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(EntityRefusal::NotFound))?;
    known(&r.role, &r.basis, r.valid_from.into(), r.valid_until.map(Into::into), r.revoked_at.is_some())
}

/// Refuses what the person may not do for whom they act; who acts for themselves may everything. Called in the
/// transaction of the effect, so that power that was ended is ended at once (Rules cl. [6.b](lending::law::CL_6_B)).
pub(crate) async fn allowed(op: &mut Op<Client>, act: Act) -> Result<()> {
    let Some(id) = op.who.capacity.as_ref().map(|capacity| capacity.authority) else { return Ok(()) };
    let held = held(op, id).await?;
    Ok(held.allows(act, op.today).map_err(EntityRefusal::from)?)
}

/// Refuses as [`allowed`], before anything is asked or counted for whom the person acts; the transaction of the effect asks
/// again.
pub(crate) async fn may(app: &App, who: Client, act: Act) -> Result<()> {
    if who.capacity.is_none() {
        return Ok(());
    }
    let mut op = app.begin(who).await?;
    allowed(&mut op, act).await
}

impl From<Withheld> for EntityRefusal {
    fn from(why: Withheld) -> Self {
        match why {
            Withheld::NotInForce => Self::AuthorityEnded,
            Withheld::NotGranted => Self::AuthorityNarrow,
        }
    }
}

/// Who signs for an entity, and on the basis of what.
pub(crate) struct Signatory {
    pub(crate) profile: Profile,
    pub(crate) basis: Basis,
    pub(crate) number: String,
    pub(crate) dated: Date,
}

/// The person behind an authority.
pub(crate) async fn signatory(op: &mut Context, authority: Uuid) -> Result<Signatory> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select client_id, basis, document_number, valid_from from authority where tenant_id = $1 and id = $2",
        tenant,
        authority
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("authority", authority))?;
    Ok(Signatory {
        profile: identity::profile(op, r.client_id).await?,
        basis: Basis::by_code(&r.basis).ok_or_else(|| Fault::new("an authority of an unknown kind"))?,
        number: r.document_number,
        dated: r.valid_from.into(),
    })
}

/// The entity whose certificate a digital signature for this purpose must be made with (Rules cl.
/// [35.1](lending::law::CL_35_1)): its BIN; the certificate's role is the head's or that of the right to sign, and its IIN
/// the person's own. None where the person signs as an individual: for themselves, or asking for a role that signs nothing.
///
/// It follows from what is signed, never from whom the session acts for: that may change before the signature comes.
pub async fn signs_for(op: &mut Context, purpose: &Purpose) -> Result<Option<Bin>> {
    match purpose.operation {
        Operation::Registration => register::asked_for(op, purpose).await,
        Operation::SignContract | Operation::AmendContract => drawn_up_for(op, purpose).await,
        Operation::ChangeBankDetails | Operation::ChangePhone => {
            match identity::entity_of(op, purpose).await? {
                Some(entity) => Ok(Some(parties::entity(op, entity).await?.bin)),
                None => Ok(None),
            }
        }
        // Password and tokens are the person's own.
        Operation::SignIn
        | Operation::ChangeToken
        | Operation::ChangePassword
        | Operation::RecoverPassword => Ok(None),
        // Nobody does this yet: whoever lets them says here for whom.
        Operation::PayMerchant => Err(Fault::new("it is not known whose certificate signs this").into()),
    }
}

/// The entity for which the agreement or amendment of a purpose was drawn up, to be signed by this person.
async fn drawn_up_for(op: &mut Context, purpose: &Purpose) -> Result<Option<Bin>> {
    let tenant = op.tenant;
    let bin = sqlx::query_scalar!(
        "select e.bin
         from (select tenant_id, authority_id, pdf_sha256 from offer
               union all select tenant_id, authority_id, pdf_sha256 from amendment_paper) p
         join authority a on a.tenant_id = p.tenant_id and a.id = p.authority_id
         join entity e on e.tenant_id = a.tenant_id and e.id = a.entity_id
         where p.tenant_id = $1 and p.pdf_sha256 = $2 and a.client_id = $3 limit 1",
        tenant,
        &purpose.object,
        purpose.subject
    )
    .fetch_optional(op.db())
    .await?;
    bin.map(|bin| Bin::parse(&bin).map_err(|_| Fault::new("a stored BIN is not one").into())).transpose()
}

/// The people whose power to act for an entity is in force today; at most fifty.
pub(crate) async fn acting(op: &mut Context, entity: Uuid) -> Result<Vec<Profile>> {
    let (tenant, today) = (op.tenant, jiff_sqlx::ToSqlx::to_sqlx(op.today));
    let ids = sqlx::query_scalar!(
        "select distinct client_id from authority
         where tenant_id = $1 and entity_id = $2 and revoked_at is null and valid_from <= $3
           and (valid_until is null or valid_until >= $3) limit 50",
        tenant,
        entity,
        today as _
    )
    .fetch_all(op.db())
    .await?;
    let mut people = Vec::with_capacity(ids.len());
    for id in ids {
        people.push(identity::profile(op, id).await?);
    }
    Ok(people)
}

/// Tells the entity and everybody who acts for it, and `also` whoever does no longer.
async fn tell_all(
    op: &mut Context,
    entity: Uuid,
    also: Option<&Profile>,
    text: impl Fn(Lang, &str) -> String,
) -> Result<()> {
    let people = acting(op, entity).await?;
    let entity = parties::entity(op, entity).await?;
    messages::notice(op, &entity.address(), text(entity.lang, &entity.name)).await?;
    let gone = also.filter(|gone| !people.iter().any(|person| person.id == gone.id));
    for person in people.iter().chain(gone) {
        messages::notice(op, &person.address(), text(person.lang, &entity.name)).await?;
    }
    Ok(())
}

/// Another number of the entity (Rules cl. [6.f](lending::law::CL_6_F)): both numbers are told, and everybody who acts for
/// it. Whoever may not sign for it (any more) changes nothing.
pub(crate) async fn change_phone(op: &mut Op<Client>, entity: Uuid, phone: &Phone) -> Result<()> {
    // The entity's row first, the authority after it: `accept` locks them in this order too.
    let before = parties::set_phone(op, entity, phone).await?;
    allowed(op, Act::Sign).await?;
    let held = parties::entity(op, entity).await?;
    let text = |lang| texts::messages::entity_phone_changed(lang, &held.name, phone.masked());
    for number in [phone, &before] {
        messages::to_number(op, entity, number, &text(held.lang)).await?;
    }
    if held.email.is_some() {
        messages::notice(op, &held.address(), text(held.lang)).await?;
    }
    for person in acting(op, entity).await? {
        identity::told(op, &person, text(person.lang)).await?;
    }
    Ok(())
}

/// One of the person's registrations for an entity, in their list.
pub struct Line {
    /// Id.
    pub id: Id<EntityRegistration>,
    /// The entity's name as given.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When begun.
    pub created_at: Timestamp,
}

/// What the person asked to act for and was not given (yet): newest first, at most twenty.
pub async fn asked(op: &mut Op<Client>) -> Result<Vec<Line>> {
    let (tenant, person, now) = (op.tenant, op.who.id.uuid(), op.security_now_sql());
    let rows = sqlx::query!(
        "select id, name, state, reason, created_at from entity_registration
         where tenant_id = $1 and client_id = $2
           and (state in ('confirmed', 'refused') or (state = 'begun' and expires_at > $3))
         order by created_at desc limit 20",
        tenant,
        person,
        now as _
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Line {
                id: r.id.into(),
                name: r.name,
                state: State::parse(&r.state)?,
                reason: r.reason,
                created_at: r.created_at.into(),
            })
        })
        .collect()
}
