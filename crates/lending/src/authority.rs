//! Who may act for a legal entity, and until when (Rules cl. [6.b](crate::law::CL_6_B)).
//!
//! A legal entity acts through people. Its head does so by the order of appointment, anybody else by a power of
//! attorney; each has a role that says what they may do, and days on which they may. Whoever acts proves who they are
//! exactly as an individual does (Rules cl. [6.d](crate::law::CL_6_D)).

use jiff::{Span, civil::Date};

/// The document that gives somebody power to act (Rules cl. [6.b](crate::law::CL_6_B)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The order that appoints the head of the executive body.
    Order,
    /// A power of attorney.
    PowerOfAttorney,
}

/// What somebody may do for a legal entity. Each role may all that the later ones may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The head of the executive body: everything, and ends the power of others.
    Head,
    /// Entitled to sign agreements.
    Signer,
    /// Applies, but signs nothing.
    Applicant,
    /// Only looks.
    Viewer,
}

/// What is done for a legal entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Act {
    /// Seeing applications, loans, papers.
    View,
    /// Applying and withdrawing.
    Apply,
    /// Whatever binds the entity: concluding an agreement, asking for another schedule.
    Sign,
    /// Ending another person's power.
    EndAuthority,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 2] = [Self::Order, Self::PowerOfAttorney];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::PowerOfAttorney => "power-of-attorney",
        }
    }

    /// From the code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Head, Self::Signer, Self::Applicant, Self::Viewer];

    /// The table of roles and acts.
    #[must_use]
    pub const fn may(self, act: Act) -> bool {
        match act {
            Act::View => true,
            Act::Apply => matches!(self, Self::Head | Self::Signer | Self::Applicant),
            Act::Sign => matches!(self, Self::Head | Self::Signer),
            Act::EndAuthority => matches!(self, Self::Head),
        }
    }

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Signer => "signer",
            Self::Applicant => "applicant",
            Self::Viewer => "viewer",
        }
    }

    /// From the code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Power to act for a legal entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authority {
    /// By what document.
    pub basis: Basis,
    /// To do what.
    pub role: Role,
    /// The first day.
    pub from: Date,
    /// The last day; none: until it is ended.
    pub until: Option<Date>,
    /// It was ended.
    pub revoked: bool,
}

/// Why a document gives no power.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Heads are appointed by order, everybody else is given a power of attorney.
    #[error("this document does not give that role")]
    Basis,
    /// Its date lies ahead.
    #[error("the document is dated in the future")]
    NotYet,
    /// Its time is over, or ends before it begins.
    #[error("the document is no longer valid")]
    Ended,
    /// A power of attorney for more than three years (Civil Code of Kazakhstan, art. 168).
    #[error("a power of attorney is given for three years at most")]
    TooLong,
}

/// Why somebody may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Withheld {
    /// The power has not begun, is over, or was ended.
    #[error("the power to act is not in force")]
    NotInForce,
    /// The role does not reach so far.
    #[error("the power to act does not cover this")]
    NotGranted,
}

impl Authority {
    /// Longest power of attorney, years (Civil Code of Kazakhstan, art. 168).
    pub const YEARS_MAX: i8 = 3;

    /// What a document dated `dated` gives, presented on `today`. A power of attorney that names no last day is good
    /// for a year (Civil Code of Kazakhstan, art. 168); a head stays head until another is appointed.
    ///
    /// # Errors
    /// The first [`AuthorityError`] found.
    pub fn given(
        basis: Basis,
        role: Role,
        dated: Date,
        until: Option<Date>,
        today: Date,
    ) -> Result<Self, AuthorityError> {
        if (basis == Basis::Order) != (role == Role::Head) {
            return Err(AuthorityError::Basis);
        }
        if dated > today {
            return Err(AuthorityError::NotYet);
        }
        let years = |count: i8| dated.saturating_add(Span::new().years(count));
        let until = match basis {
            Basis::Order => until,
            Basis::PowerOfAttorney => Some(until.unwrap_or_else(|| years(1))),
        };
        if until.is_some_and(|until| until < today || until < dated) {
            return Err(AuthorityError::Ended);
        }
        if basis == Basis::PowerOfAttorney && until.is_some_and(|until| until > years(Self::YEARS_MAX)) {
            return Err(AuthorityError::TooLong);
        }
        Ok(Self { basis, role, from: dated, until, revoked: false })
    }

