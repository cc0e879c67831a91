//! SMS gateways: one file each, chosen in the settings.

pub mod mobizon;
pub mod smsc;

use std::sync::Arc;

use ports::Sms;
use serde::Deserialize;

use crate::{Misconfigured, Patience};

/// Which gateway, and how it knows us.
#[derive(Clone, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Settings {
    /// Mobizon.
    Mobizon(mobizon::Settings),
    /// SMSC.
    Smsc(smsc::Settings),
}

impl Settings {
    /// Address without the path.
    pub fn base_url_mut(&mut self) -> &mut String {
        match self {
            Self::Mobizon(settings) => &mut settings.base_url,
            Self::Smsc(settings) => &mut settings.base_url,
        }
    }
}

/// The gateway of the settings.
///
/// # Errors
/// The address cannot be used, or what identifies us has characters that cannot stand in a request.
pub fn gateway(settings: Settings, patience: Patience) -> Result<Arc<dyn Sms>, Misconfigured> {
    Ok(match settings {
        Settings::Mobizon(settings) => Arc::new(mobizon::Mobizon::new(settings, patience)?),
        Settings::Smsc(settings) => Arc::new(smsc::Smsc::new(settings, patience)?),
    })
}
