//! What a PDF could do to whoever opens it (ISO 32000-1).
//!
//! Not a reader of PDF: readers disagree about broken files, and whatever one of them finds must be found here. So
//! nothing of the file's own structure is believed. Every byte is searched for the names of what acts, carries files or
//! hides what it says, with names written the long way (`#4a`, §7.3.5) read as meant; and so is whatever can be
//! decompressed at any place where data begin, because objects may be packed (§7.5.7). Packed objects in any
//! other way than the plain one are refused: they could hide the rest.

use flate2::{Decompress, FlushDecompress, Status};

use super::UploadRefusal;

/// Most places where data begin.
const STREAMS_MAX: usize = 20_000;
/// Most bytes decompressed in all: ten pages of 300 dots an inch.
const ALL_MAX: u64 = 256 * 1024 * 1024;
/// A name of ours is never longer, written the long way.
const NAME_MAX: usize = 64;

/// Names that no scanned document needs: scripts, programs, files inside, media, forms that send or carry scripts,
/// other files, encryption.
const REFUSED: [&[u8]; 10] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"Encrypt",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
];

/// # Errors
/// [`UploadRefusal::Active`] for what could act, [`UploadRefusal::Unreadable`] for what cannot be judged.
pub(super) fn check(bytes: &[u8]) -> Result<(), UploadRefusal> {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    if !has(b"%%EOF") || !has(b"startxref") {
        return Err(UploadRefusal::Unreadable);
    }
    refuse(bytes)?;
    if slashes(bytes).any(|at| name(bytes, at) == b"ObjStm" && !is_packed_plainly(bytes, at)) {
        return Err(UploadRefusal::Active);
    }
    let mut all = 0;
    for (count, at) in starts(bytes).enumerate() {
        if count == STREAMS_MAX {
            return Err(UploadRefusal::Unreadable);
        }
        look_into(&bytes[at..], &mut all)?;
    }
    Ok(())
}

fn refuse(bytes: &[u8]) -> Result<(), UploadRefusal> {
    let active = slashes(bytes).any(|at| REFUSED.contains(&name(bytes, at).as_slice()));
    if active { Err(UploadRefusal::Active) } else { Ok(()) }
}

fn slashes(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at)
}

/// The name that begins at a slash, as it is meant: `#xx` is a byte (§7.3.5).
fn name(bytes: &[u8], slash: usize) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut name = Vec::new();
    let mut at = slash + 1;
    while let Some(byte) = bytes.get(at).filter(|byte| is_regular(**byte) && at - slash < NAME_MAX) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'#', Some(high), Some(low)) => {
                name.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            _ => {
                name.push(*byte);
                at += 1;
            }
        }
    }
    name
}

/// Neither white space nor a delimiter (§7.2.2).
fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | 12
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

/// Where data may begin: after the word `stream` and the end of its line.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.windows(6).enumerate().filter(|(_, word)| *word == b"stream").map(|(at, _)| {
        let line_end = bytes[at + 6..].iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count();
        at + 6 + line_end
    })
}

/// Searches what is compressed there (RFC 1950), as far as it is, block by block; `all` counts what was decompressed.
fn look_into(packed: &[u8], all: &mut u64) -> Result<(), UploadRefusal> {
    let mut stream = Decompress::new(true);
    let mut block = vec![0; NAME_MAX + 64 * 1024];
    let mut kept = 0; // The end of the block before: a name may lie across.
    loop {
        let (read, written) = (stream.total_in(), stream.total_out());
        let from = usize::try_from(read).unwrap_or(usize::MAX).min(packed.len());
        let state = stream.decompress(&packed[from..], &mut block[kept..], FlushDecompress::None);
        let count = usize::try_from(stream.total_out() - written).unwrap_or_default();
        let filled = (kept + count).min(block.len());
        refuse(&block[..filled])?;
        *all += stream.total_out() - written;
        if *all > ALL_MAX {
            return Err(UploadRefusal::TooLarge);
        }
        let moved = count > 0 || stream.total_in() > read;
        if !matches!(state, Ok(Status::Ok)) || !moved {
            return Ok(());
        }
        kept = filled.min(NAME_MAX);
        block.copy_within(filled - kept..filled, 0);
    }
}

