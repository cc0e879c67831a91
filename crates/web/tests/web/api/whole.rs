use axum::http::header;
use lending::money::Money;
use serde_json::json;
use testkit::TestApp;

use super::mobile::Mobile;

#[tokio::test]
async fn a_person_with_the_mobile_application_gets_a_credit_pays_it_back_and_has_its_papers() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let organization = mobile.get("/organization", None).await.expect(200).json();
    assert!(organization["first_manager"].is_string() && organization["phones"].is_string());
    let wish = mobile.wish().await;
    let asked =
        json!({ "product": wish["product"], "amount_tiyn": wish["amount_tiyn"], "term": wish["term"] });
    let quoted = mobile.post("/quotes", None, asked).await.expect(200).json();
    let methods: Vec<_> =
        quoted["plans"].as_array().unwrap().iter().map(|plan| &plan["terms"]["method"]).collect();
    assert_eq!(methods, ["annuity", "differentiated"]);
    assert!(
        quoted["plans"].as_array().unwrap().iter().all(|plan| plan["verdict"]["allowed"] == true),
        "{quoted}"
    );

    let token = mobile.client(&t).await;
    let application = mobile.approved(&t, &token).await;
    let path = format!("/applications/{application}");
    let agreement = mobile.get(&format!("{path}/offer/agreement"), Some(&token)).await.expect(200);
    assert_eq!(agreement.headers[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(agreement.headers[header::CACHE_CONTROL], "no-store");
    let signature = mobile.ready_to_sign(&t, &token, &application).await;
    let offer = mobile.get(&format!("{path}/offer"), Some(&token)).await.expect(200).json();
    assert_eq!(offer["acknowledged"], true);
    assert_eq!(offer["proofs"]["proved"], json!(["biometric_identification"]));
    assert_eq!(offer["proofs"]["helpful"], json!(["digital_signature", "password", "sms_code", "token"]));
    assert_eq!(offer["sha256"], app::vault::hex(&app::vault::sha256(&agreement.body)));
    assert_eq!(offer["effective_rate_permille"], quoted["plans"][0]["effective_rate_permille"]);
    assert_eq!(offer["schedule"], quoted["plans"][0]["schedule"]);
    let signed = mobile.post(&format!("{path}/signatures"), Some(&token), signature).await.expect(201);
    t.settle().await;
    let loan = format!("/loans/{}", signed.text("loan"));

    let now = mobile.get(&loan, Some(&token)).await.expect(200).json();
    assert_eq!((&now["status"], &now["debt"]["total_tiyn"]), (&json!("active"), &wish["amount_tiyn"]));
    assert_eq!(now["rows"].as_array().unwrap().len(), 6);
    assert_eq!(now["pay_to"]["text"], now["number"]);
    let number = now["number"].as_str().unwrap().to_owned();
    let mode = json!({ "mode": "keep_installment" });
    mobile.post(&format!("{loan}/early-repayments"), Some(&token), mode).await.expect(204);

    // A first payment with something more for the principal, then the rest at once.
    t.live(28).await;
    t.repay(&number, Money::from_tenge(50_000)).await;
    let token = mobile.sign_in(&t).await;
    let now = mobile.get(&loan, Some(&token)).await.expect(200).json();
    assert_eq!(now["payments"][0]["amount_tiyn"], 5_000_000);
    let payoff = now["payoff"]["to_bring_tiyn"].as_i64().unwrap();
    assert!(payoff < 6_000_000, "{now}");
    let why = mobile.get(&format!("{loan}/explanations/payoff"), Some(&token)).await.expect(200).json();
    let lines = why["lines"].as_array().unwrap();
    assert_eq!(
        (&why["result_tiyn"], &lines[lines.len() - 1]["total_tiyn"]),
        (&json!(payoff), &json!(payoff))
    );
    assert!(lines.iter().all(|line| !line["text"].as_str().unwrap().is_empty()), "{why}");
    mobile.get(&format!("{loan}/explanations/nonsense"), Some(&token)).await.refused(404, "not-found");
    t.repay(&number, Money::from_tiyn(payoff)).await;

    let now = mobile.get(&loan, Some(&token)).await.expect(200).json();
    assert_eq!((&now["status"], &now["debt"]["total_tiyn"]), (&json!("closed"), &json!(0)), "{now}");
    let papers = mobile.get(&format!("{loan}/documents"), Some(&token)).await.expect(200).json();
    let kinds: Vec<_> =
        papers.as_array().unwrap().iter().map(|paper| paper["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["agreement", "evidence-sheet", "closing-notice"]);
    for kind in kinds {
        let paper = mobile.get(&format!("{loan}/documents/{kind}"), Some(&token)).await.expect(200);
        assert!(paper.body.starts_with(b"%PDF-"), "{kind}");
    }
    let through: Vec<String> = sqlx::query_scalar("select distinct channel from confirmation")
        .fetch_all(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(through, ["mobile"], "the evidence names the channel");
    t.finish().await;
}

#[tokio::test]
async fn who_lost_a_phone_ends_its_session_from_another() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let lost = mobile.client(&t).await;
    let found = mobile.sign_in(&t).await;
    let sessions = mobile.get("/sessions", Some(&found)).await.expect(200).json();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    assert_eq!(sessions.as_array().unwrap().iter().filter(|one| one["current"] == true).count(), 1);
    assert!(sessions[0]["created_at"].as_str().unwrap().ends_with("+05:00"));
    mobile.delete("/sessions/others", &found).await.expect(204);
    mobile.get("/sessions", Some(&lost)).await.refused(401, "session-ended");
    mobile.delete("/sessions/current", &found).await.expect(204);
    mobile.get("/sessions", Some(&found)).await.refused(401, "session-ended");
    t.finish().await;
}
