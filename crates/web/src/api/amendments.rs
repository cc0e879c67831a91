//! Other terms for a living loan, proposed by the organization (Rules cl. [7.3](lending::law::CL_7_3),
//! [8.3](lending::law::CL_8_3), [9.a](lending::law::CL_9_A)): reading them, acknowledging what changes, and concluding or
//! declining. Who concludes is proved below the same address ([`proofs`](super::proofs)). What is concluded is the PDF, by its
//! hash.

use app::{
    amendments::{self, Amendment, AmendmentRefusal, State},
    documents,
    id::Id,
    loans::Loan,
    refusal::Result,
    sessions::Client,
    vault::{Hash, hex},
};
use axum::{http::StatusCode, response::Response};
use jiff::civil::Date;
use lending::{
    amendment::{self, Proposal},
    effective_rate::EffectiveRate,
    loan::{Debt, LoanRow},
    money::Money,
    rate::Rate,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller, Named},
    loans::paper,
    problem::Answer,
    proofs::Proofs,
    shown::{self, Accepted, Text},
    units::Instant,
};
use crate::{Site, amended};

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(draft))
        .routes(routes!(document))
        .routes(routes!(evidence_sheet))
        .routes(routes!(to_acknowledge, acknowledge))
        .routes(routes!(conclude))
        .routes(routes!(decline))
}

/// How far an amendment is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AmendmentState {
    /// The client has not decided.
    Proposed,
    /// It holds.
    Concluded,
    /// The client did not want it.
    Declined,
    /// The organization took it back, or nobody decided in time.
    Withdrawn,
}

impl From<State> for AmendmentState {
    fn from(state: State) -> Self {
        match state {
            State::Proposed => Self::Proposed,
            State::Concluded => Self::Concluded,
            State::Declined => Self::Declined,
            State::Withdrawn => Self::Withdrawn,
        }
    }
}

/// An amendment.
#[derive(Serialize, ToSchema)]
#[schema(as = LoanAmendment)]
struct Shown {
    id: Uuid,
    loan: Uuid,
    /// The number of the agreement.
    agreement: String,
    /// Its number among the agreement's amendments.
    number: u16,
    state: AmendmentState,
    proposal: Proposal,
    proposed_at: Instant,
    /// The last day on which it can be concluded.
    open_until: Date,
}

impl From<amendments::Shown> for Shown {
    fn from(shown: amendments::Shown) -> Self {
        Self {
            id: shown.id.uuid(),
            loan: shown.loan.uuid(),
            agreement: shown.agreement,
            number: shown.number,
            state: shown.state.into(),
            proposal: shown.proposal,
            proposed_at: shown.proposed_at.into(),
            open_until: shown.open_until,
        }
    }
}

/// The amendments of a loan, newest first, at most fifty.
#[utoipa::path(get, path = "/v1/loans/{id}/amendments", tag = "amendments", operation_id = "list_amendments",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The loan.")),
    responses((status = 200, description = "The amendments.", body = [Shown])))]
async fn list(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Loan>,
) -> Answer<Json<Vec<Shown>>> {
    let mut op = caller.app().begin(who).await?;
    app::loans::loan(&mut op, id).await?;
    let all = amendments::of_loan(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(all.into_iter().map(Shown::from).collect()))
}

/// An amendment: what was proposed, and what became of it.
#[utoipa::path(get, path = "/v1/amendments/{id}", tag = "amendments", operation_id = "get_amendment",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "The amendment.", body = Shown)))]
async fn show(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Json<Shown>> {
    let mut op = caller.app().begin(who).await?;
    let shown = amendments::amendment(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(shown.into()))
}

/// The loan on one side of an amendment.
#[derive(Serialize, ToSchema)]
#[schema(as = AmendmentSide)]
struct Side {
    /// Nominal annual rate, parts per million.
    rate_ppm: Rate,
    /// Annual effective rate in tenths of a percent (46 % = 460).
    effective_rate_permille: EffectiveRate,
    debt: Debt,
    /// All that is still to be paid, interest that will accrue by the schedule included.
    to_pay_tiyn: Money,
    /// The payments to come.
    rows: Vec<Coming>,
}

/// A payment to come.
#[derive(Serialize, ToSchema)]
#[schema(as = ComingPayment)]
struct Coming {
    due_on: Date,
    payment_tiyn: Money,
    principal_tiyn: Money,
    interest_tiyn: Money,
}

impl From<&LoanRow> for Coming {
    fn from(row: &LoanRow) -> Self {
        Self {
            due_on: row.due_on,
            payment_tiyn: row.unpaid(),
            principal_tiyn: row.principal - row.principal_paid,
            interest_tiyn: row.interest - row.interest_paid,
        }
    }
}

impl From<&amendment::Side> for Side {
    fn from(side: &amendment::Side) -> Self {
        Self {
            rate_ppm: side.loan.rate,
            effective_rate_permille: side.effective_rate,
            debt: side.loan.debt,
            to_pay_tiyn: side.to_pay(),
            rows: side.coming().map(Coming::from).collect(),
        }
    }
}

/// An open amendment as it is on the table today, and how far its concluding is.
#[derive(Serialize, ToSchema)]
#[schema(as = AmendmentDraft)]
struct Draft {
    /// The day it was drawn up. The next day, or after a payment, it is drawn up anew.
    dated: Date,
    rule_set: String,
    before: Side,
    after: Side,
    /// SHA-256 of the amendment's PDF, hexadecimal: what is concluded.
    sha256: String,
    /// What changes has been acknowledged.
    acknowledged: bool,
    /// What is proved of who concludes, and what is missing.
    proofs: Proofs,
}

/// What an open amendment comes to today: both sides, the hash, and what is still missing to conclude it.
#[utoipa::path(get, path = "/v1/amendments/{id}/draft", tag = "amendments", operation_id = "get_amendment_draft",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "The draft.", body = Draft)))]
async fn draft(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Json<Draft>> {
    let concluding = amendments::concluding(caller.app(), who, id).await?;
    let amended = concluding.amended;
    Ok(Json(Draft {
        dated: amended.on,
        rule_set: amended.rule_set.id.to_owned(),
        before: (&amended.before).into(),
        after: (&amended.after).into(),
        sha256: hex(&concluding.paper.sha256),
        acknowledged: concluding.acknowledged,
        proofs: concluding.standing.into(),
    }))
}

/// The amendment as a paper: today's while it is open, then the one that was concluded.
#[utoipa::path(get, path = "/v1/amendments/{id}/document", tag = "amendments",
    operation_id = "get_amendment_document", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "The paper.", body = Vec<u8>, content_type = "application/pdf")))]
