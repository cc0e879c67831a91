//! The services of the National Certification Authority: OCSP, revocation lists, time-stamps.
//!
//! The authority serves them over plain HTTP, and that is enough: each answer is signed, and whoever verifies it checks
//! the signature, the nonce and the time. What travels tells only which certificate is asked about.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ports::{Answered, CertificationAuthority, Silence};
use reqwest::header;
use tokio::time::Instant;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, LIST_MAX, Line},
};

/// Where the services are; without a setting, the state's own.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The OCSP responder.
    pub ocsp_url: String,
    /// The time-stamping authority.
    pub time_stamp_url: String,
    /// Revocation lists and deltas, eight at most.
    pub list_urls: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let list = |name: &str| format!("http://crl.pki.gov.kz/{name}.crl");
        Self {
            ocsp_url: "http://ocsp.pki.gov.kz".into(),
            time_stamp_url: "http://tsp.pki.gov.kz".into(),
            list_urls: ["nca_gost_2022", "nca_d_gost_2022", "nca_rsa_2022", "nca_d_rsa_2022"]
                .map(list)
                .into(),
        }
    }
}

/// Most lists.
const LISTS_MAX: usize = 8;
/// How long fetched lists serve; each also says itself until when it holds.
const FRESH: Duration = Duration::from_secs(900);

/// Longest wait for a single answer, milliseconds: somebody sits before the page meanwhile, and there are other ways.
const ANSWER_WAIT_MS_MAX: u64 = 8_000;

/// The adapter.
pub struct Nca {
    ocsp: Line,
    time_stamps: Line,
    lists: Vec<Line>,
    kept: Mutex<Option<(Instant, Vec<Answered<()>>)>>,
}

impl Nca {
    /// # Errors
    /// An address cannot be used, or there are too many lists.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        if settings.list_urls.len() > LISTS_MAX {
            return Err(Misconfigured::new("nca", "more than eight list_urls"));
        }
        let short = Patience { total_ms: patience.total_ms.min(ANSWER_WAIT_MS_MAX), ..patience };
        let list = |url: &String| Line::to_signed("nca", url, patience);
        Ok(Self {
            ocsp: Line::to_signed("nca", &settings.ocsp_url, short)?,
            time_stamps: Line::to_signed("nca", &settings.time_stamp_url, short)?,
            lists: settings.list_urls.iter().map(list).collect::<Result<_, _>>()?,
            kept: Mutex::new(None),
        })
    }
}

async fn ask(
    line: &Line,
    question: &[u8],
    asked: &str,
    answered: &'static str,
) -> Result<Answered<()>, Silence> {
    let question = line.post("").header(header::CONTENT_TYPE, asked).body(question.to_vec());
    let raw = line.ask(question, ANSWER_MAX).await?.body;
    Ok(Answered { value: (), source: "nca", media_type: answered, raw })
}

#[async_trait]
impl CertificationAuthority for Nca {
    async fn status(&self, question: &[u8]) -> Result<Answered<()>, Silence> {
        ask(&self.ocsp, question, "application/ocsp-request", "application/ocsp-response").await
    }

    /// A list that cannot be had is left out; none at all is silence.
    async fn lists(&self) -> Result<Vec<Answered<()>>, Silence> {
        if let Some((since, lists)) = &*self.kept.lock().unwrap_or_else(PoisonError::into_inner)
            && since.elapsed() < FRESH
        {
            return Ok(lists.clone());
        }
        let (asked, mut lists, mut silence) = (Instant::now(), Vec::new(), None);
        for line in &self.lists {
            match line.ask(line.get(""), LIST_MAX).await {
                Ok(reply) => lists.push(Answered {
                    value: (),
                    source: "nca",
                    media_type: "application/pkix-crl",
                    raw: reply.body,
                }),
                Err(failed) => silence = Some(failed),
            }
        }
        if lists.is_empty() {
            return Err(silence.unwrap_or_else(|| self.ocsp.not_reached("no list_urls")));
        }
        // A list that is missing now is asked for again with the next question.
        if silence.is_none() {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked, lists.clone()));
        }
        Ok(lists)
    }

    async fn time_stamp(&self, question: &[u8]) -> Result<Answered<()>, Silence> {
        let (asked, answered) = ("application/timestamp-query", "application/timestamp-reply");
        ask(&self.time_stamps, question, asked, answered).await
    }
}
