//! What the records must say of each other.

mod confirmations;
mod papers;
mod powers;
mod proofs;
mod purposes;
mod records;
mod signatures;
mod trail;

use std::collections::BTreeMap;

use eds::audit::File;
use jiff::{Timestamp, civil::Date, tz};
use lending::authority::Role;
use uuid::Uuid;

use crate::{
    file::{self, Bundle},
    limits::FAILURES_MAX,
    manifest::{Confirmation, Manifest, Member, Paper, Power, Sha256},
    reason::{Failure, Reason},
    report::{Confirmed, Counted, Report, Seen, SeenPower, Signed, UNPROVED},
};
use purposes::Purpose;
use trail::Trail;

/// Judges a bundle. `trust` is a folder of trust as [`eds::audit`] takes it; without one, signatures stand on the
/// state's pinned roots alone. Goes on after a failure as far as it can, so that all of them are told.
#[must_use]
pub fn verify(file: &[u8], trust: Option<&[File]>) -> Report {
    let mut report = Report {
        valid: false,
        file_sha256: Sha256::of(file),
        agreement: None,
        amendments: Vec::new(),
        failures: Vec::new(),
        confirmations: Vec::new(),
        signatures: Vec::new(),
        counted: Counted::default(),
        unproved: UNPROVED,
    };
    match file::read(file) {
        Err(failure) => report.failures.push(failure),
        Ok(bundle) => judged(&bundle, trust, &mut report),
    }
    report.valid = report.failures.is_empty();
    report
}

fn judged(bundle: &Bundle<'_>, trust: Option<&[File]>, report: &mut Report) {
    let m = &bundle.manifest;
    report.agreement = Some(seen(m, m.agreement.number.clone(), &m.agreement.paper));
    let amendments = m.amendments.iter().map(|one| seen(m, one.number.to_string(), &one.paper));
    report.amendments = amendments.collect();
    report.counted = Counted {
        members: m.members.len(),
        proofs: m.proofs.len(),
        challenges: m.challenges.len(),
        acknowledgements: m.acknowledgements.len(),
        inquiries: m.inquiries.len(),
        events: m.events.len(),
    };
    let mut judge = Judge::new(bundle);
    judge.records();
    judge.papers();
    judge.powers();
    judge.confirmations();
    judge.proofs();
    judge.signatures(trust);
    judge.trail();
    report.failures = judge.failures;
    report.confirmations = judge.confirmed;
    report.signatures = judge.signed;
}

fn seen(m: &Manifest, number: String, paper: &Paper) -> Seen {
    let power = m.powers.iter().find(|power| Some(power.id) == paper.power);
    Seen {
        id: paper.id,
        number,
        sha256: paper.sha256,
        concluded_at: paper.concluded_at,
        power: power.map(|power| SeenPower {
            role: Role::by_code(&power.claim.role),
            dated: power.claim.dated,
            valid_until: power.claim.valid_until,
            scan_is_clean: power.scan.verdict == "clean",
        }),
    }
}

/// The civil date in Kazakhstan: one zone, UTC+5, since 1 March 2024.
fn date(instant: Timestamp) -> Date {
    tz::offset(5).to_datetime(instant).date()
}

/// A bundle under judgement.
struct Judge<'a> {
    m: &'a Manifest,
    /// Evidence by id, with its bytes.
    evidence: BTreeMap<Uuid, (&'a Member, &'a [u8])>,
    /// The same by what it belongs to.
    belonging: BTreeMap<Uuid, Vec<(&'a Member, &'a [u8])>>,
    confirmations: BTreeMap<Uuid, &'a Confirmation>,
    /// What each confirmation is for.
    purposes: BTreeMap<Uuid, Purpose<'a>>,
    trail: Trail<'a>,
    failures: Vec<Failure>,
    confirmed: Vec<Confirmed>,
    signed: Vec<Signed>,
}

impl<'a> Judge<'a> {
    fn new(bundle: &'a Bundle<'a>) -> Self {
        let m = &bundle.manifest;
        let members = || m.members.iter().zip(bundle.contents.iter().copied());
        let mut belonging: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
        for (member, bytes) in members() {
            belonging.entry(member.object.unwrap_or_default()).or_default().push((member, bytes));
        }
        Self {
            m,
            evidence: members().map(|(member, bytes)| (member.evidence, (member, bytes))).collect(),
            belonging,
            confirmations: m.confirmations.iter().map(|one| (one.id, one)).collect(),
            purposes: purposes::of(m).into_iter().map(|one| (one.confirmation, one)).collect(),
            trail: Trail::of(m),
            failures: Vec::new(),
            confirmed: Vec::new(),
            signed: Vec::new(),
        }
    }

    /// Evidence of this kind that belongs to something.
    fn of(&self, object: Uuid, kind: &str) -> impl Iterator<Item = (&'a Member, &'a [u8])> {
        let found = self.belonging.get(&object).into_iter().flatten();
        found.copied().filter(move |(member, _)| member.kind == kind)
    }

    /// The same where there must be one.
    fn only(&self, object: Uuid, kind: &str) -> Option<(&'a Member, &'a [u8])> {
        let mut found = self.of(object, kind);
        found.next().filter(|_| found.next().is_none())
    }

    fn power(&self, id: Option<Uuid>) -> Option<&'a Power> {
        self.m.powers.iter().find(|power| Some(power.id) == id)
    }

    fn note(&mut self, reason: Reason, about: impl std::fmt::Display) {
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(reason.of(about));
        }
    }

    /// Notes the reason unless `holds`.
    fn hold(&mut self, holds: bool, reason: Reason, about: impl std::fmt::Display) {
        if !holds {
            self.note(reason, about);
        }
    }
}
