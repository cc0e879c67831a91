use ::texts::Lang;
use app::{
    applications::{self, State},
    identity::{self, Matter},
};
use jiff::SignedDuration;
use simulator::{Mode, Service};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, face, form, key},
};

use crate::refused;

const CONSENT: Option<&str> = Some("Кредиттік есепке келісемін");

async fn count(t: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from application").fetch_one(&mut t.owner().await).await.unwrap()
}

/// Proves [`lending::law::CL_8_7`], [`lending::law::CL_26_3`].
#[tokio::test]
async fn an_application_outside_the_product_is_refused_at_its_field_and_leaves_nothing() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let good = t.application_form().await;
    let with = |change: fn(&mut applications::Form)| {
        let mut form = good.clone();
        change(&mut form);
        form
    };
    for (form, code) in [
        (with(|f| f.amount = "300 000,01".into()), "amount-out-of-bounds"),
        (with(|f| f.amount = "-5".into()), "amount-out-of-bounds"),
        (with(|f| f.amount = "9".repeat(400)), "amount-out-of-bounds"),
        (with(|f| f.term = "25".into()), "term-out-of-bounds"),
        (with(|f| f.term = "six".into()), "term-out-of-bounds"),
        (with(|f| f.method = "balloon".into()), "method-unknown"),
        (with(|f| f.purpose = "gambling".into()), "purpose-unknown"),
        (with(|f| f.income = "много".into()), "income-invalid"),
        (with(|f| f.iban = "KZ41601A141000897322".into()), "iban-invalid"),
        (with(|f| f.product = "0190-nothing".into()), "product-unknown"),
    ] {
        let submitted = applications::submit(&t.app, who.clone(), &form, CONSENT, Lang::Ru, &key()).await;
        assert_eq!(refused(submitted), code);
    }
    let submitted = applications::submit(&t.app, who, &good, None, Lang::Ru, &key()).await;
    assert_eq!(refused(submitted), "too-many-attempts");
    t.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(count(&t).await, 0);
    t.finish().await;
}

/// Proves [`lending::law::CL_8_1`], [`lending::law::CL_8_8`] and [`lending::law::CL_10`]: and the client
/// reads why ([`lending::law::CL_7_4`]).
#[tokio::test]
async fn who_has_refused_credits_or_is_listed_or_in_debt_gets_none_and_reads_why() {
    for (serial, code) in [("9400", "voluntary_refusal"), ("9300", "overdue_elsewhere")] {
        let t = TestApp::start().await;
        let mut person = form();
        person.iin = simulator::persons::iin(jiff::civil::date(1988, 1, 1), 3, serial.parse().unwrap());
        let who = t.register(&person).await.unwrap();
        let id = t.apply(&who).await.unwrap();
        let mut op = t.app.begin(who.clone()).await.unwrap();
        let shown = applications::application(&mut op, id).await.unwrap();
        drop(op);
        assert_eq!(shown.state, State::Declined);
        assert_eq!(shown.reasons, [code]);
        assert!(Lang::ALL.iter().all(|lang| shown.reasons(*lang).len() == 1));
        assert_eq!(refused(t.sign(&who, id).await), "application-not-approved");
        t.finish().await;
    }
    let t = TestApp::start().await;
    let [listed, _] = simulator::persons::listed();
    let mut person = form();
    (person.iin, person.surname) = (listed.iin.clone(), listed.names[0].into());
    (person.given_name, person.patronymic) = (listed.names[1].into(), listed.names[2].into());
    let who = t.register(&person).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    let mut op = t.app.begin(who).await.unwrap();
    assert_eq!(applications::application(&mut op, id).await.unwrap().reasons, ["listed"]);
    drop(op);
    t.finish().await;
}

#[tokio::test]
async fn a_bureau_that_is_silent_delays_the_decision_and_never_makes_it() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    t.world.set_mode(Service::CreditBureau, Mode::Error500);
    let id = t.apply(&who).await.unwrap();
    let state = async || {
        let mut op = t.app.begin(who.clone()).await.unwrap();
        applications::application(&mut op, id).await.unwrap().state
    };
    assert_eq!(state().await, State::Checking);
    t.world.set_mode(Service::CreditBureau, Mode::Ok);
    t.clock.advance(SignedDuration::from_secs(60));
    t.settle().await;
    assert_eq!(state().await, State::Approved);
    t.finish().await;
}

