//! The pages over a throw-away world, for looking at while they are being written.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
use std::net::SocketAddr;

#[tokio::main]
async fn main() {
    let test = testkit::TestApp::start().await;
    let settings = web::Settings {
        domain: "localhost:8400".into(),
        organization: app::demonstration::organization(),
        colour: web::Colour::parse("#0b6b60").unwrap(),
    };
    let router = web::router(test.app.clone(), settings);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(app::jobs::work(test.app.clone(), stopped));
    let days = test.app.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let _ = app::day::catch_up(&days).await;
            let _ = app::payments::read_statement(&days, days.today()).await;
        }
    });
    let mut op = test.app.begin(app::op::System).await.unwrap();
    app::staff::add(&mut op, "officer", "Әлия Серікқызы", app::staff::Role::LoanOfficer, "жеті қазына бір сөз").await.unwrap();
    op.commit().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8400").await.unwrap();
    println!("listening; world {:?}", test.world.url());
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    drop(stop);
}
