//! Every record behind an agreement, and the evidence it stands on.
//!
//! What belongs to an agreement is found by following ids, not by a list of kinds: evidence, answers and acknowledgements
//! belong if their object, or they themselves, are named by what belongs already. So a new method of identification is in
//! the bundle as soon as it stores its evidence under the id of what it is for. Nobody else's records can get in:
//! evidence must be about the client or about who registered as the client.

use std::collections::BTreeSet;

use bundle::manifest::{
    Acknowledgement, Agreement, Challenge, Client, Confirmation, Event, Format, Inquiry, Manifest, Member,
    Proof, Sha256,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    op::Context,
    refusal::{Fault, Result},
    vault::Hash,
};

/// How far names are followed: evidence of an answer about evidence of a proof is four steps.
const STEPS_MAX: usize = 8;

/// A bundle to be written.
pub(super) struct Gathered {
    pub(super) manifest: Manifest,
    pub(super) contents: Vec<Vec<u8>>,
}

/// What is known of the agreement itself.
struct Head {
    agreement: Agreement,
    client: Client,
    applied_at: Timestamp,
}

/// Everything of the agreement; nothing if there is none, or if it is not this `client`'s.
pub(super) async fn gather(
    op: &mut Context,
    agreement: Uuid,
    client: Option<Uuid>,
) -> Result<Option<Gathered>> {
    let Some(head) = head(op, agreement, client).await? else { return Ok(None) };
    let confirmations = confirmations(op, &head).await?;
    let ids: Vec<Uuid> = confirmations.iter().map(|one| one.id).collect();
    let (proofs, challenges) = (proofs(op, &ids).await?, challenges(op, &ids).await?);
    let mut known: BTreeSet<Uuid> = ids.into_iter().collect();
    let a = &head.agreement;
    known.extend([a.id, a.application, a.offer, a.evidence, head.client.registration]);
    known.extend(proofs.iter().flat_map(|one| [one.id, one.evidence]));
    known.extend(challenges.iter().map(|one| one.id));
    let mut subjects: BTreeSet<Uuid> = proofs.iter().map(|one| one.subject).collect();
    subjects.extend([head.client.id, head.client.registration]);
    let subjects: Vec<Uuid> = subjects.into_iter().collect();
    follow(op, &mut known, &subjects, head.client.id).await?;
    let known: Vec<Uuid> = known.into_iter().collect();
    let (members, contents) = members(op, &known, &subjects).await?;
    let manifest = Manifest {
        format: Format::One,
        confirmations,
        proofs,
        challenges,
        acknowledgements: acknowledgements(op, &known, &subjects).await?,
        inquiries: inquiries(op, &known).await?,
        events: events(op, &known, &head).await?,
        agreement: head.agreement,
        client: head.client,
        members,
    };
    Ok(Some(Gathered { manifest, contents }))
}

async fn head(op: &mut Context, agreement: Uuid, client: Option<Uuid>) -> Result<Option<Head>> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select a.id, a.application_id, a.offer_id, a.client_id, a.confirmation_id, a.signed_at, o.dated, o.rule_set,
                o.pdf_evidence, o.pdf_sha256, p.number, p.created_at as applied_at, c.iin, r.id as registration_id
         from agreement a
         join offer o on o.tenant_id = a.tenant_id and o.id = a.offer_id
         join application p on p.tenant_id = a.tenant_id and p.id = a.application_id
         join client c on c.tenant_id = a.tenant_id and c.id = a.client_id
         join registration r on r.tenant_id = a.tenant_id and r.client_id = a.client_id
         where a.tenant_id = $1 and a.id = $2 and ($3::uuid is null or a.client_id = $3)
         order by r.id limit 1",
        tenant,
        agreement,
        client,
    )
    .fetch_optional(op.db())
    .await?;
    row.map(|r| {
        Ok(Head {
            agreement: Agreement {
                id: r.id,
                number: r.number,
                application: r.application_id,
                offer: r.offer_id,
                dated: r.dated.into(),
                rule_set: r.rule_set,
                sha256: hash(&r.pdf_sha256)?,
                evidence: r.pdf_evidence,
                confirmation: r.confirmation_id,
                signed_at: r.signed_at.into(),
            },
            client: Client { id: r.client_id, iin: r.iin, bin: None, registration: r.registration_id },
            applied_at: r.applied_at.into(),
        })
    })
    .transpose()
}

