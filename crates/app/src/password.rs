//! Passwords: Argon2id over a pepper, a length, and a list of known bad ones; no composition rules.
//!
//! The pepper is a keyed mark made outside the database, so that a stolen table alone cannot be guessed at.
//! Verifying costs the same whether or not there is such an account.

use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use tokio::{sync::SemaphorePermit, time::timeout};

use crate::{
    App,
    refusal::{Fault, Result, refusals},
};

refusals! {
    /// Why a password is not taken.
    Weak {
        /// Fewer than twelve characters.
        TooShort = "password-too-short" Invalid,
        /// More than 128 characters.
        TooLong = "password-too-long" Invalid,
        /// On the list of passwords that attackers try first, or built from what the person told us.
        Known = "password-known" Invalid,
    }
}

refusals! {
    /// Too much to do.
    Busy {
        /// Try again in a moment.
        Now = "busy" Unavailable,
    }
}

/// Fewest characters.
pub const CHARS_MIN: usize = 12;
/// Most characters; a passphrase fits, an attack on our processor does not.
pub const CHARS_MAX: usize = 128;

/// Refuses a password that is short, endless, known or made of `personal` (IIN, phone, names; Rules cl.
/// [29](lending::law::CL_29)).
pub fn check(password: &str, personal: &[&str]) -> Result<()> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(Weak::TooShort.at("password"));
    }
    if chars > CHARS_MAX {
        return Err(Weak::TooLong.at("password"));
    }
    let plain: String = password.to_lowercase();
    let core = plain.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let letters = plain.chars().collect::<std::collections::BTreeSet<_>>().len();
    let personal = personal.iter().any(|p| p.chars().count() >= 4 && plain.contains(&p.to_lowercase()));
    if letters < 4
        || personal
        || KNOWN.lines().any(|known| known == plain || known == core || repeats(&plain, known))
    {
        return Err(Weak::Known.at("password"));
    }
    Ok(())
}

/// `password` is `known` said over and over.
fn repeats(password: &str, known: &str) -> bool {
    !known.is_empty() && password.len() > known.len() && password.split(known).all(str::is_empty)
}

/// Ours, one a line: keyboard walks, common words and phrases in the three languages, longest habits.
const KNOWN: &str = include_str!("known_passwords.txt");

/// The string to be stored.
pub async fn hash(app: &App, password: &str) -> Result<String> {
    let _turn = turn(app).await?;
    let pepper = app.vault().mark("password", &[password.as_bytes()]);
    let mut salt = [0; 16];
    app.chance().fill(&mut salt);
    tokio::task::spawn_blocking(move || {
        argon2()?.hash_password_with_salt(&pepper, &salt).map(|hash| hash.to_string()).map_err(Fault::new)
    })
    .await?
    .map_err(Into::into)
}

/// Whether `password` is the one behind `stored`. With no account, the same work is done in vain.
pub async fn verify(app: &App, password: &str, stored: Option<&str>) -> Result<bool> {
    if password.chars().count() > CHARS_MAX {
        return Ok(false);
    }
    let _turn = turn(app).await?;
    tracing::trace!("a password is weighed");
    let pepper = app.vault().mark("password", &[password.as_bytes()]);
    let stored = stored.map(str::to_owned);
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
        let stored = PasswordHash::new(&stored).map_err(Fault::new)?;
        Ok::<_, Fault>(argon2()?.verify_password(&pepper, &stored).is_ok() && known)
    })
    .await?
    .map_err(Into::into)
}

/// Waits for one of the few turns, not for ever: a flood of guesses must not queue up everybody else.
async fn turn(app: &App) -> Result<SemaphorePermit<'_>> {
    match timeout(Duration::from_secs(5), app.hashing().acquire()).await {
        Ok(turn) => Ok(turn.map_err(Fault::new)?),
        Err(_) => Err(Busy::Now.into()),
    }
}

/// A hash with the same parameters that belongs to nobody.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// OWASP's minimum: 19 MiB, two passes; about 45 ms on our machines.
fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(19_456, 2, 1, None).map_err(Fault::new)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
