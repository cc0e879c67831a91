//! Biometric identification through the identification data exchange centre (IDEC) of the National
//! Payment Corporation.
//!
//! The centre's protocol is given only under contract; this is our model of it, JSON over HTTPS with the
//! fields of the port, so that an organization with the contract has one file to replace.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ports::{Answered, Idec, Identification, Identified, Silence};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, Line},
};

/// How the centre knows us.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address without the path.
    pub base_url: String,
    /// Bearer token.
    pub api_key: String,
}

/// The largest photo sent, bytes.
const PHOTO_MAX: usize = 8 << 20;
const CERTAIN_PPM: u32 = 1_000_000;

/// The adapter.
pub struct Npck {
    line: Line,
    api_key: String,
}

impl Npck {
    /// # Errors
    /// The address cannot be used.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        Ok(Self { line: Line::new("idec", &settings.base_url, patience)?, api_key: settings.api_key })
    }
}

#[derive(Serialize)]
struct Question<'a> {
    request: Uuid,
    iin: &'a str,
    surname: &'a str,
    given: &'a str,
    patronymic: Option<&'a str>,
    document_number: &'a str,
    photo_jpeg_base64: String,
    liveness: Option<Liveness>,
    consent_sha256: String,
}

/// Our record of the sitting that the photo was taken in, by id and hash: the centre may ask for it.
#[derive(Serialize)]
struct Liveness {
    session: Uuid,
    record_sha256: String,
}

#[derive(Deserialize)]
struct Answer {
    request: Uuid,
    reference: String,
    known: bool,
    names_match: bool,
    document_valid: bool,
    score_ppm: u32,
    threshold_ppm: u32,
    source: String,
    at: Timestamp,
}

#[async_trait]
impl Idec for Npck {
    async fn identify(&self, asked: Identification<'_>) -> Result<Answered<Identified>, Silence> {
        if asked.photo_jpeg.len() > PHOTO_MAX {
            return Err(self.line.not_reached("photo too large"));
        }
        let question = self.line.post("/v1/identifications").bearer_auth(&self.api_key).json(&Question {
            request: asked.request,
            iin: asked.iin.as_str(),
            surname: &asked.names.surname,
            given: &asked.names.given,
            patronymic: asked.names.patronymic.as_deref(),
            document_number: asked.document_number,
            photo_jpeg_base64: BASE64_STANDARD.encode(asked.photo_jpeg),
            liveness: asked
                .sitting
                .map(|sitting| Liveness { session: sitting.id, record_sha256: hex(&sitting.record_sha256) }),
            consent_sha256: hex(&asked.consent_sha256),
        });
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let value = read(&raw, asked.request).ok_or_else(|| self.line.unreadable())?;
        Ok(Answered { value, source: "idec", media_type: "application/json", raw })
    }
}

fn read(raw: &[u8], request: Uuid) -> Option<Identified> {
    let answer: Answer = serde_json::from_slice(raw).ok()?;
    // A threshold of zero would make everybody everybody.
    let sane = answer.request == request
        && answer.score_ppm <= CERTAIN_PPM
        && (1..=CERTAIN_PPM).contains(&answer.threshold_ppm)
        && (1..=100).contains(&answer.reference.len())
        && (1..=50).contains(&answer.source.len());
    sane.then_some(Identified {
        known: answer.known,
        names_match: answer.names_match,
        document_valid: answer.document_valid,
        score_ppm: answer.score_ppm,
        threshold_ppm: answer.threshold_ppm,
        reference: answer.reference,
        compared_with: answer.source,
        at: answer.at,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
