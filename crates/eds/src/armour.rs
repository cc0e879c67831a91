//! PEM and bare base64 around DER, read exactly: what decodes in more than one way is refused, so that no byte of a
//! file can change unnoticed.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{Reason, limits};

/// Labels of RFC 7468 and the one OpenSSL's time-stamps and OCSP answers carry in practice.
const LABELS: [&str; 6] = ["CERTIFICATE", "CMS", "PKCS7", "X509 CRL", "OCSP RESPONSE", "TIMESTAMP RESPONSE"];
/// Blocks of one file.
const BLOCKS_MAX: usize = 200;

/// The DER within: the bytes themselves, one base64 text, or the blocks of a PEM file.
///
/// # Errors
/// [`Reason::Armour`], [`Reason::TooMany`], [`Reason::TooLarge`].
pub(crate) fn strip(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Reason> {
    if bytes.len() > 2 * limits::LIST_BYTES_MAX {
        return Err(Reason::TooLarge);
    }
    // Every DER structure read here is a SEQUENCE, and its tag is the digit zero of ASCII, which begins no base64 of
    // a SEQUENCE (that is an M).
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes.to_vec()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::Armour)?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.trim_end_matches(line_end).split(line_end).collect();
    if !text.starts_with("-----") {
        return Ok(vec![decode(&lines)?]);
    }
    let mut blocks = Vec::new();
    let mut rest = lines.as_slice();
    while let [begin, inner @ ..] = rest {
        if blocks.len() == BLOCKS_MAX {
            return Err(Reason::TooMany);
        }
        let label = LABELS.iter().find(|label| *begin == format!("-----BEGIN {label}-----"));
        let end = format!("-----END {}-----", label.ok_or(Reason::Armour)?);
        let length = inner.iter().position(|line| *line == end).ok_or(Reason::Armour)?;
        blocks.push(decode(&inner[..length])?);
        rest = &inner[length + 1..];
    }
    Ok(blocks)
}

/// The one DER structure within.
///
/// # Errors
/// [`Reason::Armour`] also where there are more.
pub(crate) fn strip_one(bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    match strip(bytes)?.as_mut_slice() {
        [only] => Ok(std::mem::take(only)),
        _ => Err(Reason::Armour),
    }
}

/// Lines of one width, the last one shorter or equal.
fn decode(lines: &[&str]) -> Result<Vec<u8>, Reason> {
    let width = lines.first().map_or(0, |line| line.len());
    let (last, others) = lines.split_last().ok_or(Reason::Armour)?;
    if others.iter().any(|line| line.len() != width) || last.is_empty() || last.len() > width {
        return Err(Reason::Armour);
    }
    BASE64_STANDARD.decode(lines.concat()).map_err(|_| Reason::Armour)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "-----BEGIN CMS-----\nMAEA\nMAE=\n-----END CMS-----\n";

    #[test]
    fn a_file_read_by_people_holds_what_it_armours() {
        assert_eq!(strip_one(FILE.as_bytes()), Ok(vec![0x30, 1, 0, 0x30, 1]));
        assert_eq!(strip_one(FILE.replace('\n', "\r\n").as_bytes()), Ok(vec![0x30, 1, 0, 0x30, 1]));
        assert_eq!(strip_one(b"MAEA"), Ok(vec![0x30, 1, 0]));
        assert_eq!(strip(FILE.repeat(3).as_bytes()).map(|blocks| blocks.len()), Ok(3));
    }

    #[test]
    fn no_byte_of_the_armour_changes_unnoticed() {
        let whole = strip_one(FILE.as_bytes());
        for at in 0..FILE.len() {
            for flip in 1..=255 {
                let mut changed = FILE.as_bytes().to_vec();
                changed[at] ^= flip;
                assert_ne!(strip_one(&changed), whole, "byte {at} flipped by {flip}");
            }
        }
    }
}
