//! The papers as their readers get them. The specimens are left in cargo's folder for tests, to be looked at.

#![allow(clippy::unwrap_used, reason = "builders of a test, outside its functions")]

use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lending::money::{Money, Rounding};
use papers::{
    Acknowledgement, Agreement, Amendment, Bilingual, Borrower, Channel, ClosingNotice, ConfirmationMethod,
    DayCount, Document, EvidenceSheet, Instalment, Lender, Method, PaperError, Penalty, Percent, Proof,
    Sha256, Side, Term,
};

fn both(kk: &str, ru: &str) -> Bilingual {
    Bilingual { kk: kk.to_owned(), ru: ru.to_owned() }
}

fn lender() -> Lender {
    Lender {
        name: both("«Несие Үлгі» микроқаржы ұйымы» ЖШС", "ТОО «Микрофинансовая организация «Несие Үлгі»"),
        bin: "190140012342".to_owned(),
        address: both("Астана қ., Мәңгілік Ел даңғылы, 55/1", "г. Астана, проспект Мәңгілік Ел, 55/1"),
        licence_number: "01.21.0001.M".to_owned(),
        licence_date: date(2021, 3, 1),
        manager_post: both("Директор", "Директор"),
        manager_name: "Әбдірахманова Гүлнәр Һамитқызы".to_owned(),
        phone: "+7 7172 000 000".to_owned(),
        email: "sales@nesie.example".to_owned(),
        site: "https://nesie.example".to_owned(),
        iban: "KZ86125KZT5004100100".to_owned(),
        bank: both("«Үлгі Банк» АҚ", "АО «Үлгі Банк»"),
        bic: "ULGIKZKA".to_owned(),
    }
}

/// Equal principal over `months`, interest of 3 % a month, from 22.11.2026.
fn schedule(amount: Money, months: i64, method: Method) -> Vec<Instalment> {
    let first: Date = date(2026, 11, 22);
    let mut balance = amount;
    (1..=months)
        .map(|month| {
            let part = Rounding::HalfEven.divide(i128::from(amount.tiyn()), i128::from(months));
            let mut principal = Money::from_tiyn(i64::try_from(part).unwrap());
            if month == months {
                principal = balance;
            }
            let base = if matches!(method, Method::Annuity) { amount } else { balance };
            let interest = Money::from_tiyn(base.tiyn() * 3 / 100);
            balance = balance.checked_sub(principal).unwrap();
            Instalment { due: first.checked_add(month.months()).unwrap(), principal, interest, balance }
        })
        .collect()
}

fn agreement(method: Method, months: u16) -> Agreement {
    let amount = Money::from_tenge(500_000);
    Agreement {
        number: "NS-2026-000017".to_owned(),
        concluded_on: date(2026, 11, 22),
        lender: lender(),
        borrower: Borrower {
            full_name: "Қасымова Әйгерім Өмірбекқызы".to_owned(),
            number: "900515400015".to_owned(),
            representative: None,
            document: Document {
                kind: both("Жеке куәлік", "Удостоверение личности"),
                number: "045678901".to_owned(),
                valid_until: date(2031, 5, 20),
            },
            phone: "+7 701 123 45 67".to_owned(),
            iban: "KZ75125KZT1001300335".to_owned(),
        },
        product: both("Отбасылық", "Семейный"),
        purpose: both("тұтынушылық мақсаттар", "потребительские цели"),
        for_business: false,
        amount,
        term: Term::Months(months),
        nominal_rate: Percent::from_thousandths(36_000),
        effective_rate: Percent::from_thousandths(42_600),
        day_count: DayCount::Actual365,
        method,
        days_off_moved: true,
        penalty: Penalty {
            daily_rate: Percent::from_thousandths(500),
            stops_after_days: Some(90),
            yearly_cap: Percent::from_thousandths(10_000),
        },
        payout_working_days: 1,
        ways_to_repay: vec![
            both("кез келген банктің қосымшасы арқылы аударым", "перевод через приложение любого банка"),
            both("жеке кабинеттегі карта", "карта в личном кабинете"),
        ],
        collection_agency: true,
        rule_set: "2026-07".to_owned(),
        schedule: schedule(amount, months.into(), method),
    }
}

