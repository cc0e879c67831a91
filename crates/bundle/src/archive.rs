//! The container: a tar archive (POSIX.1-1988 ustar) with one way to write it.
//!
//! Every byte of it follows from the members' names and bytes: no dates, no owners, no compression, no links, no
//! directories, no extensions. So a reader can hold each header against the one it would write itself, and nothing can
//! hide between the members. Nothing is decompressed, so nothing can grow.

use std::collections::BTreeSet;

use crate::{
    limits::{FILE_BYTES_MAX, MEMBERS_MAX, NAME_MAX},
    reason::{Failure, Reason},
};

const BLOCK: usize = 512;
/// Most octal digits of a size.
const SIZE_DIGITS: usize = 11;

/// A member as it stands in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Writes the members in the order given.
///
/// # Errors
/// [`Reason::Name`], [`Reason::MemberTwice`], [`Reason::TooMany`] or [`Reason::TooLarge`]: what is written can be read.
pub fn write(members: &[Member<'_>]) -> Result<Vec<u8>, Failure> {
    if members.len() > MEMBERS_MAX {
        return Err(Reason::TooMany.of("members"));
    }
    let size: usize = members.iter().map(|member| 2 * BLOCK + member.bytes.len()).sum();
    if size > FILE_BYTES_MAX {
        return Err(Reason::TooLarge.of("the file"));
    }
    let mut names = BTreeSet::new();
    let mut file = Vec::with_capacity(size + 2 * BLOCK);
    for member in members {
        if !is_name(member.name) {
            return Err(Reason::Name.of("a member"));
        }
        if !names.insert(member.name) {
            return Err(Reason::MemberTwice.of(member.name));
        }
        file.extend(header(member.name, member.bytes.len()));
        file.extend(member.bytes);
        file.resize(file.len().next_multiple_of(BLOCK), 0);
    }
    file.resize(file.len() + 2 * BLOCK, 0);
    Ok(file)
}

/// Reads what [`write()`] writes and nothing else.
///
/// # Errors
/// The first byte that [`write()`] would not have written there.
pub fn read(file: &[u8]) -> Result<Vec<Member<'_>>, Failure> {
    if file.len() > FILE_BYTES_MAX {
        return Err(Reason::TooLarge.of("the file"));
    }
    let mut members: Vec<Member<'_>> = Vec::new();
    let mut names = BTreeSet::new();
    let mut rest = file;
    loop {
        let (head, after) = rest.split_first_chunk::<BLOCK>().ok_or_else(|| Reason::Length.of("the file"))?;
        if head.iter().all(|byte| *byte == 0) {
            let ended = after.len() == BLOCK && after.iter().all(|byte| *byte == 0);
            return if ended { Ok(members) } else { Err(Reason::Length.of("the end of the file")) };
        }
        if members.len() == MEMBERS_MAX {
            return Err(Reason::TooMany.of("members"));
        }
        let place = || format!("member {}", members.len() + 1);
        let (name, size) = named(head).ok_or_else(|| Reason::Name.of(place()))?;
        let size = size.ok_or_else(|| Reason::Header.of(place()))?;
        if *head != header(name, size) {
            return Err(Reason::Header.of(place()));
        }
        if !names.insert(name) {
            return Err(Reason::MemberTwice.of(name));
        }
        let padded = size.next_multiple_of(BLOCK);
        let (bytes, next) = after.split_at_checked(padded).ok_or_else(|| Reason::Length.of(name))?;
        let (bytes, padding) = bytes.split_at(size);
        if padding.iter().any(|byte| *byte != 0) {
            return Err(Reason::Padding.of(name));
        }
        members.push(Member { name, bytes });
        rest = next;
    }
}

/// Lower-case letters, digits and a few signs; parts of a path that say where they are and lead nowhere else.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    name.len() <= NAME_MAX && name.split('/').all(part)
}

/// The name and the size that a header states.
fn named(head: &[u8; BLOCK]) -> Option<(&str, Option<usize>)> {
    let field = &head[..NAME_MAX];
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(NAME_MAX);
    let name = std::str::from_utf8(&field[..end]).ok().filter(|name| is_name(name))?;
    let digits = std::str::from_utf8(&head[124..124 + SIZE_DIGITS]).ok();
    let size = digits.filter(|text| text.bytes().all(|b| matches!(b, b'0'..=b'7')));
    let size =
        size.and_then(|text| usize::from_str_radix(text, 8).ok()).filter(|size| *size <= FILE_BYTES_MAX);
    Some((name, size))
}

/// The one header of a member.
fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let mut head = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head
}
