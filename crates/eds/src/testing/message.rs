//! Signed messages.

use ::der::asn1::ObjectIdentifier;
use jiff::Timestamp;

use super::{
    Holder,
    der::{explicit, integer, null, octets, oid, sequence, set, tlv, utc_time},
};
use crate::{Certificate, Hash, oid as id};

/// One SignerInfo.
pub struct Signature {
    /// The signature's value: what a time-stamp is of.
    pub value: Vec<u8>,
    digest_algorithm: Vec<u8>,
    info: Vec<u8>,
}

/// Signs the content with the attributes of CAdES-BES, and of CAdES-T where there are stamps.
#[must_use]
pub fn signature(
    holder: &Holder,
    content_type: ObjectIdentifier,
    content: &[u8],
    at: Timestamp,
    stamps: &[Vec<u8>],
) -> Signature {
    let hash = holder.key.scheme().hash;
    let attribute = |kind, value: Vec<u8>| sequence(&[oid(kind), set(&[value])]);
    let reference =
        sequence(&[sequence(&[sequence(&[octets(&Hash::Sha256.digest(holder.certificate.der()))])])]);
    let attributes = set(&[
        attribute(id::CONTENT_TYPE, oid(content_type)),
        attribute(id::SIGNING_TIME, utc_time(at)),
        attribute(id::MESSAGE_DIGEST, octets(&hash.digest(content))),
        attribute(id::SIGNING_CERTIFICATE_V2, reference),
    ]);
    let value = holder.key.sign(&attributes);
    let unsigned = match stamps {
        [] => Vec::new(),
        stamps => explicit(1, &sequence(&[oid(id::TIME_STAMP_TOKEN), set(stamps)])),
    };
    let digest_algorithm = sequence(&[oid(hash.oid()), null()]);
    let info = sequence(&[
        integer(&[1]),
        sequence(&[holder.certificate.issuer.clone(), tlv(2, &holder.certificate.serial.0)]),
        digest_algorithm.clone(),
        [&[0xa0], &attributes[1..]].concat(),
        holder.key.algorithm(),
        octets(&value),
        unsigned,
    ]);
    Signature { value, digest_algorithm, info }
}

/// A ContentInfo with SignedData.
#[must_use]
pub fn message(
    certificates: &[&Certificate],
    signatures: &[Signature],
    content_type: ObjectIdentifier,
    content: Option<&[u8]>,
) -> Vec<u8> {
    let version = if content_type == id::DATA { 1 } else { 3 };
    let mut digests: Vec<_> = signatures.iter().map(|signature| signature.digest_algorithm.clone()).collect();
    digests.dedup();
    let mut certificates: Vec<_> =
        certificates.iter().map(|certificate| certificate.der().to_vec()).collect();
    certificates.sort();
    let content = content.map(|content| explicit(0, &octets(content)));
    let infos: Vec<_> = signatures.iter().map(|signature| signature.info.clone()).collect();
    let data = sequence(&[
        integer(&[version]),
        set(&digests),
        sequence(&[oid(content_type), content.unwrap_or_default()]),
        explicit(0, &certificates.concat()),
        set(&infos),
    ]);
    sequence(&[oid(id::SIGNED_DATA), explicit(0, &data)])
}
