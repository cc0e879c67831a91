//! What stands before every page: headers, forms from elsewhere, limits, errors in the reader's language.

use std::time::Duration;

use app::{demonstration, identity, staff};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use jiff::SignedDuration;
use testkit::{TestApp, people};
use texts::Lang;
use tower::ServiceExt;

use crate::api::mobile::Mobile;

/// A browser: keeps cookies, knows the token of the last form it saw, the key of the last that serves once, and the hash of
/// the texts that it was shown last.
pub(crate) struct Browser {
    pub(crate) router: Router,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) token: String,
    pub(crate) key: String,
    pub(crate) shown: String,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new(test: &TestApp) -> Self {
        Self::of(test, web::BODY_TIME)
    }

    /// Of a site where bodies may take so long.
    pub(crate) fn of(test: &TestApp, body_time: Duration) -> Self {
        let settings = web::Settings {
            domain: "nesie.example".into(),
            organization: demonstration::organization(),
            colour: web::Colour::parse("#0b6b60").unwrap(),
            ncalayer_port: web::NCALAYER_PORT,
            body_time,
        };
        Self {
            router: web::router(test.app.clone(), settings),
            cookies: Vec::new(),
            token: String::new(),
            key: String::new(),
            shown: String::new(),
        }
    }

    pub(crate) async fn ask(&mut self, request: Request<Body>) -> Seen {
        let (mut parts, body) = request.into_parts();
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parts.headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let response = self.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let text =
            String::from_utf8_lossy(&to_bytes(response.into_body(), 4_000_000).await.unwrap()).into_owned();
        let shown = [("csrf", &mut self.token), ("key", &mut self.key), ("shown", &mut self.shown)];
        for (name, of) in shown {
            if let Some((_, rest)) = text.split_once(&format!("name=\"{name}\" value=\"")) {
                *of = rest.split_once('"').unwrap().0.to_owned();
            }
        }
        Seen { status, headers, text }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: impl Into<Body>) -> Seen {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) fn form(&self, fields: &[(&str, &str)]) -> String {
        let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let token = ("csrf", self.token.as_str());
        let pairs = fields.iter().chain([&token]);
        pairs.map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&")
    }
}

const PUBLIC: [&str; 11] = [
    "/",
    "/organization",
    "/rules",
    "/rights",
    "/register",
    "/recover",
    "/recover/done",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/token",
    "/staff/sign-in",
];

/// What is proved, by address, and the ways to.
const PROVED: [&str; 6] = [
    "/register",
    "/recover",
    "/account/changes/ID",
    "/applications/ID/sign",
    "/amendments/ID",
    "/entities/registrations/ID",
];
const PROOFS: [&str; 12] = [
    "code",
    "code/send",
    "password",
    "token",
    "signature",
    "signature/ask",
    "egov/ask",
    "face",
    "face/hosted",
    "face/hosted/finish",
    "face/challenge",
    "face/frames",
];

const POSTS: [&str; 37] = [
    "/register",
    "/register/finish",
    "/recover",
    "/recover/finish",
    "/sign-in/token",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/code/answer",
    "/sign-out",
    "/account/sessions/end-others",
    "/account/changes/phone",
    "/account/changes/account",
    "/account/changes/password",
    "/account/changes/ID/number",
    "/account/changes/ID/number/send",
    "/account/changes/ID/codes",
    "/account/changes/ID/carry-out",
    "/account/tokens",
    "/account/tokens/ID/give-up",
    "/account/tokens/ID/resynchronise",
    "/apply",
    "/apply/submit",
    "/applications/ID/withdraw",
    "/applications/ID/sign",
    "/applications/ID/sign/confirm",
    "/loans/ID/early",
    "/amendments/ID",
    "/amendments/ID/confirm",
    "/amendments/ID/decline",
    "/entities/act",
    "/entities/register",
    "/entities/registrations/ID/finish",
    "/entities/people/ID/end",
    "/staff/entities/ID/accept",
    "/staff/entities/ID/refuse",
    "/staff/loans/ID/amendments",
    "/staff/loans/ID/amendments/ID/withdraw",
];

