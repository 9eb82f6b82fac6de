//! The sample views of the catalog: made by the gadgets themselves, so that their numbers belong together.

use std::{env, fs, ops::Range, path::Path};

use app_users_gadget::{AppUsers, VendorUsers};
use gadget_api::{Gadget, View};
use serde_json::{Value, json};

use crate::given::{
    APP, DOCFLOW, TODAY, license, marketplace_with_users, marketplace_with_users_of, of_app, sale,
    settings, vendor_settings, view, view_of,
};

/// The apps of the business, and which of its licenses are theirs.
const APPS: [(&str, &str, Range<i64>); 4] = [
    (APP, "Timeboard", 0..48),
    (DOCFLOW, "Docflow", 100..127),
    ("com.acme.retro", "Retro Notes", 203..216),
    ("com.acme.signoff", "Signoff", 301..309),
];

/// Returns licenses and sales of all apps of the business.
pub(crate) fn business_of_all_apps() -> (Vec<Value>, Vec<Value>) {
    let (mut licenses, mut sales) = (Vec::new(), Vec::new());
    for (key, name, numbers) in APPS {
        let of_app = |row| of_app(row, key, name);
        let of_business = business(numbers);
        licenses.extend(of_business.0.into_iter().map(of_app));
        sales.extend(of_business.1.into_iter().map(of_app));
    }
    (licenses, sales)
}

/// Licenses of two years that come, grow, shrink, go and come back.
fn business(numbers: Range<i64>) -> (Vec<Value>, Vec<Value>) {
    let (mut licenses, mut sales) = (Vec::new(), Vec::new());
    let day = |from: i64, days: i64| {
        let first: chrono::NaiveDate = TODAY.parse().expect("today is a date");
        (first + chrono::Duration::days(from + days)).to_string()
    };
    for number in numbers {
        let id = u32::try_from(number).expect("it is small") + 1;
        let users = 12 + (number * 37) % 190;
        let start = -700 + (number * 53) % 690;
        let hosting = if number % 4 == 0 {
            "Data Center"
        } else {
            "Cloud"
        };
        let tier = |users: i64| {
            if hosting == "Cloud" {
                format!("{users} Users")
            } else {
                format!("{} Users", (users / 50 + 1) * 50)
            }
        };
        let (from, until) = (day(start, 0), day(400, 0));
        let mut row = license(id, hosting, &tier(users), (&from, &until));
        if number % 9 == 5 {
            // It ends within the last weeks.
            let until = day(-10 - number, 0);
            row["maintenanceEndDate"] = json!(until.max(from.clone()));
            row["status"] = json!("cancelled");
        } else if number % 5 == 2 {
            // It changes its size within the last weeks.
            let changed = day(-1 - number * 2, 0);
            let before = if number % 2 == 0 {
                users / 2 + 1
            } else {
                users * 2
            };
            if changed > from {
                row["lastUpdated"] = json!(changed);
                let kind = if number % 2 == 0 {
                    "Upgrade"
                } else {
                    "Downgrade"
                };
                sales.push(sale(id, "New", &tier(before), None, (&from, &until)));
                sales.push(sale(
                    id,
                    kind,
                    &tier(users),
                    Some(&tier(before)),
                    (&changed, &until),
                ));
            }
        } else if number % 13 == 1 {
            // It comes back after a pause.
            let (paused, back) = (day(start, 60), day(-20 - number, 0));
            if back > paused {
                row["maintenanceStartDate"] = json!(back);
                row["lastUpdated"] = json!(back);
                sales.push(sale(id, "New", &tier(users), None, (&from, &paused)));
                sales.push(sale(id, "Renewal", &tier(users), None, (&back, &until)));
            }
        }
        licenses.push(row);
    }
    let mut evaluation = license(99, "Cloud", "Evaluation", (&day(-9, 0), &day(21, 0)));
    evaluation["licenseType"] = json!("EVALUATION");
    licenses.push(evaluation);
    (licenses, sales)
}

/// Compares the committed sample of a gadget with what it makes; with `UPDATE_COMMITTED=1` it is written.
fn committed<G: Gadget>(name: &str, made: &View) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var_os("UPDATE_COMMITTED").is_some() {
        let text = serde_json::to_string_pretty(made).expect("a view can be written");
        fs::write(&path, text + "\n").expect("the file can be written");
    }
    let sample = G::manifest().sample.expect("the manifest has a sample");
    assert_eq!(
        *sample, *made,
        "run the tests twice with UPDATE_COMMITTED=1 and look at the difference"
    );
    assert!(sample.bounded().is_ok());
}

#[test]
fn the_samples_of_the_catalog_are_what_the_gadgets_make_of_a_business() {
    let period = json!({"period": {"kind": "last_90_days"}});
    let (licenses, sales) = business(0..48);
    let of_app = view(
        &marketplace_with_users(&licenses, &sales, [5_087, 5_104]),
        &settings(period.clone()),
    );
    committed::<AppUsers>("src/samples/app-users.json", &of_app);

    let (licenses, sales) = business_of_all_apps();
    let users = [
        (APP, [5_087, 5_104]),
        (DOCFLOW, [2_602, 2_611]),
        ("com.acme.retro", [1_480, 1_467]),
        ("com.acme.signoff", [901, 914]),
    ];
    let of_vendor = view_of::<VendorUsers>(
        &marketplace_with_users_of(&licenses, &sales, &users),
        &vendor_settings(period),
    );
    committed::<VendorUsers>("src/samples/vendor-users.json", &of_vendor);
}
