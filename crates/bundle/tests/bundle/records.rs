//! Records that do not fit each other: removed, of another agreement, or invented. Each is told by its own reason.

use bundle::{
    Reason,
    manifest::{Acknowledgement, Confirmation, Power, Sha256},
};
use jiff::SignedDuration;
use serde_json::json;

use crate::made::{
    AGREEMENT, AMENDED, BIN, CLAIMED, DOCUMENT, ENTITY, Made, PERSON, POWER, REGISTERED, REGISTRATION,
    SIGNED, at, id,
};

type Spoil = fn(&mut Made);

fn confirmation(made: &mut Made, number: u128) -> &mut Confirmation {
    made.manifest.confirmations.iter_mut().find(|one| one.id == id(number)).unwrap()
}

fn acknowledgement<'a>(made: &'a mut Made, kind: &str) -> &'a mut Acknowledgement {
    made.manifest.acknowledgements.iter_mut().find(|one| one.kind == kind).unwrap()
}

fn power(made: &mut Made) -> &mut Power {
    &mut made.manifest.powers[0]
}

/// What was confirmed is what the power says now: nobody noticed but the trail of the confirmation.
fn reconfirmed(made: &mut Made, change: fn(&mut Power)) {
    change(power(made));
    let object = power(made).claim.object().unwrap();
    let before = confirmation(made, CLAIMED).object_sha256.to_string();
    confirmation(made, CLAIMED).object_sha256 = object;
    for proof in made.manifest.proofs.iter_mut().filter(|one| one.confirmation == id(CLAIMED)) {
        proof.object_sha256 = object;
    }
    for event in &mut made.manifest.events {
        event.payload = event.payload.replace(&before, &object.to_string());
    }
    for place in 0..made.contents.len() {
        let (member, text) = (&made.manifest.members[place], String::from_utf8(made.contents[place].clone()));
        if let (Ok(text), "application/json") = (text, member.media_type.as_str()) {
            let evidence = member.evidence;
            made.rewrite(evidence, text.replace(&before, &object.to_string()).as_bytes());
        }
    }
}

fn photo(made: &mut Made, confirmation: u128) -> uuid::Uuid {
    let answer = made.proof(confirmation, "biometric_identification").evidence;
    let asked = made.manifest.inquiries.iter().find(|one| one.evidence == Some(answer)).unwrap();
    asked.object
}

fn face(made: &mut Made, confirmation: u128) -> uuid::Uuid {
    let answer = made.proof(confirmation, "biometric_identification").evidence;
    made.belonging(answer, "proof:face")
}

