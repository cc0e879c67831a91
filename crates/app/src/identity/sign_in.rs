//! Signing in (Rules cl. [6.e](lending::law::CL_6_E)): by password, or by a one-time code.
//!
//! Known and unknown people get the same answer after the same work. A sign-in is told to the client.

use lending::{
    confirmation::{Factor, Operation, ProofKind},
    iin::Iin,
    phone::Phone,
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{IdentityRefusal, Purpose, codes, confirm, profile, prove};
use crate::{
    App, attempts, audit, evidence, messages,
    op::{Context, Op},
    password,
    refusal::Result,
    sessions::{self, Holder, Token, Visitor},
    vault::{Hash, sha256},
};

/// Signs in by IIN or phone, and password (Rules cl. [6.e](lending::law::CL_6_E)).
pub async fn sign_in_by_password(app: &App, visitor: Visitor, name: &str, given: &str) -> Result<Token> {
    let network = attempts::network(&visitor.origin.address);
    attempts::take(app, &attempts::SIGN_IN_PER_ADDRESS, &network).await?;
    let name = Name::parse(name);
    attempts::take(app, &attempts::PASSWORD_PER_ACCOUNT, name.bucket()).await?;
    let mut op = app.begin(visitor.clone()).await?;
    let found = find(&mut op, &name).await?;
    drop(op); // No connection is held while the password is weighed.
    let owner = found.as_ref().map_or(name.bucket(), |(client, _)| client.as_bytes()).to_vec();
    attempts::take(app, &attempts::PASSWORD_PER_CLIENT, &owner).await?;
    let agreed = password::verify(app, given, found.as_ref().map(|(_, hash)| hash.as_str())).await?;
    let mut op = app.begin(visitor).await?;
    let Some((client, _)) = found.filter(|_| agreed) else {
        audit::record(&mut op, "sign-in.refused", None, &()).await?;
        op.commit().await?;
        return Err(IdentityRefusal::WrongCredentials.into());
    };
    let token = let_in(&mut op, client, Some(ProofKind::Factor(Factor::Password))).await?;
    op.commit().await?;
    attempts::forget(app, &attempts::PASSWORD_PER_ACCOUNT, name.bucket()).await?;
    attempts::forget(app, &attempts::PASSWORD_PER_CLIENT, &owner).await?;
    attempts::give_back(app, &attempts::SIGN_IN_PER_ADDRESS, &network).await?;
    Ok(token)
}

/// Sends a code to a registered number. Returns the handle that the answer must come with, whether or not
/// there is such a client; it is good for nothing without the code.
pub async fn request_sign_in_code(app: &App, visitor: Visitor, phone: &str) -> Result<Uuid> {
    attempts::take(app, &attempts::SIGN_IN_PER_ADDRESS, &attempts::network(&visitor.origin.address)).await?;
    let name = Name::parse(phone);
    let handle = app.id_at(app.clock().now());
    attempts::take(app, &attempts::CODES_PER_PHONE, &codes::whom(Operation::SignIn, name.bucket())).await?;
    let mut op = app.begin(visitor).await?;
    let known = match &name {
        Name::Phone(phone) => find(&mut op, &name).await?.map(|(client, _)| (client, phone)),
        _ => None,
    };
    match known {
        Some((client, phone)) => {
            let lang = profile(&mut op, client).await?.lang;
            codes::send(&mut op, &purpose(client, handle), Some(phone), lang).await?;
        }
        // The same work for nobody: neither the answer nor its time tells whether there is such a client.
        None => codes::send(&mut op, &purpose(handle, handle), None, Lang::Kk).await?,
    }
    op.commit().await?;
    Ok(handle)
}

/// Signs in by the code that was sent (Rules cl. [6.e](lending::law::CL_6_E)).
pub async fn sign_in_by_code(
    app: &App,
    visitor: Visitor,
    phone: &str,
    handle: Uuid,
    code: &str,
) -> Result<Token> {
    let network = attempts::network(&visitor.origin.address);
    attempts::take(app, &attempts::SIGN_IN_PER_ADDRESS, &network).await?;
    let name = Name::parse(phone);
    let mut op = app.begin(visitor.clone()).await?;
    let client = match &name {
        Name::Phone(_) => find(&mut op, &name).await?.map(|(client, _)| client),
        _ => None,
    };
    drop(op);
    let purpose = purpose(client.unwrap_or(handle), handle);
    codes::answer_code(app, visitor.clone(), &purpose, name.bucket(), code).await.map_err(alike)?;
    let client = client.ok_or_else(|| IdentityRefusal::CodeWrong.at("code"))?;
    let mut op = app.begin(visitor).await?;
    confirm(&mut op, &purpose).await?;
    let token = let_in(&mut op, client, None).await?;
    op.commit().await?;
    // The request for the code was counted too.
    for _ in 0..2 {
        attempts::give_back(app, &attempts::SIGN_IN_PER_ADDRESS, &network).await?;
    }
    Ok(token)
}

/// A wrong and a spent code look alike to who is not signed in: the difference would tell that there was one.
fn alike(no: crate::refusal::No) -> crate::refusal::No {
    match no {
        crate::refusal::No::Refusal(r) if r.code == "code-spent" => IdentityRefusal::CodeWrong.at("code"),
        other => other,
    }
}

/// Opens the session and tells the client of it (Rules cl. [25.9](lending::law::CL_25_9)).
async fn let_in(op: &mut Op<Visitor>, client: Uuid, by: Option<ProofKind>) -> Result<Token> {
    let origin = op.who.origin.clone();
    let (token, session) = sessions::open(op, Holder::Client(client.into()), &origin).await?;
    if let Some(kind) = by {
        let statement = json!({ "sign_in": kind.code(), "session": session, "at": op.now.to_string() });
        let stored = evidence::witness(op, "proof:sign-in", client, None, &statement).await?;
        let purpose = purpose(client, session);
        prove(op, &purpose, kind, stored.id).await?;
        confirm(op, &purpose).await?;
    }
    let profile = profile(op, client).await?;
    let at = texts::format::instant(profile.lang, op.now);
    let text = texts::messages::signed_in(profile.lang, &at, short(&origin.device));
    messages::notice(op, &profile.address(), text).await?;
    audit::record(op, "client.signed-in", Some(client), &json!({ "session": session })).await?;
    Ok(token)
}

/// A device's name, short enough for an SMS, and without anything that a phone would make a link of.
fn short(device: &str) -> String {
    device.chars().filter(|c| c.is_alphanumeric() || *c == ' ').take(24).collect()
}

fn purpose(client: Uuid, session: Uuid) -> Purpose {
    Purpose { subject: client, session, operation: Operation::SignIn, object: object(session) }
}

fn object(session: Uuid) -> Hash {
    sha256(&[b"sign-in\0".as_slice(), session.as_bytes()].concat())
}

/// What somebody calls themselves when signing in.
enum Name {
    Iin(Iin),
    Phone(Phone),
    Neither(String),
}

impl Name {
    fn parse(text: &str) -> Self {
        match (Iin::parse(text), Phone::parse(text)) {
            (Ok(iin), _) => Self::Iin(iin),
            (_, Ok(phone)) => Self::Phone(phone),
            _ => Self::Neither(text.chars().take(40).collect()),
        }
    }

    fn bucket(&self) -> &[u8] {
        match self {
            Self::Iin(iin) => iin.as_str(),
            Self::Phone(phone) => phone.as_str(),
            Self::Neither(text) => text,
        }
        .as_bytes()
    }
}

async fn find(op: &mut Context, name: &Name) -> Result<Option<(Uuid, String)>> {
    let (iin, phone) = match name {
        Name::Iin(iin) => (iin.as_str(), ""),
        Name::Phone(phone) => ("", phone.as_str()),
        Name::Neither(_) => ("", ""),
    };
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select id, password from client where tenant_id = $1 and (iin = $2 or phone = $3)",
        tenant,
        iin,
        phone
    )
    .fetch_optional(op.db())
    .await?;
    Ok(row.map(|r| (r.id, r.password)))
}
