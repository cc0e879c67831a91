//! Registration of an individual (Rules cl. [6.a](lending::law::CL_6_A), [6.c](lending::law::CL_6_C),
//! [6.d](lending::law::CL_6_D)).
//!
//! 1. [`begin`]: data, consents, password; the phone register is asked whether the number is theirs; a code
//!    is sent. 2. [`Matter::Registration`](super::Matter): the proofs, with the photo, checked at the IDEC with names and
//!    document. 3. [`complete`]: two methods are confirmed and the client exists.
//!
//! Whether an IIN is registered already is told only at the end, to who has proved to be that person.

use jiff::{SignedDuration, civil::Date};
use jiff_sqlx::ToSqlx;
use lending::{
    confirmation::{Factor, Operation, ProofKind},
    iin::Iin,
    phone::Phone,
};
use ports::Names;
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{
    ClientRecord, IdentityRefusal, Purpose, Registration, codes, confirm,
    devices::{self, Owner},
    matter::Person,
    prove, witness,
};
use crate::{
    App, attempts, audit,
    evidence::{self, Exhibit},
    id::Id,
    inquiry::{self, Inquiry},
    messages,
    op::{Context, Op, System},
    organization, parties, password,
    refusal::{Fault, Result},
    sessions::{self, Holder, Registrant, Token, Visitor},
    vault::{Hash, sha256},
};

/// What a person fills in (Rules cl. [6.a](lending::law::CL_6_A)).
#[allow(missing_docs)]
#[derive(Clone, Default)]
pub struct Form {
    pub iin: String,
    pub surname: String,
    pub given_name: String,
    pub patronymic: String,
    pub document_number: String,
    /// Year-month-day.
    pub document_valid_until: String,
    pub phone: String,
    /// May be empty.
    pub email: String,
    pub password: String,
}

/// A consent: its kind and the text exactly as it was shown.
pub struct Consent {
    /// Kind, for example `personal-data`.
    pub kind: &'static str,
    /// The text as shown.
    pub text: String,
}

/// The consents without which nobody is registered.
pub const CONSENTS: [&str; 2] = ["personal-data", "electronic-interaction"];

struct Checked {
    iin: Iin,
    names: Names,
    document_number: String,
    document_valid_until: Date,
    phone: Phone,
    email: Option<String>,
}

/// How long a registration may take.
pub(super) const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Takes the data in and begins. The session returned is only good for finishing this registration.
pub async fn begin(
    app: &App,
    visitor: Visitor,
    lang: Lang,
    form: &Form,
    consents: &[Consent],
) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let network = attempts::network(&visitor.origin.address);
    attempts::take(app, &attempts::registrations_per_address(&policy), &network).await?;
    let checked = check(form, app.today())?;
    if CONSENTS.iter().any(|kind| !consents.iter().any(|given| given.kind == *kind)) {
        return Err(IdentityRefusal::ConsentMissing.at("consents"));
    }
    let id = app.id_at(app.clock().now());
    let inquiry = Inquiry { port: "phone-register", subject: id, object: id };
    let register = &app.ports().phone_register;
    let (theirs, _) = inquiry::ask(
        app,
        &inquiry,
        |request| register.belongs(request, &checked.iin, &checked.phone),
        |b| *b,
    )
    .await?;
    if !theirs {
        return Err(IdentityRefusal::PhoneNotYours.at("phone"));
    }
    let counted = codes::whom(Operation::Registration, &codes::registrant(&checked.iin, &checked.phone));
    attempts::take(app, &attempts::codes_per_number(&policy), &counted).await?;
    let hash = password::hash(app, &form.password).await?;

    let mut op = app.begin(visitor).await?;
    let (tenant, now, security_now) = (op.tenant, op.now, op.security_now);
    sqlx::query!(
        "insert into registration (tenant_id, id, iin, surname, given_name, patronymic, document_number,
             document_valid_until, phone, phone_checked_at, email, language, password, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10, $14)",
        tenant,
        id,
        checked.iin.as_str(),
        checked.names.surname,
        checked.names.given,
        checked.names.patronymic,
        checked.document_number,
        checked.document_valid_until.to_sqlx() as _,
        checked.phone.as_str(),
        now.to_sqlx() as _,
        checked.email,
        lang.code(),
        hash,
        (security_now + LIFE).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    for consent in consents {
        acknowledge(&mut op, id, id, &format!("consent:{}", consent.kind), lang, &consent.text).await?;
    }
    let origin = op.who.origin.clone();
    let (token, session) = sessions::open(&mut op, Holder::Registration(id.into()), &origin).await?;
    let purpose = purpose(id, session);
    let stored = witness(&mut op, "proof:password", &purpose, None, json!({ "password": "set" })).await?;
    prove(&mut op, &purpose, ProofKind::Factor(Factor::Password), stored.id).await?;
    codes::send(&mut op, &purpose, Some(&checked.phone), lang).await?;
    audit::record(&mut op, "registration.begun", Some(id), &()).await?;
    op.commit().await?;
    Ok(token)
}

