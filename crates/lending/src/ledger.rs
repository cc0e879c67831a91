//! The ledger: accounts, transfers, and every posting the organization makes.
//!
//! A transfer takes one positive amount from one account to another, so that the books balance by
//! construction. What a loan should have posted is its [`Turnover`]; [`Turnover::since`] turns the difference
//! to what was posted into transfers, a decrease into the opposite pair. Each posting is one small function
//! in [`postings`].

pub mod postings;
mod turnover;

use crate::money::Money;
pub use turnover::Turnover;

/// An account of the organization's books.
///
/// The first four digits are the section of the typical chart of accounts of Kazakhstan (Ministry of Finance
/// order No. 185 of 23.05.2007) it belongs to; what follows the point is ours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Money handed to the bank for payout, outcome not yet known.
    PayoutInTransit,
    /// The organization's bank account.
    Bank,
    /// Principal of microcredits that is not overdue.
    PrincipalCurrent,
    /// Principal that was due and is not paid.
    PrincipalOverdue,
    /// Interest accrued that is not overdue.
    InterestReceivable,
    /// Interest that was due and is not paid.
    InterestOverdue,
    /// Penalties accrued and not paid.
    PenaltyReceivable,
    /// Price of claims assigned to others, to be settled with them.
    AssignedClaims,
    /// Money received and not yet allocated to a loan.
    RepaymentClearing,
    /// Clients' money held for their next due dates.
    ClientAdvances,
    /// Clients' money beyond what they owed, to be returned.
    Overpayments,
    /// Income of interest.
    InterestIncome,
    /// Income of penalties.
    PenaltyIncome,
    /// Money for debts that were written off.
    Recoveries,
    /// Loss from debts written off and credits refunded.
    WriteOffLoss,
}

/// On which side an account grows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Assets and expenses.
    Debit,
    /// Liabilities and income.
    Credit,
}

impl Account {
    /// All accounts in order of code.
    pub const ALL: [Self; 15] = [
        Self::PayoutInTransit,
        Self::Bank,
        Self::PrincipalCurrent,
        Self::PrincipalOverdue,
        Self::InterestReceivable,
        Self::InterestOverdue,
        Self::PenaltyReceivable,
        Self::AssignedClaims,
        Self::RepaymentClearing,
        Self::Overpayments,
        Self::ClientAdvances,
        Self::InterestIncome,
        Self::PenaltyIncome,
        Self::Recoveries,
        Self::WriteOffLoss,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PayoutInTransit => "1020.10",
            Self::Bank => "1030.10",
            Self::PrincipalCurrent => "1110.10",
            Self::PrincipalOverdue => "1110.20",
            Self::InterestReceivable => "1270.10",
            Self::InterestOverdue => "1270.20",
            Self::PenaltyReceivable => "1270.30",
            Self::AssignedClaims => "1280.10",
            Self::RepaymentClearing => "3390.10",
            Self::Overpayments => "3390.20",
            Self::ClientAdvances => "3510.10",
            Self::InterestIncome => "6110.10",
            Self::PenaltyIncome => "6290.10",
            Self::Recoveries => "6290.20",
            Self::WriteOffLoss => "7470.10",
        }
    }

    /// English title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PayoutInTransit => "Payouts in transit",
            Self::Bank => "Current bank account",
            Self::PrincipalCurrent => "Microcredits: principal not overdue",
            Self::PrincipalOverdue => "Microcredits: overdue principal",
            Self::InterestReceivable => "Interest accrued",
            Self::InterestOverdue => "Overdue interest",
            Self::PenaltyReceivable => "Penalties accrued",
            Self::AssignedClaims => "Claims assigned to others",
            Self::RepaymentClearing => "Repayments to be allocated",
            Self::Overpayments => "Overpayments to be returned",
            Self::ClientAdvances => "Clients' advances",
            Self::InterestIncome => "Income of interest",
            Self::PenaltyIncome => "Income of penalties",
            Self::Recoveries => "Recoveries of debts written off",
            Self::WriteOffLoss => "Loss from debts written off",
        }
    }

    /// The account with that code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.code() == code)
    }

    /// On which side it grows.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::RepaymentClearing
            | Self::Overpayments
            | Self::ClientAdvances
            | Self::InterestIncome
            | Self::PenaltyIncome
            | Self::Recoveries => Side::Credit,
            _ => Side::Debit,
        }
    }
}

/// One entry in the books.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// The account that is debited.
    pub debit: Account,
    /// The account that is credited.
    pub credit: Account,
    /// How much; always positive.
    pub amount: Money,
    /// Which posting made it: the name of a function in [`postings`].
    pub posting: &'static str,
    /// It takes an earlier transfer of this posting back: debit and credit are swapped.
    pub reversal: bool,
}

impl Transfer {
    const fn new(posting: &'static str, debit: Account, credit: Account, amount: Money) -> Self {
        Self { debit, credit, amount, posting, reversal: false }
    }

    /// The transfer that takes this one back.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { debit: self.credit, credit: self.debit, reversal: !self.reversal, ..self }
    }

    /// What it adds to `account` on the side where the account grows.
    #[must_use]
    pub fn effect_on(&self, account: Account) -> Money {
        let debited = if self.debit == account { self.amount } else { Money::ZERO };
        let credited = if self.credit == account { self.amount } else { Money::ZERO };
        match account.side() {
            Side::Debit => debited - credited,
            Side::Credit => credited - debited,
        }
    }
}
