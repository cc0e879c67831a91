//! Changing what a client is reached, paid or known by: mobile number, account, password, tokens (Rules cl.
//! [6.f](lending::law::CL_6_F), [6.g](lending::law::CL_6_G), [25.9](lending::law::CL_25_9), [29](lending::law::CL_29)).
//!
//! A change is asked for ([`ask`]), checked where it must work before it counts (the new number, the token), confirmed
//! by what [`lending::confirmation`] wants ([`Matter::Change`](super::Matter)), and carried out ([`carry_out`]): effect,
//! confirmation and notices in one transaction. What was asked cannot change once asked; its hash is what is confirmed.
//! IIN and BIN are not among the things that can be asked for, and the program's role has no right to change them.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::{authority::Act, confirmation::Operation, iban::Iban, phone::Phone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{
    ClientRecord, IdentityRefusal, Profile, Purpose, TokenKind, accounts, codes, confirm, profile, tokens,
};
use crate::{
    App,
    attempts::{self, Limit},
    audit, entities,
    id::Id,
    inquiry::{self, Inquiry},
    messages,
    op::{Context, Op, missing},
    organization,
    parties::{self, Party},
    password,
    refusal::{Fault, Result},
    sessions::{self, Client},
    vault::{Hash, Sealed, sha256},
};

/// Marks the id of a change.
pub struct Change;

/// How long a change may take from asking to carrying out.
pub(super) const LIFE: SignedDuration = SignedDuration::from_mins(30);
/// Changes asked for by one client.
const CHANGES: Limit = Limit { name: "changes", most: 20, window: SignedDuration::from_hours(24) };
/// Most characters of a token's name.
const NAME_CHARS_MAX: usize = 60;

