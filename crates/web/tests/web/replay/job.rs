//! The whole job: two people and an auditor, by pages and by the API.

use app::staff::{self, Role};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use image::ImageFormat;
use serde_json::json;
use simulator::{Callback, Service};
use testkit::{
    TestApp,
    people::{self, PASSWORD, PHONE},
};
use tokio::net::TcpListener;

use super::{
    recording::{Recorded, Recording},
    routes,
};
use crate::{
    api::{mobile::Mobile, signatures::phone},
    guard::Browser,
};

/// The person of the API, by the number they register with and the one they change to.
const ANOTHER_PHONE: &str = "+77025556677";
const NEW_PHONE: &str = "+77027654321";
const ANOTHER_IIN: &str = "900505400773";
/// Somebody whose session is not the one that anything was recorded in.
const STRANGERS_PHONE: &str = "+77035556688";
const AUDITOR: (&str, Role) = ("auditor", Role::Auditor);
const OFFICER: (&str, Role) = ("officer", Role::LoanOfficer);
const EMPLOYEES_PASSWORD: &str = "seven silver spoons";

pub(super) struct Job {
    pub(super) t: TestApp,
    pub(super) recording: Recording,
    /// The same program, unrecorded.
    pub(super) router: Router,
    /// The person of the pages, signed in.
    browser: Browser,
    /// The person of the API, signed in.
    token: String,
    /// Forms and sessions that were recorded, and those of a stranger in their stead.
    strangers: Vec<(String, String)>,
    /// Applications that were recorded: of the pages, of the API.
    applications: [String; 2],
}

impl Job {
    /// Everything done and recorded; if `twice`, each request sent a second time at once.
    pub(super) async fn done(twice: bool) -> Self {
        let t = TestApp::start().await;
        let router = Mobile::of(&t).router;
        let recording = Recording::new(twice.then(|| (router.clone(), t.owner_options().clone())));
        let recorded = recording.of(router.clone());
        let mut browser = Browser::new(&t);
        browser.router = recorded.clone();
        let mobile = Mobile { router: recorded.clone(), ..Mobile::of(&t) };
        let by_pages = pages(&t, &mut browser).await;
        let (token, by_api) = api(&t, &mobile).await;
        notify(&t, recorded.clone()).await;
        auditor(&t, recorded.clone()).await;
        let mut officer = employee(&t, recorded, OFFICER).await;
        amendments(&t, &mobile, &token, &mut officer).await;
        entities(&t, &mobile, &mut officer).await;
        let about =
            routes::readable(&by_pages.loan).into_iter().chain(routes::readable(&by_pages.application));
        for page in about {
            let seen = browser.get(&page).await;
            assert!(seen.status.as_u16() < 500, "{page}: {}", seen.status);
        }
        let strangers = stranger(&t, &browser, &token, &recording).await;
        let applications = [by_pages.application, by_api];
        t.settle().await;
        Self { t, recording, router, browser, token, strangers, applications }
    }

