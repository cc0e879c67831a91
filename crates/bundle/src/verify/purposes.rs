//! What the confirmations of a bundle are for: the papers that were concluded, the people who did it, and the powers by
//! which they did. Each names one confirmation, and there is no other.

use eds::Expected;
use jiff::Timestamp;
use lending::{
    authority::{Act, Role},
    confirmation::Operation,
};
use uuid::Uuid;

use crate::{
    manifest::{Manifest, Paper, Person, Power, Sha256},
    reason::Reason,
};

/// What a confirmation is for.
pub(super) struct Purpose<'a> {
    /// The confirmation.
    pub(super) confirmation: Uuid,
    /// Said if it is not there.
    pub(super) missing: Reason,
    pub(super) operation: Operation,
    /// Whose it must be.
    pub(super) subject: Uuid,
    /// SHA-256 of what must have been confirmed.
    pub(super) object: Option<Sha256>,
    /// When, if that is known otherwise.
    pub(super) at: Option<Timestamp>,
    /// Who that is.
    pub(super) person: Option<&'a Person>,
    /// The BIN of the legal entity with whose certificate they sign digitally.
    pub(super) bin: Option<&'a str>,
}

impl<'a> Purpose<'a> {
    /// Who is expected to sign digitally.
    pub(super) fn signatory(&self) -> Option<Expected<'a>> {
        let iin = self.person?.iin.as_str();
        Some(match self.bin {
            Some(bin) => Expected::Entity { bin, iin: Some(iin) },
            None => Expected::Individual { iin },
        })
    }
}

/// All that must have been confirmed.
pub(super) fn of(m: &Manifest) -> Vec<Purpose<'_>> {
    let mut all: Vec<Purpose<'_>> =
        m.papers().map(|(operation, paper)| conclusion(m, operation, paper)).collect();
    all.extend(m.people.iter().map(registration));
    all.extend(m.powers.iter().map(|power| claim(m, power)));
    all
}

fn person(m: &Manifest, id: Uuid) -> Option<&Person> {
    m.people.iter().find(|person| person.id == id)
}

/// An individual concludes for themselves, a legal entity by who has the power.
fn conclusion<'a>(m: &'a Manifest, operation: Operation, paper: &Paper) -> Purpose<'a> {
    let power = m.powers.iter().find(|power| Some(power.id) == paper.power);
    let subject = power.map_or(m.party.id, |power| power.person);
    Purpose {
        confirmation: paper.confirmation,
        missing: Reason::ConfirmationMissing,
        operation,
        subject,
        object: Some(paper.sha256),
        at: Some(paper.concluded_at),
        person: person(m, subject),
        bin: power.map(|power| power.claim.bin.as_str()),
    }
}

/// Whoever registers is a registration until that is confirmed.
fn registration(person: &Person) -> Purpose<'_> {
    Purpose {
        confirmation: person.confirmation,
        missing: Reason::RegistrationMissing,
        operation: Operation::Registration,
        subject: person.registration,
        object: Some(Sha256::of(&[b"registration\0".as_slice(), person.registration.as_bytes()].concat())),
        at: None,
        person: Some(person),
        bin: None,
    }
}

/// Asking to act for an entity is confirmed as a registration is. Who may not sign for it, signs as themselves.
fn claim<'a>(m: &'a Manifest, power: &'a Power) -> Purpose<'a> {
    let signs = Role::by_code(&power.claim.role).is_some_and(|role| role.may(Act::Sign));
    Purpose {
        confirmation: power.confirmation,
        missing: Reason::RegistrationMissing,
        operation: Operation::Registration,
        subject: power.person,
        object: power.claim.object().ok(),
        at: None,
        person: person(m, power.person),
        bin: signs.then_some(power.claim.bin.as_str()),
    }
}
