//! Papers and claims signed digitally: judged by crate `eds` as they were when they were given, with all that was kept
//! beside the signature.

use bundle::{Report, manifest::Sha256, verify};
use eds::{
    Family, SignedMessage,
    audit::File,
    testing::{Authority, Holder, Profile, Says, sign_together},
};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

use crate::made::{
    AMENDED, AMENDED_DOCUMENT, BIN, CLAIMED, DOCUMENT, IIN, Made, PERSON, REGISTERED, REGISTRATION, SIGNED,
    at, id,
};

const NONCE: &[u8] = b"sixteen letters.";
const STATEMENT: u128 = 700;

/// A digital signature instead of the password and the code that confirmed something.
struct Signed {
    made: Made,
    authority: Authority,
    holder: Holder,
    signature: Uuid,
    minute: i64,
}

/// What stands behind what is signed.
fn statement(operation: &str, object: &str) -> String {
    format!(
        "I sign.\n\nNesie-Statement: 1\nOperation: {operation}\nObject-SHA256: {object}\nStatement: {}\nRandom: {}\n",
        id(STATEMENT),
        "0f".repeat(32)
    )
}

/// A paper's bytes with that statement behind them.
fn behind(document: &[u8], statement: &str) -> Vec<u8> {
    let lines: String = statement.lines().map(|line| format!("% {line}\n")).collect();
    [document, lines.as_bytes()].concat()
}

/// What is signed to confirm something, with the right statement.
fn to_sign(made: &Made, confirmation: u128) -> Vec<u8> {
    let of = made.manifest.confirmations.iter().find(|one| one.id == id(confirmation)).unwrap();
    let statement = statement(&of.operation, &of.object_sha256.to_string());
    match confirmation {
        SIGNED => behind(DOCUMENT, &statement),
        AMENDED => behind(AMENDED_DOCUMENT, &statement),
        _ => statement.into_bytes(),
    }
}

impl Signed {
    /// By who has this profile, for this confirmation; nobody was asked yet whether it was revoked.
    fn new(family: Family, made: Made, confirmation: u128, profile: &Profile) -> Self {
        let content = to_sign(&made, confirmation);
        Self::over(family, made, confirmation, profile, &content)
    }

    fn over(family: Family, mut made: Made, confirmation: u128, profile: &Profile, content: &[u8]) -> Self {
        let authority = Authority::new(family, "ours", at(0));
        let holder = authority.issue(profile, "client");
        let minute = match confirmation {
            SIGNED => 25,
            AMENDED => 65,
            REGISTERED => -56,
            _ => -22,
        };
        let message = holder.sign(content, false, at(minute), Some(&authority));
        let face = "biometric_identification";
        made.manifest.proofs.retain(|one| one.confirmation != id(confirmation) || one.kind == face);
        let subject = if confirmation == REGISTERED { REGISTRATION } else { PERSON };
        let signature =
            made.put("signature", subject, Some(STATEMENT), "application/cms", &message, at(minute));
        let hangs = Some(signature.as_u128());
        made.put("signature:content", subject, hangs, "application/pdf", content, at(minute));
        let nonce: String = NONCE.iter().map(|byte| format!("{byte:02x}")).collect();
        let said = json!({ "signature": "holds", "statement": id(STATEMENT), "nonce": nonce,
            "judged_at": at(minute).to_string() });
        made.witness(confirmation, "signature:verdict", Some(signature), said, at(minute));
        made.prove(confirmation, "digital_signature", signature, at(minute));
        Self { made, authority, holder, signature, minute }
    }

    /// What the authority answered is kept.
    fn kept(mut self, kind: &str, bytes: &[u8]) -> Self {
        self.made.put(
            kind,
            PERSON,
            Some(self.signature.as_u128()),
            "application/octet-stream",
            bytes,
            at(self.minute),
        );
        self
    }

    fn answered(self, says: Says) -> Self {
        let answer =
            self.authority.answer_bytes(&self.holder.certificate, says, at(self.minute), Some(NONCE));
        self.kept("answer:ocsp", &answer)
    }

    /// Signed again, by who has no time-stamp.
    fn unstamped(mut self) -> Self {
        let content = to_sign(&self.made, SIGNED);
        let message = self.holder.sign(&content, false, at(self.minute), None);
        self.made.rewrite(self.signature, &message);
        self
    }

