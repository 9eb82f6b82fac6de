//! The case files of the workspace: each gives exactly what it expects.

mod case;

use std::path::Path;

use serde_json::Value;

#[test]
fn every_case_file_gives_exactly_what_it_expects() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut cases = 0;
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let counted = case::count(&case).unwrap();
        for (key, expected) in case["expected"].as_object().unwrap() {
            assert_eq!(&counted[key], expected, "{key} of {}", path.display());
        }
        cases += 1;
    }
    assert!(cases >= 13, "{cases} cases in {}", directory.display());
}
