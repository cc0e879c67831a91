//! X.509 certificates (RFC 5280) as the state's certification authority issues them.

use der::{Tag, asn1::ObjectIdentifier};
use jiff::Timestamp;

use crate::{
    Reason, Role, Subject, armour,
    crypto::{
        algorithm::{Algorithm, Family, PublicKey, Scheme},
        hash::Hash,
    },
    limits, oid,
    tlv::{Tlv, Tlvs, context, context_primitive},
};

/// Bits of the key usage extension, bit 0 highest.
pub(crate) const DIGITAL_SIGNATURE: u16 = 0x8000;
pub(crate) const NON_REPUDIATION: u16 = 0x4000;
pub(crate) const KEY_CERT_SIGN: u16 = 0x0400;
pub(crate) const CRL_SIGN: u16 = 0x0200;

/// A certificate, read and not yet believed.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    signed: Signed,
    pub(crate) serial: Serial,
    /// The Name of the issuer, as bytes: names are the same where their bytes are.
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    named: Subject,
    not_before: Timestamp,
    not_after: Timestamp,
    pub(crate) key: PublicKey,
    pub(crate) extensions: Extensions,
}

/// The three parts every signed structure of X.509 has.
#[derive(Clone)]
pub(crate) struct Signed {
    /// What is signed, as bytes.
    pub(crate) body: Vec<u8>,
    pub(crate) scheme: Scheme,
    signature: Vec<u8>,
}

/// A serial number: the bytes of its INTEGER.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Serial(pub(crate) Vec<u8>);

#[derive(Clone, Default)]
pub(crate) struct Extensions {
    pub(crate) subject_key_id: Option<Vec<u8>>,
    pub(crate) authority_key_id: Option<Vec<u8>>,
    key_usage: Option<u16>,
    pub(crate) extended: Vec<ObjectIdentifier>,
    extended_is_critical: bool,
    is_authority: bool,
    path_length: Option<u8>,
    not_understood: bool,
}

impl Certificate {
    /// Reads one certificate: DER, PEM or base64.
    ///
    /// # Errors
    /// The first [`Reason`] found; no signature is checked here.
    pub fn read(bytes: &[u8]) -> Result<Self, Reason> {
        Self::from_der(&armour::strip_one(bytes)?)
    }

