//! One-time codes by SMS (Rules cl. [35.3](lending::law::CL_35_3), possession).
//!
//! Six random digits, good for five minutes, three tries and one use, bound to the person, the session, the
//! operation and the hash of what is agreed. Only a keyed mark of the code is stored. A try is counted,
//! and stays counted, before anything is compared.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use lending::{
    confirmation::{Factor, Operation, ProofKind},
    iin::Iin,
    phone::Phone,
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{IdentityRefusal, Purpose, prove, witness};
use crate::{
    App, attempts, audit,
    inquiry::{self, Inquiry},
    messages,
    op::{Actor, Context, System},
    organization,
    refusal::{Fault, Result},
    vault::{hex, same},
};

/// How long a code lives.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// Sends a code for a purpose; codes sent before for the same purpose are void. With nobody to send it to, the same work is
/// done in vain. Counted by the number, or else by whom it would be for.
pub async fn send_code<W: Actor>(
    app: &App,
    who: W,
    purpose: &Purpose,
    phone: Option<&Phone>,
    lang: Lang,
) -> Result<()> {
    let counted = phone.map_or(purpose.subject.as_bytes().as_slice(), |phone| phone.as_str().as_bytes());
    send_counted(app, who, purpose, phone, counted, lang).await
}

/// The same, counted by whom the caller says.
pub(super) async fn send_counted<W: Actor>(
    app: &App,
    who: W,
    purpose: &Purpose,
    phone: Option<&Phone>,
    counted: &[u8],
    lang: Lang,
) -> Result<()> {
    let limit = attempts::codes_per_number(&organization::policy(app).await?);
    attempts::take(app, &limit, &whom(purpose.operation, counted)).await?;
    let mut op = app.begin(who).await?;
    send(&mut op, purpose, phone, lang).await?;
    op.commit().await
}

/// What codes of a registration are counted by.
pub(super) fn registrant(iin: &Iin, phone: &Phone) -> Vec<u8> {
    [iin.as_str().as_bytes(), b"\0", phone.as_str().as_bytes()].concat()
}

/// What codes are counted by: a number and the kind of operation, so that a stranger who asks for sign-in codes
/// keeps nobody from signing an agreement.
pub(super) fn whom(operation: Operation, phone: &[u8]) -> Vec<u8> {
    [operation.code().as_bytes(), b"\0", phone].concat()
}

pub(super) async fn send(
    op: &mut Context,
    purpose: &Purpose,
    phone: Option<&Phone>,
    lang: Lang,
) -> Result<()> {
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    let code = six_digits(&op.app);
    let mark = mark(&op.app, id, &code);
    sqlx::query!(
        "update challenge set expires_at = created_at where tenant_id = $1 and subject_id = $2 and operation = $3
           and session_id = $4 and passed_at is null and expires_at > $5",
        tenant,
        purpose.subject,
        purpose.operation.code(),
        purpose.session,
        now.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    sqlx::query!(
        "insert into challenge (tenant_id, id, subject_id, session_id, operation, object_sha256, code_mac,
                                sent_to, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        &mark,
        &op.app.vault().mark("phone", &[phone.map_or("", Phone::as_str).as_bytes()]),
        now.to_sqlx() as _,
        (now + CODE_LIFE).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    let text = match purpose.operation {
        Operation::Registration => texts::messages::code_registration(lang, &code),
        Operation::SignIn => texts::messages::code_sign_in(lang, &code),
        Operation::SignContract => texts::messages::code_sign_contract(lang, &code),
        Operation::AmendContract => texts::messages::code_amend_contract(lang, &code),
        Operation::RecoverPassword => texts::messages::code_recover(lang, &code),
        _ => texts::messages::code_other(lang, &code),
    };
    messages::secret(op, phone, text).await?;
    let about = json!({ "challenge": id, "operation": purpose.operation.code() });
    audit::record(op, "code.sent", Some(purpose.subject), &about).await
}

/// Whether a code was sent for this purpose that can still be answered.
pub(super) async fn awaited(op: &mut Context, purpose: &Purpose) -> Result<bool> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let found = sqlx::query!(
        "select 1 as one from challenge where tenant_id = $1 and subject_id = $2 and session_id = $3
           and operation = $4 and object_sha256 = $5 and passed_at is null and tries < 3 and expires_at > $6
         limit 1",
        tenant,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        now as _,
    )
    .fetch_optional(op.db())
    .await?;
    Ok(found.is_some())
}

/// Takes the answer to the code sent last for this purpose. The right one becomes a proof; a used, late,
/// foreign or guessed-at one does not ([`lending::law::CL_11`]). `counted` is whose guesses count together.
pub async fn answer_code<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    counted: &[u8],
    code: &str,
) -> Result<()> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(12).collect();
    let now = app.clock().security_now();
    // In a transaction of its own: a refusal below must not give the try back.
    let Some(challenge) = sqlx::query!(
        "update challenge set tries = tries + 1
         where tenant_id = $1 and passed_at is null and tries < 3 and expires_at > $6 and id = (
             select id from challenge where tenant_id = $1 and subject_id = $2 and session_id = $3
               and operation = $4 and object_sha256 = $5
             order by created_at desc, id desc limit 1)
         returning id, code_mac, sent_to",
        app.tenant(),
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        now.to_sqlx() as _,
    )
    .fetch_optional(app.pool())
    .await?
    else {
        return Err(IdentityRefusal::CodeSpent.at("code"));
    };
    attempts::take(app, &attempts::CODE_ANSWERS, &whom(purpose.operation, counted)).await?;
    let mut op = app.begin(who.clone()).await?;
    if !same(&mark(app, challenge.id, &code), &challenge.code_mac) {
        let about = json!({ "challenge": challenge.id, "operation": purpose.operation.code() });
        audit::record(&mut op, "code.wrong", Some(purpose.subject), &about).await?;
        op.commit().await?;
        return Err(IdentityRefusal::CodeWrong.at("code"));
    }
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let used = sqlx::query!(
        "update challenge set passed_at = $3 where tenant_id = $1 and id = $2 and passed_at is null",
        tenant,
        challenge.id,
        now as _,
    )
    .execute(op.db())
    .await?;
    if used.rows_affected() == 0 {
        return Err(IdentityRefusal::CodeSpent.at("code"));
    }
    op.commit().await?;
    still_theirs(app, purpose.subject).await?;
    let mut op = app.begin(who).await?;
    let sent_to = hex(&challenge.sent_to);
    let statement = json!({ "code": "agreed", "challenge": challenge.id, "sent_to": sent_to });
    let stored = witness(&mut op, "proof:sms-code", purpose, None, statement).await?;
    prove(&mut op, purpose, ProofKind::Factor(Factor::SmsCode), stored.id).await?;
    op.commit().await
}

