//! Whether a living person is before the camera: turns of the head, in an order drawn here (Rules cl.
//! [35.2](lending::law::CL_35_2), [35.3](lending::law::CL_35_3), [11](lending::law::CL_11)).
//!
//! 1. [`begin`] draws order, pauses and a nonce, for one person, session, operation and object, for a minute.
//! 2. [`frame`] takes small pictures one by one and says what to do next; each is judged when it arrives, and no
//!    picture counts twice, ever. 3. The photo that follows ([`Photo::ending`](super::Photo::ending)) has to be of the same
//!    sitting; with it the challenge is spent, in the transaction that stores the photo.
//!
//! Of frames only hashes and measures are kept. What this stops and what it does not: `docs/handbook/face.md`.

use std::{io::Cursor, time::Duration};

use face::{
    Eyes, Picture, Seen,
    challenge::{Break, Course, FRAMES_MAX, Hint, LIFE_MS, NoPhoto, Order, Verdict},
    gate::Fault as FaceFault,
};
use image::{ImageFormat, ImageReader, Limits};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use lending::iin::Iin;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use super::Purpose;
use crate::{
    App, attempts, audit, evidence,
    op::{Actor, Context},
    password::Busy,
    refusal::{No, Refusal, Result, refusals},
    sessions::{Origin, Token},
    vault::{Hash, hex, sha256},
};

refusals! {
    /// Why a face is not looked at any further.
    FaceRefusal {
        /// This installation has no models to look with.
        NoEyes = "face-no-models" Unavailable,
        /// No provider looks at faces for this installation.
        NoProvider = "face-no-provider" Unavailable,
        /// The provider is not done.
        Pending = "face-pending" Conflict,
        /// A photo from a file is not taken here.
        LiveOnly = "face-live-only" Invalid CL_35_2,
        /// The challenge is unknown, over, spent, or somebody else's.
        Spent = "face-challenge-spent" Conflict CL_11,
        /// A picture that was shown before.
        Replayed = "face-replayed" Conflict CL_11,
        /// It took too long.
        Late = "face-late" Conflict,
        /// The face was lost from sight.
        Lost = "face-lost" Conflict,
        /// Another turn than the one asked for, or too early.
        Other = "face-other-turn" Conflict CL_35_3,
        /// Not one face throughout.
        Cut = "face-cut" Conflict CL_35_3,
        /// The turns are not done.
        NotDone = "face-not-done" Conflict CL_35_3,
        /// No face.
        Nobody = "face-nobody" Invalid CL_6_A,
        /// More than one face.
        Several = "face-several" Invalid CL_6_A,
        /// Too far away.
        Far = "face-far" Invalid CL_6_A,
        /// Too near, or cut off.
        Near = "face-near" Invalid CL_6_A,
        /// Not in the oval.
        Aside = "face-aside" Invalid CL_6_A,
        /// Not straight at the camera.
        Turned = "face-turned" Invalid CL_6_A,
        /// Eyes shut.
        EyesShut = "face-eyes-shut" Invalid CL_6_A,
        /// Mouth open.
        MouthOpen = "face-mouth-open" Invalid CL_6_A,
        /// A plain smile.
        Smiling = "face-smiling" Invalid CL_6_A,
        /// Too dark.
        Dark = "face-dark" Invalid CL_6_A,
        /// Too bright.
        Bright = "face-bright" Invalid CL_6_A,
        /// Half in the shadow.
        Shadow = "face-shadow" Invalid CL_6_A,
        /// Not sharp.
        Blurred = "face-blurred" Invalid CL_6_A,
        /// Dark background.
        Background = "face-background" Invalid CL_6_A,
    }
}

impl From<FaceFault> for FaceRefusal {
    fn from(fault: FaceFault) -> Self {
        match fault {
            FaceFault::Nobody => Self::Nobody,
            FaceFault::Several => Self::Several,
            FaceFault::Far => Self::Far,
            FaceFault::Near => Self::Near,
            FaceFault::Aside => Self::Aside,
            FaceFault::Turned => Self::Turned,
            FaceFault::EyesShut => Self::EyesShut,
            FaceFault::MouthOpen => Self::MouthOpen,
            FaceFault::Smiling => Self::Smiling,
            FaceFault::Dark => Self::Dark,
            FaceFault::Bright => Self::Bright,
            FaceFault::Shadow => Self::Shadow,
            FaceFault::Blurred => Self::Blurred,
            FaceFault::Background => Self::Background,
        }
    }
}

