//! Tokens, changes, recovery, devices: what makes a factor, and what happens to who loses or attacks one.

use ::texts::Lang;
use app::{
    id::Id,
    identity::{self, Asked, Change, Matter, Prover, TokenKind, What},
    organization::Policy,
    sessions::{self, Client, Known, Origin, Recoverer, Token, Visitor},
};
use jiff::SignedDuration;
use lending::confirmation::{Factor, Missing, ProofKind};
use ports::Clock;
use simulator::{Mode, Service};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, face, form, origin, visitor},
};

use crate::refused;

const NEW_PHONE: &str = "+77017654321";
const NEW_PASSWORD: &str = "тоғыз торғай тоқсан тал";
/// The secret of RFC 4226, appendix D, and its codes.
const SEED: &str = "3132333435363738393031323334353637383930";
const CODES: [&str; 10] =
    ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];

async fn ask(t: &TestApp, who: &Client, asked: Asked<'_>) -> Id<Change> {
    let change = identity::ask(&t.app, who.clone(), asked, Lang::Ru).await.unwrap();
    t.settle().await;
    change.id
}

/// Password and code: one method.
async fn by_one_method(t: &TestApp, who: &Client, id: Id<Change>, phone: &str) {
    let (matter, who) = (Matter::Change(id), Prover::from(who.clone()));
    matter.send_code(&t.app, &who, Lang::Ru).await.unwrap();
    t.settle().await;
    matter.take_password_and_code(&t.app, &who, PASSWORD, &t.code(phone)).await.unwrap();
}

async fn carry_out(t: &TestApp, who: &Client, id: Id<Change>) -> String {
    let done = refused(identity::carry_out(&t.app, who.clone(), id).await);
    t.settle().await;
    done
}

/// A hardware token of RFC 4226's secret, registered by its first two codes.
async fn with_token(t: &TestApp, who: &Client) {
    let id = ask(t, who, Asked::Token { kind: TokenKind::Hotp, name: "Брелок", seed: SEED }).await;
    identity::check_token(&t.app, who.clone(), id, CODES[0], CODES[1]).await.unwrap();
    by_one_method(t, who, id, PHONE).await;
    assert_eq!(carry_out(t, who, id).await, "done");
}

async fn live(t: &TestApp, token: &Token) -> bool {
    sessions::recognise(&t.app, token, origin()).await.unwrap().is_some()
}

async fn sign_in(t: &TestApp, password: &str) -> Token {
    identity::sign_in_by_password(&t.app, visitor(), PHONE, password).await.unwrap()
}

async fn text_of(t: &TestApp, phone: &str) -> String {
    t.world.last_sms_to(phone).unwrap()
}

/// Proves [`lending::law::CL_35_3`] and [`lending::law::CL_11`]: a token's code is good once, in time, and makes a method
/// with a factor of another kind only.
#[tokio::test]
async fn a_tokens_code_counts_once_and_two_possessions_are_no_method() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let other = sign_in(&t, PASSWORD).await;
    let id = ask(&t, &who, Asked::Token { kind: TokenKind::Hotp, name: "Брелок", seed: SEED }).await;
    by_one_method(&t, &who, id, PHONE).await;
    assert_eq!(carry_out(&t, &who, id).await, "change-unchecked", "nobody has seen it work");
    for (first, second) in [(CODES[0], CODES[2]), (CODES[1], CODES[0]), ("", ""), ("000000", "000000")] {
        let answer = identity::check_token(&t.app, who.clone(), id, first, second).await;
        assert_eq!(refused(answer), "token-code-wrong");
    }
    identity::check_token(&t.app, who.clone(), id, CODES[0], CODES[1]).await.unwrap();
    assert_eq!(carry_out(&t, &who, id).await, "done");
    assert_eq!(carry_out(&t, &who, id).await, "change-lapsed", "once");
    assert!(text_of(&t, PHONE).await.contains("Брелок"), "the client is told");
    assert!(!live(&t, &other).await, "a new factor ends other sessions");

    let id = ask(&t, &who, Asked::Account("KZ86125KZT5004100100")).await;
    let (matter, prover) = (Matter::Change(id), Prover::from(who.clone()));
    for used in [CODES[0], CODES[1], "000000", ""] {
        assert_eq!(refused(matter.take_token(&t.app, &prover, used).await), "token-code-wrong");
    }
    matter.take_token(&t.app, &prover, CODES[3]).await.unwrap();
    let sent = matter.send_code(&t.app, &prover, Lang::Ru).await;
    assert_eq!(refused(sent), "proof-unasked", "a code and a token are of one kind");
    let standing = matter.standing(&t.app, &prover).await.unwrap();
    assert_eq!(standing.missing, Some(Missing::SecondFactor));
    let another = Matter::Change(ask(&t, &who, Asked::Account("KZ86125KZT5004100100")).await);
    for used in [CODES[2], CODES[3]] {
        let taken = another.take_token(&t.app, &prover, used).await;
        assert_eq!(refused(taken), "token-code-wrong", "used or older");
    }
    assert_eq!(carry_out(&t, &who, id).await, "proofs-missing");
    matter.take_password(&t.app, &prover, PASSWORD).await.unwrap();
    assert_eq!(carry_out(&t, &who, id).await, "done");
    t.finish().await;
}

