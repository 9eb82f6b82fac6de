//! Lets a request through to its handler only if who asks may do this with what the path names.

use std::{collections::HashMap, sync::Arc};

use axum::{
    RequestExt,
    extract::{RawPathParams, Request, State},
    http::{Extensions, StatusCode},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use chrono::Utc;
use dashboards::{
    domain::{
        Action, DashboardId, DatasourceId, Denied, LinkId, Object, PublicLink, TokenHash, TokenId,
        UserId,
    },
    store::StoreError,
};

use super::{
    Site,
    caller::{Caller, cookie},
    endpoint::{Access, Thing},
    problem::Problem,
    session::Use,
};

/// What stands before one endpoint.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) site: Arc<Site>,
    pub(super) access: Access,
    pub(super) is_api: bool,
}

/// Lets a request through with who asks, and with the thing that the path names; or answers it.
pub(super) async fn admit(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    match door.admitted(&mut request).await {
        Ok(()) => {
            let headers = request.headers().clone();
            let asks = door.site.first.use_of() == Use::Once;
            let mut response = super::pages::asking_for_password(asks, next.run(request)).await;
            match response.extensions_mut().remove::<Problem>() {
                Some(problem) if !door.is_api => {
                    super::pages::refused(&headers, &problem).into_response()
                }
                _ => response,
            }
        }
        Err(problem) if door.is_api => problem.into_response(),
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => match door.access {
            Access::Link => super::pages::asks_password(request.headers(), request.uri().path()),
            _ => Redirect::to("/login").into_response(),
        },
        Err(problem) => super::pages::refused(request.headers(), &problem).into_response(),
    }
}

impl Door {
    async fn admitted(&self, request: &mut Request) -> Result<(), Problem> {
        let parameters: HashMap<String, String> = request
            .extract_parts::<RawPathParams>()
            .await
            .map_err(|_| Problem::not_found("page"))?
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let store = &self.site.store;
        let mut caller =
            Caller::of(request.headers(), &self.site.cookie, store, Utc::now()).await?;
        let mut things = Extensions::new();
        match self.access {
            Access::Anyone => {}
            Access::SignedIn => {
                // What is a person's own needs no more; a program needs a scope for everything.
                if !matches!(caller, Caller::Person { .. }) {
                    return Err(Denied::LogIn.into());
                }
            }
            Access::May(action, thing) => {
                self.check(&caller, action, thing, &parameters, &mut things)
                    .await?;
            }
            Access::Link => {
                let token = parameters.get("token").map_or("", String::as_str);
                let link = self.site.open_link(token).await?;
                if !is_shown(&link, token, request) {
                    return Err(Denied::LogIn.into());
                }
                let dashboard = store.dashboard(&link.dashboard).await?;
                let dashboard = dashboard.ok_or(Denied::NotFound)?;
                caller = Caller::Visitor(link.dashboard.clone());
                caller.check(Action::View, Object::Dashboard(&dashboard))?;
                things.insert(Arc::new(dashboard));
                things.insert(Arc::new(link));
            }
        }
        request.extensions_mut().extend(things);
        request.extensions_mut().insert(caller);
        Ok(())
    }

    /// Checks the access to the thing of the path, and keeps the thing for the handler.
    ///
    /// Who may not see a thing, and who names one that is not there, hear the same.
    async fn check(
        &self,
        caller: &Caller,
        action: Action,
        thing: Thing,
        parameters: &HashMap<String, String>,
        things: &mut Extensions,
    ) -> Result<(), Problem> {
        if matches!(caller, Caller::Anonymous) {
            return Err(Denied::LogIn.into());
        }
        let store = &self.site.store;
        let named = |name: &str| parameters.get(name).map_or("", String::as_str);
        match thing {
            Thing::Dashboards => caller.check(action, Object::Dashboards)?,
            Thing::Datasources => caller.check(action, Object::Datasources)?,
            Thing::Catalog => caller.check(action, Object::Catalog)?,
            Thing::Host => caller.check(action, Object::Host)?,
            Thing::Users => caller.check(action, Object::Users)?,
            Thing::Dashboard => {
                let id = DashboardId::parse(named("dashboard")).map_err(|_| Denied::NotFound)?;
                let found = there(store.dashboard(&id).await)?;
                caller.check(action, Object::Dashboard(&found))?;
                things.insert(Arc::new(found));
            }
            Thing::Datasource => {
                let id = DatasourceId::parse(named("datasource")).map_err(|_| Denied::NotFound)?;
                let found = there(store.datasource(&id).await)?;
                caller.check(action, Object::Datasource(&found))?;
                things.insert(Arc::new(found));
            }
            Thing::User => {
                let id = UserId::parse(named("user")).map_err(|_| Denied::NotFound)?;
                let found = there(store.user(&id).await)?;
                caller.check(action, Object::User(&found))?;
                things.insert(Arc::new(found));
            }
            Thing::Link => {
                let id = LinkId::parse(named("link")).map_err(|_| Denied::NotFound)?;
                let found = there(store.link_by_id(&id).await)?;
                caller.check(action, Object::Link(&found))?;
                things.insert(Arc::new(found));
            }
            Thing::ApiToken => {
                let id = TokenId::parse(named("token")).map_err(|_| Denied::NotFound)?;
                let found = there(store.api_token_by_id(&id).await)?;
                caller.check(action, Object::ApiToken(&found))?;
                things.insert(Arc::new(found));
            }
        }
        Ok(())
    }
}

fn there<T>(found: Result<Option<T>, StoreError>) -> Result<T, Problem> {
    found?.ok_or_else(|| Denied::NotFound.into())
}

impl Site {
    /// Returns the public link of the secret in an address, unless it is over.
    pub(super) async fn open_link(&self, token: &str) -> Result<PublicLink, Problem> {
        let link = there(self.store.link(&TokenHash::of(token)).await)?;
        if link.is_open(Utc::now()) {
            return Ok(link);
        }
        Err(Denied::NotFound.into())
    }
}

/// Tells whether a request may see what a link shows: it asks for no password, or the cookie proves it.
fn is_shown(link: &PublicLink, token: &str, request: &Request) -> bool {
    match link_proof(link, token) {
        None => true,
        Some((name, proof)) => cookie(request.headers(), &name) == Some(proof.as_str()),
    }
}

/// Returns the cookie that proves that somebody knows the password of a link.
///
/// Who has the address alone cannot make it: the hash of the password is part of it.
pub(super) fn link_proof(link: &PublicLink, token: &str) -> Option<(String, String)> {
    let password = link.password.as_ref()?;
    let proof = TokenHash::of(&format!("{token} {}", password.as_phc()));
    let proof = proof.as_bytes().iter().map(|byte| format!("{byte:02x}"));
    Some((format!("link-{}", link.id), proof.collect()))
}
