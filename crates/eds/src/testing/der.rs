//! Writing DER, in as few lines as a test authority needs.

use der::{Encode as _, asn1::ObjectIdentifier};
use jiff::{Timestamp, tz::TimeZone};

pub(super) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let long: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            bytes.extend(long);
        }
    }
    bytes.extend(value);
    bytes
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A SET OF in the order that DER asks for.
pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    tlv(0x31, &parts.concat())
}

pub(super) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    oid.to_der().expect("identifiers are short")
}

/// A positive number by its bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let rest: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign = rest.first().is_none_or(|byte| byte & 0x80 != 0);
    tlv(2, &[if sign { &[0][..] } else { &[] }, &rest].concat())
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(4, bytes)
}

pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], bytes].concat())
}

/// Flags as a BIT STRING without the zeros at its end.
pub(super) fn flags(flags: u16) -> Vec<u8> {
    let bytes = flags.to_be_bytes();
    let kept = &bytes[..if bytes[1] == 0 { 1 } else { 2 }];
    let unused = u8::try_from(kept[kept.len() - 1].trailing_zeros().min(7)).unwrap_or(0);
    tlv(3, &[&[unused], kept].concat())
}

pub(super) fn null() -> Vec<u8> {
    vec![5, 0]
}

pub(super) fn boolean(value: bool) -> Vec<u8> {
    tlv(1, &[if value { 0xff } else { 0 }])
}

pub(super) fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, inner)
}

pub(super) fn utc_time(at: Timestamp) -> Vec<u8> {
    tlv(0x17, at.to_zoned(TimeZone::UTC).strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(super) fn generalized_time(at: Timestamp) -> Vec<u8> {
    tlv(0x18, at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}
