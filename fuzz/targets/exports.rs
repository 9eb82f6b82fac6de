//! Files of exported dashboards: refused, or the same after they were written and read again.
#![no_main]

use dashboards::domain::DashboardExport;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(export) = DashboardExport::parse(text) {
        let written = serde_json::to_string(&export).expect("an export can be written");
        let again = DashboardExport::parse(&written).expect("what was written can be read");
        assert_eq!(export, again);
    }
});
