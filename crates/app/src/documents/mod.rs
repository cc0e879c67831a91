//! Papers of a credit: the agreement, its amendments, the sheets that prove how they were concluded, the closing notice
//! (Rules cl. [7.3](lending::law::CL_7_3), [12](lending::law::CL_12)). They are evidence too: stored sealed,
//! hashed, in their original bytes.

use jiff::{Timestamp, civil::Date};
use lending::{
    amendment::{Amended, Side},
    authority::Basis,
    confirmation::{Factor, ProofKind},
    iban::Iban,
    law::rules::{CreditKind, RuleSet},
    loan::Waivable,
    money::Money,
    product::TermRange,
    rate::DayCount,
    schedule::{DaysOff, Method},
};
use papers::{Bilingual, Percent, Sha256};
use texts::Lang;
use uuid::Uuid;

use crate::{
    App,
    amendments::{self, Amendment},
    applications::{Quote, Shown},
    entities::{self, Signatory},
    evidence::{self, Exhibit},
    id::Id,
    jobs::Done,
    loans::{self, Loan},
    messages,
    op::{Context, Op, System, missing},
    organization::{Organization, Trilingual, organization},
    parties::{self, Party},
    refusal::{Fault, Refusal, Result, refusals},
    sessions::Client,
    vault::hex,
};

refusals! {
    /// Documents.
    DocumentRefusal {
        /// No such document, not ready, or not this client's.
        NotFound = "document-not-found" NotFound,
    }
}

/// What papers there are of a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The agreement as signed.
    Agreement,
    /// How it was concluded: who, when, by which methods, hashes.
    EvidenceSheet,
    /// That nothing is owed any more.
    ClosingNotice,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Agreement, Self::EvidenceSheet, Self::ClosingNotice];

    /// As stored and as in paths.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::EvidenceSheet => "evidence-sheet",
            Self::ClosingNotice => "closing-notice",
        }
    }

    /// From the code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A paper of one of the client's loans, as PDF (Rules cl. [7.3](lending::law::CL_7_3)).
pub async fn document(op: &mut Op<Client>, loan: Id<Loan>, kind: Kind) -> Result<Vec<u8>> {
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let evidence = sqlx::query_scalar!(
        "select evidence_id from document where tenant_id = $1 and client_id = $2 and loan_id = $3 and kind = $4
           and amendment_id is null",
        tenant,
        client,
        loan.uuid(),
        kind.code()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(DocumentRefusal::NotFound))?;
    Ok(evidence::read(op, evidence).await?.1)
}

/// Which papers of a loan are ready.
pub async fn ready(op: &mut Op<Client>, loan: Id<Loan>) -> Result<Vec<Kind>> {
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let kinds = sqlx::query_scalar!(
        "select kind from document where tenant_id = $1 and client_id = $2 and loan_id = $3 and amendment_id is null
         order by created_at, id",
        tenant,
        client,
        loan.uuid()
    )
    .fetch_all(op.db())
    .await?;
    Ok(kinds.iter().filter_map(|kind| Kind::parse(kind)).collect())
}

/// The sheet that says how one of the client's amendments was concluded, as PDF.
pub async fn amendment_sheet(op: &mut Op<Client>, id: Id<Amendment>) -> Result<Vec<u8>> {
    let (tenant, client) = (op.tenant, op.who.party().uuid());
    let evidence = sqlx::query_scalar!(
        "select evidence_id from document where tenant_id = $1 and client_id = $2 and amendment_id = $3",
        tenant,
        client,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| Refusal::from(DocumentRefusal::NotFound))?;
    Ok(evidence::read(op, evidence).await?.1)
}

/// The agreement on the table, before it is signed (Rules cl. [7.3](lending::law::CL_7_3)).
pub async fn unsigned_agreement(
    app: &App,
    who: Client,
    application: Id<crate::applications::Application>,
) -> Result<Vec<u8>> {
    let (_, offer) = crate::applications::offer(app, who.clone(), application).await?;
    let mut op = app.begin(who).await?;
    Ok(evidence::read(&mut op, offer.pdf).await?.1)
}

