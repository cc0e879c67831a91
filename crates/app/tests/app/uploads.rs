//! Files that people send.

use app::uploads;
use image::ImageFormat;
use simulator::{Mode, Service};
use testkit::{
    TestApp,
    people::{form, photo, scan},
};

use crate::refused;

async fn count(t: &TestApp) -> i64 {
    let kept = "select count(*) from evidence where kind like 'upload%'";
    sqlx::query_scalar(kept).fetch_one(&mut t.owner().await).await.unwrap()
}

/// Proves [`lending::law::CL_33`], [`lending::law::CL_34`] and [`lending::law::CL_26_3`]: what could do harm, or is not what
/// it says, is refused and not kept; what is taken is kept as it came, with the scanner's word.
#[tokio::test]
async fn a_file_is_taken_only_if_it_is_harmless_and_what_it_says() {
    let t = TestApp::start().await;
    let who = t.register(&form()).await.unwrap();
    let take = async |name: &str, bytes: Vec<u8>| uploads::take(&t.app, who.clone(), name, bytes).await;
    let with = |inside: &[u8]| [b"%PDF-1.4\n".as_slice(), inside, &scan()[9..]].concat();
    let eicar =
        [b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$".as_slice(), b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    for (name, bytes, code) in [
        ("order.pdf", Vec::new(), "file-kind"),
        ("order.exe", scan(), "file-kind"),
        ("order.jpg", scan(), "file-kind"),
        ("order.pdf", b"MZ\x90\x00".to_vec(), "file-kind"),
        ("order.pdf", b"%PDF-1.4 and no more".to_vec(), "file-unreadable"),
        ("order.pdf", vec![b'x'; uploads::BYTES_MAX + 1], "file-too-large"),
        ("order.pdf", with(b"4 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n"), "file-active"),
        ("order.pdf", with(b"4 0 obj<</Filter/Standard>>endobj trailer<</Encrypt 4 0 R>>\n"), "file-active"),
        ("order.pdf", with(&eicar), "file-infected"),
        ("scan.png", b"\x89PNG\r\n\x1a\nand nothing".to_vec(), "file-unreadable"),
        ("scan.png", photo(5_001, 5_000, ImageFormat::Png), "file-too-large"),
    ] {
        assert_eq!(refused(take(name, bytes).await.map(drop)), code, "{name}");
    }
    assert_eq!(count(&t).await, 0, "nothing of them is kept");
    let found: i64 = sqlx::query_scalar("select count(*) from audit_event where action = 'upload.infected'")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(found, 1, "malware is recorded");

    take("order.PDF", scan()).await.unwrap();
    take("image/jpeg", photo(600, 800, ImageFormat::Jpeg)).await.unwrap();
    assert_eq!(count(&t).await, 3, "two originals, and a picture drawn anew");
    let verdicts: Vec<(String, String)> =
        sqlx::query_as("select verdict, signatures from upload order by id")
            .fetch_all(&mut t.owner().await)
            .await
            .unwrap();
    assert!(
        verdicts.iter().all(|(verdict, by)| verdict == "clean" && by.starts_with("ClamAV ")),
        "{verdicts:?}"
    );
    t.finish().await;
}

/// Proves [`lending::law::CL_33`]: without its word nothing is taken; where no scanner is installed, that is recorded.
#[tokio::test]
async fn a_scanner_that_is_down_lets_nothing_in() {
    let t = TestApp::with_little_patience().await;
    let who = t.register(&form()).await.unwrap();
    for mode in [Mode::Silent, Mode::Error500, Mode::Garbled] {
        t.world.set_mode(Service::Clamd, mode);
        let taken = uploads::take(&t.app, who.clone(), "order.pdf", scan()).await;
        assert_eq!(refused(taken.map(drop)), "file-scanner-down", "{mode:?}");
    }
    assert_eq!(count(&t).await, 0);

    let bare = t.without_scanner().await;
    uploads::take(&bare, who, "order.pdf", scan()).await.unwrap();
    let recorded: (String, Option<String>) = sqlx::query_as("select verdict, signatures from upload")
        .fetch_one(&mut t.owner().await)
        .await
        .unwrap();
    assert_eq!(recorded, ("not-scanned".into(), None));
    bare.pool().close().await;
    t.finish().await;
}
