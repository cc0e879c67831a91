//! What an auditor can ask with no database: JSON in, a report out.
//!
//! [`quote()`](quote::quote) turns terms into a schedule with its cost and what the law says of it;
//! [`replay()`](replay::replay) turns terms and events into a loan on a date with its postings;
//! [`explain()`](explain::explain) names every step that leads to one figure.

pub mod explain;
mod input;
pub mod quote;
pub mod replay;
#[cfg(feature = "utoipa")]
mod schema;

pub use input::{Agreement, INPUT_BYTES_MAX, InputError};
#[cfg(feature = "utoipa")]
pub use schema::{document, schemas};

#[cfg(test)]
mod tests;