/// What a client asks for.
pub enum Asked<'a> {
    /// Another mobile number: of the client, or of the legal entity for which they act.
    Phone(&'a str),
    /// Another account for payouts, an IBAN.
    Account(&'a str),
    /// Another password.
    Password(&'a str),
    /// A token. `seed`: as printed beside a hardware token; empty: one is drawn.
    Token {
        /// By what it makes its codes.
        kind: TokenKind,
        /// What the client calls it.
        name: &'a str,
        /// The secret as printed.
        seed: &'a str,
    },
    /// To give up a token.
    GiveUpToken(Uuid),
}

/// What is kept of it, sealed.
#[derive(Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub(super) enum Wish {
    /// Of which legal entity: where it is told things. None: the client's own.
    Phone {
        phone: Phone,
        #[serde(default)]
        of: Option<Uuid>,
    },
    /// Of whom: the client themselves, or the legal entity for which they act.
    Account {
        iban: Iban,
        of: Uuid,
    },
    Password {
        hash: String,
    },
    Token {
        kind: TokenKind,
        name: String,
        secret: Vec<u8>,
    },
    GiveUpToken {
        token: Uuid,
    },
    Recovery(Guessing),
}

/// Whose guesses those of a recovery are: the same for a client and for nobody.
#[derive(Serialize, Deserialize)]
pub(super) struct Guessing {
    /// What codes are counted by.
    pub(super) counted: Vec<u8>,
    /// The device of the client's on which it was begun.
    #[serde(default)]
    pub(super) device: Option<Uuid>,
}

impl Wish {
    fn operation(&self) -> Operation {
        match self {
            Self::Phone { .. } => Operation::ChangePhone,
            Self::Account { .. } => Operation::ChangeBankDetails,
            Self::Password { .. } => Operation::ChangePassword,
            Self::Token { .. } | Self::GiveUpToken { .. } => Operation::ChangeToken,
            Self::Recovery(_) => Operation::RecoverPassword,
        }
    }

    /// It counts only once it was seen to work.
    fn needs_check(&self) -> bool {
        matches!(self, Self::Phone { .. } | Self::Token { .. })
    }
}

/// What a change is about, as its page shows it.
pub enum What {
    /// Another number, masked.
    Phone(String),
    /// Another account, masked.
    Account(String),
    /// Another password.
    Password,
    /// A token of this name.
    Token(TokenKind, String),
    /// To give up a token.
    GiveUpToken,
}

/// A change as its client sees it.
pub struct ShownChange {
    /// Id.
    pub id: Id<Change>,
    /// What is changed.
    pub what: What,
    /// The new number, or the token, still has to be seen to work.
    pub to_check: bool,
    /// A code was sent to the new number and can be answered.
    pub code_sent: bool,
    /// It was carried out.
    pub done: bool,
}

/// The secret of a token, to be shown once.
pub struct Secret {
    /// Base 32, as authenticators take it.
    pub text: String,
    /// The address that authenticators read from a picture (`otpauth:`).
    pub address: String,
}

/// A change that was asked for.
pub struct AskedChange {
    /// Id.
    pub id: Id<Change>,
    /// Of a token whose secret was drawn here.
    pub secret: Option<Secret>,
}

/// Asks for a change. A new number gets a code; a person's is checked with the phone register first.
pub async fn ask(app: &App, who: Client, asked: Asked<'_>, lang: Lang) -> Result<AskedChange> {
    attempts::take(app, &CHANGES, who.id.uuid().as_bytes()).await?;
    let mut op = app.begin(who.clone()).await?;
    let known = profile(&mut op, who.id.uuid()).await?;
    let mut secret = None;
    let wish = match asked {
        Asked::Phone(given) => {
            let entity = match who.capacity.as_ref().map(|capacity| capacity.entity.uuid()) {
                Some(of) => {
                    entities::allowed(&mut op, Act::Sign).await?;
                    Some(parties::entity(&mut op, of).await?)
                }
                None => None,
            };
            drop(op);
            let phone = match &entity {
                Some(entity) => another_phone(app, &entity.phone, given).await?,
                None => own_phone(app, &known, given).await?,
            };
            op = app.begin(who.clone()).await?;
            Wish::Phone { phone, of: entity.map(|entity| entity.id.uuid()) }
        }
        Asked::Account(given) => {
            let iban = Iban::parse(given).map_err(|_| IdentityRefusal::Account.at("iban"))?;
            entities::allowed(&mut op, Act::Sign).await?;
            let of = who.party().uuid();
            if accounts::current(&mut op, of).await?.is_some_and(|held| held.iban == iban) {
                return Err(IdentityRefusal::NothingChanges.at("iban"));
            }
            Wish::Account { iban, of }
        }
        Asked::Password(given) => {
            drop(op);
            let hash = new_password(app, &known, given).await?;
            op = app.begin(who.clone()).await?;
            Wish::Password { hash }
        }
        Asked::Token { kind, name, seed } => {
            let name: String = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
                return Err(IdentityRefusal::TokenName.at("name"));
            }
            let key = if seed.trim().is_empty() {
                let key = drawn(app);
                secret = Some(shown_once(&mut op, kind, &name, &key).await?);
                key
            } else {
                tokens::otp::read_secret(seed).ok_or_else(|| IdentityRefusal::TokenSeed.at("seed"))?
            };
            Wish::Token { kind, name, secret: key }
        }
        Asked::GiveUpToken(token) => {
            if !tokens::list(&mut op).await?.iter().any(|held| held.id == token) {
                return Err(IdentityRefusal::NoSuchToken.into());
            }
            Wish::GiveUpToken { token }
        }
    };
    let id = keep(&mut op, Some(who.id.uuid()), &wish).await?;
    if let Wish::Phone { phone, .. } = &wish {
        codes::send(&mut op, &in_hand(id, who.session), Some(phone), lang).await?;
    }
    op.commit().await?;
    Ok(AskedChange { id: id.into(), secret })
}

/// Stores what was asked for.
pub(super) async fn keep(op: &mut Context, client: Option<Uuid>, wish: &Wish) -> Result<Uuid> {
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    let body = serde_json::to_vec(wish)?;
    let app = op.app.clone();
    let sealed = app.vault().seal(app.chance(), "change", id, &body)?;
    sqlx::query!(
        "insert into change (tenant_id, id, client_id, operation, object_sha256, key_version, nonce, sealed,
                             created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        client,
        wish.operation().code(),
        &object(id, &body),
        sealed.key_version,
        sealed.nonce,
        sealed.bytes,
        now.to_sqlx() as _,
        (now + LIFE).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "change.asked", Some(id), &json!({ "operation": wish.operation().code() })).await?;
    Ok(id)
}

