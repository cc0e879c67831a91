use ::texts::Lang;
use app::{
    identity::{self, Form, Matter, Photo},
    sessions,
};
use image::ImageFormat;
use jiff::SignedDuration;
use simulator::{Mode, Service};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, consents, face, form, origin, photo, second_form, visitor},
};

use crate::refused;

async fn registrations(t: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from registration").fetch_one(&mut t.owner().await).await.unwrap()
}

/// Proves [`lending::law::CL_6_A`]: what a document cannot say is not taken, field by field.
#[tokio::test]
async fn a_registration_with_wrong_data_is_refused_at_its_field_and_leaves_nothing() {
    let t = TestApp::start().await;
    let with = |change: fn(&mut Form)| {
        let mut form = form();
        change(&mut form);
        form
    };
    let cases: Vec<(Form, &str, &str)> = vec![
        (with(|f| f.iin = "880101300124".into()), "iin-invalid", "iin"),
        (with(|f| f.iin = "88010130012".into()), "iin-invalid", "iin"),
        (with(|f| f.iin = "151231500006".into()), "iin-invalid", "iin"),
        (with(|f| f.surname = " ".into()), "name-invalid", "surname"),
        (with(|f| f.given_name = "<b>Ержан</b>".into()), "name-invalid", "given_name"),
        (with(|f| f.patronymic = "Ә".repeat(61)), "name-invalid", "patronymic"),
        (with(|f| f.document_number = "12345".into()), "document-number-invalid", "document_number"),
        (with(|f| f.document_valid_until = "2026-02-01".into()), "document-expired", "document_valid_until"),
        (with(|f| f.document_valid_until = "31.12.2030".into()), "document-expired", "document_valid_until"),
        (with(|f| f.phone = "+7 495 123 45 67".into()), "phone-invalid", "phone"),
        (with(|f| f.phone = "+7 701 123 00 00".into()), "phone-not-yours", "phone"),
        (with(|f| f.email = "ержан@".into()), "email-invalid", "email"),
        (with(|f| f.password = "short one".into()), "password-too-short", "password"),
        (with(|f| f.password = "ы".repeat(129)), "password-too-long", "password"),
        (with(|f| f.password = "Password1234".into()), "password-known", "password"),
        (with(|f| f.password = "қазақстан2026".into()), "password-known", "password"),
        (with(|f| f.password = "qwertyqwertyqwerty".into()), "password-known", "password"),
        (with(|f| f.password = "мой 7011234567 номер".into()), "password-known", "password"),
        (with(|f| f.password = "я Қасымов и точка".into()), "password-known", "password"),
    ];
    for (form, code, field) in cases {
        t.clock.advance(SignedDuration::from_hours(2)); // so that the limit on attempts is not what refuses
        match identity::begin(&t.app, visitor(), Lang::Kk, &form, &consents()).await {
            Err(app::refusal::No::Refusal(no)) => assert_eq!((no.code, no.field), (code, Some(field))),
            Ok(_) => panic!("{code}: was taken"),
            Err(other) => panic!("{code}: {other:?}"),
        }
    }
    assert_eq!(refused(identity::begin(&t.app, visitor(), Lang::Kk, &form(), &[]).await), "consent-missing");
    assert_eq!(registrations(&t).await, 0);
    t.finish().await;
}

