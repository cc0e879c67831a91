//! What the OpenAPI description says beyond the routes: the whole, the tokens, and every no.

use std::fmt::Write as _;

use axum::http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{
        Components, Content, Info, License, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response, Server,
        Tag,
        path::Operation,
        schema::{Object, Schema},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::problem::{MEDIA_TYPE, Problem, refusals};

const ABOUT: &str = "Microcredits under Resolution No. 217, for the mobile application and other clients: the same \
use cases as the pages.

* Amounts are whole tiyn (1 tenge = 100 tiyn), rates parts per million, dates `YYYY-MM-DD`, instants RFC 3339 with \
offset. Ids are UUIDs.
* `Accept-Language` (`kk`, `ru`, `en`) chooses the language of all texts; Kazakh without it.
* A JSON body has the media type `application/json`, at most 64 KiB, and no fields but those described. A photo is \
sent raw, at most 10 MiB.
* What would be done again if it were sent again asks for an `Idempotency-Key`: 16 to 128 letters, digits, `-` and `_`, \
drawn at random by the caller for each thing that is wished for. The same request again with the same key is answered as \
the first was and does nothing; another request with it is refused. A key never lapses.
* What belongs to somebody else does not exist: its id is answered like one that nobody has.
* Too many attempts are answered by 429 with `Retry-After`.

Every no is a problem (RFC 9457). Its `type` is `urn:nesie:refusal:` and one of these codes; of a fault of ours it \
is `urn:nesie:fault`, with a `reference` to tell us.

| code | status | clause |
|---|---|---|
";

const TAGS: [(&str, &str); 11] = [
    ("organization", "Whose API it is, what is offered, what one consents to."),
    ("quotes", "What a credit costs."),
    ("registrations", "Becoming a client: data and consents, the code, the photo."),
    ("sessions", "Signing in and out."),
    ("changes", "Changing number, account, password and tokens: ask, check, prove, carry out."),
    ("recoveries", "Another password for who has lost theirs."),
    ("applications", "Applying, and what became of it."),
    ("signing", "Reading the agreement and concluding it by two methods."),
    ("loans", "What is owed, payments, papers."),
    ("amendments", "Other terms for a loan: reading them, and concluding them by two methods or declining."),
    (
        "entities",
        "Acting for a legal entity: the request, its document, the proofs; for whom a session acts.",
    ),
];

/// The description before there are any routes.
pub(super) fn head() -> OpenApi {
    let mut about = ABOUT.to_owned();
    for (code, status, clause) in refusals() {
        let _ = writeln!(about, "| `{code}` | {} | {} |", status.as_u16(), clause.unwrap_or_default());
    }
    let mut info = Info::new("Nesie", env!("CARGO_PKG_VERSION"));
    info.description = Some(about);
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let tags = TAGS.map(|(name, what)| {
        let mut tag = Tag::new(name);
        tag.description = Some(what.to_owned());
        tag
    });
    OpenApiBuilder::new().info(info).servers(Some([Server::new(super::BASE)])).tags(Some(tags)).build()
}

/// The description with everything that all routes share.
pub(super) fn finished(mut api: OpenApi) -> OpenApi {
    for item in api.paths.paths.values_mut() {
        for operation in operations(item) {
            for content in contents(operation).filter(|(media_type, _)| *media_type != "application/json") {
                content.1.schema = None; // Raw bytes: the media type says all (OpenAPI 3.1).
            }
            for status in refused_with(operation) {
                let name = format!("Refused{}", status.as_u16());
                let known = Ref::from_response_name(name);
                operation.responses.responses.insert(status.as_u16().to_string(), RefOr::Ref(known));
            }
        }
    }
    let components = api.components.get_or_insert_with(Components::new);
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert(Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema());
    for schema in components.schemas.values_mut().filter_map(known) {
        // A type's first paragraph is for everybody; the rest is for who reads Rust.
        if let Schema::Object(Object { description: Some(text), .. }) = schema {
            text.truncate(text.find("\n\n").unwrap_or(text.len()));
        }
    }
    for (status, what) in REFUSED {
        let mut response = Response::new(what);
        let problem = RefOr::Ref(Ref::from_schema_name(Problem::name()));
        response.content.insert(MEDIA_TYPE.to_owned(), RefOr::T(Content::new(Some(problem))));
        components.responses.insert(format!("Refused{}", status.as_u16()), RefOr::T(response));
    }
    for (name, whose) in [
        ("client", "The token of a client's session."),
        ("registration", "The token of the registration in the path."),
        ("recovery", "The token of the recovery in the path."),
    ] {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(whose)).build();
        components.security_schemes.insert(name.to_owned(), RefOr::T(SecurityScheme::Http(scheme)));
    }
    api
}

