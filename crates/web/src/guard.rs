//! What every request goes through before a page sees it, and every answer before it leaves.
//!
//! * Who asks is recognised once, from the session cookie; handlers ask for whom they need by type.
//! * A form is taken only from our own pages: by `Sec-Fetch-Site` or `Origin`, and by a token bound to a random
//!   cookie (see [`crate::form`]).
//! * A use case that has begun is finished even if the reader hangs up: between asking the outside world and
//!   storing its answer nobody may be cut off. What is too slow, or panics, is answered for.
//! * Every no becomes a page in the reader's language; of a fault it shows a reference number and nothing else
//!   (Rules cl. [24.5](lending::law::CL_24_5), [26.1](lending::law::CL_26_1)).

use std::{net::SocketAddr, ops::Deref, sync::Arc, time::Duration};

use app::{
    op::Channel,
    refusal::{Fault, No, Sort},
    sessions::{self, Client, Employee, Known, Origin, Recoverer, Registrant, Token, Visitor},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use texts::Lang;

use crate::{Site, page};

/// Most bytes of a form.
pub(crate) const FORM_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a form with a photo: the photo's own limit and room for what is around it.
pub(crate) const UPLOAD_BYTES_MAX: usize = 12 * 1024 * 1024;
/// How long a request may take, reading it included.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

const SESSION: &str = "__Host-session";
const FORM: &str = "__Host-form";
const DEVICE: &str = "__Host-device";
const STAFF_DEVICE: &str = "__Host-staff-device";
const LANG: &str = "__Host-lang";
const NEXT: &str = "__Host-next";

/// The reader of a page: language, place, and who it is. Made once a request by [`pages`].
#[derive(Clone)]
pub(crate) struct Reader(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) site: Site,
    pub(crate) lang: Lang,
    pub(crate) who: Who,
    /// Path and query that lead back here, for the language switch.
    pub(crate) here: String,
    /// Value of the cookie that forms are bound to.
    form: String,
    /// Where somebody was going before signing in.
    next: Option<String>,
    origin: Origin,
}

/// Who is on the other side.
#[derive(Clone)]
pub(crate) enum Who {
    Visitor,
    Registrant(Registrant),
    Recoverer(Recoverer),
    Client(Client),
    Employee(Employee),
}

impl Deref for Reader {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Reader {
    /// The use cases.
    pub(crate) fn app(&self) -> &app::App {
        &self.site.app
    }

    /// Whoever it is, as somebody not known yet.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor { origin: self.origin.clone() }
    }

    /// The network address.
    pub(crate) fn address(&self) -> &str {
        &self.origin.address
    }

    /// They asked for a page that is only for who is signed in.
    pub(crate) fn is_on_the_way(&self) -> bool {
        self.next.is_some()
    }

    /// The token that this reader's forms carry.
    pub(crate) fn form_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.app().vault().mark("form", &[self.form.as_bytes()]))
    }

    /// Whether a form came from a page given to this reader.
    pub(crate) fn gave(&self, token: &str) -> bool {
        app::vault::same(self.form_token().as_bytes(), token.as_bytes())
    }

    /// Lets a client in: the new session's cookie, and on to where they were going.
    pub(crate) fn let_in(&self, token: &Token) -> Response {
        let to = self.next.as_deref().unwrap_or("/account");
        let mut response = Redirect::to(to).into_response();
        set_session(&mut response, token);
        set_cookie(&mut response, NEXT, "", "Strict; Max-Age=0");
        response
    }
}

/// Gives the browser a session's secret, for as long as it is open and not readable by any script; and, once, the secret by
/// which it is known again. That one opens nothing.
pub(crate) fn set_session(response: &mut Response, token: &Token) {
    give(response, token, DEVICE);
}

/// The same for an employee: a browser in which somebody is a client, too, is known to both.
pub(crate) fn set_staff_session(response: &mut Response, token: &Token) {
    give(response, token, STAFF_DEVICE);
}

fn give(response: &mut Response, token: &Token, device: &str) {
    set_cookie(response, SESSION, &token.reveal(), "Strict");
    if let Some(secret) = token.reveal_device() {
        set_cookie(response, device, &secret, "Strict; Max-Age=34560000");
    }
}

/// Takes a session's secret away, and all that the browser kept of our pages.
pub(crate) fn clear_session(response: &mut Response) {
    set_cookie(response, SESSION, "", "Strict; Max-Age=0");
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
}

/// Remembers a language: the one thing kept for longer than the browser is open, and nothing personal.
pub(crate) fn set_language(response: &mut Response, lang: Lang) {
    set_cookie(response, LANG, lang.code(), "Lax; Max-Age=31536000");
}

