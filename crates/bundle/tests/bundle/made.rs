//! Agreements made up record by record: an individual's and a legal entity's, each with an amendment.

use bundle::{Report, manifest::*, verify, write};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const IIN: &str = "880101300123";
pub(crate) const BIN: &str = "070440003902";

/// A bundle under construction: its manifest and the bytes of its members.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) manifest: Manifest,
    pub(crate) contents: Vec<Vec<u8>>,
}

pub(crate) fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-02-02T05:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) const PERSON: u128 = 1;
pub(crate) const REGISTRATION: u128 = 2;
const APPLICATION: u128 = 3;
const OFFER: u128 = 4;
pub(crate) const AGREEMENT: u128 = 5;
/// The confirmation of the agreement.
pub(crate) const SIGNED: u128 = 6;
/// The confirmation of the person's registration.
pub(crate) const REGISTERED: u128 = 7;
const SESSION: u128 = 8;
const AMENDMENT: u128 = 9;
const AMENDMENT_OFFER: u128 = 10;
/// The confirmation of the amendment.
pub(crate) const AMENDED: u128 = 11;
pub(crate) const ENTITY: u128 = 12;
pub(crate) const POWER: u128 = 13;
const CLAIM: u128 = 14;
const SCAN: u128 = 15;
/// The confirmation of the claim to act for the entity.
pub(crate) const CLAIMED: u128 = 16;
const EMPLOYEE: u128 = 17;
const CARD: u128 = 18;

pub(crate) const DOCUMENT: &[u8] = b"%PDF-1.7 the agreement\n%%EOF\n";
pub(crate) const AMENDED_DOCUMENT: &[u8] = b"%PDF-1.7 the amendment\n%%EOF\n";
pub(crate) const ORDER: &[u8] = b"%PDF-1.4 the order";

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const PDF: &str = "application/pdf";

impl Made {
    /// An individual's agreement, concluded by a face, a password and a code.
    pub(crate) fn new() -> Self {
        Self::concluded(None)
    }

    /// A legal entity's, concluded by its head, and an amendment of it.
    pub(crate) fn entity() -> Self {
        let scan = Scan {
            id: id(SCAN),
            evidence: id(0),
            verdict: "clean".into(),
            signatures: Some("ClamAV 1.4.2/27000".into()),
            taken_at: at(-30),
        };
        let claim = Claim {
            registration: id(CLAIM),
            bin: BIN.into(),
            name: "ТОО «Береке»".into(),
            phone: "+77027654321".into(),
            email: None,
            role: "head".into(),
            basis: "order".into(),
            number: "1-к".into(),
            dated: "2026-01-10".parse().unwrap(),
            valid_until: None,
            scan_sha256: Sha256::of(ORDER),
        };
        let power = Power {
            id: id(POWER),
            person: id(PERSON),
            claim,
            confirmation: id(CLAIMED),
            scan,
            given_at: at(-10),
            ended_at: None,
        };
        let mut made = Self::concluded(Some(power));
        made.amend();
        made
    }

