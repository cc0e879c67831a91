//! What an auditor who has a bundle types.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bundle/tests/golden/agreement.tar");

fn verify(file: &Path, more: &[&str]) -> Output {
    let nesie = env!("CARGO_BIN_EXE_nesie");
    Command::new(nesie).args(["evidence", "verify"]).arg(file).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Proves [`lending::law::CL_11`].
#[test]
fn an_auditor_checks_a_bundle_with_nothing_but_the_program() {
    let whole = verify(Path::new(GOLDEN), &[]);
    assert!(whole.status.success(), "{}", said(&whole));
    assert!(
        said(&whole).starts_with("VALID\n") && said(&whole).contains("not sealed yet"),
        "{}",
        said(&whole)
    );
    let json: serde_json::Value =
        serde_json::from_slice(&verify(Path::new(GOLDEN), &["--json"]).stdout).unwrap();
    assert_eq!((&json["valid"], &json["failures"]), (&true.into(), &serde_json::json!([])));

    let mut bytes = fs::read(GOLDEN).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let spoilt = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("spoilt.tar");
    fs::write(&spoilt, bytes).unwrap();
    let refused = verify(&spoilt, &["--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(json["valid"], false);
    assert_eq!(json["failures"].as_array().unwrap().len(), 1, "{json}");
    fs::remove_file(&spoilt).unwrap();
    let none = verify(&spoilt, &[]);
    assert!(!none.status.success() && none.stdout.is_empty());
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_of_the_manifest_that_is_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/evidence-manifest.json");
    let checked_in: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let golden = fs::read(GOLDEN).unwrap();
    let members = bundle::archive::read(&golden).unwrap();
    let manifest = members.iter().find(|member| member.name == bundle::MANIFEST).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(manifest.bytes).unwrap();
    let fields = checked_in["$defs"]["Manifest"]["properties"].as_object().unwrap();
    let written = manifest.as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
    assert_eq!(checked_in["$defs"]["Manifest"]["additionalProperties"], false);
    for (field, of) in [("proofs", "Proof"), ("events", "Event"), ("members", "Member")] {
        let fields = checked_in["$defs"][of]["properties"].as_object().unwrap();
        let written = manifest[field][0].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>(), "{of}");
    }
}
