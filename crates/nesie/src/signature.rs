//! `nesie eds`: for auditors, who have files and no server.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use eds::{
    audit::{ANCHORS_FILE, File, Files, report},
    limits::{LIST_BYTES_MAX, TRUSTED_MAX},
};
use jiff::Timestamp;
use ports::Clock as _;

use crate::{run::Trouble, world::MachineClock};

/// Electronic digital signatures.
#[derive(Subcommand)]
pub(crate) enum Eds {
    /// Check a signed file (CMS) without any server.
    Verify(Box<Verify>),
}

/// Ends with 0 if every signature holds.
#[derive(Args)]
#[command(
    after_help = "Example:\n  nesie eds verify agreement.cms --content agreement.pdf --trust authorities \\\n    \
                        --ocsp answer.der --json\n\nThe handbook (docs/handbook/signatures.md) says where the \
                        certificates come from and what the codes mean."
)]
pub(crate) struct Verify {
    /// The signed message: DER, PEM or base64.
    file: PathBuf,
    /// The document, where it is beside the message.
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// The instant to judge for, such as 2026-11-22T10:00:00Z; the present by default. A time-stamp in the message
    /// counts before it.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// A folder with certificates of authorities (.cer, .crt, .pem, .der) and perhaps anchors.txt.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// An OCSP answer about a signer; may be given several times.
    #[arg(long, value_name = "FILE")]
    ocsp: Vec<PathBuf>,
    /// A revocation list or delta; may be given several times.
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// The answer of a time-stamping authority about a signature that carries no time-stamp; may be given several times.
    #[arg(long, value_name = "FILE")]
    time_stamp: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Eds {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let Self::Verify(wanted) = self;
        let files = Files {
            message: read(&wanted.file)?,
            content: wanted.content.as_deref().map(read).transpose()?,
            trust: wanted.trust.as_deref().map(folder).transpose()?,
            answers: wanted.ocsp.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
            lists: wanted.crl.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
            stamps: wanted.time_stamp.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
        };
        let found = report(&files, wanted.at.unwrap_or_else(|| MachineClock.now()))?;
        if wanted.json {
            println!("{}", serde_json::to_string_pretty(&found)?);
        } else {
            print!("{found}");
        }
        if found.valid { Ok(()) } else { Err("the signature does not hold".into()) }
    }
}

/// What the server trusts: of the certificates in the folder those that the program pins, unless the folder names its
/// anchors itself. A folder in which nothing is trusted is a mistake.
pub(crate) fn trust(path: &Path) -> Result<eds::Trust, Trouble> {
    let trust = eds::audit::trust(&folder(path)?)?;
    if trust.anchors().is_empty() {
        return Err(format!("{}: no certificate in it is a root that we trust", path.display()).into());
    }
    Ok(trust)
}

/// The certificates of a folder and its list of anchors.
pub(crate) fn folder(path: &Path) -> Result<Vec<File>, Trouble> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let wanted = matches!(extension, Some("cer" | "crt" | "pem" | "der"))
            || path.file_name().is_some_and(|name| name == ANCHORS_FILE);
        if wanted && path.is_file() {
            if files.len() == TRUSTED_MAX {
                return Err(format!("more than {TRUSTED_MAX} certificates in the folder of trust").into());
            }
            files.push(read(&path)?);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<File, Trouble> {
    let trouble = |error: std::io::Error| format!("{}: {error}", path.display());
    let size = fs::metadata(path).map_err(trouble)?.len();
    if size > 2 * LIST_BYTES_MAX as u64 {
        return Err(format!("{}: {}", path.display(), eds::Reason::TooLarge).into());
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(File { name, bytes: fs::read(path).map_err(trouble)? })
}
