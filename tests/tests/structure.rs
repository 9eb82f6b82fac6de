//! What the crates may depend on, and what must not be in the tree.

use std::{collections::BTreeSet, fs, path::Path};

use cargo_metadata::{DependencyKind, MetadataCommand};
use serde_json::Value;
use workspace_tests::{
    literals::{self, Literal},
    workspace,
};

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

/// Returns the modules of a crate that a source names by `crate::`, one level deep.
fn modules_named_in(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (place, word) in source.match_indices("crate::") {
        let rest = &source[place + word.len()..];
        let is_identifier = |letter: char| letter.is_alphanumeric() || letter == '_';
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(
                rest.chars()
                    .take_while(|each| is_identifier(*each))
                    .collect(),
            );
            continue;
        };
        let (mut depth, mut name, mut is_first) = (1, String::new(), true);
        for letter in group.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => is_first = true,
                _ if depth > 1 => {}
                _ if is_identifier(letter) && is_first => name.push(letter),
                _ if !letter.is_whitespace() => is_first = false,
                _ => {}
            }
            let is_whole = !is_first || letter == ',' || depth == 0;
            if is_whole && !name.is_empty() {
                found.insert(std::mem::take(&mut name));
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn modules_are_found_in_every_form_of_a_path() {
    let source =
        "use crate::app::App; use crate::{cli, web::{api::A, crate_of}, x::Y as Z}; crate::y::z()";
    let expected = ["app", "cli", "web", "x", "y"].map(str::to_owned);
    assert_eq!(modules_named_in(source), expected.into());
}

#[test]
fn the_layers_of_host_demo_point_one_way() {
    let source_directory = workspace().join("host-demo/src");
    for (layer, others, foreign) in [
        (
            "app",
            &["web", "cli"][..],
            &[
                "axum",
                "hyper",
                "maud",
                "tower",
                "StatusCode",
                "HeaderMap",
                "clap::",
            ][..],
        ),
        ("web", &["cli"], &["clap::", "spawn_blocking"]),
        ("cli", &["web"], &["axum", "hyper", "maud", "tower"]),
    ] {
        let mut files = Vec::new();
        rust_files(&source_directory.join(layer), &mut files);
        let root = source_directory.join(format!("{layer}.rs"));
        let root = fs::read_to_string(root).expect("the layer has a root");
        files.push((format!("host-demo/src/{layer}.rs"), root));
        assert!(files.len() > 5, "{layer} has few sources");
        for (path, source) in files {
            let named = modules_named_in(&source);
            for other in others {
                assert!(!named.contains(*other), "{path} names `{other}`");
            }
            for word in foreign {
                assert!(!source.contains(word), "{path} names `{word}`");
            }
            // Gadgets block: async code and their threads meet in one module.
            let is_bridge = path == "host-demo/src/app/blocking.rs";
            let bridges = ["spawn_blocking", "Handle::current"];
            let is_bridging = bridges.iter().any(|word| source.contains(word));
            assert!(layer != "app" || is_bridge || !is_bridging, "{path}");
        }
    }
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
        if file.starts_with("marketplace/src/") && !is_wire && !is_test(&file) {
            assert!(!product_code(&text).contains("serde"), "{file}");
        }
    }
}

/// Tells whether a file holds unit tests: `tests.rs`, `…_tests.rs`, or a file of a directory `tests`.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
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
    let layers: [(&str, &[&str]); 17] = [
        ("day", &[]),
        ("digest", &[]),
        ("number", &[]),
        ("texts", &[]),
        ("datasource", &[]),
        ("apps", &["day"]),
        ("rows", &["day", "digest", "texts"]),
        ("recent", &["day", "rows"]),
        ("restatements", &["day", "rows", "texts"]),
        ("count", &["day", "rows", "texts"]),
        ("wire", &["apps", "day", "digest", "rows", "texts"]),
        ("client", &["apps", "day", "digest", "wire"]),
        (
            "snapshot",
            &["apps", "count", "day", "digest", "recent", "rows", "texts"],
        ),
        (
            "store",
            &["datasource", "digest", "rows", "snapshot", "wire"],
        ),
        ("cache", &["count", "day", "rows", "snapshot", "store"]),
        ("check", &["apps", "client", "datasource"]),
        (
            "sync",
            &[
                "apps", "cache", "client", "count", "day", "digest", "number", "recent", "rows",
                "snapshot", "store", "texts", "wire",
            ],
        ),
    ];
    for (file, text) in sources() {
        let Some(path) = file.strip_prefix("marketplace/src/") else {
            continue;
        };
        let module = path.split(['/', '.']).next().unwrap_or_default();
        if module == "lib" || is_test(path) {
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

/// The parts of the workspace that know no gadget.
const NEUTRAL: [&str; 6] = [
    "gadget-api/src",
    "gadget-host/src",
    "gadget-draw/src",
    "dashboards/src",
    "host-demo/src",
    "host-demo/assets",
];

/// Words that the users gadgets use and that have a meaning of their own in a host. Each is reviewed: none
/// of the places that have them looks at what a gadget shows.
const REVIEWED: [(&[&str], &str); 5] = [
    (
        &[
            "bucket", "chart", "details", "figure", "kind", "label", "row", "rows", "series",
            "step", "table",
        ],
        "the contract: the members of a selection and the tag of a value; elements of HTML",
    ),
    (
        &["day", "days", "week", "month"],
        "the spans of time that a chart can have, and fields for days",
    ),
    (
        &[
            "datasource",
            "email",
            "examples",
            "format",
            "snake_case",
            "source",
            "uri",
            "when-unset",
        ],
        "words of JSON Schema, of its extensions and of their derivation, and the semantic that every host knows",
    ),
    (
        &["change", "start", "status"],
        "an event, a column of generated tables and a role of HTML",
    ),
    (
        &["name", "token", "user"],
        "what the host itself stores and asks for: users, their names and tokens",
    ),
];

/// Tells whether a text has the shape of an id.
fn is_id(text: &str) -> bool {
    text.starts_with(|each: char| each.is_ascii_lowercase())
        && text
            .chars()
            .all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || "_-".contains(each))
}

/// Collects the ids of a value as a gadget sends it: of views and of schemas.
fn ids_of_value(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("id" | "code", Value::String(id)) => drop(ids.insert(id.clone())),
                    ("properties", Value::Object(fields)) => ids.extend(fields.keys().cloned()),
                    _ => {}
                }
                ids_of_value(member, ids);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| ids_of_value(value, ids)),
        _ => {}
    }
}

