//! Every record behind an agreement, and the evidence it stands on.
//!
//! What belongs to an agreement is found by following ids, not by a list of kinds: evidence, answers and acknowledgements
//! belong if their object, or they themselves, are named by what belongs already. So a new method of identification is in
//! the bundle as soon as it stores its evidence under the id of what it is for. Nobody else's records can get in:
//! evidence must be about the client, or about who confirmed a paper or registered to be able to.

use std::collections::BTreeSet;

use bundle::manifest::{
    Acknowledgement, Agreement, Amendment, Challenge, Claim, Confirmation, Entity, Event, Format, Inquiry,
    Manifest, Member, Paper, Party, Person, Power, Proof, Scan, Sha256,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
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

/// Meanwhile somebody proved who they are: from when what they confirmed was there, until it was confirmed.
type While = (Timestamp, Timestamp);

/// Everything of the agreement; nothing if there is none, or if it is not this `client`'s.
pub(super) async fn gather(
    op: &mut Context,
    agreement: Uuid,
    client: Option<Uuid>,
) -> Result<Option<Gathered>> {
    let Some((agreement, party, read)) = concluded(op, agreement, client).await? else { return Ok(None) };
    let (amendments, mut proving) = amendments(op, agreement.paper.id).await?;
    proving.push((read, agreement.paper.concluded_at));
    let papers: Vec<&Paper> =
        std::iter::once(&agreement.paper).chain(amendments.iter().map(|one| &one.paper)).collect();
    let confirmed: Vec<Uuid> = papers.iter().map(|paper| paper.confirmation).collect();
    let people = people(op, &confirmed).await?;
    let by: Vec<Uuid> = papers.iter().filter_map(|paper| paper.power).collect();
    let (powers, claimed) = powers(op, &by).await?;
    proving.extend(claimed);

    let mut ids = confirmed;
    ids.extend(people.iter().map(|person| person.confirmation));
    ids.extend(powers.iter().map(|power| power.confirmation));
    let (proofs, challenges) = (proofs(op, &ids).await?, challenges(op, &ids).await?);
    let mut known: BTreeSet<Uuid> = ids.iter().copied().collect();
    known.insert(agreement.application);
    known.extend(papers.iter().flat_map(|paper| [paper.id, paper.offer, paper.evidence]));
    known.extend(people.iter().map(|person| person.registration));
    known.extend(
        powers
            .iter()
            .flat_map(|power| [power.id, power.claim.registration, power.scan.id, power.scan.evidence]),
    );
    known.extend(proofs.iter().flat_map(|one| [one.id, one.evidence]));
    known.extend(challenges.iter().map(|one| one.id));
    // What belongs to a client belongs to all their agreements, so these are not followed.
    let mut clients: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    clients.push(party.id);
    let registrations = people.iter().map(|person| person.registration);
    let subjects: Vec<Uuid> = clients.iter().copied().chain(registrations).collect();
    follow(op, &mut known, &subjects, &clients).await?;
    let known: Vec<Uuid> = known.into_iter().collect();
    let (members, contents) = members(op, &known, &subjects).await?;
    let manifest = Manifest {
        format: Format::Two,
        confirmations: confirmations(op, &ids).await?,
        proofs,
        challenges,
        acknowledgements: acknowledgements(op, &known, &subjects).await?,
        inquiries: inquiries(op, &known).await?,
        events: events(op, &known, &clients, &proving).await?,
        agreement,
        amendments,
        party,
        people,
        powers,
        members,
    };
    Ok(Some(Gathered { manifest, contents }))
}

/// The agreement, with whom, and since when it could be read.
async fn concluded(
    op: &mut Context,
    agreement: Uuid,
    client: Option<Uuid>,
) -> Result<Option<(Agreement, Party, Timestamp)>> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        r#"select a.id, a.application_id, a.offer_id, a.client_id, a.confirmation_id, a.authority_id, a.signed_at,
                  o.dated, o.rule_set, o.pdf_evidence, o.pdf_sha256, o.drawn_up_at, p.number, e.bin as "bin?",
                  e.name as "name?"
           from agreement a
           join offer o on o.tenant_id = a.tenant_id and o.id = a.offer_id
           join application p on p.tenant_id = a.tenant_id and p.id = a.application_id
           left join entity e on e.tenant_id = a.tenant_id and e.id = a.client_id
           where a.tenant_id = $1 and a.id = $2 and ($3::uuid is null or a.client_id = $3)"#,
        tenant,
        agreement,
        client,
    )
    .fetch_optional(op.db())
    .await?;
    row.map(|r| {
        let paper = Paper {
            id: r.id,
            offer: r.offer_id,
            dated: r.dated.into(),
            rule_set: r.rule_set,
            sha256: hash(&r.pdf_sha256)?,
            evidence: r.pdf_evidence,
            confirmation: r.confirmation_id,
            power: r.authority_id,
            concluded_at: r.signed_at.into(),
        };
        let entity = r.bin.zip(r.name).map(|(bin, name)| Entity { bin, name });
        let agreement = Agreement { number: r.number, application: r.application_id, paper };
        Ok((agreement, Party { id: r.client_id, entity }, r.drawn_up_at.into()))
    })
    .transpose()
}

