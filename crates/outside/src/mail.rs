//! E-mail over SMTP (RFC 5321): implicit TLS, or plain to loopback only.

use std::{sync::Arc, time::SystemTime};

use async_trait::async_trait;
use lettre::{
    Address, Message,
    message::{Body, Mailbox, header::ContentTransferEncoding, header::ContentType},
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
        response::Response,
    },
};
use ports::{Answered, Clock, Mail, Silence};
use uuid::Uuid;

use crate::{Misconfigured, Patience, line::is_loopback};

/// How the server knows us.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Host name.
    pub host: String,
    /// Port of implicit TLS, usually 465; of plain SMTP if the host is loopback.
    pub port: u16,
    /// User name; empty: the server wants none.
    pub user_name: String,
    /// Password.
    pub password: String,
    /// Whom the letters are from.
    pub from: String,
}

const PORT: &str = "mail";

/// The adapter.
pub struct Smtp {
    settings: Settings,
    from: Address,
    tls: Option<TlsParameters>,
    patience: Patience,
    clock: Arc<dyn Clock>,
}

impl Smtp {
    /// # Errors
    /// The sender's address cannot be used, or there are no certificate authorities on this machine.
    pub fn new(settings: Settings, patience: Patience, clock: Arc<dyn Clock>) -> Result<Self, Misconfigured> {
        let from = settings.from.parse().map_err(|_| Misconfigured::new(PORT, "from is not an address"))?;
        let tls = if is_loopback(&settings.host) {
            None
        } else {
            let tls = TlsParameters::new(settings.host.clone());
            Some(tls.map_err(|_| Misconfigured::new(PORT, "no certificate authorities found"))?)
        };
        Ok(Self { settings, from, tls, patience, clock })
    }

    fn letter(&self, request: Uuid, to: Address, subject: &str, text: &str) -> Option<Message> {
        // Base64 carries every language through every server, and no line of ours can be taken for SMTP's.
        let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::Base64).ok()?;
        Message::builder()
            .date(SystemTime::from(self.clock.now()))
            .message_id(Some(format!("<{request}@{}>", self.from.domain())))
            .from(Mailbox::new(None, self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .ok()
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let server = (self.settings.host.as_str(), self.settings.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.patience.connect()),
            &ClientId::Domain(self.from.domain().to_owned()),
            self.tls.clone(),
            None,
        )
        .await?;
        if !self.settings.user_name.is_empty() {
            let who = Credentials::new(self.settings.user_name.clone(), self.settings.password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &who).await?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mail for Smtp {
    async fn send(
        &self,
        request: Uuid,
        address: &str,
        subject: &str,
        text: &str,
    ) -> Result<Answered<()>, Silence> {
        let to = address.parse::<Address>().map_err(|_| not_reached("not an address"))?;
        let letter = self.letter(request, to, subject, text).ok_or_else(|| not_reached("not a letter"))?;
        // Until the letter itself is sent, nothing that goes wrong can have delivered it.
        let mut connection = tokio::time::timeout(self.patience.total(), self.connect())
            .await
            .map_err(|_| not_reached("connecting timed out"))?
            .map_err(|_| not_reached("no connection"))?;
        let sending = async { connection.send(letter.envelope(), &letter.formatted()).await };
        let response = tokio::time::timeout(self.patience.total(), sending)
            .await
            .map_err(|_| unknown("no answer in time"))?
            .map_err(|error| match error.status() {
                // A negative reply says that the letter was not taken (RFC 5321 §4.2.1).
                Some(code) => not_reached(&format!("refused with code {code}")),
                None => unknown("connection cut"),
            })?;
        let raw = spoken(&response).into_bytes();
        // Politeness only: the letter is taken.
        let _ = tokio::time::timeout(self.patience.connect(), connection.quit()).await;
        Ok(Answered { value: (), source: "smtp", media_type: "text/plain", raw })
    }
}

fn spoken(response: &Response) -> String {
    let code = response.code();
    response.message().map(|line| format!("{code} {line}\r\n")).collect()
}

fn not_reached(reason: &str) -> Silence {
    Silence::NotReached { port: PORT, reason: reason.to_owned() }
}

fn unknown(reason: &str) -> Silence {
    Silence::Unknown { port: PORT, reason: reason.to_owned() }
}
