//! A certification authority for tests: root, issuing authority, OCSP responder and time-stamping authority, with the
//! profile and the object identifiers of the state's. Its keys are computed from words; nothing of it is secret.
//!
//! ```
//! use eds::{Evidence, Expected, Family, Rules, SignedMessage, testing::{Authority, Profile, Says}, verify};
//!
//! let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
//! let authority = Authority::new(Family::Gost2015, "ours", now);
//! let client = authority.issue(&Profile::individual("880101300123"), "client");
//! let message = client.sign(b"agreement", true, now, Some(&authority));
//!
//! let trust = authority.trust();
//! let evidence = Evidence { answers: vec![authority.answer(&client.certificate, Says::Good, now, None)], ..Evidence::default() };
//! let rules = Rules { at: now, trust: &trust, evidence: &evidence, answer_age_max: eds::ANSWER_AGE_MAX, nonce: None };
//! let verdict = verify(&SignedMessage::read(&message).unwrap(), None, &rules);
//! assert!(verdict.signed_by(&Expected::Individual { iin: "880101300123" }).is_ok());
//! ```

mod asked;
mod der;
mod key;
mod message;
mod rsa_keys;

use ::der::asn1::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};

pub use key::Key;
pub use message::{message, signature};

use crate::{
    Certificate, Family, Hash, OcspAnswer, RevocationList, Trust,
    certificate::{CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN, NON_REPUDIATION},
    oid as id,
};
use der::{
    bits, boolean, explicit, flags, generalized_time, integer, null, octets, oid, sequence, set, tlv,
    utc_time,
};

/// A certification authority with its services.
pub struct Authority {
    root: Holder,
    issuing: Holder,
    responder: Holder,
    stamper: Holder,
    made: Timestamp,
}

/// Somebody with a key and a certificate.
pub struct Holder {
    /// The key.
    pub key: Key,
    /// The certificate.
    pub certificate: Certificate,
}

/// What a certificate is to say.
#[derive(Clone)]
pub struct Profile {
    /// Parts of the subject: type and text.
    pub subject: Vec<(ObjectIdentifier, String)>,
    /// The bits of key usage, bit 0 highest.
    pub key_usage: u16,
    /// Extended key usages.
    pub extended: Vec<ObjectIdentifier>,
    /// Whether the extended key usages are critical.
    pub extended_is_critical: bool,
    /// Whether it is an authority, and how many authorities may follow.
    pub authority: Option<Option<u8>>,
    /// How long it is valid from the authority's making.
    pub valid_for: SignedDuration,
    /// A critical extension that nobody understands.
    pub strange: bool,
}

/// What an answer is to say of a certificate.
#[derive(Clone, Copy)]
pub enum Says {
    /// Not revoked.
    Good,
    /// Revoked then.
    Revoked(Timestamp),
    /// On hold since then.
    OnHold(Timestamp),
    /// Not issued here, in the words of the state's responder: on hold since 1970.
    Unknown,
    /// Not issued here, in the words of RFC 6960.
    NotKnown,
}

impl Profile {
    /// A person's key for signing.
    #[must_use]
    pub fn individual(iin: &str) -> Self {
        Self {
            subject: vec![
                (id::COMMON_NAME, "ТЕСТОВ ТЕСТ".to_owned()),
                (id::SURNAME, "ТЕСТОВ".to_owned()),
                (id::SERIAL_NUMBER, format!("IIN{iin}")),
                (id::GIVEN_NAME, "ТЕСТОВИЧ".to_owned()),
            ],
            key_usage: DIGITAL_SIGNATURE | NON_REPUDIATION,
            extended: vec![id::EMAIL_PROTECTION, id::INDIVIDUAL],
            extended_is_critical: false,
            authority: None,
            valid_for: SignedDuration::from_hours(365 * 24),
            strange: false,
        }
    }

    /// The key of a legal entity's head.
    #[must_use]
    pub fn head(bin: &str, iin: &str) -> Self {
        Self::of_entity(bin, iin, &[id::HEAD])
    }

