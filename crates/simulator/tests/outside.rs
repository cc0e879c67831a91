//! The adapters of `outside` against the simulated world, over real HTTP and SMTP.

#![allow(clippy::unwrap_used, reason = "the lint's own exception for tests does not reach helpers")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use eds::testing::{Authority, Profile};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use lending::{iban::Iban, iin::Iin, money::Money, phone::Phone};
use outside::Outside;
use ports::{
    Answered, Clock, CreditReport, Identification, Identified, Identifier, Names, OrderStatus, PaymentOrder,
    Person, Receipt, Screened, Silence,
};
use simulator::{Callback, Mode, MovableClock, Options, Service, Simulator, persons};
use uuid::Uuid;

const TODAY: Date = date(2026, 3, 2);
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];

struct Calendar(Mutex<Date>);

impl MovableClock for Calendar {
    fn today(&self) -> Date {
        *self.0.lock().unwrap()
    }

    fn instant(&self) -> Timestamp {
        Noon.now()
    }

    fn advance_to(&self, date: Date) -> Result<(), String> {
        *self.0.lock().unwrap() = date;
        Ok(())
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-02T07:00:00Z".parse().unwrap()
    }

    fn security_now(&self) -> Timestamp {
        self.now()
    }
}

/// Those whom we ask.
fn asked() -> impl Iterator<Item = Service> {
    Service::ALL.into_iter().filter(|service| !matches!(service, Service::Ncalayer | Service::EgovMobile))
}

/// An OCSP question about somebody's certificate.
fn question() -> Vec<u8> {
    let authority = Authority::new(eds::Family::Gost2015, "anybody", Noon.now());
    let client = authority.issue(&Profile::individual("880101300123"), "key");
    eds::ocsp_question(&client.certificate, authority.issuing(), &[7; 16])
}

struct Town {
    world: Simulator,
    outside: Outside,
}

async fn open(state_dir: Option<std::path::PathBuf>) -> Simulator {
    let clock = Arc::new(Calendar(Mutex::new(TODAY)));
    let addr = ([127, 0, 0, 1], 0).into();
    simulator::start(Options { addr, state_dir, clock, callback: None, ncalayer: None }).await.unwrap()
}

/// A busy machine is waited for.
async fn town() -> Town {
    patient(60_000).await
}

/// Who is kept waiting for an answer that never comes has little patience.
async fn patient(ms: u64) -> Town {
    let world = open(None).await;
    let mut settings = world.settings();
    settings.patience = outside::Patience { connect_ms: ms, total_ms: ms };
    Town { outside: Outside::new(settings, Arc::new(Noon)).unwrap(), world }
}

fn iin(text: &str) -> Iin {
    Iin::parse(text).unwrap()
}

fn person(fate: persons::Fate) -> persons::Person {
    persons::examples().into_iter().find(|person| person.fate == fate).unwrap()
}

fn names(surname: &str, given: &str, patronymic: &str) -> Names {
    let patronymic = Some(patronymic.to_owned()).filter(|name| !name.is_empty());
    Names { surname: surname.into(), given: given.into(), patronymic }
}

impl Town {
    async fn belongs(&self, phone: &str) -> Result<Answered<bool>, Silence> {
        let phone = Phone::parse(phone).unwrap();
        self.outside.phone_register.belongs(Uuid::from_u128(1), &iin("880101300123"), &phone).await
    }

    async fn identify(&self, number: &str, surname: &str) -> Result<Answered<Identified>, Silence> {
        let question = Identification {
            request: Uuid::from_u128(2),
            iin: &iin(number),
            names: &names(surname, "Айгүл", ""),
            document_number: "040000001",
            photo_jpeg: JPEG,
            sitting: None,
            consent_sha256: [3; 32],
        };
        self.outside.idec.identify(question).await
    }

    async fn report(&self, number: &str) -> Result<Answered<CreditReport>, Silence> {
        self.outside.bureau.report(Uuid::from_u128(3), Identifier::Iin(&iin(number)), &[7; 32]).await
    }

