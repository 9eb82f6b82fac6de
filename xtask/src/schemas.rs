//! The committed JSON Schemas: made by the host out of the staged library, as any user would.

use std::{fs, path::Path, process::Command};

use crate::Failure;

/// What `host-demo schema` is asked for, and the file that holds the answer.
const SCHEMAS: [(&str, &str); 4] = [
    ("view", "gadget-api/schemas/view.json"),
    ("manifest", "gadget-api/schemas/manifest.json"),
    ("app-users", "app-users-gadget/schemas/app-users.json"),
    ("vendor-users", "app-users-gadget/schemas/vendor-users.json"),
];

/// Writes the schemas, or says which committed ones differ.
pub(crate) fn write(staged: &Path, check: bool) -> Result<(), Failure> {
    let mut differing = Vec::new();
    for (name, file) in SCHEMAS {
        let output = Command::new(staged.join("host-demo"))
            .args(["schema", name, "--allow-unsigned"])
            .output()?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(format!("failed to make the schema `{name}`: {}", reason.trim()).into());
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
