//! The outside world over the wire: one file per provider, each implementing one trait of [`ports`].
//!
//! * [`phone_register`]: the mobile-citizens base through the state gateway (SHEP)
//! * [`idec`]: biometric identification; [`biometric_kz`]: the same on the pages of a provider
//! * [`credit_bureau`]: the First Credit Bureau
//! * [`terrorist_list`]: the financial monitoring agency's list
//! * [`bank`]: payouts, statements and notifications in ISO 20022
//! * [`nca`]: the certification authority's answers about certificates, and its time-stamps
//! * [`sms`], [`mail`]: messages
//! * [`clamd`]: a scanner for malware on this machine
//!
//! Every call has a connect and a total timeout, a limit on the answer's size, and follows no redirect.
//! What failed before the question could have been heard is [`ports::Silence::NotReached`]; everything
//! after that (timeout, cut connection, 5xx, an answer that cannot be read) is
//! [`ports::Silence::Unknown`]. Reasons never quote the question, the answer or the address.

#![forbid(unsafe_code)]

pub mod bank;
pub mod biometric_kz;
pub mod clamd;
pub mod credit_bureau;
pub mod idec;
mod line;
pub mod mail;
pub mod nca;
pub mod phone_register;
pub mod sms;
pub mod terrorist_list;
mod xml;

use std::{sync::Arc, time::Duration};

use ports::{
    Bank, CertificationAuthority, Clock, CreditBureau, HostedFace, Idec, Mail, MalwareScanner, PhoneRegister,
    Sms, TerroristList,
};

/// Where the providers are and how to be recognised by them. Has no `Debug`: it holds secrets.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long to wait for any of them.
    #[serde(default)]
    pub patience: Patience,
    /// The phone register.
    pub phone_register: phone_register::Settings,
    /// The identification data exchange centre.
    pub idec: idec::Settings,
    /// A provider that looks at faces on its own pages; without it we do, on ours.
    #[serde(default)]
    pub biometric_kz: Option<biometric_kz::Settings>,
    /// The credit bureau.
    pub credit_bureau: credit_bureau::Settings,
    /// The list of the financial monitoring agency.
    pub terrorist_list: terrorist_list::Settings,
    /// The organization's bank.
    pub bank: bank::Settings,
    /// The SMS gateway.
    pub sms: sms::Settings,
    /// The e-mail server.
    pub mail: mail::Settings,
    /// The National Certification Authority.
    #[serde(default)]
    pub nca: nca::Settings,
    /// The scanner for malware; left out: none is installed, and files are recorded as not scanned.
    #[serde(default)]
    pub clamd: Option<clamd::Settings>,
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patience {
    /// Name look-up, TCP and TLS together, milliseconds.
    pub connect_ms: u64,
    /// The whole call, milliseconds.
    pub total_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect_ms: 5_000, total_ms: 30_000 }
    }
}

impl Patience {
    fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    fn total(self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{port}: {reason}")]
pub struct Misconfigured {
    /// Which port.
    pub port: &'static str,
    /// What is wrong, without the value.
    pub reason: String,
}

impl Misconfigured {
    fn new(port: &'static str, reason: impl Into<String>) -> Self {
        Self { port, reason: reason.into() }
    }
}

/// All adapters, ready to be asked.
#[derive(Clone)]
pub struct Outside {
    /// Whether a phone number belongs to an IIN.
    pub phone_register: Arc<dyn PhoneRegister>,
    /// Biometric identification.
    pub idec: Arc<dyn Idec>,
    /// Faces looked at on the pages of a provider, if one is connected.
    pub hosted_face: Option<Arc<dyn HostedFace>>,
    /// Credit reports.
    pub bureau: Arc<dyn CreditBureau>,
    /// The list of persons connected with terrorism.
    pub terrorist_list: Arc<dyn TerroristList>,
    /// The organization's bank.
    pub bank: Arc<dyn Bank>,
    /// SMS.
    pub sms: Arc<dyn Sms>,
    /// E-mail.
    pub mail: Arc<dyn Mail>,
    /// Whether certificates were revoked, and time-stamps.
    pub nca: Arc<dyn CertificationAuthority>,
    /// The scanner for malware, where one is installed.
    pub scanner: Option<Arc<dyn MalwareScanner>>,
}

impl Outside {
    /// Builds all adapters; asks nobody anything. `clock` dates the messages that must carry a date.
    ///
    /// # Errors
    /// A setting cannot be used: an address that is neither `https` nor plain `http` to loopback, an
    /// account that is not an IBAN, a scanner elsewhere than on this machine, no certificate authorities on this machine.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, Misconfigured> {
        // Whoever installed a provider before us decided; a second attempt is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let patience = settings.patience;
        let scanner = match &settings.clamd {
            Some(settings) => {
                Some(Arc::new(clamd::Clamd::new(settings, patience)?) as Arc<dyn MalwareScanner>)
            }
            None => None,
        };
        Ok(Self {
            scanner,
            phone_register: Arc::new(phone_register::Shep::new(
                settings.phone_register,
                patience,
                Arc::clone(&clock),
            )?),
            idec: Arc::new(idec::Npck::new(settings.idec, patience)?),
            hosted_face: settings
                .biometric_kz
                .map(|settings| biometric_kz::BiometricKz::new(settings, patience))
                .transpose()?
                .map(|provider| Arc::new(provider) as Arc<dyn HostedFace>),
            bureau: Arc::new(credit_bureau::FirstCreditBureau::new(settings.credit_bureau, patience)?),
            terrorist_list: Arc::new(terrorist_list::AgencyList::new(settings.terrorist_list, patience)?),
            bank: Arc::new(bank::Iso20022::new(settings.bank, patience, Arc::clone(&clock))?),
            sms: sms::gateway(settings.sms, patience)?,
            mail: Arc::new(mail::Smtp::new(settings.mail, patience, clock)?),
            nca: Arc::new(nca::Nca::new(settings.nca, patience)?),
        })
    }
}
