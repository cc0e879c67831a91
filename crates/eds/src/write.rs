//! Writing DER, in as few lines as questions need.

use der::{Encode as _, asn1::ObjectIdentifier};

pub(crate) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
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

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    oid.to_der().expect("identifiers are short")
}

/// A positive number by its bytes.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let rest: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign = rest.first().is_none_or(|byte| byte & 0x80 != 0);
    tlv(2, &[if sign { &[0][..] } else { &[] }, &rest].concat())
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(4, bytes)
}

pub(crate) fn null() -> Vec<u8> {
    vec![5, 0]
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(1, &[if value { 0xff } else { 0 }])
}

pub(crate) fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, inner)
}
