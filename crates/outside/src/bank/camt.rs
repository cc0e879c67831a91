//! `camt.053.001.08`, a day's statement, and `camt.054.001.08`, a notification: what came in.
//!
//! Read whole or not at all: one entry that cannot be understood makes the message unreadable, because
//! money skipped silently is money lost. Entries that are not money from a client (debits, not yet booked,
//! reversals) are left out.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lending::{iban::Iban, money::Money};
use ports::Receipt;

use crate::xml::Element;

const STATEMENT: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
const NOTIFICATION: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";
const ENTRIES_MAX: usize = 50_000;
/// Characters of a payment's text that are kept.
const TEXT_MAX: usize = 500;

pub(super) fn statement(raw: &[u8], account: &Iban, on: Date) -> Option<Vec<Receipt>> {
    let document = Element::read(raw).ok().filter(|root| root.is("Document", STATEMENT))?;
    let statement = document.one("BkToCstmrStmt/Stmt")?;
    // An empty statement of another day would say that nobody paid.
    if date(statement.text("FrToDt/FrDtTm")?)? != on || date(statement.text("FrToDt/ToDtTm")?)? != on {
        return None;
    }
    receipts(statement, account)
}

pub(super) fn notification(raw: &[u8], account: &Iban) -> Option<Vec<Receipt>> {
    let document = Element::read(raw).ok().filter(|root| root.is("Document", NOTIFICATION))?;
    receipts(document.one("BkToCstmrDbtCdtNtfctn/Ntfctn")?, account)
}

fn receipts(report: &Element, account: &Iban) -> Option<Vec<Receipt>> {
    if report.text("Acct/Id/IBAN")? != account.as_str() {
        return None;
    }
    let mut received = BTreeMap::<String, Receipt>::new();
    for entry in report.all("Ntry") {
        for receipt in entered(entry)? {
            if let Some(before) = received.insert(receipt.reference.clone(), receipt.clone())
                && before != receipt
            {
                return None;
            }
            if received.len() > ENTRIES_MAX {
                return None;
            }
        }
    }
    Some(received.into_values().collect())
}

/// The receipts of one entry: one, or as many as a booked batch has transactions.
fn entered(entry: &Element) -> Option<Vec<Receipt>> {
    let booked = entry.text("Sts/Cd")? == "BOOK";
    let credit = match entry.text("CdtDbtInd")? {
        "CRDT" => true,
        "DBIT" => false,
        _ => return None,
    };
    let reversal = entry.text("RvslInd") == Some("true");
    if !booked || !credit || reversal {
        return Some(Vec::new());
    }
    let on = date(entry.text("ValDt/Dt").or(entry.text("ValDt/DtTm"))?)?;
    let total = amount(entry.one("Amt")?)?;
    let details: Vec<&Element> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    if let [] | [_] = details[..] {
        let detail = details.first();
        let reference =
            detail.and_then(|detail| detail.text("Refs/AcctSvcrRef")).or(entry.text("AcctSvcrRef"))?;
        let text = detail.map(|detail| text(detail)).unwrap_or_default();
        return Some(vec![Receipt { reference: known(reference)?, on, amount: total, text }]);
    }
    let mut sum = Money::ZERO;
    let batch = details
        .into_iter()
        .map(|detail| {
            let amount = amount(detail.one("Amt")?)?;
            sum = sum.checked_add(amount)?;
            let reference = known(detail.text("Refs/AcctSvcrRef")?)?;
            Some(Receipt { reference, on, amount, text: text(detail) })
        })
        .collect::<Option<Vec<_>>>()?;
    (sum == total).then_some(batch)
}

/// `Max35Text`, and nothing that could confuse a log or a page.
fn known(reference: &str) -> Option<String> {
    let plain = reference.chars().count() <= 35 && !reference.chars().any(char::is_control);
    plain.then(|| reference.to_owned())
}

fn text(detail: &Element) -> String {
    let lines: Vec<&str> = detail
        .one("RmtInf")
        .map(|info| info.all("Ustrd").map(Element::own_text).collect())
        .unwrap_or_default();
    let whole = lines.join(" ");
    whole.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_MAX).collect()
}