    /// The key of somebody with the right to sign for a legal entity.
    #[must_use]
    pub fn with_right_to_sign(bin: &str, iin: &str) -> Self {
        Self::of_entity(bin, iin, &[id::RIGHT_TO_SIGN])
    }

    /// An employee's key, which does not sign for the legal entity.
    #[must_use]
    pub fn employee(bin: &str, iin: &str) -> Self {
        Self::of_entity(bin, iin, &[id::EMPLOYEE])
    }

    /// A person's key for signing in and not for documents, as the state issued them until 2024.
    #[must_use]
    pub fn for_signing_in(iin: &str) -> Self {
        let client_authentication = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
        Self { extended: vec![client_authentication, id::INDIVIDUAL], ..Self::individual(iin) }
    }

    fn of_entity(bin: &str, iin: &str, roles: &[ObjectIdentifier]) -> Self {
        let mut profile = Self::individual(iin);
        profile.subject.push((id::ORGANIZATION, "ТОО \"ТЕСТ\"".to_owned()));
        profile.subject.push((id::ORGANIZATIONAL_UNIT, format!("BIN{bin}")));
        profile.extended = [&[id::EMAIL_PROTECTION, id::ENTITY], roles].concat();
        profile
    }

    fn service(name: &str) -> Self {
        Self {
            subject: vec![(id::COMMON_NAME, name.to_owned())],
            extended: Vec::new(),
            valid_for: SignedDuration::from_hours(10 * 365 * 24),
            ..Self::individual("")
        }
    }

    fn authority(name: &str) -> Self {
        let key_usage = KEY_CERT_SIGN | CRL_SIGN;
        Self { key_usage, authority: Some(None), ..Self::service(name) }
    }

    fn name(&self) -> Vec<u8> {
        let part = |(kind, text): &(ObjectIdentifier, String)| {
            set(&[sequence(&[oid(*kind), tlv(0x0c, text.as_bytes())])])
        };
        sequence(&self.subject.iter().map(part).collect::<Vec<_>>())
    }

    fn extensions(&self, own: &Key, issuer: &Key) -> Vec<u8> {
        let extension = |kind, critical, value: &[u8]| {
            let critical = if critical { boolean(true) } else { Vec::new() };
            sequence(&[oid(kind), critical, octets(value)])
        };
        let mut all = vec![
            extension(id::KEY_USAGE, true, &flags(self.key_usage)),
            extension(id::SUBJECT_KEY_ID, false, &octets(&key_id(own))),
            extension(id::AUTHORITY_KEY_ID, false, &sequence(&[tlv(0x80, &key_id(issuer))])),
        ];
        if !self.extended.is_empty() {
            let usages: Vec<_> = self.extended.iter().map(|usage| oid(*usage)).collect();
            all.push(extension(id::EXTENDED_KEY_USAGE, self.extended_is_critical, &sequence(&usages)));
        }
        if let Some(length) = self.authority {
            let length = length.map(|length| integer(&[length])).unwrap_or_default();
            all.push(extension(id::BASIC_CONSTRAINTS, true, &sequence(&[boolean(true), length])));
        }
        if self.strange {
            all.push(extension(ObjectIdentifier::new_unwrap("1.2.398.99"), true, &null()));
        }
        explicit(3, &sequence(&all))
    }

    /// With one more number of a person.
    #[must_use]
    pub fn with_iin(mut self, iin: &str) -> Self {
        self.subject.push((id::SERIAL_NUMBER, format!("IIN{iin}")));
        self
    }

    /// A certificate of this profile, valid from `made`.
    fn certificate(&self, own: &Key, issuer: &Key, issuer_name: &[u8], made: Timestamp) -> Certificate {
        Certificate::from_der(&self.write(own, issuer, issuer_name, made))
            .expect("what is written here can be read")
    }

    fn write(&self, own: &Key, issuer: &Key, issuer_name: &[u8], made: Timestamp) -> Vec<u8> {
        let body = sequence(&[
            explicit(0, &integer(&[2])),
            integer(&serial(own, &self.name())),
            issuer.algorithm(),
            issuer_name.to_vec(),
            sequence(&[utc_time(made), generalized_time(made + self.valid_for)]),
            self.name(),
            own.public(),
            self.extensions(own, issuer),
        ]);
        signed(body, issuer)
    }
}

