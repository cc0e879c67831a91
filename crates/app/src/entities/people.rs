//! The people of a legal entity: who may act for it, and the end of their power.

use jiff::civil::Date;
use lending::authority::{Act, Authority};
use serde_json::json;
use uuid::Uuid;

use super::{AuthorityRecord, EntityRefusal, allowed, known, tell_all};
use crate::{
    audit,
    id::Id,
    identity,
    op::{Context, Op},
    refusal::{Refusal, Result},
    sessions::Client,
};

/// Somebody who acts, or acted, for an entity.
pub struct Person {
    /// Their authority.
    pub id: Id<AuthorityRecord>,
    /// Surname and given name.
    pub name: String,
    /// What they may, by which document, until when.
    pub authority: Authority,
    /// Number of the document.
    pub number: String,
    /// Whoever looks.
    pub me: bool,
}

/// The people of an entity.
pub struct People {
    /// All of them, the newest power first, at most a hundred.
    pub people: Vec<Person>,
    /// Whoever looks may end the power of others.
    pub may_end: bool,
}

/// The people of the entity for whom the client acts.
pub async fn people(op: &mut Op<Client>) -> Result<People> {
    let Some(capacity) = op.who.capacity.clone() else { return Err(EntityRefusal::NotFound.into()) };
    allowed(op, Act::View).await?;
    let (tenant, me) = (op.tenant, op.who.id.uuid());
    let rows = sqlx::query!(
        "select a.id, a.client_id, a.role, a.basis, a.valid_from, a.valid_until, a.revoked_at, a.document_number,
                c.surname, c.given_name
         from authority a join client c on c.tenant_id = a.tenant_id and c.id = a.client_id
         where a.tenant_id = $1 and a.entity_id = $2 order by a.granted_at desc, a.id limit 100",
        tenant,
        capacity.entity.uuid()
    )
    .fetch_all(op.db())
    .await?;
    let people = rows.into_iter().map(|r| {
        let until = r.valid_until.map(Date::from);
        Ok(Person {
            id: r.id.into(),
            name: format!("{} {}", r.surname, r.given_name),
            authority: known(&r.role, &r.basis, r.valid_from.into(), until, r.revoked_at.is_some())?,
            number: r.document_number,
            me: r.client_id == me,
        })
    });
    Ok(People { people: people.collect::<Result<_>>()?, may_end: capacity.role.may(Act::EndAuthority) })
}

/// Ends somebody's power at once: the head that of anybody, everybody their own. All are told.
pub async fn end(op: &mut Op<Client>, id: Id<AuthorityRecord>) -> Result<()> {
    let Some(capacity) = op.who.capacity.clone() else { return Err(EntityRefusal::NotFound.into()) };
    let (tenant, me) = (op.tenant, op.who.id.uuid());
    if id != capacity.authority {
        allowed(op, Act::EndAuthority).await?;
    }
    let person = sqlx::query_scalar!(
        "select client_id from authority
         where tenant_id = $1 and id = $2 and entity_id = $3 and revoked_at is null for update",
        tenant,
        id.uuid(),
        capacity.entity.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(EntityRefusal::NotFound))?;
    end_one(op, id.uuid(), capacity.entity.uuid(), person, me).await
}

async fn end_one(op: &mut Context, id: Uuid, entity: Uuid, person: Uuid, by: Uuid) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "update authority set revoked_at = $3, revoked_by = $4
         where tenant_id = $1 and id = $2 and revoked_at is null",
        tenant,
        id,
        now as _,
        by
    )
    .execute(op.db())
    .await?;
    audit::record(op, "authority.ended", Some(id), &json!({ "entity": entity, "by": by })).await?;
    let gone = identity::profile(op, person).await?;
    tell_all(op, entity, Some(&gone), |lang, name| texts::messages::entity_person_ended(lang, name)).await
}

/// A new head is appointed: nobody else is head any longer.
pub(super) async fn end_heads(op: &mut Context, entity: Uuid, by: Uuid) -> Result<()> {
    let tenant = op.tenant;
    let heads = sqlx::query!(
        "select id, client_id from authority
         where tenant_id = $1 and entity_id = $2 and role = 'head' and revoked_at is null for update",
        tenant,
        entity
    )
    .fetch_all(op.db())
    .await?;
    for head in heads {
        end_one(op, head.id, entity, head.client_id, by).await?;
    }
    Ok(())
}
