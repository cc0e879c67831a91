//! Whether an answer is what the description says: no other status, no other field, no other kind of value.

use std::sync::LazyLock;

use axum::http::{Method, StatusCode};
use serde_json::Value;

static API: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&web::openapi().unwrap()).unwrap());

/// Panics if the answer is not as described. What is not an operation is only answered by problems.
pub(crate) fn check(method: &Method, path: &str, status: StatusCode, media_type: &str, body: &[u8]) {
    let method = method.as_str().to_ascii_lowercase();
    let operation = API["paths"].as_object().unwrap().iter().find_map(|(template, item)| {
        let same = |(a, b): (&str, &str)| a == b || a.starts_with('{');
        let (all, here) = (template.split('/'), path.split('/'));
        let fits = all.clone().count() == here.clone().count() && all.zip(here).all(same);
        let exact = template == path || !API["paths"].as_object().unwrap().contains_key(path);
        (fits && exact).then(|| item.get(&method)).flatten()
    });
    let Some(operation) = operation else { return assert!(matches!(status.as_u16(), 404 | 405)) };
    let answer = operation["responses"].get(status.as_str());
    let answer = resolved(answer.unwrap_or_else(|| panic!("{method} {path}: {status} is not described")));
    let Some(content) = answer.get("content") else { return assert!(body.is_empty(), "{method} {path}") };
    let described =
        content.get(media_type).unwrap_or_else(|| panic!("{method} {path}: {media_type} is not described"));
    if let Some(schema) = described.get("schema") {
        fits(schema, &serde_json::from_slice(body).unwrap())
            .unwrap_or_else(|why| panic!("{method} {path}: {why}"));
    }
}

fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(place) => API.pointer(place.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    let schema = resolved(schema);
    if let Some(any) = schema["oneOf"].as_array() {
        let fitting = any.iter().filter(|one| fits(one, value).is_ok()).count();
        return if fitting == 1 { Ok(()) } else { Err(format!("{value} fits {fitting} of {schema}")) };
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().collect(),
        Value::Null => vec![],
        kind => vec![kind],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer", // Nothing here is a fraction.
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.iter().any(|one| *one == kind) {
        return Err(format!("{value} is not {kinds:?}"));
    }
    if let Some(choices) = schema["enum"].as_array().filter(|choices| !choices.contains(value)) {
        return Err(format!("{value} is none of {choices:?}"));
    }
    if let Some(items) = value.as_array() {
        return items.iter().try_for_each(|item| fits(&schema["items"], item));
    }
    let Some(fields) = value.as_object() else { return Ok(()) };
    let mut known = Vec::new();
    parts(schema, value, &mut known);
    let missing = known.iter().find(|(name, required, _)| *required && !fields.contains_key(*name));
    if let Some((name, ..)) = missing {
        return Err(format!("{name} is missing in {value}"));
    }
    fields.iter().try_for_each(|(name, value)| match known.iter().find(|(known, ..)| known == name) {
        Some((.., schema)) => fits(schema, value).map_err(|why| format!("{name}: {why}")),
        None => Err(format!("{name} is not described")),
    })
}

/// The fields of an object: name, whether it must be there, schema. Of alternatives, those of the one whose fixed
/// fields the object has.
fn parts<'a>(schema: &'a Value, value: &Value, into: &mut Vec<(&'a str, bool, &'a Value)>) {
    let schema = resolved(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        parts(part, value, into);
    }
    let fixed = |schema: &Value| schema["enum"].as_array().filter(|fixed| fixed.len() == 1).cloned();
    for part in schema["oneOf"].as_array().into_iter().flatten() {
        let mut fields = Vec::new();
        parts(part, value, &mut fields);
        if fields.iter().all(|(name, _, field)| fixed(field).is_none_or(|fixed| fixed[0] == value[*name])) {
            into.extend(fields);
            break;
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().collect::<Vec<_>>();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        into.push((name, required.iter().any(|one| *one == name), field));
    }
}
