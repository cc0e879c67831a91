//! The JSON API: the same use cases for the mobile application and other clients.
//!
//! * Who asks shows the token of a session or of a registration in `Authorization: Bearer`. Cookies are not
//!   looked at, so no other site can act in anybody's name here.
//! * A body is what its description says and nothing else: unknown and repeated fields are refused, and so is
//!   what is too large, before it is read.
//! * Every no is a problem (RFC 9457) in the reader's language; of a fault it tells a reference number only.
//! * Amounts are whole tiyn, rates parts per million, dates `YYYY-MM-DD`, instants RFC 3339 with offset.
//! * The description, `docs/openapi.json`, is made from the same declarations as the routes.

mod amendments;
mod applications;
mod body;
mod changes;
mod description;
mod door;
mod entities;
mod loans;
mod organization;
mod problem;
mod proofs;
mod quotes;
mod recoveries;
mod registrations;
mod sessions;
mod shown;
mod signing;
mod units;

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::{Site, guard::FORM_BYTES_MAX};
use problem::Stop;

/// Where the API begins.
const BASE: &str = "/api";

/// Where a photo is taken, a body may be as large as a photo.
fn photo_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(app::identity::PHOTO_BYTES_MAX)
}

fn described() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(description::head())
        .merge(organization::routes())
        .merge(quotes::routes())
        .merge(registrations::routes())
        .merge(proofs::routes())
        .merge(sessions::routes())
        .merge(changes::routes())
        .merge(recoveries::routes())
        .merge(applications::routes())
        .merge(signing::routes())
        .merge(loans::routes())
        .merge(amendments::routes())
        .merge(entities::routes())
}

/// The API's routes. `site` is what every request is answered with.
pub(crate) fn routes(site: &Site) -> Router<Site> {
    let (routes, _) = described().split_for_parts();
    let routes = routes
        .fallback(|| async { Stop::Status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Stop::Status(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(site.clone(), door::enter));
    Router::new().nest(BASE, routes)
}

/// The OpenAPI description of the JSON API, as checked in at `docs/openapi.json`.
///
/// # Errors
/// When a value in it cannot be written as JSON; none can be.
pub fn openapi() -> Result<String, serde_json::Error> {
    let text = description::finished(described().into_openapi()).to_pretty_json()?;
    Ok(description::without_links(text))
}
