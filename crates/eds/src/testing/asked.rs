//! What is asked of an authority's services: the questions of RFC 6960 and RFC 3161, as far as [`crate::ask`] writes
//! them.

use ::der::Tag;

use crate::{
    Hash, Reason,
    certificate::hash,
    limits,
    tlv::{Tlv, context},
};

/// A question about one certificate.
pub(super) struct Status<'a> {
    /// The CertID as it was asked.
    pub(super) id: &'a [u8],
    pub(super) issuer_key: &'a [u8],
    pub(super) nonce: Option<&'a [u8]>,
}

pub(super) fn status(question: &[u8]) -> Result<Status<'_>, Reason> {
    let mut request = Tlv::whole(question, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?.sequence()?;
    let id = request.sequence()?.sequence()?.expect(Tag::Sequence)?;
    let mut parts = id.open()?;
    parts.next()?;
    parts.expect(Tag::OctetString)?;
    let issuer_key = parts.expect(Tag::OctetString)?.value;
    let nonce = match request.optional(context(2))? {
        Some(extensions) => {
            let mut extension = extensions.only(Tag::Sequence)?.open()?.sequence()?;
            extension.oid()?;
            Some(extension.expect(Tag::OctetString)?.only(Tag::OctetString)?.value)
        }
        None => None,
    };
    Ok(Status { id: id.raw, issuer_key, nonce })
}

/// The hash and the digest of which a stamp is wanted.
pub(super) fn imprint(question: &[u8]) -> Result<(Hash, Vec<u8>), Reason> {
    let mut parts = Tlv::whole(question, Tag::Sequence, limits::ANSWER_BYTES_MAX)?.open()?;
    parts.next()?;
    let mut imprint = parts.sequence()?;
    let (hash, digest) = (hash(imprint.next()?)?, imprint.expect(Tag::OctetString)?.value.to_vec());
    if digest.len() == hash.digest(&[]).len() { Ok((hash, digest)) } else { Err(Reason::Malformed) }
}