/// A number whose ownership was checked longer ago than the policy says is asked about again: numbers are given to other
/// people (Rules cl. [35.3](lending::law::CL_35_3)). Asked once the right code has come, so that neither the answer nor its
/// time tells a stranger anything.
async fn still_theirs(app: &App, subject: Uuid) -> Result<()> {
    let days = i64::from(organization::policy(app).await?.phone_check_days);
    let now = app.clock().now();
    let stale = sqlx::query!(
        "select iin, phone from client where tenant_id = $1 and id = $2 and phone_checked_at < $3",
        app.tenant(),
        subject,
        (now - SignedDuration::from_hours(24 * days)).to_sqlx() as _,
    )
    .fetch_optional(app.pool())
    .await?;
    let Some(stale) = stale else { return Ok(()) };
    let iin = Iin::parse(&stale.iin).map_err(|_| Fault::new("a stored IIN is not one"))?;
    let phone = Phone::parse(&stale.phone).map_err(|_| Fault::new("a stored phone is not one"))?;
    let inquiry = Inquiry { port: "phone-register", subject, object: app.id_at(now) };
    let register = &app.ports().phone_register;
    let question = |request| register.belongs(request, &iin, &phone);
    let (theirs, answer) = inquiry::ask(app, &inquiry, question, |theirs| *theirs).await?;
    let mut op = app.begin(System).await?;
    audit::record(&mut op, "phone.checked", Some(subject), &json!({ "theirs": theirs, "answer": answer }))
        .await?;
    if theirs {
        let (tenant, now) = (op.tenant, op.now_sql());
        sqlx::query!(
            "update client set phone_checked_at = $3 where tenant_id = $1 and id = $2 and phone = $4",
            tenant,
            subject,
            now as _,
            phone.as_str(),
        )
        .execute(op.db())
        .await?;
    }
    op.commit().await?;
    if theirs { Ok(()) } else { Err(IdentityRefusal::PhoneNotYours.at("code")) }
}

fn mark(app: &App, challenge: Uuid, code: &str) -> [u8; 32] {
    app.vault().mark("one-time-code", &[challenge.as_bytes(), code.as_bytes()])
}

/// Uniform over 000000–999999: values that would favour small remainders are drawn again.
fn six_digits(app: &App) -> String {
    loop {
        let mut bytes = [0; 4];
        app.chance().fill(&mut bytes);
        let value = u32::from_be_bytes(bytes);
        if value < u32::MAX - u32::MAX % 1_000_000 {
            return format!("{:06}", value % 1_000_000);
        }
    }
}

/// Voids every code that was sent to somebody and not answered: their number is another now.
pub(super) async fn void(op: &mut Context, subject: Uuid) -> Result<()> {
    let (tenant, client, now) = (op.tenant, subject, op.security_now_sql());
    sqlx::query!(
        "update challenge set expires_at = created_at
         where tenant_id = $1 and subject_id = $2 and passed_at is null and expires_at > $3",
        tenant,
        client,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}
