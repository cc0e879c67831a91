//! The parts that pages are made of: the frame, fields with their hints and errors, tables of figures.
//!
//! Errors follow one pattern everywhere: a summary on top that takes the focus, each item linked to its
//! field, and the same words at the field. What was typed stays, but for secrets and photos.

use app::refusal::{No, Sort};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use lending::money::Money;
use maud::{DOCTYPE, Markup, html};
use texts::{Lang, client as t, common, format};

use crate::{
    client::licence,
    form,
    guard::{self, Reader, Stop, Who},
};

/// What is wrong with what was sent, to be shown on the form itself.
#[derive(Default)]
pub(crate) struct Problem {
    status: Option<StatusCode>,
    said: Vec<(&'static str, String)>,
}

impl Problem {
    /// Nothing, yet.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// A refusal, on the form that it answers; what no form can mend stops.
    pub(crate) fn of(lang: Lang, no: No) -> Result<Self, Stop> {
        match no {
            No::Refusal(no)
                if no.sort != Sort::NotFound
                    && !matches!(no.code, "session-ended" | "registration-lapsed") =>
            {
                let said = vec![(no.field.unwrap_or(""), no.text(lang).to_owned())];
                Ok(Self { status: Some(guard::status(no.sort)), said })
            }
            no => Err(Stop::No(no)),
        }
    }

    /// One more thing that is wrong, at a field (`""`: with the form as a whole).
    pub(crate) fn say(&mut self, field: &'static str, text: impl Into<String>) {
        self.status.get_or_insert(StatusCode::UNPROCESSABLE_ENTITY);
        self.said.push((field, text.into()));
    }

    /// Nothing is wrong.
    pub(crate) fn is_none(&self) -> bool {
        self.said.is_empty()
    }

    /// What is wrong at a field.
    pub(crate) fn at(&self, field: &str) -> Option<&str> {
        self.said.iter().find(|(at, _)| *at == field).map(|(_, text)| text.as_str())
    }

    fn summary(&self, lang: Lang) -> Markup {
        html! {
            @if !self.is_none() {
                div.errors #errors role="alert" tabindex="-1" autofocus {
                    h2 { (t::errors_title(lang)) }
                    ul {
                        @for (field, text) in &self.said {
                            li { @if field.is_empty() { (text) } @else { a href={ "#" (field) } { (text) } } }
                        }
                    }
                }
            }
        }
    }
}

/// A page.
pub(crate) fn show(reader: &Reader, title: &str, body: &Markup) -> Response {
    frame(reader, title, &Problem::none(), body)
}

/// A page with a form on it, and what is wrong with what was sent.
pub(crate) fn show_form(reader: &Reader, title: &str, problem: &Problem, body: &Markup) -> Response {
    frame(reader, title, problem, body)
}

/// A page that says no; a fault shows its reference number.
pub(crate) fn failure(
    reader: &Reader,
    status: StatusCode,
    title: &str,
    text: &str,
    reference: Option<&str>,
) -> Response {
    let body = html! {
        h1 { (title) }
        p.lead { (text) }
        @if let Some(reference) = reference {
            p { (t::error_reference(reader.lang)) " " strong.figures { (reference) } }
        }
        p { a.button href="/" { (t::go_home(reader.lang)) } }
    };
    let mut response = show(reader, title, &body);
    *response.status_mut() = status;
    response
}

fn frame(reader: &Reader, title: &str, problem: &Problem, body: &Markup) -> Response {
    let (lang, site) = (reader.lang, &reader.site);
    let organization = &site.settings.organization;
    let name = organization.name.in_lang(lang);
    let page = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if !problem.is_none() { (t::error_prefix(lang)) " " } (title) " · " (name) }
                link rel="preload" href=(site.assets.font) as="font" type="font/woff2" crossorigin;
                link rel="stylesheet" href=(site.assets.style);
                link rel="icon" href=(site.assets.icon) type="image/svg+xml";
                script src=(site.assets.script) defer {}
            }
            body {
                a.skip href="#main" { (t::skip(lang)) }
                header.top {
                    a.brand href="/" {
                        (logo())
                        span { b { (name) } small { (site.settings.domain) } }
                    }
                    (languages(reader))
                    (account(reader))
                }
                main #main {
                    (acting(reader))
                    (problem.summary(lang))
                    (body)
                }
                footer {
                    nav aria-label=(t::about(lang)) {
                        a href="/organization" { (t::organization_title(lang)) }
                        a href="/rules" { (t::rules_title(lang)) }
                        a href="/rights" { (t::rights_title(lang)) }
                    }
                    p { (organization.legal_name.in_lang(lang)) ". " (licence(lang, organization)) }
                    p { (organization.phones) }
                }
            }
        }
    };
    let mut response = (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_LANGUAGE, lang.code())],
        page.0,
    )
        .into_response();
    if let Some(status) = problem.status {
        *response.status_mut() = status;
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, guard::RETRY_AFTER_SECONDS);
        }
    }
    response
}

