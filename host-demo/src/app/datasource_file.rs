//! Datasources as files: JSON, with the token preferably elsewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use gadget_api::{Authentication, FieldPath};
use gadget_host::{CatalogKind, Datasource};
use serde_json::Value;

use super::{Engine, Failure, catalog, read, settings_edit::set_at};

/// The environment variable that holds the token.
const TOKEN: &str = "GADGETS_TOKEN";
/// The member that names the file of the token; no gadget sees it.
const TOKEN_FILE: &str = "token_file";
/// The id of a datasource that comes from a file: what was read is found by address and account,
/// wherever the file lies.
const ID: &str = "file";

/// The settings of a datasource, with its kind and its secrets among them, and what it is called.
pub(crate) struct NamedContent {
    pub(crate) name: String,
    pub(crate) content: Value,
}

/// Reads the datasource in the file at `path`; `-` is standard input.
pub(crate) fn read_datasource(engine: &Engine, path: &Path) -> Result<Datasource, Failure> {
    let NamedContent { content, .. } = read_content(engine, path)?;
    let kind = kind_in(engine, &content)?;
    Ok(Datasource::new(kind, ID, content, engine.origins())?)
}

/// Reads what stands in the file at `path`, and the token that is kept elsewhere.
pub(crate) fn read_content(engine: &Engine, path: &Path) -> Result<NamedContent, Failure> {
    let text = read(path, "datasource")?;
    // What a parser says of bad JSON can hold a piece of it, and that piece can be the token.
    let content: Value = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "the datasource in `{}` is not valid JSON: line {}, column {}",
            path.display(),
            error.line(),
            error.column()
        ))
    })?;
    let mut content = content;
    let token = match env::var(TOKEN).ok().filter(|token| !token.is_empty()) {
        Some(token) => {
            taken_out(&mut content);
            Some(token)
        }
        None => taken_out(&mut content)
            .map(|file| token_in(&beside(path, &file)))
            .transpose()?,
    };
    let kind = kind_in(engine, &content)?;
    if let (Some(token), Some(field)) = (token, secret_of(&kind.declaration().authentication)) {
        set_at(&mut content, field, Value::String(token));
    }
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(NamedContent { name, content })
}

/// Returns the kind that a datasource says it is of.
pub(crate) fn kind_in<'a>(engine: &'a Engine, content: &Value) -> Result<&'a CatalogKind, Failure> {
    let Some(kind) = content.get("kind").and_then(Value::as_str) else {
        return Err(Failure::usage("the datasource has no kind")
            .with_remedy(r#"Add a member such as `"kind": "atlassian-marketplace"`."#));
    };
    catalog::kind_in(engine.catalog(), kind)
}

fn secret_of(authentication: &Authentication) -> Option<&FieldPath> {
    match authentication {
        Authentication::Basic { password, .. } => Some(password),
        Authentication::Bearer { token } => Some(token),
        _ => None,
    }
}

/// Takes the name of the token's file out of the settings.
fn taken_out(content: &mut Value) -> Option<String> {
    match content.as_object_mut()?.shift_remove(TOKEN_FILE)? {
        Value::String(file) => Some(file),
        _ => None,
    }
}

/// A file that is named in a file lies beside it.
fn beside(path: &Path, file: &str) -> PathBuf {
    path.parent()
        .map_or_else(|| PathBuf::from(file), |directory| directory.join(file))
}

fn token_in(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "failed to read the token file `{}`: {error}",
            path.display()
        ))
    })?;
    match text.trim() {
        "" => Err(Failure::usage(format!(
            "the token file `{}` is empty",
            path.display()
        ))),
        token => Ok(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_comes_from_its_file_without_the_line_end() {
        let directory = tempfile::tempdir().unwrap();
        let datasource = directory.path().join("datasource.json");
        let mut content = json!({"kind": "k", "token_file": "token"});
        let file = taken_out(&mut content).unwrap();
        assert_eq!(content, json!({"kind": "k"}));
        assert_eq!(beside(&datasource, "/etc/token"), Path::new("/etc/token"));
        let path = beside(&datasource, &file);
        assert!(token_in(&path).unwrap_err().line().contains("token file"));
        fs::write(&path, "secret\n").unwrap();
        assert_eq!(token_in(&path).unwrap(), "secret");
        fs::write(&path, "\n").unwrap();
        assert!(token_in(&path).unwrap_err().line().contains("is empty"));
    }
}
