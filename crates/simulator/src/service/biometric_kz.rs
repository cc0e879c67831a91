//! A provider that looks at faces on its own pages. In its page one says who one is; the face is taken on trust, but for
//! people with a [`Fate`].

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, html};
use serde::Deserialize;
use serde_json::json;

use super::{KEY, refused};
use crate::{
    Mode, Service,
    persons::Fate,
    world::{Shown, World},
};

#[derive(Deserialize)]
pub(super) struct Create {
    api_key: String,
}

pub(super) async fn create(State(world): State<Arc<World>>, body: axum::body::Bytes) -> Response {
    match serde_json::from_slice::<Create>(&body) {
        Ok(asked) if asked.api_key == KEY => {
            let id = world.open_flow();
            Json(json!({ "session_id": id, "technologies": ["LIVENESS", "EDOCUMENT", "FACE2FACE"] }))
                .into_response()
        }
        Ok(_) => refused(StatusCode::FORBIDDEN),
        Err(_) => refused(StatusCode::BAD_REQUEST),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    session_id: String,
    flow_api_key: String,
}

pub(super) async fn result(State(world): State<Arc<World>>, Query(asked): Query<Asked>) -> Response {
    if asked.flow_api_key != KEY {
        return refused(StatusCode::FORBIDDEN);
    }
    let Some(shown) = world.flow(&asked.session_id) else { return refused(StatusCode::NOT_FOUND) };
    let Some(shown) = shown else {
        return Json(json!({ "id": asked.session_id, "status": "PROGRESS", "liveness_result": {},
            "edocument_result": {}, "face2face_result": {} }))
        .into_response();
    };
    let mode = world.mode(Service::Idec);
    let fate = Fate::of(&shown.iin);
    let known = fate != Fate::Unknown && mode != Mode::Reject;
    let same = fate != Fate::FaceDiffers && mode != Mode::FaceMismatch;
    let agreed = known && same;
    let face = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, b'J', b'F', b'I', b'F']);
    let reasons = if agreed { vec![] } else { vec!["FACE2FACE"] };
    Json(json!({
        "id": asked.session_id,
        "status": "FINISHED",
        "flow_session_result": agreed,
        "flow_session_failure_reasons": reasons,
        "liveness_result": { "result": true, "prediction": "0.9912", "best_frame": face },
        "face2face_result": { "result": same, "prediction": if same { "0.9731" } else { "0.4120" } },
        "edocument_result": { "result_json": { "common": {
            "docNumber": shown.document_number,
            "docOwner": { "iin": shown.iin, "firstName": shown.given_name, "lastName": shown.surname, "middleName": "" },
        } } },
    }))
    .into_response()
}

#[derive(Deserialize)]
pub(super) struct Locale {
    #[serde(default)]
    locale: String,
}

pub(super) async fn page(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Query(Locale { locale }): Query<Locale>,
) -> Response {
    if world.flow(&id).is_none() {
        return refused(StatusCode::NOT_FOUND);
    }
    let [title, surname, given, document, button] = match locale.as_str() {
        "ru" => ["Покажите лицо и документ (имитация)", "Фамилия", "Имя", "Номер документа", "Показать"],
        "en" => ["Show face and document (simulated)", "Surname", "Given name", "Document number", "Show"],
        _ => ["Бетіңіз бен құжатыңызды көрсетіңіз (имитация)", "Тегі", "Аты", "Құжат нөмірі", "Көрсету"],
    };
    let fields = [
        ("iin", "ЖСН / ИИН / IIN"),
        ("surname", surname),
        ("given_name", given),
        ("document_number", document),
    ];
    let page = html! {
        (DOCTYPE)
        html lang=(if locale == "kz" { "kk" } else { &locale }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main {
                h1 { (title) }
                form method="post" {
                    @for (name, label) in fields { p { label for=(name) { (label) } " " input id=(name) name=(name); } }
                    button { (button) }
                }
            } }
        }
    };
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page.0)
        .into_response()
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Form(shown): Form<Shown>,
) -> Response {
    if world.show_face(&id, shown) {
        let done = "✓ Дайын. Бұл бетті жабыңыз. · Готово, закройте страницу. · Done: close this page.";
        ([(header::CACHE_CONTROL, "no-store")], done).into_response()
    } else {
        refused(StatusCode::NOT_FOUND)
    }
}
