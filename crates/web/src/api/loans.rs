//! Loans: what is owed today and of what it is made, payments to come and made, how to pay, papers (Rules
//! cl. [7.3](lending::law::CL_7_3), [7.5](lending::law::CL_7_5), [7.6](lending::law::CL_7_6)).

use app::{
    documents::{self, Kind},
    evidence as bundles, loans as use_case,
    organization::Organization,
    sessions::Client,
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use lending::{
    effective_rate::EffectiveRate,
    loan::{Allocation, Debt, EarlyRepayment, LoanRow, Payoff, RowKind, RowState, Status},
    money::Money,
    rate::DailyRate,
    report::explain::{Explanation, Figure, Line as ReportLine},
    schedule::Terms,
};
use serde::{Deserialize, Serialize};
use texts::Lang;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    body::Json,
    door::{Bearer, Caller, Named, Once, param},
    problem::{Answer, Stop},
    units::Instant,
};
use crate::{Site, explained::explained, form::Query};

pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(repay_early))
        .routes(routes!(papers))
        .routes(routes!(document))
        .routes(routes!(evidence))
        .routes(routes!(explanation))
}

/// Where a loan stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LoanStatus {
    /// The money has not left yet.
    AwaitingDisbursement,
    /// Nothing is overdue.
    Active,
    /// Something was due and is not paid.
    Overdue,
    /// Nothing is owed any more.
    Closed,
    /// The debt was written off.
    WrittenOff,
    /// The claim was assigned to another.
    Sold,
    /// The bank refused the account; nothing was paid out.
    Cancelled,
}

impl From<Status> for LoanStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::AwaitingDisbursement => Self::AwaitingDisbursement,
            Status::Active => Self::Active,
            Status::Overdue => Self::Overdue,
            Status::Closed => Self::Closed,
            Status::WrittenOff => Self::WrittenOff,
            Status::Sold => Self::Sold,
        }
    }
}

/// A loan in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = LoanLine)]
struct Line {
    id: Uuid,
    /// The number of the agreement.
    number: String,
    #[schema(value_type = LoanStatus)]
    status: String,
    signed_at: Instant,
}

/// The client's loans, newest first, at most fifty.
#[utoipa::path(get, path = "/v1/loans", tag = "loans", operation_id = "list_loans", security(("client" = [])),
    responses((status = 200, description = "The loans.", body = [Line])))]
async fn list(caller: Caller, Bearer(who): Bearer<Client>) -> Answer<Json<Vec<Line>>> {
    let mut op = caller.app().begin(who).await?;
    let loans = use_case::loans(&mut op).await?;
    op.commit().await?;
    let line = |one: use_case::Line| Line {
        id: one.id.uuid(),
        number: one.number,
        status: one.status,
        signed_at: one.created_at.into(),
    };
    Ok(Json(loans.into_iter().map(line).collect()))
}

/// A loan at the end of a day.
#[derive(Serialize, ToSchema)]
struct Loan {
    id: Uuid,
    /// The number of the agreement.
    number: String,
    status: LoanStatus,
    /// The day for which everything here is told.
    as_of: Date,
    terms: Terms,
    /// Penalty for each day of delay, parts per million of what is overdue.
    penalty_ppm_per_day: DailyRate,
    signed_at: Instant,
    /// The account it was paid to, masked.
    iban: String,
    debt: Owed,
    /// Money held for the next due dates.
    advance_tiyn: Money,
    /// Money beyond the whole debt, owed to the client.
    overpaid_tiyn: Money,
    /// The first day of the oldest delay that still lasts.
    overdue_since: Option<Date>,
    /// Consecutive overdue days.
    overdue_days: u32,
    /// The next payment that is asked for.
    next_due: Option<NextDue>,
    /// What would close the loan on the day.
    payoff: Payoff,
    /// Planned installments, and early repayments where they happened.
    rows: Vec<Row>,
    /// Payments by value date, those taken back included.
    payments: Vec<Payment>,
    /// The day the last tiyn was paid.
    closed_on: Option<Date>,
    pay_to: PayTo,
}

