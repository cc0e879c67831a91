//! Concluding the agreement: acknowledgements, two methods, signature (Rules cl.
//! [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4),
//! [8.5](lending::law::CL_8_5), [9.a](lending::law::CL_9_A)).

use jiff::Timestamp;
use lending::{authority::Act, confirmation::Operation};
use serde_json::json;
use texts::Lang;

use super::{
    Application, ApplicationRefusal, Offer, Shown, State, application, load, offer, offer::current, set_state,
};
use crate::{
    App, audit, documents,
    entities::allowed,
    id::Id,
    identity::{self, Confirmation, Matter, Purpose, Standing},
    jobs::{self, Work},
    loans::{self, Loan},
    op::Op,
    refusal::Result,
    sessions::Client,
    vault::Hash,
};

/// What must be acknowledged before signing: the lending rules, the full cost, rights and duties (Rules cl.
/// [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.5](lending::law::CL_8_5)).
pub const ACKNOWLEDGED: [&str; 3] = ["lending-rules", "full-cost", "rights-and-duties"];

/// How far the signing of an agreement is.
pub struct Signing {
    /// The application.
    pub application: Shown,
    /// The agreement on the table.
    pub offer: Offer,
    /// Everything has been acknowledged.
    pub acknowledged: bool,
    /// What is proved and what would help.
    pub standing: Standing,
    /// The account was changed lately: the money goes there from this instant.
    pub payout_from: Option<Timestamp>,
}

/// What a signer proves: the exact bytes of the agreement on the table.
pub(crate) async fn purpose(app: &App, who: &Client, id: Id<Application>) -> Result<Purpose> {
    let (_, offer) = offer(app, who.clone(), id).await?;
    Ok(Purpose {
        subject: who.id.uuid(),
        session: who.session,
        operation: Operation::SignContract,
        object: offer.sha256,
    })
}

/// Where the client is with signing.
pub async fn signing(app: &App, who: Client, id: Id<Application>) -> Result<Signing> {
    let (application, offer) = offer(app, who.clone(), id).await?;
    let standing = Matter::Application(id).standing(app, &who.clone().into()).await?;
    let mut op = app.begin(who).await?;
    let acknowledged = acknowledged(&mut op, &offer).await?;
    let account = identity::account(&mut op, application.client.uuid()).await?;
    let payout_from = account.map(|held| held.payouts_from).filter(|from| *from > op.now);
    Ok(Signing { application, offer, acknowledged, standing, payout_from })
}

async fn acknowledged(op: &mut Op<Client>, offer: &Offer) -> Result<bool> {
    let tenant = op.tenant;
    let kinds = sqlx::query_scalar!(
        "select kind from acknowledgement where tenant_id = $1 and object_id = $2",
        tenant,
        offer.id
    )
    .fetch_all(op.db())
    .await?;
    Ok(ACKNOWLEDGED.iter().all(|kind| kinds.iter().any(|k| k == kind)))
}

/// Records what was shown and acknowledged with the agreement of this hash on the table: `(kind, text as shown)`, all of
/// [`ACKNOWLEDGED`].
pub async fn acknowledge(
    app: &App,
    who: Client,
    id: Id<Application>,
    agreement: &Hash,
    lang: Lang,
    shown: &[(&str, String)],
) -> Result<()> {
    if ACKNOWLEDGED.iter().any(|kind| !shown.iter().any(|(given, _)| given == kind)) {
        return Err(ApplicationRefusal::NotAcknowledged.into());
    }
    let (application, offer) = offer(app, who.clone(), id).await?;
    if application.state != State::Approved {
        return Err(ApplicationRefusal::NotApproved.into());
    }
    if offer.sha256 != *agreement {
        return Err(ApplicationRefusal::OfferChanged.into());
    }
    let mut op = app.begin(who).await?;
    for (kind, text) in shown {
        identity::acknowledge(&mut op, application.client.uuid(), offer.id, kind, lang, text).await?;
    }
    audit::record(&mut op, "offer.acknowledged", Some(offer.id), &json!({ "application": id })).await?;
    op.commit().await
}

/// Password and code as far as they are not proved, then the signature, if all that is needed is there.
pub async fn sign_with_code(
    app: &App,
    who: Client,
    id: Id<Application>,
    password: &str,
    code: &str,
) -> Result<Id<Loan>> {
    Matter::Application(id).take_password_and_code(app, &who.clone().into(), password, code).await?;
    conclude(app, who, id).await
}

/// Confirms by what was proved, and signs (Rules cl. [9.a](lending::law::CL_9_A)).
pub async fn conclude(app: &App, who: Client, id: Id<Application>) -> Result<Id<Loan>> {
    let purpose = purpose(app, &who, id).await?;
    let mut op = app.begin(who).await?;
    let confirmation = identity::confirm(&mut op, &purpose).await?;
    let loan = sign(&mut op, id, &confirmation).await?;
    op.commit().await?;
    Ok(loan)
}

/// Concludes the agreement: the one way to a loan (Rules cl. [9.a](lending::law::CL_9_A)). The confirmation is for the exact bytes
/// that were read.
pub async fn sign(op: &mut Op<Client>, id: Id<Application>, confirmation: &Confirmation) -> Result<Id<Loan>> {
    application(op, id).await?;
    allowed(op, Act::Sign).await?;
    let authority = op.authority;
    let application = load(op, id, true).await?;
    if application.state != State::Approved {
        return Err(ApplicationRefusal::NotApproved.into());
    }
    let Some(offer) = current(op, &application, authority).await? else {
        return Err(ApplicationRefusal::OfferChanged.into());
    };
    if &offer.sha256 != confirmation.object() {
        return Err(ApplicationRefusal::OfferChanged.into());
    }
    if !acknowledged(op, &offer).await? {
        return Err(ApplicationRefusal::NotAcknowledged.into());
    }
    // The account was changed after this application was made: its money goes nowhere else than the agreement says.
    let (iban, borrower) = (&application.asked.iban, application.client.uuid());
    if identity::account(op, borrower).await?.is_some_and(|held| held.iban != *iban) {
        return Err(ApplicationRefusal::AccountNotYours.into());
    }
    identity::set_account(op, borrower, iban, 0).await?;
    let (tenant, agreement, now) = (op.tenant, op.id(), op.now_sql());
    sqlx::query!(
        "insert into agreement (tenant_id, id, application_id, offer_id, client_id, confirmation_id, signed_at,
                                authority_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        agreement,
        id.uuid(),
        offer.id,
        application.client.uuid(),
        confirmation.id(),
        now as _,
        authority,
    )
    .execute(op.db())
    .await?;
    set_state(op, id, State::Signed, &[], None).await?;
    let loan = loans::make(op, agreement.into(), &application, &offer).await?;
    documents::file(op, loan, application.client.uuid(), (documents::Kind::Agreement, None), offer.pdf)
        .await?;
    jobs::enqueue(op, &Work::PayOut(loan)).await?;
    jobs::enqueue(op, &Work::GiveEvidenceSheet(loan)).await?;
    let about = json!({ "application": id, "number": application.number, "offer": offer.id,
        "confirmation": confirmation.id(), "authority": authority });
    audit::record(op, "agreement.signed", Some(agreement), &about).await?;
    Ok(loan)
}
