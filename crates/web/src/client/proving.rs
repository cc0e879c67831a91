//! "Choose how you prove it is you": one part of a page and one set of addresses for whatever is to be confirmed
//! (Rules cl. [6.d](lending::law::CL_6_D), [6.f](lending::law::CL_6_F), [9.a](lending::law::CL_9_A), 35).
//!
//! A [`Matter`] has a page of its own ([`home`]) on which [`part`] shows what is proved, what is missing, and one way to
//! prove more; the other ways are a link away. Each way is a file here: its form, and what takes it, at `…/proofs/<way>`.

mod computer;
mod face;
mod mobile;
mod phone;
mod token;

pub(crate) use face::NONCE;

use app::{
    id::Id,
    identity::{Matter, Prover, Standing, liveness::FRAME_BYTES_MAX},
    refusal::{Fault, Result},
    sessions::{Client, Recoverer, Registrant},
};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use lending::confirmation::{Factor, Missing, ProofKind};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t};

use super::{amendments, changes, entities, recovery, registration, signing};
use crate::{
    Site,
    guard::{Answer, Reader, Stop, UPLOAD_BYTES_MAX},
    page::Problem,
};

/// What the addresses are about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    Registration,
    Application,
    Amendment,
    Entity,
    Change,
    Recovery,
}

/// The ways, below the address of what is proved.
pub(super) fn routes(about: About) -> Router<Site> {
    let photos = DefaultBodyLimit::max(UPLOAD_BYTES_MAX);
    Router::new()
        .route("/code", get(back).post(phone::take))
        .route("/code/send", get(back).post(phone::send))
        .route("/password", get(back).post(phone::take_password))
        .route("/token", get(back).post(token::take))
        .route("/signature", get(computer::back).post(computer::take))
        .route("/signature/ask", get(computer::back).post(computer::ask))
        .route("/signature/{statement}", get(computer::content))
        .route("/egov/ask", get(mobile::back).post(mobile::ask))
        .route("/face", get(back))
        .route("/face", post(face::take).layer(photos))
        .route("/face/hosted", get(back).post(face::open_hosted))
        .route("/face/hosted/finish", get(back).post(face::finish_hosted))
        .route("/face/challenge", post(face::begin))
        .route("/face/frames", post(face::frame).layer(DefaultBodyLimit::max(FRAME_BYTES_MAX)))
        .layer(Extension(about))
}

/// The ways in the order in which they are proposed.
const WAYS: [fn(&At<'_>) -> Option<Way>; 6] =
    [phone::way, token::way, face::way, phone::password, mobile::way, computer::way];

/// A way to prove more: its name in addresses, what it is called, and its form.
pub(super) struct Way {
    name: &'static str,
    title: &'static str,
    form: Markup,
}

/// Which way the reader chose.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Chosen {
    way: String,
}

impl Chosen {
    pub(super) fn way(&self) -> Option<&str> {
        (!self.way.is_empty()).then_some(self.way.as_str())
    }
}

/// Where a way's form stands.
struct At<'a> {
    reader: &'a Reader,
    lang: Lang,
    matter: Matter,
    standing: &'a Standing,
    problem: &'a Problem,
}

impl At<'_> {
    /// Where the form of a way goes.
    fn action(&self, way: &str) -> String {
        format!("{}/proofs/{way}", base(self.matter))
    }

    fn wants(&self, factor: Factor) -> bool {
        self.standing.wants(ProofKind::Factor(factor))
    }
}

/// Who proves what, on which page.
pub(super) struct Proving {
    reader: Reader,
    who: Prover,
    matter: Matter,
}

impl FromRequestParts<Site> for Proving {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Stop> {
        let about = parts.extensions.get::<About>().copied();
        let reader = Reader::from_request_parts(parts, site).await?;
        let (who, matter) = match about.ok_or_else(|| Fault::new("proofs about nothing"))? {
            About::Registration => {
                (Registrant::from_request_parts(parts, site).await?.into(), Matter::Registration)
            }
            About::Recovery => (Recoverer::from_request_parts(parts, site).await?.into(), Matter::Recovery),
            About::Application => {
                let who = Client::from_request_parts(parts, site).await?;
                (who.into(), Matter::Application(named(parts, site).await?))
            }
            About::Amendment => {
                let who = Client::from_request_parts(parts, site).await?;
                (who.into(), Matter::Amendment(named(parts, site).await?))
            }
            About::Entity => {
                let who = Client::from_request_parts(parts, site).await?;
                (who.into(), Matter::Entity(named(parts, site).await?))
            }
            About::Change => {
                let who = Client::from_request_parts(parts, site).await?;
                (who.into(), Matter::Change(named(parts, site).await?))
            }
        };
        Ok(Self { reader, who, matter })
    }
}

