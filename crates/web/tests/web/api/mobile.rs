//! The mobile application of a test: what it sends, and what it does most often.

use std::sync::atomic::{AtomicU32, Ordering};

use app::demonstration;
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use image::ImageFormat;
use serde_json::{Value, json};
use sqlx::Connection;
use testkit::{
    TestApp,
    people::{self, PASSWORD, PHONE},
};
use tower::ServiceExt;

use super::conformance;

#[derive(Clone)]
pub(crate) struct Mobile {
    pub(crate) router: Router,
    /// What it says it understands.
    pub(crate) language: &'static str,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {} {:?}", self.status, self.body))
    }

    /// The answer, if it is the expected one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{body}");
        self
    }

    /// The problem, if it is one of this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(problem["type"], format!("urn:nesie:refusal:{code}"));
        assert_eq!(problem["status"], status);
        assert!(
            problem["title"].as_str().is_some_and(|title| !title.is_empty() && title != code),
            "{problem}"
        );
        problem
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_else(|| panic!("no {field}: {}", self.json())).to_owned()
    }
}

impl Mobile {
    pub(crate) fn of(t: &TestApp) -> Self {
        let settings = web::Settings {
            domain: "nesie.example".into(),
            organization: demonstration::organization(),
            colour: web::Colour::parse("#0b6b60").unwrap(),
            ncalayer_port: web::NCALAYER_PORT,
            body_time: web::BODY_TIME,
        };
        Self { router: web::router(t.app.clone(), settings), language: "ru" }
    }

