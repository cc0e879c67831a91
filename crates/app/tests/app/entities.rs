//! Legal entities as clients: who may act for them, and who may not (any more).

use ::texts::{Lang, messages};
use app::{
    applications::{self, State},
    documents, entities,
    id::Id,
    identity::{Matter, Prover, Purpose, signatures::Way},
    loans, sessions,
};
use jiff::SignedDuration;
use lending::confirmation::{Operation, ProofKind};
use simulator::{Service, persons::LISTED_ORGANISATION};
use testkit::{
    TestApp,
    people::{PHONE, entity_form, face, form, origin, scan, second_form},
};

use crate::refused;

/// The number of [`second_form`].
const SECOND: &str = "+77052223344";
/// Where the entity of [`entity_form`] is told things.
const ENTITY: &str = "+77027654321";

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
    let mut op = t.app.begin(head.clone()).await.unwrap();
    let mut purpose = Purpose {
        subject: head.id.uuid(),
        session: head.session,
        operation: Operation::SignContract,
        object: [0; 32],
    };
    let bin = entities::signs_for(&mut op, &purpose).await.unwrap();
    assert_eq!(
        bin.unwrap().as_str(),
        "070440003902",
        "a digital signature must be made with the entity's certificate"
    );
    purpose.session = person.session;
    assert_eq!(
        entities::signs_for(&mut op, &purpose).await.unwrap(),
        None,
        "but in their own name with their own"
    );
    drop(op);
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
    let purpose = matter.purpose(&t.app, &prover).await.unwrap();
    let mut op = t.app.begin(person.clone()).await.unwrap();
    let bin = entities::signs_for(&mut op, &purpose).await.unwrap();
    assert_eq!(bin.unwrap().as_str(), "070440003902", "so is one for the registration");
    drop(op);
    matter.send_code(&t.app, &prover, Lang::Ru).await.unwrap();
    t.settle().await;
    let code = t.code(PHONE);
    let password = testkit::people::PASSWORD;
    matter.take_password_and_code(&t.app, &prover, password, &code).await.unwrap();
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
    let asked = applications::submit(&t.app, head.clone(), &individuals, Some("x"), Lang::Ru).await;
    assert_eq!(refused(asked.map(drop)), "product-not-for-you");
    let entities = t.application_form_for(&head).await;
    let asked = applications::submit(&t.app, person, &entities, Some("x"), Lang::Ru).await;
    assert_eq!(refused(asked.map(drop)), "product-not-for-you");
    let application = t.apply(&head).await.unwrap();
    let mut op = t.app.begin(head).await.unwrap();
    let shown = applications::application(&mut op, application).await.unwrap();
    assert_eq!((shown.state, shown.reasons), (State::Declined, vec!["listed".to_owned()]));
    drop(op);
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`] and [`lending::law::CL_6_B`].
#[tokio::test]
async fn an_entity_is_bound_by_its_own_certificate_and_not_by_its_heads_private_one() {
    const IIN: &str = "880101300123";
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let application = t.apply(&head).await.unwrap();
    t.acknowledge(&head, application).await.unwrap();
    let (matter, who) = (Matter::Application(application), Prover::from(head));
    for (signs, expected) in [
        ("their own key", "signature-another-person"),
        ("another entity's key", "signature-another-person"),
        ("the entity's key", "done"),
    ] {
        let asked = matter.ask_signature(&t.app, &who, Way::Ncalayer, Lang::Kk).await.unwrap();
        let (_, _, content) = matter.to_sign(&t.app, &who, asked).await.unwrap();
        let signature = match signs {
            "their own key" => t.world.sign(Service::Ncalayer, IIN, &content, true),
            "another entity's key" => t.world.sign_as_head("990940000015", IIN, &content),
            _ => t.world.sign_as_head("070440003902", IIN, &content),
        };
        let taken = matter.take_signature(&t.app, &who, asked, &signature, None).await;
        assert_eq!(refused(taken), expected, "{signs}");
    }
    t.settle().await;
    t.finish().await;
}
