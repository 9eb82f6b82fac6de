//! Counts case files: `count FILE...` prints one line of JSON for each.
//!
//! A case file holds `today`, `app`, `licenses`, `transactions` and `settings` (`period`, `hosting`, `include`,
//! `unlimited_users`, `grace_days`); what is printed has the members of its `expected`.

#[path = "../tests/counting/case.rs"]
mod case;

use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let case = serde_json::from_slice(&std::fs::read(&path)?)?;
        writeln!(
            out,
            "{}",
            case::count(&case).map_err(|error| format!("{path}: {error}"))?
        )?;
    }
    Ok(())
}
