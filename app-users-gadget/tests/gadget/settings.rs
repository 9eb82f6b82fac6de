//! The settings of the gadgets: their schemas, and what these accept.

use std::{env, fs, path::Path};

use app_users_gadget::{AppUsers, AppUsersSettings, Marketplace, VendorUsers, VendorUsersSettings};
use gadget_api::{DatasourceKind, Gadget, schema};
use serde_json::{Value, json};

fn base(name: &str, value: Value) -> Value {
    let mut settings = json!({"datasource": "d", "vendor": "1", "app": "a"});
    settings[name] = value;
    settings
}

#[test]
fn the_schemas_keep_to_the_profile_and_to_the_meta_schema() {
    for schema in [AppUsers::settings_schema(), VendorUsers::settings_schema()] {
        assert_eq!(schema::lint(&schema), []);
        assert!(jsonschema::meta::is_valid(&schema));
    }
}

#[test]
fn the_settings_of_a_vendor_are_those_of_an_app_without_the_app() {
    let mut of_app = AppUsers::settings_schema();
    let mut of_vendor = VendorUsers::settings_schema();
    let app = of_app["properties"].as_object_mut().unwrap();
    assert!(app.shift_remove("app").is_some());
    of_app["required"].as_array_mut().unwrap().pop();
    for schema in [&mut of_app, &mut of_vendor] {
        // What the words say differs.
        for text in [
            "/title",
            "/description",
            "/properties/name/description",
            "/properties/vendor/description",
        ] {
            let text = schema.pointer_mut(text).unwrap();
            assert!(text.is_string());
            text.take();
        }
    }
    assert_eq!(of_app.to_string(), of_vendor.to_string());
}

#[test]
fn the_committed_schemas_are_those_of_the_settings() {
    committed("schemas/app-users.json", &AppUsers::settings_schema());
    committed("schemas/vendor-users.json", &VendorUsers::settings_schema());
    committed(
        "schemas/atlassian-marketplace.json",
        &Marketplace::declaration().schema,
    );
}

/// Compares a committed file of JSON with what it should say; with `UPDATE_COMMITTED=1` it is written.
fn committed(name: &str, expected: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut text = serde_json::to_string_pretty(expected).expect("JSON can be written");
    text.push('\n');
    if env::var_os("UPDATE_COMMITTED").is_some() {
        fs::write(&path, &text).expect("the file can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "{name} is not up to date: run the tests with UPDATE_COMMITTED=1 and look at the difference"
    );
}

#[test]
fn the_schema_of_the_datasource_keeps_its_secret() {
    let schema = Marketplace::declaration().schema;
    assert_eq!(schema::lint_datasource(&schema), []);
    assert!(jsonschema::meta::is_valid(&schema));
    let secrets = schema["properties"].as_object().unwrap().iter();
    let secrets: Vec<_> = secrets
        .filter(|(_, field)| field["writeOnly"] == true)
        .collect();
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets[0].0, "token");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let example = json!({"base_url": "https://api.atlassian.com/marketplace", "vendors": ["1212980"], "email": "me@acme.example", "token": "t"});
    assert!(validator.is_valid(&example));
    for (name, value) in [
        ("vendors", json!(["12a"])),
        ("vendors", json!(["1", "1"])),
        ("token", json!("")),
        ("more", json!(1)),
    ] {
        let mut changed = example.clone();
        changed[name] = value;
        assert!(!validator.is_valid(&changed), "{changed}");
    }
}

