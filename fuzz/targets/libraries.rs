//! Files that claim to be libraries: nothing is run, since no hash is allowed.
#![no_main]

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, process};

use gadget_host::{Catalog, LoadOptions, TrustPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let directory = std::env::temp_dir().join(format!("gadget-fuzz-{}", process::id()));
    let path = directory.join("fuzzed.so");
    let written = fs::create_dir_all(&directory)
        .and_then(|()| fs::write(&path, bytes))
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)));
    if written.is_ok() {
        let options = LoadOptions::new(
            TrustPolicy::AllowedHashes(BTreeSet::new()),
            directory.join("copies"),
        );
        assert!(Catalog::load_library(&path, &options).is_err());
    }
});
