//! The face, looked at on the pages of a provider.

use ::texts::Lang;
use app::identity::{self, Matter, Prover};
use simulator::{Mode, Service, Shown};
use testkit::{TestApp, people::form};

use crate::refused;

const MATTER: Matter = Matter::Registration;

fn shown() -> Shown {
    let form = form();
    Shown {
        iin: form.iin,
        surname: form.surname.to_uppercase(),
        given_name: form.given_name,
        document_number: form.document_number,
    }
}

async fn open(t: &TestApp, who: &Prover) -> String {
    let address = MATTER.open_hosted_face(&t.app, who, Lang::Kk).await.unwrap();
    assert!(address.ends_with("?locale=kz"), "{address}");
    address.rsplit('/').next().unwrap().trim_end_matches("?locale=kz").to_owned()
}

/// Proves [`lending::law::CL_35_2`], [`lending::law::CL_6_C`] and [`lending::law::CL_11`] for a provider's session.
#[tokio::test]
async fn a_providers_session_proves_once_and_only_whom_it_was_opened_for() {
    let t = TestApp::with_hosted_face().await;
    let registrant = t.registrant_of_number(&form()).await.unwrap();
    let who: Prover = registrant.clone().into();
    assert_eq!(
        refused(MATTER.take_hosted_face(&t.app, &who).await),
        "face-challenge-spent",
        "none was opened"
    );

    let session = open(&t, &who).await;
    assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), "face-pending");
    let other: Prover = t.registrant_of_number(&form()).await.unwrap().into();
    assert!(t.world.show_face(&session, shown()));
    assert_eq!(
        refused(MATTER.take_hosted_face(&t.app, &other).await),
        "face-challenge-spent",
        "another session"
    );
    MATTER.take_hosted_face(&t.app, &who).await.unwrap();
    assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), "proof-unasked", "it is proved");
    t.settle().await;

    identity::complete(&t.app, registrant).await.unwrap();
    t.settle().await;
    t.finish().await;
}

/// Proves [`lending::law::CL_6_C`].
#[tokio::test]
async fn whoever_is_somebody_else_before_the_provider_is_nobody_here() {
    let t = TestApp::with_hosted_face().await;
    let who: Prover = t.registrant_of_number(&form()).await.unwrap().into();
    for (shown, why) in [
        (Shown { iin: "010203500008".into(), ..shown() }, "names-differ"),
        (Shown { surname: "Чужой".into(), ..shown() }, "names-differ"),
        (Shown { document_number: "000000001".into(), ..shown() }, "document-differs"),
    ] {
        let session = open(&t, &who).await;
        assert!(t.world.show_face(&session, shown));
        assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), why);
        assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), "face-challenge-spent");
    }
    let session = open(&t, &who).await;
    t.world.show_face(&session, shown());
    t.world.set_mode(Service::Idec, Mode::Garbled);
    assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), "outside-unavailable");
    t.world.set_mode(Service::Idec, Mode::FaceMismatch);
    assert_eq!(refused(MATTER.take_hosted_face(&t.app, &who).await), "face-differs");
    let mut owner = t.owner().await;
    let proofs: i64 =
        sqlx::query_scalar("select count(*) from proof where kind = 'biometric_identification'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(proofs, 0);
    t.finish().await;
}