fn object(id: Uuid, body: &[u8]) -> Hash {
    sha256(&[b"change\0".as_slice(), id.as_bytes(), body].concat())
}

/// The number read, new, and counted: a code is going to it.
///
/// For a legal entity that is all, as when it was founded: Rules cl. [6.b](lending::law::CL_6_B) asks for its number and
/// [6.f](lending::law::CL_6_F) for a method of the person who changes it. That a number belongs to an IIN is asked of
/// what makes a factor ([35.3](lending::law::CL_35_3)). The entity's makes none, it is told things there; its SIM is the
/// entity's or any employee's, and the register knows it by no IIN that we could ask about.
async fn another_phone(app: &App, held: &Phone, given: &str) -> Result<Phone> {
    let phone = Phone::parse(given).map_err(|_| IdentityRefusal::Phone.at("phone"))?;
    if phone == *held {
        return Err(IdentityRefusal::NothingChanges.at("phone"));
    }
    let whom = codes::whom(Operation::ChangePhone, phone.as_str().as_bytes());
    attempts::take(app, &attempts::codes_per_number(&organization::policy(app).await?), &whom).await?;
    Ok(phone)
}

/// The number read, new, and theirs by the register (Rules cl. [35.3](lending::law::CL_35_3)).
async fn own_phone(app: &App, known: &Profile, given: &str) -> Result<Phone> {
    let phone = another_phone(app, &known.phone, given).await?;
    let object = app.id_at(app.clock().now());
    let inquiry = Inquiry { port: "phone-register", subject: known.id.uuid(), object };
    let register = &app.ports().phone_register;
    let question = |request| register.belongs(request, &known.iin, &phone);
    let (theirs, _) = inquiry::ask(app, &inquiry, question, |theirs| *theirs).await?;
    if theirs { Ok(phone) } else { Err(IdentityRefusal::PhoneNotYours.at("phone")) }
}

/// A password that passes, hashed.
pub(super) async fn new_password(app: &App, known: &Profile, given: &str) -> Result<String> {
    let digits = known.phone.as_str().trim_start_matches("+7");
    let personal = [
        known.iin.as_str(),
        digits,
        &known.names.surname,
        &known.names.given,
        known.names.patronymic.as_deref().unwrap_or_default(),
    ];
    password::check(given, &personal)?;
    password::hash(app, given).await
}

/// 160 bits, as long as the hash (RFC 4226 §4, R6).
fn drawn(app: &App) -> Vec<u8> {
    let mut key = vec![0; 20];
    app.chance().fill(&mut key);
    key
}

async fn shown_once(op: &mut Context, kind: TokenKind, name: &str, key: &[u8]) -> Result<Secret> {
    let issuer = organization::organization(op).await?.name;
    let text = tokens::otp::base32(key);
    let label = format!("{}:{}", escaped(&issuer.kk), escaped(name));
    let counter = if kind == TokenKind::Hotp { "&counter=0" } else { "" };
    let address =
        format!("otpauth://{}/{label}?secret={text}&issuer={}{counter}", kind.code(), escaped(&issuer.kk));
    Ok(Secret { text, address })
}

fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

struct Row {
    client: Option<Uuid>,
    operation: Operation,
    object: Hash,
    wish: Wish,
    checked: bool,
    moment: Option<i64>,
    done: bool,
    expires_at: Timestamp,
}

