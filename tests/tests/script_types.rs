//! The scripts of the page, as a type checker reads them.

use std::process::Command;

use workspace_tests::{npm::Packages, workspace};

#[test]
fn the_scripts_pass_the_type_checker() {
    let Some(typescript) = Packages::install(&["typescript@5.9.3"]) else {
        return;
    };
    let checked = Command::new("node")
        .arg(typescript.file("typescript/bin/tsc"))
        .arg("--project")
        .arg(workspace().join("host-demo/assets/jsconfig.json"))
        .output()
        .expect("node is where npm is");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}
