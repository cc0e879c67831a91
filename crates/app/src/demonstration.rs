//! The organization of demonstrations and tests, and its three credit products. It does not exist.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use lending::{
    calendar::CalendarDays,
    law::rules::{CreditKind, RULE_SETS},
    loan::AllocationOrder,
    money::Money,
    product::{AccrualRecord, BorrowerRules, Clients, Names, Product, Repayment, TermRange},
    rate::{DailyRate, DayCount, Rate},
    schedule::{DaysOff, Method},
};

use crate::organization::{Organization, Trilingual};

/// Its tenant.
pub const TENANT: i32 = 1;

/// The business date on which a new demonstration opens: today, or half a year before the end of what the program knows of
/// the law, whichever is earlier. Then its visitor can borrow, move the calendar on to the end of the credit, and borrow
/// again for half a year of that.
#[must_use]
pub fn opens_on(today: Date) -> Date {
    let known_until = RULE_SETS[RULE_SETS.len() - 1].until;
    today.min(known_until.saturating_sub(6.months()))
}

fn text(kk: &str, ru: &str, en: &str) -> Trilingual {
    Trilingual { kk: kk.into(), ru: ru.into(), en: en.into() }
}

/// The organization.
#[must_use]
pub fn organization() -> Organization {
    Organization {
        name: text("Дала Несие", "Дала Несие", "Dala Nesie"),
        legal_name: text("«Дала Несие» МҚҰ» ЖШС", "ТОО «МФО «Дала Несие»", "Dala Nesie MFO LLP"),
        bin: "190440019884".into(),
        legal_address: text(
            "010000, Астана қ., Достық к-сі, 5-үй",
            "010000, г. Астана, ул. Достык, д. 5",
            "5 Dostyk Street, Astana 010000",
        ),
        actual_address: text(
            "050000, Алматы қ., Абай д-лы, 10-үй, 3-қабат",
            "050000, г. Алматы, пр. Абая, д. 10, 3 этаж",
            "10 Abai Avenue, 3rd floor, Almaty 050000",
        ),
        phones: "+7 727 350 00 00".into(),
        fax: "+7 727 350 00 01".into(),
        email: "info@dala-nesie.example".into(),
        site: "https://localhost:8443".into(),
        first_manager: "Ахметова Сәуле Маратқызы".into(),
        manager_post: text("Директор", "Директор", "Director"),
        licence_number: "02.21.0000.М".into(),
        licence_date: date(2021, 3, 15),
        iban: "KZ63601A217000000001".into(),
        bank: text("«Үлгі Банк» АҚ", "АО «Улги Банк»", "Ulgi Bank JSC"),
        bic: "ULGIKZKX".into(),
        colour: "#0b6e4f".into(),
    }
}

fn consumer() -> Product {
    Product {
        code: "consumer".into(),
        name: Names {
            kk: "Күнделікті".into(), ru: "Повседневный".into(), en: "Everyday".into()
        },
        kind: CreditKind::Unsecured,
        amount_min: Money::from_tenge(30_000),
        amount_max: Money::from_tenge(300_000),
        term: TermRange::Months { min: 3, max: 24 },
        rate: Rate::from_ppm(360_000),
        penalty: DailyRate::from_ppm(5_000),
        day_count: DayCount::Actual365,
        methods: vec![Method::Annuity, Method::Differentiated],
        purposes: ["household", "health", "education", "travel", "other"].map(str::to_owned).into(),
        allocation: AllocationOrder::LAW,
        repayment: Repayment { days_off: DaysOff::Forward, ..Repayment::default() },
        borrower: BorrowerRules {
            clients: Clients::Individuals,
            age_min: 18,
            age_max: 68,
            debt_burden_max_ppm: 500_000,
            overdue_days_max: CalendarDays(30),
        },
        accrual_record: AccrualRecord::Packed,
    }
}

/// Its products: an everyday credit, one for those who study or trade, at a lower rate, and one for legal entities.
#[must_use]
pub fn products() -> Vec<Product> {
    let study = Product {
        code: "study".into(),
        name: Names {
            kk: "Білім мен еңбек".into(), ru: "Учёба и дело".into(), en: "Study and trade".into()
        },
        amount_min: Money::from_tenge(50_000),
        term: TermRange::Months { min: 6, max: 36 },
        rate: Rate::from_ppm(240_000),
        penalty: DailyRate::from_ppm(3_000),
        purposes: ["education", "tools", "goods", "other"].map(str::to_owned).into(),
        ..consumer()
    };
    let turnover = Product {
        code: "turnover".into(),
        name: Names {
            kk: "Айналым".into(), ru: "Оборотный".into(), en: "Working capital".into()
        },
        kind: CreditKind::Business,
        amount_min: Money::from_tenge(100_000),
        amount_max: Money::from_tenge(20_000_000),
        term: TermRange::Months { min: 3, max: 36 },
        rate: Rate::from_ppm(260_000),
        penalty: DailyRate::from_ppm(1_000),
        purposes: ["goods", "tools", "other"].map(str::to_owned).into(),
        borrower: BorrowerRules { clients: Clients::Entities, ..consumer().borrower },
        ..consumer()
    };
    vec![consumer(), study, turnover]
}