/// The horns of a ram, as every felt carpet here has them.
fn logo() -> Markup {
    html! {
        svg.logo viewBox="0 0 32 32" width="36" height="36" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="9" {}
            path d="M16 26V15C16 6.5 5 6 5 13c0 5 6.5 5.2 6.5 1.2M16 15C16 6.5 27 6 27 13c0 5-6.5 5.2-6.5 1.2" {}
        }
    }
}

fn languages(reader: &Reader) -> Markup {
    html! {
        nav.languages #languages aria-label=(common::language(reader.lang)) {
            @for lang in Lang::ALL {
                @let name = lang.native_name();
                @let short: String = name.chars().take(3).collect();
                a href={ "/language/" (lang.code()) "?to=" (escape(&reader.here)) } lang=(lang.code())
                    hreflang=(lang.code()) title=(name) aria-current=[(lang == reader.lang).then_some("true")]
                    { (short) }
            }
        }
    }
}

fn account(reader: &Reader) -> Markup {
    let lang = reader.lang;
    html! {
        nav.account aria-label=(t::account_title(lang)) {
            @match &reader.who {
                Who::Client(_) => {
                    a href="/account" { (t::account_title(lang)) }
                    (post(reader, "/sign-out", &html! { button.link { (t::sign_out(lang)) } }))
                }
                Who::Employee(employee) => {
                    a href="/staff" { (employee.name) }
                    (post(reader, "/sign-out", &html! { button.link { (t::sign_out(lang)) } }))
                }
                Who::Visitor | Who::Registrant(_) | Who::Recoverer(_) => a href="/sign-in" { (t::sign_in_title(lang)) }
            }
        }
    }
}

/// The entity for which the reader acts, where it is not themselves.
pub(crate) fn acts_for(reader: &Reader) -> Option<&str> {
    match &reader.who {
        Who::Client(client) => client.capacity.as_ref().map(|capacity| capacity.name.as_str()),
        _ => None,
    }
}

/// For whom the reader acts: nobody should borrow for the wrong one.
fn acting(reader: &Reader) -> Markup {
    html! {
        @if let Some(name) = acts_for(reader) {
            p.told { (t::acting_for(reader.lang)) " " strong { (name) } ". " a href="/entities" { (t::acting_change(reader.lang)) } }
        }
    }
}

/// A value inside a query.
fn escape(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len() + 16), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// In a form: the hash of the texts that stand on it to be accepted, by which other texts are noticed when it comes back.
pub(crate) fn texts_shown(texts: &[&str]) -> Markup {
    html! { input type="hidden" name="shown" value=(texts_hash(texts)); }
}

/// The hash of texts that are accepted together.
pub(crate) fn texts_hash(texts: &[&str]) -> String {
    app::vault::hex(&app::vault::sha256(texts.join("\n\n").as_bytes()))
}

/// A form that changes something, with its token.
pub(crate) fn post(reader: &Reader, action: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate {
            input type="hidden" name=(form::TOKEN) value=(reader.form_token());
            (body)
        }
    }
}

/// A form with a photo.
pub(crate) fn upload(reader: &Reader, action: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" novalidate {
            input type="hidden" name=(form::TOKEN) value=(reader.form_token());
            (body)
        }
    }
}

/// How something is typed.
pub(crate) struct Input<'a> {
    kind: &'static str,
    value: &'a str,
    mode: Option<&'static str>,
    complete: &'static str,
    longest: u16,
    short: bool,
    hidden: bool,
}

impl<'a> Input<'a> {
    /// A line of text; `complete` is the token of HTML's autofill, `off` where it must not be kept.
    pub(crate) fn text(value: &'a str, complete: &'static str, longest: u16) -> Self {
        Self { kind: "text", value, mode: None, complete, longest, short: false, hidden: false }
    }

    /// Digits, on a keypad of digits.
    pub(crate) fn digits(value: &'a str, longest: u16) -> Self {
        Self { mode: Some("numeric"), short: true, ..Self::text(value, "off", longest) }
    }

    /// A phone number.
    pub(crate) fn phone(value: &'a str) -> Self {
        Self { kind: "tel", short: true, ..Self::text(value, "tel", 20) }
    }

    /// An e-mail address.
    pub(crate) fn email(value: &'a str) -> Self {
        Self { kind: "email", ..Self::text(value, "email", 254) }
    }

