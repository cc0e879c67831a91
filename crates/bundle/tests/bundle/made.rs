//! An agreement concluded by a face, a password and a code, as records.

use bundle::{Report, manifest::*, verify, write};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const IIN: &str = "880101300123";

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

const CLIENT: u128 = 1;
const REGISTRATION: u128 = 2;
const APPLICATION: u128 = 3;
const OFFER: u128 = 4;
pub(crate) const AGREEMENT: u128 = 5;
pub(crate) const SIGNED: u128 = 6;
const REGISTERED: u128 = 7;
pub(crate) const DOCUMENT: &[u8] = b"%PDF-1.7 the agreement";

impl Made {
    pub(crate) fn new() -> Self {
        let object = Sha256::of(DOCUMENT);
        let mut made = Self {
            manifest: Manifest {
                format: Format::One,
                agreement: Agreement {
                    id: id(AGREEMENT),
                    number: "ММ-1".into(),
                    application: id(APPLICATION),
                    offer: id(OFFER),
                    dated: "2026-02-02".parse().unwrap(),
                    rule_set: "2026-01-01".into(),
                    sha256: object,
                    evidence: id(0),
                    confirmation: id(SIGNED),
                    signed_at: at(30),
                },
                client: Client { id: id(CLIENT), iin: IIN.into(), bin: None, registration: id(REGISTRATION) },
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
        let text = "text/plain; charset=utf-8";
        for kind in ["consent:electronic-interaction", "consent:personal-data"] {
            let evidence = made.put(kind, REGISTRATION, Some(REGISTRATION), text, kind.as_bytes(), at(0));
            made.acknowledge(kind, REGISTRATION, REGISTRATION, evidence, at(0));
        }
        let registration = Sha256::of(b"registration");
        made.confirm(REGISTERED, REGISTRATION, "registration", registration, at(10));
        made.password(REGISTERED, at(1));
        made.code(REGISTERED, at(2));
        made.face(REGISTERED, at(3));
        let told = json!({ "registration": id(REGISTRATION), "confirmation": id(REGISTERED) });
        made.event("client.registered", CLIENT, &told, REGISTERED, at(10));
        made.inquire("phone-register", REGISTRATION, REGISTRATION, at(0));
        for port in ["terrorist-list", "credit-bureau"] {
            made.inquire(port, CLIENT, APPLICATION, at(20));
        }
        let pdf = made.put("agreement", CLIENT, Some(APPLICATION), "application/pdf", DOCUMENT, at(21));
        made.manifest.agreement.evidence = pdf;
        for kind in ["full-cost", "lending-rules", "rights-and-duties"] {
            let evidence = made.put(kind, CLIENT, Some(OFFER), text, kind.as_bytes(), at(22));
            made.acknowledge(kind, CLIENT, OFFER, evidence, at(22));
        }
        made.confirm(SIGNED, CLIENT, "sign_contract", object, at(30));
        made.password(SIGNED, at(24));
        made.code(SIGNED, at(25));
        made.face(SIGNED, at(26));
        let told = json!({ "application": id(APPLICATION), "offer": id(OFFER), "confirmation": id(SIGNED) });
        made.event("agreement.signed", AGREEMENT, &told, SIGNED, at(30));
        made
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

    fn acknowledge(&mut self, kind: &str, subject: u128, object: u128, evidence: Uuid, at: Timestamp) {
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

    fn inquire(&mut self, port: &str, subject: u128, object: u128, asked_at: Timestamp) -> Uuid {
        let kind = format!("answer:{port}");
        let answer = json!({ "port": port, "object": id(object) }).to_string();
        let evidence =
            self.put(&kind, subject, Some(object), "application/json", answer.as_bytes(), asked_at);
        let number = 3000 + self.manifest.inquiries.len() as u128;
        self.manifest.inquiries.push(Inquiry {
            id: id(number),
            port: port.into(),
            object: id(object),
            state: "answered".into(),
            asked_at,
            answered_at: Some(asked_at),
            evidence: Some(evidence),
            meaning: Some(json!(true)),
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
        self.event("confirmed", number, &told, number, at);
    }

    fn event(&mut self, action: &str, object: u128, payload: &Value, transaction: u128, at: Timestamp) {
        self.manifest.events.push(Event {
            id: id(4000 + self.manifest.events.len() as u128),
            transaction: transaction.to_string(),
            at,
            actor_kind: "client".into(),
            actor: Some(id(CLIENT)),
            channel: "web".into(),
            action: action.into(),
            object: Some(id(object)),
            payload: payload.to_string(),
        });
    }

    /// A proof for the confirmation with this number.
    pub(crate) fn prove(&mut self, confirmation: u128, kind: &str, evidence: Uuid, at: Timestamp) {
        let of = self.manifest.confirmations.iter().find(|one| one.id == id(confirmation)).unwrap();
        let number = 5000 + self.manifest.proofs.len() as u128;
        self.manifest.proofs.push(Proof {
            id: id(number),
            subject: of.subject,
            session: Some(id(8)),
            operation: of.operation.clone(),
            object_sha256: of.object_sha256,
            kind: kind.into(),
            evidence,
            created_at: at,
            expires_at: at + SignedDuration::from_mins(15),
            confirmation: of.id,
        });
    }

    fn of(&self, confirmation: u128) -> (u128, String, Sha256) {
        let of = self.manifest.confirmations.iter().find(|one| one.id == id(confirmation)).unwrap();
        (of.subject.as_u128(), of.operation.clone(), of.object_sha256)
    }

    fn password(&mut self, confirmation: u128, at: Timestamp) {
        let (subject, operation, object) = self.of(confirmation);
        let said = json!({ "password": "agreed", "operation": operation, "object": object.to_string() });
        let said = said.to_string();
        let evidence = self.put("proof:password", subject, None, "application/json", said.as_bytes(), at);
        self.prove(confirmation, "password", evidence, at);
    }

    fn code(&mut self, confirmation: u128, at: Timestamp) {
        let (subject, operation, object) = self.of(confirmation);
        let number = 6000 + self.manifest.challenges.len() as u128;
        self.manifest.challenges.push(Challenge {
            id: id(number),
            subject: id(subject),
            session: Some(id(8)),
            operation: operation.clone(),
            object_sha256: object,
            tries: 1,
            created_at: at - SignedDuration::from_mins(1),
            expires_at: at + SignedDuration::from_mins(4),
            passed_at: Some(at),
        });
        let said = json!({ "code": "agreed", "challenge": id(number), "operation": operation,
            "object": object.to_string() });
        let said = said.to_string();
        let evidence = self.put("proof:sms-code", subject, None, "application/json", said.as_bytes(), at);
        self.prove(confirmation, "sms_code", evidence, at);
    }

    fn face(&mut self, confirmation: u128, at: Timestamp) {
        let (subject, ..) = self.of(confirmation);
        let photo = self.put("photo", subject, None, "image/jpeg", b"\xff\xd8 a face", at);
        let evidence = self.inquire("idec", subject, photo.as_u128(), at);
        self.prove(confirmation, "biometric_identification", evidence, at);
    }
}