/// Of an individual's agreement.
const OF_AN_INDIVIDUAL: &[(&str, Spoil)] = &[
    ("record-twice", |m| m.manifest.challenges.push(m.manifest.challenges[0].clone())),
    ("record-twice", |m| m.manifest.people.push(m.manifest.people[0].clone())),
    ("record-twice", |m| m.manifest.people[0].confirmation = id(SIGNED)),
    ("evidence-missing", |m| m.manifest.proofs[0].evidence = id(404)),
    ("evidence-missing", |m| m.remove(m.manifest.agreement.paper.evidence)),
    // A confirmation, a person, a file that belong to nothing.
    ("record-stray", |m| {
        let mut one = confirmation(m, SIGNED).clone();
        (one.id, one.operation) = (id(404), "pay_merchant".into());
        m.manifest.confirmations.push(one);
    }),
    ("record-stray", |m| {
        let mut one = m.manifest.people[0].clone();
        one.id = id(404);
        m.manifest.people.push(one);
    }),
    ("record-stray", |m| {
        m.put("photo", 404, None, "image/jpeg", b"another", at(0));
    }),
    // The paper.
    ("document-differs", |m| m.manifest.agreement.paper.evidence = m.manifest.members[0].evidence),
    ("document-differs", |m| {
        let again = m.put("upload", PERSON, Some(3), "application/pdf", DOCUMENT, at(21));
        m.manifest.agreement.paper.evidence = again;
    }),
    ("document-differs", |m| {
        let again = m.put("agreement", REGISTRATION, Some(3), "application/pdf", DOCUMENT, at(21));
        m.manifest.agreement.paper.evidence = again;
    }),
    ("document-differs", |m| {
        let again = m.put("agreement", PERSON, Some(3), "application/pdf", DOCUMENT, at(31));
        m.manifest.agreement.paper.evidence = again;
    }),
    ("date-differs", |m| m.manifest.agreement.paper.dated = "2026-02-01".parse().unwrap()),
    ("date-differs", |m| m.manifest.agreement.paper.dated = "2026-02-03".parse().unwrap()),
    ("rule-set-differs", |m| m.manifest.agreement.paper.rule_set = "2025-09-30".into()),
    ("rule-set-differs", |m| m.manifest.agreement.paper.rule_set = "2026-02-02".into()),
    ("confirmation-missing", |m| m.manifest.agreement.paper.confirmation = id(404)),
    ("confirmation-foreign", |m| m.manifest.agreement.paper.concluded_at = at(31)),
    ("confirmation-foreign", |m| m.manifest.agreement.paper.sha256 = Sha256::of(b"another")),
    ("confirmation-foreign", |m| m.manifest.party.id = id(404)),
    ("confirmation-foreign", |m| confirmation(m, SIGNED).operation = "amend_contract".into()),
    ("person-missing", |m| m.manifest.people.clear()),
    ("power-missing", |m| m.manifest.agreement.paper.power = Some(id(POWER))),
    // The registration.
    ("registration-missing", |m| m.manifest.confirmations.retain(|one| one.operation != "registration")),
    ("confirmation-foreign", |m| m.manifest.people[0].registration = id(404)),
    ("confirmation-foreign", |m| confirmation(m, REGISTERED).object_sha256 = Sha256::of(b"another")),
    ("registration-late", |m| confirmation(m, REGISTERED).created_at = at(31)),
    ("operation-unknown", |m| confirmation(m, SIGNED).operation = "give".into()),
    // Proofs.
    ("methods-insufficient", |m| m.manifest.proofs.retain(|one| one.kind != "biometric_identification")),
    ("methods-insufficient", |m| m.manifest.proofs.retain(|one| one.kind != "password")),
    ("proof-kind-unknown", |m| m.manifest.proofs[0].kind = "nod".into()),
    ("proof-unspent", |m| m.manifest.proofs[0].confirmation = id(404)),
    ("proof-of-another", |m| m.manifest.proofs[0].subject = id(404)),
    ("proof-for-another-operation", |m| m.manifest.proofs[0].operation = "sign_in".into()),
    ("proof-for-another-object", |m| m.manifest.proofs[0].object_sha256 = Sha256::of(b"another")),
    ("proof-in-another-session", |m| m.manifest.proofs[0].session = Some(id(404))),
    ("proof-in-another-session", |m| m.manifest.proofs[0].session = None),
    ("proof-expired", |m| m.proof(SIGNED, "password").expires_at = at(30)),
    ("proof-too-early", |m| m.proof(SIGNED, "password").created_at = at(31)),
    ("proof-reused", |m| m.proof(SIGNED, "password").evidence = m.manifest.proofs[0].evidence),
    // What a proof stands on: of another kind, of later, of another proof, of another session, or not right at all.
    ("proof-on-nothing", |m| m.proof(SIGNED, "password").evidence = m.manifest.members[0].evidence),
    ("proof-on-nothing", |m| m.proof(SIGNED, "sms_code").kind = "token".into()),
    ("proof-on-nothing", |m| {
        let evidence = m.proof(SIGNED, "password").evidence;
        m.manifest.members.iter_mut().find(|one| one.evidence == evidence).unwrap().created_at = at(31);
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "password").evidence;
        m.rewrite(evidence, b"{}");
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "password").evidence;
        m.retell(evidence, |said| said["password"] = json!("wrong"));
    }),
    ("statement-differs", |m| {
        // A password that is set proves nothing once there is one.
        let evidence = m.proof(SIGNED, "password").evidence;
        m.retell(evidence, |said| said["password"] = json!("set"));
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "password").evidence;
        m.retell(evidence, |said| said["operation"] = json!("sign_in"));
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(REGISTERED, "password").evidence;
        m.retell(evidence, |said| said["object"] = json!(Sha256::of(b"another").to_string()));
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "sms_code").evidence;
        m.retell(evidence, |said| said["session"] = json!(id(404)));
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "sms_code").evidence;
        m.retell(evidence, |said| said["code"] = json!("wrong"));
    }),
    ("statement-differs", |m| {
        let evidence = m.proof(SIGNED, "sms_code").evidence;
        m.retell(evidence, |said| drop(said.as_object_mut().unwrap().remove("challenge")));
    }),
    // The face.
    ("statement-differs", |m| {
        let said = face(m, SIGNED);
        m.remove(said);
    }),
    ("statement-differs", |m| {
        let said = face(m, SIGNED);
        m.retell(said, |said| said["iin"] = json!("900505400777"));
    }),
    ("statement-differs", |m| m.manifest.people[0].iin = "900505400777".into()),
    ("statement-differs", |m| {
        let said = face(m, SIGNED);
        m.retell(said, |said| said["face"] = json!("differs"));
    }),
    ("proof-without-answer", |m| m.manifest.inquiries.retain(|one| one.port != "idec")),
    ("proof-without-answer", |m| {
        // The answer about another photo.
        let (said, other) = (face(m, SIGNED), photo(m, REGISTERED));
        m.retell(said, |said| said["photo"] = json!(other));
        m.manifest.members.iter_mut().find(|one| one.evidence == other).unwrap().subject = id(PERSON);
    }),
    ("answer-against", |m| {
        let photo = photo(m, SIGNED);
        let asked = m.manifest.inquiries.iter_mut().find(|one| one.object == photo).unwrap();
        asked.meaning.as_mut().unwrap()["same_face"] = json!(false);
    }),
    ("photo-missing", |m| {
        let photo = photo(m, SIGNED);
        m.remove(photo);
    }),
    ("photo-missing", |m| {
        let photo = photo(m, SIGNED);
        let original = m.belonging(photo, "photo:original");
        m.remove(original);
    }),
    ("photo-missing", |m| {
        let photo = photo(m, SIGNED);
        m.manifest.members.iter_mut().find(|one| one.evidence == photo).unwrap().subject = id(REGISTRATION);
    }),
    ("challenge-reused", |m| {
        // The photo of the registration, shown again.
        let (first, second) = (photo(m, REGISTERED), photo(m, SIGNED));
        let place = m.manifest.members.iter().position(|one| one.evidence == first).unwrap();
        m.rewrite(second, &m.contents[place].clone());
    }),
    // Codes.
    ("challenge-missing", |m| m.manifest.challenges.clear()),
    ("challenge-foreign", |m| m.manifest.challenges[0].session = Some(id(404))),
    ("challenge-foreign", |m| m.manifest.challenges[0].operation = "sign_in".into()),
    ("challenge-foreign", |m| m.manifest.challenges[0].subject = id(404)),
    ("challenge-foreign", |m| m.manifest.challenges[0].object_sha256 = Sha256::of(b"another")),
    ("challenge-not-passed", |m| m.manifest.challenges[0].passed_at = None),
    ("challenge-not-passed", |m| m.manifest.challenges[0].tries = 0),
    ("challenge-not-passed", |m| {
        let sent = &mut m.manifest.challenges[0];
        sent.passed_at = Some(sent.expires_at + SignedDuration::from_secs(1));
    }),
    ("challenge-reused", |m| {
        let code = m.proof(SIGNED, "sms_code").evidence;
        let place = m.manifest.members.iter().position(|one| one.evidence == code).unwrap();
        let said = m.contents[place].clone();
        let again = m.put("proof:sms-code", PERSON, None, "application/json", &said, at(25));
        m.prove(SIGNED, "sms_code", again, at(25));
    }),
    // Answers.
    ("inquiry-twice", |m| {
        let mut twice = m.manifest.inquiries[0].clone();
        twice.id = id(404);
        m.manifest.inquiries.push(twice);
    }),
    ("answer-foreign", |m| m.manifest.inquiries[0].object = id(404)),
    ("answer-foreign", |m| m.manifest.inquiries[0].answered_at = Some(at(-600))),
    ("answer-foreign", |m| m.manifest.inquiries[0].state = "sent".into()),
    ("answer-missing", |m| m.manifest.inquiries.retain(|one| one.port != "credit-bureau")),
    ("answer-missing", |m| m.manifest.inquiries.retain(|one| one.port != "terrorist-list")),
    ("answer-missing", |m| m.manifest.inquiries.retain(|one| one.port != "phone-register")),
    ("answer-missing", |m| {
        let asked = m.manifest.inquiries.iter_mut().find(|one| one.port == "terrorist-list").unwrap();
        asked.answered_at = Some(at(31));
    }),
    ("answer-missing", |m| {
        // About somebody else.
        let asked = m.manifest.inquiries.iter().find(|one| one.port == "terrorist-list").unwrap().evidence;
        m.manifest.members.iter_mut().find(|one| Some(one.evidence) == asked).unwrap().subject =
            id(REGISTRATION);
    }),
    ("answer-against", |m| {
        let asked = m.manifest.inquiries.iter_mut().find(|one| one.port == "terrorist-list").unwrap();
        asked.meaning = Some(json!(true));
    }),
    ("answer-against", |m| {
        let asked = m.manifest.inquiries.iter_mut().find(|one| one.port == "credit-bureau").unwrap();
        asked.meaning = Some(json!({ "voluntary_refusal": true }));
    }),
    ("answer-against", |m| {
        let asked = m.manifest.inquiries.iter_mut().find(|one| one.port == "phone-register").unwrap();
        asked.meaning = Some(json!(false));
    }),
    // What was shown.
    ("acknowledgement-missing", |m| m.manifest.acknowledgements.retain(|one| one.kind != "full-cost")),
    ("acknowledgement-missing", |m| {
        m.manifest.acknowledgements.retain(|one| one.kind != "consent:personal-data");
    }),
    ("acknowledgement-missing", |m| {
        m.manifest.acknowledgements.retain(|one| one.kind != "consent:credit-report");
    }),
    ("acknowledgement-missing", |m| acknowledgement(m, "full-cost").object = id(404)),
    ("acknowledgement-missing", |m| {
        let other = acknowledgement(m, "lending-rules").evidence;
        acknowledgement(m, "full-cost").evidence = other;
    }),
    ("acknowledgement-late", |m| acknowledgement(m, "full-cost").created_at = at(31)),
    ("acknowledgement-late", |m| acknowledgement(m, "consent:credit-report").created_at = at(21)),
    // The trail.
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "agreement.signed")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "client.registered")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "confirmed")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "proof.given")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "code.sent")),
    ("trail-incomplete", |m| {
        let mut twice = m.told("confirmed", SIGNED).clone();
        twice.id = id(404);
        m.manifest.events.push(twice);
    }),
    ("trail-differs", |m| {
        let event = m.told("confirmed", SIGNED);
        event.payload = event.payload.replace("\"sign_contract\"", "\"sign_in\"");
    }),
    ("trail-differs", |m| m.told("confirmed", SIGNED).at = at(29)),
    ("trail-differs", |m| m.told("confirmed", SIGNED).actor = Some(id(404))),
    ("trail-differs", |m| m.told("agreement.signed", AGREEMENT).at = at(31)),
    ("trail-differs", |m| {
        let event = m.told("agreement.signed", AGREEMENT);
        event.payload = event.payload.replace(&id(4).to_string(), &id(404).to_string());
    }),
    ("trail-differs", |m| m.manifest.agreement.number = "ММ-2".into()),
    ("trail-differs", |m| {
        let event = m.told("agreement.signed", AGREEMENT);
        event.payload = event.payload.replace("\"number\":\"ММ-1\",", "");
    }),
    ("trail-differs", |m| m.told("client.registered", PERSON).payload = "{}".into()),
    ("effect-apart", |m| m.told("agreement.signed", AGREEMENT).transaction = "404".into()),
    ("effect-apart", |m| m.told("client.registered", PERSON).transaction = "404".into()),
];

