//! Nothing that was sent once is accepted a second time (Rules cl. [11](lending::law::CL_11)).
//!
//! A layer records every request of the whole job, by pages and by the API. Then all of it is sent again: as it was, in
//! another order, from another person's session, and for another operation, and the database before and after is compared. What
//! may be repeated stands in one list with its reason ([`REPEATABLE`]). A route of the program that the job does not
//! use fails the test ([`routes`]), so a new one cannot be forgotten.

mod faces;
mod job;
mod recording;
mod routes;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use axum::Router;
use faces::Faces;
use job::Job;
use recording::Recorded;
use testkit::TestApp;

/// What a request may do again, by its route, with the reason. Everything else may do nothing.
const REPEATABLE: &[(&str, &[&str], &str)] = &[
    // A password is a secret that is given each time anew: it opens a session, which is told to the client, and is one
    // half of a method. Whoever can send it again knows it.
    ("/sign-in", SESSION, "a password opens a session each time"),
    ("/api/v1/sessions", SESSION, "a password opens a session each time"),
    ("/staff/sign-in", SESSION, "a password opens a session each time"),
    ("/applications/{id}/sign/proofs/password", PROOF, "a password is half a method for whatever is open"),
    ("/applications/{id}/sign/proofs/code", PROOF, "the form of the code takes a password, too"),
    ("/api/v1/changes/{id}/proofs/password", PROOF, "a password is half a method for whatever is open"),
    ("/api/v1/applications/{id}/proofs/password", PROOF, "a password is half a method for whatever is open"),
    // Data alone register nobody: another registration is begun that nobody can finish without new proofs.
    ("/register", REGISTRATION, "another registration is begun, which needs its own proofs"),
    ("/api/v1/registrations", REGISTRATION, "another registration is begun, which needs its own proofs"),
    // To act for an entity, too, needs new proofs, and an employee who reads the document.
    ("/api/v1/uploads", &["upload"], "a file is taken again, and nothing follows from it"),
    ("/api/v1/entity-registrations", &["entity_registration"], "another request, which needs its own proofs"),
    (
        "/api/v1/entity-registrations/{id}/proofs/password",
        PROOF,
        "a password is half a method for whatever is open",
    ),
    ("/api/v1/acting", &["session"], "a session chooses among the powers that its person has"),
    // A challenge asks for turns of its own, and a provider's session for a face shown there.
    ("/api/v1/registrations/{id}/liveness", &["liveness"], "another challenge, which asks for its own turns"),
    ("/api/v1/changes/{id}/liveness", &["liveness"], "another challenge, which asks for its own turns"),
    (
        "/register/proofs/face/hosted",
        &["hosted_face"],
        "another session, in which somebody has to show their face",
    ),
    (
        "/account/changes/{id}/proofs/face/hosted",
        &["hosted_face"],
        "another session, in which somebody has to show their face",
    ),
    // Nothing is changed by asking for it: a change is carried out by its own proofs.
    ("/account/changes/account", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/changes/phone", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/changes/account", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/changes/password", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/tokens", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/tokens/{id}/giving-up", ASKED, "another change is asked for, which needs its own proofs"),
    ("/api/v1/recoveries", &["change", "session"], "another recovery is begun, which needs its own proofs"),
    // Ends sessions of who sends it, and gives nobody anything.
    ("/account/sessions/end-others", &["session", "device"], "ends what else is open"),
    ("/api/v1/sessions/others", &["session", "device"], "ends what else is open"),
    ("/sign-out", &["session"], "ends the session of who sends it"),
    ("/api/v1/sessions/current", &["session"], "ends the session of who sends it"),
];

const SESSION: &[&str] = &["session", "proof", "confirmation", "device"];
const ASKED: &[&str] = &["change"];
const PROOF: &[&str] = &["proof"];
const REGISTRATION: &[&str] = &["registration", "session", "proof", "acknowledgement"];

/// What may be done with it in a stranger's own session besides: there a program's key is another key, and what is done is
/// done for the stranger.
const STRANGERS: &[(&str, &[&str])] =
    &[("/api/v1/applications", &["application", "acknowledgement", "application states", "sent_once"])];

/// A trace of what was tried is no effect: the trail, evidence that nothing points at, a question asked again, a code
/// sent anew or a statement to be signed anew (those that were passed and signed are compared), a message that waits.
const TRACES: [&str; 6] = ["audit_event", "evidence", "inquiry", "challenge", "signing", "job"];

/// All that could be an effect, by table.
type State = BTreeMap<String, String>;

async fn state(database: &PgConnectOptions) -> State {
    let mut db = PgConnection::connect_with(database).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = 'public' and tablename <> all($1)",
    )
    .bind([&TRACES[..], &["attempt", "_sqlx_migrations"]].concat())
    .fetch_all(&mut db)
    .await
    .unwrap();
    let mut queries: Vec<(String, String)> = tables
        .into_iter()
        .map(|table| (table.clone(), format!("select t::text as r from \"{table}\" t")))
        .collect();
    // How many pictures were sent is a limit, as attempts are.
    queries.retain(|(name, _)| name != "liveness");
    queries.push(("liveness".into(), "select (to_jsonb(t) - 'frames')::text as r from liveness t".into()));
    for (name, sql) in [
        ("codes passed", "select id::text as r from challenge where passed_at is not null"),
        ("statements signed", "select id::text as r from signing where spent_at is not null"),
        ("who is signed in", "select distinct coalesce(client_id, staff_id)::text as r from session"),
        ("application states", "select id::text || state as r from application where state <> 'checking'"),
    ] {
        queries.push((name.to_owned(), sql.to_owned()));
    }
    let parts = queries.iter().map(|(name, sql)| {
        format!("select '{name}' as n, md5(coalesce(string_agg(r, '|' order by r), '')) as h from ({sql}) q")
    });
    let sql = parts.collect::<Vec<_>>().join(" union all ");
    let all: Vec<(String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    sqlx::query("delete from attempt").execute(&mut db).await.unwrap(); // Limits must not be what refuses.
    db.close().await.unwrap();
    all.into_iter().collect()
}

/// What differs.
fn changed<'a>(before: &'a State, after: &State) -> BTreeSet<&'a str> {
    before
        .iter()
        .filter(|(name, hash)| after.get(*name) != Some(hash))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What a request did to the state although it must not.