/// Files a paper under a loan.
pub(crate) async fn file(
    op: &mut Context,
    loan: Id<Loan>,
    client: Uuid,
    (kind, amendment): (Kind, Option<Id<Amendment>>),
    evidence: Uuid,
) -> Result<()> {
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    sqlx::query!(
        "insert into document (tenant_id, id, client_id, loan_id, kind, evidence_id, created_at, amendment_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, loan_id, kind, amendment_id) do nothing",
        tenant,
        id,
        client,
        loan.uuid(),
        kind.code(),
        evidence,
        now as _,
        amendment.map(Id::uuid),
    )
    .execute(op.db())
    .await?;
    Ok(())
}

async fn keep(
    op: &mut Context,
    loan: Id<Loan>,
    client: Uuid,
    (kind, amendment): (Kind, Option<Id<Amendment>>),
    pdf: &[u8],
) -> Result<()> {
    let exhibit = Exhibit {
        kind: kind.code(),
        subject: client,
        object: Some(amendment.map_or(loan.uuid(), Id::uuid)),
        media_type: "application/pdf",
        bytes: pdf,
    };
    let stored = evidence::store(op, exhibit).await?;
    file(op, loan, client, (kind, amendment), stored.id).await
}

async fn given(op: &mut Context, loan: Id<Loan>, kind: Kind) -> Result<bool> {
    let tenant = op.tenant;
    let row = sqlx::query!(
        "select 1 as one from document where tenant_id = $1 and loan_id = $2 and kind = $3 and amendment_id is null",
        tenant,
        loan.uuid(),
        kind.code()
    )
    .fetch_optional(op.db())
    .await?;
    Ok(row.is_some())
}

/// Writes the closing notice of a closed loan and tells the client.
pub(crate) async fn give_closing_notice(app: &App, loan: Id<Loan>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let row = loans::lock(&mut op, loan).await?;
    let (client, today) = (row.client.uuid(), op.today);
    let folded = loans::folded(&mut op, loan, &row.terms, today).await?;
    if given(&mut op, loan, Kind::ClosingNotice).await? {
        return Ok(Done::Finished);
    }
    let Some(closed_on) = folded.closed_on else {
        return Ok(Done::Finished); // A repayment was reversed meanwhile: it is not closed any more.
    };
    let organization = organization(&mut op).await?;
    let borrower = parties::party(&mut op, client).await?;
    let (product, agreed_on) = agreement_of(&mut op, loan).await?;
    drop(op);
    let paid = &folded.turnover;
    let notice = papers::ClosingNotice {
        number: row.number.clone(),
        issued_on: today,
        lender: lender(&organization),
        borrower_name: borrower.name(),
        borrower_number: borrower.identifier().as_str().to_owned(),
        borrower_is_entity: is_entity(&borrower),
        agreement_number: row.number.clone(),
        agreement_date: agreed_on,
        product,
        amount: row.terms.schedule.principal,
        given_on: row.terms.schedule.disbursed_on,
        closed_on,
        principal_paid: paid.principal_repaid + paid.overdue_principal_repaid,
        interest_paid: paid.interest_repaid + paid.overdue_interest_repaid,
        penalty_paid: paid.penalty_repaid,
    };
    let pdf = tokio::task::spawn_blocking(move || papers::closing_notice(&notice)).await??;
    let mut op = app.begin(System).await?;
    loans::lock(&mut op, loan).await?;
    keep(&mut op, loan, client, (Kind::ClosingNotice, None), &pdf).await?;
    let text = texts::messages::closed(borrower.lang(), &row.number);
    messages::notice(&mut op, &borrower.address(), text).await?;
    op.commit().await?;
    Ok(Done::Finished)
}

