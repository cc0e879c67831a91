//! What every request of the API goes through: language, origin, who asks, time.

use std::{ops::Deref, sync::Arc, time::Duration};

use app::{
    App,
    id::Id,
    once,
    op::Channel,
    refusal::Fault,
    sessions::{self, Client, Known, Origin, Recoverer, Registrant, SessionRefusal, Token, Visitor},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use texts::Lang;

use super::problem::{self, Answer, Stop};
use crate::{Site, guard};

/// The header of [`Once`].
const KEY: &str = "idempotency-key";
/// How long a request may take, reading it included.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// Whoever asks: where from, in which language. Made once a request by [`enter`].
#[derive(Clone)]
pub(super) struct Caller(Arc<Inner>);

pub(super) struct Inner {
    pub(super) site: Site,
    pub(super) lang: Lang,
    origin: Origin,
}

impl Deref for Caller {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Caller {
    /// The use cases.
    pub(super) fn app(&self) -> &App {
        &self.site.app
    }

    /// The network address.
    pub(super) fn address(&self) -> &str {
        &self.origin.address
    }

    /// Somebody not known yet.
    pub(super) fn visitor(&self) -> Visitor {
        Visitor { origin: self.origin.clone() }
    }

    /// The organization's name in the caller's language.
    pub(super) fn organization(&self) -> &str {
        self.site.settings.organization.name.in_lang(self.lang)
    }
}

/// Every request goes through here. What has begun is finished even if the caller hangs up, as for pages.
pub(super) async fn enter(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let lang = accepted(request.headers()).unwrap_or(Lang::Kk);
    let origin = guard::origin(&request, Channel::Mobile);
    let caller = Caller(Arc::new(Inner { site, lang, origin }));
    let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    request.extensions_mut().insert(caller.clone());
    let mut response = match tokio::time::timeout(REQUEST_TIME_MAX, tokio::spawn(next.run(request))).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => Stop::from(Fault::new(panic)).into_response(),
        Err(_) => Stop::Status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    };
    if let Some(stop) = response.extensions_mut().remove::<Arc<Stop>>() {
        let allow = response.headers_mut().remove(header::ALLOW);
        let route = route.as_ref().map_or("none", MatchedPath::as_str);
        response = problem::explain(caller.app(), lang, &stop, &method, route);
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.code()));
    response
}

/// The first language of ours in `Accept-Language`, in the caller's order.
fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    list.split(',').take(20).find_map(|item| Lang::parse(item.split(';').next().unwrap_or_default()))
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Answer<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fault::new("a request outside the door").into())
    }
}

/// Whose token came with the request. Anybody else's is no token at all.
pub(super) struct Bearer<W>(pub(super) W);

async fn known(parts: &mut Parts, site: &Site) -> Answer<Known> {
    let caller = Caller::from_request_parts(parts, site).await?;
    let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token));
    let token = token.and_then(Token::parse).ok_or(SessionRefusal::Ended)?;
    let known = sessions::recognise(caller.app(), &token, caller.origin.clone()).await?;
    Ok(known.ok_or(SessionRefusal::Ended)?)
}

impl FromRequestParts<Site> for Bearer<Client> {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        match known(parts, site).await? {
            Known::Client(client) => Ok(Self(client)),
            _ => Err(SessionRefusal::Ended.into()),
        }
    }
}

/// A registration's token is only good for that registration: with another id there is no such thing.
impl FromRequestParts<Site> for Bearer<Registrant> {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let Known::Registrant(who) = known(parts, site).await? else {
            return Err(SessionRefusal::Ended.into());
        };
        let Named(id) = Named::from_request_parts(parts, site).await?;
        if id != who.registration {
            return Err(Stop::Status(StatusCode::NOT_FOUND));
        }
        Ok(Self(who))
    }
}

/// A recovery's token is only good for that recovery: with another id there is no such thing.
impl FromRequestParts<Site> for Bearer<Recoverer> {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let Known::Recoverer(who) = known(parts, site).await? else {
            return Err(SessionRefusal::Ended.into());
        };
        let Named(id) = Named::from_request_parts(parts, site).await?;
        if id != who.change {
            return Err(Stop::Status(StatusCode::NOT_FOUND));
        }
        Ok(Self(who))
    }
}

/// The key by which what is sent twice is done once, from the header `Idempotency-Key`.
pub(super) struct Once(pub(super) once::Key);

impl FromRequestParts<Site> for Once {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Answer<Self> {
        let mut given = parts.headers.get_all(KEY).into_iter();
        let key = match (given.next(), given.next()) {
            (None, _) => once::Key::parse(""),
            // Two keys, or characters that no header has, are no key.
            (Some(one), None) => once::Key::parse(one.to_str().unwrap_or("?")),
            _ => Err(once::OnceRefusal::Malformed),
        };
        key.map(Self).map_err(|no| no.at(KEY).into())
    }
}

/// The `{id}` in the path; what is none names nothing.
pub(super) struct Named<T>(pub(super) Id<T>);

impl<T> FromRequestParts<Site> for Named<T> {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let id = param(parts, site, "id").await?;
        id.parse().map(Self).map_err(|_| Stop::Status(StatusCode::NOT_FOUND))
    }
}

/// A part of the path by its name.
pub(super) async fn param(parts: &mut Parts, site: &Site, name: &str) -> Answer<String> {
    let params = RawPathParams::from_request_parts(parts, site).await;
    let found = params
        .ok()
        .and_then(|all| all.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()));
    found.ok_or(Stop::Status(StatusCode::NOT_FOUND))
}