impl Authority {
    /// An authority whose keys come from `word` and whose certificates begin a day before `made`.
    #[must_use]
    pub fn new(family: Family, word: &str, made: Timestamp) -> Self {
        let made = made - SignedDuration::from_hours(24);
        let key = |of: &str| Key::of(family, &format!("{word} {of}"));
        let (root_key, issuing_key) = (key("root"), key("issuing"));
        let root = Profile::authority(&format!("{word}: root"));
        let issuing = Profile::authority(&format!("{word}: issuing"));
        let issued = |profile: &Profile, key: Key| Holder {
            certificate: profile.certificate(&key, &issuing_key, &issuing.name(), made),
            key,
        };
        let mut responder = Profile::service("OCSP RESPONDER");
        responder.extended = vec![id::OCSP_SIGNING];
        let mut stamper = Profile::service("TIME-STAMPING AUTHORITY");
        stamper.extended = vec![id::TIME_STAMPING];
        stamper.extended_is_critical = true;
        Self {
            responder: issued(&responder, key("responder")),
            stamper: issued(&stamper, key("stamper")),
            root: Holder {
                certificate: root.certificate(&root_key, &root_key, &root.name(), made),
                key: root_key.clone(),
            },
            issuing: Holder {
                certificate: issuing.certificate(&issuing_key, &root_key, &root.name(), made),
                key: issuing_key.clone(),
            },
            made,
        }
    }

    /// The root's certificate.
    #[must_use]
    pub fn root(&self) -> &Certificate {
        &self.root.certificate
    }

    /// The issuing authority's certificate.
    #[must_use]
    pub fn issuing(&self) -> &Certificate {
        &self.issuing.certificate
    }

