use ::texts::{Lang, refusals};
use app::{
    applications, attempts, documents, entities, identity, inquiry, loans, once, password, payments,
    refusal::Refusal, sessions, staff, uploads,
};

/// Proves [`lending::law::CL_24_5`]: what the reader is told is text, not a code.
#[test]
fn every_refusal_speaks_to_its_reader_in_each_language() {
    let mut codes: Vec<&str> = Vec::new();
    macro_rules! all {
        ($($domain:ty),*) => {$( codes.extend(<$domain>::ALL.iter().map(|no| Refusal::from(*no).code)); )*};
    }
    all!(
        applications::ApplicationRefusal,
        attempts::TooOften,
        documents::DocumentRefusal,
        entities::EntityRefusal,
        identity::IdentityRefusal,
        identity::signatures::SignatureRefusal,
        inquiry::Outside,
        loans::LoanRefusal,
        once::OnceRefusal,
        password::Busy,
        password::Weak,
        payments::PaymentRefusal,
        sessions::SessionRefusal,
        staff::StaffRefusal,
        uploads::UploadRefusal
    );
    let declines = [
        "listed",
        "voluntary-refusal",
        "overdue-elsewhere",
        "debt-burden",
        "age",
        "purpose",
        "amount-over-limit",
        "effective-rate-over-cap",
        "daily-rate-over-cap",
        "penalty-over-cap",
    ];
    codes.extend(declines);
    let silent: Vec<_> = Lang::ALL
        .into_iter()
        .flat_map(|lang| codes.iter().map(move |code| (lang, *code)))
        .filter(|(lang, code)| refusals::by_code(*lang, code).is_none())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