    async fn screen(&self, number: &str, names: &Names, born_on: Date) -> Result<Vec<String>, Silence> {
        let persons = [Person { iin: &iin(number), names, born_on }];
        let screened = Screened { organisation: None, persons: &persons };
        let answer = self.outside.terrorist_list.screen(Uuid::from_u128(4), screened).await?;
        Ok(answer.value.into_iter().map(|hit| format!("{} {}", hit.entry, hit.matched_by)).collect())
    }

    async fn pay(&self, id: u128, tiyn: i64) -> Result<OrderStatus, Silence> {
        let order = PaymentOrder {
            id: Uuid::from_u128(id),
            iban: &Iban::parse("KZ41722C000000000001").unwrap(),
            payee: "Ахметова Айгүл Серікқызы",
            identifier: Identifier::Iin(&iin("880101300123")),
            amount: Money::from_tiyn(tiyn),
            agreement: "N-2026/1 <&>",
            on: TODAY,
        };
        self.outside.bank.pay(order).await.map(|answer| answer.value)
    }

    async fn status(&self, id: u128) -> Result<OrderStatus, Silence> {
        self.outside.bank.status(Uuid::from_u128(id)).await.map(|answer| answer.value)
    }

    async fn statement(&self, on: Date) -> Result<Vec<Receipt>, Silence> {
        self.outside.bank.statement(on).await.map(|answer| answer.value)
    }

    async fn sms(&self, text: &str) -> Result<Answered<String>, Silence> {
        self.outside.sms.send(Uuid::from_u128(5), &Phone::parse("77010000101").unwrap(), text).await
    }

    async fn mail(&self, subject: &str, text: &str) -> Result<Answered<()>, Silence> {
        self.outside.mail.send(Uuid::from_u128(6), "aigul@example.kz", subject, text).await
    }

    /// Asks `service` anything.
    async fn ask(&self, service: Service) -> Result<(), Silence> {
        match service {
            Service::PhoneRegister => self.belongs("77010000101").await.map(drop),
            Service::Idec => self.identify("880101300123", "Ахметова").await.map(drop),
            Service::CreditBureau => self.report("880101300123").await.map(drop),
            Service::TerroristList => {
                self.screen("880101300123", &names("А", "Б", ""), TODAY).await.map(drop)
            }
            Service::Bank => self.pay(9, 100).await.map(drop),
            Service::Sms => self.sms("1234").await.map(drop),
            Service::Mail => self.mail("s", "t").await.map(drop),
            Service::Nca => self.outside.nca.status(&question()).await.map(drop),
            Service::Ncalayer | Service::EgovMobile => unreachable!("nobody asks these: they ask us"),
            Service::Clamd => self.outside.scanner.as_ref().unwrap().scan(b"scan").await.map(drop),
        }
    }
}

#[tokio::test]
async fn a_client_is_known_by_phone_name_document_and_face() {
    let town = town().await;
    let answer = town.belongs("+7 701 000 01 01").await.unwrap();
    assert!(answer.value);
    assert!(!answer.raw.is_empty(), "the original answer is evidence");
    assert!(!town.belongs("+7 701 555 00 00").await.unwrap().value);
    town.world.set_mode(Service::PhoneRegister, Mode::Reject);
    assert!(!town.belongs("+7 701 000 01 01").await.unwrap().value);

    let found = town.identify("880101300123", "Ахметова").await.unwrap().value;
    assert!(found.known && found.names_match && found.document_valid);
    assert!(found.score_ppm >= found.threshold_ppm);
    assert!(!town.identify("880101300123", "чужой").await.unwrap().value.names_match);
    let other = town.identify(&person(persons::Fate::FaceDiffers).iin, "Дәулетов").await.unwrap().value;
    assert!(other.score_ppm < other.threshold_ppm);
    assert!(!town.identify(&person(persons::Fate::Unknown).iin, "Беков").await.unwrap().value.known);
    let document = town.identify(&person(persons::Fate::DocumentInvalid).iin, "Попова").await.unwrap().value;
    assert!(!document.document_valid);
    town.world.set_mode(Service::Idec, Mode::FaceMismatch);
    let found = town.identify("880101300123", "Ахметова").await.unwrap().value;
    assert!(found.score_ppm < found.threshold_ppm);
}

