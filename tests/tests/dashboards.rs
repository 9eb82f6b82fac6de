//! Dashboards with a real library: created from its template, copied, on a wallboard, and shared by link.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use workspace_tests::{
    axe::{Axe, check_page},
    browser::{Page, Theme},
    demo::Demo,
    wait_until,
    web_server::{self, Response},
};

fn template(demo: &Demo) -> String {
    let (_, catalog) = demo.json("GET", "/api/catalog", &Value::Null);
    catalog["templates"][0]["id"]
        .as_str()
        .expect("there is a template")
        .to_owned()
}

fn constants(of: &Value) -> Vec<Value> {
    let choices = of["oneOf"].as_array().expect("there are choices").iter();
    choices.map(|choice| choice["const"].clone()).collect()
}

#[test]
fn a_template_asks_once_and_makes_a_gadget_for_each_app() {
    let demo = Demo::start();
    demo.wait_until_filled();
    let template = template(&demo);
    let form = format!("/api/templates/{template}/form");
    let (status, asked) = demo.json("POST", &form, &json!({"settings": {}}));
    assert_eq!(status, 200, "{asked}");
    let fields = &asked["schema"]["properties"];
    let names: Vec<_> = fields.as_object().unwrap().keys().collect();
    assert_eq!(names, ["datasource", "vendor", "app"]);
    // The demonstration has one datasource with one vendor, so only the apps are left to choose.
    let sources = constants(&fields["datasource"]);
    let vendors = constants(&fields["vendor"]);
    assert_eq!((sources.len(), vendors.len()), (1, 1));
    assert_eq!(
        asked["settings"],
        json!({"datasource": sources[0], "vendor": vendors[0]})
    );
    assert_eq!(asked["errors"][0]["path"], "/app");
    let apps = constants(&fields["app"]["items"]);
    assert!(apps.len() > 2, "{asked}");

    let new = |settings: Value| json!({"title": "Two apps", "template": {"id": template, "settings": settings}});
    for (settings, at) in [
        (json!({}), "/app"),
        (json!({"app": []}), "/app"),
        (json!({"app": ["nothing"]}), "/app/0"),
        (json!({"app": [apps[0]], "vendor": "0"}), "/vendor"),
        (
            json!({"app": [apps[0]], "datasource": "none"}),
            "/datasource",
        ),
    ] {
        let (status, refused) = demo.json("POST", "/api/dashboards", &new(settings.clone()));
        assert_eq!(status, 422, "{settings}: {refused}");
        let errors = refused["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["path"] == at), "{refused}");
    }

    let settings = json!({"app": [apps[1], apps[0]]});
    let (status, made) = demo.json("POST", "/api/dashboards", &new(settings));
    assert_eq!(status, 200, "{made}");
    let tiles = made["tiles"].as_array().unwrap();
    let gadgets: Vec<_> = tiles.iter().map(|tile| &tile["gadget"]).collect();
    assert_eq!(gadgets, ["vendor-users", "app-users", "app-users"]);
    for tile in tiles {
        assert_eq!(tile["is_set_up"], true, "{tile}");
        assert_eq!(tile["settings"]["datasource"], sources[0]);
        assert_eq!(tile["settings"]["vendor"], vendors[0]);
    }
    let chosen: Vec<_> = tiles.iter().map(|tile| &tile["settings"]["app"]).collect();
    assert_eq!(chosen, [&Value::Null, &apps[1], &apps[0]]);

    // An export of the copy equals the export that it was imported from.
    let id = made["id"].as_str().unwrap();
    let export = |id: &str| {
        demo.json("GET", &format!("/api/dashboards/{id}/export"), &Value::Null)
            .1
    };
    let file = export(id);
    let (status, copy) = demo.json("POST", "/api/dashboards/import", &json!({"file": file}));
    assert_eq!(status, 200, "{copy}");
    assert_eq!(export(copy["id"].as_str().unwrap()), file);
}

/// Chooses an item of the menu of the dashboard by keyboard.
fn pick(page: &mut Page, item: &str) {
    page.wait_for("document.querySelector('[data-board=history]:not([hidden])')");
    page.activate("[popovertarget=board-menu]");
    page.wait_for("document.activeElement.closest('#board-menu')");
    page.eval(&format!(
        "document.querySelector('#board-menu [data-board={item}]').focus()"
    ));
    page.key("Enter");
}

#[test]
fn a_dashboard_is_created_renamed_cloned_deleted_and_restored_on_pages() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let axe = Axe::install();
    page.goto(&format!("http://{}/catalog", demo.address));
    page.activate("a[href*='?template=']");
    page.wait_for("document.querySelectorAll('[data-questions] input[type=checkbox]').length > 2");
    check_page(axe.as_ref(), &mut page, "template questions");
    // Nothing is chosen: the page says where, and no dashboard is created.
    page.activate("form[data-new] [type=submit]");
    page.wait_for("[...document.querySelectorAll('[data-questions] .problem')].some(said => said.textContent === 'Choose at least one')");
    page.expect_complaints("422");
    for at in [0, 1] {
        page.eval(&format!(
            "document.querySelectorAll('[data-questions] input[type=checkbox]')[{at}].focus()"
        ));
        page.key("Space");
    }
    page.activate("form[data-new] [type=submit]");
    page.wait_for("document.querySelectorAll('[data-live] > article').length === 3");

    pick(&mut page, "rename");
    page.wait_for("document.activeElement.matches('.head input.rename')");
    page.type_text("Renamed");
    page.key("Enter");
    page.wait_for(
        "document.querySelector('h1')?.textContent === 'Renamed' && document.title === 'Renamed'",
    );
    for (item, heading) in [
        ("history", "History"),
        ("people", "Who can see and edit it"),
    ] {
        pick(&mut page, item);
        page.wait_for(&format!(
            "document.querySelector('dialog.about[open] h2')?.textContent === {heading:?}"
        ));
        check_page(axe.as_ref(), &mut page, heading);
        page.key("Escape");
        page.wait_for("!document.querySelector('dialog.about')");
        page.wait_for("document.activeElement.matches('[popovertarget=board-menu]')");
    }
    pick(&mut page, "history");
    page.activate(".happened button");
    page.wait_for("document.querySelector('h1')?.textContent === 'Atlassian Marketplace Partner'");
    page.wait_for("document.querySelectorAll('.happened li').length === 2");
    page.key("Escape");
    page.wait_for("!document.querySelector('dialog.about')");

    pick(&mut page, "clone");
    page.wait_for("document.activeElement.closest('dialog.about')");
    page.key("Enter");
    page.wait_for(
        "document.querySelector('h1')?.textContent === 'Copy of Atlassian Marketplace Partner'",
    );
    page.wait_for("document.querySelectorAll('[data-live] > article').length === 3");
    pick(&mut page, "delete");
    page.wait_for("document.querySelector('.boards__gone') && document.querySelector('.toast')");
    check_page(axe.as_ref(), &mut page, "deleted dashboard");
    page.activate("[data-restore]:not([hidden])");
    page.wait_for(
        "document.querySelector('h1')?.textContent === 'Copy of Atlassian Marketplace Partner'",
    );
}

