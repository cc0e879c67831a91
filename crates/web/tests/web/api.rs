//! The JSON API.

mod access;
mod bad_input;
mod changes;
mod conformance;
mod description;
pub(crate) mod mobile;
mod secrets;
pub(crate) mod signatures;
mod whole;