/// Proves [`lending::law::CL_33`].
#[tokio::test]
async fn a_file_with_malware_is_told_by_name_with_the_signatures_that_found_it() {
    let town = town().await;
    let scanner = town.outside.scanner.as_ref().unwrap();
    let clean = scanner.scan(&vec![7; 300_000]).await.unwrap();
    assert_eq!(clean.malware, None);
    assert!(clean.signatures.starts_with("ClamAV 1."), "{}", clean.signatures);
    let eicar =
        [b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$".as_slice(), b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    assert_eq!(scanner.scan(&eicar).await.unwrap().malware.as_deref(), Some("Eicar-Signature"));
}

#[tokio::test]
async fn a_listed_organisation_and_those_who_act_for_it_are_found() {
    let town = town().await;
    let screen = async |organisation: &str, number: &str| {
        let nobody = names("Ешкім", "Ешкім", "");
        let persons = [Person { iin: &iin(number), names: &nobody, born_on: TODAY }];
        let screened = Screened { organisation: Some(organisation), persons: &persons };
        let answer = town.outside.terrorist_list.screen(Uuid::from_u128(4), screened).await.unwrap();
        answer.value.into_iter().map(|hit| hit.matched_by).collect::<Vec<_>>()
    };
    assert!(screen("ТОО «Береке»", "880101300123").await.is_empty());
    assert_eq!(screen("Общество \"Ойдан шығарылған қор\"", "880101300123").await, ["organisation-name"]);
    assert_eq!(screen("ТОО «Береке»", &persons::listed()[0].iin).await, ["iin"]);
}

/// Proves [`lending::law::CL_10`]: a list from which the part is missing where they would stand says nothing of anybody.
#[tokio::test]
async fn a_list_without_organisations_passes_no_organisation_and_one_without_persons_no_person() {
    for (mode, whom) in [(Mode::WithoutOrganisations, Some("ТОО «Береке»")), (Mode::WithoutPersons, None)]
    {
        let town = town().await;
        town.world.set_mode(Service::TerroristList, mode);
        let (number, nobody) = (iin("880101300123"), names("Ешкім", "Ешкім", ""));
        let persons = [Person { iin: &number, names: &nobody, born_on: TODAY }];
        let about = |organisation, persons| Screened { organisation, persons };
        let list = &town.outside.terrorist_list;
        let asked = list.screen(Uuid::from_u128(4), about(whom, &persons)).await;
        assert!(matches!(asked, Err(Silence::Unknown { .. })), "{mode:?}");
        // What the list does hold, it answers.
        let other =
            if whom.is_none() { about(Some("ТОО «Береке»"), &[]) } else { about(None, &persons) };
        assert!(list.screen(Uuid::from_u128(5), other).await.unwrap().value.is_empty());
        // Half a list is not kept for an hour.
        town.world.set_mode(Service::TerroristList, Mode::Ok);
        assert!(list.screen(Uuid::from_u128(4), about(whom, &persons)).await.unwrap().value.is_empty());
    }
}

#[tokio::test]
async fn the_bureau_tells_debts_and_the_voluntary_refusal() {
    let town = town().await;
    let clean = town.report("880101300123").await.unwrap().value;
    assert_eq!(clean, CreditReport { voluntary_refusal: false, debts: vec![] });
    let late = town.report(&person(persons::Fate::Overdue).iin).await.unwrap().value;
    assert_eq!(late.debts[0].overdue_days, 95);
    assert_eq!(late.debts[0].overdue, Money::from_tenge(95_000));
    let heavy = town.report(&person(persons::Fate::HeavyDebt).iin).await.unwrap().value;
    let monthly: Money = heavy.debts.iter().map(|debt| debt.monthly_payment).sum();
    assert_eq!(monthly, Money::from_tenge(180_000));
    assert!(town.report(&person(persons::Fate::VoluntaryRefusal).iin).await.unwrap().value.voluntary_refusal);
}

#[tokio::test]
async fn a_listed_person_is_found_by_iin_or_by_name_and_birth_date() {
    let town = town().await;
    let [by_iin, by_name] = persons::listed();
    let nobody = names("Ахметова", "Айгүл", "");
    let hits = town.screen(&by_iin.iin, &nobody, TODAY).await.unwrap();
    assert_eq!(hits, ["1 iin"]);
    let typed = names("ВЫДУМАННЫЙ", "федор", "");
    let hits = town.screen("880101300123", &typed, by_name.born).await.unwrap();
    assert_eq!(hits, ["2 name-and-birth-date"]);
    assert!(town.screen("880101300123", &typed, TODAY).await.unwrap().is_empty(), "another birth date");

    // Within the hour the kept list answers, so that a short failure of the agency stops nobody.
    town.world.set_mode(Service::TerroristList, Mode::Error500);
    assert!(town.screen("880101300123", &nobody, TODAY).await.unwrap().is_empty());

    let persons = [Person { iin: &iin(&by_iin.iin), names: &nobody, born_on: TODAY }];
    let person = Screened { organisation: None, persons: &persons };
    let evidence = town.outside.terrorist_list.screen(Uuid::from_u128(4), person).await.unwrap().raw;
    let evidence: serde_json::Value = serde_json::from_slice(&evidence).unwrap();
    assert_eq!(evidence["list_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(evidence["list_dated"], "Mon, 02 Mar 2026 06:00:00 GMT");
    assert_eq!(evidence["hits"][0]["matched_by"], "iin");
}

#[tokio::test]
async fn a_client_is_paid_once_whatever_the_bank_says() {
    let town = patient(4_000).await;
    let executed = OrderStatus::Executed { on: TODAY };
    assert_eq!(town.status(1).await.unwrap(), OrderStatus::NotFound);
    assert_eq!(town.pay(1, 12_345_678_901).await.unwrap(), executed);
    assert_eq!(town.pay(1, 12_345_678_901).await.unwrap(), executed, "the same order again");
    assert_eq!(town.status(1).await.unwrap(), executed);

    town.world.set_mode(Service::Bank, Mode::Silent);
    assert!(matches!(town.pay(2, 100).await, Err(Silence::Unknown { .. })));
    town.world.set_mode(Service::Bank, Mode::Twice);
    assert_eq!(town.status(2).await.unwrap(), executed, "the silent bank had paid");

    town.world.set_mode(Service::Bank, Mode::Error500);
    assert!(matches!(town.pay(3, 100).await, Err(Silence::Unknown { .. })));
    town.world.set_mode(Service::Bank, Mode::Pending);
    assert_eq!(town.status(3).await.unwrap(), OrderStatus::NotFound, "the broken bank had not");
    assert_eq!(town.pay(3, 100).await.unwrap(), OrderStatus::Pending);
    town.world.set_mode(Service::Bank, Mode::Reject);
    assert_eq!(town.status(3).await.unwrap(), executed);
    assert_eq!(town.pay(4, 100).await.unwrap(), OrderStatus::Rejected { reason: "AC04".into() });

    let paid: Vec<_> =
        town.world.payments().into_iter().map(|paid| (paid.amount_tiyn.tiyn(), paid.text)).collect();
    let text = "N-2026/1 <&>".to_owned();
    assert_eq!(paid, [12_345_678_901, 100, 100, 100].map(|tiyn| (tiyn, text.clone())));
}

#[tokio::test]
async fn money_from_a_client_stands_in_the_statement_once() {
    let town = town().await;
    let yesterday = TODAY.yesterday().unwrap();
    town.pay(1, 500).await.unwrap();
    let reference = town.world.bank_receive("N-1 төлем <қарыз>", Money::from_tiyn(1_050), TODAY);
    town.world.bank_receive("N-2", Money::from_tiyn(1), yesterday);
    town.world.set_mode(Service::Bank, Mode::Twice);
    let receipt =
        Receipt {
            reference, on: TODAY, amount: Money::from_tiyn(1_050), text: "N-1 төлем <қарыз>".into()
        };
    assert_eq!(town.statement(TODAY).await.unwrap(), [receipt]);
    assert_eq!(town.statement(yesterday).await.unwrap().len(), 1);
    assert_eq!(town.statement(date(2020, 1, 1)).await.unwrap(), []);
}

/// Notes what is posted to it; refuses the first.
async fn organization() -> (String, Arc<Mutex<Vec<(String, Vec<u8>)>>>) {
    use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
    let posted = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&posted);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let signature = headers[outside::bank::SIGNATURE_HEADER].to_str().unwrap().to_owned();
        let mut noted = noted.lock().unwrap();
        noted.push((signature, body.to_vec()));
        if noted.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/callback", post(take))).await });
    (url, posted)
}

async fn until(happens: impl Fn() -> bool) {
    for _ in 0..4_800 {
        if happens() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not happen in two minutes");
}

#[tokio::test]
async fn a_notification_is_repeated_until_taken_and_only_the_banks_own_is_believed() {
    let town = town().await;
    let (url, posted) = organization().await;
    // Arrived before the bank knew where to report.
    let reference = town.world.bank_receive("N-1", Money::from_tiyn(250_000), TODAY);
    town.world.set_callback(Callback { url, root_pem: None }).unwrap();
    until(|| town.world.receipts()[0].notified).await;
    assert_eq!(posted.lock().unwrap().len(), 2, "refused once, then taken");

    let (signature, body) = posted.lock().unwrap()[1].clone();
    let read = town.outside.bank.notification(&body, &signature).expect("the bank's own");
    let receipt = Receipt { reference, on: TODAY, amount: Money::from_tiyn(250_000), text: "N-1".into() };
    assert_eq!(read, [receipt]);
    let mut forged = body.clone();
    let at = forged.windows(4).position(|window| window == b"2500").unwrap();
    forged[at] = b'9';
    assert!(town.outside.bank.notification(&forged, &signature).is_none());
    for bad in ["", "00", &"0".repeat(64), &"+".repeat(64), &signature[1..], "ққ"] {
        assert!(town.outside.bank.notification(&body, bad).is_none());
    }

    town.world.set_mode(Service::Bank, Mode::Twice);
    town.world.bank_receive("N-1", Money::from_tiyn(1), TODAY);
    until(|| posted.lock().unwrap().len() == 4).await;
}

#[tokio::test]
async fn the_bank_reports_to_a_demonstration_with_a_self_signed_certificate_and_to_no_impostor() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let town = town().await;
    let [ours, impostor] =
        [0, 1].map(|_| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![ours.cert.der().clone()], ours.signing_key.into())
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/callback", listener.local_addr().unwrap().port());
    let refused = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&refused);
    tokio::spawn(async move {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                counted.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
        }
    });
    let callback = |pem: String| Callback { url: url.clone(), root_pem: Some(pem.into_bytes()) };
    town.world.set_callback(callback(impostor.cert.pem())).unwrap();
    town.world.bank_receive("N-1", Money::from_tiyn(1), TODAY);
    until(|| refused.load(Ordering::Relaxed) > 0).await;
    assert!(!town.world.receipts()[0].notified);
    town.world.set_callback(callback(ours.cert.pem())).unwrap();
    until(|| town.world.receipts()[0].notified).await;
}

