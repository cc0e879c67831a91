//! Keys and signature algorithms, by the object identifiers and parameters of the state's certification authority.

use der::{Tag, asn1::ObjectIdentifier};

use super::{
    curve::{CRYPTOPRO_A, Curve, Point, TC26_512_A},
    hash::Hash,
    rsa,
};
use crate::{
    Reason, oid,
    tlv::{Tlv, Tlvs},
};

/// An AlgorithmIdentifier as it stands.
pub(crate) struct Algorithm<'a> {
    pub(crate) oid: ObjectIdentifier,
    parameters: Option<Tlv<'a>>,
}

impl<'a> Algorithm<'a> {
    pub(crate) fn read(tlv: Tlv<'a>) -> Result<Self, Reason> {
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let oid = parts.oid()?;
        let parameters = if parts.is_finished() { None } else { Some(parts.next()?) };
        parts.finish()?;
        Ok(Self { oid, parameters })
    }

    /// Absent or NULL.
    pub(crate) fn without_parameters(&self) -> Result<(), Reason> {
        match self.parameters {
            None => Ok(()),
            Some(Tlv { tag: Tag::Null, value: [], .. }) => Ok(()),
            Some(_) => Err(Reason::UnknownAlgorithm),
        }
    }

    /// A SEQUENCE of just these two.
    fn has_parameters(&self, first: ObjectIdentifier, second: ObjectIdentifier) -> Result<(), Reason> {
        let mut parts = self.parameters.ok_or(Reason::UnknownAlgorithm)?.is(Tag::Sequence)?.open()?;
        let both = (parts.oid()?, parts.oid()?);
        parts.finish()?;
        if both == (first, second) { Ok(()) } else { Err(Reason::UnknownAlgorithm) }
    }
}

/// A family of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// GOST 34.10-2015, 512 bits.
    Gost2015,
    /// GOST 34.310-2004, 256 bits.
    Gost2004,
    /// RSA, 2048 to 8192 bits.
    Rsa,
}

impl Family {
    /// As reports name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gost2015 => "gost-34.10-2015-512",
            Self::Gost2004 => "gost-34.310-2004",
            Self::Rsa => "rsa",
        }
    }
}

/// How a signature was made: which family of keys, which hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Scheme {
    pub(crate) family: Family,
    pub(crate) hash: Hash,
}

impl Scheme {
    pub(crate) const GOST_2015: Self = Self { family: Family::Gost2015, hash: Hash::Streebog512 };
    pub(crate) const GOST_2004: Self = Self { family: Family::Gost2004, hash: Hash::Gost94 };

    /// Of certificates, lists and OCSP answers.
    pub(crate) fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        let algorithm = Algorithm::read(tlv)?;
        let scheme = match algorithm.oid {
            oid::GOST_2015_SIGNATURE => Self::GOST_2015,
            oid::GOST_2004_SIGNATURE => Self::GOST_2004,
            oid::RSA_SHA256 => Self { family: Family::Rsa, hash: Hash::Sha256 },
            oid::RSA_SHA384 => Self { family: Family::Rsa, hash: Hash::Sha384 },
            oid::RSA_SHA512 => Self { family: Family::Rsa, hash: Hash::Sha512 },
            oid::RSA_SHA1 => return Err(Reason::WeakAlgorithm),
            _ => return Err(Reason::UnknownAlgorithm),
        };
        algorithm.without_parameters()?;
        Ok(scheme)
    }

    /// Of a signer of a message, where old software names the key's algorithm instead of the signature's.
    pub(crate) fn read_of_signer(tlv: Tlv<'_>, hash: Hash) -> Result<Self, Reason> {
        let algorithm = Algorithm::read(tlv)?;
        let scheme = match algorithm.oid {
            oid::GOST_2015_KEY => {
                algorithm
                    .without_parameters()
                    .or_else(|_| algorithm.has_parameters(oid::GOST_2015_PARAMETERS, oid::STREEBOG_512))?;
                Self::GOST_2015
            }
            oid::GOST_2004_KEY => {
                algorithm.without_parameters().or_else(|_| {
                    algorithm.has_parameters(oid::GOST_2004_PARAMETERS, oid::GOST_2004_HASH_PARAMETERS)
                })?;
                Self::GOST_2004
            }
            oid::RSA if hash == Hash::Sha1 => return Err(Reason::WeakAlgorithm),
            oid::RSA => {
                algorithm.without_parameters()?;
                Self { family: Family::Rsa, hash }
            }
            _ => Self::read(tlv)?,
        };
        if scheme.hash == hash { Ok(scheme) } else { Err(Reason::UnknownAlgorithm) }
    }
}

/// A public key that is known to be a key: a point on its curve, an RSA modulus of a believable size.
#[derive(Clone)]
pub(crate) struct PublicKey {
    numbers: Numbers,
    /// The content of the BIT STRING: what key identifiers are hashes of.
    pub(crate) bits: Vec<u8>,
}

#[derive(Clone)]
enum Numbers {
    Gost2015(Point<8>),
    Gost2004(Point<4>),
    Rsa(rsa::PublicKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    pub(crate) fn read(tlv: Tlv<'_>) -> Result<Self, Reason> {
        let mut parts = tlv.is(Tag::Sequence)?.open()?;
        let algorithm = Algorithm::read(parts.next()?)?;
        let bits = parts.next()?.bits()?;
        parts.finish()?;
        let numbers = match algorithm.oid {
            oid::GOST_2015_KEY => {
                algorithm.has_parameters(oid::GOST_2015_PARAMETERS, oid::STREEBOG_512)?;
                Numbers::Gost2015(point(&TC26_512_A, bits)?)
            }
            oid::GOST_2004_KEY => {
                algorithm.has_parameters(oid::GOST_2004_PARAMETERS, oid::GOST_2004_HASH_PARAMETERS)?;
                Numbers::Gost2004(point(&CRYPTOPRO_A, bits)?)
            }
            oid::RSA => {
                algorithm.without_parameters()?;
                Numbers::Rsa(rsa::PublicKey::read(bits)?)
            }
            _ => return Err(Reason::UnknownAlgorithm),
        };
        Ok(Self { numbers, bits: bits.to_vec() })
    }

    pub(crate) fn family(&self) -> Family {
        match self.numbers {
            Numbers::Gost2015(_) => Family::Gost2015,
            Numbers::Gost2004(_) => Family::Gost2004,
            Numbers::Rsa(_) => Family::Rsa,
        }
    }

    /// Whether `signature` is over `message`, hashed as the scheme says. A key of another family has signed nothing.
    pub(crate) fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        if scheme.family != self.family() {
            return false;
        }
        let digest = scheme.hash.digest(message);
        match &self.numbers {
            Numbers::Gost2015(point) => TC26_512_A.verify(point, &digest, signature),
            Numbers::Gost2004(point) => CRYPTOPRO_A.verify(point, &digest, signature),
            Numbers::Rsa(key) => key.verify(scheme.hash, &digest, signature),
        }
    }
}

/// The bits hold an OCTET STRING of x ‖ y, each little-endian.
fn point<const N: usize>(curve: &Curve<N>, bits: &[u8]) -> Result<Point<N>, Reason> {
    let mut tlvs = Tlvs::new(bits)?;
    let octets = tlvs.expect(Tag::OctetString)?;
    tlvs.finish()?;
    curve.point(octets.value).ok_or(Reason::BadKey)
}
