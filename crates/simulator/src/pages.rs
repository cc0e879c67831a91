//! The pages for people. They work without JavaScript, of which there is none.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use jiff::{ToSpan, civil::Date};
use lending::money::Money;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use crate::{
    ACCOUNT, Channel, Mode, Outcome, Service, persons,
    service::{bank, egov_mobile, ncalayer::Signer},
    words::{Lang, Words},
    world::World,
};

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(home))
        .route("/outbox", get(outbox))
        .route("/bank", get(bank_page).post(repay))
        .route("/clock", get(clock).post(advance))
        .route("/people", get(people))
        .route("/signatures", get(signatures).post(scan))
        .route("/signatures/ncalayer", post(set_signer))
        .route("/modes", get(modes).post(set_mode))
        .route("/style.css", get(style))
}

/// Headers of everything, and no changes on behalf of another site: the simulator has no sessions that a
/// token could be bound to, so the browser's own word on where a request came from is asked.
async fn guard(request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign = matches!(from, Some(site) if site != b"same-origin" && site != b"none");
    if foreign && !request.method().is_safe() {
        let lang = reader(&At::default(), request.headers());
        return (StatusCode::FORBIDDEN, lang.words().from_elsewhere).into_response();
    }
    let mut response = next.run(request).await;
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

pub(crate) fn guarded(router: Router<Arc<World>>) -> Router<Arc<World>> {
    router.layer(middleware::from_fn(guard))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

/// What every address may carry.
#[derive(Deserialize, Default)]
struct At {
    lang: Option<String>,
    done: Option<String>,
}

/// The language asked for, or the first of the browser's that we have, or Kazakh.
fn reader(at: &At, headers: &HeaderMap) -> Lang {
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    at.lang
        .as_deref()
        .and_then(Lang::coded)
        .or_else(|| wanted.split(',').find_map(|language| Lang::coded(language.trim().get(..2)?)))
        .unwrap_or(Lang::Kk)
}

/// A word in whichever language.
type Word = fn(&Words) -> &'static str;

const SECTIONS: [(&str, Word); 6] = [
    ("/outbox", |words| words.outbox),
    ("/bank", |words| words.bank),
    ("/clock", |words| words.clock),
    ("/people", |words| words.people),
    ("/signatures", |words| words.signatures),
    ("/modes", |words| words.modes),
];

fn page(world: &World, lang: Lang, path: &str, title: &str, main: &Markup) -> Html<String> {
    let words = lang.words();
    let to = |path: &str| format!("{path}?lang={}", lang.code());
    let bad: Vec<_> = Service::ALL.into_iter().filter(|service| world.mode(*service) != Mode::Ok).collect();
    let whole = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Nesie" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    a.name href=(to("/")) { (words.world) }
                    nav.languages aria-label=(words.language) {
                        @for other in Lang::ALL {
                            a href=(format!("{path}?lang={}", other.code())) lang=(other.code()) hreflang=(other.code())
                                aria-current=[(other == lang).then_some("true")] { (other.own_name()) }
                        }
                    }
                }
                nav.sections aria-label=(words.sections) {
                    @for (section, name) in SECTIONS {
                        a href=(to(section)) aria-current=[(section == path).then_some("page")] { (name(words)) }
                    }
                }
                @if !bad.is_empty() && path != "/modes" {
                    p.bad {
                        (words.not_ok) ": "
                        @for (number, service) in bad.iter().enumerate() {
                            @if number > 0 { ", " }
                            (words.service(*service))
                        }
                        ". " a href=(to("/modes")) { (words.modes) }
                    }
                }
                main { h1 { (title) } (main) }
                footer { p { (words.invented) } }
            }
        }
    };
    Html(whole.into_string())
}

async fn home(State(world): State<Arc<World>>, Query(at): Query<At>, headers: HeaderMap) -> Html<String> {
    let lang = reader(&at, &headers);
    let words = lang.words();
    let about: [Word; 6] = [
        |words| words.outbox_about,
        |words| words.bank_about,
        |words| words.clock_about,
        |words| words.people_about,
        |words| words.signatures_about,
        |words| words.modes_about,
    ];
    let main = html! {
        p { (words.intro) }
        ul.cards {
            @for ((section, name), about) in SECTIONS.iter().zip(about) {
                li {
                    a href=(format!("{section}?lang={}", lang.code())) { (name(words)) }
                    p { (about(words)) }
                }
            }
        }
    };
    page(&world, lang, "/", words.world, &main)
}

