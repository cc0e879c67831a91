//! The outside world on loopback, for demonstrations and tests: real HTTP, SMTP and clamd servers that speak the
//! protocols of [`outside`]'s providers, with their parsing written anew (this is the counterpart, and two
//! readings of a standard find what one misses; only the settings' type is shared).
//!
//! Everybody exists: any IIN with a right check digit is a person, see [`persons`] for who is special. Each
//! [`Service`] can be told to be slow, silent, broken, garbled or double ([`Mode`]). People's pages at `/`
//! show the letters and SMS sent, let a client repay, and move the demonstration's calendar forward.
//!
//! It shows everybody's codes to whoever asks, so it binds to loopback only.

#![forbid(unsafe_code)]

mod api;
mod mode;
mod pages;
pub mod persons;
mod service;
mod words;
mod world;
mod xml;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use jiff::{Timestamp, civil::Date};
use lending::money::Money;
use tokio::{net::TcpListener, task::JoinSet};

pub use crate::{
    mode::{Mode, Service},
    service::ncalayer::{Ncalayer, PORT as NCALAYER_PORT, Signer},
    world::{BankReceipt, Channel, Message, Outcome, Payment, Shown},
};

/// The organization's account in the simulated bank.
pub const ACCOUNT: &str = "KZ63601A217000000001";
/// The largest question heard, bytes: a photo in base64 with room to spare.
const QUESTION_MAX: usize = 12 << 20;

/// The calendar of the demonstration, which visitors may move forward.
pub trait MovableClock: Send + Sync {
    /// The business date now.
    fn today(&self) -> Date;
    /// The instant by which certificates hold and signatures are stamped: `security_now` of the program's clock.
    fn instant(&self) -> Timestamp;
    /// Moves the business date forward.
    ///
    /// # Errors
    /// Why not, to be shown to the visitor.
    fn advance_to(&self, date: Date) -> Result<(), String>;
}

/// Where the bank's notifications are posted.
#[derive(Clone)]
pub struct Callback {
    /// The address.
    pub url: String,
    /// The certificate to trust there, PEM, if it is self-signed.
    pub root_pem: Option<Vec<u8>>,
}

/// How to start.
pub struct Options {
    /// Where pages and services listen; loopback only; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Where the bank's and the post's memory is kept between starts; `None`: nowhere.
    pub state_dir: Option<PathBuf>,
    /// The demonstration's calendar.
    pub clock: Arc<dyn MovableClock>,
    /// Where the bank reports money that came in; can be said later by [`Simulator::set_callback`].
    pub callback: Option<Callback>,
    /// The NCALayer of whoever sits at this machine; `None`: it is not running.
    pub ncalayer: Option<Ncalayer>,
}

/// The running outside world; dropping it closes its doors.
pub struct Simulator {
    url: String,
    smtp: SocketAddr,
    ncalayer: Option<u16>,
    clamd: SocketAddr,
    world: Arc<world::World>,
    _doors: JoinSet<()>,
}

/// Opens the doors and remembers what `state_dir` holds.
///
/// # Errors
/// The address is not loopback or is taken; the memory cannot be read or written; the callback's
/// certificate is not one.
pub async fn start(options: Options) -> io::Result<Simulator> {
    if !options.addr.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the simulator shows codes: loopback only"));
    }
    // Whoever installed a provider before us decided.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind(options.addr).await?;
    let post = TcpListener::bind((options.addr.ip(), 0)).await?;
    let scanner = TcpListener::bind((options.addr.ip(), 0)).await?;
    let (url, smtp) = (format!("http://{}", listener.local_addr()?), post.local_addr()?);
    let clamd = scanner.local_addr()?;
    let world = Arc::new(world::World::remember(options.clock, options.state_dir)?);
    if let Some(callback) = options.callback {
        service::bank::set_callback(&world, callback)?;
    }

    let router = Router::new()
        .merge(service::routes())
        .layer(middleware::from_fn_with_state(Arc::clone(&world), mode::behave))
        .merge(pages::guarded(api::routes().merge(pages::routes())))
        .layer(DefaultBodyLimit::max(QUESTION_MAX))
        .with_state(Arc::clone(&world));
    let mut doors = JoinSet::new();
    doors.spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the simulated world has closed");
        }
    });
    doors.spawn(service::smtp::serve(post, Arc::clone(&world)));
    let ncalayer = match options.ncalayer {
        Some(settings) => {
            let (port, door) = service::ncalayer::open(settings, Arc::clone(&world)).await?;
            doors.spawn(door);
            Some(port)
        }
        None => None,
    };
    doors.spawn(service::clamd::serve(scanner, Arc::clone(&world)));
    Ok(Simulator { url, smtp, clamd, ncalayer, world, _doors: doors })
}

