//! Files that people sent, as a browser gets them again.

use app::{entities, identity::Matter, uploads};
use axum::http::StatusCode;
use image::ImageFormat;
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, entity_form, face, form, photo, scan},
};
use texts::Lang;

use crate::guard::{Browser, Seen};

fn header<'a>(seen: &'a Seen, name: &str) -> &'a str {
    seen.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// Proves [`lending::law::CL_33`]: whatever a stranger has sent, it runs nothing in the browser of who reads it. Held against
/// what leaves the whole router, not the handler.
#[tokio::test]
async fn a_strangers_scan_leaves_in_a_sandbox_and_as_nothing_but_what_it_is() {
    let t = TestApp::start().await;
    t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let mut browser = Browser::new(&t);
    browser.get("/staff/sign-in").await;
    let given = browser.form(&[("login", "officer"), ("password", PASSWORD)]);
    assert_eq!(browser.post("/staff/sign-in", given).await.status, StatusCode::SEE_OTHER);
    for (name, bytes, kept) in [
        ("order.pdf", scan(), "attachment; filename=\"scan.pdf\""),
        ("order.png", photo(640, 800, ImageFormat::Png), "attachment; filename=\"scan.png\""),
        ("order.jpg", photo(640, 800, ImageFormat::Jpeg), "attachment; filename=\"scan.jpg\""),
    ] {
        let upload = uploads::take(&t.app, person.clone(), name, bytes).await.unwrap();
        let id = entities::begin(&t.app, person.clone(), Lang::Ru, &entity_form(), upload).await.unwrap();
        let (matter, who) = (Matter::Entity(id), person.clone().into());
        matter.take_face(&t.app, &who, face().await).await.unwrap();
        matter.send_code(&t.app, &who, Lang::Ru).await.unwrap();
        t.settle().await;
        matter.take_password_and_code(&t.app, &who, PASSWORD, &t.code(PHONE)).await.unwrap();
        entities::complete(&t.app, person.clone(), id).await.unwrap();

        let base = format!("/staff/entities/{id}");
        let mut answers = vec![(browser.get(&format!("{base}/original")).await, kept)];
        if name != "order.pdf" {
            answers.push((browser.get(&format!("{base}/picture.jpg")).await, "inline"));
        }
        for (seen, disposition) in answers {
            assert_eq!(seen.status, StatusCode::OK, "{name}");
            assert_eq!(header(&seen, "content-security-policy"), "sandbox; default-src 'none'", "{name}");
            assert_eq!(seen.headers.get_all("content-security-policy").iter().count(), 1, "{name}");
            assert_eq!(header(&seen, "x-content-type-options"), "nosniff", "{name}");
            assert_eq!(header(&seen, "content-disposition"), disposition, "{name}");
            assert_eq!(header(&seen, "x-frame-options"), "DENY", "{name}");
            assert_eq!(header(&seen, "cache-control"), "no-store", "{name}");
            assert_eq!(header(&seen, "cross-origin-resource-policy"), "same-origin", "{name}");
        }
        let page = browser.get(&base).await;
        assert!(header(&page, "content-security-policy").starts_with("default-src 'none'; script-src"));
    }
    t.settle().await;
    t.finish().await;
}