impl From<Break> for FaceRefusal {
    fn from(why: Break) -> Self {
        match why {
            Break::Late | Break::TooMany => Self::Late,
            Break::Lost => Self::Lost,
            Break::Other | Break::Early => Self::Other,
            Break::Cut | Break::Another => Self::Cut,
        }
    }
}

/// How faces are looked at here.
#[derive(Clone)]
pub struct Faces {
    /// The models; without them photos are judged by the IDEC alone, and there is no challenge.
    pub eyes: Option<std::sync::Arc<Eyes>>,
    /// Whether a photo from a file is taken where there is a challenge. The Rules ask for protection from stills where
    /// the face is a factor (cl. [35.3](lending::law::CL_35_3)); for identification through the IDEC (cl.
    /// [35.2](lending::law::CL_35_2)) its own conditions decide.
    pub files: bool,
}

impl Default for Faces {
    fn default() -> Self {
        Self { eyes: None, files: true }
    }
}

/// Most bytes of a frame.
pub const FRAME_BYTES_MAX: usize = 30 * 1024;
/// Most pixels of a frame's side.
const FRAME_SIDE_MAX: u32 = 480;
/// Frames that come sooner than this after the last are not looked at.
const FRAME_GAP_MIN: SignedDuration = SignedDuration::from_millis(80);
/// Pictures looked at at once: each is one core's work for some hundredths of a second.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// A challenge that has begun.
pub struct Begun {
    /// What each of its frames has to carry.
    pub nonce: Token,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many turns there will be.
    pub turns: usize,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub hint: Hint,
    /// Turns done.
    pub done: usize,
}

/// Begins a challenge. How often is counted by person and by device, because a failed one costs nothing else.
pub async fn begin<W: Actor>(
    app: &App,
    who: W,
    purpose: &Purpose,
    iin: &Iin,
    origin: &Origin,
) -> Result<Begun> {
    if app.faces().eyes.is_none() {
        return Err(FaceRefusal::NoEyes.into());
    }
    attempts::take(app, &attempts::CHALLENGES_PER_PERSON, iin.as_str().as_bytes()).await?;
    attempts::take(app, &attempts::CHALLENGES_PER_DEVICE, &device(origin)).await?;
    let (mut random, mut nonce) = ([0; 24], [0; 32]);
    app.chance().fill(&mut random);
    app.chance().fill(&mut nonce);
    let course = Course::new(Order::drawn(&random));
    let turns = course.order().turns().len();

    let mut op = app.begin(who).await?;
    let (tenant, id, now) = (op.tenant, op.id(), op.security_now);
    let expires_at = now + SignedDuration::from_millis(i64::from(LIFE_MS));
    sqlx::query!(
        "insert into liveness (tenant_id, id, subject_id, session_id, operation, object_sha256, nonce_sha256, course,
             last_at, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        tenant,
        id,
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        &sha256(&nonce),
        serde_json::to_value(&course)?,
        now.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    audit::record(&mut op, "liveness.begun", Some(id), &json!({ "subject": purpose.subject })).await?;
    op.commit().await?;
    Ok(Begun { nonce: Token::of(nonce), expires_at, turns })
}

/// A device at an address.
fn device(origin: &Origin) -> Vec<u8> {
    [attempts::network(&origin.address), origin.device.clone().into_bytes()].concat()
}

/// Judges the next frame: a JPEG of at most [`FRAME_BYTES_MAX`]. Every frame counts for the challenge, each that is looked at
/// for the person and the device as well; all of that before it is decoded.
pub async fn frame<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    iin: &Iin,
    origin: &Origin,
    nonce: &str,
    jpeg: Vec<u8>,
) -> Result<Step> {
    let arrived = app.clock().security_now();
    if jpeg.len() > FRAME_BYTES_MAX {
        return Err(super::IdentityRefusal::PhotoTooLarge.into());
    }
    let mut op = app.begin(who.clone()).await?;
    let row = open(&mut op, purpose, nonce).await?;
    if row.frames >= i32::from(FRAMES_MAX) {
        let why = Break::TooMany;
        end(&mut op, row.id, purpose, &row.course, "broken", &json!({ "why": why })).await?;
        op.commit().await?;
        return Err(FaceRefusal::from(why).into());
    }
    let early = row.frames > 0 && arrived.duration_since(row.last_at) < FRAME_GAP_MIN;
    let looked_at = if early { row.last_at } else { arrived };
    store(&mut op, row.id, &row.course, row.frames + 1, looked_at).await?;
    op.commit().await?;
    if early {
        return Ok(standing(&row.course));
    }
    attempts::take(app, &attempts::FRAMES_PER_PERSON, iin.as_str().as_bytes()).await?;
    attempts::take(app, &attempts::FRAMES_PER_DEVICE, &device(origin)).await?;
    let hash = sha256(&jpeg);
    let seen = look(app, move || small(&jpeg)).await?;

    let mut op = app.begin(who).await?;
    let Row { id, mut course, frames, created_at, .. } = open(&mut op, purpose, nonce).await?;
    let at_ms = since(created_at, arrived);
    match remember(&mut op, id, &hash, at_ms, &seen).await? {
        Shown::First => {}
        // A camera that has no new picture yet: nothing is gained by it, and nothing lost.
        Shown::Here => return Ok(standing(&course)),
        Shown::Elsewhere => {
            end(&mut op, id, purpose, &course, "replayed", &json!({ "frame": hex(&hash) })).await?;
            op.commit().await?;
            return Err(FaceRefusal::Replayed.into());
        }
    }
    let verdict = course.frame(at_ms, &seen);
    store(&mut op, id, &course, frames, arrived).await?;
    match verdict {
        Verdict::Go(hint) => {
            op.commit().await?;
            Ok(Step { hint, done: course.done() })
        }
        Verdict::Broken(why) => {
            end(&mut op, id, purpose, &course, "broken", &json!({ "why": why })).await?;
            op.commit().await?;
            Err(FaceRefusal::from(why).into())
        }
    }
}