/// Returns the ids, field names, kinds and codes of the libraries of this workspace, as their schemas,
/// their sample views and their code have them.
fn ids_of_the_libraries() -> BTreeSet<String> {
    let library = workspace().join("app-users-gadget");
    let mut ids = BTreeSet::new();
    for directory in ["schemas", "src/samples"] {
        for entry in fs::read_dir(library.join(directory)).expect("the directory is there") {
            let path = entry.expect("the tree can be read").path();
            let text = fs::read_to_string(path).expect("the file is text");
            let value = serde_json::from_str(&text).expect("the file is JSON");
            ids_of_value(&value, &mut ids);
        }
    }
    let mut files = Vec::new();
    rust_files(&library.join("src"), &mut files);
    for (_, source) in files {
        ids.extend(literals::of_rust(&source).into_iter().map(|each| each.text));
    }
    // Extensions of the schema are the contract's.
    ids.retain(|id| is_id(id) && !id.starts_with("x-"));
    ids
}

/// Returns the sources of a neutral part that are not tests.
fn neutral_sources(part: &str) -> Vec<(String, Vec<Literal>)> {
    let directory = workspace().join(part);
    let mut found = Vec::new();
    if part.ends_with("assets") {
        for entry in fs::read_dir(directory).expect("the directory is there") {
            let path = entry.expect("the tree can be read").path();
            if path.extension().is_some_and(|extension| extension == "js") {
                let text = fs::read_to_string(&path).expect("a script is text");
                found.push((path.display().to_string(), literals::of_script(&text)));
            }
        }
        return found;
    }
    let mut files = Vec::new();
    rust_files(&directory, &mut files);
    let is_test = |path: &str| {
        ["/tests/", "/tests.rs", "/sample.rs"]
            .iter()
            .any(|part| path.contains(part))
    };
    files.retain(|(path, _)| !is_test(path));
    let read = |(path, source): (String, String)| (path, literals::of_rust(&source));
    found.extend(files.into_iter().map(read));
    found
}

#[test]
fn no_id_of_a_gadget_is_a_literal_where_gadgets_are_not_known() {
    let ids = ids_of_the_libraries();
    for id in [
        "app",
        "app-users",
        "atlassian-marketplace",
        "churn",
        "closing",
        "excluded",
        "gained",
        "lost",
        "may_still_renew",
        "movements",
        "net",
        "users_week_ago",
        "vendor",
    ] {
        assert!(ids.contains(id), "`{id}` is not collected: {ids:?}");
    }
    let reviewed: BTreeSet<&str> = REVIEWED
        .iter()
        .flat_map(|(words, _)| words.iter().copied())
        .collect();
    // A part of an id, such as `_ago`, tells gadgets apart as well.
    let is_part = |text: &str| {
        let of = |id: &String| {
            (text.starts_with('_') && id.ends_with(text))
                || (text.ends_with('_') && id.starts_with(text))
        };
        text.len() > 1 && ids.iter().any(of)
    };
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for part in NEUTRAL {
        let sources = neutral_sources(part);
        assert!(!sources.is_empty(), "{part} has no source");
        for (path, literals) in sources {
            for Literal { line, text } in literals {
                if let Some(word) = reviewed.get(text.as_str()) {
                    seen.insert(*word);
                } else if ids.contains(&text) || is_part(&text) {
                    wrong.push(format!("{path}:{line}: \"{text}\""));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "ids of gadgets: {wrong:#?}");
    let stale: Vec<_> = reviewed.difference(&seen).collect();
    assert!(
        stale.is_empty(),
        "reviewed words that nothing uses: {stale:?}"
    );
}

#[test]
fn nothing_that_a_view_shows_is_looked_up_by_a_literal() {
    for part in ["gadget-draw/src", "host-demo/src"] {
        let mut files = Vec::new();
        rust_files(&workspace().join(part), &mut files);
        files.retain(|(path, _)| !path.contains("/tests") && !path.ends_with("sample.rs"));
        for (path, source) in files {
            let code = source.split("#[cfg(test)]\nmod tests {").next();
            for (place, line) in code.unwrap_or_default().lines().enumerate() {
                for lookup in [
                    ".figure(\"",
                    ".table(\"",
                    ".column(\"",
                    ".id == \"",
                    ".id.as_str() == \"",
                    ".code == \"",
                    "match figure.id",
                    "match column.id",
                    "match series.id",
                ] {
                    assert!(!line.contains(lookup), "{path}:{}: {line}", place + 1);
                }
            }
        }
    }
}
