//! The rules and the arithmetic of a Kazakh microcredit organization.
//!
//! Pure: no clock, no I/O, no randomness, no floats in money. Everything here is a function of what it is
//! handed, so that any figure can be computed again years later and come out the same.
//!
//! Start at [`mod@loan`]: a loan is the fold of its events. [`mod@law`] holds the clauses and the dated
//! limits everything else is held against.
#![forbid(unsafe_code)]

pub mod amendment;
pub mod application;
pub mod authority;
pub mod calendar;
pub mod confirmation;
pub mod effective_rate;
pub mod iban;
pub mod iin;
pub mod law;
pub mod ledger;
pub mod loan;
pub mod money;
pub mod phone;
pub mod product;
pub mod rate;
pub mod report;
pub mod schedule;
