//! Revocation lists and their deltas (RFC 5280 §5).

use der::Tag;
use jiff::Timestamp;

use crate::{
    Certificate, Reason, armour,
    certificate::{CRL_SIGN, Extension, Serial, Signed, authority_key_id},
    limits, oid,
    revocation::Status,
    tlv::{Tlv, context},
};

/// A revocation list, read and not yet believed.
#[derive(Clone)]
pub struct RevocationList {
    signed: Signed,
    issuer: Vec<u8>,
    authority_key_id: Option<Vec<u8>>,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Option<Timestamp>,
    /// Counts the lists of an issuer.
    pub(crate) number: Option<Number>,
    /// A delta: the number of the full list it continues.
    pub(crate) base: Option<Number>,
    /// By serial number.
    entries: Vec<(Serial, Entry)>,
}

/// A CRLNumber: not negative, compared as a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(usize, Vec<u8>);

/// What a list says about a certificate.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    Status(Status),
    /// A delta takes the certificate off the list.
    Removed,
}

impl RevocationList {
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
        let (signed, body) = Signed::read(der, limits::LIST_BYTES_MAX)?;
        let mut parts = body.open()?;
        if parts.expect(Tag::Integer)?.small()? != 1 {
            return Err(Reason::Version);
        }
        signed.is_named_alike(parts.next()?)?;
        let issuer = parts.expect(Tag::Sequence)?.raw.to_vec();
        let this_update = parts.next()?.time()?;
        let next_update = match parts.optional(Tag::UtcTime)? {
            Some(time) => Some(time),
            None => parts.optional(Tag::GeneralizedTime)?,
        };
        let next_update = next_update.map(Tlv::time).transpose()?;
        let mut entries = match parts.optional(Tag::Sequence)? {
            Some(entries) => entries.open()?.all(limits::LIST_ENTRIES_MAX, entry)?,
            None => Vec::new(),
        };
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        let mut list = Self {
            signed,
            issuer,
            authority_key_id: None,
            this_update,
            next_update,
            number: None,
            base: None,
            entries,
        };
        if let Some(extensions) = parts.optional(context(0))? {
            let extensions =
                extensions.only(Tag::Sequence)?.open()?.all(limits::ATTRIBUTES_MAX, Extension::read)?;
            for extension in &extensions {
                list.take(extension)?;
            }
        }
        parts.finish()?;
        Ok(list)
    }

    /// Whether it continues a full list.
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.base.is_some()
    }

    /// The instant it was made.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// How many certificates it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it is a list of this issuer, by name and key identifier. Says nothing about the signature.
    #[must_use]
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        let keys = (&self.authority_key_id, &issuer.extensions.subject_key_id);
        self.issuer == issuer.subject && !matches!(keys, (Some(named), own) if own.as_ref() != Some(named))
    }

    /// Whether the issuer signed it.
    ///
    /// # Errors
    /// [`Reason::RevocationSignature`].
    pub fn verify(&self, issuer: &Certificate) -> Result<(), Reason> {
        let signed = self.is_of(issuer) && issuer.has_usage(CRL_SIGN) && self.signed.verify(&issuer.key);
        if signed { Ok(()) } else { Err(Reason::RevocationSignature) }
    }

    /// What it says about the certificate. Of two entries for one certificate the worst holds.
    pub(crate) fn about(&self, certificate: &Certificate) -> Option<Entry> {
        let first = self.entries.partition_point(|(serial, _)| *serial < certificate.serial);
        let mut same = self.entries[first..].iter().take_while(|(serial, _)| *serial == certificate.serial);
        let found = same.next()?.1;
        Some(same.fold(found, |worst, (_, entry)| match worst {
            Entry::Removed => *entry,
            Entry::Status(_) => worst,
        }))
    }

    fn take(&mut self, extension: &Extension<'_>) -> Result<(), Reason> {
        match extension.id {
            oid::AUTHORITY_KEY_ID => self.authority_key_id = authority_key_id(extension.value)?,
            oid::CRL_NUMBER => self.number = Some(Number::read(extension.value)?),
            oid::DELTA_CRL => self.base = Some(Number::read(extension.value)?),
            // Partial and indirect lists are marked by a critical extension.
            _ if extension.critical => return Err(Reason::CriticalExtension),
            _ => {}
        }
        Ok(())
    }
}

impl Number {
    fn read(value: &[u8]) -> Result<Self, Reason> {
        match Tlv::whole(value, Tag::Integer, 64)?.integer()? {
            [0x80..=0xff, ..] => Err(Reason::Malformed),
            [0, bytes @ ..] | bytes => Ok(Self(bytes.len(), bytes.to_vec())),
        }
    }
}

fn entry(tlv: Tlv<'_>) -> Result<(Serial, Entry), Reason> {
    let mut parts = tlv.is(Tag::Sequence)?.open()?;
    let serial = Serial::read(parts.next()?)?;
    let at = parts.next()?.time()?;
    let extensions = match parts.optional(Tag::Sequence)? {
        Some(extensions) => extensions.open()?.all(limits::ATTRIBUTES_MAX, Extension::read)?,
        None => Vec::new(),
    };
    parts.finish()?;
    let mut reason: &[u8] = &[];
    for extension in extensions {
        match extension.id {
            oid::CRL_REASON => reason = Tlv::whole(extension.value, Tag::Enumerated, 8)?.value,
            _ if extension.critical => return Err(Reason::CriticalExtension),
            _ => {}
        }
    }
    let removed = reason == [Status::REMOVE_FROM_LIST];
    Ok((serial, if removed { Entry::Removed } else { Entry::Status(Status::revoked(at, reason)) }))
}