    fn concluded(power: Option<Power>) -> Self {
        let party = if power.is_some() { ENTITY } else { PERSON };
        let entity = power.as_ref().map(|power| Entity { bin: BIN.into(), name: power.claim.name.clone() });
        let paper = Paper {
            id: id(AGREEMENT),
            offer: id(OFFER),
            dated: "2026-02-02".parse().unwrap(),
            rule_set: "2026-01-01".into(),
            sha256: Sha256::of(DOCUMENT),
            evidence: id(0),
            confirmation: id(SIGNED),
            power: power.as_ref().map(|power| power.id),
            concluded_at: at(30),
        };
        let person = Person {
            id: id(PERSON),
            iin: IIN.into(),
            name: "Серікова Айша".into(),
            registration: id(REGISTRATION),
            confirmation: id(REGISTERED),
        };
        let mut made = Self {
            manifest: Manifest {
                format: Format::Two,
                agreement: Agreement { number: "ММ-1".into(), application: id(APPLICATION), paper },
                amendments: Vec::new(),
                party: Party { id: id(party), entity },
                people: vec![person],
                powers: Vec::new(),
                confirmations: Vec::new(),
                proofs: Vec::new(),
                challenges: Vec::new(),
                acknowledgements: Vec::new(),
                inquiries: Vec::new(),
                events: Vec::new(),
                members: Vec::new(),
            },
            contents: Vec::new(),
        };
        made.register();
        if let Some(power) = power {
            made.empower(power);
        }
        made.acknowledge("consent:credit-report", party, APPLICATION, at(15));
        made.inquire("terrorist-list", party, APPLICATION, &json!(false), at(20));
        let report = json!({ "voluntary_refusal": false, "debts": [] });
        made.inquire("credit-bureau", party, APPLICATION, &report, at(20));
        let pdf = made.put("agreement", party, Some(APPLICATION), PDF, DOCUMENT, at(21));
        made.manifest.agreement.paper.evidence = pdf;
        for kind in ["full-cost", "lending-rules", "rights-and-duties"] {
            made.acknowledge(kind, party, OFFER, at(22));
        }
        made.confirm(SIGNED, PERSON, "sign_contract", Sha256::of(DOCUMENT), at(30));
        made.password(SIGNED, "agreed", at(24));
        made.code(SIGNED, at(25));
        made.face(SIGNED, None, at(26));
        let power = made.manifest.agreement.paper.power;
        let told = json!({ "application": id(APPLICATION), "number": "ММ-1", "offer": id(OFFER),
            "confirmation": id(SIGNED), "authority": power });
        made.event("agreement.signed", AGREEMENT, &told, SIGNED, ("client", PERSON, power), at(30));
        made
    }

    fn register(&mut self) {
        for kind in ["consent:electronic-interaction", "consent:personal-data"] {
            self.acknowledge(kind, REGISTRATION, REGISTRATION, at(-60));
        }
        self.inquire("phone-register", REGISTRATION, REGISTRATION, &json!(true), at(-60));
        let object = [b"registration\0".as_slice(), id(REGISTRATION).as_bytes()].concat();
        self.confirm(REGISTERED, REGISTRATION, "registration", Sha256::of(&object), at(-50));
        self.password(REGISTERED, "set", at(-59));
        self.code(REGISTERED, at(-58));
        self.face(REGISTERED, None, at(-57));
        let told = json!({ "registration": id(REGISTRATION), "confirmation": id(REGISTERED) });
        let registrant = ("registrant", REGISTRATION, None);
        self.event("client.registered", PERSON, &told, REGISTERED, registrant, at(-50));
    }

    fn empower(&mut self, mut power: Power) {
        power.scan.evidence = self.put("upload:original", PERSON, None, PDF, ORDER, at(-30));
        let (object, scan) = (power.claim.object().unwrap(), power.scan.clone());
        self.manifest.powers.push(power);
        let person = ("client", PERSON, None);
        let told = json!({ "media_type": PDF, "verdict": scan.verdict, "signatures": scan.signatures });
        self.event("upload.taken", SCAN, &told, 0, person, at(-30));
        self.confirm(CLAIMED, PERSON, "registration", object, at(-20));
        self.face(CLAIMED, Some(901), at(-25));
        self.password(CLAIMED, "agreed", at(-24));
        self.token(CLAIMED, 41, at(-23));
        let told = json!({ "confirmation": id(CLAIMED) });
        self.event("entity.registration-confirmed", CLAIM, &told, CLAIMED, person, at(-20));
        let employee = ("staff", EMPLOYEE, None);
        let told = json!({ "registration": id(CLAIM) });
        self.event("entity.registered", ENTITY, &told, 0, employee, at(-10));
        let told = json!({ "entity": id(ENTITY), "registration": id(CLAIM), "role": "head" });
        self.event("authority.given", POWER, &told, 0, employee, at(-10));
    }

