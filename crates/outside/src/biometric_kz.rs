//! Biometric.kz: liveness, and comparison with the state's document, on pages of the provider.
//!
//! What public integrations show of the protocol: `POST /api/v1/flows/session/create/` with the key of a flow gives
//! `session_id`; the person goes to `…/flow/<session_id>?locale=`; `GET /api/v1/flows/session/result/` with
//! `session_id` and `flow_api_key` answers `status` (`FINISHED` at the end), `flow_session_result`, and one object per
//! technology: `liveness_result` and `face2face_result` with `result` and `prediction`, `edocument_result` with
//! `result_json.common` (`docNumber`, `docOwner`). While results are not ready, objects are empty.
//!
//! Our model, because no public text says: the seen face is `liveness_result.best_frame`, base64; a prediction is a
//! number from 0 to 1, as a number or as text. An answer that lacks any of this is unreadable, never a yes.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use ports::{Answered, Hosted, HostedFace, HostedPerson, HostedSession, Names, Silence};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, Line, is_loopback},
};

/// How the provider knows us.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address of the interface, without the path: `https://kyc.biometric.kz`.
    pub base_url: String,
    /// Address of the pages people are sent to, without the path: `https://remote.biometric.kz`.
    pub flow_url: String,
    /// Key of the flow: liveness, e-document and face comparison.
    pub flow_api_key: String,
}

/// The largest answer: it holds photos in base64.
const RESULT_MAX: usize = 16 * ANSWER_MAX;

/// The adapter.
pub struct BiometricKz {
    line: Line,
    flow_url: String,
    key: String,
}

impl BiometricKz {
    /// # Errors
    /// An address cannot be used, or the key has other signs than letters, digits, `-` and `_`.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        let wrong = |reason: &str| Misconfigured::new("biometric-kz", reason);
        let flow = Url::parse(&settings.flow_url).map_err(|_| wrong("flow_url is not a URL"))?;
        let loopback = flow.scheme() == "http" && flow.host_str().is_some_and(is_loopback);
        if flow.scheme() != "https" && !loopback {
            return Err(wrong("flow_url must be https, or http to loopback"));
        }
        if !is_plain(&settings.flow_api_key) {
            return Err(wrong("flow_api_key has signs that a key does not have"));
        }
        Ok(Self {
            line: Line::new("biometric-kz", &settings.base_url, patience)?,
            flow_url: settings.flow_url.trim_end_matches('/').to_owned(),
            key: settings.flow_api_key,
        })
    }
}

fn is_plain(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

#[derive(Serialize)]
struct Create<'a> {
    api_key: &'a str,
}

#[derive(Deserialize)]
struct Created {
    session_id: String,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    status: String,
    flow_session_result: Option<bool>,
    #[serde(default)]
    liveness_result: Value,
    #[serde(default)]
    face2face_result: Value,
    #[serde(default)]
    edocument_result: Value,
}

#[async_trait]
impl HostedFace for BiometricKz {
    async fn open(&self, _request: Uuid, language: &str) -> Result<Answered<HostedSession>, Silence> {
        let question = self.line.post("/api/v1/flows/session/create/").json(&Create { api_key: &self.key });
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let created: Option<Created> = serde_json::from_slice(&raw).ok();
        let id = created.map(|created| created.session_id).filter(|id| is_plain(id));
        let id = id.ok_or_else(|| self.line.unreadable())?;
        // The provider writes Kazakh as `kz`.
        let locale = if language == "kk" { "kz" } else { language };
        let address = format!("{}/flow/{id}?locale={locale}", self.flow_url);
        let value = HostedSession { id, address };
        Ok(Answered { value, source: "biometric-kz", media_type: "application/json", raw })
    }

    async fn outcome(&self, _request: Uuid, session: &str) -> Result<Answered<Hosted>, Silence> {
        if !is_plain(session) {
            return Err(self.line.not_reached("a session has another form"));
        }
        // Both are plain: nothing has to be escaped. The provider wants its key in the query.
        let path = format!("/api/v1/flows/session/result/?session_id={session}&flow_api_key={}", self.key);
        let raw = self.line.ask(self.line.get(&path), RESULT_MAX).await?.body;
        let value = read(&raw).ok_or_else(|| self.line.unreadable())?;
        Ok(Answered { value, source: "biometric-kz", media_type: "application/json", raw })
    }
}