/// Tenge, more than nothing, as the standard writes them: digits, a point, at most two decimals.
fn amount(element: &Element) -> Option<Money> {
    let written = element.own_text();
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let money = Money::parse(written).ok().filter(|money| plain && money.is_positive())?;
    (element.currency() == Some("KZT")).then_some(money)
}

/// The civil date of an ISO date or date-time, whose first ten characters are the bank's own calendar.
fn date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: &str = "KZ31601A000000000001";

    fn read(entries: &str) -> Option<Vec<Receipt>> {
        let text = format!(
            "<Document xmlns='{STATEMENT}'><BkToCstmrStmt><Stmt><FrToDt><FrDtTm>2026-03-02T00:00:00</FrDtTm>\
             <ToDtTm>2026-03-02T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>{entries}\
             </Stmt></BkToCstmrStmt></Document>"
        );
        statement(text.as_bytes(), &Iban::parse(ACCOUNT).unwrap(), "2026-03-02".parse().unwrap())
    }

    fn entry(amount: &str, rest: &str) -> String {
        format!(
            "<Ntry><Amt Ccy='KZT'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <ValDt><Dt>2026-03-02</Dt></ValDt>{rest}</Ntry>"
        )
    }

    #[test]
    fn money_is_neither_skipped_nor_counted_twice() {
        let one = entry("100.5", "<AcctSvcrRef>A</AcctSvcrRef>");
        let received = read(&format!("{one}{one}")).expect("the same entry repeated is one receipt");
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].amount, Money::from_tiyn(10_050));
        let other = entry("100.6", "<AcctSvcrRef>A</AcctSvcrRef>");
        assert_eq!(read(&format!("{one}{other}")), None, "one reference, two amounts");
        for bad in ["0", "-1", "1.234", "1,5", "1 000", "", "1e3", "99999999999999999999"] {
            assert_eq!(read(&entry(bad, "<AcctSvcrRef>A</AcctSvcrRef>")), None, "{bad}");
        }
        assert_eq!(read(&entry("1", "")), None, "no reference");
        assert_eq!(read(&one.replace("KZT", "USD")), None);
        assert_eq!(read(&one.replace("CRDT", "DBIT")), Some(vec![]));
        assert_eq!(read(&one.replace("BOOK", "PDNG")), Some(vec![]));
    }

    #[test]
    fn a_batch_is_taken_apart_only_if_it_adds_up() {
        let detail = |reference: &str, amount: &str| {
            format!(
                "<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs><Amt Ccy='KZT'>{amount}</Amt>\
                 <RmtInf><Ustrd>N-1</Ustrd><Ustrd>қарыз</Ustrd></RmtInf></TxDtls>"
            )
        };
        let details = format!("<NtryDtls>{}{}</NtryDtls>", detail("A", "1.01"), detail("B", "2"));
        let batch = read(&entry("3.01", &details)).expect("adds up");
        assert_eq!(batch.len(), 2);
        assert_eq!(batch[0].text, "N-1 қарыз");
        assert_eq!(read(&entry("3.02", &details)), None);
    }

    proptest! {
        #[test]
        fn garbage_from_the_bank_is_never_money(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let account = Iban::parse(ACCOUNT).unwrap();
            prop_assert_eq!(notification(&bytes, &account), None);
        }

        #[test]
        fn a_damaged_notification_never_stops_the_server(at in 0_usize..700, byte: u8) {
            let text = format!(
                "<Document xmlns='{NOTIFICATION}'><BkToCstmrDbtCdtNtfctn><Ntfctn><Acct><Id><IBAN>{ACCOUNT}</IBAN>\
                 </Id></Acct>{}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
                entry("100.50", "<AcctSvcrRef>A</AcctSvcrRef>")
            );
            let mut bytes = text.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = notification(&bytes, &Iban::parse(ACCOUNT).unwrap());
        }
    }
}