/// Proves [`lending::law::CL_6_E`] and [`lending::law::CL_35_3`]: by the clock, one step to either side.
#[tokio::test]
async fn an_application_that_shows_codes_by_time_registers_signs_in_and_proves() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let asked = Asked::Token { kind: TokenKind::Totp, name: "телефон", seed: "" };
    let change = identity::ask(&t.app, who.clone(), asked, Lang::Ru).await.unwrap();
    let secret = change.secret.unwrap();
    assert!(secret.address.starts_with("otpauth://totp/") && secret.address.contains(&secret.text));
    let key = unbase32(&secret.text);
    let code = |steps: i64| totp(&key, t.clock.security_now().as_second() / 30 + steps);
    identity::check_token(&t.app, who.clone(), change.id, &code(-1), &code(0)).await.unwrap();
    by_one_method(&t, &who, change.id, PHONE).await;
    assert_eq!(carry_out(&t, &who, change.id).await, "done");

    let enter = async |code: String| identity::sign_in_by_token(&t.app, visitor(), PHONE, &code).await;
    for late in [-2, -1, 0, 2, 3] {
        let answer = enter(code(late)).await;
        assert_eq!(refused(answer), "wrong-credentials", "{late}: used, late or early");
    }
    let early = code(1);
    let token = enter(early.clone()).await.unwrap();
    assert!(live(&t, &token).await);
    assert_eq!(refused(enter(early).await), "wrong-credentials", "twice");
    t.clock.advance(SignedDuration::from_secs(90));
    enter(code(0)).await.unwrap();
    for nobody in ["87770001122", "nobody"] {
        let answer = identity::sign_in_by_token(&t.app, visitor(), nobody, &code(0)).await;
        assert_eq!(refused(answer), "wrong-credentials");
    }
    t.settle().await;
    t.finish().await;
}

fn totp(key: &[u8], step: i64) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

fn unbase32(text: &str) -> Vec<u8> {
    let bits: String = text
        .bytes()
        .map(|b| format!("{:05b}", if b.is_ascii_uppercase() { b - b'A' } else { b - b'2' + 26 }))
        .collect();
    let whole = bits.as_bytes().chunks_exact(8);
    whole.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

/// Proves [`lending::law::CL_35_3`]: a button pressed in a pocket a hundred times is found again, and nothing used is good
/// again.
#[tokio::test]
async fn a_hardware_token_that_ran_ahead_is_found_again_by_two_codes() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    with_token(&t, &who).await;
    let key = b"12345678901234567890";
    let id = ask(&t, &who, Asked::Password(NEW_PASSWORD)).await;
    let (matter, prover) = (Matter::Change(id), Prover::from(who.clone()));
    assert_eq!(refused(matter.take_token(&t.app, &prover, &totp(key, 200)).await), "token-code-wrong");
    let mut op = t.app.begin(who.clone()).await.unwrap();
    let token = identity::tokens(&mut op).await.unwrap()[0].id;
    drop(op);
    let again = async |first: i64, second: i64| {
        let (first, second) = (totp(key, first), totp(key, second));
        refused(identity::resynchronise(&t.app, who.clone(), token, &first, &second).await)
    };
    assert_eq!(again(200, 202).await, "token-code-wrong", "not in a row");
    assert_eq!(again(0, 1).await, "token-code-wrong", "behind");
    assert_eq!(again(200, 201).await, "done");
    assert_eq!(again(200, 201).await, "token-code-wrong", "twice");
    matter.take_token(&t.app, &prover, &totp(key, 202)).await.unwrap();
    let stranger = identity::resynchronise(&t.app, who.clone(), uuid::Uuid::max(), "1", "2").await;
    assert_eq!(refused(stranger), "token-not-found");
    t.finish().await;
}

