//! What a PDF could do to whoever opens it (ISO 32000-1).
//!
//! Not a reader of PDF: readers disagree about broken files, and whatever one of them finds must be found here. So
//! the file's own tables are not believed. Every byte is searched for the names of what acts, carries files or
//! hides what it says, with names written the long way (`#4a`, §7.3.5) read as meant; and so is whatever can be
//! decompressed at any place where data begin. Wherever an object may begin, its dictionary is read: objects can be packed
//! in streams (§7.5.7), and those that are packed in any other way than the plain one are refused, because they could hide
//! the rest.

use flate2::{Decompress, FlushDecompress, Status};

use super::UploadRefusal;

/// Most places where data begin.
const STREAMS_MAX: usize = 20_000;
/// Most bytes decompressed in all: ten pages of 300 dots an inch.
const ALL_MAX: u64 = 256 * 1024 * 1024;
/// Most bytes read as objects in all: more than a file has only if its objects are told over and over.
const READ_MAX: usize = 64 * 1024 * 1024;
/// Most words that are looked at of a stream's dictionary.
const WORDS_MAX: usize = 2_000;
/// A name of ours is never longer, written the long way; and as it is meant.
const NAME_MAX: usize = 64;
const MEANT_MAX: usize = 20;

/// Names that no scanned document needs, wherever they stand: scripts, programs, files inside, media, forms that send or
/// carry scripts, other files, encryption.
const REFUSED: [&[u8]; 15] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"FileAttachment",
    b"RichMedia",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"Encrypt",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
    b"GoToE",
];
/// The same, but so short that it is met in pictures by chance: only where an object is.
const REFUSED_IN_OBJECTS: &[u8] = b"EF";

/// # Errors
/// [`UploadRefusal::Active`] for what could act, [`UploadRefusal::Unreadable`] for what cannot be judged,
/// [`UploadRefusal::TooLarge`] for what unpacks to more than is looked at.
pub(super) fn check(bytes: &[u8]) -> Result<(), UploadRefusal> {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    if !has(b"%%EOF") || !has(b"startxref") {
        return Err(UploadRefusal::Unreadable);
    }
    let mut seen = Seen::default();
    seen.search(bytes, false)?;
    seen.read_objects(bytes)?;
    for (count, at) in starts(bytes).enumerate() {
        if count == STREAMS_MAX {
            return Err(UploadRefusal::Unreadable);
        }
        seen.look_into(&bytes[at..], false)?;
    }
    // A place to open at is harmless, an address on the web is for who clicks on it; together they may be a trap.
    if seen.acts_by_itself && seen.leads_away { Err(UploadRefusal::Active) } else { Ok(()) }
}

/// What has been seen of a file so far.
#[derive(Default)]
struct Seen {
    /// Bytes decompressed.
    unpacked: u64,
    /// Bytes read as objects.
    read: usize,
    /// Something is done when the file is opened, or looked at, that is more than to show a place in it.
    acts_by_itself: bool,
    /// There is an address on the web.
    leads_away: bool,
}

