//! That nothing stands twice or belongs to nobody, and that what is named is there.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Judge;
use crate::reason::Reason;

impl Judge<'_> {
    pub(super) fn records(&mut self) {
        self.each_once();
        self.all_there();
        self.nobody_elses();
        self.acknowledgements();
        self.inquiries();
    }

    fn each_once(&mut self) {
        let m = self.m;
        let kinds: [Vec<Uuid>; 11] = [
            m.members.iter().map(|r| r.evidence).collect(),
            m.papers().map(|(_, r)| r.id).collect(),
            m.people.iter().map(|r| r.id).collect(),
            m.powers.iter().map(|r| r.id).collect(),
            m.confirmations.iter().map(|r| r.id).collect(),
            super::purposes::of(m).iter().map(|r| r.confirmation).collect(),
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
        let named = m.papers().map(|(_, r)| r.evidence);
        let named = named.chain(m.powers.iter().map(|r| r.scan.evidence));
        let named = named.chain(m.proofs.iter().map(|r| r.evidence));
        let named = named.chain(m.acknowledgements.iter().map(|r| r.evidence));
        for id in named.chain(m.inquiries.iter().filter_map(|r| r.evidence)) {
            self.hold(self.evidence.contains_key(&id), Reason::EvidenceMissing, id);
        }
    }

    /// Every file is about the client or about who acted.
    fn nobody_elses(&mut self) {
        let m = self.m;
        let ours = m.people.iter().flat_map(|person| [person.id, person.registration]);
        let ours: BTreeSet<Uuid> = ours.chain([m.party.id]).collect();
        for member in &m.members {
            self.hold(ours.contains(&member.subject), Reason::RecordStray, &member.path);
        }
    }

    /// Each is of a text that was shown for this, to this subject, before they accepted it.
    fn acknowledgements(&mut self) {
        for one in &self.m.acknowledgements {
            let same = self.evidence.get(&one.evidence).is_none_or(|(member, _)| {
                member.kind == one.kind
                    && member.subject == one.subject
                    && member.object == Some(one.object)
                    && member.created_at <= one.created_at
            });
            self.hold(same, Reason::AcknowledgementMissing, one.id);
        }
    }

    /// Each answer is the answer to its question.
    fn inquiries(&mut self) {
        for one in &self.m.inquiries {
            let answered = one.state == "answered";
            let whole = answered == one.evidence.is_some() && answered == one.meaning.is_some();
            let later = one.answered_at.is_none_or(|at| at >= one.asked_at);
            self.hold(whole && later && answered == one.answered_at.is_some(), Reason::AnswerForeign, one.id);
            if let Some((member, _)) = one.evidence.and_then(|id| self.evidence.get(&id)) {
                let ours = member.kind == format!("answer:{}", one.port) && member.object == Some(one.object);
                // What was shown to somebody outside, as a photo is, is of whom the answer is about.
                let shown =
                    self.evidence.get(&one.object).is_none_or(|(shown, _)| shown.subject == member.subject);
                let in_time = member.created_at >= one.asked_at
                    && one.answered_at.is_none_or(|at| member.created_at <= at);
                self.hold(ours && shown && in_time, Reason::AnswerForeign, one.id);
            }
        }
    }
}
