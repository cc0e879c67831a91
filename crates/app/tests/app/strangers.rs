//! What strangers can do to an account that is not theirs: nothing, and not keep its owner from it.

use ::texts::Lang;
use app::{
    identity::{self, Asked, Matter, Prover, TokenKind, signatures::Way},
    sessions::{self, Client, Known, Origin, Recoverer, Token, Visitor},
};
use jiff::SignedDuration;
use lending::confirmation::ProofKind;
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, face, form, frame, origin, visitor},
};
use uuid::Uuid;

use crate::refused;

const IIN: &str = "880101300123";
/// The secret of RFC 4226, appendix D, and its first codes.
const SEED: &str = "3132333435363738393031323334353637383930";
const CODES: [&str; 6] = ["755224", "287082", "359152", "969429", "338314", "254676"];

async fn begun(t: &TestApp, visitor: Visitor, name: &str) -> Option<Recoverer> {
    let token = identity::begin_recovery(&t.app, visitor, name).await.ok()?;
    t.settle().await;
    match sessions::recognise(&t.app, &token, origin()).await.unwrap() {
        Some(Known::Recoverer(who)) => Some(who),
        _ => panic!("not a recovery's token"),
    }
}

async fn recoverer(t: &TestApp, visitor: Visitor, name: &str) -> Recoverer {
    begun(t, visitor, name).await.expect("a recovery is begun")
}

/// Rows of what is counted, kept or asked.
async fn traces(t: &TestApp) -> Vec<i64> {
    let mut db = t.owner().await;
    let mut rows = Vec::new();
    for table in
        ["attempt", "evidence", "inquiry", "signing", "challenge", "liveness", "hosted_face", "proof", "job"]
    {
        let sql = format!(
            "select coalesce(sum({}), 0)::int8 from {table}",
            if table == "attempt" { "count" } else { "1" }
        );
        rows.push(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap());
    }
    rows
}

/// All that can be sent to prove something for a recovery, but for codes by SMS and of tokens.
async fn unasked(t: &TestApp, who: &Prover, code: &str) -> Vec<String> {
    let matter = Matter::Recovery;
    let nonce = "A".repeat(43);
    vec![
        refused(matter.take_password(&t.app, who, PASSWORD).await),
        refused(matter.take_password(&t.app, who, "wrong wrong wrong").await),
        refused(matter.take_password_and_code(&t.app, who, PASSWORD, code).await),
        refused(matter.ask_signature(&t.app, who, Way::Ncalayer, Lang::Kk).await),
        refused(matter.ask_signature(&t.app, who, Way::EgovMobile, Lang::Kk).await),
        refused(matter.take_signature(&t.app, who, Uuid::max(), b"MII", None).await),
        refused(matter.take_face(&t.app, who, face().await).await),
        refused(matter.open_hosted_face(&t.app, who, Lang::Kk).await),
        refused(matter.take_hosted_face(&t.app, who).await),
        refused(matter.begin_liveness(&t.app, who).await.map(drop)),
        refused(
            matter.take_frame(&t.app, who, &nonce, frame(&face::testing::Head::default(), 1)).await.map(drop),
        ),
    ]
}

