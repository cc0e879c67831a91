//! What somebody is busy proving that it is them for, and the one way to do so, whatever it is (Rules cl.
//! [6.d](lending::law::CL_6_D), [6.f](lending::law::CL_6_F), [9.a](lending::law::CL_9_A), 35).
//!
//! A [`Matter`] knows its [`Purpose`]: who may prove something for it, for which operation and to the hash of what.
//! Every method of proof is a function over a purpose; here they meet for every matter alike. What is enough, only
//! [`lending::confirmation`] says.

use lending::{
    confirmation::{Factor, Missing, Operation, ProofKind, satisfied},
    iin::{Bin, Iin},
    phone::Phone,
};
use ports::Names;
use texts::Lang;
use uuid::Uuid;

use super::{
    Change, IdentityRefusal, Photo, Profile, Purpose, changes, codes, faces, hosted, liveness, profile,
    profile_if_any, proofs, prove_password, recovery, registration,
    signatures::{self, Statement, Way},
    tokens, wanted, would_help,
};
use crate::{
    App,
    amendments::{self, Amendment},
    applications::{self, Application},
    attempts::{Guessed, Guesses},
    entities::{self, EntityRegistration},
    id::Id,
    op::{Actor, Channel, Op},
    organization,
    refusal::Result,
    sessions::{Client, Origin, Recoverer, Registrant, SessionRefusal},
};

const PASSWORD: ProofKind = ProofKind::Factor(Factor::Password);
const SMS_CODE: ProofKind = ProofKind::Factor(Factor::SmsCode);
const FACE: ProofKind = ProofKind::BiometricIdentification;

/// Somebody who proves who they are.
#[derive(Debug, Clone)]
pub enum Prover {
    /// Registering.
    Registrant(Registrant),
    /// A signed-in client.
    Client(Client),
    /// Recovering a password.
    Recoverer(Recoverer),
}

impl Prover {
    /// Where their requests come from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Registrant(who) => &who.origin,
            Self::Client(who) => &who.origin,
            Self::Recoverer(who) => &who.origin,
        }
    }
}

impl From<Registrant> for Prover {
    fn from(who: Registrant) -> Self {
        Self::Registrant(who)
    }
}

impl From<Client> for Prover {
    fn from(who: Client) -> Self {
        Self::Client(who)
    }
}

impl From<Recoverer> for Prover {
    fn from(who: Recoverer) -> Self {
        Self::Recoverer(who)
    }
}

impl Actor for Prover {
    fn named(&self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Registrant(who) => who.named(),
            Self::Client(who) => who.named(),
            Self::Recoverer(who) => who.named(),
        }
    }
    fn channel(&self) -> Channel {
        match self {
            Self::Registrant(who) => who.channel(),
            Self::Client(who) => who.channel(),
            Self::Recoverer(who) => who.channel(),
        }
    }
    fn authority(&self) -> Option<Uuid> {
        match self {
            Self::Client(who) => who.authority(),
            Self::Registrant(_) | Self::Recoverer(_) => None,
        }
    }
}

/// What is to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The registration under way (Rules cl. [6.d](lending::law::CL_6_D)).
    Registration,
    /// The agreement on the table for an application (Rules cl. [9.a](lending::law::CL_9_A)).
    Application(Id<Application>),
    /// The paper on the table for an amendment (Rules cl. [9.a](lending::law::CL_9_A)).
    Amendment(Id<Amendment>),
    /// Asking to act for a legal entity (Rules cl. [6.b](lending::law::CL_6_B), [6.d](lending::law::CL_6_D)).
    Entity(Id<EntityRegistration>),
    /// A change that a client asked for (Rules cl. [6.f](lending::law::CL_6_F)).
    Change(Id<Change>),
    /// The recovery of a lost password.
    Recovery,
}

/// The person as far as methods of proof ask for it.
pub(super) struct Person {
    pub(super) iin: Iin,
    pub(super) names: Names,
    pub(super) document_number: String,
    pub(super) phone: Phone,
}