    /// Trust in the root, with the issuing authority known.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let (from, until) = self.root().validity();
        let list = [(self.root().fingerprint(), from, until)];
        Trust::listed(vec![self.root().clone(), self.issuing().clone()], &list).expect("two are not too many")
    }

    /// A certificate for the key of `word`.
    #[must_use]
    pub fn issue(&self, profile: &Profile, word: &str) -> Holder {
        let key = Key::of(self.issuing.key.family(), word);
        let issuer = &self.issuing;
        Holder {
            certificate: profile.certificate(&key, &issuer.key, &issuer.certificate.subject, self.made),
            key,
        }
    }

    /// The same as bytes: for profiles that nobody should accept.
    #[must_use]
    pub fn issue_der(&self, profile: &Profile, word: &str) -> Vec<u8> {
        let key = Key::of(self.issuing.key.family(), word);
        profile.write(&key, &self.issuing.key, &self.issuing.certificate.subject, self.made)
    }

    /// An OCSP answer as bytes.
    #[must_use]
    pub fn answer_bytes(&self, of: &Certificate, says: Says, at: Timestamp, nonce: Option<&[u8]>) -> Vec<u8> {
        let id = sequence(&[
            sequence(&[oid(id::SHA256), null()]),
            octets(&Hash::Sha256.digest(&self.issuing.certificate.subject)),
            octets(&Hash::Sha256.digest(&self.issuing.key.public_bits())),
            tlv(2, &of.serial.0),
        ]);
        self.answer_about(&id, says, at, nonce)
    }

    fn answer_about(&self, id: &[u8], says: Says, at: Timestamp, nonce: Option<&[u8]>) -> Vec<u8> {
        let revoked = |at, reason: &[u8]| explicit(1, &[generalized_time(at), reason.to_vec()].concat());
        let hold = explicit(0, &tlv(10, &[6]));
        let status = match says {
            Says::Good => tlv(0x80, &[]),
            Says::NotKnown => tlv(0x82, &[]),
            Says::Revoked(at) => revoked(at, &[]),
            Says::OnHold(at) => revoked(at, &hold),
            Says::Unknown => revoked(Timestamp::UNIX_EPOCH, &hold),
        };
        let nonce = nonce
            .map(|nonce| explicit(1, &sequence(&[sequence(&[oid(id::OCSP_NONCE), octets(&octets(nonce))])])));
        let body = sequence(&[
            explicit(1, &self.responder.certificate.subject),
            generalized_time(at),
            sequence(&[sequence(&[id.to_vec(), status, generalized_time(at)])]),
            nonce.unwrap_or_default(),
        ]);
        let key = &self.responder.key;
        let basic = sequence(&[
            body.clone(),
            key.algorithm(),
            bits(&key.sign(&body)),
            explicit(0, &sequence(&[self.responder.certificate.der().to_vec()])),
        ]);
        sequence(&[tlv(10, &[0]), explicit(0, &sequence(&[oid(id::OCSP_BASIC), octets(&basic)]))])
    }

    /// What its OCSP responder answers to a question as [`ocsp_question`](crate::ocsp_question) writes it, or `None` where
    /// it is none. Of another authority's certificates it says that it does not know them.
    #[must_use]
    pub fn answer_to(&self, question: &[u8], says: Says, at: Timestamp) -> Option<Vec<u8>> {
        asked::status(question).ok().map(|asked| {
            let ours = asked.issuer_key == Hash::Sha256.digest(&self.issuing.key.public_bits());
            let says = if ours { says } else { Says::Unknown };
            self.answer_about(asked.id, says, at, asked.nonce)
        })
    }

    /// An OCSP answer.
    #[must_use]
    pub fn answer(&self, of: &Certificate, says: Says, at: Timestamp, nonce: Option<&[u8]>) -> OcspAnswer {
        OcspAnswer::read(&self.answer_bytes(of, says, at, nonce)).expect("what is written here can be read")
    }

    /// A revocation list that ends a week later; with `base`, a delta to the full list of that number. Each entry has
    /// a certificate, a time and a reason (CRLReason; 0 for none given).
    #[must_use]
    pub fn list_bytes(
        &self,
        number: u8,
        base: Option<u8>,
        at: Timestamp,
        entries: &[(&Certificate, Timestamp, u8)],
    ) -> Vec<u8> {
        list(&self.issuing, number, base, at, entries)
    }

    /// The root's list with the issuing authority's certificate on it.
    #[must_use]
    pub fn list_against_issuing(&self, at: Timestamp) -> RevocationList {
        let bytes = list(&self.root, 1, None, at, &[(self.issuing(), at, 0)]);
        RevocationList::from_der(&bytes).expect("what is written here can be read")
    }

    /// A revocation list, as [`Authority::list_bytes`] writes it.
    #[must_use]
    pub fn list(
        &self,
        number: u8,
        base: Option<u8>,
        at: Timestamp,
        entries: &[(&Certificate, Timestamp, u8)],
    ) -> RevocationList {
        RevocationList::from_der(&self.list_bytes(number, base, at, entries))
            .expect("what is written here can be read")
    }

    /// A time-stamp token of these bytes.
    #[must_use]
    pub fn time_stamp(&self, of: &[u8], at: Timestamp) -> Vec<u8> {
        self.stamper.time_stamp(of, at)
    }

    /// What its time-stamping authority answers to a question as
    /// [`time_stamp_question`](crate::time_stamp_question) writes it, or `None` where it is none.
    #[must_use]
    pub fn stamp_for(&self, question: &[u8], at: Timestamp) -> Option<Vec<u8>> {
        let (hash, digest) = asked::imprint(question).ok()?;
        let token = self.stamper.stamp_digest(hash, &digest, at);
        Some(sequence(&[sequence(&[integer(&[])]), token]))
    }

    /// The answer of a time-stamping authority with that token.
    #[must_use]
    pub fn time_stamp_response(&self, of: &[u8], at: Timestamp) -> Vec<u8> {
        sequence(&[sequence(&[integer(&[])]), self.time_stamp(of, at)])
    }
}

impl Holder {
    /// A time-stamp token of these bytes, whether or not the holder may make such.
    #[must_use]
    pub fn time_stamp(&self, of: &[u8], at: Timestamp) -> Vec<u8> {
        let hash = self.key.scheme().hash;
        self.stamp_digest(hash, &hash.digest(of), at)
    }