async fn load(op: &mut Context, id: Uuid) -> Result<Row> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select client_id, operation, object_sha256, key_version, nonce, sealed, checked_at, moment, confirmation_id,
                expires_at
         from change where tenant_id = $1 and id = $2 for update",
        tenant,
        id,
    )
    .fetch_optional(op.db())
    .await?
    .ok_or(IdentityRefusal::NoSuchChange)?;
    let sealed = Sealed { key_version: r.key_version, nonce: r.nonce, bytes: r.sealed };
    let body = op.app.vault().open("change", id, &sealed)?;
    if object(id, &body).as_slice() != r.object_sha256 {
        return Err(Fault::new(format_args!("change {id} does not have its hash")).into());
    }
    Ok(Row {
        client: r.client_id,
        operation: Operation::by_code(&r.operation).ok_or_else(|| Fault::new("an unknown operation"))?,
        object: object(id, &body),
        wish: serde_json::from_slice(&body)?,
        checked: r.checked_at.is_some(),
        moment: r.moment,
        done: r.confirmation_id.is_some(),
        expires_at: r.expires_at.into(),
    })
}

/// Whose guesses those of a recovery are.
pub(super) async fn recovery(op: &mut Context, recovery: Id<Change>) -> Result<Guessing> {
    match load(op, recovery.uuid()).await?.wish {
        Wish::Recovery(guessing) => Ok(guessing),
        _ => Err(IdentityRefusal::NoSuchChange.into()),
    }
}

/// The client's own change; anybody else's does not exist. One of an account or number exists only while they act for whose
/// it is: nothing is proved for an entity in one's own name, or the other way about.
async fn own(op: &mut Op<Client>, id: Id<Change>) -> Result<Row> {
    let (client, party) = (op.who.id.uuid(), op.who.party().uuid());
    let row = load(op, id.uuid()).await?;
    let theirs = match &row.wish {
        Wish::Account { of, .. } => *of == party,
        Wish::Phone { of, .. } => of.unwrap_or(client) == party,
        _ => true,
    };
    if theirs && row.client == Some(client) { Ok(row) } else { Err(IdentityRefusal::NoSuchChange.into()) }
}

/// The legal entity whose account or number the change of a purpose is about, if it is an entity's.
pub(crate) async fn entity_of(op: &mut Context, purpose: &Purpose) -> Result<Option<Uuid>> {
    let tenant = op.tenant;
    let id = sqlx::query_scalar!(
        "select id from change where tenant_id = $1 and client_id = $2 and object_sha256 = $3",
        tenant,
        purpose.subject,
        &purpose.object
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("change", purpose.subject))?;
    match load(op, id).await?.wish {
        Wish::Account { of, .. } if of != purpose.subject => Ok(Some(of)),
        Wish::Phone { of, .. } => Ok(of),
        _ => Ok(None),
    }
}

/// One that can still be carried out.
async fn open(op: &mut Op<Client>, id: Id<Change>) -> Result<Row> {
    let row = own(op, id).await?;
    if row.done || row.expires_at <= op.security_now {
        return Err(IdentityRefusal::ChangeLapsed.into());
    }
    Ok(row)
}

/// What is confirmed: this change and no other.
pub(super) async fn purpose(app: &App, who: &Client, id: Id<Change>) -> Result<Purpose> {
    let mut op = app.begin(who.clone()).await?;
    let row = open(&mut op, id).await?;
    Ok(Purpose { subject: who.id.uuid(), session: who.session, operation: row.operation, object: row.object })
}

/// That the new number is in the hand of whoever asked: a purpose of its own, worth nothing for anything else.
fn in_hand(change: Uuid, session: Uuid) -> Purpose {
    let object = sha256(&[b"new-number\0".as_slice(), change.as_bytes()].concat());
    Purpose { subject: change, session, operation: Operation::ChangePhone, object }
}

/// The change as its page shows it.
pub async fn show(op: &mut Op<Client>, id: Id<Change>) -> Result<ShownChange> {
    let row = own(op, id).await?;
    if !row.done && row.expires_at <= op.security_now {
        return Err(IdentityRefusal::ChangeLapsed.into());
    }
    let session = op.who.session;
    let code_sent = codes::awaited(op, &in_hand(id.uuid(), session)).await?;
    let to_check = row.wish.needs_check() && !row.checked;
    let what = match row.wish {
        Wish::Phone { phone, .. } => What::Phone(phone.masked()),
        Wish::Account { iban, .. } => What::Account(iban.masked()),
        Wish::Password { .. } | Wish::Recovery(_) => What::Password,
        Wish::Token { kind, name, .. } => What::Token(kind, name),
        Wish::GiveUpToken { .. } => What::GiveUpToken,
    };
    Ok(ShownChange { id, what, to_check, code_sent, done: row.done })
}

