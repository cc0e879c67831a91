//! The financial monitoring agency's list, of two invented persons and one invented organisation.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{known, refused};
use crate::{
    Mode, Service,
    persons::{LISTED_ORGANISATION, listed},
    world::World,
};

pub(super) async fn list(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    if !known(&headers) {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let [first, second] = listed();
    let entry = |number: u8, person: &crate::persons::Person, iin: &str| {
        let [surname, given, patronymic] = person.names.map(str::to_uppercase);
        format!(
            "<person><num>{number}</num><lname>{surname}</lname><fname>{given}</fname><mname>{patronymic}</mname>\
             <birthdate>{}</birthdate><iin>{iin}</iin><note/><correction/></person>",
            person.born.strftime("%d.%m.%Y"),
        )
    };
    let mode = world.mode(Service::TerroristList);
    let persons = match mode {
        Mode::WithoutPersons => String::new(),
        _ => format!("<persons>{}{}</persons>", entry(1, &first, &first.iin), entry(2, &second, "")),
    };
    let organisations = match mode {
        Mode::WithoutOrganisations => String::new(),
        _ => format!(
            "<organisations><org><num>1</num><org_name>{LISTED_ORGANISATION}</org_name><org_name_en/><note/></org>\
             </organisations><organisationscis/>"
        ),
    };
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><xml>{persons}{organisations}</xml>");
    let dated = (header::LAST_MODIFIED, "Mon, 02 Mar 2026 06:00:00 GMT");
    ([dated, (header::CONTENT_TYPE, "application/xml")], body).into_response()
}
