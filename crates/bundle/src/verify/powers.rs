//! That whoever concluded a legal entity's paper had the power to: for this entity, by a document that was there, that
//! they stood for, and that was in force then (Rules cl. [6.b](lending::law::CL_6_B), [33](lending::law::CL_33)).

use lending::authority::{Act, Authority, Basis, Role, Withheld};

use super::{Judge, date};
use crate::{
    manifest::{Claim, Paper, Power},
    reason::Reason,
};

impl Judge<'_> {
    pub(super) fn powers(&mut self) {
        let m = self.m;
        for power in &m.powers {
            let used = m.papers().any(|(_, paper)| paper.power == Some(power.id));
            self.hold(used, Reason::RecordStray, power.id);
            let ours = m.party.entity.as_ref().is_some_and(|entity| entity.bin == power.claim.bin);
            self.hold(ours, Reason::PowerForeign, power.id);
            self.given(power);
            self.scanned(power);
        }
        for person in &m.people {
            let concludes = person.id == m.party.id || m.powers.iter().any(|power| power.person == person.id);
            self.hold(concludes, Reason::RecordStray, person.id);
        }
        for (_, paper) in m.papers() {
            if let Some(power) = self.power(paper.power) {
                self.in_force(power, paper);
            }
        }
    }

    /// It was confirmed first, by a document that could give it on that day.
    fn given(&mut self, power: &Power) {
        let confirmed = self.confirmations.get(&power.confirmation);
        let before = confirmed.is_none_or(|one| one.created_at <= power.given_at);
        self.hold(before, Reason::PowerForeign, power.id);
        let lawful = document(&power.claim).is_some_and(|(basis, role)| {
            let Claim { dated, valid_until, .. } = power.claim;
            Authority::given(basis, role, dated, valid_until, date(power.given_at))
                .is_ok_and(|given| given.until == valid_until)
        });
        self.hold(lawful, Reason::PowerNotInForce, power.id);
    }

    fn in_force(&mut self, power: &Power, paper: &Paper) {
        let Some((basis, role)) = document(&power.claim) else { return };
        let Claim { dated, valid_until, .. } = power.claim;
        let at = paper.concluded_at;
        let revoked = power.ended_at.is_some_and(|ended| ended <= at);
        let authority = Authority { basis, role, from: dated, until: valid_until, revoked };
        let allowed = authority.allows(Act::Sign, date(at));
        self.hold(allowed != Err(Withheld::NotGranted), Reason::PowerNarrow, paper.id);
        let begun = power.given_at <= at;
        self.hold(begun && allowed != Err(Withheld::NotInForce), Reason::PowerNotInForce, paper.id);
    }

    /// The document is the one that was confirmed, as it came, and it is known what the scanner said.
    fn scanned(&mut self, power: &Power) {
        let scan = &power.scan;
        if let Some((member, _)) = self.evidence.get(&scan.evidence).copied() {
            let confirmed = self.confirmations.get(&power.confirmation);
            let same = member.kind == "upload:original"
                && member.subject == power.person
                && member.sha256 == power.claim.scan_sha256
                && member.created_at <= scan.taken_at
                && confirmed.is_none_or(|one| scan.taken_at <= one.created_at);
            self.hold(same, Reason::ScanDiffers, power.id);
        }
        let known = match scan.verdict.as_str() {
            "clean" => scan.signatures.is_some(),
            "not-scanned" => scan.signatures.is_none(),
            _ => false,
        };
        self.hold(known, Reason::ScanVerdict, power.id);
    }
}

fn document(claim: &Claim) -> Option<(Basis, Role)> {
    Some((Basis::by_code(&claim.basis)?, Role::by_code(&claim.role)?))
}
