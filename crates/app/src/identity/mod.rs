//! Who the client is, and how that is proved (Rules cl. 6, 9, [11](lending::law::CL_11), 35).
//!
//! One mechanism for every channel and operation: a *proof* shows by one method or factor that somebody is
//! who they say. It is bound to the person, the session, the operation and the hash of what is agreed; its
//! evidence is stored first; it expires, and is spent by exactly one [`Confirmation`], which only
//! [`confirm`] can make. Which operation needs what is data: [`lending::confirmation`].

mod accounts;
mod changes;
mod codes;
pub(crate) mod devices;
pub mod egov_mobile;
mod faces;
mod hosted;
pub mod liveness;
pub mod matter;
mod recovery;
mod registration;
mod sign_in;
pub mod signatures;
mod tokens;

pub use accounts::{Account, current as account};
pub(crate) use accounts::{pause as payout_pause, set as set_account};
pub use changes::{
    Asked, AskedChange, Change, Secret, ShownChange, What, ask, carry_out, check_phone, check_token,
    send_to_new_phone, show as change,
};
pub(crate) use changes::{entity_of, told};
pub use codes::{answer_code, send_code};
pub use devices::{Device, forget_others as forget_other_devices, list as devices};
pub use faces::{BYTES_MAX as PHOTO_BYTES_MAX, Photo, identify};
pub use matter::{Matter, Prover, Standing};
pub use recovery::{begin_recovery, recover};
pub use registration::{CONSENTS, Consent, Form, begin, complete};
pub(crate) use registration::{acknowledge, email};
pub use sign_in::{request_sign_in_code, sign_in_by_code, sign_in_by_password, sign_in_by_token};
pub use tokens::{Listed as ListedToken, TokenKind, list as tokens, resynchronise};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::{
    confirmation::{Factor, Missing, Operation, ProofKind, helpful, satisfied},
    iin::Iin,
    phone::Phone,
};
use ports::Names;
use serde_json::{Value, json};
use texts::Lang;
use uuid::Uuid;

use crate::{
    App,
    attempts::{Guessed, Guesses},
    audit,
    evidence::{self, Stored},
    id::Id,
    messages::Address,
    op::{Actor, Context, Op, missing},
    organization, password,
    refusal::{Fault, Result, refusals},
    sessions::Client,
    vault::{Hash, hex},
};

refusals! {
    /// Why somebody is not taken for who they say they are.
    IdentityRefusal {
        /// The IIN is not one.
        Iin = "iin-invalid" Invalid CL_6_A,
        /// A name is missing, too long, or not written in letters.
        Name = "name-invalid" Invalid CL_6_A,
        /// The document's number is not one.
        DocumentNumber = "document-number-invalid" Invalid CL_6_A,
        /// The document has expired.
        DocumentExpired = "document-expired" Invalid CL_6_A,
        /// The number is not a mobile number of Kazakhstan.
        Phone = "phone-invalid" Invalid CL_6_A,
        /// The e-mail address is not one.
        Email = "email-invalid" Invalid,
        /// A consent is missing.
        ConsentMissing = "consent-missing" Invalid,
        /// Younger than 18.
        TooYoung = "too-young" Invalid,
        /// The number belongs to somebody else's IIN.
        PhoneNotYours = "phone-not-yours" Invalid CL_35_3,
        /// The source does not hold these names for the IIN.
        NamesDiffer = "names-differ" Invalid CL_6_C,
        /// The source knows another document.
        DocumentDiffers = "document-differs" Invalid CL_6_C,
        /// The face is not that of the person in the state database.
        FaceDiffers = "face-differs" Invalid CL_35_2,
        /// The photo is not a JPEG or PNG image.
        PhotoUnreadable = "photo-unreadable" Invalid CL_6_A,
        /// The photo has too many pixels or bytes.
        PhotoTooLarge = "photo-too-large" Invalid,
        /// The photo has too few pixels.
        PhotoTooSmall = "photo-too-small" Invalid CL_6_A,
        /// The photo has proved something before.
        PhotoUsed = "photo-used" Invalid CL_11,
        /// The code is wrong.
        CodeWrong = "code-wrong" Invalid,
        /// The code is used, expired, for something else, or was guessed at too often.
        CodeSpent = "code-spent" Invalid CL_11,
        /// The password is wrong.
        PasswordWrong = "password-wrong" Invalid,
        /// Name or password is wrong; which, is not told.
        WrongCredentials = "wrong-credentials" Unauthenticated,
        /// A proof of this kind would not help now.
        ProofUnasked = "proof-unasked" Conflict CL_11,
        /// Not enough proofs for the operation.
        ProofsMissing = "proofs-missing" Conflict CL_9_A,
        /// The person is registered already.
        AlreadyRegistered = "already-registered" Conflict,
        /// What was to be proved has been confirmed already.
        AlreadyConfirmed = "already-confirmed" Conflict CL_11,
        /// The code of the token is wrong, or was used.
        TokenCodeWrong = "token-code-wrong" Invalid CL_11,
        /// The token needs a name.
        TokenName = "token-name-invalid" Invalid,
        /// The secret of the token is not one.
        TokenSeed = "token-seed-invalid" Invalid,
        /// There are as many tokens as there can be.
        TooManyTokens = "too-many-tokens" Conflict,
        /// No such token, or not theirs.
        NoSuchToken = "token-not-found" NotFound,
        /// No such change, or not theirs.
        NoSuchChange = "change-not-found" NotFound,
        /// The change was carried out, or was left for too long.
        ChangeLapsed = "change-lapsed" Conflict,
        /// The new number or token was not seen to work yet.
        ChangeUnchecked = "change-unchecked" Conflict,
        /// It is so already.
        NothingChanges = "nothing-changes" Invalid,
        /// Somebody else is registered with the number.
        PhoneTaken = "phone-taken" Conflict,
        /// The account is not one.
        Account = "iban-invalid" Invalid CL_8_7,
        /// The registration has lapsed; begin again.
        RegistrationLapsed = "registration-lapsed" Unauthenticated,
    }
}

