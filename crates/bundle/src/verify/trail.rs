//! That the audit trail tells the same story: the confirmation with its proofs, and the agreement, in one transaction
//! (Rules cl. [11](lending::law::CL_11)).

use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;

use super::Judge;
use crate::{
    manifest::{Confirmation, Event},
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
struct Concluded {
    application: Uuid,
    offer: Uuid,
    confirmation: Uuid,
}

#[derive(Deserialize)]
struct Registered {
    registration: Uuid,
    confirmation: Uuid,
}

impl Judge<'_> {
    pub(super) fn trail(&mut self) {
        let m = self.m;
        for one in &m.confirmations {
            let told = self.told("confirmed", one.id);
            if let Some((_, said)) = told {
                self.hold(self.agrees(one, &said), Reason::TrailDiffers, one.id);
            }
        }
        let agreement = &m.agreement;
        if let Some((event, said)) = self.told::<Concluded>("agreement.signed", agreement.id) {
            let same = said.application == agreement.application
                && said.offer == agreement.offer
                && said.confirmation == agreement.confirmation
                && event.at == agreement.signed_at;
            self.hold(same, Reason::TrailDiffers, agreement.id);
            self.together(&event, agreement.confirmation);
        }
        if let Some((event, said)) = self.told::<Registered>("client.registered", m.client.id) {
            self.hold(said.registration == m.client.registration, Reason::TrailDiffers, m.client.id);
            self.together(&event, said.confirmation);
        }
    }

    /// The one event of this action on this object, with what it says.
    fn told<T: for<'de> Deserialize<'de>>(&mut self, action: &str, object: Uuid) -> Option<(Event, T)> {
        let fits = |event: &&Event| event.action == action && event.object == Some(object);
        let found: Vec<&Event> = self.m.events.iter().filter(fits).collect();
        let [event] = found[..] else {
            self.note(Reason::TrailIncomplete, format_args!("{action} {object}"));
            return None;
        };
        match serde_json::from_str(&event.payload) {
            Ok(said) => Some((event.clone(), said)),
            Err(_) => {
                self.note(Reason::TrailDiffers, event.id);
                None
            }
        }
    }

    fn agrees(&self, one: &Confirmation, said: &Confirmed) -> bool {
        let spent = self.m.proofs.iter().filter(|proof| proof.confirmation == one.id);
        said.subject == one.subject
            && said.operation == one.operation
            && said.object == one.object_sha256.to_string()
            && said.proofs == spent.map(|proof| proof.id).collect()
    }

    /// The confirmation was made in the transaction of its effect.
    fn together(&mut self, effect: &Event, confirmation: Uuid) {
        let fits = |event: &&Event| event.action == "confirmed" && event.object == Some(confirmation);
        let confirmed = self.m.events.iter().find(fits);
        let same = confirmed.is_some_and(|event| event.transaction == effect.transaction);
        self.hold(same, Reason::EffectApart, effect.id);
    }
}
