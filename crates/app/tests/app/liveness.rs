//! The face, looked at by the models, through the use cases.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]

use app::{
    identity::{Matter, Photo, Prover, liveness::FRAME_BYTES_MAX},
    refusal::Result,
};
use face::testing::{Head, card};
use jiff::SignedDuration;
use testkit::{
    TestApp,
    people::{form, frame, jpeg},
};

use crate::refused;

const MATTER: Matter = Matter::Registration;

async fn registrant(t: &TestApp) -> Prover {
    t.registrant_of_number(&form()).await.unwrap().into()
}

async fn photo(head: &Head, nonce: &str) -> Photo {
    Photo::take(jpeg(&head.draw(480, 640), 90)).await.unwrap().ending(nonce)
}

async fn count(t: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut t.owner().await).await.unwrap()
}

/// Proves [`lending::law::CL_35_2`] and [`lending::law::CL_11`]: a sitting gives one proof, to whom it was begun for, and
/// nothing of it serves again.
#[tokio::test]
async fn whoever_turns_their_head_as_asked_is_identified_once() {
    let t = TestApp::with_eyes().await;
    let who = registrant(&t).await;
    let head = Head::default();
    let (nonce, frames) = t.turn_head(MATTER, &who, &head, 0).await.unwrap();
    t.clock.advance(SignedDuration::from_millis(700));

    // Somebody else, and the same person in another session, cannot end it.
    let other = registrant(&t).await;
    let taken = MATTER.take_face(&t.app, &other, photo(&head, &nonce).await).await;
    assert_eq!(refused(taken), "face-challenge-spent");
    assert_eq!(
        refused(MATTER.take_frame(&t.app, &other, &nonce, frame(&head, 900)).await),
        "face-challenge-spent"
    );
    // An open mouth can be closed; nothing is spent by it.
    let talking = Head { mouth: 1.0, ..head };
    assert_eq!(
        refused(MATTER.take_face(&t.app, &who, photo(&talking, &nonce).await).await),
        "face-mouth-open"
    );

    MATTER.take_face(&t.app, &who, photo(&head, &nonce).await).await.unwrap();
    let again = MATTER.take_face(&t.app, &who, photo(&Head { light: 0.99, ..head }, &nonce).await).await;
    assert_eq!(refused(again), "proof-unasked");
    assert_eq!(refused(MATTER.take_frame(&t.app, &who, &nonce, frame(&head, 901)).await), "proof-unasked");

    // The record is evidence: each frame's hash and measures, and no picture of it.
    let kept = count(
        &t,
        "select count(*) from liveness_frame f join liveness l on l.id = f.liveness_id and l.ended = 'spent'",
    );
    assert_eq!(kept.await, frames.len() as i64 + 2, "frames, and two photos");
    assert_eq!(count(&t, "select count(*) from evidence where kind = 'liveness'").await, 1);

    // The film of it, shown again in another sitting.
    let nonce = MATTER.begin_liveness(&t.app, &other).await.unwrap().nonce.reveal();
    t.clock.advance(SignedDuration::from_millis(250));
    let replayed = MATTER.take_frame(&t.app, &other, &nonce, frames[0].clone()).await;
    assert_eq!(refused(replayed), "face-replayed");
    let after = MATTER.take_frame(&t.app, &other, &nonce, frame(&head, 902)).await;
    assert_eq!(refused(after), "face-challenge-spent", "and the sitting is over");

    t.settle().await;
    t.finish().await;
}

/// Feeds frames until a refusal.
async fn play(t: &TestApp, who: &Prover, mut show: impl FnMut(u32) -> Vec<u8>) -> (String, String) {
    let nonce = MATTER.begin_liveness(&t.app, who).await.unwrap().nonce.reveal();
    for number in 0..400 {
        t.clock.advance(SignedDuration::from_millis(250));
        let taken = MATTER.take_frame(&t.app, who, &nonce, show(number)).await;
        if taken.is_err() {
            return (nonce, refused(taken).to_owned());
        }
    }
    (nonce, "done".to_owned())
}