fn offence<'a>(how: &str, request: &Recorded, before: &'a State, after: &State) -> Vec<&'a str> {
    let listed = REPEATABLE.iter().find(|(route, ..)| *route == request.route && request.changes());
    let theirs = STRANGERS.iter().find(|(route, _)| *route == request.route && how == FROM_ANOTHER_SESSION);
    let allowed = listed.map(|(_, tables, _)| *tables).into_iter().chain(theirs.map(|(_, tables)| *tables));
    let allowed: Vec<&str> = allowed.flatten().copied().collect();
    changed(before, after).into_iter().filter(|table| !allowed.contains(table)).collect()
}

const FROM_ANOTHER_SESSION: &str = "from another session";

struct Again<'a> {
    t: &'a TestApp,
    router: &'a Router,
    /// As the last request left it.
    left: Option<State>,
    offences: Vec<String>,
    sent: usize,
}

impl<'a> Again<'a> {
    fn over(t: &'a TestApp, router: &'a Router) -> Self {
        Self { t, router, left: None, offences: Vec::new(), sent: 0 }
    }

    /// Something else was done in between.
    fn looks_anew(&mut self) {
        self.left = None;
    }

    fn found_nothing(&self, at_least: usize) {
        let (offences, sent) = (&self.offences, self.sent);
        assert!(offences.is_empty(), "{} of {sent} requests:\n{}", offences.len(), offences.join("\n"));
        assert!(sent > at_least, "{sent} requests are not the whole");
    }

    /// Sends a request once more, perhaps changed, and notes what it did although it must not.
    async fn send(&mut self, how: &str, request: &Recorded) {
        let t = self.t;
        let before = match self.left.take() {
            Some(left) => left,
            None => state(t.owner_options()).await,
        };
        let payments = t.world.payments().len();
        let (status, _) = request.send(self.router).await;
        t.settle().await;
        self.sent += 1;
        let after = state(t.owner_options()).await;
        let effects = offence(how, request, &before, &after);
        if !effects.is_empty()
            || t.world.payments().len() != payments
            || status == StatusCode::INTERNAL_SERVER_ERROR
        {
            let (method, route) = (&request.method, &request.route);
            self.offences
                .push(format!("{how}: {method} {route} was answered {status} and changed {effects:?}"));
        }
        self.left = Some(after);
    }
}

