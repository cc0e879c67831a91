//! Digital signatures of the National Certification Authority (Rules cl. [35.1](lending::law::CL_35_1)).
//!
//! What is signed is a statement with a random number, bound to the person, the session, the operation and the hash of
//! what is agreed; where a document is agreed, the document's own bytes with that statement behind them
//! (`docs/adr/0014-what-is-signed.md`). A statement is good for ten minutes, five tries and one signature, whoever brings
//! it: the page (NCALayer) or the phone ([`super::egov_mobile`]).
//!
//! Who signed, under whom, when, and that the certificate was not revoked is judged by [`eds`]; the certification
//! authority is asked only about signatures that hold otherwise. All that it was judged by is evidence before it is proof.

mod judging;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::{
    confirmation::{Operation, ProofKind},
    iin::{Bin, Iin},
};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use self::judging::{Judged, Why};
use super::{Purpose, prove, witness, would_help};
use crate::{
    App, attempts, audit, entities,
    evidence::{self, Exhibit},
    op::{Actor, Context, missing},
    refusal::{Fault, No, Result, refusals},
    vault::hex,
};

/// How long a statement waits for its signature.
pub const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Most bytes of a signature (CMS without content, in DER, PEM or base64).
pub const BYTES_MAX: usize = 32 * 1024;

refusals! {
    /// Why a digital signature is not taken.
    SignatureRefusal {
        /// No certification authority is trusted here.
        Off = "signature-off" Unavailable,
        /// The statement was signed already, has expired, is not this person's or was tried too often.
        Spent = "signature-spent" Invalid CL_11,
        /// The person did not want to sign after all.
        Cancelled = "signature-cancelled" Invalid,
        /// It is no signature, or one of a form that is not read.
        Unreadable = "signature-unreadable" Invalid,
        /// It has more than one signer.
        Several = "signature-several" Invalid,
        /// Something else was signed: another document, another statement.
        OtherBytes = "signature-other-bytes" Invalid CL_11,
        /// Signature, certificate or key do not belong together.
        Wrong = "signature-wrong" Invalid CL_35_1,
        /// Its algorithm is too weak.
        Weak = "signature-weak" Invalid CL_35_1,
        /// The certificate is not of the National Certification Authority.
        Foreign = "signature-foreign" Invalid CL_35_1,
        /// The certification authority's own certificate is not trusted at that time.
        AuthorityEnded = "signature-authority-ended" Invalid CL_35_1,
        /// The certificate's time has not come.
        NotYetValid = "signature-not-yet-valid" Invalid CL_35_1,
        /// The certificate has expired.
        Expired = "signature-expired" Invalid CL_35_1,
        /// The key is not for signing documents.
        KeyUsage = "signature-key-usage" Invalid CL_35_1,
        /// The key is not a person's own; for an entity, not its head's nor one with the right to sign.
        Role = "signature-role" Invalid CL_35_1,
        /// Another person signed.
        AnotherPerson = "signature-another-person" Invalid CL_35_1,
        /// It is not the key of the legal entity for which is signed.
        AnotherOrganization = "signature-another-organization" Invalid CL_35_1,
        /// The certificate was revoked.
        Revoked = "signature-revoked" Invalid CL_35_1,
        /// The certificate is on hold.
        OnHold = "signature-on-hold" Invalid CL_35_1,
        /// The authority does not know the certificate.
        CertificateUnknown = "signature-certificate-unknown" Invalid CL_35_1,
        /// The time-stamp does not hold.
        TimeStamp = "signature-time-stamp" Invalid CL_35_1,
        /// Nobody says for now whether the certificate was revoked.
        RevocationUnclear = "signature-revocation-unclear" Unavailable CL_35_1,
    }
}

/// How a signature is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// In the browser, through NCALayer: a key in a file, on a card or a token.
    Ncalayer,
    /// On the phone, by eGov Mobile.
    EgovMobile,
}