/// Marks the id of a client.
pub struct ClientRecord;
/// Marks the id of a registration.
pub struct Registration;

/// Somebody about whom something is proved, for one operation.
#[derive(Clone, Copy)]
pub struct Purpose {
    /// The client or registration.
    pub subject: Uuid,
    /// The session in which it happens.
    pub session: Uuid,
    /// What is to be done.
    pub operation: Operation,
    /// SHA-256 of what is agreed, or of the registration's data.
    pub object: Hash,
}

/// How long a proof can wait for the others. A registration is one sitting; elsewhere it is done in minutes.
fn proof_life(operation: Operation) -> SignedDuration {
    match operation {
        Operation::Registration => registration::LIFE,
        Operation::ChangePhone
        | Operation::ChangeBankDetails
        | Operation::ChangeToken
        | Operation::ChangePassword
        | Operation::RecoverPassword => changes::LIFE,
        _ => SignedDuration::from_mins(15),
    }
}

/// That an operation was confirmed as the law asks. Only [`confirm`] makes one; a use case that needs it
/// asks for it in its signature.
pub struct Confirmation {
    id: Uuid,
    object: Hash,
}

impl Confirmation {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The hash of what was agreed.
    #[must_use]
    pub fn object(&self) -> &Hash {
        &self.object
    }
}

/// Records a proof. Its evidence has been stored. What was confirmed once is not proved again
/// ([`lending::law::CL_11`]).
pub(crate) async fn prove(
    op: &mut Context,
    purpose: &Purpose,
    kind: ProofKind,
    evidence: Uuid,
) -> Result<()> {
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    let confirmed = sqlx::query_scalar!(
        r#"select exists (select from confirmation where tenant_id = $1 and subject_id = $2 and operation = $3
               and object_sha256 = $4) as "confirmed!""#,
        tenant,
        purpose.subject,
        purpose.operation.code(),
        &purpose.object,
    )
    .fetch_one(op.db())
    .await?;
    if confirmed {
        return Err(IdentityRefusal::AlreadyConfirmed.into());
    }
    sqlx::query!(
        "insert into proof (tenant_id, id, subject_id, session_id, operation, object_sha256, kind, evidence_id,
                            created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        kind.code(),
        evidence,
        now.to_sqlx() as _,
        (now + proof_life(purpose.operation)).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    let about = json!({ "proof": id, "kind": kind.code(), "operation": purpose.operation.code() });
    audit::record(op, "proof.given", Some(purpose.subject), &about).await
}

/// Stores what was witnessed of a proof, bound to what the proof is for; `beside` is the evidence that the proof stands on,
/// if that is another.
async fn witness(
    op: &mut Context,
    kind: &str,
    purpose: &Purpose,
    beside: Option<Uuid>,
    mut what: Value,
) -> Result<Stored> {
    what["operation"] = purpose.operation.code().into();
    what["object"] = hex(&purpose.object).into();
    what["session"] = json!(purpose.session);
    what["at"] = op.now.to_string().into();
    evidence::witness(op, kind, purpose.subject, beside, &what).await
}

