//! The form as assistive technology reads it, in each of its states.

use serde_json::json;
use workspace_tests::axe::{Axe, check_page};

use crate::{
    form_server::{FormServer, enter, go_to, save, settled},
    gadget::Gadget,
};

#[test]
fn a_form_can_be_read_and_used_without_seeing_it() {
    let Some((_server, mut page)) = FormServer::in_browser(Gadget::every_field()) else {
        return;
    };
    let axe = Axe::install();
    check_page(axe.as_ref(), &mut page, "empty form");
    assert_eq!(save(&mut page), json!("no"));
    check_page(axe.as_ref(), &mut page, "refused form");
    go_to(&mut page, "Region", 0);
    page.type_text("South");
    go_to(&mut page, "Floor", 0);
    page.type_text("Floor 2");
    page.wait_for("inputs('Room')[0].role === 'combobox'");
    settled(&mut page);
    page.eval("field('Words').querySelector('button').click(); document.querySelector('.advanced').open = true");
    enter(&mut page, "Room", "2");
    check_page(axe.as_ref(), &mut page, "form with a list open");
}
