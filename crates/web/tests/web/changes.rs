//! Changes as a browser asks for them.

use axum::http::StatusCode;
use testkit::{
    TestApp,
    people::{PASSWORD, PHONE, entity_form, form},
};
use texts::{Lang, client};

use crate::guard::Browser;

/// Where the entity of [`entity_form`] is told things from now on.
const NEW: &str = "+77011230000";

/// Proves [`lending::law::CL_6_F`] and [`lending::law::CL_6_B`]: who acts for an entity is told that it is the entity's number
/// that they change, and it is; who acts for themselves changes their own.
#[tokio::test]
async fn the_page_says_whose_number_is_changed_and_changes_that_one() {
    let t = TestApp::start().await;
    let officer = t.officer().await;
    let person = t.register(&form()).await.unwrap();
    let id = t.ask_to_act(&person, &entity_form(), PHONE).await.unwrap();
    let (head, _) = t.accepted(&officer, id, PHONE).await.unwrap();
    let authority = head.capacity.unwrap().authority.to_string();
    let mut browser = Browser::new(&t);
    browser.get("/sign-in").await;
    let given = browser.form(&[("name", PHONE), ("password", PASSWORD)]);
    assert_eq!(browser.post("/sign-in", given).await.status, StatusCode::SEE_OTHER);
    let name = "ТОО «Береке»";
    let lead = |lang| client::change_entity_phone_lead(lang, name);
    for (authority, theirs) in [("", false), (authority.as_str(), true)] {
        browser.get("/entities").await;
        let given = browser.form(&[("authority", authority)]);
        assert_eq!(browser.post("/entities/act", given).await.status, StatusCode::SEE_OTHER);
        let page = browser.get("/account/changes/phone").await;
        let said = |text: &str| page.text.contains(text);
        let langs = [Lang::Kk, Lang::Ru, Lang::En];
        assert_eq!(langs.iter().any(|lang| said(&lead(*lang))), theirs, "{}", page.text);
        assert_eq!(langs.iter().any(|lang| said(client::change_phone_lead(*lang))), !theirs);
        let security = browser.get("/account/security").await;
        assert_eq!(security.status, StatusCode::OK);
        assert_eq!(
            langs.iter().any(|lang| security.text.contains(client::change_entity_phone_title(*lang))),
            theirs
        );
        browser.get("/account/changes/phone").await;
        // By the register it is not the person's.
        let given = browser.form(&[("phone", NEW)]);
        let asked = browser.post("/account/changes/phone", given).await;
        if !theirs {
            assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.text);
            continue;
        }
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        t.settle().await;
        let change = asked.headers["location"].to_str().unwrap().to_owned();
        let page = browser.get(&change).await;
        assert!(page.text.contains(&format!("<strong>{name}</strong>")), "{}", page.text);
        let given = browser.form(&[("number", &t.code(NEW))]);
        let checked = browser.post(&format!("{change}/number"), given).await;
        assert_eq!(checked.status, StatusCode::SEE_OTHER, "the code came to the new number");
    }
    t.finish().await;
}
