//! Biometric identification on the pages of a provider (Rules cl. [35.2](lending::law::CL_35_2),
//! [6.c](lending::law::CL_6_C), [11](lending::law::CL_11)).
//!
//! [`open`] opens a session for one person, session, operation and object, and says where to go. [`finish`] asks what
//! became of it: who was seen has to be who was to be proved, by IIN, names and document. A session proves once, and
//! only what it was opened for.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use lending::{confirmation::ProofKind, iin::Iin};
use ports::{Hosted, HostedFace, HostedPerson, Names};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{IdentityRefusal, Purpose, liveness::FaceRefusal, prove, registration, witness};
use crate::{
    App, attempts, audit,
    evidence::{self, Exhibit},
    inquiry::Outside,
    op::{Actor, Context},
    refusal::{No, Result},
    vault::hex,
};

/// How long a session may take.
const LIFE: SignedDuration = SignedDuration::from_mins(20);

fn provider(app: &App) -> Result<&dyn HostedFace> {
    app.ports().hosted_face.as_deref().ok_or_else(|| FaceRefusal::NoProvider.into())
}

fn silent(silence: &ports::Silence) -> No {
    tracing::warn!(port = "hosted-face", %silence, "no answer");
    Outside::Unavailable.into()
}

/// Opens a session. The address is where the person is sent.
pub(super) async fn open<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    lang: Lang,
) -> Result<String> {
    let provider = provider(app)?;
    attempts::take(app, &attempts::FACES, purpose.subject.as_bytes()).await?;
    let request = app.id_at(app.clock().now());
    let answer = provider.open(request, lang.code()).await.map_err(|silence| silent(&silence))?;
    let mut op = app.begin(who).await?;
    let (tenant, now) = (op.tenant, op.security_now);
    let exhibit = Exhibit {
        kind: "answer:hosted-face",
        subject: purpose.subject,
        object: Some(request),
        media_type: answer.media_type,
        bytes: &answer.raw,
    };
    evidence::store(&mut op, exhibit).await?;
    sqlx::query!(
        "insert into hosted_face (tenant_id, id, subject_id, session_id, operation, object_sha256, provider_id, address,
             created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        request,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        answer.value.id,
        answer.value.address,
        now.to_sqlx() as _,
        (now + LIFE).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    audit::record(&mut op, "hosted-face.opened", Some(request), &json!({ "subject": purpose.subject }))
        .await?;
    op.commit().await?;
    Ok(answer.value.address)
}

/// Where the person was sent for this purpose last, if that still goes on.
pub(super) async fn address(op: &mut Context, purpose: &Purpose) -> Result<Option<String>> {
    Ok(current(op, purpose).await?.map(|row| row.address))
}

/// Asks what became of it. Agreement becomes a proof of biometric identification.
pub(super) async fn finish<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    person: (&Iin, &Names, &str),
) -> Result<()> {
    let provider = provider(app)?;
    attempts::take(app, &attempts::PHOTOS, purpose.subject.as_bytes()).await?;
    let mut op = app.begin(who.clone()).await?;
    let row = current(&mut op, purpose).await?.ok_or(FaceRefusal::Spent)?;
    drop(op);
    let answer = provider.outcome(row.id, &row.provider_id).await.map_err(|silence| silent(&silence))?;
    if matches!(answer.value, Hosted::Pending) {
        return Err(FaceRefusal::Pending.into());
    }

    let mut op = app.begin(who).await?;
    let exhibit = |kind, media_type, bytes| Exhibit {
        kind,
        subject: purpose.subject,
        object: Some(row.id),
        media_type,
        bytes,
    };
    let stored =
        evidence::store(&mut op, exhibit("answer:hosted-face", answer.media_type, &answer.raw)).await?;
    let judged = match &answer.value {
        Hosted::Passed(found) => judge(found, person),
        Hosted::Failed | Hosted::Pending => Err(IdentityRefusal::FaceDiffers),
    };
    end(&mut op, row.id, if judged.is_ok() { "passed" } else { "failed" }, stored.id).await?;
    let about =
        json!({ "subject": purpose.subject, "object": hex(&purpose.object), "agreed": judged.is_ok() });
    audit::record(&mut op, "hosted-face.ended", Some(row.id), &about).await?;
    let found = match (judged, answer.value) {
        (Ok(()), Hosted::Passed(found)) => found,
        (Err(why), _) => {
            op.commit().await?;
            return Err(why.into());
        }
        (Ok(()), _) => return Err(IdentityRefusal::FaceDiffers.into()),
    };
    let photo = evidence::store(&mut op, exhibit("photo", "image/jpeg", &found.photo_jpeg)).await?;
    let statement = json!({ "face": "agreed", "iin": person.0.as_str(), "photo": photo.id });
    witness(&mut op, "proof:face", purpose, Some(stored.id), statement).await?;
    prove(&mut op, purpose, ProofKind::BiometricIdentification, stored.id).await?;
    registration::keep_photo(&mut op, purpose.subject, photo.id).await?;
    op.commit().await
}

fn judge(found: &HostedPerson, (iin, names, document): (&Iin, &Names, &str)) -> Result<(), IdentityRefusal> {
    let same = |a: &str, b: &str| written(a) == written(b);
    // The state's document tells whether there is a patronymic; not everybody types theirs.
    let patronymic = match (&found.names.patronymic, &names.patronymic) {
        (Some(theirs), Some(typed)) => same(theirs, typed),
        _ => true,
    };
    let named = same(&found.names.surname, &names.surname) && same(&found.names.given, &names.given);
    if found.iin != iin.as_str() || !named || !patronymic {
        return Err(IdentityRefusal::NamesDiffer);
    }
    if written(&found.document_number) != written(document) {
        return Err(IdentityRefusal::DocumentDiffers);
    }
    Ok(())
}

/// As compared: upper case, single spaces, Ё as Е.
fn written(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase().replace('Ё', "Е")
}

struct Row {
    id: Uuid,
    provider_id: String,
    address: String,
}

async fn current(op: &mut Context, purpose: &Purpose) -> Result<Option<Row>> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let row = sqlx::query!(
        "select id, provider_id, address from hosted_face
         where tenant_id = $1 and subject_id = $2 and session_id = $3 and operation = $4 and object_sha256 = $5
           and ended is null and expires_at > $6
         order by created_at desc, id desc limit 1",
        tenant,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        now as _,
    )
    .fetch_optional(op.db())
    .await?;
    Ok(row.map(|row| Row { id: row.id, provider_id: row.provider_id, address: row.address }))
}

/// Ends a session once; whoever comes second finds it spent.
async fn end(op: &mut Context, id: Uuid, how: &str, evidence: Uuid) -> Result<()> {
    let tenant = op.tenant;
    let ended = sqlx::query!(
        "update hosted_face set ended = $3, evidence_id = $4 where tenant_id = $1 and id = $2 and ended is null",
        tenant,
        id,
        how,
        evidence
    )
    .execute(op.db())
    .await?;
    if ended.rows_affected() == 1 { Ok(()) } else { Err(FaceRefusal::Spent.into()) }
}