/// What a sheet of evidence is about: an agreement that was signed, or an amendment that was concluded.
struct Concluded {
    loan: Id<Loan>,
    client: Uuid,
    number: String,
    agreed_on: Date,
    amendment: Option<(Id<Amendment>, u16)>,
    sha256: Vec<u8>,
    confirmation: Uuid,
    channel: String,
    authority: Option<Uuid>,
    /// What was acknowledged: an offer, or an amendment's paper.
    shown: Uuid,
    at: Timestamp,
}

/// Writes the sheet of evidence of a signed agreement (Rules cl. [11](lending::law::CL_11),
/// [12](lending::law::CL_12)).
pub(crate) async fn give_evidence_sheet(app: &App, loan: Id<Loan>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    let a = sqlx::query!(
        "select a.client_id, a.confirmation_id, a.authority_id, a.offer_id, a.signed_at, o.dated, o.pdf_sha256, p.number, c.channel
         from agreement a
         join offer o on o.tenant_id = a.tenant_id and o.id = a.offer_id
         join application p on p.tenant_id = a.tenant_id and p.id = a.application_id
         join confirmation c on c.tenant_id = a.tenant_id and c.id = a.confirmation_id
         where a.tenant_id = $1 and a.id = $2",
        tenant,
        loan.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("agreement", loan.uuid()))?;
    let concluded = Concluded {
        loan,
        client: a.client_id,
        number: a.number,
        agreed_on: a.dated.into(),
        amendment: None,
        sha256: a.pdf_sha256,
        confirmation: a.confirmation_id,
        channel: a.channel,
        authority: a.authority_id,
        shown: a.offer_id,
        at: a.signed_at.into(),
    };
    give_sheet(app, op, concluded).await
}

/// Writes the sheet of evidence of an amendment (Rules cl. [11](lending::law::CL_11), [12](lending::law::CL_12)).
pub(crate) async fn give_amendment_sheet(app: &App, id: Id<Amendment>) -> Result<Done> {
    let mut op = app.begin(System).await?;
    let tenant = op.tenant;
    let a = sqlx::query!(
        "select m.client_id, m.number, l.number as agreement, c.loan_id, c.paper_id, c.confirmation_id, c.authority_id,
                c.signed_at, p.pdf_sha256, f.channel, o.dated
         from amendment_concluded c
         join amendment m on m.tenant_id = c.tenant_id and m.id = c.id
         join amendment_paper p on p.tenant_id = c.tenant_id and p.id = c.paper_id
         join confirmation f on f.tenant_id = c.tenant_id and f.id = c.confirmation_id
         join loan l on l.tenant_id = c.tenant_id and l.id = c.loan_id
         join agreement g on g.tenant_id = c.tenant_id and g.id = c.loan_id
         join offer o on o.tenant_id = g.tenant_id and o.id = g.offer_id
         where c.tenant_id = $1 and c.id = $2",
        tenant,
        id.uuid()
    )
    .fetch_optional(op.db())
    .await?
    .ok_or_else(|| missing("amendment", id.uuid()))?;
    let concluded = Concluded {
        loan: a.loan_id.into(),
        client: a.client_id,
        number: a.agreement,
        agreed_on: a.dated.into(),
        amendment: Some((id, u16::try_from(a.number).map_err(Fault::new)?)),
        sha256: a.pdf_sha256,
        confirmation: a.confirmation_id,
        channel: a.channel,
        authority: a.authority_id,
        shown: a.paper_id,
        at: a.signed_at.into(),
    };
    give_sheet(app, op, concluded).await
}

