//! The evidence of an agreement as one file (Rules cl. [11](lending::law::CL_11), [12](lending::law::CL_12)): what the
//! client and an auditor can check without us. The format is crate [`bundle`].
//!
//! It is as personal as anything here: photos, answers of the bureau. The client gets their own; of the employees an
//! auditor does. That it was given out is audited with the file's hash, by which a copy can be recognised as ours.

use std::time::Duration;

use lending::authority::Act;
use serde_json::json;
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use super::gather::{Gathered, gather};
use crate::{
    App, attempts, audit,
    entities::allowed,
    id::Id,
    loans::{Loan, LoanRefusal},
    op::Actor,
    password::Busy,
    refusal::{Fault, Refusal, Result},
    sessions::{Client, Employee},
    staff::{Action, StaffRefusal},
    vault::{hex, sha256},
};

/// A bundle is made in memory: one at a time.
static MAKING: Semaphore = Semaphore::const_new(1);

/// A bundle that was given out.
pub struct Exported {
    /// The number of the agreement.
    pub number: String,
    /// The file.
    pub file: Vec<u8>,
    /// Its SHA-256, hexadecimal: what the audit trail keeps.
    pub sha256: String,
}

/// The evidence of one of the client's own agreements; somebody else's does not exist for them. Of a legal entity's, for who
/// may sign for it: there are faces and documents of others who did.
///
/// # Errors
/// [`LoanRefusal::NotFound`], [`EntityRefusal`](crate::entities::EntityRefusal); too often.
pub async fn export_own(app: &App, who: Client, loan: Id<Loan>) -> Result<Exported> {
    attempts::take(app, &attempts::BUNDLES, who.id.uuid().as_bytes()).await?;
    let mut op = app.begin(who.clone()).await?;
    allowed(&mut op, Act::Sign).await?;
    drop(op);
    let client = who.party().uuid();
    made(app, who, loan, Some(client)).await
}

/// The evidence of any agreement, for who is employed to see it (Rules cl. [27](lending::law::CL_27)).
///
/// # Errors
/// [`StaffRefusal::NotAllowed`], [`LoanRefusal::NotFound`]; too often.
pub async fn export(app: &App, who: Employee, loan: Id<Loan>) -> Result<Exported> {
    if !who.role.may(Action::ExportEvidence) {
        return Err(StaffRefusal::NotAllowed.into());
    }
    attempts::take(app, &attempts::BUNDLES, who.id.uuid().as_bytes()).await?;
    made(app, who, loan, None).await
}

async fn made<W: Actor + Clone>(app: &App, who: W, loan: Id<Loan>, client: Option<Uuid>) -> Result<Exported> {
    let turn = timeout(Duration::from_secs(10), MAKING.acquire()).await;
    let _turn = turn.map_err(|_| Refusal::from(Busy::Now))?.map_err(Fault::new)?;
    let mut op = app.begin(who.clone()).await?;
    let gathered = gather(&mut op, loan.uuid(), client).await?;
    let Gathered { manifest, contents } = gathered.ok_or_else(|| Refusal::from(LoanRefusal::NotFound))?;
    drop(op); // Nothing is held while hashes are computed.
    let number = manifest.agreement.number.clone();
    let written = tokio::task::spawn_blocking(move || {
        let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        let file = bundle::write(&manifest, &contents)?;
        let sha256 = hex(&sha256(&file));
        Ok::<_, bundle::Failure>((file, sha256))
    });
    let (file, sha256) = written.await?.map_err(Fault::new)?;
    let mut op = app.begin(who).await?;
    let about = json!({ "sha256": sha256, "bytes": file.len() });
    audit::record(&mut op, "evidence.exported", Some(loan.uuid()), &about).await?;
    op.commit().await?;
    Ok(Exported { number, file, sha256 })
}
