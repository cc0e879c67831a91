//! Changes, tokens and recovery, as the mobile application makes them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE},
};

use super::mobile::Mobile;

const NEW_PHONE: &str = "+77017654321";
const NEW_PASSWORD: &str = "тоғыз торғай тоқсан тал";
/// The secret of RFC 4226, appendix D; its codes are known.
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn prove(t: &TestApp, mobile: &Mobile, token: &str, change: &str) {
    let path = format!("/changes/{change}");
    mobile.post_empty(&format!("{path}/codes"), token).await.expect(204);
    t.settle().await;
    let code = json!({ "code": t.code(PHONE) });
    mobile.post(&format!("{path}/proofs/sms-code"), Some(token), code).await.expect(200);
    let password = json!({ "password": PASSWORD });
    let standing = mobile.post(&format!("{path}/proofs/password"), Some(token), password).await.expect(200);
    assert_eq!(standing.json()["missing"], Value::Null);
}

/// Proves [`lending::law::CL_6_F`] and [`lending::law::CL_25_9`].
#[tokio::test]
async fn a_client_changes_the_number_in_the_mobile_application_and_a_stolen_session_is_over() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let stolen = mobile.sign_in(&t).await;
    let wrong = mobile.post("/changes/phone", Some(&token), json!({ "phone": "+77011230000" })).await;
    assert_eq!(wrong.refused(422, "phone-not-yours")["field"], "phone");
    let asked = mobile.post("/changes/phone", Some(&token), json!({ "phone": NEW_PHONE })).await.expect(201);
    t.settle().await;
    let change = asked.text("change");
    let path = format!("/changes/{change}");
    let code = json!({ "code": t.code(NEW_PHONE) });
    prove(&t, &mobile, &token, &change).await;
    mobile.post_empty(&format!("{path}/completion"), &token).await.refused(409, "change-unchecked");
    mobile.post(&format!("{path}/number"), Some(&token), code).await.expect(204);
    mobile.post_empty(&format!("{path}/completion"), &token).await.expect(204);
    t.settle().await;
    assert_eq!(mobile.get(&path, Some(&token)).await.json()["done"], true);
    mobile.get("/loans", Some(&token)).await.expect(200);
    mobile.get("/loans", Some(&stolen)).await.refused(401, "session-ended");
    t.finish().await;
}

/// Whoever reads the description knows that a change they come back to may have lapsed.
#[tokio::test]
async fn a_change_that_waited_too_long_is_over_and_says_so_wherever_it_is_looked_at() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let password = json!({ "password": NEW_PASSWORD });
    let asked = mobile.post("/changes/password", Some(&token), password).await.expect(201).text("change");
    t.clock.advance(SignedDuration::from_mins(30));
    let token = mobile.sign_in(&t).await;
    let path = format!("/changes/{asked}");
    mobile.get(&path, Some(&token)).await.refused(409, "change-lapsed");
    mobile.get(&format!("{path}/proofs"), Some(&token)).await.refused(409, "change-lapsed");
    mobile.post_empty(&format!("{path}/completion"), &token).await.refused(409, "change-lapsed");
    t.finish().await;
}

/// Proves [`lending::law::CL_35_3`] and [`lending::law::CL_6_E`].
#[tokio::test]
async fn a_client_registers_a_token_signs_in_by_it_and_gives_it_up() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let wish = json!({ "kind": "hotp", "name": "Брелок", "seed": SEED });
    let asked = mobile.post("/tokens", Some(&token), wish).await.expect(201);
    assert_eq!(asked.json()["secret"], Value::Null, "what the client brought is not told back");
    let change = asked.text("change");
    let two = json!({ "first": "755224", "second": "287082" });
    mobile.post(&format!("/changes/{change}/token-codes"), Some(&token), two).await.expect(204);
    prove(&t, &mobile, &token, &change).await;
    mobile.post_empty(&format!("/changes/{change}/completion"), &token).await.expect(204);
    t.settle().await;

    let by_token = async |code: &str| {
        mobile.post("/sessions/by-token", None, json!({ "name": "880101300123", "code": code })).await
    };
    by_token("287082").await.refused(401, "wrong-credentials");
    by_token("359152").await.expect(201);
    by_token("359152").await.refused(401, "wrong-credentials");
    t.settle().await;

    let listed = mobile.get("/tokens", Some(&token)).await.expect(200).json();
    let path = format!("/tokens/{}", listed[0]["id"].as_str().unwrap());
    let again = json!({ "first": "399871", "second": "520489" });
    mobile.post(&format!("{path}/resynchronisation"), Some(&token), again).await.expect(204);
    by_token("254676").await.refused(401, "wrong-credentials");
    let asked = mobile.post_empty(&format!("{path}/giving-up"), &token).await.expect(201);
    let change = asked.text("change");
    prove(&t, &mobile, &token, &change).await;
    mobile.post_empty(&format!("/changes/{change}/completion"), &token).await.expect(204);
    t.settle().await;
    assert_eq!(mobile.get("/tokens", Some(&token)).await.json(), json!([]));
    t.finish().await;
}

/// Proves [`lending::law::CL_29`] and [`lending::law::CL_11`]: a recovery's token is good for that recovery alone.
#[tokio::test]
async fn a_lost_password_is_recovered_in_the_mobile_application() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let client = mobile.client(&t).await;
    let begin =
        async |name: &str| mobile.post("/recoveries", None, json!({ "name": name })).await.expect(201);
    let (nobody, begun) = (begin("900505400776").await, begin("880101300123").await);
    t.settle().await;
    assert_eq!(nobody.body.len(), begun.body.len());
    let (token, path) = (begun.text("token"), format!("/recoveries/{}", begun.text("recovery")));
    let others = format!("/recoveries/{}/proofs", nobody.text("recovery"));
    mobile.get(&others, Some(&token)).await.refused(404, "not-found");
    mobile.get("/loans", Some(&token)).await.refused(401, "session-ended");
    let new = json!({ "password": NEW_PASSWORD });
    let finish = format!("{path}/completion");
    mobile.post(&finish, Some(&token), new.clone()).await.refused(409, "proofs-missing");
    let code = json!({ "code": t.code(PHONE) });
    let standing =
        mobile.post(&format!("{path}/proofs/sms-code"), Some(&token), code).await.expect(200).json();
    assert_eq!((&standing["missing"], &standing["phone"]), (&json!("biometric"), &json!("")));
    mobile.face(&format!("{path}/proofs/face"), &token).await.expect(200);
    mobile.post(&finish, Some(&token), new).await.expect(204);
    t.settle().await;
    mobile.get("/loans", Some(&client)).await.refused(401, "session-ended");
    mobile.get(&format!("{path}/proofs"), Some(&token)).await.refused(401, "session-ended");
    let sign_in = json!({ "name": PHONE, "password": NEW_PASSWORD });
    let opened = mobile.post("/sessions", None, sign_in.clone()).await.expect(201).json();
    let key = opened["device_key"].as_str().unwrap();

    // The device shows its key: it is not new, and nobody tells it another one.
    let request = mobile
        .request(axum::http::Method::POST, "/sessions", None)
        .header(axum::http::header::CONTENT_TYPE, "application/json")
        .header("device-key", key);
    let again = mobile.send(request.body(axum::body::Body::from(sign_in.to_string())).unwrap()).await;
    assert_eq!(again.expect(201).json()["device_key"], Value::Null);
    t.settle().await;
    t.finish().await;
}
