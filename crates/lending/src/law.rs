//! The law as named items and dated data.
//!
//! Each clause of Resolution No. 217 ("the Rules") is an item whose documentation is its requirement in our
//! words. Code that exists because of a clause links to the item; a test that proves it names the item; the
//! compliance matrix is made of those marks. The Kazakh text is the law; where the English one differs, the
//! items follow the Kazakh.
//!
//! [`rules`] holds what changes with dates: limits, rates, terms, thresholds.

pub mod rules;

mod lending;
mod personal_account;
mod system;

pub use lending::*;
pub use personal_account::*;
pub use system::*;

/// Who fulfils a clause.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ClauseKind {
    /// Software must do it.
    Software,
    /// The software or the repository must produce the evidence for it.
    Evidence,
    /// People do it; the software supports it and the operator's handbook says how.
    Organizational,
}

/// A clause of the Rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clause {
    /// Its number, for example `9.a`; stable.
    pub id: &'static str,
    /// The name of its item here, for example `CL_9_A`.
    pub item: &'static str,
    /// Who fulfils it.
    pub kind: ClauseKind,
    /// A few words.
    pub title: &'static str,
    /// What must be true, in our words.
    pub requirement: &'static str,
}

/// Makes an item of each clause, and their list.
macro_rules! clauses {
    ($list:ident: $( $(#[doc = $line:literal])+ $item:ident = ($id:literal, $kind:ident, $title:literal); )+) => {
        $(
            $(#[doc = $line])+
            pub const $item: super::Clause = super::Clause {
                id: $id,
                item: stringify!($item),
                kind: super::ClauseKind::$kind,
                title: $title,
                requirement: concat!($($line),+).trim_ascii(),
            };
        )+
        pub(super) const $list: &[super::Clause] = &[$($item),+];
    };
}
use clauses;

/// Every clause in order.
pub const ALL: &[Clause] = &{
    let parts = [PERSONAL_ACCOUNT, LENDING, SYSTEM];
    let mut list = [CL_3; PERSONAL_ACCOUNT.len() + LENDING.len() + SYSTEM.len()];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut within = 0;
        while within < parts[part].len() {
            list[at] = parts[part][within];
            (at, within) = (at + 1, within + 1);
        }
        part += 1;
    }
    list
};

impl Clause {
    /// The clause with that number.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        ALL.iter().find(|clause| clause.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_is_there_once_under_the_name_of_its_number() {
        let counts =
            [(3, 1), (4, 3), (5, 1), (6, 7), (7, 7), (8, 8), (9, 4), (10, 1), (11, 1), (12, 1), (13, 5)];
        let single = (14..=23).chain(27..=34).map(|clause| (clause, 1));
        let system = single.chain([(24, 5), (25, 10), (26, 3), (35, 3)]);
        for (clause, count) in counts.into_iter().chain(system) {
            let number = |id: &str| id.split('.').next().unwrap().parse() == Ok(clause);
            assert_eq!(ALL.iter().filter(|clause| number(clause.id)).count(), count, "clause {clause}");
        }
        for clause in ALL {
            assert_eq!(clause.item, format!("CL_{}", clause.id.to_uppercase().replace('.', "_")));
            assert_eq!(Clause::by_id(clause.id), Some(clause));
            assert!(clause.requirement.ends_with('.') && !clause.requirement.contains("  "), "{}", clause.id);
        }
        assert_eq!(CL_9_A.kind, ClauseKind::Software);
    }
}
