//! Credit products as data.

use crate::calendar::{Calendar, CalendarDays};
use crate::effective_rate::EffectiveRate;
use crate::law::rules::{Breach, CreditKind, Offer, RuleSet};
use crate::loan::{AllocationOrder, Conduct, LoanTerms};
use crate::money::Money;
use crate::rate::{DailyRate, DayCount, Rate};
use crate::schedule::{
    DaysOff, Grace, INSTALLMENTS_MAX, Method, Options, Period, RoundTo, Terms, TermsError,
};
use jiff::civil::Date;
use std::sync::LazyLock;

/// What the organization offers, and to whom.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Stable code.
    pub code: String,
    /// Its name in the three languages.
    pub name: Names,
    /// Which limits of the law its credits come under.
    #[serde(default)]
    pub kind: CreditKind,
    /// Smallest amount.
    #[serde(rename = "amount_min_tiyn")]
    pub amount_min: Money,
    /// Largest amount.
    #[serde(rename = "amount_max_tiyn")]
    pub amount_max: Money,
    /// How the term is counted, and its bounds.
    pub term: TermRange,
    /// Nominal annual rate.
    #[serde(rename = "rate_ppm")]
    pub rate: Rate,
    /// Penalty for each day of delay.
    #[serde(rename = "penalty_ppm_per_day")]
    pub penalty: DailyRate,
    /// How days become interest.
    pub day_count: DayCount,
    /// The methods a client may choose from (Rules cl. [8.4](crate::law::CL_8_4)).
    pub methods: Vec<Method>,
    /// The purposes a client may name; codes.
    pub purposes: Vec<String>,
    /// What a payment is taken for first.
    #[serde(default)]
    pub allocation: AllocationOrder,
    /// What few products say about repayment.
    #[serde(default, skip_serializing_if = "Repayment::is_default")]
    pub repayment: Repayment,
    /// Whom it is for.
    pub borrower: BorrowerRules,
    /// What the closing of a day stores of its loans.
    #[serde(default)]
    pub accrual_record: AccrualRecord,
}

/// How it is recorded what a loan accrued on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccrualRecord {
    /// Many loans in a block: a few bytes each, unpacked by a view.
    #[default]
    Packed,
    /// A row for each loan and day, for those who must have one: some hundred bytes each.
    Rows,
}

/// What few products say about repayment; the default is what most mean by saying nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repayment {
    /// What becomes of a due date on a day off (Civil Code of Kazakhstan, art. 175: the next working day).
    pub days_off: DaysOff,
    /// Installments that ask for less.
    pub grace: Grace,
    /// Coarser units than the tiyn.
    pub round_to: RoundTo,
    /// For [`Method::Shares`]: the part of principal each installment pays, in parts per million.
    pub shares_ppm: Vec<u32>,
    /// How a loan answers to what was not planned.
    pub conduct: Conduct,
}

impl Repayment {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The working days that due dates are held against.
static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::kazakhstan);

/// A name in the three languages.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the languages' codes say it")]
pub struct Names {
    pub kk: String,
    pub ru: String,
    pub en: String,
}

/// How long a credit may last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case", deny_unknown_fields)]
pub enum TermRange {
    /// Monthly installments.
    Months {
        /// Fewest.
        min: u16,
        /// Most.
        max: u16,
    },
    /// One installment after so many days.
    Days {
        /// Fewest.
        min: u16,
        /// Most.
        max: u16,
    },
}

impl TermRange {
    /// Smallest and largest term, in its unit.
    #[must_use]
    pub const fn bounds(self) -> (u16, u16) {
        match self {
            Self::Months { min, max } | Self::Days { min, max } => (min, max),
        }
    }
}

/// Whom a product is for; the law's limits hold beside these.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BorrowerRules {
    /// Individuals or legal entities.
    #[serde(default, skip_serializing_if = "Clients::are_individuals")]
    pub clients: Clients,
    /// Youngest age in full years.
    pub age_min: u16,
    /// Oldest age in full years at the last due date.
    pub age_max: u16,
    /// Highest debt burden (КДН), parts per million of income.
    pub debt_burden_max_ppm: u32,
    /// Most days overdue elsewhere today.
    pub overdue_days_max: CalendarDays,
}

