//! The National Certification Authority: certifies anybody's key, answers for the certificates, stamps time.
//!
//! Everybody has a key, computed from their IIN, and one for each legal entity whose head they are. Signatures are real; the
//! keys protect nothing.

use std::sync::{Arc, LazyLock};

use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use eds::{
    Family,
    testing::{Authority, Holder, Profile, Says},
};
use jiff::{SignedDuration, Timestamp};

use super::refused;
use crate::{Mode, Service, persons, world::World};

/// All certificates are made for this instant, so that each start of the simulator makes the same ones.
const MADE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// OCSPResponse with the status tryLater (RFC 6960 §4.2.1).
const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];

static STATE: LazyLock<Authority> =
    LazyLock::new(|| Authority::new(Family::Gost2015, "Nesie demonstration", MADE));
static FOREIGN: LazyLock<Authority> =
    LazyLock::new(|| Authority::new(Family::Gost2015, "Somebody else", MADE));

/// The authority that the demonstration takes for the state's.
pub(crate) fn state() -> &'static Authority {
    &STATE
}

/// The person's key, certified for as long as a demonstration may be moved.
fn holder(authority: &Authority, profile: Profile, number: &str) -> Holder {
    let years = SignedDuration::from_hours(9 * 365 * 24);
    authority.issue(&Profile { valid_for: years, ..profile }, number)
}

/// Whose key signs: a person's own, or that of the legal entity whose head they are.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) iin: &'a str,
    pub(crate) bin: Option<&'a str>,
}

/// What somebody signs with a key, by the mode of what signs for them.
pub(crate) fn sign(
    world: &World,
    by: Service,
    Owner { iin, bin }: Owner<'_>,
    content: &[u8],
    attached: bool,
    stamped: bool,
) -> Vec<u8> {
    let other = persons::examples().into_iter().map(|person| person.iin).find(|other| other != iin);
    let (authority, iin) = match world.mode(by) {
        Mode::ForeignAuthority => (&*FOREIGN, iin.to_owned()),
        Mode::AnotherPerson => (&*STATE, other.unwrap_or_default()),
        _ => (&*STATE, iin.to_owned()),
    };
    let holder = match bin {
        Some(bin) => holder(authority, Profile::head(bin, &iin), &format!("{bin} {iin}")),
        None => holder(authority, Profile::individual(&iin), &iin),
    };
    holder.sign(content, attached, world.clock.instant(), stamped.then_some(authority))
}

pub(super) async fn status(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let now = world.clock.instant();
    let says = match world.mode(Service::Nca) {
        Mode::Pending => return answer("application/ocsp-response", Some(TRY_LATER.to_vec())),
        Mode::Reject => Says::Revoked(now - SignedDuration::from_hours(1)),
        _ => Says::Good,
    };
    answer("application/ocsp-response", STATE.answer_to(&body, says, now))
}

pub(super) async fn time_stamp(State(world): State<Arc<World>>, body: Bytes) -> Response {
    answer("application/timestamp-reply", STATE.stamp_for(&body, world.clock.instant()))
}

/// A list on which nobody stands.
pub(super) async fn list(State(world): State<Arc<World>>) -> Response {
    answer("application/pkix-crl", Some(STATE.list_bytes(1, None, world.clock.instant(), &[])))
}

fn answer(media_type: &'static str, bytes: Option<Vec<u8>>) -> Response {
    match bytes {
        Some(bytes) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        None => refused(StatusCode::BAD_REQUEST),
    }
}
