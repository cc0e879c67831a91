//! Reads XML flat: the text at each path, `A/B/C` by local names and `A/B/@c` for attributes.

use std::collections::BTreeMap;

use quick_xml::{Reader, escape::resolve_predefined_entity, events::BytesStart, events::Event};

pub(crate) struct Flat(BTreeMap<String, String>);

impl Flat {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::from_str(std::str::from_utf8(bytes).ok()?);
        let (mut found, mut path) = (BTreeMap::<String, String>::new(), Vec::<String>::new());
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) if path.len() < 32 => enter(&tag, &mut path, &mut found)?,
                Event::Empty(tag) => {
                    enter(&tag, &mut path, &mut found)?;
                    path.pop();
                }
                Event::End(_) => {
                    path.pop();
                }
                Event::Text(text) => found.entry(path.join("/")).or_default().push_str(&text.decode().ok()?),
                Event::CData(text) => found.entry(path.join("/")).or_default().push_str(&text.decode().ok()?),
                Event::GeneralRef(name) => {
                    let into = found.entry(path.join("/")).or_default();
                    match name.resolve_char_ref().ok()? {
                        Some(character) => into.push(character),
                        None => into.push_str(resolve_predefined_entity(&name.decode().ok()?)?),
                    }
                }
                Event::Start(_) | Event::DocType(_) => return None,
                Event::Eof => break,
                _ => {}
            }
        }
        path.is_empty().then_some(Self(found))
    }

    /// The text at `path`, trimmed; empty if there is none.
    pub(crate) fn at(&self, path: &str) -> &str {
        self.0.get(path).map_or("", |text| text.trim())
    }
}

fn enter(tag: &BytesStart<'_>, path: &mut Vec<String>, found: &mut BTreeMap<String, String>) -> Option<()> {
    path.push(String::from_utf8(tag.local_name().as_ref().to_vec()).ok()?);
    for attribute in tag.attributes().take(32) {
        let attribute = attribute.ok()?;
        let name = String::from_utf8(attribute.key.local_name().as_ref().to_vec()).ok()?;
        let value = attribute.unescape_value().ok()?.into_owned();
        found.insert(format!("{}/@{name}", path.join("/")), value);
    }
    Some(())
}
