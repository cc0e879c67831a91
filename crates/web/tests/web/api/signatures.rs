use app::refusal::Refusal;
use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use simulator::Service;
use testkit::{TestApp, people};
use texts::Lang;
use tower::ServiceExt;

use super::mobile::Mobile;

const IIN: &str = "880101300123";

/// What eGov Mobile asks, and what it is answered.
pub(crate) async fn phone(
    mobile: &Mobile,
    method: Method,
    path: &str,
    token: &str,
    body: String,
) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_LANGUAGE, "ru");
    let response = mobile.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// Proves [`lending::law::CL_35_1`]: API 1 and API 2, as eGov Mobile asks them.
#[tokio::test]
async fn a_person_signs_with_egov_mobile_what_the_application_shows() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (id, token) = mobile.begin(&t, mobile.registration().await).await;
    let path = format!("/registrations/{id}");
    let asked = json!({ "way": "egov_mobile" });
    let asked = mobile.post(&format!("{path}/statements"), Some(&token), asked).await.expect(200).json();
    let qr = asked["qr"].as_str().unwrap();
    let first = qr.strip_prefix("mobileSign:https://nesie.example").unwrap();
    assert!(asked["launch"].as_str().unwrap().contains("link=https%3A%2F%2Fnesie.example%2Fegov%2F"));

    let (status, api1) = phone(&mobile, Method::GET, first, "", String::new()).await;
    assert_eq!((status, &api1["document"]["auth_type"]), (StatusCode::OK, &json!("Token")), "{api1}");
    for name in ["nameRu", "nameKz", "nameEn", "bin"] {
        assert!(api1["organisation"][name].is_string(), "{name}");
    }
    assert!(api1["expiry_date"].as_str().unwrap().ends_with(".000+00:00"));
    let second = api1["document"]["uri"].as_str().unwrap().strip_prefix("https://nesie.example").unwrap();
    let pass = api1["document"]["auth_token"].as_str().unwrap();

    let (status, api2) = phone(&mobile, Method::GET, second, pass, String::new()).await;
    assert_eq!((status, &api2["signMethod"]), (StatusCode::OK, &json!("CMS_SIGN_ONLY")));
    let shown = &api2["documentsToSign"][0]["document"]["file"]["data"];
    assert_eq!(shown, &asked["content_base64"], "another text than the application showed");
    let content = BASE64_STANDARD.decode(shown.as_str().unwrap()).unwrap();

    let signed = |whose: &str| {
        let mut signed = api2.clone();
        let signature = t.world.sign(Service::EgovMobile, whose, &content, false);
        signed["documentsToSign"][0]["document"]["file"]["data"] = json!(BASE64_STANDARD.encode(signature));
        signed.to_string()
    };
    let told = |code: &str| texts::refusals::by_code(Lang::Ru, code).unwrap();
    let put = async |token: &str, body: String| phone(&mobile, Method::PUT, second, token, body).await;
    for (token, body, status, message) in [
        ("guessed", signed(IIN), 403, told("signature-spent")),
        (pass, signed("010203500008"), 403, told("signature-another-person")),
        (pass, "{".to_owned(), 400, ""),
        (pass, json!({ "documentsToSign": [] }).to_string(), 400, ""),
        (pass, "x".repeat(1024 * 1024 + 1), 413, ""),
    ] {
        let (given, said) = put(token, body).await;
        assert_eq!((given.as_u16(), said["message"].as_str().unwrap_or_default()), (status, message));
    }
    let standing = mobile.get(&format!("{path}/proofs"), Some(&token)).await.expect(200).json();
    assert_eq!(standing["statements"][0]["refused"], "signature-another-person");
    assert_eq!(put(pass, signed(IIN)).await.0, StatusCode::OK);
    assert_eq!(put(pass, signed(IIN)).await.0, StatusCode::FORBIDDEN, "twice");
    let standing = mobile.get(&format!("{path}/proofs"), Some(&token)).await.expect(200).json();
    assert_eq!(standing["statements"][0]["progress"], "signed");
    assert!(standing["proved"].as_array().unwrap().contains(&json!("digital_signature")));
    let (status, said) =
        phone(&mobile, Method::GET, &first.replace("/egov/", "/egov/A"), "", String::new()).await;
    assert_eq!((status.as_u16(), said["code"].as_str()), (403, Some("signature-spent")));
    t.finish().await;
}

/// Proves [`lending::law::CL_35_1`].
#[tokio::test]
async fn an_application_with_a_key_of_its_own_signs_the_agreement() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let application = mobile.approved(&t, &token).await;
    let path = format!("/applications/{application}");
    let signature = mobile.ready_to_sign(&t, &token, &application).await;
    let asked = mobile.post(&format!("{path}/statements"), Some(&token), json!({ "way": "key" })).await;
    let asked = asked.expect(200).json();
    assert_eq!((&asked["qr"], &asked["media_type"]), (&json!(null), &json!("application/pdf")));
    let content = BASE64_STANDARD.decode(asked["content_base64"].as_str().unwrap()).unwrap();
    let given = |bytes: &[u8]| {
        let signature = t.world.sign(Service::Ncalayer, IIN, bytes, true);
        json!({ "statement": asked["id"], "signature": BASE64_STANDARD.encode(signature), "storage": "PKCS12" })
    };
    let proof = format!("{path}/proofs/digital-signature");
    let wrong = mobile.post(&proof, Some(&token), given(b"something else")).await;
    assert_eq!(wrong.refused(422, "signature-other-bytes")["clause"], "11");
    let standing = mobile.post(&proof, Some(&token), given(&content)).await.expect(200).json();
    assert_eq!(standing["missing"], json!(null), "a face and a signature are enough");
    mobile.post(&proof, Some(&token), given(&content)).await.refused(409, "proof-unasked");
    let agreement = json!({ "agreement_sha256": signature["agreement_sha256"] });
    mobile.post(&format!("{path}/signatures"), Some(&token), agreement).await.expect(201);
    t.settle().await;
    t.finish().await;
}

/// Where no authority is trusted, nobody is asked for a signature in vain.
#[tokio::test]
async fn without_trusted_certificates_no_signature_is_offered_or_taken() {
    let t = TestApp::start().await;
    let who = t.begin_registration(&people::form()).await.unwrap().into();
    let careful = t.trusting(eds::Trust::default()).await;
    let matter = app::identity::Matter::Registration;
    assert!(!matter.standing(&careful, &who).await.unwrap().signatures);
    let asked =
        matter.ask_signature(&careful, &who, app::identity::signatures::Way::Ncalayer, Lang::En).await;
    let Err(app::refusal::No::Refusal(Refusal { code, .. })) = asked else { panic!("was asked") };
    assert_eq!(code, "signature-off");
    t.finish().await;
}
