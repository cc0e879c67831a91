//! Legal entities as clients: who may act for them, and who may not (any more).

use ::texts::{Lang, messages};
use app::{
    applications::{self, State},
    documents, entities,
    id::Id,
    identity::{self, Asked, Matter, Prover, egov_mobile, signatures::Way},
    loans,
    sessions::{self, Client, Employee},
};
use jiff::SignedDuration;
use lending::confirmation::ProofKind;
use simulator::{Service, persons::LISTED_ORGANISATION};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, entity_form, face, form, origin, scan, second_form, visitor},
};

use crate::refused;

/// The number of [`second_form`].
const SECOND: &str = "+77052223344";
/// Where the entity of [`entity_form`] is told things.
const ENTITY: &str = "+77027654321";
/// Another number of the entity's: by the register not that of [`form`]'s IIN.
const NEW_ENTITY: &str = "+77011230000";
/// Another number of [`form`]'s, by the register too.
const NEW_OWN: &str = "+77017654321";

fn attorney(role: &str) -> entities::Form {
    entities::Form { role: role.into(), number: "7".into(), dated: "2026-01-15".into(), ..entity_form() }
}

/// Proves [`lending::law::CL_6_B`], [`lending::law::CL_6_C`], [`lending::law::CL_6_D`] and [`lending::law::CL_9_A`]: an
/// entity registers by who is entitled to sign for it, borrows, and its papers say who signed on the basis of what.
#[tokio::test]
async fn an_entity_registers_applies_and_signs_by_its_head() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let mut op = t.app.begin(officer.clone()).await.unwrap();
    let waiting = entities::waiting(&mut op).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].bin.as_str()), (1, "070440003902"));
    let (media_type, bytes) = entities::scan(&mut op, id, true).await.unwrap();
    assert_eq!((media_type.as_str(), bytes), ("application/pdf", scan()), "the document, byte for byte");
    op.commit().await.unwrap();

    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    assert_ne!(head.party(), head.id, "the entity is the client, the person acts");
    assert!(
        t.world.last_sms_to(ENTITY) == Some(messages::entity_person_added(Lang::Ru, "ТОО «Береке»")),
        "the entity is told who acts for it"
    );
    let application = t.apply(&head).await.unwrap();
    let mut op = t.app.begin(head.clone()).await.unwrap();
    assert_eq!(applications::application(&mut op, application).await.unwrap().state, State::Approved);
    drop(op);
    let loan = t.sign(&head, application).await.unwrap();
    let mut op = t.app.begin(head.clone()).await.unwrap();
    let shown = loans::loan(&mut op, loan).await.unwrap();
    assert_eq!(t.world.payments()[0].payee, "ТОО «Береке»");
    for kind in [documents::Kind::Agreement, documents::Kind::EvidenceSheet] {
        documents::document(&mut op, loan, kind).await.unwrap();
    }
    drop(op);
    let mut op = t.app.begin(person.clone()).await.unwrap();
    assert_eq!(
        refused(loans::loan(&mut op, loan).await.map(drop)),
        "loan-not-found",
        "it is not the person's"
    );
    assert!(applications::applications(&mut op).await.unwrap().is_empty());
    drop(op);
    t.repay(&shown.number, shown.folded.debt.total()).await;
    assert!(t.world.last_sms_to(ENTITY).unwrap().contains(&shown.number), "the entity is told of its money");
    let signed: (Option<uuid::Uuid>, i64) = sqlx::query_as(
        "select a.authority_id, (select count(*) from proof p where p.confirmation_id = a.confirmation_id
           and p.subject_id = $1) from agreement a",
    )
    .bind(person.id.uuid())
    .fetch_one(&mut t.owner().await)
    .await
    .unwrap();
    let recorded = "select count(*) from audit_event where action = 'agreement.signed' and authority_id = $1";
    let recorded: i64 = sqlx::query_scalar(recorded)
        .bind(head.capacity.as_ref().unwrap().authority.uuid())
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(recorded, 1, "the trail says by which power it was done");
    assert_eq!(
        signed,
        (head.capacity.map(|capacity| capacity.authority.uuid()), 3),
        "who signed, by which power"
    );
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`]: each of several people has rights of their own, and they end.
#[tokio::test]
async fn people_of_an_entity_may_what_their_power_says_and_only_while_it_is_in_force() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let second = t.register(&second_form()).await.unwrap();
    let mut op = t.app.begin(second.clone()).await.unwrap();
    let authority = head.capacity.clone().unwrap().authority;
    assert_eq!(refused(entities::act_for(&mut op, Some(authority)).await), "entity-not-found");
    drop(op);

    // Somebody who prepares applications sees and applies, and does not sign.
    let id = t.ask_to_act(&second, &attorney("applicant"), SECOND).await.unwrap();
    let (applicant, token) = t.accepted(&officer, id, SECOND).await.unwrap();
    assert_eq!(applicant.party(), head.party());
    assert!(
        t.world.last_sms_to(PHONE) == Some(messages::entity_person_added(Lang::Ru, "ТОО «Береке»")),
        "the head is told of the new one"
    );
    let application = t.apply(&applicant).await.unwrap();
    assert_eq!(refused(t.acknowledge(&applicant, application).await), "authority-narrow");
    assert_eq!(refused(t.sign_by(&applicant, application, SECOND).await.map(drop)), "authority-narrow");
    let mut op = t.app.begin(applicant.clone()).await.unwrap();
    let people = entities::people(&mut op).await.unwrap();
    assert_eq!((people.people.len(), people.may_end), (2, false));
    assert_eq!(refused(entities::end(&mut op, authority).await), "authority-narrow");
    drop(op);

    // The head ends it: at once, for a request that is on its way too, and everybody is told.
    let mut op = t.app.begin(head.clone()).await.unwrap();
    entities::end(&mut op, applicant.capacity.as_ref().unwrap().authority).await.unwrap();
    op.commit().await.unwrap();
    t.settle().await;
    for phone in [PHONE, SECOND, ENTITY] {
        let told = messages::entity_person_ended(Lang::Ru, "ТОО «Береке»");
        assert_eq!(t.world.last_sms_to(phone), Some(told), "{phone} is told");
    }
    let mut op = t.app.begin(applicant.clone()).await.unwrap();
    assert_eq!(refused(applications::withdraw(&mut op, application).await), "authority-ended");
    drop(op);
    assert!(t.client(&token).await.capacity.is_none(), "the session acts for the person again");
    let mut op = t.app.begin(t.client(&token).await).await.unwrap();
    assert_eq!(
        refused(applications::application(&mut op, application).await.map(drop)),
        "application-not-found"
    );
    drop(op);
    t.sign(&head, application).await.unwrap();
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`] and [`lending::law::CL_9_A`]: all was proved in time, and the power is over.
#[tokio::test]
async fn a_signer_whose_power_is_over_signs_nothing_though_all_is_proved() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let short = entities::Form { valid_until: "2026-02-02".into(), ..attorney("signer") };
    let id = t.ask_to_act(&person, &short, PHONE).await.unwrap();
    let (signer, token) = t.accepted(&officer, id, PHONE).await.unwrap();
    let application = t.apply(&signer).await.unwrap();
    t.acknowledge(&signer, application).await.unwrap();
    t.clock.advance(SignedDuration::from_hours(24));
    app::day::catch_up(&t.app).await.unwrap();
    assert_eq!(refused(t.sign(&signer, application).await.map(drop)), "authority-ended");
    let count: i64 =
        sqlx::query_scalar("select count(*) from agreement").fetch_one(&mut t.owner().await).await.unwrap();
    assert_eq!(count, 0);
    let known = sessions::recognise(&t.app, &token, origin()).await.unwrap();
    assert!(known.is_none(), "a day of silence ends the session too");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`]: the first person of an entity is entitled to sign, and a new head ends the old one.
#[tokio::test]
async fn an_entity_begins_with_who_may_sign_and_has_one_head() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &attorney("viewer"), PHONE).await.unwrap();
    assert_eq!(refused(t.accepted(&officer, id, PHONE).await.map(drop)), "entity-signer-first");
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (old, old_token) = t.accepted(&officer, id, PHONE).await.unwrap();
    let mut op = t.app.begin(officer.clone()).await.unwrap();
    assert_eq!(refused(entities::accept(&mut op, id).await), "entity-decided");
    drop(op);

    let second = t.register(&second_form()).await.unwrap();
    let id = t.ask_to_act(&second, &entity_form(), SECOND).await.unwrap();
    let (new, _) = t.accepted(&officer, id, SECOND).await.unwrap();
    assert_eq!(new.party(), old.party(), "a BIN is one client");
    assert!(t.client(&old_token).await.capacity.is_none(), "there is one head");
    let known: (String, i64) = sqlx::query_as("select max(phone), count(*) from entity")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(known, (ENTITY.into(), 1));

    // A refusal gives nothing, and tells why.
    let id = t.ask_to_act(&person, &attorney("signer"), PHONE).await.unwrap();
    let mut op = t.app.begin(officer.clone()).await.unwrap();
    assert_eq!(refused(entities::refuse(&mut op, id, " ").await), "entity-reason-invalid");
    entities::refuse(&mut op, id, "Сенімхат оқылмайды").await.unwrap();
    op.commit().await.unwrap();
    t.settle().await;
    let mut op = t.app.begin(person.clone()).await.unwrap();
    let asked = entities::asked(&mut op).await.unwrap();
    assert!(asked.iter().any(|line| line.reason.as_deref() == Some("Сенімхат оқылмайды")));
    drop(op);
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`], [`lending::law::CL_6_C`], [`lending::law::CL_6_D`] and [`lending::law::CL_11`].
#[tokio::test]
async fn what_an_entity_gives_is_refused_at_its_field_and_without_two_methods_nothing_follows() {
    let t = TestApp::start().await;
    let person = t.register(&form()).await.unwrap();
    let today = t.today();
    let with = |change: fn(&mut entities::Form)| {
        let mut form = entity_form();
        change(&mut form);
        refused(form.check(today))
    };
    assert_eq!(with(|_| {}), "done");
    assert_eq!(with(|f| f.bin = "880101300123".into()), "bin-invalid");
    assert_eq!(with(|f| f.bin = "070440003903".into()), "bin-invalid");
    assert_eq!(with(|f| f.name = "  ".into()), "entity-name-invalid");
    assert_eq!(with(|f| f.name = "Ә".repeat(301)), "entity-name-invalid");
    assert_eq!(with(|f| f.phone = "+1 202 555 01 00".into()), "phone-invalid");
    assert_eq!(with(|f| f.email = "not one".into()), "email-invalid");
    assert_eq!(with(|f| f.role = "owner".into()), "authority-role-invalid");
    assert_eq!(with(|f| f.number = String::new()), "authority-number-invalid");
    assert_eq!(with(|f| f.dated = "2026-02-03".into()), "authority-date-invalid");
    assert_eq!(with(|f| f.dated = "yesterday".into()), "authority-date-invalid");
    assert_eq!(with(|f| f.valid_until = "2026-02-01".into()), "authority-over");
    assert_eq!(
        with(|f| (f.role, f.valid_until) = ("signer".into(), "2030-01-01".into())),
        "authority-too-long",
        "a power of attorney is for three years",
    );

    // Another's file is none.
    let second = t.register(&second_form()).await.unwrap();
    let upload = app::uploads::take(&t.app, second.clone(), "order.pdf", scan()).await.unwrap();
    let begun = entities::begin(&t.app, person.clone(), Lang::Ru, &entity_form(), upload).await;
    assert_eq!(refused(begun.map(drop)), "authority-scan-missing");
    let none =
        entities::begin(&t.app, person.clone(), Lang::Ru, &entity_form(), Id::from(uuid::Uuid::nil())).await;
    assert_eq!(refused(none.map(drop)), "authority-scan-missing");

    let upload = app::uploads::take(&t.app, person.clone(), "order.pdf", scan()).await.unwrap();
    let id = entities::begin(&t.app, person.clone(), Lang::Ru, &entity_form(), upload).await.unwrap();
    assert_eq!(refused(entities::complete(&t.app, person.clone(), id).await), "proofs-missing");
    let (matter, prover) = (Matter::Entity(id), person.clone().into());
    matter.send_code(&t.app, &prover, Lang::Ru).await.unwrap();
    t.settle().await;
    let code = t.code(PHONE);
    matter.take_password_and_code(&t.app, &prover, PASSWORD, &code).await.unwrap();
    assert_eq!(
        refused(entities::complete(&t.app, person.clone(), id).await),
        "proofs-missing",
        "one method, and none of it biometric"
    );
    t.world.set_mode(Service::Idec, simulator::Mode::FaceMismatch);
    assert_eq!(refused(matter.take_face(&t.app, &prover, face().await).await), "face-differs");
    t.world.set_mode(Service::Idec, simulator::Mode::Ok);

    // Somebody else neither sees nor proves it, and proofs for one registration are none for another.
    assert_eq!(refused(matter.standing(&t.app, &second.clone().into()).await.map(drop)), "entity-not-found");
    let again = entities::begin(&t.app, person.clone(), Lang::Ru, &entity_form(), upload).await.unwrap();
    let standing = Matter::Entity(again).standing(&t.app, &prover).await.unwrap();
    assert_eq!(standing.proved, Vec::<ProofKind>::new());

    matter.take_face(&t.app, &prover, face().await).await.unwrap();
    entities::complete(&t.app, person.clone(), id).await.unwrap();
    assert_eq!(refused(entities::complete(&t.app, person.clone(), id).await), "entity-decided");
    t.clock.advance(SignedDuration::from_mins(61));
    let signed_in = t.again(&person).await;
    assert_eq!(refused(entities::complete(&t.app, signed_in, again).await), "entity-registration-lapsed");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_8_1`] and [`lending::law::CL_10`]: an entity on the list gets nothing.
#[tokio::test]
async fn a_listed_entity_is_declined_and_products_are_for_one_kind_of_client() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let listed = entities::Form { name: LISTED_ORGANISATION.into(), ..entity_form() };
    let id = t.ask_to_act(&person, &listed, PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let individuals = t.application_form().await;
    let asked = applications::submit(
        &t.app,
        head.clone(),
        &individuals,
        Some("x"),
        Lang::Ru,
        &testkit::people::key(),
    )
    .await;
    assert_eq!(refused(asked.map(drop)), "product-not-for-you");
    let entities = t.application_form_for(&head).await;
    let asked =
        applications::submit(&t.app, person, &entities, Some("x"), Lang::Ru, &testkit::people::key()).await;
    assert_eq!(refused(asked.map(drop)), "product-not-for-you");
    let application = t.apply(&head).await.unwrap();
    let mut op = t.app.begin(head).await.unwrap();
    let shown = applications::application(&mut op, application).await.unwrap();
    assert_eq!((shown.state, shown.reasons), (State::Declined, vec!["listed".to_owned()]));
    drop(op);
    t.finish().await;
}

/// The entity of [`entity_form`], and another one.
const BIN: &str = "070440003902";
const OTHER_BIN: &str = "190440019884";
/// The IIN of [`form`].
const IIN: &str = "880101300123";

/// A head in their own name and in the entity's, and the token of the session in which they change between both.
async fn head(t: &TestApp, officer: &Employee) -> (Client, Client, sessions::Token) {
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, token) = t.accepted(officer, id, PHONE).await.unwrap();
    let own = act_for(t, &head, None, &token).await;
    let head = act_for(t, &own, head.capacity.as_ref().map(|capacity| capacity.authority), &token).await;
    (own, head, token)
}

/// Chooses for whom a session acts, and gives who holds it then.
async fn act_for(
    t: &TestApp,
    who: &Client,
    authority: Option<Id<entities::AuthorityRecord>>,
    token: &sessions::Token,
) -> Client {
    let mut op = t.app.begin(who.clone()).await.unwrap();
    entities::act_for(&mut op, authority).await.unwrap();
    op.commit().await.unwrap();
    t.client(token).await
}

async fn change(t: &TestApp, who: &Client, asked: Asked<'_>) -> Matter {
    Matter::Change(identity::ask(&t.app, who.clone(), asked, Lang::Ru).await.unwrap().id)
}

/// Proves [`lending::law::CL_35_1`], [`lending::law::CL_6_B`] and [`lending::law::CL_11`]: whose certificate must sign follows
/// from what is signed. A head who changes for whom they act while a statement waits binds the entity with the entity's key
/// alone, and themselves with their own alone: through NCALayer, by the API and on the phone.
#[tokio::test]
async fn whoever_changes_for_whom_they_act_before_signing_still_signs_with_the_right_key() {
    let t = TestApp::start().await;
    let (own, head, token) = head(&t, &t.officer().await).await;
    let (personal, company) = (t.apply(&own).await.unwrap(), t.apply(&head).await.unwrap());
    t.acknowledge(&own, personal).await.unwrap();
    t.acknowledge(&head, company).await.unwrap();
    let upload = app::uploads::take(&t.app, own.clone(), "order.pdf", scan()).await.unwrap();
    let another = entities::Form { bin: OTHER_BIN.into(), ..entity_form() };
    let registration = entities::begin(&t.app, own.clone(), Lang::Ru, &another, upload).await.unwrap();
    let once_more = entities::begin(&t.app, own.clone(), Lang::Ru, &another, upload).await.unwrap();
    let (account, another) = ("KZ86125KZT5004100100", "KZ75125KZT2069100100");
    for (name, matter, asking, signed_with) in [
        ("the entity's agreement", Matter::Application(company), &head, Some(BIN)),
        ("their own agreement", Matter::Application(personal), &own, None),
        ("the entity's account", change(&t, &head, Asked::Account(account)).await, &head, Some(BIN)),
        ("their own account", change(&t, &own, Asked::Account(another)).await, &own, None),
        ("the entity's number", change(&t, &head, Asked::Phone(NEW_ENTITY)).await, &head, Some(BIN)),
        ("their own number", change(&t, &own, Asked::Phone(NEW_OWN)).await, &own, None),
        ("another entity's registration", Matter::Entity(registration), &own, Some(OTHER_BIN)),
        ("the same, meanwhile acting for the first", Matter::Entity(once_more), &head, Some(OTHER_BIN)),
        ("their own password", change(&t, &head, Asked::Password("алты алаш бір сөз")).await, &head, None),
    ] {
        let asking_for = asking.capacity.as_ref().map(|capacity| capacity.authority);
        let other =
            if asking_for.is_some() { None } else { head.capacity.as_ref().map(|held| held.authority) };
        let who = Prover::from(asking.clone());
        for (way, key) in [(Way::Ncalayer, "wrong"), (Way::EgovMobile, "wrong"), (Way::EgovMobile, "right")] {
            act_for(&t, asking, asking_for, &token).await;
            let id = matter.ask_signature(&t.app, &who, way, Lang::Kk).await.unwrap();
            let (statement, _, content) = matter.to_sign(&t.app, &who, id).await.unwrap();
            assert_eq!(statement.bin.as_ref().map(lending::iin::Bin::as_str), signed_with, "{name}");
            let standing = matter.standing(&t.app, &who).await.unwrap();
            assert_eq!(standing.bin, statement.bin, "the page asks NCALayer for that key");
            act_for(&t, asking, other, &token).await;
            let used = match (key, signed_with) {
                ("right", bin) => bin,
                (_, Some(_)) => None,
                (_, None) => Some(BIN),
            };
            let signature = match used {
                Some(bin) => t.world.sign_as_head(bin, IIN, &content),
                None => t.world.sign(Service::EgovMobile, IIN, &content, true),
            };
            let taken = match way {
                Way::Ncalayer => matter.take_signature(&t.app, &who, id, &signature, None).await,
                Way::EgovMobile => {
                    let (link, shown) = (egov_mobile::link(&t.app, id), egov_mobile::token(&t.app, id));
                    egov_mobile::answered(&t.app, visitor(), &link, &shown, Some(&signature)).await
                }
            };
            let expected = match (key, signed_with) {
                ("right", _) => "done",
                (_, Some(_)) => "signature-another-organization",
                (_, None) => "signature-role",
            };
            assert_eq!(refused(taken), expected, "{name}, {way:?}, {key} key");
        }
    }
    // The entity's head in the entity's name, with another entity's key.
    let (matter, who) = (change(&t, &head, Asked::Account(account)).await, Prover::from(head));
    let id = matter.ask_signature(&t.app, &who, Way::Ncalayer, Lang::Kk).await.unwrap();
    let (_, _, content) = matter.to_sign(&t.app, &who, id).await.unwrap();
    let signature = t.world.sign_as_head(OTHER_BIN, IIN, &content);
    let taken = matter.take_signature(&t.app, &who, id, &signature, None).await;
    assert_eq!(refused(taken), "signature-another-organization");
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_F`], [`lending::law::CL_6_B`] and [`lending::law::CL_11`]: what is proved in one's own name
/// confirms nothing for the entity, and the other way about; whatever the proof.
#[tokio::test]
async fn what_is_proved_in_ones_own_name_confirms_nothing_for_an_entity() {
    let t = TestApp::start().await;
    let (own, head, _) = head(&t, &t.officer().await).await;
    let company = t.apply(&head).await.unwrap();
    let personal = t.apply(&own).await.unwrap();
    t.acknowledge(&head, company).await.unwrap();
    t.acknowledge(&own, personal).await.unwrap();
    let theirs = change(&t, &head, Asked::Account("KZ86125KZT5004100100")).await;
    let mine = change(&t, &own, Asked::Account("KZ75125KZT2069100100")).await;
    for (matter, right, wrong, code) in [
        (theirs, &head, &own, "change-not-found"),
        (mine, &own, &head, "change-not-found"),
        (change(&t, &head, Asked::Phone(NEW_ENTITY)).await, &head, &own, "change-not-found"),
        (change(&t, &own, Asked::Phone(NEW_OWN)).await, &own, &head, "change-not-found"),
        (Matter::Application(company), &head, &own, "application-not-found"),
        (Matter::Application(personal), &own, &head, "application-not-found"),
    ] {
        let (who, stranger) = (Prover::from(right.clone()), Prover::from(wrong.clone()));
        assert_eq!(refused(matter.standing(&t.app, &stranger).await.map(drop)), code);
        assert_eq!(refused(matter.take_password(&t.app, &stranger, PASSWORD).await), code);
        assert_eq!(refused(matter.take_face(&t.app, &stranger, face().await).await), code);
        assert_eq!(refused(matter.send_code(&t.app, &stranger, Lang::Ru).await), code);
        assert_eq!(refused(matter.begin_liveness(&t.app, &stranger).await.map(drop)), code);
        let asked = matter.ask_signature(&t.app, &stranger, Way::Ncalayer, Lang::Ru).await;
        assert_eq!(refused(asked.map(drop)), code);
        matter.send_code(&t.app, &who, Lang::Ru).await.unwrap();
        t.settle().await;
        let answer = t.code(PHONE);
        assert_eq!(refused(matter.take_code(&t.app, &stranger, &answer).await), code);
        matter.take_face(&t.app, &who, face().await).await.unwrap();
        matter.take_password_and_code(&t.app, &who, PASSWORD, &answer).await.unwrap();
        // All is proved; in the other name it is nothing.
        let concluded = match matter {
            Matter::Change(id) => identity::carry_out(&t.app, wrong.clone(), id).await,
            Matter::Application(id) => applications::conclude(&t.app, wrong.clone(), id).await.map(drop),
            _ => unreachable!(),
        };
        assert_eq!(refused(concluded), code);
    }
    let Matter::Change(theirs) = theirs else { unreachable!() };
    identity::carry_out(&t.app, head.clone(), theirs).await.unwrap();
    let mut op = t.app.begin(own.clone()).await.unwrap();
    let account = identity::account(&mut op, head.party().uuid()).await.unwrap().unwrap();
    assert_eq!(account.iban.as_str(), "KZ86125KZT5004100100");
    assert!(identity::account(&mut op, own.id.uuid()).await.unwrap().is_none());
    drop(op);
    t.settle().await;
    t.finish().await;
}

