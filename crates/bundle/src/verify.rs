//! What the records must say of each other.

mod confirmations;
mod records;
mod signatures;
mod trail;

use std::collections::BTreeMap;

use eds::audit::File;
use uuid::Uuid;

use crate::{
    file::{self, Bundle},
    limits::FAILURES_MAX,
    manifest::{Manifest, Member, Sha256},
    reason::{Failure, Reason},
    report::{Confirmed, Counted, Report, Seen, Signed, UNPROVED},
};

/// Judges a bundle. `trust` is a folder of trust as [`eds::audit`] takes it; without one, signatures stand on the
/// state's pinned roots alone. Goes on after a failure as far as it can, so that all of them are told.
#[must_use]
pub fn verify(file: &[u8], trust: Option<&[File]>) -> Report {
    let mut report = Report {
        valid: false,
        file_sha256: Sha256::of(file),
        agreement: None,
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
    report.agreement = Some(Seen {
        id: m.agreement.id,
        number: m.agreement.number.clone(),
        sha256: m.agreement.sha256,
        signed_at: m.agreement.signed_at,
    });
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
    judge.confirmations();
    judge.signatures(trust);
    judge.trail();
    report.failures = judge.failures;
    report.confirmations = judge.confirmed;
    report.signatures = judge.signed;
}

/// A bundle under judgement.
struct Judge<'a> {
    m: &'a Manifest,
    /// Evidence by id, with its bytes.
    evidence: BTreeMap<Uuid, (&'a Member, &'a [u8])>,
    failures: Vec<Failure>,
    confirmed: Vec<Confirmed>,
    signed: Vec<Signed>,
}

impl<'a> Judge<'a> {
    fn new(bundle: &'a Bundle<'a>) -> Self {
        let m = &bundle.manifest;
        let members = m.members.iter().zip(bundle.contents.iter().copied());
        let evidence = members.map(|(member, bytes)| (member.evidence, (member, bytes))).collect();
        Self { m, evidence, failures: Vec::new(), confirmed: Vec::new(), signed: Vec::new() }
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