/// Debt = principal + interest + penalty.
#[derive(Serialize, ToSchema)]
struct Owed {
    total_tiyn: Money,
    /// All principal.
    principal_tiyn: Money,
    /// All interest.
    interest_tiyn: Money,
    /// What should have been paid before the day: overdue principal and interest, and penalty.
    overdue_tiyn: Money,
    #[serde(flatten)]
    parts: Debt,
}

/// The next payment that is asked for.
#[derive(Serialize, ToSchema)]
struct NextDue {
    on: Date,
    principal_tiyn: Money,
    /// As planned.
    interest_tiyn: Money,
    /// What remains to be brought after the advance.
    to_bring_tiyn: Money,
}

/// A row of the schedule, with what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = LoanRow)]
struct Row {
    kind: RowKind,
    /// 1, 2, 3 … for installments; 0 for other kinds.
    number: u16,
    due_on: Date,
    payment_tiyn: Money,
    principal_tiyn: Money,
    interest_tiyn: Money,
    principal_paid_tiyn: Money,
    interest_paid_tiyn: Money,
    paid_on: Option<Date>,
    state: RowState,
}

/// A payment and what it was taken for.
#[derive(Serialize, ToSchema)]
#[schema(as = LoanPayment)]
struct Payment {
    id: Uuid,
    /// Its value date.
    on: Date,
    amount_tiyn: Money,
    /// It was taken back and counts for nothing.
    reversed: bool,
    allocation: Allocation,
}

/// How to pay (Rules cl. [7.6](lending::law::CL_7_6)): a transfer to this account, with this text.
#[derive(Serialize, ToSchema)]
struct PayTo {
    name: String,
    bin: String,
    iban: String,
    bank: String,
    bic: String,
    /// What the payment's text must hold: the number of the agreement.
    text: String,
}

impl PayTo {
    fn account_of(organization: &Organization, lang: Lang, number: &str) -> Self {
        Self {
            name: organization.legal_name.in_lang(lang).to_owned(),
            bin: organization.bin.clone(),
            iban: organization.iban.clone(),
            bank: organization.bank.in_lang(lang).to_owned(),
            bic: organization.bic.clone(),
            text: number.to_owned(),
        }
    }
}

impl From<&LoanRow> for Row {
    fn from(row: &LoanRow) -> Self {
        Self {
            kind: row.kind,
            number: row.number,
            due_on: row.due_on,
            payment_tiyn: row.payment(),
            principal_tiyn: row.principal,
            interest_tiyn: row.interest,
            principal_paid_tiyn: row.principal_paid,
            interest_paid_tiyn: row.interest_paid,
            paid_on: row.paid_on,
            state: row.state,
        }
    }
}

impl Loan {
    fn of(shown: use_case::Shown, caller: &Caller) -> Self {
        let folded = shown.folded;
        let (debt, payoff) = (folded.debt, folded.payoff());
        Self {
            id: shown.id.uuid(),
            status: if shown.cancelled { LoanStatus::Cancelled } else { folded.status.into() },
            as_of: folded.as_of,
            terms: shown.terms.schedule,
            penalty_ppm_per_day: shown.terms.penalty,
            signed_at: shown.signed_at.into(),
            iban: shown.iban,
            debt: Owed {
                total_tiyn: debt.total(),
                principal_tiyn: debt.principal(),
                interest_tiyn: debt.interest(),
                overdue_tiyn: debt.overdue(),
                parts: debt,
            },
            advance_tiyn: folded.advance,
            overpaid_tiyn: folded.overpaid,
            overdue_since: folded.overdue_since,
            overdue_days: folded.overdue_days,
            next_due: folded.next_due.map(|due| NextDue {
                on: due.on,
                principal_tiyn: due.principal,
                interest_tiyn: due.interest,
                to_bring_tiyn: due.to_bring,
            }),
            payoff,
            rows: folded.rows.iter().map(Row::from).collect(),
            payments: folded
                .payments
                .iter()
                .map(|one| Payment {
                    id: one.id,
                    on: one.on,
                    amount_tiyn: one.amount,
                    reversed: one.reversed,
                    allocation: one.allocation,
                })
                .collect(),
            closed_on: folded.closed_on,
            pay_to: PayTo::account_of(&caller.site.settings.organization, caller.lang, &shown.number),
            number: shown.number,
        }
    }
}

