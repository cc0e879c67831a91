//! The list of persons connected with terrorism and its financing, as the financial monitoring agency
//! publishes it (XML), matched here.
//!
//! The whole list is downloaded and kept for at most an hour, so that nobody outside learns whom we
//! screen. A list without the part that a question is about answers nothing to it, and is not kept. What is handed back as evidence is a small JSON with the list's SHA-256, date and size and the
//! entries that agreed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::civil::Date;
use ports::{Answered, ListHit, Person, Screened, Silence, TerroristList};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::{
    Misconfigured, Patience,
    line::{LIST_MAX, Line},
    xml::Element,
};

/// Where the list is.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The full address of the XML list.
    pub base_url: String,
    /// Bearer token; empty: none is wanted.
    pub api_key: String,
}

/// How long a downloaded list may be used.
const FRESH: Duration = Duration::from_secs(3600);
/// Most entries of a part.
const ENTRIES_MAX: usize = 100_000;

/// The adapter.
pub struct AgencyList {
    line: Line,
    api_key: String,
    kept: Mutex<Option<(Instant, Arc<List>)>>,
}

struct List {
    sha256: String,
    dated: Option<String>,
    bytes: usize,
    /// None: the list came without them.
    persons: Option<Vec<Listed>>,
    /// None: the list came without them, of the country or of its neighbours.
    organisations: Option<Vec<Organisation>>,
}

struct Organisation {
    entry: String,
    names: Vec<String>,
}

struct Listed {
    entry: String,
    iin: Option<String>,
    surname: String,
    given: String,
    patronymic: Option<String>,
    born: Born,
}

/// What the list knows of the birth date.
enum Born {
    On(Date),
    In(i16),
    Unknown,
}

#[derive(Serialize)]
struct Evidence<'a> {
    request: Uuid,
    list_sha256: &'a str,
    list_dated: Option<&'a str>,
    list_bytes: usize,
    list_persons: usize,
    list_organisations: usize,
    hits: Vec<Matched<'a>>,
}

#[derive(Serialize)]
struct Matched<'a> {
    entry: &'a str,
    matched_by: &'a str,
}

impl AgencyList {
    /// # Errors
    /// The address cannot be used.
    pub fn new(settings: Settings, patience: Patience) -> Result<Self, Misconfigured> {
        let line = Line::new("terrorist-list", &settings.base_url, patience)?;
        Ok(Self { line, api_key: settings.api_key, kept: Mutex::new(None) })
    }

    async fn list(&self) -> Result<Arc<List>, Silence> {
        if let Some((since, list)) = &*self.kept.lock().unwrap_or_else(PoisonError::into_inner)
            && since.elapsed() < FRESH
        {
            return Ok(Arc::clone(list));
        }
        let asked = Instant::now();
        let mut question = self.line.get("");
        if !self.api_key.is_empty() {
            question = question.bearer_auth(&self.api_key);
        }
        let reply = self.line.ask(question, LIST_MAX).await?;
        let list = read(&reply.body, reply.dated).ok_or_else(|| self.line.unreadable())?;
        let list = Arc::new(list);
        if list.persons.is_some() && list.organisations.is_some() {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked, Arc::clone(&list)));
        }
        Ok(list)
    }
}

#[async_trait]
impl TerroristList for AgencyList {
    async fn screen(&self, request: Uuid, screened: Screened<'_>) -> Result<Answered<Vec<ListHit>>, Silence> {
        let list = self.list().await?;
        let hits = list.screen(&screened).ok_or_else(|| self.line.unreadable())?;
        let evidence = Evidence {
            request,
            list_sha256: &list.sha256,
            list_dated: list.dated.as_deref(),
            list_bytes: list.bytes,
            list_persons: list.persons.as_ref().map_or(0, Vec::len),
            list_organisations: list.organisations.as_ref().map_or(0, Vec::len),
            hits: hits.iter().map(|hit| Matched { entry: &hit.entry, matched_by: hit.matched_by }).collect(),
        };
        let raw = serde_json::to_vec(&evidence).map_err(|_| self.line.unreadable())?;
        Ok(Answered { value: hits, source: "financial-monitoring-list", media_type: "application/json", raw })
    }
}

