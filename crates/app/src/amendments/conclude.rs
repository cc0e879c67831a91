//! Concluding an amendment: what changes is acknowledged, who concludes is proved by two methods, and it happens to the
//! loan (Rules cl. [8.3](lending::law::CL_8_3), [9.a](lending::law::CL_9_A)).

use lending::{amendment::Amended, authority::Act, confirmation::Operation};
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{
    Amendment, AmendmentRefusal, Paper, Shown, State, amendment, decide,
    paper::{amended, current, paper},
    tell,
};
use crate::{
    App, audit,
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

/// What must be acknowledged before an amendment is concluded: what changes, cost included.
pub const ACKNOWLEDGED: &str = "changed-terms";

/// How far the concluding of an amendment is.
pub struct Concluding {
    /// The amendment.
    pub shown: Shown,
    /// What it comes to today.
    pub amended: Amended,
    /// The paper on the table.
    pub paper: Paper,
    /// What changes has been acknowledged.
    pub acknowledged: bool,
    /// What is proved and what would help.
    pub standing: Standing,
}

/// What who concludes proves: the exact bytes of the paper on the table.
pub(crate) async fn purpose(app: &App, who: &Client, id: Id<Amendment>) -> Result<Purpose> {
    let (shown, paper) = paper(app, who.clone(), id).await?;
    if shown.state != State::Proposed {
        return Err(AmendmentRefusal::NotOpen.into());
    }
    Ok(Purpose {
        subject: who.id.uuid(),
        session: who.session,
        operation: Operation::AmendContract,
        object: paper.sha256,
    })
}

/// Where the client is with an open amendment.
pub async fn concluding(app: &App, who: Client, id: Id<Amendment>) -> Result<Concluding> {
    let standing = Matter::Amendment(id).standing(app, &who.clone().into()).await?;
    let (shown, paper) = paper(app, who.clone(), id).await?;
    let mut op = app.begin(who).await?;
    let acknowledged = acknowledged(&mut op, paper.id).await?;
    let (amended, _) = amended(&mut op, &shown).await?;
    if current(&mut op, &shown).await?.is_none_or(|now| now.id != paper.id) {
        return Err(AmendmentRefusal::PaperChanged.into()); // Money came, or a day ended, between the paper and its figures.
    }
    Ok(Concluding { shown, amended, paper, acknowledged, standing })
}

async fn acknowledged(op: &mut Op<Client>, paper: Uuid) -> Result<bool> {
    let tenant = op.tenant;
    let found = sqlx::query!(
        "select 1 as one from acknowledgement where tenant_id = $1 and object_id = $2 and kind = $3",
        tenant,
        paper,
        ACKNOWLEDGED
    )
    .fetch_optional(op.db())
    .await?;
    Ok(found.is_some())
}

/// Records that what changes was shown, in these words, and acknowledged with the paper of this hash on the table.
pub async fn acknowledge(
    app: &App,
    who: Client,
    id: Id<Amendment>,
    read: &Hash,
    lang: Lang,
    text: &str,
) -> Result<()> {
    let (shown, paper) = paper(app, who.clone(), id).await?;
    if shown.state != State::Proposed {
        return Err(AmendmentRefusal::NotOpen.into());
    }
    if paper.sha256 != *read {
        return Err(AmendmentRefusal::PaperChanged.into());
    }
    let mut op = app.begin(who).await?;
    identity::acknowledge(&mut op, shown.client.uuid(), paper.id, ACKNOWLEDGED, lang, text).await?;
    audit::record(&mut op, "amendment.acknowledged", Some(id.uuid()), &json!({ "paper": paper.id })).await?;
    op.commit().await
}

/// Confirms by what was proved, and amends (Rules cl. [9.a](lending::law::CL_9_A)). Gives the loan.
pub async fn conclude(app: &App, who: Client, id: Id<Amendment>) -> Result<Id<Loan>> {
    let purpose = purpose(app, &who, id).await?;
    let mut op = app.begin(who).await?;
    let shown = amendment(&mut op, id).await?;
    let row = loans::lock(&mut op, shown.loan).await?;
    let confirmation = identity::confirm(&mut op, &purpose).await?;
    take_effect(&mut op, &shown, row, &confirmation).await?;
    op.commit().await?;
    Ok(shown.loan)
}

/// The one way to other terms. The confirmation is for the exact bytes that were read.
async fn take_effect(
    op: &mut Op<Client>,
    shown: &Shown,
    mut row: loans::Row,
    confirmation: &Confirmation,
) -> Result<()> {
    allowed(op, Act::Sign).await?;
    let paper = current(op, shown).await?.filter(|paper| paper.sha256 == *confirmation.object());
    let paper = paper.ok_or(AmendmentRefusal::PaperChanged)?;
    if !acknowledged(op, paper.id).await? {
        return Err(AmendmentRefusal::NotAcknowledged.into());
    }
    decide(op, shown, State::Concluded).await?;
    let (tenant, now, today, authority) = (op.tenant, op.now_sql(), op.today, op.authority);
    sqlx::query!(
        "insert into amendment_concluded (tenant_id, id, loan_id, number, paper_id, confirmation_id, authority_id, signed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        shown.id.uuid(),
        shown.loan.uuid(),
        i16::try_from(shown.number).unwrap_or(i16::MAX),
        paper.id,
        confirmation.id(),
        authority,
        now as _,
    )
    .execute(op.db())
    .await?;
    for effect in paper.effects {
        loans::append(op, &mut row, today, effect).await?;
    }
    let folded = loans::bring_to(op, &row, today).await?;
    if folded.closed_on.is_some() {
        jobs::enqueue(op, &Work::GiveClosingNotice(shown.loan)).await?;
    }
    jobs::enqueue(op, &Work::GiveAmendmentSheet(shown.id)).await?;
    tell(op, shown.client.uuid(), &shown.agreement, |lang, number| {
        texts::messages::amendment_concluded(lang, number)
    })
    .await
}
