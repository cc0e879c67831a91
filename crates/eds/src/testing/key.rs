//! Keys that are computed from a word, so that the same test makes the same bytes.

use crypto_bigint::{
    BoxedUint, Odd, Uint,
    modular::{BoxedMontyForm, BoxedMontyParams},
};

use super::{
    der::{bits, integer, null, octets, oid, sequence},
    rsa_keys,
};
use crate::{
    crypto::{
        algorithm::{Family, Scheme},
        curve::{CRYPTOPRO_A, TC26_512_A},
        hash::Hash,
        rsa,
    },
    oid as id,
};

/// A private key. Anybody can compute it: it protects nothing.
#[derive(Clone)]
pub struct Key(Private);

#[derive(Clone)]
enum Private {
    Gost2015(Uint<8>),
    Gost2004(Uint<4>),
    Rsa(&'static (&'static str, &'static str)),
}

impl Key {
    /// The key of a word. Of RSA keys there are four: words share them.
    #[must_use]
    pub fn of(family: Family, word: &str) -> Self {
        let seed = Hash::Streebog512.digest(word.as_bytes());
        Self(match family {
            Family::Gost2015 => Private::Gost2015(TC26_512_A.private(&seed)),
            Family::Gost2004 => Private::Gost2004(CRYPTOPRO_A.private(&seed[..32])),
            Family::Rsa => Private::Rsa(&rsa_keys::KEYS[usize::from(seed[0]) % rsa_keys::KEYS.len()]),
        })
    }

    /// Its family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self.0 {
            Private::Gost2015(_) => Family::Gost2015,
            Private::Gost2004(_) => Family::Gost2004,
            Private::Rsa(_) => Family::Rsa,
        }
    }

    pub(super) fn scheme(&self) -> Scheme {
        match self.family() {
            Family::Gost2015 => Scheme::GOST_2015,
            Family::Gost2004 => Scheme::GOST_2004,
            Family::Rsa => Scheme { family: Family::Rsa, hash: Hash::Sha256 },
        }
    }

    /// The AlgorithmIdentifier of its signatures.
    pub(super) fn algorithm(&self) -> Vec<u8> {
        let signature = match self.family() {
            Family::Gost2015 => id::GOST_2015_SIGNATURE,
            Family::Gost2004 => id::GOST_2004_SIGNATURE,
            Family::Rsa => id::RSA_SHA256,
        };
        sequence(&[oid(signature), null()])
    }

    /// The content of the BIT STRING of its public key.
    pub(super) fn public_bits(&self) -> Vec<u8> {
        match &self.0 {
            Private::Gost2015(private) => octets(&TC26_512_A.public(private)),
            Private::Gost2004(private) => octets(&CRYPTOPRO_A.public(private)),
            Private::Rsa((modulus, _)) => {
                sequence(&[integer(&number(modulus).to_be_bytes()), integer(&[1, 0, 1])])
            }
        }
    }

    /// x ‖ y of a GOST key, little-endian; nothing of an RSA key.
    #[must_use]
    pub fn public_point(&self) -> Vec<u8> {
        match &self.0 {
            Private::Gost2015(private) => TC26_512_A.public(private),
            Private::Gost2004(private) => CRYPTOPRO_A.public(private),
            Private::Rsa(_) => Vec::new(),
        }
    }

    /// The SubjectPublicKeyInfo.
    pub(super) fn public(&self) -> Vec<u8> {
        let (key, parameters) = match self.family() {
            Family::Gost2015 => {
                (id::GOST_2015_KEY, sequence(&[oid(id::GOST_2015_PARAMETERS), oid(id::STREEBOG_512)]))
            }
            Family::Gost2004 => {
                let parameters = [oid(id::GOST_2004_PARAMETERS), oid(id::GOST_2004_HASH_PARAMETERS)];
                (id::GOST_2004_KEY, sequence(&parameters))
            }
            Family::Rsa => (id::RSA, null()),
        };
        sequence(&[sequence(&[oid(key), parameters]), bits(&self.public_bits())])
    }

    /// A signature over the message. The same message gives the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let digest = self.scheme().hash.digest(message);
        let nonce = |private: &[u64]| {
            let private: Vec<u8> = private.iter().flat_map(|word| word.to_le_bytes()).collect();
            Hash::Streebog512.digest(&[&private, &digest[..]].concat())
        };
        match &self.0 {
            Private::Gost2015(private) => TC26_512_A.sign(private, &digest, &nonce(private.as_words())),
            Private::Gost2004(private) => {
                CRYPTOPRO_A.sign(private, &digest, &nonce(private.as_words())[..32])
            }
            Private::Rsa((modulus, exponent)) => {
                let modulus = Odd::new(number(modulus)).into_option().expect("a product of odd primes");
                let params = BoxedMontyParams::new_vartime(modulus);
                let padded = rsa::encoded(Hash::Sha256, &digest, 256).expect("256 bytes hold a SHA-256");
                let padded = BoxedUint::from_be_slice_vartime(&padded);
                BoxedMontyForm::new(padded, &params).pow(&number(exponent)).retrieve().to_be_bytes().to_vec()
            }
        }
    }
}

fn number(hex: &str) -> BoxedUint {
    BoxedUint::from_be_hex(hex, 2048).into_option().expect("512 hexadecimal digits")
}
