//! How instants are written.

use jiff::{Timestamp, tz};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// An instant, RFC 3339 at the country's offset.
#[derive(ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-02-02T10:00:00+05:00")]
pub(super) struct Instant(Timestamp);

impl From<Timestamp> for Instant {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0.display_with_offset(tz::offset(5)))
    }
}
