//! Why something is refused.

/// Makes the enum, its stable codes and its sentences from one table.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// Why an input cannot be read or a signature does not hold. Codes are stable: they are stored with
        /// evidence and must mean the same in ten years. No reason repeats anything of the input.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $($(#[doc = $doc])+ $variant,)+ }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Whether the authority itself has spoken against a certificate: then nobody else need be asked.
            #[must_use]
            pub const fn speaks_against(self) -> bool {
                matches!(self, Self::Revoked | Self::OnHold | Self::CertificateUnknown | Self::AuthorityRevoked)
            }

            /// The stable code, in kebab-case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// One plain sentence.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

reasons! {
    // Reading.
    /// The input is larger than its limit (see [`limits`](crate::limits)).
    TooLarge = "too-large",
    /// The input has more parts than their limit (see [`limits`](crate::limits)).
    TooMany = "too-many",
    /// The PEM or base64 armour is not exact.
    Armour = "armour",
    /// The bytes are not the DER structure they should be.
    Malformed = "malformed",
    /// A version number does not fit the structure.
    Version = "version",
    /// The structure uses a part of its standard that is not supported here.
    Unsupported = "unsupported",
    /// A signature, digest or key algorithm is unknown or has foreign parameters.
    UnknownAlgorithm = "unknown-algorithm",
    /// An algorithm is known, and too weak to be believed.
    WeakAlgorithm = "weak-algorithm",
    /// A public key is no valid key of its algorithm.
    BadKey = "bad-key",
    /// The subject names a number twice.
    AmbiguousSubject = "ambiguous-subject",

    // Certificates and chains.
    /// The signature on a certificate is not its issuer's.
    CertificateSignature = "certificate-signature",
    /// No certificate of the issuer was found: neither name and key identifier nor its signature fit any.
    IssuerUnknown = "issuer-unknown",
    /// The chain ends in a certificate that is no trust anchor.
    NotAnchored = "not-anchored",
    /// The trust anchor is not trusted at that time.
    AnchorOutOfDate = "anchor-out-of-date",
    /// The chain has too many links.
    ChainTooLong = "chain-too-long",
    /// A certificate in the chain may not issue certificates.
    NotAnAuthority = "not-an-authority",
    /// The certificate was not yet valid at that time.
    NotYetValid = "not-yet-valid",
    /// The certificate was no longer valid at that time.
    Expired = "expired",
    /// A certificate has a critical extension that is not understood.
    CriticalExtension = "critical-extension",
    /// A certificate sent along leads to no trust anchor.
    StrayCertificate = "stray-certificate",

    // Signed messages.
    /// The message has no signer.
    NoSigner = "no-signer",
    /// The signer's certificate is not in the message.
    SignerCertificateMissing = "signer-certificate-missing",
    /// The signed content is neither in the message nor beside it.
    ContentMissing = "content-missing",
    /// The content beside the message is not the content within it.
    ContentDiffers = "content-differs",
    /// The content is not what was signed.
    DigestDiffers = "digest-differs",
    /// The signed type of content is not the type of the content.
    ContentTypeDiffers = "content-type-differs",
    /// The signature is not the signer's.
    SignatureWrong = "signature-wrong",
    /// The signed reference to the signer's certificate names another one.
    CertificateReference = "certificate-reference",
    /// The signer signed no attributes, so that content and attributes could be taken for each other.
    NoSignedAttributes = "no-signed-attributes",
    /// The message has an unsigned attribute that cannot be checked.
    UnsignedAttribute = "unsigned-attribute",

    // Who signed.
    /// The certificate's key is not for signing documents.
    KeyUsage = "key-usage",
    /// The certificate does not carry the role that is needed.
    RoleMissing = "role-missing",
    /// The certificate is another person's.
    AnotherPerson = "another-person",
    /// The certificate is another organization's.
    AnotherOrganization = "another-organization",

    // Time-stamps.
    /// The authority granted no time-stamp.
    TimeStampNotGranted = "time-stamp-not-granted",
    /// The time-stamp is of something else.
    TimeStampImprint = "time-stamp-imprint",
    /// The time-stamp is not signed as it must be: one signer, its certificate bound, nothing else within.
    TimeStampForm = "time-stamp-form",
    /// The time-stamp's signature, chain or certificate does not hold.
    TimeStampSigner = "time-stamp-signer",
    /// The time-stamp's certificate is not for time-stamps.
    TimeStampUsage = "time-stamp-usage",
    /// The time-stamp is of the future.
    TimeStampInFuture = "time-stamp-in-future",

    // Revocation.
    /// Nothing says that the certificate was not revoked.
    RevocationMissing = "revocation-missing",
    /// The answer about revocation is older than allowed.
    RevocationStale = "revocation-stale",
    /// The answer about revocation is of the future.
    RevocationInFuture = "revocation-in-future",
    /// The signature on the answer or list is wrong.
    RevocationSignature = "revocation-signature",
    /// Who signed the answer may not answer for this issuer.
    ResponderNotAuthorised = "responder-not-authorised",
    /// The responder refused to answer.
    ResponderRefused = "responder-refused",
    /// The answer is to another question than the one asked.
    Nonce = "nonce",
    /// The delta list does not continue the full list at hand.
    DeltaBase = "delta-base",
    /// The certificate was revoked.
    Revoked = "revoked",
    /// The certificate was on hold.
    OnHold = "on-hold",
    /// The authority does not know the certificate.
    CertificateUnknown = "certificate-unknown",
    /// The certificate of an issuer in the chain was revoked.
    AuthorityRevoked = "authority-revoked",
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.explanation())
    }
}

impl std::error::Error for Reason {}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stored_with_evidence_are_unique_and_say_something() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        assert!(Reason::ALL.iter().all(|reason| reason.explanation().len() > 20));
    }
}