fn set_cookie(response: &mut Response, name: &str, value: &str, same_site: &str) {
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Where a request comes from.
pub(crate) fn origin(request: &Request, channel: Channel) -> Origin {
    let shown = match channel {
        Channel::Web if request.uri().path().starts_with("/staff") => cookie(request.headers(), STAFF_DEVICE),
        Channel::Web => cookie(request.headers(), DEVICE),
        _ => request.headers().get("device-key").and_then(|key| key.to_str().ok()),
    };
    let device_key = shown.and_then(Token::parse).map(|key| key.hash());
    let device = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let address = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_canonical().to_string());
    Origin {
        device: device.chars().take(200).collect(),
        address: address.unwrap_or_else(|| "unknown".to_owned()),
        channel,
        device_key,
    }
}

/// A path on this site, and nothing that a browser could read as another one.
pub(crate) fn local(path: &str) -> Option<&str> {
    let plain = path.len() <= 300
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b';');
    plain.then_some(path)
}

/// Why there is no page. Rendered by [`pages`], which knows the reader.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The use case said no.
    No(No),
    /// A client has to sign in first.
    SignIn,
    /// A registration has to be begun first.
    Register,
    /// A recovery has to be begun first.
    Recover,
    /// An employee has to sign in first.
    StaffSignIn,
    /// The form did not come from a page we gave to this reader.
    Forged,
    /// The request itself is wrong: 400, 404, 405, 413, 415; or took too long: 503.
    Status(StatusCode),
}

