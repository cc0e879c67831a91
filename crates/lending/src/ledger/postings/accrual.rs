//! What a day adds to a debt.

use crate::ledger::Account::{InterestIncome, InterestReceivable, PenaltyIncome, PenaltyReceivable};
use crate::ledger::Transfer;
use crate::money::Money;

/// Interest for days that have passed.
#[must_use]
pub const fn interest_accrued(amount: Money) -> Transfer {
    Transfer::new("interest_accrued", InterestReceivable, InterestIncome, amount)
}

/// Penalty for days overdue.
#[must_use]
pub const fn penalty_accrued(amount: Money) -> Transfer {
    Transfer::new("penalty_accrued", PenaltyReceivable, PenaltyIncome, amount)
}
