//! What the outside world remembers, and its journal.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::civil::Date;
use lending::money::Money;
use serde::{Deserialize, Serialize};

use crate::{
    Mode, MovableClock, Service,
    service::{bank::Notifier, ncalayer::Signer},
};

/// How a message travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// By SMS.
    Sms,
    /// By e-mail.
    Mail,
}

/// A message that was sent to somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// By what.
    pub channel: Channel,
    /// The phone as `+77XXXXXXXXX`, or the address.
    pub to: String,
    /// The subject; empty for SMS.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The demonstration's date.
    pub on: Date,
}

/// What the bank did with an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Paid.
    Executed,
    /// Refused with this ISO 20022 reason code.
    Rejected(String),
}

/// An order the bank has taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payment {
    /// The order's EndToEndId: our UUID without dashes.
    pub id: String,
    /// The payee's account.
    pub iban: String,
    /// The payee's name.
    pub payee: String,
    /// How much.
    pub amount_tiyn: Money,
    /// The payment's text.
    pub text: String,
    /// Value date.
    pub on: Date,
    /// What was done.
    pub outcome: Outcome,
}

/// Money that arrived at the organization's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BankReceipt {
    /// The bank's reference.
    pub reference: String,
    /// How much.
    pub amount_tiyn: Money,
    /// The payment's text.
    pub text: String,
    /// Value date.
    pub on: Date,
    /// The organization has accepted a notification of it.
    pub notified: bool,
}

/// One line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Happened {
    Message(Message),
    Payment(Payment),
    Receipt(BankReceipt),
    Notified(String),
}

#[derive(Default)]
struct Memory {
    outbox: VecDeque<Message>,
    payments: Vec<Payment>,
    by_id: BTreeMap<String, usize>,
    /// Orders that came a second time: nobody should send one twice.
    repeated: usize,
    receipts: Vec<BankReceipt>,
    journal: Option<File>,
}

pub(crate) struct World {
    pub(crate) clock: Arc<dyn MovableClock>,
    pub(crate) notifier: Notifier,
    memory: Mutex<Memory>,
    modes: Mutex<BTreeMap<Service, Mode>>,
    signer: Mutex<Signer>,
    flows: Mutex<BTreeMap<String, Option<Shown>>>,
}

/// Who showed their face, and document, to the provider of faces.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Shown {
    /// IIN.
    pub iin: String,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Number of the document.
    pub document_number: String,
}

