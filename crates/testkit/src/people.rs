//! People, and what they do most often.

use std::{
    io::Cursor,
    sync::atomic::{AtomicU32, Ordering},
};

use app::{
    applications::{self, Application},
    entities::{self, EntityRegistration},
    id::Id,
    identity::{self, Consent, Form, Matter, Photo, Prover},
    loans::Loan,
    once::Key,
    op::Channel,
    refusal::Result,
    sessions::{self, Client, Employee, Known, Origin, Registrant, Token, Visitor},
    staff, uploads,
};
use face::{Picture, challenge::Hint, testing::Head};
use image::{ExtendedColorType, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use jiff::SignedDuration;
use lending::{money::Money, product::Clients};
use texts::Lang;

use crate::TestApp;

/// A password that passes.
pub const PASSWORD: &str = "жеті қазына бір сөз";
/// An account with right check digits.
pub const IBAN: &str = "KZ41601A141000897321";

/// Where test requests come from.
#[must_use]
pub fn origin() -> Origin {
    Origin {
        device: "Test phone".into(),
        address: "192.0.2.7".into(),
        channel: Channel::Web,
        device_key: None,
    }
}

/// Somebody not known yet.
#[must_use]
pub fn visitor() -> Visitor {
    Visitor { origin: origin() }
}

/// A person the outside world knows nothing bad of.
#[must_use]
pub fn form() -> Form {
    Form {
        iin: "880101300123".into(),
        surname: "Қасымов".into(),
        given_name: "Ержан".into(),
        patronymic: "Әбілұлы".into(),
        document_number: "045123456".into(),
        document_valid_until: "2031-05-20".into(),
        phone: "8 701 123 45 67".into(),
        email: String::new(),
        password: PASSWORD.into(),
    }
}

/// The number of [`form`].
pub const PHONE: &str = "+77011234567";

/// All consents, as shown.
#[must_use]
pub fn consents() -> Vec<Consent> {
    identity::CONSENTS.map(|kind| Consent { kind, text: format!("Мен келісемін: {kind}") }).into()
}

/// A PDF of one empty page, as a scanner might send it.
#[must_use]
pub fn scan() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
      3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\nxref\n0 4\n0000000000 65535 f \n\
      trailer<</Size 4/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
        .to_vec()
}

/// The head of an entity of which the outside world knows nothing bad.
#[must_use]
pub fn entity_form() -> entities::Form {
    entities::Form {
        bin: "070440003902".into(),
        name: "ТОО «Береке»".into(),
        phone: "+7 702 765 43 21".into(),
        email: String::new(),
        role: "head".into(),
        number: "1-к".into(),
        dated: "2024-05-06".into(),
        valid_until: String::new(),
    }
}

/// Another person of whom nothing bad is known.
#[must_use]
pub fn second_form() -> Form {
    Form {
        iin: "010203500008".into(),
        surname: "Серікова".into(),
        given_name: "Айгүл".into(),
        patronymic: String::new(),
        document_number: "045123457".into(),
        phone: "8 705 222 33 44".into(),
        ..form()
    }
}

/// A key that has not served yet.
///
/// # Panics
/// Never: it is one.
#[must_use]
#[allow(clippy::expect_used)]
pub fn key() -> Key {
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    Key::parse(&format!("key-of-a-test-{:010}", DRAWN.fetch_add(1, Ordering::Relaxed))).expect("a key")
}

