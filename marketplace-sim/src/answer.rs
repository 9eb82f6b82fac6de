//! Answers, and the three forms in which the API reports errors.

use serde_json::{Value, json};

use crate::ids;
use crate::parameter::ParameterError;

/// The body of an answer: complete, or produced while it is sent.
pub(crate) enum Payload {
    /// The complete body.
    Text(Vec<u8>),
    /// Chunks, in order; an error closes the connection.
    Chunks(Box<dyn Iterator<Item = std::io::Result<Vec<u8>>> + Send>),
}

/// One answer.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// `Content-Type`.
    pub(crate) content_type: &'static str,
    /// Other headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) payload: Payload,
}

impl Answer {
    /// Creates a successful answer with a JSON text.
    pub(crate) fn text(text: String) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            headers: Vec::new(),
            payload: Payload::Text(text.into_bytes()),
        }
    }

    /// Creates a successful answer with a JSON value.
    pub(crate) fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    /// Creates an HTML page, such as a gateway or a login form sends.
    pub(crate) fn html(status: u16, text: &str) -> Self {
        Self {
            content_type: "text/html; charset=utf-8",
            payload: Payload::Text(text.as_bytes().to_vec()),
            ..Self::status(status)
        }
    }

    /// Creates an answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::text(String::new())
        }
    }

    /// Creates an error in the form of the gateway.
    pub(crate) fn gateway_error(status: u16, message: &str) -> Self {
        Self {
            status,
            ..Self::json(&json!({"code": status, "message": message}))
        }
    }

    /// Creates an error in the form of the reporting resources.
    pub(crate) fn reporting_error(status: u16, code: &str, path: &str, message: &str) -> Self {
        let error = json!({"message": message, "path": path, "code": code});
        Self {
            status,
            ..Self::json(&json!({"errors": [error]}))
        }
    }

    /// Creates an error in the form of the newer resources.
    pub(crate) fn resource_error(status: u16, code: &str, title: &str, detail: &str) -> Self {
        let error = json!({
            "id": ids::uuid("error", detail),
            "status": status.to_string(),
            "code": code,
            "title": title,
            "detail": detail,
        });
        Self {
            status,
            ..Self::json(&json!({"errors": [error]}))
        }
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<ParameterError> for Answer {
    fn from(error: ParameterError) -> Self {
        let (status, code) = if error.is_unimplemented {
            (501, "NOT_IMPLEMENTED")
        } else {
            (400, "BAD_REQUEST")
        };
        Self::reporting_error(status, code, &error.name, &error.message)
    }
}
