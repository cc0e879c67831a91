use app::{
    applications::State,
    documents::{self, Kind},
};
use lending::{loan::Status, money::Money};
use testkit::{TestApp, people::form};

/// Proves [`lending::law::CL_7_1`], [`lending::law::CL_7_3`], [`lending::law::CL_7_4`],
/// [`lending::law::CL_12`].
#[tokio::test]
async fn a_person_gets_a_credit_pays_it_back_by_schedule_and_sees_it_closed() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let application = t.apply(&who).await.unwrap();
    let mut op = t.app.begin(who.clone()).await.unwrap();
    let shown = app::applications::application(&mut op, application).await.unwrap();
    assert_eq!(shown.state, State::Approved, "{:?}", shown.reasons);
    drop(op);
    let id = t.sign(&who, application).await.unwrap();
    let loan = t.loan(&who, id).await;
    assert_eq!(loan.folded.status, Status::Active);
    assert_eq!(loan.folded.debt.total(), Money::from_tenge(100_000));
    t.books().await;

    for row in loan.folded.plan.rows.clone() {
        let days = (row.due_on - t.today()).get_days();
        t.live(i64::from(days)).await;
        t.repay(&loan.number, row.payment).await;
        t.books().await;
    }
    let loan = t.loan(&who, id).await;
    assert_eq!(loan.folded.status, Status::Closed);
    assert_eq!(loan.folded.debt.total(), Money::ZERO);
    assert_eq!(loan.folded.overpaid, Money::ZERO);

    let who = t
        .client(
            &app::identity::sign_in_by_password(
                &t.app,
                testkit::people::visitor(),
                "880101300123",
                testkit::people::PASSWORD,
            )
            .await
            .unwrap(),
        )
        .await;
    t.settle().await;
    let mut op = t.app.begin(who).await.unwrap();
    assert_eq!(documents::ready(&mut op, id).await.unwrap().len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let pdf = documents::document(&mut op, id, kind).await.unwrap();
        assert!(pdf.starts_with(b"%PDF-"), "{kind:?}");
    }
    drop(op);
    t.finish().await;
}
