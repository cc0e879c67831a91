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

use super::{
    IdentityRefusal, Purpose, codes, confirm,
    devices::{self, Owner},
    profile, profile_if_any, prove, tokens,
};
use crate::{
    App,
    attempts::{self, Guessed, Guesses},
    audit, evidence, messages,
    op::{Context, Op},
    organization::{self, Policy},
    password,
    refusal::Result,
    sessions::{self, Holder, Token, Visitor},
    vault::{Hash, sha256},
};

/// Whose account guesses count against: a device of the client's own has an account of its own, so that strangers who
/// guess elsewhere lock nobody out of it.
pub(super) enum Counted {
    Device(Uuid),
    Name,
}

impl Counted {
    pub(super) fn of(device: Option<Uuid>) -> Self {
        device.map_or(Self::Name, Self::Device)
    }

    pub(super) fn whom(&self, name: &Name) -> Vec<u8> {
        match self {
            Self::Device(device) => [b"device\0".as_slice(), device.as_bytes()].concat(),
            Self::Name => name.bucket().to_vec(),
        }
    }
}

/// What guesses at a secret of whoever calls themselves so are counted by.
fn guesses(
    policy: &Policy,
    secret: Guessed,
    device: Option<Uuid>,
    name: &Name,
    client: Option<Uuid>,
) -> Guesses {
    match device {
        Some(device) => Guesses::on_device(policy, secret, device),
        None => {
            let owner = client.as_ref().map_or(name.bucket(), |client| client.as_bytes());
            Guesses::elsewhere(policy, secret, name.bucket(), owner)
        }
    }
}

/// Signs in by IIN or phone, and password (Rules cl. [6.e](lending::law::CL_6_E)).
pub async fn sign_in_by_password(app: &App, visitor: Visitor, name: &str, given: &str) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let (network, per_address) =
        (attempts::network(&visitor.origin.address), attempts::sign_ins_per_address(&policy));
    attempts::take(app, &per_address, &network).await?;
    let name = Name::parse(name);
    let mut op = app.begin(visitor.clone()).await?;
    let found = find(&mut op, &name).await?;
    let device = devices::known(&mut op, found.as_ref().map(|(client, _)| *client), &visitor.origin).await?;
    drop(op); // No connection is held while the password is weighed.
    let guesses =
        guesses(&policy, Guessed::Password, device, &name, found.as_ref().map(|(client, _)| *client));
    guesses.take(app).await?;
    let agreed = password::verify(app, given, found.as_ref().map(|(_, hash)| hash.as_str())).await?;
    if let Some((client, _)) = found.as_ref().filter(|_| agreed) {
        attempts::take(app, &attempts::SIGN_INS, client.as_bytes()).await?;
    }
    let mut op = app.begin(visitor).await?;
    let Some((client, _)) = found.filter(|_| agreed) else {
        audit::record(&mut op, "sign-in.refused", None, &()).await?;
        op.commit().await?;
        return Err(IdentityRefusal::WrongCredentials.into());
    };
    let token = let_in(&mut op, client, Some(ProofKind::Factor(Factor::Password))).await?;
    op.commit().await?;
    guesses.forget(app).await?;
    attempts::give_back(app, &per_address, &network).await?;
    Ok(token)
}

/// Signs in by IIN or phone, and a code of a registered token (Rules cl. [6.e](lending::law::CL_6_E)).
pub async fn sign_in_by_token(app: &App, visitor: Visitor, name: &str, code: &str) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let (network, per_address) =
        (attempts::network(&visitor.origin.address), attempts::sign_ins_per_address(&policy));
    attempts::take(app, &per_address, &network).await?;
    let name = Name::parse(name);
    let mut op = app.begin(visitor.clone()).await?;
    let found = find(&mut op, &name).await?.map(|(client, _)| client);
    let device = devices::known(&mut op, found, &visitor.origin).await?;
    drop(op);
    let handle = app.id_at(app.clock().now());
    let purpose = purpose(found.unwrap_or(handle), handle);
    let guesses = guesses(&policy, Guessed::Token, device, &name, found);
    let taken = tokens::take(app, &visitor, &purpose, found.unwrap_or(handle), &guesses, code).await;
    taken.map_err(|no| match no {
        crate::refusal::No::Refusal(r) if r.code == "token-code-wrong" => {
            IdentityRefusal::WrongCredentials.into()
        }
        other => other,
    })?;
    let client = found.ok_or(IdentityRefusal::WrongCredentials)?;
    attempts::take(app, &attempts::SIGN_INS, client.as_bytes()).await?;
    let mut op = app.begin(visitor).await?;
    confirm(&mut op, &purpose).await?;
    let token = let_in(&mut op, client, None).await?;
    op.commit().await?;
    attempts::give_back(app, &per_address, &network).await?;
    Ok(token)
}