fn evidence_sheet() -> EvidenceSheet {
    let proof = |method, kk: &str, ru: &str, second: u8, reference: Option<&str>| Proof {
        method,
        detail: both(kk, ru),
        at: format!("2026-11-22T09:14:{second:02}Z").parse().unwrap(),
        reference: reference.map(str::to_owned),
        evidence_sha256: Sha256([second; 32]),
    };
    let shown = |kk: &str, ru: &str, second: u8| Acknowledgement {
        shown: both(kk, ru),
        at: format!("2026-11-22T09:12:{second:02}Z").parse().unwrap(),
        sha256: Sha256([second; 32]),
    };
    EvidenceSheet {
        agreement_number: "NS-2026-000017".to_owned(),
        agreement_date: date(2026, 11, 22),
        amendment: None,
        agreed_sha256: Sha256([0xA7; 32]),
        operation: "0198f3a2-5b1c-7d42-9e0f-3c6a1b2d4e5f".to_owned(),
        lender: lender(),
        borrower_name: "Қасымова Әйгерім Өмірбекқызы".to_owned(),
        borrower_number: "900515400015".to_owned(),
        borrower_is_entity: false,
        representative: None,
        channel: Channel::Web,
        concluded_at: "2026-11-22T09:14:58Z".parse().unwrap(),
        proofs: vec![
            proof(
                ConfirmationMethod::Biometric,
                "СДАО-ның жауабы оң, сәйкестік 98 %",
                "ответ ЦОИД положительный, совпадение 98 %",
                31,
                Some("IDEC-7f3a91c2"),
            ),
            proof(
                ConfirmationMethod::TwoFactor,
                "құпиясөз және +7 701 ••• 45 67 нөміріне жіберілген бір реттік код",
                "пароль и одноразовый код, отправленный на +7 701 ••• 45 67",
                57,
                Some("SMS-000183"),
            ),
        ],
        acknowledgements: vec![
            shown("Микрокредиттер беру қағидалары", "Правила предоставления микрокредитов", 5),
            shown("Төлемдер туралы толық ақпарат", "Полная информация о платежах", 17),
            shown("Құқықтар мен міндеттер", "Права и обязанности", 29),
            shown("Өтеу кестелерінің жобалары: екі әдіс", "Проекты графиков погашения: два метода", 41),
        ],
        issued_on: date(2026, 11, 22),
    }
}

/// Six installments more, at a lower rate, and the penalty given up.
fn amendment() -> Amendment {
    let coming = schedule(Money::from_tenge(300_000), 12, Method::Annuity);
    let side = |rate, payments, to_pay, penalty| Side {
        nominal_rate: Percent::from_thousandths(rate),
        effective_rate: Percent::from_thousandths(rate + 6_600),
        payments,
        next_due: Some(date(2026, 12, 22)),
        last_due: Some(date(2027, 11, 22)),
        due: Money::from_tiyn(4_500_000),
        penalty: Money::from_tiyn(penalty),
        to_pay: Money::from_tiyn(to_pay),
    };
    let paper = agreement(Method::Annuity, 12);
    Amendment {
        number: 1,
        agreement_number: paper.number,
        agreement_date: date(2026, 5, 22),
        concluded_on: date(2026, 11, 22),
        lender: lender(),
        borrower: paper.borrower,
        before: side(36_000, 6, 41_650_000, 1_250_000),
        after: side(24_000, 12, 45_300_000, 0),
        rate_falls: true,
        interest_waived: None,
        penalty_waived: Some(Money::from_tiyn(1_250_000)),
        advance: Some(Money::from_tiyn(55)),
        rule_set: "2026-07-02".to_owned(),
        principal_to_come: Money::from_tenge(300_000),
        schedule: coming,
    }
}

fn closing_notice() -> ClosingNotice {
    ClosingNotice {
        number: "NS-2026-000017/1".to_owned(),
        issued_on: date(2027, 11, 22),
        lender: lender(),
        borrower_name: "Қасымова Әйгерім Өмірбекқызы".to_owned(),
        borrower_number: "900515400015".to_owned(),
        borrower_is_entity: false,
        agreement_number: "NS-2026-000017".to_owned(),
        agreement_date: date(2026, 11, 22),
        product: both("Отбасылық", "Семейный"),
        amount: Money::from_tenge(500_000),
        given_on: date(2026, 11, 22),
        closed_on: date(2027, 11, 22),
        principal_paid: Money::from_tenge(500_000),
        interest_paid: Money::from_tiyn(9_750_033),
        penalty_paid: Money::from_tiyn(125_000),
    }
}

#[test]
fn an_agreement_has_the_same_bytes_wherever_it_is_printed() {
    let paper = agreement(Method::Differentiated, 12);
    let first = papers::agreement(&paper).unwrap();
    let (left, right) = std::thread::scope(|scope| {
        let left = scope.spawn(|| papers::agreement(&paper).unwrap());
        let right = scope.spawn(|| papers::agreement(&paper).unwrap());
        (left.join().unwrap(), right.join().unwrap())
    });
    assert!(first == left && first == right, "its hash is what the parties sign");
    let mut other = paper.clone();
    other.number.push('x');
    assert!(papers::agreement(&other).unwrap() != first);
}

