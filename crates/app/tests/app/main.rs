//! Use cases against a real PostgreSQL and the outside world over HTTP.
#![allow(missing_docs, clippy::unwrap_used)]

mod amendments;
mod applications;
mod bundles;
mod catalogue;
mod confirmations;
mod day;
mod entities;
mod factors;
mod hosted;
mod identity;
mod liveness;
mod methods;
mod payments;
mod payout;
mod record;
mod signatures;
mod staff;
mod strangers;
mod texts;
mod uploads;
mod whole;

use app::refusal::{No, Result};

/// The code of the refusal, or what else came.
fn refused<T>(answer: Result<T>) -> String {
    match answer {
        Ok(_) => "done".into(),
        Err(No::Refusal(refusal)) => refusal.code.into(),
        Err(No::Fault(fault)) => panic!("a fault: {fault:?}"),
    }
}
