//! What a client is reached, paid and known by, and changing it (Rules cl. [6.f](lending::law::CL_6_F),
//! [6.g](lending::law::CL_6_G), [29](lending::law::CL_29), [35.3](lending::law::CL_35_3)).

use app::{
    id::Id,
    identity::{self, Asked, Change, Matter, Prover, Secret, ShownChange, TokenKind, What},
    parties::{self, Party},
    refusal::Result,
    sessions::Client,
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use texts::{Lang, client as t, format};
use uuid::Uuid;

use super::{
    loan::id,
    proving::{self, Chosen},
};
use crate::{
    form::{Form, Nothing, Query},
    guard::{Answer, Reader, Stop},
    page::{self, Input, Problem, facts, field},
    qr::qr,
};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wish {
    phone: String,
    iban: String,
    password: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewToken {
    kind: String,
    name: String,
    seed: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Code {
    number: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Codes {
    first: String,
    second: String,
}

/// Everything by which the client is reached, paid and known.
pub(super) async fn overview(reader: Reader, client: Client) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client).await?;
    let owner = op.who.id.uuid();
    let known = identity::profile(&mut op, owner).await?;
    let holder = op.who.party().uuid();
    let account = identity::account(&mut op, holder).await?;
    let entity = match parties::party(&mut op, holder).await? {
        Party::Entity(entity) => Some(entity),
        Party::Individual(_) => None,
    };
    let (tokens, now) = (identity::tokens(&mut op).await?, op.now);
    op.commit().await?;
    let body = html! {
        h1 { (t::security_title(lang)) }
        section.card {
            @if let Some(entity) = &entity {
                (facts(&[(t::entity_phone(lang), html! { span.figures { (entity.phone.masked()) } })]))
            }
            (facts(&[
                (t::iin(lang), html! { span.figures { (known.iin.as_str()) } }),
                (t::phone(lang), html! { span.figures { (known.phone.masked()) } }),
                (t::account_paid_to(lang), html! {
                    span.figures { (account.as_ref().map_or_else(|| t::account_none(lang).to_owned(), |a| a.iban.masked())) }
                }),
            ]))
            p.hint { (t::iin_fixed(lang)) }
            @if let Some(from) = account.map(|a| a.payouts_from).filter(|from| *from > now) {
                p.told { (t::account_from(lang, format::instant(lang, from))) }
            }
            ul {
                li { a href="/account/changes/phone" { (phone_title(&reader)) } }
                li { a href="/account/changes/account" { (t::change_account_title(lang)) } }
                li { a href="/account/changes/password" { (t::change_password_title(lang)) } }
            }
        }
        section.card {
            h2 { (t::tokens_title(lang)) }
            p { (t::tokens_lead(lang)) }
            @for token in &tokens {
                h3 { (token.name) }
                p.quiet { (kind_name(lang, token.kind)) " · " (format::instant(lang, token.created_at)) }
                (page::post(&reader, &format!("/account/tokens/{}/give-up", token.id),
                    &html! { button.link { (t::token_give_up(lang)) } }))
                @if token.kind == TokenKind::Hotp {
                    p { a href={ "/account/tokens/" (token.id) "/resynchronise" } { (t::token_resynchronise(lang)) } }
                }
            }
            p { a.button.plain href="/account/tokens" { (t::token_add(lang)) } }
        }
        p { a href="/account/sessions" { (t::sessions_title(lang)) } }
    };
    Ok(page::show(&reader, t::security_title(lang), &body))
}

fn kind_name(lang: Lang, kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Totp => t::token_totp(lang),
        TokenKind::Hotp => t::token_hotp(lang),
    }
}

/// The three things with a form of one field.
#[derive(Clone, Copy)]
enum Field {
    Phone,
    Account,
    Password,
}

impl Field {
    fn page(self, reader: &Reader, wish: &Wish, problem: &Problem) -> Response {
        let lang = reader.lang;
        let f = |id, label, hint, input: Input<'_>| field(problem, lang, id, label, hint, &input);
        let (title, lead, path, input) = match self {
            Self::Phone => {
                let (lead, hint) = match page::acts_for(reader) {
                    Some(name) => {
                        (t::change_entity_phone_lead(lang, name), t::change_entity_phone_hint(lang))
                    }
                    None => (t::change_phone_lead(lang).to_owned(), t::phone_hint(lang)),
                };
                (
                    phone_title(reader),
                    lead,
                    "/account/changes/phone",
                    f("phone", t::phone_new(lang), Some(hint), Input::phone(&wish.phone)),
                )
            }
            Self::Account => (
                t::change_account_title(lang),
                t::change_account_lead(lang).to_owned(),
                "/account/changes/account",
                f("iban", t::iban(lang), Some(t::iban_hint(lang)), Input::text(&wish.iban, "off", 34)),
            ),
            Self::Password => (
                t::change_password_title(lang),
                t::change_password_lead(lang).to_owned(),
                "/account/changes/password",
                f("password", t::password_new(lang), Some(t::password_hint(lang)), Input::password()),
            ),
        };
        let form = html! { (input) div.actions { button { (t::go_on(lang)) } } };
        let body = html! {
            div.narrow { h1 { (title) } p.lead { (lead) } (page::post(reader, path, &form)) }
        };
        page::show_form(reader, title, problem, &body)
    }

    async fn ask(self, reader: Reader, client: Client, wish: Wish) -> Answer {
        let asked = match self {
            Self::Phone => Asked::Phone(&wish.phone),
            Self::Account => Asked::Account(&wish.iban),
            Self::Password => Asked::Password(&wish.password),
        };
        match identity::ask(reader.app(), client, asked, reader.lang).await {
            Ok(change) => Ok(Redirect::to(&proving::home(Matter::Change(change.id))).into_response()),
            Err(no) => Ok(self.page(&reader, &wish, &Problem::of(reader.lang, no)?)),
        }
    }
}

pub(super) async fn show_phone(reader: Reader, _: Client) -> Response {
    Field::Phone.page(&reader, &Wish::default(), &Problem::none())
}

pub(super) async fn ask_phone(reader: Reader, client: Client, Form(wish): Form<Wish>) -> Answer {
    Field::Phone.ask(reader, client, wish).await
}

pub(super) async fn show_account(reader: Reader, _: Client) -> Response {
    Field::Account.page(&reader, &Wish::default(), &Problem::none())
}

pub(super) async fn ask_account(reader: Reader, client: Client, Form(wish): Form<Wish>) -> Answer {
    Field::Account.ask(reader, client, wish).await
}

pub(super) async fn show_password(reader: Reader, _: Client) -> Response {
    Field::Password.page(&reader, &Wish::default(), &Problem::none())
}

pub(super) async fn ask_password(reader: Reader, client: Client, Form(wish): Form<Wish>) -> Answer {
    Field::Password.ask(reader, client, wish).await
}

pub(super) async fn show_token(reader: Reader, _: Client) -> Response {
    token_page(&reader, &NewToken::default(), &Problem::none())
}

/// Asks for a token; its secret is on the page that answers, and on no other.
pub(super) async fn ask_token(reader: Reader, client: Client, Form(given): Form<NewToken>) -> Answer {
    let kind = TokenKind::by_code(&given.kind).unwrap_or(TokenKind::Totp);
    let asked = Asked::Token { kind, name: &given.name, seed: &given.seed };
    match identity::ask(reader.app(), client.clone(), asked, reader.lang).await {
        Ok(change) => change_page(&reader, client, change.id, change.secret, None, &Problem::none()).await,
        Err(no) => Ok(token_page(&reader, &given, &Problem::of(reader.lang, no)?)),
    }
}

fn token_page(reader: &Reader, given: &NewToken, problem: &Problem) -> Response {
    let lang = reader.lang;
    let chosen = TokenKind::by_code(&given.kind).unwrap_or(TokenKind::Totp);
    let form = html! {
        fieldset.choices {
            legend { (t::token_kind(lang)) }
            @for kind in [TokenKind::Totp, TokenKind::Hotp] {
                label {
                    input type="radio" name="kind" value=(kind.code()) checked[kind == chosen];
                    span { (kind_name(lang, kind)) small { (kind_hint(lang, kind)) } }
                }
            }
        }
        (field(problem, lang, "name", t::token_name(lang), Some(t::token_name_hint(lang)), &Input::text(&given.name, "off", 60)))
        (field(problem, lang, "seed", t::token_seed(lang), Some(t::token_seed_hint(lang)), &Input::password()))
        div.actions { button { (t::go_on(lang)) } }
    };
    let body = html! {
        div.narrow {
            h1 { (t::token_add(lang)) }
            p.lead { (t::tokens_lead(lang)) }
            (page::post(reader, "/account/tokens", &form))
        }
    };
    page::show_form(reader, t::token_add(lang), problem, &body)
}

fn kind_hint(lang: Lang, kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Totp => t::token_totp_hint(lang),
        TokenKind::Hotp => t::token_hotp_hint(lang),
    }
}

