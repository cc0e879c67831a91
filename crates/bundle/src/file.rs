//! The file: an explanation for people, the manifest, the sums, and the evidence.

use std::fmt::Write as _;

use crate::{
    archive::{self, Member},
    limits::{MANIFEST_BYTES_MAX, RECORDS_MAX},
    manifest::{Manifest, Sha256},
    reason::{Failure, Reason},
};

/// The manifest's name.
pub const MANIFEST: &str = "manifest.json";
/// The name of the list that `sha256sum --check` reads.
pub const SUMS: &str = "SHA256SUMS";
/// The name of the explanation.
pub const README: &str = "README.txt";
/// The explanation: the same in every bundle of this format.
pub const README_TEXT: &str = include_str!("readme.txt");

/// The media type of a bundle.
pub const MEDIA_TYPE: &str = "application/x-tar";

/// A bundle that was read: whole, and with every byte that the manifest lists.
pub struct Bundle<'a> {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The bytes of the members, in the manifest's order.
    pub contents: Vec<&'a [u8]>,
}

/// Writes a bundle. `contents` are the bytes of the manifest's members in their order; paths, sizes and hashes are the
/// caller's, and are held against the bytes. The same records and bytes give the same file.
///
/// # Errors
/// What would not be read back.
pub fn write(manifest: &Manifest, contents: &[&[u8]]) -> Result<Vec<u8>, Failure> {
    let unwritable = |_| Reason::ManifestUnreadable.of(MANIFEST);
    let json = canonical(manifest).map_err(unwritable)?;
    let mut members =
        vec![Member { name: README, bytes: README_TEXT.as_bytes() }, Member { name: MANIFEST, bytes: &json }];
    let sums = sums(&json, manifest);
    members.push(Member { name: SUMS, bytes: sums.as_bytes() });
    let evidence = manifest.members.iter().zip(contents);
    members.extend(evidence.map(|(listed, bytes)| Member { name: &listed.path, bytes }));
    let file = archive::write(&members)?;
    read(&file)?;
    Ok(file)
}

/// Reads a bundle: whether it is whole and each member is the one that the manifest lists. What the records say is
/// judged by [`verify`](crate::verify()).
///
/// # Errors
/// The first thing that is not as this format writes it.
pub fn read(file: &[u8]) -> Result<Bundle<'_>, Failure> {
    let members = archive::read(file)?;
    let listed = |name: &str| {
        let found = members.iter().find(|member| member.name == name);
        found.map(|member| member.bytes).ok_or_else(|| Reason::MemberMissing.of(name))
    };
    let json = listed(MANIFEST)?;
    if json.len() > MANIFEST_BYTES_MAX {
        return Err(Reason::TooLarge.of(MANIFEST));
    }
    let manifest: Manifest =
        serde_json::from_slice(json).map_err(|_| Reason::ManifestUnreadable.of(MANIFEST))?;
    limited(&manifest)?;
    if canonical(&manifest).ok().as_deref() != Some(json) {
        return Err(Reason::ManifestNotCanonical.of(MANIFEST));
    }
    for member in &manifest.members {
        listed(&member.path)?;
    }
    if listed(README)? != README_TEXT.as_bytes() {
        return Err(Reason::ReadmeDiffers.of(README));
    }
    if listed(SUMS)? != sums(json, &manifest).as_bytes() {
        return Err(Reason::SumsDiffer.of(SUMS));
    }
    let mut names = vec![README, MANIFEST, SUMS];
    names.extend(manifest.members.iter().map(|member| member.path.as_str()));
    if let Some(extra) = members.iter().find(|member| !names.contains(&member.name)) {
        return Err(Reason::MemberUnlisted.of(extra.name));
    }
    if names.len() != members.len() {
        return Err(Reason::MemberTwice.of(MANIFEST));
    }
    if let Some((_, member)) = names.iter().zip(&members).find(|(name, member)| **name != member.name) {
        return Err(Reason::MembersReordered.of(member.name));
    }
    let mut contents = Vec::with_capacity(manifest.members.len());
    for (listed, member) in manifest.members.iter().zip(&members[3..]) {
        if listed.size != member.bytes.len() as u64 || listed.sha256 != Sha256::of(member.bytes) {
            return Err(Reason::MemberChanged.of(member.name));
        }
        contents.push(member.bytes);
    }
    Ok(Bundle { manifest, contents })
}

/// The one way to write a manifest: fields in the order of their declaration, two spaces, a line end at the end.
fn canonical(manifest: &Manifest) -> serde_json::Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(manifest)?;
    json.push(b'\n');
    Ok(json)
}

fn limited(manifest: &Manifest) -> Result<(), Failure> {
    let records = [
        manifest.amendments.len(),
        manifest.people.len(),
        manifest.powers.len(),
        manifest.confirmations.len(),
        manifest.proofs.len(),
        manifest.challenges.len(),
        manifest.acknowledgements.len(),
        manifest.inquiries.len(),
        manifest.events.len(),
        manifest.members.len(),
    ];
    if records.iter().any(|count| *count > RECORDS_MAX) { Err(Reason::TooMany.of(MANIFEST)) } else { Ok(()) }
}

/// What `sha256sum` would print for these files.
fn sums(manifest: &[u8], of: &Manifest) -> String {
    let first = [(Sha256::of(README_TEXT.as_bytes()), README), (Sha256::of(manifest), MANIFEST)];
    let members = of.members.iter().map(|member| (member.sha256, member.path.as_str()));
    let mut text = String::new();
    for (sum, name) in first.into_iter().chain(members) {
        let _ = writeln!(text, "{sum}  {name}");
    }
    text
}