/// Messages kept for the page.
const OUTBOX_MAX: usize = 500;

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Replays the journal, one JSON a line. A journal costs one short write a change however much has
    /// happened, and a line torn by a killed process is simply the last and left out.
    pub(crate) fn remember(clock: Arc<dyn MovableClock>, dir: Option<PathBuf>) -> io::Result<Self> {
        let mut memory = Memory::default();
        if let Some(dir) = dir {
            std::fs::create_dir_all(&dir)?;
            let path = dir.join("world.jsonl");
            let mut whole = 0;
            if path.exists() {
                let mut lines = BufReader::new(File::open(&path)?);
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line)? > 0 {
                    let Some(Ok(happened)) = line.strip_suffix(b"\n").map(serde_json::from_slice) else {
                        break;
                    };
                    memory.apply(happened);
                    whole += u64::try_from(line.len()).unwrap_or(u64::MAX);
                    line.clear();
                }
            }
            let journal = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            journal.set_len(whole)?;
            memory.journal = Some(journal);
        }
        Ok(Self {
            clock,
            notifier: Notifier::default(),
            memory: Mutex::new(memory),
            modes: Mutex::new(BTreeMap::new()),
            signer: Mutex::default(),
            flows: Mutex::new(BTreeMap::new()),
        })
    }

    /// A session with the provider of faces begins.
    pub(crate) fn open_flow(&self) -> String {
        let mut flows = hold(&self.flows);
        let id = format!("flow-{:06}", flows.len() + 1);
        flows.insert(id.clone(), None);
        id
    }

    /// Somebody shows face and document in a session; `false`: there is no such one.
    pub(crate) fn show_face(&self, id: &str, shown: Shown) -> bool {
        hold(&self.flows).get_mut(id).map(|flow| *flow = Some(shown)).is_some()
    }

    /// What a session knows; `None`: there is no such one.
    pub(crate) fn flow(&self, id: &str) -> Option<Option<Shown>> {
        hold(&self.flows).get(id).cloned()
    }

    pub(crate) fn mode(&self, service: Service) -> Mode {
        hold(&self.modes).get(&service).copied().unwrap_or(Mode::Ok)
    }

    pub(crate) fn set_mode(&self, service: Service, mode: Mode) {
        hold(&self.modes).insert(service, mode);
    }

    pub(crate) fn signer(&self) -> Signer {
        hold(&self.signer).clone()
    }

    pub(crate) fn set_signer(&self, signer: Signer) {
        *hold(&self.signer) = signer;
    }

    pub(crate) fn outbox(&self) -> Vec<Message> {
        hold(&self.memory).outbox.iter().cloned().collect()
    }

    pub(crate) fn payments(&self) -> Vec<Payment> {
        hold(&self.memory).payments.clone()
    }

    pub(crate) fn repeated_orders(&self) -> usize {
        hold(&self.memory).repeated
    }

    pub(crate) fn payment(&self, id: &str) -> Option<Payment> {
        let memory = hold(&self.memory);
        memory.by_id.get(id).and_then(|place| memory.payments.get(*place)).cloned()
    }

    pub(crate) fn receipts(&self) -> Vec<BankReceipt> {
        hold(&self.memory).receipts.clone()
    }

    /// The demonstration's day.
    pub(crate) fn today(&self) -> Date {
        self.clock.today()
    }

    pub(crate) fn send(&self, channel: Channel, to: String, subject: String, text: String) {
        let on = self.clock.today();
        hold(&self.memory).record(Happened::Message(Message { channel, to, subject, text, on }));
    }

    /// Takes an order once: of a repeated id the first is what counts, and is returned.
    pub(crate) fn pay(&self, payment: Payment) -> Payment {
        let mut memory = hold(&self.memory);
        if let Some(first) = memory.by_id.get(&payment.id).and_then(|place| memory.payments.get(*place)) {
            let first = first.clone();
            memory.repeated += 1;
            return first;
        }
        memory.record(Happened::Payment(payment.clone()));
        payment
    }

    /// Books money and names it.
    pub(crate) fn receive(&self, text: &str, amount: Money, on: Date) -> BankReceipt {
        let mut memory = hold(&self.memory);
        let reference = format!("SIM{:012}", memory.receipts.len() + 1);
        let receipt = BankReceipt { reference, amount_tiyn: amount, text: text.into(), on, notified: false };
        memory.record(Happened::Receipt(receipt.clone()));
        receipt
    }

    pub(crate) fn notified(&self, reference: &str) {
        hold(&self.memory).record(Happened::Notified(reference.to_owned()));
    }
}

impl Memory {
    fn record(&mut self, happened: Happened) {
        let journal = &mut self.journal;
        if let Some(journal) = journal
            && let Err(error) = write(journal, &happened)
        {
            tracing::error!(%error, "the simulated world forgets: its journal cannot be written");
        }
        self.apply(happened);
    }

    fn apply(&mut self, happened: Happened) {
        match happened {
            Happened::Message(message) => {
                if self.outbox.len() == OUTBOX_MAX {
                    self.outbox.pop_front();
                }
                self.outbox.push_back(message);
            }
            Happened::Payment(payment) => {
                self.by_id.insert(payment.id.clone(), self.payments.len());
                self.payments.push(payment);
            }
            Happened::Receipt(receipt) => self.receipts.push(receipt),
            Happened::Notified(reference) => {
                // Notifications follow their receipts closely: look from the end.
                let found = self.receipts.iter_mut().rev().find(|receipt| receipt.reference == reference);
                if let Some(receipt) = found {
                    receipt.notified = true;
                }
            }
        }
    }
}

fn write(journal: &mut File, happened: &Happened) -> io::Result<()> {
    let mut line = serde_json::to_vec(happened)?;
    line.push(b'\n');
    journal.write_all(&line)
}
