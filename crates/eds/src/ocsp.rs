//! Answers about one certificate: OCSP (RFC 6960).

use der::Tag;
use jiff::Timestamp;

use crate::{
    Certificate, Reason, armour,
    certificate::{Extension, Serial, Signed, hash},
    crypto::hash::Hash,
    limits,
    message::bag,
    oid,
    revocation::Status,
    tlv::{Tlv, context, context_primitive},
};

/// An answer of a responder, read and not yet believed.
#[derive(Clone)]
pub struct OcspAnswer {
    signed: Signed,
    responder: Responder,
    produced_at: Timestamp,
    pub(crate) singles: Vec<Single>,
    nonce: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Certificate>,
}

/// How a responder names its certificate.
#[derive(Clone)]
enum Responder {
    Name(Vec<u8>),
    Key(Vec<u8>),
}

/// What is said about one certificate.
#[derive(Clone)]
pub(crate) struct Single {
    hash: Hash,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Serial,
    pub(crate) status: Status,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Option<Timestamp>,
}

impl OcspAnswer {
    /// Reads DER, PEM or base64.
    ///
    /// # Errors
    /// [`Reason::ResponderRefused`] if it is no answer but a refusal, or the first [`Reason`] found; no signature is
    /// checked here.
    pub fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let der = armour::strip_one(bytes)?;
        let mut answer = Tlv::whole(&der, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?;
        if answer.expect(Tag::Enumerated)?.value != [0] {
            return Err(Reason::ResponderRefused);
        }
        let mut typed = answer.expect(context(0))?.only(Tag::Sequence)?.open()?;
        answer.finish()?;
        if typed.oid()? != oid::OCSP_BASIC {
            return Err(Reason::Unsupported);
        }
        let basic = typed.expect(Tag::OctetString)?;
        typed.finish()?;
        Self::basic(basic.value)
    }

    /// Reads a BasicOCSPResponse.
    fn basic(der: &[u8]) -> Result<Self, Reason> {
        let mut parts = Tlv::whole(der, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?;
        let body = parts.expect(Tag::Sequence)?;
        let signed = Signed::read_after(body, &mut parts)?;
        let certificates = match parts.optional(context(0))? {
            Some(certificates) => bag(Some(certificates.only(Tag::Sequence)?), Certificate::from_der)?,
            None => Vec::new(),
        };
        parts.finish()?;

        let mut body = body.open()?;
        // The version is a default, and a default is not written in DER.
        let responder = body.next()?;
        let responder = match responder.tag {
            tag if tag == context(1) => Responder::Name(responder.only(Tag::Sequence)?.raw.to_vec()),
            tag if tag == context(2) => Responder::Key(responder.only(Tag::OctetString)?.value.to_vec()),
            tag if tag == context(0) => return Err(Reason::Version),
            _ => return Err(Reason::Malformed),
        };
        let produced_at = body.expect(Tag::GeneralizedTime)?.time()?;
        let singles = body.sequence()?.all(limits::BAG_MAX, Single::read)?;
        let nonce = match body.optional(context(1))? {
            Some(extensions) => nonce(extensions.only(Tag::Sequence)?)?,
            None => None,
        };
        body.finish()?;
        Ok(Self { signed, responder, produced_at, singles, nonce, certificates })
    }

    /// The instant the responder signed.
    #[must_use]
    pub fn produced_at(&self) -> Timestamp {
        self.produced_at
    }

    /// The nonce of the question, as it came back.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// What it says about the certificate, if it is about it.
    pub(crate) fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&Single> {
        self.singles.iter().find(|single| {
            single.serial == certificate.serial
                && single.hash.digest(&issuer.subject) == single.issuer_name
                && single.hash.digest(&issuer.key.bits) == single.issuer_key
        })
    }

    /// The responder: the issuer itself, or somebody whom the issuer certified for it (RFC 6960 §4.2.2.2).
    ///
    /// # Errors
    /// [`Reason::RevocationSignature`], [`Reason::ResponderNotAuthorised`].
    pub fn verify<'a>(&'a self, issuer: &'a Certificate) -> Result<&'a Certificate, Reason> {
        let mut known = self.certificates.iter().chain([issuer]);
        let signer = known
            .find(|certificate| match &self.responder {
                Responder::Name(name) => certificate.subject == *name,
                Responder::Key(key) => Hash::Sha1.digest(&certificate.key.bits) == *key,
            })
            .ok_or(Reason::ResponderNotAuthorised)?;
        if !self.signed.verify(&signer.key) {
            return Err(Reason::RevocationSignature);
        }
        let is_issuer = signer.der() == issuer.der();
        let delegated = || signer.is_for(oid::OCSP_SIGNING) && signer.is_issued_by(issuer);
        if (is_issuer || delegated()) && signer.check_at(self.produced_at).is_ok() {
            Ok(signer)
        } else {
            Err(Reason::ResponderNotAuthorised)
        }
    }
}

impl Single {
    fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let mut id = parts.sequence()?;
        let hash = hash(id.next()?)?;
        let issuer_name = id.expect(Tag::OctetString)?.value.to_vec();
        let issuer_key = id.expect(Tag::OctetString)?.value.to_vec();
        let serial = Serial::read(id.next()?)?;
        id.finish()?;
        let status = status(parts.next()?)?;
        let this_update = parts.expect(Tag::GeneralizedTime)?.time()?;
        let next_update = match parts.optional(context(0))? {
            Some(next) => Some(next.only(Tag::GeneralizedTime)?.time()?),
            None => None,
        };
        if let Some(extensions) = parts.optional(context(1))? {
            understood(extensions.only(Tag::Sequence)?)?;
        }
        parts.finish()?;
        Ok(Self { hash, issuer_name, issuer_key, serial, status, this_update, next_update })
    }
}

fn status(tlv: Tlv<'_>) -> Result<Status, Reason> {
    match tlv.tag {
        tag if tag == context_primitive(0) && tlv.value.is_empty() => Ok(Status::Good),
        tag if tag == context_primitive(2) && tlv.value.is_empty() => Ok(Status::Unknown),
        tag if tag == context(1) => {
            let mut parts = tlv.open()?;
            let at = parts.expect(Tag::GeneralizedTime)?.time()?;
            let reason = match parts.optional(context(0))? {
                Some(reason) => reason.only(Tag::Enumerated)?.value.to_vec(),
                None => Vec::new(),
            };
            parts.finish()?;
            Ok(Status::revoked(at, &reason))
        }
        _ => Err(Reason::Malformed),
    }
}

/// The nonce among the extensions of an answer.
fn nonce(extensions: Tlv<'_>) -> Result<Option<Vec<u8>>, Reason> {
    let found = understood(extensions)?.into_iter().find(|extension| extension.id == oid::OCSP_NONCE);
    // RFC 8954 wraps the nonce in an OCTET STRING of its own; old responders do not.
    Ok(found.map(|extension| match Tlv::whole(extension.value, Tag::OctetString, 64) {
        Ok(inner) => inner.value.to_vec(),
        Err(_) => extension.value.to_vec(),
    }))
}

fn understood(extensions: Tlv<'_>) -> Result<Vec<Extension<'_>>, Reason> {
    let read = extensions.open()?.all(limits::ATTRIBUTES_MAX, Extension::read)?;
    let strange = |extension: &Extension<'_>| extension.critical && extension.id != oid::OCSP_NONCE;
    if read.iter().any(strange) { Err(Reason::CriticalExtension) } else { Ok(read) }
}