    /// A time-stamp of the signature, beside it.
    fn stamped(self, by: &Authority, minute: i64) -> Self {
        let place = self.made.manifest.members.iter().position(|one| one.evidence == self.signature).unwrap();
        let message = SignedMessage::read(&self.made.contents[place]).unwrap();
        let (value, _) = message.signatures().next().unwrap();
        let stamp = by.time_stamp_response(value, at(minute));
        self.kept("answer:tsp", &stamp)
    }

    fn listed(self) -> Self {
        let list = self.authority.list_bytes(1, None, at(self.minute), &[]);
        self.kept("signature:list", &list)
    }

    fn report(&self) -> Report {
        let file = |name: &str, bytes: &[u8]| File { name: name.into(), bytes: bytes.to_vec() };
        let root = self.authority.root();
        let (from, until) = root.validity();
        let fingerprint: String = root.fingerprint().to_string();
        let anchors = format!("{fingerprint} {from} {until}\n");
        let trust = [
            file("root.cer", root.der()),
            file("issuing.cer", self.authority.issuing().der()),
            file(eds::audit::ANCHORS_FILE, anchors.as_bytes()),
        ];
        verify(&self.made.file(), Some(&trust))
    }

    fn reasons(&self) -> Vec<&'static str> {
        self.report().failures.iter().map(|failure| failure.reason.code()).collect()
    }

    fn proof(&mut self) -> &mut bundle::manifest::Proof {
        self.made.manifest.proofs.last_mut().unwrap()
    }
}

fn individual(family: Family) -> Signed {
    Signed::new(family, Made::new(), SIGNED, &Profile::individual(IIN))
}

const NOTHING: [&str; 0] = [];

/// Proves [`lending::law::CL_35_1`]: the signature is over the agreement, by the client, under a known authority.
#[test]
fn a_digital_signature_is_checked_over_the_agreements_bytes_without_any_server() {
    for family in [Family::Gost2015, Family::Rsa] {
        let signed = individual(family).answered(Says::Good);
        let report = signed.report();
        assert!(report.valid && report.signatures.len() == 1, "{family:?}: {report}");
    }
    let by =
        |profile: Profile| Signed::new(Family::Gost2015, Made::new(), SIGNED, &profile).answered(Says::Good);
    for (what, bad, expected) in [
        ("no answer about revocation", individual(Family::Gost2015), "signature-invalid"),
        (
            "a revoked certificate",
            individual(Family::Gost2015).answered(Says::Revoked(at(-9))),
            "signature-invalid",
        ),
        ("another person", by(Profile::individual("900505400777")), "signature-of-another"),
        ("their key as a head", by(Profile::head(BIN, IIN)), "signature-of-another"),
    ] {
        assert_eq!(bad.reasons(), [expected], "{what}");
    }
    let foreign = individual(Family::Gost2015).answered(Says::Good);
    let report = verify(&foreign.made.file(), None);
    assert_eq!(report.failures[0].reason.code(), "signature-invalid", "an authority that nobody trusts");
}