/// How far the proving of a matter is.
pub struct Standing {
    /// What is to be confirmed.
    pub operation: Operation,
    /// What is proved, in the order of proving.
    pub proved: Vec<ProofKind>,
    /// What is missing; `None`: it can be done.
    pub missing: Option<Missing>,
    /// The kinds of proof that would help now; no other is taken.
    pub helpful: Vec<ProofKind>,
    /// A code was sent and can be answered.
    pub code_sent: bool,
    /// Where codes go, masked; empty for who is not known to be the client.
    pub phone: String,
    /// There is a token whose codes could be taken.
    pub has_token: bool,
    /// Digital signatures are taken here ([`signatures::are_taken`]).
    pub signatures: bool,
    /// The newest statements to be signed in the browser and on the phone.
    pub statements: Vec<Statement>,
    /// Whose key has to sign, for NCALayer; nothing of who is not known to be the client.
    pub iin: Option<Iin>,
    /// Of which legal entity that key has to be; none: the person's own ([`entities::signs_for`]).
    pub bin: Option<Bin>,
    /// The page of a provider where the face is looked at, once somebody was sent there.
    pub hosted_face: Option<String>,
}

impl Standing {
    /// The newest statement to be signed this way, while its signature is awaited.
    #[must_use]
    pub fn awaited(&self, way: Way) -> Option<&Statement> {
        self.statements.iter().find(|statement| {
            statement.way == way && matches!(statement.progress, signatures::Progress::Awaited(_))
        })
    }

    /// A proof of this kind would help.
    #[must_use]
    pub fn wants(&self, kind: ProofKind) -> bool {
        self.helpful.contains(&kind)
    }
}

impl Matter {
    /// For whom, which operation and what a proof would be. Somebody else's matter does not exist.
    pub async fn purpose(self, app: &App, who: &Prover) -> Result<Purpose> {
        match (self, who) {
            (Self::Registration, Prover::Registrant(who)) => {
                Ok(registration::purpose(who.registration.uuid(), who.session))
            }
            (Self::Application(id), Prover::Client(who)) => applications::purpose(app, who, id).await,
            (Self::Amendment(id), Prover::Client(who)) => amendments::purpose(app, who, id).await,
            (Self::Entity(id), Prover::Client(who)) => {
                let mut op = app.begin(who.clone()).await?;
                entities::purpose(&mut op, id).await
            }
            (Self::Change(id), Prover::Client(who)) => changes::purpose(app, who, id).await,
            (Self::Recovery, Prover::Recoverer(who)) => {
                let subject = who.client.map_or(who.change.uuid(), Id::uuid);
                Ok(recovery::purpose(subject, who.session, who.change.uuid()))
            }
            _ => Err(SessionRefusal::Ended.into()),
        }
    }

