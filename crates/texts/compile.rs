// Fluent files in three languages -> typed Rust functions. Pure: text in, text or errors out, so that
// tests/compile.rs can include this file.
//
// Accepted: messages with a value, `{ $variable }`, `{ "literal" }`, and selection on a whole number by exact value
// or plural category. Refused, each with file and key: terms, attributes, references, functions, nested
// selections inside inline expressions, anything the parser calls junk, and every difference between languages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::{parser, unicode};

/// The languages, in the order of `Lang::ALL`.
pub(crate) const LANGS: [&str; 3] = ["kk", "ru", "en"];

/// The files whose messages are also found by a stored code: of a kind of proof, of a credit's purpose, of a refusal.
const BY_CODE: [&str; 3] = ["proofs", "purposes", "refusals"];

/// Words that cannot name a function or an argument here.
const RESERVED: &str = " abstract as async await become box break const continue crate do dyn else enum extern \
    false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static \
    struct super trait true try type typeof unsafe unsized use virtual where while yield lang by-code ";

/// One file of one language.
pub(crate) struct Source {
    pub(crate) lang: &'static str,
    /// Name without `.ftl`.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// One message in one language.
struct Message {
    /// Rust expression that yields the text: a `&'static str` if there are no variables, else a `String`.
    rust: String,
    /// Variable -> whether it selects by number.
    variables: BTreeMap<String, bool>,
    /// The source, for the documentation.
    shown: String,
}

/// file -> key -> language -> message
type Messages = BTreeMap<String, BTreeMap<String, BTreeMap<&'static str, Message>>>;

/// Compiles all sources, or says everything that is wrong with them.
pub(crate) fn compile(sources: &[Source]) -> Result<String, Vec<String>> {
    let mut errors = Vec::new();
    let mut messages = Messages::new();
    for source in sources {
        parse(source, &mut messages, &mut errors);
    }
    if errors.is_empty() {
        compare(sources, &messages, &mut errors);
    }
    if errors.is_empty() { Ok(write_rust(&messages)) } else { Err(errors) }
}

fn parse(source: &Source, messages: &mut Messages, errors: &mut Vec<String>) {
    let Source { lang, file, text } = source;
    let place = format!("{lang}/{file}.ftl");
    let keys = messages.entry(file.clone()).or_default();
    let resource = match parser::parse(text.as_str()) {
        Ok(resource) => resource,
        Err((_, problems)) => {
            for problem in problems {
                let line = text.bytes().take(problem.pos.start).filter(|byte| *byte == b'\n').count() + 1;
                errors.push(format!("{place}:{line}: {}", problem.kind));
            }
            return;
        }
    };
    for entry in resource.body {
        let message = match entry {
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            Entry::Junk { .. } => unreachable!("junk comes with Err"),
            Entry::Message(message) => message,
            Entry::Term(term) => {
                errors.push(format!("{place}: -{}: terms are not supported", term.id.name));
                continue;
            }
        };
        let key = message.id.name;
        let mut reject = |why: &str| errors.push(format!("{place}: {key}: {why}"));
        if !is_name(key) {
            reject("a key is lower-case words joined by '-', and not a word of Rust");
        } else if !message.attributes.is_empty() {
            reject("attributes are not supported");
        } else if let Some(pattern) = &message.value {
            let mut variables = BTreeMap::new();
            match translate(lang, pattern, &mut variables) {
                Err(why) => reject(&why),
                Ok(rust) => {
                    let shown = source_of(text, key);
                    let message = Message { rust, variables, shown };
                    if keys.entry(key.to_owned()).or_default().insert(lang, message).is_some() {
                        reject("the key is there twice");
                    }
                }
            }
        } else {
            reject("the message has no text");
        }
    }
}

/// Every file, key and variable must be there in every language.
fn compare(sources: &[Source], messages: &Messages, errors: &mut Vec<String>) {
    for (file, keys) in messages {
        for lang in LANGS {
            if !sources.iter().any(|source| source.lang == lang && &source.file == file) {
                errors.push(format!("{lang}/{file}.ftl: the file is missing in this language"));
                continue;
            }
            for (key, by_lang) in keys {
                let Some(message) = by_lang.get(lang) else {
                    errors.push(format!("{lang}/{file}.ftl: {key}: missing in this language"));
                    continue;
                };
                let all: BTreeSet<&String> =
                    by_lang.values().flat_map(|other| other.variables.keys()).collect();
                for variable in all.into_iter().filter(|variable| !message.variables.contains_key(*variable))
                {
                    errors.push(format!("{lang}/{file}.ftl: {key}: ${variable} is missing in this language"));
                }
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    plain && !name.ends_with('-') && !name.contains("--") && !RESERVED.contains(&format!(" {name} "))
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

type Variables = BTreeMap<String, bool>;

/// A pattern as a Rust expression.
fn translate(lang: &str, pattern: &Pattern<&str>, variables: &mut Variables) -> Result<String, String> {
    let (mut format, mut arguments, mut fixed) = (String::new(), String::new(), true);
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                format.push_str(&value.replace('{', "{{").replace('}', "}}"));
            }
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => {
                    write!(format, "{{{}}}", variable(id.name, false, variables)?).expect("a String");
                    fixed = false;
                }
                InlineExpression::StringLiteral { value } => {
                    let text = unicode::unescape_unicode_to_string(value);
                    format.push_str(&text.replace('{', "{{").replace('}', "}}"));
                }
                _ => {
                    return Err(
                        "only $variables, \"literals\" and plural selection may stand in braces".into()
                    );
                }
            },
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                let InlineExpression::VariableReference { id } = selector else {
                    return Err("only a $variable can select".into());
                };
                let number = variable(id.name, true, variables)?;
                format.push_str("{}");
                fixed = false;
                write!(arguments, ", {}", select(lang, &number, variants, variables)?).expect("a String");
            }
        }
    }
    if fixed {
        Ok(format!("{:?}", format.replace("{{", "{").replace("}}", "}")))
    } else if format == "{}" {
        Ok(arguments.trim_start_matches(", ").to_owned())
    } else {
        Ok(format!("format!({format:?}{arguments})"))
    }
}

