//! How often something may be tried. Counted in a transaction of its own, because a refusal must not undo it.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use uuid::Uuid;

use crate::{
    App,
    organization::Policy,
    refusal::{Result, refusals},
};

refusals! {
    /// Too often.
    TooOften {
        /// The limit for now is used up.
        Wait = "too-many-attempts" TooMany,
    }
}

/// A limit: at most `most` in a `window`.
pub struct Limit {
    /// Names the bucket's purpose.
    pub name: &'static str,
    /// How many.
    pub most: i32,
    /// In how long.
    pub window: SignedDuration,
}

const QUARTER_OF_AN_HOUR: SignedDuration = SignedDuration::from_mins(15);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);
const LIFETIME: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// What is guessed at.
#[derive(Clone, Copy)]
pub enum Guessed {
    /// A password.
    Password,
    /// A code of a token.
    Token,
}

impl Guessed {
    /// Names of buckets for a quarter of an hour and for thirty days: by what an account was called and whose it is, by a
    /// device, and by who proves something.
    const fn names(self) -> [[&'static str; 2]; 3] {
        match self {
            Self::Password => [
                ["password-account", "password-client"],
                ["password-device", "password-device-long"],
                ["password-proof", "password-proof-long"],
            ],
            Self::Token => [
                ["token-account", "token-client"],
                ["token-device", "token-device-long"],
                ["token-proof", "token-proof-long"],
            ],
        }
    }
}

/// Guesses at one secret, counted for a quarter of an hour and for thirty days (NIST SP 800-63B: at most a hundred failures
/// in a row). The right one forgets the wrong.
pub struct Guesses([(Limit, Vec<u8>); 2]);

impl Guesses {
    /// From everywhere the client is not known at: for a while by what the account was called, in the long run by whose it
    /// is, whatever it was called by.
    #[must_use]
    pub fn elsewhere(policy: &Policy, secret: Guessed, name: &[u8], owner: &[u8]) -> Self {
        let [names, ..] = secret.names();
        Self::of(policy.password_tries, policy, names, [name.to_vec(), owner.to_vec()])
    }

    /// On a device that the client, or employee, has signed in from. What strangers try elsewhere is not counted here, so it locks nobody
    /// out of their own phone.
    #[must_use]
    pub fn on_device(policy: &Policy, secret: Guessed, device: Uuid) -> Self {
        let [_, names, _] = secret.names();
        let whom = [b"device\0".as_slice(), device.as_bytes()].concat();
        Self::of(policy.password_tries_on_known_device, policy, names, [whom.clone(), whom])
    }

    /// By who is signed in, or registering, for whatever they do there.
    #[must_use]
    pub fn of_subject(policy: &Policy, secret: Guessed, subject: Uuid) -> Self {
        let [.., names] = secret.names();
        let whom = subject.as_bytes().to_vec();
        Self::of(policy.password_tries, policy, names, [whom.clone(), whom])
    }