const NOBODYS: &str = "019a0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn no_answer_leaves_without_its_headers() {
    let test = TestApp::start().await;
    let mut browser = Browser::new(&test);
    let style = browser.get("/").await.text;
    let style = style.split('"').find(|part| part.starts_with("/assets/style")).unwrap().to_owned();
    let large = vec![b'x'; 100_000];
    let answers = [
        ("page", browser.get("/").await, StatusCode::OK),
        ("asset", browser.get(&style).await, StatusCode::OK),
        ("redirect", browser.get("/account").await, StatusCode::SEE_OTHER),
        ("unknown page", browser.get("/.git/HEAD").await, StatusCode::NOT_FOUND),
        ("unknown asset", browser.get("/assets/x.js").await, StatusCode::NOT_FOUND),
        ("wrong method", browser.post("/rules", "").await, StatusCode::METHOD_NOT_ALLOWED),
        ("forged form", browser.post("/sign-in", "name=x").await, StatusCode::FORBIDDEN),
        ("large form", browser.post("/sign-in", large).await, StatusCode::PAYLOAD_TOO_LARGE),
        ("callback", browser.post("/callbacks/bank", "<x/>").await, StatusCode::FORBIDDEN),
    ];
    for (name, seen, status) in answers {
        assert_eq!(seen.status, status, "{name}");
        let header = |name: &str| seen.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{name}");
        assert!(policy.contains("require-trusted-types-for 'script'"), "{name}");
        assert!(
            policy.contains("; connect-src 'self' wss://127.0.0.1:13579;"),
            "{name}: NCALayer and nobody else"
        );
        assert_eq!(header("strict-transport-security"), "max-age=31536000", "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(header("referrer-policy"), "same-origin", "{name}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{name}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{name}");
        assert!(header("permissions-policy").contains("camera=(self)"), "{name}");
        let kept = if name == "asset" { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(header("cache-control"), kept, "{name}");
    }
    test.finish().await;
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let test = TestApp::start().await;
    let routes = [include_str!("../../src/client/mod.rs"), include_str!("../../src/staff/mod.rs")].concat();
    let posts = |routes: &str| routes.matches(" post(").count() + routes.matches(".post(").count();
    let proved = routes.matches("proving::routes(").count();
    let posts = posts(&routes) + proved * posts(include_str!("../../src/client/proving.rs"));
    let proofs = PROVED.iter().flat_map(|address| PROOFS.map(|way| format!("{address}/proofs/{way}")));
    let listed: Vec<String> = POSTS.map(str::to_owned).into_iter().chain(proofs).collect();
    assert_eq!(posts, listed.len() + 1, "a form is missing from this test's list");

    let client = test.register(&people::form()).await.unwrap();
    let token = identity::sign_in_by_password(&test.app, people::visitor(), people::PHONE, people::PASSWORD);
    let token = token.await.unwrap().reveal();
    test.settle().await;
    let mut browser = Browser::new(&test);
    browser.cookies.push(("__Host-session".into(), token));
    browser.get("/sign-in/code").await;
    let good = browser.token.clone();
    for path in listed.into_iter().chain(["/staff/sign-in".to_owned()]) {
        let path = path.replace("ID", NOBODYS);
        let body = format!("csrf={good}");
        for (name, value) in [
            ("x-nothing", ""),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
        ] {
            let request = Request::post(&path)
                .header(name, value)
                .header(header::HOST, "nesie.example")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let seen = browser.ask(request.body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} with {name}: {value}");
        }
        let upload = path.ends_with("/face") || path == "/entities/register";
        for wrong in ["", "csrf=", "csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let seen = browser.post(&path, wrong).await;
            let refused = match seen.status {
                StatusCode::FORBIDDEN => true,
                StatusCode::BAD_REQUEST => upload,
                StatusCode::SEE_OTHER => {
                    // Not for clients at all.
                    ["/register/", "/recover/", "/staff/"].iter().any(|of| path.starts_with(of))
                }
                _ => false,
            };
            assert!(refused, "{path} with {wrong:?}: {}", seen.status);
        }
    }
    // The session is still there: signing out was refused, too.
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    // An older browser, without Sec-Fetch-Site, on our own page.
    let request = Request::post("/sign-out")
        .header(header::ORIGIN, "https://nesie.example")
        .header(header::HOST, "nesie.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let seen = browser.ask(request.body(Body::from(format!("csrf={good}"))).unwrap()).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(seen.headers["clear-site-data"], "\"cache\", \"storage\"");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "signed out");
    drop(client);
    test.finish().await;
}

