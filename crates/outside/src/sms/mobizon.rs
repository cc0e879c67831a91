//! SMS through Mobizon: `message/sendSmsMessage`, JSON answers.

use async_trait::async_trait;
use lending::phone::Phone;
use ports::{Answered, Silence, Sms};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, Line},
};

/// How the gateway knows us.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address without the path, for example `https://api.mobizon.kz`.
    pub base_url: String,
    /// The account's key. The gateway's protocol wants it in the address: keep addresses out of proxies' logs.
    pub api_key: String,
    /// The sender's name agreed with the operators; empty for the gateway's common one.
    pub sender: String,
}

/// The gateway's codes for "taken" and "taken, being worked on".
const TAKEN: [i64; 2] = [0, 100];

/// The adapter.
pub struct Mobizon {
    line: Line,
    settings: Settings,
}

impl Mobizon {
    /// # Errors
    /// The address cannot be used, or the key has characters that cannot stand in one.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        if settings.api_key.is_empty() || !settings.api_key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Misconfigured::new("sms", "api_key must be letters and digits"));
        }
        Ok(Self { line: Line::new("sms", &settings.base_url, patience)?, settings })
    }
}

#[derive(Deserialize)]
struct Answer {
    code: i64,
    #[serde(default)]
    data: serde_json::Value,
}

#[async_trait]
impl Sms for Mobizon {
    async fn send(&self, request: Uuid, phone: &Phone, text: &str) -> Result<Answered<String>, Silence> {
        let path =
            format!("/service/message/sendSmsMessage?output=json&api=v1&apiKey={}", self.settings.api_key);
        // The name is shown in the gateway's own list of sent messages: it is how to find this one there.
        let (recipient, name) = (phone.as_str().trim_start_matches('+'), request.to_string());
        let mut form = vec![("recipient", recipient), ("text", text), ("params[name]", &name)];
        if !self.settings.sender.is_empty() {
            form.push(("from", &self.settings.sender));
        }
        let raw = self.line.ask(self.line.post(&path).form(&form), ANSWER_MAX).await?.body;
        let answer: Answer = serde_json::from_slice(&raw).map_err(|_| self.line.unreadable())?;
        if !TAKEN.contains(&answer.code) {
            // Heard, and certainly not sent: asking again is as safe as if it had not been heard.
            return Err(self.line.not_reached(format!("refused with code {}", answer.code)));
        }
        let value = match answer.data.get("messageId") {
            Some(serde_json::Value::String(id)) if (1..=64).contains(&id.len()) => id.clone(),
            Some(serde_json::Value::Number(id)) => id.to_string(),
            // A bulk task in the background has no message id yet.
            _ if answer.code == 100 => String::new(),
            _ => return Err(self.line.unreadable()),
        };
        Ok(Answered { value, source: "mobizon", media_type: "application/json", raw })
    }
}
