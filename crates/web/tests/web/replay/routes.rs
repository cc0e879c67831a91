//! Every route of the program, read from its sources and its description, so that none is forgotten.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::recording::Recorded;

/// Pages that the job leaves out, with the route of the API that is recorded for the same use case. A line that is not needed
/// any more fails the test, and so does one whose route of the API is not recorded.
const PAGES: &[(&str, &str)] = &[
    ("/account/changes/account", "/api/v1/changes/account"),
    ("/account/changes/password", "/api/v1/changes/password"),
    ("/account/changes/phone", "/api/v1/changes/phone"),
    ("/account/changes/{id}/number", "/api/v1/changes/{id}/number"),
    ("/account/changes/{id}/number/send", "/api/v1/changes/{id}/number-codes"),
    ("/account/changes/{id}/carry-out", "/api/v1/changes/{id}/completion"),
    ("/account/tokens", "/api/v1/tokens"),
    ("/account/tokens/{id}/give-up", "/api/v1/tokens/{id}/giving-up"),
    ("/account/tokens/{id}/resynchronise", "/api/v1/tokens/{id}/resynchronisation"),
    ("/amendments/{id}", "/api/v1/amendments/{id}/acknowledgements"),
    ("/amendments/{id}/confirm", "/api/v1/amendments/{id}/signatures"),
    ("/amendments/{id}/decline", "/api/v1/amendments/{id}/refusals"),
    ("/entities/act", "/api/v1/acting"),
    ("/entities/people/{id}/end", "/api/v1/people/{id}/end"),
    ("/entities/register", "/api/v1/entity-registrations"),
    ("/entities/registrations/{id}/finish", "/api/v1/entity-registrations/{id}/completion"),
    ("/recover", "/api/v1/recoveries"),
    ("/recover/finish", "/api/v1/recoveries/{id}/completion"),
    ("/sign-in/token", "/api/v1/sessions/by-token"),
    ("…/codes", "/api/v1/changes/{id}/token-codes"),
    ("…/proofs/token", "/api/…/proofs/token"),
    ("…/proofs/signature", "/api/…/proofs/digital-signature"),
    ("…/proofs/signature/ask", "/api/…/statements"),
    ("…/proofs/egov/ask", "/api/…/statements"),
    ("…/proofs/face/challenge", "/api/…/liveness"),
    ("…/proofs/face/frames", "/api/…/liveness/frames"),
];

/// What is recorded where faces are looked at ([`super::faces`]).
const FACES: [&str; 4] =
    ["/api/…/liveness", "/api/…/liveness/frames", "…/proofs/face/hosted", "…/proofs/face/hosted/finish"];

/// Methods and routes that were used, and accepted where they change something. Ways of proving are one mechanism for
/// whatever is to be confirmed: each has to be accepted for something.
fn used(recorded: &[Recorded]) -> BTreeSet<(String, String)> {
    recorded
        .iter()
        .filter(|one| !one.changes() || one.status.as_u16() < 400)
        .map(|one| (one.method.as_str().to_ascii_lowercase(), mechanism(&one.route)))
        .collect()
}

/// Fails if a route was never used, or used and never accepted where it changes something.
pub(super) fn all_used(recorded: &[Recorded]) {
    let used = used(recorded);
    let all: BTreeSet<(String, String)> =
        of_pages().into_iter().chain(of_api()).map(|(method, path)| (method, mechanism(&path))).collect();
    assert!(all.len() > 60, "routes were not found: {all:?}");
    let changes = |route: &str| used.iter().any(|(method, path)| method != "get" && path == route);
    let excused = |route: &str| {
        FACES.contains(&route)
            || PAGES.iter().any(|(page, api)| *page == route && (changes(api) || FACES.contains(api)))
    };
    let unused = all.difference(&used).filter(|(_, route)| !excused(route));
    let forgotten: Vec<_> = unused.collect();
    assert!(
        forgotten.is_empty(),
        "the job does not use these, or they refused, and no API is recorded for them: {forgotten:#?}"
    );
    let all_of = |route: &str| all.iter().filter(|(_, path)| path == route).all(|one| used.contains(one));
    let stale: Vec<_> =
        PAGES.iter().map(|(page, _)| *page).chain(FACES).filter(|route| all_of(route)).collect();
    assert!(stale.is_empty(), "the job does use these, or they are no routes: {stale:#?}");
}

/// Fails if a route that only the recording of faces uses was not accepted there.
pub(super) fn faces_used(recorded: &[Recorded]) {
    let used = used(recorded);
    for route in FACES {
        assert!(used.iter().any(|(method, path)| method == "post" && path == route), "{route} is not used");
    }
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
