//! A bundle made up record by record, and everything that can be wrong with one.
#![allow(missing_docs, clippy::unwrap_used)]

mod archive;
mod golden;
mod hostile;
mod made;
mod records;
mod signatures;
