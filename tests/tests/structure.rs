//! What the crates may depend on, and what must not be in the tree.

use std::{collections::BTreeSet, fs, path::Path};

use cargo_metadata::{DependencyKind, MetadataCommand};
use workspace_tests::workspace;

/// Returns the packages of this workspace that `package` depends on, directly or indirectly.
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
        let is_wire = file.starts_with("marketplace/src/wire");
        if file.starts_with("marketplace/src/") && !is_wire && !file.ends_with("tests.rs") {
            assert!(!product_code(&text).contains("serde"), "{file}");
        }
    }
}

/// Returns a source without its unit tests.
fn product_code(text: &str) -> &str {
    text.split_once("#[cfg(test)]")
        .map_or(text, |(code, _)| code)
}

/// Returns the modules that a source names after `crate::`, those of one nested import included.
fn modules_named(code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        let mut depth = 0;
        let mut name = String::new();
        let mut is_module = true;
        for letter in path.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => is_module = true,
                letter if letter.is_ascii_alphanumeric() || letter == '_' => {
                    if is_module {
                        name.push(letter);
                    }
                    continue;
                }
                letter if letter.is_whitespace() && name.is_empty() => continue,
                _ => {}
            }
            if !name.is_empty() {
                modules.insert(std::mem::take(&mut name));
                is_module = false;
            }
            if depth <= 0 {
                break;
            }
        }
    }
    modules
}

#[test]
fn each_module_of_the_marketplace_imports_only_the_layers_below_it() {
    let layers: [(&str, &[&str]); 16] = [
        ("day", &[]),
        ("digest", &[]),
        ("number", &[]),
        ("texts", &[]),
        ("datasource", &[]),
        ("apps", &["day"]),
        ("rows", &["day", "texts"]),
        ("restatements", &["day", "rows", "texts"]),
        ("count", &["day", "rows", "texts"]),
        ("wire", &["apps", "day", "digest", "rows", "texts"]),
        ("client", &["apps", "day", "digest", "wire"]),
        ("snapshot", &["apps", "day", "digest", "rows", "texts"]),
        ("store", &["datasource", "snapshot", "wire"]),
        ("cache", &["count", "day", "snapshot", "store"]),
        ("check", &["apps", "client", "datasource"]),
        (
            "sync",
            &[
                "apps", "cache", "client", "day", "number", "rows", "snapshot", "store", "wire",
            ],
        ),
    ];
    for (file, text) in sources() {
        let Some(path) = file.strip_prefix("marketplace/src/") else {
            continue;
        };
        let module = path.split(['/', '.']).next().unwrap_or_default();
        if module == "lib" || path.ends_with("tests.rs") {
            continue;
        }
        let layer = layers.iter().find(|(name, _)| *name == module);
        let (_, below) = layer.unwrap_or_else(|| panic!("{file} belongs to no layer"));
        for named in modules_named(product_code(&text)) {
            let is_below = named == module || below.contains(&named.as_str());
            assert!(is_below, "{file} imports `{named}`");
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
