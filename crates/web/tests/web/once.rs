//! What is sent a second time has no second effect, by pages and by the API (Rules cl. [11](lending::law::CL_11)).

use app::identity;
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};
use testkit::{
    TestApp,
    people::{self, PASSWORD},
};

use crate::{
    api::mobile::{Answer, Mobile},
    guard::Browser,
};

const KEY: &str = "5fd5c2a7-4f3a-4cf5-a6b3-0d2c4f0a9a11";

/// Posts with the keys given, and no other.
async fn post(mobile: &Mobile, path: &str, token: &str, keys: &[&str], body: &Value) -> Answer {
    let request = mobile.request(Method::POST, path, Some(token));
    let mut request = request.header(header::CONTENT_TYPE, "application/json");
    for key in keys {
        request = request.header("Idempotency-Key", *key);
    }
    mobile.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn count(t: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut t.owner().await).await.unwrap()
}

const APPLICATIONS: &str = "select count(*) from application";
const EVENTS: &str = "select count(*) from loan_event";

/// Proves [`lending::law::CL_11`].
#[tokio::test]
async fn a_program_that_sends_an_application_or_a_wish_again_is_answered_as_before_and_nothing_is_done() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let wish = mobile.wish().await;
    let (least, most) = ("k".repeat(15), "k".repeat(129));
    for (keys, code) in [
        (&[][..], "idempotency-key-missing"),
        (&[""], "idempotency-key-missing"),
        (&[least.as_str()], "idempotency-key-malformed"),
        (&[most.as_str()], "idempotency-key-malformed"),
        (&["0123456789 abcdef"], "idempotency-key-malformed"),
        (&["\"0123456789abcdef\""], "idempotency-key-malformed"),
        (&[KEY, KEY], "idempotency-key-malformed"),
    ] {
        let problem = post(&mobile, "/applications", &token, keys, &wish).await.refused(422, code);
        assert_eq!(
            (problem["field"].as_str(), problem["clause"].as_str()),
            (Some("idempotency-key"), Some("11"))
        );
    }
    assert_eq!(count(&t, APPLICATIONS).await, 0);

    let first = post(&mobile, "/applications", &token, &[KEY], &wish).await.expect(201);
    t.settle().await;
    let id = first.text("id");
    mobile.post_empty(&format!("/applications/{id}/withdrawal"), &token).await.expect(200);
    let again = post(&mobile, "/applications", &token, &[KEY], &wish).await.expect(201);
    assert_eq!(
        (again.text("id"), again.text("state").as_str()),
        (id, "withdrawn"),
        "the first, as it stands"
    );
    assert_eq!(again.headers[header::LOCATION], first.headers[header::LOCATION]);
    let mut other = wish.clone();
    other["term"] = 7.into();
    let problem =
        post(&mobile, "/applications", &token, &[KEY], &other).await.refused(409, "idempotency-key-reused");
    assert_eq!(problem["clause"], "11");
    assert_eq!(count(&t, APPLICATIONS).await, 1);

    let loan = mobile.borrow(&t, &token).await;
    let path = format!("/loans/{loan}/early-repayments");
    let before = count(&t, EVENTS).await;
    let keep_term = json!({ "mode": "keep_term" });
    post(&mobile, &path, &token, &[], &keep_term).await.refused(422, "idempotency-key-missing");
    post(&mobile, &path, &token, &[KEY], &keep_term).await.expect(204);
    post(&mobile, &path, &token, &[KEY], &keep_term).await.expect(204);
    let other = json!({ "mode": "keep_installment" });
    post(&mobile, &path, &token, &[KEY], &other).await.refused(409, "idempotency-key-reused");
    assert_eq!(count(&t, EVENTS).await, before + 1);
    t.finish().await;
}

async fn signed_in(t: &TestApp, phone: &str) -> Browser {
    let token = identity::sign_in_by_password(&t.app, people::visitor(), phone, PASSWORD).await.unwrap();
    t.settle().await;
    let mut browser = Browser::new(t);
    browser.cookies.push(("__Host-session".into(), token.reveal()));
    browser
}

/// Proves [`lending::law::CL_11`].
#[tokio::test]
async fn a_page_that_is_sent_again_leads_to_what_it_made_and_its_form_serves_nobody_else() {
    let t = TestApp::start().await;
    let (_, loan) = t.borrower().await;
    t.register(&people::second_form()).await.unwrap();
    let mut browser = signed_in(&t, people::PHONE).await;
    let mut stranger = signed_in(&t, "+77052223344").await;
    let form = t.application_form().await;
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
    browser.get("/apply").await;
    browser.post("/apply", browser.form(&wish)).await;
    let key = browser.key.clone();
    let keyed = [&wish[..], &[("key", &key)]].concat();
    let made = browser.post("/apply/submit", browser.form(&keyed)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    t.settle().await;
    let at = made.headers[header::LOCATION].to_str().unwrap().to_owned();
    browser.post(&format!("{at}/withdraw"), browser.form(&[])).await;
    let again = browser.post("/apply/submit", browser.form(&keyed)).await;
    assert_eq!(
        (again.status, again.headers[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, at.as_str())
    );
    assert_eq!(count(&t, APPLICATIONS).await, 2, "that of the loan, and this one");

    // Of no form, of another form, and of this form in another person's hands.
    let early = format!("/loans/{loan}/early");
    browser.get(&early).await;
    let keep = browser.key.clone();
    let of_another = [&wish[..], &[("key", keep.as_str())]].concat();
    for (who, fields) in [(&mut browser, wish.to_vec()), (&mut stranger, keyed.clone())] {
        who.get("/apply").await;
        let refused = who.post("/apply/submit", who.form(&fields)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    }
    let refused = browser.post("/apply/submit", browser.form(&of_another)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(count(&t, APPLICATIONS).await, 2);

    let before = count(&t, EVENTS).await;
    browser.get(&early).await;
    let wished = browser.form(&[("mode", "keep-term"), ("key", &browser.key)]);
    for _ in 0..2 {
        assert_eq!(browser.post(&early, wished.clone()).await.status, StatusCode::OK);
    }
    let keyless = browser.form(&[("mode", "keep-installment")]);
    assert_eq!(browser.post(&early, keyless).await.status, StatusCode::FORBIDDEN);
    assert_eq!(count(&t, EVENTS).await, before + 1);
    t.finish().await;
}
