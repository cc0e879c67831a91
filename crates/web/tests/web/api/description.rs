use std::{collections::BTreeSet, path::Path};

use axum::{body::Body, http::Method};
use serde_json::Value;
use testkit::TestApp;

use super::mobile::Mobile;

/// What anybody may call without a token. Everything else asks for one.
const PUBLIC: [&str; 10] = [
    "begin_registration",
    "get_organization",
    "list_consents",
    "list_products",
    "quote",
    "send_sign_in_code",
    "sign_in_by_code",
    "sign_in_by_password",
    "begin_recovery_by_code",
    "sign_in_by_token_code",
];

/// Method, path and operation of everything described.
fn operations(api: &Value) -> Vec<(Method, String, Value)> {
    let paths = api["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| {
                (method.to_uppercase().parse().unwrap(), path.clone(), operation.clone())
            })
        })
        .collect()
}

#[test]
fn who_builds_a_client_reads_the_description_of_the_program_that_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let now = web::openapi().unwrap();
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(&fresh, format!("{now}\n")).unwrap();
    assert!(
        checked_in.trim_end() == now,
        "docs/openapi.json is out of date; what it should be: {}",
        fresh.display()
    );
}

#[tokio::test]
async fn every_route_is_described_and_nobody_without_a_token_passes_but_where_it_is_said() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let api: Value = serde_json::from_str(&web::openapi().unwrap()).unwrap();
    let all = operations(&api);
    let ids: BTreeSet<&str> =
        all.iter().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len(), "an operation's id stands twice");
    let public = |operation: &Value| operation["security"] == serde_json::json!([{}]);
    let open: BTreeSet<_> =
        all.iter().filter(|(.., o)| public(o)).map(|(.., o)| o["operationId"].as_str().unwrap()).collect();
    assert_eq!(open, PUBLIC.into());
    for (method, path, operation) in &all {
        let path =
            path.replace("{id}", "019c2000-0000-7000-8000-000000000001").replace("{kind}", "agreement");
        let path = path.strip_prefix("/v1").unwrap();
        let answer =
            mobile.send(mobile.request(method.clone(), path, None).body(Body::empty()).unwrap()).await;
        if !public(operation) {
            answer.refused(401, "session-ended");
        }
        assert!(!matches!(answer.status.as_u16(), 404 | 405), "{method} {path} is described and not there");
    }
    t.finish().await;
}

#[test]
fn an_examples_reader_is_not_misled_every_body_is_shown_by_one() {
    let api: Value = serde_json::from_str(&web::openapi().unwrap()).unwrap();
    for (.., operation) in operations(&api) {
        let Some(schema) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()
        else {
            continue;
        };
        let schema = &api["components"]["schemas"][schema.rsplit('/').next().unwrap()];
        let example = schema["example"].as_object().unwrap_or_else(|| panic!("no example: {schema}"));
        let fields = schema["properties"].as_object().unwrap();
        assert!(example.keys().all(|key| fields.contains_key(key)), "{schema}");
        let required = schema["required"].as_array().unwrap();
        assert!(required.iter().all(|key| example.contains_key(key.as_str().unwrap())), "{schema}");
        assert_eq!(schema["additionalProperties"], false, "unknown fields are refused, and it is said");
    }
}
