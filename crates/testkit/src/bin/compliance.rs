//! Prints `docs/compliance.md`: each clause of Resolution No. 217, where its code is, which tests prove it.
//!
//! Made of marks: a doc comment or refusal that names a clause's item is its code, a test whose comment or
//! body names it is its proof, an anchor in the handbook tells people their duty. Run it from the root.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, io, path::Path};

use lending::law::{self, ClauseKind};

/// What a clause still lacks although something of it is built and tested. A line goes when the rest comes.
const LACKING: &[(&str, &str)] = &[
    ("3", "the web and its API only: no mobile application, no terminal"),
    ("8.1", "the list of terrorists only: no exposed persons, no beneficial owners, no levels of risk"),
    ("8.6", "the client's own bank account only"),
    ("9.b", "transfers to the client's own account only"),
    ("9.c", "the table of methods only: merchants are not paid"),
    ("12", "the sheets of evidence of agreements and amendments only"),
    ("25.9", "by SMS and e-mail: there is no mobile application yet"),
    ("27", "one role table with few actions: the back office is not there"),
    ("29", "of clients: no page manages employees' accounts"),
    ("32", "protected by missing rights, not sealed against who administers the database"),
    ("33", "files that people send only: the program's own are not checked"),
    ("34", "texts of SMS and e-mails are not kept once sent"),
];

/// File → names of what carries the mark in it.
type Places = BTreeMap<String, BTreeSet<String>>;

#[derive(Default)]
struct Marks {
    code: BTreeMap<&'static str, Places>,
    tests: BTreeMap<&'static str, Places>,
    pages: BTreeMap<&'static str, Places>,
}

fn main() -> io::Result<()> {
    let mut marks = Marks::default();
    for root in ["crates", "docs/handbook", "e2e"] {
        walk(Path::new(root), &mut marks)?;
    }
    print!("{}", page(&marks));
    Ok(())
}

fn walk(path: &Path, marks: &mut Marks) -> io::Result<()> {
    if path.is_dir() && !path.ends_with("node_modules") {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), marks)?;
        }
        return Ok(());
    }
    let file = path.to_string_lossy().into_owned();
    match path.extension().and_then(|e| e.to_str()) {
        Some("md") => {
            for line in fs::read_to_string(path)?.lines().filter(|line| line.starts_with("<a id=")) {
                named(line).into_iter().for_each(|item| put(&mut marks.pages, vec![item], &file, item));
            }
        }
        // The clauses themselves are not code for them; the dated limits are.
        Some("rs" | "mjs" | "js")
            if !file.starts_with("crates/lending/src/law")
                || file.starts_with("crates/lending/src/law/rules") =>
        {
            scan(&file, &fs::read_to_string(path)?, marks);
        }
        _ => {}
    }
    Ok(())
}

/// The items of clauses that a line names.
fn named(line: &str) -> Vec<&'static str> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter_map(|word| law::ALL.iter().find(|c| c.item == word).map(|c| c.item)).collect()
}

fn scan(file: &str, text: &str, marks: &mut Marks) {
    let mut testing = file.contains("/tests/") || file.ends_with("/tests.rs") || file.starts_with("e2e/");
    let (mut above, mut within) = (Vec::new(), Vec::<(usize, String)>::new());
    let (mut attribute, mut test) = (false, None::<(usize, String)>);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        testing |= line == "#[cfg(test)]";
        attribute |= line == "#[test]" || line.starts_with("#[tokio::test");
        let mut items = named(line);
        if line.starts_with("//!") && !testing {
            put(&mut marks.code, items, file, "");
            continue;
        }
        if line.starts_with("///") || line.starts_with("//") && indent == 0 {
            above.extend(items);
            continue;
        }
        let comment = line.starts_with("//") && !testing;
        if comment || line.is_empty() || line.starts_with("#[") || line.starts_with("use ") {
            continue;
        }
        let Some((kind, name)) = declared(line) else { continue };
        if testing {
            if attribute && kind == "fn" || kind == "test" {
                (test, attribute) = (Some((indent, name)), false);
            } else if test.as_ref().is_some_and(|(at, _)| kind == "fn" && indent <= *at) {
                test = None;
            }
            items.append(&mut above);
            if let Some((_, test)) = &test {
                put(&mut marks.tests, items, file, test);
            }
            continue;
        }
        within.retain(|(at, _)| *at < indent);
        items.append(&mut above);
        let whose = within.last().map_or(String::new(), |(_, outer)| format!("{outer}::"));
        put(&mut marks.code, items, file, &format!("{whose}{name}"));
        if matches!(kind, "struct" | "enum" | "trait" | "impl")
            || kind.is_empty() && line == format!("{name} {{")
        {
            within.push((indent, name));
        }
    }
}