    /// What is proved and what would help.
    pub async fn standing(self, app: &App, who: &Prover) -> Result<Standing> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let proved = proofs(&mut op, &purpose).await?;
        let code_sent = codes::awaited(&mut op, &purpose).await?;
        let mut statements = Vec::new();
        for way in [Way::Ncalayer, Way::EgovMobile] {
            statements.extend(signatures::latest(&mut op, &purpose, way).await?);
        }
        let (known, has_token) = match who {
            // Nothing is told that would tell whether there is such a client.
            Prover::Recoverer(_) => (None, true),
            Prover::Registrant(_) => (Some(person(&mut op).await?), false),
            Prover::Client(who) => (Some(person(&mut op).await?), tokens::any(&mut op, who.id.uuid()).await?),
        };
        let bin = entities::signs_for(&mut op, &purpose).await?;
        let hosted_face = hosted::address(&mut op, &purpose).await?;
        let operation = purpose.operation;
        let missing = satisfied(operation, &proved).err();
        Ok(Standing {
            operation,
            missing,
            helpful: wanted(operation, &proved, matches!(who, Prover::Client(_))),
            proved,
            code_sent,
            phone: known.as_ref().map(|person| person.phone.masked()).unwrap_or_default(),
            has_token,
            signatures: signatures::are_taken(app),
            statements,
            iin: known.map(|person| person.iin),
            bin,
            hosted_face,
        })
    }

    /// The purpose, if a proof of this kind would help it now. Every way begins here, whoever asks and for whatever: what
    /// would not help is neither sent, counted, weighed nor asked outside, and its answer tells nobody anything.
    async fn wanting(self, app: &App, who: &Prover, kind: ProofKind) -> Result<Purpose> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        would_help(&mut op, &purpose, kind).await?;
        Ok(purpose)
    }

    /// Sends a code to the person's number; codes sent before for this are void.
    pub async fn send_code(self, app: &App, who: &Prover, lang: Lang) -> Result<()> {
        let purpose = self.wanting(app, who, SMS_CODE).await?;
        let mut op = app.begin(who.clone()).await?;
        let (phone, counted) = number(&mut op, &purpose).await?;
        drop(op);
        codes::send_counted(app, who.clone(), &purpose, phone.as_ref(), &counted, lang).await
    }

    /// Takes the code: the number is in their hand (Rules cl. [35.3](lending::law::CL_35_3)).
    pub async fn take_code(self, app: &App, who: &Prover, code: &str) -> Result<()> {
        let purpose = self.wanting(app, who, SMS_CODE).await?;
        let mut op = app.begin(who.clone()).await?;
        let (_, counted) = number(&mut op, &purpose).await?;
        drop(op);
        codes::answer_code(app, who.clone(), &purpose, &counted, code).await
    }

    /// Takes the password (Rules cl. [35.3](lending::law::CL_35_3), knowledge).
    pub async fn take_password(self, app: &App, who: &Prover, password: &str) -> Result<()> {
        let purpose = self.wanting(app, who, PASSWORD).await?;
        prove_password(app, who, &purpose, password).await
    }

    /// Takes password and code at once, as far as they are not proved and something is missing.
    pub async fn take_password_and_code(
        self,
        app: &App,
        who: &Prover,
        password: &str,
        code: &str,
    ) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        for kind in [PASSWORD, SMS_CODE] {
            let proved = proofs(&mut *app.begin(who.clone()).await?, &purpose).await?;
            if proved.contains(&kind) || satisfied(purpose.operation, &proved).is_ok() {
                continue;
            }
            if kind == PASSWORD {
                self.take_password(app, who, password).await?;
            } else {
                self.take_code(app, who, code).await?;
            }
        }
        Ok(())
    }

    /// Takes a code of a registered token (Rules cl. [35.3](lending::law::CL_35_3), possession).
    pub async fn take_token(self, app: &App, who: &Prover, code: &str) -> Result<()> {
        let purpose = self.wanting(app, who, ProofKind::Factor(Factor::Token)).await?;
        let guesses = match who {
            Prover::Recoverer(recoverer) => {
                let mut op = app.begin(who.clone()).await?;
                recovery::guesses_at_tokens(&mut op, recoverer).await?
            }
            Prover::Client(_) | Prover::Registrant(_) => {
                Guesses::of_subject(&organization::policy(app).await?, Guessed::Token, purpose.subject)
            }
        };
        tokens::take(app, who, &purpose, purpose.subject, &guesses, code).await
    }

    /// Takes a photo of the face in, if one would help: what would not is not even decoded.
    pub async fn photo(self, app: &App, who: &Prover, bytes: Vec<u8>) -> Result<Photo> {
        self.wanting(app, who, FACE).await?;
        Photo::take(bytes).await
    }

    /// Takes the face, and has it compared at the IDEC with names and document (Rules cl.
    /// [35.2](lending::law::CL_35_2)).
    pub async fn take_face(self, app: &App, who: &Prover, photo: Photo) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        let data = (&person.iin, &person.names, person.document_number.as_str());
        faces::identify(app, who.clone(), &purpose, data, photo).await
    }

    /// Sends the person to a provider that looks at faces on its own pages.
    pub async fn open_hosted_face(self, app: &App, who: &Prover, lang: Lang) -> Result<String> {
        let purpose = self.wanting(app, who, FACE).await?;
        hosted::open(app, who.clone(), &purpose, lang).await
    }

    /// Takes what that provider has found (Rules cl. [35.2](lending::law::CL_35_2)).
    pub async fn take_hosted_face(self, app: &App, who: &Prover) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        let data = (&person.iin, &person.names, person.document_number.as_str());
        hosted::finish(app, who.clone(), &purpose, data).await
    }

    /// Makes a statement to be signed with a key of the National Certification Authority (Rules cl.
    /// [35.1](lending::law::CL_35_1)); gives its id.
    pub async fn ask_signature(self, app: &App, who: &Prover, way: Way, lang: Lang) -> Result<Uuid> {
        let purpose = self.wanting(app, who, ProofKind::DigitalSignature).await?;
        signatures::ask(app, who.clone(), &purpose, way, lang).await
    }

    /// A statement, and media type and bytes of what it asks to be signed.
    pub async fn to_sign(
        self,
        app: &App,
        who: &Prover,
        statement: Uuid,
    ) -> Result<(Statement, &'static str, Vec<u8>)> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let statement = signatures::statement(&mut op, &purpose, statement).await?;
        let (media_type, bytes) = signatures::content(&mut op, &statement).await?;
        Ok((statement, media_type, bytes))
    }

    /// Takes the signature of a statement; see [`signatures::give`].
    pub async fn take_signature(
        self,
        app: &App,
        who: &Prover,
        statement: Uuid,
        signature: &[u8],
        storage: Option<&str>,
    ) -> Result<()> {
        let purpose = self.wanting(app, who, ProofKind::DigitalSignature).await?;
        signatures::give(app, who.clone(), &purpose, statement, signature, storage).await
    }

    /// Begins a liveness challenge: turns of the head, drawn for this and nothing else.
    pub async fn begin_liveness(self, app: &App, who: &Prover) -> Result<liveness::Begun> {
        let (purpose, person) = self.about(app, who).await?;
        liveness::begin(app, who.clone(), &purpose, &person.iin, who.origin()).await
    }

    /// Takes the next frame of a challenge.
    pub async fn take_frame(
        self,
        app: &App,
        who: &Prover,
        nonce: &str,
        jpeg: Vec<u8>,
    ) -> Result<liveness::Step> {
        let (purpose, person) = self.about(app, who).await?;
        liveness::frame(app, who.clone(), &purpose, &person.iin, who.origin(), nonce, jpeg).await
    }

    /// For what and whose a face would be.
    async fn about(self, app: &App, who: &Prover) -> Result<(Purpose, Person)> {
        let purpose = self.wanting(app, who, FACE).await?;
        let mut op = app.begin(who.clone()).await?;
        let person = person(&mut op).await?;
        Ok((purpose, person))
    }
}