    /// An amendment, concluded by the face as a provider saw it, and two factors.
    pub(crate) fn amend(&mut self) {
        let party = self.manifest.party.id.as_u128();
        let (power, object) = (self.manifest.agreement.paper.power, Sha256::of(AMENDED_DOCUMENT));
        let pdf = self.put("amendment", party, Some(AMENDMENT), PDF, AMENDED_DOCUMENT, at(60));
        self.acknowledge("changed-terms", party, AMENDMENT_OFFER, at(61));
        self.manifest.amendments.push(Amendment {
            number: 1,
            paper: Paper {
                id: id(AMENDMENT),
                offer: id(AMENDMENT_OFFER),
                dated: "2026-02-02".parse().unwrap(),
                rule_set: "2026-01-01".into(),
                sha256: object,
                evidence: pdf,
                confirmation: id(AMENDED),
                power,
                concluded_at: at(70),
            },
        });
        self.confirm(AMENDED, PERSON, "amend_contract", object, at(70));
        self.hosted_face(AMENDED, 902, at(62));
        self.password(AMENDED, "agreed", at(63));
        self.token(AMENDED, 42, at(64));
        let told = json!({ "loan": id(AGREEMENT) });
        self.event("amendment.concluded", AMENDMENT, &told, AMENDED, ("client", PERSON, power), at(70));
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        let mut manifest = self.manifest.clone();
        for one in &mut manifest.events {
            if one.action != "confirmed" {
                continue;
            }
            let spent = manifest.proofs.iter().filter(|proof| Some(proof.confirmation) == one.object);
            let mut told: Value = serde_json::from_str(&one.payload).unwrap();
            if told["proofs"] == json!("all") {
                told["proofs"] = spent.map(|proof| json!(proof.id)).collect();
            }
            one.payload = told.to_string();
        }
        let contents: Vec<&[u8]> = self.contents.iter().map(Vec::as_slice).collect();
        write(&manifest, &contents).unwrap()
    }

    /// A few of its records and files, for who reads every byte.
    pub(crate) fn small(mut self) -> Vec<u8> {
        let m = &mut self.manifest;
        m.confirmations.truncate(1);
        m.proofs.truncate(1);
        m.challenges.truncate(1);
        m.acknowledgements.truncate(1);
        m.inquiries.truncate(1);
        m.events.truncate(1);
        m.members.truncate(3);
        self.contents.truncate(3);
        self.file()
    }

    pub(crate) fn judged(&self) -> Report {
        verify(&self.file(), None)
    }

