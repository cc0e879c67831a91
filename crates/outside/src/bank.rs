//! The organization's bank, in ISO 20022 over HTTPS.
//!
//! | call | message |
//! |---|---|
//! | `POST /payments` | `pain.001.001.09`, answered by `pain.002.001.10` |
//! | `GET /payments/{id}` | `pain.002.001.10`; reason `NOOR` means "never taken" |
//! | `GET /statements/{date}` | `camt.053.001.08`, the whole day |
//! | the bank posts to us | `camt.054.001.08`, signed: header [`SIGNATURE_HEADER`] |
//!
//! The messages are the standard's; how they travel (paths, bearer token, signature header, `NOOR` as the
//! answer to an unknown id) is our model, because each bank agrees its own. Only a status message can say
//! "never taken": an HTTP 404 cannot, since a wrong address would then pay a client twice.

mod camt;
mod pain;

use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use lending::iban::Iban;
use ports::{Answered, Bank, Clock, OrderStatus, PaymentOrder, Receipt, Silence};
use sha2::Sha256;
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, LIST_MAX, Line},
};

/// The bank's signature on a notification: HMAC-SHA256 of the body, lower-case hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-bank-signature";

/// How the bank knows us.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address without the path.
    pub base_url: String,
    /// Bearer token.
    pub api_key: String,
    /// Key of the signatures on notifications, at least 32 bytes.
    pub notification_secret: String,
    /// The organization's name as payer.
    pub name: String,
    /// The organization's BIN.
    pub bin: String,
    /// The organization's account.
    pub iban: String,
    /// The bank's BIC.
    pub bic: String,
    /// Code of the payment's purpose (KNP) for money lent.
    pub payout_purpose: String,
}

/// The adapter.
pub struct Iso20022 {
    line: Line,
    settings: Settings,
    account: Iban,
    clock: Arc<dyn Clock>,
}

impl Iso20022 {
    /// # Errors
    /// The address or the account cannot be used, or the secret is short.
    pub fn new(settings: Settings, patience: Patience, clock: Arc<dyn Clock>) -> Result<Self, Misconfigured> {
        let line = Line::new("bank", &settings.base_url, patience)?;
        let account =
            Iban::parse(&settings.iban).map_err(|_| Misconfigured::new("bank", "iban is not an account"))?;
        if settings.notification_secret.len() < 32 {
            return Err(Misconfigured::new("bank", "notification_secret is shorter than 32 bytes"));
        }
        Ok(Self { line, settings, account, clock })
    }

    fn answered<T>(value: T, raw: Vec<u8>) -> Answered<T> {
        Answered { value, source: "bank", media_type: "application/xml", raw }
    }
}

#[async_trait]
impl Bank for Iso20022 {
    async fn pay(&self, order: PaymentOrder<'_>) -> Result<Answered<OrderStatus>, Silence> {
        if !order.amount.is_positive() || !order.amount.is_within_max() {
            return Err(self.line.not_reached("amount out of range"));
        }
        let message = pain::order(&order, &self.settings, &self.account, self.clock.now());
        let question = self
            .line
            .post("/payments")
            .bearer_auth(&self.settings.api_key)
            .header("content-type", "application/xml")
            .body(message);
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let value = pain::status(&raw, order.id).ok_or_else(|| self.line.unreadable())?;
        Ok(Self::answered(value, raw))
    }

    async fn status(&self, id: Uuid) -> Result<Answered<OrderStatus>, Silence> {
        let path = format!("/payments/{}", id.simple());
        let question = self.line.get(&path).bearer_auth(&self.settings.api_key);
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let value = pain::status(&raw, id).ok_or_else(|| self.line.unreadable())?;
        Ok(Self::answered(value, raw))
    }

    async fn statement(&self, on: Date) -> Result<Answered<Vec<Receipt>>, Silence> {
        let question = self.line.get(&format!("/statements/{on}")).bearer_auth(&self.settings.api_key);
        let raw = self.line.ask(question, LIST_MAX).await?.body;
        let value = camt::statement(&raw, &self.account, on).ok_or_else(|| self.line.unreadable())?;
        Ok(Self::answered(value, raw))
    }

    fn signature_header(&self) -> &'static str {
        SIGNATURE_HEADER
    }

    fn notification(&self, body: &[u8], signature: &str) -> Option<Vec<Receipt>> {
        if body.len() > ANSWER_MAX {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.settings.notification_secret.as_bytes()).ok()?;
        mac.update(body);
        // Compares in constant time.
        mac.verify_slice(&unhex(signature)?).ok()?;
        camt::notification(body, &self.account)
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
