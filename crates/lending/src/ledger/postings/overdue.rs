//! What was due and was not paid.

use crate::ledger::Account::{InterestOverdue, InterestReceivable, PrincipalCurrent, PrincipalOverdue};
use crate::ledger::Transfer;
use crate::money::Money;

/// Principal whose due date passed unpaid.
#[must_use]
pub const fn principal_fell_overdue(amount: Money) -> Transfer {
    Transfer::new("principal_fell_overdue", PrincipalOverdue, PrincipalCurrent, amount)
}

/// Interest whose due date passed unpaid.
#[must_use]
pub const fn interest_fell_overdue(amount: Money) -> Transfer {
    Transfer::new("interest_fell_overdue", InterestOverdue, InterestReceivable, amount)
}