/// The same world through the other gateway.
async fn through_smsc() -> Town {
    let world = open(None).await;
    let mut settings = world.settings();
    let smsc = outside::sms::smsc::Settings {
        base_url: settings.sms.base_url_mut().clone(),
        login: "nesie".into(),
        password: "demonstration".into(),
        sender: "Nesie".into(),
    };
    settings.sms = outside::sms::Settings::Smsc(smsc);
    Town { outside: Outside::new(settings, Arc::new(Noon)).unwrap(), world }
}

#[tokio::test]
async fn messages_arrive_through_either_gateway_and_what_was_not_sent_is_known() {
    for town in [town().await, through_smsc().await] {
        let answer = town.sms("растау коды 482913 ₸").await.unwrap();
        assert!(!answer.value.is_empty());
        assert_eq!(town.world.last_sms_to("+77010000101").as_deref(), Some("растау коды 482913 ₸"));
        town.world.set_mode(Service::Sms, Mode::Reject);
        assert!(matches!(town.sms("refused").await, Err(Silence::NotReached { .. })));
        for mode in [Mode::Garbled, Mode::Oversized, Mode::Error500] {
            town.world.set_mode(Service::Sms, mode);
            assert!(matches!(town.sms("perhaps").await, Err(Silence::Unknown { .. })), "{mode:?}");
        }
        assert!(town.world.outbox().iter().all(|message| message.text != "refused"));
    }
}