    /// Reads all certificates of a file: one of DER, several of PEM.
    ///
    /// # Errors
    /// The first [`Reason`] found in any of them.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, Reason> {
        armour::strip(bytes)?.iter().map(|der| Self::from_der(der)).collect()
    }

    /// Reads DER.
    ///
    /// # Errors
    /// The first [`Reason`] found; no signature is checked here.
    pub fn from_der(der: &[u8]) -> Result<Self, Reason> {
        let (signed, body) = Signed::read(der, limits::CERTIFICATE_BYTES_MAX)?;
        let mut parts = body.open()?;
        if parts.expect(context(0))?.only(Tag::Integer)?.small()? != 2 {
            return Err(Reason::Version);
        }
        let serial = Serial::read(parts.next()?)?;
        signed.is_named_alike(parts.next()?)?;
        let issuer = parts.expect(Tag::Sequence)?;
        let mut validity = parts.sequence()?;
        let (not_before, not_after) = (validity.next()?.time()?, validity.next()?.time()?);
        validity.finish()?;
        let subject = parts.expect(Tag::Sequence)?;
        let key = PublicKey::read(parts.next()?)?;
        let extensions = match parts.optional(context(3))? {
            Some(extensions) => Extensions::read(extensions.only(Tag::Sequence)?)?,
            None => Extensions::default(),
        };
        parts.finish()?;
        Ok(Self {
            der: der.to_vec(),
            signed,
            serial,
            issuer: issuer.raw.to_vec(),
            subject: subject.raw.to_vec(),
            named: Subject::read(subject)?,
            not_before,
            not_after,
            key,
            extensions,
        })
    }

    /// The bytes it was read from, without armour.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the bytes: what anchors are pinned by.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&Hash::Sha256.digest(&self.der));
        Fingerprint(bytes)
    }

    /// Whom it names.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.named
    }

    /// The serial number in hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex(&self.serial.0)
    }

    /// First and last instant of its validity, both included.
    #[must_use]
    pub fn validity(&self) -> (Timestamp, Timestamp) {
        (self.not_before, self.not_after)
    }

    /// What its key is for.
    #[must_use]
    pub fn family(&self) -> Family {
        self.key.family()
    }

    /// The roles it gives its holder.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        self.extensions.extended.iter().filter_map(Role::of).collect()
    }

    /// Whether it may issue certificates.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.extensions.is_authority && self.has_usage(KEY_CERT_SIGN)
    }

    /// Whether it names itself as its issuer. Says nothing about the signature.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
            && (self.extensions.authority_key_id.is_none() || self.names_as_issuer(self))
    }

    /// Whether `issuer`'s key signed it, and its names and key identifiers say so.
    #[must_use]
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        self.names_as_issuer(issuer) && self.signed.verify(&issuer.key)
    }

    /// By name and, where there is one, by key identifier: names repeat.
    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        let keys = (&self.extensions.authority_key_id, &issuer.extensions.subject_key_id);
        self.issuer == issuer.subject && !matches!(keys, (Some(named), own) if own.as_ref() != Some(named))
    }

    /// Whether it says which of the keys of a name is its issuer's.
    pub(crate) fn names_key_of_issuer(&self) -> bool {
        self.extensions.authority_key_id.is_some()
    }

    pub(crate) fn has_usage(&self, bits: u16) -> bool {
        self.extensions.key_usage.is_some_and(|usage| usage & bits == bits)
    }

    pub(crate) fn is_for(&self, usage: ObjectIdentifier) -> bool {
        self.extensions.extended.contains(&usage)
    }

    /// Valid at `at`, and nothing in it that is not understood.
    pub(crate) fn check_at(&self, at: Timestamp) -> Result<(), Reason> {
        match () {
            () if self.extensions.not_understood => Err(Reason::CriticalExtension),
            () if at < self.not_before => Err(Reason::NotYetValid),
            () if at > self.not_after => Err(Reason::Expired),
            () => Ok(()),
        }
    }

    /// May it have issued a chain with `below` authorities beneath it?
    pub(crate) fn check_authority(&self, below: usize) -> Result<(), Reason> {
        let short = self.extensions.path_length.is_some_and(|most| below > usize::from(most));
        if self.is_authority() && !short { Ok(()) } else { Err(Reason::NotAnAuthority) }
    }

    /// For documents: the key usages of signing, and the extended one that the authority gives to signing keys and
    /// not to those for signing in.
    pub(crate) fn check_signing(&self) -> Result<(), Reason> {
        let fits = self.has_usage(DIGITAL_SIGNATURE | NON_REPUDIATION) && self.is_for(oid::EMAIL_PROTECTION);
        if fits && !self.is_authority() { Ok(()) } else { Err(Reason::KeyUsage) }
    }

    /// RFC 3161 §2.3: for time-stamps and nothing else, and critically so.
    pub(crate) fn check_time_stamping(&self) -> Result<(), Reason> {
        let fits = self.extensions.extended == [oid::TIME_STAMPING] && self.extensions.extended_is_critical;
        let signs =
            self.extensions.key_usage.is_none_or(|usage| usage & (DIGITAL_SIGNATURE | NON_REPUDIATION) != 0);
        if fits && signs { Ok(()) } else { Err(Reason::TimeStampUsage) }
    }
}