async fn document(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Response> {
    Ok(paper("amendment", amendments::pdf(caller.app(), who, id).await?))
}

/// How a concluded amendment was concluded, as a paper.
#[utoipa::path(get, path = "/v1/amendments/{id}/evidence-sheet", tag = "amendments",
    operation_id = "get_amendment_evidence_sheet", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "The paper.", body = Vec<u8>, content_type = "application/pdf")))]
async fn evidence_sheet(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Response> {
    let mut op = caller.app().begin(who).await?;
    let pdf = documents::amendment_sheet(&mut op, id).await?;
    op.commit().await?;
    Ok(paper("evidence-sheet", pdf))
}

async fn text(caller: &Caller, who: Client, id: Id<Amendment>) -> Result<(Text, Hash)> {
    let concluding = amendments::concluding(caller.app(), who, id).await?;
    let text = amended::text(caller.lang, &concluding.amended);
    Ok((shown::changed_terms(caller.lang, text), concluding.paper.sha256))
}

/// What must be shown and acknowledged before concluding: what changes, and what is to be paid from then on.
#[utoipa::path(get, path = "/v1/amendments/{id}/acknowledgements", tag = "amendments",
    operation_id = "list_acknowledgements_amendment", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "The text, in the language of the answer.", body = [Text])))]
async fn to_acknowledge(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Json<[Text; 1]>> {
    Ok(Json([text(&caller, who, id).await?.0]))
}

/// What was acknowledged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcknowledgedChange, example = json!({ "accepted": [
    { "kind": "changed-terms", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }
] }))]
struct Acknowledged {
    /// The text, by the hash of what was shown, in the language of the request.
    accepted: Vec<Accepted>,
}

/// Records what was shown and acknowledged.
#[utoipa::path(post, path = "/v1/amendments/{id}/acknowledgements", tag = "amendments",
    operation_id = "acknowledge_amendment", security(("client" = [])), request_body = Acknowledged,
    params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 204, description = "It is recorded.")))]
async fn acknowledge(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
    Json(given): Json<Acknowledged>,
) -> Answer<StatusCode> {
    let (text, paper) = text(&caller, who.clone(), id).await?;
    let [shown] = &shown::accepted([text], &given.accepted)[..] else {
        return Err(AmendmentRefusal::NotAcknowledged.at("accepted").into());
    };
    amendments::acknowledge(caller.app(), who, id, &paper, caller.lang, &shown.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What concludes an amendment, beside the proofs given before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmendmentSignature, example = json!({
    "amendment_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
struct Signature {
    /// The hash of the PDF that was read.
    amendment_sha256: String,
}

/// Concludes the amendment by what was proved: from then on it holds.
#[utoipa::path(post, path = "/v1/amendments/{id}/signatures", tag = "amendments", operation_id = "sign_amendment",
    security(("client" = [])), request_body = Signature,
    params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "It is concluded.", body = Shown)))]
async fn conclude(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
    Json(given): Json<Signature>,
) -> Answer<Json<Shown>> {
    let (_, paper) = amendments::paper(caller.app(), who.clone(), id).await?;
    if !hex(&paper.sha256).eq_ignore_ascii_case(&given.amendment_sha256) {
        return Err(AmendmentRefusal::PaperChanged.at("amendment_sha256").into());
    }
    amendments::conclude(caller.app(), who.clone(), id).await?;
    let mut op = caller.app().begin(who).await?;
    Ok(Json(amendments::amendment(&mut op, id).await?.into()))
}

/// Declines the amendment: the agreement stays as it is.
#[utoipa::path(post, path = "/v1/amendments/{id}/refusals", tag = "amendments", operation_id = "decline_amendment",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The amendment.")),
    responses((status = 200, description = "It is declined.", body = Shown)))]
async fn decline(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<Amendment>,
) -> Answer<Json<Shown>> {
    let mut op = caller.app().begin(who).await?;
    let mut shown = amendments::decline(&mut op, id).await?;
    op.commit().await?;
    shown.state = State::Declined;
    Ok(Json(shown.into()))
}
