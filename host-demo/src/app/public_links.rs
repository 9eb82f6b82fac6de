//! Public links: people without a user see one dashboard.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use dashboards::{
    domain::{
        Action, Dashboard, DashboardId, Denied, LinkId, Object, Principal, PublicLink, TokenHash,
        check_access,
    },
    store::{Store, StoreError, new_id_bytes, new_secret},
};
use gadget_api::{FieldError, FieldPath};
use secrecy::SecretString;

use super::{AppError, Caller, Client, passwords::Passwords, throttle::Guesser};

/// How many links of one dashboard open at a time; more are a mistake.
const MOST_LINKS: usize = 100;

/// The public links of a host.
pub(crate) struct PublicLinks {
    store: Store,
    passwords: Arc<Passwords>,
}

impl PublicLinks {
    pub(super) fn new(store: Store, passwords: Arc<Passwords>) -> Self {
        Self { store, passwords }
    }

    /// Returns the links of a dashboard that the caller may see.
    pub(crate) async fn of(
        &self,
        dashboard: &DashboardId,
        caller: &Caller,
    ) -> Result<Vec<PublicLink>, StoreError> {
        let mut links = self.store.links_of(dashboard).await?;
        links.retain(|link| caller.may(Action::View, Object::Link(link)));
        Ok(links)
    }

    /// Makes a link; its secret is known this once.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
        password: Option<SecretString>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(PublicLink, SecretString), AppError> {
        let field = |name: &str| FieldPath::root().child(name);
        if expires_at.is_some_and(|end| end <= now) {
            let error = FieldError::new(field("expires_at"), "choose a time in the future");
            return Err(AppError::of_field(error));
        }
        let owner = caller.user_id().ok_or(AppError::not_found("user"))?;
        let known = self.store.links_of(dashboard.id()).await?;
        if known.iter().filter(|link| link.is_open(now)).count() >= MOST_LINKS {
            return Err(AppError::Invalid {
                message: format!("the dashboard already has {MOST_LINKS} public links"),
                remedy: Some("Revoke links that are no longer needed."),
            });
        }
        let password = match password {
            None => None,
            Some(password) => {
                let least = PublicLink::MIN_PASSWORD_CHARS;
                let hash = self.passwords.hash(password, least).await;
                Some(hash.map_err(|error| match error {
                    AppError::BadPassword(bad) => {
                        AppError::of_field(FieldError::new(field("password"), bad.to_string()))
                    }
                    error => error,
                })?)
            }
        };
        let (secret, token) = new_secret();
        let link = PublicLink {
            id: LinkId::from_bytes(new_id_bytes()),
            dashboard: dashboard.id().clone(),
            created_by: owner.clone(),
            token,
            password,
            created_at: now,
            expires_at,
            revoked_at: None,
        };
        self.store.create_link(&link).await?;
        Ok((link, secret))
    }

    /// Returns the link of the secret in an address, unless it is over.
    pub(crate) async fn open(&self, secret: &str) -> Result<PublicLink, AppError> {
        let link = self.store.link(&TokenHash::of(secret)).await?;
        match link {
            Some(link) if self.opens(&link).await? => Ok(link),
            _ => Err(Denied::NotFound.into()),
        }
    }

    /// Tells whether a link that was open still is.
    pub(crate) async fn is_still_open(&self, link: &LinkId) -> Result<bool, StoreError> {
        match self.store.link_by_id(link).await? {
            Some(link) => self.opens(&link).await,
            None => Ok(false),
        }
    }

    async fn opens(&self, link: &PublicLink) -> Result<bool, StoreError> {
        Ok(link.is_open(Utc::now()) && self.is_of_right(link).await?)
    }

    /// Tells whether who made a link is still there and still has the right to publish the dashboard.
    pub(crate) async fn is_of_right(&self, link: &PublicLink) -> Result<bool, StoreError> {
        let Some(maker) = self.store.user(&link.created_by).await? else {
            return Ok(false);
        };
        let Some(dashboard) = self.store.dashboard(&link.dashboard).await? else {
            return Ok(false);
        };
        let publishes = check_access(
            &Principal::User(&maker),
            Action::Publish,
            Object::Dashboard(&dashboard),
        );
        Ok(publishes.is_ok())
    }

    /// Checks the password of a link; one without a password takes any.
    pub(crate) async fn check_password(
        &self,
        link: &PublicLink,
        entered: SecretString,
        client: &Client,
    ) -> Result<(), AppError> {
        let Some(password) = &link.password else {
            return Ok(());
        };
        let guesser = Guesser::at(client.address);
        // No user has a name with a line break.
        let whose = format!("link\n{}", link.id);
        let is_right = self
            .passwords
            .verify(&guesser, &whose, entered, Some(password.clone()))
            .await?;
        is_right.then_some(()).ok_or(AppError::WrongPassword {
            message: "the password is wrong",
            remedy: "Try again, or ask the person who gave you the link.",
        })
    }

    /// Tells whether a link shows a dashboard to people without a user.
    pub(super) async fn is_published(&self, dashboard: &DashboardId) -> Result<bool, StoreError> {
        for link in self.store.links_of(dashboard).await? {
            if self.opens(&link).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Revokes a link.
    pub(crate) async fn revoke(&self, link: &LinkId) -> Result<(), StoreError> {
        self.store.revoke_link(link, Utc::now()).await
    }
}