/// A loan today: what is owed and of what it is made, the schedule, payments, and how to pay.
#[utoipa::path(get, path = "/v1/loans/{id}", tag = "loans", operation_id = "get_loan", security(("client" = [])),
    params(("id" = Uuid, Path, description = "The loan.")),
    responses((status = 200, description = "The loan.", body = Loan)))]
async fn show(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
) -> Answer<Json<Loan>> {
    let mut op = caller.app().begin(who).await?;
    let shown = use_case::loan(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(Loan::of(shown, &caller)))
}

/// A figure with everything that leads to it.
#[derive(Serialize, ToSchema)]
struct Explained {
    /// The figure, as asked.
    #[schema(example = "payoff")]
    figure: String,
    /// The date, all its events included.
    as_of: Date,
    /// The figure, where it is an amount: the total of the last line.
    result_tiyn: Option<Money>,
    /// The figure, where it is the annual effective rate, in tenths of a percent.
    result_tenths: Option<EffectiveRate>,
    /// What leads to it, in order.
    lines: Vec<ExplainedLine>,
}

/// A line of it.
#[derive(Serialize, ToSchema)]
struct ExplainedLine {
    /// What happened, in the reader's language.
    text: String,
    #[serde(flatten)]
    line: ReportLine,
}

impl Explained {
    fn of(told: Explanation, lang: Lang) -> Self {
        let line = |line: ReportLine| ExplainedLine { text: explained(lang, &line), line };
        Self {
            figure: told.figure,
            as_of: told.as_of,
            result_tiyn: told.result_tiyn,
            result_tenths: told.result_tenths,
            lines: told.lines.into_iter().map(line).collect(),
        }
    }
}

/// The `{figure}` in the path; what is none is not there.
struct Asked(Figure);

impl FromRequestParts<Site> for Asked {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let figure = param(parts, site, "figure").await?;
        figure.parse().map(Self).map_err(|_| Stop::Status(StatusCode::NOT_FOUND))
    }
}

/// A date to look at.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct OnDate {
    on: String,
}

/// Why a figure of the loan is what it is: every step that leads to it, with days, rates and roundings.
#[utoipa::path(get, path = "/v1/loans/{id}/explanations/{figure}", tag = "loans", operation_id = "explain_figure",
    security(("client" = [])),
    params(("id" = Uuid, Path, description = "The loan."),
        ("figure" = String, Path, description = "`principal`, `interest`, `penalty`, `overdue`, `payoff`, \
            `next-installment`, `effective-rate`, `row-interest:NUMBER` or `balance:ACCOUNT`."),
        ("on" = Option<Date>, Query, description = "The date; today if not said.")),
    responses((status = 200, description = "What leads to it.", body = Explained)))]
async fn explanation(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
    Asked(figure): Asked,
    Query(OnDate { on }): Query<OnDate>,
) -> Answer<Json<Explained>> {
    let mut op = caller.app().begin(who).await?;
    let known = use_case::known_to_client(&mut op, id).await?;
    op.commit().await?;
    let on = match on.as_str() {
        "" => known.today,
        on => on.parse().map_err(|_| Stop::Status(StatusCode::BAD_REQUEST))?,
    };
    let told = known.explain(figure, on)?;
    Ok(Json(Explained::of(told, caller.lang)))
}

