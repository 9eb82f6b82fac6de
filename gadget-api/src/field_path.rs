//! The path of a settings field: a well-formed JSON Pointer.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON Pointer (RFC 6901) into settings, such as `/period/from`; the empty one means the settings as a whole.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldPath(String);

/// A text is not a JSON Pointer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{text}` is not a JSON Pointer: each part starts with `/`, and `~` is written `~0`, `/` in a name `~1`"
)]
pub struct InvalidPointer {
    text: String,
}

impl FieldPath {
    /// Returns the path of the settings as a whole.
    #[must_use]
    pub fn root() -> Self {
        Self(String::new())
    }

    /// Reads a JSON Pointer.
    ///
    /// # Errors
    ///
    /// Returns an error when `text` is neither empty nor starts with `/`, or contains a `~` that is not `~0` or `~1`.
    pub fn parse(text: &str) -> Result<Self, InvalidPointer> {
        let escapes_hold = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if (text.is_empty() || text.starts_with('/')) && escapes_hold {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidPointer {
            text: text.to_owned(),
        })
    }

    /// Returns the path of the member `name` of this field.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            name.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// Returns the pointer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Iterates over the unescaped names.
    pub fn parts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(|part| {
            if part.contains('~') {
                Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(part)
            }
        })
    }

    /// Returns the value at this path of `settings`, if there is one.
    #[must_use]
    pub fn value_in<'a>(&self, settings: &'a Value) -> Option<&'a Value> {
        settings.pointer(&self.0)
    }
}

impl TryFrom<String> for FieldPath {
    type Error = InvalidPointer;

    fn try_from(text: String) -> Result<Self, InvalidPointer> {
        Self::parse(&text)
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> Self {
        path.0
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_pointers_are_paths() {
        for (text, holds) in [
            ("", true),
            ("/a", true),
            ("/a~1b/~0", true),
            ("a", false),
            ("/a~2", false),
            ("/a~", false),
        ] {
            assert_eq!(FieldPath::parse(text).is_ok(), holds, "{text}");
        }
    }

    #[test]
    fn names_with_slashes_and_tildes_are_escaped_and_unescaped() {
        let path = FieldPath::root().child("a/b").child("~");
        assert_eq!(path.as_str(), "/a~1b/~0");
        assert_eq!(path.parts().collect::<Vec<_>>(), ["a/b", "~"]);
    }
}
