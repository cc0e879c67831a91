//! Whether a signature holds, by the message, the trust anchors, and what the certification authority says of the
//! certificate now.

use base64::{Engine, prelude::BASE64_STANDARD};
use eds::{
    ANSWER_AGE_MAX, Certificate, Evidence, Expected, OcspAnswer, Reason, RevocationList, Rules,
    SignedMessage, Signer, TimeStamp, Verdict, verify,
};
use jiff::Timestamp;

use uuid::Uuid;

use super::{BYTES_MAX, Signatory, SignatureRefusal, Statement};
use crate::{
    App, evidence,
    inquiry::{self, Inquiry},
    op::System,
    refusal::No,
};

/// What was given.
pub(super) struct Given<'a> {
    pub(super) statement: &'a Statement,
    pub(super) signatory: &'a Signatory,
    pub(super) content: &'a [u8],
}

/// What was found: it holds.
pub(super) struct Judged {
    /// Who signed, when, under whom.
    pub(super) signer: Signer,
    /// Certificates from the signer's to the anchor's, PEM.
    pub(super) chain: String,
    /// Revocation lists, where nobody answered.
    pub(super) lists: Vec<Vec<u8>>,
    /// For when: who judges it again takes the same instant.
    pub(super) at: Timestamp,
    /// Of the question about revocation: an answer without it is to another question.
    pub(super) nonce: [u8; 16],
}

/// Why it does not hold: what the person is told, and what the verifier found.
pub(super) struct Why {
    pub(super) no: No,
    pub(super) reason: Option<Reason>,
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self { no: told(reason).at("signature"), reason: Some(reason) }
    }
}

impl From<SignatureRefusal> for Why {
    fn from(no: SignatureRefusal) -> Self {
        Self { no: no.at("signature"), reason: None }
    }
}

impl From<No> for Why {
    fn from(no: No) -> Self {
        Self { no, reason: None }
    }
}

/// What the person is told for each reason.
fn told(reason: Reason) -> SignatureRefusal {
    use SignatureRefusal as Say;
    match reason {
        Reason::ContentMissing | Reason::ContentDiffers | Reason::DigestDiffers => Say::OtherBytes,
        Reason::CertificateSignature
        | Reason::SignatureWrong
        | Reason::CertificateReference
        | Reason::SignerCertificateMissing => Say::Wrong,
        Reason::WeakAlgorithm => Say::Weak,
        Reason::IssuerUnknown
        | Reason::NotAnchored
        | Reason::ChainTooLong
        | Reason::NotAnAuthority
        | Reason::StrayCertificate => Say::Foreign,
        Reason::AnchorOutOfDate | Reason::AuthorityRevoked => Say::AuthorityEnded,
        Reason::NotYetValid => Say::NotYetValid,
        Reason::Expired => Say::Expired,
        Reason::KeyUsage => Say::KeyUsage,
        Reason::RoleMissing => Say::Role,
        Reason::AnotherPerson => Say::AnotherPerson,
        Reason::AnotherOrganization => Say::AnotherOrganization,
        Reason::Revoked => Say::Revoked,
        Reason::OnHold => Say::OnHold,
        Reason::CertificateUnknown => Say::CertificateUnknown,
        Reason::TimeStampNotGranted
        | Reason::TimeStampImprint
        | Reason::TimeStampForm
        | Reason::TimeStampSigner
        | Reason::TimeStampUsage
        | Reason::TimeStampInFuture => Say::TimeStamp,
        Reason::RevocationMissing
        | Reason::RevocationStale
        | Reason::RevocationInFuture
        | Reason::RevocationSignature
        | Reason::ResponderNotAuthorised
        | Reason::ResponderRefused
        | Reason::Nonce
        | Reason::DeltaBase => Say::RevocationUnclear,
        _ => Say::Unreadable,
    }
}

/// A signature that holds by itself: only what the certification authority says of it is open.
pub(super) struct Alone<'a> {
    case: Case<'a>,
    signer: Signer,
}

/// Judges it by itself, without asking anybody.
pub(super) fn alone<'a>(
    app: &'a App,
    given: &'a Given<'a>,
    message: &'a SignedMessage,
) -> Result<Alone<'a>, Why> {
    let case = Case { app, given, message, at: app.clock().security_now() };
    let verdict = case.verdict(&Evidence::default(), None);
    let against = verdict.reasons.iter().chain(verdict.signers.iter().flat_map(|signer| &signer.reasons));
    let against: Vec<_> = against.copied().filter(|reason| *reason != Reason::RevocationMissing).collect();
    // A stranger's authority also stamps its own time: what it is, is said before what that leads to.
    let foreign = against.iter().find(|reason| told(**reason) == SignatureRefusal::Foreign);
    if let Some(reason) = foreign.or(against.first()) {
        return Err((*reason).into());
    }
    let signer = case.only(verdict)?;
    signer.is(&case.expected())?;
    Ok(Alone { case, signer })
}

/// Reads it, within limits.
pub(super) fn read(signature: &[u8]) -> Result<SignedMessage, Why> {
    if signature.len() > BYTES_MAX {
        return Err(Reason::TooLarge.into());
    }
    Ok(SignedMessage::read(signature)?)
}