/// Where the entity and the person of [`form`] are told things.
async fn numbers(t: &TestApp) -> (String, String) {
    let numbers = "select (select phone from entity), (select phone from client where iin = $1)";
    sqlx::query_as(numbers).bind(IIN).fetch_one(&mut t.owner().await).await.unwrap()
}

/// Asks for a number, answers the code that went to it, and proves by password and a code of the person's own.
async fn prepared(t: &TestApp, who: &Client, new: &str, own: &str) -> Id<identity::Change> {
    let matter = change(t, who, Asked::Phone(new)).await;
    let Matter::Change(id) = matter else { unreachable!() };
    t.settle().await;
    let prover = Prover::from(who.clone());
    assert_eq!(refused(identity::carry_out(&t.app, who.clone(), id).await), "change-unchecked");
    identity::check_phone(&t.app, who.clone(), id, &t.code(new)).await.unwrap();
    assert_eq!(refused(identity::carry_out(&t.app, who.clone(), id).await), "proofs-missing");
    matter.send_code(&t.app, &prover, Lang::Ru).await.unwrap();
    t.settle().await;
    matter.take_password_and_code(&t.app, &prover, PASSWORD, &t.code(own)).await.unwrap();
    id
}

/// Proves [`lending::law::CL_6_F`] and [`lending::law::CL_6_B`]: who may sign for an entity changes its number, and their own
/// in their own name, never the one for the other; both numbers and everybody who acts are told.
#[tokio::test]
async fn an_entitys_number_is_changed_by_who_may_sign_for_it_and_both_numbers_are_told() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let (own, head, _) = head(&t, &officer).await;
    let ask = async |who: &Client, phone: &str| {
        refused(identity::ask(&t.app, who.clone(), Asked::Phone(phone), Lang::Ru).await)
    };
    assert_eq!(ask(&head, ENTITY).await, "nothing-changes");
    assert_eq!(ask(&head, "+7 495 123 45 67").await, "phone-invalid");
    assert_eq!(ask(&own, NEW_ENTITY).await, "phone-not-yours", "their own is asked of the register");
    let second = t.register(&second_form()).await.unwrap();
    for role in ["viewer", "applicant"] {
        t.clock.advance(SignedDuration::from_secs(1));
        let id = t.ask_to_act(&second, &attorney(role), SECOND).await.unwrap();
        let (may_not, _) = t.accepted(&officer, id, SECOND).await.unwrap();
        assert_eq!(may_not.party(), head.party());
        assert_eq!(ask(&may_not, NEW_ENTITY).await, "authority-narrow", "{role}");
    }

    let id = prepared(&t, &head, NEW_ENTITY, PHONE).await;
    assert_eq!(numbers(&t).await, (ENTITY.to_owned(), PHONE.to_owned()));
    identity::carry_out(&t.app, head.clone(), id).await.unwrap();
    t.settle().await;
    assert_eq!(numbers(&t).await, (NEW_ENTITY.to_owned(), PHONE.to_owned()), "the person's own stays");
    let told = messages::entity_phone_changed(
        Lang::Ru,
        "ТОО «Береке»",
        lending::phone::Phone::parse(NEW_ENTITY).unwrap().masked(),
    );
    for phone in [ENTITY, NEW_ENTITY, PHONE, SECOND] {
        assert_eq!(t.world.last_sms_to(phone).as_ref(), Some(&told), "{phone} is told");
    }
    let recorded =
        "select count(*) from audit_event where action = 'change.carried-out' and authority_id = $1";
    let recorded: i64 = sqlx::query_scalar(recorded)
        .bind(head.capacity.as_ref().unwrap().authority.uuid())
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(recorded, 1, "the trail says by which power it was done");

    let id = prepared(&t, &own, NEW_OWN, PHONE).await;
    identity::carry_out(&t.app, own.clone(), id).await.unwrap();
    t.settle().await;
    assert_eq!(numbers(&t).await, (NEW_ENTITY.to_owned(), NEW_OWN.to_owned()), "the entity's stays");
    t.finish().await;
}

