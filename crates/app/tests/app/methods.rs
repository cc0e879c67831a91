//! What each way of proving leaves in the evidence of an agreement: it is judged there as it was when it was taken.

use ::texts::Lang;
use app::{
    applications, evidence,
    id::Id,
    identity::{self, Asked, Matter, Photo, Prover, TokenKind, signatures::Way},
    loans::Loan,
    sessions::Client,
};
use eds::{Family, audit::File, testing::Authority};
use jiff::SignedDuration;
use simulator::{Mode, Service, Shown};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, entity_form, face, form, jpeg},
};

const IIN: &str = "880101300123";
const BIN: &str = "070440003902";

/// The state's certificates, as an auditor has them.
fn authorities() -> Vec<File> {
    let state =
        Authority::new(Family::Gost2015, "Nesie demonstration", "2026-01-01T00:00:00Z".parse().unwrap());
    let (from, until) = state.root().validity();
    let anchors = format!("{} {from} {until}\n", state.root().fingerprint());
    [
        ("root.cer", state.root().der()),
        ("issuing.cer", state.issuing().der()),
        (eds::audit::ANCHORS_FILE, anchors.as_bytes()),
    ]
    .map(|(name, bytes)| File { name: name.into(), bytes: bytes.to_vec() })
    .into()
}

/// The evidence of an agreement, taken out by the client and judged by an auditor.
pub(crate) async fn holds(t: &TestApp, who: Client, loan: Id<Loan>) -> bundle::Report {
    let given = evidence::export_own(&t.app, who, loan).await.unwrap();
    let report = bundle::verify(&given.file, Some(&authorities()));
    assert!(report.valid, "{report}");
    report
}

async fn sign_by(t: &TestApp, who: &Prover, matter: Matter, sign: impl Fn(&[u8]) -> Vec<u8>) {
    let id = matter.ask_signature(&t.app, who, Way::Ncalayer, Lang::Kk).await.unwrap();
    let (_, _, content) = matter.to_sign(&t.app, who, id).await.unwrap();
    matter.take_signature(&t.app, who, id, &sign(&content), Some("PKCS12")).await.unwrap();
}

/// Proves [`lending::law::CL_35_1`], [`lending::law::CL_6_B`] and [`lending::law::CL_11`]: signed while the authority's
/// responder had nothing useful to say, an agreement holds by the list that was taken instead; for a person and for an
/// entity, each with the right key.
#[tokio::test]
async fn a_digital_signature_taken_by_the_revocation_list_holds_off_line_too() {
    let t = TestApp::start().await;
    let own = |content: &[u8]| t.world.sign(Service::EgovMobile, IIN, content, false);
    let registrant = t.begin_registration(&form()).await.unwrap();
    sign_by(&t, &registrant.clone().into(), Matter::Registration, own).await;
    Matter::Registration.take_face(&t.app, &registrant.clone().into(), face().await).await.unwrap();
    let token = identity::complete(&t.app, registrant).await.unwrap();
    t.settle().await;
    let person = t.client(&token).await;

    t.world.set_mode(Service::Nca, Mode::Pending);
    let application = t.apply(&person).await.unwrap();
    t.acknowledge(&person, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(person.clone()));
    sign_by(&t, &who, matter, |content| t.world.sign(Service::Ncalayer, IIN, content, true)).await;
    matter.take_face(&t.app, &who, face().await).await.unwrap();
    let loan = applications::conclude(&t.app, person.clone(), application).await.unwrap();
    t.settle().await;
    let report = holds(&t, person.clone(), loan).await;
    let by = |report: &bundle::Report, place: usize| {
        let signed = report.signatures[place].report.as_ref().unwrap();
        signed.signers[0].signer.not_revoked.unwrap().by
    };
    assert_eq!((by(&report, 0), by(&report, 1)), (eds::Source::Ocsp, eds::Source::List));

    let officer = t.officer().await;
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let application = t.apply(&head).await.unwrap();
    t.acknowledge(&head, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(head.clone()));
    sign_by(&t, &who, matter, |content| t.world.sign_as_head(BIN, IIN, content)).await;
    matter.take_face(&t.app, &who, face().await).await.unwrap();
    let loan = applications::conclude(&t.app, head.clone(), application).await.unwrap();
    t.settle().await;
    assert_eq!(holds(&t, head, loan).await.signatures.len(), 2, "the person's own, and the entity's");
    t.finish().await;
}