    /// The codes of everything against it.
    #[track_caller]
    pub(crate) fn reasons(&self) -> Vec<&'static str> {
        let report = self.judged();
        assert_eq!(report.valid, report.failures.is_empty());
        report.failures.iter().map(|failure| failure.reason.code()).collect()
    }

    pub(crate) fn put(
        &mut self,
        kind: &str,
        subject: u128,
        object: Option<u128>,
        media_type: &str,
        bytes: &[u8],
        created_at: Timestamp,
    ) -> Uuid {
        let number = self.contents.len() + 1;
        let evidence = id(1000 + number as u128);
        self.manifest.members.push(Member {
            path: Member::name(number, kind, media_type),
            evidence,
            kind: kind.into(),
            subject: id(subject),
            object: object.map(id),
            media_type: media_type.into(),
            size: bytes.len() as u64,
            sha256: Sha256::of(bytes),
            created_at,
        });
        self.contents.push(bytes.to_vec());
        evidence
    }

    /// Other bytes for a file, with their own size and hash.
    pub(crate) fn rewrite(&mut self, evidence: Uuid, bytes: &[u8]) {
        let place = self.manifest.members.iter().position(|one| one.evidence == evidence).unwrap();
        let member = &mut self.manifest.members[place];
        (member.size, member.sha256) = (bytes.len() as u64, Sha256::of(bytes));
        self.contents[place] = bytes.to_vec();
    }

    /// What a file of JSON says, told otherwise.
    pub(crate) fn retell(&mut self, evidence: Uuid, change: impl FnOnce(&mut Value)) {
        let place = self.manifest.members.iter().position(|one| one.evidence == evidence).unwrap();
        let mut said: Value = serde_json::from_slice(&self.contents[place]).unwrap();
        change(&mut said);
        self.rewrite(evidence, said.to_string().as_bytes());
    }

    /// Takes a file away.
    pub(crate) fn remove(&mut self, evidence: Uuid) {
        let place = self.manifest.members.iter().position(|one| one.evidence == evidence).unwrap();
        self.manifest.members.remove(place);
        self.contents.remove(place);
    }

    /// The file of this kind that belongs to something.
    pub(crate) fn belonging(&self, object: Uuid, kind: &str) -> Uuid {
        let mut all = self.manifest.members.iter();
        all.find(|one| one.object == Some(object) && one.kind == kind).unwrap().evidence
    }

    /// The proof of this kind for the confirmation with this number.
    pub(crate) fn proof(&mut self, confirmation: u128, kind: &str) -> &mut Proof {
        let mut all = self.manifest.proofs.iter_mut();
        all.find(|one| one.confirmation == id(confirmation) && one.kind == kind).unwrap()
    }

    /// The event of this action that tells of the confirmation, or whatever else, with this number.
    pub(crate) fn told(&mut self, action: &str, object: u128) -> &mut Event {
        let mut all = self.manifest.events.iter_mut();
        all.find(|one| one.action == action && one.object == Some(id(object))).unwrap()
    }

    fn acknowledge(&mut self, kind: &str, subject: u128, object: u128, at: Timestamp) {
        let evidence = self.put(kind, subject, Some(object), TEXT, kind.as_bytes(), at);
        let number = 2000 + self.manifest.acknowledgements.len() as u128;
        self.manifest.acknowledgements.push(Acknowledgement {
            id: id(number),
            subject: id(subject),
            object: id(object),
            kind: kind.into(),
            language: "kk".into(),
            evidence,
            created_at: at,
        });
    }

    fn inquire(
        &mut self,
        port: &str,
        subject: u128,
        object: u128,
        meaning: &Value,
        asked_at: Timestamp,
    ) -> Uuid {
        let kind = format!("answer:{port}");
        let answer = json!({ "port": port, "object": id(object) }).to_string();
        let evidence = self.put(&kind, subject, Some(object), JSON, answer.as_bytes(), asked_at);
        let number = 3000 + self.manifest.inquiries.len() as u128;
        self.manifest.inquiries.push(Inquiry {
            id: id(number),
            port: port.into(),
            object: id(object),
            state: "answered".into(),
            asked_at,
            answered_at: Some(asked_at),
            evidence: Some(evidence),
            meaning: Some(meaning.clone()),
        });
        evidence
    }

    fn confirm(&mut self, number: u128, subject: u128, operation: &str, object: Sha256, at: Timestamp) {
        self.manifest.confirmations.push(Confirmation {
            id: id(number),
            subject: id(subject),
            operation: operation.into(),
            object_sha256: object,
            channel: "web".into(),
            created_at: at,
            spent_at: at,
        });
        let told = json!({ "subject": id(subject), "operation": operation, "object": object.to_string(),
            "proofs": "all" });
        self.event("confirmed", number, &told, number, ("client", subject, None), at);
    }

    fn event(
        &mut self,
        action: &str,
        object: u128,
        payload: &Value,
        transaction: u128,
        (actor_kind, actor, power): (&str, u128, Option<Uuid>),
        at: Timestamp,
    ) {
        self.manifest.events.push(Event {
            id: id(4000 + self.manifest.events.len() as u128),
            transaction: transaction.to_string(),
            at,
            actor_kind: actor_kind.into(),
            actor: Some(id(actor)),
            power,
            channel: "web".into(),
            action: action.into(),
            object: Some(id(object)),
            payload: payload.to_string(),
        });
    }

    /// A proof for the confirmation with this number.
    pub(crate) fn prove(&mut self, confirmation: u128, kind: &str, evidence: Uuid, at: Timestamp) {
        let (subject, operation, object) = self.of(confirmation);
        let number = 5000 + self.manifest.events.len() as u128;
        self.manifest.proofs.push(Proof {
            id: id(number),
            subject: id(subject),
            session: Some(id(SESSION)),
            operation: operation.clone(),
            object_sha256: object,
            kind: kind.into(),
            evidence,
            created_at: at,
            expires_at: at + SignedDuration::from_mins(15),
            confirmation: id(confirmation),
        });
        let told = json!({ "proof": id(number), "kind": kind, "operation": operation });
        self.event("proof.given", subject, &told, number, ("client", subject, None), at);
    }

    /// Whose a confirmation is, for which operation and object.
    fn of(&self, confirmation: u128) -> (u128, String, Sha256) {
        let of = self.manifest.confirmations.iter().find(|one| one.id == id(confirmation)).unwrap();
        (of.subject.as_u128(), of.operation.clone(), of.object_sha256)
    }

    /// What the program witnessed of a proof.
    pub(crate) fn witness(
        &mut self,
        confirmation: u128,
        kind: &str,
        beside: Option<Uuid>,
        mut said: Value,
        at: Timestamp,
    ) -> Uuid {
        let (subject, operation, object) = self.of(confirmation);
        said["operation"] = operation.into();
        said["object"] = object.to_string().into();
        said["session"] = json!(id(SESSION));
        let beside = beside.map(|id| id.as_u128());
        self.put(kind, subject, beside, JSON, said.to_string().as_bytes(), at)
    }

    fn password(&mut self, confirmation: u128, how: &str, at: Timestamp) {
        let said = json!({ "password": how });
        let evidence = self.witness(confirmation, "proof:password", None, said, at);
        self.prove(confirmation, "password", evidence, at);
    }

    fn code(&mut self, confirmation: u128, at: Timestamp) {
        let (subject, operation, object) = self.of(confirmation);
        let number = 6000 + self.manifest.challenges.len() as u128;
        let sent_at = at - SignedDuration::from_mins(1);
        self.manifest.challenges.push(Challenge {
            id: id(number),
            subject: id(subject),
            session: Some(id(SESSION)),
            operation: operation.clone(),
            object_sha256: object,
            tries: 1,
            created_at: sent_at,
            expires_at: at + SignedDuration::from_mins(4),
            passed_at: Some(at),
        });
        let told = json!({ "challenge": id(number), "operation": operation });
        self.event("code.sent", subject, &told, number, ("client", subject, None), sent_at);
        let said = json!({ "code": "agreed", "challenge": id(number) });
        let evidence = self.witness(confirmation, "proof:sms-code", None, said, at);
        self.prove(confirmation, "sms_code", evidence, at);
    }

    fn token(&mut self, confirmation: u128, moment: u64, at: Timestamp) {
        let said = json!({ "token": id(CARD), "moment": moment });
        let evidence = self.witness(confirmation, "proof:token", None, said, at);
        self.prove(confirmation, "token", evidence, at);
    }

    /// A photo that was put to the IDEC; one that ended the live challenge with this number.
    fn face(&mut self, confirmation: u128, liveness: Option<u128>, at: Timestamp) {
        let (subject, operation, object) = self.of(confirmation);
        let pixels = format!("\u{0} a face for {confirmation}");
        let original = format!("\u{0} as it came for {confirmation}");
        let ended = liveness.map(|challenge| {
            let record = json!({ "challenge": id(challenge), "subject": id(subject), "operation": operation,
                "object": object.to_string(), "order": {}, "ended": "spent", "frames": [],
                "result": { "photo": Sha256::of(original.as_bytes()).to_string() } });
            self.put("liveness", subject, liveness, JSON, record.to_string().as_bytes(), at)
        });
        let of = ended.map(|record| record.as_u128());
        let photo = self.put("photo", subject, of, "image/jpeg", pixels.as_bytes(), at);
        let whose = Some(photo.as_u128());
        self.put("photo:original", subject, whose, "image/png", original.as_bytes(), at);
        let found = json!({ "known": true, "names_match": true, "document_valid": true, "same_face": true });
        let answer = self.inquire("idec", subject, photo.as_u128(), &found, at);
        let said = json!({ "face": "agreed", "iin": IIN, "photo": photo, "liveness": ended });
        self.witness(confirmation, "proof:face", Some(answer), said, at);
        self.prove(confirmation, "biometric_identification", answer, at);
    }

    /// A face that a provider saw on its own pages.
    fn hosted_face(&mut self, confirmation: u128, session: u128, at: Timestamp) {
        let (subject, _, object) = self.of(confirmation);
        let answer = self.put("answer:hosted-face", subject, Some(session), JSON, b"{\"passed\":true}", at);
        let photo = self.put("photo", subject, Some(session), "image/jpeg", b"\xff\xd8 a face", at);
        let told = json!({ "subject": id(subject), "object": object.to_string(), "agreed": true });
        self.event("hosted-face.ended", session, &told, session, ("client", subject, None), at);
        let said = json!({ "face": "agreed", "iin": IIN, "photo": photo });
        self.witness(confirmation, "proof:face", Some(answer), said, at);
        self.prove(confirmation, "biometric_identification", answer, at);
    }
}