pub(super) async fn give_up_token(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let token: Id<TokenRecord> = id(&path)?;
    let change = identity::ask(reader.app(), client, Asked::GiveUpToken(token.uuid()), reader.lang).await?;
    Ok(Redirect::to(&proving::home(Matter::Change(change.id))).into_response())
}

/// Marks the id of a token in an address.
struct TokenRecord;

pub(super) async fn show_resynchronise(reader: Reader, _: Client, Path(path): Path<String>) -> Answer {
    let token: Id<TokenRecord> = id(&path)?;
    Ok(resynchronise_page(&reader, token.uuid(), &Problem::none()))
}

pub(super) async fn resynchronise(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Form(given): Form<Codes>,
) -> Answer {
    let token: Id<TokenRecord> = id(&path)?;
    let token = token.uuid();
    match identity::resynchronise(reader.app(), client, token, &given.first, &given.second).await {
        Ok(()) => Ok(Redirect::to("/account/security").into_response()),
        Err(no) => Ok(resynchronise_page(&reader, token, &Problem::of(reader.lang, no)?)),
    }
}

fn resynchronise_page(reader: &Reader, token: Uuid, problem: &Problem) -> Response {
    let lang = reader.lang;
    let body = html! {
        div.narrow {
            h1 { (t::token_resynchronise(lang)) }
            p.lead { (t::token_resynchronise_lead(lang)) }
            (two_codes(reader, &format!("/account/tokens/{token}/resynchronise"), problem))
        }
    };
    page::show_form(reader, t::token_resynchronise(lang), problem, &body)
}