impl Simulator {
    /// Address of the pages, without a path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Settings that make [`outside::Outside`] speak to this world. The organization's name and BIN are
    /// the simulator's; change them as you like, the bank does not mind.
    #[must_use]
    pub fn settings(&self) -> outside::Settings {
        service::settings(&self.url, self.smtp, self.clamd)
    }

    /// What a demonstration or test trusts instead of the state's roots.
    #[must_use]
    pub fn trust(&self) -> eds::Trust {
        service::nca::state().trust()
    }

    /// The port of the simulated NCALayer, if it runs.
    #[must_use]
    pub fn ncalayer_port(&self) -> Option<u16> {
        self.ncalayer
    }

    /// Whose key NCALayer finds, and what is in the reader.
    pub fn set_signer(&self, signer: Signer) {
        self.world.set_signer(signer);
    }

    /// What the person with `iin` signs on their phone, or with NCALayer where `by` says so: a detached CMS, by the
    /// service's mode, with a time-stamp if `stamped`.
    #[must_use]
    pub fn sign(&self, by: Service, iin: &str, content: &[u8], stamped: bool) -> Vec<u8> {
        service::nca::sign(&self.world, by, service::nca::Owner { iin, bin: None }, content, false, stamped)
    }

    /// What the person with `iin` signs with the key of the legal entity whose head they are, as [`Simulator::sign`].
    #[must_use]
    pub fn sign_as_head(&self, bin: &str, iin: &str, content: &[u8]) -> Vec<u8> {
        let owner = service::nca::Owner { iin, bin: Some(bin) };
        service::nca::sign(&self.world, Service::Ncalayer, owner, content, false, true)
    }

    /// Settings of the provider that looks at faces on its own pages; not among [`Simulator::settings`], because an
    /// organization has one or the other.
    #[must_use]
    pub fn hosted_face(&self) -> outside::biometric_kz::Settings {
        service::hosted(&self.url)
    }

    /// Somebody shows face and document on that provider's page. `false`: there is no such session.
    pub fn show_face(&self, session: &str, shown: Shown) -> bool {
        self.world.show_face(session, shown)
    }

    /// Everything sent by SMS and e-mail, oldest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.world.outbox()
    }

    /// The text of the newest SMS to `phone`, written `+77XXXXXXXXX`.
    #[must_use]
    pub fn last_sms_to(&self, phone: &str) -> Option<String> {
        let ours = |message: &&Message| message.channel == Channel::Sms && message.to == phone;
        self.world.outbox().iter().rev().find(ours).map(|message| message.text.clone())
    }

    /// Makes `service` behave as `mode` from now on.
    pub fn set_mode(&self, service: Service, mode: Mode) {
        self.world.set_mode(service, mode);
    }

    /// Says where the bank posts its notifications; what it could not deliver before is sent again.
    ///
    /// # Errors
    /// The certificate is not one.
    pub fn set_callback(&self, callback: Callback) -> io::Result<()> {
        service::bank::set_callback(&self.world, callback)
    }

    /// Money arrives at the organization's account: it stands in the statement of `on`, and a notification
    /// is posted in the background until it is accepted. The bank's reference is returned.
    pub fn bank_receive(&self, text: &str, amount: Money, on: Date) -> String {
        service::bank::receive(&self.world, text, amount, on)
    }

    /// The orders the bank has taken, oldest first, each id once.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        self.world.payments()
    }

    /// How many orders came that had been taken before: each was executed once, and none should have been sent.
    #[must_use]
    pub fn repeated_orders(&self) -> usize {
        self.world.repeated_orders()
    }

    /// What has arrived at the organization's account, oldest first.
    #[must_use]
    pub fn receipts(&self) -> Vec<BankReceipt> {
        self.world.receipts()
    }
}
