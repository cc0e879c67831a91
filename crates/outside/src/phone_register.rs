//! The mobile-citizens base, asked through the synchronous channel of the state gateway (SHEP).
//!
//! The envelope (`http://bip.bee.kz/SyncChannel/v10/Types`) is public; the schema of the question inside
//! is given only under contract, so it stands alone in the functions `question` and `answer`, to be replaced by the
//! contract's. The gateway also wants a WS-Security header with a GOST signature of the body: it is put on
//! by the organization's signing gateway, the `base_url` here, which holds the key.

use std::sync::Arc;

use async_trait::async_trait;
use lending::{iin::Iin, phone::Phone};
use ports::{Answered, Clock, PhoneRegister, Silence};
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, Line},
    xml::{Element, escaped},
};

/// How the gateway knows us.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The channel's address, for example `https://.../bip-sync-wss-gost`.
    pub base_url: String,
    /// Identifier of the service in the gateway's catalogue.
    pub service_id: String,
    /// Our identifier.
    pub sender_id: String,
    /// Our password.
    pub password: String,
}

/// The gateway's "processed successfully".
const PROCESSED: &str = "SCSS001";
const TYPES: &str = "http://bip.bee.kz/SyncChannel/v10/Types";
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The adapter.
pub struct Shep {
    line: Line,
    settings: Settings,
    clock: Arc<dyn Clock>,
}

impl Shep {
    /// # Errors
    /// The address cannot be used.
    pub fn new(settings: Settings, patience: Patience, clock: Arc<dyn Clock>) -> Result<Self, Misconfigured> {
        let line = Line::new("phone-register", &settings.base_url, patience)?;
        Ok(Self { line, settings, clock })
    }
}

#[async_trait]
impl PhoneRegister for Shep {
    async fn belongs(&self, request: Uuid, iin: &Iin, phone: &Phone) -> Result<Answered<bool>, Silence> {
        let message = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\"><soapenv:Header/><soapenv:Body>\
             <typ:SendMessage xmlns:typ=\"{TYPES}\"><request><requestInfo>\
             <messageId>{request}</messageId><serviceId>{}</serviceId><messageDate>{}</messageDate>\
             <sender><senderId>{}</senderId><password>{}</password></sender>\
             </requestInfo><requestData><data>{}</data></requestData></request></typ:SendMessage>\
             </soapenv:Body></soapenv:Envelope>",
            escaped(&self.settings.service_id),
            self.clock.now(),
            escaped(&self.settings.sender_id),
            escaped(&self.settings.password),
            question(iin, phone),
        );
        let question = self
            .line
            .post("")
            .header("content-type", "text/xml; charset=utf-8")
            .header("soapaction", "\"\"")
            .body(message);
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let value = read(&raw, request).ok_or_else(|| self.line.unreadable())?;
        Ok(Answered { value, source: "mobile-citizens-base", media_type: "text/xml", raw })
    }
}

fn read(raw: &[u8], request: Uuid) -> Option<bool> {
    let envelope = Element::read(raw).ok().filter(|root| root.is("Envelope", ENVELOPE))?;
    let response = envelope.one("Body/SendMessageResponse/response")?;
    // An answer to another question proves nothing about this one.
    let ours = response.text("responseInfo/correlationId")?.eq_ignore_ascii_case(&request.to_string());
    let processed = response.text("responseInfo/status/code")? == PROCESSED;
    if !(ours && processed) {
        return None;
    }
    answer(response.one("responseData/data")?)
}

/// The question inside the envelope: our model, the real schema comes with the contract.
fn question(iin: &Iin, phone: &Phone) -> String {
    format!("<belongs><iin>{}</iin><phone>{}</phone></belongs>", iin.as_str(), phone.as_str())
}

/// The answer inside the envelope: our model as well.
fn answer(data: &Element) -> Option<bool> {
    match data.text("belongs")? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