/// Proves [`lending::law::CL_35_2`] and [`lending::law::CL_11`]: the face as a provider saw it, for registration and
/// agreement.
#[tokio::test]
async fn a_face_that_a_provider_saw_holds_off_line() {
    let t = TestApp::with_hosted_face().await;
    let shown = || {
        let form = form();
        Shown {
            iin: form.iin,
            surname: form.surname.to_uppercase(),
            given_name: form.given_name,
            document_number: form.document_number,
        }
    };
    let seen = async |matter: Matter, who: &Prover| {
        let address = matter.open_hosted_face(&t.app, who, Lang::Kk).await.unwrap();
        let session = address.rsplit('/').next().unwrap().trim_end_matches("?locale=kz");
        assert!(t.world.show_face(session, shown()));
        matter.take_hosted_face(&t.app, who).await.unwrap();
    };
    let registrant = t.registrant_of_number(&form()).await.unwrap();
    let who: Prover = registrant.clone().into();
    seen(Matter::Registration, &who).await;
    let token = identity::complete(&t.app, registrant).await.unwrap();
    t.settle().await;
    let person = t.client(&token).await;
    let application = t.apply(&person).await.unwrap();
    t.acknowledge(&person, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(person.clone()));
    seen(matter, &who).await;
    matter.send_code(&t.app, &who, Lang::Kk).await.unwrap();
    t.settle().await;
    matter.take_password_and_code(&t.app, &who, PASSWORD, &t.code(PHONE)).await.unwrap();
    let loan = applications::conclude(&t.app, person.clone(), application).await.unwrap();
    t.settle().await;
    holds(&t, person, loan).await;
    t.finish().await;
}

/// Proves [`lending::law::CL_35_2`], [`lending::law::CL_35_3`] and [`lending::law::CL_11`]: a face that ended a live
/// challenge, and a token's code.
#[tokio::test]
async fn a_living_face_and_a_tokens_code_hold_off_line() {
    let t = TestApp::with_eyes().await;
    let head = face::testing::Head::default();
    let lives = async |matter: Matter, who: &Prover, first: u32| {
        let (nonce, _) = t.turn_head(matter, who, &head, first).await.unwrap();
        t.clock.advance(SignedDuration::from_millis(700));
        let light = 1.0 - 0.001 * f32::from(u16::try_from(first).unwrap() / 100);
        let picture = face::testing::Head { light, ..head }.draw(480, 640);
        let photo = Photo::take(jpeg(&picture, 90)).await.unwrap().ending(&nonce);
        matter.take_face(&t.app, who, photo).await.unwrap();
    };
    let registrant = t.begin_registration(&form()).await.unwrap();
    let who: Prover = registrant.clone().into();
    Matter::Registration.take_code(&t.app, &who, &t.code(PHONE)).await.unwrap();
    lives(Matter::Registration, &who, 0).await;
    let token = identity::complete(&t.app, registrant).await.unwrap();
    t.settle().await;
    let person = t.client(&token).await;

    // RFC 4226, appendix D.
    let seed = "3132333435363738393031323334353637383930";
    let asked = Asked::Token { kind: TokenKind::Hotp, name: "Брелок", seed };
    let who: Prover = person.clone().into();
    let change = identity::ask(&t.app, person.clone(), asked, Lang::Ru).await.unwrap();
    identity::check_token(&t.app, person.clone(), change.id, "755224", "287082").await.unwrap();
    let matter = Matter::Change(change.id);
    matter.send_code(&t.app, &who, Lang::Ru).await.unwrap();
    t.settle().await;
    matter.take_password_and_code(&t.app, &who, PASSWORD, &t.code(PHONE)).await.unwrap();
    identity::carry_out(&t.app, person.clone(), change.id).await.unwrap();
    t.settle().await;

    let application = t.apply(&person).await.unwrap();
    t.acknowledge(&person, application).await.unwrap();
    let matter = Matter::Application(application);
    lives(matter, &who, 500).await;
    matter.take_token(&t.app, &who, "359152").await.unwrap();
    matter.take_password(&t.app, &who, PASSWORD).await.unwrap();
    let loan = applications::conclude(&t.app, person.clone(), application).await.unwrap();
    t.settle().await;
    holds(&t, person, loan).await;
    t.finish().await;
}
