use axum::{
    body::Body,
    http::{Method, header},
};
use jiff::SignedDuration;
use serde_json::json;
use testkit::TestApp;

use super::mobile::{Mobile, everything};

#[tokio::test]
async fn who_has_no_token_or_an_old_one_or_anothers_kind_is_asked_to_sign_in() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (registration, unfinished) = mobile.begin(&t, mobile.registration().await).await;
    let token = mobile.client(&t).await;
    let garbage = "A".repeat(43);
    for bad in [None, Some("short"), Some(garbage.as_str()), Some(unfinished.as_str())] {
        let answer = mobile.get("/loans", bad).await;
        answer.refused(401, "session-ended");
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    let proofs = format!("/registrations/{registration}/proofs");
    mobile.get(&proofs, Some(&token)).await.refused(401, "session-ended");
    let cookie =
        mobile.request(Method::GET, "/loans", None).header(header::COOKIE, format!("__Host-session={token}"));
    mobile.send(cookie.body(Body::empty()).unwrap()).await.refused(401, "session-ended");
    mobile.get("/loans", Some(&token)).await.expect(200);
    t.clock.advance(SignedDuration::from_mins(11));
    mobile.get("/loans", Some(&token)).await.refused(401, "session-ended");
    t.finish().await;
}

#[tokio::test]
async fn a_neighbours_application_and_loan_are_to_everybody_else_as_if_they_did_not_exist() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let owner = mobile.client(&t).await;
    let neighbour = mobile.neighbour(&t).await;
    let loan = mobile.borrow(&t, &owner).await;
    let application = mobile.approved(&t, &owner).await;
    let nobodys = "019c2000-0000-7000-8000-000000000001";
    let asked =
        mobile.post("/changes/account", Some(&owner), json!({ "iban": "KZ86125KZT5004100100" })).await;
    let change = asked.expect(201).text("change");
    let before = everything(&t).await;
    let signature = json!({ "agreement_sha256": "", "password": "", "code": "" });
    let asked = [
        (Method::GET, "/applications/{}", json!(null), &application),
        (Method::GET, "/applications/{}/offer", json!(null), &application),
        (Method::GET, "/applications/{}/offer/agreement", json!(null), &application),
        (Method::GET, "/applications/{}/acknowledgements", json!(null), &application),
        (Method::POST, "/applications/{}/acknowledgements", json!({ "accepted": [] }), &application),
        (Method::GET, "/applications/{}/proofs", json!(null), &application),
        (Method::POST, "/applications/{}/codes", json!(null), &application),
        (Method::POST, "/applications/{}/proofs/password", json!({ "password": "" }), &application),
        (Method::POST, "/applications/{}/proofs/sms-code", json!({ "code": "" }), &application),
        (Method::POST, "/applications/{}/signatures", signature, &application),
        (Method::POST, "/applications/{}/withdrawal", json!(null), &application),
        (Method::GET, "/changes/{}", json!(null), &change),
        (Method::GET, "/changes/{}/proofs", json!(null), &change),
        (Method::POST, "/changes/{}/codes", json!(null), &change),
        (Method::POST, "/changes/{}/proofs/password", json!({ "password": "" }), &change),
        (Method::POST, "/changes/{}/number-codes", json!(null), &change),
        (Method::POST, "/changes/{}/completion", json!(null), &change),
        (Method::GET, "/loans/{}", json!(null), &loan),
        (Method::POST, "/loans/{}/early-repayments", json!({ "mode": "keep_term" }), &loan),
        (Method::GET, "/loans/{}/explanations/payoff", json!(null), &loan),
        (Method::GET, "/loans/{}/documents", json!(null), &loan),
        (Method::GET, "/loans/{}/documents/agreement", json!(null), &loan),
        (Method::GET, "/loans/{}/evidence", json!(null), &loan),
    ];
    for (method, path, body, theirs) in asked {
        let mut answers = Vec::new();
        for id in [theirs.as_str(), nobodys] {
            let request = mobile.request(method.clone(), &path.replace("{}", id), Some(&neighbour));
            let request = request
                .header(header::CONTENT_TYPE, "application/json")
                .header("idempotency-key", "0123456789abcdef");
            let answer = mobile.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            answers.push((answer.status, answer.body, answer.headers));
        }
        assert_eq!(answers[0], answers[1], "{method} {path} tells what is somebody else's");
    }
    let face = |id: &str| format!("/applications/{id}/proofs/face");
    let (theirs, none) =
        (mobile.face(&face(&application), &neighbour).await, mobile.face(&face(nobodys), &neighbour).await);
    theirs.refused(404, "application-not-found");
    assert_eq!(theirs.body, none.body);
    assert_eq!(everything(&t).await, before);
    mobile.get("/loans/not-an-id", Some(&neighbour)).await.refused(404, "not-found");
    assert_eq!(mobile.get("/loans", Some(&neighbour)).await.json(), json!([]));
    t.finish().await;
}

#[tokio::test]
async fn one_registration_cannot_be_finished_with_the_token_of_another() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (first, _) = mobile.begin(&t, mobile.registration().await).await;
    let (second, token) = mobile.begin(&t, mobile.registration().await).await;
    let before = everything(&t).await;
    mobile.get(&format!("/registrations/{first}/proofs"), Some(&token)).await.refused(404, "not-found");
    mobile.post_empty(&format!("/registrations/{first}/codes"), &token).await.refused(404, "not-found");
    assert_eq!(everything(&t).await, before);
    let standing = mobile.get(&format!("/registrations/{second}/proofs"), Some(&token)).await.json();
    assert_eq!(standing["proved"], json!(["password"]));
    t.finish().await;
}

#[tokio::test]
async fn a_number_that_nobody_has_is_answered_like_a_clients() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    mobile.client(&t).await;
    let known = mobile.post("/sign-in-codes", None, json!({ "phone": "+77011234567" })).await.expect(201);
    let unknown = mobile.post("/sign-in-codes", None, json!({ "phone": "+77017654321" })).await.expect(201);
    t.settle().await;
    assert_eq!(known.body.len(), unknown.body.len());
    for (sent, phone) in [(&known, "+77011234567"), (&unknown, "+77017654321")] {
        let path = format!("/sign-in-codes/{}/sessions", sent.text("id"));
        let wrong = mobile.post(&path, None, json!({ "phone": phone, "code": "12345" })).await;
        assert_eq!(wrong.refused(422, "code-wrong")["field"], "code");
    }
    for name in ["+77011234567", "+77017654321", "880101300123", "nobody"] {
        let wrong =
            mobile.post("/sessions", None, json!({ "name": name, "password": "not this one, never" })).await;
        wrong.refused(401, "wrong-credentials");
    }
    t.finish().await;
}
