//! A bundle that was written once and kept: what an earlier version gave out must hold for ever.

use crate::made::Made;

const GOLDEN: &[u8] = include_bytes!("../golden/agreement.tar");

#[test]
fn a_bundle_of_an_earlier_version_is_still_read_and_holds() {
    let report = bundle::verify(GOLDEN, None);
    assert!(report.valid, "{report}");
}

#[test]
fn the_same_records_still_give_the_same_bytes() {
    let now = Made::new().file();
    if now != GOLDEN {
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/agreement.tar");
        std::fs::write(path, now).unwrap();
        panic!("the format has changed: give it a new version; what comes out now: {path}");
    }
}