fn variable(name: &str, selects: bool, variables: &mut Variables) -> Result<String, String> {
    if !is_name(name) {
        return Err(format!("${name}: a variable is lower-case words joined by '-', and not a word of Rust"));
    }
    *variables.entry(snake(name)).or_default() |= selects;
    Ok(snake(name))
}

/// A selection as a Rust `match`: exact numbers first, then the plural categories of the language.
fn select(
    lang: &str,
    number: &str,
    variants: &[Variant<&str>],
    variables: &mut Variables,
) -> Result<String, String> {
    // What whole numbers need; `other` is for fractions only where `many` exists, and stands in for it.
    let needed: &[&str] = if lang == "ru" { &["one", "few"] } else { &["one"] };
    let (mut exact, mut categories, mut default) = (String::new(), String::new(), String::new());
    let mut seen = BTreeSet::new();
    for Variant { key, value, default: is_default } in variants {
        let text = translate(lang, value, variables)?;
        let arm = if text.starts_with('"') { format!("String::from({text})") } else { text };
        let name = match key {
            VariantKey::NumberLiteral { value } | VariantKey::Identifier { name: value } => *value,
        };
        if !seen.insert(name) {
            return Err(format!("[{name}] is there twice"));
        }
        let category = match name {
            "one" => "One",
            "few" if lang == "ru" => "Few",
            "many" if lang == "ru" => "Many",
            "other" if *is_default => "Other",
            _ if name.parse::<i64>().is_ok() && !is_default => {
                write!(exact, "{name} => {arm}, ").expect("a String");
                continue;
            }
            _ => {
                return Err(format!(
                    "[{name}]: not a whole number or plural category of {lang} (the default: *[other])"
                ));
            }
        };
        if *is_default {
            default = arm;
        } else {
            write!(categories, "crate::plural::Category::{category} => {arm}, ").expect("a String");
        }
    }
    let plural = seen.iter().any(|name| name.parse::<i64>().is_err() && *name != "other");
    if let Some(missing) = needed.iter().find(|name| plural && !seen.contains(**name)) {
        return Err(format!("[{missing}] is missing: whole numbers need it in {lang}"));
    }
    if plural {
        default = format!("match crate::plural::{lang}({number}) {{ {categories}_ => {default} }}");
    }
    Ok(if exact.is_empty() { default } else { format!("match {number} {{ {exact}_ => {default} }}") })
}

