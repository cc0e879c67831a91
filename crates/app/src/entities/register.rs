//! Asking to act for a legal entity: its data, the document, and who one is (Rules cl. [6.b](lending::law::CL_6_B),
//! [6.c](lending::law::CL_6_C), [6.d](lending::law::CL_6_D)).

use bundle::manifest::{Claim, Sha256};
use jiff::{SignedDuration, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{
    authority::{Act, Authority, AuthorityError, Basis, Role},
    confirmation::Operation,
    iin::Bin,
    phone::Phone,
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{EntityRefusal, EntityRegistration};
use crate::{
    App, attempts, audit,
    id::Id,
    identity::{self, IdentityRefusal, Purpose, confirm},
    messages,
    op::{Context, Op},
    refusal::{Fault, No, Refusal, Result},
    sessions::Client,
    uploads::Upload,
    vault::Hash,
};

/// What is filled in, as typed (Rules cl. [6.b](lending::law::CL_6_B)). The person's own names, IIN, document and number
/// are known already.
#[allow(missing_docs)]
#[derive(Clone, Default)]
pub struct Form {
    pub bin: String,
    pub name: String,
    /// Where the entity is told things.
    pub phone: String,
    /// May be empty.
    pub email: String,
    /// Code of a [`Role`]; the head's document is the order, everybody else's a power of attorney.
    pub role: String,
    /// Number of the order or power of attorney.
    pub number: String,
    /// Its date: year-month-day.
    pub dated: String,
    /// Its last day; may be empty.
    pub valid_until: String,
}

/// How long it may take to prove who one is.
pub const REGISTRATION_LIFE: SignedDuration = SignedDuration::from_hours(1);

struct Checked {
    bin: Bin,
    name: String,
    phone: Phone,
    email: Option<String>,
    number: String,
    authority: Authority,
}

impl Form {
    /// Whether it can be taken, before a file is sent with it.
    ///
    /// # Errors
    /// The first [`EntityRefusal`] found, at its field.
    pub fn check(&self, today: Date) -> Result<()> {
        self.read(today).map(|_| ())
    }

    fn read(&self, today: Date) -> Result<Checked> {
        let bin = Bin::parse(&self.bin).map_err(|_| EntityRefusal::Bin.at("bin"))?;
        let name = line(&self.name, 300).ok_or_else(|| EntityRefusal::Name.at("name"))?;
        let phone = Phone::parse(&self.phone).map_err(|_| IdentityRefusal::Phone.at("phone"))?;
        let email = match self.email.trim() {
            "" => None,
            given => Some(identity::email(given).ok_or_else(|| IdentityRefusal::Email.at("email"))?),
        };
        let role = Role::by_code(&self.role).ok_or_else(|| EntityRefusal::Role.at("role"))?;
        let number = line(&self.number, 60).ok_or_else(|| EntityRefusal::Number.at("number"))?;
        let dated = self.dated.trim().parse().map_err(|_| EntityRefusal::Dated.at("dated"))?;
        let until = match self.valid_until.trim() {
            "" => None,
            day => Some(day.parse().map_err(|_| EntityRefusal::Over.at("valid_until"))?),
        };
        let basis = if role == Role::Head { Basis::Order } else { Basis::PowerOfAttorney };
        let authority = Authority::given(basis, role, dated, until, today).map_err(withheld)?;
        Ok(Checked { bin, name, phone, email, number, authority })
    }
}

fn withheld(why: AuthorityError) -> No {
    match why {
        AuthorityError::Basis => EntityRefusal::Role.at("role"),
        AuthorityError::NotYet => EntityRefusal::Dated.at("dated"),
        AuthorityError::Ended => EntityRefusal::Over.at("valid_until"),
        AuthorityError::TooLong => EntityRefusal::TooLong.at("valid_until"),
    }
}

/// One line of text with something in it.
fn line(text: &str, longest: usize) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ((1..=longest).contains(&text.chars().count())).then_some(text)
}

/// Takes the data in, with the scanned document that was taken in before. Nothing follows from them yet.
pub async fn begin(
    app: &App,
    who: Client,
    lang: Lang,
    form: &Form,
    upload: Id<Upload>,
) -> Result<Id<EntityRegistration>> {
    attempts::take(app, &attempts::ENTITIES, who.id.uuid().as_bytes()).await?;
    let mut op = app.begin(who).await?;
    let checked = form.read(op.today)?;
    let (tenant, id, now, person) = (op.tenant, op.id(), op.now_sql(), op.who.id.uuid());
    let expires = (op.security_now + REGISTRATION_LIFE).to_sqlx();
    if identity::profile(&mut op, person).await?.document_valid_until < op.today {
        return Err(IdentityRefusal::DocumentExpired.into());
    }
    let made = sqlx::query!(
        "insert into entity_registration (tenant_id, id, client_id, bin, name, phone, email, language, role, basis,
             document_number, dated, valid_until, upload_id, state, created_at, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, u.id, 'begun', $15, $16
         from upload u where u.tenant_id = $1 and u.id = $14 and u.client_id = $3",
        tenant,
        id,
        person,
        checked.bin.as_str(),
        checked.name,
        checked.phone.as_str(),
        checked.email,
        lang.code(),
        checked.authority.role.code(),
        checked.authority.basis.code(),
        checked.number,
        checked.authority.from.to_sqlx() as _,
        checked.authority.until.map(ToSqlx::to_sqlx) as _,
        upload.uuid(),
        now as _,
        expires as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Err(EntityRefusal::ScanMissing.at("scan"));
    }
    let about = json!({ "role": checked.authority.role.code(), "upload": upload });
    audit::record(&mut op, "entity.registration-begun", Some(id), &about).await?;
    op.commit().await?;
    Ok(id.into())
}

/// How far a registration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The person has to prove who they are.
    Begun,
    /// An employee has to read the document.
    Confirmed,
    /// The person may act for the entity.
    Accepted,
    /// They may not.
    Refused,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Confirmed => "confirmed",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self> {
        [Self::Begun, Self::Confirmed, Self::Accepted, Self::Refused]
            .into_iter()
            .find(|state| state.code() == code)
            .ok_or_else(|| Fault::new("a registration in an unknown state").into())
    }
}

