//! That nothing stands twice, and that what is named is there.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Judge;
use crate::{manifest::Sha256, reason::Reason};

/// What must be acknowledged before an agreement is concluded (Rules cl. [8.2](lending::law::CL_8_2),
/// [8.3](lending::law::CL_8_3), [8.5](lending::law::CL_8_5)).
const BEFORE_SIGNING: [&str; 3] = ["full-cost", "lending-rules", "rights-and-duties"];
/// What must be consented to before somebody is registered.
const BEFORE_REGISTERING: [&str; 2] = ["consent:electronic-interaction", "consent:personal-data"];
/// Who must have answered before an agreement is concluded (Rules cl. [8.1](lending::law::CL_8_1),
/// [8.8](lending::law::CL_8_8)).
const ASKED_BEFORE_SIGNING: [&str; 2] = ["credit-bureau", "terrorist-list"];

impl Judge<'_> {
    pub(super) fn records(&mut self) {
        self.each_once();
        self.all_there();
        self.document();
        self.acknowledgements();
        self.inquiries();
    }

    /// The document is the one whose hash was agreed to.
    fn document(&mut self) {
        let agreement = &self.m.agreement;
        if let Some((member, bytes)) = self.evidence.get(&agreement.evidence) {
            let same = Sha256::of(bytes) == agreement.sha256 && member.subject == self.m.client.id;
            self.hold(same, Reason::DocumentDiffers, &member.path);
        }
    }

    fn each_once(&mut self) {
        let m = self.m;
        let kinds: [Vec<Uuid>; 7] = [
            m.members.iter().map(|r| r.evidence).collect(),
            m.confirmations.iter().map(|r| r.id).collect(),
            m.proofs.iter().map(|r| r.id).collect(),
            m.challenges.iter().map(|r| r.id).collect(),
            m.acknowledgements.iter().map(|r| r.id).collect(),
            m.inquiries.iter().map(|r| r.id).collect(),
            m.events.iter().map(|r| r.id).collect(),
        ];
        for ids in kinds {
            let mut seen = BTreeSet::new();
            for id in ids {
                self.hold(seen.insert(id), Reason::RecordTwice, id);
            }
        }
        let mut asked = BTreeSet::new();
        for inquiry in &m.inquiries {
            self.hold(asked.insert((&inquiry.port, inquiry.object)), Reason::InquiryTwice, inquiry.id);
        }
        let mut shown = BTreeSet::new();
        for one in &m.acknowledgements {
            self.hold(shown.insert((one.object, &one.kind)), Reason::RecordTwice, one.id);
        }
    }

    fn all_there(&mut self) {
        let m = self.m;
        let named = m.proofs.iter().map(|r| r.evidence);
        let named = named.chain(m.acknowledgements.iter().map(|r| r.evidence));
        let named = named.chain(m.inquiries.iter().filter_map(|r| r.evidence));
        for id in named.chain([m.agreement.evidence]) {
            self.hold(self.evidence.contains_key(&id), Reason::EvidenceMissing, id);
        }
    }

    fn acknowledgements(&mut self) {
        let (m, agreement) = (self.m, &self.m.agreement);
        let signing = (agreement.offer, m.client.id, agreement.signed_at, BEFORE_SIGNING.as_slice());
        let registered = m.confirmations.iter().find(|one| one.subject == m.client.registration);
        let registering = registered.map(|one| {
            (m.client.registration, m.client.registration, one.created_at, BEFORE_REGISTERING.as_slice())
        });
        for (object, subject, by, kinds) in [Some(signing), registering].into_iter().flatten() {
            for kind in kinds {
                let found = m.acknowledgements.iter().find(|one| one.object == object && one.kind == *kind);
                match found.filter(|one| one.subject == subject) {
                    None => self.note(Reason::AcknowledgementMissing, kind),
                    Some(one) => self.hold(one.created_at <= by, Reason::AcknowledgementLate, one.id),
                }
            }
        }
        for one in &m.acknowledgements {
            let same = self.evidence.get(&one.evidence);
            let same =
                same.is_none_or(|(member, _)| member.kind == one.kind && member.subject == one.subject);
            self.hold(same, Reason::AcknowledgementMissing, one.id);
        }
    }

    fn inquiries(&mut self) {
        let (m, agreement) = (self.m, &self.m.agreement);
        for one in &m.inquiries {
            let answered = one.state == "answered";
            let whole = answered == one.evidence.is_some() && answered == one.meaning.is_some();
            let later = one.answered_at.is_none_or(|at| at >= one.asked_at);
            self.hold(whole && later && answered == one.answered_at.is_some(), Reason::AnswerForeign, one.id);
            if let Some((member, _)) = one.evidence.and_then(|id| self.evidence.get(&id)) {
                let ours = member.kind == format!("answer:{}", one.port) && member.object == Some(one.object);
                // What was shown to somebody outside, as a photo is, is of whom the answer is about.
                let shown =
                    self.evidence.get(&one.object).is_none_or(|(shown, _)| shown.subject == member.subject);
                self.hold(ours && shown && member.created_at >= one.asked_at, Reason::AnswerForeign, one.id);
            }
        }
        for port in ASKED_BEFORE_SIGNING {
            let found =
                m.inquiries.iter().find(|one| one.port == port && one.object == agreement.application);
            let in_time = found.and_then(|one| one.answered_at).is_some_and(|at| at <= agreement.signed_at);
            self.hold(in_time, Reason::AnswerMissing, port);
        }
    }
}
