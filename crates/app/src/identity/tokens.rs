//! Tokens that make one-time codes (Rules cl. [35.3](lending::law::CL_35_3), possession): an application on a phone by
//! time (RFC 6238), a hardware token by counting (RFC 4226).
//!
//! Each code is taken once: the token's moment, the first step or count not taken yet, only grows. Guesses are
//! counted, and stay counted, before anything is compared, wherever a code is tried, for a quarter of an hour and for thirty
//! days ([`Guesses`]): six digits do not hold for ever. Secrets are sealed.

pub(crate) mod otp;

use jiff::Timestamp;
use lending::confirmation::{Factor, ProofKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{IdentityRefusal, Purpose, prove, witness};
use crate::{
    App,
    attempts::{Guessed, Guesses},
    audit,
    op::{Actor, Context, Op},
    organization,
    refusal::{Fault, Result},
    sessions::Client,
    vault::{Sealed, same},
};

/// By what a token makes its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// By the time (RFC 6238).
    Totp,
    /// By counting (RFC 4226).
    Hotp,
}

impl TokenKind {
    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        [Self::Totp, Self::Hotp].into_iter().find(|kind| kind.code() == code)
    }

    /// The moments whose codes are taken: one step to either side of now (RFC 6238 §5.2), or the next few counts (RFC
    /// 4226 §7.4).
    fn window(self, from: u64, now: Timestamp) -> std::ops::Range<u64> {
        match self {
            Self::Totp => {
                let step = step_at(now);
                from.max(step.saturating_sub(1))..step + 2
            }
            Self::Hotp => from..from + LOOK_AHEAD,
        }
    }
}

/// Counts that a button may have been pressed in vain.
const LOOK_AHEAD: u64 = 10;
/// Counts searched where two codes in a row must agree (RFC 4226 §7.4).
const LOOK_FAR: u64 = 1_000;
/// Most tokens of a client.
pub(super) const TOKENS_MAX: usize = 5;
fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.as_second() / otp::STEP_SECONDS).unwrap_or_default()
}

/// A token as its client sees it.
pub struct Listed {
    /// Id.
    pub id: Uuid,
    /// By what it makes its codes.
    pub kind: TokenKind,
    /// What the client calls it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

struct Token {
    listed: Listed,
    secret: Vec<u8>,
    moment: u64,
}

async fn tokens(op: &mut Context, client: Uuid) -> Result<Vec<Token>> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        "select id, kind, name, key_version, nonce, sealed, moment, created_at from token
         where tenant_id = $1 and client_id = $2 and removed_at is null order by created_at, id",
        tenant,
        client
    )
    .fetch_all(op.db())
    .await?;
    rows.into_iter()
        .map(|r| {
            let sealed = Sealed { key_version: r.key_version, nonce: r.nonce, bytes: r.sealed };
            let kind = TokenKind::by_code(&r.kind).ok_or_else(|| Fault::new("an unknown kind of token"))?;
            Ok(Token {
                secret: op.app.vault().open("token", r.id, &sealed)?,
                moment: u64::try_from(r.moment).unwrap_or_default(),
                listed: Listed { id: r.id, kind, name: r.name, created_at: r.created_at.into() },
            })
        })
        .collect()
}

/// The client's tokens, oldest first.
pub async fn list(op: &mut Op<Client>) -> Result<Vec<Listed>> {
    let client = op.who.id.uuid();
    Ok(tokens(op, client).await?.into_iter().map(|token| token.listed).collect())
}

/// Whether the client has a token.
pub(super) async fn any(op: &mut Context, client: Uuid) -> Result<bool> {
    Ok(!tokens(op, client).await?.is_empty())
}

/// Keeps a token that has shown two codes.
pub(super) async fn keep(
    op: &mut Context,
    client: Uuid,
    (kind, name, secret): (TokenKind, &str, &[u8]),
    moment: i64,
) -> Result<Uuid> {
    if tokens(op, client).await?.len() >= TOKENS_MAX {
        return Err(IdentityRefusal::TooManyTokens.into());
    }
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    let app = op.app.clone();
    let sealed = app.vault().seal(app.chance(), "token", id, secret)?;
    sqlx::query!(
        "insert into token (tenant_id, id, client_id, kind, name, key_version, nonce, sealed, moment, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        client,
        kind.code(),
        name,
        sealed.key_version,
        sealed.nonce,
        sealed.bytes,
        moment,
        now as _,
    )
    .execute(op.db())
    .await?;
    Ok(id)
}

