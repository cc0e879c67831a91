//! Why a bundle does not hold.

/// Makes the enum, its stable codes and its sentences from one table.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// Why a bundle cannot be read or does not hold. Codes are stable. No reason repeats anything of the content.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        pub enum Reason { $($(#[doc = $doc])+ $variant,)+ }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

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
    // The file.
    /// The file or its manifest is larger than its limit.
    TooLarge = "too-large",
    /// The file has more members or records than their limit.
    TooMany = "too-many",
    /// The file ends before its end, or goes on after it.
    Length = "length",
    /// The header of a member is not exactly what this format writes.
    Header = "header",
    /// A member's name is not one that this format gives.
    Name = "name",
    /// The bytes between two members are not empty.
    Padding = "padding",
    /// Two members have the same name.
    MemberTwice = "member-twice",
    /// A member that the manifest lists is not there.
    MemberMissing = "member-missing",
    /// There is a member that the manifest does not list.
    MemberUnlisted = "member-unlisted",
    /// The members are not in the manifest's order.
    MembersReordered = "members-reordered",
    /// The bytes of a member are not those that the manifest lists.
    MemberChanged = "member-changed",
    /// The list of sums is not that of these members.
    SumsDiffer = "sums-differ",
    /// The explanation in the file is not the one that belongs to this format.
    ReadmeDiffers = "readme-differs",
    /// The manifest is not the JSON it should be, or of another version.
    ManifestUnreadable = "manifest-unreadable",
    /// The manifest is not written as this format writes it.
    ManifestNotCanonical = "manifest-not-canonical",

    // Records.
    /// Two records have the same id, or two members are the same piece of evidence.
    RecordTwice = "record-twice",
    /// A record names a piece of evidence that is not in the bundle.
    EvidenceMissing = "evidence-missing",
    /// A record or a file belongs to nothing that was agreed here.
    RecordStray = "record-stray",
    /// A document is not the one whose hash was agreed to, or is somebody else's.
    DocumentDiffers = "document-differs",
    /// The date of a document is not the day on which it was concluded.
    DateDiffers = "date-differs",
    /// The set of limits that a paper names is not the one in force on its date, as this program knows the law.
    RuleSetDiffers = "rule-set-differs",
    /// The amendments do not follow the agreement and each other.
    AmendmentOrder = "amendment-order",

    // Who agreed, and by which power.
    /// Whoever confirmed something is not in the bundle.
    PersonMissing = "person-missing",
    /// The legal entity is not called what it was called in the claim by which it became a client.
    NameDiffers = "name-differs",
    /// A legal entity's paper was concluded by no power that is in the bundle, or an individual's by one.
    PowerMissing = "power-missing",
    /// A power is for another legal entity, or is not what its person confirmed.
    PowerForeign = "power-foreign",
    /// A power was not in force when the paper was concluded.
    PowerNotInForce = "power-not-in-force",
    /// A power does not reach as far as concluding papers.
    PowerNarrow = "power-narrow",
    /// The scanned order or power of attorney is not the one that was confirmed, or came later.
    ScanDiffers = "scan-differs",
    /// What the scanner for malware said of the scanned document is not recorded.
    ScanVerdict = "scan-verdict",

    // What was confirmed.
    /// The confirmation by which a paper was concluded is not in the bundle.
    ConfirmationMissing = "confirmation-missing",
    /// A confirmation is of another person, operation, object or moment than what it is for.
    ConfirmationForeign = "confirmation-foreign",
    /// The confirmation by which a person became a client, or may act for a legal entity, is not in the bundle.
    RegistrationMissing = "registration-missing",
    /// Somebody confirmed something as a client, or was given a power for a legal entity, before that client was one.
    RegistrationLate = "registration-late",
    /// An operation is none that the Rules know.
    OperationUnknown = "operation-unknown",
    /// The proofs are not the methods that the operation asks for.
    MethodsInsufficient = "methods-insufficient",

    // Proofs.
    /// A proof is of a kind that is not known.
    ProofKindUnknown = "proof-kind-unknown",
    /// A proof was spent on no confirmation of this bundle.
    ProofUnspent = "proof-unspent",
    /// A proof is of another person than its confirmation.
    ProofOfAnother = "proof-of-another",
    /// A proof is for another operation than its confirmation.
    ProofForAnotherOperation = "proof-for-another-operation",
    /// A proof is for another object than its confirmation.
    ProofForAnotherObject = "proof-for-another-object",
    /// The proofs of one confirmation were given in different sessions.
    ProofInAnotherSession = "proof-in-another-session",
    /// A proof was spent after it had expired.
    ProofExpired = "proof-expired",
    /// A proof was spent before it was given.
    ProofTooEarly = "proof-too-early",
    /// A piece of evidence serves two proofs.
    ProofReused = "proof-reused",
    /// A proof stands on evidence of another kind than its own, or on evidence that came later.
    ProofOnNothing = "proof-on-nothing",
    /// What the program witnessed of a proof is missing, unreadable or about something else than the proof.
    StatementDiffers = "statement-differs",
    /// A biometric proof does not stand on an answer from outside.
    ProofWithoutAnswer = "proof-without-answer",
    /// The photo that a biometric proof is about is missing or another's.
    PhotoMissing = "photo-missing",
    /// The live challenge that a photo ended is missing, was not passed, or was for something else.
    LivenessDiffers = "liveness-differs",

    // Challenges.
    /// The challenge that a proof answers is not in the bundle.
    ChallengeMissing = "challenge-missing",
    /// The challenge that a proof answers is of another person, session, operation or object.
    ChallengeForeign = "challenge-foreign",
    /// The challenge that a proof answers was not passed, or passed outside of its time.
    ChallengeNotPassed = "challenge-not-passed",
    /// A challenge, a token's code, a photo or a signed statement serves two proofs.
    ChallengeReused = "challenge-reused",

    // Answers from outside.
    /// The same question stands twice.
    InquiryTwice = "inquiry-twice",
    /// An answer is not evidence of this question, or is older than it.
    AnswerForeign = "answer-foreign",
    /// A question without whose answer nothing is concluded is missing, unanswered, or answered too late.
    AnswerMissing = "answer-missing",
    /// An answer speaks against what followed from it.
    AnswerAgainst = "answer-against",

    // What was acknowledged.
    /// Something that must be acknowledged before was not, or not by this person.
    AcknowledgementMissing = "acknowledgement-missing",
    /// Something was acknowledged only afterwards.
    AcknowledgementLate = "acknowledgement-late",

    // Signatures.
    /// A digital signature cannot be read or judged.
    SignatureUnreadable = "signature-unreadable",
    /// A digital signature does not hold over what was signed.
    SignatureInvalid = "signature-invalid",
    /// Whoever signed is not the person, or not alone, or not as who acts for the legal entity.
    SignatureOfAnother = "signature-of-another",
    /// What was signed is not what the proof is for.
    SignatureOfOther = "signature-of-other",

    // The trail.
    /// The audit trail does not tell of something that the records hold.
    TrailIncomplete = "trail-incomplete",
    /// The audit trail tells otherwise than the records.
    TrailDiffers = "trail-differs",
    /// Proofs were not spent in the transaction of what they were for.
    EffectApart = "effect-apart",
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

/// A failure: why, and of what.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, thiserror::Error)]
#[error("{code}: {explanation} ({about})")]
pub struct Failure {
    /// Why.
    #[serde(rename = "code")]
    pub reason: Reason,
    /// The reason in a sentence.
    pub explanation: &'static str,
    /// The member or record it is about: a name or an id, never content.
    pub about: String,
    #[serde(skip)]
    code: &'static str,
}

impl Reason {
    /// A failure of something.
    #[must_use]
    pub fn of(self, about: impl std::fmt::Display) -> Failure {
        let about = about.to_string().chars().take(200).collect();
        Failure { reason: self, explanation: self.explanation(), about, code: self.code() }
    }
}