async fn person(op: &mut Op<Prover>) -> Result<Person> {
    match op.who.clone() {
        Prover::Registrant(who) => registration::person(op, who.registration).await,
        Prover::Client(who) => Ok(profile(op, who.id.uuid()).await?.into()),
        Prover::Recoverer(who) => {
            let client = who.client.ok_or(IdentityRefusal::ProofsMissing)?;
            Ok(profile(op, client.uuid()).await?.into())
        }
    }
}

/// Where codes go (nowhere, if there is nobody), and whose guesses at them count together.
async fn number(op: &mut Op<Prover>, purpose: &Purpose) -> Result<(Option<Phone>, Vec<u8>)> {
    let counted = match op.who.clone() {
        Prover::Recoverer(who) => {
            // Looked up for nobody, too: the same work.
            let known = profile_if_any(op, purpose.subject).await?;
            return Ok((known.map(|known| known.phone), changes::recovery(op, who.change).await?.counted));
        }
        // Nobody else is signed in as them.
        Prover::Client(who) => who.id.uuid().as_bytes().to_vec(),
        // Whoever types a number uses up only what belongs to it together with the same IIN.
        Prover::Registrant(who) => {
            let person = registration::person(op, who.registration).await?;
            codes::registrant(&person.iin, &person.phone)
        }
    };
    Ok((Some(person(op).await?.phone), counted))
}

impl From<Profile> for Person {
    fn from(known: Profile) -> Self {
        Self {
            iin: known.iin,
            names: known.names,
            document_number: known.document_number,
            phone: known.phone,
        }
    }
}