/// Stores what somebody was shown and accepted, in the words and language shown. Accepted once more, it stands as it was: the
/// evidence of an object does not grow by repeating.
pub(crate) async fn acknowledge(
    op: &mut Context,
    subject: Uuid,
    object: Uuid,
    kind: &str,
    lang: Lang,
    text: &str,
) -> Result<()> {
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    let (turn, _) = object.as_u64_pair();
    sqlx::query!("select pg_advisory_xact_lock($1)", turn.cast_signed()).execute(op.db()).await?;
    let known = sqlx::query!(
        "select id from acknowledgement where tenant_id = $1 and object_id = $2 and kind = $3",
        tenant,
        object,
        kind
    )
    .fetch_optional(op.db())
    .await?;
    if known.is_some() {
        return Ok(());
    }
    let exhibit = Exhibit {
        kind,
        subject,
        object: Some(object),
        media_type: "text/plain; charset=utf-8",
        bytes: text.as_bytes(),
    };
    let stored = evidence::store(op, exhibit).await?;
    sqlx::query!(
        "insert into acknowledgement (tenant_id, id, subject_id, object_id, kind, language, evidence_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id,
        subject,
        object,
        kind,
        lang.code(),
        stored.id,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

fn check(form: &Form, today: Date) -> Result<Checked> {
    let iin = Iin::parse(&form.iin).map_err(|_| IdentityRefusal::Iin.at("iin"))?;
    if iin.age_on(today) < 18 {
        return Err(IdentityRefusal::TooYoung.at("iin"));
    }
    let names = Names {
        surname: name(&form.surname).ok_or_else(|| IdentityRefusal::Name.at("surname"))?,
        given: name(&form.given_name).ok_or_else(|| IdentityRefusal::Name.at("given_name"))?,
        patronymic: match form.patronymic.trim() {
            "" => None,
            given => Some(name(given).ok_or_else(|| IdentityRefusal::Name.at("patronymic"))?),
        },
    };
    let document_number = document_number(&form.document_number)
        .ok_or_else(|| IdentityRefusal::DocumentNumber.at("document_number"))?;
    let document_valid_until: Date = form
        .document_valid_until
        .trim()
        .parse()
        .map_err(|_| IdentityRefusal::DocumentExpired.at("document_valid_until"))?;
    if document_valid_until < today {
        return Err(IdentityRefusal::DocumentExpired.at("document_valid_until"));
    }
    let phone = Phone::parse(&form.phone).map_err(|_| IdentityRefusal::Phone.at("phone"))?;
    let email = match form.email.trim() {
        "" => None,
        address => Some(email(address).ok_or_else(|| IdentityRefusal::Email.at("email"))?),
    };
    let personal = [iin.as_str(), &phone.as_str()[2..], &names.surname, &names.given];
    password::check(&form.password, &personal)?;
    Ok(Checked { iin, names, document_number, document_valid_until, phone, email })
}

/// A name as documents write it: letters, with hyphens, apostrophes and spaces between; at most 60.
fn name(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=60).contains(&text.chars().count());
    let letters = text.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | ' '))
        && text.starts_with(char::is_alphabetic)
        && text.ends_with(char::is_alphabetic);
    (fits && letters).then_some(text)
}

/// Identity card or residence permit: 9 digits; passport: N and 8 digits.
fn document_number(text: &str) -> Option<String> {
    let text: String =
        text.chars().filter(|c| !c.is_whitespace()).take(20).collect::<String>().to_uppercase();
    let digits = text.strip_prefix('N').map_or((text.as_str(), 9), |rest| (rest, 8));
    (digits.0.len() == digits.1 && digits.0.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// Enough of RFC 5321 to send to; whether it exists, only a message can tell.
pub(crate) fn email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str, also: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    };
    let good =
        text.len() <= 254 && local.len() <= 64 && plain(local, ".!#$%&'*+-/=?^_`{|}~") && plain(domain, ".-");
    (good && domain.contains('.')).then(|| text.to_owned())
}

/// What somebody who registers proves: this registration.
pub(super) fn purpose(registration: Uuid, session: Uuid) -> Purpose {
    Purpose {
        subject: registration,
        session,
        operation: Operation::Registration,
        object: object(registration),
    }
}

/// What a registrant confirms is this registration: its data cannot change once begun.
fn object(registration: Uuid) -> Hash {
    sha256(&[b"registration\0".as_slice(), registration.as_bytes()].concat())
}

