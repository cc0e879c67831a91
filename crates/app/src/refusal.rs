//! Two kinds of no.
//!
//! A [`Refusal`] is the law, the product or the state of things saying no: it has a stable code, a text in
//! three languages and is never logged as an error. A [`Fault`] is us being broken: it is logged once, at
//! the edge, and the client sees nothing of it but a reference number (Rules cl. [24.5](lending::law::CL_24_5),
//! [26.1](lending::law::CL_26_1)).

use std::{fmt, panic::Location};

use lending::law::Clause;
use texts::Lang;

/// What use cases answer with.
pub type Result<T, E = No> = std::result::Result<T, E>;

/// Why a use case did not do what was asked.
#[derive(Debug)]
pub enum No {
    /// The law, the product or the state of things says no.
    Refusal(Refusal),
    /// We are broken.
    Fault(Fault),
}

/// What sort of refusal it is; the web turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What was given cannot be accepted.
    Invalid,
    /// Who asks is not known, or no longer.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// No such thing, or not theirs: the two look alike.
    NotFound,
    /// It has been done already, or its turn has not come.
    Conflict,
    /// Too often; wait.
    TooMany,
    /// Somebody outside does not answer; later.
    Unavailable,
}

/// A refusal: see the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, in kebab-case; also the key of its text.
    pub code: &'static str,
    /// What sort.
    pub sort: Sort,
    /// The form's field it is about.
    pub field: Option<&'static str>,
    /// The clause of Resolution No. 217 behind it, if one is.
    pub clause: Option<&'static str>,
}

impl Refusal {
    /// The text for people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        texts::refusals::by_code(lang, self.code).unwrap_or(self.code)
    }

    /// The same refusal, about a field of a form.
    #[must_use]
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}

/// A fault: what went wrong and where, for the log. Holds no personal data.
pub struct Fault {
    what: String,
    place: &'static Location<'static>,
}

impl Fault {
    /// A fault noticed here.
    #[track_caller]
    #[must_use]
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), place: Location::caller() }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {})", self.what, self.place)
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

macro_rules! faults {
    ($($error:ty),*) => {$(
        impl From<$error> for No {
            #[track_caller]
            fn from(error: $error) -> Self {
                Self::Fault(Fault::new(error))
            }
        }
    )*};
}
faults!(serde_json::Error, tokio::task::JoinError, papers::PaperError, lending::loan::FoldError);

impl From<sqlx::Error> for No {
    #[track_caller]
    fn from(error: sqlx::Error) -> Self {
        // A constraint's message may quote the row; only its name goes on.
        Self::Fault(match error.as_database_error() {
            Some(e) => Fault::new(format_args!(
                "database: {} {}",
                e.code().unwrap_or_default(),
                e.constraint().unwrap_or(e.table().unwrap_or_default())
            )),
            None => Fault::new(format_args!("database: {error}")),
        })
    }
}

/// Declares a domain's refusals: an enum whose variants know code, sort and clause, and a list of all.
macro_rules! refusals {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal $sort:ident $($clause:ident)?),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),* }
        impl $name {
            /// Every refusal of this domain.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            /// The refusal, about a field of a form.
            #[must_use]
            pub fn at(self, field: &'static str) -> $crate::refusal::No {
                $crate::refusal::Refusal::from(self).at(field).into()
            }
        }
        impl From<$name> for $crate::refusal::Refusal {
            fn from(no: $name) -> Self {
                match no {
                    $($name::$variant => Self {
                        code: $code,
                        sort: $crate::refusal::Sort::$sort,
                        field: None,
                        clause: $crate::refusal::refusals!(@clause $($clause)?),
                    }),*
                }
            }
        }
        impl From<$name> for $crate::refusal::No {
            fn from(no: $name) -> Self {
                Self::Refusal(no.into())
            }
        }
    };
    (@clause) => { None };
    (@clause $clause:ident) => { Some($crate::refusal::id_of(&lending::law::$clause)) };
}
pub(crate) use refusals;

pub(crate) const fn id_of(clause: &Clause) -> &'static str {
    clause.id
}