#[tokio::test]
async fn messages_arrive_in_every_language() {
    let town = town().await;
    let text = "Nesie: растау коды 482913. Оны ешкімге айтпаңыз!\nӘ Ғ Қ Ң Ө Ұ Ү Һ І ₸";
    town.sms(text).await.unwrap();
    assert_eq!(town.world.last_sms_to("+77010000101").as_deref(), Some(text));
    assert_eq!(town.world.last_sms_to("+77010000102"), None);
    let subject = "Шартыңыз жасалды: қол қойылған құжатты жеке кабинетіңізден жүктеп алыңыз, нөмірі N-2026/1";
    let answer = town.mail(subject, &format!("{text}\n.\n..\n{}", "ұзақ ".repeat(400))).await.unwrap();
    assert!(String::from_utf8(answer.raw).unwrap().starts_with("250 "));
    let letter = town.world.outbox().pop().unwrap();
    assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("aigul@example.kz", subject));
    assert!(letter.text.replace("\r\n", "\n").starts_with(&format!("{text}\n.\n..\nұзақ")));

    town.world.set_mode(Service::Sms, Mode::Twice);
    town.sms("again").await.unwrap();
    assert_eq!(town.world.outbox().iter().filter(|message| message.text == "again").count(), 2);
    // Refused for certain: nothing was sent, asking again is safe.
    town.world.set_mode(Service::Sms, Mode::Reject);
    assert!(matches!(town.sms("refused").await, Err(Silence::NotReached { .. })));
    town.world.set_mode(Service::Mail, Mode::Reject);
    assert!(matches!(town.mail("s", "refused").await, Err(Silence::NotReached { .. })));
    assert!(town.world.outbox().iter().all(|message| message.text != "refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_after_the_question_is_unknown_and_names_nobody() {
    let bad = [Mode::Silent, Mode::Error500, Mode::Garbled, Mode::Oversized];
    let mut cases = tokio::task::JoinSet::new();
    for service in asked() {
        // Whether an answer about a certificate can be read, its verifier says.
        let judged_here = |mode: &Mode| (service, *mode) != (Service::Nca, Mode::Garbled);
        for mode in bad.into_iter().filter(|mode| service.modes().contains(mode) && judged_here(mode)) {
            cases.spawn(go_wrong(service, mode));
        }
    }
    cases.join_all().await;
}

async fn go_wrong(service: Service, mode: Mode) {
    let town = if mode == Mode::Silent { patient(4_000).await } else { town().await };
    town.world.set_mode(service, mode);
    let silence = town.ask(service).await.expect_err("no answer");
    let refused_for_certain = service == Service::Mail && mode == Mode::Error500;
    let unknown = matches!(silence, Silence::Unknown { .. });
    assert_eq!(unknown, !refused_for_certain, "{service:?} {mode:?} {silence}");
    let said = silence.to_string();
    for secret in ["8801", "7010", "Ахмет", "http", "demonstration", "@"] {
        assert!(!said.contains(secret), "{said}");
    }
    town.world.set_mode(service, Mode::Slow { ms: 50 });
    town.ask(service).await.expect("late, but an answer");
}

#[tokio::test]
async fn a_closed_port_is_not_reached_and_may_be_asked_again() {
    let world = open(None).await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let mut settings = world.settings();
    for url in [
        &mut settings.phone_register.base_url,
        &mut settings.idec.base_url,
        &mut settings.credit_bureau.base_url,
        &mut settings.terrorist_list.base_url,
        &mut settings.bank.base_url,
        settings.sms.base_url_mut(),
    ] {
        *url = format!("http://{closed}");
    }
    settings.mail.port = closed.port();
    settings.nca.ocsp_url = format!("http://{closed}");
    settings.clamd = Some(outside::clamd::Settings { address: closed.to_string() });
    let town = Town { outside: Outside::new(settings, Arc::new(Noon)).unwrap(), world };
    for service in asked() {
        let silence = town.ask(service).await.expect_err("nobody there");
        assert!(matches!(silence, Silence::NotReached { .. }), "{service:?} {silence}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_reached_and_plain_http_leaves_no_machine() {
    let world = open(None).await;
    let mut settings = world.settings();
    let sms = settings.sms.base_url_mut();
    *sms = sms.replace("http:", "https:");
    settings.idec.base_url = settings.idec.base_url.replace("http:", "https:");
    match Outside::new(settings, Arc::new(Noon)) {
        Ok(outside) => {
            let town = Town { outside, world };
            assert!(matches!(town.ask(Service::Sms).await, Err(Silence::NotReached { .. })));
            assert!(matches!(town.ask(Service::Idec).await, Err(Silence::NotReached { .. })));
            let mut settings = town.world.settings();
            settings.bank.base_url = "http://bank.example.kz".into();
            assert!(Outside::new(settings, Arc::new(Noon)).is_err());
        }
        // A bare machine without certificate authorities cannot speak TLS at all, and says so at start.
        Err(misconfigured) => assert_eq!(misconfigured.reason, "no certificate authorities found"),
    }
}

#[tokio::test]
async fn the_demonstration_started_again_finds_the_same_bank_and_letters() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("started-again");
    let _ = std::fs::remove_dir_all(&dir); // of a run that failed
    let world = open(Some(dir.clone())).await;
    let mut settings = world.settings();
    settings.patience.total_ms = 60_000;
    let town = Town { outside: Outside::new(settings, Arc::new(Noon)).unwrap(), world };
    town.pay(1, 77).await.unwrap();
    town.sms("сәлем").await.unwrap();
    let first = town.world.bank_receive("N-1", Money::from_tiyn(5), TODAY);
    drop(town);
    // Killed in the middle of a line.
    let journal = dir.join("world.jsonl");
    let whole = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, [&whole[..], b"{\"message\":{\"chan"].concat()).unwrap();

    for _ in 0..2 {
        let world = open(Some(dir.clone())).await;
        assert_eq!(world.payments()[0].amount_tiyn, Money::from_tiyn(77));
        assert_eq!(world.last_sms_to("+77010000101").as_deref(), Some("сәлем"));
        assert_eq!(world.receipts()[0].reference, first);
        assert_ne!(
            world.bank_receive("N-1", Money::from_tiyn(5), TODAY),
            first,
            "references are never reused"
        );
    }
    std::fs::remove_dir_all(dir).unwrap();
}

/// A browser of few words: the status, the `Location`, the body.
async fn browse(town: &Town, path: &str, form: Option<&str>, site: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("{}{path}", town.world.url());
    let request = match form {
        Some(form) => {
            client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form.to_owned())
        }
        None => client.get(url),
    };
    let answer = request.header("sec-fetch-site", site).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    if path != "/style.css" {
        assert!(form.is_some() || header("content-security-policy").starts_with("default-src 'none'"));
    }
    (answer.status().as_u16(), header("location"), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_visitor_reads_a_code_repays_and_moves_the_calendar_in_three_languages() {
    let town = patient(4_000).await;
    town.sms("Код 482913 <script>").await.unwrap();
    for lang in ["kk", "ru", "en"] {
        for path in ["/", "/outbox", "/bank", "/clock", "/people", "/modes"] {
            let (status, _, body) = browse(&town, &format!("{path}?lang={lang}"), None, "none").await;
            assert_eq!(status, 200);
            assert!(body.contains(&format!("<html lang=\"{lang}\">")));
            assert!(!body.contains("<script") && !body.contains("style="));
        }
    }
    let (_, _, body) = browse(&town, "/outbox", None, "none").await;
    assert!(body.contains(">482913</p>"));

    let own = "same-origin";
    let (status, to, _) = browse(&town, "/bank?lang=ru", Some("agreement=N-1&amount=25+000%2C50"), own).await;
    assert_eq!((status, to.as_str()), (303, "/bank?lang=ru&done=1"));
    assert_eq!(town.world.receipts()[0].amount_tiyn, Money::from_tiyn(2_500_050));
    for bad in [
        "agreement=N-1&amount=0",
        "agreement=N-1&amount=1.234",
        "agreement=+&amount=1",
        "agreement=N-1&amount=-1",
    ] {
        assert_eq!(browse(&town, "/bank", Some(bad), own).await.0, 422, "{bad}");
    }
    assert_eq!(browse(&town, "/clock", Some("by=month"), own).await.0, 303);
    assert!(browse(&town, "/clock?lang=en", None, own).await.2.contains("2\u{a0}April 2026"));
    assert_eq!(browse(&town, "/clock", Some("to=2026-03-01"), own).await.0, 422, "never back");
    assert_eq!(browse(&town, "/modes", Some("service=bank&mode=silent&ms=0"), own).await.0, 303);
    assert!(matches!(town.ask(Service::Bank).await, Err(Silence::Unknown { .. })));

    assert_eq!(browse(&town, "/bank", Some("agreement=N-1&amount=1"), "cross-site").await.0, 403);
    assert_eq!(town.world.receipts().len(), 1);
}

#[tokio::test]
async fn a_script_controls_the_world_over_json() {
    let town = patient(4_000).await;
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let url = |path: &str| format!("{}/api/{path}", town.world.url());
    let put = |path: &str, body: serde_json::Value| client.put(url(path)).json(&body).send();
    let slow = serde_json::json!({ "mode": "slow", "ms": 60_000 });
    assert_eq!(put("modes/sms", slow).await.unwrap().status(), 204);
    assert!(matches!(town.ask(Service::Sms).await, Err(Silence::Unknown { .. })));
    assert_eq!(put("modes/nobody", serde_json::json!({ "mode": "ok" })).await.unwrap().status(), 404);
    assert_eq!(put("today", serde_json::json!({ "date": "2026-04-01" })).await.unwrap().status(), 204);
    let receipt = serde_json::json!({ "text": "N-1", "amount_tiyn": 5 });
    assert_eq!(client.post(url("receipts")).json(&receipt).send().await.unwrap().status(), 200);
    let state: serde_json::Value = client.get(url("state")).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["today"], "2026-04-01");
    assert_eq!(state["modes"]["sms"], serde_json::json!({ "mode": "slow", "ms": 60_000 }));
    assert_eq!(state["receipts"][0]["on"], "2026-04-01");
    assert_eq!(state["outbox"][0]["channel"], "sms");
}
