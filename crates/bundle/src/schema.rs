//! JSON Schema of the manifest, from the declarations that read and write it.

use serde_json::Value;

use crate::manifest::Manifest;

/// The schema of the manifest.
#[must_use]
pub fn schema() -> Value {
    lending::report::document::<Manifest>(
        "The manifest of an evidence bundle: what `nesie evidence export` writes.",
    )
}