#[test]
fn the_defaults_are_what_the_form_starts_with() {
    let settings: AppUsersSettings =
        serde_json::from_value(json!({"datasource": "d", "vendor": "1", "app": "a"})).unwrap();
    assert_eq!(
        serde_json::to_value(settings).unwrap(),
        json!({"name": "", "datasource": "d", "vendor": "1", "app": "a", "period": {"kind": "last_30_days"},
            "bucket": "auto", "compare": "previous_period", "hosting": [], "include": [], "unlimited_users": 10001, "grace_days": 7})
    );
    let schema = AppUsers::settings_schema();
    let fields: Vec<_> = schema["properties"].as_object().unwrap().iter().collect();
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "name",
            "datasource",
            "vendor",
            "app",
            "period",
            "bucket",
            "compare",
            "hosting",
            "include",
            "unlimited_users",
            "grace_days"
        ]
    );
    for (name, field) in fields.into_iter().filter(|(name, _)| *name != "name") {
        assert_eq!(field["x-semantic"], json!(name));
        assert!(
            field["description"]
                .as_str()
                .is_some_and(|help| !help.is_empty())
        );
    }
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
fn the_settings_of_a_vendor_are_read_as_their_schema_says() {
    let schema = VendorUsers::settings_schema();
    let validator = jsonschema::validator_for(&schema::without_extensions(&schema)).unwrap();
    for (settings, holds) in [
        (json!({"datasource": "d", "vendor": "1"}), true),
        (json!({"datasource": "d"}), false),
        (json!({"datasource": "d", "vendor": "1", "app": "a"}), false),
        (
            json!({"datasource": "d", "vendor": "1", "grace_days": 90, "hosting": ["Cloud"]}),
            true,
        ),
        (
            json!({"datasource": "d", "vendor": "1", "period": {"kind": "fortnight"}}),
            false,
        ),
    ] {
        assert_eq!(validator.is_valid(&settings), holds, "{settings}");
        let read = serde_json::from_value::<VendorUsersSettings>(settings.clone());
        assert_eq!(read.is_ok(), holds, "{settings}");
    }
}

/// Returns what both gadgets refuse, by field; both must refuse the same.
#[expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
fn refused(period: Value, bucket: &str, today: &str) -> Vec<(String, String)> {
    let mut settings = base("period", period);
    settings["bucket"] = json!(bucket);
    let today = today.parse().unwrap();
    let of_app: AppUsersSettings = serde_json::from_value(settings.clone()).unwrap();
    settings.as_object_mut().unwrap().remove("app");
    let of_vendor: VendorUsersSettings = serde_json::from_value(settings).unwrap();
    let problems = AppUsers::check(&of_app, today);
    assert_eq!(problems, VendorUsers::check(&of_vendor, today));
    problems
        .iter()
        .map(|problem| (problem.path().to_string(), problem.message().to_owned()))
        .collect()
}

#[test]
fn a_period_that_cannot_be_shown_is_refused_at_its_field() {
    let custom = |from: &str, to: &str| json!({"kind": "custom", "from": from, "to": to});
    let cases = [
        (
            custom("2026-02-01", "2026-01-01"),
            "auto",
            "2026-11-20",
            Some((
                "/period/to",
                "the period ends on 2026-01-01, before it begins on 2026-02-01",
            )),
        ),
        (
            custom("0026-01-01", "2026-11-20"),
            "auto",
            "2026-11-20",
            Some((
                "/period/from",
                "the period begins on 0026-01-01, but the history begins on 2012-01-01: choose that day or a later one",
            )),
        ),
        (
            custom("2011-12-31", "2026-11-20"),
            "day",
            "2026-11-20",
            Some((
                "/period/from",
                "the period begins on 2011-12-31, but the history begins on 2012-01-01: choose that day or a later one",
            )),
        ),
        (
            custom("2012-01-01", "2026-11-20"),
            "day",
            "2026-11-20",
            None,
        ),
        (
            custom("2012-01-01", "2039-05-18"),
            "day",
            "2040-01-01",
            None,
        ),
        (
            custom("2012-01-01", "2039-05-19"),
            "day",
            "2040-01-01",
            Some((
                "/bucket",
                "the period has 10,001 days, but at most 10,000 bars can be shown: choose longer bars or a shorter period",
            )),
        ),
        (
            custom("2012-01-01", "2039-05-19"),
            "week",
            "2040-01-01",
            None,
        ),
        (
            custom("2012-01-01", "2039-05-19"),
            "auto",
            "2040-01-01",
            None,
        ),
        (json!({"kind": "all_time"}), "day", "2026-11-20", None),
    ];
    for (period, bucket, today, expected) in cases {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(path, message)| (path.to_owned(), message.to_owned()))
            .collect();
        assert_eq!(refused(period.clone(), bucket, today), expected, "{period}");
    }
}
