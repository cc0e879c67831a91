//! Writing the DER that only an authority writes.

use jiff::{Timestamp, tz::TimeZone};

pub(super) use crate::write::{boolean, explicit, integer, null, octets, oid, sequence, tlv};

/// A SET OF in the order that DER asks for.
pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    tlv(0x31, &parts.concat())
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

pub(super) fn utc_time(at: Timestamp) -> Vec<u8> {
    tlv(0x17, at.to_zoned(TimeZone::UTC).strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(super) fn generalized_time(at: Timestamp) -> Vec<u8> {
    tlv(0x18, at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}
