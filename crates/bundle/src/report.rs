//! What was found, for people and for programs.

use jiff::{Timestamp, civil::Date};
use lending::{authority::Role, confirmation::Method};
use serde::Serialize;
use uuid::Uuid;

use crate::{manifest::Sha256, reason::Failure};

/// What no bundle of this format proves. It is said in every report, so that nobody believes more than was shown.
pub const UNPROVED: [&str; 5] = [
    "Who made this file: it holds together, and so would one that somebody made up as a whole. Ask the organization for \
     the SHA-256 that its audit trail keeps of each bundle it gave out (evidence.exported), or for a second copy: the \
     same agreement gives the same file until something happens to it.",
    "That the audit trail is whole: its events are the organization's own record and not sealed yet, so nothing here \
     shows that none was left out or written later.",
    "Where an answer from outside came from: its bytes are as they were recorded; few providers sign them.",
    "When anything was done: every time here is the organization's word, but for those that the certification authority \
     signed. Without a time-stamp, the time of a digital signature is that word, and it is for that time that it is \
     judged whether the certificate had been revoked.",
    "What people are called, and in which language they were shown a text: read the documents and the texts. A person is \
     known here by the IIN, a legal entity by the BIN; an entity's name is compared with the claim by which it became a \
     client only where that claim is here.",
];

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether everything holds.
    pub valid: bool,
    /// SHA-256 of the whole file.
    pub file_sha256: Sha256,
    /// What the bundle is about, if it could be read.
    pub agreement: Option<Seen>,
    /// What was agreed otherwise since.
    pub amendments: Vec<Seen>,
    /// Everything against it.
    pub failures: Vec<Failure>,
    /// Each confirmation, and what it was found to stand on.
    pub confirmations: Vec<Confirmed>,
    /// Each digital signature.
    pub signatures: Vec<Signed>,
    /// How much was checked.
    pub counted: Counted,
    /// What was not shown, whatever the verdict.
    pub unproved: [&'static str; 5],
}

/// A paper that was concluded.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// What was concluded.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// SHA-256 of its document.
    pub sha256: Sha256,
    /// When it was concluded, by the organization's word.
    pub concluded_at: Timestamp,
    /// By which power, if for a legal entity.
    pub power: Option<SeenPower>,
}

/// A power to act for a legal entity. Who has it, and the document's number, stand in the manifest.
#[derive(Debug, Serialize)]
pub struct SeenPower {
    /// What it covers, if it is a role that is known.
    pub role: Option<Role>,
    /// The first day.
    pub dated: Date,
    /// The last day; none: until it is ended.
    pub valid_until: Option<Date>,
    /// Whether the scanned document was found clean of malware; if not, no scanner was installed.
    pub scan_is_clean: bool,
}

/// A confirmation.
#[derive(Debug, Serialize)]
pub struct Confirmed {
    /// Its id.
    pub id: Uuid,
    /// The operation, by its code.
    pub operation: String,
    /// The methods of Rules cl. 35 that its proofs amount to.
    pub methods: Vec<Method>,
    /// The kinds of its proofs.
    pub proofs: Vec<String>,
    /// When its proofs were spent.
    pub spent_at: Timestamp,
}

/// A digital signature.
#[derive(Debug, Serialize)]
pub struct Signed {
    /// The member that is the signature.
    pub path: String,
    /// What was found; none if it could not be judged at all.
    pub report: Option<eds::audit::Report>,
}

/// How much was checked.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Counted {
    pub members: usize,
    pub proofs: usize,
    pub challenges: usize,
    pub acknowledgements: usize,
    pub inquiries: usize,
    pub events: usize,
}

impl std::fmt::Display for Report {
    /// The report for people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", if self.valid { "VALID" } else { "NOT VALID" })?;
        writeln!(f, "file SHA-256 {}", self.file_sha256)?;
        let agreement = self.agreement.iter().map(|seen| ("agreement", seen));
        for (what, seen) in agreement.chain(self.amendments.iter().map(|seen| ("amendment", seen))) {
            let Seen { number, sha256, concluded_at, .. } = seen;
            writeln!(f, "{what} {number} of {concluded_at}, document SHA-256 {sha256}")?;
            if let Some(power) = &seen.power {
                let role = power.role.map_or("unknown role", Role::code);
                let until = power.valid_until.map_or_else(|| "it is ended".to_owned(), |day| day.to_string());
                let scan = if power.scan_is_clean { "found clean" } else { "not scanned for malware" };
                writeln!(f, "  by a {role} from {} until {until}; the document was {scan}", power.dated)?;
            }
        }
        for failure in &self.failures {
            writeln!(f, "  {failure}")?;
        }
        for confirmed in &self.confirmations {
            let methods: Vec<String> = confirmed.methods.iter().map(|method| format!("{method:?}")).collect();
            let (methods, proofs) = (methods.join(" + "), confirmed.proofs.join(", "));
            writeln!(f, "{} confirmed {} by {methods} ({proofs})", confirmed.operation, confirmed.spent_at)?;
        }
        for signed in &self.signatures {
            writeln!(f, "signature {}", signed.path)?;
            if let Some(report) = &signed.report {
                write!(f, "{report}")?;
            }
        }
        let c = self.counted;
        writeln!(
            f,
            "checked: {} files, {} proofs, {} challenges, {} acknowledgements, {} inquiries, {} events",
            c.members, c.proofs, c.challenges, c.acknowledgements, c.inquiries, c.events
        )?;
        writeln!(f, "not shown by any bundle:")?;
        self.unproved.iter().try_for_each(|text| writeln!(f, "- {text}"))
    }
}
