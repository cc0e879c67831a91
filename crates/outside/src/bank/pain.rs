//! `pain.001.001.09`, the order, and `pain.002.001.10`, what became of it.

use jiff::Timestamp;
use lending::iban::Iban;
use ports::{Identifier, OrderStatus, PaymentOrder};
use uuid::Uuid;

use super::Settings;
use crate::xml::{Element, escaped};

const ORDER: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
const STATUS: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";
/// `Max140Text`.
const TEXT_MAX: usize = 140;
/// ExternalStatusReason: no original transaction received.
const NEVER_TAKEN: &str = "NOOR";

/// One order, one transaction; our id, without dashes, is every id in it: the bank executes it once.
pub(super) fn order(order: &PaymentOrder<'_>, us: &Settings, account: &Iban, now: Timestamp) -> String {
    let id = order.id.simple();
    let amount = order.amount;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"{ORDER}\"><CstmrCdtTrfInitn>\
         <GrpHdr><MsgId>{id}</MsgId><CreDtTm>{now:.0}</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>{amount}</CtrlSum>\
         <InitgPty><Nm>{payer}</Nm><Id><OrgId><Othr><Id>{bin}</Id></Othr></OrgId></Id></InitgPty></GrpHdr>\
         <PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>1</NbOfTxs><CtrlSum>{amount}</CtrlSum>\
         <ReqdExctnDt><Dt>{on}</Dt></ReqdExctnDt>\
         <Dbtr><Nm>{payer}</Nm><Id><OrgId><Othr><Id>{bin}</Id></Othr></OrgId></Id></Dbtr>\
         <DbtrAcct><Id><IBAN>{from}</IBAN></Id></DbtrAcct>\
         <DbtrAgt><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></DbtrAgt>\
         <CdtTrfTxInf><PmtId><InstrId>{id}</InstrId><EndToEndId>{id}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"KZT\">{amount}</InstdAmt></Amt>\
         <Cdtr><Nm>{payee}</Nm><Id><{whose}><Othr><Id>{number}</Id></Othr></{whose}></Id></Cdtr>\
         <CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct>\
         <Purp><Prtry>{purpose}</Prtry></Purp>\
         <RmtInf><Ustrd>{text}</Ustrd></RmtInf></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>",
        payer = limited(&us.name),
        bin = escaped(&us.bin),
        on = order.on,
        from = account.as_str(),
        bic = escaped(&us.bic),
        payee = limited(order.payee),
        whose = match order.identifier {
            Identifier::Iin(_) => "PrvtId",
            Identifier::Bin(_) => "OrgId",
        },
        number = order.identifier.as_str(),
        to = order.iban.as_str(),
        purpose = escaped(&us.payout_purpose),
        text = limited(order.agreement),
    )
}

fn limited(text: &str) -> String {
    escaped(&text.chars().take(TEXT_MAX).collect::<String>())
}

/// What the report says of the order `id`; none if it does not speak of it, or contradicts itself.
pub(super) fn status(raw: &[u8], id: Uuid) -> Option<OrderStatus> {
    let document = Element::read(raw).ok().filter(|root| root.is("Document", STATUS))?;
    let report = document.one("CstmrPmtStsRpt")?;
    let ours = |element: &Element, path: &str| element.text(path) == Some(&id.simple().to_string());
    let transactions = || report.all("OrgnlPmtInfAndSts").flat_map(|payment| payment.all("TxInfAndSts"));
    if transactions().next().is_none() {
        // A bank that dislikes the whole message says so once, for the message.
        let group = report.one("OrgnlGrpInfAndSts").filter(|group| ours(group, "OrgnlMsgId"))?;
        return meaning(group, group.text("GrpSts")?);
    }
    let mut said = transactions()
        .filter(|transaction| ours(transaction, "OrgnlEndToEndId"))
        .map(|transaction| meaning(transaction, transaction.text("TxSts")?));
    let first = said.next()??;
    // Said twice is fine, said differently is not.
    said.all(|again| again.as_ref() == Some(&first)).then_some(first)
}

