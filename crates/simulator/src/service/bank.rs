//! The organization's bank: takes orders, keeps the account, reports what comes in.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use lending::{
    iban::Iban,
    iin::{Bin, Iin},
    money::Money,
};
use sha2::Sha256;
use uuid::Uuid;

use super::{BANK_SECRET, escaped, known, refused, xml};
use crate::{ACCOUNT, BankReceipt, Callback, Mode, Outcome, Payment, Service, world::World, xml::Flat};

const ORDER: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// What the account held before anything happened.
const OPENING: Money = Money::from_tenge(10_000_000_000);

pub(super) async fn pay(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    if !known(&headers) {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let today = world.clock.today();
    let reject = world.mode(Service::Bank) == Mode::Reject;
    match Flat::read(&body).and_then(|message| order(&message, today, reject)) {
        Some(payment) => report(&world, &payment.id.clone(), Some(&world.pay(payment))),
        None => refused(StatusCode::BAD_REQUEST),
    }
}

/// Reads an order of one transaction; what is well-formed and cannot be paid is rejected by reason code.
fn order(message: &Flat, today: Date, reject: bool) -> Option<Payment> {
    let root = |path: &str| message.at(&format!("Document/CstmrCdtTrfInitn/{path}"));
    let payment = |path: &str| root(&format!("PmtInf/{path}"));
    let transaction = |path: &str| payment(&format!("CdtTrfTxInf/{path}"));
    let id = Uuid::try_parse(transaction("PmtId/EndToEndId")).ok()?.simple().to_string();
    let amount = Money::parse(transaction("Amt/InstdAmt")).ok()?;
    let once = root("GrpHdr/NbOfTxs") == "1" && root("GrpHdr/MsgId") == id;
    let agrees = root("GrpHdr/CtrlSum") == amount.to_string() && payment("CtrlSum") == amount.to_string();
    let ours = payment("DbtrAcct/Id/IBAN") == ACCOUNT && payment("PmtMtd") == "TRF";
    let due = payment("ReqdExctnDt/Dt").parse::<Date>().is_ok();
    let to = transaction("CdtrAcct/Id/IBAN");
    if message.at("Document/@xmlns") != ORDER || !(once && agrees && ours && due) {
        return None;
    }
    let outcome = if reject {
        Outcome::Rejected("AC04".into())
    } else if Iban::parse(to).is_err() {
        Outcome::Rejected("AC01".into())
    } else if transaction("Amt/InstdAmt/@Ccy") != "KZT" || !amount.is_positive() {
        Outcome::Rejected("AM03".into())
    } else if (Iin::parse(transaction("Cdtr/Id/PrvtId/Othr/Id")).is_err()
        && Bin::parse(transaction("Cdtr/Id/OrgId/Othr/Id")).is_err())
        || transaction("Cdtr/Nm").is_empty()
    {
        Outcome::Rejected("BE05".into())
    } else {
        Outcome::Executed
    };
    Some(Payment {
        id,
        iban: to.to_owned(),
        payee: transaction("Cdtr/Nm").to_owned(),
        amount_tiyn: amount,
        text: transaction("RmtInf/Ustrd").to_owned(),
        on: today,
        outcome,
    })
}

pub(super) async fn status(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    match Uuid::try_parse(&id) {
        _ if !known(&headers) => refused(StatusCode::UNAUTHORIZED),
        Ok(id) => {
            let id = id.simple().to_string();
            report(&world, &id, world.payment(&id).as_ref())
        }
        Err(_) => refused(StatusCode::BAD_REQUEST),
    }
}

fn report(world: &World, id: &str, payment: Option<&Payment>) -> Response {
    let mode = world.mode(Service::Bank);
    let rejected =
        |code: &str| format!("<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>");
    let said = match payment.map(|payment| (&payment.outcome, payment.on)) {
        None => rejected("NOOR"),
        Some((Outcome::Rejected(code), _)) => rejected(code),
        Some((Outcome::Executed, _)) if mode == Mode::Pending => "<TxSts>PDNG</TxSts>".to_owned(),
        Some((Outcome::Executed, on)) => format!(
            "<TxSts>ACSC</TxSts><AcctSvcrRef>PAY{}</AcctSvcrRef>\
             <OrgnlTxRef><IntrBkSttlmDt>{on}</IntrBkSttlmDt></OrgnlTxRef>",
            id.get(..12).unwrap_or_default(),
        ),
    };
    let transaction = format!("<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId>{said}</TxInfAndSts>");
    let times = if mode == Mode::Twice { 2 } else { 1 };
    xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>S{short}</MsgId><CreDtTm>{today}T12:00:00+05:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\
         </OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{id}</OrgnlPmtInfId>{transactions}\
         </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
        short = id.get(..20).unwrap_or_default(),
        today = world.clock.today(),
        transactions = transaction.repeat(times),
    ))
}

