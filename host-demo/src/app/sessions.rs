//! Logging in and out, and who a session or an API token belongs to.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use dashboards::{
    domain::{Name, Session, TokenHash, UserId},
    store::{Store, StoreError, new_secret},
};
use secrecy::SecretString;

use super::{
    AppError, Caller, Client, Credential,
    devices::{known_device, new_device},
    passwords::Passwords,
    people::People,
    setup_token::SetupToken,
    throttle::Guesser,
};

/// The sessions of the people of a host.
pub(crate) struct Sessions {
    store: Store,
    passwords: Arc<Passwords>,
    people: Arc<People>,
    setup: Arc<SetupToken>,
}

/// What somebody who has just logged in is given.
pub(crate) struct LoggedIn {
    /// The secret of the session.
    pub(crate) session: SecretString,
    /// What makes the device known; a user without a password has no known devices.
    pub(crate) device: Option<SecretString>,
}

impl Sessions {
    /// How long a session lasts.
    pub(crate) const LIFETIME: TimeDelta = TimeDelta::days(14);

    pub(super) fn new(
        store: Store,
        passwords: Arc<Passwords>,
        people: Arc<People>,
        setup: Arc<SetupToken>,
    ) -> Self {
        Self {
            store,
            passwords,
            people,
            setup,
        }
    }

    /// Logs a person in.
    ///
    /// A name that is not there takes as long as a wrong password, and answers the same.
    pub(crate) async fn log_in(
        &self,
        name: &str,
        password: SecretString,
        client: &Client,
    ) -> Result<LoggedIn, AppError> {
        let wrong = || AppError::WrongPassword {
            message: "the name or password is wrong",
            remedy: "Try again, or ask an administrator for a new password.",
        };
        let name = Name::parse(name).map_err(|_| wrong())?;
        let user = self.store.user_named(&name).await?;
        let hash = user.as_ref().and_then(|user| user.password.clone());
        let device = match (&user, &client.device) {
            (Some(user), Some(token)) => known_device(user, token),
            _ => None,
        };
        let guesser = device.map_or_else(|| Guesser::at(client.address), Guesser::Device);
        let is_right = self
            .passwords
            .verify(&guesser, &name.folded(), password, hash)
            .await?;
        match user {
            Some(user) if is_right => Ok(LoggedIn {
                session: self.begin(&user.id).await?,
                device: new_device(&user),
            }),
            _ => Err(wrong()),
        }
    }

    /// Logs the first administrator in with the token that the host printed.
    pub(crate) async fn redeem_setup_token(&self, token: &str) -> Result<SecretString, AppError> {
        if !self.setup.redeem(token) {
            return Err(AppError::SetupTokenSpent);
        }
        let first = self.people.administrator().await?;
        Ok(self.begin(&first.id).await?)
    }

    /// Returns the token that the host printed.
    pub(crate) fn setup(&self) -> &SetupToken {
        &self.setup
    }

    /// Begins a session, and returns its secret; every log-in has a new one.
    pub(crate) async fn begin(&self, user: &UserId) -> Result<SecretString, StoreError> {
        let (secret, token) = new_secret();
        let now: DateTime<Utc> = Utc::now();
        let session = Session {
            token,
            user: user.clone(),
            created_at: now,
            expires_at: now + Self::LIFETIME,
        };
        self.store.create_session(&session).await?;
        Ok(secret)
    }

    /// Returns who asks.
    pub(crate) async fn caller(
        &self,
        credential: Credential<'_>,
        now: DateTime<Utc>,
    ) -> Result<Caller, StoreError> {
        let caller = match credential {
            Credential::None => None,
            Credential::ApiToken(secret) => {
                let found = self.store.api_token(&TokenHash::of(secret), now).await?;
                found.map(|(token, user)| Caller::Program {
                    user: Box::new(user),
                    scopes: token.scopes,
                })
            }
            Credential::Session(secret) => {
                let found = self.store.session(&TokenHash::of(secret), now).await?;
                found.map(|(session, user)| Caller::Person {
                    user: Box::new(user),
                    session: session.token,
                })
            }
        };
        Ok(caller.unwrap_or(Caller::Anonymous))
    }

    /// Returns how many sessions a user has.
    pub(crate) async fn count(&self, user: &UserId) -> Result<u64, StoreError> {
        self.store.sessions_of(user, Utc::now()).await
    }

    /// Ends the session of the caller, if it has one.
    pub(crate) async fn end(&self, caller: &Caller) -> Result<(), StoreError> {
        match caller {
            Caller::Person { session, .. } => self.store.end_session(session).await,
            _ => Ok(()),
        }
    }

    /// Ends all other sessions of the caller; returns how many there were.
    pub(crate) async fn end_others(&self, caller: &Caller) -> Result<u64, AppError> {
        let Caller::Person { user, session } = caller else {
            return Err(dashboards::domain::Denied::LogIn.into());
        };
        Ok(self.store.end_other_sessions(&user.id, session).await?)
    }
}
