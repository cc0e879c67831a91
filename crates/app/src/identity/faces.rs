//! Photos, and biometric identification through the IDEC (Rules cl. [6.a](lending::law::CL_6_A),
//! [6.c](lending::law::CL_6_C), [35.2](lending::law::CL_35_2)).
//!
//! A photo is taken in by limits first: bytes, then the pixels its header claims, and only then decoded;
//! one at a time, because a decoded photo is large. What goes on is our own encoding of what was seen
//! (nothing hides in it, no place or device); the original is kept as evidence (cl. 34).
//!
//! Before the IDEC is asked, the photo is judged here: it is of one face that looks straight, with open eyes and closed
//! mouth, in good light ([`face::gate`]), and, unless it may come from a file, it ends a challenge ([`super::liveness`]).

use std::{io::Cursor, time::Duration};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use lending::{confirmation::ProofKind, iin::Iin};
use ports::{Identification, Identified, Names, Sitting};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use super::{
    IdentityRefusal, Purpose,
    liveness::{self, FaceRefusal, Spent},
    prove, registration, witness,
};
use crate::{
    App, attempts,
    evidence::{self, Exhibit},
    inquiry::{self, Inquiry},
    op::{Actor, Context, missing},
    password::Busy,
    refusal::{Fault, No, Refusal, Result},
    vault::sha256,
};

/// Most bytes of a photo.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most pixels of a photo: phones take 12 to 24 million.
const PIXELS_MAX: u64 = 25_000_000;
/// Fewest pixels of a photo's shorter side.
const SIDE_MIN: u32 = 240;
/// Longest side of what goes on.
const SIDE_KEPT: u32 = 1280;

static DECODING: Semaphore = Semaphore::const_new(1);

/// A photo that was taken in.
pub struct Photo {
    original: Vec<u8>,
    media_type: &'static str,
    jpeg: Vec<u8>,
    pixels: image::RgbImage,
    nonce: Option<String>,
}

impl Photo {
    /// The same photo, as the end of the liveness challenge with this nonce. Without one it is a photo from a file.
    #[must_use]
    pub fn ending(mut self, nonce: &str) -> Self {
        self.nonce = (!nonce.is_empty()).then(|| nonce.to_owned());
        self
    }

    /// Takes a photo in: see the module.
    pub async fn take(bytes: Vec<u8>) -> Result<Self> {
        if bytes.len() > BYTES_MAX {
            return Err(IdentityRefusal::PhotoTooLarge.at("photo"));
        }
        let turn = timeout(Duration::from_secs(10), DECODING.acquire()).await;
        let _turn = turn.map_err(|_| Refusal::from(Busy::Now))?.map_err(Fault::new)?;
        tokio::task::spawn_blocking(move || Self::decode(bytes)).await?
    }

    /// The original bytes, and our own encoding (JPEG) of what was seen in them.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Vec<u8>) {
        (self.original, self.jpeg)
    }

    fn decode(bytes: Vec<u8>) -> Result<Self> {
        let unreadable = |_| IdentityRefusal::PhotoUnreadable.at("photo");
        let (format, media_type) = match image::guess_format(&bytes).map_err(unreadable)? {
            f @ ImageFormat::Jpeg => (f, "image/jpeg"),
            f @ ImageFormat::Png => (f, "image/png"),
            _ => return Err(IdentityRefusal::PhotoUnreadable.at("photo")),
        };
        let mut decoder =
            ImageReader::with_format(Cursor::new(&bytes), format).into_decoder().map_err(unreadable)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(IdentityRefusal::PhotoTooLarge.at("photo"));
        }
        if width.min(height) < SIDE_MIN {
            return Err(IdentityRefusal::PhotoTooSmall.at("photo"));
        }
        let orientation = decoder.orientation().map_err(unreadable)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
        if width.max(height) > SIDE_KEPT {
            image = image.resize(SIDE_KEPT, SIDE_KEPT, FilterType::Triangle);
        }
        image.apply_orientation(orientation);
        let pixels = image.into_rgb8();
        let mut jpeg = Vec::new();
        pixels
            .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 88))
            .map_err(|e| No::from(Fault::new(e)))?;
        Ok(Self { original: bytes, media_type, jpeg, pixels, nonce: None })
    }
}

/// What is remembered of the IDEC's answer.
#[derive(Serialize, Deserialize)]
struct Finding {
    known: bool,
    names_match: bool,
    document_valid: bool,
    same_face: bool,
    reference: String,
    /// Against which photo, and when.
    #[serde(default)]
    compared_with: String,
    #[serde(default)]
    at: Option<jiff::Timestamp>,
}

impl From<&Identified> for Finding {
    fn from(found: &Identified) -> Self {
        Self {
            known: found.known,
            names_match: found.names_match,
            document_valid: found.document_valid,
            same_face: found.score_ppm >= found.threshold_ppm,
            reference: found.reference.clone(),
            compared_with: found.compared_with.clone(),
            at: Some(found.at),
        }
    }
}

