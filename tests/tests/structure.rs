//! What the crates may depend on, and what the tree may not hold.

use std::{collections::BTreeSet, fs, path::Path};

use cargo_metadata::{DependencyKind, MetadataCommand};
use workspace_tests::workspace;

/// The packages of this workspace that `package` needs to be built, directly or through others.
fn own_dependencies(package: &str) -> BTreeSet<String> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo describes the workspace");
    let own: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|each| each.name.as_str())
        .collect();
    let mut found = BTreeSet::new();
    let mut open = vec![package.to_owned()];
    while let Some(name) = open.pop() {
        let package = metadata
            .packages
            .iter()
            .find(|each| each.name.as_str() == name);
        for dependency in &package.expect("the package is there").dependencies {
            let is_own = own.contains(dependency.name.as_str());
            if is_own
                && dependency.kind == DependencyKind::Normal
                && found.insert(dependency.name.clone())
            {
                open.push(dependency.name.clone());
            }
        }
    }
    found
}

#[test]
fn each_crate_depends_on_what_the_architecture_says_and_on_nothing_else_of_ours() {
    for (package, allowed) in [
        ("gadget-api", vec![]),
        ("gadget-host", vec!["gadget-api"]),
        ("gadget-draw", vec!["gadget-api"]),
        ("dashboards", vec!["gadget-api"]),
        (
            "host-demo",
            vec!["dashboards", "gadget-api", "gadget-draw", "gadget-host"],
        ),
        ("marketplace", vec!["gadget-api"]),
        ("app-users-gadget", vec!["gadget-api", "marketplace"]),
        ("marketplace-sim", vec![]),
    ] {
        let allowed: BTreeSet<String> = allowed.into_iter().map(str::to_owned).collect();
        assert_eq!(own_dependencies(package), allowed, "{package}");
    }
}

fn rust_files(directory: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).expect("the tree can be read") {
        let path = entry.expect("the tree can be read").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            rust_files(&path, files);
        } else if name.ends_with(".rs") {
            let shown = path
                .strip_prefix(workspace())
                .unwrap_or(&path)
                .display()
                .to_string();
            files.push((shown, fs::read_to_string(&path).expect("a source is text")));
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    rust_files(&workspace(), &mut files);
    files
}

#[test]
fn unsafe_code_lives_in_the_two_modules_of_the_border() {
    for (file, text) in sources() {
        let is_border =
            file.starts_with("gadget-api/src/abi") || file == "gadget-host/src/library.rs";
        let opens_unsafe = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .any(|line| {
                line.contains(concat!("uns", "afe {")) || line.contains(concat!("uns", "afe fn"))
            });
        assert!(is_border || !opens_unsafe, "{file}");
    }
}

#[test]
fn abi_stable_is_named_only_inside_the_border() {
    for (file, text) in sources() {
        let may = file.starts_with("gadget-api/src/abi")
            || file == "gadget-host/src/library.rs"
            || file.starts_with("tests/");
        assert!(may || !text.contains("abi_stable::"), "{file}");
    }
}

#[test]
fn wire_types_stay_in_the_wire_module_and_counting_has_no_serde() {
    for (file, text) in sources() {
        if file.starts_with("marketplace/src/count") {
            assert!(!text.contains("serde"), "{file}");
            assert!(
                !text.contains("Utc::now") && !text.contains("SystemTime"),
                "{file}"
            );
        }
    }
}

/// Returns the Rust example of a document.
fn example(file: &str) -> String {
    let text = fs::read_to_string(workspace().join(file)).expect("the document is there");
    let after = text.split("```rust\n").nth(1).expect("it has an example");
    after.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_gadget_of_the_readme_is_the_one_that_is_tested() {
    // `gadget-api` compiles its own README as a test.
    assert_eq!(example("README.md"), example("gadget-api/README.md"));
}