    /// Whether it is in force on `date`.
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        !self.revoked && self.from <= date && self.until.is_none_or(|until| date <= until)
    }

    /// Whether it covers `act` on `date`.
    ///
    /// # Errors
    /// [`Withheld`].
    pub fn allows(&self, act: Act, date: Date) -> Result<(), Withheld> {
        if !self.holds_on(date) {
            Err(Withheld::NotInForce)
        } else if self.role.may(act) {
            Ok(())
        } else {
            Err(Withheld::NotGranted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = Date::constant(2026, 2, 2);

    /// Proves [`CL_6_B`](crate::law::CL_6_B).
    #[test]
    fn each_role_may_what_its_document_gives_and_no_more() {
        for (role, [view, apply, sign, end]) in [
            (Role::Head, [true, true, true, true]),
            (Role::Signer, [true, true, true, false]),
            (Role::Applicant, [true, true, false, false]),
            (Role::Viewer, [true, false, false, false]),
        ] {
            let acts = [Act::View, Act::Apply, Act::Sign, Act::EndAuthority];
            assert_eq!(acts.map(|act| role.may(act)), [view, apply, sign, end], "{role:?}");
            assert_eq!(Role::by_code(role.code()), Some(role));
        }
        let given = |basis, role| Authority::given(basis, role, TODAY, None, TODAY);
        assert!(given(Basis::Order, Role::Head).is_ok());
        assert_eq!(given(Basis::Order, Role::Signer), Err(AuthorityError::Basis));
        assert_eq!(given(Basis::PowerOfAttorney, Role::Head), Err(AuthorityError::Basis));
    }

    /// Proves [`CL_6_B`](crate::law::CL_6_B).
    #[test]
    fn power_that_has_not_begun_is_over_or_was_ended_is_none() {
        let attorney =
            |dated, until| Authority::given(Basis::PowerOfAttorney, Role::Signer, dated, until, TODAY);
        let year = attorney(TODAY, None).unwrap();
        assert_eq!(
            year.until,
            Some(date(2027, 2, 2)),
            "a power of attorney without a term is good for a year"
        );
        assert_eq!(year.allows(Act::Sign, date(2027, 2, 2)), Ok(()));
        assert_eq!(year.allows(Act::Sign, date(2027, 2, 3)), Err(Withheld::NotInForce));
        assert_eq!(year.allows(Act::Sign, date(2026, 2, 1)), Err(Withheld::NotInForce));
        assert_eq!(year.allows(Act::EndAuthority, TODAY), Err(Withheld::NotGranted));
        assert_eq!(Authority { revoked: true, ..year }.allows(Act::View, TODAY), Err(Withheld::NotInForce));
        assert_eq!(attorney(date(2026, 2, 3), None), Err(AuthorityError::NotYet));
        assert_eq!(attorney(date(2024, 1, 1), None), Err(AuthorityError::Ended), "its year is over");
        assert_eq!(attorney(TODAY, Some(date(2029, 2, 2))).map(|a| a.until), Ok(Some(date(2029, 2, 2))));
        assert_eq!(attorney(TODAY, Some(date(2029, 2, 3))), Err(AuthorityError::TooLong));
        let head = Authority::given(Basis::Order, Role::Head, date(2009, 5, 1), None, TODAY).unwrap();
        assert_eq!(head.allows(Act::EndAuthority, date(2040, 1, 1)), Ok(()));
    }
}