/// The amendments that were concluded, and while they were.
async fn amendments(op: &mut Context, loan: Uuid) -> Result<(Vec<Amendment>, Vec<While>)> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select c.id, c.number, c.paper_id, c.confirmation_id, c.authority_id, c.signed_at, p.dated, p.rule_set,
                p.pdf_evidence, p.pdf_sha256, p.drawn_up_at
         from amendment_concluded c
         join amendment_paper p on p.tenant_id = c.tenant_id and p.id = c.paper_id
         where c.tenant_id = $1 and c.loan_id = $2 order by c.number",
        tenant,
        loan,
    )
    .fetch_all(op.db())
    .await?;
    let one = rows.into_iter().map(|r| {
        let paper = Paper {
            id: r.id,
            offer: r.paper_id,
            dated: r.dated.into(),
            rule_set: r.rule_set,
            sha256: hash(&r.pdf_sha256)?,
            evidence: r.pdf_evidence,
            confirmation: r.confirmation_id,
            power: r.authority_id,
            concluded_at: r.signed_at.into(),
        };
        let proving = (r.drawn_up_at.into(), paper.concluded_at);
        let number = u16::try_from(r.number).map_err(Fault::new)?;
        Ok((Amendment { number, paper }, proving))
    });
    one.collect()
}

/// Whoever confirmed these papers.
async fn people(op: &mut Context, confirmations: &[Uuid]) -> Result<Vec<Person>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select distinct c.id, c.iin, c.surname, c.given_name, c.patronymic, r.id as registration_id,
                k.id as confirmation_id
         from confirmation s
         join client c on c.tenant_id = s.tenant_id and c.id = s.subject_id
         join registration r on r.tenant_id = c.tenant_id and r.client_id = c.id
         join confirmation k on k.tenant_id = r.tenant_id and k.subject_id = r.id
         where s.tenant_id = $1 and s.id = any($2) order by c.id",
        tenant,
        confirmations,
    )
    .fetch_all(op.db())
    .await?;
    let one = rows.into_iter().map(|r| {
        let names = [Some(r.surname), Some(r.given_name), r.patronymic];
        Person {
            id: r.id,
            iin: r.iin,
            name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
            registration: r.registration_id,
            confirmation: r.confirmation_id,
        }
    });
    Ok(one.collect())
}

/// Powers to act for a legal entity, as they are in force; what was claimed of them is what was confirmed only if nobody
/// changed either. And while they were claimed.
async fn powers(op: &mut Context, ids: &[Uuid]) -> Result<(Vec<Power>, Vec<While>)> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select a.id, a.client_id, a.role, a.basis, a.document_number, a.valid_from, a.valid_until, a.granted_at,
                  a.revoked_at, r.id as registration_id, r.bin, r.name, r.phone, r.email, r.created_at,
                  r.confirmation_id as "confirmation_id!", r.confirmed_at as "confirmed_at!", u.id as upload_id,
                  u.sha256, u.evidence_id, u.verdict, u.signatures, u.taken_at
           from authority a
           join entity_registration r on r.tenant_id = a.tenant_id and r.id = a.registration_id
           join upload u on u.tenant_id = r.tenant_id and u.id = r.upload_id
           where a.tenant_id = $1 and a.id = any($2) order by a.id"#,
        tenant,
        ids,
    )
    .fetch_all(op.db())
    .await?;
    let one = rows.into_iter().map(|r| {
        let claim = Claim {
            registration: r.registration_id,
            bin: r.bin,
            name: r.name,
            phone: r.phone,
            email: r.email,
            role: r.role,
            basis: r.basis,
            number: r.document_number,
            dated: r.valid_from.into(),
            valid_until: r.valid_until.map(Into::into),
            scan_sha256: hash(&r.sha256)?,
        };
        let scan = Scan {
            id: r.upload_id,
            evidence: r.evidence_id,
            verdict: r.verdict,
            signatures: r.signatures,
            taken_at: r.taken_at.into(),
        };
        let power = Power {
            id: r.id,
            person: r.client_id,
            claim,
            confirmation: r.confirmation_id,
            scan,
            given_at: r.granted_at.into(),
            ended_at: r.revoked_at.map(Into::into),
        };
        Ok((power, (r.created_at.into(), r.confirmed_at.into())))
    });
    one.collect()
}

async fn confirmations(op: &mut Context, ids: &[Uuid]) -> Result<Vec<Confirmation>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, subject_id, operation, object_sha256, channel, created_at, spent_at from confirmation
         where tenant_id = $1 and id = any($2) order by id",
        tenant,
        ids,
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

/// Adds what is named by what is known, until nothing new is; `clients` themselves are not.
async fn follow(
    op: &mut Context,
    known: &mut BTreeSet<Uuid>,
    subjects: &[Uuid],
    clients: &[Uuid],
) -> Result<()> {
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
        known.extend(named.into_iter().filter(|id| !clients.contains(id)));
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

/// The trail of all that is known, and of how the clients proved who they are meanwhile. That somebody looked is no
/// part of it: a bundle would not be the same twice.
async fn events(op: &mut Context, known: &[Uuid], clients: &[Uuid], proving: &[While]) -> Result<Vec<Event>> {
    let tenant = op.tenant;
    let (since, until): (Vec<_>, Vec<_>) =
        proving.iter().map(|(since, until)| (since.to_sqlx(), until.to_sqlx())).unzip();
    let rows = sqlx::query!(
        r#"select id, xid::text as "transaction!", at, actor_kind, actor_id, authority_id, channel, action, object_id,
                  payload
           from audit_event
           where tenant_id = $1 and action <> 'evidence.exported' and split_part(action, '.', 1) <> 'staff'
             and (object_id = any($2)
                  or object_id = any($3) and action = any(array['client.registered', 'entity.registered'])
                  or object_id = any($3) and split_part(action, '.', 1) = any(array['proof', 'code', 'password', 'token'])
                     and exists (select from unnest($4::timestamptz[], $5::timestamptz[]) as w (since, until)
                                 where at between w.since and w.until))
           order by id"#,
        tenant,
        known,
        clients,
        &since as _,
        &until as _,
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
                power: r.authority_id,
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