/// The proofs at hand for a purpose: not expired, not spent.
pub async fn proofs(op: &mut Context, purpose: &Purpose) -> Result<Vec<ProofKind>> {
    Ok(at_hand(op, purpose).await?.into_iter().map(|(_, kind)| kind).collect())
}

async fn at_hand(op: &mut Context, purpose: &Purpose) -> Result<Vec<(Uuid, ProofKind)>> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let rows = sqlx::query!(
        "select id, kind from proof
         where tenant_id = $1 and subject_id = $2 and session_id = $3 and operation = $4 and object_sha256 = $5
           and confirmation_id is null and expires_at > $6
         order by id for update",
        tenant,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        now as _,
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| match ProofKind::by_code(&r.kind) {
            Some(kind) => Ok((r.id, kind)),
            None => Err(Fault::new(format_args!("unknown proof {}", r.kind)).into()),
        })
        .collect()
}

/// Spends the proofs at hand on one confirmation, if they are what the operation needs (Rules cl.
/// [6.d](lending::law::CL_6_D), [9.a](lending::law::CL_9_A), 35); in the transaction of the operation's
/// effect, so that they are spent if and only if it happens
/// ([`lending::law::CL_11`]).
pub async fn confirm(op: &mut Context, purpose: &Purpose) -> Result<Confirmation> {
    let proofs = at_hand(op, purpose).await?;
    let kinds: Vec<ProofKind> = proofs.iter().map(|(_, kind)| *kind).collect();
    if satisfied(purpose.operation, &kinds).is_err() {
        return Err(IdentityRefusal::ProofsMissing.into());
    }
    let (tenant, id, now, channel) = (op.tenant, op.id(), op.now_sql(), op.channel.code());
    let spent = op.security_now_sql();
    sqlx::query!(
        "insert into confirmation (tenant_id, id, subject_id, operation, object_sha256, channel, created_at, spent_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id,
        purpose.subject,
        purpose.operation.code(),
        &purpose.object,
        channel,
        now as _,
        spent as _,
    )
    .execute(op.db())
    .await?;
    let ids: Vec<Uuid> = proofs.iter().map(|(id, _)| *id).collect();
    sqlx::query!(
        "update proof set confirmation_id = $3 where tenant_id = $1 and id = any($2)",
        tenant,
        &ids,
        id
    )
    .execute(op.db())
    .await?;
    audit::record(
        op,
        "confirmed",
        Some(id),
        &json!({ "subject": purpose.subject, "operation": purpose.operation.code(), "object": hex(&purpose.object),
                 "proofs": ids }),
    )
    .await?;
    Ok(Confirmation { id, object: purpose.object })
}

/// Refuses unless what is proved is enough; spends nothing.
async fn enough(op: &mut Context, purpose: &Purpose) -> Result<()> {
    satisfied(purpose.operation, &proofs(op, purpose).await?)
        .map_err(|_| IdentityRefusal::ProofsMissing.into())
}

/// The kinds of proof that would help now. Who recovers a password, or registers, is a stranger until they have shown
/// something that only that person has and nobody outside is asked about; then the face, whose looks are counted by person
/// and which others are asked about.
fn wanted(operation: Operation, proved: &[ProofKind], signed_in: bool) -> Vec<ProofKind> {
    let mut wanted = helpful(operation, proved);
    if operation == Operation::Registration && !signed_in {
        let theirs = proved.iter().any(|kind| {
            matches!(kind, ProofKind::DigitalSignature | ProofKind::Factor(Factor::SmsCode | Factor::Token))
        });
        wanted.retain(|kind| theirs || *kind != ProofKind::BiometricIdentification);
    }
    if operation == Operation::RecoverPassword {
        let stranger = satisfied(operation, proved) == Err(Missing::Possession);
        wanted.retain(|kind| match kind {
            ProofKind::Factor(_) => stranger,
            ProofKind::BiometricIdentification => !stranger,
            ProofKind::DigitalSignature => false,
        });
    }
    wanted
}

/// Refuses a kind of proof that would not help now.
async fn would_help(op: &mut Context, purpose: &Purpose, kind: ProofKind) -> Result<()> {
    let proved = proofs(op, purpose).await?;
    if wanted(purpose.operation, &proved, op.actor_kind != crate::sessions::REGISTRANT).contains(&kind) {
        Ok(())
    } else {
        Err(IdentityRefusal::ProofUnasked.into())
    }
}

