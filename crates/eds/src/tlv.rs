//! A cursor over DER. `der` reads tags and lengths, strictly; this keeps the exact bytes, because signatures are over
//! bytes and not over what was understood of them.

use der::{
    Decode, Reader, SliceReader, Tag, TagNumber,
    asn1::{AnyRef, GeneralizedTime, ObjectIdentifier, UtcTime},
};
use jiff::Timestamp;

use crate::Reason;

/// One tag, length and value.
#[derive(Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: Tag,
    /// With tag and length.
    pub(crate) raw: &'a [u8],
    /// Without them.
    pub(crate) value: &'a [u8],
}

/// Values one after the other.
pub(crate) struct Tlvs<'a>(SliceReader<'a>);

/// Anything `der` has against the bytes.
fn malformed(_: der::Error) -> Reason {
    Reason::Malformed
}

/// A constructed context-specific tag.
pub(crate) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// A primitive context-specific tag.
pub(crate) const fn context_primitive(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}

impl<'a> Tlvs<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Reason> {
        SliceReader::new(bytes).map(Self).map_err(malformed)
    }

    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Reason> {
        let raw = self.0.tlv_bytes().map_err(malformed)?;
        let any = AnyRef::from_der(raw).map_err(malformed)?;
        Ok(Tlv { tag: der::Tagged::tag(&any), raw, value: any.value() })
    }

    pub(crate) fn expect(&mut self, tag: Tag) -> Result<Tlv<'a>, Reason> {
        self.optional(tag)?.ok_or(Reason::Malformed)
    }

    pub(crate) fn optional(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, Reason> {
        if self.is_finished() || Tag::peek(&self.0).map_err(malformed)? != tag {
            return Ok(None);
        }
        self.next().map(Some)
    }

    pub(crate) fn sequence(&mut self) -> Result<Self, Reason> {
        self.expect(Tag::Sequence)?.open()
    }

    pub(crate) fn oid(&mut self) -> Result<ObjectIdentifier, Reason> {
        self.expect(Tag::ObjectIdentifier)?.oid()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Reason> {
        self.0.finish().map_err(malformed)
    }

    /// All that is left, `max` at most, each read by `read`.
    pub(crate) fn all<T>(
        mut self,
        max: usize,
        mut read: impl FnMut(Tlv<'a>) -> Result<T, Reason>,
    ) -> Result<Vec<T>, Reason> {
        let mut all = Vec::new();
        while !self.is_finished() {
            if all.len() == max {
                return Err(Reason::TooMany);
            }
            all.push(read(self.next()?)?);
        }
        Ok(all)
    }
}

impl<'a> Tlv<'a> {
    /// Reads bytes that must be this one value and nothing else.
    pub(crate) fn whole(bytes: &'a [u8], tag: Tag, bytes_max: usize) -> Result<Self, Reason> {
        if bytes.len() > bytes_max {
            return Err(Reason::TooLarge);
        }
        let mut tlvs = Tlvs::new(bytes)?;
        let only = tlvs.expect(tag)?;
        tlvs.finish()?;
        Ok(only)
    }

    pub(crate) fn open(self) -> Result<Tlvs<'a>, Reason> {
        Tlvs::new(self.value)
    }

    /// The one value within, as in explicit tags.
    pub(crate) fn only(self, tag: Tag) -> Result<Self, Reason> {
        Self::whole(self.value, tag, usize::MAX)
    }

    pub(crate) fn is(self, tag: Tag) -> Result<Self, Reason> {
        if self.tag == tag { Ok(self) } else { Err(Reason::Malformed) }
    }

    pub(crate) fn oid(self) -> Result<ObjectIdentifier, Reason> {
        ObjectIdentifier::from_der(self.raw).map_err(malformed)
    }

    pub(crate) fn boolean(self) -> Result<bool, Reason> {
        bool::from_der(self.raw).map_err(malformed)
    }

    pub(crate) fn small(self) -> Result<u8, Reason> {
        u8::from_der(self.raw).map_err(malformed)
    }

    /// The bytes of an INTEGER in its shortest form.
    pub(crate) fn integer(self) -> Result<&'a [u8], Reason> {
        match self.is(Tag::Integer)?.value {
            [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(Reason::Malformed),
            bytes => Ok(bytes),
        }
    }

    /// The bytes of a BIT STRING of whole bytes.
    pub(crate) fn bits(self) -> Result<&'a [u8], Reason> {
        match self.is(Tag::BitString)?.value {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(Reason::Malformed),
        }
    }

    /// The first sixteen bits of a BIT STRING of flags, bit 0 highest.
    pub(crate) fn flags(self) -> Result<u16, Reason> {
        let bits = der::asn1::BitStringRef::from_der(self.raw).map_err(malformed)?;
        let byte = |at: usize| u16::from(bits.raw_bytes().get(at).copied().unwrap_or(0));
        Ok(byte(0) << 8 | byte(1))
    }

    /// An instant: UTCTime or GeneralizedTime in its DER form, to the second.
    pub(crate) fn time(self) -> Result<Timestamp, Reason> {
        let since_1970 = match self.tag {
            Tag::UtcTime => UtcTime::from_der(self.raw).map_err(malformed)?.to_unix_duration(),
            Tag::GeneralizedTime => {
                GeneralizedTime::from_der(self.raw).map_err(malformed)?.to_unix_duration()
            }
            _ => return Err(Reason::Malformed),
        };
        let seconds = i64::try_from(since_1970.as_secs()).map_err(|_| Reason::Malformed)?;
        Timestamp::from_second(seconds).map_err(|_| Reason::Malformed)
    }
}