async fn give_sheet(app: &App, mut op: Op<System>, a: Concluded) -> Result<Done> {
    let tenant = op.tenant;
    let proofs = sqlx::query!(
        r#"select p.kind, p.created_at, e.sha256, i.meaning ->> 'reference' as "reference?"
           from proof p
           join evidence e on e.tenant_id = p.tenant_id and e.id = p.evidence_id
           left join inquiry i on i.tenant_id = p.tenant_id and i.evidence_id = p.evidence_id
           where p.tenant_id = $1 and p.confirmation_id = $2 order by p.id"#,
        tenant,
        a.confirmation
    )
    .fetch_all(op.db())
    .await?;
    let acknowledged = sqlx::query!(
        "select a.kind, a.created_at, e.sha256 from acknowledgement a
         join evidence e on e.tenant_id = a.tenant_id and e.id = a.evidence_id
         where a.tenant_id = $1 and a.object_id = $2 order by a.id",
        tenant,
        a.shown
    )
    .fetch_all(op.db())
    .await?;
    let organization = organization(&mut op).await?;
    let borrower = parties::party(&mut op, a.client).await?;
    let signatory = match a.authority {
        Some(authority) => Some(entities::signatory(&mut op, authority).await?),
        None => None,
    };
    let today = op.today;
    drop(op);
    let sheet = papers::EvidenceSheet {
        agreement_number: a.number,
        agreement_date: a.agreed_on,
        amendment: a.amendment.map(|(_, number)| number),
        agreed_sha256: Sha256(hash(&a.sha256)?),
        operation: a.confirmation.to_string(),
        lender: lender(&organization),
        borrower_name: borrower.name(),
        borrower_number: borrower.identifier().as_str().to_owned(),
        borrower_is_entity: is_entity(&borrower),
        representative: signatory.as_ref().map(representative),
        channel: if a.channel == "mobile" { papers::Channel::Mobile } else { papers::Channel::Web },
        concluded_at: a.at,
        proofs: proofs
            .into_iter()
            .map(|p| {
                let (method, detail) = described(&p.kind)?;
                Ok(papers::Proof {
                    method,
                    detail,
                    at: p.created_at.into(),
                    reference: p.reference,
                    evidence_sha256: Sha256(hash(&p.sha256)?),
                })
            })
            .collect::<Result<_>>()?,
        acknowledgements: acknowledged
            .into_iter()
            .map(|k| {
                Ok(papers::Acknowledgement {
                    shown: shown(&k.kind)?,
                    at: k.created_at.into(),
                    sha256: Sha256(hash(&k.sha256)?),
                })
            })
            .collect::<Result<_>>()?,
        issued_on: today,
    };
    let pdf = tokio::task::spawn_blocking(move || papers::evidence(&sheet)).await??;
    let mut op = app.begin(System).await?;
    loans::lock(&mut op, a.loan).await?;
    let amendment = a.amendment.map(|(id, _)| id);
    keep(&mut op, a.loan, a.client, (Kind::EvidenceSheet, amendment), &pdf).await?;
    op.commit().await?;
    Ok(Done::Finished)
}

fn hash(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes
        .try_into()
        .map_err(|_| Fault::new(format_args!("a hash of the wrong length: {}", hex(bytes))).into())
}

fn bilingual(kk: &str, ru: &str) -> Bilingual {
    Bilingual { kk: kk.to_owned(), ru: ru.to_owned() }
}

fn two(text: fn(Lang) -> &'static str) -> Bilingual {
    bilingual(text(Lang::Kk), text(Lang::Ru))
}

fn both(text: &Trilingual) -> Bilingual {
    bilingual(&text.kk, &text.ru)
}

fn described(kind: &str) -> Result<(papers::ConfirmationMethod, Bilingual)> {
    let kind = ProofKind::by_code(kind).ok_or_else(|| Fault::new("unknown proof"))?;
    use papers::ConfirmationMethod as M;
    Ok(match kind {
        ProofKind::DigitalSignature => (M::DigitalSignature, two(texts::papers::proof_signature)),
        ProofKind::BiometricIdentification => (M::Biometric, two(texts::papers::proof_face)),
        ProofKind::Factor(Factor::Password) => (M::TwoFactor, two(texts::papers::proof_password)),
        ProofKind::Factor(Factor::SmsCode) => (M::TwoFactor, two(texts::papers::proof_sms_code)),
        ProofKind::Factor(Factor::Token) => (M::TwoFactor, two(texts::papers::proof_token)),
    })
}

