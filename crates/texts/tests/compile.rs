//! What a translator must be stopped from doing, and what comes out of a good file.

#[path = "../compile.rs"]
mod compile;

use compile::{Source, compile as build};
use texts::{Lang, common};

/// One file in three languages.
fn client(kk: &str, ru: &str, en: &str) -> Vec<Source> {
    let texts = [kk, ru, en];
    let file = |(at, text): (usize, &str)| Source {
        lang: compile::LANGS[at],
        file: "client".into(),
        text: text.to_owned() + "\n",
    };
    texts.into_iter().enumerate().map(file).collect()
}

#[track_caller]
fn refused(sources: &[Source], expected: &str) {
    let errors = build(sources).expect_err("must not build");
    assert_eq!(errors.len(), 1, "one mistake, one line: {errors:#?}");
    assert!(errors[0].contains(expected), "{errors:#?}");
}

#[test]
fn a_mistake_in_a_translation_stops_the_build_and_names_file_and_key() {
    refused(&client("a = А", "a = А\nb = Б", "a = A\nb = B"), "kk/client.ftl: b: missing in this language");
    refused(&client("a = А", "a = А", "a = A")[..2], "en/client.ftl: the file is missing");
    refused(
        &client("a = { $sum }", "a = { $sum } { $day }", "a = { $sum } { $day }"),
        "kk/client.ftl: a: $day",
    );
    refused(&client("a = А", "a = А\na = Б", "a = A"), "ru/client.ftl: a: the key is there twice");
    refused(&client("a = А", "a = А", "a = A\n-brand = Nesie"), "en/client.ftl: -brand: terms");
    refused(&client("a = А", "a = { b }", "a = A"), "ru/client.ftl: a: only $variables");
    refused(&client("a = А", "a = { NUMBER(1) }", "a = A"), "ru/client.ftl: a: only $variables");
    refused(&client("a = А\n  .title = Т", "a = А", "a = A"), "kk/client.ftl: a: attributes");
    refused(&client("a = А", "a = А", "a = A\n\nthis is not fluent"), "en/client.ftl:3: ");
    refused(&client("a = А", "a = А", "a = { $x"), "en/client.ftl:");
    refused(
        &client("continue = А", "continue = А", "continue = A")[..1],
        "kk/client.ftl: continue: a key is",
    );
}

#[test]
fn a_plural_that_would_read_wrong_stops_the_build() {
    let en = "a = { $n ->\n  [one] day\n *[other] days\n }";
    let without_few = "a = { $n ->\n  [one] день\n *[other] дней\n }";
    refused(&client("a = { $n } күн", without_few, en), "ru/client.ftl: a: [few] is missing");
    let few_in_english = "a = { $n ->\n  [one] day\n  [few] days\n *[other] days\n }";
    let ru = "a = { $n ->\n  [one] день\n  [few] дня\n *[many] дней\n }";
    refused(&client("a = { $n } күн", ru, few_in_english), "en/client.ftl: a: [few]: not a whole number");
    build(&client("a = { $n } күн", ru, en)).expect("the right categories build");
}

#[test]
fn the_noun_after_a_number_is_right_in_every_language() {
    let shown = |n: i64| Lang::ALL.map(|lang| common::days(lang, n));
    assert_eq!(shown(0), ["0 күн", "0 дней", "0 days"]);
    assert_eq!(shown(1), ["1 күн", "1 день", "1 day"]);
    assert_eq!(shown(3), ["3 күн", "3 дня", "3 days"]);
    assert_eq!(shown(11), ["11 күн", "11 дней", "11 days"]);
    assert_eq!(shown(21), ["21 күн", "21 день", "21 days"]);
    assert_eq!(shown(111), ["111 күн", "111 дней", "111 days"]);
}

#[test]
fn a_refusal_finds_its_text_by_code_and_an_unknown_code_does_not_invent_one() {
    for lang in Lang::ALL {
        assert_eq!(texts::refusals::by_code(lang, "not-found"), Some(texts::refusals::not_found(lang)));
        assert_eq!(texts::refusals::by_code(lang, "no-such-code"), None);
    }
}
