use app::{
    organization::Policy,
    sessions::{Origin, Token, Visitor},
    staff::{self, Role},
};
use jiff::SignedDuration;
use testkit::{
    TestApp,
    people::{origin, visitor},
};

use crate::refused;

/// Proves [`lending::law::CL_27`] and [`lending::law::CL_28`].
#[tokio::test]
async fn an_employee_signs_in_by_name_and_password_and_a_stranger_or_a_former_one_does_not() {
    let t = TestApp::start().await;
    let mut op = t.app.begin(app::op::System).await.unwrap();
    assert!(staff::add(&mut op, "officer", "Айгүл", Role::LoanOfficer, "seven silver spoons").await.unwrap());
    assert!(!staff::add(&mut op, "officer", "Other", Role::Auditor, "seven silver forks").await.unwrap());
    op.commit().await.unwrap();
    let sign_in = async |password: &str| staff::sign_in(&t.app, visitor(), "officer", password).await;
    assert_eq!(refused(sign_in("seven silver knives").await), "staff-wrong-credentials");
    let token = sign_in("seven silver spoons").await.unwrap();
    let known = || app::sessions::recognise(&t.app, &token, origin());
    let Some(app::sessions::Known::Employee(who)) = known().await.unwrap() else { panic!("not an employee") };
    let mut op = t.app.begin(who).await.unwrap();
    staff::overview(&mut op).await.unwrap();
    op.commit().await.unwrap();
    let read: i64 =
        sqlx::query_scalar("select count(*) from audit_event where action = 'staff.overview-read'")
            .fetch_one(&mut t.owner().await)
            .await
            .unwrap();
    assert_eq!(read, 1, "what employees read of clients is recorded");

    sqlx::query("update staff set disabled_at = now()").execute(&mut t.owner().await).await.unwrap();
    assert!(known().await.unwrap().is_none(), "a blocked account loses its session at once");
    assert_eq!(refused(sign_in("seven silver spoons").await), "staff-wrong-credentials");
    t.finish().await;
}

/// Proves [`lending::law::CL_28`] and [`lending::law::CL_29`]: strangers who guess at an employee's password keep them from no
/// device they are known on; elsewhere so many wrong ones in a row as the policy says lock the login until somebody unlocks it.
#[tokio::test]
async fn a_stranger_who_guesses_at_a_login_keeps_no_employee_from_their_work() {
    const PASSWORD: &str = "seven silver spoons";
    let t = TestApp::start().await;
    let mut op = t.app.begin(app::op::System).await.unwrap();
    for login in ["officer", "auditor"] {
        assert!(staff::add(&mut op, login, "Айгүл", Role::LoanOfficer, PASSWORD).await.unwrap());
    }
    let policy = Policy { password_tries_in_thirty_days: 20, ..Policy::default() };
    app::organization::set_policy(&mut op, &policy).await.unwrap();
    op.commit().await.unwrap();
    let from = |n: usize, key| Visitor {
        origin: Origin { address: format!("198.51.100.{n}"), device_key: key, ..origin() },
    };
    let token = staff::sign_in(&t.app, from(250, None), "officer", PASSWORD).await.unwrap();
    let key = Token::parse(&token.reveal_device().expect("a device's secret")).unwrap().hash();
    let mine = async |login: &str, password: &str| {
        refused(staff::sign_in(&t.app, from(250, Some(key)), login, password).await)
    };
    let elsewhere = async |n: usize, login: &str, password: &str| {
        refused(staff::sign_in(&t.app, from(n, None), login, password).await)
    };
    let again = staff::sign_in(&t.app, from(250, Some(key)), "officer", PASSWORD).await.unwrap();
    assert!(again.reveal_device().is_none(), "it is known");

    // Whether or not there is such an employee.
    let mut told = Vec::new();
    for login in ["officer", "nobody"] {
        let mut answers = Vec::new();
        for quarter in 0..3 {
            for _ in 0..11 {
                answers.push(elsewhere(quarter, login, "seven silver knives").await);
            }
            t.clock.advance(SignedDuration::from_mins(16));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    let given = |code: &str| told[0].iter().filter(|answer| *answer == code).count();
    assert_eq!(
        (given("staff-wrong-credentials"), given("too-many-attempts"), given("staff-locked")),
        (20, 3, 10)
    );
    assert_eq!(elsewhere(100, "officer", PASSWORD).await, "staff-locked", "the right one, too");
    t.clock.advance(SignedDuration::from_hours(24 * 400));
    assert_eq!(elsewhere(101, "officer", PASSWORD).await, "staff-locked", "for good");
    assert_eq!(mine("officer", PASSWORD).await, "done", "where they are known they go on");
    assert_eq!(mine("auditor", PASSWORD).await, "done", "who has no such device signs in as from any");

    // A device has a count of its own, and is worth nothing on anybody else's account.
    for _ in 0..10 {
        assert_eq!(mine("officer", "seven silver knives").await, "staff-wrong-credentials");
    }
    assert_eq!(mine("officer", PASSWORD).await, "too-many-attempts");
    t.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(mine("officer", PASSWORD).await, "done");
    assert_eq!(mine("nobody", PASSWORD).await, "staff-locked");

    assert!(!staff::unlock(&t.app, "nobody").await.unwrap());
    assert!(staff::unlock(&t.app, "officer").await.unwrap());
    assert_eq!(elsewhere(102, "officer", PASSWORD).await, "done");
    let unlocked: i64 =
        sqlx::query_scalar("select count(*) from audit_event where action = 'staff.unlocked'")
            .fetch_one(&mut t.owner().await)
            .await
            .unwrap();
    assert_eq!(unlocked, 1, "it is recorded");
    t.finish().await;
}
