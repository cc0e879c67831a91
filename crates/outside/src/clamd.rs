//! ClamAV's daemon, by its own protocol: `VERSION` and `INSTREAM`, over a socket of this machine.
//!
//! What it is sent are people's documents in clear, so it is asked on this machine only: by a unix socket, or TCP to
//! loopback. Every answer but `stream: OK` and `stream: NAME FOUND` is silence.

use std::net::SocketAddr;

use async_trait::async_trait;
use ports::{MalwareScanner, Scanned, Silence};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{Misconfigured, Patience};

/// Where the daemon listens.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `unix:` and the path of its socket, or address and port on loopback.
    pub address: String,
}

const PORT: &str = "malware-scanner";
/// Longest answer, bytes.
const ANSWER_MAX: u64 = 1024;
/// How much is sent at once, bytes.
const CHUNK: usize = 64 * 1024;

enum Address {
    Unix(String),
    Tcp(SocketAddr),
}

/// The adapter.
pub struct Clamd {
    address: Address,
    patience: Patience,
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

impl Clamd {
    /// # Errors
    /// The address is neither a unix socket nor on loopback.
    pub fn new(settings: &Settings, patience: Patience) -> Result<Self, Misconfigured> {
        let address = match settings.address.strip_prefix("unix:") {
            Some(path) => Address::Unix(path.to_owned()),
            None => {
                let address: SocketAddr = settings
                    .address
                    .parse()
                    .map_err(|_| Misconfigured::new(PORT, "address is neither unix:PATH nor ADDRESS:PORT"))?;
                if !address.ip().is_loopback() {
                    return Err(Misconfigured::new(PORT, "address is not on this machine"));
                }
                Address::Tcp(address)
            }
        };
        Ok(Self { address, patience })
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Line>> {
        Ok(match &self.address {
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
        })
    }

    /// One question on a connection of its own: the daemon closes it after the answer.
    async fn ask(&self, command: &[u8], stream: Option<&[u8]>) -> Result<String, Silence> {
        let mut line = timeout(self.patience.connect(), self.connect())
            .await
            .map_err(|_| not_reached("connecting timed out"))?
            .map_err(|_| not_reached("no connection"))?;
        let talk = async {
            line.write_all(command).await?;
            for chunk in stream.into_iter().flat_map(|bytes| bytes.chunks(CHUNK)) {
                let length = u32::try_from(chunk.len()).unwrap_or_default();
                line.write_all(&length.to_be_bytes()).await?;
                line.write_all(chunk).await?;
            }
            if stream.is_some() {
                line.write_all(&0_u32.to_be_bytes()).await?;
            }
            line.flush().await?;
            let mut answer = Vec::new();
            (&mut line).take(ANSWER_MAX).read_to_end(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = timeout(self.patience.total(), talk)
            .await
            .map_err(|_| unknown("no answer in time"))?
            .map_err(|_| unknown("connection cut"))?;
        let answer = answer.strip_suffix(b"\0").ok_or_else(|| unknown("half an answer"))?;
        let plain = answer.iter().all(|byte| (b' '..=b'~').contains(byte));
        let answer = std::str::from_utf8(answer).ok().filter(|_| plain && !answer.is_empty());
        answer.map(str::to_owned).ok_or_else(|| unknown("an unreadable answer"))
    }
}

#[async_trait]
impl MalwareScanner for Clamd {
    async fn scan(&self, bytes: &[u8]) -> Result<Scanned, Silence> {
        let signatures = self.ask(b"zVERSION\0", None).await?;
        if !signatures.starts_with("ClamAV ") {
            return Err(unknown("not ClamAV"));
        }
        let verdict = self.ask(b"zINSTREAM\0", Some(bytes)).await?;
        let malware = verdict_of(&verdict).ok_or_else(|| unknown("no clear verdict"))?;
        Ok(Scanned { malware, signatures })
    }
}

fn verdict_of(answer: &str) -> Option<Option<String>> {
    match answer.strip_prefix("stream: ")? {
        "OK" => Some(None),
        found => {
            let name = found.strip_suffix(" FOUND").filter(|name| !name.is_empty())?;
            Some(Some(name.chars().take(200).collect()))
        }
    }
}

fn not_reached(reason: &str) -> Silence {
    Silence::NotReached { port: PORT, reason: reason.to_owned() }
}

fn unknown(reason: &str) -> Silence {
    Silence::Unknown { port: PORT, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_lets_a_file_in() {
        assert_eq!(verdict_of("stream: OK"), Some(None));
        assert_eq!(verdict_of("stream: Eicar-Signature FOUND"), Some(Some("Eicar-Signature".into())));
        for unclear in
            ["", "OK", "stream: ", "stream:  FOUND", "INSTREAM size limit exceeded. ERROR", "stream: OK?"]
        {
            assert_eq!(verdict_of(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn documents_do_not_leave_the_machine() {
        let at =
            |address: &str| Clamd::new(&Settings { address: address.into() }, Patience::default()).is_ok();
        assert!(at("unix:/run/clamav/clamd.ctl") && at("127.0.0.1:3310") && at("[::1]:3310"));
        assert!(!at("192.0.2.1:3310") && !at("localhost") && !at(""));
    }
}
