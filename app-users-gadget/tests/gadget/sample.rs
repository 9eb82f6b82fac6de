//! The sample view of the catalog: made by the gadget itself, so that its numbers belong together.

use std::{env, fs, path::Path};

use app_users_gadget::AppUsers;
use gadget_api::Gadget;
use serde_json::{Value, json};

use crate::given::{TODAY, license, marketplace_with_users, sale, settings, view};

/// Licenses of two years that come, grow, shrink, go and come back.
fn business() -> (Vec<Value>, Vec<Value>) {
    let (mut licenses, mut sales) = (Vec::new(), Vec::new());
    let day = |from: i64, days: i64| {
        let first: chrono::NaiveDate = TODAY.parse().expect("today is a date");
        (first + chrono::Duration::days(from + days)).to_string()
    };
    for number in 0_i64..48 {
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

#[test]
fn the_sample_of_the_catalog_is_what_the_gadget_makes_of_a_business() {
    let (licenses, sales) = business();
    let made = view(
        &marketplace_with_users(&licenses, &sales, [5_087, 5_104]),
        &settings(json!({"period": {"kind": "last_90_days"}})),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sample.json");
    if env::var_os("UPDATE_COMMITTED").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let sample = AppUsers::manifest()
        .sample
        .expect("the manifest has a sample");
    assert_eq!(
        *sample, made,
        "run the tests twice with UPDATE_COMMITTED=1 and look at the difference"
    );
    assert!(sample.bounded().is_ok());
}
