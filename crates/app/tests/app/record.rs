use app::refusal::No;
use testkit::TestApp;

/// Proves [`lending::law::CL_34`] and [`lending::law::CL_11`]: what was sent is kept, sealed, and a change is noticed.
#[tokio::test]
async fn what_was_sent_and_signed_is_kept_whole_and_a_changed_byte_is_noticed() {
    let t = TestApp::start().await;
    t.borrower().await;
    let mut owner = t.owner().await;
    let kinds: Vec<String> = sqlx::query_scalar("select distinct kind from evidence order by kind")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    for kind in [
        "agreement",
        "answer:bank",
        "answer:credit-bureau",
        "answer:idec",
        "answer:phone-register",
        "answer:terrorist-list",
        "consent:credit-report",
        "consent:personal-data",
        "evidence-sheet",
        "full-cost",
        "message:sms",
        "photo",
        "photo:original",
        "proof:password",
        "proof:sms-code",
    ] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} is missing in {kinds:?}");
    }
    let id: uuid::Uuid = sqlx::query_scalar("select id from evidence where kind = 'agreement' limit 1")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let mut op = t.app.begin(app::op::System).await.unwrap();
    assert!(app::evidence::read(&mut op, id).await.unwrap().1.starts_with(b"%PDF-"));
    drop(op);
    for spoil in [
        "update evidence set sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1) where id = $1",
        "update evidence set sealed = (select sealed from evidence where kind = 'photo' limit 1),
                nonce = (select nonce from evidence where kind = 'photo' limit 1) where id = $1",
    ] {
        sqlx::query(spoil).bind(id).execute(&mut owner).await.unwrap();
        let mut op = t.app.begin(app::op::System).await.unwrap();
        assert!(matches!(app::evidence::read(&mut op, id).await, Err(No::Fault(_))), "{spoil}");
    }
    t.finish().await;
}

/// Proves [`lending::law::CL_3`] and [`lending::law::CL_32`]: nobody's act is without a trace of who and how.
#[tokio::test]
async fn every_step_of_a_credit_is_in_the_trail_with_its_channel_and_without_personal_data() {
    let t = TestApp::start().await;
    t.borrower().await;
    let mut owner = t.owner().await;
    let trail: Vec<(String, String, Vec<u8>)> =
        sqlx::query_as("select action, channel, payload from audit_event")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    for (action, channel) in [
        ("registration.begun", "web"),
        ("proof.given", "web"),
        ("confirmed", "web"),
        ("client.registered", "web"),
        ("application.submitted", "web"),
        ("application.decided", "system"),
        ("agreement.signed", "web"),
        ("payout.sent", "system"),
        ("payout.executed", "system"),
        ("loan.event", "system"),
    ] {
        assert!(trail.iter().any(|(a, c, _)| a == action && c == channel), "{action} by {channel}");
    }
    for (action, _, payload) in &trail {
        let payload = String::from_utf8_lossy(payload);
        for secret in
            ["880101300123", "7011234567", "Қасымов", "KZ41601A141000897321", testkit::people::PASSWORD]
        {
            assert!(!payload.contains(secret), "{action} holds personal data");
        }
    }
    t.finish().await;
}