#[tokio::test]
async fn two_tabs_make_one_application() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let form = t.application_form().await;
    let submit = || {
        let (app, who, form) = (t.app.clone(), who.clone(), form.clone());
        tokio::spawn(async move { applications::submit(&app, who, &form, CONSENT, Lang::Ru, &key()).await })
    };
    let tabs: Vec<_> = (0..8).map(|_| submit()).collect();
    let mut answers = Vec::new();
    for tab in tabs {
        answers.push(refused(tab.await.unwrap()));
    }
    answers.sort();
    assert_eq!(answers.iter().filter(|a| *a == "done").count(), 1, "{answers:?}");
    assert!(answers.iter().all(|a| a == "done" || a == "application-under-way"), "{answers:?}");
    assert_eq!(count(&t).await, 1);
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: who recorded an application has nothing of it, whatever became of the first.
#[tokio::test]
async fn an_application_that_is_sent_again_is_the_first_one_even_after_it_was_withdrawn() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let wish = t.application_form().await;
    let key = key();
    let submit = async |who: &app::sessions::Client, wish: &applications::Form| {
        applications::submit(&t.app, who.clone(), wish, CONSENT, Lang::Ru, &key).await
    };
    let first = submit(&who, &wish).await.unwrap();
    t.settle().await;
    let mut op = t.app.begin(who.clone()).await.unwrap();
    applications::withdraw(&mut op, first).await.unwrap();
    op.commit().await.unwrap();
    for _ in 0..12 {
        assert_eq!(submit(&who, &wish).await.unwrap(), first, "and it is no attempt");
    }
    let more = applications::Form { amount: "150 000".into(), ..wish.clone() };
    assert_eq!(refused(submit(&who, &more).await), "idempotency-key-reused");
    assert_eq!(count(&t).await, 1);
    // Somebody else's key is another key, even if it reads the same.
    let stranger = t.register(&testkit::people::second_form()).await.unwrap();
    assert_ne!(submit(&stranger, &wish).await.unwrap(), first);
    t.apply(&who).await.unwrap();
    assert_eq!(count(&t).await, 3);
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: two that come at once with one key are one, and both are told so.
#[tokio::test]
async fn whoever_sends_one_application_twice_at_once_is_told_of_one_twice() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let (wish, key) = (t.application_form().await, key());
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (app, who, wish, key) = (t.app.clone(), who.clone(), wish.clone(), key.clone());
        running.spawn(async move {
            applications::submit(&app, who, &wish, CONSENT, Lang::Ru, &key).await.unwrap()
        });
    }
    let told = running.join_all().await;
    assert!(told.iter().all(|id| *id == told[0]), "{told:?}");
    assert_eq!(count(&t).await, 1);
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: credit secrecy.
#[tokio::test]
async fn another_clients_application_and_loan_do_not_exist() {
    let t = TestApp::start().await;
    let (_, loan) = t.borrower().await;
    let application: uuid::Uuid =
        sqlx::query_scalar("select id from application").fetch_one(&mut t.owner().await).await.unwrap();
    let mut second = form();
    (second.iin, second.phone) =
        (simulator::persons::iin(jiff::civil::date(1990, 5, 5), 4, 77), "87025556677".into());
    let stranger = t.register(&second).await.unwrap();
    let mut op = t.app.begin(stranger.clone()).await.unwrap();
    assert_eq!(
        refused(applications::application(&mut op, application.into()).await),
        "application-not-found"
    );
    assert_eq!(refused(app::loans::loan(&mut op, loan).await), "loan-not-found");
    let mode = lending::loan::EarlyRepayment::KeepTerm;
    for kind in app::documents::Kind::ALL {
        assert_eq!(refused(app::documents::document(&mut op, loan, kind).await), "document-not-found");
    }
    drop(op);
    let wished = app::loans::request_early_repayment(&t.app, stranger.clone(), loan, mode, &key()).await;
    assert_eq!(refused(wished), "loan-not-found");
    assert_eq!(refused(t.sign(&stranger, application.into()).await), "application-not-found");
    t.finish().await;
}

