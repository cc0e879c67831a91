//! The web: what clients and employees see in a browser, and what the bank tells us.
//!
//! One folder per channel: `client`, `staff`, `callbacks`, `api`. A handler extracts who and what, begins, makes
//! one call, commits, answers; it knows HTML and HTTP, and nothing of lending. `guard` stands before all.
//!
//! Absent on purpose: inline script and style, anything kept in the browser's storage, personal data or
//! secrets in an address, figures formatted in the browser, pages that need a script (but for the camera and NCALayer).

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod amended;
mod api;
mod assets;
mod callbacks;
mod client;
mod explained;
mod form;
mod guard;
mod intake;
mod page;
mod qr;
mod staff;

use std::{ops::Deref, sync::Arc, time::Duration};

use app::organization::Organization;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode},
    middleware,
};

pub use api::openapi;
pub use assets::Colour;
pub use explained::{allocated, explained, figure};
pub use intake::BODY_TIME;

/// Whose pages they are (Rules cl. [7.2](lending::law::CL_7_2), [24.1](lending::law::CL_24_1)). Read once,
/// when the server starts.
#[derive(Clone)]
pub struct Settings {
    /// The domain, as the header shows it: `nesie.example`.
    pub domain: String,
    /// The organization.
    pub organization: Organization,
    /// Its colour.
    pub colour: Colour,
    /// The port of NCALayer on the reader's machine: [`NCALAYER_PORT`] but for tests.
    pub ncalayer_port: u16,
    /// How long a body may take to come: [`BODY_TIME`] but for tests.
    pub body_time: Duration,
}

/// Where NCALayer listens.
pub const NCALAYER_PORT: u16 = 13579;

/// What every page is made with.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) app: app::App,
    pub(crate) settings: Settings,
    pub(crate) assets: assets::Assets,
    pub(crate) policy: HeaderValue,
    pub(crate) intake: intake::Intake,
}

impl Deref for Site {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The web. Serve it over TLS only, with connection info (`SocketAddr`), by which attempts are counted.
pub fn router(app: app::App, settings: Settings) -> Router {
    let assets = assets::Assets::new(settings.colour);
    let policy = guard::policy(settings.ncalayer_port);
    let intake = intake::Intake::new(settings.body_time);
    let site = Site(Arc::new(Inner { app, settings, assets, policy, intake }));
    let pages = Router::new()
        .merge(client::routes())
        .merge(staff::routes())
        .fallback(|| async { guard::Stop::Status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { guard::Stop::Status(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(guard::FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(site.clone(), guard::pages));
    Router::new()
        .merge(pages)
        .merge(assets::routes())
        .merge(callbacks::routes())
        .merge(api::routes(&site))
        .layer(middleware::from_fn_with_state(site.clone(), guard::headers))
        .with_state(site)
}