/// Sends another code to the new number.
pub async fn send_to_new_phone(app: &App, who: Client, id: Id<Change>, lang: Lang) -> Result<()> {
    let mut op = app.begin(who.clone()).await?;
    let Wish::Phone { phone, .. } = open(&mut op, id).await?.wish else {
        return Err(IdentityRefusal::NoSuchChange.into());
    };
    drop(op);
    let purpose = in_hand(id.uuid(), who.session);
    codes::send_code(app, who, &purpose, Some(&phone), lang).await
}

/// Takes the code that went to the new number.
pub async fn check_phone(app: &App, who: Client, id: Id<Change>, code: &str) -> Result<()> {
    let mut op = app.begin(who.clone()).await?;
    let Wish::Phone { phone, .. } = open(&mut op, id).await?.wish else {
        return Err(IdentityRefusal::NoSuchChange.into());
    };
    drop(op);
    let purpose = in_hand(id.uuid(), who.session);
    codes::answer_code(app, who.clone(), &purpose, phone.as_str().as_bytes(), code).await?;
    let mut op = app.begin(who).await?;
    checked(&mut op, id, None).await?;
    op.commit().await
}

/// Takes two codes in a row of the new token: it works, and we know where it stands.
pub async fn check_token(app: &App, who: Client, id: Id<Change>, first: &str, second: &str) -> Result<()> {
    attempts::take(app, &TOKEN_CHECKS, id.uuid().as_bytes()).await?;
    let mut op = app.begin(who).await?;
    let Wish::Token { kind, secret, .. } = open(&mut op, id).await?.wish else {
        return Err(IdentityRefusal::NoSuchChange.into());
    };
    let moment = tokens::two_in_a_row(kind, &secret, 0, op.security_now, (first, second));
    let moment = moment.ok_or_else(|| IdentityRefusal::TokenCodeWrong.at("first"))?;
    checked(&mut op, id, Some(moment)).await?;
    op.commit().await
}

/// Pairs of codes tried for one new token.
const TOKEN_CHECKS: Limit = Limit { name: "token-checks", most: 10, window: SignedDuration::from_hours(1) };

async fn checked(op: &mut Op<Client>, id: Id<Change>, moment: Option<i64>) -> Result<()> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    sqlx::query!(
        "update change set checked_at = $3, moment = $4 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        now as _,
        moment,
    )
    .execute(op.db())
    .await?;
    audit::record(op, "change.checked", Some(id.uuid()), &()).await
}

