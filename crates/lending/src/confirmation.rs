//! What each operation asks a client to prove, as data (Rules cl. [6.d](crate::law::CL_6_D),
//! [6.e](crate::law::CL_6_E), [6.f](crate::law::CL_6_F), [9.a](crate::law::CL_9_A),
//! [9.c](crate::law::CL_9_C), 35).
//!
//! Clause [35.3](crate::law::CL_35_3) also names a smart card as something one has and a live face against the document's
//! photo as something one is. Here a card makes a digital signature and the face is compared by the IDEC: each is a whole
//! method already, and no proof counts for two. To take one for half a method instead never helps anybody (a test counts it),
//! so neither is a factor (`docs/adr/0017-no-half-of-a-whole-method.md`).

/// Something a client does that has to be confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Becoming a client (Rules cl. [6.d](crate::law::CL_6_D)).
    Registration,
    /// Entering the personal account later (Rules cl. [6.e](crate::law::CL_6_E)).
    SignIn,
    /// Concluding an agreement (Rules cl. [9.a](crate::law::CL_9_A)).
    SignContract,
    /// Concluding an amendment or addition (Rules cl. [9.a](crate::law::CL_9_A)).
    AmendContract,
    /// Having the money sent to a merchant (Rules cl. [9.c](crate::law::CL_9_C)).
    PayMerchant,
    /// Changing the mobile number (Rules cl. [6.f](crate::law::CL_6_F)).
    ChangePhone,
    /// Changing bank details (Rules cl. [6.f](crate::law::CL_6_F)).
    ChangeBankDetails,
    /// Registering a token, or giving one up (Rules cl. [35.3](crate::law::CL_35_3)): a factor is not made by less than
    /// what it later helps to prove.
    ChangeToken,
    /// Setting another password while signed in (Rules cl. [29](crate::law::CL_29)).
    ChangePassword,
    /// Setting another password when the old one is lost (Rules cl. [29](crate::law::CL_29)).
    RecoverPassword,
}

/// A method of Rules cl. 35.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Digital signature of the National Certification Authority (Rules cl. [35.1](crate::law::CL_35_1)).
    DigitalSignature,
    /// Biometric identification through the IDEC (Rules cl. [35.2](crate::law::CL_35_2)).
    BiometricIdentification,
    /// Two factors of different kinds (Rules cl. [35.3](crate::law::CL_35_3)).
    TwoFactor,
}

/// A factor of Rules cl. [35.3](crate::law::CL_35_3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Password or code word set at registration.
    Password,
    /// One-time code sent to the client's own number.
    SmsCode,
    /// One-time code of a registered token.
    Token,
}

/// The kinds of factors of Rules cl. [35.3](crate::law::CL_35_3) that factors here are of; what the client is, see the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// What the client knows.
    Knowledge,
    /// What the client has.
    Possession,
}

impl Factor {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> FactorKind {
        match self {
            Self::Password => FactorKind::Knowledge,
            Self::SmsCode | Self::Token => FactorKind::Possession,
        }
    }
}

/// What one proof shows, once the proof itself was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// A valid digital signature.
    DigitalSignature,
    /// A positive answer of the IDEC.
    BiometricIdentification,
    /// One factor.
    Factor(Factor),
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 10] = [
        Self::Registration,
        Self::SignIn,
        Self::SignContract,
        Self::AmendContract,
        Self::PayMerchant,
        Self::ChangePhone,
        Self::ChangeBankDetails,
        Self::ChangeToken,
        Self::ChangePassword,
        Self::RecoverPassword,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::SignIn => "sign_in",
            Self::SignContract => "sign_contract",
            Self::AmendContract => "amend_contract",
            Self::PayMerchant => "pay_merchant",
            Self::ChangePhone => "change_phone",
            Self::ChangeBankDetails => "change_bank_details",
            Self::ChangeToken => "change_token",
            Self::ChangePassword => "change_password",
            Self::RecoverPassword => "recover_password",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }
}

