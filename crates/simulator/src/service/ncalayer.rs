//! NCALayer, as a browser finds it: a WebSocket over TLS on this machine, no subprotocol, one request at a time.
//!
//! It finds the key that the page asks for by IIN and BIN; where [`Signer`] says that another one is there, it finds
//! none. The module without such filters signs with what there is. The real one shows the person a window with the key, and
//! asks for its password.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use lending::iin::{Bin, Iin};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::nca::{self, Owner};
use crate::{Mode, Service, world::World};

/// The port that every page looks for it on.
pub const PORT: u16 = 13579;
const REQUEST_MAX: usize = 8 << 20;
const REQUESTS_MAX: usize = 100;

/// Where NCALayer listens, and its certificate.
pub struct Ncalayer {
    /// Loopback only; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Certificate chain, PEM.
    pub certificate: Vec<u8>,
    /// Its key, PEM.
    pub key: Vec<u8>,
}

/// Whose key is at hand.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signer {
    /// The IIN of the one key there is; without one, there is each key that a page asks for.
    pub iin: Option<String>,
    /// The BIN of that key, if it is one of a legal entity's head.
    pub bin: Option<String>,
    /// Cards and tokens in the reader, by the names that NCALayer gives them (`AKKZIDCardStore`, `AKKaztokenStore`…).
    pub tokens: Vec<String>,
}

/// TLS in front of axum: a handshake that takes too long is let go.
struct Door {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl axum::serve::Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, from)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let shaken = tokio::time::timeout(Duration::from_secs(2), self.tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Opens it; gives the port.
pub(crate) async fn open(
    settings: Ncalayer,
    world: Arc<World>,
) -> io::Result<(u16, impl Future<Output = ()> + Send + 'static)> {
    if !settings.addr.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "NCALayer signs for anybody: loopback only"));
    }
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&settings.certificate)
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(&settings.key).map_err(io::Error::other)?;
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)?;
    let listener = TcpListener::bind(settings.addr).await?;
    let port = listener.local_addr()?.port();
    let door = Door { listener, tls: TlsAcceptor::from(Arc::new(config)) };
    let router = Router::new().route("/", any(meet)).with_state(world);
    Ok((port, async move {
        if let Err(error) = axum::serve(door, router).await {
            tracing::error!(%error, "the simulated NCALayer has closed");
        }
    }))
}

/// A browser that comes without a WebSocket wants to be told that the certificate was accepted.
async fn meet(
    State(world): State<Arc<World>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade.max_message_size(REQUEST_MAX).on_upgrade(move |socket| async move {
            let _ = converse(socket, &world).await;
        }),
        Err(_) => {
            axum::response::IntoResponse::into_response("NCALayer (simulated). You can close this page.\n")
        }
    }
}

async fn converse(mut socket: WebSocket, world: &World) -> Result<(), axum::Error> {
    socket.send(text(&json!({ "result": { "version": "1.4" } }))).await?;
    for _ in 0..REQUESTS_MAX {
        let Some(message) = socket.recv().await else { break };
        let Message::Text(asked) = message? else { continue };
        if asked.as_str() == "--heartbeat--" {
            socket.send(Message::Text(asked)).await?;
            continue;
        }
        let mode = world.mode(Service::Ncalayer);
        tokio::time::sleep(mode.delay()).await;
        let answer = match serde_json::from_str::<Value>(&asked) {
            _ if mode == Mode::Garbled => Message::Text("{\"status\": tr".into()),
            Ok(asked) => text(&answer(world, mode, &asked)),
            Err(_) => text(&json!({ "code": "500", "message": "Invalid JSON" })),
        };
        socket.send(answer).await?;
    }
    Ok(())
}

fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}

