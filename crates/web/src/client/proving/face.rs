//! The face (Rules cl. [35.2](lending::law::CL_35_2), [35.3](lending::law::CL_35_3)).
//!
//! The page's script opens the camera, sends small pictures and shows what it is told to, until it is told to send the
//! photo: that one goes with the form like any photo from a file.

use app::{
    identity::liveness::{FaceRefusal, Step},
    refusal::{No, Refusal},
};
use axum::{
    Json,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use face::challenge::{Hint, Turn};
use lending::confirmation::ProofKind;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use texts::{Lang, client as t};

use super::{At, Proving, Way};
use crate::{
    form::{Form, Nothing, Upload},
    guard::{Answer, Stop},
    intake::Whole,
    page,
};

/// The way of the face, by name.
pub(super) const FACE: &str = "face";

/// The header in which a frame names its challenge.
pub(crate) const NONCE: &str = "x-challenge";

/// What comes with the photo.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Ending {
    challenge: String,
}

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    at.standing.wants(ProofKind::BiometricIdentification).then(|| Way {
        name: FACE,
        title: t::prove_face(at.lang),
        form: if at.reader.app().ports().hosted_face.is_some() {
            hosted(at)
        } else {
            html! {
                p { (t::prove_face_lead(at.lang)) }
                (page::upload(at.reader, &at.action(FACE), &html! {
                    (photo(at))
                    @if sends_files(at) { div.actions { button { (t::photo_send(at.lang)) } } }
                }))
            }
        },
    })
}

/// The way to a provider that looks at the face on its own pages, and back.
fn hosted(at: &At<'_>) -> Markup {
    let lang = at.lang;
    let open = |label, plain| {
        page::post(at.reader, &at.action("face/hosted"), &html! { button.plain[plain] { (label) } })
    };
    html! {
        p { (t::hosted_lead(lang)) }
        @match &at.standing.hosted_face {
            None => (open(t::hosted_open(lang), false)),
            Some(address) => {
                p { a.button href=(address) target="_blank" rel="noopener noreferrer" { (t::hosted_go(lang)) } }
                (page::post(at.reader, &at.action("face/hosted/finish"), &html! { button { (t::hosted_done(lang)) } }))
                (open(t::hosted_again(lang), true))
            }
        }
    }
}

pub(super) async fn open_hosted(proving: Proving, _: Form<Nothing>) -> Answer {
    let lang = proving.reader.lang;
    let opened = proving.matter.open_hosted_face(proving.reader.app(), &proving.who, lang).await;
    proving.answer(FACE, opened.map(drop)).await
}

pub(super) async fn finish_hosted(proving: Proving, _: Form<Nothing>) -> Answer {
    let taken = proving.matter.take_hosted_face(proving.reader.app(), &proving.who).await;
    proving.answer(FACE, taken).await
}

/// Whether a photo can be chosen by hand. Otherwise the script sends the one it takes.
fn sends_files(at: &At<'_>) -> bool {
    let faces = at.reader.app().faces();
    faces.eyes.is_none() || faces.files
}

pub(super) async fn take(proving: Proving, upload: Upload<Ending>) -> Answer {
    let taken = async {
        let Proving { reader, who, matter } = &proving;
        let photo = matter.photo(reader.app(), who, upload.photo).await?.ending(&upload.form.challenge);
        matter.take_face(reader.app(), who, photo).await
    };
    let taken = taken.await;
    proving.answer(FACE, taken).await
}

/// What the script is told: what to show, and whether to go on.
#[derive(Serialize)]
struct Told {
    /// Of the challenge that begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    hint: &'static str,
    text: &'static str,
    done: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<usize>,
}

pub(super) async fn begin(proving: Proving, _: Form<Nothing>) -> Answer {
    let lang = proving.reader.lang;
    match proving.matter.begin_liveness(proving.reader.app(), &proving.who).await {
        Ok(begun) => Ok(Json(Told {
            challenge: Some(begun.nonce.reveal()),
            hint: "straight",
            text: t::face_straight(lang),
            done: 0,
            turns: Some(begun.turns),
        })
        .into_response()),
        Err(no) => over(lang, no),
    }
}

