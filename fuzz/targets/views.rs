//! Views as a gadget sends them: refused or within the bounds.
#![no_main]

use gadget_api::View;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(view) = serde_json::from_slice::<View>(bytes) {
        if let Ok(view) = view.bounded() {
            assert!(view.bounded().is_ok());
        }
    }
});