fn answer(world: &World, mode: Mode, asked: &Value) -> Value {
    let called = (asked["module"].as_str().unwrap_or_default(), asked["method"].as_str().unwrap_or_default());
    match called {
        ("kz.gov.pki.knca.basics", "sign") if mode != Mode::OldVersion => basics(world, mode, &asked["args"]),
        ("kz.gov.pki.knca.commonUtils", "getActiveTokens") => {
            json!({ "code": "200", "responseObject": world.signer().tokens })
        }
        ("kz.gov.pki.knca.commonUtils", "createCMSSignatureFromBase64" | "createCAdESFromBase64") => {
            common(world, mode, &asked["args"])
        }
        _ => json!({ "code": "404", "message": "Module is not found" }),
    }
}

fn basics(world: &World, mode: Mode, args: &Value) -> Value {
    let failed = |details| json!({ "status": false, "code": "INVOCATION_ERROR", "message": "Failed to invoke method", "details": details });
    let (how, whose) = (&args["signingParams"], &args["signerParams"]);
    let signs_documents = whose["extKeyUsageOids"]
        .as_array()
        .is_none_or(|oids| oids.iter().any(|oid| oid == "1.3.6.1.5.5.7.3.4"));
    let stored = args["allowedStorages"].as_array().is_none_or(|names| has_storage(world, names));
    let content = args["data"].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok());
    let (Some(content), "cms", true) =
        (content, args["format"].as_str().unwrap_or_default(), signs_documents)
    else {
        return failed("arguments");
    };
    let Some(key) = found(world, &whose["iin"], &whose["bin"]).filter(|_| stored) else {
        return failed("no such key");
    };
    match mode {
        Mode::Error500 => failed("error"),
        Mode::Cancel => json!({ "status": true, "body": {} }),
        _ => {
            let (within, stamped) = (how["encapsulate"] == true, how["tsaProfile"].is_object());
            let cms = nca::sign(world, Service::Ncalayer, key.owner(), &content, within, stamped);
            json!({ "status": true, "body": { "result": [pem(&cms)] } })
        }
    }
}

fn common(world: &World, mode: Mode, args: &Value) -> Value {
    let content = args[2].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok());
    let stored = args[0].is_string() && has_storage(world, &[args[0].clone()]);
    match (content, found(world, &Value::Null, &Value::Null), mode) {
        (_, _, Mode::Cancel) => json!({ "code": "500", "message": "action.canceled" }),
        (Some(content), Some(key), mode) if mode != Mode::Error500 && stored && args[1] == "SIGNATURE" => {
            let cms = nca::sign(world, Service::Ncalayer, key.owner(), &content, args[3] == true, true);
            json!({ "code": "200", "responseObject": BASE64_STANDARD.encode(cms) })
        }
        _ => json!({ "code": "500", "message": "storage.empty" }),
    }
}

/// A file is always there; a card or token only if it is in the reader.
fn has_storage(world: &World, names: &[Value]) -> bool {
    let tokens = world.signer().tokens;
    names
        .iter()
        .filter_map(Value::as_str)
        .any(|name| name == "PKCS12" || tokens.iter().any(|token| token == name))
}

struct Key {
    iin: Iin,
    bin: Option<Bin>,
}

impl Key {
    fn owner(&self) -> Owner<'_> {
        Owner { iin: self.iin.as_str(), bin: self.bin.as_ref().map(Bin::as_str) }
    }
}

/// The key that is there, if it has the numbers asked for; an empty one asks for nothing.
fn found(world: &World, iin: &Value, bin: &Value) -> Option<Key> {
    let asked = |number: &Value| number.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (iin, bin, signer) = (asked(iin), asked(bin), world.signer());
    let there = if signer.iin.is_some() { (signer.iin, signer.bin) } else { (iin.clone(), bin.clone()) };
    let agrees = |asked: &Option<String>, has: &Option<String>| asked.is_none() || asked == has;
    if !agrees(&iin, &there.0) || !agrees(&bin, &there.1) {
        return None;
    }
    let bin = there.1.map(|bin| Bin::parse(&bin)).transpose().ok()?;
    Some(Key { iin: Iin::parse(&there.0?).ok()?, bin })
}