/// Proves [`lending::law::CL_35_1`]: what the server took because the lists said it was not revoked is not refused because
/// a responder said nothing useful; and what it would not have taken is not believed.
#[test]
fn a_signature_is_judged_as_it_was_when_it_was_given() {
    let signed = || individual(Family::Gost2015);
    let stale = |signed: Signed| {
        let then = at(25) - SignedDuration::from_hours(1);
        let answer = signed.authority.answer_bytes(&signed.holder.certificate, Says::Good, then, Some(NONCE));
        signed.kept("answer:ocsp", &answer)
    };
    let replayed = |signed: Signed| {
        let answer =
            signed.authority.answer_bytes(&signed.holder.certificate, Says::Good, at(25), Some(b"another"));
        signed.kept("answer:ocsp", &answer)
    };
    // "Try later" (RFC 6960 §4.2.1): an answer without bytes.
    let later = |signed: Signed| signed.kept("answer:ocsp", &[0x30, 0x03, 0x0a, 0x01, 0x03]);
    let stranger = |signed: Signed| {
        let other = Authority::new(Family::Gost2015, "another", at(0));
        let answer = other.answer_bytes(&signed.holder.certificate, Says::Good, at(25), Some(NONCE));
        signed.kept("answer:ocsp", &answer)
    };
    for (what, silent) in [
        ("try later", later(signed())),
        ("garbage", signed().kept("answer:ocsp", b"<html>")),
        ("an old answer", stale(signed())),
        ("somebody else's answer", stranger(signed())),
        ("an answer to another question", replayed(signed())),
    ] {
        assert_eq!(silent.reasons(), ["signature-invalid"], "{what}");
    }
    for (what, listed) in [
        ("nobody answered", signed().listed()),
        ("try later", later(signed()).listed()),
        ("garbage", signed().kept("answer:ocsp", b"<html>").listed()),
        ("an old answer", stale(signed()).listed()),
        ("somebody else's answer", stranger(signed()).listed()),
        ("an answer to another question", replayed(signed()).listed()),
        ("garbage for a stamp", signed().kept("answer:tsp", b"<html>").listed()),
    ] {
        assert_eq!(listed.reasons(), NOTHING, "{what}");
    }
    for says in [Says::Revoked(at(-9)), Says::OnHold(at(-9)), Says::Unknown] {
        assert_eq!(signed().answered(says).listed().reasons(), ["signature-invalid"]);
    }
    // A stamp beside a signature that has none of its own, and one of something else.
    let other = signed();
    let stamp = other.authority.time_stamp_response(b"something else", at(25));
    assert_eq!(other.kept("answer:tsp", &stamp).listed().reasons(), NOTHING);
    // The instant of the judgement is near the proof's.
    for minutes in [-11, 1] {
        let mut moved = signed().answered(Says::Good);
        let verdict = moved.made.belonging(moved.signature, "signature:verdict");
        moved.made.retell(verdict, |said| said["judged_at"] = json!(at(25 + minutes).to_string()));
        assert!(moved.reasons().contains(&"statement-differs"), "{minutes} minutes");
    }
}

/// Proves [`lending::law::CL_35_1`]: whoever keeps the verdict cannot date a signature before its certificate was revoked
/// while a time-stamp says otherwise.
#[test]
fn a_time_stamp_of_the_signature_that_does_not_hold_is_not_passed_over() {
    let signed = || individual(Family::Gost2015).unstamped();
    let stamped = |by: &Authority, minute| signed().stamped(by, minute).listed().reasons();
    let ours = signed().authority;
    let stranger = Authority::new(Family::Gost2015, "another", at(0));
    assert_eq!(signed().listed().reasons(), NOTHING, "no stamp: the organization's word");
    assert_eq!(stamped(&ours, 25), NOTHING);
    assert_eq!(stamped(&ours, 30), NOTHING, "by a clock that is five minutes ahead");
    // Revoked in between, signed with the stolen key a month later, said to be of before; with the list of before.
    assert_eq!(stamped(&ours, 30 * 24 * 60), ["signature-invalid"]);
    assert_eq!(stamped(&ours, 31), ["signature-invalid"]);
    assert_eq!(stamped(&stranger, 25), ["signature-invalid"]);
    let answered = signed().stamped(&ours, 30 * 24 * 60).answered(Says::Good);
    assert_eq!(answered.reasons(), ["signature-invalid"]);
    let both = signed().stamped(&ours, 25).stamped(&ours, 30 * 24 * 60).listed();
    assert_eq!(both.reasons(), ["signature-invalid"], "one that holds does not outweigh it");
    let report = signed().listed().report().to_string();
    assert!(
        report.contains("Without a time-stamp, the time of a digital signature is that word"),
        "{report}"
    );
}

/// Proves [`lending::law::CL_35_1`] and [`lending::law::CL_6_B`]: an entity is bound by its own certificate, in the hand
/// of who has the power; and who asks for a power that signs nothing signs as themselves.
#[test]
fn an_entitys_papers_are_signed_with_its_certificate_by_the_one_who_has_the_power() {
    let signed = |confirmation: u128, profile: Profile| {
        Signed::new(Family::Gost2015, Made::entity(), confirmation, &profile).answered(Says::Good).reasons()
    };
    let of_another = ["signature-of-another"];
    for confirmation in [SIGNED, AMENDED, CLAIMED] {
        assert_eq!(signed(confirmation, Profile::head(BIN, IIN)), NOTHING, "{confirmation}");
        assert_eq!(signed(confirmation, Profile::with_right_to_sign(BIN, IIN)), NOTHING, "{confirmation}");
        for bad in [
            Profile::individual(IIN),
            Profile::employee(BIN, IIN),
            Profile::head("990940000015", IIN),
            Profile::head(BIN, "900505400777"),
        ] {
            assert_eq!(signed(confirmation, bad), of_another, "{confirmation}");
        }
    }
    assert_eq!(signed(REGISTERED, Profile::individual(IIN)), NOTHING);
    assert_eq!(signed(REGISTERED, Profile::head(BIN, IIN)), of_another, "a person registers as a person");
}

