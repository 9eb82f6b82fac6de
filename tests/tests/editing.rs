//! What an editor does with the gadgets of a dashboard, in Chromium, by keyboard.

use serde_json::{Value, json};
use workspace_tests::{
    browser::{Page, Pointer, Theme},
    demo::Demo,
};

/// Opens the menu of a gadget and picks the item with this text.
fn pick(page: &mut Page, tile: &str, text: &str) {
    page.focus(&format!("[id={tile:?}] [data-menu]"));
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

/// The name of each gadget on the page, and the period that it shows.
const SEEN: &str = "[...document.querySelectorAll('[data-live] > article')].map((tile) => \
    [tile.querySelector('h2').textContent, tile.querySelector('.tile__title p')?.textContent.split(':')[0] ?? ''])";

/// Tabs to the field with this label and chooses an option by typing its name.
fn choose(page: &mut Page, label: &str, option: &str) {
    let id = page.wait_for(&format!(
        "[...document.querySelectorAll('dialog.panel label')].find((each) => each.firstChild.textContent === {label:?} \
         && !document.getElementById(each.htmlFor).disabled)?.htmlFor"
    ));
    let field = format!("#{}", id.as_str().expect("an id is text"));
    page.move_focus("Tab", &field);
    page.type_text(option);
    let shown = format!("document.querySelector({field:?}).selectedOptions[0].textContent");
    assert_eq!(page.eval(&shown), option);
}

/// Adds a gadget, configures it, shares its settings, undoes that with `undo`, and removes the gadget again.
fn add_configure_and_share(page: &mut Page, demo: &Demo, undo: impl FnOnce(&mut Page)) {
    page.goto(&demo.url);
    let filled = page.eval(SEEN);
    let apps = ["Timeboard for Jira", "Planboard for Jira", "Retro Notes"];
    let mut expected = vec![json!(["All apps of vendor 1212980", "last 90 days"])];
    expected.extend(apps.map(|app| json!([format!("{app} users"), "last 90 days"])));
    assert_eq!(filled, Value::from(expected));
    let pictures = "[...document.querySelectorAll('[data-live] > article')].every((tile) => tile.querySelector('.figure, .plot'))";
    assert_eq!(page.eval(pictures), true, "the gadgets show something");

    page.move_focus("Tab", ".head__actions a.button--first");
    page.key("Enter");
    page.wait_for("document.querySelector('h1')?.textContent === 'Catalog'");
    page.move_focus("Tab", "[data-add=app-users]:not([hidden])");
    page.key("Enter");
    page.wait_for("document.querySelector('dialog.panel[open] .form')");
    choose(page, "App", "Sprint Poker");
    choose(page, "Time period", "Last 30 days");

    page.move_focus("Tab", "dialog.panel .share__head [type=checkbox]");
    page.key("Space");
    // No other gadget waits for its settings, so all compatible ones are offered.
    page.move_focus("Tab", "dialog.panel [name=share-scope]");
    page.move_focus("ArrowDown", "#share-all_compatible");
    page.wait_for("document.querySelectorAll('dialog.panel .share__tile').length === 4");
    let preview = page.eval(
        "[...document.querySelectorAll('dialog.panel .share__tile')].map((tile) => tile.textContent)",
    );
    for tile in preview.as_array().expect("there are gadgets") {
        let tile = tile.as_str().expect("it is text");
        assert!(
            tile.contains("Last 90 days") && tile.contains("Last 30 days"),
            "{tile}"
        );
    }
    assert_eq!(
        page.eval(&format!("{SEEN}.slice(0, 4)")),
        filled,
        "nothing has changed yet"
    );
    page.move_focus("Tab", "dialog.panel [type=submit]");
    page.wait_for("document.activeElement.textContent === 'Apply to 5 gadgets'");
    page.key("Enter");
    page.wait_for("!document.querySelector('dialog.panel')");
    page.wait_for(&format!(
        "{SEEN}.length === 5 && {SEEN}.every(([, period]) => period === 'last 30 days')"
    ));
    page.wait_for(&format!("{SEEN}[4][0] === 'Sprint Poker users'"));
    page.wait_for("document.activeElement.matches('[data-live] > article:last-child [data-menu]')");

    undo(page);
    let restored = format!(
        "JSON.stringify({SEEN}.slice(0, 4)) === {:?}",
        filled.to_string()
    );
    page.wait_for(&restored);
    page.wait_for(&format!("{SEEN}[4][1] === ''"));

    page.move_focus("Shift+Tab", "[data-live] > article:last-child [data-menu]");
    page.key("Enter");
    page.move_focus("ArrowDown", ":popover-open [data-do=remove]");
    page.key("Enter");
    page.wait_for(&format!(
        "JSON.stringify({SEEN}) === {:?}",
        filled.to_string()
    ));
}

#[test]
fn a_first_visitor_adds_configures_and_shares_a_gadget_by_keyboard_alone() {
    let Some((demo, page)) = Demo::in_browser() else {
        return;
    };
    for (width, theme) in [
        (1280, Theme::Light),
        (1280, Theme::Dark),
        (390, Theme::Light),
        (390, Theme::Dark),
    ] {
        let mut page = page.open_another();
        page.set_viewport(width, 900, theme);
        add_configure_and_share(&mut page, &demo, |page| match theme {
            Theme::Light => {
                page.move_focus("Tab", ".toast__undo");
                page.key("Enter");
            }
            // The shortcut does the same, wherever the focus is.
            Theme::Dark => page.key("Control+z"),
        });
    }
}

#[test]
fn a_gadget_is_moved_resized_duplicated_and_removed_by_keyboard() {
    let Some((_demo, mut page)) = Demo::in_browser() else {
        return;
    };
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
    page.focus(".toast button");
    page.key("Enter");
    page.wait_for(&format!("document.getElementById({:?})", ids[1]));
}

#[test]
fn a_dashboard_without_a_template_starts_empty() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.goto(&format!("http://{}/dashboards/new", demo.address));
    page.move_focus("Tab", "#new-title");
    page.type_text("Second");
    page.key("Enter");
    page.wait_for("document.querySelector('h1')?.textContent === 'Second'");
    page.wait_for("document.body.textContent.includes('No gadgets yet')");
}

