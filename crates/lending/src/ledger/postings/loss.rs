//! What is given up, written off or sold.

use crate::ledger::Account::{
    AssignedClaims, InterestIncome, InterestOverdue, InterestReceivable, Overpayments, PenaltyIncome,
    PenaltyReceivable, PrincipalCurrent, PrincipalOverdue, Recoveries, RepaymentClearing, WriteOffLoss,
};
use crate::ledger::Transfer;
use crate::money::Money;

/// Overdue interest given up.
#[must_use]
pub const fn overdue_interest_waived(amount: Money) -> Transfer {
    Transfer::new("overdue_interest_waived", InterestIncome, InterestOverdue, amount)
}

/// Interest of the current period given up.
#[must_use]
pub const fn interest_waived(amount: Money) -> Transfer {
    Transfer::new("interest_waived", InterestIncome, InterestReceivable, amount)
}

/// Penalty given up.
#[must_use]
pub const fn penalty_waived(amount: Money) -> Transfer {
    Transfer::new("penalty_waived", PenaltyIncome, PenaltyReceivable, amount)
}

/// Overdue principal written off (Rules cl. [13.d](crate::law::CL_13_D)).
#[must_use]
pub const fn overdue_principal_written_off(amount: Money) -> Transfer {
    Transfer::new("overdue_principal_written_off", WriteOffLoss, PrincipalOverdue, amount)
}

/// Overdue interest written off.
#[must_use]
pub const fn overdue_interest_written_off(amount: Money) -> Transfer {
    Transfer::new("overdue_interest_written_off", WriteOffLoss, InterestOverdue, amount)
}

/// Penalty written off.
#[must_use]
pub const fn penalty_written_off(amount: Money) -> Transfer {
    Transfer::new("penalty_written_off", WriteOffLoss, PenaltyReceivable, amount)
}

/// Principal not overdue written off.
#[must_use]
pub const fn principal_written_off(amount: Money) -> Transfer {
    Transfer::new("principal_written_off", WriteOffLoss, PrincipalCurrent, amount)
}

/// Interest not overdue written off.
#[must_use]
pub const fn interest_written_off(amount: Money) -> Transfer {
    Transfer::new("interest_written_off", WriteOffLoss, InterestReceivable, amount)
}

/// Money for a debt that was written off while the claim was kept (Rules cl. [13.e](crate::law::CL_13_E)).
#[must_use]
pub const fn claim_recovered(amount: Money) -> Transfer {
    Transfer::new("claim_recovered", RepaymentClearing, Recoveries, amount)
}

/// What a client had paid on a credit that was never theirs: to be returned (Rules cl.
/// [13.d](crate::law::CL_13_D)).
#[must_use]
pub const fn refund_owed(amount: Money) -> Transfer {
    Transfer::new("refund_owed", WriteOffLoss, Overpayments, amount)
}

/// Overdue principal assigned to another.
#[must_use]
pub const fn overdue_principal_sold(amount: Money) -> Transfer {
    Transfer::new("overdue_principal_sold", AssignedClaims, PrincipalOverdue, amount)
}

/// Overdue interest assigned to another.
#[must_use]
pub const fn overdue_interest_sold(amount: Money) -> Transfer {
    Transfer::new("overdue_interest_sold", AssignedClaims, InterestOverdue, amount)
}

/// Penalty assigned to another.
#[must_use]
pub const fn penalty_sold(amount: Money) -> Transfer {
    Transfer::new("penalty_sold", AssignedClaims, PenaltyReceivable, amount)
}

/// Principal not overdue assigned to another.
#[must_use]
pub const fn principal_sold(amount: Money) -> Transfer {
    Transfer::new("principal_sold", AssignedClaims, PrincipalCurrent, amount)
}

/// Interest not overdue assigned to another.
#[must_use]
pub const fn interest_sold(amount: Money) -> Transfer {
    Transfer::new("interest_sold", AssignedClaims, InterestReceivable, amount)
}
