//! The First Credit Bureau's `GetReport`.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use lending::{
    iin::{Bin, Iin},
    money::Money,
};

use super::{KEY, refused, xml};
use crate::{Mode, Service, persons::Fate, world::World, xml::Flat};

/// Creditor, outstanding, monthly payment, overdue (tenge), days overdue.
type Debt = (&'static str, i64, i64, i64, u32);

const ONE: Debt = ("«Алғашқы» банкі", 120_000, 15_000, 0, 0);
const HOME: Debt = ("«Баспана» банкі", 9_400_000, 120_000, 0, 0);
const CAR: Debt = ("«Көлік» МҚҰ", 1_300_000, 60_000, 0, 0);
const LATE: Debt = ("«Кейін» МҚҰ", 250_000, 30_000, 95_000, 95);

pub(super) async fn report(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(asked) = Flat::read(&body) else { return refused(StatusCode::BAD_REQUEST) };
    if asked.at("Envelope/Header/CigWsHeader/Password") != KEY {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let key = |field: &str| asked.at(&format!("Envelope/Body/GetReport/doc/keyValue/{field}"));
    let iin = key("idNumber");
    let consent = headers.get("x-consent-sha256").is_some_and(|value| value.len() == 64);
    let consented = key("ConsentConfirmed") == "1" && consent;
    let header = match key("idNumberType") {
        "14" if Iin::parse(iin).is_ok() => "IIN",
        "15" if Bin::parse(iin).is_ok() => "BIN",
        _ => "",
    };
    if header.is_empty() || !consented {
        return refused(StatusCode::BAD_REQUEST);
    }
    let fate = Fate::of(iin);
    let refusal = fate == Fate::VoluntaryRefusal || world.mode(Service::CreditBureau) == Mode::Reject;
    let debts: &[Debt] = match fate {
        Fate::OneDebt => &[ONE],
        Fate::HeavyDebt => &[HOME, CAR],
        Fate::Overdue => &[LATE],
        _ => &[],
    };
    xml(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><ns2:GetReportResponse xmlns:ns2="http://ws.creditinfo.com/"><ns2:GetReportResult><CigResult Version="2"><DateTime>{today}T12:00:00</DateTime><Result><Root><Header><{header} value="{iin}"/><VoluntaryRefusal value="{refusal}"/></Header><ExistingContracts>{contracts}</ExistingContracts><TerminatedContracts/></Root></Result></CigResult></ns2:GetReportResult></ns2:GetReportResponse></S:Body></S:Envelope>"#,
        today = world.clock.today(),
        refusal = u8::from(refusal),
        contracts = debts.iter().map(contract).collect::<String>(),
    ))
}

fn contract((creditor, outstanding, monthly, overdue, days): &Debt) -> String {
    let tenge = |amount: &i64| Money::from_tenge(*amount);
    format!(
        r#"<Contract><CurrencyCode value="KZT"/><FinancialInstitution value="{creditor}"/><ResidualAmount value="{} KZT"/><MonthlyInstalmentAmount value="{} KZT"/><OverdueAmount value="{} KZT"/><NumberOfOverdueInstalments value="{days}"/></Contract>"#,
        tenge(outstanding),
        tenge(monthly),
        tenge(overdue),
    )
}