/// The lines of a message as they stand in the file.
fn source_of(text: &str, key: &str) -> String {
    let mut lines = text.lines().skip_while(|line| line.split(['=', ' ']).next() != Some(key));
    let first = lines.next().unwrap_or_default().to_owned();
    let rest = lines.take_while(|line| line.starts_with([' ', '}']));
    rest.fold(first, |shown, line| shown + "\n" + line)
}

fn write_rust(messages: &Messages) -> String {
    let mut out = String::new();
    for (file, keys) in messages {
        writeln!(out, "/// Messages of `{file}.ftl`.\npub mod {file} {{").expect("a String");
        for (key, by_lang) in keys {
            write_function(&mut out, key, by_lang);
        }
        if BY_CODE.contains(&file.as_str()) {
            write_by_code(&mut out, keys);
        }
        out.push_str("}\n\n");
    }
    out
}

fn write_function(out: &mut String, key: &str, by_lang: &BTreeMap<&'static str, Message>) {
    let mut variables = Variables::new();
    for (name, selects) in by_lang.values().flat_map(|message| &message.variables) {
        *variables.entry(name.clone()).or_default() |= selects;
    }
    let name = snake(key);
    let doc = by_lang.values().map(|message| message.shown.as_str()).collect::<Vec<_>>().join("\n");
    let doc = format!("```text\n{doc}\n```");
    let parameters = variables.iter().fold(String::new(), |mut list, (name, selects)| {
        let bound = if *selects { "Into<i64>" } else { "std::fmt::Display" };
        write!(list, ", {name}: impl {bound}").expect("a String");
        list
    });
    let (constant, result) = if variables.is_empty() { ("const ", "&'static str") } else { ("", "String") };
    let head = format!("pub {constant}fn {name}(lang: crate::Lang{parameters}) -> {result}");
    writeln!(out, "    #[doc = {doc:?}]\n    {head} {{").expect("a String");
    for name in variables.iter().filter(|(_, selects)| **selects).map(|(name, _)| name) {
        writeln!(out, "        let {name}: i64 = {name}.into();").expect("a String");
    }
    writeln!(out, "        match lang {{").expect("a String");
    for (lang, message) in by_lang {
        let variant = format!("{}{}", lang[..1].to_uppercase(), &lang[1..]);
        writeln!(out, "            crate::Lang::{variant} => {},", message.rust).expect("a String");
    }
    out.push_str("        }\n    }\n");
}

fn write_by_code(out: &mut String, keys: &BTreeMap<String, BTreeMap<&'static str, Message>>) {
    out.push_str("    /// The text by its stable code: the key of a message without variables.\n");
    out.push_str("    pub fn by_code(lang: crate::Lang, code: &str) -> Option<&'static str> {\n");
    out.push_str("        Some(match code {\n");
    for (key, _) in
        keys.iter().filter(|(_, by_lang)| by_lang.values().all(|message| message.variables.is_empty()))
    {
        writeln!(out, "            {key:?} => {}(lang),", snake(key)).expect("a String");
    }
    out.push_str("            _ => return None,\n        })\n    }\n");
}