/// Keeps the photo that proved a registration's face as the registration's (Rules cl. [6.a](lending::law::CL_6_A)), in the
/// transaction of the proof. Of any other subject nothing is kept.
pub(super) async fn keep_photo(op: &mut Context, subject: Uuid, photo: Uuid) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update registration set photo_evidence = $3 where tenant_id = $1 and id = $2",
        tenant,
        subject,
        photo
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// Confirms by two methods (Rules cl. [6.d](lending::law::CL_6_D)) and makes the client. The registrant's session ends; a client's begins.
pub async fn complete(app: &App, who: Registrant) -> Result<Token> {
    let mut op = app.begin(who).await?;
    let who = op.who.clone();
    let row = load(&mut op, who.registration).await?;
    let photo = row.photo.ok_or(IdentityRefusal::ProofsMissing)?;
    let confirmation = confirm(&mut op, &purpose(who.registration.uuid(), who.session)).await?;
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    parties::enter(&mut op, id, "individual").await?;
    let made = sqlx::query!(
        "insert into client (tenant_id, id, iin, surname, given_name, patronymic, born_on, document_number,
             document_valid_until, phone, phone_checked_at, email, language, password, photo_evidence, registered_at)
         select tenant_id, $3, iin, surname, given_name, patronymic, $4, document_number,
             document_valid_until, phone, phone_checked_at, email, language, password, $5, $6
         from registration where tenant_id = $1 and id = $2
         on conflict do nothing",
        tenant,
        who.registration.uuid(),
        id,
        row.iin.birth_date().to_sqlx() as _,
        photo,
        now as _,
    )
    .execute(op.db())
    .await?;
    if made.rows_affected() == 0 {
        return Err(taken(op, &row).await?.into());
    }
    sqlx::query!(
        "update registration set client_id = $3, password = '' where tenant_id = $1 and id = $2",
        tenant,
        who.registration.uuid(),
        id
    )
    .execute(op.db())
    .await?;
    sessions::end(&mut op, who.session).await?;
    let client: Id<ClientRecord> = id.into();
    let (token, _) = sessions::open(&mut op, Holder::Client(client), &who.origin).await?;
    let (token, _) = devices::remember(&mut op, Owner::Client(id), &who.origin, token).await?;
    let address =
        messages::Address { subject: id, phone: &row.phone, email: row.email.as_deref(), lang: row.lang };
    messages::notice(&mut op, &address, texts::messages::registered(row.lang).to_owned()).await?;
    let about = json!({ "registration": who.registration, "confirmation": confirmation.id() });
    audit::record(&mut op, "client.registered", Some(id), &about).await?;
    op.commit().await?;
    Ok(token)
}

/// Why there is such a client already: the same person, or whoever had the number before. It was just shown to be somebody
/// else's, so that a code to it lets nobody in as them until the register has said otherwise.
async fn taken(mut op: Op<Registrant>, row: &Row) -> Result<IdentityRefusal> {
    let app = op.app.clone();
    let tenant = op.tenant;
    let same = sqlx::query!(
        "select 1 as one from client where tenant_id = $1 and iin = $2",
        tenant,
        row.iin.as_str()
    )
    .fetch_optional(op.db())
    .await?;
    drop(op);
    if same.is_some() {
        return Ok(IdentityRefusal::AlreadyRegistered);
    }
    let mut op = app.begin(System).await?;
    let former = sqlx::query_scalar!(
        "update client set phone_checked_at = 'epoch' where tenant_id = $1 and phone = $2 returning id",
        tenant,
        row.phone.as_str()
    )
    .fetch_optional(op.db())
    .await?;
    audit::record(&mut op, "phone.somebody-elses", former, &()).await?;
    op.commit().await?;
    Ok(IdentityRefusal::PhoneTaken)
}

struct Row {
    iin: Iin,
    names: Names,
    document_number: String,
    phone: Phone,
    email: Option<String>,
    lang: Lang,
    photo: Option<Uuid>,
}

async fn load(op: &mut Context, id: Id<Registration>) -> Result<Row> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let r = sqlx::query!(
        "select iin, surname, given_name, patronymic, document_number, phone, email, language, photo_evidence
         from registration where tenant_id = $1 and id = $2 and client_id is null and expires_at > $3",
        tenant,
        id.uuid(),
        now as _,
    )
    .fetch_optional(op.db())
    .await?
    .ok_or(IdentityRefusal::RegistrationLapsed)?;
    Ok(Row {
        iin: Iin::parse(&r.iin).map_err(|_| Fault::new("a stored IIN is not one"))?,
        names: Names { surname: r.surname, given: r.given_name, patronymic: r.patronymic },
        document_number: r.document_number,
        phone: Phone::parse(&r.phone).map_err(|_| Fault::new("a stored phone is not one"))?,
        email: r.email,
        lang: Lang::parse(&r.language).unwrap_or(Lang::Kk),
        photo: r.photo_evidence,
    })
}

/// The registrant, as far as methods of proof ask for it.
pub(super) async fn person(op: &mut Context, id: Id<Registration>) -> Result<Person> {
    let row = load(op, id).await?;
    Ok(Person { iin: row.iin, names: row.names, document_number: row.document_number, phone: row.phone })
}