#[tokio::test]
async fn a_reader_is_told_no_in_their_own_language() {
    let test = TestApp::start().await;
    for lang in Lang::ALL {
        let mut browser = Browser::new(&test);
        let asked = |path: &str, method: Method| {
            Request::builder()
                .method(method)
                .uri(path)
                .header(header::ACCEPT_LANGUAGE, format!("de;q=0.9, {}-KZ", lang.code()))
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::empty())
                .unwrap()
        };
        let missing = browser.ask(asked("/nothing", Method::GET)).await;
        assert!(missing.text.contains(&format!("<html lang=\"{}\">", lang.code())));
        assert!(missing.text.contains(texts::client::error_404_title(lang)));
        let method = browser.ask(asked("/rules", Method::DELETE)).await;
        assert!(
            method.text.contains(texts::client::error_405_title(lang))
                && method.headers.contains_key("allow")
        );
        let forged = browser.ask(asked("/sign-in", Method::POST)).await;
        assert!(forged.text.contains(texts::client::error_form_title(lang)));
        let other = if lang == Lang::Kk { Lang::En } else { Lang::Kk };
        let switched = browser.get(&format!("/language/{}?to=//evil.example", other.code())).await;
        assert_eq!(
            (switched.status, &switched.headers["location"]),
            (StatusCode::SEE_OTHER, &"/".parse().unwrap())
        );
        let missing = browser.ask(asked("/nothing", Method::GET)).await;
        assert!(
            missing.text.contains(texts::client::error_404_title(other)),
            "the choice outweighs the browser"
        );
    }
    test.finish().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_not_guessed_at() {
    let test = TestApp::start().await;
    let mut browser = Browser::new(&test);
    browser.get("/sign-in").await;
    let token = browser.token.clone();
    for body in [
        format!("csrf={token}&name=%FF%FE"),
        format!("csrf={token}&name=a%00b"),
        format!("csrf={token}&name=1&name=2"),
        format!("csrf={token}&name=1&is_admin=true"),
    ] {
        assert_eq!(browser.post("/sign-in", body.clone()).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let raw = [format!("csrf={token}&name=").as_bytes(), b"\xff\xfe"].concat();
    assert_eq!(browser.post("/sign-in", raw).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/?amount=1&amount=2").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/?amount=%C3%28").await.status, StatusCode::BAD_REQUEST);
    test.finish().await;
}

#[tokio::test]
async fn a_request_of_a_gigabyte_is_refused_before_it_is_read() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    let test = TestApp::start().await;
    test.begin_registration(&people::form()).await.unwrap();
    let token =
        identity::begin(&test.app, people::visitor(), Lang::Kk, &people::form(), &people::consents()).await;
    test.settle().await;
    for (path, kind, limit) in [
        ("/sign-in", "application/x-www-form-urlencoded", 64 * 1024),
        ("/register/proofs/face", "multipart/form-data; boundary=b", 12 * 1024 * 1024),
    ] {
        let mut browser = Browser::new(&test);
        browser.cookies.push(("__Host-session".into(), token.as_ref().unwrap().reveal()));
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let head = b"--b\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"f\"\r\n\r\n".to_vec();
        let mut chunks =
            std::iter::once(head).chain(std::iter::repeat_with(|| vec![b'x'; 64 * 1024])).take(16_384);
        let body = Body::new(http_body(move || {
            let chunk = chunks.next();
            counted.fetch_add(chunk.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
            chunk
        }));
        let request =
            Request::post(path).header("sec-fetch-site", "same-origin").header(header::CONTENT_TYPE, kind);
        let seen = browser.ask(request.body(body).unwrap()).await;
        assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(read.load(Ordering::Relaxed) <= limit + 3 * 64 * 1024, "{path} read on past its limit");
    }
    test.finish().await;
}

/// A body made chunk by chunk.
fn http_body(next: impl FnMut() -> Option<Vec<u8>> + Unpin + Send + 'static) -> Chunks {
    Chunks(Box::new(next))
}

struct Chunks(Box<dyn FnMut() -> Option<Vec<u8>> + Send>);

impl axum::body::HttpBody for Chunks {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;
    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Ready((self.0)().map(|chunk| Ok(http_body::Frame::data(chunk.into()))))
    }
}

