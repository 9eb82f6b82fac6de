//! axe-core, which looks at a page as assistive technology reads it.

use std::fs;

use serde_json::Value;

use crate::{browser::Page, npm::Packages};

/// The checker, as it is published.
pub struct Axe {
    script: String,
}

impl Axe {
    /// Installs the checker; where that is not possible it says why and returns nothing.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be installed where `CI` is set.
    #[must_use]
    pub fn install() -> Option<Self> {
        let packages = Packages::install(&["axe-core@4.10.3"])?;
        let script = fs::read_to_string(packages.file("axe-core/axe.min.js"));
        Some(Self {
            script: script.expect("the package has it"),
        })
    }

    /// Returns what is wrong with a page as it is now: each rule, and the elements that break it.
    ///
    /// # Panics
    ///
    /// Panics when the checker fails.
    pub fn violations(&self, page: &mut Page) -> Vec<String> {
        // The debugger may what the policy of the page forbids, so the page is looked at as it is.
        page.eval(&format!("{}; 0", self.script));
        // A colour on its way from one theme to the other is in neither.
        page.eval(
            "Promise.all(document.getAnimations().filter((each) => each instanceof CSSTransition) \
             .map((each) => each.finished.catch(() => 0))).then(() => 0)",
        );
        let found = page.eval(
            "axe.run().then(({ violations }) => violations.map(({ id, help, nodes }) => \
             `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`))",
        );
        let found = found.as_array().expect("the checker gives a list").clone();
        let text = |each: &Value| each.as_str().unwrap_or_default().to_owned();
        found.iter().map(text).collect()
    }
}
