//! The form as assistive technology reads it, in each of its states.

use serde_json::json;
use workspace_tests::{
    axe::Axe,
    browser::{Browser, Theme},
};

use crate::{
    gadget::Gadget,
    served::{Served, enter, go_to, no_complaints, save, settled},
};

#[test]
fn a_form_can_be_read_and_used_without_seeing_it() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let Some(axe) = Axe::install() else {
        return;
    };
    let served = Served::start(Gadget::every_field(), json!({}));
    let mut page = served.open(&browser);
    let look = |page: &mut _, state: &str| {
        assert_eq!(axe.violations(page), no_complaints(), "{state}");
    };
    look(&mut page, "empty");
    assert_eq!(save(&mut page), json!("no"));
    look(&mut page, "refused");
    page.set_viewport(390, 844, Theme::Dark);
    look(&mut page, "refused, narrow and dark");
    go_to(&mut page, "Region", 0);
    page.type_text("South");
    go_to(&mut page, "Floor", 0);
    page.type_text("Floor 2");
    page.wait_for("inputs('Room')[0].role === 'combobox'");
    settled(&mut page);
    page.eval("field('Words').querySelector('button').click(); document.querySelector('.advanced').open = true");
    enter(&mut page, "Room", "2");
    look(&mut page, "a list open, narrow and dark");
    page.set_viewport(1280, 900, Theme::Light);
    look(&mut page, "a list open");
    assert_eq!(page.console(), no_complaints());
}