fn two_codes(reader: &Reader, action: &str, problem: &Problem) -> Markup {
    let lang = reader.lang;
    page::post(
        reader,
        action,
        &html! {
            (field(problem, lang, "first", t::token_first(lang), None, &Input::code()))
            (field(problem, lang, "second", t::token_second(lang), Some(t::token_second_hint(lang)), &Input::code()))
            div.actions { button { (t::token_check(lang)) } }
        },
    )
}

pub(super) async fn show(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    change_page(&reader, client, id(&path)?, None, chosen.way(), &Problem::none()).await
}

/// The page again, after a proof that was refused.
pub(super) async fn proofs(
    reader: &Reader,
    who: Prover,
    id: Id<Change>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    match who {
        Prover::Client(client) => change_page(reader, client, id, None, way, problem).await,
        Prover::Registrant(_) | Prover::Recoverer(_) => Err(Stop::SignIn),
    }
}

/// After a proof, or a check: carried out, if that was all.
pub(super) async fn go_on(reader: &Reader, who: Prover, id: Id<Change>) -> Answer {
    let Prover::Client(client) = who else { return Err(Stop::SignIn) };
    let mut op = reader.app().begin(client.clone()).await?;
    let shown = identity::change(&mut op, id).await?;
    op.commit().await?;
    let matter = Matter::Change(id);
    let ready = !shown.to_check
        && !shown.done
        && matter.standing(reader.app(), &client.clone().into()).await?.missing.is_none();
    if ready && let Err(no) = identity::carry_out(reader.app(), client.clone(), id).await {
        return change_page(reader, client, id, None, None, &Problem::of(reader.lang, no)?).await;
    }
    Ok(Redirect::to(&proving::home(matter)).into_response())
}

pub(super) async fn carry_out(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    go_on(&reader, client.into(), id(&path)?).await
}

/// Takes the code that went to the new number.
pub(super) async fn check_number(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Form(given): Form<Code>,
) -> Answer {
    let id = id(&path)?;
    let checked = identity::check_phone(reader.app(), client.clone(), id, &given.number).await;
    after_check(&reader, client, id, checked.map_err(|no| at(no, "number"))).await
}

pub(super) async fn send_number(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = id(&path)?;
    let sent = identity::send_to_new_phone(reader.app(), client.clone(), id, reader.lang).await;
    after_check(&reader, client, id, sent).await
}

pub(super) async fn check_codes(
    reader: Reader,
    client: Client,
    Path(path): Path<String>,
    Form(given): Form<Codes>,
) -> Answer {
    let id = id(&path)?;
    let checked = identity::check_token(reader.app(), client.clone(), id, &given.first, &given.second).await;
    after_check(&reader, client, id, checked).await
}