    /// Every answer is held against the description.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 32 * 1024 * 1024).await.unwrap();
        let media_type = parts.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
        let path = path.strip_prefix("/api").unwrap();
        conformance::check(&method, path, parts.status, media_type, &body);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
    ) -> axum::http::request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::USER_AGENT, "Nesie for Android 1.0")
            .header(header::ACCEPT_LANGUAGE, self.language);
        match token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(self.request(Method::GET, path, token).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::DELETE, path, Some(token)).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        self.raw(path, token, "application/json", body.to_string()).await
    }

    pub(crate) async fn raw(
        &self,
        path: &str,
        token: Option<&str>,
        media_type: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = self.request(Method::POST, path, token).header(header::CONTENT_TYPE, media_type);
        if path == "/applications" || path.ends_with("/early-repayments") {
            static DRAWN: AtomicU32 = AtomicU32::new(0);
            let key = format!("key-of-a-mobile-{:010}", DRAWN.fetch_add(1, Ordering::Relaxed));
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Posts nothing.
    pub(crate) async fn post_empty(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::POST, path, Some(token)).body(Body::empty()).unwrap()).await
    }

    /// Texts as shown, accepted.
    pub(crate) fn accept(texts: &Value, kinds: &[&str]) -> Value {
        let one = |text: &Value| json!({ "kind": text["kind"], "sha256": text["sha256"] });
        let shown = texts.as_array().unwrap().iter();
        shown.filter(|text| kinds.contains(&text["kind"].as_str().unwrap())).map(one).collect()
    }

    /// The data of the ordinary person, as the API takes it.
    pub(crate) async fn registration(&self) -> Value {
        let form = people::form();
        let texts = self.get("/consents", None).await.expect(200).json();
        json!({
            "iin": form.iin, "surname": form.surname, "given_name": form.given_name, "patronymic": form.patronymic,
            "document_number": form.document_number, "document_valid_until": form.document_valid_until,
            "phone": form.phone, "password": PASSWORD,
            "consents": Self::accept(&texts, &app::identity::CONSENTS),
        })
    }

    /// Begins a registration: its id and token.
    pub(crate) async fn begin(&self, t: &TestApp, data: Value) -> (String, String) {
        let begun = self.post("/registrations", None, data).await.expect(201);
        t.settle().await;
        (begun.text("registration"), begun.text("token"))
    }

    /// Registers to the end: the client's token.
    pub(crate) async fn register(&self, t: &TestApp, data: Value) -> String {
        let phone = lending::phone::Phone::parse(data["phone"].as_str().unwrap()).unwrap();
        let (id, token) = self.begin(t, data).await;
        let (token, path) = (Some(token.as_str()), format!("/registrations/{id}"));
        let code = json!({ "code": t.code(phone.as_str()) });
        let standing = self.post(&format!("{path}/proofs/sms-code"), token, code).await.expect(200);
        assert_eq!(standing.text("missing"), "biometric");
        let standing = self.face(&format!("{path}/proofs/face"), token.unwrap()).await.expect(200);
        assert_eq!(standing.json()["missing"], json!(null));
        let opened = self.post_empty(&format!("{path}/completion"), token.unwrap()).await.expect(201);
        t.settle().await;
        opened.text("token")
    }

    /// The ordinary person, registered.
    pub(crate) async fn client(&self, t: &TestApp) -> String {
        self.register(t, self.registration().await).await
    }

    /// Another ordinary person, registered.
    pub(crate) async fn neighbour(&self, t: &TestApp) -> String {
        let mut data = self.registration().await;
        data["iin"] = simulator::persons::iin(jiff::civil::date(1990, 5, 5), 4, 77).into();
        data["phone"] = "+77025556677".into();
        self.register(t, data).await
    }

    pub(crate) async fn face(&self, path: &str, token: &str) -> Answer {
        self.raw(path, Some(token), "image/jpeg", people::photo(640, 800, ImageFormat::Jpeg)).await
    }

    /// What most people would apply for: 100 000 tenge for six months, annuity.
    pub(crate) async fn wish(&self) -> Value {
        let products = self.get("/products", None).await.expect(200).json();
        let texts = self.get("/consents", None).await.expect(200).json();
        let consent = texts.as_array().unwrap().iter().find(|text| text["kind"] == "credit-report").unwrap();
        json!({
            "product": products[0]["id"], "amount_tiyn": 10_000_000, "term": 6, "method": "annuity",
            "purpose": products[0]["purposes"][0]["code"], "income_tiyn": 45_000_000, "iban": people::IBAN,
            "consent_sha256": consent["sha256"],
        })
    }

    /// Applies and is approved: the application's id.
    pub(crate) async fn approved(&self, t: &TestApp, token: &str) -> String {
        let submitted = self.post("/applications", Some(token), self.wish().await).await.expect(201);
        t.settle().await;
        let id = submitted.text("id");
        let application = self.get(&format!("/applications/{id}"), Some(token)).await.expect(200);
        assert_eq!(application.text("state"), "approved", "{}", application.json());
        id
    }

    /// Acknowledges all, shows the face and asks for the code: everything but the signature itself.
    pub(crate) async fn ready_to_sign(&self, t: &TestApp, token: &str, application: &str) -> Value {
        let path = format!("/applications/{application}");
        let texts = self.get(&format!("{path}/acknowledgements"), Some(token)).await.expect(200).json();
        let accepted = json!({ "accepted": Self::accept(&texts, &app::applications::ACKNOWLEDGED) });
        self.post(&format!("{path}/acknowledgements"), Some(token), accepted).await.expect(204);
        self.face(&format!("{path}/proofs/face"), token).await.expect(200);
        self.post_empty(&format!("{path}/codes"), token).await.expect(204);
        t.settle().await;
        let offer = self.get(&format!("{path}/offer"), Some(token)).await.expect(200);
        json!({ "agreement_sha256": offer.text("sha256"), "password": PASSWORD, "code": t.code(PHONE) })
    }

    /// A credit, paid out: its id.
    pub(crate) async fn borrow(&self, t: &TestApp, token: &str) -> String {
        let application = self.approved(t, token).await;
        let signature = self.ready_to_sign(t, token, &application).await;
        let signed =
            self.post(&format!("/applications/{application}/signatures"), Some(token), signature).await;
        t.settle().await;
        signed.expect(201).text("loan")
    }

    pub(crate) async fn sign_in(&self, t: &TestApp) -> String {
        let credentials = json!({ "name": "880101300123", "password": PASSWORD });
        let opened = self.post("/sessions", None, credentials).await.expect(201);
        t.settle().await;
        opened.text("token")
    }
}

/// All that the database holds but counters of attempts: the same before and after a request that changed
/// nothing.
pub(crate) async fn everything(t: &TestApp) -> Vec<(String, String)> {
    let mut db = t.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = 'public' and tablename <> 'attempt' order by 1",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let sql =
            format!("select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from \"{table}\" t");
        let hash: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
        all.push((table, hash));
    }
    db.close().await.unwrap();
    all
}
