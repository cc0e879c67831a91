//! That the audit trail tells the same story: who gave which proof, who was confirmed by which, and each effect in the
//! transaction of its confirmation (Rules cl. [11](lending::law::CL_11)).

use std::collections::{BTreeMap, BTreeSet};

use lending::confirmation::Operation;
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Judge, proofs::read};
use crate::{
    manifest::{Confirmation, Entity, Event, Manifest, Paper, Person, Power, Proof},
    reason::Reason,
};

#[derive(Deserialize)]
struct Confirmed {
    subject: Uuid,
    operation: String,
    object: String,
    proofs: BTreeSet<Uuid>,
}

#[derive(Deserialize)]
struct Given {
    proof: Uuid,
    kind: String,
    operation: String,
}

#[derive(Deserialize)]
struct Sent {
    challenge: Uuid,
    operation: String,
}

#[derive(Deserialize)]
struct SessionEnded {
    subject: Uuid,
    object: String,
    agreed: bool,
}

#[derive(Deserialize)]
struct Concluded {
    application: Uuid,
    number: String,
    offer: Uuid,
    confirmation: Uuid,
    authority: Option<Uuid>,
}

#[derive(Deserialize)]
struct Amended {
    loan: Uuid,
}

#[derive(Deserialize)]
struct Registered {
    registration: Uuid,
    confirmation: Uuid,
}

#[derive(Deserialize)]
struct Founded {
    registration: Uuid,
}

#[derive(Deserialize)]
struct ClaimConfirmed {
    confirmation: Uuid,
}

#[derive(Deserialize)]
struct PowerGiven {
    entity: Uuid,
    registration: Uuid,
    role: String,
}

#[derive(Deserialize)]
struct Taken {
    verdict: String,
    signatures: Option<String>,
}

/// The events by what they tell and of what; those of proofs and codes by the proof or code.
pub(super) struct Trail<'a> {
    told: BTreeMap<(&'a str, Uuid), Vec<&'a Event>>,
}