/// A photo that ends a challenge: judged, and the challenge spent with it. Gives the record's evidence.
pub(super) async fn spend(
    op: &mut Context,
    purpose: &Purpose,
    nonce: &str,
    arrived: Timestamp,
    seen: &Seen,
    photo: &Hash,
) -> Result<Spent> {
    let Row { id, mut course, frames, created_at, .. } = open(op, purpose, nonce).await?;
    let at_ms = since(created_at, arrived);
    if !matches!(remember(op, id, photo, at_ms, seen).await?, Shown::First) {
        return Ok(Spent::No(FaceRefusal::Replayed.at("photo")));
    }
    let judged = course.photo(at_ms, seen);
    store(op, id, &course, frames, arrived).await?;
    match judged {
        Ok(()) => {
            let stored = end(op, id, purpose, &course, "spent", &json!({ "photo": hex(photo) })).await?;
            Ok(Spent::Yes(stored))
        }
        Err(NoPhoto::NotYet) => Ok(Spent::No(FaceRefusal::NotDone.at("photo"))),
        Err(NoPhoto::Faults(faults)) => {
            let first = faults.first().copied().unwrap_or(FaceFault::Nobody);
            Ok(Spent::No(FaceRefusal::from(first).at("photo")))
        }
        Err(NoPhoto::Broken(why)) => {
            end(op, id, purpose, &course, "broken", &json!({ "why": why })).await?;
            Ok(Spent::No(FaceRefusal::from(why).at("photo")))
        }
    }
}

/// What a photo did to its challenge; either way the transaction has to be kept.
pub(super) enum Spent {
    /// It is passed and spent; the record of it.
    Yes(evidence::Stored),
    /// It is not.
    No(No),
}

/// Looks at what `read` reads, on another thread and not on too many at once.
pub(super) async fn look(app: &App, read: impl FnOnce() -> Option<Picture> + Send + 'static) -> Result<Seen> {
    let eyes = app.faces().eyes.clone().ok_or(FaceRefusal::NoEyes)?;
    let turn = timeout(Duration::from_secs(5), LOOKING.acquire()).await;
    let _turn = turn.map_err(|_| Refusal::from(Busy::Now))?.map_err(crate::refusal::Fault::new)?;
    let seen = tokio::task::spawn_blocking(move || read().map(|picture| eyes.look(&picture))).await?;
    seen.ok_or_else(|| super::IdentityRefusal::PhotoUnreadable.into())
}

fn small(jpeg: &[u8]) -> Option<Picture> {
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_image_width = Some(FRAME_SIDE_MAX);
    limits.max_image_height = Some(FRAME_SIDE_MAX);
    reader.limits(limits);
    picture(reader.decode().ok()?.into_rgb8())
}

/// Pixels, as `face` takes them.
pub(super) fn picture(image: image::RgbImage) -> Option<Picture> {
    let (width, height) = (usize::try_from(image.width()).ok()?, usize::try_from(image.height()).ok()?);
    Picture::new(width, height, image.into_raw()).ok()
}

