//! What others tell us. No session and no form token: the sender proves itself by a signature over the bytes.

mod bank;

use axum::{Router, extract::DefaultBodyLimit, routing::post};

use crate::Site;

/// Most bytes of a notification.
const BYTES_MAX: usize = 1024 * 1024;

pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/callbacks/bank", post(bank::notified)).layer(DefaultBodyLimit::max(BYTES_MAX))
}