impl<'a> Trail<'a> {
    pub(super) fn of(m: &'a Manifest) -> Self {
        let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in &m.events {
            let said = event.payload.as_bytes();
            let object = match event.action.as_str() {
                "proof.given" => read(said).map(|said: Given| said.proof),
                "code.sent" => read(said).map(|said: Sent| said.challenge),
                _ => event.object,
            };
            if let Some(object) = object {
                told.entry((event.action.as_str(), object)).or_default().push(event);
            }
        }
        Self { told }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn trail(&mut self) {
        let m = self.m;
        let mut spent: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
        for proof in &m.proofs {
            spent.entry(proof.confirmation).or_default().insert(proof.id);
            self.was_given(proof);
        }
        for one in &m.confirmations {
            let proofs = spent.remove(&one.id).unwrap_or_default();
            self.was_confirmed(one, &proofs);
        }
        for (operation, paper) in m.papers() {
            self.was_concluded(operation, paper);
        }
        for person in &m.people {
            self.was_registered(person);
        }
        if let Some(entity) = &m.party.entity {
            self.was_founded(entity);
        }
        for power in &m.powers {
            self.was_empowered(power);
        }
    }

    /// The one event of this action on this object, with what it says.
    fn told<T: DeserializeOwned>(&mut self, action: &str, object: Uuid) -> Option<(&'a Event, T)> {
        let found = self.trail.told.get(&(action, object)).map(Vec::as_slice).unwrap_or_default();
        let [event] = *found else {
            self.note(Reason::TrailIncomplete, format_args!("{action} {object}"));
            return None;
        };
        let said = read(event.payload.as_bytes());
        self.hold(said.is_some(), Reason::TrailDiffers, event.id);
        Some((event, said?))
    }

    fn was_given(&mut self, proof: &Proof) {
        if let Some((event, said)) = self.told::<Given>("proof.given", proof.id) {
            let same = event.object == Some(proof.subject)
                && said.kind == proof.kind
                && said.operation == proof.operation;
            self.hold(same, Reason::TrailDiffers, proof.id);
        }
    }

    /// The code that a proof answers was sent, for the same purpose.
    pub(super) fn code_was_sent(&mut self, proof: &Proof, challenge: Uuid) {
        if let Some((event, said)) = self.told::<Sent>("code.sent", challenge) {
            let same = event.object == Some(proof.subject) && said.operation == proof.operation;
            self.hold(same, Reason::TrailDiffers, challenge);
        }
    }

    /// The provider's session was about whom and what the proof is for, and ended well.
    pub(super) fn session_agreed(&mut self, proof: &Proof, session: Uuid) {
        if let Some((_, said)) = self.told::<SessionEnded>("hosted-face.ended", session) {
            let same = said.subject == proof.subject && said.object == proof.object_sha256.to_string();
            self.hold(same && said.agreed, Reason::TrailDiffers, session);
        }
    }

    fn was_confirmed(&mut self, one: &Confirmation, proofs: &BTreeSet<Uuid>) {
        if let Some((event, said)) = self.told::<Confirmed>("confirmed", one.id) {
            let same = said.subject == one.subject
                && said.operation == one.operation
                && said.object == one.object_sha256.to_string()
                && said.proofs == *proofs
                && event.at == one.created_at
                && event.channel == one.channel
                && event.actor == Some(one.subject);
            self.hold(same, Reason::TrailDiffers, one.id);
        }
    }

    fn was_concluded(&mut self, operation: Operation, paper: &Paper) {
        let agreement = &self.m.agreement;
        let told = if operation == Operation::AmendContract {
            let told = self.told::<Amended>("amendment.concluded", paper.id);
            told.map(|(event, said)| (event, said.loan == agreement.paper.id))
        } else {
            let told = self.told::<Concluded>("agreement.signed", paper.id);
            told.map(|(event, said)| {
                let same = said.application == agreement.application
                    && said.number == agreement.number
                    && said.offer == paper.offer
                    && said.confirmation == paper.confirmation
                    && said.authority == paper.power;
                (event, same)
            })
        };
        let Some((event, of_this)) = told else { return };
        let same = of_this && event.power == paper.power && event.at == paper.concluded_at;
        self.hold(same, Reason::TrailDiffers, paper.id);
        self.together(event, paper.confirmation);
    }

    fn was_registered(&mut self, person: &Person) {
        if let Some((event, said)) = self.told::<Registered>("client.registered", person.id) {
            let same = said.registration == person.registration && said.confirmation == person.confirmation;
            self.hold(same, Reason::TrailDiffers, person.id);
            self.together(event, person.confirmation);
        }
    }

    /// The legal entity became a client by a claim, before any power for it was given; under the name of that claim, which
    /// is here if a paper was concluded by the power that it gave.
    fn was_founded(&mut self, entity: &Entity) {
        let m = self.m;
        let Some((event, said)) = self.told::<Founded>("entity.registered", m.party.id) else { return };
        let before = m.powers.iter().all(|power| event.at <= power.given_at);
        self.hold(before, Reason::RegistrationLate, m.party.id);
        let by = m.powers.iter().find(|power| power.claim.registration == said.registration);
        self.hold(by.is_none_or(|power| power.claim.name == entity.name), Reason::NameDiffers, m.party.id);
    }

    /// The scan was taken in, the claim confirmed, and the power given by an employee, in this order.
    fn was_empowered(&mut self, power: &Power) {
        let (scan, claim) = (&power.scan, &power.claim);
        if let Some((event, said)) = self.told::<Taken>("upload.taken", scan.id) {
            let same = said.verdict == scan.verdict
                && said.signatures == scan.signatures
                && event.at == scan.taken_at
                && event.actor == Some(power.person);
            self.hold(same, Reason::TrailDiffers, scan.id);
        }
        let confirmed = self.told::<ClaimConfirmed>("entity.registration-confirmed", claim.registration);
        if let Some((event, said)) = confirmed {
            let same = said.confirmation == power.confirmation && event.actor == Some(power.person);
            self.hold(same, Reason::TrailDiffers, claim.registration);
            self.together(event, power.confirmation);
        }
        if let Some((event, said)) = self.told::<PowerGiven>("authority.given", power.id) {
            let same = said.entity == self.m.party.id
                && said.registration == claim.registration
                && said.role == claim.role
                && event.at == power.given_at
                && event.actor_kind == "staff";
            self.hold(same, Reason::TrailDiffers, power.id);
        }
        let ended = self.trail.told.get(&("authority.ended", power.id));
        let ended = ended.and_then(|events| events.first()).map(|event| event.at);
        self.hold(ended == power.ended_at, Reason::TrailDiffers, power.id);
    }

    /// The confirmation was made in the transaction of its effect.
    fn together(&mut self, effect: &Event, confirmation: Uuid) {
        let confirmed = self.trail.told.get(&("confirmed", confirmation)).and_then(|events| events.first());
        let same = confirmed.is_some_and(|event| event.transaction == effect.transaction);
        self.hold(same, Reason::EffectApart, effect.id);
    }
}