/// The two kinds of clients (Rules cl. 2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clients {
    /// People.
    #[default]
    Individuals,
    /// Legal entities; age does not matter.
    Entities,
}

impl Clients {
    const fn are_individuals(&self) -> bool {
        matches!(self, Self::Individuals)
    }
}

/// Why terms are not on offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotOffered {
    /// Amount outside the product's bounds.
    #[error("amount outside the product's bounds")]
    Amount,
    /// Term outside the product's bounds.
    #[error("term outside the product's bounds")]
    Term,
    /// Method not offered.
    #[error("method not offered")]
    Method,
    /// The dates do not work.
    #[error(transparent)]
    Terms(#[from] TermsError),
}

/// Why a product may not be offered as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProductFault {
    /// A field whose content makes no sense.
    #[error("{0}: makes no sense")]
    Field(&'static str),
    /// What it says of every credit breaks the law.
    #[error("breaks the law: {0}")]
    Conditions(Breach),
    /// Some credit within its bounds breaks the law.
    #[error("a credit of {amount} tenge over {term} breaks the law: {breach}")]
    Unlawful {
        /// Amount of the credit.
        amount: Money,
        /// Its term in the product's unit.
        term: u16,
        /// The limit broken.
        breach: Breach,
    },
}

impl Product {
    /// The terms of a credit of this product given on `disbursed_on`; `term` in the product's unit. The first
    /// due date is one period later.
    ///
    /// # Errors
    /// [`NotOffered`].
    pub fn terms(
        &self,
        amount: Money,
        term: u16,
        method: Method,
        disbursed_on: Date,
    ) -> Result<Terms, NotOffered> {
        let (shortest, longest) = self.term.bounds();
        if !(self.amount_min..=self.amount_max).contains(&amount) {
            return Err(NotOffered::Amount);
        }
        if !(shortest..=longest).contains(&term) {
            return Err(NotOffered::Term);
        }
        if !self.methods.contains(&method) {
            return Err(NotOffered::Method);
        }
        let (period, installments) = match self.term {
            TermRange::Months { .. } => (Period::Months(1), term),
            TermRange::Days { .. } => (Period::Days(term), 1),
        };
        let terms = Terms {
            principal: amount,
            rate: self.rate,
            method,
            installments,
            period,
            disbursed_on,
            first_due: period.first_due_after(disbursed_on),
            day_count: self.day_count,
            options: Options {
                grace: self.repayment.grace,
                round_to: self.repayment.round_to,
                shares_ppm: if method == Method::Shares {
                    self.repayment.shares_ppm.clone()
                } else {
                    Vec::new()
                },
                ..Options::default()
            },
        };
        Ok(terms.with_days_off(self.repayment.days_off, &CALENDAR)?)
    }

