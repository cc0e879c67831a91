//! What a loan has moved through the books since it began, by posting.

use crate::ledger::{Account, Transfer, postings};
use crate::money::Money;

macro_rules! turnover {
    ($count:literal: $($posting:ident)*) => {
        /// Total amounts by posting over the life of a loan; each field is one function in [`postings`].
        ///
        /// Kept by posting and not by account, because two movements through one account on one day are two
        /// facts: principal that fell overdue and principal that was paid both leave `PrincipalCurrent`, and an
        /// auditor asks which.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[expect(missing_docs, reason = "each field is explained by the posting of the same name")]
        pub struct Turnover {
            $(pub $posting: Money,)*
        }

        impl Turnover {
            /// The transfers which would move all of it: one per posting, some of amount zero.
            fn transfers(&self) -> [Transfer; $count] {
                [$(postings::$posting(self.$posting)),*]
            }

            /// Adds `amount` (negative for reversals) to the posting of that name; `false` if it is not a loan's.
            #[must_use]
            pub fn add(&mut self, posting: &str, amount: Money) -> bool {
                match posting {
                    $(stringify!($posting) => self.$posting += amount,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

turnover! { 29:
    disbursement_settled
    interest_accrued
    penalty_accrued
    principal_fell_overdue
    interest_fell_overdue
    advance_applied
    overdue_principal_repaid
    overdue_interest_repaid
    penalty_repaid
    principal_repaid
    interest_repaid
    advance_held
    overpayment_owed
    overdue_interest_waived
    interest_waived
    penalty_waived
    overdue_principal_written_off
    overdue_interest_written_off
    penalty_written_off
    principal_written_off
    interest_written_off
    claim_recovered
    refund_owed
    overpayment_returned
    overdue_principal_sold
    overdue_interest_sold
    penalty_sold
    principal_sold
    interest_sold
}

impl Turnover {
    /// The transfers that bring the books from `posted` to here: more of a posting posts it, less posts its
    /// reversal.
    #[must_use]
    pub fn since(&self, posted: &Self) -> Vec<Transfer> {
        let pairs = self.transfers().into_iter().zip(posted.transfers());
        pairs
            .filter_map(|(due, posted)| {
                let amount = due.amount - posted.amount;
                let transfer = Transfer { amount: amount.max(-amount), ..due };
                match amount.tiyn() {
                    0 => None,
                    1.. => Some(transfer),
                    _ => Some(transfer.reversed()),
                }
            })
            .collect()
    }

    /// Adds a transfer made by [`Turnover::since`]; used to rebuild what was posted from the books. Transfers
    /// of other postings are not a loan's turnover and are returned as `false`.
    #[must_use]
    pub fn record(&mut self, transfer: &Transfer) -> bool {
        let signed = if transfer.reversal { -transfer.amount } else { transfer.amount };
        self.add(transfer.posting, signed)
    }

    /// The loan's part of an account's balance, on the side where the account grows.
    #[must_use]
    pub fn balance(&self, account: Account) -> Money {
        self.transfers().iter().map(|transfer| transfer.effect_on(account)).sum()
    }

    /// Every account the loan touches, with its part of the balance.
    #[must_use]
    pub fn balances(&self) -> [(Account, Money); Account::ALL.len()] {
        Account::ALL.map(|account| (account, self.balance(account)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Side;

    fn some() -> Turnover {
        let mut turnover = Turnover::default();
        for (at, transfer) in (1_i64..).zip(turnover.transfers()) {
            assert!(
                turnover.add(transfer.posting, Money::from_tiyn(at * 7)),
                "{} has no total",
                transfer.posting
            );
        }
        turnover
    }

    #[test]
    fn posting_the_difference_brings_the_books_to_the_loan_forward_and_back() {
        let (nothing, all) = (Turnover::default(), some());
        let mut posted = nothing;
        for goal in [all, nothing, all] {
            for transfer in goal.since(&posted) {
                assert!(transfer.amount.is_positive() && posted.record(&transfer));
            }
            assert_eq!(posted, goal);
            assert!(goal.since(&posted).is_empty());
        }
        assert!(!posted.record(&postings::disbursement_sent(Money::from_tiyn(1))));
    }

    #[test]
    fn debits_equal_credits_whatever_was_moved() {
        let side = |side| -> Money {
            some()
                .balances()
                .iter()
                .filter(|(account, _)| account.side() == side)
                .map(|(_, balance)| *balance)
                .sum()
        };
        assert_eq!(side(Side::Debit), side(Side::Credit));
        assert_eq!(Account::by_code("1110.20"), Some(Account::PrincipalOverdue));
        assert!(Account::ALL.iter().all(|account| Account::by_code(account.code()) == Some(*account)));
    }
}
