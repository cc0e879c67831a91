//! Signed messages: CMS SignedData (RFC 5652) with the attributes of CAdES (ETSI EN 319 122).
//!
//! DER only. Whatever is in a message and not under its signatures is either checked against what is (versions, lists
//! of digests, certificates, time-stamps) or refused, so that no byte of it can change unnoticed.

use der::{Tag, asn1::ObjectIdentifier};
use jiff::Timestamp;

use crate::{
    Certificate, Reason, RevocationList, TimeStamp, armour,
    certificate::{Serial, hash, hex},
    crypto::{algorithm::Scheme, hash::Hash},
    limits, oid,
    tlv::{Tlv, Tlvs, context, context_primitive},
};

/// A signed message, read and not yet believed.
#[derive(Clone)]
pub struct SignedMessage {
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) lists: Vec<RevocationList>,
    pub(crate) signers: Vec<SignerInfo>,
}

/// One signature of a message.
#[derive(Clone)]
pub(crate) struct SignerInfo {
    pub(crate) id: SignerId,
    pub(crate) attributes: Attributes,
    pub(crate) scheme: Scheme,
    pub(crate) signature: Vec<u8>,
    pub(crate) time_stamps: Vec<TimeStamp>,
}

/// How a signer names its certificate.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SignerId {
    Issued(Vec<u8>, Serial),
    Key(Vec<u8>),
}

/// What a signer signed beside the content.
#[derive(Clone)]
pub(crate) struct Attributes {
    /// The bytes that are signed: the attributes as a SET.
    pub(crate) signed: Vec<u8>,
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) digest: Vec<u8>,
    pub(crate) time: Option<Timestamp>,
    /// Hashes of the signer's certificate (RFC 5035).
    pub(crate) certificate: Vec<(Hash, Vec<u8>)>,
}

impl SignedMessage {
    /// Reads DER, PEM or base64.
    ///
    /// # Errors
    /// The first [`Reason`] found; no signature is checked here.
    pub fn read(bytes: &[u8]) -> Result<Self, Reason> {
        Self::from_der(&armour::strip_one(bytes)?)
    }

    /// Reads DER.
    ///
    /// # Errors
    /// The first [`Reason`] found; no signature is checked here.
    pub fn from_der(der: &[u8]) -> Result<Self, Reason> {
        Self::within(Tlv::whole(der, Tag::Sequence, limits::MESSAGE_BYTES_MAX)?, true)
    }

    /// A time-stamp is a message whose signers have no unsigned attributes: this ends the nesting.
    pub(crate) fn time_stamp(der: &[u8]) -> Result<Self, Reason> {
        Self::within(Tlv::whole(der, Tag::Sequence, limits::ANSWER_BYTES_MAX)?, false)
    }

    fn within(info: Tlv<'_>, may_be_stamped: bool) -> Result<Self, Reason> {
        let mut info = info.open()?;
        if info.oid()? != oid::SIGNED_DATA {
            return Err(Reason::Unsupported);
        }
        let data = info.expect(context(0))?.only(Tag::Sequence)?;
        info.finish()?;

        let mut parts = data.open()?;
        let version = parts.next()?.small()?;
        let digests =
            parts.expect(Tag::Set)?.open()?.all(limits::SIGNERS_MAX, |algorithm| hash(algorithm))?;
        let (content_type, content) = encapsulated(parts.sequence()?)?;
        let certificates = bag(parts.optional(context(0))?, Certificate::from_der)?;
        let lists = bag(parts.optional(context(1))?, RevocationList::from_der)?;
        let signers = parts
            .expect(Tag::Set)?
            .open()?
            .all(limits::SIGNERS_MAX, |signer| SignerInfo::read(signer, may_be_stamped))?;
        parts.finish()?;

        // RFC 5652 §5.1, for the kinds of certificates and lists that are read here.
        let plain = content_type == oid::DATA && signers.iter().all(|signer| signer.id.version() == 1);
        if version != if plain { 1 } else { 3 } {
            return Err(Reason::Version);
        }
        if digests.iter().any(|digest| signers.iter().all(|signer| signer.scheme.hash != *digest)) {
            return Err(Reason::Malformed);
        }
        Ok(Self { content_type, content, certificates, lists, signers })
    }

    /// The content, where it is within the message.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates sent along.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The value of each signature, and the hash it was made with: what a time-stamp is asked of.
    pub fn signatures(&self) -> impl Iterator<Item = (&[u8], Hash)> {
        self.signers.iter().map(|signer| (signer.signature.as_slice(), signer.scheme.hash))
    }

    /// The certificate a signer names.
    pub(crate) fn certificate_of(&self, id: &SignerId) -> Result<&Certificate, Reason> {
        self.certificates
            .iter()
            .find(|certificate| match id {
                SignerId::Issued(issuer, serial) => {
                    certificate.issuer == *issuer && certificate.serial == *serial
                }
                SignerId::Key(key) => certificate.extensions.subject_key_id.as_ref() == Some(key),
            })
            .ok_or(Reason::SignerCertificateMissing)
    }
}

fn encapsulated(mut parts: Tlvs<'_>) -> Result<(ObjectIdentifier, Option<Vec<u8>>), Reason> {
    let kind = parts.oid()?;
    let content = parts.optional(context(0))?.map(|content| content.only(Tag::OctetString)).transpose()?;
    parts.finish()?;
    Ok((kind, content.map(|octets| octets.value.to_vec())))
}

