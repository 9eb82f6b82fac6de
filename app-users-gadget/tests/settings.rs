//! The settings of App Users: their schema, and what it accepts.

use app_users_gadget::{AppUsers, AppUsersSettings};
use gadget_api::{Gadget, schema};
use serde_json::{Value, json};

fn base(name: &str, value: Value) -> Value {
    let mut settings = json!({"datasource": "d", "vendor": "1", "app": "a"});
    settings[name] = value;
    settings
}

#[test]
fn the_schema_keeps_to_the_profile_and_to_the_meta_schema() {
    let schema = AppUsers::settings_schema();
    assert_eq!(schema::lint(&schema), []);
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn settings_are_accepted_by_the_bare_schema_just_if_they_can_be_read() {
    let validator =
        jsonschema::validator_for(&schema::without_extensions(&AppUsers::settings_schema()))
            .unwrap();
    for (settings, holds) in [
        (json!({"datasource": "d", "vendor": "1", "app": "a"}), true),
        (json!({"vendor": "1", "app": "a"}), false),
        (base("period", json!({"kind": "last_12_months"})), true),
        (
            base(
                "period",
                json!({"kind": "custom", "from": "2026-01-01", "to": "2026-02-28"}),
            ),
            true,
        ),
        (
            base("period", json!({"kind": "custom", "from": "2026-01-01"})),
            false,
        ),
        (
            base(
                "period",
                json!({"kind": "last_7_days", "from": "2026-01-01"}),
            ),
            false,
        ),
        (base("period", json!({"kind": "fortnight"})), false),
        (base("bucket", json!("month")), true),
        (base("bucket", json!("year")), false),
        (base("compare", json!("none")), true),
        (
            base("hosting", json!(["Cloud", "Data Center", "Server"])),
            true,
        ),
        (base("hosting", json!(["DataCenter"])), false),
        (
            base(
                "include",
                json!([
                    "sandbox",
                    "open_source",
                    "community",
                    "free",
                    "evaluation",
                    "demonstration",
                    "internal"
                ]),
            ),
            true,
        ),
        (base("include", json!(["no_size"])), false),
        (base("unlimited_users", json!(0)), true),
        (base("unlimited_users", json!(-1)), false),
        (base("grace_days", json!(90)), true),
        (base("unknown", json!(1)), false),
    ] {
        assert_eq!(validator.is_valid(&settings), holds, "{settings}");
        assert_eq!(
            serde_json::from_value::<AppUsersSettings>(settings.clone()).is_ok(),
            holds,
            "{settings}"
        );
    }
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused_at_its_field() {
    let settings = base(
        "period",
        json!({"kind": "custom", "from": "2026-02-01", "to": "2026-01-01"}),
    );
    let settings: AppUsersSettings = serde_json::from_value(settings).unwrap();
    let problems = AppUsers::check(&settings, "2026-11-20".parse().unwrap());
    assert_eq!(problems[0].path().as_str(), "/period/to");
}