/// Gives a token up: its codes are worth nothing from here on.
pub(super) async fn remove(op: &mut Context, client: Uuid, token: Uuid) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now_sql());
    let removed = sqlx::query!(
        "update token set removed_at = $4 where tenant_id = $1 and client_id = $2 and id = $3 and removed_at is null",
        tenant,
        client,
        token,
        now as _,
    )
    .execute(op.db())
    .await?;
    if removed.rows_affected() == 0 {
        return Err(IdentityRefusal::NoSuchToken.into());
    }
    Ok(())
}

/// Takes a code of any token of the client. The right one becomes a proof; a used, late or guessed-at one does not
/// ([`lending::law::CL_11`]). `guesses` is what it is counted by.
pub(super) async fn take<W: Actor + Clone>(
    app: &App,
    who: &W,
    purpose: &Purpose,
    client: Uuid,
    guesses: &Guesses,
    given: &str,
) -> Result<()> {
    guesses.take(app).await?;
    let given = plain(given);
    let mut op = app.begin(who.clone()).await?;
    let now = op.security_now;
    let agreed = tokens(&mut op, client).await?.into_iter().find_map(|token| {
        let mut window = token.listed.kind.window(token.moment, now);
        let at = window.find(|at| same(otp::code(&token.secret, *at).as_bytes(), given.as_bytes()))?;
        Some((token, at))
    });
    let Some((token, at)) = agreed else {
        let about = json!({ "operation": purpose.operation.code() });
        audit::record(&mut op, "token.wrong", Some(purpose.subject), &about).await?;
        op.commit().await?;
        return Err(IdentityRefusal::TokenCodeWrong.at("token"));
    };
    if !spend(&mut op, token.listed.id, at).await? {
        return Err(IdentityRefusal::TokenCodeWrong.at("token"));
    }
    let statement = json!({ "token": token.listed.id, "moment": at });
    let stored = witness(&mut op, "proof:token", purpose, None, statement).await?;
    prove(&mut op, purpose, ProofKind::Factor(Factor::Token), stored.id).await?;
    op.commit().await?;
    guesses.forget(app).await
}

/// Takes the code of a moment away for ever. `false`: somebody else was quicker.
async fn spend(op: &mut Context, token: Uuid, at: u64) -> Result<bool> {
    let (tenant, at) = (op.tenant, i64::try_from(at).map_err(Fault::new)?);
    let spent = sqlx::query!(
        "update token set moment = $3 + 1 where tenant_id = $1 and id = $2 and moment <= $3 and removed_at is null",
        tenant,
        token,
        at,
    )
    .execute(op.db())
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// The moment after two codes in a row, if the secret makes them: of a clock within a step of now, of a counter within the
/// next thousand counts.
pub(super) fn two_in_a_row(
    kind: TokenKind,
    secret: &[u8],
    from: u64,
    now: Timestamp,
    (first, second): (&str, &str),
) -> Option<i64> {
    let (first, second) = (plain(first), plain(second));
    let window = match kind {
        // The first may have been read a while before the second was typed.
        TokenKind::Totp => from.max(step_at(now).saturating_sub(3))..step_at(now) + 2,
        TokenKind::Hotp => from..from + LOOK_FAR,
    };
    let agrees = |at: u64, given: &str| same(otp::code(secret, at).as_bytes(), given.as_bytes());
    let at = window.into_iter().find(|at| agrees(*at, &first) && agrees(at + 1, &second))?;
    i64::try_from(at + 2).ok()
}

/// Finds a hardware token's counter again by two codes in a row (RFC 4226 §7.4). It only moves forward, so nothing that was
/// used is worth anything again.
pub async fn resynchronise(app: &App, who: Client, token: Uuid, first: &str, second: &str) -> Result<()> {
    let client = who.id.uuid();
    let guesses = Guesses::of_subject(&organization::policy(app).await?, Guessed::Token, client);
    guesses.take(app).await?;
    let mut op = app.begin(who).await?;
    let now = op.security_now;
    let known = tokens(&mut op, client).await?.into_iter().find(|one| one.listed.id == token);
    let known = known.ok_or(IdentityRefusal::NoSuchToken)?;
    let found = two_in_a_row(known.listed.kind, &known.secret, known.moment, now, (first, second));
    let Some(moment) = found else {
        audit::record(&mut op, "token.wrong", Some(client), &json!({ "token": token })).await?;
        op.commit().await?;
        return Err(IdentityRefusal::TokenCodeWrong.at("first"));
    };
    if !spend(&mut op, token, u64::try_from(moment - 1).unwrap_or_default()).await? {
        return Err(IdentityRefusal::TokenCodeWrong.at("first"));
    }
    audit::record(&mut op, "token.resynchronised", Some(client), &json!({ "token": token })).await?;
    op.commit().await?;
    guesses.forget(app).await
}

fn plain(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).take(12).collect()
}
