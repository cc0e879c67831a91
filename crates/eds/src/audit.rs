//! A report on a signed file for somebody who has files and no server: the body of `nesie eds verify`.
//!
//! Pure like the rest: the caller reads the files and knows what time it is.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    ANSWER_AGE_MAX, Certificate, Evidence, Fingerprint, NATIONAL, OcspAnswer, Reason, RevocationList, Rules,
    SignedMessage, Signer, TimeStamp, Trust, Verdict, verify,
};

/// The name of the file in a folder of trust that says which of its certificates are anchors, and when.
pub const ANCHORS_FILE: &str = "anchors.txt";

/// A file as it was read.
pub struct File {
    /// Its name, for the report.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What an auditor has.
pub struct Files {
    /// The signed message.
    pub message: File,
    /// The document beside it.
    pub content: Option<File>,
    /// A folder of trust. Without one, the state's pinned roots are trusted, and the chain must be in the message.
    pub trust: Option<Vec<File>>,
    /// OCSP answers.
    pub answers: Vec<File>,
    /// Revocation lists and deltas.
    pub lists: Vec<File>,
    /// Time-stamps beside the message: answers of a time-stamping authority.
    pub stamps: Vec<File>,
}

/// What is found. Serializes to the JSON that `docs/handbook/signatures.md` describes.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether everything holds.
    pub valid: bool,
    /// The instant of the judgement.
    pub at: Timestamp,
    /// Where the anchors come from.
    pub trust: TrustSource,
    /// Against the message as a whole.
    pub reasons: Vec<Explained>,
    /// Each signature.
    pub signers: Vec<SignerReport>,
    /// Files of the folder of trust that are no certificates.
    pub passed_over: Vec<Unreadable>,
}

/// Where anchors come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustSource {
    /// The state's roots, pinned in this program.
    Pinned,
    /// The anchors listed in the folder.
    Listed,
    /// Every authority in the folder.
    Chosen,
}

/// A reason with its sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Explained {
    /// The stable code.
    pub code: Reason,
    /// What it means.
    pub explanation: &'static str,
}

/// One signature, and how far it stands on the state's roots.
#[derive(Debug, Serialize)]
pub struct SignerReport {
    /// Whether this signature holds.
    pub valid: bool,
    /// The name of the state's root that its chain ends in; none for any other anchor.
    pub national_root: Option<&'static str>,
    /// Everything against it, in sentences.
    pub explanations: Vec<&'static str>,
    /// What is known of it.
    #[serde(flatten)]
    pub signer: Signer,
}

/// A file that could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct Unreadable {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: Reason,
}

/// Judges the message at the instant `at`.
///
/// # Errors
/// The first file that cannot be read, but for those in the folder of trust.
pub fn report(files: &Files, at: Timestamp) -> Result<Report, Unreadable> {
    let message = read(&files.message, SignedMessage::read)?;
    let Trusted { trust, source, passed_over } = trusted(files.trust.as_deref(), &message)?;
    let evidence = Evidence {
        answers: files.answers.iter().map(|file| read(file, OcspAnswer::read)).collect::<Result<_, _>>()?,
        lists: files.lists.iter().map(|file| read(file, RevocationList::read)).collect::<Result<_, _>>()?,
        stamps: files
            .stamps
            .iter()
            .map(|file| read(file, TimeStamp::from_response))
            .collect::<Result<_, _>>()?,
    };
    let rules = Rules { at, trust: &trust, evidence: &evidence, answer_age_max: ANSWER_AGE_MAX, nonce: None };
    let verdict = verify(&message, files.content.as_ref().map(|file| file.bytes.as_slice()), &rules);
    Ok(Report::of(verdict, at, source, passed_over))
}

/// What is trusted where a message is judged.
pub struct Trusted {
    /// Anchors and issuers.
    pub trust: Trust,
    /// Where the anchors come from.
    pub source: TrustSource,
    /// Files of the folder that are no certificates.
    pub passed_over: Vec<Unreadable>,
}

/// What a folder of trust says; without one, the state's pinned roots, by the certificates that the message carries.
///
/// # Errors
/// What makes the whole of it unusable.
pub fn trusted(folder: Option<&[File]>, message: &SignedMessage) -> Result<Trusted, Unreadable> {
    let mut passed_over = Vec::new();
    let (trust, source) = match folder {
        Some(folder) => folder_of_trust(folder, &mut passed_over)?,
        None => {
            let trust = Trust::pinned(message.certificates().to_vec(), &NATIONAL);
            let within = |reason| Unreadable { name: "the message".to_owned(), reason };
            (trust.map_err(within)?, TrustSource::Pinned)
        }
    };
    Ok(Trusted { trust, source, passed_over })
}

