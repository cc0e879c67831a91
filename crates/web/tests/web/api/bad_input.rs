use axum::{
    body::{Body, Bytes},
    http::{Method, header},
};
use serde_json::{Value, json};
use testkit::{TestApp, people::PHONE};

use super::mobile::{Mobile, everything};

#[tokio::test]
async fn a_body_that_is_not_what_it_should_be_is_refused_in_the_readers_language_and_changes_nothing() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let data = mobile.registration().await;
    let whole = data.to_string();
    let with = |change: fn(&mut Value)| {
        let mut data = data.clone();
        change(&mut data);
        data.to_string().into_bytes()
    };
    let mut not_utf8 = whole.clone().into_bytes();
    let at = whole.find("surname\":\"").unwrap() + 10;
    not_utf8[at] = 0xff;
    let bodies: [(Vec<u8>, u16, &str); 10] = [
        (whole[..whole.len() - 1].into(), 400, "malformed"),
        (vec![], 400, "malformed"),
        (not_utf8, 400, "malformed"),
        (whole.replacen('{', "{\"iin\":\"880101300123\",", 1).into(), 400, "malformed"),
        ("[".repeat(60_000).into(), 422, "body-invalid"),
        (with(|data| data["role"] = "manager".into()), 422, "body-invalid"),
        (with(|data| data["consents"][0]["also"] = 1.into()), 422, "body-invalid"),
        (with(|data| data["iin"] = Value::Null), 422, "body-invalid"),
        (with(|data| data["phone"] = 77_011_234_567_i64.into()), 422, "body-invalid"),
        (with(|data| data["consents"][0]["sha256"] = "00".into()), 422, "consent-missing"),
    ];
    let before = everything(&t).await;
    for (body, status, code) in bodies {
        let answer = mobile.raw("/registrations", None, "application/json", body.clone()).await;
        let problem = answer.refused(status, code);
        assert!(!problem.to_string().contains("880101300123"), "what was sent is not repeated: {problem}");
    }
    let wish = mobile.wish().await;
    let by_place = json!([wish["product"], wish["amount_tiyn"], wish["term"]]);
    mobile.post("/quotes", None, by_place).await.refused(422, "body-invalid");
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
    {
        mobile.raw("/registrations", None, media_type, whole.clone()).await.refused(415, "media-type");
    }
    let mut titles = Vec::new();
    for language in ["kk", "ru-KZ, en;q=0.5", "en"] {
        let mobile = Mobile { language, ..mobile.clone() };
        let answer = mobile.raw("/registrations", None, "application/json", "{").await;
        titles.push(answer.refused(400, "malformed")["title"].clone());
        assert_eq!(answer.headers[header::CONTENT_LANGUAGE], language[..2]);
    }
    titles.dedup();
    assert_eq!(titles.len(), 3, "each reader has their own language: {titles:?}");
    assert_eq!(everything(&t).await, before);
    t.finish().await;
}

#[tokio::test]
async fn nobody_fills_the_servers_memory_with_a_large_body() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (id, token) = mobile.begin(&t, mobile.registration().await).await;
    let before = everything(&t).await;
    let json =
        || mobile.request(Method::POST, "/quotes", None).header(header::CONTENT_TYPE, "application/json");
    // Whoever touches a byte of this body fails the test.
    let untouchable = Body::from_stream(Untouchable);
    let gigabyte = json().header(header::CONTENT_LENGTH, 1_u64 << 30).body(untouchable).unwrap();
    mobile.send(gigabyte).await.refused(413, "too-large");
    let endless = json().body(Body::from_stream(Endless { left: 1 << 30 })).unwrap();
    mobile.send(endless).await.refused(413, "too-large");
    mobile
        .raw("/quotes", None, "application/json", vec![b' '; 64 * 1024 + 1])
        .await
        .refused(413, "too-large");

    let face = format!("/registrations/{id}/proofs/face");
    let photo = vec![0xff; 10 * 1024 * 1024 + 1];
    mobile.raw(&face, Some(&token), "image/jpeg", photo).await.refused(413, "too-large");
    let endless = mobile.request(Method::POST, &face, Some(&token)).header(header::CONTENT_TYPE, "image/png");
    let endless = endless.body(Body::from_stream(Endless { left: 1 << 30 })).unwrap();
    mobile.send(endless).await.refused(413, "too-large");
    assert_eq!(everything(&t).await, before);
    t.finish().await;
}

