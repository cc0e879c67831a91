//! Object identifiers: the state's own (arc 1.2.398) and the standards'.

use der::asn1::ObjectIdentifier as Oid;

const fn oid(text: &str) -> Oid {
    Oid::new_unwrap(text)
}

pub(crate) const GOST_2015_KEY: Oid = oid("1.2.398.3.10.1.1.2.2");
pub(crate) const GOST_2015_PARAMETERS: Oid = oid("1.2.398.3.10.1.1.2.2.1");
pub(crate) const GOST_2015_SIGNATURE: Oid = oid("1.2.398.3.10.1.1.2.3.2");
pub(crate) const STREEBOG_512: Oid = oid("1.2.398.3.10.1.3.3");
pub(crate) const GOST_2004_KEY: Oid = oid("1.2.398.3.10.1.1.1.1");
pub(crate) const GOST_2004_PARAMETERS: Oid = oid("1.2.398.3.10.1.1.1.1.1");
pub(crate) const GOST_2004_HASH_PARAMETERS: Oid = oid("1.2.398.3.10.1.3.1.1.0");
pub(crate) const GOST_2004_SIGNATURE: Oid = oid("1.2.398.3.10.1.1.1.2");
pub(crate) const GOST_94: Oid = oid("1.2.398.3.10.1.3.1");

pub(crate) const RSA: Oid = oid("1.2.840.113549.1.1.1");
pub(crate) const RSA_SHA1: Oid = oid("1.2.840.113549.1.1.5");
pub(crate) const RSA_SHA256: Oid = oid("1.2.840.113549.1.1.11");
pub(crate) const RSA_SHA384: Oid = oid("1.2.840.113549.1.1.12");
pub(crate) const RSA_SHA512: Oid = oid("1.2.840.113549.1.1.13");
pub(crate) const SHA1: Oid = oid("1.3.14.3.2.26");
pub(crate) const SHA256: Oid = oid("2.16.840.1.101.3.4.2.1");
pub(crate) const SHA384: Oid = oid("2.16.840.1.101.3.4.2.2");
pub(crate) const SHA512: Oid = oid("2.16.840.1.101.3.4.2.3");

pub(crate) const COMMON_NAME: Oid = oid("2.5.4.3");
pub(crate) const SURNAME: Oid = oid("2.5.4.4");
pub(crate) const SERIAL_NUMBER: Oid = oid("2.5.4.5");
pub(crate) const ORGANIZATION: Oid = oid("2.5.4.10");
pub(crate) const ORGANIZATIONAL_UNIT: Oid = oid("2.5.4.11");
pub(crate) const GIVEN_NAME: Oid = oid("2.5.4.42");

pub(crate) const SUBJECT_KEY_ID: Oid = oid("2.5.29.14");
pub(crate) const KEY_USAGE: Oid = oid("2.5.29.15");
pub(crate) const BASIC_CONSTRAINTS: Oid = oid("2.5.29.19");
pub(crate) const CRL_NUMBER: Oid = oid("2.5.29.20");
pub(crate) const CRL_REASON: Oid = oid("2.5.29.21");
pub(crate) const DELTA_CRL: Oid = oid("2.5.29.27");
pub(crate) const CERTIFICATE_POLICIES: Oid = oid("2.5.29.32");
pub(crate) const AUTHORITY_KEY_ID: Oid = oid("2.5.29.35");
pub(crate) const EXTENDED_KEY_USAGE: Oid = oid("2.5.29.37");

pub(crate) const EMAIL_PROTECTION: Oid = oid("1.3.6.1.5.5.7.3.4");
pub(crate) const TIME_STAMPING: Oid = oid("1.3.6.1.5.5.7.3.8");
pub(crate) const OCSP_SIGNING: Oid = oid("1.3.6.1.5.5.7.3.9");
pub(crate) const INDIVIDUAL: Oid = oid("1.2.398.3.3.4.1.1");
pub(crate) const ENTITY: Oid = oid("1.2.398.3.3.4.1.2");
pub(crate) const HEAD: Oid = oid("1.2.398.3.3.4.1.2.1");
pub(crate) const RIGHT_TO_SIGN: Oid = oid("1.2.398.3.3.4.1.2.2");
pub(crate) const FINANCIAL_SIGNATURE: Oid = oid("1.2.398.3.3.4.1.2.3");
pub(crate) const PERSONNEL: Oid = oid("1.2.398.3.3.4.1.2.4");
pub(crate) const EMPLOYEE: Oid = oid("1.2.398.3.3.4.1.2.5");
pub(crate) const ENTITY_SYSTEM: Oid = oid("1.2.398.3.3.4.1.2.6");
pub(crate) const INDIVIDUAL_SYSTEM: Oid = oid("1.2.398.3.3.4.1.1.1");

pub(crate) const DATA: Oid = oid("1.2.840.113549.1.7.1");
pub(crate) const SIGNED_DATA: Oid = oid("1.2.840.113549.1.7.2");
pub(crate) const CONTENT_TYPE: Oid = oid("1.2.840.113549.1.9.3");
pub(crate) const MESSAGE_DIGEST: Oid = oid("1.2.840.113549.1.9.4");
pub(crate) const SIGNING_TIME: Oid = oid("1.2.840.113549.1.9.5");
pub(crate) const SIGNING_CERTIFICATE: Oid = oid("1.2.840.113549.1.9.16.2.12");
pub(crate) const SIGNING_CERTIFICATE_V2: Oid = oid("1.2.840.113549.1.9.16.2.47");
pub(crate) const TIME_STAMP_TOKEN: Oid = oid("1.2.840.113549.1.9.16.2.14");
pub(crate) const TIME_STAMP_INFO: Oid = oid("1.2.840.113549.1.9.16.1.4");

pub(crate) const OCSP_BASIC: Oid = oid("1.3.6.1.5.5.7.48.1.1");
pub(crate) const OCSP_NONCE: Oid = oid("1.3.6.1.5.5.7.48.1.2");
