//! One table of everything that can be asked for: the router, who may ask, and the document are made of it.

use std::sync::Arc;

use axum::{Router, http::Method, middleware, routing::MethodRouter};
use dashboards::domain::Action;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{
    WebState,
    admission::{Admission, admit},
    authorization::{Authorizer, authorize},
    connections::{Bodies, Limits, read_body},
    guard::MAX_BODY_BYTES,
    measured::{Measured, measure},
};

/// The most that somebody sends who is not known yet: a name and a password.
const MAX_BODY_OF_ANYONE_BYTES: u64 = 16 * 1024;

/// One thing that can be asked for.
pub(super) struct Endpoint {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) access: Access,
    /// What the document says of it; pages for people are not in there.
    pub(super) spec: Option<Spec>,
    /// Whether it is answered at once, however much there is to do.
    urgency: Urgency,
    route: MethodRouter<WebState>,
}

/// Whether an endpoint waits for its turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Urgency {
    Waits,
    AtOnce,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// Everybody.
    Anyone,
    /// Everybody who is logged in; what comes of it is their own.
    SignedIn,
    /// Whoever may do this with the resource that the path names.
    May(Action, Resource),
    /// Whoever has an open public link.
    Link,
}

/// What a path names. The name of a parameter is in its comment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Resource {
    Dashboards,
    /// `{dashboard}`
    Dashboard,
    Datasources,
    /// `{datasource}`
    Datasource,
    Catalog,
    Host,
    Users,
    /// `{user}`
    User,
    /// `{link}`
    Link,
    /// `{token}`
    ApiToken,
}

/// What the document says of an endpoint.
pub(super) struct Spec {
    /// Its name for programs.
    pub(super) id: &'static str,
    /// What it does, in a line.
    pub(super) summary: &'static str,
    /// What may follow a `?` in its address.
    pub(super) query: Option<SchemaOf>,
    pub(super) takes: Option<SchemaOf>,
    pub(super) answers: Answers,
}

/// What an endpoint answers with.
#[derive(Clone, Copy)]
pub(super) enum Answers {
    Nothing,
    Json(SchemaOf),
    /// Something of this media type.
    File(&'static str),
}

pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Endpoint {
    /// Creates an endpoint of the API.
    pub(super) fn api(
        method: Method,
        path: &'static str,
        access: Access,
        (id, summary): (&'static str, &'static str),
        route: MethodRouter<WebState>,
    ) -> Self {
        Self {
            method,
            path,
            access,
            spec: Some(Spec {
                id,
                summary,
                query: None,
                takes: None,
                answers: Answers::Nothing,
            }),
            urgency: Urgency::Waits,
            route,
        }
    }

    /// Creates a page.
    pub(super) fn page(path: &'static str, access: Access, route: MethodRouter<WebState>) -> Self {
        Self {
            method: Method::GET,
            path,
            access,
            spec: None,
            urgency: Urgency::Waits,
            route,
        }
    }

    /// Creates what a form of a page sends to.
    pub(super) fn submit(
        path: &'static str,
        access: Access,
        route: MethodRouter<WebState>,
    ) -> Self {
        Self {
            method: Method::POST,
            ..Self::page(path, access, route)
        }
    }

    /// Says that it is answered at once, however much there is to do.
    pub(super) fn at_once(self) -> Self {
        Self {
            urgency: Urgency::AtOnce,
            ..self
        }
    }

    /// Says what may follow a `?` in its address.
    pub(super) fn asks<T: JsonSchema>(mut self) -> Self {
        if let Some(spec) = &mut self.spec {
            spec.query = Some(T::json_schema);
        }
        self
    }

    /// Says which JSON it takes.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        if let Some(spec) = &mut self.spec {
            spec.takes = Some(schema_of::<T>);
        }
        self
    }

    /// Says which JSON it answers.
    pub(super) fn answers<T: JsonSchema>(mut self) -> Self {
        if let Some(spec) = &mut self.spec {
            spec.answers = Answers::Json(schema_of::<T>);
        }
        self
    }

    /// Says which other media type it answers.
    pub(super) fn sends(mut self, media_type: &'static str) -> Self {
        if let Some(spec) = &mut self.spec {
            spec.answers = Answers::File(media_type);
        }
        self
    }
}

/// Makes the router of a table; nothing is reached past its access.
///
/// Only whoever is let in may send a body.
pub(super) fn router(
    endpoints: Vec<Endpoint>,
    state: &WebState,
    limits: Limits,
) -> Router<WebState> {
    let mut router = Router::new();
    let metrics = state.app.engine.metrics();
    let admission = Admission::new(limits.load, Arc::clone(metrics));
    for endpoint in endpoints {
        let authorizer = Authorizer {
            state: state.clone(),
            access: endpoint.access,
            is_api: endpoint.spec.is_some(),
        };
        let bodies = Bodies {
            patience: limits.body,
            most_bytes: match endpoint.access {
                Access::Anyone => MAX_BODY_OF_ANYONE_BYTES,
                _ => MAX_BODY_BYTES,
            },
        };
        let measured = Measured {
            metrics: Arc::clone(metrics),
            path: endpoint.path,
        };
        let admission = admission.clone();
        let takes_turn = middleware::from_fn_with_state(admission, admit);
        let has_body = !matches!(endpoint.method, Method::GET);
        let mut route = endpoint.route;
        // A place is for who sends all of a request; where there is no body it is also for what reads
        // from the database who asks.
        if endpoint.urgency == Urgency::Waits && has_body {
            route = route.route_layer(takes_turn.clone());
        }
        route = route
            .route_layer(middleware::from_fn_with_state(bodies, read_body))
            .route_layer(middleware::from_fn_with_state(authorizer, authorize));
        if endpoint.urgency == Urgency::Waits && !has_body {
            route = route.route_layer(takes_turn);
        }
        let guarded = route.route_layer(middleware::from_fn_with_state(measured, measure));
        router = router.route(endpoint.path, guarded);
    }
    router
}
