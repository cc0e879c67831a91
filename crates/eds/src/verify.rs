//! Whether a signed message holds, for whom, and since when.

use der::asn1::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Certificate, Evidence, Fingerprint, Hash, NotRevoked, Reason, RevocationList, Role, SignedMessage,
    Subject,
    message::SignerInfo,
    revocation::{Question, says_nothing},
    trust::{Trust, check_links},
};

/// How far the clocks of authorities may be ahead of the given instant.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How old an OCSP answer may be at the time of signing unless rules say otherwise.
pub const ANSWER_AGE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// By what a message is judged.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The instant of the judgement: nothing may be later, and a signature without a time-stamp counts as made then.
    pub at: Timestamp,
    /// Anchors and issuers.
    pub trust: &'a Trust,
    /// Answers and lists about revocation. A signer of whom nothing is said is refused.
    pub evidence: &'a Evidence,
    /// How much older than the signature an OCSP answer may be. An answer from after it is as good or better.
    pub answer_age_max: SignedDuration,
    /// The nonce of our OCSP question, where we asked one: answers without it are replays.
    pub nonce: Option<&'a [u8]>,
}

/// What became of a message.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Verdict {
    /// Against the message as a whole.
    pub reasons: Vec<Reason>,
    /// Each signature.
    pub signers: Vec<Signer>,
}

/// What became of one signature.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Signer {
    /// Everything against it; empty if it holds.
    pub reasons: Vec<Reason>,
    /// Serial number of the certificate (or its key identifier), in hexadecimal.
    pub serial: String,
    /// Whom the certificate names, if it is there.
    pub subject: Option<Subject>,
    /// The roles the certificate gives.
    pub roles: Vec<Role>,
    /// The family of the key.
    pub algorithm: &'static str,
    /// When the signer says it signed. Proves nothing.
    pub claimed_time: Option<Timestamp>,
    /// The earliest time-stamp that holds.
    pub time_stamp: Option<Timestamp>,
    /// The time the signature was judged for: of the time-stamp, else the instant of the judgement.
    pub time: Timestamp,
    /// SHA-256 of the certificates from the signer's to the anchor's.
    pub chain: Vec<Fingerprint>,
    /// What showed that the certificate was not revoked.
    pub not_revoked: Option<NotRevoked>,
}

/// Who is expected to have signed.
#[derive(Clone, Copy)]
pub enum Expected<'a> {
    /// A person in their own name.
    Individual {
        /// Twelve digits.
        iin: &'a str,
    },
    /// The head of a legal entity, or somebody with the right to sign for it.
    Entity {
        /// Twelve digits.
        bin: &'a str,
        /// Twelve digits of the person, where a certain one is expected.
        iin: Option<&'a str>,
    },
}

/// Judges a message. `content` is the document beside it; a message may have it within as well, and then both must be
/// the same.
#[must_use]
pub fn verify(message: &SignedMessage, content: Option<&[u8]>, rules: &Rules<'_>) -> Verdict {
    let mut reasons = Vec::new();
    if message.signers.is_empty() {
        reasons.push(Reason::NoSigner);
    }
    let content = match (message.content(), content) {
        (Some(within), Some(beside)) if within != beside => Err(Reason::ContentDiffers),
        (None, None) => Err(Reason::ContentMissing),
        (Some(content), _) | (None, Some(content)) => Ok(content),
    };
    // Once for each hash, however many have signed: a document may be large.
    let mut digests: Vec<(Hash, Vec<u8>)> = Vec::new();
    for hash in message.signers.iter().map(|signer| signer.scheme.hash) {
        if let Ok(content) = content
            && digests.iter().all(|(known, _)| *known != hash)
        {
            digests.push((hash, hash.digest(content)));
        }
    }
    let mut used = Vec::new();
    let signers = message
        .signers
        .iter()
        .map(|signer| {
            let mut judged = Judged::new(message, signer, rules);
            let digest = digests.iter().find(|(hash, _)| *hash == signer.scheme.hash);
            judged.judge(message, signer, digest.map(|(_, digest)| digest.as_slice()), rules);
            used.append(&mut judged.used);
            judged.signer
        })
        .collect();
    reasons.extend(content.err());
    reasons.extend(rules.trust.strays(&message.certificates, &used, rules.at).err());
    for list in &message.lists {
        // Lists sent along are believed only as far as an issuer in some chain signed them.
        if !used.iter().any(|issuer| list.verify(issuer).is_ok()) {
            reasons.push(Reason::RevocationSignature);
        }
    }
    Verdict { reasons, signers }
}

