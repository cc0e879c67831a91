//! The client's pages (Rules cl. [3](lending::law::CL_3), 7): one file per noun.

mod account;
mod amendments;
mod application;
mod changes;
mod draft;
mod entities;
mod language;
mod loan;
mod organization;
mod proving;
mod quote;
mod recovery;
mod registration;
mod sessions;
mod sign_in;
mod signing;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(crate) use amendments::state as amendment_state;
pub(crate) use entities::{basis, role};
pub(crate) use loan::bundle;
pub(crate) use organization::licence;
pub(crate) use proving::NONCE;
use texts::{Lang, client as t};

use crate::{Site, guard::UPLOAD_BYTES_MAX};
use proving::About;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(quote::show))
        .route("/language/{lang}", get(language::choose))
        .route("/organization", get(organization::show))
        .route("/rules", get(organization::rules))
        .route("/rights", get(organization::rights))
        .route("/register", get(registration::show).post(registration::begin))
        .route("/register/proofs", get(registration::show_proofs))
        .nest("/register/proofs", proving::routes(About::Registration))
        .route("/register/finish", get(registration::show).post(registration::finish))
        .route("/sign-in", get(sign_in::show).post(sign_in::by_password))
        .route("/sign-in/code", get(sign_in::show_phone).post(sign_in::send_code))
        .route("/sign-in/code/answer", get(sign_in::show_phone).post(sign_in::by_code))
        .route("/sign-in/token", get(sign_in::show_token).post(sign_in::by_token))
        .route("/recover", get(recovery::show).post(recovery::begin))
        .route("/recover/proofs", get(recovery::show_proofs))
        .nest("/recover/proofs", proving::routes(About::Recovery))
        .route("/recover/finish", get(recovery::show_proofs).post(recovery::finish))
        .route("/recover/done", get(recovery::done))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/account", get(account::show))
        .route("/account/sessions", get(sessions::show))
        .route("/account/sessions/end-others", post(sessions::end_others))
        .route("/entities", get(entities::show))
        .route("/entities/act", get(entities::show).post(entities::act))
        .route("/entities/register", get(entities::show_form))
        .route("/entities/register", post(entities::begin).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)))
        .route("/entities/registrations/{id}", get(entities::show_registration))
        .nest("/entities/registrations/{id}/proofs", proving::routes(About::Entity))
        .route("/entities/registrations/{id}/finish", get(entities::show).post(entities::finish))
        .route("/entities/people", get(entities::people))
        .route("/entities/people/{id}/end", get(entities::people).post(entities::end))
        .route("/account/security", get(changes::overview))
        .route("/account/changes/phone", get(changes::show_phone).post(changes::ask_phone))
        .route("/account/changes/account", get(changes::show_account).post(changes::ask_account))
        .route("/account/changes/password", get(changes::show_password).post(changes::ask_password))
        .route("/account/changes/{id}", get(changes::show))
        .nest("/account/changes/{id}/proofs", proving::routes(About::Change))
        .route("/account/changes/{id}/number", get(changes::show).post(changes::check_number))
        .route("/account/changes/{id}/number/send", get(changes::show).post(changes::send_number))
        .route("/account/changes/{id}/codes", get(changes::show).post(changes::check_codes))
        .route("/account/changes/{id}/carry-out", get(changes::show).post(changes::carry_out))
        .route("/account/tokens", get(changes::show_token).post(changes::ask_token))
        .route("/account/tokens/{id}/give-up", post(changes::give_up_token))
        .route(
            "/account/tokens/{id}/resynchronise",
            get(changes::show_resynchronise).post(changes::resynchronise),
        )
        .route("/apply", get(application::show_form).post(application::check))
        .route("/apply/submit", get(application::show_form).post(application::submit))
        .route("/applications/{id}", get(application::show))
        .route("/applications/{id}/withdraw", post(application::withdraw))
        .route("/applications/{id}/agreement.pdf", get(signing::agreement))
        .route("/applications/{id}/sign", get(signing::show).post(signing::acknowledge))
        .nest("/applications/{id}/sign/proofs", proving::routes(About::Application))
        .route("/applications/{id}/sign/confirm", get(signing::show).post(signing::confirm))
        .route("/amendments/{id}", get(amendments::show).post(amendments::acknowledge))
        .route("/amendments/{id}/amendment.pdf", get(amendments::pdf))
        .route("/amendments/{id}/evidence-sheet.pdf", get(amendments::sheet))
        .nest("/amendments/{id}/proofs", proving::routes(About::Amendment))
        .route("/amendments/{id}/confirm", get(amendments::show).post(amendments::confirm))
        .route("/amendments/{id}/decline", get(amendments::show).post(amendments::decline))
        .route("/loans/{id}", get(loan::show))
        .route("/loans/{id}/early", get(loan::show_early).post(loan::repay_early))
        .route("/loans/{id}/documents/{kind}", get(loan::document))
        .route("/loans/{id}/evidence.tar", get(loan::evidence_bundle))
}

/// The state of an application in words, by its code.
pub(crate) fn application_state(lang: Lang, code: &str) -> &str {
    match code {
        "checking" => t::state_checking(lang),
        "approved" => t::state_approved(lang),
        "declined" => t::state_declined(lang),
        "signed" => t::state_signed(lang),
        "withdrawn" => t::state_withdrawn(lang),
        code => code,
    }
}

/// The status of a loan in words, by its code.
pub(crate) fn loan_status(lang: Lang, code: &str) -> &str {
    match code {
        "awaiting_disbursement" => t::status_waiting(lang),
        "active" => t::status_active(lang),
        "overdue" => t::status_overdue(lang),
        "closed" => t::status_closed(lang),
        "written_off" => t::row_written_off(lang),
        "sold" => t::status_sold(lang),
        "cancelled" => t::status_cancelled(lang),
        code => code,
    }
}
