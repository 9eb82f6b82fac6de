//! What the API answers when it does not do something.

use axum::{
    Json,
    extract::rejection::{JsonRejection, QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{ChangeRecord, DatasourceRefusal, Denied, UserId},
    store::StoreError,
};
use gadget_api::{Error, ErrorKind, FieldError};
use gadget_host::sharing::ApplyError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::{AppError, store_message};

/// What is said before what is wrong with JSON that can be read.
const UNFIT: &str = "Failed to deserialize the JSON body into the target type: ";

/// Why a request was not done. Nothing was changed.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// A stable name of the reason.
    code: &'static str,
    /// What is wrong, for people.
    message: String,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// What is wrong with single fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// What others changed meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    meanwhile: Vec<Meanwhile>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct FieldProblem {
    /// A JSON Pointer to the field.
    pub(super) path: String,
    /// What is wrong, for people.
    pub(super) message: String,
}

/// A change that somebody made meanwhile.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Meanwhile {
    /// The revision that it made.
    revision: u64,
    /// What happened.
    summary: String,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> Self {
        Self {
            path: error.path().as_str().to_owned(),
            message: error.message().to_owned(),
        }
    }
}

impl From<&ChangeRecord> for Meanwhile {
    fn from(record: &ChangeRecord) -> Self {
        Self {
            revision: record.revision,
            summary: record.summary.clone(),
            at: record.at,
            by: record.by.clone(),
        }
    }
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            remedy: None,
            errors: Vec::new(),
            meanwhile: Vec::new(),
        }
    }

    /// Says that what was sent cannot be.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    /// Says that something is not there, or not for who asks.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("{what} not found"),
        )
    }

    /// Says that the host itself failed.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// Says what is wrong with single fields.
    pub(super) fn of_fields(errors: &[FieldError]) -> Self {
        let count = errors.len();
        let message = match errors {
            [only] => format!("check one field: {}", only.message()),
            _ => format!("check {count} fields"),
        };
        Self {
            errors: errors.iter().map(FieldProblem::from).collect(),
            ..Self::bad(message)
        }
    }

    pub(super) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, Json(&self)).into_response();
        // A page says it in its own way.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (status, code) = match denied {
            Denied::LogIn => (StatusCode::UNAUTHORIZED, "log_in"),
            Denied::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Denied::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        };
        Self::new(status, code, denied.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        use StatusCode as S;
        let (status, code) = match &error {
            StoreError::NotFound { .. } => (S::NOT_FOUND, "not_found"),
            StoreError::Stale { .. } | StoreError::StaleDatasource { .. } => (S::CONFLICT, "stale"),
            StoreError::Refused(_) => (S::CONFLICT, "refused"),
            StoreError::Datasource(DatasourceRefusal::SecretNeeded { fields }) => {
                let errors = fields.iter().map(|field| {
                    FieldError::new(field.clone(), "enter it again for the new address")
                });
                let errors: Vec<_> = errors.collect();
                return Self {
                    message: error.to_string(),
                    ..Self::of_fields(&errors)
                };
            }
            StoreError::Datasource(_) => (S::UNPROCESSABLE_ENTITY, "invalid"),
            StoreError::Taken { .. } => (S::CONFLICT, "taken"),
            StoreError::LastAdministrator => (S::CONFLICT, "last_administrator"),
            StoreError::Locked(_) | StoreError::DamagedSecret { .. } => (S::CONFLICT, "locked"),
            StoreError::TooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "too_large"),
            StoreError::Full(_) => (S::INSUFFICIENT_STORAGE, "full"),
            StoreError::ReadOnly(_) => (S::SERVICE_UNAVAILABLE, "read_only"),
            StoreError::Unavailable(_) | StoreError::Contended(_) => {
                (S::SERVICE_UNAVAILABLE, "unavailable")
            }
            _ => (S::INTERNAL_SERVER_ERROR, "internal"),
        };
        let meanwhile = match &error {
            StoreError::Stale { records, .. } => records.iter().map(Meanwhile::from).collect(),
            _ => Vec::new(),
        };
        Self {
            meanwhile,
            ..Self::new(status, code, store_message(&error))
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use StatusCode as S;
        if !error.fields().is_empty() {
            return Self::of_fields(error.fields());
        }
        let (status, code) = match error.kind() {
            ErrorKind::Settings => (S::UNPROCESSABLE_ENTITY, "invalid"),
            ErrorKind::NotFound => (S::NOT_FOUND, "not_found"),
            ErrorKind::Unsupported => (S::NOT_FOUND, "unsupported"),
            ErrorKind::Credentials => (S::BAD_GATEWAY, "credentials"),
            ErrorKind::Rights => (S::BAD_GATEWAY, "rights"),
            ErrorKind::Datasource => (S::BAD_GATEWAY, "datasource"),
            ErrorKind::Network => (S::BAD_GATEWAY, "network"),
            ErrorKind::TimedOut => (S::GATEWAY_TIMEOUT, "timed_out"),
            ErrorKind::Cancelled => (S::CONFLICT, "cancelled"),
            ErrorKind::TooLarge => (S::PAYLOAD_TOO_LARGE, "too_large"),
            ErrorKind::Conflict => (S::CONFLICT, "conflict"),
            _ => (S::INTERNAL_SERVER_ERROR, "gadget"),
        };
        let problem = Self::new(status, code, error.message());
        match error.remedy() {
            Some(remedy) => problem.with_remedy(remedy),
            None => problem,
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        use StatusCode as S;
        let (status, code) = match &error {
            AppError::NotFound { .. } | AppError::Unknown { .. } => (S::NOT_FOUND, "not_found"),
            AppError::Invalid { .. } | AppError::BadPassword(_) => {
                (S::UNPROCESSABLE_ENTITY, "invalid")
            }
            AppError::WrongPassword { .. } => (S::UNAUTHORIZED, "wrong"),
            AppError::TooManyAttempts { .. } => (S::TOO_MANY_REQUESTS, "wait"),
            AppError::SetupTokenSpent => (S::UNAUTHORIZED, "spent"),
            AppError::TooMany(_) => (S::CONFLICT, "too_many"),
            AppError::PreviewOver => (S::CONFLICT, "preview_over"),
            AppError::NotApplied(ApplyError::UnknownTile { .. }) => {
                (S::UNPROCESSABLE_ENTITY, "invalid")
            }
            AppError::NotApplied(ApplyError::Stale { .. }) => (S::CONFLICT, "stale"),
            AppError::NotApplied(ApplyError::Refused { .. }) => (S::CONFLICT, "refused"),
            AppError::NothingShown => (S::CONFLICT, "not_yet"),
            AppError::Drawing(_) => (S::INTERNAL_SERVER_ERROR, "internal"),
            AppError::BrokenOff(_) => (S::INTERNAL_SERVER_ERROR, "internal"),
            AppError::Fields(errors) => return Self::of_fields(errors),
            AppError::Denied(denied) => return (*denied).into(),
            AppError::Store(_) | AppError::Gadget(_) => {
                return match error {
                    AppError::Store(error) => error.into(),
                    AppError::Gadget(error) => error.into(),
                    error => Self::internal(error.to_string()),
                };
            }
        };
        let problem = Self::new(status, code, error.to_string());
        match error.remedy() {
            Some(remedy) => problem.with_remedy(remedy),
            None => problem,
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let text = rejection.body_text();
        let what = text.strip_prefix(UNFIT).unwrap_or(&text);
        // Where it stands in the JSON of a page is of no use to whoever filled in a form.
        let what = what.rsplit_once(" at line ").map_or(what, |(what, _)| what);
        Self::new(rejection.status(), "invalid", what)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "invalid", rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_says_of_itself_is_told_to_nobody() {
        let problem = Problem::from(StoreError::Unreadable {
            what: "tile",
            details: "the row of the table `tiles`".to_owned(),
        });
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let expected = "the host failed to read or save data; see its log";
        assert_eq!(problem.message(), expected);
    }
}
