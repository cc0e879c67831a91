//! Faces: one person turns their head before the camera, another shows their face on a provider's own pages. Each does so
//! twice: to register, and in the living session of a client, to change something.

use app::identity::liveness::FRAME_BYTES_MAX;
use axum::{
    Router,
    body::Body,
    http::{Method, StatusCode, header},
};
use face::{
    challenge::{Hint, Turn},
    testing::Head,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::Shown;
use testkit::{
    TestApp,
    people::{self, PASSWORD, PHONE, frame, jpeg},
};

use super::{
    job::{NEW_IBAN, NEW_PASSWORD, cookies, send, sign_in, went},
    recording::{Recorded, Recording},
};
use crate::{
    api::mobile::{Answer, Mobile},
    guard::Browser,
};

/// The person of the pages.
const SECOND_PHONE: &str = "+77052223344";
/// Somebody in whose session nothing was recorded.
const STRANGERS_PHONE: &str = "+77035556688";

pub(super) struct Faces {
    pub(super) t: TestApp,
    pub(super) recording: Recording,
    /// The same program, unrecorded.
    pub(super) router: Router,
    /// The person of the API, signed in.
    token: String,
    /// What was proved by the API: a registration, a change.
    by_api: [String; 2],
    /// The change that was proved by pages.
    by_pages: String,
}

impl Faces {
    /// Everything done and recorded; if `twice`, each request sent a second time at once.
    pub(super) async fn done(twice: bool) -> Self {
        let t = TestApp::with_eyes_and_hosted_face().await;
        let router = Mobile::of(&t).router;
        let recording = Recording::new(twice.then(|| (router.clone(), t.owner_options().clone())));
        let recorded = recording.of(router.clone());
        let mobile = Mobile { router: recorded.clone(), ..Mobile::of(&t) };
        let (token, by_api) = by_api(&t, &mobile).await;
        let mut browser = Browser::new(&t);
        browser.router = recorded;
        let by_pages = by_pages(&t, &mut browser).await;
        t.settle().await;
        Self { t, recording, router, token, by_api, by_pages }
    }

    /// A matter of somebody else's, open in their own sessions.
    pub(super) async fn of_a_stranger(&self) -> Elsewhere {
        let mobile = Mobile { router: self.router.clone(), ..Mobile::of(&self.t) };
        let mut data = mobile.registration().await;
        data["iin"] = simulator::persons::iin(jiff::civil::date(1991, 6, 6), 4, 88).into();
        data["phone"] = STRANGERS_PHONE.into();
        let head = Head { person: 2, ..Head::default() };
        let (token, _) = register(&self.t, &mobile, data, STRANGERS_PHONE, &head).await;
        self.elsewhere(&mobile, token, (STRANGERS_PHONE, PASSWORD)).await
    }

    /// Another matter of the person of the API, open in living sessions of theirs.
    pub(super) async fn another_matter(&self) -> Elsewhere {
        let mobile = Mobile { router: self.router.clone(), ..Mobile::of(&self.t) };
        self.elsewhere(&mobile, self.token.clone(), (PHONE, NEW_PASSWORD)).await
    }

    async fn elsewhere(&self, mobile: &Mobile, token: String, who: (&str, &str)) -> Elsewhere {
        let iban = json!({ "iban": NEW_IBAN });
        let open = mobile.post("/changes/account", Some(&token), iban).await.expect(201).text("change");
        let mut browser = Browser::new(&self.t);
        sign_in(&self.t, &mut browser, who).await;
        let [registration, change] = &self.by_api;
        let texts = vec![
            (format!("/registrations/{registration}/"), format!("/changes/{open}/")),
            (change.clone(), open.clone()),
            ("/register/proofs/".to_owned(), format!("/account/changes/{open}/proofs/")),
            (self.by_pages.clone(), open.clone()),
        ];
        Elsewhere { texts, token, cookies: cookies(&browser), form: browser.token, open }
    }

    /// Each recorded picture, in a challenge that has begun anew: the first is the last.
    pub(super) async fn film_shown_again(&self, open: &Elsewhere) {
        let mobile = Mobile { router: self.router.clone(), ..Mobile::of(&self.t) };
        let film: Vec<Recorded> =
            self.recording.all().into_iter().filter(|one| one.route.contains("/liveness/frames")).collect();
        assert!(film.len() > 20, "{} pictures", film.len());
        let path = format!("/changes/{}", open.open);
        for picture in film {
            super::state(self.t.owner_options()).await; // Limits must not be what refuses.
            let begun = mobile.post_empty(&format!("{path}/liveness"), &open.token).await.expect(201);
            let challenge = begun.text("challenge");
            self.t.clock.advance(SignedDuration::from_millis(250));
            let shown =
                posted(&mobile, &path, &open.token, ("/liveness/frames", &challenge), picture.body.to_vec());
            shown.await.refused(409, "face-replayed");
            let next = posted(
                &mobile,
                &path,
                &open.token,
                ("/liveness/frames", &challenge),
                frame(&Head::default(), 900),
            );
            next.await.refused(409, "face-challenge-spent");
        }
    }
}

/// Where the same is sent: another matter, in other sessions.
pub(super) struct Elsewhere {
    texts: Vec<(String, String)>,
    token: String,
    cookies: String,
    form: String,
    /// The change that is open.
    open: String,
}

impl Elsewhere {
    /// The request, about this matter, in these sessions.
    pub(super) fn about(&self, request: &Recorded) -> Recorded {
        let mut texts = self.texts.clone();
        if let Some((_, form)) = String::from_utf8_lossy(&request.body).rsplit_once("csrf=") {
            texts.push((form.to_owned(), self.form.clone()));
        }
        let mut request = request.with(&texts);
        if request.headers.contains_key(header::AUTHORIZATION) {
            request.headers.insert(header::AUTHORIZATION, format!("Bearer {}", self.token).parse().unwrap());
        }
        if request.headers.contains_key(header::COOKIE) {
            request.headers.insert(header::COOKIE, self.cookies.parse().unwrap());
        }
        request
    }
}

/// By the API: registers, and changes the password. The session, and what was proved.
async fn by_api(t: &TestApp, mobile: &Mobile) -> (String, [String; 2]) {
    let head = Head::default();
    let (token, registration) = register(t, mobile, mobile.registration().await, PHONE, &head).await;
    let password = json!({ "password": NEW_PASSWORD });
    let change = mobile.post("/changes/password", Some(&token), password).await.expect(201).text("change");
    let path = format!("/changes/{change}");
    turn_head(t, mobile, &path, &token, (&head, 200)).await;
    mobile.post_empty(&format!("{path}/completion"), &token).await.expect(204);
    t.settle().await;
    (token, [registration, change])
}

async fn register(t: &TestApp, mobile: &Mobile, data: Value, phone: &str, head: &Head) -> (String, String) {
    let (id, token) = mobile.begin(t, data).await;
    let path = format!("/registrations/{id}");
    mobile.post_empty(&format!("{path}/codes"), &token).await.expect(204);
    t.settle().await;
    let code = json!({ "code": t.code(phone) });
    mobile.post(&format!("{path}/proofs/sms-code"), Some(&token), code).await.expect(200);
    turn_head(t, mobile, &path, &token, (head, 0)).await;
    let opened = mobile.post_empty(&format!("{path}/completion"), &token).await.expect(201);
    t.settle().await;
    (opened.text("token"), id)
}

/// Posts a picture of a challenge.
async fn posted(
    mobile: &Mobile,
    path: &str,
    token: &str,
    (to, challenge): (&str, &str),
    picture: Vec<u8>,
) -> Answer {
    let request = mobile
        .request(Method::POST, &format!("{path}{to}"), Some(token))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header("x-challenge", challenge);
    mobile.send(request.body(Body::from(picture)).unwrap()).await
}

/// Turns a head as it is asked, and shows the photo that ends it. Pictures are numbered from `first`.
async fn turn_head(t: &TestApp, mobile: &Mobile, path: &str, token: &str, (from, first): (&Head, u32)) {
    let begun = mobile.post_empty(&format!("{path}/liveness"), token).await.expect(201);
    let challenge = begun.text("challenge");
    let mut head = *from;
    for number in first.. {
        t.clock.advance(SignedDuration::from_millis(250));
        let picture = frame(&head, number);
        assert!(picture.len() <= FRAME_BYTES_MAX);
        let told = posted(mobile, path, token, ("/liveness/frames", &challenge), picture).await.expect(200);
        let hint = match told.text("hint").as_str() {
            "photo" => break,
            "left" => Hint::Turn(Turn::Left),
            "right" => Hint::Turn(Turn::Right),
            "up" => Hint::Turn(Turn::Up),
            "closer" => Hint::Turn(Turn::Closer),
            _ => Hint::Straight,
        };
        head = head.obeying(hint, from);
    }
    t.clock.advance(SignedDuration::from_millis(700));
    let lit = Head { light: 1.0 - f32::from(u16::try_from(first).unwrap()) * 0.000_1, ..*from };
    let photo = jpeg(&lit.draw(480, 640), 90);
    posted(mobile, path, token, ("/proofs/face", &challenge), photo).await.expect(200);
}

/// By pages: registers, and changes the account. The change.
async fn by_pages(t: &TestApp, b: &mut Browser) -> String {
    let form = people::second_form();
    b.get("/register").await;
    let data = b.form(&[
        ("surname", &form.surname),
        ("given_name", &form.given_name),
        ("patronymic", ""),
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
    t.settle().await;
    send(t, b, "/register/proofs/code/send", &[]).await;
    let code = t.code(SECOND_PHONE);
    send(t, b, "/register/proofs/code", &[("code", &code)]).await;
    show_face(t, b, "/register/proofs").await;
    send(t, b, "/register/finish", &[]).await;
    assert_eq!(b.get("/account").await.status, StatusCode::OK, "registered");
    let at = send(t, b, "/account/changes/account", &[("iban", NEW_IBAN)]).await;
    show_face(t, b, &format!("{at}/proofs")).await;
    send(t, b, &format!("{at}/carry-out"), &[]).await;
    at.rsplit('/').next().unwrap().to_owned()
}

/// Goes to the provider's page, shows face and document there, and comes back.
async fn show_face(t: &TestApp, b: &mut Browser, proofs: &str) {
    send(t, b, &format!("{proofs}/face/hosted"), &[]).await;
    let session: String = sqlx::query_scalar("select provider_id from hosted_face order by id desc limit 1")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    let person = people::second_form();
    let shown = Shown {
        iin: person.iin,
        surname: person.surname,
        given_name: person.given_name,
        document_number: person.document_number,
    };
    assert!(t.world.show_face(&session, shown));
    send(t, b, &format!("{proofs}/face/hosted/finish"), &[]).await;
}