impl<E: Into<No>> From<E> for Stop {
    fn from(no: E) -> Self {
        Self::No(no.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What a handler gives.
pub(crate) type Answer = Result<Response, Stop>;

/// The status that tells a sort of refusal.
pub(crate) fn status(sort: Sort) -> StatusCode {
    match sort {
        Sort::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Sort::Unauthenticated => StatusCode::UNAUTHORIZED,
        Sort::Forbidden => StatusCode::FORBIDDEN,
        Sort::NotFound => StatusCode::NOT_FOUND,
        Sort::Conflict => StatusCode::CONFLICT,
        Sort::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Sort::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The limits behind "too often" last a quarter of an hour to a day; sooner than this nothing is gained.
pub(crate) const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("900");

/// Every page goes through here.
pub(crate) async fn pages(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let given = cookie(headers, FORM).filter(|value| Token::parse(value).is_some());
    let (form, fresh) = match given {
        Some(value) => (value.to_owned(), false),
        None => (random(&site, 32, |bytes| URL_SAFE_NO_PAD.encode(bytes)), true),
    };
    let chosen = cookie(headers, LANG).and_then(Lang::parse);
    let lang = chosen.or_else(|| accepted(headers)).unwrap_or(Lang::Kk);
    let token = cookie(headers, SESSION).and_then(Token::parse);
    let ours = request.method().is_safe() || same_origin(headers, request.uri().host());
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut inner = Inner {
        lang,
        who: Who::Visitor,
        here: local(here).unwrap_or("/").to_owned(),
        form,
        next: cookie(headers, NEXT).and_then(local).map(str::to_owned),
        origin: origin(&request, Channel::Web),
        site,
    };
    let mut stop = (!ours).then_some(Stop::Forged);
    if let (Some(token), None) = (token, &stop) {
        match sessions::recognise(&inner.site.app, &token, inner.origin.clone()).await {
            Ok(Some(Known::Registrant(who))) => inner.who = Who::Registrant(who),
            Ok(Some(Known::Recoverer(who))) => inner.who = Who::Recoverer(who),
            Ok(Some(Known::Client(who))) => {
                inner.lang = chosen.unwrap_or(who.lang);
                inner.who = Who::Client(who);
            }
            Ok(Some(Known::Employee(who))) => inner.who = Who::Employee(who),
            Ok(None) => {}
            Err(no) => stop = Some(Stop::No(no)),
        }
    }
    let reader = Reader(Arc::new(inner));
    let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    request.extensions_mut().insert(reader.clone());
    let mut response = match stop {
        Some(stop) => stop.into_response(),
        None => match tokio::time::timeout(REQUEST_TIME_MAX, tokio::spawn(next.run(request))).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => Stop::from(Fault::new(panic)).into_response(),
            Err(_) => Stop::Status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
        },
    };
    if let Some(stop) = response.extensions_mut().remove::<Arc<Stop>>() {
        let route = route.as_ref().map_or("none", MatchedPath::as_str);
        let headers = std::mem::take(response.headers_mut());
        response = explain(&reader, &stop, &method, route);
        if let Some(allow) = headers.get(header::ALLOW) {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
    }
    if fresh {
        set_cookie(&mut response, FORM, &reader.form, "Lax");
    }
    response
}

/// A no as a page.
fn explain(reader: &Reader, stop: &Stop, method: &Method, route: &str) -> Response {
    let lang = reader.lang;
    match stop {
        Stop::No(No::Refusal(no)) if no.sort == Sort::Unauthenticated && no.code != "registration-lapsed" => {
            sign_in(reader, method)
        }
        Stop::SignIn => sign_in(reader, method),
        Stop::Register => Redirect::to("/register").into_response(),
        Stop::Recover => Redirect::to("/recover").into_response(),
        Stop::StaffSignIn => Redirect::to("/staff/sign-in").into_response(),
        Stop::No(No::Refusal(no)) => {
            let title = match no.sort {
                Sort::NotFound => texts::client::error_404_title(lang),
                Sort::TooMany => texts::client::error_429_title(lang),
                Sort::Unavailable => texts::client::error_503_title(lang),
                _ => texts::client::error_refused_title(lang),
            };
            let mut response = page::failure(reader, status(no.sort), title, no.text(lang), None);
            if no.sort == Sort::TooMany {
                response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            response
        }
        Stop::No(No::Fault(fault)) => {
            let reference = random(&reader.site, 10, readable);
            tracing::error!(reference, ?fault, %method, route, "a request failed");
            page::failure(
                reader,
                StatusCode::INTERNAL_SERVER_ERROR,
                texts::client::error_500_title(lang),
                texts::client::error_500_text(lang),
                Some(&reference),
            )
        }
        Stop::Forged => page::failure(
            reader,
            StatusCode::FORBIDDEN,
            texts::client::error_form_title(lang),
            texts::client::error_form_text(lang),
            None,
        ),
        Stop::Status(status) => {
            let (title, text) = match *status {
                StatusCode::NOT_FOUND => {
                    (texts::client::error_404_title(lang), texts::client::error_404_text(lang))
                }
                StatusCode::METHOD_NOT_ALLOWED => {
                    (texts::client::error_405_title(lang), texts::client::error_405_text(lang))
                }
                StatusCode::PAYLOAD_TOO_LARGE => {
                    (texts::client::error_413_title(lang), texts::client::error_413_text(lang))
                }
                StatusCode::SERVICE_UNAVAILABLE => {
                    (texts::client::error_503_title(lang), texts::client::error_503_text(lang))
                }
                _ => (texts::client::error_400_title(lang), texts::client::error_400_text(lang)),
            };
            page::failure(reader, *status, title, text, None)
        }
    }
}

/// To the sign-in page, and back afterwards to what was asked for, if it was a page.
fn sign_in(reader: &Reader, method: &Method) -> Response {
    let mut response = Redirect::to("/sign-in").into_response();
    if *method == Method::GET {
        set_cookie(&mut response, NEXT, &reader.here, "Strict; Max-Age=3600");
    }
    response
}

fn random(site: &Site, count: usize, write: fn(&[u8]) -> String) -> String {
    let mut bytes = [0; 32];
    let bytes = &mut bytes[..count.min(32)];
    site.app.chance().fill(bytes);
    write(bytes)
}

/// Without the letters and digits that are mistaken for each other when read out on the phone.
fn readable(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// Whether the browser says that one of our own pages sent this. Older browsers send no `Sec-Fetch-Site`,
/// but do send `Origin` with every form.
fn same_origin(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let host = text(header::HOST).or(authority);
    let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("https://"));
    matches!((origin, host), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
}

/// The first language of ours in `Accept-Language`, in the browser's order of preference.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    list.split(',').take(20).find_map(|item| Lang::parse(item.split(';').next().unwrap_or_default()))
}

/// The headers of every answer, pages and assets alike.
pub(crate) async fn headers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // What hands out a file of somebody else's is stricter.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| site.policy.clone());
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What pages may do: nothing but what they bring along, and a connection to NCALayer on the reader's own machine.
pub(crate) fn policy(ncalayer_port: u16) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; \
         connect-src 'self' wss://127.0.0.1:{ncalayer_port}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

const HEADERS: [(&str, &str); 7] = [
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: some browsers then send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), display-capture=(), \
         loopback-network=(self), local-network=()",
    ),
];

impl FromRequestParts<Site> for Reader {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Stop> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fault::new("a page outside the guard").into())
    }
}

macro_rules! known {
    ($who:ident, $else:expr) => {
        impl FromRequestParts<Site> for $who {
            type Rejection = Stop;
            async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Stop> {
                match &Reader::from_request_parts(parts, site).await?.who {
                    Who::$who(who) => Ok(who.clone()),
                    _ => Err($else),
                }
            }
        }
    };
}
known!(Registrant, Stop::Register);
known!(Recoverer, Stop::Recover);
known!(Client, Stop::SignIn);
known!(Employee, Stop::StaffSignIn);