/// SHA-256 of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Signed {
    /// Reads SEQUENCE { body, algorithm, signature }; gives the body too.
    pub(crate) fn read(der: &[u8], bytes_max: usize) -> Result<(Self, Tlv<'_>), Reason> {
        let mut parts = Tlv::whole(der, Tag::Sequence, bytes_max)?.open()?;
        let body = parts.expect(Tag::Sequence)?;
        let signed = Self::read_after(body, &mut parts)?;
        parts.finish()?;
        Ok((signed, body))
    }

    /// Reads algorithm and signature, which follow the body.
    pub(crate) fn read_after(body: Tlv<'_>, parts: &mut Tlvs<'_>) -> Result<Self, Reason> {
        let scheme = Scheme::read(parts.next()?)?;
        let signature = parts.next()?.bits()?.to_vec();
        Ok(Self { body: body.raw.to_vec(), scheme, signature })
    }

    /// The algorithm within the body must be the one outside of it.
    pub(crate) fn is_named_alike(&self, within: Tlv<'_>) -> Result<(), Reason> {
        if Scheme::read(within)? == self.scheme { Ok(()) } else { Err(Reason::Malformed) }
    }

    pub(crate) fn verify(&self, key: &PublicKey) -> bool {
        key.verify(self.scheme, &self.body, &self.signature)
    }
}

impl Serial {
    /// RFC 5280 §4.1.2.2 allows twenty bytes; the sign may take one more.
    pub(crate) fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        match tlv.integer()? {
            long if long.len() > 21 => Err(Reason::Malformed),
            bytes => Ok(Self(bytes.to_vec())),
        }
    }
}

impl Extensions {
    fn read(sequence: Tlv<'_>) -> Result<Self, Reason> {
        let mut read = Self::default();
        let mut met = Vec::new();
        for extension in sequence.open()?.all(limits::ATTRIBUTES_MAX, Extension::read)? {
            if met.contains(&extension.id) {
                return Err(Reason::Malformed);
            }
            met.push(extension.id);
            read.take(&extension)?;
        }
        Ok(read)
    }

    fn take(&mut self, extension: &Extension<'_>) -> Result<(), Reason> {
        let value = |tag| Tlv::whole(extension.value, tag, limits::CERTIFICATE_BYTES_MAX);
        match extension.id {
            oid::SUBJECT_KEY_ID => self.subject_key_id = Some(value(Tag::OctetString)?.value.to_vec()),
            oid::AUTHORITY_KEY_ID => self.authority_key_id = authority_key_id(extension.value)?,
            oid::KEY_USAGE => self.key_usage = Some(value(Tag::BitString)?.flags()?),
            oid::EXTENDED_KEY_USAGE => {
                self.extended = value(Tag::Sequence)?.open()?.all(limits::ATTRIBUTES_MAX, Tlv::oid)?;
                self.extended_is_critical = extension.critical;
            }
            oid::BASIC_CONSTRAINTS => {
                let mut parts = value(Tag::Sequence)?.open()?;
                self.is_authority =
                    parts.optional(Tag::Boolean)?.map(Tlv::boolean).transpose()?.unwrap_or(false);
                self.path_length = parts.optional(Tag::Integer)?.map(Tlv::small).transpose()?;
                parts.finish()?;
            }
            // Critical or not, there is no rule here that a policy could narrow.
            oid::CERTIFICATE_POLICIES => {}
            _ => self.not_understood |= extension.critical,
        }
        Ok(())
    }
}

/// The key identifier, if it names one (RFC 5280 §4.2.1.1).
pub(crate) fn authority_key_id(value: &[u8]) -> Result<Option<Vec<u8>>, Reason> {
    let mut parts = Tlv::whole(value, Tag::Sequence, limits::CERTIFICATE_BYTES_MAX)?.open()?;
    let id = parts.optional(context_primitive(0))?;
    parts.optional(context(1))?;
    parts.optional(context_primitive(2))?;
    parts.finish()?;
    Ok(id.map(|id| id.value.to_vec()))
}

pub(crate) struct Extension<'a> {
    pub(crate) id: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(crate) fn read(tlv: Tlv<'a>) -> Result<Self, Reason> {
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let id = parts.oid()?;
        let critical = parts.optional(Tag::Boolean)?.map(Tlv::boolean).transpose()?.unwrap_or(false);
        let value = parts.expect(Tag::OctetString)?.value;
        parts.finish()?;
        Ok(Self { id, critical, value })
    }
}

/// A hash by its AlgorithmIdentifier.
pub(crate) fn hash(tlv: Tlv<'_>) -> Result<Hash, Reason> {
    Hash::of(&Algorithm::read(tlv)?)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
