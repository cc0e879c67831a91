//! Asking about an applicant, and deciding (Rules cl. 8.1, 8.8, 10).

use lending::application::{Applicant, Bureau, Decision, decide};
use ports::{CreditReport, Screened};
use serde_json::json;

use super::{Application, State, load, set_state};
use crate::{
    App, audit,
    id::Id,
    identity,
    inquiry::{self, Inquiry},
    jobs::Done,
    messages,
    op::System,
    refusal::{Fault, Result},
};

/// Asks the lists and the bureau, decides by the product's rules and the rule set the application was made
/// under, and tells the client. Deciding twice is deciding once.
pub async fn consider(app: &App, id: Id<Application>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let application = load(&mut op, id, false).await?;
    let profile = identity::profile(&mut op, application.client.uuid()).await?;
    let consent = consent(&mut op, id).await?;
    drop(op);
    if application.state != State::Checking {
        return Ok(Done::Finished);
    }
    let inquiry = |port| Inquiry { port, subject: application.client.uuid(), object: id.uuid() };
    let (list, bureau) = (&app.ports().terrorist_list, &app.ports().bureau);
    let person = Screened { iin: &profile.iin, names: &profile.names, born_on: profile.born_on };
    let (listed, _) =
        inquiry::ask(app, &inquiry("terrorist-list"), |request| list.screen(request, person), |hits| !hits.is_empty())
            .await?;
    let question = |request| bureau.report(request, &profile.iin, &consent);
    let (report, _) = inquiry::ask(app, &inquiry("credit-bureau"), question, remembered).await?;

    let mut op = app.begin(System).await?;
    let application = load(&mut op, id, true).await?;
    if application.state != State::Checking {
        return Ok(Done::Finished);
    }
    let rules = lending::law::rules::RuleSet::by_id(&application.rule_set)
        .ok_or_else(|| Fault::new("the application's rule set is unknown"))?;
    let asked = &application.asked;
    let applicant = Applicant {
        age: profile.iin.age_on(op.today),
        income: asked.income,
        amount: asked.amount,
        installments: asked.installments,
        method: asked.method,
        listed,
        bureau: report,
        on: op.today,
    };
    let (state, reasons, burden) = match decide(&applicant, &asked.product, rules).map_err(Fault::new)? {
        Decision::Approve { debt_burden_ppm } => (State::Approved, Vec::new(), Some(debt_burden_ppm)),
        Decision::Decline { reasons, debt_burden_ppm } => {
            (State::Declined, reasons.iter().map(|r| r.code()).collect(), debt_burden_ppm)
        }
    };
    set_state(&mut op, id, state, &reasons, burden.map(|b| i64::try_from(b).unwrap_or(i64::MAX))).await?;
    let about = json!({ "state": state.code(), "reasons": reasons, "rule_set": rules.id, "debt_burden_ppm": burden });
    audit::record(&mut op, "application.decided", Some(id.uuid()), &about).await?;
    let text = match state {
        State::Approved => texts::messages::approved(profile.lang),
        _ => texts::messages::declined(profile.lang),
    };
    messages::notice(&mut op, &profile.address(), text.to_owned()).await?;
    op.commit().await?;
    Ok(Done::Finished)
}

/// What is remembered of a credit report; the whole of it is evidence.
fn remembered(report: &CreditReport) -> Bureau {
    Bureau {
        voluntary_refusal: report.voluntary_refusal,
        monthly_payments: report.debts.iter().map(|d| d.monthly_payment).sum(),
        overdue: report.debts.iter().map(|d| d.overdue).sum(),
        overdue_days_max: report.debts.iter().map(|d| d.overdue_days).max().unwrap_or(0),
    }
}

/// The hash of the consent under which the report is asked for.
async fn consent(op: &mut crate::op::Context, id: Id<Application>) -> Result<[u8; 32]> {
    let tenant = op.tenant;
    let hash = sqlx::query_scalar!(
        "select e.sha256 from acknowledgement a join evidence e on e.tenant_id = a.tenant_id and e.id = a.evidence_id
         where a.tenant_id = $1 and a.object_id = $2 and a.kind = 'consent:credit-report'",
        tenant,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?;
    hash.and_then(|h| h.try_into().ok()).ok_or_else(|| Fault::new("an application without consent").into())
}