impl Way {
    /// As stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ncalayer => "ncalayer",
            Self::EgovMobile => "egov-mobile",
        }
    }
}

/// What became of a statement so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Its signature is awaited; the last one given was refused with this code.
    Awaited(Option<String>),
    /// It was signed.
    Signed,
    /// It has expired or was tried too often.
    Lapsed,
}

/// A statement to be signed.
pub struct Statement {
    /// Its id.
    pub id: Uuid,
    /// For what.
    pub purpose: Purpose,
    /// How.
    pub way: Way,
    /// What is said in it, as the person reads it.
    pub text: String,
    /// The evidence of the document that is signed with it.
    pub document: Option<Uuid>,
    /// The legal entity whose certificate has to sign it; none: the person's own ([`entities::signs_for`]).
    pub bin: Option<Bin>,
    /// Until when it can be signed.
    pub expires_at: Timestamp,
    /// How far it is.
    pub progress: Progress,
}

/// Whether digital signatures can be given here at all.
#[must_use]
pub fn are_taken(app: &App) -> bool {
    !app.trust().anchors().is_empty()
}

/// Makes a statement for a purpose; those made before for the same purpose are void. Gives its id.
pub async fn ask<W: Actor>(app: &App, who: W, purpose: &Purpose, way: Way, lang: Lang) -> Result<Uuid> {
    if !are_taken(app) {
        return Err(SignatureRefusal::Off.into());
    }
    attempts::take(app, &attempts::SIGNATURES_ASKED, purpose.subject.as_bytes()).await?;
    let mut random = [0; 32];
    app.chance().fill(&mut random);
    let mut op = app.begin(who).await?;
    let document = document(&mut op, purpose).await?;
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    let text = text(purpose, id, &random, lang);
    sqlx::query!(
        "update signing set expires_at = created_at
         where tenant_id = $1 and subject_id = $2 and session_id = $3 and operation = $4 and spent_at is null
           and expires_at > $5",
        tenant,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        now.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    sqlx::query!(
        "insert into signing (tenant_id, id, subject_id, session_id, operation, object_sha256, way, statement,
                              document_evidence, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant,
        id,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        way.code(),
        text,
        document,
        now.to_sqlx() as _,
        (now + LIFE).to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    let about = json!({ "statement": id, "operation": purpose.operation.code(), "way": way.code() });
    audit::record(&mut op, "signature.asked", Some(purpose.subject), &about).await?;
    op.commit().await?;
    Ok(id)
}

/// One sentence for the person, then what binds it.
fn text(purpose: &Purpose, id: Uuid, random: &[u8; 32], lang: Lang) -> String {
    let sentence = match purpose.operation {
        Operation::Registration => texts::messages::statement_registration(lang),
        Operation::SignContract => texts::messages::statement_sign_contract(lang),
        Operation::AmendContract => texts::messages::statement_amend_contract(lang),
        Operation::ChangePhone
        | Operation::ChangeBankDetails
        | Operation::ChangeToken
        | Operation::ChangePassword
        | Operation::RecoverPassword => texts::messages::statement_change(lang),
        Operation::SignIn | Operation::PayMerchant => texts::messages::statement_other(lang),
    };
    format!(
        "{sentence}\n\nNesie-Statement: 1\nOperation: {}\nObject-SHA256: {}\nStatement: {id}\nRandom: {}\n",
        purpose.operation.code(),
        hex(&purpose.object),
        hex(random),
    )
}

/// The document whose hash is agreed: an agreement or an amendment drawn up for this person, or for the entity they act for.
/// Other operations have none.
async fn document(op: &mut Context, purpose: &Purpose) -> Result<Option<Uuid>> {
    let tenant = op.tenant;
    if purpose.operation == Operation::AmendContract {
        let found = sqlx::query_scalar!(
            "select p.pdf_evidence from amendment_paper p
             join amendment a on a.tenant_id = p.tenant_id and a.id = p.amendment_id
             left join authority u on u.tenant_id = p.tenant_id and u.id = p.authority_id
             where p.tenant_id = $1 and coalesce(u.client_id, a.client_id) = $2 and p.pdf_sha256 = $3 limit 1",
            tenant,
            purpose.subject,
            &purpose.object,
        )
        .fetch_optional(op.db())
        .await?;
        return found.map(Some).ok_or_else(|| missing("amendment", purpose.subject).into());
    }
    if purpose.operation != Operation::SignContract {
        return Ok(None);
    }
    let found = sqlx::query_scalar!(
        "select o.pdf_evidence from offer o
         join application a on a.tenant_id = o.tenant_id and a.id = o.application_id
         left join authority u on u.tenant_id = o.tenant_id and u.id = o.authority_id
         where o.tenant_id = $1 and coalesce(u.client_id, a.client_id) = $2 and o.pdf_sha256 = $3 limit 1",
        tenant,
        purpose.subject,
        &purpose.object,
    )
    .fetch_optional(op.db())
    .await?;
    found.map(Some).ok_or_else(|| missing("offer", purpose.subject).into())
}

/// A statement of this purpose: nobody else's exists.
pub async fn statement(op: &mut Context, purpose: &Purpose, id: Uuid) -> Result<Statement> {
    let found = load(op, id).await?;
    let same = |known: &Purpose| {
        known.subject == purpose.subject
            && known.session == purpose.session
            && known.operation == purpose.operation
            && known.object == purpose.object
    };
    found.filter(|found| same(&found.purpose)).ok_or_else(|| SignatureRefusal::Spent.at("signature"))
}

/// The newest statement of this purpose, if there is one.
pub async fn latest(op: &mut Context, purpose: &Purpose, way: Way) -> Result<Option<Statement>> {
    let tenant = op.tenant;
    let id = sqlx::query_scalar!(
        "select id from signing
         where tenant_id = $1 and subject_id = $2 and session_id = $3 and operation = $4 and object_sha256 = $5
           and way = $6
         order by created_at desc, id desc limit 1",
        tenant,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        way.code(),
    )
    .fetch_optional(op.db())
    .await?;
    match id {
        Some(id) => load(op, id).await,
        None => Ok(None),
    }
}

pub(super) async fn load(op: &mut Context, id: Uuid) -> Result<Option<Statement>> {
    let (tenant, now) = (op.tenant, op.security_now);
    let row = sqlx::query!(
        "select subject_id, session_id, operation, object_sha256, way, statement, document_evidence, tries, refused,
                expires_at, spent_at is not null as \"spent!\"
         from signing where tenant_id = $1 and id = $2",
        tenant,
        id
    )
    .fetch_optional(op.db())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let expires_at: Timestamp = row.expires_at.into();
    let operation = Operation::ALL.into_iter().find(|operation| operation.code() == row.operation);
    let purpose = Purpose {
        subject: row.subject_id,
        session: row.session_id,
        operation: operation.ok_or_else(|| Fault::new("an unknown operation"))?,
        object: row.object_sha256.try_into().map_err(|_| Fault::new("a hash of the wrong length"))?,
    };
    let progress = match () {
        () if row.spent => Progress::Signed,
        () if expires_at <= now || row.tries >= TRIES_MAX => Progress::Lapsed,
        () => Progress::Awaited(row.refused),
    };
    let way = if row.way == Way::Ncalayer.code() { Way::Ncalayer } else { Way::EgovMobile };
    let bin = entities::signs_for(op, &purpose).await?;
    Ok(Some(Statement {
        id,
        purpose,
        bin,
        way,
        text: row.statement,
        document: row.document_evidence,
        expires_at,
        progress,
    }))
}

const TRIES_MAX: i16 = 5;

/// The exact bytes to be signed, and their media type.
pub async fn content(op: &mut Context, statement: &Statement) -> Result<(&'static str, Vec<u8>)> {
    let Some(document) = statement.document else {
        return Ok(("text/plain; charset=utf-8", statement.text.clone().into_bytes()));
    };
    let (_, document) = evidence::read(op, document).await?;
    Ok(("application/pdf", behind(document, &statement.text)))
}

/// The document with the statement behind it, as comments: readers of PDF show the document, and look for its end in
/// the last kilobyte (PDF Reference 1.7, implementation note 18).
fn behind(mut document: Vec<u8>, statement: &str) -> Vec<u8> {
    if !document.ends_with(b"\n") {
        document.push(b'\n');
    }
    for line in statement.lines() {
        document.extend_from_slice(b"% ");
        document.extend_from_slice(line.as_bytes());
        document.push(b'\n');
    }
    document
}

/// Takes a signature of a statement. One that holds becomes a proof; why another does not is refused by its own code.
/// `storage` is where NCALayer says the key lies: `PKCS12` for a file, the name of a card or token otherwise.
pub async fn give<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    id: Uuid,
    signature: &[u8],
    storage: Option<&str>,
) -> Result<()> {
    let mut op = app.begin(who.clone()).await?;
    let statement = statement(&mut op, purpose, id).await?;
    drop(op);
    take(app, who, &statement, signature, storage).await
}

/// Takes the signature of a statement, whoever brings it.
pub(super) async fn take<W: Actor + Clone>(
    app: &App,
    who: W,
    statement: &Statement,
    signature: &[u8],
    storage: Option<&str>,
) -> Result<()> {
    // A phone brings it without asking whether it would still help.
    would_help(&mut *app.begin(who.clone()).await?, &statement.purpose, ProofKind::DigitalSignature).await?;
    let now = app.clock().security_now();
    // In a transaction of its own: a refusal below must not give the try back.
    let counted = sqlx::query!(
        "update signing set tries = tries + 1, refused = null
         where tenant_id = $1 and id = $2 and spent_at is null and tries < $3 and expires_at > $4",
        app.tenant(),
        statement.id,
        TRIES_MAX,
        now.to_sqlx() as _,
    )
    .execute(app.pool())
    .await?;
    if counted.rows_affected() == 0 {
        return Err(SignatureRefusal::Spent.at("signature"));
    }
    attempts::take(app, &attempts::SIGNATURES, statement.purpose.subject.as_bytes()).await?;
    let mut op = app.begin(who.clone()).await?;
    let signatory = signatory(&mut op, statement).await?;
    let content = content(&mut op, statement).await?;
    drop(op); // No connection is held while signatures are checked and the certification authority is asked.
    match judge(app, who.clone(), statement, signatory, &content.1, signature).await {
        Ok((kept, judged)) => keep(app, who, statement, content, kept, &judged, storage).await,
        Err(why) => refuse(app, who, statement, why).await,
    }
}

/// Judges a signature: by itself, then by what the certification authority says. One that is the person's own is kept before
/// anybody is asked about it. Gives its evidence, on which hangs all that it is judged by.
async fn judge<W: Actor>(
    app: &App,
    who: W,
    statement: &Statement,
    signatory: Option<Signatory>,
    content: &[u8],
    signature: &[u8],
) -> Result<(Uuid, Judged), Why> {
    let signatory = signatory.ok_or(SignatureRefusal::AnotherPerson)?;
    let given = judging::Given { statement, signatory: &signatory, content };
    let message = judging::read(signature)?;
    let alone = judging::alone(app, &given, &message)?;
    let mut op = app.begin(who).await?;
    let exhibit = Exhibit {
        kind: "signature",
        subject: statement.purpose.subject,
        object: Some(statement.id),
        media_type: "application/cms",
        bytes: signature,
    };
    let kept = evidence::store(&mut op, exhibit).await?.id;
    op.commit().await?;
    Ok((kept, alone.confirmed(kept).await?))
}

/// Spends the statement: what was signed and what it was judged by are stored, then the signature is a proof.
async fn keep<W: Actor>(
    app: &App,
    who: W,
    statement: &Statement,
    (media_type, content): (&'static str, Vec<u8>),
    signature: Uuid,
    judged: &Judged,
    storage: Option<&str>,
) -> Result<()> {
    let purpose = &statement.purpose;
    let mut op = app.begin(who).await?;
    spend(&mut op, statement.id).await?;
    let chain = ("signature:certificates", "application/pem-certificate-chain", judged.chain.as_bytes());
    let lists = judged.lists.iter().map(|list| ("signature:list", "application/pkix-crl", list.as_slice()));
    for (kind, media_type, bytes) in
        [("signature:content", media_type, content.as_slice()), chain].into_iter().chain(lists)
    {
        let (subject, object) = (purpose.subject, Some(signature));
        evidence::store(&mut op, Exhibit { kind, subject, object, media_type, bytes }).await?;
    }
    let storage = storage.filter(|name| is_name(name));
    let verdict = json!({
        "signature": "holds", "statement": statement.id, "way": statement.way.code(), "storage": storage,
        "card_or_token": storage.map(|name| name != FILE), "judged_at": judged.at.to_string(),
        "nonce": hex(&judged.nonce), "signer": judged.signer,
    });
    witness(&mut op, "signature:verdict", purpose, Some(signature), verdict).await?;
    prove(&mut op, purpose, ProofKind::DigitalSignature, signature).await?;
    op.commit().await
}

/// What NCALayer calls a key in a file.
const FILE: &str = "PKCS12";

/// A storage as NCALayer names them.
fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Spends the statement, in the transaction of its proof.
async fn spend(op: &mut Context, id: Uuid) -> Result<()> {
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let spent = sqlx::query!(
        "update signing set spent_at = $3 where tenant_id = $1 and id = $2 and spent_at is null and expires_at > $3",
        tenant,
        id,
        now as _,
    )
    .execute(op.db())
    .await?;
    if spent.rows_affected() == 0 { Err(SignatureRefusal::Spent.at("signature")) } else { Ok(()) }
}

/// The person does not want to.
pub(super) async fn decline<W: Actor>(app: &App, who: W, statement: &Statement) -> Result<()> {
    refuse(app, who, statement, SignatureRefusal::Cancelled.into()).await
}

/// Remembers why, for the page that waits and for the audit trail.
async fn refuse<W: Actor>(app: &App, who: W, statement: &Statement, why: Why) -> Result<()> {
    let Why { no, reason } = why;
    let No::Refusal(refusal) = &no else { return Err(no) };
    let mut op = app.begin(who).await?;
    let tenant = op.tenant;
    sqlx::query!(
        "update signing set refused = $3 where tenant_id = $1 and id = $2",
        tenant,
        statement.id,
        refusal.code
    )
    .execute(op.db())
    .await?;
    let about = json!({ "statement": statement.id, "refusal": refusal.code, "reason": reason.map(eds::Reason::code) });
    audit::record(&mut op, "signature.refused", Some(statement.purpose.subject), &about).await?;
    op.commit().await?;
    Err(no)
}

/// Whose certificate a signature has to be made with.
struct Signatory {
    iin: Iin,
    /// The legal entity for which they sign.
    entity: Option<Bin>,
}

/// Who has to sign: the client, for themselves or for an entity, or whose registration it is (Rules cl.
/// [6.a](lending::law::CL_6_A), [6.b](lending::law::CL_6_B)). Nobody, where somebody recovers what never was.
async fn signatory(op: &mut Context, statement: &Statement) -> Result<Option<Signatory>> {
    let tenant = op.tenant;
    let iin = sqlx::query_scalar!(
        "select iin as \"iin!\" from client where tenant_id = $1 and id = $2
         union all select iin from registration where tenant_id = $1 and id = $2",
        tenant,
        statement.purpose.subject
    )
    .fetch_optional(op.db())
    .await?;
    iin.map(|iin| {
        let iin = Iin::parse(&iin).map_err(|_| Fault::new("a stored IIN is not one"))?;
        Ok(Signatory { iin, entity: statement.bin.clone() })
    })
    .transpose()
}
