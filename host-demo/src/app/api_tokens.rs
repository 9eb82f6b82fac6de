//! API tokens: what opens the API to other programs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, ApiToken, Denied, Name, Object, Scope, TokenId, UserId},
    store::{Store, StoreError, new_id_bytes, new_secret},
};
use gadget_api::{FieldError, FieldPath};
use secrecy::SecretString;

use super::{AppError, Caller};

/// How many tokens a user has at most.
const MOST: usize = 50;

/// The API tokens of the people of a host.
pub(crate) struct ApiTokens {
    store: Store,
}

/// A token to make.
pub(crate) struct NewApiToken {
    pub(crate) name: Name,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl ApiTokens {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Returns the caller's own tokens.
    pub(crate) async fn own(&self, caller: &Caller) -> Result<Vec<ApiToken>, AppError> {
        Ok(self.store.api_tokens_of(owner(caller)?).await?)
    }

    /// Makes a token of the caller; its secret is known this once.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        new: NewApiToken,
    ) -> Result<(ApiToken, SecretString), AppError> {
        let user = owner(caller)?;
        let now = Utc::now();
        let refused = |name, message| {
            let field = FieldPath::root().child(name);
            AppError::of_field(FieldError::new(field, message))
        };
        if new.scopes.is_empty() {
            return Err(refused("scopes", "choose at least one"));
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(refused("expires_at", "choose a date in the future"));
        }
        if self.store.api_tokens_of(user).await?.len() >= MOST {
            let message = format!("you already have {MOST} tokens; revoke one first");
            return Err(AppError::TooMany(message));
        }
        let (secret, hash) = new_secret();
        let token = ApiToken {
            id: TokenId::from_bytes(new_id_bytes()),
            user: user.clone(),
            name: new.name,
            token: hash,
            scopes: new.scopes,
            created_at: now,
            expires_at: new.expires_at,
        };
        caller.check(Action::Create, Object::ApiToken(&token))?;
        self.store.create_api_token(&token).await?;
        Ok((token, secret))
    }

    /// Returns the tokens of a user.
    pub(crate) async fn of(&self, user: &UserId) -> Result<Vec<ApiToken>, StoreError> {
        self.store.api_tokens_of(user).await
    }

    /// Revokes those tokens of a user that are chosen.
    pub(crate) async fn revoke_of(
        &self,
        user: &UserId,
        is_chosen: impl Fn(&ApiToken) -> bool,
    ) -> Result<(), StoreError> {
        for token in self.store.api_tokens_of(user).await? {
            if is_chosen(&token) {
                self.store.revoke_api_token(&token.id).await?;
            }
        }
        Ok(())
    }

    /// Revokes a token.
    pub(crate) async fn revoke(&self, token: &TokenId) -> Result<(), StoreError> {
        self.store.revoke_api_token(token).await
    }
}

fn owner(caller: &Caller) -> Result<&UserId, AppError> {
    caller.user_id().ok_or_else(|| Denied::LogIn.into())
}