/// Proves [`lending::law::CL_35_3`], protection from stills, as far as `docs/handbook/face.md` claims it.
#[tokio::test]
async fn a_photo_held_before_the_camera_or_sent_as_a_file_identifies_nobody() {
    let t = TestApp::with_eyes().await;
    let who = registrant(&t).await;
    let head = Head::default();
    let file = Photo::take(jpeg(&head.draw(480, 640), 90)).await.unwrap();
    assert_eq!(refused(MATTER.take_face(&t.app, &who, file).await), "face-live-only");

    // One and the same bytes, over and over: nothing is learnt from them.
    let still = frame(&head, 0);
    let (nonce, why) = play(&t, &who, |_| still.clone()).await;
    assert_eq!(why, "face-challenge-spent", "a minute later");
    assert_eq!(
        refused(MATTER.take_face(&t.app, &who, photo(&head, &nonce).await).await),
        "face-challenge-spent"
    );

    // A print, shaken and turned by hand.
    let printed = head.draw(180, 240);
    let shown = |number: u32| {
        let (yaw, light) = ((number as f32 * 0.5).sin() * 25.0, (number % 50) as f32 * 0.001);
        let held = card(&printed, yaw, 0.0);
        let rgb = held.rgb().iter().map(|part| (f32::from(*part) * (1.0 - light)) as u8).collect();
        jpeg(&face::Picture::new(180, 240, rgb).unwrap(), 70)
    };
    let (_, why) = play(&t, &who, shown).await;
    assert!(["face-late", "face-cut", "face-challenge-spent"].contains(&why.as_str()), "{why}");
    assert_eq!(count(&t, "select count(*) from proof where kind = 'biometric_identification'").await, 0);
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: a challenge is short-lived, and its end cannot be reached by skipping.
#[tokio::test]
async fn a_challenge_ends_in_a_minute_and_not_by_itself() {
    let t = TestApp::with_eyes().await;
    let who = registrant(&t).await;
    let head = Head::default();
    let nonce = MATTER.begin_liveness(&t.app, &who).await.unwrap().nonce.reveal();
    for number in 0..4 {
        t.clock.advance(SignedDuration::from_millis(250));
        MATTER.take_frame(&t.app, &who, &nonce, frame(&head, number)).await.unwrap();
    }
    let early = MATTER.take_face(&t.app, &who, photo(&head, &nonce).await).await;
    assert_eq!(refused(early), "face-not-done");
    t.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(
        refused(MATTER.take_frame(&t.app, &who, &nonce, frame(&head, 5)).await),
        "face-challenge-spent"
    );
    for nonsense in ["", "short", "ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ"]
    {
        assert_eq!(
            refused(MATTER.take_frame(&t.app, &who, nonsense, frame(&head, 6)).await),
            "face-challenge-spent"
        );
    }
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn what_is_no_small_picture_is_refused_and_challenges_are_not_begun_without_end() {
    let t = TestApp::with_eyes().await;
    let who = registrant(&t).await;
    let nonce = MATTER.begin_liveness(&t.app, &who).await.unwrap().nonce.reveal();
    t.clock.advance(SignedDuration::from_millis(250));
    let large = MATTER.take_frame(&t.app, &who, &nonce, vec![0xff; FRAME_BYTES_MAX + 1]).await;
    assert_eq!(refused(large), "photo-too-large");
    for broken in [Vec::new(), b"GIF89a".to_vec(), frame(&Head::default(), 1)[..300].to_vec()] {
        t.clock.advance(SignedDuration::from_millis(250));
        assert_eq!(refused(MATTER.take_frame(&t.app, &who, &nonce, broken).await), "photo-unreadable");
    }
    let blank = face::Picture::new(1000, 40, vec![200; 1000 * 40 * 3]).unwrap();
    t.clock.advance(SignedDuration::from_millis(250));
    assert_eq!(refused(MATTER.take_frame(&t.app, &who, &nonce, jpeg(&blank, 50)).await), "photo-unreadable");

    let mut last: Result<()> = Ok(());
    for _ in 0..30 {
        last = MATTER.begin_liveness(&t.app, &who).await.map(drop);
    }
    assert_eq!(refused(last), "too-many-attempts", "by person, whatever session they are in");
    t.clock.advance(SignedDuration::from_hours(24));
    let later = registrant(&t).await;
    MATTER.begin_liveness(&t.app, &later).await.unwrap();
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: whatever is sent as a frame, three hundred end a challenge, and a day's frames are
/// limited by person and by device, before any is decoded. Who turns their head as asked needs a quarter of it.
#[tokio::test]
async fn nobody_keeps_the_models_looking_for_ever() {
    let t = TestApp::with_eyes().await;
    let who = registrant(&t).await;
    let begin = async || MATTER.begin_liveness(&t.app, &who).await.unwrap().nonce.reveal();
    let send = async |nonce: &str, frame: Vec<u8>| {
        t.clock.advance(SignedDuration::from_millis(100));
        refused(MATTER.take_frame(&t.app, &who, nonce, frame).await.map(drop))
    };
    let head = Head::default();
    let nonce = begin().await;
    for number in 0..300 {
        assert_eq!(send(&nonce, b"no picture".to_vec()).await, "photo-unreadable", "{number}");
    }
    assert_eq!(send(&nonce, frame(&head, 1)).await, "face-late");
    assert_eq!(send(&nonce, frame(&head, 2)).await, "face-challenge-spent");
    assert_eq!(count(&t, "select count(*) from liveness where ended = 'broken'").await, 1);

    // What comes too early is not looked at, and counts for the challenge.
    let nonce = begin().await;
    assert_eq!(send(&nonce, frame(&head, 3)).await, "done");
    for number in 0..299 {
        let early = MATTER.take_frame(&t.app, &who, &nonce, b"no picture".to_vec()).await;
        assert_eq!(refused(early.map(drop)), "done", "{number}");
    }
    assert_eq!(send(&nonce, frame(&head, 4)).await, "face-late");
    let looked_at = count(&t, "select max(count)::int8 from attempt where count > 300").await;
    assert_eq!(looked_at, 301, "by person and by device");

    let device = [app::attempts::network("192.0.2.7"), b"Test phone".to_vec()].concat();
    let nonce = begin().await;
    for (limit, whom) in [
        (app::attempts::FRAMES_PER_PERSON, form().iin.into_bytes()),
        (app::attempts::FRAMES_PER_DEVICE, device),
    ] {
        assert_eq!(send(&nonce, frame(&head, 5)).await, "done");
        let bucket = t.app.vault().mark(limit.name, &[&whom]);
        let used = sqlx::query("update attempt set count = $1 where bucket = $2")
            .bind(limit.most)
            .bind(bucket.to_vec());
        assert_eq!(used.execute(&mut t.owner().await).await.unwrap().rows_affected(), 1);
        assert_eq!(send(&nonce, b"no picture".to_vec()).await, "too-many-attempts", "{}", limit.name);
        app::attempts::forget(&t.app, &limit, &whom).await.unwrap();
    }
    t.settle().await;
    t.finish().await;
}

/// Where there are no models, nobody is led to believe that there are.
#[tokio::test]
async fn without_models_there_is_no_challenge_and_none_can_be_claimed() {
    let t = TestApp::start().await;
    let who = registrant(&t).await;
    assert_eq!(refused(MATTER.begin_liveness(&t.app, &who).await.map(drop)), "face-no-models");
    let claimed = photo(&Head::default(), &"A".repeat(43)).await;
    assert_eq!(refused(MATTER.take_face(&t.app, &who, claimed).await), "face-no-models");
    t.settle().await;
    t.finish().await;
}
