//! Whether somebody is a client, or an employee, is told to nobody (Rules cl. [29](lending::law::CL_29)): every way in answers
//! alike, after the same work, and leaves the same behind.

use std::sync::{Arc, Mutex};

use axum::http::header;
use image::ImageFormat;
use serde_json::{Value, json};
use sqlx::Connection;
use testkit::{
    TestApp,
    people::{self, PASSWORD, PHONE, photo},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::{
    api::mobile::{Answer, Mobile},
    guard::{Browser, Seen},
};

/// What the program says of its work: each statement sent to the database, each password weighed.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<Vec<String>>>);

impl Watch {
    /// What was done since it was asked last. Where a transaction begins and ends is no work.
    fn done(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.0.lock().unwrap());
        let frames = ["BEGIN", "COMMIT", "ROLLBACK"];
        all.into_iter().filter(|work| !frames.contains(&work.as_str())).collect()
    }
}

#[derive(Default)]
struct Said {
    summary: String,
    statement: String,
    message: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}

impl Subscriber for Watch {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        matches!(of.target(), "sqlx::query" | "app::password")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        let Said { summary, statement, message } = said;
        let work = [statement, summary, message].into_iter().find(|text| !text.trim().is_empty());
        self.0.lock().unwrap().extend(work.map(|text| text.trim().to_owned()));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// One step at a door: what was answered, what it took, and the rows that it left.
#[derive(PartialEq, Debug)]
struct Step {
    what: String,
    status: u16,
    told: String,
    work: Vec<String>,
    rows: Vec<(String, i64)>,
}

/// Somebody who tries every door under one person's names.
struct Stranger<'a> {
    t: &'a TestApp,
    watch: &'a Watch,
    mobile: Mobile,
    browser: Browser,
    /// What they type, and what stands for it when answers are compared.
    names: Vec<(String, &'static str)>,
    steps: Vec<Step>,
}

impl Stranger<'_> {
    /// Rows of all that is kept. How often something was tried is counted by whose it is, whatever they were called by: the
    /// statements are the same, and how many rows they make nobody sees.
    async fn rows(&self) -> Vec<(String, i64)> {
        let mut db = self.t.owner().await;
        let sql = "select tablename::text, (xpath('/row/n/text()', query_to_xml(format(
                       'select count(*) as n from %I', tablename), false, true, '')))[1]::text::int8
                   from pg_tables where schemaname = 'public' and tablename <> 'attempt' order by 1";
        let rows = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
        db.close().await.unwrap();
        rows
    }

    /// Ids, secrets and names are each person's own; all else must be the same.
    fn masked(&self, text: &str) -> String {
        let secret = |word: &str| {
            let letters = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            letters && (word.len() == 43 || (word.len() == 36 && word.matches('-').count() == 4))
        };
        let named = self.names.iter().fold(text.to_owned(), |text, (name, mark)| text.replace(name, mark));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        named
            .split_inclusive(|c: char| !plain(c))
            .map(|part| {
                let word = part.trim_end_matches(|c: char| !plain(c));
                if secret(word) { part.replace(word, "*") } else { part.to_owned() }
            })
            .collect()
    }

    async fn step(&mut self, what: &str, status: u16, text: &str, before: &[(String, i64)]) {
        let work = self.watch.done();
        let grown = self.rows().await.into_iter().zip(before);
        let rows = grown.map(|((table, after), (_, before))| (table, after - before)).collect();
        let told = self.masked(text);
        self.steps.push(Step { what: what.to_owned(), status, told, work, rows });
        self.t.settle().await; // What was sent is no part of the next step.
        self.watch.done();
    }

    async fn api(&mut self, path: &str, token: Option<&str>, media_type: &str, body: Vec<u8>) -> Answer {
        let before = self.rows().await;
        self.watch.done();
        let answer = if body.is_empty() {
            self.mobile.post_empty(path, token.unwrap_or_default()).await
        } else {
            self.mobile.raw(path, token, media_type, body).await
        };
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let what = self.masked(path);
        self.step(&what, answer.status.as_u16(), &text, &before).await;
        answer
    }

    async fn json(&mut self, path: &str, token: Option<&str>, body: Value) -> Answer {
        self.api(path, token, "application/json", body.to_string().into_bytes()).await
    }

    async fn page(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let form = self.browser.form(fields);
        let before = self.rows().await;
        self.watch.done();
        let seen = self.browser.post(path, form).await;
        let to = seen.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap());
        let text = format!("{to}\n{}", seen.text);
        self.step(path, seen.status.as_u16(), &text, &before).await;
        seen
    }

    /// By the API: the doors, then all that can be sent in a recovery, the right password included.
    async fn by_api(&mut self, iin: &str, phone: &str) {
        for name in [iin, phone] {
            self.json("/sessions", None, json!({ "name": name, "password": "wrong wrong wrong" })).await;
            self.json("/sessions/by-token", None, json!({ "name": name, "code": "12345" })).await;
        }
        let sent = self.json("/sign-in-codes", None, json!({ "phone": phone })).await.text("id");
        let code = json!({ "phone": phone, "code": "12345" });
        for _ in 0..4 {
            self.json(&format!("/sign-in-codes/{sent}/sessions"), None, code.clone()).await;
        }
        for name in [iin, phone] {
            let begun = self.json("/recoveries", None, json!({ "name": name })).await;
            let (path, token) = (format!("/recoveries/{}", begun.text("recovery")), begun.text("token"));
            let token = Some(token.as_str());
            let code = json!({ "code": "12345" });
            self.json(&format!("{path}/proofs/sms-code"), token, code.clone()).await;
            self.api(&format!("{path}/codes"), token, "", Vec::new()).await;
            for _ in 0..4 {
                self.json(&format!("{path}/proofs/sms-code"), token, code.clone()).await;
            }
            self.json(&format!("{path}/proofs/token"), token, code).await;
            for password in [PASSWORD, "wrong wrong wrong"] {
                self.json(&format!("{path}/proofs/password"), token, json!({ "password": password })).await;
                self.json(&format!("{path}/completion"), token, json!({ "password": password })).await;
            }
            let large = photo(640, 800, ImageFormat::Jpeg);
            self.api(&format!("{path}/proofs/face"), token, "image/jpeg", large).await;
            self.api(&format!("{path}/liveness"), token, "", Vec::new()).await;
            let small = photo(240, 320, ImageFormat::Jpeg);
            self.api(&format!("{path}/liveness/frames"), token, "image/jpeg", small).await;
            for way in ["key", "egov_mobile"] {
                self.json(&format!("{path}/statements"), token, json!({ "way": way })).await;
            }
            let signed = json!({ "statement": uuid::Uuid::max(), "signature": "MIIB" });
            self.json(&format!("{path}/proofs/digital-signature"), token, signed).await;
        }
    }

    /// By the pages, the employee's among them.
    async fn by_pages(&mut self, iin: &str, phone: &str, login: &str) {
        self.browser.get("/sign-in").await;
        for name in [iin, phone] {
            self.page("/sign-in", &[("name", name), ("password", "wrong wrong wrong")]).await;
            self.page("/sign-in/token", &[("name", name), ("token", "12345")]).await;
        }
        let sent = self.page("/sign-in/code", &[("phone", phone)]).await.text;
        let handle =
            sent.split_once("name=\"handle\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        self.page("/sign-in/code/answer", &[("phone", phone), ("handle", &handle), ("code", "12345")]).await;
        self.page("/recover", &[("name", iin)]).await;
        let before = self.rows().await;
        self.watch.done();
        let shown = self.browser.get("/recover/proofs").await;
        self.step("/recover/proofs", shown.status.as_u16(), &shown.text, &before).await;
        for (way, fields) in [
            ("code", &[("code", "12345")][..]),
            ("code", &[("code", "12345"), ("password", PASSWORD)]),
            ("code/send", &[]),
            ("password", &[("password", PASSWORD)]),
            ("token", &[("token", "12345")]),
            ("token", &[("token", "12345"), ("password", PASSWORD)]),
            ("signature/ask", &[]),
            ("egov/ask", &[]),
            ("face/hosted", &[]),
            ("face/hosted/finish", &[]),
            ("face/challenge", &[]),
        ] {
            self.page(&format!("/recover/proofs/{way}"), fields).await;
        }
        self.page("/recover/finish", &[("password", "жаңа құпия сөз тіркесі")]).await;
        self.browser.get("/staff/sign-in").await;
        for password in ["wrong wrong wrong", ""] {
            self.page("/staff/sign-in", &[("login", login), ("password", password)]).await;
        }
    }

    /// Registrations under the person's IIN and number, with the one, and with the other.
    async fn by_registering(&mut self, mut data: Value, iins: [&str; 2], phones: [&str; 2]) {
        for (iin, phone) in [(iins[0], phones[0]), (iins[0], phones[1]), (iins[1], phones[0])] {
            data["iin"] = iin.into();
            data["phone"] = phone.into();
            let begun = self.json("/registrations", None, data.clone()).await;
            let (id, token) = (begun.text("registration"), begun.text("token"));
            let code = json!({ "code": "12345" });
            self.json(&format!("/registrations/{id}/proofs/sms-code"), Some(&token), code).await;
            self.api(&format!("/registrations/{id}/completion"), Some(&token), "", Vec::new()).await;
        }
    }
}

