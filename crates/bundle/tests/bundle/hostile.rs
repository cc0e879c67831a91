//! Files that somebody wrote to be believed, or to break the reader: every sum in them is right.

use bundle::{
    MANIFEST, README, README_TEXT, Reason, SUMS,
    archive::{self, Member},
    manifest::{Manifest, Sha256},
};
use proptest::prelude::*;

use crate::made::Made;

/// The members of a bundle, to be changed; the sums are made anew.
fn rebuilt(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let file = Made::new().file();
    let mut members: Vec<(String, Vec<u8>)> = archive::read(&file)
        .unwrap()
        .iter()
        .map(|member| (member.name.to_owned(), member.bytes.to_vec()))
        .collect();
    change(&mut members);
    let sums: String = members
        .iter()
        .filter(|(name, _)| name != SUMS)
        .map(|(name, bytes)| format!("{}  {name}\n", Sha256::of(bytes)))
        .collect();
    if let Some((_, bytes)) = members.iter_mut().find(|(name, _)| name == SUMS) {
        *bytes = sums.into_bytes();
    }
    let members: Vec<Member<'_>> = members.iter().map(|(name, bytes)| Member { name, bytes }).collect();
    archive::write(&members).unwrap()
}

fn reason(file: &[u8]) -> Reason {
    bundle::read(file).err().expect("it was believed").reason
}

fn find<'a>(members: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    &mut members.iter_mut().find(|(known, _)| known == name).unwrap().1
}

/// Proves [`lending::law::CL_11`].
#[test]
fn members_removed_added_or_reordered_are_noticed_although_the_sums_are_right() {
    assert_eq!(reason(&rebuilt(|m| drop(m.remove(5)))), Reason::MemberMissing);
    assert_eq!(reason(&rebuilt(|m| drop(m.pop()))), Reason::MemberMissing);
    for first in [README, MANIFEST, SUMS] {
        assert_eq!(
            reason(&rebuilt(|m| m.retain(|(name, _)| name != first))),
            Reason::MemberMissing,
            "{first}"
        );
    }
    let add =
        |m: &mut Vec<(String, Vec<u8>)>| m.push(("evidence/9999-agreement.pdf".into(), b"%PDF".to_vec()));
    assert!(matches!(reason(&rebuilt(add)), Reason::SumsDiffer | Reason::MemberUnlisted));
    assert!(matches!(reason(&rebuilt(|m| m.swap(4, 5))), Reason::SumsDiffer | Reason::MembersReordered));
    assert!(matches!(reason(&rebuilt(|m| m.swap(0, 1))), Reason::SumsDiffer | Reason::MembersReordered));
    let change = |m: &mut Vec<(String, Vec<u8>)>| m[4].1[0] ^= 1;
    assert!(matches!(reason(&rebuilt(change)), Reason::SumsDiffer | Reason::MemberChanged));
    let readme = |m: &mut Vec<(String, Vec<u8>)>| find(m, README).push(b' ');
    assert_eq!(reason(&rebuilt(readme)), Reason::ReadmeDiffers);
    assert!(!README_TEXT.is_empty());
}

#[test]
fn a_manifest_that_says_more_or_says_it_otherwise_is_refused() {
    let with = |from: &str, to: &str| {
        rebuilt(|members| {
            let json = find(members, MANIFEST);
            let text = String::from_utf8(json.clone()).unwrap();
            assert!(text.contains(from), "{from}");
            *json = text.replacen(from, to, 1).into_bytes();
        })
    };
    for (from, to, expected) in [
        ("nesie-evidence-2", "nesie-evidence-1", Reason::ManifestUnreadable),
        ("\"format\"", "\"approved\": true,\n  \"format\"", Reason::ManifestUnreadable),
        (
            "\"number\": \"ММ-1\"",
            "\"number\": \"ММ-1\",\n    \"number\": \"ММ-2\"",
            Reason::ManifestUnreadable,
        ),
        ("\"number\": \"ММ-1\"", "\"number\":  \"ММ-1\"", Reason::ManifestNotCanonical),
        ("ММ-1", "\\u041cМ-1", Reason::ManifestNotCanonical),
        ("2026-02-02T05:30:00Z", "2026-02-02T10:30:00+05:00", Reason::ManifestNotCanonical),
        ("{", "[", Reason::ManifestUnreadable),
    ] {
        assert_eq!(reason(&with(from, to)), expected, "{from} → {to}");
    }
}

#[test]
fn a_manifest_of_endless_records_or_depth_is_refused_before_it_is_judged() {
    let with = |json: Vec<u8>| rebuilt(|members| *find(members, MANIFEST) = json);
    assert_eq!(reason(&with(b"[".repeat(1_000_000))), Reason::ManifestUnreadable);
    assert_eq!(reason(&with(vec![b' '; (16 << 20) + 1])), Reason::TooLarge);
    let mut many = Made::new().manifest;
    let one = many.events[0].clone();
    many.events = vec![one; 20_001];
    assert_eq!(reason(&with(serde_json::to_vec_pretty(&many).unwrap())), Reason::TooMany);
    assert_eq!(bundle::verify(&vec![0; (256 << 20) + 1], None).failures[0].reason, Reason::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Records cut off, doubled, swapped or with ids of each other: judged or refused, never believed and never a panic.
    #[test]
    fn a_manifest_shaken_at_random_is_not_believed(
        shakes in prop::collection::vec((0..6usize, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4)
    ) {
        let made = Made::new();
        let mut shaken = made.clone();
        for (how, one, other) in shakes {
            shake(&mut shaken.manifest, how, one, other);
        }
        if shaken.manifest == made.manifest {
            return Ok(());
        }
        let contents: Vec<&[u8]> = shaken.contents.iter().map(Vec::as_slice).collect();
        if let Ok(file) = bundle::write(&shaken.manifest, &contents) {
            prop_assert!(!bundle::verify(&file, None).valid);
        }
    }
}

fn shake(m: &mut Manifest, how: usize, one: prop::sample::Index, other: prop::sample::Index) {
    let proofs = m.proofs.len();
    let (a, b) = (one.index(proofs), other.index(proofs));
    let (x, y) = (one.index(m.members.len()), other.index(m.members.len()));
    match how {
        0 => m.proofs[a].confirmation = m.proofs[b].confirmation,
        1 => m.proofs[a].evidence = m.proofs[b].evidence,
        2 => m.proofs[a].object_sha256 = m.proofs[b].object_sha256,
        3 => {
            let (one, other) = (m.members[x].evidence, m.members[y].evidence);
            (m.members[x].evidence, m.members[y].evidence) = (other, one);
        }
        4 => drop(m.proofs.remove(a)),
        _ => m.proofs[a].operation = m.proofs[b].operation.clone(),
    }
    if m.proofs.is_empty() {
        m.confirmations.clear();
    }
}
