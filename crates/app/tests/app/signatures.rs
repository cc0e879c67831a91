//! Digital signatures: whose, of what, once (Rules cl. 11, 35.1). Signed for real, by the simulated authority.

use ::texts::Lang;
use app::{
    identity::{
        self, Matter, Prover, egov_mobile,
        signatures::{BYTES_MAX, Way},
    },
    refusal::Result,
};
use eds::{
    Family,
    testing::{Authority, Profile},
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use simulator::{Mode, Service};
use testkit::{
    TestApp,
    people::{PHONE, face, form, visitor},
};
use uuid::Uuid;

use crate::refused;

const IIN: &str = "880101300123";

/// Somebody registering, and the statement they are asked to sign.
async fn asked(t: &TestApp) -> (Prover, Uuid, Vec<u8>) {
    let who: Prover = t.begin_registration(&form()).await.unwrap().into();
    let (id, content) = ask(t, &who, Matter::Registration).await;
    (who, id, content)
}

async fn ask(t: &TestApp, who: &Prover, matter: Matter) -> (Uuid, Vec<u8>) {
    let id = matter.ask_signature(&t.app, who, Way::Ncalayer, Lang::Kk).await.unwrap();
    let (_, _, content) = matter.to_sign(&t.app, who, id).await.unwrap();
    (id, content)
}

async fn give(t: &TestApp, who: &Prover, id: Uuid, signature: &[u8]) -> Result<()> {
    Matter::Registration.take_signature(&t.app, who, id, signature, Some("PKCS12")).await
}

fn sign(t: &TestApp, content: &[u8]) -> Vec<u8> {
    t.world.sign(Service::Ncalayer, IIN, content, true)
}

async fn count(t: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut t.owner().await).await.unwrap()
}