impl Seen {
    /// Searches for names that are refused; `object`: it is certain that these bytes are objects.
    fn search(&mut self, bytes: &[u8], object: bool) -> Result<(), UploadRefusal> {
        for (slash, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let (name, end) = Name::read(bytes, slash);
            match name.bytes() {
                b"URI" => self.leads_away = true,
                b"OpenAction" => {
                    let value = bytes[end..].iter().find(|byte| !is_space(**byte));
                    self.acts_by_itself |= value.is_some_and(|byte| *byte != b'[' && *byte != b'n');
                }
                b"AA" if object => self.acts_by_itself = true,
                name if REFUSED.contains(&name) || object && name == REFUSED_IN_OBJECTS => {
                    return Err(UploadRefusal::Active);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads whatever begins as an object does.
    fn read_objects(&mut self, bytes: &[u8]) -> Result<(), UploadRefusal> {
        let begins = |at: usize| bytes[at..].starts_with(b"obj") && !bytes[..at].ends_with(b"end");
        for at in (0..bytes.len()).filter(|at| begins(*at)) {
            let from = at + 3;
            let object = Object::read(bytes, from, READ_MAX - self.read);
            self.read += object.end - from + 16;
            if self.read > READ_MAX {
                return Err(UploadRefusal::Unreadable);
            }
            self.search(&bytes[from..object.end], true)?;
            if object.is_stream {
                object.refuse_what_hides()?;
                if object.may_hold_objects() {
                    let data = &bytes[data_at(bytes, object.end)..];
                    if object.names(1).any(|name| name.bytes() == b"Filter") {
                        self.look_into(data, true)?;
                    } else {
                        let end = data.windows(9).position(|word| word == b"endstream").unwrap_or(data.len());
                        self.search(&data[..end], true)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Searches what is compressed there (RFC 1950), as far as it is, block by block. `objects`: it has to be, to its end.
    fn look_into(&mut self, packed: &[u8], objects: bool) -> Result<(), UploadRefusal> {
        let mut stream = Decompress::new(true);
        let mut block = vec![0; NAME_MAX + 64 * 1024];
        let mut kept = 0; // The end of the block before: a name may lie across.
        loop {
            let (read, written) = (stream.total_in(), stream.total_out());
            let from = usize::try_from(read).unwrap_or(usize::MAX).min(packed.len());
            let state = stream.decompress(&packed[from..], &mut block[kept..], FlushDecompress::None);
            let count = usize::try_from(stream.total_out() - written).unwrap_or_default();
            let filled = (kept + count).min(block.len());
            self.search(&block[..filled], objects)?;
            self.unpacked += stream.total_out() - written;
            if self.unpacked > ALL_MAX {
                return Err(UploadRefusal::TooLarge);
            }
            let moved = count > 0 || stream.total_in() > read;
            match state {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(Status::Ok) if moved => {}
                _ if objects => return Err(UploadRefusal::Unreadable),
                _ => return Ok(()),
            }
            kept = filled.min(NAME_MAX);
            block.copy_within(filled - kept..filled, 0);
        }
    }
}

/// A name as it is meant: `#xx` is a byte (§7.3.5). Of those longer than ours, the beginning.
#[derive(Clone, Copy)]
struct Name {
    bytes: [u8; MEANT_MAX],
    length: usize,
}

impl Name {
    const NONE: Self = Self { bytes: [0; MEANT_MAX], length: 0 };

    /// The name that begins at a slash, and where it ends.
    fn read(bytes: &[u8], slash: usize) -> (Self, usize) {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let mut name = Self::NONE;
        let mut at = slash + 1;
        while let Some(byte) = bytes.get(at).filter(|byte| is_regular(**byte)) {
            if name.length == MEANT_MAX {
                break;
            }
            let (meant, long) = match (byte, digit(at + 1), digit(at + 2)) {
                (b'#', Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or_default(), 3),
                _ => (*byte, 1),
            };
            name.bytes[name.length] = meant;
            name.length += 1;
            at += long;
        }
        (name, at)
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

/// Neither white space nor a delimiter (§7.2.2).
fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Where data may begin: after the word `stream` and the end of its line.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let words = bytes.windows(6).enumerate().filter(|(_, word)| *word == b"stream");
    words.map(|(at, _)| data_at(bytes, at + 6))
}

fn data_at(bytes: &[u8], word_end: usize) -> usize {
    word_end + bytes[word_end..].iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// A word of an object (§7.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    OpenDictionary,
    OpenArray,
    Close,
    /// Strings, numbers, keywords.
    Other,
}

/// The word that begins at or after `at`, and from where to where it goes.
fn next(bytes: &[u8], mut at: usize) -> Option<(Kind, usize, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| !is_space(*byte))?;
        if bytes[at] != b'%' {
            break;
        }
        at += bytes[at..].iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    }
    let regular = |from: usize| from + bytes[from..].iter().take_while(|byte| is_regular(**byte)).count();
    let (kind, end) = match (bytes[at], bytes.get(at + 1)) {
        (b'/', _) => (Kind::Name, regular(at + 1)),
        (b'<', Some(b'<')) => (Kind::OpenDictionary, at + 2),
        (b'>', Some(b'>')) => (Kind::Close, at + 2),
        (b'[', _) => (Kind::OpenArray, at + 1),
        (b']', _) => (Kind::Close, at + 1),
        (b'(', _) => (Kind::Other, string_end(bytes, at)),
        (b'<', _) => (
            Kind::Other,
            bytes[at..].iter().position(|byte| *byte == b'>').map_or(at + 1, |end| at + end + 1),
        ),
        (byte, _) if is_regular(byte) => (Kind::Other, regular(at)),
        _ => (Kind::Other, at + 1),
    };
    Some((kind, at, end))
}

/// Behind the string that begins at `at`: its brackets come in pairs, or are escaped (§7.3.4.2).
fn string_end(bytes: &[u8], at: usize) -> usize {
    let (mut open, mut escaped) = (0_usize, false);
    for (offset, byte) in bytes[at..].iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => open += 1,
            b')' if open == 1 => return at + offset + 1,
            b')' => open -= 1,
            _ => {}
        }
    }
    bytes.len()
}

/// What stands after `obj`.
struct Object {
    /// Where the word ends that ends it.
    end: usize,
    /// That word is `stream`.
    is_stream: bool,
    /// It ends in the middle of something, or has more words than are looked at.
    is_odd: bool,
    /// Its words, and how deep they lie; without what lies deeper than an array in its dictionary.
    words: Vec<(usize, Kind, Name)>,
}

impl Object {
    fn read(bytes: &[u8], from: usize, most: usize) -> Self {
        let bytes = &bytes[..bytes.len().min(from.saturating_add(most))];
        let mut object = Self { end: bytes.len(), is_stream: false, is_odd: true, words: Vec::new() };
        let (mut at, mut depth) = (from, 0_usize);
        while let Some((kind, start, end)) = next(bytes, at) {
            at = end;
            if kind == Kind::Other && matches!(&bytes[start..end], b"stream" | b"endobj" | b"endstream") {
                object.end = end;
                object.is_stream = &bytes[start..end] == b"stream";
                object.is_odd = depth > 0 || object.words.len() >= WORDS_MAX;
                break;
            }
            if kind == Kind::Close {
                depth = depth.saturating_sub(1);
            }
            if depth <= 2 && object.words.len() < WORDS_MAX {
                let name = if kind == Kind::Name { Name::read(bytes, start).0 } else { Name::NONE };
                object.words.push((depth, kind, name));
            }
            if matches!(kind, Kind::OpenDictionary | Kind::OpenArray) {
                depth += 1;
            }
        }
        object
    }

    /// The names that lie no deeper than `depth`.
    fn names(&self, depth: usize) -> impl Iterator<Item = &Name> {
        self.words.iter().filter(move |word| word.0 <= depth && word.1 == Kind::Name).map(|word| &word.2)
    }

    fn count(&self, name: &[u8]) -> usize {
        self.names(1).filter(|found| found.bytes() == name).count()
    }

    /// A stream of objects: readers ask for the number of them alone, whatever its type is said to be.
    fn may_hold_objects(&self) -> bool {
        self.is_odd || self.count(b"N") > 0 || self.names(2).any(|name| name.bytes() == b"ObjStm")
    }

    /// Refuses a stream that is kept in another file, and one of objects that is packed by anything else than Flate alone,
    /// or with a predictor: what is found in it would not be what a reader finds.
    fn refuse_what_hides(&self) -> Result<(), UploadRefusal> {
        let elsewhere = [b"F".as_slice(), b"FFilter", b"FDecodeParms"].iter().any(|key| self.count(key) > 0);
        if elsewhere || self.may_hold_objects() && (self.is_odd || !self.is_packed_plainly()) {
            return Err(UploadRefusal::Active);
        }
        Ok(())
    }

    fn is_packed_plainly(&self) -> bool {
        let is_flate = |at: usize, depth| matches!(self.words.get(at), Some((found, Kind::Name, name)) if *found == depth && name.bytes() == b"FlateDecode");
        let filter = self
            .words
            .iter()
            .position(|(depth, kind, name)| *depth == 1 && *kind == Kind::Name && name.bytes() == b"Filter");
        let named = match filter {
            None => true,
            // On the spot: one that is kept elsewhere could be anything.
            Some(at) => match self.words.get(at + 1) {
                Some((1, Kind::OpenArray, _)) => {
                    is_flate(at + 2, 2) && matches!(self.words.get(at + 3), Some((1, Kind::Close, _)))
                }
                _ => is_flate(at + 1, 1),
            },
        };
        let decoders = self.names(2).filter(|name| name.bytes().ends_with(b"Decode")).count();
        named
            && self.count(b"Filter") <= 1
            && decoders == usize::from(filter.is_some())
            && [b"DecodeParms".as_slice(), b"DP", b"Fl", b"Crypt"].iter().all(|name| self.count(name) == 0)
    }
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
            "/Type/Filespec/F(a)/EF<</F 5 0 R>>",
            "/Subtype/FileAttachment/FS 5 0 R",
            "/S/GoToE/T<<>>",
            "/S/Rendition",
            "/OpenAction<</S/URI/URI(https://pay.example)>>",
            "/OpenAction 4 0 R/A<</S/U#52I/URI(https://pay.example)>>",
            "/AA<</O 4 0 R>>/A<</S/URI/URI(https://pay.example)>>",
        ] {
            assert_eq!(check(&object(active)), Err(UploadRefusal::Active), "{active}");
        }
        // What offices and scanners write: a place to open at, links, pictures, colours, bookmarks.
        for harmless in [
            "/OpenAction[3 0 R/XYZ null null 0]/A<</S/URI/URI(https://egov.kz)>>",
            "/OpenAction 4 0 R/PageMode/UseOutlines",
            "/OpenAction null /AF(text with /JavaScr and (brackets\\) in it))",
            "/Type/Outlines/First 5 0 R/Last 6 0 R/Count 2",
            "/AP<</N 7 0 R>>/F 4",
        ] {
            assert_eq!(check(&object(harmless)), Ok(()), "{harmless}");
        }
        for (dictionary, data) in [
            ("/Type/XObject/Subtype/Image/Filter/DCTDecode/Length 9", b"\xff\xd8 obj <</".as_slice()),
            ("/Subtype/Image/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 2480>>", b"\x26\xa1"),
            ("/Subtype/Image/Filter[/ASCII85Decode/FlateDecode]", b"GarUo~>"),
            ("/N 3/Alternate/DeviceRGB", b"\0\0\x0c\x48 profile"),
            ("/N 3/Filter/FlateDecode", &packed(b"profile")),
            (
                "/Type/XRef/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>",
                &packed(b"1234"),
            ),
        ] {
            assert_eq!(check(&pdf(&[PAGE, &stream(dictionary, data)])), Ok(()), "{dictionary}");
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
            "/N 1/First 4/Filter/LZWDecode",
            "/Filter/LZWDecode/X(obj)/Type/ObjStm",
            "/Type/ObjStm/X(stream)/Filter/LZWDecode",
            "/Type/ObjStm %stream\n/Filter/RunLengthDecode",
            "/Type/ObjStm/Filter 9 0 R/FlateDecode 1",
            "/Type/ObjStm/Filter/FlateDecode/Filter/LZWDecode",
            "/Type/ObjStm/F(other.pdf)",
            "/Type 9 0 R/#4e 1/First 4/Filter[/ASCIIHexDecode]",
            "/Type/ObjStm/X[",
        ] {
            assert_eq!(
                check(&objects(strange, &packed(b"7 0 <<>>"))),
                Err(UploadRefusal::Active),
                "{strange}"
            );
        }
    }

    /// Proves [`lending::law::CL_33`]: a name between two blocks of what is unpacked, short names, and data that a reader may
    /// take though they are damaged.
    #[test]
    fn packed_objects_are_read_to_their_end_or_refused() {
        const PLAIN: &str = "/N 1/First 4/Filter/FlateDecode";
        let objects = |data: &[u8]| pdf(&[PAGE, &stream(PLAIN, data)]);
        for before in (64 * 1024 - 40..64 * 1024 + 80).step_by(7) {
            let padded = [vec![b' '; before], b"<</S/Java#53cript>>".to_vec()].concat();
            assert_eq!(check(&objects(&packed(&padded))), Err(UploadRefusal::Active), "{before}");
        }
        assert_eq!(check(&objects(&packed(b"7 0 <</EF<</F 5 0 R>>>>"))), Err(UploadRefusal::Active));
        let packed_well = packed(&[b"7 0 <</Type/Page>>".as_slice(), &[b' '; 5_000]].concat());
        assert_eq!(check(&objects(&packed_well)), Ok(()));
        let raw = &packed_well[2..]; // Without the header some readers go on all the same.
        assert_eq!(check(&objects(raw)), Err(UploadRefusal::Unreadable));
        let mut torn = packed_well.clone();
        let last = torn.len() - 1;
        torn[last] ^= 1;
        assert_eq!(check(&objects(&torn)), Err(UploadRefusal::Unreadable));
        // Long padding pushes nothing out of sight.
        let far = format!("/Filter/LZWDecode/X({})/Type/ObjStm", "x".repeat(100_000));
        assert_eq!(check(&pdf(&[PAGE, &stream(&far, b"")])), Err(UploadRefusal::Active));
        let many = format!("/X[{}]/Filter/LZWDecode", "/Y ".repeat(WORDS_MAX));
        assert_eq!(check(&pdf(&[PAGE, &stream(&many, b"")])), Err(UploadRefusal::Active));
    }

    #[test]
    fn half_a_file_and_a_bomb_are_refused_in_time() {
        // Objects that begin again and again in each other, and brackets that nobody closes.
        assert_eq!(check(&pdf(&[&b"obj(".repeat(200_000)])), Err(UploadRefusal::Unreadable));
        assert_eq!(check(&pdf(&[&b"1 0 obj[[[[[[<<".repeat(100_000)])), Err(UploadRefusal::Unreadable));
        let packed_bomb = packed(&packed(&vec![b'/'; 16 * 1024 * 1024]));
        assert_eq!(
            check(&pdf(&[&stream("/N 1/Filter/FlateDecode", &packed_bomb)])),
            Ok(()),
            "a bomb in a bomb does not go off"
        );
        assert_eq!(check(b"%PDF-1.7\n"), Err(UploadRefusal::Unreadable));
        let bomb = packed(&vec![0; 32 * 1024 * 1024]);
        let one = stream("/Filter/FlateDecode", &bomb);
        let many: Vec<&[u8]> = std::iter::repeat_n(one.as_slice(), 20).collect();
        assert_eq!(check(&pdf(&many)), Err(UploadRefusal::TooLarge));
    }
}