/// A refusal at the field of this page.
fn at(no: app::refusal::No, field: &'static str) -> app::refusal::No {
    match no {
        app::refusal::No::Refusal(no) if no.field.is_some() => no.at(field).into(),
        no => no,
    }
}

async fn after_check(reader: &Reader, client: Client, id: Id<Change>, checked: Result<()>) -> Answer {
    match checked {
        Ok(()) => go_on(reader, client.into(), id).await,
        Err(no) => {
            let problem = Problem::of(reader.lang, no)?;
            change_page(reader, client, id, None, None, &problem).await
        }
    }
}

async fn change_page(
    reader: &Reader,
    client: Client,
    id: Id<Change>,
    secret: Option<Secret>,
    way: Option<&str>,
    problem: &Problem,
) -> Answer {
    let lang = reader.lang;
    let mut op = reader.app().begin(client.clone()).await?;
    let shown = identity::change(&mut op, id).await?;
    op.commit().await?;
    let title = title(reader, &shown.what);
    let matter = Matter::Change(id);
    let next = if shown.done {
        html! {
            p.told role="status" { (t::change_done(lang)) }
            p { a.button href="/account/security" { (t::security_title(lang)) } }
        }
    } else if shown.to_check {
        to_check(reader, &shown, secret.as_ref(), problem)
    } else {
        let standing = matter.standing(reader.app(), &client.into()).await?;
        html! {
            (proving::part(reader, matter, &standing, way, problem))
            @if standing.missing.is_none() {
                (page::post(reader, &format!("/account/changes/{id}/carry-out"), &html! { button { (t::change_button(lang)) } }))
            }
        }
    };
    let body = html! {
        div.narrow {
            h1 { (title) }
            @if let (What::Phone(_), Some(name)) = (&shown.what, page::acts_for(reader)) {
                p { (t::entity_phone(lang)) ": " strong { (name) } }
            }
            @if let Some(to) = to(&shown.what) { p.lead { (t::change_to(lang)) " " strong.figures { (to) } } }
            (next)
        }
    };
    Ok(page::show_form(reader, title, problem, &body))
}

/// Whose number a page changes: the entity's while the reader acts for it, their own otherwise.
fn phone_title(reader: &Reader) -> &'static str {
    match page::acts_for(reader) {
        Some(_) => t::change_entity_phone_title(reader.lang),
        None => t::change_phone_title(reader.lang),
    }
}

fn title(reader: &Reader, what: &What) -> &'static str {
    let lang = reader.lang;
    match what {
        What::Phone(_) => phone_title(reader),
        What::Account(_) => t::change_account_title(lang),
        What::Password => t::change_password_title(lang),
        What::Token(..) => t::token_add(lang),
        What::GiveUpToken => t::token_give_up(lang),
    }
}

fn to(what: &What) -> Option<&str> {
    match what {
        What::Phone(to) | What::Account(to) | What::Token(_, to) => Some(to),
        What::Password | What::GiveUpToken => None,
    }
}

/// What has to be seen to work before it counts.
fn to_check(reader: &Reader, shown: &ShownChange, secret: Option<&Secret>, problem: &Problem) -> Markup {
    let (lang, base) = (reader.lang, format!("/account/changes/{}", shown.id));
    match &shown.what {
        What::Phone(phone) => html! {
            p.told { (t::code_sent_to(lang, phone)) }
            (page::post(reader, &format!("{base}/number"), &html! {
                (field(problem, lang, "number", t::code(lang), Some(t::code_hint(lang)), &Input::code()))
                div.actions { button { (t::prove_button(lang)) } }
            }))
            (page::post(reader, &format!("{base}/number/send"), &html! { button.link { (t::code_again(lang)) } }))
        },
        _ => html! {
            @if let Some(secret) = secret {
                p { (t::token_scan(lang)) }
                (qr(&secret.address, t::token_scan(lang)))
                p { (t::token_key(lang)) " " code { (spaced(&secret.text)) } }
                p.hint { (t::token_once(lang)) }
            }
            (two_codes(reader, &format!("{base}/codes"), problem))
            p.quiet { a href="/account/tokens" { (t::register_again(lang)) } }
        },
    }
}

/// In groups of four, as people copy it.
fn spaced(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
