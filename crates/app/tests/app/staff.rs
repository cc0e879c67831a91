use app::staff::{self, Role};
use testkit::{TestApp, people::visitor};

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
    let known = || app::sessions::recognise(&t.app, &token, testkit::people::origin());
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
