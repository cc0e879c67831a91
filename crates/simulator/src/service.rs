//! The services, one file each, and how they know the organization.

pub(crate) mod bank;
mod biometric_kz;
pub(crate) mod clamd;
mod credit_bureau;
pub(crate) mod egov_mobile;
mod idec;
pub(crate) mod nca;
pub(crate) mod ncalayer;
mod phone_register;
mod sms;
pub(crate) mod smtp;
mod terrorist_list;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::world::World;

/// What every service expects as token or password. Not a secret: it opens an invented world on loopback.
const KEY: &str = "demonstration";
const BANK_SECRET: &str = "demonstration-of-bank-notifications";

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/service/phone-register", post(phone_register::belongs))
        .route("/service/idec/v1/identifications", post(idec::identify))
        .route("/service/idec/biometric-kz/api/v1/flows/session/create/", post(biometric_kz::create))
        .route("/service/idec/biometric-kz/api/v1/flows/session/result/", get(biometric_kz::result))
        .route("/service/idec/biometric-kz/flow/{id}", get(biometric_kz::page).post(biometric_kz::show))
        .route("/service/credit-bureau/FCBServices/Service", post(credit_bureau::report))
        .route("/service/terrorist-list", get(terrorist_list::list))
        .route("/service/bank/payments", post(bank::pay))
        .route("/service/bank/payments/{id}", get(bank::status))
        .route("/service/bank/statements/{date}", get(bank::statement))
        .route("/service/nca/ocsp", post(nca::status))
        .route("/service/nca/tsp", post(nca::time_stamp))
        .route("/service/nca/list.crl", get(nca::list))
        .route("/service/sms/service/message/sendSmsMessage", post(sms::mobizon))
        .route("/service/sms/sys/send.php", post(sms::smsc))
}

pub(crate) fn settings(url: &str, smtp: SocketAddr, clamd: SocketAddr) -> outside::Settings {
    let at = |service: &str| format!("{url}/service/{service}");
    let key = || KEY.to_owned();
    outside::Settings {
        patience: outside::Patience::default(),
        phone_register: outside::phone_register::Settings {
            base_url: at("phone-register"),
            service_id: "MobileCitizens".into(),
            sender_id: "nesie".into(),
            password: key(),
        },
        idec: outside::idec::Settings { base_url: at("idec"), api_key: key() },
        biometric_kz: None,
        credit_bureau: outside::credit_bureau::Settings {
            base_url: at("credit-bureau"),
            user_name: "nesie".into(),
            password: key(),
            report_import_code: "4".into(),
        },
        terrorist_list: outside::terrorist_list::Settings { base_url: at("terrorist-list"), api_key: key() },
        bank: outside::bank::Settings {
            base_url: at("bank"),
            api_key: key(),
            notification_secret: BANK_SECRET.into(),
            name: "МҚҰ «Несие»".into(),
            bin: "000740000728".into(),
            iban: crate::ACCOUNT.into(),
            bic: "HSBKKZKX".into(),
            payout_purpose: "411".into(),
        },
        sms: outside::sms::Settings::Mobizon(outside::sms::mobizon::Settings {
            base_url: at("sms"),
            api_key: key(),
            sender: String::new(),
        }),
        mail: outside::mail::Settings {
            host: smtp.ip().to_string(),
            port: smtp.port(),
            user_name: String::new(),
            password: String::new(),
            from: "nesie@example.kz".into(),
        },
        nca: outside::nca::Settings {
            ocsp_url: at("nca/ocsp"),
            time_stamp_url: at("nca/tsp"),
            list_urls: vec![at("nca/list.crl")],
        },
        clamd: Some(outside::clamd::Settings { address: clamd.to_string() }),
    }
}

/// Settings of a provider that looks at faces on its own pages.
pub(crate) fn hosted(url: &str) -> outside::biometric_kz::Settings {
    let base_url = format!("{url}/service/idec/biometric-kz");
    outside::biometric_kz::Settings { flow_url: base_url.clone(), base_url, flow_api_key: KEY.into() }
}

fn known(headers: &HeaderMap) -> bool {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    bearer.and_then(|value| value.strip_prefix("Bearer ")) == Some(KEY)
}

fn refused(status: StatusCode) -> Response {
    status.into_response()
}

fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