impl Verdict {
    /// Whether the message and every signature on it hold.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn holds(&self) -> Result<(), Reason> {
        let mut reasons = self.reasons.iter().chain(self.signers.iter().flat_map(|signer| &signer.reasons));
        match reasons.next() {
            Some(reason) => Err(*reason),
            None if self.signers.is_empty() => Err(Reason::NoSigner),
            None => Ok(()),
        }
    }

    /// The signature of whom we expect, on a message that holds.
    ///
    /// # Errors
    /// The first reason against the message; else why nobody who signed is who was expected.
    pub fn signed_by(&self, expected: &Expected<'_>) -> Result<&Signer, Reason> {
        self.holds()?;
        let mut why = Reason::NoSigner;
        for signer in &self.signers {
            match signer.is(expected) {
                Ok(()) => return Ok(signer),
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }
}

impl Signer {
    /// Whether it is who we expect, by the numbers in the subject and the roles of the certificate.
    ///
    /// # Errors
    /// [`Reason::AnotherPerson`], [`Reason::AnotherOrganization`], [`Reason::RoleMissing`].
    pub fn is(&self, expected: &Expected<'_>) -> Result<(), Reason> {
        let named = self.subject.as_ref().ok_or(Reason::SignerCertificateMissing)?;
        let has = |role| self.roles.contains(&role);
        let (iin, has_role) = match expected {
            Expected::Individual { iin } => {
                (Some(*iin), has(Role::Individual) && !has(Role::IndividualSystem))
            }
            Expected::Entity { bin, iin } => {
                if named.bin.as_deref() != Some(*bin) {
                    return Err(Reason::AnotherOrganization);
                }
                (*iin, has(Role::Entity) && (has(Role::Head) || has(Role::RightToSign)))
            }
        };
        match iin {
            Some(_) if named.iin.as_deref() != iin => Err(Reason::AnotherPerson),
            _ if !has_role => Err(Reason::RoleMissing),
            _ => Ok(()),
        }
    }
}

impl SignerInfo {
    /// The cryptographic half: the signature is the certificate's, over these attributes, and they are of the content
    /// with this digest and of this certificate.
    pub(crate) fn check(
        &self,
        certificate: &Certificate,
        content_type: ObjectIdentifier,
        digest: &[u8],
    ) -> Result<(), Reason> {
        if self.attributes.content_type != content_type {
            return Err(Reason::ContentTypeDiffers);
        }
        if self.attributes.digest != digest {
            return Err(Reason::DigestDiffers);
        }
        if self.attributes.certificate.iter().any(|(hash, digest)| hash.digest(certificate.der()) != *digest)
        {
            return Err(Reason::CertificateReference);
        }
        if certificate.key.verify(self.scheme, &self.attributes.signed, &self.signature) {
            Ok(())
        } else {
            Err(Reason::SignatureWrong)
        }
    }
}

/// A signature under judgement.
struct Judged<'a> {
    signer: Signer,
    certificate: Result<&'a Certificate, Reason>,
    /// The certificates its chain is made of.
    used: Vec<&'a Certificate>,
}

impl<'a> Judged<'a> {
    fn new(message: &'a SignedMessage, info: &SignerInfo, rules: &Rules<'_>) -> Self {
        let certificate = message.certificate_of(&info.id);
        let known = certificate.ok();
        let signer = Signer {
            reasons: Vec::new(),
            serial: info.id.hex(),
            subject: known.map(|certificate| certificate.subject().clone()),
            roles: known.map(Certificate::roles).unwrap_or_default(),
            algorithm: info.scheme.family.name(),
            claimed_time: info.attributes.time,
            time_stamp: None,
            time: rules.at,
            chain: Vec::new(),
            not_revoked: None,
        };
        Self { signer, certificate, used: Vec::new() }
    }

