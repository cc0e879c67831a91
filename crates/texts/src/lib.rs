//! Everything a person reads, in Kazakh, Russian and English.
//!
//! Texts are Fluent files, `kk/*.ftl`, `ru/*.ftl`, `en/*.ftl`, the same file names and keys in each. The build turns
//! `client.ftl`'s `sign-in-title = …` into [`client`]`::sign_in_title(lang)`: a `&'static str`, or a `String`
//! when there are variables. A key, language or variable that is missing anywhere does not build.
//!
//! * To add a text, edit three files; nothing else.
//! * Arguments stand in the **alphabetical** order of their names, so that rewording a sentence can never swap
//!   two amounts. A variable that selects a plural (in any language) is a whole number, `impl Into<i64>`; every other
//!   one is `impl Display`: format money and dates first, with [`format`](mod@format).
//! * Plurals: Kazakh and English `[one] *[other]`, Russian `[one] [few] *[many]`; exact numbers `[0]` win.
//!   A language that needs no plural writes `{ $days }` plainly.
//! * [`refusals::by_code`] finds the text of a refusal by its stable code.
//! * The documentation of a function shows its three texts.

#![allow(clippy::too_many_arguments, reason = "a text has as many places as it has")]

pub mod format;
mod lang;
mod plural;

pub use lang::Lang;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));
