//! Every route of the program, read from its sources and its description, so that none is forgotten.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::recording::Recorded;

/// What the job does not send, with the test that sends it twice. A line that is not needed any more fails the test.
const ELSEWHERE: &[(&str, &str)] = &[
    ("/account/changes/account", "the pages of a use case whose API is recorded"),
    ("/account/changes/password", "the pages of a use case whose API is recorded"),
    ("/account/changes/{id}/carry-out", "the pages of a use case whose API is recorded"),
    ("/account/tokens", "the pages of a use case whose API is recorded"),
    ("/account/tokens/{id}/give-up", "the pages of a use case whose API is recorded"),
    ("/account/tokens/{id}/resynchronise", "the pages of a use case whose API is recorded"),
    ("/recover", "the pages of a use case whose API is recorded"),
    ("/recover/finish", "the pages of a use case whose API is recorded"),
    ("/sign-in/token", "the pages of a use case whose API is recorded"),
    ("…/codes", "the pages of a use case whose API is recorded"),
    ("…/proofs/token", "the pages of a use case whose API is recorded"),
    ("…/proofs/signature/ask", "the pages of a use case whose API is recorded"),
    ("…/proofs/signature", "the pages of a use case whose API is recorded"),
    (
        "/account/changes/phone",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    (
        "/account/changes/{id}/number",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    (
        "/account/changes/{id}/number/send",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    (
        "/api/v1/changes/phone",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    (
        "/api/v1/changes/{id}/number",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    (
        "/api/v1/changes/{id}/number-codes",
        "a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told",
    ),
    ("/api/…/liveness", "whoever_turns_their_head_as_asked_is_identified_once"),
    ("/api/…/liveness/frames", "whoever_turns_their_head_as_asked_is_identified_once"),
    ("…/proofs/face/challenge", "whoever_turns_their_head_as_asked_is_identified_once"),
    ("…/proofs/face/frames", "whoever_turns_their_head_as_asked_is_identified_once"),
    ("…/proofs/face/hosted", "a_providers_session_proves_once_and_only_whom_it_was_opened_for"),
    ("…/proofs/face/hosted/finish", "a_providers_session_proves_once_and_only_whom_it_was_opened_for"),
    ("…/proofs/egov/ask", "a_phone_signs_what_the_page_shows_and_a_guessed_link_shows_nothing"),
    ("/egov/{link}/document", "a_phone_signs_what_the_page_shows_and_a_guessed_link_shows_nothing"),
    ("/entities/act", "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force"),
    (
        "/entities/people/{id}/end",
        "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force",
    ),
    ("/api/v1/acting", "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force"),
    ("/api/v1/authorities", "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force"),
    ("/api/v1/people", "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force"),
    (
        "/api/v1/people/{id}/end",
        "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force",
    ),
    (
        "/staff/entities/{id}/accept",
        "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force",
    ),
    (
        "/staff/entities/{id}/refuse",
        "people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force",
    ),
    (
        "/entities/register",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
    (
        "/entities/registrations/{id}/finish",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
    (
        "/api/v1/uploads",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
    (
        "/api/v1/entity-registrations",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
    (
        "/api/v1/entity-registrations/{id}",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
    (
        "/api/v1/entity-registrations/{id}/completion",
        "what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows",
    ),
];

/// Fails if a route was never used, or used and never accepted where it changes something. Ways of proving are one
/// mechanism for whatever is to be confirmed: each has to be accepted for something.
pub(super) fn all_used(recorded: &[Recorded]) {
    let accepted = |one: &&Recorded| !one.changes() || one.status.as_u16() < 400;
    let used: BTreeSet<(String, String)> = recorded
        .iter()
        .filter(accepted)
        .map(|one| (one.method.as_str().to_ascii_lowercase(), mechanism(&one.route)))
        .collect();
    let all: BTreeSet<(String, String)> =
        of_pages().into_iter().chain(of_api()).map(|(method, path)| (method, mechanism(&path))).collect();
    assert!(all.len() > 60, "routes were not found: {all:?}");
    let named = |(_, path): &(String, String)| ELSEWHERE.iter().any(|(route, _)| route == path);
    let unused: Vec<_> = all.difference(&used).collect();
    let forgotten: Vec<_> = unused.iter().filter(|route| !named(route)).collect();
    assert!(forgotten.is_empty(), "the job does not use these, or they refused: {forgotten:#?}");
    let all_of = |route: &str| all.iter().filter(|(_, path)| path == route).all(|one| used.contains(one));
    let stale: Vec<_> = ELSEWHERE
        .iter()
        .filter(|(route, _)| all.iter().any(|(_, path)| path == route) && all_of(route))
        .collect();
    assert!(stale.is_empty(), "the job does use these: {stale:#?}");
}

/// The route without what is to be confirmed, where it is a way of proving.
fn mechanism(route: &str) -> String {
    for part in ["/proofs", "/codes", "/statements", "/liveness"] {
        if let Some(at) = route.find(part) {
            let of = if route.starts_with("/api") { "/api/…" } else { "…" };
            return format!("{of}{}", &route[at..]);
        }
    }
    route.to_owned()
}

/// Every page that only shows something, about `id` where it is about something.
pub(super) fn readable(id: &str) -> Vec<String> {
    let pages = of_pages().into_iter().filter(|(method, _)| method == "get");
    let named =
        |path: String| path.replace("{id}", id).replace("{lang}", "ru").replace("{kind}", "agreement.pdf");
    pages.map(|(_, path)| named(path).replace(['{', '}'], "")).collect()
}

fn of_api() -> Vec<(String, String)> {
    let api: Value = serde_json::from_str(&web::openapi().unwrap()).unwrap();
    let paths = api["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.clone(), format!("/api{path}")))
        })
        .collect()
}

/// `.route("…", get(…).post(…))` in the sources, and below the prefix of `.nest("…", module::routes(…))`.
fn of_pages() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&source, &mut files);
    let nests: Vec<(String, String)> = files.iter().flat_map(|(_, text)| nested(text)).collect();
    let mut all = Vec::new();
    for (module, text) in &files {
        let prefixes: Vec<&str> =
            nests.iter().filter(|(name, _)| name == module).map(|(_, prefix)| prefix.as_str()).collect();
        let prefixes = if prefixes.is_empty() { vec![""] } else { prefixes };
        for (path, methods) in routed(text) {
            for (prefix, method) in prefixes.iter().flat_map(|p| methods.iter().map(move |m| (p, m))) {
                all.push((method.clone(), format!("{prefix}{path}")));
            }
        }
    }
    all.retain(|(_, path)| !path.starts_with("/assets"));
    all
}

/// The sources but those of the API, which describes itself: by the name of the module.
fn walk(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("api") {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let name = if name == "mod" {
                path.parent().unwrap().file_name().unwrap().to_str().unwrap()
            } else {
                name
            };
            files.push((name.to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Modules and the prefixes they are nested under.
fn nested(text: &str) -> Vec<(String, String)> {
    let calls = text.split(".nest(\"").skip(1);
    calls
        .filter_map(|call| {
            let (prefix, rest) = call.split_once("\", ")?;
            let (module, _) = rest.split_once("::routes")?;
            Some((module.rsplit("::").next()?.to_owned(), prefix.to_owned()))
        })
        .collect()
}

/// Paths and the methods they take.
fn routed(text: &str) -> Vec<(String, Vec<String>)> {
    let calls = text.split(".route(").skip(1);
    calls
        .filter_map(|call| {
            let (path, rest) = call.trim_start().strip_prefix('"')?.split_once('"')?;
            let mut depth = 1;
            let end = rest.find(|c| {
                depth += match c {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                depth == 0
            })?;
            let handlers = &rest[..end];
            let methods = ["get", "post", "put", "delete"].into_iter().filter(|method| {
                let call = format!("{method}(");
                handlers
                    .match_indices(&call)
                    .any(|(at, _)| !handlers[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            Some((path.to_owned(), methods.map(str::to_owned).collect()))
        })
        .collect()
}