    /// Terms of this product as the law looks at them.
    #[must_use]
    pub const fn offer<'a>(&self, terms: &'a Terms, effective_rate: EffectiveRate) -> Offer<'a> {
        Offer { kind: self.kind, terms, effective_rate, penalty: self.penalty }
    }

    /// The same as a loan under `rules`.
    #[must_use]
    pub fn loan_terms(&self, schedule: Terms, rules: &RuleSet) -> LoanTerms {
        LoanTerms {
            schedule,
            penalty: self.penalty,
            allocation: self.allocation,
            rule_set: rules.id.to_owned(),
            kind: self.kind,
            days_off: self.repayment.days_off,
            conduct: self.repayment.conduct,
        }
    }

    /// Whether the product makes sense and is lawful under `rules` ([`RuleSet::check_product`]).
    ///
    /// # Errors
    /// Every [`ProductFault`] found.
    pub fn check(&self, rules: &RuleSet) -> Result<(), Vec<ProductFault>> {
        let mut faults = self.senseless_fields();
        if faults.is_empty() {
            faults = rules.check_product(self);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn senseless_fields(&self) -> Vec<ProductFault> {
        let (shortest, longest) = self.term.bounds();
        let longest_allowed =
            if matches!(self.term, TermRange::Days { .. }) { 366 } else { INSTALLMENTS_MAX };
        let named = [&self.name.kk, &self.name.ru, &self.name.en].iter().all(|name| !name.trim().is_empty());
        let borrower = self.borrower;
        [
            (!self.code.is_empty() && self.code.len() <= 64, "code"),
            (named, "name"),
            (self.amount_min.is_positive(), "amount_min"),
            (self.amount_min <= self.amount_max && self.amount_max <= Money::MAX, "amount_max"),
            (1 <= shortest && shortest <= longest && longest <= longest_allowed, "term"),
            (self.rate <= Rate::MAX, "rate"),
            (!self.methods.is_empty(), "methods"),
            (!self.purposes.is_empty(), "purposes"),
            (18 <= borrower.age_min && borrower.age_min <= borrower.age_max, "borrower.age_min"),
            // What the law calls a consumer's is an individual's.
            (borrower.clients.are_individuals() || !self.kind.is_consumer(), "kind"),
        ]
        .into_iter()
        .filter(|(sensible, _)| !sensible)
        .map(|(_, field)| ProductFault::Field(field))
        .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn product() -> Product {
        Product {
            code: "consumer".into(),
            name: Names {
                kk: "Тұтынушылық".into(), ru: "Потребительский".into(), en: "Consumer".into()
            },
            kind: CreditKind::Unsecured,
            amount_min: Money::from_tenge(50_000),
            amount_max: Money::from_tenge(3_000_000),
            term: TermRange::Months { min: 3, max: 24 },
            rate: Rate::from_ppm(360_000),
            penalty: DailyRate::from_ppm(5_000),
            day_count: DayCount::Actual365,
            methods: vec![Method::Annuity, Method::Differentiated],
            purposes: vec!["consumption".into()],
            allocation: AllocationOrder::LAW,
            repayment: Repayment::default(),
            accrual_record: AccrualRecord::default(),
            borrower: BorrowerRules {
                clients: Clients::Individuals,
                age_min: 18,
                age_max: 68,
                debt_burden_max_ppm: 500_000,
                overdue_days_max: CalendarDays(90),
            },
        }
    }

    #[test]
    fn a_product_above_the_cap_is_not_offered() {
        let rules = RuleSet::by_id("2026-01-01").unwrap();
        let mut product = product();
        assert_eq!(product.check(rules), Ok(()));
        product.rate = Rate::from_ppm(400_000);
        assert!(matches!(product.check(rules).unwrap_err()[0], ProductFault::Unlawful { .. }));
    }

    #[test]
    fn a_product_that_makes_no_sense_names_each_field() {
        let mut product = product();
        (product.amount_min, product.methods) = (Money::ZERO, vec![]);
        product.name.kk.clear();
        let fields = product.check(RuleSet::by_id("2026-01-01").unwrap()).unwrap_err();
        assert_eq!(fields, ["name", "amount_min", "methods"].map(ProductFault::Field));
    }

    #[test]
    fn a_credit_of_legal_entities_is_for_business() {
        let rules = RuleSet::by_id("2026-01-01").unwrap();
        let mut product = product();
        product.borrower.clients = Clients::Entities;
        assert_eq!(product.check(rules), Err(vec![ProductFault::Field("kind")]));
        product.kind = CreditKind::Business;
        assert_eq!(product.check(rules), Ok(()));
    }

    #[test]
    fn a_due_date_on_a_day_off_moves_where_the_product_says_so() {
        let mut product = product();
        let due = |product: &Product| {
            let on = Date::constant(2026, 3, 2);
            let terms = product.terms(Money::from_tenge(50_000), 3, Method::Annuity, on).unwrap();
            terms.due_dates().map(|due| due.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(due(&product), ["2026-04-02", "2026-05-02", "2026-06-02"]);
        product.repayment.days_off = DaysOff::Forward;
        assert_eq!(due(&product), ["2026-04-02", "2026-05-04", "2026-06-02"], "2 May 2026 is a Saturday");
    }

    #[test]
    fn terms_outside_the_product_are_refused() {
        let product = product();
        let day = Date::constant(2026, 2, 2);
        let ask = |tenge, term| product.terms(Money::from_tenge(tenge), term, Method::Annuity, day);
        assert_eq!(ask(49_999, 12), Err(NotOffered::Amount));
        assert_eq!(ask(50_000, 25), Err(NotOffered::Term));
        assert_eq!(ask(50_000, 24).map(|terms| terms.installments), Ok(24));
        let json = serde_json::to_string(&product).unwrap();
        assert_eq!(serde_json::from_str::<Product>(&json).unwrap(), product);
    }
}