/// Opens the settings of a gadget by keyboard.
fn configure(page: &mut Page, tile: &str) {
    page.focus(&format!("[id={tile:?}] .tile__tools > [data-do=configure]"));
    page.key("Enter");
    page.wait_for("document.querySelector('dialog.panel[open] .form input')");
}

#[test]
fn entered_settings_are_not_lost_and_do_not_overwrite_changes_of_others() {
    let Some((_demo, mut page)) = Demo::in_browser() else {
        return;
    };
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
    page.focus("dialog.panel .form input");
    page.type_text("Mine");
    page.key("Escape");
    assert_eq!(page.wait_for(focused), "Keep editing");
    page.key("Escape");
    assert_eq!(page.eval(is_open), true, "a second Escape loses nothing");

    // Somebody else changes the dashboard, and this page is told.
    page.eval(
        "(async () => { const api = document.getElementById('whole').dataset.api; const { revision } = await (await fetch(api)).json();
            const change = { kind: 'rename', title: 'Of somebody else' };
            await fetch(`${api}/changes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ revision, change }) }); })()",
    );
    page.wait_for("document.querySelector('h1')?.textContent === 'Of somebody else'");
    page.focus("dialog.panel [type=submit]");
    page.key("Enter");
    page.wait_for(
        "/Of somebody else.*, \\d+ [A-Z][a-z]+ \\d{4}, \\d\\d:\\d\\d UTC$/.test(document.querySelector('.panel .strip li')?.textContent)",
    );
    assert_eq!(page.wait_for(focused), "Refresh");
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
    page.expect_complaints("409");
}

/// Returns the point at this offset from the top left corner of an element; a negative offset counts from the other side.
fn place_of(page: &mut Page, selector: &str, offset: [f64; 2]) -> [f64; 2] {
    let corners = page.eval(&format!(
        "(() => {{ const {{ left, top, right, bottom }} = document.querySelector({selector:?}).getBoundingClientRect(); \
            return [[left, right], [top, bottom]]; }})()"
    ));
    [0, 1].map(|axis| {
        let side = usize::from(offset[axis] < 0.);
        corners[axis][side].as_f64().expect("a corner is somewhere") + offset[axis]
    })
}

fn wait_for_place(page: &mut Page, tile: &str, place: usize) {
    page.wait_for(&format!(
        "document.querySelectorAll('[data-live] > article')[{place}].id === {tile:?}"
    ));
}

#[test]
fn a_finger_moves_a_gadget_by_its_grip_and_scrolls_everywhere_else() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.touch_screen();
    page.set_viewport(390, 800, Theme::Light);
    page.goto(&demo.url);
    let ids = tiles(&mut page);
    page.wait_for("document.querySelector('.tile__grip:not([hidden])')");

    let head = format!("[id={:?}] .tile__head", ids[1]);
    page.eval(&format!(
        "document.querySelector({head:?}).scrollIntoView({{ block: 'center' }})"
    ));
    let before = page.eval("scrollY");
    let title = place_of(
        &mut page,
        &format!("[id={:?}] .tile__title", ids[1]),
        [8., 8.],
    );
    page.eval(&format!(
        "window.scrolled = new Promise((done) => addEventListener('scrollend', () => scrollY > {before} + 200 && done())); 0",
    ));
    page.drag(Pointer::Finger, title, [title[0], title[1] - 300.]);
    page.wait_for(&format!("scrollY > {before} + 200"));
    assert_eq!(tiles(&mut page), ids, "a finger that scrolls moves nothing");
    // Scrolling continues for a while after a fast swipe.
    page.eval("scrolled.then(() => 0)");

    // The screen is tall enough for the whole next gadget.
    page.set_viewport(390, 2400, Theme::Light);
    page.eval(&format!(
        "document.querySelector({head:?}).scrollIntoView(), scrollBy(0, -100)"
    ));
    let grip = format!("[id={:?}] .tile__grip", ids[1]);
    let from = place_of(&mut page, &grip, [20., 20.]);
    let to = place_of(&mut page, &format!("[id={:?}]", ids[2]), [100., -100.]);
    page.drag(Pointer::Finger, from, to);
    wait_for_place(&mut page, &ids[1], 2);

    // Where gadgets stand side by side, the drop is before or after one.
    page.set_viewport(1280, 1000, Theme::Light);
    page.eval(&format!(
        "document.getElementById({:?}).scrollIntoView()",
        ids[1]
    ));
    let from = place_of(&mut page, &grip, [20., 20.]);
    let to = place_of(&mut page, &format!("[id={:?}]", ids[3]), [-20., 100.]);
    page.drag(Pointer::Finger, from, to);
    wait_for_place(&mut page, &ids[1], 3);
}

#[test]
fn a_gadget_is_dragged_to_another_place_and_its_open_menu_survives_a_refresh() {
    let Some((_demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.set_viewport(1280, 1000, Theme::Light);
    page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    let ids = tiles(&mut page);
    page.eval(&format!(
        "document.getElementById({:?}).scrollIntoView()",
        ids[1]
    ));
    let from = place_of(
        &mut page,
        &format!("[id={:?}] .tile__title", ids[1]),
        [8., 8.],
    );
    let to = place_of(&mut page, &format!("[id={:?}]", ids[3]), [-20., 100.]);
    page.drag(Pointer::Mouse, from, to);
    wait_for_place(&mut page, &ids[1], 3);
    page.wait_for(&format!(
        "document.activeElement.closest('article')?.id === {:?}",
        ids[1]
    ));
    page.key("Alt+ArrowLeft");
    wait_for_place(&mut page, &ids[1], 2);

    page.focus(&format!("[id={:?}] [data-menu]", ids[2]));
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
    // The event stream announces the refresh; the gadget is not replaced while its menu is open.
    page.wait_for(&format!(
        "fetch(document.getElementById('whole').dataset.api + '/tiles/{}/tile.html').then((answer) => answer.text())
            .then((text) => !text.includes('data-revision=\"' + {before} + '\"'))",
        ids[2]
    ));
    assert_eq!(page.eval("document.activeElement.textContent"), "JSON");
    page.key("Escape");
    page.wait_for(&format!("{shown} !== {before}"));
}