    /// Goes on after a reason is found, so that all of them are told.
    fn judge(
        &mut self,
        message: &'a SignedMessage,
        info: &'a SignerInfo,
        digest: Option<&[u8]>,
        rules: &Rules<'a>,
    ) {
        self.read_clock(info, &message.lists, rules);
        let certificate = match self.certificate {
            Ok(certificate) => certificate,
            Err(reason) => return self.signer.reasons.push(reason),
        };
        self.used.push(certificate);
        // Content that is missing or ambiguous is said once, of the message.
        if let Some(digest) = digest {
            self.note(info.check(certificate, message.content_type, digest));
        }
        self.note(certificate.check_signing());
        match rules.trust.path(certificate, &message.certificates, self.signer.time) {
            Ok(chain) => {
                self.note(check_links(&chain, self.signer.time));
                self.signer.chain = chain.iter().map(|link| link.fingerprint()).collect();
                self.look_for_revocation(&chain, &message.lists, rules);
                self.used.extend(chain);
            }
            Err(reason) => self.signer.reasons.push(reason),
        }
    }

    fn note(&mut self, outcome: Result<(), Reason>) {
        self.signer.reasons.extend(outcome.err());
    }

    /// The time of signing: of the earliest time-stamp, in the message or beside it. One that does not hold is not
    /// passed over.
    fn read_clock(&mut self, info: &'a SignerInfo, lists: &'a [RevocationList], rules: &Rules<'a>) {
        let beside = rules.evidence.stamps.iter().filter(|stamp| stamp.is_of(&info.signature).is_ok());
        for stamp in info.time_stamps.iter().chain(beside) {
            let verified = stamp.is_of(&info.signature).and_then(|()| stamp.verify(rules.trust, rules.at));
            let sound = verified.and_then(|chain| authorities_stand(&chain, stamp.time(), lists, rules));
            match sound {
                Ok(()) => {
                    let earlier = self.signer.time_stamp.is_none_or(|known| stamp.time() < known);
                    self.signer.time_stamp =
                        if earlier { Some(stamp.time()) } else { self.signer.time_stamp };
                }
                Err(reason) => self.signer.reasons.push(reason),
            }
        }
        self.signer.time = self.signer.time_stamp.unwrap_or(rules.at);
    }

    fn look_for_revocation(
        &mut self,
        chain: &[&'a Certificate],
        lists: &'a [RevocationList],
        rules: &Rules<'a>,
    ) {
        let [certificate, authorities @ ..] = chain else { return };
        let time = self.signer.time;
        // A signer that is an anchor itself has no issuer to say that it was not revoked.
        let checked = authorities
            .first()
            .ok_or(Reason::RevocationMissing)
            .and_then(|issuer| rules.evidence.check(Question { certificate, issuer, time }, lists, rules));
        match checked {
            Ok(shown) => self.signer.not_revoked = Some(shown),
            Err(reason) => self.signer.reasons.push(reason),
        }
        self.note(authorities_stand(authorities, time, lists, rules));
    }
}

/// Nothing at hand says that a certificate of this chain was revoked. Authorities need no evidence of their own: their
/// lists come once a year, and their anchors are pinned.
fn authorities_stand<'a>(
    chain: &[&'a Certificate],
    time: Timestamp,
    lists: &'a [RevocationList],
    rules: &Rules<'a>,
) -> Result<(), Reason> {
    for pair in chain.windows(2) {
        let question = Question { certificate: pair[0], issuer: pair[1], time };
        match rules.evidence.check(question, lists, rules) {
            Ok(_) => {}
            Err(reason) if says_nothing(reason) => {}
            Err(Reason::Revoked | Reason::OnHold | Reason::CertificateUnknown) => {
                return Err(Reason::AuthorityRevoked);
            }
            Err(reason) => return Err(reason),
        }
    }
    Ok(())
}
