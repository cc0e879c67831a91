//! Every posting the organization can make, for an accountant to read: debit, credit, amount.

pub mod accrual;
pub mod bank;
pub mod loss;
pub mod overdue;
pub mod repayment;

pub use accrual::{interest_accrued, penalty_accrued};
pub use bank::{
    disbursement_rejected, disbursement_sent, disbursement_settled, overpayment_returned, repayment_received,
    repayment_taken_back,
};
pub use loss::{
    claim_recovered, interest_sold, interest_waived, interest_written_off, overdue_interest_sold,
    overdue_interest_waived, overdue_interest_written_off, overdue_principal_sold,
    overdue_principal_written_off, penalty_sold, penalty_waived, penalty_written_off, principal_sold,
    principal_written_off, refund_owed,
};
pub use overdue::{interest_fell_overdue, principal_fell_overdue};
pub use repayment::{
    advance_applied, advance_held, interest_repaid, overdue_interest_repaid, overdue_principal_repaid,
    overpayment_owed, penalty_repaid, principal_repaid,
};
