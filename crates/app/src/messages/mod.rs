//! What the client is told outside the personal account: SMS and e-mail.

use ports::Silence;
use serde::{Deserialize, Serialize};
use texts::Lang;
use uuid::Uuid;

use crate::{
    App,
    evidence::{self, Exhibit},
    jobs::{self, Done, Work},
    op::Context,
    refusal::Result,
};
use lending::phone::Phone;

/// An SMS to be sent. Kept sealed, and only until it is sent. With nobody to send it to, it is work done in
/// vain, so that time does not tell who is a client.
#[derive(Serialize, Deserialize)]
pub struct SmsMessage {
    to: Option<Phone>,
    text: String,
}

/// An e-mail to be sent.
#[derive(Serialize, Deserialize)]
pub struct MailMessage {
    to: String,
    subject: String,
    text: String,
}

/// Where somebody can be reached.
pub struct Address<'a> {
    /// Who: a client or a registration.
    pub subject: Uuid,
    /// Mobile number.
    pub phone: &'a Phone,
    /// E-mail, if given.
    pub email: Option<&'a str>,
    /// In which language.
    pub lang: Lang,
}

/// Sends a secret (a one-time code) by SMS once this operation is real. The secret is kept nowhere.
pub(crate) async fn secret(op: &mut Context, to: Option<&Phone>, text: String) -> Result<()> {
    jobs::enqueue(op, &Work::SendSms(SmsMessage { to: to.cloned(), text })).await
}

/// Tells somebody something, by e-mail where there is one, by SMS otherwise, and keeps what was said (Rules
/// cl. [34](lending::law::CL_34)).
pub async fn notice(op: &mut Context, to: &Address<'_>, text: String) -> Result<()> {
    match to.email {
        Some(email) => {
            keep(op, "message:mail", to.subject, &text).await?;
            let subject = texts::messages::subject(to.lang).to_owned();
            jobs::enqueue(op, &Work::SendMail(MailMessage { to: email.to_owned(), subject, text })).await
        }
        None => {
            keep(op, "message:sms", to.subject, &text).await?;
            jobs::enqueue(op, &Work::SendSms(SmsMessage { to: Some(to.phone.clone()), text })).await
        }
    }
}

/// Tells somebody something by SMS to a given number, and keeps what was said (Rules cl. [34](lending::law::CL_34)): of a
/// change of number the old one and the new one are told, whatever else there is.
pub(crate) async fn to_number(op: &mut Context, subject: Uuid, to: &Phone, text: &str) -> Result<()> {
    keep(op, "message:sms", subject, text).await?;
    jobs::enqueue(op, &Work::SendSms(SmsMessage { to: Some(to.clone()), text: text.to_owned() })).await
}

async fn keep(op: &mut Context, kind: &str, subject: Uuid, text: &str) -> Result<()> {
    let media_type = "text/plain; charset=utf-8";
    evidence::store(op, Exhibit { kind, subject, object: None, media_type, bytes: text.as_bytes() }).await?;
    Ok(())
}

pub(crate) async fn send_sms(app: &App, id: Uuid, message: &SmsMessage) -> Result<Done> {
    let Some(to) = &message.to else { return Ok(Done::Finished) };
    Ok(sent(app.ports().sms.send(id, to, &message.text).await.map(|_| ())))
}

pub(crate) async fn send_mail(app: &App, id: Uuid, message: &MailMessage) -> Result<Done> {
    Ok(sent(app.ports().mail.send(id, &message.to, &message.subject, &message.text).await.map(|_| ())))
}

/// An unknown outcome is not repeated: better a message lost, which the person asks for again, than a
/// gateway that sends it thirty times.
fn sent(answer: Result<(), Silence>) -> Done {
    match answer {
        Ok(()) => Done::Finished,
        Err(silence @ Silence::NotReached { .. }) => {
            tracing::warn!(%silence, "a message waits");
            Done::Later
        }
        Err(silence @ Silence::Unknown { .. }) => {
            tracing::warn!(%silence, "a message may have been sent");
            Done::Finished
        }
    }
}
