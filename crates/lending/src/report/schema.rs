//! JSON Schema of what goes in and comes out, from the same declarations that read and write it.

use crate::report::explain::Explanation;
use crate::report::input::Agreement;
use crate::report::quote::Quote;
use crate::report::replay::{Life, Replay};
use crate::schedule::Terms;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, schema::Schema};

/// Every schema by its file's name, without extension.
#[must_use]
pub fn schemas() -> [(&'static str, Value); 5] {
    [
        (
            "quote-input",
            either::<Agreement, Terms>("What `nesie quote` reads: an agreement, or its schedule alone."),
        ),
        ("quote-output", document::<Quote>("What `nesie quote` writes.")),
        ("replay-input", document::<Life>("What `nesie replay` and `nesie explain` read.")),
        ("replay-output", document::<Replay>("What `nesie replay` writes.")),
        ("explain-output", document::<Explanation>("What `nesie explain` writes.")),
    ]
}

/// The JSON Schema of a type, under a title.
#[must_use]
pub fn document<T: ToSchema>(title: &str) -> Value {
    let mut definitions = Vec::new();
    let root = add::<T>(&mut definitions);
    finished(title, ("$ref", root), definitions)
}

fn either<A: ToSchema, B: ToSchema>(title: &str) -> Value {
    let mut definitions = Vec::new();
    let (one, other) = (add::<A>(&mut definitions), add::<B>(&mut definitions));
    finished(title, ("anyOf", json!([{ "$ref": one }, { "$ref": other }])), definitions)
}

type Definitions = Vec<(String, RefOr<Schema>)>;

fn add<T: ToSchema>(definitions: &mut Definitions) -> Value {
    definitions.push((T::name().into_owned(), T::schema()));
    T::schemas(definitions);
    json!(format!("#/$defs/{}", T::name()))
}

fn finished(title: &str, (keyword, root): (&str, Value), definitions: Definitions) -> Value {
    let definitions: Map<String, Value> = definitions
        .into_iter()
        .map(|(name, schema)| {
            let mut schema = serde_json::to_value(schema).unwrap_or_default();
            refer_to_definitions(&mut schema);
            (name, schema)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        keyword: root,
        "$defs": definitions,
    })
}

/// OpenAPI keeps its schemas elsewhere.
fn refer_to_definitions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(link)) = fields.get_mut("$ref") {
                *link = link.replace("#/components/schemas/", "#/$defs/");
            }
            fields.values_mut().for_each(refer_to_definitions);
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_definitions),
        _ => {}
    }
}
