//! Time-stamps (RFC 3161).

use der::{Decode as _, Tag, asn1::GeneralizedTime};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Certificate, Reason, SignedMessage, armour,
    certificate::{hash, hex},
    crypto::hash::Hash,
    limits, oid,
    tlv::{Tlv, context},
    trust::Trust,
    verify::CLOCK_SKEW,
};

/// A time-stamp, read and not yet believed.
#[derive(Clone)]
pub struct TimeStamp {
    message: SignedMessage,
    time: Timestamp,
    policy: String,
    serial: String,
    imprint: (Hash, Vec<u8>),
}

impl TimeStamp {
    /// Reads an answer of a time-stamping authority.
    ///
    /// Of the answer only the token is signed. Its status must be plain "granted", without a text.
    ///
    /// # Errors
    /// [`Reason::TimeStampNotGranted`], or the first [`Reason`] found in the token.
    pub fn from_response(bytes: &[u8]) -> Result<Self, Reason> {
        let der = armour::strip_one(bytes)?;
        let mut parts = Tlv::whole(&der, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?;
        let mut status = parts.sequence()?;
        if status.next()?.small()? != 0 || status.finish().is_err() {
            return Err(Reason::TimeStampNotGranted);
        }
        let token = parts.expect(Tag::Sequence)?;
        parts.finish()?;
        Self::from_token(token.raw)
    }

    /// Reads a token, as it stands in a signature's unsigned attributes.
    ///
    /// # Errors
    /// The first [`Reason`] found; no signature is checked here.
    pub fn from_token(der: &[u8]) -> Result<Self, Reason> {
        let message = SignedMessage::time_stamp(der)?;
        if message.content_type != oid::TIME_STAMP_INFO || message.signers.len() != 1 {
            return Err(Reason::TimeStampForm);
        }
        let info = message.content().ok_or(Reason::TimeStampForm)?;
        let mut parts = Tlv::whole(info, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?;
        if parts.next()?.small()? != 1 {
            return Err(Reason::Version);
        }
        let policy = parts.oid()?.to_string();
        let mut imprint_parts = parts.sequence()?;
        let imprint = (hash(imprint_parts.next()?)?, imprint_parts.expect(Tag::OctetString)?.value.to_vec());
        imprint_parts.finish()?;
        let serial = hex(parts.next()?.integer()?);
        let time = instant(parts.next()?)?;
        // Accuracy, ordering, nonce, the authority's name, extensions: signed, and nothing here depends on them.
        parts.optional(Tag::Sequence)?;
        parts.optional(Tag::Boolean)?;
        parts.optional(Tag::Integer)?;
        parts.optional(context(0))?;
        if parts.optional(context(1))?.is_some() {
            return Err(Reason::Unsupported);
        }
        parts.finish()?;
        Ok(Self { time, policy, serial, imprint, message })
    }

    /// The instant it states. Believe it after [`TimeStamp::verify`].
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The policy it was made under: 1.2.398.3.3.2.6.1 (GOST-2004), .2 (RSA), .4 (GOST-2015).
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Its number, in hexadecimal.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Whether it is of these bytes; for a signature: of the signature's value.
    ///
    /// # Errors
    /// [`Reason::TimeStampImprint`]; [`Reason::WeakAlgorithm`] where the imprint is SHA-1.
    pub fn is_of(&self, bytes: &[u8]) -> Result<(), Reason> {
        match &self.imprint {
            (Hash::Sha1, _) => Err(Reason::WeakAlgorithm),
            (hash, imprint) if hash.digest(bytes) == *imprint => Ok(()),
            _ => Err(Reason::TimeStampImprint),
        }
    }

    /// Whether an authority under a trust anchor made it, at a time when it could, and not after `now`. Gives the
    /// authority's chain.
    ///
    /// # Errors
    /// The first [`Reason`] found.
    pub fn verify<'a>(&'a self, trust: &'a Trust, now: Timestamp) -> Result<Vec<&'a Certificate>, Reason> {
        if self.time > now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) {
            return Err(Reason::TimeStampInFuture);
        }
        let [signer] = self.message.signers.as_slice() else { return Err(Reason::TimeStampForm) };
        let content = self.message.content().ok_or(Reason::TimeStampForm)?;
        let certificate = self.message.certificate_of(&signer.id).map_err(|_| Reason::TimeStampSigner)?;
        // RFC 3161 §2.4.2: the certificate must be bound by the signature.
        if signer.attributes.certificate.is_empty() {
            return Err(Reason::TimeStampForm);
        }
        let digest = signer.scheme.hash.digest(content);
        signer.check(certificate, self.message.content_type, &digest).map_err(|_| Reason::TimeStampSigner)?;
        certificate.check_time_stamping()?;
        let chain = trust
            .chain(certificate, &self.message.certificates, self.time)
            .map_err(|_| Reason::TimeStampSigner)?;
        trust.strays(&self.message.certificates, &chain, self.time)?;
        Ok(chain)
    }
}

/// GeneralizedTime, which in time-stamps may have fractions of a second (RFC 3161 §2.4.2).
fn instant(tlv: Tlv<'_>) -> Result<Timestamp, Reason> {
    let text = tlv.is(Tag::GeneralizedTime)?.value;
    let Some(dot) = text.iter().position(|byte| *byte == b'.') else { return tlv.time() };
    let fraction = text[dot + 1..].strip_suffix(b"Z").ok_or(Reason::Malformed)?;
    let in_der = (1..=9).contains(&fraction.len())
        && fraction.iter().all(u8::is_ascii_digit)
        && fraction.last() != Some(&b'0')
        && dot == 14;
    if !in_der {
        return Err(Reason::Malformed);
    }
    let whole = [&[0x18, 15], &text[..dot], b"Z"].concat();
    let seconds = GeneralizedTime::from_der(&whole).map_err(|_| Reason::Malformed)?.to_unix_duration();
    let nanoseconds = fraction.iter().fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'))
        * 10_i64.pow(9 - u32::try_from(fraction.len()).unwrap_or(9));
    let seconds = i64::try_from(seconds.as_secs()).map_err(|_| Reason::Malformed)?;
    Timestamp::from_second(seconds)
        .and_then(|whole| whole.checked_add(SignedDuration::from_nanos(nanoseconds)))
        .map_err(|_| Reason::Malformed)
}