/// Whether the packed objects whose dictionary holds the byte `at` are packed by Flate alone, or not at all, and without a
/// predictor: what [`look_into`] sees is then what a reader will.
fn is_packed_plainly(bytes: &[u8], at: usize) -> bool {
    const DICTIONARY_MAX: usize = 2048;
    let before = &bytes[at.saturating_sub(DICTIONARY_MAX)..at];
    let from = before.windows(3).rposition(|word| word == b"obj").map_or(0, |found| found + 3);
    let after = &bytes[at..bytes.len().min(at + DICTIONARY_MAX)];
    let Some(to) = after.windows(6).position(|word| word == b"stream") else { return false };
    let dictionary = [&before[from..], &after[..to]].concat();
    let names: Vec<Vec<u8>> = slashes(&dictionary).map(|at| name(&dictionary, at)).collect();
    let count = |wanted: &[u8]| names.iter().filter(|name| name.as_slice() == wanted).count();
    // A filter must be named on the spot: one that is kept elsewhere could be anything. No other name ends like one.
    let filters = names.windows(2).filter(|pair| pair[0] == b"Filter" && pair[1] == b"FlateDecode").count();
    let decoders =
        names.iter().filter(|name| name.ends_with(b"Decode") || name.len() == 2 && *name != b"Fl").count();
    count(b"Filter") <= 1
        && filters == count(b"Filter")
        && decoders == filters
        && count(b"FlateDecode") == filters
        && [b"DecodeParms".as_slice(), b"DP", b"F", b"Fl", b"FFilter", b"Crypt"]
            .iter()
            .all(|name| count(name) == 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn pdf(objects: &[&[u8]]) -> Vec<u8> {
        let body = objects.concat();
        [b"%PDF-1.7\n", body.as_slice(), b"\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"].concat()
    }

    fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
        [format!("2 0 obj<<{dictionary}>>stream\r\n").as_bytes(), data, b"\nendstream endobj\n"].concat()
    }

    const PAGE: &[u8] = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n";

    /// Proves [`lending::law::CL_33`].
    #[test]
    fn a_scan_passes_and_what_acts_does_not_however_it_is_written() {
        assert_eq!(check(&pdf(&[PAGE, &stream("/Filter/FlateDecode", &packed(b"BT (text) Tj ET"))])), Ok(()));
        let object = |text: &str| pdf(&[PAGE, format!("3 0 obj<<{text}>>endobj").as_bytes()]);
        for active in [
            "/S/JavaScript/JS(app.alert(1))",
            "/S/J#61vaScript/JS(1)",
            "/S /#4aavaScript",
            "/S/Launch/F(cmd.exe)",
            "/Type/EmbeddedFile",
            "/Names<</EmbeddedFiles 4 0 R>>",
            "/Subtype/RichMedia",
            "/Encrypt 5 0 R",
            "/AcroForm<</XFA 6 0 R>>",
        ] {
            assert_eq!(check(&object(active)), Err(UploadRefusal::Active), "{active}");
        }
    }

    /// Proves [`lending::law::CL_33`].
    #[test]
    fn what_is_packed_is_looked_into_and_what_is_packed_strangely_is_refused() {
        let script = b"7 0 <</S/JavaScript/JS(1)>>";
        let objects = |dictionary: &str, data: &[u8]| pdf(&[PAGE, &stream(dictionary, data)]);
        let plain = "/Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length 40";
        assert_eq!(check(&objects(plain, &packed(b"7 0 <</Type/Page>>"))), Ok(()));
        assert_eq!(check(&objects(plain, &packed(script))), Err(UploadRefusal::Active));
        assert_eq!(check(&objects("/Filter/FlateDecode", &packed(script))), Err(UploadRefusal::Active));
        for strange in [
            "/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]",
            "/Type/ObjStm/Filter[/FlateDecode/FlateDecode]",
            "/Type/ObjStm/Filter 9 0 R",
            "/Type/ObjStm/Filter/LZWDecode",
            "/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
            "/Type/Obj#53tm/Filter/LZWDecode",
        ] {
            assert_eq!(
                check(&objects(strange, &packed(b"7 0 <<>>"))),
                Err(UploadRefusal::Active),
                "{strange}"
            );
        }
    }

    #[test]
    fn half_a_file_and_a_bomb_are_refused_in_time() {
        assert_eq!(check(b"%PDF-1.7\n"), Err(UploadRefusal::Unreadable));
        let bomb = packed(&vec![0; 32 * 1024 * 1024]);
        let one = stream("/Filter/FlateDecode", &bomb);
        let many: Vec<&[u8]> = std::iter::repeat_n(one.as_slice(), 20).collect();
        assert_eq!(check(&pdf(&many)), Err(UploadRefusal::TooLarge));
    }
}