/// Confirms the change and carries it out: the client is told, and where a factor or the password changed, every other
/// session ends (Rules cl. [6.f](lending::law::CL_6_F), [25.9](lending::law::CL_25_9)).
pub async fn carry_out(app: &App, who: Client, id: Id<Change>) -> Result<()> {
    let purpose = purpose(app, &who, id).await?;
    let policy = organization::policy(app).await?;
    let mut op = app.begin(who).await?;
    alone(&mut op).await?;
    let row = open(&mut op, id).await?;
    if row.wish.needs_check() && !row.checked {
        return Err(IdentityRefusal::ChangeUnchecked.into());
    }
    let confirmation = confirm(&mut op, &purpose).await?;
    let client = op.who.id;
    let known = profile(&mut op, client.uuid()).await?;
    let lang = known.lang;
    match row.wish {
        Wish::Phone { phone, of: Some(entity) } => entities::change_phone(&mut op, entity, &phone).await?,
        Wish::Phone { phone, of: None } => {
            set_phone(&mut op, client, &phone).await?;
            sessions::end_others(&mut op).await?;
            let text = texts::messages::phone_changed(lang, phone.masked());
            messages::to_number(&mut op, client.uuid(), &phone, &text).await?;
            messages::to_number(&mut op, client.uuid(), &known.phone, &text).await?;
            if known.email.is_some() {
                messages::notice(&mut op, &known.address(), text).await?;
            }
        }
        Wish::Account { iban, of } => {
            entities::allowed(&mut op, Act::Sign).await?;
            let from = accounts::set(&mut op, of, &iban, policy.payout_cooling_hours).await?;
            let text = |lang| {
                texts::messages::account_changed(lang, iban.masked(), texts::format::instant(lang, from))
            };
            if let Party::Entity(entity) = parties::party(&mut op, of).await? {
                messages::notice(&mut op, &entity.address(), text(entity.lang)).await?;
            }
            told(&mut op, &known, text(lang)).await?;
        }
        Wish::Password { hash } => {
            set_password(&mut op, client.uuid(), &hash).await?;
            sessions::end_others(&mut op).await?;
            told(&mut op, &known, texts::messages::password_changed(lang).to_owned()).await?;
        }
        Wish::Token { kind, name, secret } => {
            let moment = row.moment.ok_or_else(|| Fault::new("a checked token without its moment"))?;
            tokens::keep(&mut op, client.uuid(), (kind, &name, &secret), moment).await?;
            sessions::end_others(&mut op).await?;
            told(&mut op, &known, texts::messages::token_added(lang, &name)).await?;
        }
        Wish::GiveUpToken { token } => {
            tokens::remove(&mut op, client.uuid(), token).await?;
            sessions::end_others(&mut op).await?;
            told(&mut op, &known, texts::messages::token_removed(lang).to_owned()).await?;
        }
        Wish::Recovery(_) => return Err(IdentityRefusal::NoSuchChange.into()),
    }
    done(&mut op, id.uuid(), confirmation.id()).await?;
    let about = json!({ "operation": row.operation.code(), "confirmation": confirmation.id() });
    audit::record(&mut op, "change.carried-out", Some(id.uuid()), &about).await?;
    op.commit().await
}

/// Marks a change as carried out.
pub(super) async fn done(op: &mut Context, id: Uuid, confirmation: Uuid) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update change set confirmation_id = $3 where tenant_id = $1 and id = $2 and confirmation_id is null",
        tenant,
        id,
        confirmation,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Tells the client by SMS whatever else there is, because an e-mail may be the attacker's; and by e-mail, where there is one.
pub(crate) async fn told(op: &mut Context, known: &Profile, text: String) -> Result<()> {
    messages::to_number(op, known.id.uuid(), &known.phone, &text).await?;
    if known.email.is_some() {
        messages::notice(op, &known.address(), text).await?;
    }
    Ok(())
}

/// One change of a client's at a time: what is counted before it is made stays so.
async fn alone(op: &mut Op<Client>) -> Result<()> {
    let (tenant, client) = (op.tenant, op.who.id.uuid());
    sqlx::query!("select 1 as one from client where tenant_id = $1 and id = $2 for update", tenant, client)
        .fetch_optional(op.db())
        .await?;
    Ok(())
}

async fn set_phone(op: &mut Context, client: Id<ClientRecord>, phone: &Phone) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now_sql());
    let taken = sqlx::query!(
        "select 1 as one from client where tenant_id = $1 and phone = $2 and id <> $3",
        tenant,
        phone.as_str(),
        client.uuid(),
    )
    .fetch_optional(op.db())
    .await?;
    if taken.is_some() {
        return Err(IdentityRefusal::PhoneTaken.into());
    }
    sqlx::query!(
        "update client set phone = $3, phone_checked_at = $4 where tenant_id = $1 and id = $2",
        tenant,
        client.uuid(),
        phone.as_str(),
        now as _,
    )
    .execute(op.db())
    .await?;
    codes::void(op, client.uuid()).await
}

pub(super) async fn set_password(op: &mut Context, client: Uuid, hash: &str) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!("update client set password = $3 where tenant_id = $1 and id = $2", tenant, client, hash)
        .execute(op.db())
        .await?;
    Ok(())
}