    /// The request as a stranger would send it in their own session.
    pub(super) fn as_another(&self, request: &Recorded) -> Recorded {
        let mut request = request.with(&self.strangers);
        if request.headers.contains_key(header::AUTHORIZATION) {
            let (_, token) = &self.strangers[0];
            request.headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        if request.headers.contains_key(header::COOKIE) {
            let (_, cookies) = &self.strangers[1];
            request.headers.insert(header::COOKIE, cookies.parse().unwrap());
        }
        request
    }

    /// Both people apply again, and are one code and one face away from another credit.
    pub(super) async fn open_another_matter(&self) -> Open<'_> {
        let t = &self.t;
        let mobile = Mobile { router: self.router.clone(), ..Mobile::of(t) };
        let mut texts = Vec::new();
        let mut open = Vec::new();
        let pages = mobile.sign_in(t).await;
        for (token, before) in [(pages, &self.applications[0]), (self.token.clone(), &self.applications[1])] {
            let token = match mobile.get("/loans", Some(&token)).await.status {
                StatusCode::OK => token,
                _ => mobile_sign_in(t, &mobile, ANOTHER_IIN).await,
            };
            withdraw_all(&mobile, &token).await;
            let mut wish = mobile.wish().await;
            if before == &self.applications[1] {
                wish["iban"] = NEW_IBAN.into();
            }
            let id = mobile.post("/applications", Some(&token), wish).await.expect(201).text("id");
            t.settle().await;
            let path = format!("/applications/{id}");
            let shown =
                mobile.get(&format!("{path}/acknowledgements"), Some(&token)).await.expect(200).json();
            let accepted = json!({ "accepted": Mobile::accept(&shown, &app::applications::ACKNOWLEDGED) });
            mobile.post(&format!("{path}/acknowledgements"), Some(&token), accepted).await.expect(204);
            mobile.post_empty(&format!("{path}/codes"), &token).await.expect(204);
            let offer = mobile.get(&format!("{path}/offer"), Some(&token)).await.expect(200);
            texts.push((before.clone(), id.clone()));
            texts.push((sha256_of(t, before).await, offer.text("sha256")));
            open.push((token, id));
        }
        t.settle().await;
        let mut browser = Browser::new(t);
        sign_in(t, &mut browser, (PHONE, PASSWORD)).await;
        Open { job: self, texts, open, cookies: cookies(&browser), form: browser.token }
    }
}

/// Another operation of the same people, waiting for proofs.
pub(super) struct Open<'a> {
    job: &'a Job,
    texts: Vec<(String, String)>,
    /// Tokens and applications: of the person of the pages, of the person of the API.
    open: Vec<(String, String)>,
    cookies: String,
    form: String,
}

impl Open<'_> {
    /// The request, about this matter, in the same person's living session.
    pub(super) fn about(&self, request: &Recorded) -> Recorded {
        let mut texts = self.texts.clone();
        texts.push((self.job.browser.token.clone(), self.form.clone()));
        let mut request = request.with(&texts);
        if request.headers.contains_key(header::AUTHORIZATION) {
            let token = &self.open[1].0;
            request.headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        if request.headers.contains_key(header::COOKIE) {
            request.headers.insert(header::COOKIE, self.cookies.parse().unwrap());
        }
        request
    }

    /// Neither application was signed, and neither can be.
    pub(super) async fn is_still_open(&self) {
        let mobile = Mobile { router: self.job.router.clone(), ..Mobile::of(&self.job.t) };
        for (name, (_, id)) in [PHONE, ANOTHER_IIN].iter().zip(&self.open) {
            let token = mobile_sign_in(&self.job.t, &mobile, name).await;
            let application = mobile.get(&format!("/applications/{id}"), Some(&token)).await.expect(200);
            let state = application.text("state");
            assert!(matches!(state.as_str(), "approved" | "withdrawn"), "{state}");
        }
        let loans: i64 = sqlx::query_scalar("select count(*) from loan")
            .fetch_one(&mut self.job.t.owner().await)
            .await
            .unwrap();
        assert_eq!(loans, 2, "one for each of the two people");
    }
}

/// What the person of the pages has.
struct Has {
    application: String,
    loan: String,
}