impl List {
    /// The entries that agree; `None` if the list lacks the part in which they would stand.
    fn screen(&self, screened: &Screened<'_>) -> Option<Vec<ListHit>> {
        let mut hits = Vec::new();
        if let Some(name) = screened.organisation {
            let ours = core_of_name(name);
            let listed = self.organisations.as_ref()?.iter().filter(|listed| listed.names.contains(&ours));
            hits.extend(
                listed.map(|listed| ListHit { entry: listed.entry.clone(), matched_by: "organisation-name" }),
            );
        }
        for person in screened.persons {
            hits.extend(screen_person(self.persons.as_ref()?, person));
        }
        Some(hits)
    }
}

fn screen_person(persons: &[Listed], person: &Person<'_>) -> Vec<ListHit> {
    let surname = normal(&person.names.surname);
    let given = normal(&person.names.given);
    let patronymic = person.names.patronymic.as_deref().map(normal);
    let hit = |listed: &Listed| {
        if listed.iin.as_deref() == Some(person.iin.as_str()) {
            return Some("iin");
        }
        // A patronymic speaks only where both have one.
        let patronymics = listed.patronymic.as_ref().zip(patronymic.as_ref());
        let named = listed.surname == surname
            && listed.given == given
            && patronymics.is_none_or(|(theirs, ours)| theirs == ours);
        match listed.born {
            Born::On(date) => (named && date == person.born_on).then_some("name-and-birth-date"),
            Born::In(year) => (named && year == person.born_on.year()).then_some("name-and-birth-date"),
            // Passing a listed person because the list is incomplete is the worse mistake.
            Born::Unknown => named.then_some("name"),
        }
    };
    persons
        .iter()
        .filter_map(|listed| {
            hit(listed).map(|matched_by| ListHit { entry: listed.entry.clone(), matched_by })
        })
        .collect()
}

/// An empty list is unreadable, and an empty part is none: they would pass everybody.
fn read(body: &[u8], dated: Option<String>) -> Option<List> {
    let root = Element::read(body).ok()?;
    let persons = match root.one("persons") {
        Some(part) => entries(part.all("person"), listed)?,
        None => None,
    };
    let organisations = match (root.one("organisations"), root.one("organisationscis")) {
        (Some(own), Some(others)) => entries(own.all("org").chain(others.all("org")), listed_organisation)?,
        _ => None,
    };
    if persons.is_none() && organisations.is_none() {
        return None;
    }
    let sha256 = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    Some(List { sha256, dated, bytes: body.len(), persons, organisations })
}

/// The entries of a part, each of which can be read; `Some(None)` if there are none.
#[allow(clippy::option_option)]
fn entries<'a, T>(
    found: impl Iterator<Item = &'a Element>,
    read: impl Fn(&Element) -> Option<T>,
) -> Option<Option<Vec<T>>> {
    let all: Vec<T> = found.take(ENTRIES_MAX + 1).map(read).collect::<Option<_>>()?;
    (all.len() <= ENTRIES_MAX).then_some(if all.is_empty() { None } else { Some(all) })
}

fn listed_organisation(org: &Element) -> Option<Organisation> {
    let names = ["org_name", "org_name_en"].into_iter().filter_map(|field| org.text(field)).map(core_of_name);
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    let entry = org.text("num")?.chars().take(40).collect();
    (!names.is_empty()).then_some(Organisation { entry, names }) // Nobody would be found by an entry without a name.
}

