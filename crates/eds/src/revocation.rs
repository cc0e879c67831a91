//! Whether a certificate was revoked, by OCSP answers and revocation lists.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Certificate, OcspAnswer, Reason, RevocationList, TimeStamp,
    list::Entry,
    verify::{CLOCK_SKEW, Rules},
};

/// What is known of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    Good,
    Unknown,
    Revoked(Timestamp),
    OnHold(Timestamp),
}

impl Status {
    /// CRLReason certificateHold and removeFromCRL.
    const HOLD: u8 = 6;
    pub(crate) const REMOVE_FROM_LIST: u8 = 8;

    /// A revocation on the first instant of 1970 with the reason of a hold means that the authority does not know
    /// the certificate ("extended revoke", RFC 6960 §2.2).
    pub(crate) fn revoked(at: Timestamp, reason: &[u8]) -> Self {
        match reason {
            [Self::HOLD] if at == Timestamp::UNIX_EPOCH => Self::Unknown,
            [Self::HOLD] => Self::OnHold(at),
            _ => Self::Revoked(at),
        }
    }

    /// For a signature made at `time`: what came later does not touch it.
    fn at(self, time: Timestamp) -> Result<(), Reason> {
        match self {
            Self::Good => Ok(()),
            Self::Unknown => Err(Reason::CertificateUnknown),
            Self::Revoked(at) if at <= time => Err(Reason::Revoked),
            Self::OnHold(at) if at <= time => Err(Reason::OnHold),
            Self::Revoked(_) | Self::OnHold(_) => Ok(()),
        }
    }
}

/// Answers and lists at hand.
#[derive(Clone, Default)]
pub struct Evidence {
    /// Answers of OCSP responders.
    pub answers: Vec<OcspAnswer>,
    /// Full lists and deltas, of any issuer.
    pub lists: Vec<RevocationList>,
    /// Time-stamps of signatures that carry none themselves; those of other signatures are passed over.
    pub stamps: Vec<TimeStamp>,
}

/// What showed that a certificate was not revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct NotRevoked {
    /// What kind of evidence.
    pub by: Source,
    /// The instant it speaks of.
    pub as_of: Timestamp,
}

/// A kind of evidence about revocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An OCSP answer.
    Ocsp,
    /// A revocation list, with its delta if there is one.
    List,
}

/// One certificate, its issuer, and the time for which the question is asked.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) issuer: &'a Certificate,
    pub(crate) time: Timestamp,
}

impl Evidence {
    /// Whether the certificate was good at the time. One bad piece outweighs all good ones; one good piece is enough
    /// beside those that merely say nothing of that time.
    pub(crate) fn check<'a>(
        &'a self,
        question: Question<'a>,
        own_lists: &'a [RevocationList],
        rules: &Rules<'a>,
    ) -> Result<NotRevoked, Reason> {
        let about = |answer: &&OcspAnswer| answer.about(question.certificate, question.issuer).is_some();
        let answers = self.answers.iter().filter(about);
        let mut outcomes: Vec<_> = answers.map(|answer| answered(answer, question, rules)).collect();
        let of_issuer = |list: &&RevocationList| list.is_of(question.issuer);
        let lists: Vec<_> = self.lists.iter().chain(own_lists).filter(of_issuer).collect();
        if !lists.is_empty() {
            outcomes.push(listed(&lists, question, rules.at));
        }
        // Bad first, then good, then silent; the sort keeps the order within.
        outcomes.sort_by_key(|outcome| match outcome {
            Err(reason) if !says_nothing(*reason) => 0,
            Ok(_) => 1,
            Err(_) => 2,
        });
        outcomes.into_iter().next().unwrap_or(Err(Reason::RevocationMissing))
    }
}

/// Of evidence that is neither for nor against: it is absent, or of another time or question.
pub(crate) fn says_nothing(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::RevocationMissing
            | Reason::RevocationStale
            | Reason::RevocationInFuture
            | Reason::Nonce
            | Reason::DeltaBase
    )
}

fn answered(answer: &OcspAnswer, question: Question<'_>, rules: &Rules<'_>) -> Result<NotRevoked, Reason> {
    let single = answer.about(question.certificate, question.issuer).ok_or(Reason::RevocationMissing)?;
    let responder = answer.verify(question.issuer)?;
    rules.trust.strays(&answer.certificates, &[responder], answer.produced_at())?;
    if rules.nonce.is_some_and(|nonce| answer.nonce() != Some(nonce)) {
        return Err(Reason::Nonce);
    }
    not_after(single.this_update.max(answer.produced_at()), rules.at)?;
    // Bad news does not go stale.
    single.status.at(question.time)?;
    let oldest = minus(question.time, rules.answer_age_max);
    if single.this_update < oldest || single.next_update.is_some_and(|next| next < question.time) {
        return Err(Reason::RevocationStale);
    }
    Ok(NotRevoked { by: Source::Ocsp, as_of: single.this_update })
}

fn listed(lists: &[&RevocationList], question: Question<'_>, now: Timestamp) -> Result<NotRevoked, Reason> {
    for list in lists {
        list.verify(question.issuer)?;
        not_after(list.this_update, now)?;
    }
    let (deltas, full): (Vec<&RevocationList>, Vec<_>) = lists.iter().partition(|list| list.is_delta());
    let newest = full.into_iter().max_by_key(|list| list.this_update).ok_or(Reason::DeltaBase)?;
    let mut entry = newest.about(question.certificate);
    let mut last = newest;
    // A delta newer than the full list says all that changed since its base; the newest delta says it all.
    if let Some(delta) = deltas.into_iter().max_by_key(|list| list.this_update)
        && delta.this_update > newest.this_update
    {
        if newest.number.is_none() || delta.base > newest.number || delta.number < newest.number {
            return Err(Reason::DeltaBase);
        }
        entry = delta.about(question.certificate).or(entry);
        last = delta;
    }
    if let Some(Entry::Status(status)) = entry {
        status.at(question.time)?;
    }
    if last.next_update.is_none_or(|next| next < question.time) {
        return Err(Reason::RevocationStale);
    }
    Ok(NotRevoked { by: Source::List, as_of: last.this_update })
}

fn not_after(time: Timestamp, now: Timestamp) -> Result<(), Reason> {
    if time > minus(now, -CLOCK_SKEW) { Err(Reason::RevocationInFuture) } else { Ok(()) }
}

fn minus(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.saturating_sub(duration).unwrap_or(time)
}
