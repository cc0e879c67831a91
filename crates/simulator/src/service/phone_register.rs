//! The mobile-citizens base behind the state gateway.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use lending::{iin::Iin, phone::Phone};

use super::{KEY, escaped, refused, xml};
use crate::{Mode, Service, world::World, xml::Flat};

pub(super) async fn belongs(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let Some(asked) = Flat::read(&body) else { return refused(StatusCode::BAD_REQUEST) };
    let request = |path: &str| asked.at(&format!("Envelope/Body/SendMessage/request/{path}"));
    let (iin, phone) = (request("requestData/data/belongs/iin"), request("requestData/data/belongs/phone"));
    let dated = !request("requestInfo/messageDate").is_empty();
    let understood = dated
        && request("requestInfo/serviceId") == "MobileCitizens"
        && Iin::parse(iin).is_ok()
        && Phone::parse(phone).is_ok();
    if request("requestInfo/sender/password") != KEY {
        return refused(StatusCode::UNAUTHORIZED);
    }
    if !understood {
        return refused(StatusCode::BAD_REQUEST);
    }
    let belongs = !phone.ends_with("0000") && world.mode(Service::PhoneRegister) != Mode::Reject;
    let message = escaped(request("requestInfo/messageId"));
    xml(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><ns3:SendMessageResponse xmlns:ns3="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo><messageId>sim-{message}</messageId><correlationId>{message}</correlationId><responseDate>{today}T12:00:00+05:00</responseDate><status><code>SCSS001</code><message>Message has been processed successfully</message></status></responseInfo><responseData><data><belongs>{belongs}</belongs></data></responseData></response></ns3:SendMessageResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>"#,
        today = world.clock.today(),
    ))
}