/// Of a legal entity's agreement with an amendment.
const OF_AN_ENTITY: &[(&str, Spoil)] = &[
    ("power-missing", |m| m.manifest.powers.clear()),
    ("power-missing", |m| m.manifest.agreement.paper.power = None),
    ("power-missing", |m| m.manifest.amendments[0].paper.power = Some(id(404))),
    ("power-missing", |m| m.manifest.party.entity = None),
    ("record-stray", |m| {
        let mut another = power(m).clone();
        another.id = id(404);
        m.manifest.powers.push(another);
    }),
    ("power-foreign", |m| m.manifest.party.entity.as_mut().unwrap().bin = "990940000015".into()),
    ("power-foreign", |m| reconfirmed(m, |power| power.claim.bin = "990940000015".into())),
    ("power-foreign", |m| power(m).given_at = at(-21)),
    ("person-missing", |m| power(m).person = id(404)),
    ("name-differs", |m| m.manifest.party.entity.as_mut().unwrap().name = "ТОО «Басқа»".into()),
    // Who was no client yet.
    ("registration-late", |m| confirmation(m, REGISTERED).created_at = at(-19)),
    ("registration-late", |m| m.told("entity.registered", ENTITY).at = at(-9)),
    // What the person stood for is what they may.
    ("confirmation-foreign", |m| power(m).claim.number = "2-к".into()),
    ("confirmation-foreign", |m| power(m).claim.valid_until = Some("2027-01-10".parse().unwrap())),
    ("confirmation-foreign", |m| power(m).claim.name = "ТОО «Басқа»".into()),
    ("registration-missing", |m| m.manifest.confirmations.retain(|one| one.id != id(CLAIMED))),
    // It was in force.
    ("power-not-in-force", |m| reconfirmed(m, |power| power.claim.dated = "2026-02-03".parse().unwrap())),
    ("power-not-in-force", |m| {
        reconfirmed(m, |power| power.claim.valid_until = Some("2026-02-01".parse().unwrap()));
    }),
    ("power-not-in-force", |m| reconfirmed(m, |power| power.claim.role = "signer".into())),
    ("power-not-in-force", |m| reconfirmed(m, |power| power.claim.basis = "rumour".into())),
    ("power-not-in-force", |m| power(m).ended_at = Some(at(30))),
    ("power-not-in-force", |m| power(m).given_at = at(31)),
    ("power-narrow", |m| {
        reconfirmed(m, |power| {
            let claim = &mut power.claim;
            (claim.role, claim.basis) = ("applicant".into(), "power-of-attorney".into());
            claim.valid_until = Some("2027-01-10".parse().unwrap());
        });
    }),
    // By the document that was read.
    ("evidence-missing", |m| m.remove(m.manifest.powers[0].scan.evidence)),
    ("scan-differs", |m| m.rewrite(m.manifest.powers[0].scan.evidence, b"%PDF-1.4 another order")),
    ("scan-differs", |m| reconfirmed(m, |power| power.claim.scan_sha256 = Sha256::of(b"another"))),
    ("scan-differs", |m| power(m).scan.evidence = m.manifest.agreement.paper.evidence),
    ("scan-differs", |m| power(m).scan.taken_at = at(-19)),
    ("scan-verdict", |m| power(m).scan.verdict = "infected".into()),
    ("scan-verdict", |m| power(m).scan.signatures = None),
    // The trail of it.
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "upload.taken")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "authority.given")),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "entity.registered")),
    ("trail-incomplete", |m| {
        m.manifest.events.retain(|one| one.action != "entity.registration-confirmed");
    }),
    ("trail-differs", |m| {
        (power(m).scan.verdict, power(m).scan.signatures) = ("not-scanned".into(), None);
    }),
    ("trail-differs", |m| m.told("authority.given", POWER).actor_kind = "client".into()),
    ("trail-differs", |m| m.told("authority.given", POWER).at = at(-11)),
    ("trail-differs", |m| m.told("agreement.signed", AGREEMENT).power = None),
    ("trail-differs", |m| power(m).ended_at = Some(at(90))),
    ("effect-apart", |m| {
        let event = m.manifest.events.iter_mut().find(|one| one.action == "entity.registration-confirmed");
        event.unwrap().transaction = "404".into();
    }),
    // The live challenge of the claim's face.
    ("liveness-differs", |m| {
        let record = m.belonging(id(901), "liveness");
        m.remove(record);
    }),
    ("liveness-differs", |m| {
        let record = m.belonging(id(901), "liveness");
        m.retell(record, |said| said["ended"] = json!("broken"));
    }),
    ("liveness-differs", |m| {
        let record = m.belonging(id(901), "liveness");
        m.retell(record, |said| said["object"] = json!(Sha256::of(b"another").to_string()));
    }),
    ("liveness-differs", |m| {
        let record = m.belonging(id(901), "liveness");
        m.retell(record, |said| said["result"]["photo"] = json!(Sha256::of(b"another").to_string()));
    }),
    ("liveness-differs", |m| {
        // As if the photo had come from a file.
        let photo = photo(m, CLAIMED);
        m.manifest.members.iter_mut().find(|one| one.evidence == photo).unwrap().object = None;
    }),
    // The face that a provider saw.
    ("photo-missing", |m| {
        let photo = m.belonging(id(902), "photo");
        m.manifest.members.iter_mut().find(|one| one.evidence == photo).unwrap().object = Some(id(404));
    }),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "hosted-face.ended")),
    ("trail-differs", |m| {
        let event = m.told("hosted-face.ended", 902);
        event.payload = event.payload.replace("true", "false");
    }),
    ("trail-differs", |m| {
        let event = m.told("hosted-face.ended", 902);
        event.payload = event.payload.replace(&id(PERSON).to_string(), &id(404).to_string());
    }),
    // A token's code counts once.
    ("challenge-reused", |m| {
        let code = m.proof(AMENDED, "token").evidence;
        m.retell(code, |said| said["moment"] = json!(41));
    }),
    // The amendment.
    ("amendment-order", |m| m.manifest.amendments[0].number = 2),
    ("amendment-order", |m| m.manifest.amendments[0].paper.concluded_at = at(29)),
    ("record-stray", |m| m.manifest.amendments.clear()),
    ("record-twice", |m| {
        let mut another = m.manifest.amendments[0].clone();
        another.number = 2;
        another.paper.id = id(404);
        m.manifest.amendments.push(another);
    }),
    ("document-differs", |m| {
        m.manifest.amendments[0].paper.evidence = m.manifest.agreement.paper.evidence;
    }),
    ("date-differs", |m| m.manifest.amendments[0].paper.dated = "2026-02-01".parse().unwrap()),
    ("rule-set-differs", |m| m.manifest.amendments[0].paper.rule_set = "2026-03-18".into()),
    ("confirmation-foreign", |m| m.manifest.amendments[0].paper.sha256 = Sha256::of(b"another")),
    ("confirmation-foreign", |m| {
        // The agreement, confirmed once, as an amendment of itself.
        let (agreement, amendment) = (&m.manifest.agreement, &mut m.manifest.amendments[0]);
        amendment.paper.sha256 = agreement.paper.sha256;
        amendment.paper.evidence = agreement.paper.evidence;
    }),
    ("confirmation-missing", |m| m.manifest.confirmations.retain(|one| one.id != id(AMENDED))),
    ("methods-insufficient", |m| {
        m.manifest.proofs.retain(|one| one.confirmation != id(AMENDED) || one.kind != "token");
    }),
    ("acknowledgement-missing", |m| {
        let amended = m.manifest.amendments[0].paper.offer;
        m.manifest.acknowledgements.retain(|one| one.object != amended);
    }),
    ("trail-incomplete", |m| m.manifest.events.retain(|one| one.action != "amendment.concluded")),
    ("trail-differs", |m| {
        let event = m.manifest.events.iter_mut().find(|one| one.action == "amendment.concluded").unwrap();
        event.payload = event.payload.replace(&id(AGREEMENT).to_string(), &id(404).to_string());
    }),
    ("effect-apart", |m| {
        let event = m.manifest.events.iter_mut().find(|one| one.action == "amendment.concluded").unwrap();
        event.transaction = "404".into();
    }),
];