/// Proves [`lending::law::CL_29`] and [`lending::law::CL_11`]: who began a recovery for somebody else's IIN weighs no password,
/// asks for no signature or face, counts nothing against the owner and learns nothing.
#[tokio::test]
async fn a_recovery_takes_nothing_that_it_did_not_ask_for() {
    let t = TestApp::with_hosted_face().await;
    let owner = t.register(&form()).await.unwrap();
    let mut told = Vec::new();
    for name in [IIN, "900505400776"] {
        let who = Prover::from(recoverer(&t, visitor(), name).await);
        let code = if name == IIN { t.code(PHONE) } else { "000000".to_owned() };
        let before = traces(&t).await;
        for _ in 0..2 {
            told.push(unasked(&t, &who, &code).await);
        }
        assert_eq!(traces(&t).await, before, "{name}: nothing is counted, kept or asked");
    }
    assert!(told.iter().flatten().all(|code| code == "proof-unasked"), "{told:#?}");

    // What it asks for it takes, once; and then the face only.
    let who = Prover::from(recoverer(&t, visitor(), IIN).await);
    let code = t.code(PHONE);
    Matter::Recovery.take_code(&t.app, &who, &code).await.unwrap();
    let standing = Matter::Recovery.standing(&t.app, &who).await.unwrap();
    assert_eq!(standing.helpful, [ProofKind::BiometricIdentification]);
    let before = traces(&t).await;
    for again in [
        refused(Matter::Recovery.take_code(&t.app, &who, &code).await),
        refused(Matter::Recovery.send_code(&t.app, &who, Lang::Kk).await),
        refused(Matter::Recovery.take_token(&t.app, &who, "000000").await),
        refused(Matter::Recovery.take_password(&t.app, &who, PASSWORD).await),
        refused(Matter::Recovery.ask_signature(&t.app, &who, Way::Ncalayer, Lang::Kk).await),
    ] {
        assert_eq!(again, "proof-unasked");
    }
    assert_eq!(traces(&t).await, before);
    t.register_change(&owner).await;
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: what is not missing is not taken for any other matter either.
#[tokio::test]
async fn a_proof_that_would_not_help_is_taken_for_nothing() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let asked = Asked::Account("KZ86125KZT5004100100");
    let id = identity::ask(&t.app, who.clone(), asked, Lang::Ru).await.unwrap().id;
    let (matter, who) = (Matter::Change(id), Prover::from(who));
    matter.take_face(&t.app, &who, face().await).await.unwrap();
    let before = traces(&t).await;
    for unasked in [
        refused(matter.take_password(&t.app, &who, "wrong wrong wrong").await),
        refused(matter.send_code(&t.app, &who, Lang::Ru).await),
        refused(matter.take_token(&t.app, &who, "000000").await),
        refused(matter.take_face(&t.app, &who, face().await).await),
        refused(matter.ask_signature(&t.app, &who, Way::EgovMobile, Lang::Ru).await),
    ] {
        assert_eq!(unasked, "proof-unasked");
    }
    assert_eq!(traces(&t).await, before);
    t.finish().await;
}

trait Owner {
    async fn register_change(&self, who: &Client);
    async fn with_token(&self, who: &Client);
}

impl Owner for TestApp {
    /// The owner's own password still counts for what they do.
    async fn register_change(&self, who: &Client) {
        let asked = Asked::Account("KZ86125KZT5004100100");
        let id = identity::ask(&self.app, who.clone(), asked, Lang::Ru).await.unwrap().id;
        Matter::Change(id).take_password(&self.app, &Prover::from(who.clone()), PASSWORD).await.unwrap();
    }

    /// A hardware token of RFC 4226's secret.
    async fn with_token(&self, who: &Client) {
        let asked = Asked::Token { kind: TokenKind::Hotp, name: "Брелок", seed: SEED };
        let id = identity::ask(&self.app, who.clone(), asked, Lang::Ru).await.unwrap().id;
        identity::check_token(&self.app, who.clone(), id, CODES[0], CODES[1]).await.unwrap();
        Matter::Change(id).take_face(&self.app, &Prover::from(who.clone()), face().await).await.unwrap();
        identity::carry_out(&self.app, who.clone(), id).await.unwrap();
        self.settle().await;
    }
}

