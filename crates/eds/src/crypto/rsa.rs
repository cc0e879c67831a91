//! RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), verification only.

use crypto_bigint::{
    BoxedUint, Odd, Resize,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use der::Tag;

use crate::{Reason, crypto::hash::Hash, tlv::Tlv};

/// Bytes of a modulus: 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// A public exponent is at most this long, so that it costs no more than a signature of the others.
const EXPONENT_BYTES_MAX: usize = 4;

/// A public key.
#[derive(Clone)]
pub(crate) struct PublicKey {
    modulus: Odd<BoxedUint>,
    bytes: usize,
    exponent: u32,
}

impl PublicKey {
    /// Reads the RSAPublicKey of RFC 8017, A.1.1.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Reason> {
        let mut parts = Tlv::whole(der, Tag::Sequence, 2048)?.open()?;
        let modulus = unsigned(parts.next()?)?;
        let exponent = unsigned(parts.next()?)?;
        parts.finish()?;
        if !MODULUS_BYTES.contains(&modulus.len()) || exponent.len() > EXPONENT_BYTES_MAX {
            return Err(Reason::BadKey);
        }
        let exponent = exponent.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        if exponent < 3 || exponent.is_multiple_of(2) {
            return Err(Reason::BadKey);
        }
        let number = BoxedUint::from_be_slice_vartime(modulus);
        let odd = Odd::new(number).into_option().ok_or(Reason::BadKey)?;
        Ok(Self { modulus: odd, bytes: modulus.len(), exponent })
    }

    /// Whether `signature` is over this digest.
    pub(crate) fn verify(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        let Some(encoded) = encoded(hash, digest, self.bytes) else { return false };
        if signature.len() != self.bytes {
            return false;
        }
        let precision = self.modulus.as_ref().bits_precision();
        let number = BoxedUint::from_be_slice_vartime(signature).resize(precision);
        if number >= *self.modulus.as_ref() {
            return false;
        }
        let params = BoxedMontyParams::new_vartime(self.modulus.clone());
        let power = BoxedMontyForm::new(number, &params)
            .pow_bounded_exp(&BoxedUint::from(self.exponent), u32::BITS - self.exponent.leading_zeros())
            .retrieve();
        power == BoxedUint::from_be_slice_vartime(&encoded).resize(precision)
    }
}

/// A positive INTEGER without its sign byte.
fn unsigned(tlv: Tlv<'_>) -> Result<&[u8], Reason> {
    match tlv.integer()? {
        [0x80..=0xff, ..] | [0] => Err(Reason::BadKey),
        [0, bytes @ ..] | bytes => Ok(bytes),
    }
}

/// EMSA-PKCS1-v1_5: 00 01 ff … ff 00, then the DigestInfo. None for a hash that signs nothing with RSA.
pub(crate) fn encoded(hash: Hash, digest: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let number: u8 = match hash {
        Hash::Sha256 => 1,
        Hash::Sha384 => 2,
        Hash::Sha512 => 3,
        Hash::Sha1 | Hash::Streebog512 | Hash::Gost94 => return None,
    };
    let length = u8::try_from(digest.len()).ok()?;
    let head =
        [0x30, 17 + length, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, number, 5, 0, 4, length];
    let padding = bytes.checked_sub(3 + head.len() + digest.len()).filter(|padding| *padding >= 8)?;
    Some([&[0, 1][..], &vec![0xff; padding], &[0], &head, digest].concat())
}