/// Proves [`lending::law::CL_6_F`] and [`lending::law::CL_6_B`]: power that ended after all was proved changes no number.
#[tokio::test]
async fn whose_power_ended_meanwhile_changes_no_number_of_the_entity() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let (_, head, _) = head(&t, &officer).await;
    let second = t.register(&second_form()).await.unwrap();
    let id = t.ask_to_act(&second, &attorney("signer"), SECOND).await.unwrap();
    let (signer, _) = t.accepted(&officer, id, SECOND).await.unwrap();
    let id = prepared(&t, &signer, NEW_ENTITY, SECOND).await;
    let mut op = t.app.begin(head.clone()).await.unwrap();
    entities::end(&mut op, signer.capacity.as_ref().unwrap().authority).await.unwrap();
    op.commit().await.unwrap();
    assert_eq!(refused(identity::carry_out(&t.app, signer.clone(), id).await), "authority-ended");
    t.settle().await;
    assert_eq!(numbers(&t).await, (ENTITY.to_owned(), PHONE.to_owned()));
    let told = messages::entity_person_ended(Lang::Ru, "ТОО «Береке»");
    assert_eq!(t.world.last_sms_to(ENTITY), Some(told), "nobody is told of a number");
    t.finish().await;
}

/// Proves [`lending::law::CL_6_B`]: whoever may only look neither begins anything nor uses up what the entity may begin.
#[tokio::test]
async fn a_viewer_does_not_use_up_the_applications_of_the_entity() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let (_, head, _) = head(&t, &officer).await;
    let second = t.register(&second_form()).await.unwrap();
    let id = t.ask_to_act(&second, &attorney("viewer"), SECOND).await.unwrap();
    let (viewer, _) = t.accepted(&officer, id, SECOND).await.unwrap();
    assert_eq!(viewer.party(), head.party());
    let wish = t.application_form_for(&viewer).await;
    for _ in 0..12 {
        let asked =
            applications::submit(&t.app, viewer.clone(), &wish, Some("x"), Lang::Ru, &testkit::people::key())
                .await;
        assert_eq!(refused(asked.map(drop)), "authority-narrow");
        let asked = identity::ask(&t.app, viewer.clone(), Asked::Account(&wish.iban), Lang::Ru).await;
        assert_eq!(refused(asked.map(drop)), "authority-narrow");
    }
    let application = t.apply(&head).await.unwrap();
    for no in [
        refused(Matter::Application(application).standing(&t.app, &viewer.clone().into()).await.map(drop)),
        refused(t.acknowledge(&viewer, application).await),
        refused(applications::conclude(&t.app, viewer.clone(), application).await.map(drop)),
    ] {
        assert_eq!(no, "authority-narrow");
    }
    let mut op = t.app.begin(viewer.clone()).await.unwrap();
    assert_eq!(refused(applications::withdraw(&mut op, application).await), "authority-narrow");
    drop(op);
    t.sign(&head, application).await.unwrap();
    t.finish().await;
}

/// Proves [`lending::law::CL_8_1`] and [`lending::law::CL_10`]: a list of terrorists without its organisations says nothing of
/// an entity.
#[tokio::test]
async fn an_entity_waits_until_the_list_of_organisations_is_there() {
    let t = TestApp::start().await;
    let (own, head, _) = head(&t, &t.officer().await).await;
    t.world.set_mode(Service::TerroristList, simulator::Mode::WithoutOrganisations);
    let (company, personal) = (t.apply(&head).await.unwrap(), t.apply(&own).await.unwrap());
    let state = async |who: &Client, id| {
        let mut op = t.app.begin(who.clone()).await.unwrap();
        applications::application(&mut op, id).await.unwrap().state
    };
    assert_eq!(state(&head, company).await, State::Checking);
    assert_eq!(state(&own, personal).await, State::Approved, "persons are on it");
    t.world.set_mode(Service::TerroristList, simulator::Mode::Ok);
    t.clock.advance(SignedDuration::from_secs(60));
    t.settle().await;
    assert_eq!(state(&head, company).await, State::Approved);
    t.finish().await;
}