/// A photo of the given size, and unlike any other: a photo proves something once.
///
/// # Panics
/// Never: encoding to memory.
#[must_use]
#[allow(clippy::expect_used)]
pub fn photo(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let light = TAKEN.fetch_add(7, Ordering::Relaxed);
    let image =
        RgbImage::from_fn(width, height, |x, y| Rgb([((x + light) % 251) as u8, (y % 241) as u8, 128]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

/// A photo that passes.
///
/// # Panics
/// When it does not.
#[allow(clippy::expect_used)]
pub async fn face() -> Photo {
    Photo::take(photo(640, 800, ImageFormat::Jpeg)).await.expect("a good photo")
}

/// A picture as a camera sends it.
///
/// # Panics
/// Never: encoding to memory.
#[must_use]
#[allow(clippy::expect_used, clippy::cast_possible_truncation)]
pub fn jpeg(picture: &Picture, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(picture.rgb(), width, height, ExtendedColorType::Rgb8)
        .expect("encodes");
    bytes
}

/// The `number`th frame of a head before a camera: no two are quite alike.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn frame(head: &Head, number: u32) -> Vec<u8> {
    let (a, b) = ((number % 17) as f32, (number % 61) as f32);
    let shaken =
        Head { at: [head.at[0] + a * 0.0006, head.at[1] - a * 0.0004], light: 1.0 - b * 0.001, ..*head };
    jpeg(&shaken.draw(180, 240), 70)
}

#[allow(clippy::expect_used)]
impl TestApp {
    /// Somebody turns their head as they are asked, until the photo is asked for: the challenge's secret, and the frames
    /// they sent. `first` numbers the frames.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn turn_head(
        &self,
        matter: Matter,
        who: &Prover,
        from: &Head,
        first: u32,
    ) -> Result<(String, Vec<Vec<u8>>)> {
        let nonce = matter.begin_liveness(&self.app, who).await?.nonce.reveal();
        let (mut head, mut frames) = (*from, Vec::new());
        for number in first.. {
            self.clock.advance(SignedDuration::from_millis(250));
            frames.push(frame(&head, number));
            let sent = frames.last().cloned().unwrap_or_default();
            match matter.take_frame(&self.app, who, &nonce, sent).await?.hint {
                Hint::Photo => break,
                hint => head = head.obeying(hint, from),
            }
        }
        Ok((nonce, frames))
    }

    /// Who holds a token.
    ///
    /// # Panics
    /// When nobody does.
    pub async fn client(&self, token: &Token) -> Client {
        match sessions::recognise(&self.app, token, origin()).await.expect("asks") {
            Some(Known::Client(client)) => client,
            _ => panic!("not a client's token"),
        }
    }

    /// Who is registering with a token.
    ///
    /// # Panics
    /// When nobody is.
    pub async fn registrant(&self, token: &Token) -> Registrant {
        match sessions::recognise(&self.app, token, origin()).await.expect("asks") {
            Some(Known::Registrant(registrant)) => registrant,
            _ => panic!("not a registrant's token"),
        }
    }

    /// Begins a registration.
    ///
    /// # Errors
    /// As the use case.
    pub async fn begin_registration(&self, form: &Form) -> Result<Registrant> {
        let token = identity::begin(&self.app, visitor(), Lang::Ru, form, &consents()).await?;
        self.settle().await;
        Ok(self.registrant(&token).await)
    }

    /// The same, and the code that came is answered: the face is what is asked for next.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn registrant_of_number(&self, form: &Form) -> Result<Registrant> {
        let who = self.begin_registration(form).await?;
        let phone = lending::phone::Phone::parse(&form.phone).expect("a phone");
        Matter::Registration.take_code(&self.app, &who.clone().into(), &self.code(phone.as_str())).await?;
        Ok(who)
    }

    /// Registers a person to the end.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn register(&self, form: &Form) -> Result<Client> {
        let who = self.registrant_of_number(form).await?;
        Matter::Registration.take_face(&self.app, &who.clone().into(), face().await).await?;
        let token = identity::complete(&self.app, who).await?;
        self.settle().await;
        Ok(self.client(&token).await)
    }

    /// An employee who works applications.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn officer(&self) -> Employee {
        let mut op = self.app.begin(app::op::System).await.expect("begins");
        staff::add(&mut op, "officer", "Айгүл", staff::Role::LoanOfficer, PASSWORD).await.expect("adds");
        op.commit().await.expect("commits");
        let token = staff::sign_in(&self.app, visitor(), "officer", PASSWORD).await.expect("signs in");
        match sessions::recognise(&self.app, &token, origin()).await.expect("asks") {
            Some(Known::Employee(employee)) => employee,
            _ => panic!("not an employee's token"),
        }
    }

    /// Asks to act for an entity, with a scan that passes, and proves who it is.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn ask_to_act(
        &self,
        who: &Client,
        form: &entities::Form,
        phone: &str,
    ) -> Result<Id<EntityRegistration>> {
        let upload = uploads::take(&self.app, who.clone(), "order.pdf", scan()).await?;
        let id = entities::begin(&self.app, who.clone(), Lang::Ru, form, upload).await?;
        let (matter, prover) = (Matter::Entity(id), who.clone().into());
        matter.take_face(&self.app, &prover, face().await).await?;
        matter.send_code(&self.app, &prover, Lang::Ru).await?;
        self.settle().await;
        matter.take_password_and_code(&self.app, &prover, PASSWORD, &self.code(phone)).await?;
        entities::complete(&self.app, who.clone(), id).await?;
        self.settle().await;
        Ok(id)
    }

    /// An employee accepts, and the person signs in and acts by their newest authority from now on.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn accepted(
        &self,
        officer: &Employee,
        id: Id<EntityRegistration>,
        phone: &str,
    ) -> Result<(Client, Token)> {
        let mut op = self.app.begin(officer.clone()).await?;
        entities::accept(&mut op, id).await?;
        op.commit().await?;
        let token = identity::sign_in_by_password(&self.app, visitor(), phone, PASSWORD).await?;
        self.settle().await;
        let mut op = self.app.begin(self.client(&token).await).await?;
        let newest = entities::mine(&mut op).await?.into_iter().next().expect("an authority");
        entities::act_for(&mut op, Some(newest.id)).await?;
        op.commit().await?;
        Ok((self.client(&token).await, token))
    }

    /// What most people would apply for: 100 000 tenge for six months, annuity.
    ///
    /// # Panics
    /// When there is no product.
    pub async fn application_form(&self) -> applications::Form {
        self.form_of(Clients::Individuals).await
    }

    /// The same for whomever the client acts for.
    ///
    /// # Panics
    /// When there is no product.
    pub async fn application_form_for(&self, who: &Client) -> applications::Form {
        self.form_of(applications::clients(who)).await
    }

    async fn form_of(&self, clients: Clients) -> applications::Form {
        let mut op = self.app.begin(app::op::System).await.expect("begins");
        let products = app::organization::products(&mut op).await.expect("products");
        let offered =
            products.iter().find(|offered| offered.product.borrower.clients == clients).expect("a product");
        applications::Form {
            product: offered.id.to_string(),
            amount: "100 000".into(),
            term: "6".into(),
            method: "annuity".into(),
            purpose: offered.product.purposes.first().cloned().expect("a purpose"),
            income: "450 000".into(),
            iban: IBAN.into(),
        }
    }

    /// Applies, and waits for the decision.
    ///
    /// # Errors
    /// As the use case.
    pub async fn apply(&self, who: &Client) -> Result<Id<Application>> {
        let form = self.application_form_for(who).await;
        let consent = Some("Кредиттік есепке келісемін");
        let id = applications::submit(&self.app, who.clone(), &form, consent, Lang::Ru, &key()).await?;
        self.settle().await;
        Ok(id)
    }

    /// Reads, acknowledges and signs an approved application; the money is sent.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn sign(&self, who: &Client, id: Id<Application>) -> Result<Id<Loan>> {
        self.sign_by(who, id, PHONE).await
    }

    /// The same by somebody with another number.
    ///
    /// # Errors
    /// As the use cases.
    pub async fn sign_by(&self, who: &Client, id: Id<Application>, phone: &str) -> Result<Id<Loan>> {
        self.acknowledge(who, id).await?;
        Matter::Application(id).take_face(&self.app, &who.clone().into(), face().await).await?;
        Matter::Application(id).send_code(&self.app, &who.clone().into(), Lang::Ru).await?;
        self.settle().await;
        let loan =
            applications::sign_with_code(&self.app, who.clone(), id, PASSWORD, &self.code(phone)).await?;
        self.settle().await;
        Ok(loan)
    }

    /// Acknowledges what has to be.
    ///
    /// # Errors
    /// As the use case.
    pub async fn acknowledge(&self, who: &Client, id: Id<Application>) -> Result<()> {
        let shown = applications::ACKNOWLEDGED.map(|kind| (kind, format!("Таныстым: {kind}")));
        let (_, offer) = applications::offer(&self.app, who.clone(), id).await?;
        applications::acknowledge(&self.app, who.clone(), id, &offer.sha256, Lang::Ru, &shown).await
    }

    /// A client with a credit that was paid out.
    ///
    /// # Panics
    /// When anything on the way fails.
    pub async fn borrower(&self) -> (Client, Id<Loan>) {
        let who = self.register(&form()).await.expect("registers");
        let id = self.apply(&who).await.expect("applies");
        let loan = self.sign(&who, id).await.expect("signs");
        (who, loan)
    }

    /// The same client in a new session: time has passed.
    ///
    /// # Panics
    /// When they cannot sign in.
    pub async fn again(&self, _who: &Client) -> Client {
        let token =
            identity::sign_in_by_password(&self.app, visitor(), PHONE, PASSWORD).await.expect("signs in");
        self.settle().await;
        self.client(&token).await
    }

    /// The loan as the client sees it today.
    ///
    /// # Panics
    /// When it is not theirs.
    pub async fn loan(&self, who: &Client, id: Id<Loan>) -> app::loans::Shown {
        let mut op = self.app.begin(who.clone()).await.expect("begins");
        app::loans::loan(&mut op, id).await.expect("the client's own loan")
    }

    /// Money arrives at the bank under an agreement's number, and is taken in.
    pub async fn repay(&self, number: &str, amount: Money) {
        self.world.bank_receive(&format!("Погашение микрокредита, договор {number}"), amount, self.today());
        self.read_statement().await;
    }
}