fn shown(kind: &str) -> Result<Bilingual> {
    Ok(match kind {
        "lending-rules" => two(texts::papers::shown_lending_rules),
        "full-cost" => two(texts::papers::shown_full_cost),
        "changed-terms" => two(texts::papers::shown_changed_terms),
        "rights-and-duties" => two(texts::papers::shown_rights_and_duties),
        _ => return Err(Fault::new("unknown acknowledgement").into()),
    })
}

fn is_entity(party: &Party) -> bool {
    matches!(party, Party::Entity(_))
}

fn representative(signatory: &Signatory) -> papers::Representative {
    papers::Representative {
        full_name: signatory.profile.full_name(),
        iin: signatory.profile.iin.as_str().to_owned(),
        basis: match signatory.basis {
            Basis::Order => two(texts::papers::basis_order),
            Basis::PowerOfAttorney => two(texts::papers::basis_power_of_attorney),
        },
        number: signatory.number.clone(),
        dated: signatory.dated,
    }
}

fn borrower(party: &Party, signatory: Option<&Signatory>, iban: &Iban) -> Result<papers::Borrower> {
    let (who, phone) = match (party, signatory) {
        (Party::Individual(profile), None) => (&**profile, &profile.phone),
        (Party::Entity(entity), Some(signatory)) => (&signatory.profile, &entity.phone),
        _ => return Err(Fault::new("an agreement with nobody to sign it").into()),
    };
    Ok(papers::Borrower {
        full_name: party.name(),
        number: party.identifier().as_str().to_owned(),
        representative: signatory.map(representative),
        document: papers::Document {
            kind: two(texts::papers::document_kind),
            number: who.document_number.clone(),
            valid_until: who.document_valid_until,
        },
        phone: phone.as_str().to_owned(),
        iban: iban.as_str().to_owned(),
    })
}

fn lender(o: &Organization) -> papers::Lender {
    papers::Lender {
        name: both(&o.legal_name),
        bin: o.bin.clone(),
        address: both(&o.legal_address),
        licence_number: o.licence_number.clone(),
        licence_date: o.licence_date,
        manager_post: both(&o.manager_post),
        manager_name: o.first_manager.clone(),
        phone: o.phones.clone(),
        email: o.email.clone(),
        site: o.site.clone(),
        iban: o.iban.clone(),
        bank: both(&o.bank),
        bic: o.bic.clone(),
    }
}

async fn agreement_of(op: &mut Context, loan: Id<Loan>) -> Result<(Bilingual, Date)> {
    let tenant = op.tenant;
    let r = sqlx::query!(
        "select o.dated, p.body from agreement a
         join offer o on o.tenant_id = a.tenant_id and o.id = a.offer_id
         join loan l on l.tenant_id = a.tenant_id and l.id = a.id
         join product p on p.tenant_id = l.tenant_id and p.id = l.product_id
         where a.tenant_id = $1 and a.id = $2",
        tenant,
        loan.uuid()
    )
    .fetch_one(op.db())
    .await?;
    let product: lending::product::Product = serde_json::from_value(r.body)?;
    Ok((bilingual(&product.name.kk, &product.name.ru), r.dated.into()))
}