fn read(raw: &[u8]) -> Option<Hosted> {
    let outcome: Outcome = serde_json::from_slice(raw).ok()?;
    if outcome.status != "FINISHED" {
        return Some(Hosted::Pending);
    }
    let agreed = |result: &Value| result["result"] == Value::Bool(true);
    match outcome.flow_session_result {
        None => Some(Hosted::Pending),
        Some(true) if agreed(&outcome.liveness_result) && agreed(&outcome.face2face_result) => {
            passed(&outcome).map(|person| Hosted::Passed(Box::new(person)))
        }
        Some(_) => Some(Hosted::Failed),
    }
}

fn passed(outcome: &Outcome) -> Option<HostedPerson> {
    let common = &outcome.edocument_result["result_json"]["common"];
    let owner = &common["docOwner"];
    let text = |of: &Value, name: &str| {
        let value = of[name].as_str()?.trim();
        (1..=100).contains(&value.chars().count()).then(|| value.to_owned())
    };
    let photo = outcome.liveness_result["best_frame"].as_str()?;
    let photo_jpeg = BASE64_STANDARD.decode(photo).ok().filter(|photo| photo.starts_with(&[0xff, 0xd8]))?;
    Some(HostedPerson {
        iin: text(owner, "iin")?,
        names: Names {
            surname: text(owner, "lastName")?,
            given: text(owner, "firstName")?,
            patronymic: text(owner, "middleName"),
        },
        document_number: text(common, "docNumber")?,
        alive_ppm: ppm(&outcome.liveness_result["prediction"])?,
        score_ppm: ppm(&outcome.face2face_result["prediction"])?,
        photo_jpeg,
    })
}

/// A share from 0 to 1, in parts per million, from its digits: no float is asked.
fn ppm(value: &Value) -> Option<u32> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (matches!(whole, "0" | "1") && digits(part)).then_some(())?;
    let part: String = part.chars().chain(std::iter::repeat('0')).take(6).collect();
    let ppm = whole.parse::<u32>().ok()? * 1_000_000 + part.parse::<u32>().ok()?;
    (ppm <= 1_000_000).then_some(ppm)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Hosted, ppm, read};

    #[test]
    fn a_share_is_read_from_its_digits_or_not_at_all() {
        for (value, told) in [
            (json!("0.9871"), Some(987_100)),
            (json!(1), Some(1_000_000)),
            (json!(0.5), Some(500_000)),
            (json!("0.12345678"), Some(123_456)),
            (json!("1.5"), None),
            (json!("97.3"), None),
            (json!("1e-3"), None),
            (json!("-0.2"), None),
            (json!(null), None),
        ] {
            assert_eq!(ppm(&value), told, "{value}");
        }
    }

    #[test]
    fn nothing_that_is_missing_is_taken_for_a_yes() {
        let agreed = json!({ "result": true, "prediction": "0.99" });
        let read = |value: serde_json::Value| match read(value.to_string().as_bytes()) {
            None => "unreadable",
            Some(Hosted::Pending) => "pending",
            Some(Hosted::Failed) => "failed",
            Some(Hosted::Passed(_)) => "passed",
        };
        for (answer, told) in [
            (json!({}), "pending"),
            (json!({ "status": "PROGRESS", "flow_session_result": true }), "pending"),
            (json!({ "status": "FINISHED", "flow_session_result": false }), "failed"),
            (json!({ "status": "FINISHED", "flow_session_result": true, "liveness_result": {} }), "failed"),
            (
                json!({ "status": "FINISHED", "flow_session_result": true, "liveness_result": agreed,
                "face2face_result": agreed, "edocument_result": {} }),
                "unreadable",
            ),
        ] {
            assert_eq!(read(answer.clone()), told, "{answer}");
        }
    }
}