/// Proves [`lending::law::CL_6_F`], [`lending::law::CL_25_9`] and [`lending::law::CL_35_3`].
#[tokio::test]
async fn a_number_changes_by_one_method_once_it_is_theirs_and_in_hand_and_both_numbers_are_told() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let other = sign_in(&t, PASSWORD).await;
    let refuse =
        async |phone: &str| refused(identity::ask(&t.app, who.clone(), Asked::Phone(phone), Lang::Ru).await);
    assert_eq!(refuse("+7 495 123 45 67").await, "phone-invalid");
    assert_eq!(refuse(PHONE).await, "nothing-changes");
    assert_eq!(refuse("+7 701 123 00 00").await, "phone-not-yours", "somebody else's by the register");
    let id = ask(&t, &who, Asked::Phone(NEW_PHONE)).await;
    by_one_method(&t, &who, id, PHONE).await;
    assert_eq!(carry_out(&t, &who, id).await, "change-unchecked", "the new number is in nobody's hand yet");
    let old_code = t.code(PHONE);
    assert_ne!(refused(identity::check_phone(&t.app, who.clone(), id, &old_code).await), "done");
    identity::check_phone(&t.app, who.clone(), id, &t.code(NEW_PHONE)).await.unwrap();
    let handle = identity::request_sign_in_code(&t.app, visitor(), PHONE).await.unwrap();
    t.settle().await;
    let sent_before = t.code(PHONE);
    assert_eq!(carry_out(&t, &who, id).await, "done");
    let with_it = identity::sign_in_by_code(&t.app, visitor(), NEW_PHONE, handle, &sent_before).await;
    assert_eq!(refused(with_it), "code-wrong", "whoever has the old number has no code for the new one");
    for phone in [PHONE, NEW_PHONE] {
        assert!(text_of(&t, phone).await.contains("изменён на"), "{phone} is told");
    }
    assert!(!live(&t, &other).await, "a change of factor ends other sessions");
    identity::sign_in_by_password(&t.app, visitor(), NEW_PHONE, PASSWORD).await.unwrap();
    assert_eq!(
        refused(identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await),
        "wrong-credentials"
    );
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_F`]: no method, somebody else's proof, another session, too late: nothing changes.
#[tokio::test]
async fn nothing_changes_on_less_than_one_method_or_on_somebody_elses_proof() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = ask(&t, &who, Asked::Password(NEW_PASSWORD)).await;
    let prover = Prover::from(who.clone());
    Matter::Change(id).take_password(&t.app, &prover, PASSWORD).await.unwrap();
    assert_eq!(carry_out(&t, &who, id).await, "proofs-missing", "a password alone is no method");
    let elsewhere = t.client(&sign_in(&t, PASSWORD).await).await;
    Matter::Change(id).send_code(&t.app, &prover, Lang::Ru).await.unwrap();
    t.settle().await;
    let code = t.code(PHONE);
    let answer = Matter::Change(id).take_code(&t.app, &elsewhere.clone().into(), &code).await;
    assert_eq!(refused(answer), "code-spent", "another session");
    let second = ask(&t, &who, Asked::Password(NEW_PASSWORD)).await;
    assert_eq!(
        refused(Matter::Change(second).take_code(&t.app, &prover, &code).await),
        "code-spent",
        "another change"
    );

    let mut neighbour = form();
    neighbour.iin = simulator::persons::iin(jiff::civil::date(1990, 5, 5), 4, 77);
    neighbour.phone = "+77025556677".into();
    let neighbour = t.register(&neighbour).await.unwrap();
    assert_eq!(carry_out(&t, &neighbour, id).await, "change-not-found");
    let mut op = t.app.begin(neighbour.clone()).await.unwrap();
    assert_eq!(refused(identity::change(&mut op, id).await), "change-not-found");
    drop(op);
    t.clock.advance(SignedDuration::from_mins(31));
    let who = t.again(&who).await;
    assert_eq!(carry_out(&t, &who, id).await, "change-lapsed");
    sign_in(&t, PASSWORD).await;
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_F`], [`lending::law::CL_9_B`] and [`lending::law::CL_29`]: money follows a changed account
/// only after the pause of the policy.
#[tokio::test]
async fn money_goes_to_a_changed_account_only_after_the_client_had_time_to_object() {
    const OTHER: &str = "KZ86125KZT5004100100";
    let t = TestApp::start().await;
    let (who, _) = t.borrower().await;
    assert_eq!(t.world.payments().len(), 1, "the first account waits for nothing");
    let mut wish = t.application_form().await;
    wish.iban = OTHER.into();
    let submit = async |who: &Client, wish: &app::applications::Form| {
        app::applications::submit(
            &t.app,
            who.clone(),
            wish,
            Some("Келісемін"),
            Lang::Ru,
            &testkit::people::key(),
        )
        .await
    };
    assert_eq!(refused(submit(&who, &wish).await), "account-not-yours", "not past the change");
    let refuse =
        async |iban: &str| refused(identity::ask(&t.app, who.clone(), Asked::Account(iban), Lang::Ru).await);
    assert_eq!(refuse("KZ86125KZT5004100101").await, "iban-invalid");
    assert_eq!(refuse(testkit::people::IBAN).await, "nothing-changes");
    let id = ask(&t, &who, Asked::Account(OTHER)).await;
    by_one_method(&t, &who, id, PHONE).await;
    assert_eq!(carry_out(&t, &who, id).await, "done");
    assert!(text_of(&t, PHONE).await.contains("Счёт для получения денег изменён"));

    let application = submit(&who, &wish).await.unwrap();
    t.settle().await;
    t.sign(&who, application).await.unwrap();
    assert_eq!(t.world.payments().len(), 1, "it waits");
    t.clock.advance(SignedDuration::from_hours(23));
    t.settle().await;
    assert_eq!(t.world.payments().len(), 1, "it still waits");
    t.clock.advance(SignedDuration::from_mins(61));
    t.settle().await;
    let payments = t.world.payments();
    assert_eq!(payments.len(), 2);
    assert_eq!(payments[1].iban, OTHER);
    t.finish().await;
}