#[test]
fn permissions_do_not_overwrite_what_others_saved_meanwhile() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let path = format!(
        "/api/dashboards/{}",
        demo.dashboard().trim_start_matches("/d/")
    );
    let now = || demo.json("GET", &path, &Value::Null).1;
    let change = |change: Value| {
        let body = json!({"revision": now()["revision"], "change": change});
        let (status, changed) = demo.json("POST", &format!("{path}/changes"), &body);
        assert_eq!(status, 200, "{changed}");
    };
    let ask = |page: &mut Page| {
        pick(page, "people");
        page.wait_for("document.querySelector('dialog.about[open] select[name=way]')");
        page.eval(
            "(() => { const way = document.querySelector('dialog.about select[name=way]');
             way.value = 'only_named'; way.dispatchEvent(new Event('change')); })()",
        );
    };
    ask(&mut page);
    change(json!({"kind": "set_permission", "permission": {"kind": "some_edit", "editors": []}}));
    page.activate("dialog.about form [type=submit]");
    page.wait_for("document.querySelector('dialog.about [role=alert]')?.textContent");
    assert_eq!(now()["permission"]["kind"], "some_edit");
    page.key("Escape");
    page.wait_for("!document.querySelector('dialog')");

    // Another change made meanwhile does not get in the way.
    ask(&mut page);
    change(json!({"kind": "rename", "title": "Other"}));
    page.activate("dialog.about form [type=submit]");
    page.wait_for("!document.querySelector('dialog')");
    assert_eq!(now()["permission"]["kind"], "only_named");
    page.expect_complaints("409");
}

