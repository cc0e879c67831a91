//! One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238), SHA-1 and six digits, as every token makes them.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds of a time step (RFC 6238 §4.1).
pub(super) const STEP_SECONDS: i64 = 30;

/// The code of a moment: a counter, or the number of a time step (RFC 4226 §5.3).
pub(crate) fn code(secret: &[u8], moment: u64) -> String {
    // A key of any length is accepted, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&moment.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0x0f);
    let word = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base 32 without padding (RFC 4648 §6), as authenticators take a secret.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut word = [0; 8];
        word[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(word);
        for at in 0..(group.len() * 8).div_ceil(5) {
            text.push(char::from(LETTERS[usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default()]));
        }
    }
    text
}

/// Reads a secret printed beside a hardware token: base 32 or hexadecimal, in groups or not. 16 to 64 bytes (RFC 4226
/// §4, R6: at least 128 bits).
pub(crate) fn read_secret(text: &str) -> Option<Vec<u8>> {
    let text: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-' | '=')).take(160).collect::<String>().to_uppercase();
    let hexadecimal =
        !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes = if hexadecimal {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
    } else {
        from_base32(&text)
    };
    bytes.filter(|bytes: &Vec<u8>| (16..=64).contains(&bytes.len()))
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves [`lending::law::CL_35_3`] with the numbers of RFC 4226, appendix D, and RFC 6238, appendix B.
    #[test]
    fn codes_are_those_that_every_token_makes() {
        let secret = b"12345678901234567890";
        let listed = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, expected) in listed.into_iter().enumerate() {
            assert_eq!(code(secret, counter as u64), expected);
        }
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, time / STEP_SECONDS as u64), expected, "{time}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_is_printed_or_not_at_all() {
        let secret = b"12345678901234567890";
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"foob"), "MZXW6YQ", "RFC 4648 §10");
        for text in [
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
            "gezdgnbvgy3tqojqgezdgnbvgy3tqojq====",
            "3132-3334-3536-3738-3930-3132-3334-3536-3738-3930",
        ] {
            assert_eq!(read_secret(text).as_deref(), Some(&secret[..]), "{text}");
        }
        for wrong in
            ["", "GEZDGNBV", "31323334", "ӘЗDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "1".repeat(400).as_str(), "0!"]
        {
            assert_eq!(read_secret(wrong), None, "{wrong}");
        }
    }
}
