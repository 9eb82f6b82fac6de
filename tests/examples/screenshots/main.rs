//! Takes pictures of every state of the page in Chromium: `cargo run -p workspace-tests --example screenshots -- DIRECTORY [NAME]`.
//!
//! With a name, it takes only the pictures whose names begin with it.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

mod states;

use workspace_tests::{
    browser::{Page, Theme},
    demo::Demo,
};

/// Widths of a phone, a laptop and a wallboard.
const WIDTHS: [u32; 3] = [390, 1280, 1920];

fn main() -> ExitCode {
    let directory = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "screenshots".into()));
    let Some(mut page) = Page::open_with_inter() else {
        return ExitCode::FAILURE;
    };
    let only = env::args().nth(2).unwrap_or_default();
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    let demo = Demo::start();
    demo.wait_until_filled();
    let at = |path: &str| format!("http://{}{path}", demo.address);
    let everywhere = |page: &mut Page, name: &str, height: u32| {
        if !name.starts_with(&only) {
            return;
        }
        for width in WIDTHS {
            for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                let file = directory.join(format!("{name}-{width}-{word}.png"));
                page.screenshot(&file, width, height, theme);
            }
        }
    };

    page.goto(&at("/login"));
    everywhere(&mut page, "login", 0);
    page.goto(&demo.url);
    page.wait_for("document.querySelector('article')");
    everywhere(&mut page, "dashboard", 0);
    let dashboard = demo.dashboard();
    for (name, path) in [
        ("dashboards", "/dashboards"),
        ("catalog", "/catalog"),
        ("datasources", "/datasources"),
        ("users", "/users"),
        ("account", "/account"),
        ("missing", "/nothing"),
    ] {
        page.goto(&at(path));
        everywhere(&mut page, name, 0);
    }
    page.goto(&at(&dashboard));
    let rows = page.eval("document.querySelectorAll('.d-wide a.bucket')[6].href.baseVal");
    page.goto(&at(rows.as_str().unwrap_or_default()));
    everywhere(&mut page, "details", 1200);
    page.goto(&at(&dashboard));
    page.wait_for("document.querySelector('[data-do=configure]:not([hidden])')");
    page.eval("document.querySelectorAll('.tile__tools > [data-do=configure]')[1].click()");
    page.wait_for("document.querySelector('dialog.panel[open] .share')");
    everywhere(&mut page, "form", 1000);
    page.eval(
        "(() => {
            const selects = [...document.querySelectorAll('dialog.panel select')];
            const has = (select) => [...select.options].find((option) => option.textContent === 'Last 30 days');
            const period = selects.find(has);
            period.value = has(period).value;
            period.dispatchEvent(new Event('change', { bubbles: true }));
        })()",
    );
    page.eval("document.querySelector('.share__head input').click()");
    page.wait_for("document.querySelector('.share__tile')");
    page.eval("document.querySelector('.share').scrollIntoView()");
    for (width, height) in [(390, 844), (1280, 900)] {
        let file = directory.join(format!("preview-{width}-light.png"));
        page.screenshot(&file, width, height, Theme::Light);
    }
    page.goto(&at(&dashboard));
    page.wait_for("document.querySelector('[data-menu]:not([hidden])')");
    page.eval("document.querySelectorAll('[data-menu]')[1].click()");
    page.screenshot(
        &directory.join("menu-1280-light.png"),
        1280,
        900,
        Theme::Light,
    );
    boards(&demo, &mut page, &directory, &everywhere);
    states::pictures(&mut page, &everywhere);
    // Some of the pages are refusals, which the browser complains about.
    let _ = page.take_complaints();
    ExitCode::SUCCESS
}

/// Takes pictures of creating a dashboard, its dialogs, its wallboard, and its public page.
fn boards(
    demo: &Demo,
    page: &mut Page,
    directory: &Path,
    everywhere: &dyn Fn(&mut Page, &str, u32),
) {
    let at = |path: &str| format!("http://{}{path}", demo.address);
    page.goto(&at("/catalog"));
    let template = page.eval("document.querySelector('a[href*=\"?template=\"]').href");
    page.goto(template.as_str().unwrap_or_default());
    page.wait_for("document.querySelector('[data-questions] .form')");
    everywhere(page, "begin", 0);
    let dashboard = demo.dashboard();
    for (dialog, name) in [
        ("people", "people"),
        ("history", "history"),
        ("share", "share"),
    ] {
        page.goto(&at(&dashboard));
        page.wait_for("document.querySelector('[data-board=share]:not([hidden])')");
        page.eval(&format!(
            "document.querySelector('[data-board={dialog}]').click()"
        ));
        page.wait_for("document.querySelector('dialog.about[open]')");
        if dialog == "share" {
            page.eval("document.querySelector('dialog.about form').requestSubmit()");
            page.wait_for("document.querySelector('.copied')");
        }
        everywhere(page, name, 900);
    }
    let public = page.eval("document.querySelector('.copied input').value");
    page.goto(public.as_str().unwrap_or_default());
    everywhere(page, "public", 0);
    page.goto(&at(&format!("{dashboard}/wall")));
    page.wait_for("document.querySelector('nav.turns:not([hidden])')");
    page.screenshot(
        &directory.join("wallboard-1920.png"),
        1920,
        1080,
        Theme::Dark,
    );
    page.screenshot(&directory.join("wallboard-390.png"), 390, 844, Theme::Dark);
    page.key("ArrowRight");
    page.screenshot(
        &directory.join("wallboard-second-1920.png"),
        1920,
        1080,
        Theme::Light,
    );
}
