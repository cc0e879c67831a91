//! A product held against a rule set.

use super::{Breach, Figure, Rule, RuleSet};
use crate::effective_rate::EffectiveRate;
use crate::money::Money;
use crate::product::{Product, ProductFault, TermRange};
use crate::schedule::Method;

impl RuleSet {
    /// Whether what the product says of every credit is lawful, and every credit at the corners of its bounds
    /// is, were it given on the day this set begins. The corners are the product's own and the terms at which
    /// the law's caps change. Months differ in length: each offer is checked again on its own.
    ///
    /// A product whose schedule cannot be computed is reported as a fault of its rate.
    #[must_use]
    pub fn check_product(&self, product: &Product) -> Vec<ProductFault> {
        let mut faults: Vec<ProductFault> =
            self.check_conditions(product).map(ProductFault::Conditions).collect();
        for amount in [product.amount_min, product.amount_max] {
            for term in self.terms(product) {
                for method in &product.methods {
                    self.check_corner(product, amount, term, *method, &mut faults);
                }
            }
        }
        faults
    }

    /// What holds for each of its credits alike.
    fn check_conditions(&self, product: &Product) -> impl Iterator<Item = Breach> {
        let consumer = product.kind.is_consumer();
        let several = product.term.bounds().1 > 1 && matches!(product.term, TermRange::Months { .. });
        let shown = |method| product.methods.contains(&method);
        let drafts = !several || (shown(Method::Annuity) && shown(Method::Differentiated));
        let drafts = (consumer && !drafts).then(|| {
            let (found, both) = (Figure::Word("not both"), Figure::Word("annuity and differentiated"));
            Breach::new(Rule::DraftSchedules, found, both, &self.draft_schedules)
        });
        let order = (consumer && product.allocation != self.allocation.value).then(|| {
            let (found, lawful) = (Figure::Word("another order"), Figure::Word("the order of the law"));
            Breach::new(Rule::Allocation, found, lawful, &self.allocation)
        });
        drafts.into_iter().chain(order)
    }

    /// The product's bounds, and the terms within them on both sides of which caps differ, in its unit. One
    /// month is short, two are not.
    fn terms(&self, product: &Product) -> Vec<u16> {
        let (shortest, longest) = product.term.bounds();
        let short = match product.term {
            TermRange::Days { .. } => self.short_credit.value.term_max.0,
            TermRange::Months { .. } => 1,
        };
        let mut terms = vec![shortest, short, short + 1, longest];
        terms.retain(|term| (shortest..=longest).contains(term));
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    fn check_corner(
        &self,
        product: &Product,
        amount: Money,
        term: u16,
        method: Method,
        faults: &mut Vec<ProductFault>,
    ) {
        let offered = product.terms(amount, term, method, self.from).ok().and_then(|terms| {
            let schedule = terms.schedule().ok()?;
            let effective_rate = EffectiveRate::of(schedule.cash_flow(self.from)).ok()?;
            Some(self.check_offer(&product.offer(&terms, effective_rate)))
        });
        match offered {
            Some(breaches) => faults.extend(breaches.into_iter().map(|breach| ProductFault::Unlawful {
                amount,
                term,
                breach,
            })),
            None => faults.push(ProductFault::Field("rate")),
        }
    }
}