/// The pages: register, apply, withdraw, apply, sign, sign out and in.
async fn pages(t: &TestApp, b: &mut Browser) -> Has {
    let form = people::form();
    b.get("/register").await;
    let data = b.form(&[
        ("surname", &form.surname),
        ("given_name", &form.given_name),
        ("patronymic", &form.patronymic),
        ("iin", &form.iin),
        ("document_number", &form.document_number),
        ("document_valid_until", "20.05.2031"),
        ("phone", &form.phone),
        ("email", ""),
        ("password", PASSWORD),
        ("personal_data", "yes"),
        ("electronic", "yes"),
    ]);
    went(b, "/register", data).await;
    send(t, b, "/register/proofs/code/send", &[]).await;
    send(t, b, "/register/finish", &[]).await;
    let code = t.code(PHONE);
    send(t, b, "/register/proofs/code", &[("code", &code)]).await;
    photo(b, "/register/proofs/face").await;
    t.settle().await;
    assert_eq!(b.get("/account").await.status, StatusCode::OK, "registered");

    let first = apply(t, b).await;
    send(t, b, &format!("/applications/{first}/withdraw"), &[]).await;
    let application = apply(t, b).await;
    let sign = format!("/applications/{application}/sign");
    b.get(&sign).await;
    let shown = b.shown.clone();
    let all = [
        ("lending_rules", "yes"),
        ("full_cost", "yes"),
        ("rights_and_duties", "yes"),
        ("shown", shown.as_str()),
    ];
    send(t, b, &sign, &all).await;
    b.get(&format!("/applications/{application}/agreement.pdf")).await;
    photo(b, &format!("{sign}/proofs/face")).await;
    send(t, b, &format!("{sign}/proofs/password"), &[("password", PASSWORD)]).await;
    send(t, b, &format!("{sign}/proofs/code/send"), &[]).await;
    for page in ["", "/confirm", "/proofs/code", "/proofs/code/send", "/proofs/password", "/proofs/face"] {
        b.get(&format!("{sign}{page}")).await;
    }
    let code = t.code(PHONE);
    send(t, b, &format!("{sign}/proofs/code"), &[("code", &code)]).await;
    let signed = send(t, b, &format!("{sign}/confirm"), &[]).await;
    let loan = signed.strip_prefix("/loans/").unwrap().to_owned();
    let early = format!("/loans/{loan}/early");
    b.get(&early).await;
    let key = b.key.clone();
    send(t, b, &early, &[("mode", "keep-term"), ("key", &key)]).await;

    send(t, b, "/account/sessions/end-others", &[]).await;
    send(t, b, "/sign-out", &[]).await;
    b.get("/sign-in/code").await;
    let page = b.post("/sign-in/code", b.form(&[("phone", PHONE)])).await;
    t.settle().await;
    let (_, rest) = page.text.split_once("name=\"handle\" value=\"").unwrap();
    let handle = rest.split_once('"').unwrap().0.to_owned();
    let code = t.code(PHONE);
    let answer = [("phone", PHONE), ("handle", handle.as_str()), ("code", code.as_str())];
    send(t, b, "/sign-in/code/answer", &answer).await;
    assert_eq!(b.get("/account").await.status, StatusCode::OK, "signed in by code");
    send(t, b, "/sign-out", &[]).await;
    sign_in(t, b, (PHONE, PASSWORD)).await;
    Has { application, loan }
}

async fn apply(t: &TestApp, b: &mut Browser) -> String {
    let form = t.application_form().await;
    b.get("/apply").await;
    let wish = [
        ("product", form.product.as_str()),
        ("amount", &form.amount),
        ("term", &form.term),
        ("method", &form.method),
        ("purpose", &form.purpose),
        ("income", &form.income),
        ("iban", &form.iban),
        ("consent", "yes"),
    ];
    send(t, b, "/apply", &wish).await;
    let key = b.key.clone();
    let keyed = [&wish[..], &[("key", key.as_str())]].concat();
    let at = send(t, b, "/apply/submit", &keyed).await;
    at.strip_prefix("/applications/").unwrap().to_owned()
}

pub(super) async fn sign_in(t: &TestApp, b: &mut Browser, (name, password): (&str, &str)) {
    b.get("/sign-in").await;
    send(t, b, "/sign-in", &[("name", name), ("password", password)]).await;
    assert_eq!(b.get("/account").await.status, StatusCode::OK, "signed in");
}

/// Sends a form, which is taken; where it led.
pub(super) async fn send(t: &TestApp, b: &mut Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let at = went(b, path, b.form(fields)).await;
    t.settle().await;
    at
}