#[test]
fn wallboard_slides_rotate_and_obey_keys() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let axe = Axe::install();
    page.set_viewport(1920, 1080, Theme::Light);
    let dashboard = demo.dashboard();
    let seen = "[...document.querySelectorAll('.slide')].map((slide, at) => slide.hidden ? '' : String(at)).join('')";
    let shows = |page: &mut Page, at: u32| {
        page.wait_for(&format!("{seen} === '{at}'"));
    };
    page.goto(&format!(
        "http://{}{dashboard}/wall?seconds=3600",
        demo.address
    ));
    page.wait_for("document.querySelector('nav.turns:not([hidden])')");
    shows(&mut page, 0);
    check_page(axe.as_ref(), &mut page, "wallboard");
    assert_eq!(
        page.eval("document.documentElement.scrollHeight <= innerHeight"),
        true
    );
    page.key("ArrowRight");
    shows(&mut page, 1);
    page.key("ArrowLeft");
    page.key("ArrowLeft");
    shows(&mut page, 3);
    page.key("Space");
    page.wait_for(
        "document.querySelector('[data-turn=pause]').getAttribute('aria-label') === 'Play'",
    );
    page.key("Space");
    page.wait_for(
        "document.querySelector('[data-turn=pause]').getAttribute('aria-label') === 'Pause'",
    );
    page.activate("[data-turn=next]");
    shows(&mut page, 0);
    page.key("Escape");
    page.wait_for(&format!("location.pathname === {dashboard:?}"));

    // They also rotate by themselves.
    page.goto(&format!(
        "http://{}{dashboard}/wall?seconds=3",
        demo.address
    ));
    shows(&mut page, 1);
}

#[test]
fn a_public_link_is_created_opened_and_revoked() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let axe = Axe::install();
    page.activate("[data-board=share]:not([hidden])");
    page.activate("dialog.about form [type=submit]");
    page.wait_for("document.querySelectorAll('.copied').length === 3");
    check_page(axe.as_ref(), &mut page, "public link");
    let address = page.eval("document.querySelector('.copied input').value");
    let address = address.as_str().unwrap().to_owned();
    let path = address
        .strip_prefix(&format!("http://{}", demo.address))
        .unwrap();
    // Without a cookie.
    let opened = |path: &str| {
        let host = &demo.address;
        demo.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        ))
    };
    let public = opened(path);
    assert!(
        public.starts_with("HTTP/1.1 200") && public.contains("Licensed users now"),
        "{public}"
    );
    assert!(!public.contains("/details?"), "{public}");

    let mut visitor = page.open_another();
    visitor.goto(&address);
    visitor.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    check_page(axe.as_ref(), &mut visitor, "public");
    page.activate(".links button");
    page.wait_for(
        "document.querySelector('.links')?.textContent.includes('has expired or was revoked')",
    );
    assert!(opened(path).starts_with("HTTP/1.1 404"));
    // The open page of a visitor no longer shows the figures.
    visitor.wait_for("!document.getElementById('whole') && document.querySelector('h1')?.textContent === 'Page not found'");
    visitor.expect_complaints("404");
}

#[test]
fn leaving_the_rows_behind_a_figure_leads_back_to_the_dashboard() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.goto(&format!("http://{}{}", demo.address, demo.dashboard()));
    let link = "article a[href*='/details?']";
    let is_open = "document.querySelector('dialog.rows-of[open]') !== null";
    let is_there = format!(
        "!({is_open}) && location.pathname === {:?}",
        demo.dashboard()
    );
    for leave in [
        "history.back()",
        "document.querySelector('.dialog__close').click()",
    ] {
        page.activate(link);
        page.wait_for(is_open);
        page.eval(leave);
        page.wait_for(&format!("{is_there} && history.state === null"));
    }
}

#[test]
fn open_pages_show_that_somebody_deleted_what_they_show() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let mut other = page.open_another();
    page.wait_for("document.querySelectorAll('[data-live] > article').length >= 4");
    let alone = page.eval(
        "document.querySelector('article a[href*=\"/t/\"]').pathname.replace('/details', '')",
    );
    other.goto(&format!(
        "http://{}{}",
        demo.address,
        alone.as_str().unwrap()
    ));
    page.eval("document.querySelector('[data-do=remove]').click()");
    other.wait_for("document.querySelector('h1')?.textContent === 'Page not found'");
    other.expect_complaints("404");

    other.goto(&format!("http://{}{}", demo.address, demo.dashboard()));
    pick(&mut page, "delete");
    other.wait_for("document.querySelector('.strip')?.textContent.includes('is deleted')");
    other.activate(".strip [data-restore]:not([hidden])");
    other.wait_for("document.querySelector('#whole [data-board=delete]') && !document.querySelector('.strip [data-restore]')");
}