async fn outbox(State(world): State<Arc<World>>, Query(at): Query<At>, headers: HeaderMap) -> Html<String> {
    let lang = reader(&at, &headers);
    let words = lang.words();
    let messages = world.outbox();
    let main = html! {
        p { (words.outbox_about) }
        p { a.button href=(format!("/outbox?lang={}", lang.code())) { (words.refresh) } }
        @if messages.is_empty() { p { (words.outbox_empty) } }
        ol.cards {
            @for message in messages.iter().rev() {
                li {
                    p.quiet {
                        @match message.channel { Channel::Sms => "SMS", Channel::Mail => (words.email) }
                        " · " (message.to) " · " (day(lang, message.on))
                    }
                    @if let Some(code) = code(message.channel, &message.text) {
                        p.code aria-label=(words.code) { (code) }
                    }
                    @if !message.subject.is_empty() { h2 { (message.subject) } }
                    p.text { (message.text) }
                }
            }
        }
    };
    page(&world, lang, "/outbox", words.outbox, &main)
}

/// The first word of an SMS that is 4 to 8 digits, and nothing but digits.
fn code(channel: Channel, text: &str) -> Option<&str> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_alphanumeric()).find(is_code).filter(|_| channel == Channel::Sms)
}

fn bank_form(
    world: &World,
    lang: Lang,
    problem: Option<&str>,
    done: bool,
    typed: &Repayment,
) -> Html<String> {
    let words = lang.words();
    let (payments, receipts) = (world.payments(), world.receipts());
    let main = html! {
        p { (words.bank_about) }
        p { (words.account) ": " b.figures { (ACCOUNT) } }
        h2 { (words.repay) }
        @if let Some(problem) = problem { p.bad role="alert" { (problem) } }
        @if done { p.good role="status" { (words.sent) } }
        form method="post" action=(format!("/bank?lang={}", lang.code())) {
            label for="agreement" { (words.agreement) }
            input #agreement name="agreement" required maxlength="140" list="agreements" autocomplete="off"
                value=(typed.agreement);
            datalist #agreements {
                @for payment in payments.iter().rev().take(50) { option value=(payment.text) {} }
            }
            label for="amount" { (words.amount) }
            input #amount name="amount" required maxlength="40" inputmode="decimal" autocomplete="off"
                aria-describedby="amount-hint" value=(typed.amount);
            p.quiet #amount-hint { (words.amount_hint) }
            p { (words.booked_on) ": " b { (day(lang, world.clock.today())) } }
            button { (words.send) }
        }
        h2 { (words.receipts) }
        @if receipts.is_empty() { p { (words.none_yet) } }
        ol.cards {
            @for receipt in receipts.iter().rev().take(100) {
                li {
                    p.sum { (tenge(receipt.amount_tiyn)) }
                    p.text { (receipt.text) }
                    p.quiet {
                        (day(lang, receipt.on)) " · " span.figures { (receipt.reference) } " · "
                        (if receipt.notified { words.notified } else { words.not_notified })
                    }
                }
            }
        }
        h2 { (words.payouts) }
        @if payments.is_empty() { p { (words.none_yet) } }
        ol.cards {
            @for payment in payments.iter().rev().take(100) {
                li {
                    p.sum { (tenge(payment.amount_tiyn)) }
                    p.text { (payment.payee) " · " span.figures { (payment.iban) } }
                    p.text { (payment.text) }
                    p.quiet {
                        (day(lang, payment.on)) " · "
                        @match &payment.outcome {
                            Outcome::Executed => (words.executed),
                            Outcome::Rejected(reason) => { (words.rejected) " (" (reason) ")" },
                        }
                    }
                }
            }
        }
    };
    page(world, lang, "/bank", words.bank, &main)
}

async fn bank_page(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
) -> Html<String> {
    let lang = reader(&at, &headers);
    bank_form(&world, lang, None, at.done.is_some(), &Repayment::default())
}

#[derive(Deserialize, Default)]
struct Repayment {
    agreement: String,
    amount: String,
}

async fn repay(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
    Form(typed): Form<Repayment>,
) -> Response {
    let lang = reader(&at, &headers);
    let again = |problem| {
        (StatusCode::UNPROCESSABLE_ENTITY, bank_form(&world, lang, Some(problem), false, &typed))
            .into_response()
    };
    let agreement = typed.agreement.trim();
    if agreement.is_empty() || agreement.chars().count() > 140 {
        return again(lang.words().bad_agreement);
    }
    match Money::parse(&typed.amount) {
        Ok(amount) if amount.is_positive() => {
            bank::receive(&world, agreement, amount, world.clock.today());
            Redirect::to(&format!("/bank?lang={}&done=1", lang.code())).into_response()
        }
        _ => again(lang.words().bad_amount),
    }
}