pub(super) async fn went(b: &mut Browser, path: &str, form: String) -> String {
    let seen = b.post(path, form).await;
    assert!(seen.status.as_u16() < 400, "{path}: {} {}", seen.status, seen.text);
    seen.headers.get(header::LOCATION).map(|at| at.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn photo(b: &mut Browser, path: &str) {
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--b\r\ncontent-disposition: form-data; \
         name=\"photo\"; filename=\"p.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n",
        b.token
    )
    .into_bytes();
    body.extend(people::photo(640, 800, ImageFormat::Jpeg));
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let seen = b.ask(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{path}: {}", seen.text);
}

/// The API: everything that is described.
async fn api(t: &TestApp, mobile: &Mobile) -> (String, String) {
    mobile.get("/organization", None).await.expect(200);
    let wish = mobile.wish().await;
    let asked =
        json!({ "product": wish["product"], "amount_tiyn": wish["amount_tiyn"], "term": wish["term"] });
    mobile.post("/quotes", None, asked).await.expect(200);
    let mut data = mobile.registration().await;
    data["iin"] = ANOTHER_IIN.into();
    data["phone"] = ANOTHER_PHONE.into();
    let (id, token) = mobile.begin(t, data).await;
    let path = format!("/registrations/{id}");
    mobile.get(&format!("{path}/proofs"), Some(&token)).await.expect(200);
    mobile.post_empty(&format!("{path}/codes"), &token).await.expect(204);
    t.settle().await;
    let code = json!({ "code": t.code(ANOTHER_PHONE) });
    mobile.post(&format!("{path}/proofs/sms-code"), Some(&token), code).await.expect(200);
    mobile.face(&format!("{path}/proofs/face"), &token).await.expect(200);
    let token = mobile.post_empty(&format!("{path}/completion"), &token).await.expect(201).text("token");
    t.settle().await;

    let first = mobile.approved(t, &token).await;
    mobile.post_empty(&format!("/applications/{first}/withdrawal"), &token).await.expect(200);
    let signed_at_once = mobile.approved(t, &token).await;
    let path = format!("/applications/{signed_at_once}");
    for page in ["", "/offer", "/offer/agreement", "/acknowledgements", "/proofs"] {
        mobile.get(&format!("{path}{page}"), Some(&token)).await.expect(200);
    }
    let shown = mobile.get(&format!("{path}/acknowledgements"), Some(&token)).await.expect(200).json();
    let accepted = json!({ "accepted": Mobile::accept(&shown, &app::applications::ACKNOWLEDGED) });
    mobile.post(&format!("{path}/acknowledgements"), Some(&token), accepted).await.expect(204);
    mobile.face(&format!("{path}/proofs/face"), &token).await.expect(200);
    mobile
        .post(&format!("{path}/proofs/password"), Some(&token), json!({ "password": PASSWORD }))
        .await
        .expect(200);
    mobile.post_empty(&format!("{path}/codes"), &token).await.expect(204);
    t.settle().await;
    signature(t, mobile, &token, &path).await;
    let offer = mobile.get(&format!("{path}/offer"), Some(&token)).await.expect(200);
    let signature =
        json!({ "agreement_sha256": offer.text("sha256"), "password": PASSWORD, "code": "000000" });
    let loan =
        mobile.post(&format!("{path}/signatures"), Some(&token), signature).await.expect(201).text("loan");
    t.settle().await;
    let path = format!("/loans/{loan}");
    for page in ["", "/documents", "/documents/agreement", "/explanations/payoff", "/evidence"] {
        mobile.get(&format!("{path}{page}"), Some(&token)).await.expect(200);
    }
    mobile
        .post(&format!("{path}/early-repayments"), Some(&token), json!({ "mode": "keep_installment" }))
        .await
        .expect(204);
    for list in ["/loans", "/applications", "/sessions"] {
        mobile.get(list, Some(&token)).await.expect(200);
    }
    changes(t, mobile, &token).await;
    recovery(t, mobile).await;
    let token = mobile_sign_in(t, mobile, ANOTHER_IIN).await;
    mobile.delete("/sessions/others", &token).await.expect(204);
    mobile.delete("/sessions/current", &token).await.expect(204);
    let sent = mobile.post("/sign-in-codes", None, json!({ "phone": NEW_PHONE })).await.expect(201);
    t.settle().await;
    let answer = json!({ "phone": NEW_PHONE, "code": t.code(NEW_PHONE) });
    mobile.post(&format!("/sign-in-codes/{}/sessions", sent.text("id")), None, answer).await.expect(201);
    t.settle().await;
    (mobile_sign_in(t, mobile, ANOTHER_IIN).await, signed_at_once)
}

/// A digital signature, as a key on the person's computer makes it.
async fn signature(t: &TestApp, mobile: &Mobile, token: &str, path: &str) {
    let wanted = json!({ "way": "key" });
    let statement = mobile.post(&format!("{path}/statements"), Some(token), wanted).await.expect(200);
    let content = BASE64_STANDARD.decode(statement.text("content_base64")).unwrap();
    let signed = BASE64_STANDARD.encode(t.world.sign(Service::Ncalayer, ANOTHER_IIN, &content, true));
    let given = json!({ "statement": statement.text("id"), "signature": signed, "storage": "PKCS12" });
    mobile.post(&format!("{path}/proofs/digital-signature"), Some(token), given).await.expect(200);
}

/// The secret of RFC 4226, appendix D, and its codes.
const SEED: &str = "3132333435363738393031323334353637383930";
const CODES: [&str; 10] =
    ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
pub(super) const NEW_IBAN: &str = "KZ86125KZT5004100100";
pub(super) const NEW_PASSWORD: &str = "тоғыз торғай тоқсан тал";

/// A token, an account, a password; each asked for, proved and carried out.
async fn changes(t: &TestApp, mobile: &Mobile, token: &str) {
    let wish = json!({ "kind": "hotp", "name": "Брелок", "seed": SEED });
    let id = mobile.post("/tokens", Some(token), wish).await.expect(201).text("change");
    let codes = json!({ "first": CODES[0], "second": CODES[1] });
    mobile.post(&format!("/changes/{id}/token-codes"), Some(token), codes).await.expect(204);
    carry_out(t, mobile, token, &id, None).await;
    let registered = mobile.get("/tokens", Some(token)).await.expect(200).json()[0]["id"].clone();
    let registered = registered.as_str().unwrap();
    let two = json!({ "first": CODES[3], "second": CODES[4] });
    mobile.post(&format!("/tokens/{registered}/resynchronisation"), Some(token), two).await.expect(204);
    let by_token = json!({ "name": ANOTHER_IIN, "code": CODES[5] });
    mobile.post("/sessions/by-token", None, by_token).await.expect(201);
    t.settle().await;

    let iban = json!({ "iban": NEW_IBAN });
    let id = mobile.post("/changes/account", Some(token), iban).await.expect(201).text("change");
    carry_out(t, mobile, token, &id, Some(CODES[6])).await;
    let path = format!("/tokens/{registered}/giving-up");
    let id = mobile.post_empty(&path, token).await.expect(201).text("change");
    carry_out(t, mobile, token, &id, None).await;
    let password = json!({ "password": NEW_PASSWORD });
    let id = mobile.post("/changes/password", Some(token), password).await.expect(201).text("change");
    carry_out(t, mobile, token, &id, None).await;

    let phone = json!({ "phone": NEW_PHONE });
    let id = mobile.post("/changes/phone", Some(token), phone).await.expect(201).text("change");
    let path = format!("/changes/{id}");
    mobile.post_empty(&format!("{path}/number-codes"), token).await.expect(204);
    t.settle().await;
    let code = json!({ "code": t.code(NEW_PHONE) });
    mobile.post(&format!("{path}/number"), Some(token), code).await.expect(204);
    signature_by_phone(t, mobile, token, &path).await;
    mobile.post_empty(&format!("{path}/completion"), token).await.expect(204);
    t.settle().await;
}

/// A digital signature, as eGov Mobile makes it: it asks at the link that its person was shown.
async fn signature_by_phone(t: &TestApp, mobile: &Mobile, token: &str, path: &str) {
    let ours = |address: &str| address.split_once("nesie.example").unwrap().1.to_owned();
    let wanted = json!({ "way": "egov_mobile" });
    let asked = mobile.post(&format!("{path}/statements"), Some(token), wanted).await.expect(200);
    let link = ours(&asked.text("qr"));
    let (_, invited) = phone(mobile, Method::GET, &link, "", String::new()).await;
    let (at, pass) = (&invited["document"]["uri"], &invited["document"]["auth_token"]);
    let (at, pass) = (ours(at.as_str().unwrap()), pass.as_str().unwrap());
    let (_, mut given) = phone(mobile, Method::GET, &at, pass, String::new()).await;
    let data = &mut given["documentsToSign"][0]["document"]["file"]["data"];
    let content = BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap();
    let signed = t.world.sign(Service::EgovMobile, ANOTHER_IIN, &content, false);
    *data = BASE64_STANDARD.encode(signed).into();
    let (status, said) = phone(mobile, Method::PUT, &at, pass, given.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{said}");
}

async fn carry_out(t: &TestApp, mobile: &Mobile, token: &str, id: &str, code: Option<&str>) {
    let path = format!("/changes/{id}");
    mobile.get(&path, Some(token)).await.expect(200);
    mobile.get(&format!("{path}/proofs"), Some(token)).await.expect(200);
    let password = json!({ "password": PASSWORD });
    mobile.post(&format!("{path}/proofs/password"), Some(token), password).await.expect(200);
    match code {
        Some(code) => {
            mobile
                .post(&format!("{path}/proofs/token"), Some(token), json!({ "code": code }))
                .await
                .expect(200);
        }
        None => {
            mobile.post_empty(&format!("{path}/codes"), token).await.expect(204);
            t.settle().await;
            let code = json!({ "code": t.code(ANOTHER_PHONE) });
            mobile.post(&format!("{path}/proofs/sms-code"), Some(token), code).await.expect(200);
        }
    }
    mobile.post_empty(&format!("{path}/completion"), token).await.expect(204);
    t.settle().await;
}

/// The password is lost, and becomes what it was.
async fn recovery(t: &TestApp, mobile: &Mobile) {
    let begun = mobile.post("/recoveries", None, json!({ "name": ANOTHER_IIN })).await.expect(201);
    let (token, path) = (begun.text("token"), format!("/recoveries/{}", begun.text("recovery")));
    mobile.get(&format!("{path}/proofs"), Some(&token)).await.expect(200);
    mobile.post_empty(&format!("{path}/codes"), &token).await.expect(204);
    t.settle().await;
    let code = json!({ "code": t.code(NEW_PHONE) });
    mobile.post(&format!("{path}/proofs/sms-code"), Some(&token), code).await.expect(200);
    mobile.face(&format!("{path}/proofs/face"), &token).await.expect(200);
    let password = json!({ "password": PASSWORD });
    mobile.post(&format!("{path}/completion"), Some(&token), password).await.expect(204);
    t.settle().await;
}

async fn mobile_sign_in(t: &TestApp, mobile: &Mobile, phone: &str) -> String {
    let opened = mobile.post("/sessions", None, json!({ "name": phone, "password": PASSWORD })).await;
    t.settle().await;
    opened.expect(201).text("token")
}

async fn withdraw_all(mobile: &Mobile, token: &str) {
    let applications = mobile.get("/applications", Some(token)).await.expect(200).json();
    for one in applications.as_array().unwrap() {
        let path = format!("/applications/{}/withdrawal", one["id"].as_str().unwrap());
        mobile.post_empty(&path, token).await;
    }
}

/// SHA-256 of the agreement of an application.
async fn sha256_of(t: &TestApp, application: &str) -> String {
    sqlx::query_scalar("select encode(pdf_sha256, 'hex') from offer where application_id = $1::uuid")
        .bind(application)
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap()
}

/// The bank tells of money, and is heard.
async fn notify(t: &TestApp, router: Router) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callbacks/bank", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    t.world.set_callback(Callback { url, root_pem: None }).unwrap();
    let number: String =
        sqlx::query_scalar("select number from loan limit 1").fetch_one(&mut t.owner().await).await.unwrap();
    let amount = lending::money::Money::from_tenge(5_000);
    t.world.bank_receive(&format!("Погашение, договор {number}"), amount, t.today());
    for _ in 0..2_400 {
        if t.world.receipts().iter().all(|receipt| receipt.notified) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(t.world.receipts().iter().all(|receipt| receipt.notified), "the bank was not heard");
    serving.abort();
    t.settle().await;
}

/// An employee of a role, signed in.
async fn employee(t: &TestApp, router: Router, (login, role): (&str, Role)) -> Browser {
    let mut op = t.app.begin(app::op::System).await.unwrap();
    assert!(staff::add(&mut op, login, "Айгүл", role, EMPLOYEES_PASSWORD).await.unwrap());
    op.commit().await.unwrap();
    let mut browser = Browser::new(t);
    browser.router = router;
    browser.get("/staff/sign-in").await;
    let credentials = browser.form(&[("login", login), ("password", EMPLOYEES_PASSWORD)]);
    went(&mut browser, "/staff/sign-in", credentials).await;
    browser
}

/// Other terms are proposed three times: taken back, declined, concluded.
async fn amendments(t: &TestApp, mobile: &Mobile, token: &str, officer: &mut Browser) {
    let loans = mobile.get("/loans", Some(token)).await.expect(200).json();
    let loan = loans[0]["id"].as_str().unwrap();
    let page = format!("/staff/loans/{loan}/amendments");
    officer.get(&page).await;
    let proposed = async |officer: &mut Browser| {
        send(t, officer, &page, &[("rate", "24")]).await;
        let all = mobile.get(&format!("/loans/{loan}/amendments"), Some(token)).await.expect(200).json();
        all[0]["id"].as_str().unwrap().to_owned()
    };
    let id = proposed(officer).await;
    send(t, officer, &format!("{page}/{id}/withdraw"), &[]).await;
    let id = proposed(officer).await;
    mobile.post_empty(&format!("/amendments/{id}/refusals"), token).await.expect(200);

    let path = format!("/amendments/{}", proposed(officer).await);
    for part in ["", "/draft", "/document", "/proofs"] {
        mobile.get(&format!("{path}{part}"), Some(token)).await.expect(200);
    }
    let shown = mobile.get(&format!("{path}/acknowledgements"), Some(token)).await.expect(200).json();
    let accepted = json!({ "accepted": Mobile::accept(&shown, &[app::amendments::ACKNOWLEDGED]) });
    mobile.post(&format!("{path}/acknowledgements"), Some(token), accepted).await.expect(204);
    mobile.face(&format!("{path}/proofs/face"), token).await.expect(200);
    signature(t, mobile, token, &path).await;
    let draft = mobile.get(&format!("{path}/draft"), Some(token)).await.expect(200);
    let signature = json!({ "amendment_sha256": draft.text("sha256") });
    let concluded = mobile.post(&format!("{path}/signatures"), Some(token), signature).await.expect(200);
    assert_eq!(concluded.text("state"), "concluded");
    t.settle().await;
    mobile.get(&format!("{path}/evidence-sheet"), Some(token)).await.expect(200);
}

/// The head of an entity asks to act for it, and somebody else, who is refused once and accepted, and whose power the head
/// then ends.
async fn entities(t: &TestApp, mobile: &Mobile, officer: &mut Browser) {
    officer.get("/staff/entities").await;
    let head = mobile.sign_in(t).await;
    let asked = ask_to_act(t, mobile, &head, PHONE, "head").await;
    send(t, officer, &format!("/staff/entities/{asked}/accept"), &[]).await;
    let head = mobile.sign_in(t).await;
    let mine = mobile.get("/authorities", Some(&head)).await.expect(200).json();
    let acting = json!({ "authority": mine[0]["id"] });
    mobile.post("/acting", Some(&head), acting).await.expect(204);

    let second = mobile_sign_in(t, mobile, ANOTHER_IIN).await;
    let asked = ask_to_act(t, mobile, &second, NEW_PHONE, "viewer").await;
    let reason = [("reason", "Сенімхат оқылмайды")];
    send(t, officer, &format!("/staff/entities/{asked}/refuse"), &reason).await;
    let asked = ask_to_act(t, mobile, &second, NEW_PHONE, "viewer").await;
    send(t, officer, &format!("/staff/entities/{asked}/accept"), &[]).await;
    let people = mobile.get("/people", Some(&head)).await.expect(200).json();
    let other = people.as_array().unwrap().iter().find(|person| person["me"] == false).unwrap();
    let end = format!("/people/{}/end", other["id"].as_str().unwrap());
    mobile.post_empty(&end, &head).await.expect(204);
    t.settle().await;
}

/// Asks to act for an entity, and proves who it is: the request's id.
async fn ask_to_act(t: &TestApp, mobile: &Mobile, token: &str, phone: &str, role: &str) -> String {
    let form = people::entity_form();
    let scan = mobile.raw("/uploads", Some(token), "application/pdf", people::scan()).await.expect(201);
    let asked = json!({
        "bin": form.bin, "name": form.name, "phone": form.phone, "role": role, "number": "7",
        "dated": "2026-01-15", "document": scan.text("id"),
    });
    let id = mobile.post("/entity-registrations", Some(token), asked).await.expect(201).text("id");
    let path = format!("/entity-registrations/{id}");
    mobile.get(&path, Some(token)).await.expect(200);
    mobile.face(&format!("{path}/proofs/face"), token).await.expect(200);
    mobile.post_empty(&format!("{path}/codes"), token).await.expect(204);
    t.settle().await;
    let password = json!({ "password": PASSWORD });
    mobile.post(&format!("{path}/proofs/password"), Some(token), password).await.expect(200);
    let code = json!({ "code": t.code(phone) });
    mobile.post(&format!("{path}/proofs/sms-code"), Some(token), code).await.expect(200);
    mobile.post_empty(&format!("{path}/completion"), token).await.expect(200);
    t.settle().await;
    id
}

/// An auditor looks, and takes the evidence.
async fn auditor(t: &TestApp, router: Router) {
    let mut browser = employee(t, router, AUDITOR).await;
    let loan: String = sqlx::query_scalar("select id::text from loan limit 1")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    for page in
        ["/staff".to_owned(), format!("/staff/loans/{loan}"), format!("/staff/loans/{loan}/evidence.tar")]
    {
        assert_eq!(browser.get(&page).await.status, StatusCode::OK, "{page}");
    }
}

/// A third person's session: what a request of it carries, and what it replaces.
async fn stranger(
    t: &TestApp,
    victim: &Browser,
    token: &str,
    recording: &Recording,
) -> Vec<(String, String)> {
    let mobile = Mobile::of(t);
    let mut data = mobile.registration().await;
    data["iin"] = simulator::persons::iin(jiff::civil::date(1991, 6, 6), 4, 88).into();
    data["phone"] = STRANGERS_PHONE.into();
    let theirs = mobile.register(t, data).await;
    let mut browser = Browser::new(t);
    sign_in(t, &mut browser, (STRANGERS_PHONE, PASSWORD)).await;
    let mut texts = vec![
        (token.to_owned(), theirs),
        (cookies(victim), cookies(&browser)),
        (victim.token.clone(), browser.token.clone()),
    ];
    // Forms of other browsers that were recorded: the auditor's.
    let forms =
        recording.all().into_iter().filter(|one| one.method == Method::POST && one.route == "/staff/sign-in");
    for one in forms {
        let body = String::from_utf8_lossy(&one.body).into_owned();
        if let Some((_, token)) = body.split_once("csrf=") {
            texts.push((token.to_owned(), browser.token.clone()));
        }
    }
    texts
}

pub(super) fn cookies(browser: &Browser) -> String {
    browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}