#[test]
fn a_signature_that_is_none_is_told_apart_from_one_that_does_not_hold() {
    let mut bad = individual(Family::Gost2015).answered(Says::Good);
    bad.made.rewrite(bad.signature, b"garbage");
    assert_eq!(bad.reasons(), ["signature-unreadable"]);

    // Two people on one statement: nobody's business here.
    let mut both = individual(Family::Gost2015).answered(Says::Good);
    let second = both.authority.issue(&Profile::individual("900505400777"), "second");
    let content = to_sign(&both.made, SIGNED);
    let message = sign_together(&[&both.holder, &second], &content, false, at(25), Some(&both.authority));
    both.made.rewrite(both.signature, &message);
    let answer = both.authority.answer_bytes(&second.certificate, Says::Good, at(25), Some(NONCE));
    assert_eq!(both.kept("answer:ocsp", &answer).reasons(), ["signature-of-another"]);
}

/// Proves [`lending::law::CL_11`]. What a client signs here: the agreement with a statement behind it, kept beside the
/// signature with what was found.
#[test]
fn a_signed_copy_must_be_the_agreement_and_state_what_it_is_for() {
    let said = statement("sign_contract", &Sha256::of(DOCUMENT).to_string());
    let changed = |from: &str, to: &str| behind(DOCUMENT, &said.replace(from, to));
    for (what, content) in [
        ("the agreement alone", DOCUMENT.to_vec()),
        ("the statement alone", said.clone().into_bytes()),
        ("another document", behind(b"%PDF another\n", &said)),
        ("another operation", changed("sign_contract", "change_phone")),
        ("another object", changed("Object", "Other")),
        ("another statement", changed(&id(STATEMENT).to_string(), &id(404).to_string())),
        ("nothing at random", changed(&"0f".repeat(32), "1")),
        ("more behind it", behind(DOCUMENT, &format!("{said}I sign nothing.\n"))),
        ("two statements", behind(DOCUMENT, &format!("{said}{}", said.replace("sign_contract", "sign_in")))),
    ] {
        let over = |content: &[u8]| {
            Signed::over(Family::Gost2015, Made::new(), SIGNED, &Profile::individual(IIN), content)
        };
        assert_eq!(over(&content).answered(Says::Good).reasons(), ["signature-of-other"], "{what}");
    }

    let mut without = individual(Family::Gost2015).answered(Says::Good);
    let content = without.made.belonging(without.signature, "signature:content");
    without.made.remove(content);
    assert_eq!(without.reasons(), ["signature-of-other"]);

    let mut unfound = individual(Family::Gost2015).answered(Says::Good);
    let verdict = unfound.made.belonging(unfound.signature, "signature:verdict");
    unfound.made.remove(verdict);
    assert!(unfound.reasons().contains(&"statement-differs"));

    let mut refused = individual(Family::Gost2015).answered(Says::Good);
    let verdict = refused.made.belonging(refused.signature, "signature:verdict");
    refused.made.retell(verdict, |said| said["signature"] = json!("refused"));
    assert_eq!(refused.reasons(), ["statement-differs"]);

    // What was signed in another session.
    let mut elsewhere = individual(Family::Gost2015).answered(Says::Good);
    let verdict = elsewhere.made.belonging(elsewhere.signature, "signature:verdict");
    elsewhere.made.retell(verdict, |said| said["session"] = json!(id(404)));
    assert!(elsewhere.reasons().contains(&"statement-differs"));

    // A picture of a signature.
    let mut picture = individual(Family::Gost2015).answered(Says::Good);
    let photo = picture.made.put("photo", PERSON, None, "image/png", b"a scrawl", at(25));
    picture.proof().evidence = photo;
    assert!(picture.reasons().contains(&"proof-on-nothing"));
}

/// One statement, one signature: signed twice it proves one thing.
#[test]
fn one_statement_confirms_one_thing() {
    let made = individual(Family::Gost2015).answered(Says::Good).made;
    let mut amended = made.clone();
    amended.amend();
    let signed =
        Signed::new(Family::Gost2015, amended, AMENDED, &Profile::individual(IIN)).answered(Says::Good);
    assert_eq!(signed.reasons(), ["challenge-reused"], "the statement of the agreement");
}