/// Proves [`lending::law::CL_6_G`]: IIN, birth date and id of a client, and who holds a token, device or account, are not the
/// program's to change, whatever is wrong with it.
#[tokio::test]
async fn a_clients_iin_cannot_be_changed_even_by_a_program_that_wants_to() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    for sql in [
        "update client set iin = '900505400776'",
        "update client set born_on = '2000-01-01'",
        "update client set id = gen_random_uuid()",
        "delete from client",
        "update token set client_id = gen_random_uuid()",
        "update token set sealed = ''",
        "update device set client_id = gen_random_uuid()",
        "update account set iban = 'KZ41601A141000897321'",
        "update change set client_id = gen_random_uuid()",
        "update change set sealed = ''",
        "delete from change",
    ] {
        let error = sqlx::query(sql).execute(t.app.pool()).await.unwrap_err();
        let code = error.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
    t.finish().await;
}

/// Proves [`lending::law::CL_25_9`] and [`lending::law::CL_29`].
#[tokio::test]
async fn a_changed_password_ends_other_sessions_and_the_client_is_told() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let other = sign_in(&t, PASSWORD).await;
    let weak = identity::ask(&t.app, who.clone(), Asked::Password("мой 7011234567 номер"), Lang::Ru).await;
    assert_eq!(refused(weak), "password-known");
    let id = ask(&t, &who, Asked::Password(NEW_PASSWORD)).await;
    by_one_method(&t, &who, id, PHONE).await;
    assert_eq!(carry_out(&t, &who, id).await, "done");
    assert!(text_of(&t, PHONE).await.contains("Пароль вашего кабинета изменён"));
    assert!(!live(&t, &other).await);
    let mut op = t.app.begin(who.clone()).await.unwrap();
    let shown = identity::change(&mut op, id).await.unwrap();
    assert!(shown.done && matches!(shown.what, What::Password));
    drop(op);
    let old = identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await;
    assert_eq!(refused(old), "wrong-credentials");
    sign_in(&t, NEW_PASSWORD).await;
    t.settle().await;
    t.finish().await;
}

