//! Schemas of settings, and settings against them: no panic, whatever a library sends.
#![no_main]

use gadget_api::schema;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok((schema, settings)) = serde_json::from_slice::<(Value, Value)>(bytes) else {
        return;
    };
    if schema::lint(&schema).is_empty() {
        let settings = gadget_host::with_defaults(&schema, &settings);
        let _ = gadget_host::problems(&schema, &settings);
        let _ = schema::semantics(&schema::without_extensions(&schema));
    }
});