fn clock_form(world: &World, lang: Lang, problem: Option<&str>) -> Html<String> {
    let words = lang.words();
    let today = world.clock.today();
    let tomorrow = today.tomorrow().unwrap_or(today);
    let action = format!("/clock?lang={}", lang.code());
    let main = html! {
        p { (words.clock_about) }
        p { (words.today) }
        p.code { (day(lang, today)) }
        @if let Some(problem) = problem { p.bad role="alert" { (problem) } }
        form.row method="post" action=(action) {
            button name="by" value="day" { (words.plus_day) }
            button name="by" value="week" { (words.plus_week) }
            button name="by" value="month" { (words.plus_month) }
        }
        form method="post" action=(action) {
            label for="to" { (words.to_date) }
            input #to type="date" name="to" required min=(tomorrow);
            button { (words.advance) }
        }
    };
    page(world, lang, "/clock", words.clock, &main)
}

async fn clock(State(world): State<Arc<World>>, Query(at): Query<At>, headers: HeaderMap) -> Html<String> {
    clock_form(&world, reader(&at, &headers), None)
}

#[derive(Deserialize)]
struct Move {
    by: Option<String>,
    to: Option<String>,
}

async fn advance(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
    Form(wanted): Form<Move>,
) -> Response {
    let lang = reader(&at, &headers);
    let today = world.clock.today();
    let to = match wanted.by.as_deref() {
        Some("day") => today.tomorrow().ok(),
        Some("week") => today.checked_add(7.days()).ok(),
        Some("month") => today.checked_add(1.month()).ok(),
        _ => wanted.to.and_then(|date| date.parse::<Date>().ok()),
    };
    let moved = match to {
        Some(to) if to > today => world.clock.advance_to(to),
        _ => Err(lang.words().bad_date.to_owned()),
    };
    match moved {
        Ok(()) => Redirect::to(&format!("/clock?lang={}", lang.code())).into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, clock_form(&world, lang, Some(&why))).into_response(),
    }
}

async fn people(State(world): State<Arc<World>>, Query(at): Query<At>, headers: HeaderMap) -> Html<String> {
    let lang = reader(&at, &headers);
    let words = lang.words();
    let main = html! {
        p { (words.people_about) }
        ul {
            li { (words.phone_rule) }
            li { (words.name_rule) }
            li { (words.document_rule) }
            li { (words.photo_rule) }
        }
        ul.cards {
            @for person in persons::examples() {
                li {
                    h2 { (person.names.join(" ")) }
                    p { (words.fate(person.fate)) }
                    dl {
                        dt { (words.iin) } dd.figures { (person.iin) }
                        dt { (words.born) } dd { (day(lang, person.born)) }
                        dt { (words.document) } dd.figures { (person.document) }
                        dt { (words.phone) } dd.figures { (person.phone) }
                    }
                }
            }
        }
    };
    page(&world, lang, "/people", words.people, &main)
}

#[derive(Deserialize, Default)]
struct Scan {
    qr: String,
    iin: String,
    #[serde(default)]
    bin: String,
}

fn signatures_form(
    world: &World,
    lang: Lang,
    problem: Option<&str>,
    done: bool,
    typed: &Scan,
) -> Html<String> {
    let words = lang.words();
    let signer = world.signer();
    let main = html! {
        p { (words.signatures_about) }
        h2 { (words.phone_scans) }
        @if let Some(problem) = problem { p.bad role="alert" { (words.was_not_signed) ": " (problem) } }
        @if done { p.good role="status" { (words.was_signed) } }
        form method="post" action=(format!("/signatures?lang={}", lang.code())) {
            label for="qr" { (words.qr_text) }
            input #qr name="qr" required maxlength="400" autocomplete="off" placeholder="mobileSign:https://…" value=(typed.qr);
            label for="iin" { (words.phones_owner) }
            input #iin name="iin" required maxlength="12" inputmode="numeric" autocomplete="off" value=(typed.iin);
            label for="bin" { (words.keys_entity) }
            input #bin name="bin" maxlength="12" inputmode="numeric" autocomplete="off" aria-describedby="bin-hint" value=(typed.bin);
            p.quiet #bin-hint { (words.keys_entity_hint) }
            button { (words.sign) }
        }
        h2 { (words.computer_signs) }
        form method="post" action=(format!("/signatures/ncalayer?lang={}", lang.code())) {
            label for="key" { (words.keys_owner) }
            input #key name="iin" maxlength="12" inputmode="numeric" autocomplete="off" aria-describedby="key-hint"
                value=(signer.iin.unwrap_or_default());
            p.quiet #key-hint { (words.keys_owner_hint) }
            label for="key-bin" { (words.keys_entity) }
            input #key-bin name="bin" maxlength="12" inputmode="numeric" autocomplete="off" aria-describedby="key-bin-hint"
                value=(signer.bin.unwrap_or_default());
            p.quiet #key-bin-hint { (words.keys_entity_hint) }
            label {
                input type="checkbox" name="card" value="yes" checked[!signer.tokens.is_empty()]; " " (words.card_in_reader)
            }
            button { (words.apply) }
        }
    };
    page(world, lang, "/signatures", words.signatures, &main)
}

