//! What a payment is taken for, and in which order.

use crate::money::Money;

/// A part of a debt that a payment can be taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// Principal overdue.
    OverduePrincipal,
    /// Interest overdue.
    OverdueInterest,
    /// Penalty.
    Penalty,
    /// Principal due on the day.
    CurrentPrincipal,
    /// Interest due on the day, and after the last due date what has run since.
    CurrentInterest,
}

/// An order in which a payment that does not suffice is taken for a debt; each component once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(value_type = [Component], min_items = 5, max_items = 5))]
#[serde(try_from = "[Component; 5]", into = "[Component; 5]")]
pub struct AllocationOrder([Component; 5]);

/// A component is missing and another stands twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an allocation order holds each component once")]
pub struct NotAnOrder;

impl AllocationOrder {
    /// The order of the law (Law on microfinance activity, art. 6 п. 1-1). Costs of collection, which come
    /// last, are not charged.
    pub const LAW: Self = Self([
        Component::OverduePrincipal,
        Component::OverdueInterest,
        Component::Penalty,
        Component::CurrentPrincipal,
        Component::CurrentInterest,
    ]);

    /// The components, first to last.
    #[must_use]
    pub const fn components(self) -> [Component; 5] {
        self.0
    }
}

impl Default for AllocationOrder {
    fn default() -> Self {
        Self::LAW
    }
}

impl TryFrom<[Component; 5]> for AllocationOrder {
    type Error = NotAnOrder;
    fn try_from(order: [Component; 5]) -> Result<Self, NotAnOrder> {
        let complete = Self::LAW.0.iter().all(|component| order.contains(component));
        if complete { Ok(Self(order)) } else { Err(NotAnOrder) }
    }
}

impl From<AllocationOrder> for [Component; 5] {
    fn from(order: AllocationOrder) -> Self {
        order.0
    }
}

/// What one payment was taken for; its parts add up to the payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Allocation {
    /// Overdue principal.
    #[serde(rename = "overdue_principal_tiyn")]
    pub overdue_principal: Money,
    /// Overdue interest.
    #[serde(rename = "overdue_interest_tiyn")]
    pub overdue_interest: Money,
    /// Penalty.
    #[serde(rename = "penalty_tiyn")]
    pub penalty: Money,
    /// Principal due on the day or paid early.
    #[serde(rename = "principal_tiyn")]
    pub principal: Money,
    /// Interest due on the day or up to it.
    #[serde(rename = "interest_tiyn")]
    pub interest: Money,
    /// Held for the next due dates; negative where money held before was used together with this payment.
    #[serde(rename = "advance_tiyn")]
    pub advance: Money,
    /// For a debt that was written off while the claim was kept.
    #[serde(default, rename = "recovered_tiyn")]
    pub recovered: Money,
    /// Beyond the whole debt.
    #[serde(rename = "overpaid_tiyn")]
    pub overpaid: Money,
}

impl Allocation {
    /// The sum of its parts.
    #[must_use]
    pub fn total(&self) -> Money {
        self.overdue_principal
            + self.overdue_interest
            + self.penalty
            + self.principal
            + self.interest
            + self.advance
            + self.recovered
            + self.overpaid
    }

    pub(super) fn of_debt(&mut self, component: Component) -> &mut Money {
        match component {
            Component::OverduePrincipal => &mut self.overdue_principal,
            Component::OverdueInterest => &mut self.overdue_interest,
            Component::Penalty => &mut self.penalty,
            Component::CurrentPrincipal => &mut self.principal,
            Component::CurrentInterest => &mut self.interest,
        }
    }
}
