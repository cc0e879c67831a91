//! Whoever a credit is given to: an individual or a legal entity (Rules cl. 2, "client").

use jiff_sqlx::ToSqlx;
use lending::{iin::Bin, phone::Phone};
use ports::Identifier;
use texts::Lang;
use uuid::Uuid;

use crate::{
    id::Id,
    identity::{self, ClientRecord, Profile},
    messages::Address,
    op::{Context, missing},
    refusal::{Fault, Result},
};

/// Either kind of client.
pub enum Party {
    /// A person.
    Individual(Box<Profile>),
    /// A legal entity.
    Entity(Entity),
}

/// What is known of a legal entity (Rules cl. [6.b](lending::law::CL_6_B)).
pub struct Entity {
    /// Whose.
    pub id: Id<ClientRecord>,
    /// Business identification number: it never changes (Rules cl. [6.g](lending::law::CL_6_G)).
    pub bin: Bin,
    /// Name as in the state register.
    pub name: String,
    /// Its mobile number: it is told things there. Codes go to the number of the person who acts.
    pub phone: Phone,
    /// E-mail, if given.
    pub email: Option<String>,
    /// Chosen language.
    pub lang: Lang,
}

impl Party {
    /// Full name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Individual(profile) => profile.full_name(),
            Self::Entity(entity) => entity.name.clone(),
        }
    }

    /// IIN or BIN.
    #[must_use]
    pub fn identifier(&self) -> Identifier<'_> {
        match self {
            Self::Individual(profile) => Identifier::Iin(&profile.iin),
            Self::Entity(entity) => Identifier::Bin(&entity.bin),
        }
    }

    /// In which language it is told things.
    #[must_use]
    pub fn lang(&self) -> Lang {
        match self {
            Self::Individual(profile) => profile.lang,
            Self::Entity(entity) => entity.lang,
        }
    }

    /// Where it is told things.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        match self {
            Self::Individual(profile) => profile.address(),
            Self::Entity(entity) => entity.address(),
        }
    }
}

impl Entity {
    /// Where it is told things.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        Address { subject: self.id.uuid(), phone: &self.phone, email: self.email.as_deref(), lang: self.lang }
    }
}

/// A client by id.
pub async fn party(op: &mut Context, id: Uuid) -> Result<Party> {
    let tenant = op.tenant;
    let kind = sqlx::query_scalar!("select kind from party where tenant_id = $1 and id = $2", tenant, id)
        .fetch_optional(op.db())
        .await?
        .ok_or_else(|| missing("party", id))?;
    if kind == "entity" {
        Ok(Party::Entity(entity(op, id).await?))
    } else {
        Ok(Party::Individual(Box::new(identity::profile(op, id).await?)))
    }
}

/// A legal entity by id.
pub async fn entity(op: &mut Context, id: Uuid) -> Result<Entity> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select bin, name, phone, email, language from entity where tenant_id = $1 and id = $2",
        tenant,
        id
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("entity", id))?;
    Ok(Entity {
        id: id.into(),
        bin: Bin::parse(&r.bin).map_err(|_| Fault::new("a stored BIN is not one"))?,
        name: r.name,
        phone: Phone::parse(&r.phone).map_err(|_| Fault::new("a stored phone is not one"))?,
        email: r.email,
        lang: Lang::parse(&r.language).unwrap_or(Lang::Kk),
    })
}

/// Sets the number of a legal entity; gives the one before.
pub(crate) async fn set_phone(op: &mut Context, entity: Uuid, phone: &Phone) -> Result<Phone> {
    let tenant = op.tenant;
    let before = sqlx::query_scalar!(
        "update entity e set phone = $3
         from (select tenant_id, id, phone from entity where tenant_id = $1 and id = $2 for update) held
         where e.tenant_id = held.tenant_id and e.id = held.id returning held.phone",
        tenant,
        entity,
        phone.as_str(),
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("entity", entity))?;
    Ok(Phone::parse(&before).map_err(|_| Fault::new("a stored phone is not one"))?)
}

/// Enters a party, before what is known of it.
pub(crate) async fn enter(op: &mut Context, id: Uuid, kind: &str) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!("insert into party (tenant_id, id, kind) values ($1, $2, $3)", tenant, id, kind)
        .execute(op.db())
        .await?;
    Ok(())
}

/// A legal entity as it is first known.
pub(crate) struct Founded<'a> {
    pub(crate) bin: &'a str,
    pub(crate) name: &'a str,
    pub(crate) phone: &'a str,
    pub(crate) email: Option<&'a str>,
    pub(crate) language: &'a str,
}

/// Makes a legal entity a client; none where its BIN is one already.
pub(crate) async fn found(op: &mut Context, founded: &Founded<'_>) -> Result<Option<Uuid>> {
    let (tenant, id, now) = (op.tenant, op.id(), op.now.to_sqlx());
    enter(op, id, "entity").await?;
    let made = sqlx::query!(
        "insert into entity (tenant_id, id, bin, name, phone, email, language, registered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, bin) do nothing",
        tenant,
        id,
        founded.bin,
        founded.name,
        founded.phone,
        founded.email,
        founded.language,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok((made.rows_affected() == 1).then_some(id))
}