    fn of(most: u16, policy: &Policy, [soon, long]: [&'static str; 2], [a, b]: [Vec<u8>; 2]) -> Self {
        let longest = policy.password_tries_in_thirty_days.into();
        Self([
            (Limit { name: soon, most: most.into(), window: QUARTER_OF_AN_HOUR }, a),
            (Limit { name: long, most: longest, window: THIRTY_DAYS }, b),
        ])
    }

    /// Counts one guess and refuses it when a limit is used up.
    pub async fn take(&self, app: &App) -> Result<()> {
        for (limit, whom) in &self.0 {
            take(app, limit, whom).await?;
        }
        Ok(())
    }

    /// The right one has come.
    pub async fn forget(&self, app: &App) -> Result<()> {
        for (limit, whom) in &self.0 {
            forget(app, limit, whom).await?;
        }
        Ok(())
    }
}

/// Passwords tried for one login of an employee where they are not known.
#[must_use]
pub fn staff_password_per_login(policy: &Policy) -> Limit {
    Limit { name: "staff-password", most: policy.password_tries.into(), window: QUARTER_OF_AN_HOUR }
}

/// The same, in a row: once used up, the login is locked until it is unlocked ([`crate::staff::unlock`]).
#[must_use]
pub fn staff_passwords_in_a_row(policy: &Policy) -> Limit {
    let most = policy.password_tries_in_thirty_days.into();
    Limit { name: "staff-password-in-a-row", most, window: LIFETIME }
}

/// Sign-ins of one client, by who knows their secrets: each opens a session, and is told.
pub const SIGN_INS: Limit = Limit { name: "sign-ins", most: 100, window: SignedDuration::from_hours(24) };

/// Failed sign-ins from one address.
#[must_use]
pub fn sign_ins_per_address(policy: &Policy) -> Limit {
    Limit { name: "sign-in-address", most: policy.sign_ins_per_address.into(), window: HOUR }
}

/// Registrations begun from one address.
#[must_use]
pub fn registrations_per_address(policy: &Policy) -> Limit {
    Limit { name: "registration-address", most: policy.registrations_per_address.into(), window: HOUR }
}

/// One-time codes sent to one number for one kind of operation.
#[must_use]
pub fn codes_per_number(policy: &Policy) -> Limit {
    Limit { name: "codes-phone", most: policy.codes_per_number.into(), window: HOUR }
}

/// Answers to one-time codes sent to one number for one kind of operation.
pub const CODE_ANSWERS: Limit =
    Limit { name: "code-answers", most: 15, window: SignedDuration::from_hours(24) };
/// Faces put to the IDEC by one subject.
pub const FACES: Limit = Limit { name: "faces", most: 10, window: SignedDuration::from_hours(24) };
/// Signatures asked of one subject.
pub const SIGNATURES_ASKED: Limit =
    Limit { name: "signatures-asked", most: 30, window: SignedDuration::from_hours(1) };
/// Signatures given by one subject, good and bad.
pub const SIGNATURES: Limit = Limit { name: "signatures", most: 40, window: SignedDuration::from_hours(24) };
/// Liveness challenges begun for one person.
pub const CHALLENGES_PER_PERSON: Limit =
    Limit { name: "challenges-person", most: 30, window: SignedDuration::from_hours(24) };
/// Liveness challenges begun from one device at one address.
pub const CHALLENGES_PER_DEVICE: Limit =
    Limit { name: "challenges-device", most: 60, window: SignedDuration::from_hours(24) };
/// Frames looked at for one person: a dozen challenges from beginning to end, and more of usual length.
pub const FRAMES_PER_PERSON: Limit =
    Limit { name: "frames-person", most: 3_000, window: SignedDuration::from_hours(24) };
/// Frames looked at from one device at one address: all the challenges it may begin, at usual length.
pub const FRAMES_PER_DEVICE: Limit =
    Limit { name: "frames-device", most: 6_000, window: SignedDuration::from_hours(24) };
/// Photos of one subject that were judged before the IDEC is asked.
pub const PHOTOS: Limit = Limit { name: "photos", most: 60, window: SignedDuration::from_hours(24) };
/// Applications by one client.
pub const APPLICATIONS: Limit =
    Limit { name: "applications", most: 10, window: SignedDuration::from_hours(24) };
/// Wishes to repay early by one client.
pub const EARLY_WISHES: Limit =
    Limit { name: "early-wishes", most: 20, window: SignedDuration::from_hours(24) };
/// Files sent by one client.
pub const UPLOADS: Limit = Limit { name: "uploads", most: 30, window: SignedDuration::from_hours(24) };
/// Registrations for legal entities begun by one client.
pub const ENTITIES: Limit = Limit { name: "entities", most: 10, window: SignedDuration::from_hours(24) };

/// Evidence bundles given to one client or employee: each is made of everything that was kept.
pub const BUNDLES: Limit = Limit { name: "bundles", most: 20, window: SignedDuration::from_hours(1) };

/// Counts one attempt by `whom` and refuses it when the limit is used up.
pub async fn take(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    let now = app.clock().security_now();
    let expired: Timestamp = now - limit.window;
    let count = sqlx::query_scalar!(
        "insert into attempt as a (tenant_id, bucket, window_from, count) values ($1, $2, $3, 1)
         on conflict (tenant_id, bucket) do update set
            count = case when a.window_from <= $4 then 1 else least(a.count, 1000000) + 1 end,
            window_from = case when a.window_from <= $4 then $3 else a.window_from end
         returning count",
        app.tenant(),
        &bucket,
        now.to_sqlx() as _,
        expired.to_sqlx() as _,
    )
    .fetch_one(app.pool())
    .await?;
    if count > limit.most { Err(TooOften::Wait.into()) } else { Ok(()) }
}

/// Takes one attempt back: it was no failure.
pub async fn give_back(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    sqlx::query!(
        "update attempt set count = greatest(count - 1, 0) where tenant_id = $1 and bucket = $2",
        app.tenant(),
        &bucket
    )
    .execute(app.pool())
    .await?;
    Ok(())
}

/// What an address is counted by: of IPv6, the half that names a subscriber, because each has all the rest.
#[must_use]
pub fn network(address: &str) -> Vec<u8> {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => v6.octets()[..8].to_vec(),
        _ => address.as_bytes().to_vec(),
    }
}

/// Forgets the attempts of `whom`: what was tried has succeeded.
pub async fn forget(app: &App, limit: &Limit, whom: &[u8]) -> Result<()> {
    let bucket = app.vault().mark(limit.name, &[whom]);
    sqlx::query!("delete from attempt where tenant_id = $1 and bucket = $2", app.tenant(), &bucket)
        .execute(app.pool())
        .await?;
    Ok(())
}

/// Forgets the passwords tried for a client in the long run, and for what they prove: there is a new one.
pub async fn forget_password_tries(app: &App, client: Uuid) -> Result<()> {
    let policy = Policy::default();
    Guesses::of_subject(&policy, Guessed::Password, client).forget(app).await?;
    Guesses::elsewhere(&policy, Guessed::Password, &[], client.as_bytes()).forget(app).await
}
