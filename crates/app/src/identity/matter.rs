//! What somebody is busy proving that it is them for, and the one way to do so, whatever it is (Rules cl.
//! [6.d](lending::law::CL_6_D), [6.f](lending::law::CL_6_F), [9.a](lending::law::CL_9_A), 35).
//!
//! A [`Matter`] knows its [`Purpose`]: who may prove something for it, for which operation and to the hash of what.
//! Every method of proof is a function over a purpose; here they meet for every matter alike. What is enough, only
//! [`lending::confirmation`] says.

use lending::{
    confirmation::{self, Factor, Missing, Operation, ProofKind},
    iin::Iin,
    phone::Phone,
};
use ports::Names;
use texts::Lang;
use uuid::Uuid;

use super::{
    Change, IdentityRefusal, Photo, Purpose, changes, codes, faces, hosted, liveness, profile, proofs,
    prove_password, recovery, registration,
    signatures::{self, Statement, Way},
    tokens,
};
use crate::{
    App,
    applications::{self, Application},
    entities::{self, EntityRegistration},
    id::Id,
    op::{Actor, Channel, Context, Op},
    refusal::Result,
    sessions::{Client, Origin, Recoverer, Registrant, SessionRefusal},
};

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
    /// The kinds of proof that would help ([`confirmation::helpful`]).
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
        let hosted_face = hosted::address(&mut op, &purpose).await?;
        let operation = purpose.operation;
        let missing = confirmation::satisfied(operation, &proved).err();
        let mut helpful = confirmation::helpful(operation, &proved);
        if let Self::Recovery = self {
            // What a stranger can be asked for without asking anybody outside; then the face.
            let first = [ProofKind::Factor(Factor::SmsCode), ProofKind::Factor(Factor::Token)];
            let now = |kind: &ProofKind| match missing {
                Some(Missing::Possession) => first.contains(kind),
                _ => *kind == ProofKind::BiometricIdentification,
            };
            helpful.retain(now);
        }
        Ok(Standing {
            operation,
            missing,
            helpful,
            proved,
            code_sent,
            phone: known.as_ref().map(|person| person.phone.masked()).unwrap_or_default(),
            has_token,
            signatures: signatures::are_taken(app),
            statements,
            iin: known.map(|person| person.iin),
            hosted_face,
        })
    }

    /// Sends a code to the person's number; codes sent before for this are void.
    pub async fn send_code(self, app: &App, who: &Prover, lang: Lang) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let phone = number(&mut op).await?;
        drop(op);
        codes::send_code(app, who.clone(), &purpose, phone.as_ref(), lang).await
    }

    /// Takes the code: the number is in their hand (Rules cl. [35.3](lending::law::CL_35_3)).
    pub async fn take_code(self, app: &App, who: &Prover, code: &str) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let phone = number(&mut op).await?;
        drop(op);
        codes::answer_code(app, who.clone(), &purpose, &codes::bytes(&purpose, phone.as_ref()), code).await
    }

    /// Takes the password (Rules cl. [35.3](lending::law::CL_35_3), knowledge).
    pub async fn take_password(self, app: &App, who: &Prover, password: &str) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        prove_password(app, who, &purpose, password).await
    }

    /// Takes password and code at once, as far as they are not proved.
    pub async fn take_password_and_code(
        self,
        app: &App,
        who: &Prover,
        password: &str,
        code: &str,
    ) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let held = proofs(&mut op, &purpose).await?;
        let phone = person(&mut op).await?.phone;
        drop(op);
        if !held.contains(&ProofKind::Factor(Factor::Password)) {
            prove_password(app, who, &purpose, password).await?;
        }
        if !held.contains(&ProofKind::Factor(Factor::SmsCode)) {
            codes::answer_code(app, who.clone(), &purpose, phone.as_str().as_bytes(), code).await?;
        }
        Ok(())
    }

    /// Takes a code of a registered token (Rules cl. [35.3](lending::law::CL_35_3), possession).
    pub async fn take_token(self, app: &App, who: &Prover, code: &str) -> Result<()> {
        let purpose = self.purpose(app, who).await?;
        let subject = purpose.subject;
        tokens::take(app, who, &purpose, subject, subject.as_bytes(), code).await
    }

    /// Takes the face, and has it compared at the IDEC with names and document (Rules cl.
    /// [35.2](lending::law::CL_35_2)).
    pub async fn take_face(self, app: &App, who: &Prover, photo: Photo) -> Result<()> {
        self.possession_first(app, who).await?;
        let (purpose, person) = self.about(app, who).await?;
        let data = (&person.iin, &person.names, person.document_number.as_str());
        let photo = faces::identify(app, who.clone(), &purpose, data, photo).await?;
        self.keep_photo(app, who, photo).await
    }

    /// Sends the person to a provider that looks at faces on its own pages.
    pub async fn open_hosted_face(self, app: &App, who: &Prover, lang: Lang) -> Result<String> {
        self.possession_first(app, who).await?;
        let purpose = self.purpose(app, who).await?;
        hosted::open(app, who.clone(), &purpose, lang).await
    }

    /// Takes what that provider has found (Rules cl. [35.2](lending::law::CL_35_2)).
    pub async fn take_hosted_face(self, app: &App, who: &Prover) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        let data = (&person.iin, &person.names, person.document_number.as_str());
        let photo = hosted::finish(app, who.clone(), &purpose, data).await?;
        self.keep_photo(app, who, photo).await
    }

    async fn keep_photo(self, app: &App, who: &Prover, photo: Uuid) -> Result<()> {
        match self {
            Self::Registration => registration::keep_photo(app, who.clone(), photo).await,
            Self::Application(_) | Self::Entity(_) | Self::Change(_) | Self::Recovery => Ok(()),
        }
    }

    /// Makes a statement to be signed with a key of the National Certification Authority (Rules cl.
    /// [35.1](lending::law::CL_35_1)); gives its id.
    pub async fn ask_signature(self, app: &App, who: &Prover, way: Way, lang: Lang) -> Result<Uuid> {
        let purpose = self.purpose(app, who).await?;
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
        let purpose = self.purpose(app, who).await?;
        signatures::give(app, who.clone(), &purpose, statement, signature, storage).await
    }

    /// A stranger who recovers costs nobody a question to the IDEC, and is not told whether there is such a client: first
    /// what the client has.
    async fn possession_first(self, app: &App, who: &Prover) -> Result<()> {
        if let Prover::Recoverer(_) = who {
            let standing = self.standing(app, who).await?;
            if standing.missing == Some(Missing::Possession) {
                return Err(IdentityRefusal::ProofsMissing.into());
            }
        }
        Ok(())
    }

    /// Begins a liveness challenge: turns of the head, drawn for this and nothing else.
    pub async fn begin_liveness(self, app: &App, who: &Prover) -> Result<liveness::Begun> {
        self.possession_first(app, who).await?;
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
        let purpose = self.purpose(app, who).await?;
        liveness::frame(app, who.clone(), &purpose, nonce, jpeg).await
    }

    async fn about(self, app: &App, who: &Prover) -> Result<(Purpose, Person)> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let person = person(&mut op).await?;
        Ok((purpose, person))
    }
}

async fn person(op: &mut Op<Prover>) -> Result<Person> {
    match op.who.clone() {
        Prover::Registrant(who) => registration::person(op, who.registration).await,
        Prover::Client(who) => of_client(op, who.id.uuid()).await,
        Prover::Recoverer(who) => match who.client {
            Some(client) => of_client(op, client.uuid()).await,
            None => Err(IdentityRefusal::ProofsMissing.into()),
        },
    }
}

/// Where codes go; nowhere, if there is nobody.
async fn number(op: &mut Op<Prover>) -> Result<Option<Phone>> {
    match op.who {
        Prover::Recoverer(Recoverer { client: None, .. }) => Ok(None),
        _ => Ok(Some(person(op).await?.phone)),
    }
}

async fn of_client(op: &mut Context, client: Uuid) -> Result<Person> {
    let known = profile(op, client).await?;
    Ok(Person {
        iin: known.iin,
        names: known.names,
        document_number: known.document_number,
        phone: known.phone,
    })
}