#[test]
fn every_paper_is_printed_as_tagged_pdf_a() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut single = agreement(Method::SinglePayment, 1);
    (single.term, single.day_count, single.collection_agency) =
        (Term::Days(30), DayCount::ActualActual, false);
    let mut matured = amendment();
    (matured.principal_to_come, matured.schedule) = (Money::ZERO, Vec::new());
    (matured.after.payments, matured.after.next_due, matured.interest_waived) =
        (0, None, Some(Money::from_tiyn(1)));
    let specimens = [
        ("agreement-annuity-12", papers::agreement(&agreement(Method::Annuity, 12))),
        ("agreement-differentiated-60", papers::agreement(&agreement(Method::Differentiated, 60))),
        ("agreement-single", papers::agreement(&single)),
        ("evidence", papers::evidence(&evidence_sheet())),
        (
            "evidence-of-amendment",
            papers::evidence(&EvidenceSheet { amendment: Some(1), ..evidence_sheet() }),
        ),
        ("amendment", papers::amendment(&amendment())),
        ("amendment-after-the-last-due-date", papers::amendment(&matured)),
        ("closing", papers::closing_notice(&closing_notice())),
    ];
    for (name, pdf) in specimens {
        let pdf = pdf.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
        let holds = |text: &[u8]| pdf.windows(text.len()).any(|part| part == text);
        assert!(holds(b"<pdfaid:part>2</pdfaid:part>"), "{name} is for the archive");
        assert!(holds(b"/StructTreeRoot"), "{name} can be read aloud");
        std::fs::write(folder.join(name).with_extension("pdf"), pdf).unwrap();
    }
}

#[test]
fn a_clients_name_is_never_markup() {
    let mut paper = agreement(Method::Annuity, 3);
    paper.borrower.full_name =
        r#"#panic("x") $ x $ [*_`\#it.number = </a> <agreement.typ> @ref "quoted' // /* \u{41}"#.to_owned();
    let pdf = papers::agreement(&paper).unwrap();
    paper.borrower.full_name = "#it.number".to_owned();
    let other = papers::agreement(&paper).unwrap();
    assert!(pdf != other);
}

#[test]
fn what_cannot_be_printed_faithfully_is_refused() {
    let refused = |name: &str| {
        let mut paper = agreement(Method::Annuity, 3);
        paper.borrower.full_name = name.to_owned();
        papers::agreement(&paper).unwrap_err()
    };
    let field = || "borrower.full_name".to_owned();
    assert_eq!(refused("李小龙"), PaperError::Unprintable { field: field() }, "no glyph");
    assert_eq!(
        refused("Иван\u{202e}ов"),
        PaperError::Unprintable { field: field() },
        "turns the text around"
    );
    assert_eq!(refused("Иван\nов"), PaperError::Unprintable { field: field() });
    assert_eq!(refused(" "), PaperError::Empty { field: field() });
    assert_eq!(refused(&"я".repeat(501)), PaperError::TooLong { field: field() });

    let mut sheet = evidence_sheet();
    sheet.acknowledgements = vec![sheet.acknowledgements[0].clone(); 601];
    assert_eq!(
        papers::evidence(&sheet).unwrap_err(),
        PaperError::TooManyRows { field: "acknowledgements".to_owned() }
    );
    let mut notice = closing_notice();
    notice.penalty_paid = Money::from_tiyn(-1);
    assert!(matches!(papers::closing_notice(&notice), Err(PaperError::OutOfRange { .. })));
}

#[test]
fn a_schedule_that_does_not_repay_the_amount_is_not_printed() {
    let refused = |spoil: fn(&mut Vec<Instalment>)| {
        let mut paper = agreement(Method::Differentiated, 12);
        spoil(&mut paper.schedule);
        papers::agreement(&paper).unwrap_err()
    };
    assert_eq!(refused(Vec::clear), PaperError::Schedule { row: 0 });
    assert_eq!(refused(|rows| rows.truncate(11)), PaperError::Schedule { row: 0 });
    assert_eq!(refused(|rows| rows[4].balance = Money::from_tiyn(1)), PaperError::Schedule { row: 5 });
    assert_eq!(refused(|rows| rows.swap(2, 3)), PaperError::Schedule { row: 3 });
    assert_eq!(refused(|rows| rows[1].due = rows[0].due), PaperError::Schedule { row: 2 });
    assert_eq!(refused(|rows| rows[0].interest = Money::from_tiyn(-1)), PaperError::Schedule { row: 1 });

    let mut paper = amendment();
    paper.principal_to_come = Money::from_tenge(300_001);
    assert_eq!(papers::amendment(&paper).unwrap_err(), PaperError::Schedule { row: 1 });
}