/// Proves [`lending::law::CL_29`] and [`lending::law::CL_35_3`]: six digits hold only against who may not guess for ever; and
/// who guesses from elsewhere takes nothing from the owner where they are known.
#[tokio::test]
async fn a_tokens_codes_are_not_guessed_at_for_ever_and_its_owner_goes_on() {
    let t = TestApp::start().await;
    let owner = t.register(&form()).await.unwrap();
    let token = identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await.unwrap();
    let key = Token::parse(&token.reveal_device().unwrap()).unwrap().hash();
    t.with_token(&owner).await;
    let own = || Visitor { origin: Origin { device_key: Some(key), ..origin() } };
    let stranger = |n: usize| Visitor {
        origin: Origin { address: format!("198.51.{}.{}", n / 250, n % 250), ..origin() },
    };

    // At the door, by either name, and in recoveries of either: a hundred in all.
    let names = [PHONE, IIN];
    let at_the_door = async |n: usize| {
        refused(identity::sign_in_by_token(&t.app, stranger(n), names[n % 2], "000000").await)
    };
    let in_a_recovery = async |n: usize| match begun(&t, stranger(500 + n), names[n % 2]).await {
        Some(who) => refused(Matter::Recovery.take_token(&t.app, &Prover::from(who), "000000").await),
        None => "too-many-attempts".to_owned(),
    };
    let mut guesses = 0;
    for number in 0..144 {
        for told in [at_the_door(number).await, in_a_recovery(number).await] {
            guesses += usize::from(told != "too-many-attempts");
        }
        if number % 12 == 11 {
            t.clock.advance(SignedDuration::from_mins(16));
        }
    }
    assert_eq!(guesses, 100);

    // The owner goes on where they are known, at the door and in a recovery.
    identity::sign_in_by_token(&t.app, own(), PHONE, CODES[2]).await.unwrap();
    let who = Prover::from(recoverer(&t, own(), IIN).await);
    Matter::Recovery.take_token(&t.app, &who, CODES[3]).await.unwrap();

    // With a stolen device, or a stolen session: no longer than elsewhere.
    let mut guesses = 0;
    for number in 0..132 {
        let told = refused(identity::sign_in_by_token(&t.app, own(), PHONE, "000000").await);
        guesses += usize::from(told != "too-many-attempts");
        if number % 12 == 11 {
            t.clock.advance(SignedDuration::from_mins(16));
        }
    }
    assert_eq!(guesses, 100);
    let mut guesses = 0;
    for _ in 0..11 {
        let who = t.again(&owner).await;
        let mut op = t.app.begin(who.clone()).await.unwrap();
        let hardware = identity::tokens(&mut op).await.unwrap()[0].id;
        drop(op);
        let asked = Asked::Account("KZ86125KZT5004100100");
        let change = identity::ask(&t.app, who.clone(), asked, Lang::Ru).await.unwrap().id;
        for number in 0..12 {
            let told = if number % 2 == 0 {
                refused(identity::resynchronise(&t.app, who.clone(), hardware, "000000", "000000").await)
            } else {
                refused(Matter::Change(change).take_token(&t.app, &who.clone().into(), "000000").await)
            };
            guesses += usize::from(told != "too-many-attempts");
        }
        t.clock.advance(SignedDuration::from_mins(16));
    }
    assert_eq!(guesses, 100, "whatever they are for");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: what a thief of a number has proved in a recovery is worth nothing once the owner has
/// changed a factor.
#[tokio::test]
async fn a_recovery_under_way_ends_when_its_owner_changes_a_factor() {
    let t = TestApp::start().await;
    let owner = t.register(&form()).await.unwrap();
    let live = async |token: &Token| sessions::recognise(&t.app, token, origin()).await.unwrap().is_some();
    let another = async || {
        let token = identity::begin_recovery(&t.app, visitor(), IIN).await.unwrap();
        t.settle().await;
        token
    };
    let thief = another().await;
    t.with_token(&owner).await;
    assert!(!live(&thief).await, "a token was registered");
    let thief = another().await;
    let mut op = t.app.begin(owner.clone()).await.unwrap();
    sessions::end_others(&mut op).await.unwrap();
    op.commit().await.unwrap();
    assert!(!live(&thief).await, "whatever else is open was ended");

    let thief = another().await;
    let who = recoverer(&t, visitor(), IIN).await;
    let prover = Prover::from(who.clone());
    Matter::Recovery.take_code(&t.app, &prover, &t.code(PHONE)).await.unwrap();
    Matter::Recovery.take_face(&t.app, &prover, face().await).await.unwrap();
    identity::recover(&t.app, who, "тоғыз торғай тоқсан тал").await.unwrap();
    assert!(!live(&thief).await, "the password was recovered");
    let nobody = identity::begin_recovery(&t.app, visitor(), "900505400776").await.unwrap();
    assert!(live(&nobody).await, "somebody else's goes on");
    t.settle().await;
    t.finish().await;
}
