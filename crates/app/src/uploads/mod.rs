//! Files that people send: scanned documents (Rules cl. [6.b](lending::law::CL_6_B), [33](lending::law::CL_33),
//! [34](lending::law::CL_34)).
//!
//! Limits first: bytes, then what the file says it is against what it is, then what a picture's header claims or what a
//! PDF could do; then the scanner for malware where one runs, and only then is a picture decoded, one at a time, and
//! drawn anew for those who look at it. The original is kept as it came, sealed, as evidence. With a scanner that does
//! not answer nothing is taken; where none is installed, that is recorded with the file.

mod pdf;

use ports::{Scanned, Silence};
use serde_json::json;

use crate::{
    App, attempts, audit,
    evidence::{self, Exhibit},
    id::Id,
    identity::{IdentityRefusal, Photo},
    op::Op,
    refusal::{No, Refusal, Result, refusals},
    sessions::Client,
};

refusals! {
    /// Files.
    UploadRefusal {
        /// More bytes or pixels than are taken.
        TooLarge = "file-too-large" Invalid,
        /// Not a JPEG, PNG or PDF, or not what its name says.
        Kind = "file-kind" Invalid CL_26_3,
        /// Damaged, or empty.
        Unreadable = "file-unreadable" Invalid,
        /// A PDF that runs something, carries files, or is encrypted.
        Active = "file-active" Invalid CL_33,
        /// Malware was found in it.
        Infected = "file-infected" Invalid CL_33,
        /// The scanner for malware does not answer.
        ScannerDown = "file-scanner-down" Unavailable CL_33,
    }
}

/// Most bytes of a file.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;

/// Marks the id of a file that was taken in.
pub struct Upload;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Jpeg,
    Png,
    Pdf,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Pdf];

    /// By the first bytes; what is none of these is not taken.
    fn of(bytes: &[u8]) -> Option<Self> {
        let magic = |kind: &Self| match kind {
            Self::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Pdf => bytes.starts_with(b"%PDF-"),
        };
        Self::ALL.into_iter().find(magic)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// Whether a file's name, or a media type, says the same.
    fn is_claimed(self, claimed: &str) -> bool {
        let ending = claimed.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let endings: &[&str] = match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Pdf => &["pdf"],
        };
        claimed == self.media_type() || endings.contains(&ending.as_str())
    }
}

/// Takes a scanned document in: see the module. `claimed` is the file's name, or its media type.
///
/// # Errors
/// [`UploadRefusal`], at the field `scan`.
pub async fn take(app: &App, who: Client, claimed: &str, bytes: Vec<u8>) -> Result<Id<Upload>> {
    attempts::take(app, &attempts::UPLOADS, who.id.uuid().as_bytes()).await?;
    if bytes.len() > BYTES_MAX {
        return Err(UploadRefusal::TooLarge.at("scan"));
    }
    let kind = Kind::of(&bytes).filter(|kind| kind.is_claimed(claimed));
    let kind = kind.ok_or_else(|| UploadRefusal::Kind.at("scan"))?;
    let bytes = if kind == Kind::Pdf {
        tokio::task::spawn_blocking(move || pdf::check(&bytes).map(|()| bytes))
            .await?
            .map_err(|why| why.at("scan"))?
    } else {
        bytes
    };
    let scanned = scan(app, &who, &bytes).await?;
    // A decoder sees only what the scanner has passed.
    let (bytes, picture) = match kind {
        Kind::Pdf => (bytes, None),
        Kind::Jpeg | Kind::Png => {
            let photo = Photo::take(bytes).await.map_err(as_file)?;
            let (original, picture) = photo.into_parts();
            (original, Some(picture))
        }
    };
    let mut op = app.begin(who).await?;
    let person = op.who.id.uuid();
    let exhibit =
        |kind, media_type, bytes| Exhibit { kind, subject: person, object: None, media_type, bytes };
    let original = evidence::store(&mut op, exhibit("upload:original", kind.media_type(), &bytes)).await?;
    let shown = match &picture {
        Some(picture) => Some(evidence::store(&mut op, exhibit("upload", "image/jpeg", picture)).await?.id),
        None => None,
    };
    let (tenant, id, now) = (op.tenant, op.id(), op.now_sql());
    let signatures = scanned.map(|scanned| scanned.signatures.chars().take(200).collect::<String>());
    let verdict = if signatures.is_some() { "clean" } else { "not-scanned" };
    sqlx::query!(
        "insert into upload (tenant_id, id, client_id, media_type, sha256, verdict, signatures, evidence_id, shown_id,
                             taken_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        person,
        kind.media_type(),
        &original.sha256,
        verdict,
        signatures,
        original.id,
        shown,
        now as _,
    )
    .execute(op.db())
    .await?;
    let about = json!({ "media_type": kind.media_type(), "verdict": verdict, "signatures": signatures });
    audit::record(&mut op, "upload.taken", Some(id), &about).await?;
    op.commit().await?;
    Ok(id.into())
}

/// What the scanner says; nothing where none is installed. Malware is recorded, and not kept.
async fn scan(app: &App, who: &Client, bytes: &[u8]) -> Result<Option<Scanned>> {
    let Some(scanner) = &app.ports().scanner else { return Ok(None) };
    let scanned = scanner.scan(bytes).await.map_err(|silence: Silence| {
        tracing::warn!(%silence, "no verdict on a file");
        UploadRefusal::ScannerDown.at("scan")
    })?;
    let Some(malware) = &scanned.malware else { return Ok(Some(scanned)) };
    let mut op: Op<Client> = app.begin(who.clone()).await?;
    let sha256 = crate::vault::hex(&crate::vault::sha256(bytes));
    let about = json!({ "sha256": sha256, "malware": malware, "signatures": scanned.signatures });
    audit::record(&mut op, "upload.infected", Some(who.id.uuid()), &about).await?;
    op.commit().await?;
    Err(UploadRefusal::Infected.at("scan"))
}

/// What is wrong with a picture, said of a file.
fn as_file(no: No) -> No {
    match no {
        No::Refusal(no) if no.code == Refusal::from(IdentityRefusal::PhotoTooLarge).code => {
            UploadRefusal::TooLarge.at("scan")
        }
        No::Refusal(no) if no.field == Some("photo") => UploadRefusal::Unreadable.at("scan"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_file_is_what_its_bytes_and_its_name_say_together() {
        for (bytes, claimed, taken) in [
            (&b"%PDF-1.7\n"[..], "order.PDF", Some(Kind::Pdf)),
            (b"%PDF-1.7\n", "application/pdf", Some(Kind::Pdf)),
            (b"%PDF-1.7\n", "order.pdf.exe", None),
            (b"%PDF-1.7\n", "order.jpg", None),
            (b"%PDF-1.7\n", "", None),
            (b"MZ\x90\0", "order.pdf", None),
            (b"PK\x03\x04", "order.docx", None),
            (b"\xff\xd8\xff\xe0", "scan.jpeg", Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", "image/png", Some(Kind::Png)),
            (b"GIF89a", "image/gif", None),
            (b"", "order.pdf", None),
        ] {
            let kind = Kind::of(bytes).filter(|kind| kind.is_claimed(claimed));
            assert_eq!(kind, taken, "{claimed}");
        }
    }
}