/// An implicitly tagged set of plain structures. Its other choices (attribute certificates, other lists) are refused.
pub(crate) fn bag<T>(
    tlv: Option<Tlv<'_>>,
    read: impl Fn(&[u8]) -> Result<T, Reason>,
) -> Result<Vec<T>, Reason> {
    let Some(tlv) = tlv else { return Ok(Vec::new()) };
    tlv.open()?.all(limits::BAG_MAX, |item| match item.tag {
        Tag::Sequence => read(item.raw),
        _ => Err(Reason::Unsupported),
    })
}

impl SignerId {
    fn version(&self) -> u8 {
        match self {
            Self::Issued(..) => 1,
            Self::Key(_) => 3,
        }
    }

    /// For reports: the serial number or key identifier in hexadecimal.
    pub(crate) fn hex(&self) -> String {
        match self {
            Self::Issued(_, Serial(bytes)) | Self::Key(bytes) => hex(bytes),
        }
    }

    fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        if tlv.tag == context_primitive(0) {
            return Ok(Self::Key(tlv.value.to_vec()));
        }
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let issuer = parts.expect(Tag::Sequence)?.raw.to_vec();
        let serial = Serial::read(parts.next()?)?;
        parts.finish()?;
        Ok(Self::Issued(issuer, serial))
    }
}

impl SignerInfo {
    fn read(tlv: Tlv<'_>, may_be_stamped: bool) -> Result<Self, Reason> {
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let version = parts.next()?.small()?;
        let id = SignerId::read(parts.next()?)?;
        if version != id.version() {
            return Err(Reason::Version);
        }
        let hash = hash(parts.next()?)?;
        let attributes = Attributes::read(parts.optional(context(0))?.ok_or(Reason::NoSignedAttributes)?)?;
        let scheme = Scheme::read_of_signer(parts.next()?, hash)?;
        let signature = parts.expect(Tag::OctetString)?.value.to_vec();
        let time_stamps = match parts.optional(context(1))? {
            Some(unsigned) if may_be_stamped => time_stamps(unsigned)?,
            Some(_) => return Err(Reason::UnsignedAttribute),
            None => Vec::new(),
        };
        parts.finish()?;
        Ok(Self { id, attributes, scheme, signature, time_stamps })
    }
}

/// The only unsigned attribute that can be checked: time-stamps of the signature.
fn time_stamps(unsigned: Tlv<'_>) -> Result<Vec<TimeStamp>, Reason> {
    let attributes = unsigned.open()?.all(limits::STAMPS_MAX, attribute)?;
    if attributes.is_empty() {
        return Err(Reason::Malformed);
    }
    let mut stamps = Vec::new();
    for (kind, values) in attributes {
        if kind != oid::TIME_STAMP_TOKEN {
            return Err(Reason::UnsignedAttribute);
        }
        let tokens = values.open()?.all(limits::STAMPS_MAX, |token| TimeStamp::from_token(token.raw))?;
        if tokens.is_empty() {
            return Err(Reason::Malformed);
        }
        stamps.extend(tokens);
    }
    if stamps.len() > limits::STAMPS_MAX { Err(Reason::TooMany) } else { Ok(stamps) }
}

fn attribute(tlv: Tlv<'_>) -> Result<(ObjectIdentifier, Tlv<'_>), Reason> {
    let mut parts = tlv.is(Tag::Sequence)?.open()?;
    let kind = parts.oid()?;
    let values = parts.expect(Tag::Set)?;
    parts.finish()?;
    Ok((kind, values))
}

impl Attributes {
    fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        let attributes = tlv.open()?.all(limits::ATTRIBUTES_MAX, attribute)?;
        let one = |kind| {
            let mut found = attributes.iter().filter(|(id, _)| *id == kind);
            match (found.next(), found.next()) {
                (Some((_, values)), None) => {
                    let mut values = values.open()?;
                    let only = values.next()?;
                    values.finish()?;
                    Ok(Some(only))
                }
                (None, _) => Ok(None),
                (Some(_), Some(_)) => Err(Reason::Malformed),
            }
        };
        let needed = |kind| one(kind)?.ok_or(Reason::NoSignedAttributes);
        let mut certificate = Vec::new();
        for (kind, names_hash) in [(oid::SIGNING_CERTIFICATE, false), (oid::SIGNING_CERTIFICATE_V2, true)] {
            certificate.extend(one(kind)?.map(|value| certificate_reference(value, names_hash)).transpose()?);
        }
        Ok(Self {
            // Signed as a SET, sent under an implicit tag (RFC 5652 §5.4).
            signed: [&[0x31], tlv.raw.get(1..).unwrap_or_default()].concat(),
            content_type: needed(oid::CONTENT_TYPE)?.oid()?,
            digest: needed(oid::MESSAGE_DIGEST)?.is(Tag::OctetString)?.value.to_vec(),
            time: one(oid::SIGNING_TIME)?.map(Tlv::time).transpose()?,
            certificate,
        })
    }
}

/// SigningCertificate and SigningCertificateV2 (RFC 5035): the hash of the first certificate is the signer's.
fn certificate_reference(value: Tlv<'_>, names_hash: bool) -> Result<(Hash, Vec<u8>), Reason> {
    let mut reference = value.is(Tag::Sequence)?.open()?.sequence()?.sequence()?;
    let hash = match (names_hash, reference.optional(Tag::Sequence)?) {
        (true, Some(named)) => hash(named)?,
        (true, None) => Hash::Sha256,
        (false, None) => Hash::Sha1,
        (false, Some(_)) => return Err(Reason::Malformed),
    };
    Ok((hash, reference.expect(Tag::OctetString)?.value.to_vec()))
}
