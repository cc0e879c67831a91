//! Use cases against a real PostgreSQL and the outside world over HTTP.
#![allow(missing_docs)]

mod whole;
