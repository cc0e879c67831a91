//! Signing on the phone by eGov Mobile, for a legal entity by eGov Business (Rules cl. [35.1](lending::law::CL_35_1)).
//!
//! The phone reads a link from a QR code, asks us at it who wants a signature (API 1), fetches what is to be signed
//! (API 2, with a token that only API 1 tells) and sends the signature back. Link and token are marks of the statement:
//! unguessable, not stored anywhere, and dead with it. Whoever reads the code over somebody's shoulder can sign with a key
//! of their own alone, which is refused.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::signatures::{self, SignatureRefusal, Statement, Way};
use crate::{App, refusal::Result, sessions::Visitor, vault::same};

/// How often a statement may be fetched: phones fetch twice, and again after a pause.
const FETCHES_MAX: i16 = 20;

/// The last part of the link to a statement: 43 characters of base64url.
#[must_use]
pub fn link(app: &App, statement: Uuid) -> String {
    let mark = app.vault().mark("egov-mobile-link", &[statement.as_bytes()]);
    URL_SAFE_NO_PAD.encode([statement.as_bytes(), &mark[..16]].concat())
}

/// Where the phone asks us (API 1).
#[must_use]
pub fn address(domain: &str, link: &str) -> String {
    format!("https://{domain}/egov/{link}")
}

/// What the QR code says.
#[must_use]
pub fn code(address: &str) -> String {
    format!("mobileSign:{address}")
}

/// What opens the application on a phone, or the shop where it is to be had: keys of legal entities are in another
/// application. An address of ours needs no escaping but for colons and slashes.
#[must_use]
pub fn launch(address: &str, for_entity: bool) -> String {
    let address = address.replace(':', "%3A").replace('/', "%2F");
    let (page, shop, apple, android) = if for_entity {
        ("egovbusiness", "1597880144", "kz.mobile.mgov.business", "kz.mobile.mgov.business")
    } else {
        ("mgovsign", "1476128386", "kz.egov.mobile", "kz.mobile.mgov")
    };
    format!("https://{page}.page.link/?link={address}&isi={shop}&ibi={apple}&apn={android}")
}

/// What the phone shows at API 2.
#[must_use]
pub fn token(app: &App, statement: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(app.vault().mark("egov-mobile-token", &[statement.as_bytes()]))
}

/// API 1: the statement behind a link, while it waits for its signature.
pub async fn opened(app: &App, visitor: Visitor, given: &str) -> Result<Statement> {
    let id = identified(app, given).ok_or(SignatureRefusal::Spent)?;
    let now = app.clock().security_now();
    let counted = sqlx::query!(
        "update signing set fetched = fetched + 1
         where tenant_id = $1 and id = $2 and way = $3 and spent_at is null and fetched < $4 and expires_at > $5
           and exists (select 1 from session s where s.tenant_id = signing.tenant_id and s.id = signing.session_id
                       and s.ended_at is null and s.expires_at > $5)",
        app.tenant(),
        id,
        Way::EgovMobile.code(),
        FETCHES_MAX,
        now.to_sqlx() as _,
    )
    .execute(app.pool())
    .await?;
    if counted.rows_affected() == 0 {
        return Err(SignatureRefusal::Spent.into());
    }
    let mut op = app.begin(visitor).await?;
    signatures::load(&mut op, id).await?.ok_or_else(|| SignatureRefusal::Spent.into())
}

/// API 2: the statement, and media type and bytes of what is to be signed.
pub async fn to_sign(
    app: &App,
    visitor: Visitor,
    given: &str,
    shown: &str,
) -> Result<(Statement, &'static str, Vec<u8>)> {
    let statement = opened(app, visitor.clone(), given).await?;
    admitted(app, &statement, shown)?;
    let mut op = app.begin(visitor).await?;
    let (media_type, bytes) = signatures::content(&mut op, &statement).await?;
    Ok((statement, media_type, bytes))
}

/// API 2, coming back: the signature, or `None` where the person declined.
pub async fn answered(
    app: &App,
    visitor: Visitor,
    given: &str,
    shown: &str,
    signature: Option<&[u8]>,
) -> Result<()> {
    let statement = opened(app, visitor.clone(), given).await?;
    admitted(app, &statement, shown)?;
    match signature {
        Some(signature) => signatures::take(app, visitor, &statement, signature, None).await,
        None => signatures::decline(app, visitor, &statement).await,
    }
}

fn identified(app: &App, given: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(given).ok().filter(|bytes| bytes.len() == 32)?;
    let id = Uuid::from_slice(bytes.get(..16)?).ok()?;
    same(link(app, id).as_bytes(), given.as_bytes()).then_some(id)
}

fn admitted(app: &App, statement: &Statement, shown: &str) -> Result<(), SignatureRefusal> {
    let own = token(app, statement.id);
    if same(own.as_bytes(), shown.as_bytes()) { Ok(()) } else { Err(SignatureRefusal::Spent) }
}