impl Proving {
    /// After a way was taken: on, or the page again with what is wrong.
    async fn answer(self, way: &str, taken: Result<()>) -> Answer {
        if let Err(no) = taken {
            let problem = Problem::of(self.reader.lang, no)?;
            return match self.matter {
                Matter::Registration => {
                    registration::proofs(&self.reader, self.who, Some(way), &problem).await
                }
                Matter::Application(id) => {
                    signing::proofs(&self.reader, self.who, id, Some(way), &problem).await
                }
                Matter::Amendment(id) => {
                    amendments::proofs(&self.reader, self.who, id, Some(way), &problem).await
                }
                Matter::Entity(id) => entities::proofs(&self.reader, self.who, id, Some(way), &problem).await,
                Matter::Change(id) => changes::proofs(&self.reader, self.who, id, Some(way), &problem).await,
                Matter::Recovery => recovery::proofs(&self.reader, self.who, Some(way), &problem).await,
            };
        }
        match self.matter {
            Matter::Registration => registration::go_on(&self.reader, self.who).await,
            Matter::Change(id) => changes::go_on(&self.reader, self.who, id).await,
            Matter::Application(_) | Matter::Amendment(_) | Matter::Entity(_) | Matter::Recovery => {
                Ok(Redirect::to(&home(self.matter)).into_response())
            }
        }
    }
}

/// The `{id}` of the path.
async fn named<T>(parts: &mut Parts, site: &Site) -> Result<Id<T>, Stop> {
    let params = RawPathParams::from_request_parts(parts, site).await.ok();
    let found = params.as_ref().and_then(|all| all.iter().find(|(name, _)| *name == "id"));
    super::loan::id(found.ok_or(Stop::Status(StatusCode::NOT_FOUND))?.1)
}

/// Somebody reloads the answer to a form.
async fn back(proving: Proving) -> Redirect {
    Redirect::to(&home(proving.matter))
}

/// The page of what is proved.
pub(super) fn home(matter: Matter) -> String {
    match matter {
        Matter::Registration => "/register/proofs".to_owned(),
        Matter::Recovery => "/recover/proofs".to_owned(),
        Matter::Application(_) | Matter::Amendment(_) | Matter::Entity(_) | Matter::Change(_) => base(matter),
    }
}

fn base(matter: Matter) -> String {
    match matter {
        Matter::Registration => "/register".to_owned(),
        Matter::Application(id) => format!("/applications/{id}/sign"),
        Matter::Amendment(id) => format!("/amendments/{id}"),
        Matter::Entity(id) => format!("/entities/registrations/{id}"),
        Matter::Change(id) => format!("/account/changes/{id}"),
        Matter::Recovery => "/recover".to_owned(),
    }
}

/// What is proved, what is missing, and the way to go on: the one that was chosen, else the answer to a code that was
/// sent, else the face where nothing goes without it, else the first that helps. Nothing once all is proved.
pub(super) fn part(
    reader: &Reader,
    matter: Matter,
    standing: &Standing,
    chosen: Option<&str>,
    problem: &Problem,
) -> Markup {
    let at = At { reader, lang: reader.lang, matter, standing, problem };
    let mut ways: Vec<Way> = WAYS.iter().filter_map(|way| way(&at)).collect();
    let named = |name: &str| ways.iter().position(|way| way.name == name);
    let sent = if standing.code_sent { named(phone::CODE) } else { None };
    let face = if standing.missing == Some(Missing::Biometric) { named(face::FACE) } else { None };
    let first = chosen.and_then(named).or(sent).or(face).unwrap_or_default();
    let shown = (first < ways.len()).then(|| ways.remove(first));
    html! {
        @if !standing.proved.is_empty() {
            ul.steps aria-label=(t::proved(at.lang)) {
                @for kind in &standing.proved {
                    li.done { (name(at.lang, *kind)) span.unseen { " – " (t::step_done(at.lang)) } }
                }
            }
        }
        @if let Some(missing) = standing.missing { p.quiet { (lacking(at.lang, missing)) } }
        @if let Some(way) = shown {
            h2 { (way.title) }
            (way.form)
            @if !ways.is_empty() {
                div.other {
                    h3 { (t::prove_otherwise(at.lang)) }
                    ul {
                        @for way in &ways { li { a href={ (home(matter)) "?way=" (way.name) } { (way.title) } } }
                    }
                }
            }
        }
    }
}

/// What a kind of proof is called.
fn name(lang: Lang, kind: ProofKind) -> &'static str {
    texts::proofs::by_code(lang, &kind.code().replace('_', "-")).unwrap_or(kind.code())
}

fn lacking(lang: Lang, missing: Missing) -> &'static str {
    match missing {
        Missing::Methods(2..) => t::missing_methods(lang),
        Missing::Methods(_) => t::missing_method(lang),
        Missing::Biometric => t::missing_biometric(lang),
        Missing::SecondFactor => t::missing_second_factor(lang),
        Missing::Factor => t::missing_factor(lang),
        Missing::Possession => t::missing_possession(lang),
    }
}