/// What a line of source declares: its kind (empty for a field or variant) and name.
fn declared(line: &str) -> Option<(&str, String)> {
    let test = ["test(", "told("].iter().find_map(|call| line.split_once(call));
    if let Some((_, rest)) = test.filter(|(before, _)| matches!(before.trim(), "" | "await t.")) {
        let quote = rest.chars().next()?;
        return Some(("test", rest.trim_start_matches(quote).split(quote).next()?.to_owned()));
    }
    let mut words =
        line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).peekable();
    loop {
        let word = words.next()?;
        match word {
            "pub" | "crate" | "super" | "async" | "unsafe" => {}
            "const" if words.peek() == Some(&"fn") => {}
            "impl" => return Some((word, words.last()?.to_owned())),
            "fn" | "struct" | "enum" | "trait" | "type" | "static" | "mod" | "const" | "macro_rules" => {
                return Some((word, words.next()?.to_owned()));
            }
            name => return Some(("", name.to_owned())),
        }
    }
}

fn put(places: &mut BTreeMap<&'static str, Places>, items: Vec<&'static str>, file: &str, name: &str) {
    for item in items {
        let names = places.entry(item).or_default().entry(file.to_owned()).or_default();
        names.extend(Some(name.to_owned()).filter(|name| !name.is_empty()));
    }
}

fn page(marks: &Marks) -> String {
    let (mut rows, mut gaps) = (String::new(), 0);
    let none = Places::new();
    for clause in law::ALL {
        let [code, tests, pages] =
            [&marks.code, &marks.tests, &marks.pages].map(|all| all.get(clause.item).unwrap_or(&none));
        let lacks = LACKING.iter().find(|(id, _)| *id == clause.id).map(|(_, what)| *what);
        let kind = match clause.kind {
            ClauseKind::Software => "software",
            ClauseKind::Evidence => "evidence",
            ClauseKind::Organizational => "people",
        };
        let status = match clause.kind {
            ClauseKind::Organizational if pages.is_empty() => Err("no page in the handbook"),
            ClauseKind::Organizational => Ok("handbook"),
            _ if code.is_empty() => Err("no code"),
            _ => match lacks {
                Some(what) => Err(what),
                None if tests.is_empty() => Err("no test"),
                None => Ok("code and test"),
            },
        };
        gaps += usize::from(status.is_err());
        let status = status.map_or_else(|gap| format!("**GAP**: {gap}"), str::to_owned);
        let places: Places =
            code.iter().chain(pages).map(|(file, names)| (file.clone(), names.clone())).collect();
        let (places, tests) = (cell(&places), cell(tests));
        rows += &format!("| {} | {kind} | {} | {places} | {tests} | {status} |\n", clause.id, clause.title);
    }
    let all = law::ALL.len();
    format!(
        "# Compliance with Resolution No. 217\n\n\
         Generated by `./x prepare` from marks in the sources; do not edit. Code that exists because of a clause, and\n\
         a test that proves it, name the clause's item in `lending::law`, whose documentation is its requirement.\n\
         Of {all} clauses {} are whole; {gaps} have a **GAP**.\n\n\
         | clause | by | what | where | proved by | state |\n|---|---|---|---|---|---|\n{rows}",
        all - gaps
    )
}

/// Files as links, and what is marked in each.
fn cell(places: &Places) -> String {
    let link = |(file, names): (&String, &BTreeSet<String>)| {
        let short = file.trim_start_matches("crates/").replace("/src/", "/");
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        match file.strip_prefix("docs/") {
            Some(page) => {
                format!("[{page}]({page}#{})", names.first().map_or("", |name| name.trim_matches('`')))
            }
            None => format!("[{short}](../{file}) {}", names.join(" ")).trim_end().to_owned(),
        }
    };
    places.iter().map(link).collect::<Vec<_>>().join("<br>")
}