async fn recoverer(t: &TestApp, name: &str) -> Recoverer {
    let token = identity::begin_recovery(&t.app, visitor(), name).await.unwrap();
    t.settle().await;
    match sessions::recognise(&t.app, &token, origin()).await.unwrap() {
        Some(Known::Recoverer(who)) => who,
        _ => panic!("not a recovery's token"),
    }
}

/// Proves [`lending::law::CL_29`], [`lending::law::CL_25_9`] and [`lending::law::CL_35_2`]: what a registration asked for but
/// the lost password is asked for again.
#[tokio::test]
async fn a_lost_password_is_recovered_by_possession_and_face_and_by_nothing_less() {
    let t = TestApp::start().await;
    let client = t.register(&form()).await.unwrap();
    let session = sign_in(&t, PASSWORD).await;
    t.settle().await;
    for name in ["880101300123", PHONE] {
        let who = recoverer(&t, name).await;
        let prover = Prover::from(who.clone());
        assert_eq!(refused(Matter::Recovery.take_face(&t.app, &prover, face().await).await), "proof-unasked");
        assert_eq!(refused(identity::recover(&t.app, who.clone(), NEW_PASSWORD).await), "proofs-missing");
        Matter::Recovery.take_code(&t.app, &prover, &t.code(PHONE)).await.unwrap();
        assert_eq!(refused(identity::recover(&t.app, who.clone(), NEW_PASSWORD).await), "proofs-missing");
        t.world.set_mode(Service::Idec, Mode::FaceMismatch);
        assert_eq!(refused(Matter::Recovery.take_face(&t.app, &prover, face().await).await), "face-differs");
        t.world.set_mode(Service::Idec, Mode::Ok);
        assert_eq!(refused(identity::recover(&t.app, who.clone(), NEW_PASSWORD).await), "proofs-missing");
        Matter::Recovery.take_face(&t.app, &prover, face().await).await.unwrap();
        let weak = identity::recover(&t.app, who.clone(), "я Қасымов и точка").await;
        assert_eq!(refused(weak), "password-known");
        identity::recover(&t.app, who.clone(), NEW_PASSWORD).await.unwrap();
        assert_eq!(refused(identity::recover(&t.app, who, NEW_PASSWORD).await), "proofs-missing", "once");
        t.settle().await;
        assert!(text_of(&t, PHONE).await.contains("восстановлен"));
    }
    assert!(!live(&t, &session).await, "whoever was signed in is not any more");
    let old = identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await;
    assert_eq!(refused(old), "wrong-credentials");
    sign_in(&t, NEW_PASSWORD).await;
    t.settle().await;
    drop(client);
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: who asks to recover a password learns nothing about who is a client.
#[tokio::test]
async fn a_recovery_for_nobody_looks_like_one_for_a_client() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let mut seen = Vec::new();
    for name in ["880101300123", "900505400776", "87770001122", "nobody"] {
        let who = recoverer(&t, name).await;
        let prover = Prover::from(who.clone());
        let standing = Matter::Recovery.standing(&t.app, &prover).await.unwrap();
        let mut told = vec![format!(
            "{:?} {:?} {:?} {} {} {}",
            standing.proved,
            standing.missing,
            standing.helpful,
            standing.code_sent,
            standing.phone,
            standing.has_token
        )];
        for _ in 0..4 {
            told.push(refused(Matter::Recovery.take_code(&t.app, &prover, "12345").await));
        }
        told.push(refused(Matter::Recovery.take_token(&t.app, &prover, "123456").await));
        told.push(refused(Matter::Recovery.take_face(&t.app, &prover, face().await).await));
        told.push(refused(identity::recover(&t.app, who, NEW_PASSWORD).await));
        told.push(refused(Matter::Recovery.send_code(&t.app, &prover, Lang::Ru).await));
        for _ in 0..6 {
            let again = Prover::from(recoverer(&t, name).await);
            for _ in 0..3 {
                told.push(refused(Matter::Recovery.take_code(&t.app, &again, "12345").await));
            }
            told.push(refused(Matter::Recovery.take_token(&t.app, &again, "123456").await));
        }
        seen.push(told);
        t.settle().await;
    }
    assert!(seen.iter().all(|told| *told == seen[0]), "{seen:#?}");
    assert_eq!(seen[0].last().unwrap(), "token-code-wrong");
    assert!(seen[0].contains(&"too-many-attempts".to_owned()), "guesses add up over recoveries");
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: strangers who ask for the password of somebody keep nobody from recovering it on a phone
/// they are known by.
#[tokio::test]
async fn a_stranger_who_begins_recoveries_keeps_the_owner_from_none() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let token = sign_in(&t, PASSWORD).await;
    let key = Token::parse(&token.reveal_device().unwrap()).unwrap().hash();
    for _ in 0..10 {
        let who = Prover::from(recoverer(&t, "880101300123").await);
        for _ in 0..3 {
            let _ = Matter::Recovery.take_code(&t.app, &who, "12345").await;
        }
    }
    let elsewhere = identity::begin_recovery(&t.app, visitor(), "880101300123").await;
    assert_eq!(refused(elsewhere), "too-many-attempts");
    let own = Visitor { origin: Origin { device_key: Some(key), ..origin() } };
    let token = identity::begin_recovery(&t.app, own, "880101300123").await.unwrap();
    t.settle().await;
    let Some(Known::Recoverer(who)) = sessions::recognise(&t.app, &token, origin()).await.unwrap() else {
        panic!("not a recovery's token");
    };
    Matter::Recovery.take_code(&t.app, &Prover::from(who), &t.code(PHONE)).await.unwrap();
    t.finish().await;
}

