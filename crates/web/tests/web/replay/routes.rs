//! Every route of the program, read from its sources and its description, so that none is forgotten.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::recording::Recorded;

/// Fails if a route was never used, or used and never accepted where it changes something.
pub(super) fn all_used(recorded: &[Recorded]) {
    let accepted = |one: &&Recorded| !one.changes() || one.status.as_u16() < 400;
    let used: BTreeSet<(String, String)> = recorded
        .iter()
        .filter(accepted)
        .map(|one| (one.method.as_str().to_ascii_lowercase(), one.route.clone()))
        .collect();
    let all: BTreeSet<(String, String)> = of_pages().into_iter().chain(of_api()).collect();
    assert!(all.len() > 60, "routes were not found: {all:?}");
    let unused: Vec<_> = all.difference(&used).collect();
    assert!(unused.is_empty(), "the job does not use these, or they refused: {unused:#?}");
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