/// A registration as the person who asked sees it.
pub struct Shown {
    /// Id.
    pub id: Id<EntityRegistration>,
    /// BIN as given.
    pub bin: Bin,
    /// Name as given.
    pub name: String,
    /// The role asked for.
    pub role: Role,
    /// How far it is.
    pub state: State,
    /// Why it was refused.
    pub reason: Option<String>,
    object: Hash,
    lapsed: bool,
}

/// One of the person's own registrations. Somebody else's does not exist for them.
pub async fn registration(op: &mut Op<Client>, id: Id<EntityRegistration>) -> Result<Shown> {
    let person = op.who.id.uuid();
    load(op, id, person).await
}

async fn load(op: &mut Context, id: Id<EntityRegistration>, person: Uuid) -> Result<Shown> {
    let (tenant, now) = (op.tenant, op.security_now);
    let r = sqlx::query!(
        "select r.bin, r.name, r.phone, r.email, r.role, r.basis, r.document_number, r.dated, r.valid_until, r.state,
                r.reason, r.expires_at, u.sha256
         from entity_registration r join upload u on u.tenant_id = r.tenant_id and u.id = r.upload_id
         where r.tenant_id = $1 and r.id = $2 and r.client_id = $3",
        tenant,
        id.uuid(),
        person
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(EntityRefusal::NotFound))?;
    // What is confirmed: these data and these bytes, for this registration.
    let claim = Claim {
        registration: id.uuid(),
        bin: r.bin,
        name: r.name,
        phone: r.phone,
        email: r.email,
        role: r.role,
        basis: r.basis,
        number: r.document_number,
        dated: r.dated.into(),
        valid_until: r.valid_until.map(Into::into),
        scan_sha256: Sha256(r.sha256.try_into().map_err(|_| Fault::new("a hash of the wrong length"))?),
    };
    let object = claim.object()?.0;
    Ok(Shown {
        id,
        bin: Bin::parse(&claim.bin).map_err(|_| Fault::new("a stored BIN is not one"))?,
        name: claim.name,
        role: Role::by_code(&claim.role).ok_or_else(|| Fault::new("an authority of an unknown kind"))?,
        state: State::parse(&r.state)?,
        reason: r.reason,
        object,
        lapsed: now > r.expires_at.into(),
    })
}

/// For what the person proves who they are: these data, this document. They prove it exactly as for their own
/// registration, by two methods, one of them biometric (Rules cl. [6.d](lending::law::CL_6_D)); names and face are held
/// against the source by the biometric one (cl. [6.c](lending::law::CL_6_C)). Whose certificate a
/// digital signature for it must be made with, says [`signs_for`](super::signs_for).
pub async fn purpose(op: &mut Op<Client>, id: Id<EntityRegistration>) -> Result<Purpose> {
    let shown = registration(op, id).await?;
    if shown.state != State::Begun {
        return Err(EntityRefusal::Decided.into());
    }
    if shown.lapsed {
        return Err(EntityRefusal::Lapsed.into());
    }
    Ok(Purpose {
        subject: op.who.id.uuid(),
        session: op.who.session,
        operation: Operation::Registration,
        object: shown.object,
    })
}

/// The entity that the person asks to sign for by the registration that a purpose is for, if it is for one.
pub(super) async fn asked_for(op: &mut Context, purpose: &Purpose) -> Result<Option<Bin>> {
    let tenant = op.tenant;
    let newest = sqlx::query_scalar!(
        "select id from entity_registration where tenant_id = $1 and client_id = $2 order by created_at desc limit 20",
        tenant,
        purpose.subject
    )
    .fetch_all(op.db())
    .await?;
    for id in newest {
        let shown = load(op, id.into(), purpose.subject).await?;
        if shown.object == purpose.object {
            return Ok(Some(shown.bin).filter(|_| shown.role.may(Act::Sign)));
        }
    }
    Ok(None)
}

/// Confirms by two methods. Now an employee reads the document.
pub async fn complete(app: &App, who: Client, id: Id<EntityRegistration>) -> Result<()> {
    let mut op = app.begin(who).await?;
    let purpose = purpose(&mut op, id).await?;
    let confirmation = confirm(&mut op, &purpose).await?;
    let (tenant, now, person) = (op.tenant, op.now_sql(), op.who.id.uuid());
    let done = sqlx::query!(
        "update entity_registration set state = 'confirmed', confirmation_id = $3, confirmed_at = $4
         where tenant_id = $1 and id = $2 and state = 'begun'",
        tenant,
        id.uuid(),
        confirmation.id(),
        now as _
    )
    .execute(op.db())
    .await?;
    if done.rows_affected() == 0 {
        return Err(EntityRefusal::Decided.into());
    }
    let about = json!({ "confirmation": confirmation.id() });
    audit::record(&mut op, "entity.registration-confirmed", Some(id.uuid()), &about).await?;
    let name = registration(&mut op, id).await?.name;
    let profile = identity::profile(&mut op, person).await?;
    let text = texts::messages::entity_received(profile.lang, &name);
    messages::notice(&mut op, &profile.address(), text).await?;
    op.commit().await
}