/// Proves [`lending::law::CL_11`], [`lending::law::CL_9_A`], [`lending::law::CL_6_B`] and [`lending::law::CL_6_D`]:
/// whatever of the records is otherwise than the Rules ask is noticed, and it is said what.
#[test]
fn every_way_in_which_records_can_lie_has_its_own_reason() {
    assert_eq!(Made::new().reasons(), Vec::<&str>::new());
    assert_eq!(Made::entity().reasons(), Vec::<&str>::new());
    let individual = OF_AN_INDIVIDUAL.iter().map(|case| (Made::new as fn() -> Made, case));
    let entity = OF_AN_ENTITY.iter().map(|case| (Made::entity as fn() -> Made, case));
    let mut wrong = Vec::new();
    for (place, (make, (expected, spoil))) in individual.chain(entity).enumerate() {
        let mut made = make();
        spoil(&mut made);
        let reasons = made.reasons();
        if !reasons.contains(expected) {
            wrong.push(format!("{place}: {expected} is not in {reasons:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_reason_that_records_can_give_lacks_a_case() {
    let given = |reason: &&Reason| {
        let cases = OF_AN_INDIVIDUAL.iter().chain(OF_AN_ENTITY);
        let elsewhere = reason.code().starts_with("signature-") || **reason < Reason::RecordTwice;
        elsewhere || cases.into_iter().any(|(code, _)| *code == reason.code())
    };
    let lacking: Vec<_> = Reason::ALL.iter().filter(|reason| !given(reason)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

/// Proves [`lending::law::CL_9_A`]: an amendment asks for two methods, and for no face among them; an individual's needs
/// no power.
#[test]
fn an_individuals_amendment_is_judged_as_the_agreement_is() {
    let mut made = Made::new();
    made.amend();
    assert_eq!(made.reasons(), Vec::<&str>::new());
    let report = made.judged();
    assert!(report.to_string().contains("amendment 1 of 2026-02-02T06:10:00Z"), "{report}");
    let mut of_another = made.clone();
    of_another.manifest.amendments[0].paper.power = Some(id(POWER));
    assert!(of_another.reasons().contains(&"power-missing"));
}

/// Everything of the agreement's conclusion, at another time.
fn concluded_at(made: &mut Made, then: &str) {
    let then = then.parse().unwrap();
    made.manifest.agreement.paper.concluded_at = then;
    confirmation(made, SIGNED).created_at = then;
    made.told("confirmed", SIGNED).at = then;
    made.told("agreement.signed", AGREEMENT).at = then;
}

/// Proves [`lending::law::CL_9_A`]: a paper is of the day on which it was concluded, in Kazakhstan.
#[test]
fn a_paper_is_dated_the_day_on_which_it_was_concluded() {
    let mut made = Made::new();
    concluded_at(&mut made, "2026-02-02T18:59:59Z");
    assert_eq!(made.reasons(), Vec::<&str>::new());
    concluded_at(&mut made, "2026-02-02T19:00:00Z");
    assert_eq!(made.reasons(), ["date-differs"]);
    made.manifest.agreement.paper.dated = "2026-02-03".parse().unwrap();
    assert_eq!(made.reasons(), Vec::<&str>::new());
    concluded_at(&mut made, "2026-03-18T05:00:00Z");
    made.manifest.agreement.paper.dated = "2026-03-18".parse().unwrap();
    assert_eq!(made.reasons(), ["rule-set-differs"], "the set of January ended the day before");
}

/// Proves [`lending::law::CL_6_D`] and [`lending::law::CL_9_A`]: whoever was registered after the agreement did not
/// conclude it, although all records of the registration fit each other.
#[test]
fn who_was_registered_after_the_agreement_did_not_conclude_it() {
    let registered_at = |then| {
        let mut made = Made::new();
        confirmation(&mut made, REGISTERED).created_at = then;
        for (action, object) in [("confirmed", REGISTERED), ("client.registered", PERSON)] {
            made.told(action, object).at = then;
        }
        made.reasons()
    };
    assert_eq!(registered_at(at(30)), Vec::<&str>::new());
    assert_eq!(registered_at(at(31)), ["registration-late"]);
}

/// Who signs may have come later than the one by whose claim the entity became a client: that claim is not in the bundle,
/// so the entity's name is compared with none.
#[test]
fn an_entitys_name_is_compared_with_the_claim_by_which_it_became_a_client_and_with_no_other() {
    let mut made = Made::entity();
    made.manifest.party.entity.as_mut().unwrap().name = "Береке, ТОО".into();
    assert_eq!(made.reasons(), ["name-differs"]);
    made.told("entity.registered", ENTITY).payload = json!({ "registration": id(404) }).to_string();
    assert_eq!(made.reasons(), Vec::<&str>::new());
    assert!(made.judged().to_string().contains("only where that claim is here"));
}

#[test]
fn a_report_says_by_what_each_operation_was_confirmed_and_what_no_bundle_shows() {
    let report = Made::new().judged();
    let said = report.to_string();
    assert!(said.starts_with("VALID\n"), "{said}");
    assert!(
        said.contains("sign_contract confirmed 2026-02-02T05:30:00Z by BiometricIdentification + TwoFactor"),
        "{said}"
    );
    assert!(said.contains("not sealed yet"), "{said}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["confirmations"][1]["methods"][0], "biometric_identification");
    let mut spoilt = Made::new();
    spoilt.manifest.proofs.clear();
    assert!(spoilt.judged().to_string().contains("methods-insufficient"));

    let report = Made::entity().judged();
    let power = report.agreement.as_ref().unwrap().power.as_ref().unwrap();
    assert!(power.scan_is_clean && power.valid_until.is_none());
    let said = report.to_string();
    assert!(
        said.contains("by a head from 2026-01-10 until it is ended; the document was found clean"),
        "{said}"
    );
}

/// Nothing of what is secret or personal goes into a failure: it may be printed into a log.
#[test]
fn a_failure_repeats_nothing_of_the_content() {
    let mut made = Made::entity();
    made.manifest.proofs[0].kind = "880101300123".into();
    made.manifest.powers[0].claim.role = "880101300123".into();
    for failure in made.judged().failures {
        for personal in ["880101300123", BIN, "Серікова", "Береке", "1-к"] {
            assert!(!failure.to_string().contains(personal), "{failure}");
        }
    }
}
