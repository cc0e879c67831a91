//! The First Credit Bureau: SOAP `GetReport` of `/FCBServices/Service`.
//!
//! The report's shape (`CigResult/Result/Root`, facts in attributes `value`) is as its clients read it in
//! public code. The element of the voluntary refusal (Rules cl. [8.8](lending::law::CL_8_8)) is in no public
//! text we found:
//! `Header/VoluntaryRefusal` is our model, to be checked against the contract; while it is missing the
//! report is unreadable, because a missing flag is not "no refusal".
//!
//! The bureau's request has only a mark that consent was given. The hash of the consent travels beside it
//! in an HTTP header, so that the exchange names the consent it was made under.

use async_trait::async_trait;
use lending::money::Money;
use ports::{Answered, BureauDebt, CreditBureau, CreditReport, Identifier, Silence};
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{ANSWER_MAX, Line},
    xml::{Element, escaped},
};

/// How the bureau knows us.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address without the path.
    pub base_url: String,
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: String,
    /// Which report is bought, as numbered in the contract.
    pub report_import_code: String,
}

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SERVICE: &str = "http://ws.creditinfo.com/";

/// Type 14 of an identifier is the IIN. That 15 is the BIN is our model, to be checked against the contract.
fn number_type(subject: Identifier<'_>) -> u8 {
    match subject {
        Identifier::Iin(_) => 14,
        Identifier::Bin(_) => 15,
    }
}

/// The bureau holds nothing on this person.
const SUBJECT_NOT_FOUND: &str = "1102";
const CONTRACTS_MAX: usize = 500;

/// The adapter.
pub struct FirstCreditBureau {
    line: Line,
    settings: Settings,
}

impl FirstCreditBureau {
    /// # Errors
    /// The address cannot be used.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        Ok(Self { line: Line::new("credit-bureau", &settings.base_url, patience)?, settings })
    }
}

#[async_trait]
impl CreditBureau for FirstCreditBureau {
    async fn report(
        &self,
        request: Uuid,
        subject: Identifier<'_>,
        consent_sha256: &[u8; 32],
    ) -> Result<Answered<CreditReport>, Silence> {
        let Settings { user_name, password, report_import_code, .. } = &self.settings;
        let message = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\" xmlns:ws=\"{SERVICE}\"><soapenv:Header>\
             <ws:CigWsHeader><ws:Culture>ru-RU</ws:Culture><ws:UserName>{}</ws:UserName>\
             <ws:Password>{}</ws:Password><ws:SecurityToken/><ws:Version>2</ws:Version><ws:UserId>0</ws:UserId>\
             </ws:CigWsHeader></soapenv:Header><soapenv:Body><ws:GetReport><ws:doc>\
             <keyValue xmlns=\"\"><reportImportCode>{}</reportImportCode><idNumber>{}</idNumber>\
             <idNumberType>{}</idNumberType><ConsentConfirmed>1</ConsentConfirmed></keyValue>\
             </ws:doc></ws:GetReport></soapenv:Body></soapenv:Envelope>",
            escaped(user_name),
            escaped(password),
            escaped(report_import_code),
            subject.as_str(),
            number_type(subject),
        );
        let question = self
            .line
            .post("/FCBServices/Service")
            .header("content-type", "text/xml; charset=utf-8")
            .header("soapaction", "\"\"")
            .header("x-request-id", request.to_string())
            .header("x-consent-sha256", hex(consent_sha256))
            .body(message);
        let raw = self.line.ask(question, ANSWER_MAX).await?.body;
        let value = read(&raw, subject).ok_or_else(|| self.line.unreadable())?;
        Ok(Answered { value, source: "first-credit-bureau", media_type: "text/xml", raw })
    }
}

fn read(raw: &[u8], subject: Identifier<'_>) -> Option<CreditReport> {
    let envelope = Element::read(raw).ok().filter(|root| root.is("Envelope", ENVELOPE))?;
    let result = envelope.one("Body/GetReportResponse/GetReportResult/CigResult/Result")?;
    if let Some(error) = result.one("CigResultError/Errmessage") {
        // A refusal is pushed to the bureau by the state: whom it does not know has not refused.
        let empty = CreditReport { voluntary_refusal: false, debts: Vec::new() };
        return (error.own_code()? == SUBJECT_NOT_FOUND).then_some(empty);
    }
    let root = result.one("Root")?;
    // Someone else's report must never decide.
    let (number, individual) = match subject {
        Identifier::Iin(_) => ("Header/IIN", true),
        Identifier::Bin(_) => ("Header/BIN", false),
    };
    if root.value(number)? != subject.as_str() {
        return None;
    }
    // Only individuals can refuse (Law on microfinance activity, art. 3-2).
    let flag = if individual { root.value("Header/VoluntaryRefusal")? } else { "0" };
    let voluntary_refusal = match flag {
        "1" => true,
        "0" => false,
        _ => return None,
    };
    let contracts = root.one("ExistingContracts")?;
    if contracts.all("Contract").count() > CONTRACTS_MAX {
        return None;
    }
    let debts = contracts.all("Contract").map(debt).collect::<Option<_>>()?;
    Some(CreditReport { voluntary_refusal, debts })
}

fn debt(contract: &Element) -> Option<BureauDebt> {
    if contract.value("CurrencyCode")? != "KZT" {
        return None;
    }
    Some(BureauDebt {
        creditor: contract.value("FinancialInstitution")?.chars().take(200).collect(),
        outstanding: amount(contract, "ResidualAmount")?,
        monthly_payment: amount(contract, "MonthlyInstalmentAmount")?,
        overdue: amount(contract, "OverdueAmount")?,
        // Despite its name it holds days overdue, as the bureau's clients label it.
        overdue_days: contract.value("NumberOfOverdueInstalments")?.parse().ok()?,
    })
}

fn amount(contract: &Element, name: &str) -> Option<Money> {
    Money::parse(contract.value(name)?.trim_end_matches("KZT")).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