/// How to repay early.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EarlyRepaymentWish, example = json!({ "mode": "keep_installment" }))]
struct Early {
    /// What becomes of the schedule.
    mode: EarlyRepayment,
}

/// Asks to repay early, free of charge: the next money beyond what is due goes to the principal, and the
/// schedule is made anew. Sent again with the same key, nothing happens.
#[utoipa::path(post, path = "/v1/loans/{id}/early-repayments", tag = "loans",
    operation_id = "request_early_repayment", security(("client" = [])), request_body = Early,
    params(("id" = Uuid, Path, description = "The loan."),
        ("Idempotency-Key" = String, Header, description = "Drawn at random for each wish, and the same when it is sent \
        again.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9_-]{16,128}$")),
    responses((status = 204, description = "It is recorded.")))]
async fn repay_early(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
    Once(key): Once,
    Json(given): Json<Early>,
) -> Answer<StatusCode> {
    use_case::request_early_repayment(caller.app(), who, id, given.mode, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A paper of a loan.
#[derive(Serialize, ToSchema)]
struct Document {
    /// `agreement`, `evidence-sheet` or `closing-notice`.
    #[schema(value_type = String, example = "agreement")]
    kind: &'static str,
}

/// The loan's papers that are ready.
#[utoipa::path(get, path = "/v1/loans/{id}/documents", tag = "loans", operation_id = "list_documents",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The loan.")),
    responses((status = 200, description = "The papers.", body = [Document])))]
async fn papers(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
) -> Answer<Json<Vec<Document>>> {
    let mut op = caller.app().begin(who).await?;
    use_case::loan(&mut op, id).await?;
    let ready = documents::ready(&mut op, id).await?;
    op.commit().await?;
    Ok(Json(ready.into_iter().map(|kind| Document { kind: kind.code() }).collect()))
}

/// The `{kind}` of paper in the path.
struct OfKind(Kind);

impl FromRequestParts<Site> for OfKind {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Answer<Self> {
        let kind = param(parts, site, "kind").await?;
        Kind::parse(&kind).map(Self).ok_or(Stop::Status(StatusCode::NOT_FOUND))
    }
}

/// A paper of the loan.
#[utoipa::path(get, path = "/v1/loans/{id}/documents/{kind}", tag = "loans", operation_id = "get_document",
    security(("client" = [])),
    params(("id" = Uuid, Path, description = "The loan."),
        ("kind" = String, Path, description = "`agreement`, `evidence-sheet` or `closing-notice`.")),
    responses((status = 200, description = "The paper.", body = Vec<u8>, content_type = "application/pdf")))]
async fn document(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
    OfKind(kind): OfKind,
) -> Answer<Response> {
    let mut op = caller.app().begin(who).await?;
    let pdf = documents::document(&mut op, id, kind).await?;
    op.commit().await?;
    Ok(paper(kind.code(), pdf))
}

/// The evidence of the agreement as one file that can be checked without us (`nesie evidence verify`): the document,
/// what was shown and accepted, how the client proved who they are, what was asked outside. It holds photos of the
/// client's face and a credit report: keep it as such.
#[utoipa::path(get, path = "/v1/loans/{id}/evidence", tag = "loans", operation_id = "get_evidence",
    security(("client" = [])), params(("id" = Uuid, Path, description = "The loan.")),
    responses((status = 200, description = "The file.", body = Vec<u8>, content_type = "application/x-tar")))]
async fn evidence(
    caller: Caller,
    Bearer(who): Bearer<Client>,
    Named(id): Named<use_case::Loan>,
) -> Answer<Response> {
    Ok(crate::client::bundle(bundles::export_own(caller.app(), who, id).await?))
}

/// A PDF, to be kept.
pub(super) fn paper(name: &str, pdf: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}.pdf\"");
    ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], pdf)
        .into_response()
}
