//! The web as clients, employees and other programs meet it: requests against the whole router, on a real
//! PostgreSQL, with the outside world over HTTP.
#![allow(missing_docs, clippy::unwrap_used)]

mod api;
mod changes;
mod guard;
mod once;
mod replay;
mod slow;
mod strangers;
mod uploads;
