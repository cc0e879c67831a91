//! The JSON API.

mod access;
mod bad_input;
mod changes;
mod conformance;
mod description;
mod mobile;
mod secrets;
mod whole;