pub(super) async fn frame(proving: Proving, request: Request) -> Answer {
    let lang = proving.reader.lang;
    // The nonce is what a form's token is elsewhere: only our own page was given it.
    let nonce = request.headers().get(NONCE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let nonce = nonce.ok_or(Stop::Forged)?;
    let Whole(jpeg) = Whole::from_request(request, &proving.reader.site).await.map_err(Stop::Status)?;
    match proving.matter.take_frame(proving.reader.app(), &proving.who, &nonce, jpeg.into()).await {
        Ok(Step { hint, done }) => {
            let (hint, text) = words(lang, hint);
            Ok(Json(Told { challenge: None, hint, text, done, turns: None }).into_response())
        }
        Err(no) => over(lang, no),
    }
}

/// A refusal, for the script to show: nothing more is sent.
fn over(lang: Lang, no: No) -> Result<Response, Stop> {
    match no {
        No::Refusal(no) => {
            let told = Told { challenge: None, hint: "over", text: no.text(lang), done: 0, turns: None };
            Ok(Json(told).into_response())
        }
        no @ No::Fault(_) => Err(no.into()),
    }
}

fn words(lang: Lang, hint: Hint) -> (&'static str, &'static str) {
    match hint {
        Hint::Mend(fault) => ("mend", Refusal::from(FaceRefusal::from(fault)).text(lang)),
        Hint::Straight => ("straight", t::face_straight(lang)),
        Hint::Turn(Turn::Left) => ("left", t::face_left(lang)),
        Hint::Turn(Turn::Right) => ("right", t::face_right(lang)),
        Hint::Turn(Turn::Up) => ("up", t::face_up(lang)),
        Hint::Turn(Turn::Closer) => ("closer", t::face_closer(lang)),
        Hint::Photo => ("photo", t::face_photo(lang)),
    }
}

/// A photo of one's face: guided before the camera where faces are looked at here, else taken by hand; or a file, where
/// there is no camera or no script and files are taken (Rules cl. [6.a](lending::law::CL_6_A)).
fn photo(at: &At<'_>) -> Markup {
    let (lang, faces) = (at.lang, at.reader.app().faces());
    let guided = faces.eyes.is_some();
    let error = at.problem.at("photo");
    html! {
        ul { @for line in t::photo_advice(lang).lines() { li { (line) } } }
        @if guided { p.scripted { (t::face_lead(lang)) } }
        div.scripted data-camera="photo" data-guided=[guided.then(|| at.action(FACE))] {
            @if guided { input #challenge type="hidden" name="challenge" value=""; }
            p.hint-live role="status" aria-live="polite" hidden {}
            div.camera hidden {
                video playsinline muted {}
                img alt=(t::photo_taken(lang)) hidden;
                svg viewBox="0 0 75 100" aria-hidden="true" {
                    path d="M0 0H75V100H0ZM37.5 14a25 33 0 1 0 .01 0Z" {}
                    ellipse cx="37.5" cy="47" rx="25" ry="33" {}
                }
                @if guided { progress value="0" max="1" aria-label=(t::face_progress(lang)) {} }
            }
            p.error role="alert" hidden { (t::photo_no_camera(lang)) }
            div.actions {
                button type="button" { @if guided { (t::face_begin(lang)) } @else { (t::photo_open(lang)) } }
                button type="button" hidden { (t::photo_take(lang)) }
                button.plain type="button" hidden { (t::photo_again(lang)) }
            }
        }
        div.field.wrong[error.is_some()] {
            @if sends_files(at) {
                label for="photo" { (t::photo_file(lang)) }
                (page::notes(lang, "photo", Some(t::photo_file_hint(lang)), error))
                (file(error.is_some(), page::described("photo", Some(""), error)))
            } @else {
                (page::notes(lang, "photo", None, error))
                div hidden { (file(error.is_some(), page::described("photo", None, error))) }
                p.unscripted { (t::face_needs_script(lang)) }
            }
        }
    }
}

fn file(wrong: bool, described: Option<String>) -> Markup {
    html! {
        input #photo name="photo" type="file" accept="image/jpeg,image/png" capture="user"
            aria-describedby=[described] aria-invalid=[wrong.then_some("true")];
    }
}