/// Judges a photo, and puts it to the IDEC (Rules cl. [35.2](lending::law::CL_35_2)) with the names and document to be
/// checked at the source ([6.c](lending::law::CL_6_C)).
/// Agreement on all of it becomes a proof of biometric identification.
pub async fn identify<W: Actor + Clone>(
    app: &App,
    who: W,
    purpose: &Purpose,
    person: (&Iin, &Names, &str),
    photo: Photo,
) -> Result<()> {
    attempts::take(app, &attempts::PHOTOS, purpose.subject.as_bytes()).await?;
    let (iin, names, document_number) = person;
    let arrived = app.clock().security_now();
    let Photo { original, media_type, jpeg, pixels, nonce } = photo;
    let judged = judge(app, pixels, nonce.as_deref()).await?;
    attempts::take(app, &attempts::FACES, purpose.subject.as_bytes()).await?;

    let mut op = app.begin(who.clone()).await?;
    proves_for_the_first_time(&mut op, &jpeg).await?;
    let sitting = match (&judged, &nonce) {
        (Some(seen), Some(nonce)) => {
            let hash = sha256(&original);
            match liveness::spend(&mut op, purpose, nonce, arrived, seen, &hash).await? {
                Spent::Yes(record) => Some(Sitting { id: record.id, record_sha256: record.sha256 }),
                Spent::No(why) => {
                    op.commit().await?;
                    attempts::give_back(app, &attempts::FACES, purpose.subject.as_bytes()).await?;
                    return Err(why);
                }
            }
        }
        _ => None,
    };
    // Each points at what it belongs to, so that one leads to the others years later: the photo at the challenge that it
    // ended, the original at the photo.
    let exhibit = |kind, object, media_type, bytes| Exhibit {
        kind,
        subject: purpose.subject,
        object,
        media_type,
        bytes,
    };
    let ended = sitting.as_ref().map(|sitting| sitting.id);
    let stored = evidence::store(&mut op, exhibit("photo", ended, "image/jpeg", &jpeg)).await?;
    let whose = Some(stored.id);
    evidence::store(&mut op, exhibit("photo:original", whose, media_type, &original)).await?;
    let consent_sha256 = consent(&mut op, purpose.subject, iin).await?;
    op.commit().await?;

    // The photo is the object: another photo is another question.
    let inquiry = Inquiry { port: "idec", subject: purpose.subject, object: stored.id };
    let idec = &app.ports().idec;
    let question = |request| {
        idec.identify(Identification {
            request,
            iin,
            names,
            document_number,
            photo_jpeg: &jpeg,
            sitting,
            consent_sha256,
        })
    };
    let (found, answer) = inquiry::ask(app, &inquiry, question, |found| Finding::from(found)).await?;
    if !found.known || !found.names_match {
        return Err(IdentityRefusal::NamesDiffer.at("photo"));
    }
    if !found.document_valid {
        return Err(IdentityRefusal::DocumentDiffers.at("photo"));
    }
    if !found.same_face {
        return Err(IdentityRefusal::FaceDiffers.at("photo"));
    }
    let mut op = app.begin(who).await?;
    proves_for_the_first_time(&mut op, &jpeg).await?;
    let statement = json!({ "face": "agreed", "iin": iin.as_str(), "photo": stored.id, "liveness": ended });
    witness(&mut op, "proof:face", purpose, Some(answer), statement).await?;
    prove(&mut op, purpose, ProofKind::BiometricIdentification, answer).await?;
    registration::keep_photo(&mut op, purpose.subject, stored.id).await?;
    op.commit().await
}

/// A photo that proved something proves nothing again, for nobody ([`lending::law::CL_11`]): what was recorded once is
/// worth nothing. By the pixels, not the file, so that a byte added to it makes no new photo. One that proved nothing,
/// because nobody answered, may be sent again. Two at once wait for each other.
async fn proves_for_the_first_time(op: &mut Context, jpeg: &[u8]) -> Result<()> {
    let hash = sha256(jpeg);
    let [a, b, c, d, e, f, g, h, ..] = hash;
    let tenant = op.tenant;
    sqlx::query!("select pg_advisory_xact_lock($1)", i64::from_be_bytes([a, b, c, d, e, f, g, h]))
        .execute(op.db())
        .await?;
    let proved = sqlx::query_scalar!(
        r#"select exists (select from evidence e
               join inquiry i on i.tenant_id = e.tenant_id and i.object_id = e.id
               join proof p on p.tenant_id = i.tenant_id and p.evidence_id = i.evidence_id
               where e.tenant_id = $1 and e.kind = 'photo' and e.sha256 = $2) as "proved!""#,
        tenant,
        &hash,
    )
    .fetch_one(op.db())
    .await?;
    if proved { Err(IdentityRefusal::PhotoUsed.at("photo")) } else { Ok(()) }
}

/// What is seen in a photo; a photo from a file has to be good by itself. Nothing, where there are no models.
async fn judge(app: &App, pixels: image::RgbImage, nonce: Option<&str>) -> Result<Option<face::Seen>> {
    if app.faces().eyes.is_none() {
        return match nonce {
            Some(_) => Err(FaceRefusal::NoEyes.at("photo")),
            None => Ok(None),
        };
    }
    if nonce.is_none() && !app.faces().files {
        return Err(FaceRefusal::LiveOnly.at("photo"));
    }
    let seen = liveness::look(app, move || liveness::picture(pixels)).await?;
    let faults =
        if nonce.is_none() { face::gate::faults(&seen, face::gate::Taken::Anyhow) } else { Vec::new() };
    match faults.first() {
        Some(fault) => Err(FaceRefusal::from(*fault).at("photo")),
        None => Ok(Some(seen)),
    }
}

/// The hash of the consent under which somebody's face is compared: given at registration, as shown.
async fn consent(op: &mut Context, subject: Uuid, iin: &Iin) -> Result<[u8; 32]> {
    let tenant = op.tenant;
    let hash = sqlx::query_scalar!(
        "select e.sha256 from acknowledgement a
         join evidence e on e.tenant_id = a.tenant_id and e.id = a.evidence_id
         join registration r on r.tenant_id = a.tenant_id and r.id = a.object_id
         where a.tenant_id = $1 and a.kind = 'consent:personal-data' and r.iin = $3
           and (r.id = $2 or r.client_id is not null)
         order by a.created_at desc limit 1",
        tenant,
        subject,
        iin.as_str()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("the consent of", subject))?;
    hash.try_into().map_err(|_| Fault::new("a hash of the wrong length").into())
}
