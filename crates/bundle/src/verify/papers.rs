//! That each paper is the document that was agreed to, by whom it had to be, after all that must come before (Rules cl.
//! [8.1](lending::law::CL_8_1), [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.5](lending::law::CL_8_5),
//! [8.8](lending::law::CL_8_8), [9.a](lending::law::CL_9_A)).

use jiff::Timestamp;
use lending::{confirmation::Operation, law::rules::RuleSet};
use serde_json::Value;
use uuid::Uuid;

use super::{Judge, date};
use crate::{
    manifest::{Inquiry, Paper, Person, Sha256},
    reason::Reason,
};

/// What a paper's document is, and what must be acknowledged before it is concluded.
const PAPERS: [(Operation, &str, &[&str]); 2] = [
    (Operation::SignContract, "agreement", &["full-cost", "lending-rules", "rights-and-duties"]),
    (Operation::AmendContract, "amendment", &["changed-terms"]),
];
/// What must be consented to before somebody is registered.
const BEFORE_REGISTERING: [&str; 2] = ["consent:electronic-interaction", "consent:personal-data"];

impl Judge<'_> {
    pub(super) fn papers(&mut self) {
        let m = self.m;
        for (operation, paper) in m.papers() {
            self.paper(operation, paper);
        }
        self.order();
        for person in &m.people {
            self.person(person);
        }
        self.asked_before();
    }

    fn paper(&mut self, operation: Operation, paper: &Paper) {
        let m = self.m;
        let is_entity = m.party.entity.is_some();
        let power = self.power(paper.power);
        self.hold(
            power.is_some() == is_entity && paper.power.is_some() == is_entity,
            Reason::PowerMissing,
            paper.id,
        );
        // It is drawn up anew each day, and keeps the limits of its own.
        self.hold(paper.dated == date(paper.concluded_at), Reason::DateDiffers, paper.id);
        let rules = RuleSet::in_force("dated", paper.dated);
        self.hold(rules.is_ok_and(|rules| rules.id == paper.rule_set), Reason::RuleSetDiffers, paper.id);
        let Some((_, kind, shown)) = PAPERS.iter().find(|row| row.0 == operation) else { return };
        if let Some((member, bytes)) = self.evidence.get(&paper.evidence).copied() {
            let same = Sha256::of(bytes) == paper.sha256
                && member.kind == *kind
                && member.media_type == "application/pdf"
                && member.subject == m.party.id
                && member.created_at <= paper.concluded_at;
            self.hold(same, Reason::DocumentDiffers, &member.path);
        }
        for kind in *shown {
            self.acknowledged(kind, paper.offer, m.party.id, paper.concluded_at);
        }
    }

    /// Amendments come after the agreement and one after the other.
    fn order(&mut self) {
        let m = self.m;
        let mut last = m.agreement.paper.concluded_at;
        for (place, one) in m.amendments.iter().enumerate() {
            let next = usize::from(one.number) == place + 1 && one.paper.concluded_at >= last;
            self.hold(next, Reason::AmendmentOrder, one.paper.id);
            last = one.paper.concluded_at;
        }
    }

    /// Somebody became a client with consents, by a number that is theirs, before they confirmed anything as one.
    fn person(&mut self, person: &Person) {
        let Some(confirmed) = self.confirmations.get(&person.confirmation) else { return };
        let (registration, at) = (person.registration, confirmed.created_at);
        for kind in BEFORE_REGISTERING {
            self.acknowledged(kind, registration, registration, at);
        }
        self.answered("phone-register", registration, registration, at, |theirs| {
            theirs == &Value::Bool(true)
        });
        let theirs = self.purposes.values().filter(|purpose| purpose.subject == person.id);
        let mut confirmed = theirs.filter_map(|purpose| self.confirmations.get(&purpose.confirmation));
        let before = confirmed.all(|one| at <= one.created_at);
        self.hold(before, Reason::RegistrationLate, person.id);
    }

    /// Nothing is lent before list and bureau were asked, the bureau by consent.
    fn asked_before(&mut self) {
        let m = self.m;
        let (application, party) = (m.agreement.application, m.party.id);
        let at = m.agreement.paper.concluded_at;
        let unlisted = |listed: &Value| listed == &Value::Bool(false);
        let willing = |report: &Value| report["voluntary_refusal"] == Value::Bool(false);
        self.answered("terrorist-list", application, party, at, unlisted);
        if let Some(asked_at) = self.answered("credit-bureau", application, party, at, willing) {
            self.acknowledged("consent:credit-report", application, party, asked_at);
        }
    }

    fn acknowledged(&mut self, kind: &str, object: Uuid, subject: Uuid, by: Timestamp) {
        let found = self.m.acknowledgements.iter().find(|one| one.object == object && one.kind == kind);
        match found.filter(|one| one.subject == subject) {
            None => self.note(Reason::AcknowledgementMissing, kind),
            Some(one) => self.hold(one.created_at <= by, Reason::AcknowledgementLate, one.id),
        }
    }

    /// This port was asked for this, about this subject, and said in time what is needed. When it was asked.
    fn answered(
        &mut self,
        port: &str,
        object: Uuid,
        subject: Uuid,
        by: Timestamp,
        is_right: impl Fn(&Value) -> bool,
    ) -> Option<Timestamp> {
        let found = self.m.inquiries.iter().find(|one| one.port == port && one.object == object);
        let about = |one: &&Inquiry| {
            let answer = one.evidence.and_then(|id| self.evidence.get(&id));
            answer.is_some_and(|(member, _)| member.subject == subject)
        };
        let found = found.filter(|one| one.answered_at.is_some_and(|at| at <= by)).filter(about);
        self.hold(found.is_some(), Reason::AnswerMissing, port);
        let found = found?;
        self.hold(found.meaning.as_ref().is_some_and(is_right), Reason::AnswerAgainst, found.id);
        Some(found.asked_at)
    }
}