/// Sends a code to a registered number. Returns the handle that the answer must come with, whether or not
/// there is such a client; it is good for nothing without the code.
pub async fn request_sign_in_code(app: &App, visitor: Visitor, phone: &str) -> Result<Uuid> {
    let policy = organization::policy(app).await?;
    let network = attempts::network(&visitor.origin.address);
    attempts::take(app, &attempts::sign_ins_per_address(&policy), &network).await?;
    let name = Name::parse(phone);
    let handle = app.id_at(app.clock().now());
    let mut op = app.begin(visitor.clone()).await?;
    let client = by_phone(&mut op, &name).await?;
    let device = devices::known(&mut op, client, &visitor.origin).await?;
    drop(op);
    let whom = codes::whom(Operation::SignIn, &Counted::of(device).whom(&name));
    attempts::take(app, &attempts::codes_per_number(&policy), &whom).await?;
    let purpose = purpose(client.unwrap_or(handle), handle);
    let mut op = app.begin(visitor).await?;
    // The same work for nobody: neither the answer nor its time tells whether there is such a client.
    let known = profile_if_any(&mut op, purpose.subject).await?;
    let (phone, lang) = known.as_ref().map_or((None, Lang::Kk), |known| (Some(&known.phone), known.lang));
    codes::send(&mut op, &purpose, phone, lang).await?;
    op.commit().await?;
    Ok(handle)
}

/// The client with this number; a code does not go by IIN.
async fn by_phone(op: &mut Context, name: &Name) -> Result<Option<Uuid>> {
    match name {
        Name::Phone(_) => Ok(find(op, name).await?.map(|(client, _)| client)),
        _ => Ok(None),
    }
}

/// Signs in by the code that was sent (Rules cl. [6.e](lending::law::CL_6_E)).
pub async fn sign_in_by_code(
    app: &App,
    visitor: Visitor,
    phone: &str,
    handle: Uuid,
    code: &str,
) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let (network, per_address) =
        (attempts::network(&visitor.origin.address), attempts::sign_ins_per_address(&policy));
    attempts::take(app, &per_address, &network).await?;
    let name = Name::parse(phone);
    let mut op = app.begin(visitor.clone()).await?;
    let client = by_phone(&mut op, &name).await?;
    let device = devices::known(&mut op, client, &visitor.origin).await?;
    drop(op);
    let purpose = purpose(client.unwrap_or(handle), handle);
    let whom = Counted::of(device).whom(&name);
    codes::answer_code(app, visitor.clone(), &purpose, &whom, code).await.map_err(alike)?;
    let client = client.ok_or_else(|| IdentityRefusal::CodeWrong.at("code"))?;
    attempts::take(app, &attempts::SIGN_INS, client.as_bytes()).await?;
    let mut op = app.begin(visitor).await?;
    confirm(&mut op, &purpose).await?;
    let token = let_in(&mut op, client, None).await?;
    op.commit().await?;
    // The request for the code was counted too.
    for _ in 0..2 {
        attempts::give_back(app, &per_address, &network).await?;
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
    let (token, new_device) = devices::remember(op, Owner::Client(client), &origin, token).await?;
    if let Some(kind) = by {
        let statement = json!({ "sign_in": kind.code(), "session": session, "at": op.now.to_string() });
        let stored = evidence::witness(op, "proof:sign-in", client, None, &statement).await?;
        let purpose = purpose(client, session);
        prove(op, &purpose, kind, stored.id).await?;
        confirm(op, &purpose).await?;
    }
    let profile = profile(op, client).await?;
    let at = texts::format::instant(profile.lang, op.now);
    let text = if new_device {
        texts::messages::signed_in_new_device(profile.lang, &at, short(&origin.device))
    } else {
        texts::messages::signed_in(profile.lang, &at, short(&origin.device))
    };
    messages::notice(op, &profile.address(), text).await?;
    audit::record(
        op,
        "client.signed-in",
        Some(client),
        &json!({ "session": session, "new_device": new_device }),
    )
    .await?;
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
pub(super) enum Name {
    Iin(Iin),
    Phone(Phone),
    Neither(String),
}

impl Name {
    pub(super) fn parse(text: &str) -> Self {
        match (Iin::parse(text), Phone::parse(text)) {
            (Ok(iin), _) => Self::Iin(iin),
            (_, Ok(phone)) => Self::Phone(phone),
            _ => Self::Neither(text.chars().take(40).collect()),
        }
    }

    pub(super) fn bucket(&self) -> &[u8] {
        match self {
            Self::Iin(iin) => iin.as_str(),
            Self::Phone(phone) => phone.as_str(),
            Self::Neither(text) => text,
        }
        .as_bytes()
    }
}

pub(super) async fn find(op: &mut Context, name: &Name) -> Result<Option<(Uuid, String)>> {
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