fn meaning(about: &Element, status: &str) -> Option<OrderStatus> {
    match status {
        "ACSC" | "ACCC" => {
            let on = about.text("OrgnlTxRef/IntrBkSttlmDt/Dt").or(about.text("OrgnlTxRef/IntrBkSttlmDt"))?;
            Some(OrderStatus::Executed { on: on.parse().ok()? })
        }
        "RCVD" | "PDNG" | "ACTC" | "ACCP" | "ACSP" | "ACWC" => Some(OrderStatus::Pending),
        "RJCT" => {
            let reason = about.text("StsRsnInf/Rsn/Cd").or(about.text("StsRsnInf/Rsn/Prtry"))?;
            if reason == NEVER_TAKEN {
                return Some(OrderStatus::NotFound);
            }
            Some(OrderStatus::Rejected { reason: reason.chars().take(35).collect() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use lending::{iin::Iin, money::Money};
    use proptest::prelude::*;

    use super::*;

    fn us() -> Settings {
        Settings {
            base_url: String::new(),
            api_key: String::new(),
            notification_secret: String::new(),
            name: "ТОО «МФО & Ко»".into(),
            bin: "000740000728".into(),
            iban: String::new(),
            bic: "HSBKKZKX".into(),
            payout_purpose: "411".into(),
        }
    }

    proptest! {
        #[test]
        fn no_tiyn_and_no_letter_is_lost_on_the_way_to_the_bank(
            tiyn in 1..=Money::MAX.tiyn(), id: u128, surname in "\\PC{1,60}",
        ) {
            let account = Iban::parse("KZ31601A000000000001").unwrap();
            let payee = format!("{surname} Ә");
            let iin = Iin::parse("880101300123").unwrap();
            let sent = order(
                &PaymentOrder {
                    id: Uuid::from_u128(id),
                    iban: &Iban::parse("KZ41722C000000000001").unwrap(),
                    payee: &payee,
                    identifier: Identifier::Iin(&iin),
                    amount: Money::from_tiyn(tiyn),
                    agreement: "N-1 <2>",
                    on: "2026-03-02".parse().unwrap(),
                },
                &us(),
                &account,
                Timestamp::UNIX_EPOCH,
            );
            let document = Element::read(sent.as_bytes()).unwrap();
            let root = document.one("CstmrCdtTrfInitn").unwrap();
            let whole = format!("{}.{:02}", tiyn / 100, tiyn % 100);
            for path in ["GrpHdr/CtrlSum", "PmtInf/CtrlSum", "PmtInf/CdtTrfTxInf/Amt/InstdAmt"] {
                prop_assert_eq!(root.text(path), Some(whole.as_str()));
            }
            prop_assert_eq!(root.one("PmtInf/CdtTrfTxInf/Amt/InstdAmt").unwrap().currency(), Some("KZT"));
            let end_to_end = root.text("PmtInf/CdtTrfTxInf/PmtId/EndToEndId").unwrap();
            prop_assert_eq!(end_to_end, Uuid::from_u128(id).simple().to_string());
            let name = root.text("PmtInf/CdtTrfTxInf/Cdtr/Nm").unwrap();
            prop_assert_eq!(name, payee.trim());
        }

        #[test]
        fn garbage_from_the_bank_is_never_a_status(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(status(&bytes, Uuid::nil()), None);
        }
    }

    fn report(inside: &str) -> Option<OrderStatus> {
        let id = Uuid::nil().simple();
        let inside = inside.replace("$ID", &format!("<OrgnlEndToEndId>{id}</OrgnlEndToEndId>"));
        let text = format!(
            "<Document xmlns='{STATUS}'><CstmrPmtStsRpt><OrgnlPmtInfAndSts>{inside}</OrgnlPmtInfAndSts>\
             </CstmrPmtStsRpt></Document>"
        );
        status(text.as_bytes(), Uuid::nil())
    }

    #[test]
    fn only_a_clear_word_of_the_bank_settles_an_order() {
        let rejected = "<TxInfAndSts>$ID<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>";
        let pending = "<TxInfAndSts>$ID<TxSts>PDNG</TxSts></TxInfAndSts>";
        assert_eq!(report(pending), Some(OrderStatus::Pending));
        assert_eq!(report(rejected), Some(OrderStatus::Rejected { reason: "AC04".into() }));
        assert_eq!(report(&format!("{rejected}{rejected}")), report(rejected), "said twice");
        assert_eq!(report(&format!("{rejected}{pending}")), None, "contradiction");
        assert_eq!(report(&rejected.replace("AC04", "NOOR")), Some(OrderStatus::NotFound));
        assert_eq!(report(&rejected.replace("<Cd>AC04</Cd>", "")), None, "a refusal without a reason");
        assert_eq!(report(&pending.replace("PDNG", "ACSC")), None, "executed, but when?");
        assert_eq!(
            report("<TxInfAndSts><OrgnlEndToEndId>other</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"),
            None
        );
    }
}
