//! The face (Rules cl. [35.2](lending::law::CL_35_2)).

use app::identity::Photo;
use lending::confirmation::ProofKind;
use maud::html;
use texts::client as t;

use super::{At, Proving, Way};
use crate::{
    client::registration::photo,
    form::{Nothing, Upload},
    guard::Answer,
    page,
};

pub(super) fn way(at: &At<'_>) -> Option<Way> {
    let form = || {
        html! {
            p { (t::prove_face_lead(at.lang)) }
            (page::upload(at.reader, &at.action("face"), &html! {
                (photo(at.problem, at.lang))
                div.actions { button { (t::photo_send(at.lang)) } }
            }))
        }
    };
    at.standing.wants(ProofKind::BiometricIdentification).then(|| Way {
        name: "face",
        title: t::prove_face(at.lang),
        form: form(),
    })
}

pub(super) async fn take(proving: Proving, upload: Upload<Nothing>) -> Answer {
    let Nothing {} = upload.form;
    let taken = async {
        let photo = Photo::take(upload.photo).await?;
        proving.matter.take_face(proving.reader.app(), &proving.who, photo).await
    };
    let taken = taken.await;
    proving.answer("face", taken).await
}
