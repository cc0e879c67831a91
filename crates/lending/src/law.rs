//! The law as named items and dated data.
//!
//! [`rules`] holds what changes with dates: limits, rates, terms, thresholds.

pub mod rules;