impl Report {
    /// Of a verdict at the instant `at`.
    #[must_use]
    pub fn of(verdict: Verdict, at: Timestamp, trust: TrustSource, passed_over: Vec<Unreadable>) -> Self {
        Self {
            valid: verdict.holds().is_ok(),
            at,
            trust,
            reasons: verdict.reasons.iter().map(|reason| explained(*reason)).collect(),
            signers: verdict.signers.into_iter().map(SignerReport::of).collect(),
            passed_over,
        }
    }
}

impl SignerReport {
    fn of(signer: Signer) -> Self {
        let anchor = signer.chain.last();
        let root = NATIONAL.iter().find(|pin| anchor == Some(&pin.fingerprint));
        Self {
            valid: signer.reasons.is_empty(),
            national_root: root.map(|pin| pin.name),
            explanations: signer.reasons.iter().map(|reason| reason.explanation()).collect(),
            signer,
        }
    }
}

impl std::fmt::Display for Report {
    /// The report for people, in a few lines.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", if self.valid { "VALID" } else { "NOT VALID" })?;
        for reason in &self.reasons {
            writeln!(f, "  {}: {}", reason.code.code(), reason.explanation)?;
        }
        for report in &self.signers {
            let signer = &report.signer;
            let subject = signer.subject.as_ref();
            let part = |part: Option<&String>| part.map_or("-", String::as_str).to_owned();
            writeln!(
                f,
                "signer {} IIN {} BIN {}, {}, {} {}, root: {}",
                part(subject.and_then(|subject| subject.common_name.as_ref())),
                part(subject.and_then(|subject| subject.iin.as_ref())),
                part(subject.and_then(|subject| subject.bin.as_ref())),
                signer.algorithm,
                if signer.time_stamp.is_some() { "time-stamped" } else { "judged at" },
                signer.time,
                report.national_root.unwrap_or("none of the state's"),
            )?;
            for reason in &signer.reasons {
                writeln!(f, "  {}: {}", reason.code(), reason.explanation())?;
            }
        }
        Ok(())
    }
}

/// What a server trusts by a folder: the anchors that it names, else those of its certificates that are pinned in this
/// program. Files that are no certificates are a mistake here.
///
/// # Errors
/// The first file that cannot be read.
pub fn trust(folder: &[File]) -> Result<Trust, Unreadable> {
    let mut strange = Vec::new();
    let (trust, source) = folder_of_trust(folder, &mut strange)?;
    match (strange.into_iter().next(), source) {
        (Some(unreadable), _) => Err(unreadable),
        (None, TrustSource::Listed) => Ok(trust),
        (None, _) => {
            let all =
                folder.iter().map(|file| read(file, Certificate::read_all)).collect::<Result<Vec<_>, _>>()?;
            let pinned = Trust::pinned(all.concat(), &NATIONAL);
            pinned.map_err(|reason| Unreadable { name: "the folder of trust".to_owned(), reason })
        }
    }
}

fn folder_of_trust(
    folder: &[File],
    passed_over: &mut Vec<Unreadable>,
) -> Result<(Trust, TrustSource), Unreadable> {
    let mut certificates = Vec::new();
    let mut listed = None;
    for file in folder {
        if file.name == ANCHORS_FILE {
            listed = Some(read(file, anchors_of)?);
            continue;
        }
        match Certificate::read_all(&file.bytes) {
            Ok(read) => certificates.extend(read),
            Err(reason) => passed_over.push(unreadable(file, reason)),
        }
    }
    let whole = |reason| Unreadable { name: "the folder of trust".to_owned(), reason };
    match listed {
        Some(list) => Ok((Trust::listed(certificates, &list).map_err(whole)?, TrustSource::Listed)),
        None => Ok((Trust::chosen(certificates).map_err(whole)?, TrustSource::Chosen)),
    }
}

/// Lines of `SHA-256 FROM UNTIL`, instants as 2022-06-15T04:56:12Z; empty lines and those that begin with # are
/// passed over.
fn anchors_of(bytes: &[u8]) -> Result<Vec<(Fingerprint, Timestamp, Timestamp)>, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::Malformed)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let anchor = |line: &str| {
        let mut words = line.split_whitespace();
        let fingerprint = Fingerprint::parse(words.next()?)?;
        let (from, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        words.next().is_none().then_some((fingerprint, from, until))
    };
    lines.map(|line| anchor(line).ok_or(Reason::Malformed)).collect()
}

fn read<T>(file: &File, read: impl FnOnce(&[u8]) -> Result<T, Reason>) -> Result<T, Unreadable> {
    read(&file.bytes).map_err(|reason| unreadable(file, reason))
}

fn unreadable(file: &File, reason: Reason) -> Unreadable {
    Unreadable { name: file.name.clone(), reason }
}

fn explained(code: Reason) -> Explained {
    Explained { code, explanation: code.explanation() }
}
