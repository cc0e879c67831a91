//! The layer that records, and what it records.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::Response,
};
use sqlx::postgres::PgConnectOptions;
use tower::ServiceExt;

const BODY_MAX: usize = 16 * 1024 * 1024;

/// A request as it came, with the route it took and how it was answered.
#[derive(Clone)]
pub(super) struct Recorded {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) route: String,
    pub(super) status: StatusCode,
}

/// Everything that was sent, in order; and what came of sending it twice.
#[derive(Clone)]
pub(super) struct Recording {
    sent: Arc<Mutex<Vec<Recorded>>>,
    offences: Arc<Mutex<Vec<String>>>,
    /// Where everything that changes something is sent a second time at once, and where what it did is looked at.
    twice: Option<(Router, PgConnectOptions)>,
}

/// These send a code or a statement anew, and what was sent before is void: who does so twice goes on with the second.
const VOIDING: [&str; 5] = [
    "/sign-in/code",
    "/api/v1/sign-in-codes",
    "/api/v1/applications/{id}/statements",
    "/api/v1/amendments/{id}/statements",
    "/api/v1/changes/{id}/statements",
];

impl Recording {
    pub(super) fn new(twice: Option<(Router, PgConnectOptions)>) -> Self {
        Self { sent: Arc::default(), offences: Arc::default(), twice }
    }

    /// The router, with every request recorded that has a route.
    pub(super) fn of(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), record))
    }

    pub(super) fn all(&self) -> Vec<Recorded> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn offences(&self) -> Vec<String> {
        self.offences.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn again(&self, request: &Recorded) {
        let Some((router, database)) = self.twice.as_ref().filter(|_| request.changes()) else { return };
        if request.status.as_u16() >= 400 || VOIDING.contains(&request.route.as_str()) {
            return;
        }
        let before = super::state(database).await;
        let (status, _) = request.send(router).await;
        let after = super::state(database).await;
        let effects = super::offence("twice at once", request, &before, &after);
        if !effects.is_empty() || status == StatusCode::INTERNAL_SERVER_ERROR {
            let what =
                format!("{} {} was answered {status} and changed {effects:?}", request.method, request.route);
            self.offences.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        }
    }
}

async fn record(State(to): State<Recording>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.unwrap();
    let route = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut recorded = Recorded {
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        headers: parts.headers.clone(),
        body: body.clone(),
        route: route.clone().unwrap_or_default(),
        status: StatusCode::OK,
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    recorded.status = response.status();
    if route.is_some() {
        to.again(&recorded).await;
        to.sent.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }
    response
}

impl Recorded {
    /// It was meant to change something.
    pub(super) fn changes(&self) -> bool {
        !self.method.is_safe()
    }

    /// It ends the session it is sent in, or others.
    pub(super) fn ends_a_session(&self) -> bool {
        ["/sign-out", "end-others", "/sessions/others", "/sessions/current"]
            .iter()
            .any(|end| self.route.ends_with(end))
    }

    /// It shows who somebody is, or concludes what was proved.
    pub(super) fn is_a_proof(&self) -> bool {
        let parts = ["proofs", "sign-in", "sessions", "signatures", "confirm", "completion", "finish"];
        self.changes() && !self.ends_a_session() && parts.iter().any(|part| self.route.contains(part))
    }

    /// Sends it, unrecorded.
    pub(super) async fn send(&self, router: &Router) -> (StatusCode, Bytes) {
        let mut request = Request::builder().method(self.method.clone()).uri(self.uri.clone());
        *request.headers_mut().unwrap() = self.headers.clone();
        let response =
            router.clone().oneshot(request.body(Body::from(self.body.clone())).unwrap()).await.unwrap();
        let status = response.status();
        (status, to_bytes(response.into_body(), BODY_MAX).await.unwrap())
    }

    /// The same with texts replaced in address, headers and body, plain and as forms write them.
    pub(super) fn with(&self, texts: &[(String, String)]) -> Self {
        let mut changed = self.clone();
        let mut uri = self.uri.to_string();
        for (from, to) in texts.iter().filter(|(from, _)| !from.is_empty()) {
            uri = uri.replace(from, to);
            for (from, to) in [(from.clone(), to.clone()), (escaped(from), escaped(to))] {
                changed.body = replaced(&changed.body, from.as_bytes(), to.as_bytes()).into();
            }
            for name in [header::COOKIE, header::AUTHORIZATION] {
                if let Some(value) = changed.headers.get(&name) {
                    let value = value.to_str().unwrap().replace(from, to);
                    changed.headers.insert(name, HeaderValue::from_str(&value).unwrap());
                }
            }
        }
        changed.headers.remove(header::CONTENT_LENGTH);
        changed.uri = uri.parse().unwrap();
        changed
    }

    /// What this carries, sent to where the other went; nothing if the two are of different channels.
    pub(super) fn at(&self, other: &Self) -> Option<Self> {
        let api = |request: &Self| request.uri.path().starts_with("/api/");
        let place = || Self {
            method: other.method.clone(),
            uri: other.uri.clone(),
            route: other.route.clone(),
            ..self.clone()
        };
        (api(self) == api(other)).then(place)
    }
}

/// As [`Browser::form`](crate::guard::Browser) writes it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    result.extend_from_slice(rest);
    result
}
