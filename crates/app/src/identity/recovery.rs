//! Another password for who has lost theirs (Rules cl. [29](lending::law::CL_29), [25.9](lending::law::CL_25_9)).
//!
//! Asked for by IIN or number, with the same answer and the same work whether or not there is such a client. A session that
//! is good for this alone takes the proofs: first something the client has, then the face at the IDEC
//! ([`Operation::RecoverPassword`](lending::confirmation::Operation)). Then every session of the client ends, and nobody is signed in by it.

use lending::confirmation::Operation;
use serde_json::json;
use texts::Lang;
use uuid::Uuid;

use super::{
    IdentityRefusal, Purpose,
    changes::{self, Guessing, Wish},
    codes, confirm, devices, profile, profile_if_any,
    sign_in::{Counted, Name, find},
};
use crate::{
    App,
    attempts::{self, Guessed, Guesses},
    audit,
    id::Id,
    op::Context,
    organization,
    refusal::Result,
    sessions::{self, Holder, Recoverer, Token, Visitor},
    vault::sha256,
};

/// Begins a recovery: a code goes to the client's number, if there is such a client. The session returned is good for this
/// recovery only.
pub async fn begin_recovery(app: &App, visitor: Visitor, name: &str) -> Result<Token> {
    let policy = organization::policy(app).await?;
    let network = attempts::network(&visitor.origin.address);
    attempts::take(app, &attempts::sign_ins_per_address(&policy), &network).await?;
    let name = Name::parse(name.trim());
    let mut op = app.begin(visitor.clone()).await?;
    let client = find(&mut op, &name).await?.map(|(client, _)| client);
    let device = devices::known(&mut op, client, &visitor.origin).await?;
    let counted = Counted::of(device).whom(&name);
    drop(op);
    let whom = codes::whom(Operation::RecoverPassword, &counted);
    attempts::take(app, &attempts::codes_per_number(&policy), &whom).await?;
    let mut op = app.begin(visitor.clone()).await?;
    let wish = Wish::Recovery(Guessing { counted, device });
    let change = changes::keep(&mut op, client, &wish).await?;
    let (token, session) = sessions::open(&mut op, Holder::Recovery(change.into()), &visitor.origin).await?;
    let purpose = purpose(client.unwrap_or(change), session, change);
    // Looked up for nobody, too: the same work.
    let known = profile_if_any(&mut op, purpose.subject).await?;
    let (phone, lang) = known.as_ref().map_or((None, Lang::Kk), |known| (Some(&known.phone), known.lang));
    codes::send(&mut op, &purpose, phone, lang).await?;
    op.commit().await?;
    Ok(token)
}

pub(super) fn purpose(subject: Uuid, session: Uuid, change: Uuid) -> Purpose {
    let object = sha256(&[b"recovery\0".as_slice(), change.as_bytes()].concat());
    Purpose { subject, session, operation: Operation::RecoverPassword, object }
}

/// What guesses at the codes of tokens are counted by: where a sign-in's are.
pub(super) async fn guesses_at_tokens(op: &mut Context, who: &Recoverer) -> Result<Guesses> {
    let policy = organization::policy(&op.app.clone()).await?;
    let Guessing { counted, device } = changes::recovery(op, who.change).await?;
    Ok(match device {
        Some(device) => Guesses::on_device(&policy, Guessed::Token, device),
        None => {
            let owner = who.client.map_or(counted.clone(), |client| client.uuid().as_bytes().to_vec());
            Guesses::elsewhere(&policy, Guessed::Token, &counted, &owner)
        }
    })
}

/// Confirms by the proofs and sets the password. All sessions of the client end, this one too; the client is told.
pub async fn recover(app: &App, who: Recoverer, password: &str) -> Result<()> {
    let subject = who.client.map_or(who.change.uuid(), Id::uuid);
    let purpose = purpose(subject, who.session, who.change.uuid());
    let mut op = app.begin(who.clone()).await?;
    // Who has proved nothing learns nothing: neither what makes a good password for this person, nor whether there is one.
    super::enough(&mut op, &purpose).await?;
    let client = who.client.ok_or(IdentityRefusal::ProofsMissing)?.uuid();
    let known = profile(&mut op, client).await?;
    drop(op);
    let hash = changes::new_password(app, &known, password).await?;
    let mut op = app.begin(who.clone()).await?;
    let confirmation = confirm(&mut op, &purpose).await?;
    changes::set_password(&mut op, client, &hash).await?;
    changes::done(&mut op, who.change.uuid(), confirmation.id()).await?;
    sessions::end_all(&mut op, client).await?;
    changes::told(&mut op, &known, texts::messages::password_recovered(known.lang).to_owned()).await?;
    let about = json!({ "confirmation": confirmation.id() });
    audit::record(&mut op, "password.recovered", Some(client), &about).await?;
    op.commit().await?;
    attempts::forget_password_tries(app, client).await
}