    /// A day, typed: the browser's own calendar speaks the browser's language, not the page's.
    pub(crate) fn day(value: &'a str) -> Self {
        Self { mode: Some("decimal"), ..Self::digits(value, 14) }
    }

    /// A password: never sent back, never kept by the browser (Rules cl. [24.2](lending::law::CL_24_2),
    /// [24.3](lending::law::CL_24_3)).
    pub(crate) fn password() -> Self {
        Self { kind: "password", ..Self::text("", "off", 128) }
    }

    /// A one-time code: offered by the phone from the message, masked like every secret.
    pub(crate) fn code() -> Self {
        Self {
            mode: Some("numeric"),
            complete: "one-time-code",
            short: true,
            hidden: true,
            ..Self::text("", "", 12)
        }
    }
}

/// A field: label, hint, error and input, tied together for those who cannot see that they are.
pub(crate) fn field(
    problem: &Problem,
    lang: Lang,
    id: &str,
    label: &str,
    hint: Option<&str>,
    input: &Input<'_>,
) -> Markup {
    let error = problem.at(id);
    html! {
        div.field.wrong[error.is_some()] {
            label for=(id) { (label) }
            (notes(lang, id, hint, error))
            input.short[input.short].masked[input.hidden] id=(id) name=(id) type=(input.kind) value=(input.value)
                inputmode=[input.mode] autocomplete=(input.complete) maxlength=(input.longest)
                spellcheck="false" aria-describedby=[described(id, hint, error)]
                aria-invalid=[error.map(|_| "true")];
        }
    }
}

/// Hint and error of something with an id.
pub(crate) fn notes(lang: Lang, id: &str, hint: Option<&str>, error: Option<&str>) -> Markup {
    html! {
        @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
        @if let Some(error) = error {
            p.error id={ (id) "-error" } { span.unseen { (t::error_prefix(lang)) " " } (error) }
        }
    }
}

/// The ids of [`notes`], for `aria-describedby`.
pub(crate) fn described(id: &str, hint: Option<&str>, error: Option<&str>) -> Option<String> {
    let ids = [hint.map(|_| format!("{id}-hint")), error.map(|_| format!("{id}-error"))];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Something to be agreed to: its text in full, and a box to tick.
pub(crate) fn agree(problem: &Problem, lang: Lang, id: &str, label: &str, checked: bool) -> Markup {
    let error = problem.at(id);
    html! {
        div.field.tick.wrong[error.is_some()] {
            (notes(lang, id, None, error))
            input id=(id) name=(id) type="checkbox" value="yes" checked[checked]
                aria-describedby=[described(id, None, error)] aria-invalid=[error.map(|_| "true")];
            label for=(id) { (label) }
        }
    }
}

/// A text at length: folded up, scrollable, paragraphs by empty lines.
pub(crate) fn long_text(title: &str, text: &str, open: bool) -> Markup {
    html! {
        details.text open[open] {
            summary { (title) }
            div.scroll tabindex="0" role="region" aria-label=(title) { (paragraphs(text)) }
        }
    }
}

/// Paragraphs, separated by line breaks in the text.
pub(crate) fn paragraphs(text: &str) -> Markup {
    html! { @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (line) } } }
}

/// Terms and what they are.
pub(crate) fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (term, value) in rows { div { dt { (term) } dd { (value) } } } } }
}

/// A sum of money as text.
pub(crate) fn money(lang: Lang, money: Money) -> String {
    format::money(lang, money.tiyn())
}

/// A sum of money in a table whose caption names the unit.
pub(crate) fn bare(lang: Lang, money: Money) -> String {
    format::money(lang, money.tiyn()).trim_end_matches(['₸', '\u{a0}']).to_owned()
}

/// A day as typed, day first, as the use cases read it; anything else stays as it is, for them to refuse.
pub(crate) fn iso_day(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let marked = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | ' ');
    if digits.len() == 8 && typed.chars().all(marked) {
        format!("{}-{}-{}", &digits[4..], &digits[2..4], &digits[..2])
    } else {
        typed.trim().to_owned()
    }
}

/// A day in digits.
pub(crate) fn day(day: Date) -> Markup {
    html! { time datetime=(day) { (format::date_short(day)) } }
}

#[cfg(test)]
mod tests {
    use super::iso_day;

    #[test]
    fn a_day_is_read_day_first_however_it_is_typed() {
        for typed in ["20.05.2031", "20052031", "20 05 2031", " 20/05/2031 ", "2031-05-20"] {
            assert_eq!(iso_day(typed), "2031-05-20", "{typed}");
        }
        assert_eq!(iso_day("20.5.31"), "20.5.31");
    }
}