/// Of the agreement, and of the registration of whoever concluded it.
async fn confirmations(op: &mut Context, head: &Head) -> Result<Vec<Confirmation>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, subject_id, operation, object_sha256, channel, created_at, spent_at from confirmation
         where tenant_id = $1 and (id = $2 or subject_id = $3) order by id",
        tenant,
        head.agreement.confirmation,
        head.client.registration,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Confirmation {
                id: r.id,
                subject: r.subject_id,
                operation: r.operation,
                object_sha256: hash(&r.object_sha256)?,
                channel: r.channel,
                created_at: r.created_at.into(),
                spent_at: r.spent_at.into(),
            })
        })
        .collect()
}

async fn proofs(op: &mut Context, confirmations: &[Uuid]) -> Result<Vec<Proof>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select id, subject_id, session_id, operation, object_sha256, kind, evidence_id, created_at, expires_at,
                  confirmation_id as "confirmation_id!"
           from proof where tenant_id = $1 and confirmation_id = any($2) order by id"#,
        tenant,
        confirmations,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Proof {
                id: r.id,
                subject: r.subject_id,
                session: r.session_id,
                operation: r.operation,
                object_sha256: hash(&r.object_sha256)?,
                kind: r.kind,
                evidence: r.evidence_id,
                created_at: r.created_at.into(),
                expires_at: r.expires_at.into(),
                confirmation: r.confirmation_id,
            })
        })
        .collect()
}

async fn challenges(op: &mut Context, confirmations: &[Uuid]) -> Result<Vec<Challenge>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select h.id, h.subject_id, h.session_id, h.operation, h.object_sha256, h.tries, h.created_at, h.expires_at,
                h.passed_at
         from confirmation c
         join challenge h on h.tenant_id = c.tenant_id and h.subject_id = c.subject_id
              and h.operation = c.operation and h.object_sha256 = c.object_sha256
         where c.tenant_id = $1 and c.id = any($2) order by h.id",
        tenant,
        confirmations,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Challenge {
                id: r.id,
                subject: r.subject_id,
                session: r.session_id,
                operation: r.operation,
                object_sha256: hash(&r.object_sha256)?,
                tries: u16::try_from(r.tries).map_err(Fault::new)?,
                created_at: r.created_at.into(),
                expires_at: r.expires_at.into(),
                passed_at: r.passed_at.map(Into::into),
            })
        })
        .collect()
}

/// Adds what is named by what is known, until nothing new is. The client's own id is not followed: what belongs to
/// the client belongs to all their agreements.
async fn follow(op: &mut Context, known: &mut BTreeSet<Uuid>, subjects: &[Uuid], client: Uuid) -> Result<()> {
    let tenant = op.tenant;
    for _ in 0..STEPS_MAX {
        let ids: Vec<Uuid> = known.iter().copied().collect();
        let named = sqlx::query_scalar!(
            r#"select id as "id!" from evidence
               where tenant_id = $1 and (id = any($2) or object_id = any($2)) and subject_id = any($3)
               union select object_id from evidence
               where tenant_id = $1 and id = any($2) and object_id is not null and subject_id = any($3)
               union select evidence_id from acknowledgement
               where tenant_id = $1 and object_id = any($2) and subject_id = any($3)
               union select unnest(array[id, object_id, coalesce(evidence_id, id)]) from inquiry
               where tenant_id = $1 and (object_id = any($2) or evidence_id = any($2))"#,
            tenant,
            &ids,
            subjects,
        )
        .fetch_all(op.db())
        .await?;
        let before = known.len();
        known.extend(named.into_iter().filter(|id| *id != client));
        if known.len() == before {
            return Ok(());
        }
    }
    Err(Fault::new("the evidence of an agreement is nested too deeply").into())
}