/// Without the links that only Rust's own documentation can follow.
pub(super) fn without_links(mut text: String) -> String {
    while let Some(middle) = text.find("](crate::") {
        let end = text[middle..].find(')').map_or(text.len(), |at| middle + at + 1);
        text.replace_range(middle..end, "");
        if let Some(start) = text[..middle].rfind('[') {
            text.remove(start);
        }
    }
    text.replace("[`", "`").replace("`]", "`")
}

/// Bodies of an operation, in the request and in its answers, by media type.
fn contents(operation: &mut Operation) -> impl Iterator<Item = (&str, &mut Content)> {
    let asked = operation.request_body.iter_mut().filter_map(known).flat_map(|body| body.content.iter_mut());
    let answers = operation.responses.responses.values_mut().filter_map(known);
    asked
        .chain(answers.flat_map(|answer| answer.content.iter_mut()))
        .filter_map(|(media_type, content)| Some((media_type.as_str(), known(content)?)))
}

fn known<T>(value: &mut RefOr<T>) -> Option<&mut T> {
    match value {
        RefOr::T(value) => Some(value),
        RefOr::Ref(_) => None,
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

const REFUSED: [(StatusCode, &str); 11] = [
    (StatusCode::BAD_REQUEST, "The body is not JSON, or says something twice."),
    (StatusCode::UNAUTHORIZED, "Whoever asks is not known, or not any more."),
    (StatusCode::FORBIDDEN, "The power to act for the entity is over, or does not reach so far."),
    (StatusCode::NOT_FOUND, "No such thing, or not theirs."),
    (StatusCode::CONFLICT, "It has been done already, or its turn has not come."),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is of another media type than described."),
    (StatusCode::UNPROCESSABLE_ENTITY, "What was given cannot be accepted, or is not as described."),
    (StatusCode::TOO_MANY_REQUESTS, "Too often; wait for `Retry-After` seconds."),
    (StatusCode::INTERNAL_SERVER_ERROR, "A fault of ours; `reference` is what we find it by."),
    (StatusCode::SERVICE_UNAVAILABLE, "Somebody outside does not answer, or it took too long; later."),
];

/// These begin something, or ask for nothing that could have passed: there is no turn of theirs to come.
const NEVER_TOO_LATE: [&str; 12] = [
    "act_for",
    "ask_change_of_account",
    "ask_change_of_password",
    "ask_change_of_phone",
    "ask_for_token",
    "ask_to_give_up_token",
    "begin_entity_registration",
    "end_authority",
    "get_amendment",
    "list_amendments",
    "resynchronise_token",
    "upload_document",
];

/// These only look, but at what may have lapsed; a quote needs a day whose law is known.
const MAY_COME_TOO_LATE: [&str; 4] = ["get_change", "list_proofs_change", "list_proofs_entity", "quote"];

/// By which problems an operation may be answered.
fn refused_with(operation: &Operation) -> Vec<StatusCode> {
    let public =
        operation.security.as_ref().is_some_and(|all| all.iter().any(|one| *one == Default::default()));
    let takes = operation.request_body.is_some();
    let named = operation.parameters.as_ref().is_some_and(|all| !all.is_empty());
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let signs_in = matches!(id, "sign_in_by_password" | "sign_in_by_token_code");
    let signing = operation.tags.iter().flatten().any(|tag| tag == "signing" || tag == "amendments");
    // A client's session may act for an entity.
    let acts = !public
        && ["applications", "signing", "loans", "amendments", "entities"]
            .iter()
            .any(|acted| operation.tags.iter().flatten().any(|tag| tag == acted));
    let changes = operation.responses.responses.keys().any(|status| status != "200") || takes;
    let may = |status: &StatusCode| match *status {
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => takes,
        StatusCode::UNAUTHORIZED => !public || signs_in,
        StatusCode::NOT_FOUND => named || acts,
        StatusCode::FORBIDDEN => acts,
        StatusCode::CONFLICT => {
            let usual = !public && (takes || named && (changes || signing));
            MAY_COME_TOO_LATE.contains(&id) || usual && !NEVER_TOO_LATE.contains(&id)
        }
        StatusCode::TOO_MANY_REQUESTS => takes || id.contains("code") || id == "get_evidence",
        _ => true,
    };
    REFUSED.into_iter().map(|(status, _)| status).filter(may).collect()
}

#[cfg(test)]
mod tests {
    use super::{MAY_COME_TOO_LATE, NEVER_TOO_LATE};

    #[test]
    fn who_is_named_as_an_exception_is_an_operation() {
        let described = crate::openapi().unwrap();
        for id in NEVER_TOO_LATE.into_iter().chain(MAY_COME_TOO_LATE) {
            assert!(described.contains(&format!("\"operationId\": \"{id}\"")), "{id}");
        }
    }
}