/// Proves [`lending::law::CL_11`]: who recorded everything that a client ever sent has nothing of it.
#[tokio::test]
async fn whoever_recorded_all_that_was_sent_can_do_nothing_with_it() {
    let job = Job::done(false).await;
    let recorded: Vec<Recorded> = job.recording.all();
    routes::all_used(&recorded);
    // What ends a session comes last: the others must not be refused because of it.
    let changing = || {
        let (ending, going): (Vec<_>, Vec<_>) =
            recorded.iter().filter(|request| request.changes()).partition(|request| request.ends_a_session());
        going.into_iter().chain(ending)
    };
    let mut again = Again::over(&job.t, &job.router);
    for request in &recorded {
        again.send("as it was", request).await;
    }
    for request in recorded.iter().rev().filter(|request| request.changes()) {
        again.send("in another order", request).await;
    }
    for request in changing() {
        again.send(FROM_ANOTHER_SESSION, &job.as_another(request)).await;
    }
    let open = job.open_another_matter().await;
    again.looks_anew();
    // One of each, in the order of the job.
    let mut places: Vec<&Recorded> = Vec::new();
    for place in recorded.iter().filter(|request| request.is_a_proof()) {
        if !places.iter().any(|known| known.route == place.route) {
            places.push(place);
        }
    }
    for secret in recorded.iter().filter(|request| request.is_a_proof()) {
        for target in places.iter().filter(|place| place.route != secret.route) {
            if let Some(request) = open.about(secret).at(&open.about(target)) {
                again.send("in another place", &request).await;
            }
        }
    }
    for request in changing() {
        again.send("for another operation", &open.about(request)).await;
    }
    again.found_nothing(900);
    open.is_still_open().await;
    job.t.finish().await;
}

/// Proves [`lending::law::CL_11`]: what is sent a second time at once, while everything is still open, is not taken a
/// second time, and the job goes on as if it had not been.
#[tokio::test]
async fn whoever_sends_everything_twice_at_once_has_it_once() {
    let job = Job::done(true).await;
    let offences = job.recording.offences();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    assert_eq!(job.t.world.payments().len(), 2, "one payout for each of the two people");
    job.t.finish().await;
}

/// Proves [`lending::law::CL_11`] for the face: turns of a head and a provider's session prove once, and whoever filmed them
/// proves nothing.
#[tokio::test]
async fn whoever_recorded_a_face_and_its_turns_proves_nothing_with_them() {
    let faces = Faces::done(false).await;
    let recorded = faces.recording.all();
    routes::faces_used(&recorded);
    let mut again = Again::over(&faces.t, &faces.router);
    for request in &recorded {
        again.send("as it was", request).await;
    }
    for request in recorded.iter().rev().filter(|request| request.changes()) {
        again.send("in another order", request).await;
    }
    let (another, open) = (faces.of_a_stranger().await, faces.another_matter().await);
    again.looks_anew();
    for request in recorded.iter().filter(|request| request.changes()) {
        again.send(FROM_ANOTHER_SESSION, &another.about(request)).await;
    }
    for request in recorded.iter().filter(|request| request.changes()) {
        again.send("for another operation", &open.about(request)).await;
    }
    again.found_nothing(300);
    faces.film_shown_again(&open).await;
    faces.t.finish().await;
}

/// Proves [`lending::law::CL_11`].
#[tokio::test]
async fn whoever_shows_everything_of_a_face_twice_at_once_is_taken_once() {
    let faces = Faces::done(true).await;
    let offences = faces.recording.offences();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    let proofs: i64 =
        sqlx::query_scalar("select count(*) from proof where kind = 'biometric_identification'")
            .fetch_one(&mut faces.t.owner().await)
            .await
            .unwrap();
    assert_eq!(proofs, 4, "two people, each twice");
    faces.t.finish().await;
}
