//! Bodies that come slowly, or never: they hold nobody else up.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::Duration,
};

use app::identity;
use axum::{
    Router,
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use http_body::Frame;
use testkit::{
    TestApp,
    people::{self, PASSWORD, PHONE},
};
use texts::Lang;
use tokio::{task::JoinHandle, time::sleep};
use tower::ServiceExt;

use crate::guard::Browser;

const MULTIPART: &str = "multipart/form-data; boundary=b";
const FORM: &str = "application/x-www-form-urlencoded";
/// How long a body may take here. Half of it is time enough to begin, on a busy machine.
const BODY_TIME: Duration = Duration::from_secs(3);

/// The answer to a photo that was read whole: a recovery wants none yet.
const READ: StatusCode = StatusCode::CONFLICT;

/// A body of which one piece comes, and then nothing.
struct Stalled {
    piece: Option<&'static str>,
    _held: Arc<()>,
}

impl HttpBody for Stalled {
    type Data = Bytes;
    type Error = Infallible;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.piece.take().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(Frame::data(piece.into())))))
    }
}

/// A sender: where from, and as whom.
#[derive(Clone)]
struct Sender {
    router: Router,
    cookie: String,
    bearer: String,
}

/// What is on its way to an answer.
type Awaited = JoinHandle<(StatusCode, String)>;

impl Sender {
    /// Who recovers a password, on the pages and by the API.
    async fn recovering(t: &TestApp) -> (Self, String, String) {
        let mut browser = Browser::of(t, BODY_TIME);
        browser.get("/recover").await;
        let name = browser.form(&[("name", PHONE)]);
        assert_eq!(browser.post("/recover", name).await.status, StatusCode::SEE_OTHER);
        browser.get("/recover/proofs").await;
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut sender = Self { router: browser.router, cookie: cookies.join("; "), bearer: String::new() };
        let begin = Body::from(format!("{{\"name\":\"{PHONE}\"}}"));
        let request = sender.request(1, Method::POST, "/api/v1/recoveries", "application/json", begin);
        let begun: serde_json::Value = serde_json::from_str(&sender.send(request).await.unwrap().1).unwrap();
        sender.bearer = format!("Bearer {}", begun["token"].as_str().unwrap());
        let path = format!("/api/v1/recoveries/{}/proofs/face", begun["recovery"].as_str().unwrap());
        (sender, browser.token, path)
    }

    /// A request from the network of this number.
    fn request(&self, network: u8, method: Method, path: &str, kind: &str, body: Body) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT_LANGUAGE, "ru")
            .header(header::COOKIE, &self.cookie)
            .header(header::AUTHORIZATION, &self.bearer)
            .header(header::CONTENT_TYPE, kind)
            .header("x-challenge", "AAAA")
            .extension(ConnectInfo(SocketAddr::from(([10, 0, 0, network], 50_000))))
            .body(body)
            .unwrap()
    }

    fn send(&self, request: Request<Body>) -> Awaited {
        let router = self.router.clone();
        tokio::spawn(async move {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), 4_000_000).await.unwrap();
            (status, String::from_utf8_lossy(&body).into_owned())
        })
    }

    /// Sends the first piece of a body; and whether the body is still held.
    fn stall(
        &self,
        network: u8,
        method: Method,
        path: &str,
        kind: &str,
        piece: &'static str,
    ) -> (Awaited, Weak<()>) {
        let held = Arc::new(());
        let weak = Arc::downgrade(&held);
        let body = Body::new(Stalled { piece: Some(piece), _held: held });
        (self.send(self.request(network, method, path, kind, body)), weak)
    }

    /// Sends what is no photo, whole.
    fn photo(&self, network: u8, token: &str) -> Awaited {
        let body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\n\
             content-disposition: form-data; name=\"photo\"; filename=\"p\"\r\n\r\nx\r\n--b--\r\n"
        );
        self.send(self.request(network, Method::POST, "/recover/proofs/face", MULTIPART, body.into()))
    }
}

const PHOTO: &str = "--b\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"p\"\r\n\r\nx";

#[tokio::test]
async fn slow_uploads_give_their_places_back_to_who_comes_after_them() {
    let t = TestApp::start().await;
    let (sender, token, by_api) = Sender::recovering(&t).await;
    let mut stalled = Vec::new();
    for network in 1..=4 {
        stalled.push(sender.stall(network, Method::POST, "/recover/proofs/face", MULTIPART, PHOTO));
        stalled.push(sender.stall(network, Method::POST, &by_api, "image/jpeg", "x"));
    }
    sleep(BODY_TIME / 2).await;
    let waiting = sender.photo(5, &token);
    sleep(BODY_TIME / 6).await;
    assert!(!waiting.is_finished(), "pages and API share eight places");
    for (answer, held) in stalled {
        let (status, text) = answer.await.unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
        assert!(held.upgrade().is_none(), "nothing is read any more");
    }
    let (status, text) = waiting.await.unwrap();
    assert_eq!(status, READ, "{text}");
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn one_network_does_not_take_every_place() {
    let t = TestApp::start().await;
    let (sender, token, _) = Sender::recovering(&t).await;
    let stall = |_| sender.stall(1, Method::POST, "/recover/proofs/face", MULTIPART, PHOTO);
    let stalled: Vec<_> = (0..20).map(stall).collect();
    sleep(BODY_TIME / 3).await;
    let (status, text) = sender.photo(2, &token).await.unwrap();
    assert_eq!(status, READ, "{text}");
    assert!(stalled.iter().all(|(answer, _)| !answer.is_finished()), "answered while they wait");
    for (answer, held) in stalled {
        assert_eq!(answer.await.unwrap().0, StatusCode::SERVICE_UNAVAILABLE);
        assert!(held.upgrade().is_none(), "who waits for a place is let go, too");
    }
    t.settle().await;
    t.finish().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let t = TestApp::start().await;
    t.register(&people::form()).await.unwrap();
    let signed_in = identity::sign_in_by_password(&t.app, people::visitor(), PHONE, PASSWORD).await.unwrap();
    t.settle().await;
    let token = signed_in.reveal();
    let (recovering, _, by_api) = Sender::recovering(&t).await;
    let client = Sender {
        router: recovering.router.clone(),
        cookie: format!("__Host-session={token}"),
        bearer: format!("Bearer {token}"),
    };
    let frames = by_api.replace("proofs/face", "liveness/frames");
    let page = texts::client::error_503_text(Lang::Ru);
    let problem = "too-slow";
    let bodies = [
        (&client, Method::POST, "/sign-in", FORM, "csrf=", page),
        (&client, Method::POST, "/entities/register", MULTIPART, PHOTO, page),
        (&recovering, Method::POST, "/recover/proofs/face/frames", "image/jpeg", "x", page),
        (&client, Method::POST, "/api/v1/quotes", "application/json", "{", problem),
        (&client, Method::POST, "/api/v1/uploads", "application/pdf", "%PDF", problem),
        (&recovering, Method::POST, &frames, "image/jpeg", "x", problem),
        (&client, Method::POST, "/callbacks/bank", "application/xml", "<", ""),
        (&client, Method::PUT, "/egov/x/document", "application/json", "{", ""),
    ];
    let stalled = bodies.map(|(sender, method, path, kind, piece, told)| {
        (path.to_owned(), told, sender.stall(1, method, path, kind, piece))
    });
    for (path, told, (answer, held)) in stalled {
        let (status, text) = answer.await.unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {text}");
        assert!(text.contains(told), "{path}: {text}");
        assert!(held.upgrade().is_none(), "{path} is still read");
    }
    t.settle().await;
    t.finish().await;
}
