//! A line to one HTTP provider: how every question is put, and how every failure is judged.

use ports::Silence;
use reqwest::{Client, Method, RequestBuilder, Url, header};

use crate::{Misconfigured, Patience};

/// Answers to single questions fit in this, bytes.
pub(crate) const ANSWER_MAX: usize = 1 << 20;
/// A list or a day's statement of a large organization fits in this, bytes.
pub(crate) const LIST_MAX: usize = 16 << 20;

pub(crate) struct Line {
    port: &'static str,
    base: String,
    client: Client,
}

/// A `200` answer, whole.
pub(crate) struct Reply {
    pub(crate) body: Vec<u8>,
    /// When the provider last changed what it sent, or failing that when it sent it (RFC 9110 date).
    pub(crate) dated: Option<String>,
}

impl Line {
    pub(crate) fn new(port: &'static str, base_url: &str, patience: Patience) -> Result<Self, Misconfigured> {
        let url = parse(port, base_url)?;
        if url.scheme() != "https" && !url.host_str().is_some_and(is_loopback) {
            return Err(Misconfigured::new(port, "base_url must be https, or http to loopback"));
        }
        Self::to_signed(port, base_url, patience)
    }

    /// To somebody whose answers are signed, and checked by whoever asks: plain HTTP will do.
    pub(crate) fn to_signed(
        port: &'static str,
        base_url: &str,
        patience: Patience,
    ) -> Result<Self, Misconfigured> {
        let url = parse(port, base_url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Misconfigured::new(port, "base_url must be https or http"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(Misconfigured::new(port, "base_url must have no user, password or query"));
        }
        let client = Client::builder()
            .connect_timeout(patience.connect())
            .timeout(patience.total())
            .redirect(reqwest::redirect::Policy::none())
            // Nothing is ever sent twice unasked, and a call never starts on a connection that the
            // other side may just be closing: that would turn "not reached" into "unknown".
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .referer(false);
        // Plain HTTP needs no certificate authorities: a bare machine may have none.
        let client = if url.scheme() == "http" { client.tls_certs_only([]) } else { client };
        let client =
            client.build().map_err(|_| Misconfigured::new(port, "no certificate authorities found"))?;
        Ok(Self { port, base: base_url.trim_end_matches('/').to_owned(), client })
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.request(Method::POST, format!("{}{path}", self.base))
    }

    pub(crate) async fn ask(&self, question: RequestBuilder, limit: usize) -> Result<Reply, Silence> {
        let mut answer = question.send().await.map_err(|error| self.judge(&error))?;
        if answer.status() != 200 {
            return Err(self.unknown(format!("status {}", answer.status().as_u16())));
        }
        let dated = [header::LAST_MODIFIED, header::DATE]
            .iter()
            .find_map(|name| answer.headers().get(name)?.to_str().ok())
            .map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.judge(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(self.unknown("answer too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { body, dated })
    }

    /// Only what failed while connecting certainly was not heard.
    fn judge(&self, error: &reqwest::Error) -> Silence {
        if error.is_connect() || error.is_builder() {
            return self.not_reached(if error.is_timeout() {
                "connecting timed out"
            } else {
                "no connection"
            });
        }
        self.unknown(if error.is_timeout() { "no answer in time" } else { "connection cut" })
    }

    pub(crate) fn not_reached(&self, reason: impl Into<String>) -> Silence {
        Silence::NotReached { port: self.port, reason: reason.into() }
    }

    pub(crate) fn unknown(&self, reason: impl Into<String>) -> Silence {
        Silence::Unknown { port: self.port, reason: reason.into() }
    }

    pub(crate) fn unreadable(&self) -> Silence {
        self.unknown("answer unreadable")
    }
}

fn parse(port: &'static str, base_url: &str) -> Result<Url, Misconfigured> {
    Url::parse(base_url).map_err(|_| Misconfigured::new(port, "base_url is not a URL"))
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