/// Proves that somebody knows the password, for one operation. A wrong one counts against the account.
pub async fn prove_password<W: Actor + Clone>(
    app: &App,
    who: &W,
    purpose: &Purpose,
    given: &str,
) -> Result<()> {
    let policy = organization::policy(app).await?;
    let guesses = Guesses::of_subject(&policy, Guessed::Password, purpose.subject);
    guesses.take(app).await?;
    let mut op = app.begin(who.clone()).await?;
    let stored = password_of(&mut op, purpose.subject).await?;
    drop(op); // No connection is held while the password is weighed.
    let agreed = password::verify(app, given, stored.as_deref()).await?;
    let mut op = app.begin(who.clone()).await?;
    if !agreed {
        let about = json!({ "operation": purpose.operation.code() });
        audit::record(&mut op, "password.wrong", Some(purpose.subject), &about).await?;
        op.commit().await?;
        return Err(IdentityRefusal::PasswordWrong.at("password"));
    }
    let stored = witness(&mut op, "proof:password", purpose, None, json!({ "password": "agreed" })).await?;
    prove(&mut op, purpose, ProofKind::Factor(Factor::Password), stored.id).await?;
    op.commit().await?;
    guesses.forget(app).await
}

/// The stored password of a client or of a registration under way.
async fn password_of(op: &mut Context, subject: Uuid) -> Result<Option<String>> {
    let tenant = op.tenant;
    let stored = sqlx::query_scalar!(
        r#"select password as "password!" from client where tenant_id = $1 and id = $2
           union all
           select password from registration where tenant_id = $1 and id = $2 and client_id is null"#,
        tenant,
        subject
    )
    .fetch_optional(op.db())
    .await?;
    Ok(stored)
}

/// What is known of a client.
pub struct Profile {
    /// Whose.
    pub id: Id<ClientRecord>,
    /// Names as in the document.
    pub names: Names,
    /// IIN.
    pub iin: Iin,
    /// Birth date.
    pub born_on: jiff::civil::Date,
    /// Document.
    pub document_number: String,
    /// Until when the document is valid.
    pub document_valid_until: jiff::civil::Date,
    /// Mobile number.
    pub phone: Phone,
    /// E-mail, if given.
    pub email: Option<String>,
    /// Chosen language.
    pub lang: Lang,
    /// When registered.
    pub registered_at: Timestamp,
}

impl Profile {
    /// Surname, given name and patronymic.
    #[must_use]
    pub fn full_name(&self) -> String {
        let n = &self.names;
        [Some(n.surname.as_str()), Some(n.given.as_str()), n.patronymic.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Where the client is told things.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        Address { subject: self.id.uuid(), phone: &self.phone, email: self.email.as_deref(), lang: self.lang }
    }
}

/// The client's data.
pub async fn profile(op: &mut Context, client: Uuid) -> Result<Profile> {
    Ok(profile_if_any(op, client).await?.ok_or_else(|| missing("client", client))?)
}

/// The data of somebody who may be no client.
async fn profile_if_any(op: &mut Context, client: Uuid) -> Result<Option<Profile>> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select iin, surname, given_name, patronymic, born_on, document_number, document_valid_until, phone, email,
                language, registered_at
         from client where tenant_id = $1 and id = $2",
        tenant,
        client
    )
    .fetch_optional(op.db())
    .await?;
    let Some(r) = r else { return Ok(None) };
    Ok(Some(Profile {
        id: client.into(),
        names: Names { surname: r.surname, given: r.given_name, patronymic: r.patronymic },
        iin: Iin::parse(&r.iin).map_err(|_| Fault::new("a stored IIN is not one"))?,
        born_on: r.born_on.into(),
        document_number: r.document_number,
        document_valid_until: r.document_valid_until.into(),
        phone: Phone::parse(&r.phone).map_err(|_| Fault::new("a stored phone is not one"))?,
        email: r.email,
        lang: Lang::parse(&r.language).unwrap_or(Lang::Kk),
        registered_at: r.registered_at.into(),
    }))
}

/// Remembers the language a client chose.
pub async fn choose_language(op: &mut Op<Client>, lang: Lang) -> Result<()> {
    let (tenant, client) = (op.tenant, op.who.id.uuid());
    sqlx::query!(
        "update client set language = $3 where tenant_id = $1 and id = $2",
        tenant,
        client,
        lang.code()
    )
    .execute(op.db())
    .await?;
    Ok(())
}
