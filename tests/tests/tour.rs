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
    for _ in 0..30 {
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
        focus(&mut page, "dialog.panel .share__head input");
        page.key("Space");
        page.wait_for("document.querySelectorAll('dialog.panel .share__tile').length >= 3");
        let seen = page.eval("document.querySelector('dialog.panel .share').textContent");
        let seen = seen.as_str().expect("the preview is text");
        assert!(seen.contains("Last 30 days"), "{seen}");
        let apply = "document.querySelector('dialog.panel button[type=submit]').textContent";
        page.wait_for(&format!("/^Apply to \\d+ gadgets$/.test({apply})"));
        focus(&mut page, "dialog.panel button[type=submit]");
        page.key("Enter");
        page.wait_for("!document.querySelector('dialog.panel')");
        page.wait_for(&format!("{period}.every(text => text === 'last 30 days')"));

        // The same as the button of the message, which is far from here by Tab.
        page.wait_for("document.querySelector('.toast__undo')");
        page.wait_for(&format!(
            "document.activeElement.closest('article')?.id === {:?}",
            ids[1]
        ));
        page.key("Control+z");
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
    pick(&mut page, &ids[1], "Rename");
    page.wait_for("document.activeElement.matches('input.rename')");
    page.type_text("Of the team");
    page.key("Enter");
    page.wait_for(&format!(
        "document.getElementById('{}-title')?.textContent === 'Of the team'",
        ids[1]
    ));
    pick(&mut page, &ids[1], "4 h");
    page.wait_for(&format!(
        "document.getElementById({:?}).querySelector('[data-do=every][aria-checked=true]').textContent === '4 h'",
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

    page.goto(&format!("http://{}/dashboards/new", demo.address));
    page.wait_for("document.querySelector('form[data-new]:not([hidden])')");
    focus(&mut page, "#new-title");
    page.type_text("Second");
    page.key("Enter");
    page.wait_for("document.querySelector('h1')?.textContent === 'Second'");
    page.wait_for("document.body.textContent.includes('No gadget yet')");
    assert_eq!(page.console(), Vec::<String>::new());
}

/// Opens the settings of a gadget by keyboard.
fn configure(page: &mut Page, tile: &str) {
    focus(
        page,
        &format!("[id={tile:?}] .tile__tools > [data-do=configure]"),
    );
    page.key("Enter");
    page.wait_for("document.querySelector('dialog.panel[open] .form input')");
}

#[test]
fn what_somebody_entered_is_neither_lost_nor_saved_over_a_change_of_others() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    let mut page = browser.page();
    page.goto(&demo.url);
    page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    let ids = tiles(&mut page);
    let is_open = "document.querySelector('dialog.panel[open]') !== null";
    let focused = "document.activeElement.textContent";

    configure(&mut page, &ids[1]);
    page.key("Escape");
    page.wait_for(&format!("!({is_open})"));
    assert_eq!(
        page.eval("document.activeElement.closest('article').id"),
        ids[1],
        "nothing was entered, so nothing is asked"
    );
    configure(&mut page, &ids[1]);
    focus(&mut page, "dialog.panel .form input");
    page.type_text("Mine");
    page.key("Escape");
    assert_eq!(page.wait_for(focused), "Go on editing");
    page.key("Escape");
    assert_eq!(page.eval(is_open), true, "a second Escape loses nothing");

    // Somebody else changes the dashboard, and this page hears of it at once.
    page.eval(
        "(async () => { const api = document.getElementById('whole').dataset.api; const { revision } = await (await fetch(api)).json();
            const change = { kind: 'rename', title: 'Of somebody else' };
            await fetch(`${api}/changes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ revision, change }) }); })()",
    );
    page.wait_for("document.querySelector('h1').textContent === 'Of somebody else'");
    focus(&mut page, "dialog.panel [type=submit]");
    page.key("Enter");
    page.wait_for(
        "document.querySelector('.panel .strip li')?.textContent.includes('Of somebody else')",
    );
    assert_eq!(page.wait_for(focused), "Look again");
    page.key("Enter");
    page.wait_for(&format!("{focused} === 'Save'"));
    assert_eq!(
        page.eval("document.querySelector('.panel .form input').value"),
        "Mine"
    );
    page.key("Enter");
    page.wait_for(&format!(
        "document.getElementById('{}-title').textContent === 'Mine'",
        ids[1]
    ));
    let complaints = page.console();
    assert!(
        complaints.iter().all(|complaint| complaint.contains("409")),
        "a refusal is all that was told: {complaints:?}"
    );
}

#[test]
fn a_gadget_is_dragged_to_another_place_and_its_menu_outlives_what_it_shows() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    let mut page = browser.page();
    page.set_viewport(1280, 1000, Theme::Light);
    page.goto(&demo.url);
    page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    let ids = tiles(&mut page);
    page.eval(&format!(
        "(() => {{ const [from, to] = [{:?}, {:?}].map((id) => document.getElementById(id));
            from.scrollIntoView();
            const at = (type, x, y) => (document.elementFromPoint(x, y) ?? document).dispatchEvent(
                new PointerEvent(type, {{ bubbles: true, pointerId: 7, button: 0, clientX: x, clientY: y }}));
            const head = from.querySelector('.tile__title').getBoundingClientRect();
            at('pointerdown', head.x + 8, head.y + 8);
            at('pointermove', head.x + 30, head.y + 8);
            const end = to.getBoundingClientRect();
            at('pointermove', end.right - 20, end.y + 100);
            at('pointerup', end.right - 20, end.y + 100); }})()",
        ids[1], ids[3]
    ));
    page.wait_for(&format!(
        "[...document.querySelectorAll('[data-live] > article')].map(({{ id }}) => id)[3] === {:?}",
        ids[1]
    ));
    page.wait_for(&format!(
        "document.activeElement.closest('article')?.id === {:?}",
        ids[1]
    ));
    page.key("Alt+ArrowLeft");
    page.wait_for(&format!(
        "[...document.querySelectorAll('[data-live] > article')].map(({{ id }}) => id)[2] === {:?}",
        ids[1]
    ));

    focus(&mut page, &format!("[id={:?}] [data-menu]", ids[2]));
    page.key("ArrowUp");
    page.wait_for("document.activeElement.textContent === 'JSON'");
    page.key("Home");
    page.key("End");
    let shown = format!("document.getElementById({:?}).dataset.revision", ids[2]);
    let before = page.eval(&shown);
    page.eval(&format!(
        "fetch(document.getElementById('whole').dataset.api + '/tiles/{}/refresh', {{ method: 'POST' }}).then(() => 0)",
        ids[2]
    ));
    // The other end of the stream tells of the refresh; the open menu is left alone until it closes.
    page.wait_for(&format!(
        "fetch(document.getElementById('whole').dataset.api + '/tiles/{}/tile.html').then((answer) => answer.text())
            .then((text) => !text.includes('data-revision=\"' + {before} + '\"'))",
        ids[2]
    ));
    assert_eq!(page.eval("document.activeElement.textContent"), "JSON");
    page.key("Escape");
    page.wait_for(&format!("{shown} !== {before}"));
    assert_eq!(page.console(), Vec::<String>::new());
}