/// The agreement's paper.
pub(crate) fn agreement(
    o: &Organization,
    (party, signatory): (&Party, Option<&Signatory>),
    shown: &Shown,
    quote: &Quote,
    rules: &RuleSet,
) -> Result<papers::Agreement> {
    let asked = &shown.asked;
    let terms = &quote.terms;
    let caps = &rules.penalty.value;
    Ok(papers::Agreement {
        number: shown.number.clone(),
        concluded_on: terms.disbursed_on,
        lender: lender(o),
        borrower: borrower(party, signatory, &asked.iban)?,
        product: bilingual(&asked.product.name.kk, &asked.product.name.ru),
        purpose: bilingual(
            texts::purposes::by_code(Lang::Kk, &asked.purpose).unwrap_or(&asked.purpose),
            texts::purposes::by_code(Lang::Ru, &asked.purpose).unwrap_or(&asked.purpose),
        ),
        for_business: asked.product.kind == CreditKind::Business,
        amount: asked.amount,
        term: match asked.product.term {
            TermRange::Months { .. } => papers::Term::Months(asked.term),
            TermRange::Days { .. } => papers::Term::Days(asked.term),
        },
        nominal_rate: Percent::from_thousandths(terms.rate.ppm() / 10),
        effective_rate: Percent::from_thousandths(quote.effective_rate.tenths() * 100),
        day_count: match terms.day_count {
            DayCount::Thirty360 => papers::DayCount::Thirty360,
            DayCount::Actual360 => papers::DayCount::Actual360,
            DayCount::Actual365 => papers::DayCount::Actual365,
            DayCount::ActualActual => papers::DayCount::ActualActual,
            DayCount::ActualActualFebruary => papers::DayCount::ActualActualFebruary,
            DayCount::EqualMonths => papers::DayCount::EqualMonths,
            DayCount::EqualMonths365 => papers::DayCount::EqualMonths365,
        },
        method: match (asked.method, terms.installments) {
            (_, 1) => papers::Method::SinglePayment,
            (Method::Annuity, _) => papers::Method::Annuity,
            (Method::Differentiated, _) => papers::Method::Differentiated,
            (Method::Bullet, _) => papers::Method::Bullet,
            (Method::Shares, _) => papers::Method::Shares,
        },
        days_off_moved: asked.product.repayment.days_off == DaysOff::Forward,
        penalty: papers::Penalty {
            daily_rate: Percent::from_thousandths(asked.product.penalty.ppm() / 10),
            stops_after_days: rules.accrual_stops(asked.product.kind).map(|limit| limit.value.0),
            yearly_cap: Percent::from_thousandths(caps.yearly_max_ppm / 10),
        },
        payout_working_days: 1,
        ways_to_repay: vec![two(texts::papers::way_transfer), two(texts::papers::way_account)],
        collection_agency: false,
        rule_set: rules.id.to_owned(),
        schedule: quote
            .schedule
            .rows
            .iter()
            .map(|r| papers::Instalment {
                due: r.due_on,
                principal: r.principal,
                interest: r.interest,
                balance: r.balance_after,
            })
            .collect(),
    })
}

/// The paper of an amendment.
pub(crate) fn amendment(
    o: &Organization,
    (party, signatory, iban): (&Party, Option<&Signatory>, &Iban),
    shown: &amendments::Shown,
    agreed_on: Date,
    amended: &Amended,
) -> Result<papers::Amendment> {
    let (was, is) = (&amended.before, &amended.after);
    let waived = |part| Some(amended.waived(part)).filter(|amount| amount.is_positive());
    let principal_to_come: Money = is.coming().map(|row| row.principal - row.principal_paid).sum();
    let mut balance = principal_to_come;
    let schedule = is.coming().map(|row| {
        let principal = row.principal - row.principal_paid;
        balance -= principal;
        papers::Instalment { due: row.due_on, principal, interest: row.interest - row.interest_paid, balance }
    });
    Ok(papers::Amendment {
        number: shown.number,
        agreement_number: shown.agreement.clone(),
        agreement_date: agreed_on,
        concluded_on: amended.on,
        lender: lender(o),
        borrower: borrower(party, signatory, iban)?,
        before: side(was),
        after: side(is),
        rate_falls: is.loan.rate < was.loan.rate,
        interest_waived: waived(Waivable::Interest),
        penalty_waived: waived(Waivable::Penalty),
        advance: Some(is.loan.advance).filter(|held| held.is_positive()),
        rule_set: amended.rule_set.id.to_owned(),
        principal_to_come,
        schedule: schedule.collect(),
    })
}

fn side(side: &Side) -> papers::Side {
    papers::Side {
        nominal_rate: Percent::from_thousandths(side.loan.rate.ppm() / 10),
        effective_rate: Percent::from_thousandths(side.effective_rate.tenths() * 100),
        payments: side.coming().count(),
        next_due: side.coming().next().map(|row| row.due_on),
        last_due: side.last_due(),
        due: side.due(),
        penalty: side.loan.debt.penalty,
        to_pay: side.to_pay(),
    }
}