    fn stamp_digest(&self, hash: Hash, digest: &[u8], at: Timestamp) -> Vec<u8> {
        let info = sequence(&[
            integer(&[1]),
            oid(ObjectIdentifier::new_unwrap("1.2.398.3.3.2.6.4")),
            sequence(&[sequence(&[oid(hash.oid()), null()]), octets(digest)]),
            integer(&digest[..8]),
            generalized_time(at),
        ]);
        let signer = signature(self, id::TIME_STAMP_INFO, &info, at, &[]);
        message(&[&self.certificate], &[signer], id::TIME_STAMP_INFO, Some(&info))
    }

    /// A signed message with the content within (`attached`) or beside it, stamped by an authority if one is given.
    #[must_use]
    pub fn sign(
        &self,
        content: &[u8],
        attached: bool,
        at: Timestamp,
        stamped_by: Option<&Authority>,
    ) -> Vec<u8> {
        sign_together(&[self], content, attached, at, stamped_by)
    }
}

/// A message that several have signed.
#[must_use]
pub fn sign_together(
    holders: &[&Holder],
    content: &[u8],
    attached: bool,
    at: Timestamp,
    stamped_by: Option<&Authority>,
) -> Vec<u8> {
    let signers: Vec<_> = holders
        .iter()
        .map(|holder| {
            let stamp = |value: &[u8]| stamped_by.map(|authority| authority.time_stamp(value, at));
            let bare = signature(holder, id::DATA, content, at, &[]);
            match stamp(&bare.value) {
                Some(stamp) => signature(holder, id::DATA, content, at, &[stamp]),
                None => bare,
            }
        })
        .collect();
    let certificates: Vec<_> = holders.iter().map(|holder| &holder.certificate).collect();
    message(&certificates, &signers, id::DATA, attached.then_some(content))
}

/// A revocation list or a delta.
fn list(
    issuer: &Holder,
    number: u8,
    base: Option<u8>,
    at: Timestamp,
    entries: &[(&Certificate, Timestamp, u8)],
) -> Vec<u8> {
    let key = &issuer.key;
    let extension = |kind, critical, value: &[u8]| {
        let critical = if critical { boolean(true) } else { Vec::new() };
        sequence(&[oid(kind), critical, octets(value)])
    };
    let entry = |(certificate, at, reason): &(&Certificate, Timestamp, u8)| {
        let reason = match reason {
            0 => Vec::new(),
            reason => sequence(&[extension(id::CRL_REASON, false, &tlv(10, &[*reason]))]),
        };
        sequence(&[tlv(2, &certificate.serial.0), utc_time(*at), reason])
    };
    let entries = match entries {
        [] => Vec::new(),
        some => sequence(&some.iter().map(entry).collect::<Vec<_>>()),
    };
    let mut extensions = vec![
        extension(id::CRL_NUMBER, false, &integer(&[number])),
        extension(id::AUTHORITY_KEY_ID, false, &sequence(&[tlv(0x80, &key_id(key))])),
    ];
    extensions.extend(base.map(|base| extension(id::DELTA_CRL, true, &integer(&[base]))));
    let body = sequence(&[
        integer(&[1]),
        key.algorithm(),
        issuer.certificate.subject.clone(),
        utc_time(at),
        utc_time(at + SignedDuration::from_hours(7 * 24)),
        entries,
        explicit(0, &sequence(&extensions)),
    ]);
    signed(body, key)
}

/// SHA-1 of the public key, as the state's authority makes key identifiers.
fn key_id(key: &Key) -> Vec<u8> {
    Hash::Sha1.digest(&key.public_bits())
}

/// A positive number of twenty bytes, another one for each key and name.
fn serial(key: &Key, name: &[u8]) -> Vec<u8> {
    let mut serial = Hash::Sha1.digest(&[&key.public_bits(), name].concat());
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

fn signed(body: Vec<u8>, key: &Key) -> Vec<u8> {
    let signature = bits(&key.sign(&body));
    sequence(&[body, key.algorithm(), signature])
}