/// Proves [`lending::law::CL_9_A`], [`lending::law::CL_8_2`], [`lending::law::CL_8_3`] and
/// [`lending::law::CL_8_5`].
#[tokio::test]
async fn an_agreement_is_concluded_only_after_all_was_read_and_by_two_methods() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    let send = async || {
        Matter::Application(id).send_code(&t.app, &who.clone().into(), Lang::Ru).await.unwrap();
        t.settle().await;
        t.code(PHONE)
    };
    let sign = async |code: &str| {
        refused(applications::sign_with_code(&t.app, who.clone(), id, PASSWORD, code).await)
    };

    let half = [("lending-rules", String::from("прочитал"))];
    let agreement = applications::offer(&t.app, who.clone(), id).await.unwrap().1.sha256;
    let answer = applications::acknowledge(&t.app, who.clone(), id, &agreement, Lang::Ru, &half).await;
    assert_eq!(refused(answer), "acknowledgement-missing");
    let code = send().await;
    assert_eq!(sign(&code).await, "proofs-missing", "password and code are one method");
    Matter::Application(id).take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    assert_eq!(sign("").await, "acknowledgement-missing");
    let all = applications::ACKNOWLEDGED.map(|kind| (kind, String::from("прочитал")));
    let of_another = applications::acknowledge(&t.app, who.clone(), id, &[7; 32], Lang::Ru, &all).await;
    assert_eq!(refused(of_another), "offer-changed", "what was read beside another paper is not this one");
    for _ in 0..3 {
        t.acknowledge(&who, id).await.unwrap();
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from evidence where kind = 'full-cost'")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(kept, 1, "nobody fills the evidence of an agreement by repeating themselves");
    let loans: i64 =
        sqlx::query_scalar("select count(*) from loan").fetch_one(&mut t.owner().await).await.unwrap();
    assert_eq!(loans, 0);
    assert_eq!(sign("").await, "done");
    assert_eq!(sign("").await, "already-confirmed", "an agreement is concluded once");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_11`]: proofs for one agreement sign no other.
#[tokio::test]
async fn proofs_are_for_the_agreement_that_was_read_and_die_with_its_day() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.acknowledge(&who, id).await.unwrap();
    Matter::Application(id).take_face(&t.app, &who.clone().into(), face().await).await.unwrap();
    Matter::Application(id).send_code(&t.app, &who.clone().into(), Lang::Ru).await.unwrap();
    t.settle().await;
    let code = t.code(PHONE);
    // The night passes: the agreement is drawn up anew, with another schedule and hash.
    t.clock.advance(SignedDuration::from_hours(24));
    let token =
        identity::sign_in_by_password(&t.app, testkit::people::visitor(), PHONE, PASSWORD).await.unwrap();
    let who = t.client(&token).await;
    assert_eq!(
        refused(applications::sign_with_code(&t.app, who.clone(), id, PASSWORD, &code).await),
        "code-spent"
    );
    t.sign(&who, id).await.unwrap();
    t.settle().await;
    t.finish().await;
}

/// The application keeps the rules it was decided by, the agreement those of its own day.
#[tokio::test]
async fn an_agreement_after_a_change_of_the_law_names_the_new_rules() {
    let t = TestApp::start().await;
    t.clock.advance(SignedDuration::from_hours(24 * 42));
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(24 * 3));
    assert_eq!(t.today(), jiff::civil::date(2026, 3, 19));
    let who = t.again(&who).await;
    let (shown, offer) = applications::offer(&t.app, who.clone(), id).await.unwrap();
    assert_eq!((shown.rule_set.as_str(), offer.rule_set.as_str()), ("2026-01-01", "2026-03-18"));
    assert_eq!(offer.terms.rule_set, "2026-03-18");
    t.sign(&who, id).await.unwrap();
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn on_a_day_whose_law_is_not_known_nobody_can_apply_or_sign_what_was_approved_before() {
    let t = TestApp::start().await;
    let last = jiff::civil::date(2026, 12, 31);
    t.clock.advance(SignedDuration::from_hours(24 * i64::from((last - t.today()).get_days())));
    let who = t.register(&form()).await.unwrap();
    let approved = t.apply(&who).await.unwrap();
    assert_eq!(applications::offer(&t.app, who.clone(), approved).await.unwrap().1.rule_set, "2026-03-18");
    t.acknowledge(&who, approved).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(t.today(), jiff::civil::date(2027, 1, 1));
    let who = t.again(&who).await;
    assert_eq!(refused(applications::offer(&t.app, who.clone(), approved).await), "law-unknown");
    let signed = applications::sign_with_code(&t.app, who.clone(), approved, PASSWORD, "000000").await;
    assert_ne!(refused(signed), "done", "not even that of yesterday");
    let mut op = t.app.begin(who.clone()).await.unwrap();
    applications::withdraw(&mut op, approved).await.unwrap();
    op.commit().await.unwrap();
    assert_eq!(refused(t.apply(&who).await), "law-unknown");
    assert_eq!(count(&t).await, 1);
    t.finish().await;
}

/// A visitor may start at any time: a first credit can be taken, and another for half a year.
#[test]
fn a_demonstration_opens_on_a_day_on_which_credits_are_given_for_half_a_year_more() {
    use jiff::civil::date;
    for (today, opens) in [
        (date(2026, 2, 2), date(2026, 2, 2)),
        (date(2026, 6, 30), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 6, 30)),
        (date(2026, 11, 29), date(2026, 6, 30)),
        (date(2031, 1, 1), date(2026, 6, 30)),
    ] {
        let opened = app::demonstration::opens_on(today);
        assert_eq!(opened, opens, "{today}");
        assert!(applications::rule_set(opened).is_ok());
    }
}

/// Proves [`lending::law::CL_11`]: a confirmation is for the bytes it was given for.
#[tokio::test]
async fn a_confirmation_of_another_text_concludes_nothing() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.acknowledge(&who, id).await.unwrap();
    let purpose = identity::Purpose {
        subject: who.id.uuid(),
        session: who.session,
        operation: lending::confirmation::Operation::SignContract,
        object: app::vault::sha256(b"another agreement"),
    };
    let mut op = t.app.begin(who.clone()).await.unwrap();
    let profile = identity::profile(&mut op, who.id.uuid()).await.unwrap();
    drop(op);
    let person = (&profile.iin, &profile.names, profile.document_number.as_str());
    identity::identify(&t.app, who.clone(), &purpose, person, face().await).await.unwrap();
    identity::prove_password(&t.app, &who, &purpose, PASSWORD).await.unwrap();
    identity::send_code(&t.app, who.clone(), &purpose, Some(&profile.phone), Lang::Ru).await.unwrap();
    t.settle().await;
    let phone = profile.phone.as_str().as_bytes();
    identity::answer_code(&t.app, who.clone(), &purpose, phone, &t.code(PHONE)).await.unwrap();
    let mut op = t.app.begin(who).await.unwrap();
    let confirmation = identity::confirm(&mut op, &purpose).await.unwrap();
    assert_eq!(refused(applications::sign(&mut op, id, &confirmation).await), "offer-changed");
    drop(op);
    t.finish().await;
}

#[tokio::test]
async fn credits_taken_one_after_another_are_judged_together() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let mut wish = t.application_form().await;
    wish.income = "45 000".into();
    let mut states = Vec::new();
    for _ in 0..2 {
        let id = applications::submit(&t.app, who.clone(), &wish, CONSENT, Lang::Ru, &key()).await.unwrap();
        t.settle().await;
        let mut op = t.app.begin(who.clone()).await.unwrap();
        let shown = applications::application(&mut op, id).await.unwrap();
        drop(op);
        if shown.state == State::Approved {
            t.sign(&who, id).await.unwrap();
        }
        states.push((shown.state, shown.reasons));
    }
    assert_eq!(states[0].0, State::Approved);
    assert_eq!(states[1], (State::Declined, vec!["debt_burden".to_owned()]));
    t.finish().await;
}

#[tokio::test]
async fn an_approval_is_not_good_for_ever() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let id = t.apply(&who).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(24 * 11));
    let who = t.again(&who).await;
    assert_eq!(refused(t.sign(&who, id).await), "approval-lapsed");
    let anew = t.apply(&who).await.unwrap();
    t.sign(&who, anew).await.unwrap();
    t.finish().await;
}
