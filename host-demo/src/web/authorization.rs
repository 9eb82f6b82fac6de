//! Authorization: a request reaches its handler only if the caller may do this with the resource of its path.

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
    WebState,
    credentials::{cookie, credential},
    endpoint::{Access, Resource},
    problem::Problem,
};
use crate::app::{Caller, Validity};

/// Decides about the requests to one endpoint.
#[derive(Clone)]
pub(super) struct Authorizer {
    pub(super) state: WebState,
    pub(super) access: Access,
    pub(super) is_api: bool,
}

/// Passes a request on with its caller and the resource of its path, or answers why not.
pub(super) async fn authorize(
    State(authorizer): State<Authorizer>,
    mut request: Request,
    next: Next,
) -> Response {
    match authorizer.check(&mut request).await {
        Ok(()) => {
            let headers = request.headers().clone();
            let setup = authorizer.state.app.sessions.setup();
            let asks = setup.validity() == Validity::Once;
            let mut response = super::pages::asking_for_password(asks, next.run(request)).await;
            match response.extensions_mut().remove::<Problem>() {
                Some(problem) if !authorizer.is_api => {
                    super::pages::refused(&headers, &problem).into_response()
                }
                _ => response,
            }
        }
        Err(problem) if authorizer.is_api => problem.into_response(),
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => match authorizer.access {
            Access::Link => super::pages::asks_password(request.headers(), request.uri().path()),
            _ => Redirect::to("/login").into_response(),
        },
        Err(problem) => super::pages::refused(request.headers(), &problem).into_response(),
    }
}

impl Authorizer {
    async fn check(&self, request: &mut Request) -> Result<(), Problem> {
        let parameters: HashMap<String, String> = request
            .extract_parts::<RawPathParams>()
            .await
            .map_err(|_| Problem::not_found("page"))?
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let app = &self.state.app;
        let shown = credential(request.headers(), &self.state.cookies);
        let mut caller = app.sessions.caller(shown, Utc::now()).await?;
        let mut resources = Extensions::new();
        match self.access {
            Access::Anyone => {}
            Access::SignedIn => {
                // What is a person's own needs no more; a program needs a scope for everything.
                if !matches!(caller, Caller::Person { .. }) {
                    return Err(Denied::LogIn.into());
                }
            }
            Access::May(action, resource) => {
                self.check_resource(&caller, action, resource, &parameters, &mut resources)
                    .await?;
            }
            Access::Link => {
                let token = parameters.get("token").map_or("", String::as_str);
                let link = app.links.open(token).await?;
                if !is_shown(&link, token, request) {
                    return Err(Denied::LogIn.into());
                }
                let dashboard = self.state.app.store.dashboard(&link.dashboard).await?;
                let dashboard = dashboard.ok_or(Denied::NotFound)?;
                caller = Caller::Visitor(link.dashboard.clone());
                caller.check(Action::View, Object::Dashboard(&dashboard))?;
                resources.insert(Arc::new(dashboard));
                resources.insert(Arc::new(link));
            }
        }
        request.extensions_mut().extend(resources);
        request.extensions_mut().insert(caller);
        Ok(())
    }

    /// Checks the access to the resource of the path, and keeps it for the handler.
    ///
    /// A resource that the caller may not see is answered as one that is not there.
    async fn check_resource(
        &self,
        caller: &Caller,
        action: Action,
        resource: Resource,
        parameters: &HashMap<String, String>,
        resources: &mut Extensions,
    ) -> Result<(), Problem> {
        if matches!(caller, Caller::Anonymous) {
            return Err(Denied::LogIn.into());
        }
        let store = &self.state.app.store;
        let named = |name: &str| parameters.get(name).map_or("", String::as_str);
        match resource {
            Resource::Dashboards => caller.check(action, Object::Dashboards)?,
            Resource::Datasources => caller.check(action, Object::Datasources)?,
            Resource::Catalog => caller.check(action, Object::Catalog)?,
            Resource::Host => caller.check(action, Object::Host)?,
            Resource::Users => caller.check(action, Object::Users)?,
            Resource::Dashboard => {
                let id = DashboardId::parse(named("dashboard")).map_err(|_| Denied::NotFound)?;
                let found = there(store.dashboard(&id).await)?;
                caller.check(action, Object::Dashboard(&found))?;
                resources.insert(Arc::new(found));
            }
            Resource::Datasource => {
                let id = DatasourceId::parse(named("datasource")).map_err(|_| Denied::NotFound)?;
                let found = there(store.datasource(&id).await)?;
                caller.check(action, Object::Datasource(&found))?;
                resources.insert(Arc::new(found));
            }
            Resource::User => {
                let id = UserId::parse(named("user")).map_err(|_| Denied::NotFound)?;
                let found = there(store.user(&id).await)?;
                caller.check(action, Object::User(&found))?;
                resources.insert(Arc::new(found));
            }
            Resource::Link => {
                let id = LinkId::parse(named("link")).map_err(|_| Denied::NotFound)?;
                let found = there(store.link_by_id(&id).await)?;
                caller.check(action, Object::Link(&found))?;
                resources.insert(Arc::new(found));
            }
            Resource::ApiToken => {
                let id = TokenId::parse(named("token")).map_err(|_| Denied::NotFound)?;
                let found = there(store.api_token_by_id(&id).await)?;
                caller.check(action, Object::ApiToken(&found))?;
                resources.insert(Arc::new(found));
            }
        }
        Ok(())
    }
}

fn there<T>(found: Result<Option<T>, StoreError>) -> Result<T, Problem> {
    found?.ok_or_else(|| Denied::NotFound.into())
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
    Some((format!("link-{}", link.id), hex::encode(proof.as_bytes())))
}
