//! The agreement drawn up for the client to read before signing (Rules cl. [7.3](lending::law::CL_7_3),
//! [8.3](lending::law::CL_8_3)).
//!
//! It is dated the day it is read; unsigned on the next day, it is drawn up anew, because its schedule is
//! that day's. What is signed are the exact bytes of one of them.

use jiff::civil::Date;
use lending::{
    authority::Act,
    law::rules::{self, Agreement, Extras, Payout, RuleSet},
    loan::LoanTerms,
    money::Money,
};
use uuid::Uuid;

use super::{Application, ApplicationRefusal, Shown, State, application, rule_set};
use crate::{
    App, documents,
    entities::{self, allowed},
    evidence::{self, Exhibit},
    id::Id,
    op::{Context, Op},
    organization, parties,
    refusal::{Fault, Result},
    sessions::Client,
    vault::Hash,
};

/// An agreement drawn up.
#[derive(Clone)]
pub struct Offer {
    /// Id.
    pub id: Uuid,
    /// Its terms, schedule and effective rate.
    pub terms: LoanTerms,
    /// Its date.
    pub dated: Date,
    /// The rule set of its day, which it keeps.
    pub rule_set: String,
    /// The PDF's evidence.
    pub pdf: Uuid,
    /// SHA-256 of the PDF: what is signed.
    pub sha256: Hash,
}

/// Today's agreement for an approved application, drawn up if need be.
pub async fn offer(app: &App, who: Client, id: Id<Application>) -> Result<(Shown, Offer)> {
    let mut op = app.begin(who.clone()).await?;
    let shown = application(&mut op, id).await?;
    if shown.state != State::Signed {
        allowed(&mut op, Act::Sign).await?; // It says who will sign it.
    }
    let by = op.authority;
    if let Some(offer) = current(&mut op, &shown, by).await? {
        return Ok((shown, offer));
    }
    if shown.state != State::Approved {
        return Err(ApplicationRefusal::NotApproved.into());
    }
    if shown.has_lapsed(op.today) {
        return Err(ApplicationRefusal::Lapsed.into());
    }
    draw_up(app, op, &shown).await?;
    let mut op = app.begin(who).await?;
    let offer = current(&mut op, &shown, by).await?.ok_or_else(|| Fault::new("an offer was not drawn up"))?;
    Ok((shown, offer))
}

/// The offer that was signed, or else today's for who signs by that authority.
pub(super) async fn current(op: &mut Context, shown: &Shown, by: Option<Uuid>) -> Result<Option<Offer>> {
    let (tenant, today) = (op.tenant, op.today);
    let row = sqlx::query!(
        "select o.id, o.terms, o.dated, o.rule_set, o.pdf_evidence, o.pdf_sha256 from offer o
         left join agreement a
           on a.tenant_id = o.tenant_id and a.application_id = o.application_id and a.offer_id = o.id
         where o.tenant_id = $1 and o.application_id = $2 and (a.id is not null or (o.dated = $3 and o.authority_id is not distinct from $4))
         order by (a.id is null) limit 1",
        tenant,
        shown.id.uuid(),
        jiff_sqlx::ToSqlx::to_sqlx(today) as _,
        by,
    )
    .fetch_optional(op.db())
    .await?;
    row.map(|r| {
        Ok(Offer {
            id: r.id,
            terms: serde_json::from_value(r.terms)?,
            dated: r.dated.into(),
            rule_set: r.rule_set,
            pdf: r.pdf_evidence,
            sha256: r.pdf_sha256.try_into().map_err(|_| Fault::new("a hash of the wrong length"))?,
        })
    })
    .transpose()
}

/// The rule set of the agreement's day, if the offer is lawful under it: the application may be older than a
/// change of the law.
fn lawful(offer: &rules::Offer<'_>, today: Date) -> Result<&'static RuleSet> {
    let rules = rule_set(today)?;
    let agreement = Agreement {
        offer: *offer,
        concluded_on: today,
        rule_set: rules.id,
        online: true,
        payout: Payout::Client,
        lent_that_day: Money::ZERO,
        extras: Extras::default(),
    };
    let breaches = rules::check_agreement(&agreement).map_err(Fault::new)?;
    if breaches.is_empty() { Ok(rules) } else { Err(ApplicationRefusal::Unlawful.into()) }
}

async fn draw_up(app: &App, mut op: Op<Client>, shown: &Shown) -> Result<()> {
    let organization = organization::organization(&mut op).await?;
    let borrower = parties::party(&mut op, shown.client.uuid()).await?;
    let who = op.who.clone();
    let signatory = match op.authority {
        Some(authority) => Some(entities::signatory(&mut op, authority).await?),
        None => None,
    };
    let today = op.today;
    drop(op); // Printing takes a while; nothing is held meanwhile.
    let asked = &shown.asked;
    let quote = asked.quote(today)?;
    let rules = lawful(&quote.offer(&asked.product), today)?;
    let terms = asked.product.loan_terms(quote.terms.clone(), rules);
    let paper = documents::agreement(&organization, (&borrower, signatory.as_ref()), shown, &quote, rules)?;
    let pdf = tokio::task::spawn_blocking(move || papers::agreement(&paper)).await??;

    let mut op = app.begin(who).await?;
    let exhibit = Exhibit {
        kind: "agreement",
        subject: shown.client.uuid(),
        object: Some(shown.id.uuid()),
        media_type: "application/pdf",
        bytes: &pdf,
    };
    let stored = evidence::store(&mut op, exhibit).await?;
    let (tenant, id, now, authority) = (op.tenant, op.id(), op.now_sql(), op.authority);
    sqlx::query!(
        "insert into offer (tenant_id, id, application_id, rule_set, terms, dated, pdf_evidence, pdf_sha256, drawn_up_at,
                            authority_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (tenant_id, application_id, dated, authority_id) do nothing",
        tenant,
        id,
        shown.id.uuid(),
        rules.id,
        serde_json::to_value(&terms)?,
        jiff_sqlx::ToSqlx::to_sqlx(today) as _,
        stored.id,
        &stored.sha256,
        now as _,
        authority,
    )
    .execute(op.db())
    .await?;
    op.commit().await
}