struct Row {
    id: Uuid,
    course: Course,
    frames: i32,
    last_at: Timestamp,
    created_at: Timestamp,
}

/// The challenge of a nonce, if it is for this and goes on; locked.
async fn open(op: &mut Context, purpose: &Purpose, nonce: &str) -> Result<Row> {
    let nonce = Token::parse(nonce).ok_or(FaceRefusal::Spent)?;
    let (tenant, now) = (op.tenant, op.security_now_sql());
    let row = sqlx::query!(
        "select id, course, frames, last_at, created_at from liveness
         where tenant_id = $1 and nonce_sha256 = $2 and subject_id = $3 and session_id = $4 and operation = $5
           and object_sha256 = $6 and ended is null and expires_at > $7
         for update",
        tenant,
        &nonce.hash(),
        purpose.subject,
        purpose.session,
        purpose.operation.code(),
        &purpose.object,
        now as _,
    )
    .fetch_optional(op.db())
    .await?
    .ok_or(FaceRefusal::Spent)?;
    Ok(Row {
        id: row.id,
        course: serde_json::from_value(row.course)?,
        frames: row.frames,
        last_at: row.last_at.into(),
        created_at: row.created_at.into(),
    })
}

async fn store(op: &mut Context, id: Uuid, course: &Course, frames: i32, at: Timestamp) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update liveness set course = $3, frames = $4, last_at = $5 where tenant_id = $1 and id = $2",
        tenant,
        id,
        serde_json::to_value(course)?,
        frames,
        at.to_sqlx() as _,
    )
    .execute(op.db())
    .await?;
    Ok(())
}

enum Shown {
    First,
    Here,
    Elsewhere,
}

async fn remember(op: &mut Context, id: Uuid, hash: &Hash, at_ms: u32, seen: &Seen) -> Result<Shown> {
    let tenant = op.tenant;
    let at_ms = i32::try_from(at_ms).unwrap_or(i32::MAX);
    let seen = serde_json::to_value(seen)?;
    let fresh = sqlx::query!(
        "insert into liveness_frame (tenant_id, sha256, liveness_id, at_ms, seen) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, sha256) do nothing",
        tenant,
        hash,
        id,
        at_ms,
        seen,
    )
    .execute(op.db())
    .await?;
    if fresh.rows_affected() == 1 {
        return Ok(Shown::First);
    }
    let of = sqlx::query_scalar!(
        "select liveness_id from liveness_frame where tenant_id = $1 and sha256 = $2",
        tenant,
        hash,
    )
    .fetch_one(op.db())
    .await?;
    Ok(if of == id { Shown::Here } else { Shown::Elsewhere })
}

/// Ends a challenge for good, with a record of all that was shown, as hashes and measures.
async fn end(
    op: &mut Context,
    id: Uuid,
    purpose: &Purpose,
    course: &Course,
    how: &str,
    result: &Value,
) -> Result<evidence::Stored> {
    let tenant = op.tenant;
    let frames = sqlx::query!(
        "select sha256, at_ms, seen from liveness_frame where tenant_id = $1 and liveness_id = $2 order by at_ms",
        tenant,
        id
    )
    .fetch_all(op.db())
    .await?;
    let frames: Vec<Value> = frames
        .into_iter()
        .map(|frame| {
            let hash: Hash = frame.sha256.try_into().unwrap_or_default();
            json!({ "at_ms": frame.at_ms, "sha256": hex(&hash), "seen": frame.seen })
        })
        .collect();
    let record = json!({
        "challenge": id, "subject": purpose.subject, "operation": purpose.operation.code(),
        "object": hex(&purpose.object), "order": course.order(), "ended": how, "result": result, "frames": frames,
    });
    let stored = evidence::witness(op, "liveness", purpose.subject, Some(id), &record).await?;
    sqlx::query!(
        "update liveness set ended = $3, evidence_id = $4 where tenant_id = $1 and id = $2",
        tenant,
        id,
        how,
        stored.id
    )
    .execute(op.db())
    .await?;
    let about = json!({ "subject": purpose.subject, "ended": how, "result": result, "done": course.done() });
    audit::record(op, "liveness.ended", Some(id), &about).await?;
    Ok(stored)
}

fn since(then: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(now.duration_since(then).as_millis()).unwrap_or(if now < then { 0 } else { u32::MAX })
}

/// What is to be done, of a challenge that was shown nothing new.
fn standing(course: &Course) -> Step {
    Step { hint: course.hint(), done: course.done() }
}
