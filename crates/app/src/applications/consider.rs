//! Asking about an applicant, and deciding (Rules cl. [8.1](lending::law::CL_8_1),
//! [8.8](lending::law::CL_8_8), [10](lending::law::CL_10)).

use lending::{
    application::{Decision, Facts, OtherDebt, decide},
    loan::LoanTerms,
    money::Money,
};
use ports::{BureauDebt, CreditReport, Person, Screened};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Application, State, load, set_state};
use crate::{
    App, audit, entities,
    id::Id,
    inquiry::{self, Inquiry},
    jobs::Done,
    messages,
    op::{Context, System},
    parties::{self, Party},
    refusal::{Fault, Result},
};

/// Asks the lists and the bureau, decides by the product's rules and the rule set the application was made
/// under, and tells the client. Deciding twice is deciding once.
pub async fn consider(app: &App, id: Id<Application>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let application = load(&mut op, id, false).await?;
    let applicant = parties::party(&mut op, application.client.uuid()).await?;
    // Of an entity everybody is looked for who acts for it.
    let people = match &applicant {
        Party::Individual(_) => Vec::new(),
        Party::Entity(entity) => entities::acting(&mut op, entity.id.uuid()).await?,
    };
    let consent = consent(&mut op, id).await?;
    drop(op);
    if application.state != State::Checking {
        return Ok(Done::Finished);
    }
    let inquiry = |port| Inquiry { port, subject: application.client.uuid(), object: id.uuid() };
    let (list, bureau) = (&app.ports().terrorist_list, &app.ports().bureau);
    let (organisation, own) = match &applicant {
        Party::Individual(profile) => (None, Some(&**profile)),
        Party::Entity(entity) => (Some(entity.name.as_str()), None),
    };
    let persons: Vec<Person<'_>> = own
        .into_iter()
        .chain(&people)
        .map(|profile| Person { iin: &profile.iin, names: &profile.names, born_on: profile.born_on })
        .collect();
    let screened = Screened { organisation, persons: &persons };
    let (listed, _) = inquiry::ask(
        app,
        &inquiry("terrorist-list"),
        |request| list.screen(request, screened),
        |hits| !hits.is_empty(),
    )
    .await?;
    let question = |request| bureau.report(request, applicant.identifier(), &consent);
    let (report, _) =
        inquiry::ask(app, &inquiry("credit-bureau"), question, |report| Remembered::from(report)).await?;

    let mut op = app.begin(System).await?;
    let application = load(&mut op, id, true).await?;
    if application.state != State::Checking {
        return Ok(Done::Finished);
    }
    let rules = lending::law::rules::RuleSet::by_id(&application.rule_set)
        .ok_or_else(|| Fault::new("the application's rule set is unknown"))?;
    let asked = &application.asked;
    let quote = asked.quote(op.today)?;
    let (owed_here, mut debts) = own_loans(&mut op, application.client.uuid()).await?;
    debts.extend(report.debts.iter().map(OtherDebt::from));
    let facts = Facts {
        on: op.today,
        terms: &quote.terms,
        schedule: &quote.schedule,
        effective_rate: quote.effective_rate,
        penalty: asked.product.penalty,
        purpose: &asked.purpose,
        age: own.map(|profile| profile.iin.age_on(op.today)),
        monthly_income: asked.income,
        listed,
        voluntary_refusal: report.voluntary_refusal,
        debts: &debts,
        owed_here,
    };
    let (state, reasons, burden) = match decide(&facts, &asked.product, rules) {
        Decision::Approve { debt_burden_ppm } => (State::Approved, Vec::new(), Some(debt_burden_ppm)),
        Decision::Decline(reasons) => (State::Declined, reasons.iter().map(|r| r.code()).collect(), None),
    };
    set_state(&mut op, id, state, &reasons, burden.map(i64::from)).await?;
    let about =
        json!({ "state": state.code(), "reasons": reasons, "rule_set": rules.id, "debt_burden_ppm": burden });
    audit::record(&mut op, "application.decided", Some(id.uuid()), &about).await?;
    let text = match state {
        State::Approved => texts::messages::approved(applicant.lang()),
        _ => texts::messages::declined(applicant.lang()),
    };
    messages::notice(&mut op, &applicant.address(), text.to_owned()).await?;
    op.commit().await?;
    Ok(Done::Finished)
}

/// What is remembered of a credit report; the whole of it is evidence.
#[derive(Serialize, Deserialize)]
struct Remembered {
    voluntary_refusal: bool,
    debts: Vec<RememberedDebt>,
}

#[derive(Serialize, Deserialize)]
struct RememberedDebt {
    monthly_payment_tiyn: Money,
    overdue_tiyn: Money,
    overdue_days: u32,
}

impl From<&CreditReport> for Remembered {
    fn from(report: &CreditReport) -> Self {
        let debt = |d: &BureauDebt| RememberedDebt {
            monthly_payment_tiyn: d.monthly_payment,
            overdue_tiyn: d.overdue,
            overdue_days: d.overdue_days,
        };
        Self { voluntary_refusal: report.voluntary_refusal, debts: report.debts.iter().map(debt).collect() }
    }
}

impl From<&RememberedDebt> for OtherDebt {
    fn from(d: &RememberedDebt) -> Self {
        Self {
            monthly_payment: d.monthly_payment_tiyn,
            overdue: d.overdue_tiyn,
            overdue_days: d.overdue_days,
        }
    }
}

/// What the client owes us already or is about to, and the largest payment of each such loan: the bureau learns of
/// them later than we do.
async fn own_loans(op: &mut Context, client: Uuid) -> Result<(Money, Vec<OtherDebt>)> {
    let tenant = op.tenant;
    let rows = sqlx::query!(
        r#"select l.terms, l.status, coalesce(s.debt_tiyn + a.interest + a.penalty, 0) as "debt_tiyn!"
           from loan l
           left join standing s on s.tenant_id = l.tenant_id and s.loan_id = l.id
           left join day_chunk d on d.tenant_id = s.tenant_id and d.chunk = s.place / 16384
           left join lateral accrued_after_base(s, coalesce(d.closed_to, s.base)) a on true
           where l.tenant_id = $1 and l.client_id = $2 and l.status in ('awaiting_disbursement', 'active', 'overdue')"#,
        tenant,
        client
    )
    .fetch_all(op.db())
    .await?;
    let (mut owed, mut debts) = (Money::ZERO, Vec::new());
    for row in rows {
        let terms: LoanTerms = serde_json::from_value(row.terms)?;
        let waiting = row.status == "awaiting_disbursement";
        owed += if waiting { terms.schedule.principal } else { Money::from_tiyn(row.debt_tiyn) };
        let schedule = terms.schedule.schedule().map_err(Fault::new)?;
        let largest = schedule.rows.iter().map(|row| row.payment).max().unwrap_or(Money::ZERO);
        debts.push(OtherDebt { monthly_payment: largest, overdue: Money::ZERO, overdue_days: 0 });
    }
    Ok((owed, debts))
}

/// The hash of the consent under which the report is asked for.
async fn consent(op: &mut Context, id: Id<Application>) -> Result<[u8; 32]> {
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