/// Proves [`lending::law::CL_6_D`]: fewer proofs than two methods, one of them biometric, make no client.
#[tokio::test]
async fn nobody_becomes_a_client_on_a_code_or_a_face_alone() {
    let t = TestApp::start().await;
    let who = t.begin_registration(&form()).await.unwrap();
    assert_eq!(refused(identity::complete(&t.app, who.clone()).await), "proofs-missing");
    // Whoever typed in somebody's IIN and number uses up none of that person's looks at the face, nor asks about it.
    let face_first = Matter::Registration.take_face(&t.app, &who.clone().into(), face().await).await;
    assert_eq!(refused(face_first), "proof-unasked");
    assert_eq!(
        refused(Matter::Registration.begin_liveness(&t.app, &who.clone().into()).await),
        "proof-unasked"
    );
    Matter::Registration.take_code(&t.app, &who.clone().into(), &t.code(PHONE)).await.unwrap();
    assert_eq!(refused(identity::complete(&t.app, who.clone()).await), "proofs-missing");
    Matter::Registration.take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    identity::complete(&t.app, who.clone()).await.unwrap();
    assert_eq!(refused(identity::complete(&t.app, who).await), "registration-lapsed");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_C`] and [`lending::law::CL_35_2`].
#[tokio::test]
async fn names_document_and_face_that_the_source_does_not_confirm_make_no_client() {
    let t = TestApp::start().await;
    let mut stranger = form();
    stranger.surname = "Чужой".into();
    let who = t.registrant_of_number(&stranger).await.unwrap();
    assert_eq!(
        refused(Matter::Registration.take_face(&t.app, &who.into(), face().await).await),
        "names-differ"
    );

    let who = t.registrant_of_number(&form()).await.unwrap();
    t.world.set_mode(Service::Idec, Mode::FaceMismatch);
    assert_eq!(
        refused(Matter::Registration.take_face(&t.app, &who.clone().into(), face().await).await),
        "face-differs"
    );
    t.world.set_mode(Service::Idec, Mode::Error500);
    assert_eq!(
        refused(Matter::Registration.take_face(&t.app, &who.clone().into(), face().await).await),
        "outside-unavailable"
    );
    assert_eq!(refused(identity::complete(&t.app, who).await), "proofs-missing");
    t.finish().await;
}

#[tokio::test]
async fn a_photo_that_is_none_or_is_too_large_is_refused_before_it_costs_anything() {
    assert_eq!(refused(Photo::take(b"GIF89a not a photo".to_vec()).await), "photo-unreadable");
    assert_eq!(refused(Photo::take(b"%PDF-1.7 <script>".to_vec()).await), "photo-unreadable");
    assert_eq!(refused(Photo::take(Vec::new()).await), "photo-unreadable");
    let mut cut = photo(640, 800, ImageFormat::Jpeg);
    cut.truncate(200);
    assert_eq!(refused(Photo::take(cut).await), "photo-unreadable");
    // A PNG that claims 8000 × 5000 pixels in its header, and has none of them.
    let mut claims = photo(300, 300, ImageFormat::Png);
    claims[16..24].copy_from_slice(&[0, 0, 0x1f, 0x40, 0, 0, 0x13, 0x88]);
    let crc = crc32(&claims[12..29]);
    claims[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(refused(Photo::take(claims).await), "photo-too-large");
    assert_eq!(refused(Photo::take(vec![0xff; 10 * 1024 * 1024 + 1]).await), "photo-too-large");
    assert_eq!(refused(Photo::take(photo(120, 160, ImageFormat::Jpeg)).await), "photo-too-small");
    assert_eq!(refused(Photo::take(photo(300, 300, ImageFormat::Png)).await), "done");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

/// Proves [`lending::law::CL_11`] and [`lending::law::CL_35_3`].
#[tokio::test]
async fn a_code_is_good_once_in_time_for_its_purpose_in_its_session_and_not_for_guessing() {
    let t = TestApp::start().await;
    let who = t.begin_registration(&form()).await.unwrap();
    let code = t.code(PHONE);
    Matter::Registration.take_code(&t.app, &who.clone().into(), &code).await.unwrap();
    assert_eq!(
        refused(Matter::Registration.take_code(&t.app, &who.clone().into(), &code).await),
        "proof-unasked",
        "used twice"
    );

    // Another session of the same person: its own code works, the other's does not.
    let third = t.begin_registration(&form()).await.unwrap();
    let older = t.code(PHONE);
    let second = t.begin_registration(&form()).await.unwrap();
    let fresh = t.code(PHONE);
    if older != fresh {
        assert_eq!(
            refused(Matter::Registration.take_code(&t.app, &third.into(), &fresh).await),
            "code-wrong",
            "another session"
        );
    }

    // Late.
    t.clock.advance(SignedDuration::from_secs(5 * 60 + 1));
    assert_eq!(
        refused(Matter::Registration.take_code(&t.app, &second.clone().into(), &fresh).await),
        "code-spent",
        "late"
    );

    // Guessed: three wrong answers kill it, and the right one comes too late.
    Matter::Registration.send_code(&t.app, &second.clone().into(), Lang::Ru).await.unwrap();
    t.settle().await;
    let right = t.code(PHONE);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        assert_eq!(
            refused(Matter::Registration.take_code(&t.app, &second.clone().into(), wrong).await),
            "code-wrong"
        );
    }
    assert_eq!(
        refused(Matter::Registration.take_code(&t.app, &second.clone().into(), &right).await),
        "code-spent",
        "guessed"
    );

    // An older code is void as soon as a newer one is sent.
    Matter::Registration.send_code(&t.app, &second.clone().into(), Lang::Ru).await.unwrap();
    t.settle().await;
    let older = t.code(PHONE);
    Matter::Registration.send_code(&t.app, &second.clone().into(), Lang::Ru).await.unwrap();
    t.settle().await;
    if older != t.code(PHONE) {
        assert_eq!(
            refused(Matter::Registration.take_code(&t.app, &second.into(), &older).await),
            "code-wrong",
            "superseded"
        );
    }
    t.finish().await;
}

/// Proves [`lending::law::CL_35_3`]: the number counts once its owner was checked by IIN; nobody answers, nobody passes.
#[tokio::test]
async fn a_register_that_does_not_answer_lets_nobody_through() {
    let t = TestApp::with_little_patience().await;
    for mode in [Mode::Error500, Mode::Garbled, Mode::Silent] {
        t.world.set_mode(Service::PhoneRegister, mode);
        assert_eq!(refused(t.begin_registration(&form()).await), "outside-unavailable", "{mode:?}");
    }
    assert_eq!(registrations(&t).await, 0);
    t.finish().await;
}

/// Proves [`lending::law::CL_6_E`] and [`lending::law::CL_25_9`]: and every sign-in is told to the client.
#[tokio::test]
async fn a_client_signs_in_by_password_or_code_and_is_told_so() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    for name in ["880101300123", "87011234567", "+7 (701) 123-45-67"] {
        let token = identity::sign_in_by_password(&t.app, visitor(), name, PASSWORD).await.unwrap();
        t.client(&token).await;
        t.settle().await;
        assert!(t.world.last_sms_to(PHONE).unwrap().contains("Test phone"));
    }
    let handle = identity::request_sign_in_code(&t.app, visitor(), PHONE).await.unwrap();
    t.settle().await;
    let code = t.code(PHONE);
    let token = identity::sign_in_by_code(&t.app, visitor(), PHONE, handle, &code).await.unwrap();
    t.client(&token).await;
    assert_eq!(
        refused(identity::sign_in_by_code(&t.app, visitor(), PHONE, handle, &code).await),
        "code-wrong",
        "twice"
    );
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: guessing blocks the account for a while.
#[tokio::test]
async fn a_stranger_cannot_tell_whether_a_number_is_registered_or_guess_a_password() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let nobody = "87770001122";
    assert_eq!(
        refused(identity::sign_in_by_password(&t.app, visitor(), PHONE, "wrong wrong wrong").await),
        "wrong-credentials"
    );
    assert_eq!(
        refused(identity::sign_in_by_password(&t.app, visitor(), nobody, "wrong wrong wrong").await),
        "wrong-credentials"
    );
    for phone in [PHONE, nobody, "not a number"] {
        let handle = identity::request_sign_in_code(&t.app, visitor(), phone).await.unwrap();
        t.settle().await;
        assert_eq!(
            refused(identity::sign_in_by_code(&t.app, visitor(), phone, handle, "12345").await),
            "code-wrong"
        );
    }
    for _ in 0..10 {
        let _ = identity::sign_in_by_password(&t.app, visitor(), PHONE, "wrong wrong wrong").await;
    }
    assert_eq!(
        refused(identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await),
        "too-many-attempts"
    );
    t.clock.advance(SignedDuration::from_mins(16));
    identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await.unwrap();
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn a_session_ends_by_silence_by_signing_out_and_by_ending_the_others() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let sign_in = async || identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await.unwrap();
    let live =
        async |token: &sessions::Token| sessions::recognise(&t.app, token, origin()).await.unwrap().is_some();

    let silent = sign_in().await;
    t.clock.advance(SignedDuration::from_mins(9));
    assert!(live(&silent).await);
    t.clock.advance(SignedDuration::from_mins(9));
    assert!(live(&silent).await, "a request keeps a session alive");
    t.clock.advance(SignedDuration::from_mins(12));
    assert!(!live(&silent).await);

    let (mine, other) = (sign_in().await, sign_in().await);
    let mut op = t.app.begin(t.client(&mine).await).await.unwrap();
    sessions::end_others(&mut op).await.unwrap();
    op.commit().await.unwrap();
    assert!(live(&mine).await && !live(&other).await);

    let who = t.client(&mine).await;
    let mut op = t.app.begin(who.clone()).await.unwrap();
    sessions::end(&mut op, who.session).await.unwrap();
    op.commit().await.unwrap();
    assert!(!live(&mine).await, "signed out");
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn one_person_is_registered_once() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let mut again = form();
    again.phone = "8 701 555 66 77".into();
    assert_eq!(refused(t.register(&again).await), "already-registered");
    t.finish().await;
}

/// Proves [`lending::law::CL_35_3`]: numbers are given to other people.
#[tokio::test]
async fn whoever_has_somebodys_former_number_is_told_so_and_signs_in_as_nobody() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let mut heir = second_form();
    heir.phone = PHONE.into();
    assert_eq!(refused(t.register(&heir).await), "phone-taken");
    t.world.set_mode(Service::PhoneRegister, Mode::Reject); // It is not the former owner's any more.
    let handle = identity::request_sign_in_code(&t.app, visitor(), PHONE).await.unwrap();
    t.settle().await;
    let opened = identity::sign_in_by_code(&t.app, visitor(), PHONE, handle, &t.code(PHONE)).await;
    assert_eq!(refused(opened), "phone-not-yours", "their code does not open the account");
    t.finish().await;
}

#[tokio::test]
async fn a_stranger_who_guesses_at_codes_keeps_nobody_from_signing() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let application = t.apply(&who).await.unwrap();
    for phone in [PHONE, "87770001122"] {
        for _ in 0..20 {
            let answer =
                identity::sign_in_by_code(&t.app, visitor(), phone, uuid::Uuid::max(), "000000").await;
            assert_eq!(refused(answer), "code-wrong");
        }
    }
    t.sign(&who, application).await.unwrap();
    t.finish().await;
}

#[tokio::test]
async fn who_takes_three_quarters_of_an_hour_to_register_still_can() {
    let t = TestApp::start().await;
    let who = t.begin_registration(&form()).await.unwrap();
    t.clock.advance(SignedDuration::from_mins(20));
    Matter::Registration.send_code(&t.app, &who.clone().into(), Lang::Ru).await.unwrap();
    t.settle().await;
    Matter::Registration.take_code(&t.app, &who.clone().into(), &t.code(PHONE)).await.unwrap();
    t.clock.advance(SignedDuration::from_mins(25));
    Matter::Registration.take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    identity::complete(&t.app, who).await.unwrap();
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: a face that was recorded once, by whoever, proves nothing again.
#[tokio::test]
async fn a_photo_that_proved_something_proves_nothing_again_for_nobody() {
    let t = TestApp::start().await;
    let taken = photo(640, 800, ImageFormat::Jpeg);
    let again = [taken.as_slice(), b"one more byte at the end of the file"].concat();
    let first = t.registrant_of_number(&form()).await.unwrap();
    let identify = async |who: &sessions::Registrant, bytes: &[u8]| {
        let photo = Photo::take(bytes.to_vec()).await.unwrap();
        Matter::Registration.take_face(&t.app, &who.clone().into(), photo).await
    };
    t.world.set_mode(Service::Idec, Mode::Error500);
    assert_eq!(refused(identify(&first, &taken).await), "outside-unavailable");
    t.world.set_mode(Service::Idec, Mode::Ok);
    identify(&first, &taken).await.unwrap();
    assert_eq!(refused(identify(&first, &taken).await), "proof-unasked", "the same person, the same matter");
    let second = t.registrant_of_number(&form()).await.unwrap();
    for bytes in [&taken, &again] {
        assert_eq!(refused(identify(&second, bytes).await), "photo-used", "another session");
    }
    identify(&second, &photo(640, 800, ImageFormat::Jpeg)).await.unwrap();
    t.finish().await;
}