/// An organisation's name as compared: words alone, without quotes and the form of the company, which everybody writes
/// differently.
fn core_of_name(name: &str) -> String {
    const FORMS: [&str; 14] =
        ["ТОО", "ЖШС", "АО", "АҚ", "ИП", "ЖК", "ОО", "ОФ", "ПК", "LLP", "LLC", "JSC", "LTD", "INC"];
    let words: String = normal(name).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let core = words.split_whitespace().filter(|word| !FORMS.contains(word)).collect::<Vec<_>>().join(" ");
    if core.is_empty() { normal(name) } else { core }
}

fn listed(person: &Element) -> Option<Listed> {
    let name = |field: &str| normal(person.text(field).unwrap_or_default());
    Some(Listed {
        entry: person.text("num")?.chars().take(40).collect(),
        iin: person.text("iin").map(str::to_owned),
        surname: name("lname"),
        given: name("fname"),
        patronymic: Some(name("mname")).filter(|name| !name.is_empty()),
        born: born(person.text("birthdate").unwrap_or_default()),
    })
}

/// The list writes `31.12.1980`; a date written as ISO and a bare year are understood too.
fn born(text: &str) -> Born {
    if let Some(date) = text.get(..10).and_then(|day| {
        day.parse().ok().or_else(|| jiff::fmt::strtime::parse("%d.%m.%Y", day).ok()?.to_date().ok())
    }) {
        return Born::On(date);
    }
    match text.parse::<i16>() {
        Ok(year @ 1900..=2100) => Born::In(year),
        _ => Born::Unknown,
    }
}

/// Names as compared: composed, upper case, single spaces, Ё as Е. Kazakh letters stay what they are.
fn normal(name: &str) -> String {
    let upper: String =
        name.nfc().flat_map(char::to_uppercase).map(|c| if c == 'Ё' { 'Е' } else { c }).collect();
    upper.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_person_is_found_however_the_name_is_typed() {
        assert_eq!(normal("  фёдор  "), "ФЕДОР");
        assert_eq!(normal("фе\u{308}дор"), "ФЕДОР");
        assert_eq!(normal("әл-фараби\u{a0}оғлы"), "ӘЛ-ФАРАБИ ОҒЛЫ");
        assert_ne!(normal("Қайрат"), normal("Кайрат"));
    }

    #[test]
    fn a_listed_organisation_is_found_however_its_form_is_written() {
        assert_eq!(core_of_name("ТОО «Ойдан шығарылған»"), "ОЙДАН ШЫҒАРЫЛҒАН");
        assert_eq!(core_of_name("«Ойдан-Шығарылған» ЖШС"), "ОЙДАН ШЫҒАРЫЛҒАН");
        assert_ne!(core_of_name("ТОО «Ойдан»"), core_of_name("ТОО «Ойдан 2»"));
    }

    #[test]
    fn an_empty_list_does_not_pass_everybody() {
        assert!(read(b"<xml><persons></persons></xml>", None).is_none());
        assert!(read(b"<html>maintenance</html>", None).is_none());
    }

    #[test]
    fn a_part_that_is_empty_or_lacks_its_half_is_no_part() {
        const PERSON: &str = "<person><num>1</num><lname>А</lname></person>";
        const ORG: &str = "<org><num>1</num><org_name>Б</org_name></org>";
        for (organisations, whole) in [
            (format!("<organisations>{ORG}</organisations><organisationscis/>"), true),
            (format!("<organisations/><organisationscis>{ORG}</organisationscis>"), true),
            ("<organisations/><organisationscis/>".to_owned(), false),
            (format!("<organisations>{ORG}</organisations>"), false),
            (format!("<organisationscis>{ORG}</organisationscis>"), false),
        ] {
            let xml = format!("<xml><persons>{PERSON}</persons>{organisations}</xml>");
            let list = read(xml.as_bytes(), None).unwrap();
            assert_eq!(list.organisations.is_some(), whole, "{organisations}");
            assert!(list.persons.is_some());
        }
        let nameless = format!(
            "<xml><persons>{PERSON}</persons><organisations><org><num>1</num></org></organisations><organisationscis/></xml>"
        );
        assert!(read(nameless.as_bytes(), None).is_none(), "an entry that finds nobody");
    }
}