pub(super) async fn statement(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(date): Path<String>,
) -> Response {
    if !known(&headers) {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let Ok(on) = date.parse::<Date>() else { return refused(StatusCode::BAD_REQUEST) };
    let (receipts, payments) = (world.receipts(), world.payments());
    let executed = || payments.iter().filter(|payment| payment.outcome == Outcome::Executed);
    let balance = |until: &dyn Fn(Date) -> bool| {
        let came: Money = receipts.iter().filter(|r| until(r.on)).map(|r| r.amount_tiyn).sum();
        let went: Money = executed().filter(|p| until(p.on)).map(|p| p.amount_tiyn).sum();
        OPENING + came - went
    };
    let times = if world.mode(Service::Bank) == Mode::Twice { 2 } else { 1 };
    let credits: String = receipts.iter().filter(|r| r.on == on).map(|r| credit(r).repeat(times)).collect();
    let debits: String = executed().filter(|p| p.on == on).map(debit).collect();
    xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>STMT{on}</MsgId><CreDtTm>{today}T23:00:00+05:00</CreDtTm></GrpHdr>\
         <Stmt><Id>STMT{on}</Id><CreDtTm>{today}T23:00:00+05:00</CreDtTm>\
         <FrToDt><FrDtTm>{on}T00:00:00+05:00</FrDtTm><ToDtTm>{on}T23:59:59+05:00</ToDtTm></FrToDt>\
         <Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>{opening}{closing}{credits}{debits}\
         </Stmt></BkToCstmrStmt></Document>",
        today = world.clock.today(),
        opening = held("OPBD", balance(&|day| day < on), on),
        closing = held("CLBD", balance(&|day| day <= on), on),
    ))
}

fn held(kind: &str, amount: Money, on: Date) -> String {
    let (sign, amount) = if amount.is_negative() { ("DBIT", -amount) } else { ("CRDT", amount) };
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"KZT\">{amount}</Amt>\
         <CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )
}

fn credit(receipt: &BankReceipt) -> String {
    let BankReceipt { reference, amount_tiyn, text, on, .. } = receipt;
    entry(reference, *amount_tiyn, "CRDT", *on, text)
}

fn debit(payment: &Payment) -> String {
    let reference = format!("PAY{}", payment.id.get(..12).unwrap_or_default());
    entry(&reference, payment.amount_tiyn, "DBIT", payment.on, &payment.text)
}

fn entry(reference: &str, amount: Money, sign: &str, on: Date, text: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"KZT\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>\
         <BkTxCd><Prtry><Cd>{sign}</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs>\
         <AcctSvcrRef>{reference}</AcctSvcrRef></Refs><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
        escaped(text),
    )
}

/// Posts notifications to the organization.
#[derive(Default)]
pub(crate) struct Notifier(Mutex<Option<(reqwest::Client, String)>>);

impl Notifier {
    /// A client that trusts the organization's certificate, and the organization's address without a path.
    pub(crate) fn organization(&self) -> Option<(reqwest::Client, String)> {
        let (client, url) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let url = reqwest::Url::parse(&url).ok()?;
        Some((client, url.origin().ascii_serialization()))
    }
}

pub(crate) fn set_callback(world: &Arc<World>, callback: Callback) -> io::Result<()> {
    let invalid = |error: reqwest::Error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let trusted = match &callback.root_pem {
        Some(pem) => reqwest::Certificate::from_pem_bundle(pem).map_err(invalid)?,
        None => Vec::new(),
    };
    let client = reqwest::Client::builder()
        .tls_certs_only(trusted)
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(invalid)?;
    *world.notifier.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((client, callback.url));
    for receipt in world.receipts().into_iter().filter(|receipt| !receipt.notified) {
        notify(world, &receipt);
    }
    Ok(())
}

pub(crate) fn receive(world: &Arc<World>, text: &str, amount: Money, on: Date) -> String {
    let receipt = world.receive(text, amount, on);
    let times = match world.mode(Service::Bank) {
        Mode::Silent | Mode::Error500 => 0,
        Mode::Twice => 2,
        _ => 1,
    };
    for _ in 0..times {
        notify(world, &receipt);
    }
    receipt.reference
}

/// Posts until accepted, for about five minutes; after that the statement is the organization's way to
/// learn of it.
fn notify(world: &Arc<World>, receipt: &BankReceipt) {
    let to = world.notifier.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (Some((client, url)), Some((body, signature))) = (to, signed(receipt, world.clock.today())) else {
        return;
    };
    let (world, reference) = (Arc::clone(world), receipt.reference.clone());
    tokio::spawn(async move {
        for wait_ms in [0, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000] {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            let posted = client
                .post(&url)
                .header("content-type", "application/xml")
                .header("x-bank-signature", &signature)
                .body(body.clone())
                .send()
                .await;
            if posted.is_ok_and(|answer| answer.status().is_success()) {
                world.notified(&reference);
                return;
            }
        }
        tracing::warn!(reference, "the organization accepts no notification");
    });
}

fn signed(receipt: &BankReceipt, today: Date) -> Option<(String, String)> {
    let reference = &receipt.reference;
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>N{reference}</MsgId><CreDtTm>{today}T12:00:00+05:00</CreDtTm></GrpHdr>\
         <Ntfctn><Id>N{reference}</Id><CreDtTm>{today}T12:00:00+05:00</CreDtTm>\
         <Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>{}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
        credit(receipt),
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(BANK_SECRET.as_bytes()).ok()?;
    mac.update(body.as_bytes());
    let signature = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some((body, signature))
}