#[tokio::test]
async fn bad_input_loses_nothing_that_was_typed_but_the_password() {
    let test = TestApp::start().await;
    let mut browser = Browser::new(&test);
    browser.get("/register").await;
    let nasty = "<svg/onload=1>\"'";
    let fields = [
        ("surname", nasty),
        ("given_name", "Әлия"),
        ("iin", "880101300124"),
        ("phone", "8 701 123 45 67"),
        ("password", "жеті қазына бір сөз"),
        ("personal_data", "yes"),
        ("electronic", "yes"),
    ];
    let seen = browser.post("/register", browser.form(&fields)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refusal = texts::refusals::iin_invalid(Lang::Kk);
    assert_eq!(seen.text.matches(refusal).count(), 2, "the same words in the summary and at the field");
    assert!(seen.text.contains("href=\"#iin\"") && seen.text.contains("aria-invalid=\"true\""));
    for kept in ["Әлия", "880101300124", "8 701 123 45 67", "&lt;svg/onload=1&gt;&quot;'"] {
        assert!(seen.text.contains(kept), "{kept} was lost");
    }
    assert!(
        !seen.text.contains(nasty) && !seen.text.contains("жеті қазына"),
        "escaped, and no password sent back"
    );
    test.finish().await;
}

#[tokio::test]
async fn the_first_page_is_light_and_holds_no_script_or_style_of_its_own() {
    let test = TestApp::start().await;
    for lang in Lang::ALL {
        let mut browser = Browser::new(&test);
        browser.get(&format!("/language/{}", lang.code())).await;
        let first = browser.get("/").await.text;
        let mut bytes = first.len();
        let assets: Vec<&str> = first.split('"').filter(|part| part.starts_with("/assets/")).collect();
        for asset in assets {
            let seen = browser.get(asset).await;
            bytes += seen.headers["content-length"].to_str().unwrap().parse::<usize>().unwrap();
        }
        assert!(bytes < 110 * 1024, "{bytes} bytes");
        for path in PUBLIC {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains(&format!("<html lang=\"{}\">", lang.code())), "{path}");
            for inline in [" style=", "<style", " onclick=", "javascript:", "<script>"] {
                assert!(!page.text.contains(inline), "{path} has {inline}");
            }
        }
    }
    test.finish().await;
}

#[tokio::test]
async fn on_a_day_whose_law_is_not_known_the_first_page_says_so_and_offers_nothing() {
    let test = TestApp::start().await;
    test.register(&people::form()).await.unwrap();
    test.clock.advance(SignedDuration::from_hours(24 * 333));
    assert_eq!(test.today(), jiff::civil::date(2027, 1, 1));
    let wish = Mobile::of(&test).wish().await;
    let asked = serde_json::json!({ "product": wish["product"], "amount_tiyn": 10_000_000, "term": 6 });
    for lang in Lang::ALL {
        let why = texts::refusals::by_code(lang, "law-unknown").unwrap();
        let mut browser = Browser::new(&test);
        browser.get(&format!("/language/{}", lang.code())).await;
        let first = browser.get("/").await;
        assert_eq!(first.status, StatusCode::OK);
        assert!(first.text.contains(why) && !first.text.contains("/apply?"), "{}", first.text);
        browser.get("/sign-in").await;
        let form = browser.form(&[("name", people::PHONE), ("password", people::PASSWORD)]);
        browser.post("/sign-in", form).await;
        let apply = browser.get("/apply").await;
        assert!(apply.status == StatusCode::CONFLICT && apply.text.contains(why), "{}", apply.text);
        let mobile = Mobile { language: lang.code(), ..Mobile::of(&test) };
        let problem = mobile.post("/quotes", None, asked.clone()).await.refused(409, "law-unknown");
        assert_eq!(problem["title"], why);
    }
    test.settle().await;
    test.finish().await;
}