async fn members(op: &mut Context, known: &[Uuid], subjects: &[Uuid]) -> Result<(Vec<Member>, Vec<Vec<u8>>)> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, kind, subject_id, object_id, sha256, created_at from evidence
         where tenant_id = $1 and id = any($2) and subject_id = any($3) order by id",
        tenant,
        known,
        subjects,
    )
    .fetch_all(op.db())
    .await?;
    let (mut members, mut contents) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (place, r) in rows.into_iter().enumerate() {
        let (media_type, bytes) = super::read(op, r.id).await?;
        members.push(Member {
            path: Member::name(place + 1, &r.kind, &media_type),
            evidence: r.id,
            kind: r.kind,
            subject: r.subject_id,
            object: r.object_id,
            media_type,
            size: bytes.len() as u64,
            sha256: hash(&r.sha256)?,
            created_at: r.created_at.into(),
        });
        contents.push(bytes);
    }
    Ok((members, contents))
}

async fn acknowledgements(
    op: &mut Context,
    known: &[Uuid],
    subjects: &[Uuid],
) -> Result<Vec<Acknowledgement>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, subject_id, object_id, kind, language, evidence_id, created_at from acknowledgement
         where tenant_id = $1 and object_id = any($2) and subject_id = any($3) order by id",
        tenant,
        known,
        subjects,
    )
    .fetch_all(op.db())
    .await?;
    let one = rows.into_iter().map(|r| Acknowledgement {
        id: r.id,
        subject: r.subject_id,
        object: r.object_id,
        kind: r.kind,
        language: r.language,
        evidence: r.evidence_id,
        created_at: r.created_at.into(),
    });
    Ok(one.collect())
}

async fn inquiries(op: &mut Context, known: &[Uuid]) -> Result<Vec<Inquiry>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, port, object_id, state, asked_at, answered_at, evidence_id, meaning from inquiry
         where tenant_id = $1 and id = any($2) order by id",
        tenant,
        known,
    )
    .fetch_all(op.db())
    .await?;
    let one = rows.into_iter().map(|r| Inquiry {
        id: r.id,
        port: r.port,
        object: r.object_id,
        state: r.state,
        asked_at: r.asked_at.into(),
        answered_at: r.answered_at.map(Into::into),
        evidence: r.evidence_id,
        meaning: r.meaning,
    });
    Ok(one.collect())
}

/// The trail of all that is known, and of how the client proved who they are meanwhile. That somebody looked is no
/// part of it: a bundle would not be the same twice.
async fn events(op: &mut Context, known: &[Uuid], head: &Head) -> Result<Vec<Event>> {
    let (tenant, client) = (op.tenant, head.client.id);
    let (from, until) = (head.applied_at, head.agreement.signed_at);
    let rows = sqlx::query!(
        r#"select id, xid::text as "transaction!", at, actor_kind, actor_id, channel, action, object_id, payload
           from audit_event
           where tenant_id = $1 and action <> all(array['evidence.exported', 'staff.loan-read'])
             and (object_id = any($2)
                  or object_id = $3 and (action = 'client.registered' or at between $4 and $5
                     and split_part(action, '.', 1) = any(array['proof', 'code', 'password'])))
           order by id"#,
        tenant,
        known,
        client,
        jiff_sqlx::ToSqlx::to_sqlx(from) as _,
        jiff_sqlx::ToSqlx::to_sqlx(until) as _,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Event {
                id: r.id,
                transaction: r.transaction,
                at: r.at.into(),
                actor_kind: r.actor_kind,
                actor: r.actor_id,
                channel: r.channel,
                action: r.action,
                object: r.object_id,
                payload: String::from_utf8(r.payload).map_err(Fault::new)?,
            })
        })
        .collect()
}

fn hash(bytes: &[u8]) -> Result<Sha256> {
    let bytes: Hash = bytes.try_into().map_err(|_| Fault::new("a hash of the wrong length"))?;
    Ok(Sha256(bytes))
}
