//! What an editor does with the gadgets of a dashboard, in Chromium, by keyboard.

use workspace_tests::{
    browser::{Browser, Page, Theme},
    demo::Demo,
};

/// Moves the focus to an element, as a person who tabs there does.
fn focus(page: &mut Page, selector: &str) {
    page.wait_for(&format!("document.querySelector({selector:?})"));
    page.eval(&format!("document.querySelector({selector:?}).focus()"));
}

/// Opens the menu of the first small gadget and picks the item with this text.
fn pick(page: &mut Page, tile: &str, text: &str) {
    focus(page, &format!("[id={tile:?}] [data-menu]"));
    page.key("Enter");
    for _ in 0..20 {
        if page.eval("document.activeElement.textContent") == text {
            page.key("Enter");
            return;
        }
        page.key("ArrowDown");
    }
    panic!("the menu has no item `{text}`");
}

fn tiles(page: &mut Page) -> Vec<String> {
    let ids =
        page.eval("[...document.querySelectorAll('[data-live] > article')].map(tile => tile.id)");
    let ids = ids.as_array().expect("the ids are a list").iter();
    ids.map(|id| id.as_str().expect("an id is text").to_owned())
        .collect()
}

#[test]
fn settings_are_shared_previewed_applied_and_undone_by_keyboard() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    for (width, theme) in [(1280, Theme::Light), (390, Theme::Dark)] {
        let mut page = browser.page();
        page.set_viewport(width, 900, theme);
        page.goto(&demo.url);
        page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
        let ids = tiles(&mut page);
        let period = "[...document.querySelectorAll('article .tile__title p')].map(p => p.textContent.split(':')[0])";
        let before = page.eval(period);

        focus(&mut page, &format!("[id={:?}] [data-do=configure]", ids[1]));
        page.key("Enter");
        page.wait_for("document.querySelector('dialog.panel[open]')");
        page.wait_for(
            "document.querySelector('dialog.panel select, dialog.panel [role=combobox]')",
        );
        // The period is a choice with fields of its own: another one is picked by its value.
        page.eval(
            "(() => { for (const select of document.querySelectorAll('dialog.panel select')) {
                const option = [...select.options].find(option => option.textContent === 'Last 30 days');
                if (option) { select.value = option.value; select.dispatchEvent(new Event('input', {bubbles: true})); select.dispatchEvent(new Event('change', {bubbles: true})); return true; }
            } return false; })()",
        );
        focus(&mut page, "dialog.panel .share__switch input");
        page.key("Space");
        page.wait_for("document.querySelectorAll('dialog.panel .share__tile').length >= 3");
        let seen = page.eval("document.querySelector('dialog.panel .share__preview').textContent");
        let seen = seen.as_str().expect("the preview is text");
        assert!(seen.contains("Last 30 days"), "{seen}");
        let apply = "document.querySelector('dialog.panel button[type=submit]').textContent";
        page.wait_for(&format!("/^Apply to \\d+ gadgets$/.test({apply})"));
        focus(&mut page, "dialog.panel button[type=submit]");
        page.key("Enter");
        page.wait_for("!document.querySelector('dialog.panel')");
        page.wait_for(&format!("{period}.every(text => text === 'last 30 days')"));

        focus(&mut page, ".toast button");
        page.key("Enter");
        let restored = format!("JSON.stringify({period}) === JSON.stringify({before})");
        page.wait_for(&restored);
        assert_eq!(page.console(), Vec::<String>::new());
    }
}

#[test]
fn a_gadget_is_moved_resized_duplicated_and_removed_by_keyboard() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    let mut page = browser.page();
    page.goto(&demo.url);
    page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    let ids = tiles(&mut page);

    pick(&mut page, &ids[1], "Later");
    page.wait_for(&format!(
        "document.querySelectorAll('[data-live] > article')[2].id === {:?}",
        ids[1]
    ));
    assert_eq!(
        page.eval("document.activeElement.closest('article').id"),
        ids[1],
        "the focus stays with what was moved"
    );
    pick(&mut page, &ids[1], "L");
    page.wait_for(&format!(
        "document.getElementById({:?}).classList.contains('tile--l')",
        ids[1]
    ));
    pick(&mut page, &ids[1], "Duplicate");
    page.wait_for("document.querySelectorAll('[data-live] > article').length === 5");
    pick(&mut page, &ids[1], "Remove");
    page.wait_for(&format!("!document.getElementById({:?})", ids[1]));
    page.wait_for("document.querySelector('.toast button')");
    focus(&mut page, ".toast button");
    page.key("Enter");
    page.wait_for(&format!("document.getElementById({:?})", ids[1]));
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn a_gadget_of_the_catalog_is_added_and_asks_for_its_settings() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    let mut page = browser.page();
    page.goto(&demo.url);
    focus(&mut page, ".head__actions a.button--first");
    page.key("Enter");
    focus(&mut page, "[data-add=app-users]:not([hidden])");
    page.key("Enter");
    page.wait_for("document.querySelector('dialog.panel[open]')");
    page.key("Escape");
    page.wait_for("!document.querySelector('dialog.panel')");
    page.wait_for("document.querySelectorAll('[data-live] > article').length === 5");

    page.goto(&format!("http://{}/dashboards", demo.address));
    focus(&mut page, "#new-title");
    page.type_text("Second");
    page.key("Enter");
    page.wait_for("document.querySelector('h1')?.textContent === 'Second'");
    page.wait_for("document.body.textContent.includes('No gadget yet')");
    assert_eq!(page.console(), Vec::<String>::new());
}
