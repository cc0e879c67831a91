//! Keys by which what is sent a second time has no second effect (Rules cl. [11](lending::law::CL_11)).
//!
//! Most of what a client sends cannot be repeated: its proofs are spent, or the state of things has moved on. Two things
//! could be in a living session: an application when none is under way, and the wish to repay early. Each carries a key.
//! The first stores it with what it made, in one transaction; the table's primary key lets no second one in. Who sends the
//! same again is told what the first made, and who sends something else with it is refused.
//!
//! A page draws the key for each form it shows, marked for the party, the deed and what it is about: no other serves. A
//! program draws its own (`Idempotency-Key`). A key is kept as long as what it made, so it never begins to serve again.

use std::ops::RangeInclusive;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    App,
    id::Id,
    loans::Loan,
    op::Op,
    refusal::{Refusal, Result, refusals},
    sessions::Client,
    vault::{Hash, same, sha256},
};

refusals! {
    /// Keys that serve once.
    OnceRefusal {
        /// There is no key.
        Missing = "idempotency-key-missing" Invalid CL_11,
        /// It is too short, too long, or of other characters.
        Malformed = "idempotency-key-malformed" Invalid CL_11,
        /// It came before with something else.
        Reused = "idempotency-key-reused" Conflict CL_11,
    }
}

/// How long a key is, in characters: ASCII letters, digits, `-` and `_`.
pub const LENGTH: RangeInclusive<usize> = 16..=128;
/// Random bytes of a key drawn for a form.
const DRAWN_BYTES: usize = 16;

/// What is done once by a key.
#[derive(Clone, Copy)]
pub enum Deed {
    /// Applying for a credit.
    Apply,
    /// Wishing to repay a loan early.
    RepayEarly(Id<Loan>),
}

impl Deed {
    /// As stored.
    fn code(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::RepayEarly(_) => "repay-early",
        }
    }

    /// What it is about, where that is not new.
    fn object(self) -> Uuid {
        match self {
            Self::Apply => Uuid::nil(),
            Self::RepayEarly(loan) => loan.uuid(),
        }
    }
}

/// A key that serves once. Only its hash is kept.
#[derive(Clone)]
pub struct Key(Hash);

impl Key {
    /// A key as a program drew it.
    ///
    /// # Errors
    /// [`OnceRefusal::Missing`] for an empty one, [`OnceRefusal::Malformed`] for one that is not as [`LENGTH`] says.
    pub fn parse(text: &str) -> std::result::Result<Self, OnceRefusal> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match text {
            "" => Err(OnceRefusal::Missing),
            text if LENGTH.contains(&text.len()) && text.bytes().all(plain) => {
                Ok(Self(sha256(text.as_bytes())))
            }
            _ => Err(OnceRefusal::Malformed),
        }
    }

    /// Draws a key for a form, for this party, deed and object alone.
    #[must_use]
    pub fn draw(app: &App, who: &Client, deed: Deed) -> String {
        let mut random = [0; DRAWN_BYTES];
        app.chance().fill(&mut random);
        URL_SAFE_NO_PAD.encode([&random[..], &mark(app, who, deed, &random)].concat())
    }

    /// The key of a form, if it was drawn for this party, deed and object.
    #[must_use]
    pub fn drawn(app: &App, who: &Client, deed: Deed, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (random, marked) = bytes.split_at_checked(DRAWN_BYTES)?;
        same(marked, &mark(app, who, deed, random)).then(|| Self(sha256(text.as_bytes())))
    }
}

fn mark(app: &App, who: &Client, deed: Deed, random: &[u8]) -> Hash {
    let (party, object) = (who.party().uuid(), deed.object());
    app.vault().mark("once", &[party.as_bytes(), deed.code().as_bytes(), object.as_bytes(), random])
}

/// Claims a key for what is about to be made under the id `made`, from what was `said`. If it served before, what was made
/// then, and nothing may be made now. Who comes at the same time waits here until the other is done.
///
/// # Errors
/// [`OnceRefusal::Reused`] if something else was said then.
pub(crate) async fn claim(
    op: &mut Op<Client>,
    deed: Deed,
    key: &Key,
    said: &[&[u8]],
    made: Uuid,
) -> Result<Option<Uuid>> {
    let (tenant, party, now) = (op.tenant, op.who.party().uuid(), op.now_sql());
    let object = deed.object();
    let said = op.app.vault().mark("once-said", &[&[&object.as_bytes()[..]], said].concat());
    let claimed = sqlx::query!(
        "insert into sent_once (tenant_id, party_id, deed, key_sha256, said_mark, made, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, party_id, deed, key_sha256) do nothing",
        tenant,
        party,
        deed.code(),
        &key.0,
        &said,
        made,
        now as _,
    )
    .execute(op.db())
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let before = sqlx::query!(
        "select said_mark, made from sent_once
         where tenant_id = $1 and party_id = $2 and deed = $3 and key_sha256 = $4",
        tenant,
        party,
        deed.code(),
        &key.0,
    )
    .fetch_one(op.db())
    .await?;
    if before.said_mark == said {
        Ok(Some(before.made))
    } else {
        Err(Refusal::from(OnceRefusal::Reused).into())
    }
}