async fn signatures(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
) -> Html<String> {
    signatures_form(&world, reader(&at, &headers), None, at.done.is_some(), &Scan::default())
}

async fn scan(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
    Form(typed): Form<Scan>,
) -> Response {
    let lang = reader(&at, &headers);
    match egov_mobile::scan(&world, &typed.qr, &typed.iin, written(&typed.bin)).await {
        Ok(()) => Redirect::to(&format!("/signatures?lang={}&done=1", lang.code())).into_response(),
        Err(why) => {
            (StatusCode::UNPROCESSABLE_ENTITY, signatures_form(&world, lang, Some(&why), false, &typed))
                .into_response()
        }
    }
}

/// What was written into a field that may be left empty.
fn written(field: &str) -> Option<&str> {
    Some(field.trim()).filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
struct Key {
    iin: String,
    bin: String,
    card: Option<String>,
}

async fn set_signer(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
    Form(key): Form<Key>,
) -> Response {
    let tokens = key.card.map(|_| "AKKZIDCardStore".to_owned()).into_iter().collect();
    let number = |given: &str| written(given).map(str::to_owned);
    world.set_signer(Signer { iin: number(&key.iin), bin: number(&key.bin), tokens });
    Redirect::to(&format!("/signatures?lang={}", reader(&at, &headers).code())).into_response()
}

async fn modes(State(world): State<Arc<World>>, Query(at): Query<At>, headers: HeaderMap) -> Html<String> {
    let lang = reader(&at, &headers);
    let words = lang.words();
    let main = html! {
        p { (words.modes_about) }
        ul.cards {
            @for service in Service::ALL {
                @let now = world.mode(service);
                @let delay = if let Mode::Slow { ms } = now { ms } else { 5_000 };
                li {
                    h2 { (words.service(service)) }
                    form method="post" action=(format!("/modes?lang={}", lang.code())) {
                        input type="hidden" name="service" value=(service.name());
                        select name="mode" aria-label=(words.service(service)) {
                            @for mode in service.modes() {
                                option value=(mode.name()) selected[mode.name() == now.name()] { (words.mode(mode)) }
                            }
                        }
                        label {
                            (words.delay) " "
                            input type="number" name="ms" min="0" max="60000" step="100" value=(delay);
                        }
                        button { (words.apply) }
                    }
                    @if now != Mode::Ok { p.bad { (words.not_ok) ": " (words.mode(now)) } }
                }
            }
        }
    };
    page(&world, lang, "/modes", words.modes, &main)
}

#[derive(Deserialize)]
struct Switched {
    service: String,
    mode: String,
    ms: u64,
}

async fn set_mode(
    State(world): State<Arc<World>>,
    Query(at): Query<At>,
    headers: HeaderMap,
    Form(switched): Form<Switched>,
) -> Response {
    let Some(service) = Service::named(&switched.service) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let mode = match service.modes().into_iter().find(|mode| mode.name() == switched.mode) {
        Some(Mode::Slow { .. }) => Mode::Slow { ms: switched.ms },
        Some(mode) => mode,
        None => return StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    };
    world.set_mode(service, mode);
    Redirect::to(&format!("/modes?lang={}", reader(&at, &headers).code())).into_response()
}

fn day(lang: Lang, date: Date) -> String {
    let month = usize::try_from(date.month() - 1).ok().and_then(|month| lang.words().month.get(month));
    let (day, month, year) = (date.day(), month.copied().unwrap_or_default(), date.year());
    match lang {
        Lang::Kk => format!("{year}\u{a0}ж. {day}\u{a0}{month}"),
        Lang::Ru => format!("{day}\u{a0}{month} {year}\u{a0}г."),
        Lang::En => format!("{day}\u{a0}{month} {year}"),
    }
}

/// `25 000,50 ₸`, with spaces that do not break.
fn tenge(amount: Money) -> String {
    let written = amount.to_string();
    let (whole, tiyn) = written.split_once('.').unwrap_or((&written, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    format!("{grouped},{tiyn}\u{a0}₸")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_big_and_a_phone_or_an_amount_is_not_taken_for_it() {
        assert_eq!(code(Channel::Sms, "Nesie: растау коды 482913. Ешкімге айтпаңыз"), Some("482913"));
        assert_eq!(code(Channel::Sms, "+77010000101 шарт N-1"), None);
        assert_eq!(code(Channel::Mail, "482913"), None);
        assert_eq!(tenge(Money::from_tiyn(123_456_700)), "1\u{a0}234\u{a0}567,00\u{a0}₸");
    }
}
