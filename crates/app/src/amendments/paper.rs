//! The amendment drawn up for the client to read before concluding it (Rules cl. [7.3](lending::law::CL_7_3),
//! [9.a](lending::law::CL_9_A)).
//!
//! It says what the proposal comes to today, after all that has happened to the loan. A payment or a night makes another
//! paper: what is concluded are the exact bytes of one.

use jiff_sqlx::ToSqlx;
use lending::{
    amendment::{Amended, AmendmentError, amend},
    authority::Act,
    iban::Iban,
    loan::Happening,
};
use uuid::Uuid;

use super::{Amendment, AmendmentRefusal, Shown, State, amendment};
use crate::{
    App, documents,
    entities::{self, allowed},
    evidence::{self, Exhibit},
    id::Id,
    loans::{self, LoanRefusal},
    op::Op,
    organization, parties,
    refusal::{Fault, Result},
    sessions::Client,
    vault::Hash,
};

/// An amendment drawn up.
#[derive(Clone)]
pub struct Paper {
    /// Id.
    pub id: Uuid,
    /// What happens to the loan once it is concluded.
    pub(super) effects: Vec<Happening>,
    /// The PDF's evidence.
    pub(super) pdf: Uuid,
    /// SHA-256 of the PDF: what is concluded.
    pub sha256: Hash,
}

/// Today's paper of an open amendment, drawn up if need be; of a concluded one, the paper that was concluded.
pub async fn paper(app: &App, who: Client, id: Id<Amendment>) -> Result<(Shown, Paper)> {
    let mut op = app.begin(who.clone()).await?;
    let shown = amendment(&mut op, id).await?;
    if !matches!(shown.state, State::Proposed | State::Concluded) {
        return Err(AmendmentRefusal::NotOpen.into());
    }
    if shown.state == State::Proposed {
        allowed(&mut op, Act::Sign).await?; // It says who will conclude it.
    }
    if let Some(paper) = current(&mut op, &shown).await? {
        return Ok((shown, paper));
    }
    draw_up(app, op, &shown).await?;
    let mut op = app.begin(who).await?;
    let paper = current(&mut op, &shown).await?.ok_or(AmendmentRefusal::PaperChanged)?;
    Ok((shown, paper))
}

/// The bytes of the paper.
pub async fn pdf(app: &App, who: Client, id: Id<Amendment>) -> Result<Vec<u8>> {
    let (_, paper) = paper(app, who.clone(), id).await?;
    let mut op = app.begin(who).await?;
    Ok(evidence::read(&mut op, paper.pdf).await?.1)
}

/// What the proposal comes to today. What an employee is told of in detail, the client is not to mend.
pub(super) async fn amended(op: &mut Op<Client>, shown: &Shown) -> Result<(Amended, loans::Known)> {
    let known = loans::known(op, Some(shown.loan), None).await?.ok_or(LoanRefusal::NotFound)?;
    match amend(&known.terms, &known.events, op.today, &shown.proposal) {
        Ok(amended) => Ok((amended, known)),
        Err(why @ (AmendmentError::NoRules(_) | AmendmentError::Loan(_))) => Err(why.into()),
        Err(_) => Err(AmendmentRefusal::Lapsed.into()),
    }
}

/// The paper that was concluded, or else the one for who acts now, for today and for all that has happened.
pub(super) async fn current(op: &mut Op<Client>, shown: &Shown) -> Result<Option<Paper>> {
    let (tenant, today, by) = (op.tenant, op.today.to_sqlx(), op.authority);
    let row = sqlx::query!(
        "select p.id, p.effects, p.pdf_evidence, p.pdf_sha256 from amendment_paper p
         join amendment a on a.tenant_id = p.tenant_id and a.id = p.amendment_id
         join loan l on l.tenant_id = a.tenant_id and l.id = a.loan_id
         left join amendment_concluded c on c.tenant_id = p.tenant_id and c.id = a.id
         where p.tenant_id = $1 and a.id = $2
           and case when c.id is null
                    then p.dated = $3 and p.loan_events = l.events and p.authority_id is not distinct from $4
                    else p.id = c.paper_id end",
        tenant,
        shown.id.uuid(),
        today as _,
        by,
    )
    .fetch_optional(op.db())
    .await?;
    row.map(|r| {
        Ok(Paper {
            id: r.id,
            effects: serde_json::from_value(r.effects)?,
            pdf: r.pdf_evidence,
            sha256: r.pdf_sha256.try_into().map_err(|_| Fault::new("a hash of the wrong length"))?,
        })
    })
    .transpose()
}

async fn draw_up(app: &App, mut op: Op<Client>, shown: &Shown) -> Result<()> {
    let (amended, known) = amended(&mut op, shown).await?;
    let organization = organization::organization(&mut op).await?;
    let borrower = parties::party(&mut op, shown.client.uuid()).await?;
    let who = op.who.clone();
    let signatory = match op.authority {
        Some(authority) => Some(entities::signatory(&mut op, authority).await?),
        None => None,
    };
    let (tenant, today) = (op.tenant, op.today);
    let agreement = sqlx::query!(
        "select o.dated, p.iban from agreement a
         join offer o on o.tenant_id = a.tenant_id and o.id = a.offer_id
         join payout p on p.tenant_id = a.tenant_id and p.loan_id = a.id
         where a.tenant_id = $1 and a.id = $2",
        tenant,
        shown.loan.uuid()
    )
    .fetch_one(op.db())
    .await?;
    drop(op); // Printing takes a while; nothing is held meanwhile.
    let iban = Iban::parse(&agreement.iban).map_err(|_| Fault::new("a stored account is not one"))?;
    let printed = documents::amendment(
        &organization,
        (&borrower, signatory.as_ref(), &iban),
        shown,
        agreement.dated.into(),
        &amended,
    )?;
    let pdf = tokio::task::spawn_blocking(move || papers::amendment(&printed)).await??;

    let mut op = app.begin(who).await?;
    let exhibit = Exhibit {
        kind: "amendment",
        subject: shown.client.uuid(),
        object: Some(shown.id.uuid()),
        media_type: "application/pdf",
        bytes: &pdf,
    };
    let stored = evidence::store(&mut op, exhibit).await?;
    let (id, now, authority) = (op.id(), op.now_sql(), op.authority);
    sqlx::query!(
        "insert into amendment_paper (tenant_id, id, amendment_id, dated, loan_events, authority_id, rule_set, effects,
                                      pdf_evidence, pdf_sha256, drawn_up_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (tenant_id, amendment_id, dated, loan_events, authority_id) do nothing",
        tenant,
        id,
        shown.id.uuid(),
        today.to_sqlx() as _,
        i32::try_from(known.events.len()).map_err(Fault::new)?,
        authority,
        amended.rule_set.id,
        serde_json::to_value(&amended.effects)?,
        stored.id,
        &stored.sha256,
        now as _,
    )
    .execute(op.db())
    .await?;
    op.commit().await
}