/// Everything somebody can try under a person's names.
async fn tried(t: &TestApp, watch: &Watch, who: (&str, &str, &str), others: (&str, &str)) -> Vec<Step> {
    let (iin, phone, login) = who;
    let mobile = Mobile::of(t);
    let data = mobile.registration().await;
    let marks = [(iin, "IIN"), (phone, "PHONE"), (login, "LOGIN"), (others.0, "IIN"), (others.1, "PHONE")];
    let names = marks.map(|(name, mark)| (name.to_owned(), mark)).into();
    let mut stranger = Stranger { t, watch, mobile, browser: Browser::new(t), names, steps: Vec::new() };
    stranger.by_api(iin, phone).await;
    stranger.by_pages(iin, phone, login).await;
    stranger.by_registering(data, [iin, others.0], [phone, others.1]).await;
    // One address is everybody's here; what it is limited to has tests of its own.
    sqlx::query("delete from attempt").execute(&mut t.owner().await).await.unwrap();
    stranger.steps
}

/// Proves [`lending::law::CL_29`]: at no door does a stranger learn who is a client or an employee: not by what is answered, nor
/// by what is asked of the database, nor by passwords weighed, nor by what is left behind.
#[tokio::test]
async fn no_way_in_tells_who_is_a_client_or_an_employee() {
    let t = TestApp::start().await;
    t.register(&people::form()).await.unwrap();
    let mut op = t.app.begin(app::op::System).await.unwrap();
    let auditor = app::staff::Role::Auditor;
    assert!(app::staff::add(&mut op, "gulmira", "Гүлмира", auditor, PASSWORD).await.unwrap());
    op.commit().await.unwrap();
    let watch = Watch::default();
    let _watched = tracing::subscriber::set_default(watch.clone());
    let iin = |day| simulator::persons::iin(jiff::civil::date(1990, 5, day), 4, 77);
    // Twice nobody: what the first finds new (a statement, a row of an address) is not what tells a client.
    let nobodies = [
        ((iin(5), "+77025556677", "nobody1"), (iin(6), "+77025556678")),
        ((iin(7), "+77025556679", "nobody2"), (iin(8), "+77025556680")),
    ];
    let mut seen = Vec::new();
    for ((iin, phone, login), (other, number)) in &nobodies {
        seen.push(tried(&t, &watch, (iin, phone, login), (other, number)).await);
    }
    let client = people::form().iin;
    seen.push(tried(&t, &watch, (&client, PHONE, "gulmira"), (&iin(9), "+77025556681")).await);
    let [_, nobody, client] = &seen[..] else { unreachable!() };
    assert_eq!(nobody.len(), client.len());
    for (nobody, client) in nobody.iter().zip(client) {
        assert_eq!(client, nobody, "{}: a client, and nobody", client.what);
    }
    let all = |what: &str| nobody.iter().filter(|step| step.what == what).collect::<Vec<_>>();
    let weighed = |step: &&Step| step.work.iter().filter(|work| *work == "a password is weighed").count();
    for door in ["/sessions", "/sign-in", "/staff/sign-in"] {
        assert_eq!(all(door).iter().map(weighed).collect::<Vec<_>>(), [1, 1], "{door}");
    }
    let statements: usize = nobody.iter().map(|step| step.work.len()).sum();
    assert!(nobody.len() > 70 && statements > 400, "{} steps, {statements} statements", nobody.len());
    t.finish().await;
}
