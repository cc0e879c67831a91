//! Any bytes, read as a message, an answer or a list, are judged without a panic or a hang, and only the seeds hold.

#![no_main]

use std::sync::LazyLock;

use eds::{
    ANSWER_AGE_MAX, Certificate, Evidence, Family, OcspAnswer, RevocationList, Rules, SignedMessage,
    TimeStamp, Trust,
    testing::{Authority, Holder, Profile, Says},
    verify,
};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

struct World {
    now: Timestamp,
    trust: Trust,
    good: Evidence,
    message: Vec<u8>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
    let authority = Authority::new(Family::Rsa, "fuzz", now);
    let client: Holder = authority.issue(&Profile::individual("880101300123"), "client");
    let answer = authority.answer(&client.certificate, Says::Good, now, None);
    World {
        now,
        trust: authority.trust(),
        good: Evidence { answers: vec![answer], ..Evidence::default() },
        message: client.sign(b"agreement", true, now, Some(&authority)),
    }
});

fuzz_target!(|bytes: &[u8]| {
    let world = &*WORLD;
    let judge = |message: &SignedMessage, evidence: &Evidence| {
        let rules = Rules {
            at: world.now,
            trust: &world.trust,
            evidence,
            answer_age_max: ANSWER_AGE_MAX,
            nonce: None,
        };
        verify(message, None, &rules)
    };
    if let Ok(message) = SignedMessage::read(bytes) {
        let _ = judge(&message, &world.good);
    }
    if let Ok(certificate) = Certificate::read(bytes) {
        let _ = world.trust.chain(&certificate, &[], world.now);
    }
    if let Ok(stamp) = TimeStamp::from_token(bytes) {
        let _ = stamp.verify(&world.trust, world.now);
    }
    let mut evidence = Evidence::default();
    evidence.answers.extend(OcspAnswer::read(bytes));
    evidence.lists.extend(RevocationList::read(bytes));
    if !evidence.answers.is_empty() || !evidence.lists.is_empty() {
        let message = SignedMessage::from_der(&world.message).expect("a seed");
        let _ = judge(&message, &evidence);
    }
});