/// Proves [`lending::law::CL_35_1`] and [`lending::law::CL_6_D`]: face and signature make a client, without any code; and
/// all that the signature was judged by is kept.
#[tokio::test]
async fn a_face_and_a_digital_signature_make_a_client() {
    let t = TestApp::start().await;
    let registrant = t.begin_registration(&form()).await.unwrap();
    let who: Prover = registrant.clone().into();
    let (id, content) = ask(&t, &who, Matter::Registration).await;
    assert!(String::from_utf8(content.clone()).unwrap().contains("Operation: registration"));
    give(&t, &who, id, &sign(&t, &content)).await.unwrap();
    Matter::Registration.take_face(&t.app, &who, face().await).await.unwrap();
    identity::complete(&t.app, registrant).await.unwrap();
    for kind in
        ["signature:content", "signature", "signature:certificates", "answer:ocsp", "signature:verdict"]
    {
        let kept: i64 = sqlx::query_scalar("select count(*) from evidence where kind = $1")
            .bind(kind)
            .fetch_one(&mut t.owner().await)
            .await
            .unwrap();
        assert_eq!(kept, 1, "{kind}");
    }
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_9_A`] and [`lending::law::CL_35_1`]: what is signed begins with the agreement's own bytes.
#[tokio::test]
async fn an_agreement_is_signed_by_face_and_digital_signature_over_its_own_bytes() {
    let t = TestApp::start().await;
    let client = t.register(&form()).await.unwrap();
    let application = t.apply(&client).await.unwrap();
    t.acknowledge(&client, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(client.clone()));
    let purpose = matter.purpose(&t.app, &who).await.unwrap();
    let (id, content) = ask(&t, &who, matter).await;
    let end = content.windows(6).rposition(|window| window == b"%%EOF\n").unwrap() + 6;
    let pdf = [&content[..end], &content[..end - 1]]
        .into_iter()
        .any(|pdf| <[u8; 32]>::from(Sha256::digest(pdf)) == purpose.object);
    assert!(pdf, "another document is put before the client than the one that is agreed");
    assert!(content.len() - end < 1024, "readers of PDF look for its end in the last kilobyte");

    // Signed without what stands behind the document, it could be used in any session.
    let bare = sign(&t, &content[..end]);
    assert_eq!(refused(matter.take_signature(&t.app, &who, id, &bare, None).await), "signature-other-bytes");
    matter.take_signature(&t.app, &who, id, &sign(&t, &content), Some("AKKZIDCardStore")).await.unwrap();
    matter.take_face(&t.app, &who, face().await).await.unwrap();
    let standing = matter.standing(&t.app, &who).await.unwrap();
    assert_eq!(standing.missing, None);
    app::applications::conclude(&t.app, client, application).await.unwrap();
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`]: each thing that a signature can lack is said by its own code, and none of them
/// becomes a proof.
#[tokio::test]
async fn a_signature_that_does_not_hold_is_refused_and_says_why() {
    let t = TestApp::start().await;
    let (who, _, _) = asked(&t).await;
    let state =
        Authority::new(Family::Gost2015, "Nesie demonstration", "2026-01-01T00:00:00Z".parse().unwrap());
    let now = testkit::beginning();
    let with = |profile: Profile, content: &[u8]| state.issue(&profile, IIN).sign(content, false, now, None);
    let day = SignedDuration::from_hours(24);
    type Make<'a> = Box<dyn Fn(&[u8]) -> Vec<u8> + 'a>;
    let cases: Vec<(&str, Make<'_>)> = vec![
        ("signature-unreadable", Box::new(|_| b"MIIB".to_vec())),
        ("signature-unreadable", Box::new(|_| vec![0x30; BYTES_MAX + 1])),
        ("signature-other-bytes", Box::new(|_| sign(&t, b"another document"))),
        (
            "signature-expired",
            Box::new(|content| with(Profile { valid_for: day, ..Profile::individual(IIN) }, content)),
        ),
        ("signature-key-usage", Box::new(|content| with(Profile::for_signing_in(IIN), content))),
        ("signature-role", Box::new(|content| with(Profile::employee("190440019884", IIN), content))),
        ("signature-another-person", Box::new(|content| with(Profile::individual("010203500008"), content))),
        (
            "signature-several",
            Box::new(|content| {
                let both = [
                    state.issue(&Profile::individual(IIN), IIN),
                    state.issue(&Profile::head("190440019884", IIN), "b"),
                ];
                eds::testing::sign_together(&[&both[0], &both[1]], content, false, now, None)
            }),
        ),
        (
            "signature-wrong",
            Box::new(|content| {
                let mut signature = with(Profile::individual(IIN), content);
                let last = signature.len() - 1;
                signature[last] ^= 1;
                signature
            }),
        ),
    ];
    for (code, make) in cases {
        let (id, content) = ask(&t, &who, Matter::Registration).await;
        assert_eq!(refused(give(&t, &who, id, &make(&content)).await), code);
    }
    for (service, mode, code) in [
        (Service::Ncalayer, Mode::ForeignAuthority, "signature-foreign"),
        (Service::Ncalayer, Mode::AnotherPerson, "signature-another-person"),
        (Service::Nca, Mode::Reject, "signature-revoked"),
    ] {
        t.world.set_mode(service, mode);
        let (id, content) = ask(&t, &who, Matter::Registration).await;
        assert_eq!(refused(give(&t, &who, id, &sign(&t, &content)).await), code, "{mode:?}");
        t.world.set_mode(service, Mode::Ok);
    }
    assert_eq!(count(&t, "select count(*) from proof where kind = 'digital_signature'").await, 0);
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`]: silence about revocation is no consent, and an OCSP responder that is down is not
/// the end: the list says it too.
#[tokio::test]
async fn where_nobody_answers_the_revocation_list_does_and_else_nothing_is_taken() {
    let t = TestApp::start().await;
    let (who, _, _) = asked(&t).await;
    let (other, _, _) = asked(&t).await;
    t.world.set_mode(Service::Nca, Mode::Error500);
    let (id, content) = ask(&t, &who, Matter::Registration).await;
    let signature = sign(&t, &content);
    assert_eq!(refused(give(&t, &who, id, &signature).await), "signature-revocation-unclear");
    t.world.set_mode(Service::Nca, Mode::Ok);
    give(&t, &who, id, &signature).await.unwrap();
    assert_eq!(count(&t, "select count(*) from evidence where kind = 'answer:ocsp'").await, 1);

    t.world.set_mode(Service::Nca, Mode::Pending); // OCSP says "try later"; the list is there
    let (id, content) = ask(&t, &other, Matter::Registration).await;
    give(&t, &other, id, &sign(&t, &content)).await.unwrap();
    assert_eq!(count(&t, "select count(*) from evidence where kind = 'signature:list'").await, 1);
    t.finish().await;
}

/// Proves [`lending::law::CL_11`].
#[tokio::test]
async fn a_signature_is_good_once_in_time_in_its_session_and_for_its_statement() {
    let t = TestApp::start().await;
    let (who, first, content) = asked(&t).await;
    let signature = sign(&t, &content);
    let (second, _) = ask(&t, &who, Matter::Registration).await;
    assert_eq!(refused(give(&t, &who, first, &signature).await), "signature-spent", "superseded");
    assert_eq!(
        refused(give(&t, &who, second, &signature).await),
        "signature-other-bytes",
        "another statement's"
    );

    let other: Prover = t.begin_registration(&form()).await.unwrap().into();
    let (third, content) = ask(&t, &who, Matter::Registration).await;
    let signature = sign(&t, &content);
    assert_eq!(refused(give(&t, &other, third, &signature).await), "signature-spent", "another session's");
    give(&t, &who, third, &signature).await.unwrap();
    assert_eq!(refused(give(&t, &who, third, &signature).await), "proof-unasked", "twice");

    let who = other;
    let (late, content) = ask(&t, &who, Matter::Registration).await;
    t.clock.advance(SignedDuration::from_secs(10 * 60 + 1));
    assert_eq!(refused(give(&t, &who, late, &sign(&t, &content)).await), "signature-spent", "late");

    let (tried, content) = ask(&t, &who, Matter::Registration).await;
    for _ in 0..5 {
        assert_eq!(refused(give(&t, &who, tried, b"MIIB").await), "signature-unreadable");
    }
    assert_eq!(
        refused(give(&t, &who, tried, &sign(&t, &content)).await),
        "signature-spent",
        "tried too often"
    );
    assert_eq!(count(&t, "select count(*) from proof where kind = 'digital_signature'").await, 1);
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`] and [`lending::law::CL_11`]: the phone gets what is to be signed by link and token
/// alone, a while, and what it sends back counts for the session that asked.
#[tokio::test]
async fn a_phone_signs_what_the_page_shows_and_a_guessed_link_shows_nothing() {
    let t = TestApp::start().await;
    let registrant = t.begin_registration(&form()).await.unwrap();
    let who: Prover = registrant.clone().into();
    let begin = async || {
        let id = Matter::Registration.ask_signature(&t.app, &who, Way::EgovMobile, Lang::Ru).await.unwrap();
        (id, egov_mobile::link(&t.app, id), egov_mobile::token(&t.app, id))
    };
    let (id, link, token) = begin().await;
    assert_eq!(link.len(), 43);
    assert_eq!(egov_mobile::opened(&t.app, visitor(), &link).await.unwrap().id, id);
    let over =
        |ended: &str| format!("update session set ended_at = {ended} where registration_id is not null");
    let mut owner = t.owner().await;
    for (ended, seen) in [("now()", "signature-spent"), ("null", "done")] {
        sqlx::query(sqlx::AssertSqlSafe(over(ended))).execute(&mut owner).await.unwrap();
        let opened = egov_mobile::opened(&t.app, visitor(), &link).await;
        assert_eq!(
            refused(opened),
            seen,
            "whoever photographed the code reads nothing once its owner has gone"
        );
    }
    for (link, token) in
        [("A".repeat(43), token.clone()), (link.clone(), "A".repeat(43)), (String::new(), token.clone())]
    {
        assert_eq!(refused(egov_mobile::to_sign(&t.app, visitor(), &link, &token).await), "signature-spent");
        assert_eq!(
            refused(egov_mobile::answered(&t.app, visitor(), &link, &token, None).await),
            "signature-spent"
        );
    }
    assert_eq!(
        refused(egov_mobile::answered(&t.app, visitor(), &link, &token, None).await),
        "signature-cancelled"
    );
    let (_, _, content) = egov_mobile::to_sign(&t.app, visitor(), &link, &token).await.unwrap();
    let strangers = t.world.sign(Service::EgovMobile, "010203500008", &content, false);
    let answer = egov_mobile::answered(&t.app, visitor(), &link, &token, Some(&strangers)).await;
    assert_eq!(refused(answer), "signature-another-person");
    let own = t.world.sign(Service::EgovMobile, IIN, &content, false);
    egov_mobile::answered(&t.app, visitor(), &link, &token, Some(&own)).await.unwrap();
    // The phone stamps nothing: the authority does, asked by us.
    assert_eq!(count(&t, "select count(*) from evidence where kind = 'answer:tsp'").await, 1);
    let again = egov_mobile::answered(&t.app, visitor(), &link, &token, Some(&own)).await;
    assert_eq!(refused(again), "signature-spent");
    assert_eq!(refused(egov_mobile::opened(&t.app, visitor(), &link).await), "signature-spent");

    Matter::Registration.take_face(&t.app, &who, face().await).await.unwrap();
    identity::complete(&t.app, registrant).await.unwrap();

    // Fetched by whoever, it is not fetched for ever; it dies with its time; and what is proved otherwise it does not prove.
    let who: Prover = t.begin_registration(&form()).await.unwrap().into();
    let begin = async || {
        let id = Matter::Registration.ask_signature(&t.app, &who, Way::EgovMobile, Lang::Ru).await.unwrap();
        (egov_mobile::link(&t.app, id), egov_mobile::token(&t.app, id))
    };
    let (link, _) = begin().await;
    for _ in 0..20 {
        egov_mobile::opened(&t.app, visitor(), &link).await.unwrap();
    }
    assert_eq!(refused(egov_mobile::opened(&t.app, visitor(), &link).await), "signature-spent");
    let (link, _) = begin().await;
    t.clock.advance(SignedDuration::from_secs(10 * 60 + 1));
    assert_eq!(refused(egov_mobile::opened(&t.app, visitor(), &link).await), "signature-spent");
    let (link, token) = begin().await;
    let (_, _, content) = egov_mobile::to_sign(&t.app, visitor(), &link, &token).await.unwrap();
    let own = t.world.sign(Service::EgovMobile, IIN, &content, false);
    Matter::Registration.send_code(&t.app, &who, Lang::Ru).await.unwrap();
    t.settle().await;
    Matter::Registration.take_code(&t.app, &who, &t.code(PHONE)).await.unwrap();
    Matter::Registration.take_face(&t.app, &who, face().await).await.unwrap();
    let late = egov_mobile::answered(&t.app, visitor(), &link, &token, Some(&own)).await;
    assert_eq!(refused(late), "proof-unasked");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`]: a signature that was given for one thing is worth nothing for another.
#[tokio::test]
async fn a_signature_for_the_registration_signs_no_agreement() {
    let t = TestApp::start().await;
    let (_, _, content) = asked(&t).await;
    let signature = sign(&t, &content);
    let client = t.register(&form()).await.unwrap();
    let application = t.apply(&client).await.unwrap();
    t.acknowledge(&client, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(client));
    let (id, _) = ask(&t, &who, matter).await;
    assert_eq!(
        refused(matter.take_signature(&t.app, &who, id, &signature, None).await),
        "signature-other-bytes"
    );
    t.finish().await;
}