#[test]
fn the_password_of_a_link_opens_it() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let links = format!(
        "/api{}/links",
        demo.dashboard().replace("/d/", "/dashboards/")
    );
    let (status, made) = demo.json("POST", &links, &json!({"password": "open sesame"}));
    assert_eq!(status, 200, "{made}");
    let path = made["path"].as_str().expect("it has a path");
    page.goto(&format!("http://{}{path}", demo.address));
    for (password, then) in [
        (
            "open, please",
            "document.querySelector('[role=alert]')?.textContent.includes('The password is wrong')",
        ),
        (
            "open sesame",
            "document.querySelectorAll('[data-live] > article').length === 4",
        ),
    ] {
        page.move_focus("Tab", "input[type=password]");
        page.type_text(password);
        page.key("Enter");
        page.wait_for(then);
    }
    page.expect_complaints("401");
}

#[test]
fn a_page_of_another_origin_shows_the_embedded_page_and_no_other_page_of_the_host() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    page.activate("[data-board=share]:not([hidden])");
    page.activate("dialog.about form [type=submit]");
    page.wait_for("document.querySelectorAll('.copied').length === 3");
    let copied =
        page.eval("[...document.querySelectorAll('.copied input')].map((input) => input.value)");
    let [public, _, snippet] = [0, 1, 2].map(|at| copied[at].as_str().unwrap_or_default());
    // The snippet offered for copying is embedded unchanged, followed by two frames that are not offered.
    let home = format!("http://{}/", demo.address);
    let html = format!(
        "<!doctype html><html lang=en><title>Another</title><link rel=icon href=data:,>{snippet}\
         <iframe src={public:?}></iframe><iframe src={home:?}></iframe>"
    );
    let another = web_server::serve(move |_| Response::new("text/html", html.clone()));
    page.expect_no_complaints("before another page embeds it");

    page.goto(&another);
    let shown = "document.querySelectorAll('.plot svg').length > 3 && document.querySelector('h1')?.textContent";
    assert_eq!(
        page.eval_in_frames(shown),
        [Some(json!("Atlassian Marketplace Partner")), None, None]
    );
    // Its scripts run there and call the host.
    page.eval_in_frames("document.querySelector('.key__switch').click()");
    let redrawn = "document.querySelector('p[role=status]').textContent.endsWith('is hidden.')";
    wait_until("the key redraws the chart", || {
        (page.eval_in_frames(redrawn)[0] == Some(json!(true))).then_some(())
    });
    let refused = page.take_complaints();
    assert_eq!(refused.len(), 2, "{refused:?}");
    for line in refused {
        assert!(line.contains("frame-ancestors 'none'"), "{line}");
    }
}

#[test]
fn an_exported_dashboard_is_imported_from_its_file() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    let axe = Axe::install();
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    page.download_into(directory.path());
    page.move_focus("Tab", "[popovertarget=board-menu]");
    page.key("Enter");
    page.move_focus("ArrowDown", "#board-menu [download]");
    page.key("Enter");
    let (file, exported) = downloaded(directory.path());

    page.goto(&format!("http://{}/dashboards", demo.address));
    let strange = directory.path().join("strange.json");
    fs::write(&strange, r#"{"title": "Nothing"}"#).expect("an own file can be written");
    page.move_focus("Tab", "[data-board=import]:not([hidden])");
    page.choose_file("Enter", &strange);
    page.wait_for("document.querySelector('dialog.about [role=alert]')?.textContent.startsWith('This file is not an exported dashboard')");
    check_page(axe.as_ref(), &mut page, "import of another file");
    page.key("Escape");
    page.wait_for("!document.querySelector('dialog.about')");

    page.move_focus("Tab", "[data-board=import]");
    page.choose_file("Enter", &file);
    page.wait_for("document.querySelector('dialog.about [name=title]')");
    check_page(axe.as_ref(), &mut page, "import");
    page.move_focus("Tab", "dialog.about [name=title]");
    page.key("Control+a");
    page.type_text("Imported");
    page.key("Enter");
    page.wait_for("document.querySelector('h1')?.textContent === 'Imported'");
    let is_filled = "[...document.querySelectorAll('[data-live] > article')].filter((tile) => tile.querySelector('.figure')).length === 4";
    page.wait_for(is_filled);
    let path = page.eval("document.getElementById('whole').dataset.api");
    let path = format!("{}/export", path.as_str().expect("it has an address"));
    let (_, again) = demo.json("GET", &path, &Value::Null);
    let mut expected = exported;
    expected["title"] = json!("Imported");
    assert_eq!(again, expected);
}

/// Waits until a JSON file is complete, and returns its path and content.
fn downloaded(directory: &Path) -> (PathBuf, Value) {
    wait_until("a file is downloaded", || {
        let files = fs::read_dir(directory).expect("an own directory can be read");
        let paths = files.flatten().map(|entry| entry.path());
        // The browser renames the file before it is complete.
        let mut paths = paths.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
        paths.find_map(|path| {
            let content = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            Some((path, content))
        })
    })
}