#[tokio::test]
async fn what_is_no_face_is_not_taken_for_one() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let (id, token) = mobile.begin(&t, mobile.registration().await).await;
    let path = format!("/registrations/{id}/proofs/face");
    let code = json!({ "code": t.code(PHONE) });
    mobile.post(&format!("/registrations/{id}/proofs/sms-code"), Some(&token), code).await.expect(200);
    let before = everything(&t).await;
    let send =
        async |media_type: &str, bytes: Vec<u8>| mobile.raw(&path, Some(&token), media_type, bytes).await;
    send("image/jpeg", b"<svg onload=alert(1)>".to_vec()).await.refused(422, "photo-unreadable");
    send("image/jpeg", b"MZ\x90\0this program cannot be run".to_vec()).await.refused(422, "photo-unreadable");
    send("image/jpeg", vec![]).await.refused(422, "photo-unreadable");
    send("image/png", png_header(8_000, 5_000)).await.refused(422, "photo-too-large");
    send("image/png", png_header(u32::MAX, u32::MAX)).await.expect(422);
    send("image/png", png_header(100, 100)).await.refused(422, "photo-too-small");
    send("image/svg+xml", b"<svg/>".to_vec()).await.refused(415, "media-type");
    send("application/json", b"{}".to_vec()).await.refused(415, "media-type");
    assert_eq!(everything(&t).await, before);
    t.finish().await;
}

#[tokio::test]
async fn what_cannot_be_lent_is_refused_by_field_and_leaves_no_application() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let wish = mobile.wish().await;
    let before = everything(&t).await;
    // (field, value, code, whether a quote knows the field)
    let wrong: [(&str, Value, &str, bool); 13] = [
        ("amount_tiyn", 30_000_001.into(), "amount-out-of-bounds", true),
        ("amount_tiyn", 2_999_999.into(), "amount-out-of-bounds", true),
        ("amount_tiyn", 0.into(), "amount-out-of-bounds", true),
        ("amount_tiyn", (-10_000_000).into(), "amount-out-of-bounds", true),
        ("amount_tiyn", i64::MAX.into(), "amount-out-of-bounds", true),
        ("term", 25.into(), "term-out-of-bounds", true),
        ("term", (1_i64 << 40).into(), "term-out-of-bounds", true),
        ("product", "019c2000-0000-7000-8000-000000000001".into(), "product-unknown", true),
        ("method", "balloon".into(), "method-unknown", false),
        ("purpose", "weapons".into(), "purpose-unknown", false),
        ("income_tiyn", (-1).into(), "income-invalid", false),
        ("iban", "KZ41601A141000897322".into(), "iban-invalid", false),
        ("consent_sha256", "00".into(), "consent-missing", false),
    ];
    for (number, (field, value, code, quoted)) in wrong.into_iter().enumerate() {
        if number % 6 == 5 {
            sqlx::query("delete from attempt").execute(&mut t.owner().await).await.unwrap();
        }
        let mut asked = wish.clone();
        asked[field] = value;
        let problem = mobile.post("/applications", Some(&token), asked.clone()).await.refused(422, code);
        assert_eq!(problem["field"], field);
        if quoted {
            let asked = json!({ "product": asked["product"], "amount_tiyn": asked["amount_tiyn"], "term": asked["term"] });
            assert_eq!(mobile.post("/quotes", None, asked).await.refused(422, code)["field"], field);
        }
    }
    assert_eq!(everything(&t).await, before);
    t.finish().await;
}

