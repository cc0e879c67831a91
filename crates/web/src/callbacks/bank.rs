//! The bank: money has come in.

use std::time::Duration;

use app::{payments, refusal::No};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};

use crate::{Site, guard, intake::Whole};

/// Longer than this the bank does not wait; it sends again.
const TIME_MAX: Duration = Duration::from_secs(20);

/// Takes a notification in: 204 once it is stored, so that the bank repeats what was not. Finished even if the
/// bank hangs up; the same notification again changes nothing.
pub(super) async fn notified(State(site): State<Site>, headers: HeaderMap, Whole(body): Whole) -> StatusCode {
    let signature = headers
        .get(site.app.ports().bank.signature_header())
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let work = tokio::spawn(async move { payments::notified(&site.app, &body, &signature).await });
    match tokio::time::timeout(TIME_MAX, work).await {
        Ok(Ok(Ok(()))) => StatusCode::NO_CONTENT,
        Ok(Ok(Err(No::Refusal(no)))) => guard::status(no.sort),
        Ok(Ok(Err(No::Fault(fault)))) => {
            tracing::error!(?fault, "a notification of the bank failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a notification of the bank failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
