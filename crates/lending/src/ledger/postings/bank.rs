//! Money that leaves through the bank and comes in through it.

use crate::ledger::Account::{Bank, Overpayments, PayoutInTransit, PrincipalCurrent, RepaymentClearing};
use crate::ledger::Transfer;
use crate::money::Money;

/// The payout was handed to the bank; whether the client has it is not known yet (Rules cl.
/// [9.b](crate::law::CL_9_B)).
#[must_use]
pub const fn disbursement_sent(amount: Money) -> Transfer {
    Transfer::new("disbursement_sent", PayoutInTransit, Bank, amount)
}

/// The bank settled the payout: the client owes the principal.
#[must_use]
pub const fn disbursement_settled(amount: Money) -> Transfer {
    Transfer::new("disbursement_settled", PrincipalCurrent, PayoutInTransit, amount)
}

/// The bank refused the payout or sent it back.
#[must_use]
pub const fn disbursement_rejected(amount: Money) -> Transfer {
    Transfer::new("disbursement_rejected", Bank, PayoutInTransit, amount)
}

/// The bank's statement shows money received; posted once per line, before it is known whose it is.
#[must_use]
pub const fn repayment_received(amount: Money) -> Transfer {
    Transfer::new("repayment_received", Bank, RepaymentClearing, amount)
}

/// The bank took a received payment back, or it was sent back to its payer.
#[must_use]
pub const fn repayment_taken_back(amount: Money) -> Transfer {
    Transfer::new("repayment_taken_back", RepaymentClearing, Bank, amount)
}

/// What a client had paid too much was returned.
#[must_use]
pub const fn overpayment_returned(amount: Money) -> Transfer {
    Transfer::new("overpayment_returned", Overpayments, Bank, amount)
}
