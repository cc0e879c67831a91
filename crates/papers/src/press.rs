//! The press: typst with our templates and fonts embedded, and nothing else of the outside world.

use std::sync::LazyLock;

use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::{PaperError, admission};

/// The templates, by which a paper is named.
#[derive(Clone, Copy)]
pub(crate) enum Template {
    Agreement,
    Evidence,
    ClosingNotice,
    Amendment,
}

/// Prints `paper` by `template`. The same input gives the same bytes.
pub(crate) fn print(template: Template, paper: &impl Serialize) -> Result<Vec<u8>, PaperError> {
    let press = &*PRESS;
    // The only failing serializers are those of money and dates; their errors name the value, not its content.
    let data =
        serde_json::to_value(paper).map_err(|out| PaperError::OutOfRange { field: out.to_string() })?;
    admission::check(&data, &|char| {
        press.fonts.iter().all(|font| font.info().coverage.contains(u32::from(char)))
    })?;
    let job = Job {
        press,
        main: press.sources[template as usize].id(),
        data: Bytes::from_string(data.to_string()),
    };
    let pdf = job.compile();
    // Of every outcome: what is memoized would otherwise hold personal data and grow with each paper.
    typst::comemo::evict(0);
    pdf
}

/// What is the same for every paper of this process. File ids are 16-bit and never freed, so they are made here once.
struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    /// In the order of [`Template`], then what they import.
    sources: Vec<Source>,
    data: FileId,
}

static PRESS: LazyLock<Press> = LazyLock::new(|| {
    let fonts: Vec<Font> = [
        include_bytes!("../fonts/GolosText-Regular.ttf").as_slice(),
        include_bytes!("../fonts/GolosText-Bold.ttf").as_slice(),
    ]
    .into_iter()
    .flat_map(|font| Font::iter(Bytes::new(font)))
    .collect();
    let sources = [
        ("/agreement.typ", include_str!("../templates/agreement.typ")),
        ("/evidence.typ", include_str!("../templates/evidence.typ")),
        ("/closing_notice.typ", include_str!("../templates/closing_notice.typ")),
        ("/amendment.typ", include_str!("../templates/amendment.typ")),
        ("/sheet.typ", include_str!("../templates/sheet.typ")),
    ]
    .map(|(path, text)| Source::new(file_id(path), text.to_owned()));
    Press {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        sources: sources.into(),
        data: file_id("/paper.json"),
    }
});

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("our own path is plain");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// One paper on the press.
struct Job {
    press: &'static Press,
    main: FileId,
    data: Bytes,
}

impl Job {
    fn compile(&self) -> Result<Vec<u8>, PaperError> {
        let document: PagedDocument = typst::compile(self).output.map_err(|faults| self.fault(&faults))?;
        let standards = PdfStandards::new(&[PdfStandard::A_2u])
            .map_err(|_| PaperError::Template { place: "PDF/A-2u".to_owned() })?;
        let options = PdfOptions {
            creator: Smart::Custom(Some("Nesie".to_owned())),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|faults| self.fault(&faults))
    }

    /// Only the place: typst's own messages quote the text, which may be a client's.
    fn fault(&self, faults: &[SourceDiagnostic]) -> PaperError {
        let place = faults.first().and_then(|fault| {
            let file = fault.span.id()?;
            let line = self.source(file).ok()?.lines().byte_to_line(self.range(fault.span)?.start)? + 1;
            Some(format!("{}:{line}", file.vpath().get_without_slash()))
        });
        PaperError::Template { place: place.unwrap_or_else(|| "an unknown place".to_owned()) }
    }
}

impl World for Job {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.press.sources.iter().find(|source| source.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.press.data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
