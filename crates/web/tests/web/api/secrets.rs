//! One-time codes, and doing twice what can be done once.

use jiff::SignedDuration;
use serde_json::json;
use testkit::{TestApp, people::PHONE};

use super::mobile::{Mobile, everything};

#[tokio::test]
async fn a_code_read_over_a_shoulder_is_worth_nothing_once_used_late_or_elsewhere() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let application = mobile.approved(&t, &token).await;

    // Used: signs in once.
    let sent = mobile.post("/sign-in-codes", None, json!({ "phone": PHONE })).await.expect(201);
    t.settle().await;
    let answer = json!({ "phone": PHONE, "code": t.code(PHONE) });
    let path = format!("/sign-in-codes/{}/sessions", sent.text("id"));
    mobile.post(&path, None, answer.clone()).await.expect(201);
    t.settle().await;
    let before = everything(&t).await;
    mobile.post(&path, None, answer).await.refused(422, "code-wrong");
    assert_eq!(everything(&t).await, before);

    // Elsewhere: a sign-in code signs nothing.
    let mut signature = mobile.ready_to_sign(&t, &token, &application).await;
    let right = signature["code"].clone();
    mobile.post("/sign-in-codes", None, json!({ "phone": PHONE })).await.expect(201);
    t.settle().await;
    signature["code"] = t.code(PHONE).into();
    let path = format!("/applications/{application}/signatures");
    mobile.post(&path, Some(&token), signature.clone()).await.refused(422, "code-wrong");

    // Late: five minutes and a second.
    t.clock.advance(SignedDuration::from_secs(301));
    signature["code"] = right;
    mobile.post(&path, Some(&token), signature).await.refused(422, "code-spent");
    assert_eq!(mobile.get("/loans", Some(&token)).await.json(), json!([]));
    t.finish().await;
}

#[tokio::test]
async fn who_guesses_a_code_three_times_gets_nothing_from_the_right_one() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (id, token) = mobile.begin(&t, mobile.registration().await).await;
    let path = format!("/registrations/{id}/proofs/sms-code");
    for _ in 0..3 {
        mobile.post(&path, Some(&token), json!({ "code": "0000000" })).await.refused(422, "code-wrong");
    }
    let right = json!({ "code": t.code(PHONE) });
    let spent = mobile.post(&path, Some(&token), right).await;
    assert_eq!(spent.refused(422, "code-spent")["clause"], "11");
    let standing = mobile.get(&format!("/registrations/{id}/proofs"), Some(&token)).await.json();
    assert_eq!(standing["proved"], json!(["password"]));
    t.finish().await;
}

#[tokio::test]
async fn who_taps_submit_in_two_windows_has_one_application_and_one_loan() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let wish = mobile.wish().await;
    let done = at_once(&mobile, "/applications", &token, &wish).await;
    assert_eq!(done.iter().filter(|status| **status == 201).count(), 1, "{done:?}");
    assert!(done.iter().all(|status| matches!(status, 201 | 409 | 429)), "{done:?}");
    t.settle().await;
    let applications = mobile.get("/applications", Some(&token)).await.json();
    assert_eq!(applications.as_array().unwrap().len(), 1);

    let application = applications[0]["id"].as_str().unwrap().to_owned();
    let signature = mobile.ready_to_sign(&t, &token, &application).await;
    let done = at_once(&mobile, &format!("/applications/{application}/signatures"), &token, &signature).await;
    assert_eq!(done.iter().filter(|status| **status == 201).count(), 1, "{done:?}");
    // 503: on a busy machine not every password gets its turn to be weighed.
    assert!(done.iter().all(|status| matches!(status, 201 | 409 | 422 | 429 | 503)), "{done:?}");
    t.settle().await;
    assert_eq!(t.world.payments().len(), 1, "paid out once");
    t.finish().await;
}

/// The statuses of 32 of the same request at the same time.
async fn at_once(mobile: &Mobile, path: &str, token: &str, body: &serde_json::Value) -> Vec<u16> {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (mobile, path, token, body) = (mobile.clone(), path.to_owned(), token.to_owned(), body.clone());
        running.spawn(async move { mobile.post(&path, Some(&token), body).await.status.as_u16() });
    }
    running.join_all().await
}