fn pem(cms: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(cms);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", lines.join("\n"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eds::{Evidence, Expected, Reason, Rules, SignedMessage, verify};
    use jiff::{Timestamp, civil::Date};

    use super::*;
    use crate::MovableClock;

    struct Noon;

    impl MovableClock for Noon {
        fn today(&self) -> Date {
            Date::constant(2026, 3, 2)
        }
        fn instant(&self) -> Timestamp {
            Timestamp::constant(1_772_434_800, 0)
        }
        fn advance_to(&self, _: Date) -> Result<(), String> {
            Err("stands still".into())
        }
    }

    const IIN: &str = "880101300123";
    const BIN: &str = "070440003902";
    const CONTENT: &[u8] = b"a statement";

    fn sign(world: &World, params: &Value) -> Value {
        let args = json!({
            "allowedStorages": ["PKCS12"], "format": "cms", "data": BASE64_STANDARD.encode(CONTENT),
            "signingParams": { "decode": true, "encapsulate": false, "digested": false, "tsaProfile": {} },
            "signerParams": params,
        });
        let asked = json!({ "module": "kz.gov.pki.knca.basics", "method": "sign", "args": args });
        answer(world, world.mode(Service::Ncalayer), &asked)
    }

    /// Why a signature is not the one expected.
    fn judged(answer: &Value, expected: &Expected<'_>) -> Option<Reason> {
        let message = SignedMessage::read(answer["body"]["result"][0].as_str().unwrap().as_bytes()).unwrap();
        let (trust, evidence) = (nca::state().trust(), Evidence::default());
        let rules = Rules {
            at: Noon.instant(),
            trust: &trust,
            evidence: &evidence,
            answer_age_max: eds::ANSWER_AGE_MAX,
            nonce: None,
        };
        let verdict = verify(&message, Some(CONTENT), &rules);
        verdict.signers[0].is(expected).err()
    }

    #[test]
    fn the_key_that_signs_has_the_numbers_that_the_page_asks_for_or_there_is_none() {
        let world = World::remember(Arc::new(Noon), None).unwrap();
        let own = Expected::Individual { iin: IIN };
        let entity = Expected::Entity { bin: BIN, iin: Some(IIN) };
        let answer = sign(&world, &json!({ "iin": IIN }));
        assert_eq!(
            (judged(&answer, &own), judged(&answer, &entity)),
            (None, Some(Reason::AnotherOrganization))
        );
        let answer = sign(&world, &json!({ "iin": IIN, "bin": BIN }));
        assert_eq!((judged(&answer, &own), judged(&answer, &entity)), (Some(Reason::RoleMissing), None));

        let only = |bin: Option<&str>| Signer {
            iin: Some(IIN.into()),
            bin: bin.map(str::to_owned),
            tokens: Vec::new(),
        };
        for (there, asked, found) in [
            (only(None), json!({ "iin": IIN }), true),
            (only(None), json!({ "iin": IIN, "bin": "" }), true),
            (only(None), json!({ "iin": IIN, "bin": BIN }), false),
            (only(None), json!({ "iin": "010203500008" }), false),
            (only(Some(BIN)), json!({ "iin": IIN, "bin": BIN }), true),
            (only(Some(BIN)), json!({ "iin": IIN, "bin": "190440019884" }), false),
            (only(Some(BIN)), json!({}), true),
        ] {
            world.set_signer(there);
            let answer = sign(&world, &asked);
            assert_eq!(answer["status"], found, "{asked}");
            assert_eq!(answer["details"] == "no such key", !found, "{asked}");
        }
        // The module of before knows no filters: it signs with what there is, and the server has to judge.
        let args = json!(["PKCS12", "SIGNATURE", BASE64_STANDARD.encode(CONTENT), false]);
        let asked = json!({ "module": "kz.gov.pki.knca.commonUtils", "method": "createCMSSignatureFromBase64", "args": args });
        let common = answer_of(&world, &asked);
        let as_basics = json!({ "body": { "result": [common["responseObject"]] } });
        assert_eq!(judged(&as_basics, &entity), None);
    }

    fn answer_of(world: &World, asked: &Value) -> Value {
        answer(world, Mode::OldVersion, asked)
    }
}