#[tokio::test]
async fn who_signs_before_reading_or_another_text_than_was_shown_signs_nothing() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    let token = mobile.client(&t).await;
    let application = mobile.approved(&t, &token).await;
    let path = format!("/applications/{application}");
    mobile.get(&format!("{path}/offer"), Some(&token)).await.expect(200);
    let before = everything(&t).await;
    let texts = mobile.get(&format!("{path}/acknowledgements"), Some(&token)).await.expect(200).json();
    let two = json!({ "accepted": Mobile::accept(&texts, &["lending-rules", "full-cost"]) });
    let other = Mobile { language: "kk", ..mobile.clone() };
    let all = json!({ "accepted": Mobile::accept(&texts, &app::applications::ACKNOWLEDGED) });
    let acknowledgements = format!("{path}/acknowledgements");
    mobile.post(&acknowledgements, Some(&token), two).await.refused(409, "acknowledgement-missing");
    other.post(&acknowledgements, Some(&token), all.clone()).await.refused(409, "acknowledgement-missing");
    assert_eq!(everything(&t).await, before);

    mobile.post(&acknowledgements, Some(&token), all).await.expect(204);
    let mut signature = mobile.ready_to_sign(&t, &token, &application).await;
    signature["agreement_sha256"] = "00".repeat(32).into();
    let before = everything(&t).await;
    let refused = mobile.post(&format!("{path}/signatures"), Some(&token), signature).await;
    assert_eq!(refused.refused(409, "offer-changed")["field"], "agreement_sha256");
    assert_eq!(everything(&t).await, before);
    t.finish().await;
}

#[tokio::test]
async fn who_mistypes_an_address_of_the_api_gets_a_problem_and_no_page() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    mobile.get("/no-such-thing", None).await.refused(404, "not-found");
    mobile.get("/loans/1/2/3", None).await.refused(404, "not-found");
    let request =
        |method: &str, path| mobile.request(method.parse().unwrap(), path, None).body(Body::empty()).unwrap();
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "FOO"] {
        let answer = mobile.send(request(method, "/organization")).await;
        answer.refused(405, "method-not-allowed");
        assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
    }
    t.finish().await;
}

#[tokio::test]
async fn a_fault_of_ours_tells_a_reference_number_and_nothing_of_our_insides() {
    let t = TestApp::start().await;
    let mobile = Mobile::of(&t);
    sqlx::query("alter table product rename to hidden").execute(&mut t.owner().await).await.unwrap();
    let answer = mobile.get("/products", None).await.expect(500);
    let problem = answer.json();
    let mut keys: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["reference", "status", "title", "type"]);
    assert_eq!(problem["reference"].as_str().unwrap().len(), 10);
    assert!(!problem.to_string().contains("product"), "{problem}");
    sqlx::query("alter table hidden rename to product").execute(&mut t.owner().await).await.unwrap();
    t.finish().await;
}

/// A PNG that claims to be so large, and holds nothing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", vec![]), (b"IEND", vec![])] {
        let chunk = [&kind[..], &data].concat();
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// A body of spaces in chunks, without a declared length.
struct Endless {
    left: u64,
}

impl futures_core::Stream for Endless {
    type Item = Result<Bytes, std::convert::Infallible>;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let chunk = Bytes::from_static(&[b' '; 16 * 1024]);
        assert!(self.left > (1 << 30) - (32 << 20), "far more was read than the limit");
        self.left -= chunk.len() as u64;
        std::task::Poll::Ready(Some(Ok(chunk)))
    }
}

/// A body that must not be read.
struct Untouchable;

impl futures_core::Stream for Untouchable {
    type Item = Result<Bytes, std::convert::Infallible>;
    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        panic!("a body declared too large was read")
    }
}
