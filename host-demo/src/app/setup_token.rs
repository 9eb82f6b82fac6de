//! The token of the address that a host prints as long as nobody can log in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use dashboards::{domain::TokenHash, store::new_secret};
use secrecy::SecretString;

/// A token that opens the host as its administrator.
pub(crate) struct SetupToken {
    token: Mutex<Option<TokenHash>>,
    validity: Validity,
}

/// How often a token opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Validity {
    Once,
    /// As long as the process runs, without a button to press.
    WhileRunning,
}

impl SetupToken {
    /// Creates a token, and returns its secret beside it.
    pub(crate) fn new(validity: Validity) -> (Self, SecretString) {
        let (secret, token) = new_secret();
        let setup = Self {
            token: Mutex::new(Some(token)),
            validity,
        };
        (setup, secret)
    }

    /// Creates one that never opens: somebody has a password.
    pub(crate) fn closed() -> Self {
        Self {
            token: Mutex::new(None),
            validity: Validity::Once,
        }
    }

    fn token(&self) -> MutexGuard<'_, Option<TokenHash>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn validity(&self) -> Validity {
        self.validity
    }

    /// Tells whether a secret would open.
    pub(crate) fn is_valid(&self, secret: &str) -> bool {
        *self.token() == Some(TokenHash::of(secret))
    }

    /// Closes the host to a token that opens once: somebody can log in now.
    pub(super) fn close(&self) {
        if self.validity == Validity::Once {
            *self.token() = None;
        }
    }

    /// Tells whether a secret opens, and spends the token if it opens once.
    pub(super) fn redeem(&self, secret: &str) -> bool {
        let mut token = self.token();
        let opens = *token == Some(TokenHash::of(secret));
        if opens && self.validity == Validity::Once {
            *token = None;
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_opens_once_or_as_long_as_the_host_runs() {
        for (validity, second) in [(Validity::Once, false), (Validity::WhileRunning, true)] {
            let (setup, secret) = SetupToken::new(validity);
            let secret = secret.expose_secret();
            assert!(!setup.redeem("guess") && setup.is_valid(secret));
            assert!(setup.redeem(secret));
            assert_eq!(setup.redeem(secret), second, "{validity:?}");
        }
        assert!(!SetupToken::closed().redeem(""));
    }
}
