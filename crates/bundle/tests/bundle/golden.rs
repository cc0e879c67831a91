//! Bundles that were written once and kept: what an earlier version gave out must hold for ever.

use crate::made::Made;

type Kept = (&'static str, &'static [u8], fn() -> Made);

const GOLDEN: [Kept; 2] = [
    ("agreement.tar", include_bytes!("../golden/agreement.tar"), Made::new),
    ("entity.tar", include_bytes!("../golden/entity.tar"), Made::entity),
];

#[test]
fn a_bundle_of_an_earlier_version_is_still_read_and_holds() {
    for (name, golden, _) in GOLDEN {
        let report = bundle::verify(golden, None);
        assert!(report.valid, "{name}: {report}");
    }
}

#[test]
fn the_same_records_still_give_the_same_bytes() {
    let mut changed = Vec::new();
    for (name, golden, make) in GOLDEN {
        let now = make().file();
        if now != golden {
            let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
            std::fs::write(&path, now).unwrap();
            changed.push(path);
        }
    }
    assert!(
        changed.is_empty(),
        "the format has changed: give it a new version; what comes out now: {changed:?}"
    );
}
