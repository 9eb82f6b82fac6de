//! The committed JSON Schemas and the OpenAPI document: made by the staged host, as any user would.

use std::{fs, path::Path, process::Command};

use crate::Failure;

/// What the host is asked for, and the file that holds the answer.
const DOCUMENTS: [(&[&str], &str); 5] = [
    (&["schema", "view"], "gadget-api/schemas/view.json"),
    (&["schema", "manifest"], "gadget-api/schemas/manifest.json"),
    (
        &["schema", "app-users"],
        "app-users-gadget/schemas/app-users.json",
    ),
    (
        &["schema", "vendor-users"],
        "app-users-gadget/schemas/vendor-users.json",
    ),
    (&["openapi"], "host-demo/openapi.json"),
];

/// Writes the documents, or says which committed ones differ.
pub(crate) fn write(staged: &Path, check: bool) -> Result<(), Failure> {
    let mut differing = Vec::new();
    for (words, file) in DOCUMENTS {
        let output = Command::new(staged.join("host-demo"))
            .args(words)
            .arg("--allow-unsigned")
            .output()?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(format!("failed to make `{file}`: {}", reason.trim()).into());
        }
        if fs::read(file).is_ok_and(|committed| committed == output.stdout) {
            continue;
        }
        if check {
            differing.push(file);
        } else {
            fs::write(file, &output.stdout)
                .map_err(|error| format!("failed to write `{file}`: {error}"))?;
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} differ from what the code makes; run `cargo xtask schemas` and commit the result",
        differing.join(", ")
    )
    .into())
}
