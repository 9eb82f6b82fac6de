//! What a page leaves out at first comes when somebody is about to see it.

use serde_json::json;
use workspace_tests::{browser::Theme, demo::Demo};

/// The first gadget that takes a third of the page.
const TILE: &str = "document.querySelector('article.tile--m')";

#[test]
fn drawings_at_unusual_widths_and_folded_tables_come_when_they_are_seen() {
    let Some((_demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.set_viewport(1440, 900, Theme::Light);
    page.wait_for(&format!("{TILE}.querySelector('.d-narrow .bucket')"));
    let missing = format!("{TILE}.querySelectorAll('.plot > .later').length > 0");
    assert_eq!(page.eval(&missing), json!(true), "all widths are there");
    let tables = format!("{TILE}.querySelectorAll('details.data table').length");
    assert_eq!(page.eval(&tables), json!(0));

    // The whole width of a tablet takes a drawing that was not there.
    page.set_viewport(760, 900, Theme::Light);
    page.eval(&format!("{TILE}.scrollIntoView(); null"));
    page.wait_for(&format!(
        "{TILE}.querySelector('.d-mid:not(.later) .bucket')?.checkVisibility()"
    ));
    page.wait_for(&format!(
        "{TILE}.querySelectorAll('.plot > .later').length === 0"
    ));

    // Opened, the tables are there; what came with the drawings alone is enough for that.
    page.eval(&format!(
        "{TILE}.querySelector('details.data').open = true; null"
    ));
    page.wait_for(&format!("{tables} > 0"));
    let link = format!("{TILE}.querySelector('details[data-later]') === null");
    assert_eq!(page.eval(&link), json!(true));

    // A box beside a bar says what its accessible name does.
    let first = format!("{TILE}.querySelector('.d-mid .bucket')");
    // Whatever scrolls hides it again.
    page.wait_for(&format!(
        "{first}.dispatchEvent(new PointerEvent('pointerover', {{ bubbles: true }})) && document.querySelector('.tip dd')"
    ));
    let said = "[...document.querySelectorAll('.tip dl > dt')].map((term) => `${term.textContent} ${term.nextElementSibling.textContent}`).join(', ')";
    let name = format!("{first}.getAttribute('aria-label').split(': ').at(-1)");
    let (said, name) = (page.eval(said), page.eval(&name));
    assert_eq!(said, name);
    page.expect_no_complaints("looking at all of a gadget");
}
