//! The language of the pages.

use app::identity;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use texts::Lang;

use crate::{
    form::Query,
    guard::{self, Answer, Reader, Stop, Who},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

/// Remembers a language and goes back. A signed-in client gets messages in it, too.
pub(super) async fn choose(reader: Reader, Path(lang): Path<String>, Query(To { to }): Query<To>) -> Answer {
    let lang = Lang::parse(&lang).ok_or(Stop::Status(axum::http::StatusCode::NOT_FOUND))?;
    if let Who::Client(client) = &reader.who {
        let mut op = reader.app().begin(client.clone()).await?;
        identity::choose_language(&mut op, lang).await?;
        op.commit().await?;
    }
    let mut response = Redirect::to(guard::local(&to).unwrap_or("/")).into_response();
    guard::set_language(&mut response, lang);
    Ok(response)
}
