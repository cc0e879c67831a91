//! The questions whose answers are verified here, as bytes to be sent by HTTP POST.

use crate::{
    Certificate, Hash, oid as id,
    write::{boolean, explicit, integer, null, octets, oid, sequence, tlv},
};

/// Asks an OCSP responder about a certificate (RFC 6960; `application/ocsp-request`). The nonce is random, 8 to 32 bytes, new
/// for each question, and belongs into [`Rules::nonce`](crate::Rules::nonce) when the answer is judged.
#[must_use]
pub fn ocsp_question(certificate: &Certificate, issuer: &Certificate, nonce: &[u8]) -> Vec<u8> {
    let id = sequence(&[
        hash(Hash::Sha256),
        octets(&Hash::Sha256.digest(&issuer.subject)),
        octets(&Hash::Sha256.digest(&issuer.key.bits)),
        tlv(2, &certificate.serial.0),
    ]);
    let nonce = sequence(&[oid(id::OCSP_NONCE), octets(&octets(nonce))]);
    sequence(&[sequence(&[sequence(&[sequence(&[id])]), explicit(2, &sequence(&[nonce]))])])
}

/// Asks a time-stamping authority for a stamp of these bytes with its certificate (RFC 3161;
/// `application/timestamp-query`). The hash is Streebog for the state's GOST policy; SHA-256 for RSA.
#[must_use]
pub fn time_stamp_question(of: &[u8], with: Hash, nonce: &[u8]) -> Vec<u8> {
    let imprint = sequence(&[hash(with), octets(&with.digest(of))]);
    sequence(&[integer(&[1]), imprint, integer(nonce), boolean(true)])
}

fn hash(hash: Hash) -> Vec<u8> {
    sequence(&[oid(hash.oid()), null()])
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::{
        Family,
        testing::{Authority, Profile},
        tlv::Tlv,
    };
    use der::Tag;

    #[test]
    fn a_question_names_the_certificate_as_its_answer_does() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let authority = Authority::new(Family::Gost2015, "ours", now);
        let client = authority.issue(&Profile::individual("880101300123"), "client");
        let question = ocsp_question(&client.certificate, authority.issuing(), &[7; 16]);
        let mut parts = Tlv::whole(&question, Tag::Sequence, 1000).unwrap().open().unwrap();
        let mut request = parts.sequence().unwrap();
        let id = request.sequence().unwrap().sequence().unwrap().next().unwrap().raw;
        let answer =
            authority.answer_bytes(&client.certificate, crate::testing::Says::Good, now, Some(&[7; 16]));
        assert!(answer.windows(id.len()).any(|window| window == id));
        assert!(question.windows(16).any(|window| window == [7; 16]));
        assert_eq!(authority.answer_to(&question, crate::testing::Says::Good, now), Some(answer));
        let stamp = time_stamp_question(b"signature", Hash::Streebog512, &[1; 8]);
        assert!(stamp.windows(64).any(|window| window == Hash::Streebog512.digest(b"signature")));
        assert_eq!(authority.stamp_for(&stamp, now), Some(authority.time_stamp_response(b"signature", now)));
    }
}
