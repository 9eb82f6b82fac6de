//! The committed JSON Schemas and the OpenAPI document, generated with the staged host.

use std::{fs, path::Path, process::Command};

use crate::Failure;

/// The arguments of the host, and the file for its output.
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

/// Writes the documents, or reports which committed ones are out of date.
pub(crate) fn write(staged: &Path, check: bool) -> Result<(), Failure> {
    let mut outdated = Vec::new();
    for (arguments, file) in DOCUMENTS {
        let output = Command::new(staged.join("host-demo"))
            .args(arguments)
            .arg("--allow-unsigned")
            .output()?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(format!("failed to generate `{file}`: {}", reason.trim()).into());
        }
        if fs::read(file).is_ok_and(|committed| committed == output.stdout) {
            continue;
        }
        if check {
            outdated.push(file);
        } else {
            fs::write(file, &output.stdout)
                .map_err(|error| format!("failed to write `{file}`: {error}"))?;
        }
    }
    if outdated.is_empty() {
        return Ok(());
    }
    Err(format!(
        "out of date: {}. Run `cargo xtask schemas` and commit the result.",
        outdated.join(", ")
    )
    .into())
}
