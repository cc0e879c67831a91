//! What others tell us. No session and no form token: the sender proves itself by a signature over the bytes, a phone by
//! the link it was shown.

mod bank;
mod egov_mobile;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::Site;

/// Most bytes of a notification.
const BYTES_MAX: usize = 1024 * 1024;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/callbacks/bank", post(bank::notified))
        .route("/egov/{link}", get(egov_mobile::invitation))
        .route("/egov/{link}/document", get(egov_mobile::document).put(egov_mobile::signed))
        .layer(DefaultBodyLimit::max(BYTES_MAX))
}
