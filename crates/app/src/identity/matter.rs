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

use super::{Photo, Purpose, codes, faces, profile, proofs, prove_password, registration};
use crate::{
    App,
    applications::{self, Application},
    entities::{self, EntityRegistration},
    id::Id,
    op::{Actor, Channel, Context, Op},
    refusal::Result,
    sessions::{Client, Registrant, SessionRefusal},
};

/// Somebody who proves who they are.
#[derive(Debug, Clone)]
pub enum Prover {
    /// Registering.
    Registrant(Registrant),
    /// A signed-in client.
    Client(Client),
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

impl Actor for Prover {
    fn named(&self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Registrant(who) => who.named(),
            Self::Client(who) => who.named(),
        }
    }
    fn channel(&self) -> Channel {
        match self {
            Self::Registrant(who) => who.channel(),
            Self::Client(who) => who.channel(),
        }
    }
    fn authority(&self) -> Option<Uuid> {
        match self {
            Self::Registrant(who) => who.authority(),
            Self::Client(who) => who.authority(),
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
    /// Where codes go, masked.
    pub phone: String,
}

impl Standing {
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
            _ => Err(SessionRefusal::Ended.into()),
        }
    }

    /// What is proved and what would help.
    pub async fn standing(self, app: &App, who: &Prover) -> Result<Standing> {
        let purpose = self.purpose(app, who).await?;
        let mut op = app.begin(who.clone()).await?;
        let proved = proofs(&mut op, &purpose).await?;
        let code_sent = codes::awaited(&mut op, &purpose).await?;
        let phone = person(&mut op).await?.phone.masked();
        let operation = purpose.operation;
        Ok(Standing {
            operation,
            missing: confirmation::satisfied(operation, &proved).err(),
            helpful: confirmation::helpful(operation, &proved),
            proved,
            code_sent,
            phone,
        })
    }

    /// Sends a code to the person's number; codes sent before for this are void.
    pub async fn send_code(self, app: &App, who: &Prover, lang: Lang) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        codes::send_code(app, who.clone(), &purpose, &person.phone, lang).await
    }

    /// Takes the code: the number is in their hand (Rules cl. [35.3](lending::law::CL_35_3)).
    pub async fn take_code(self, app: &App, who: &Prover, code: &str) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        codes::answer_code(app, who.clone(), &purpose, person.phone.as_str().as_bytes(), code).await
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

    /// Takes the face, and has it compared at the IDEC with names and document (Rules cl.
    /// [35.2](lending::law::CL_35_2)).
    pub async fn take_face(self, app: &App, who: &Prover, photo: Photo) -> Result<()> {
        let (purpose, person) = self.about(app, who).await?;
        let data = (&person.iin, &person.names, person.document_number.as_str());
        let photo = faces::identify(app, who.clone(), &purpose, data, photo).await?;
        match self {
            Self::Registration => registration::keep_photo(app, who.clone(), photo).await,
            Self::Application(_) | Self::Entity(_) => Ok(()),
        }
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