impl Alone<'_> {
    /// Asks the certification authority: for a time-stamp where there is none, and by OCSP whether the certificate was
    /// revoked; where that says nothing, by the lists. `evidence` is the signature's, on which the answers hang.
    pub(super) async fn confirmed(self, evidence: Uuid) -> Result<Judged, Why> {
        let Self { case, signer } = self;
        let stamps: Vec<_> = match signer.time_stamp {
            Some(_) => Vec::new(),
            None => case.stamp(evidence).await?.into_iter().collect(),
        };
        let [certificate, issuer, ..] = case.chain(&signer)?[..] else {
            return Err(Reason::NotAnchored.into());
        };
        let mut random = [0; 16];
        case.app.chance().fill(&mut random);
        let question = eds::ocsp_question(certificate, issuer, &random);
        let answer = case.ask(Port::Ocsp, evidence, &question).await?;
        if let Some(answer) = answer.and_then(|bytes| OcspAnswer::read(&bytes).ok()) {
            let known = Evidence { answers: vec![answer], stamps: stamps.clone(), ..Evidence::default() };
            match case.holds(&known, Some(&random)) {
                Ok(signer) => return case.found(signer, Vec::new(), random),
                Err(reason) if reason.speaks_against() => return Err(reason.into()),
                Err(_) => {}
            }
        }
        let Ok(lists) = case.app.ports().nca.lists().await else {
            return Err(Reason::RevocationMissing.into());
        };
        let read =
            lists.into_iter().filter_map(|list| Some((RevocationList::read(&list.raw).ok()?, list.raw)));
        let (lists, bytes): (Vec<_>, Vec<_>) = read.filter(|(list, _)| list.verify(issuer).is_ok()).unzip();
        let signer = case.holds(&Evidence { lists, stamps, ..Evidence::default() }, None)?;
        case.found(signer, bytes, random)
    }
}

/// What the certification authority is asked for.
#[derive(Clone, Copy)]
enum Port {
    Ocsp,
    TimeStamp,
}

/// A signature under judgement.
struct Case<'a> {
    app: &'a App,
    given: &'a Given<'a>,
    message: &'a SignedMessage,
    at: Timestamp,
}

impl<'a> Case<'a> {
    fn expected(&self) -> Expected<'a> {
        let Signatory { iin, entity } = self.given.signatory;
        match entity {
            Some(bin) => Expected::Entity { bin: bin.as_str(), iin: Some(iin.as_str()) },
            None => Expected::Individual { iin: iin.as_str() },
        }
    }

    fn verdict(&self, evidence: &Evidence, nonce: Option<&[u8]>) -> Verdict {
        let trust = self.app.trust();
        let rules = Rules { at: self.at, trust, evidence, answer_age_max: ANSWER_AGE_MAX, nonce };
        verify(self.message, Some(self.given.content), &rules)
    }

    /// One statement, one person: a second signature on it is nobody's business here.
    fn only(&self, verdict: Verdict) -> Result<Signer, SignatureRefusal> {
        let [signer] = <[Signer; 1]>::try_from(verdict.signers).map_err(|_| SignatureRefusal::Several)?;
        Ok(signer)
    }

    fn holds(&self, evidence: &Evidence, nonce: Option<&[u8]>) -> Result<Signer, Reason> {
        let verdict = self.verdict(evidence, nonce);
        verdict.signed_by(&self.expected()).cloned()
    }

    /// The certificates from the signer's to the anchor's.
    fn chain(&self, signer: &Signer) -> Result<Vec<&'a Certificate>, Reason> {
        let bag = self.message.certificates();
        let own = bag.iter().find(|certificate| signer.chain.first() == Some(&certificate.fingerprint()));
        self.app.trust().chain(own.ok_or(Reason::SignerCertificateMissing)?, bag, signer.time)
    }

    /// A time-stamp of the signature, if somebody gives one. Without it the present counts, which our own record dates. One
    /// that does not hold is not passed over: nor would it be by who judges the evidence.
    async fn stamp(&self, evidence: Uuid) -> Result<Option<TimeStamp>, No> {
        let Some((value, hash)) = self.message.signatures().next() else { return Ok(None) };
        let mut random = [0; 8];
        self.app.chance().fill(&mut random);
        random[0] = random[0] & 0x7f | 0x40; // A positive number in its shortest form.
        let question = eds::time_stamp_question(value, hash, &random);
        let answer = self.ask(Port::TimeStamp, evidence, &question).await?;
        let stamp = answer.and_then(|bytes| TimeStamp::from_response(&bytes).ok());
        Ok(stamp.filter(|stamp| stamp.is_of(value).is_ok()))
    }

    /// Puts the question; the answer is evidence, whatever it says. `None`: nobody answers.
    async fn ask(&self, port: Port, evidence: Uuid, question: &[u8]) -> Result<Option<Vec<u8>>, No> {
        let app = self.app;
        let name = match port {
            Port::Ocsp => "ocsp",
            Port::TimeStamp => "tsp",
        };
        let inquiry = Inquiry { port: name, subject: self.given.statement.purpose.subject, object: evidence };
        let put = async |_| match port {
            Port::Ocsp => app.ports().nca.status(question).await,
            Port::TimeStamp => app.ports().nca.time_stamp(question).await,
        };
        match inquiry::ask(app, &inquiry, put, |()| "answered".to_owned()).await {
            Ok((_, id)) => {
                let mut op = app.begin(System).await?;
                Ok(Some(evidence::read(&mut op, id).await?.1))
            }
            Err(No::Refusal(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn found(&self, signer: Signer, lists: Vec<Vec<u8>>, nonce: [u8; 16]) -> Result<Judged, Why> {
        let chain = self.chain(&signer)?.iter().map(|certificate| pem(certificate)).collect();
        Ok(Judged { signer, chain, lists, at: self.at, nonce })
    }
}

fn pem(certificate: &Certificate) -> String {
    let body = BASE64_STANDARD.encode(certificate.der());
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