impl ProofKind {
    /// Every kind of proof.
    pub const ALL: [Self; 5] = [
        Self::DigitalSignature,
        Self::BiometricIdentification,
        Self::Factor(Factor::Password),
        Self::Factor(Factor::SmsCode),
        Self::Factor(Factor::Token),
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digital_signature",
            Self::BiometricIdentification => "biometric_identification",
            Self::Factor(Factor::Password) => "password",
            Self::Factor(Factor::SmsCode) => "sms_code",
            Self::Factor(Factor::Token) => "token",
        }
    }

    /// From the stored code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What an operation asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Requirement {
    /// So many different methods of Rules cl. 35.
    Methods {
        /// How many.
        count: u8,
        /// One of them biometric.
        biometric: bool,
    },
    /// A single factor, or any method.
    AnyFactor,
    /// Biometric identification, and beside it a signature or a factor of possession. What is known is lost, so the second
    /// method of a registration cannot be had; this leaves out none of its other halves, and the first method whole.
    BiometricAndPossession,
}

/// The table.
pub const REQUIREMENTS: [(Operation, Requirement); 10] = [
    (Operation::Registration, Requirement::Methods { count: 2, biometric: true }),
    (Operation::SignIn, Requirement::AnyFactor),
    // The Rules ask for any two methods (cl. 9.a); the law on microfinance (art. 3 п. 3-5) forbids an agreement over the
    // internet without biometric identification.
    (Operation::SignContract, Requirement::Methods { count: 2, biometric: true }),
    (Operation::AmendContract, Requirement::Methods { count: 2, biometric: false }),
    (Operation::PayMerchant, Requirement::Methods { count: 2, biometric: false }),
    (Operation::ChangePhone, Requirement::Methods { count: 1, biometric: false }),
    (Operation::ChangeBankDetails, Requirement::Methods { count: 1, biometric: false }),
    (Operation::ChangeToken, Requirement::Methods { count: 1, biometric: false }),
    (Operation::ChangePassword, Requirement::Methods { count: 1, biometric: false }),
    (Operation::RecoverPassword, Requirement::BiometricAndPossession),
];

/// What the proofs lack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Missing {
    /// So many more methods.
    #[error("{0} more method(s) of identification")]
    Methods(u8),
    /// Biometric identification.
    #[error("biometric identification")]
    Biometric,
    /// A second factor of another kind than the one given: two-factor authentication is half done.
    #[error("a second factor of another kind")]
    SecondFactor,
    /// Any factor.
    #[error("a password or an authentication feature")]
    Factor,
    /// A factor of possession, or a signature.
    #[error("something that only the client has")]
    Possession,
}

/// What `operation` asks for.
#[must_use]
pub fn requirement(operation: Operation) -> Requirement {
    let row = REQUIREMENTS.iter().find(|(listed, _)| *listed == operation);
    // An operation without a row would ask for everything rather than for nothing; a test keeps the table
    // whole.
    row.map_or(Requirement::Methods { count: 3, biometric: true }, |(_, requirement)| *requirement)
}

/// The different methods that proofs amount to. The same proof twice counts once; two factors of one kind are no method.
#[must_use]
pub fn methods(proofs: &[ProofKind]) -> Vec<Method> {
    let has =
        |kind| proofs.iter().any(|proof| matches!(proof, ProofKind::Factor(factor) if factor.kind() == kind));
    [
        (proofs.contains(&ProofKind::DigitalSignature), Method::DigitalSignature),
        (proofs.contains(&ProofKind::BiometricIdentification), Method::BiometricIdentification),
        (has(FactorKind::Knowledge) && has(FactorKind::Possession), Method::TwoFactor),
    ]
    .into_iter()
    .filter(|(given, _)| *given)
    .map(|(_, method)| method)
    .collect()
}

/// Whether `proofs`, each valid and bound to this one operation, suffice for it.
///
/// # Errors
/// What is missing; ask for that next.
pub fn satisfied(operation: Operation, proofs: &[ProofKind]) -> Result<(), Missing> {
    let methods = methods(proofs);
    match requirement(operation) {
        Requirement::AnyFactor if proofs.is_empty() => Err(Missing::Factor),
        Requirement::AnyFactor => Ok(()),
        Requirement::BiometricAndPossession => {
            let has = |kind: &ProofKind| match kind {
                ProofKind::DigitalSignature => true,
                ProofKind::Factor(factor) => factor.kind() == FactorKind::Possession,
                ProofKind::BiometricIdentification => false,
            };
            if !proofs.iter().any(has) {
                Err(Missing::Possession)
            } else if !methods.contains(&Method::BiometricIdentification) {
                Err(Missing::Biometric)
            } else {
                Ok(())
            }
        }
        Requirement::Methods { biometric: true, .. }
            if !methods.contains(&Method::BiometricIdentification) =>
        {
            Err(Missing::Biometric)
        }
        Requirement::Methods { count, .. } => {
            let lacking = count.saturating_sub(u8::try_from(methods.len()).unwrap_or(u8::MAX));
            let half = !methods.contains(&Method::TwoFactor)
                && proofs.iter().any(|proof| matches!(proof, ProofKind::Factor(_)));
            match lacking {
                0 => Ok(()),
                1 if half => Err(Missing::SecondFactor),
                more => Err(Missing::Methods(more)),
            }
        }
    }
}

