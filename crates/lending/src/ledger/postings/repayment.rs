//! What a client's money was taken for (Law on microfinance activity, art. 6 п. 1-1).

use crate::ledger::Account::{
    ClientAdvances, InterestOverdue, InterestReceivable, Overpayments, PenaltyReceivable, PrincipalCurrent,
    PrincipalOverdue, RepaymentClearing,
};
use crate::ledger::Transfer;
use crate::money::Money;

/// Overdue principal paid.
#[must_use]
pub const fn overdue_principal_repaid(amount: Money) -> Transfer {
    Transfer::new("overdue_principal_repaid", RepaymentClearing, PrincipalOverdue, amount)
}

/// Overdue interest paid.
#[must_use]
pub const fn overdue_interest_repaid(amount: Money) -> Transfer {
    Transfer::new("overdue_interest_repaid", RepaymentClearing, InterestOverdue, amount)
}

/// Penalty paid.
#[must_use]
pub const fn penalty_repaid(amount: Money) -> Transfer {
    Transfer::new("penalty_repaid", RepaymentClearing, PenaltyReceivable, amount)
}

/// Principal of the current period paid, or paid early.
#[must_use]
pub const fn principal_repaid(amount: Money) -> Transfer {
    Transfer::new("principal_repaid", RepaymentClearing, PrincipalCurrent, amount)
}

/// Interest of the current period paid.
#[must_use]
pub const fn interest_repaid(amount: Money) -> Transfer {
    Transfer::new("interest_repaid", RepaymentClearing, InterestReceivable, amount)
}

/// Money that came before anything was due, held for the next due dates.
#[must_use]
pub const fn advance_held(amount: Money) -> Transfer {
    Transfer::new("advance_held", RepaymentClearing, ClientAdvances, amount)
}

/// Held money taken for what has become due.
#[must_use]
pub const fn advance_applied(amount: Money) -> Transfer {
    Transfer::new("advance_applied", ClientAdvances, RepaymentClearing, amount)
}

/// Money beyond the whole debt: owed to the client.
#[must_use]
pub const fn overpayment_owed(amount: Money) -> Transfer {
    Transfer::new("overpayment_owed", RepaymentClearing, Overpayments, amount)
}