/// Proves [`lending::law::CL_26_1`] and [`lending::law::CL_24_5`].
#[tokio::test]
async fn of_a_fault_only_a_reference_number_is_shown() {
    let test = TestApp::start().await;
    let mut browser = Browser::new(&test);
    test.app.pool().close().await;
    let seen = browser.get("/").await;
    assert_eq!(seen.status, StatusCode::INTERNAL_SERVER_ERROR);
    let (_, rest) = seen.text.split_once("<strong class=\"figures\">").unwrap();
    let reference = rest.split_once('<').unwrap().0;
    assert!(reference.len() == 10 && reference.bytes().all(|b| b.is_ascii_alphanumeric()), "{reference}");
    for inner in ["pool", "Pool", "sqlx", "database", "fault", ".rs"] {
        assert!(!seen.text.contains(inner), "the page tells of {inner}");
    }
}

#[tokio::test]
async fn whoever_guesses_passwords_is_told_to_wait() {
    let test = TestApp::start().await;
    let mut browser = Browser::new(&test);
    browser.get("/sign-in").await;
    let form = browser.form(&[("name", "87011234567"), ("password", "not the right one")]);
    for _ in 0..10 {
        assert_eq!(browser.post("/sign-in", form.clone()).await.status, StatusCode::UNAUTHORIZED);
    }
    let seen = browser.post("/sign-in", form).await;
    assert_eq!(seen.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(seen.headers["retry-after"], "900");
    assert!(seen.text.contains("87011234567"), "the name stays");
    test.finish().await;
}

#[tokio::test]
async fn a_session_lives_in_a_cookie_that_no_script_can_read() {
    let test = TestApp::start().await;
    test.register(&people::form()).await.unwrap();
    let mut browser = Browser::new(&test);
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    browser.get("/sign-in").await;
    let form = browser.form(&[("name", people::PHONE), ("password", people::PASSWORD)]);
    let seen = browser.post("/sign-in", form).await;
    assert_eq!(seen.headers["location"], "/account/sessions", "back to what was asked for");
    let cookies: Vec<&str> =
        seen.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-session=")).unwrap();
    assert!(session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{session}");
    test.settle().await;
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
    let other = browser.get(&format!("/loans/{NOBODYS}")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "somebody else's loan does not exist");
    test.finish().await;
}

#[tokio::test]
async fn an_employee_sees_why_a_client_owes_what_they_owe_and_that_they_looked_is_known() {
    let test = TestApp::start().await;
    let (_, id) = test.borrower().await;
    test.live(5).await;
    let path = format!("/staff/loans/{}", id.uuid());
    let mut browser = Browser::new(&test);
    assert_eq!(browser.get(&path).await.status, StatusCode::SEE_OTHER, "nobody without a session");
    let mut op = test.app.begin(app::op::System).await.unwrap();
    let password = "seven silver spoons";
    assert!(staff::add(&mut op, "auditor", "Айгүл", staff::Role::Auditor, password).await.unwrap());
    op.commit().await.unwrap();
    browser.get("/staff/sign-in").await;
    let form = browser.form(&[("login", "auditor"), ("password", password)]);
    assert_eq!(browser.post("/staff/sign-in", form).await.status, StatusCode::SEE_OTHER);
    for figure in ["", "interest", "principal", "effective-rate", "row-interest:1"] {
        let seen = browser.get(&format!("{path}?figure={figure}")).await;
        assert_eq!(seen.status, StatusCode::OK, "{figure}");
        assert!(seen.text.contains("id=\"why\""), "{figure}: the steps that lead to it");
    }
    assert_eq!(browser.get(&format!("{path}?figure=nonsense")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&format!("/staff/loans/{NOBODYS}")).await.status, StatusCode::NOT_FOUND);
    let looked: i64 = sqlx::query_scalar("select count(*) from audit_event where action = 'staff.loan-read'")
        .fetch_one(&mut test.owner().await)
        .await
        .unwrap();
    assert!(looked >= 5, "{looked}");
    test.settle().await;
    test.finish().await;
}
