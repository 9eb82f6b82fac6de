//! axe-core, which checks the accessibility of a page.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    browser::{Page, Theme},
    npm::Packages,
};

/// The screens that pages are checked on: width in pixels, and theme.
const SCREENS: [(u32, Theme); 4] = [
    (1280, Theme::Light),
    (1280, Theme::Dark),
    (390, Theme::Dark),
    (390, Theme::Light),
];
const HEIGHT: u32 = 900;
/// The elements that extend beyond the right edge, if the page is wider than the screen; those that
/// scroll within another element apart.
const OVERFLOWING: &str = "(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return null;
    const clips = (each) => each !== document.body && (getComputedStyle(each).overflowX !== 'visible' || clips(each.parentElement));
    const all = [...document.body.querySelectorAll('*')];
    const wide = all.filter((each) => each.getBoundingClientRect().right > innerWidth && !clips(each.parentElement));
    return wide.map((each) => `${each.localName}.${each.getAttribute('class')}: ${each.textContent.slice(0, 40)}`);
})()";

/// The checker, as published.
pub struct Axe {
    script: String,
}

impl Axe {
    /// Installs the checker; returns nothing, and prints why, when that fails.
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

    /// Returns the violated rules of the page in its present state, each with its elements.
    fn violations(&self, page: &mut Page) -> Vec<String> {
        // The debugger is exempt from the policy of the page, so the page is checked unchanged.
        if page.eval("typeof axe") == "undefined" {
            page.eval(&format!("{}; 0", self.script));
        }
        // A colour in transition belongs to neither theme.
        page.eval(
            "Promise.all(document.getAnimations().filter((each) => each instanceof CSSTransition) \
             .map((each) => each.finished.catch(() => 0))).then(() => 0)",
        );
        let found = page.eval(
            "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, help, nodes }) => \
             `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`))",
        );
        let found = found.as_array().expect("the checker gives a list").clone();
        let text = |each: &Value| each.as_str().unwrap_or_default().to_owned();
        found.iter().map(text).collect()
    }
}

/// Checks a page in its present state, wide and narrow, light and dark, and leaves it wide and light.
///
/// With `PICTURES=some/directory` it saves a picture of each there.
///
/// # Panics
///
/// Panics when the page is wider than the screen or violates a rule of accessibility.
pub fn check_page(axe: Option<&Axe>, page: &mut Page, what: &str) {
    // The text of a page is there before its styles.
    page.wait_for("document.readyState === 'complete'");
    for (width, theme) in SCREENS {
        page.set_viewport(width, HEIGHT, theme);
        let overflowing = page.eval(OVERFLOWING);
        assert_eq!(
            overflowing,
            Value::Null,
            "{what} is wider than a screen of {width}"
        );
        if let Some(axe) = axe {
            let violations = axe.violations(page);
            assert_eq!(violations, [""; 0], "{what} at {width}, {theme:?}");
        }
        if let Some(directory) = env::var_os("PICTURES").map(PathBuf::from) {
            fs::create_dir_all(&directory).expect("the directory can be made");
            let file = format!("{}-{width}-{theme:?}.png", what.replace(' ', "-")).to_lowercase();
            page.screenshot(&directory.join(file), width, HEIGHT, theme);
        }
    }
    page.set_viewport(1280, HEIGHT, Theme::Light);
}
