//! Reading XML that strangers send: no document types, no entities of their own, bounded depth and size.

use quick_xml::{
    Reader,
    escape::{escape, resolve_predefined_entity},
    events::{BytesStart, Event},
};

const DEPTH_MAX: usize = 32;
const ELEMENTS_MAX: usize = 400_000;
const ATTRIBUTES_MAX: usize = 32;

/// Not well-formed, beyond the limits, or with a document type.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// An element without its namespace prefix.
#[derive(Default)]
pub(crate) struct Element {
    name: String,
    namespace: Option<String>,
    value: Option<String>,
    currency: Option<String>,
    code: Option<String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable)?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        // The document itself is the bottom of the stack.
        let mut open = vec![Self::default()];
        let mut elements = 0;
        loop {
            match reader.read_event().map_err(|_| Unreadable)? {
                Event::Start(tag) => open.push(Self::start(&tag, &mut elements, open.len())?),
                Event::Empty(tag) => {
                    let child = Self::start(&tag, &mut elements, open.len())?;
                    open.last_mut().ok_or(Unreadable)?.children.push(child);
                }
                Event::End(_) => {
                    let child = open.pop().ok_or(Unreadable)?;
                    open.last_mut().ok_or(Unreadable)?.children.push(child);
                }
                Event::Text(text) => {
                    let text = text.decode().map_err(|_| Unreadable)?;
                    open.last_mut().ok_or(Unreadable)?.text.push_str(&text);
                }
                Event::CData(text) => {
                    let text = text.decode().map_err(|_| Unreadable)?;
                    open.last_mut().ok_or(Unreadable)?.text.push_str(&text);
                }
                Event::GeneralRef(name) => {
                    let into = &mut open.last_mut().ok_or(Unreadable)?.text;
                    match name.resolve_char_ref().map_err(|_| Unreadable)? {
                        Some(character) => into.push(character),
                        None => {
                            let name = name.decode().map_err(|_| Unreadable)?;
                            into.push_str(resolve_predefined_entity(&name).ok_or(Unreadable)?);
                        }
                    }
                }
                Event::DocType(_) => return Err(Unreadable),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        let mut document = open.pop().ok_or(Unreadable)?;
        let root = document.children.pop().ok_or(Unreadable)?;
        let whole = open.is_empty() && document.children.is_empty() && document.text.trim().is_empty();
        whole.then_some(root).ok_or(Unreadable)
    }

    fn start(tag: &BytesStart<'_>, elements: &mut usize, depth: usize) -> Result<Self, Unreadable> {
        *elements += 1;
        if *elements > ELEMENTS_MAX || depth > DEPTH_MAX {
            return Err(Unreadable);
        }
        let local = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| Unreadable);
        let mut element = Self { name: local(tag.local_name().as_ref())?, ..Self::default() };
        for (number, attribute) in tag.attributes().enumerate() {
            // Counted before more are looked at: the check for repeated names is quadratic.
            if number == ATTRIBUTES_MAX {
                return Err(Unreadable);
            }
            let attribute = attribute.map_err(|_| Unreadable)?;
            let prefix = tag.name().prefix().map(|prefix| prefix.as_ref().to_vec());
            let names_us = match &prefix {
                None => attribute.key.as_ref() == b"xmlns",
                Some(prefix) => attribute.key.as_ref() == [b"xmlns:", prefix.as_slice()].concat(),
            };
            let slot = match attribute.key.as_ref() {
                _ if names_us => &mut element.namespace,
                b"value" => &mut element.value,
                b"code" => &mut element.code,
                b"Ccy" => &mut element.currency,
                _ => continue,
            };
            *slot = Some(attribute.unescape_value().map_err(|_| Unreadable)?.into_owned());
        }
        Ok(element)
    }

    /// Whether this is the root `name` declared in `namespace`.
    pub(crate) fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace.as_deref() == Some(namespace)
    }

    /// The children called `name`.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at `path` (`a/b/c`); none if a step is missing or there is more than one of it:
    /// which of two was meant is not ours to guess.
    pub(crate) fn one(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, step| {
            let mut found = element.all(step);
            let first = found.next();
            first.filter(|_| found.next().is_none())
        })
    }

    /// The trimmed text at `path`, if not empty.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        Some(self.one(path)?.text.trim()).filter(|text| !text.is_empty())
    }

    /// This element's own text, trimmed.
    pub(crate) fn own_text(&self) -> &str {
        self.text.trim()
    }

    /// The attribute `value` at `path`, trimmed, if not empty: how the First Credit Bureau writes.
    pub(crate) fn value(&self, path: &str) -> Option<&str> {
        Some(self.one(path)?.value.as_deref()?.trim()).filter(|text| !text.is_empty())
    }

    /// The attribute `code`: how the bureau numbers its errors.
    pub(crate) fn own_code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The attribute `Ccy`: how ISO 20022 names a currency.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }
}

/// `text` fit to stand in an XML text node or attribute; characters XML 1.0 forbids become spaces.
pub(crate) fn escaped(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let clean: String = text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    escape(clean.as_str()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_cannot_make_us_expand_entities_or_read_its_document_type() {
        assert!(Element::read(b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").is_err());
        assert!(Element::read(b"<a>&x;</a>").is_err());
        let read = Element::read("<a>&lt;&#1179;</a>".as_bytes()).expect("predefined and numeric references");
        assert_eq!(read.own_text(), "<қ");
    }

    #[test]
    fn a_nested_bomb_or_a_second_root_is_refused() {
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        assert!(Element::read(deep.as_bytes()).is_err());
        assert!(Element::read(b"<a/><b/>").is_err());
        assert!(Element::read(b"<a><b></a>").is_err());
        assert!(Element::read(b"<a>").is_err());
        assert!(Element::read(b"").is_err());
        let many: String = (0..40).map(|n| format!(" a{n}='1'")).collect();
        assert!(Element::read(format!("<a{many}/>").as_bytes()).is_err());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = "Ә<&>\"'Ү ]]> 12\u{1}3";
        let read = Element::read(format!("<a>{}</a>", escaped(text)).as_bytes()).expect("well-formed");
        assert_eq!(read.own_text(), text.replace('\u{1}', " "));
    }
}
