//! How a service behaves.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::world::World;

/// Who can be told to behave badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// The mobile-citizens base.
    PhoneRegister,
    /// Biometric identification.
    Idec,
    /// The credit bureau.
    CreditBureau,
    /// The financial monitoring agency's list.
    TerroristList,
    /// The bank.
    Bank,
    /// The SMS gateway.
    Sms,
    /// The e-mail server.
    Mail,
    /// The certification authority: OCSP, revocation list, time-stamps.
    Nca,
    /// NCALayer on the client's own machine.
    Ncalayer,
    /// eGov Mobile on the client's phone.
    EgovMobile,
    /// The scanner for malware.
    Clamd,
}

/// What it does. Unless said otherwise the question has its effect, and only the answer suffers: that is
/// the case that costs money when it is taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum Mode {
    /// As it should.
    Ok,
    /// Answers late.
    Slow {
        /// By how much, milliseconds, at most a minute.
        ms: u64,
    },
    /// Accepts the question and never answers; the bank sends no notifications either.
    Silent,
    /// Says "internal error" (SMTP: 451; clamd: `ERROR`), and does nothing.
    #[serde(rename = "error-500")]
    Error500,
    /// Answers something unreadable.
    Garbled,
    /// Answers more than anybody should read.
    Oversized,
    /// The bank repeats itself in answers and statements and posts each notification twice at once; SMS
    /// and e-mail arrive twice. An order is still executed once.
    Twice,
    /// The bank takes orders and keeps saying "pending"; executed once the mode ends. The OCSP responder says "try
    /// later".
    Pending,
    /// No: the phone is another's, the person unknown, the credit refused voluntarily, the order rejected,
    /// the message not taken, the certificate revoked, malware in every file.
    Reject,
    /// The IDEC sees another face.
    FaceMismatch,
    /// The person changes their mind before signing.
    Cancel,
    /// The key is certified by somebody who is not the state.
    ForeignAuthority,
    /// Somebody else's key signs.
    AnotherPerson,
    /// An NCALayer from before the module "basics".
    OldVersion,
    /// The list comes without the part that names organisations.
    WithoutOrganisations,
    /// The list comes without the part that names persons.
    WithoutPersons,
}

impl Service {
    /// All of them, in the order of a credit's life.
    pub const ALL: [Self; 11] = [
        Self::PhoneRegister,
        Self::Idec,
        Self::CreditBureau,
        Self::TerroristList,
        Self::Bank,
        Self::Sms,
        Self::Mail,
        Self::Nca,
        Self::Ncalayer,
        Self::EgovMobile,
        Self::Clamd,
    ];

    /// Its name in addresses and in the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PhoneRegister => "phone-register",
            Self::Idec => "idec",
            Self::CreditBureau => "credit-bureau",
            Self::TerroristList => "terrorist-list",
            Self::Bank => "bank",
            Self::Sms => "sms",
            Self::Mail => "mail",
            Self::Nca => "nca",
            Self::Ncalayer => "ncalayer",
            Self::EgovMobile => "egov-mobile",
            Self::Clamd => "clamd",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// The modes that mean something for it.
    #[must_use]
    pub fn modes(self) -> Vec<Mode> {
        let mut modes = vec![Mode::Ok, Mode::Slow { ms: 5_000 }, Mode::Silent, Mode::Error500, Mode::Garbled];
        modes.extend(match self {
            Self::PhoneRegister | Self::CreditBureau => &[Mode::Oversized, Mode::Reject][..],
            Self::Idec => &[Mode::Oversized, Mode::Reject, Mode::FaceMismatch],
            Self::TerroristList => &[Mode::Oversized, Mode::WithoutOrganisations, Mode::WithoutPersons],
            Self::Bank => &[Mode::Oversized, Mode::Twice, Mode::Pending, Mode::Reject],
            Self::Sms => &[Mode::Oversized, Mode::Twice, Mode::Reject],
            Self::Mail => &[Mode::Twice, Mode::Reject],
            Self::Nca => &[Mode::Oversized, Mode::Pending, Mode::Reject],
            Self::Ncalayer => &[Mode::Cancel, Mode::ForeignAuthority, Mode::AnotherPerson, Mode::OldVersion],
            Self::EgovMobile => &[Mode::Cancel, Mode::ForeignAuthority, Mode::AnotherPerson],
            Self::Clamd => &[Mode::Reject],
        });
        modes
    }
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Slow { .. } => "slow",
            Self::Silent => "silent",
            Self::Error500 => "error-500",
            Self::Garbled => "garbled",
            Self::Oversized => "oversized",
            Self::Twice => "twice",
            Self::Pending => "pending",
            Self::Reject => "reject",
            Self::FaceMismatch => "face-mismatch",
            Self::Cancel => "cancel",
            Self::ForeignAuthority => "foreign-authority",
            Self::AnotherPerson => "another-person",
            Self::OldVersion => "old-version",
            Self::WithoutOrganisations => "without-organisations",
            Self::WithoutPersons => "without-persons",
        }
    }

    pub(crate) fn delay(self) -> Duration {
        match self {
            Self::Slow { ms } => Duration::from_millis(ms.min(60_000)),
            Self::Silent => Duration::from_secs(600),
            _ => Duration::ZERO,
        }
    }
}

/// Larger than any adapter may read.
const OVERSIZED: usize = 17 << 20;

/// Lets the service work, then spoils its answer.
pub(crate) async fn behave(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches("/service/");
    let Some(service) = path.split('/').next().and_then(Service::named) else {
        return next.run(request).await;
    };
    let mode = world.mode(service);
    if mode == Mode::Error500 {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let (parts, body) = next.run(request).await.into_parts();
    tokio::time::sleep(mode.delay()).await;
    let Ok(answer) = to_bytes(body, OVERSIZED).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answer = answer.to_vec();
    match mode {
        Mode::Garbled => {
            answer.truncate(answer.len() * 2 / 3);
            answer.extend_from_slice(b"\xff<{");
        }
        Mode::Oversized => answer.resize(OVERSIZED, b' '),
        _ => {}
    }
    let mut response = Response::new(Body::from(answer));
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    response.headers_mut().remove("content-length");
    response
}
