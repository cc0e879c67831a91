//! What the organization's internal document sets about accounts, within the bounds of the program (Rules cl.
//! [29](lending::law::CL_29)).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{App, audit, op::Context, refusal::Result};

macro_rules! policy {
    ($($(#[$doc:meta])* $field:ident = $default:literal in $least:literal..=$most:literal),* $(,)?) => {
        /// Limits, delays and ages. What is left out has its default; a value out of its bounds is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Policy {
            $($(#[$doc])* #[doc = concat!(" From ", $least, " to ", $most, "; ", $default, " if left out.")] pub $field: u16),*
        }

        impl Default for Policy {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }

        impl Policy {
            /// Whether every value is within its bounds.
            ///
            /// # Errors
            /// The first that is not, with its bounds.
            pub fn check(&self) -> Result<(), OutOfBounds> {
                $(if !($least..=$most).contains(&self.$field) {
                    return Err(OutOfBounds { name: stringify!($field), least: $least, most: $most });
                })*
                Ok(())
            }
        }
    };
}

policy! {
    /// Wrong passwords for one account in a quarter of an hour, from everywhere it is not known at.
    password_tries = 10 in 3..=20,
    /// Wrong passwords for one account in a quarter of an hour, from one device its client has signed in from.
    password_tries_on_known_device = 10 in 3..=20,
    /// Wrong passwords for one account in thirty days, from everywhere it is not known at.
    password_tries_in_thirty_days = 100 in 10..=100,
    /// Failed sign-ins from one network address in an hour.
    sign_ins_per_address = 60 in 10..=600,
    /// Registrations begun from one network address in an hour.
    registrations_per_address = 30 in 3..=300,
    /// One-time codes sent to one number, for one kind of operation, in an hour.
    codes_per_number = 10 in 3..=20,
    /// Days after which the phone register is asked again whether a number is the client's.
    phone_check_days = 90 in 1..=365,
    /// Hours before money goes to an account that replaced another.
    payout_cooling_hours = 24 in 0..=168,
}

/// A value that the program does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("policy: {name} must be from {least} to {most}")]
pub struct OutOfBounds {
    /// Which.
    pub name: &'static str,
    /// The least.
    pub least: u16,
    /// The most.
    pub most: u16,
}

/// How long a change of the policy may go unnoticed.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

/// The policy, read from the database every few seconds at most.
pub async fn policy(app: &App) -> Result<Policy> {
    let now = app.clock().security_now();
    let mut known = app.policy().lock().await;
    if let Some((read_at, policy)) = *known
        && now < read_at + FRESH
        && read_at <= now
    {
        return Ok(policy);
    }
    let body = sqlx::query_scalar!("select policy from organization where tenant_id = $1", app.tenant())
        .fetch_optional(app.pool())
        .await?;
    let policy = body.map(serde_json::from_value::<Policy>).transpose()?.unwrap_or_default();
    *known = Some((now, policy));
    Ok(policy)
}

/// Sets the policy. It counts within seconds.
pub async fn set_policy(op: &mut Context, policy: &Policy) -> Result<()> {
    let tenant = op.tenant;
    sqlx::query!(
        "update organization set policy = $2 where tenant_id = $1",
        tenant,
        serde_json::to_value(policy)?
    )
    .execute(op.db())
    .await?;
    audit::record(op, "organization.policy-set", None, policy).await
}

#[cfg(test)]
mod tests {
    use super::Policy;

    /// Proves [`lending::law::CL_29`]: no slip of a pen opens the doors.
    #[test]
    fn a_policy_that_would_let_guess_for_ever_or_lock_everybody_out_is_not_taken() {
        assert_eq!(Policy::default().check(), Ok(()));
        for wrong in [
            Policy { password_tries: 0, ..Policy::default() },
            Policy { password_tries: 1_000, ..Policy::default() },
            Policy { password_tries_in_thirty_days: 101, ..Policy::default() },
            Policy { phone_check_days: 0, ..Policy::default() },
            Policy { payout_cooling_hours: 169, ..Policy::default() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
