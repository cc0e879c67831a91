//! SMS through SMSC: `sys/send.php` with JSON answers (`fmt=3`).

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
    /// Address without the path, for example `https://smsc.kz`.
    pub base_url: String,
    /// The account's login.
    pub login: String,
    /// The account's password, or better a key of the account's own for the API.
    pub password: String,
    /// The sender's name agreed with the operators; empty for the gateway's common one.
    pub sender: String,
}

/// The gateway's code for "the same request came a moment ago": that one may have been sent.
const REPEATED: i64 = 9;

/// The adapter.
pub struct Smsc {
    line: Line,
    settings: Settings,
}

impl Smsc {
    /// # Errors
    /// The address cannot be used, or login or password is empty.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        if settings.login.is_empty() || settings.password.is_empty() {
            return Err(Misconfigured::new("sms", "login and password must not be empty"));
        }
        Ok(Self { line: Line::new("sms", &settings.base_url, patience)?, settings })
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    id: serde_json::Value,
    error_code: Option<i64>,
    cnt: Option<u32>,
}

#[async_trait]
impl Sms for Smsc {
    async fn send(&self, request: Uuid, phone: &Phone, text: &str) -> Result<Answered<String>, Silence> {
        // Our id of the message is how to find it in the gateway's own list of sent messages.
        let (recipient, id) = (phone.as_str().trim_start_matches('+'), request.simple().to_string());
        let mut form = vec![
            ("login", self.settings.login.as_str()),
            ("psw", &self.settings.password),
            ("phones", recipient),
            ("mes", text),
            ("id", &id),
            ("fmt", "3"),
            ("charset", "utf-8"),
        ];
        if !self.settings.sender.is_empty() {
            form.push(("sender", &self.settings.sender));
        }
        let raw = self.line.ask(self.line.post("/sys/send.php").form(&form), ANSWER_MAX).await?.body;
        let answer: Answer = serde_json::from_slice(&raw).map_err(|_| self.line.unreadable())?;
        match (answer.error_code, answer.cnt) {
            (Some(REPEATED), _) => Err(self.line.unknown("refused as a repetition")),
            // Heard, and certainly not sent: asking again is as safe as if it had not been heard.
            (Some(code), _) => Err(self.line.not_reached(format!("refused with code {code}"))),
            (None, Some(1..)) => {
                let value = match answer.id {
                    serde_json::Value::String(id) if (1..=64).contains(&id.len()) => id,
                    serde_json::Value::Number(id) => id.to_string(),
                    _ => return Err(self.line.unreadable()),
                };
                Ok(Answered { value, source: "smsc", media_type: "application/json", raw })
            }
            (None, _) => Err(self.line.unreadable()),
        }
    }
}