/// Proves [`lending::law::CL_35_3`]: a number that was given to somebody else since proves nothing any more.
#[tokio::test]
async fn a_number_is_checked_again_when_its_check_is_older_than_the_policy_says() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(24 * 91));
    let enter = async || {
        let handle = identity::request_sign_in_code(&t.app, visitor(), PHONE).await.unwrap();
        t.settle().await;
        identity::sign_in_by_code(&t.app, visitor(), PHONE, handle, &t.code(PHONE)).await
    };
    t.world.set_mode(Service::PhoneRegister, Mode::Reject);
    assert_eq!(refused(enter().await), "phone-not-yours");
    t.world.set_mode(Service::PhoneRegister, Mode::Error500);
    assert_eq!(refused(enter().await), "outside-unavailable");
    t.world.set_mode(Service::PhoneRegister, Mode::Ok);
    assert_eq!(refused(enter().await), "done");
    t.world.set_mode(Service::PhoneRegister, Mode::Error500);
    assert_eq!(refused(enter().await), "done", "asked again only when it is due");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: strangers who guess at an account lock nobody out of their own phone.
#[tokio::test]
async fn a_stranger_who_guesses_locks_the_owner_out_nowhere_they_are_known() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let token = sign_in(&t, PASSWORD).await;
    let key = Token::parse(&token.reveal_device().unwrap()).unwrap().hash();
    let own = || Visitor { origin: Origin { device_key: Some(key), ..origin() } };
    let again = identity::sign_in_by_password(&t.app, own(), PHONE, PASSWORD).await.unwrap();
    assert!(again.reveal_device().is_none(), "it is known");
    t.settle().await;
    assert!(!text_of(&t, PHONE).await.contains("НОВОГО"));

    let stranger = |n: usize| Visitor { origin: Origin { address: format!("198.51.100.{n}"), ..origin() } };
    for n in 0..12 {
        for name in [PHONE, "880101300123"] {
            let _ = identity::sign_in_by_password(&t.app, stranger(n), name, "wrong wrong wrong").await;
        }
        let _ = identity::request_sign_in_code(&t.app, stranger(n), PHONE).await;
    }
    let elsewhere = identity::sign_in_by_password(&t.app, stranger(99), PHONE, PASSWORD).await;
    assert_eq!(refused(elsewhere), "too-many-attempts");
    let code = identity::request_sign_in_code(&t.app, stranger(98), PHONE).await;
    assert_eq!(refused(code), "too-many-attempts");
    identity::sign_in_by_password(&t.app, own(), PHONE, PASSWORD).await.unwrap();
    let handle = identity::request_sign_in_code(&t.app, own(), PHONE).await.unwrap();
    t.settle().await;
    identity::sign_in_by_code(&t.app, own(), PHONE, handle, &t.code(PHONE)).await.unwrap();

    // The device's own guesses are counted, too; and its secret opens nothing on anybody else's account.
    for _ in 0..10 {
        let _ = identity::sign_in_by_password(&t.app, own(), PHONE, "wrong wrong wrong").await;
    }
    let guessed = identity::sign_in_by_password(&t.app, own(), PHONE, PASSWORD).await;
    assert_eq!(refused(guessed), "too-many-attempts");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_25_9`] and [`lending::law::CL_29`].
#[tokio::test]
async fn a_new_device_is_told_of_listed_and_can_be_forgotten() {
    let t = TestApp::start().await;
    let first = t.register(&form()).await.unwrap();
    sign_in(&t, PASSWORD).await;
    t.settle().await;
    assert!(text_of(&t, PHONE).await.contains("НОВОГО устройства"));
    let mut op = t.app.begin(first.clone()).await.unwrap();
    assert_eq!(identity::devices(&mut op).await.unwrap().len(), 2);
    identity::forget_other_devices(&mut op).await.unwrap();
    assert_eq!(
        identity::devices(&mut op).await.unwrap().len(),
        0,
        "this request showed no device of its own"
    );
    op.commit().await.unwrap();
    t.finish().await;
}

/// Proves [`lending::law::CL_29`]: limits are the organization's, and count within seconds.
#[tokio::test]
async fn the_organization_sets_its_own_limits() {
    let t = TestApp::start().await;
    t.register(&form()).await.unwrap();
    let mut op = t.app.begin(app::op::System).await.unwrap();
    let policy = Policy { password_tries: 3, ..Policy::default() };
    app::organization::set_policy(&mut op, &policy).await.unwrap();
    op.commit().await.unwrap();
    t.clock.advance(SignedDuration::from_secs(6));
    for _ in 0..3 {
        let wrong = identity::sign_in_by_password(&t.app, visitor(), PHONE, "wrong wrong wrong").await;
        assert_eq!(refused(wrong), "wrong-credentials");
    }
    let right = identity::sign_in_by_password(&t.app, visitor(), PHONE, PASSWORD).await;
    assert_eq!(refused(right), "too-many-attempts");
    t.finish().await;
}

/// Proves [`lending::law::CL_35_3`]: a token is a factor of possession for signing, too.
#[tokio::test]
async fn an_agreement_is_signed_with_a_token_where_no_sms_arrives() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    with_token(&t, &who).await;
    let application = t.apply(&who).await.unwrap();
    t.acknowledge(&who, application).await.unwrap();
    let (matter, prover) = (Matter::Application(application), Prover::from(who.clone()));
    matter.take_face(&t.app, &prover, face().await).await.unwrap();
    matter.take_password(&t.app, &prover, PASSWORD).await.unwrap();
    assert_eq!(
        refused(app::applications::conclude(&t.app, who.clone(), application).await),
        "proofs-missing"
    );
    matter.take_token(&t.app, &prover, CODES[2]).await.unwrap();
    let proved = matter.standing(&t.app, &prover).await.unwrap().proved;
    assert!(proved.contains(&ProofKind::Factor(Factor::Token)));
    app::applications::conclude(&t.app, who, application).await.unwrap();
    t.settle().await;
    t.finish().await;
}
