//! The plan of repayment: terms in, rows out (Rules cl. [8.4](crate::law::CL_8_4); Law on microfinance, art.
//! 7 п. 2).
//!
//! One engine for the visitor's slider, the agreement, and every recalculation of a living loan: a *course*
//! runs a debt through the coming due dates and asks each *slot* what it wants.

mod course;
mod period;
mod planning;
mod terms;

use crate::money::Money;
pub(crate) use course::{Course, Slot, Split};
use jiff::civil::Date;
pub use period::Period;
pub(crate) use planning::Plan;
pub(crate) use terms::DATES;
pub use terms::{
    DaysOff, Grace, INSTALLMENTS_MAX, InterestMethod, Method, Options, RoundTo, Terms, TermsError,
};

/// One installment of the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Row {
    /// 1, 2, 3 …
    pub number: u16,
    /// When it is due.
    pub due_on: Date,
    /// Calendar days since the previous due date or disbursement.
    pub days: u32,
    /// Principal to pay.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// Interest to pay.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// Both together.
    #[serde(rename = "payment_tiyn")]
    pub payment: Money,
    /// Principal left after it.
    #[serde(rename = "balance_after_tiyn")]
    pub balance_after: Money,
}

/// The plan: its principals add up to the principal, its last balance is zero, nothing in it is negative.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// In order of due date.
    pub rows: Vec<Row>,
    /// Sums of the columns.
    pub totals: Totals,
    /// The regular installment (annuity) or share of principal (every other method).
    #[serde(rename = "regular_tiyn")]
    pub regular: Money,
}

/// Sums of a schedule's columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Totals {
    /// All principal.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// All interest: the overpayment.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// All that is paid.
    #[serde(rename = "payment_tiyn")]
    pub payment: Money,
}

impl Schedule {
    /// What `slots` ask for beyond what was paid on them, from `from` on.
    pub(crate) fn of(slots: &[Slot], from: Date, regular: Money) -> Self {
        let unpaid = slots.iter().filter(|slot| !slot.is_paid());
        let mut balance: Money = unpaid.clone().map(Slot::unpaid_principal).sum();
        let (mut rows, mut before) = (Vec::with_capacity(slots.len()), from);
        let mut totals = Totals { principal: balance, ..Totals::default() };
        for slot in unpaid {
            let (principal, interest) = (slot.unpaid_principal(), slot.unpaid_interest());
            balance -= principal;
            totals.interest += interest;
            rows.push(Row {
                number: slot.number,
                due_on: slot.due_on,
                days: u32::try_from(crate::rate::days_from(before, slot.due_on)).unwrap_or(0),
                principal,
                interest,
                payment: principal + interest,
                balance_after: balance,
            });
            before = slot.due_on;
        }
        totals.payment = totals.principal + totals.interest;
        Self { rows, totals, regular }
    }

    /// The money as the client sees it, for [`crate::effective_rate`]: received on `disbursed_on` (positive),
    /// then paid (negative).
    pub fn cash_flow(&self, disbursed_on: Date) -> impl Iterator<Item = (Date, Money)> + '_ {
        std::iter::once((disbursed_on, self.totals.principal))
            .chain(self.rows.iter().map(|row| (row.due_on, -row.payment)))
    }
}

#[cfg(test)]
pub(crate) mod tests;