/// The kinds of proof that bring `operation` nearer to what it asks for, beside `proofs`: those without which some
/// sufficient set would not be sufficient. Empty if nothing is missing.
#[must_use]
pub fn helpful(operation: Operation, proofs: &[ProofKind]) -> Vec<ProofKind> {
    if satisfied(operation, proofs).is_ok() {
        return Vec::new();
    }
    let rest: Vec<ProofKind> = ProofKind::ALL.into_iter().filter(|kind| !proofs.contains(kind)).collect();
    let with = |chosen: u32| -> Vec<ProofKind> {
        let added = rest.iter().enumerate().filter(|(at, _)| chosen & 1 << at != 0).map(|(_, kind)| *kind);
        proofs.iter().copied().chain(added).collect()
    };
    let decides = |at: usize| {
        (0..1_u32 << rest.len()).any(|chosen| {
            chosen & 1 << at != 0
                && satisfied(operation, &with(chosen)).is_ok()
                && satisfied(operation, &with(chosen & !(1 << at))).is_err()
        })
    };
    (0..rest.len()).filter(|at| decides(*at)).map(|at| rest[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProofKind::{BiometricIdentification as Face, DigitalSignature as Signature};

    const PASSWORD: ProofKind = ProofKind::Factor(Factor::Password);
    const SMS: ProofKind = ProofKind::Factor(Factor::SmsCode);
    const TOKEN: ProofKind = ProofKind::Factor(Factor::Token);

    /// Proves [`CL_6_D`](crate::law::CL_6_D), [`CL_6_E`](crate::law::CL_6_E), [`CL_6_F`](crate::law::CL_6_F),
    /// [`CL_9_A`](crate::law::CL_9_A), [`CL_9_C`](crate::law::CL_9_C), [`CL_35_3`](crate::law::CL_35_3).
    #[test]
    fn the_whole_table_asks_what_the_clauses_ask() {
        let sets: [(&str, &[ProofKind], [bool; 5]); 14] = [
            //                         two with a face, sign-in, two methods, one method, a face and a possession
            ("nothing", &[], [false, false, false, false, false]),
            ("password", &[PASSWORD], [false, true, false, false, false]),
            ("code", &[SMS], [false, true, false, false, false]),
            ("two-factor", &[PASSWORD, SMS], [false, true, false, true, false]),
            ("password and token", &[PASSWORD, TOKEN], [false, true, false, true, false]),
            ("two of one kind", &[SMS, TOKEN], [false, true, false, false, false]),
            ("signature", &[Signature], [false, true, false, true, false]),
            ("signature twice", &[Signature, Signature], [false, true, false, true, false]),
            ("face", &[Face], [false, true, false, true, false]),
            ("face and password", &[Face, PASSWORD], [false, true, false, true, false]),
            ("face and code", &[Face, SMS], [false, true, false, true, true]),
            ("face and two-factor", &[Face, PASSWORD, SMS], [true, true, true, true, true]),
            ("face and signature", &[Face, Signature], [true, true, true, true, true]),
            ("signature and two-factor", &[Signature, PASSWORD, SMS], [false, true, true, true, false]),
        ];
        for (name, proofs, [registration, sign_in, two, one, recovery]) in sets {
            for (operation, expected) in [
                (Operation::Registration, registration),
                (Operation::SignIn, sign_in),
                (Operation::SignContract, registration),
                (Operation::AmendContract, two),
                (Operation::PayMerchant, two),
                (Operation::ChangePhone, one),
                (Operation::ChangeBankDetails, one),
                (Operation::ChangeToken, one),
                (Operation::ChangePassword, one),
                (Operation::RecoverPassword, recovery),
            ] {
                assert_eq!(satisfied(operation, proofs).is_ok(), expected, "{operation:?} with {name}");
                assert_eq!(Operation::by_code(operation.code()), Some(operation));
                assert_eq!(REQUIREMENTS.iter().filter(|(listed, _)| *listed == operation).count(), 1);
            }
        }
    }

    #[test]
    fn the_client_is_told_what_is_missing_next() {
        assert_eq!(satisfied(Operation::Registration, &[PASSWORD, SMS]), Err(Missing::Biometric));
        assert_eq!(satisfied(Operation::Registration, &[Face, PASSWORD]), Err(Missing::SecondFactor));
        assert_eq!(satisfied(Operation::AmendContract, &[PASSWORD]), Err(Missing::Methods(2)));
        assert_eq!(satisfied(Operation::AmendContract, &[PASSWORD, SMS]), Err(Missing::Methods(1)));
        assert_eq!(satisfied(Operation::SignIn, &[]), Err(Missing::Factor));
        assert_eq!(satisfied(Operation::RecoverPassword, &[]), Err(Missing::Possession));
        assert_eq!(satisfied(Operation::RecoverPassword, &[SMS]), Err(Missing::Biometric));
        assert_eq!(helpful(Operation::RecoverPassword, &[SMS]), [Face]);
    }

    #[test]
    fn nobody_is_asked_for_a_proof_that_would_not_help() {
        let all = ProofKind::ALL;
        let without =
            |kinds: &[ProofKind]| all.into_iter().filter(|kind| !kinds.contains(kind)).collect::<Vec<_>>();
        assert_eq!(helpful(Operation::SignIn, &[]), all);
        assert_eq!(helpful(Operation::SignIn, &[PASSWORD]), []);
        assert_eq!(helpful(Operation::SignContract, &[]), all);
        assert_eq!(helpful(Operation::SignContract, &[PASSWORD, SMS]), [Face]);
        assert_eq!(helpful(Operation::SignContract, &[Face, PASSWORD]), without(&[Face, PASSWORD]));
        assert_eq!(helpful(Operation::SignContract, &[Face, SMS]), [Signature, PASSWORD]);
        assert_eq!(helpful(Operation::ChangePhone, &[SMS]), [Signature, Face, PASSWORD]);
    }

    /// Proves [`CL_35_3`](crate::law::CL_35_3): a signature by a card's key taken for something one has, or a face found by
    /// the IDEC for something one is, and then for nothing else, would let nobody do anything more.
    #[test]
    fn a_whole_method_taken_for_half_of_another_never_helps() {
        let holds = |proofs: &[ProofKind], [card, face]: [bool; 2]| {
            let signed = proofs.contains(&Signature);
            let identified = proofs.contains(&Face);
            let knows = proofs.contains(&PASSWORD);
            let has = proofs.contains(&SMS) || proofs.contains(&TOKEN) || (signed && card);
            let is = identified && face;
            let two_factor = [knows, has, is].into_iter().filter(|given| *given).count() > 1;
            let whole = [(signed && !card), (identified && !face), two_factor];
            (whole.into_iter().filter(|given| *given).count(), identified && !face, has || signed)
        };
        let mut counted = 0;
        for (operation, requirement) in REQUIREMENTS {
            for set in 0..1_u32 << ProofKind::ALL.len() {
                let proofs: Vec<ProofKind> = ProofKind::ALL
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| set >> at & 1 == 1)
                    .map(|(_, kind)| kind)
                    .collect();
                let enough = |half: [bool; 2]| {
                    let (methods, biometric_method, possession) = holds(&proofs, half);
                    match requirement {
                        Requirement::AnyFactor => !proofs.is_empty(),
                        Requirement::BiometricAndPossession => biometric_method && possession,
                        Requirement::Methods { count, biometric } => {
                            methods >= usize::from(count) && (biometric_method || !biometric)
                        }
                    }
                };
                let whole = enough([false, false]);
                assert_eq!(satisfied(operation, &proofs).is_ok(), whole, "{operation:?} with {proofs:?}");
                for half in [[true, false], [false, true], [true, true]] {
                    assert!(whole || !enough(half), "{operation:?} with {proofs:?}: {half:?} would help");
                    counted += 1;
                }
            }
        }
        assert_eq!(counted, REQUIREMENTS.len() * (1 << ProofKind::ALL.len()) * 3);
    }
}
