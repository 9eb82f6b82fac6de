//! A gadget with every kind of field.

use chrono::{DateTime, NaiveDate, Utc};
use gadget_api::{
    Choice, Choices, CreateContext, Error, ErrorKind, FieldError, FieldPath, Gadget, Manifest,
    RenderContext, Services, View,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shown;

/// Every kind of field.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What the tile is called.
    #[serde(default)]
    #[schemars(title = "Name", length(max = 40), extend("examples" = ["Our team"]))]
    name: String,
    /// Two to four capital letters.
    #[schemars(title = "Code", regex(pattern = "^[A-Z]{2,4}$"), extend("examples" = ["AB"]))]
    code: String,
    /// Whom to ask.
    #[schemars(title = "E-mail", extend("format" = "email"))]
    email: String,
    /// Where to read more.
    #[serde(default = "page")]
    #[schemars(title = "Page", extend("format" = "uri"))]
    page: String,
    /// The first day that counts.
    #[schemars(title = "Day")]
    day: NaiveDate,
    /// When it begins, in UTC.
    #[serde(default = "begin")]
    #[schemars(title = "Begin")]
    begin: DateTime<Utc>,
    /// How many rows there are.
    #[serde(default = "rows")]
    #[schemars(title = "Rows", range(min = 1, max = 20), extend("x-unit" = "rows"))]
    rows: u8,
    /// How much of it.
    #[serde(default = "share")]
    #[schemars(title = "Share", range(min = 0.0, max = 1.0))]
    share: f64,
    /// Says more in less room.
    #[serde(default)]
    #[schemars(title = "Compact")]
    compact: bool,
    /// How large it is.
    #[serde(default)]
    #[schemars(title = "Size", extend("x-order" = 1))]
    size: Size,
    /// What a bar covers.
    #[serde(default)]
    #[schemars(title = "Bars", extend("x-semantic" = "bucket"))]
    bucket: Bucket,
    /// Which parts there are.
    #[serde(default)]
    #[schemars(title = "Parts", extend("uniqueItems" = true))]
    parts: Vec<Part>,
    /// The days that it covers.
    #[serde(default)]
    #[schemars(title = "Span")]
    span: Span,
    /// What to look for.
    #[serde(default)]
    #[schemars(title = "Words", length(max = 5), inner(regex(pattern = "^[a-z]+$")), extend("uniqueItems" = true, "examples" = [["alpha"]]))]
    words: Vec<String>,
    /// Who stands behind it.
    #[schemars(title = "Owner")]
    owner: Owner,
    /// Where it is.
    #[schemars(title = "Region", extend("x-choices" = {"source": "regions"}))]
    region: String,
    /// How high up.
    #[schemars(title = "Floor", extend("x-choices" = {"source": "floors"}))]
    floor: u8,
    /// Which room, out of those on the floor.
    #[schemars(title = "Room", extend("x-choices" = {"source": "rooms", "dependsOn": ["/region", "/floor"]}))]
    room: String,
    /// What is in the room.
    #[serde(default)]
    #[schemars(title = "Things", extend("uniqueItems" = true, "x-choices" = {"source": "things", "dependsOn": ["/room"]}))]
    things: Vec<String>,
    /// Anything else.
    #[serde(default)]
    #[schemars(title = "Note", extend("x-widget" = "textarea", "x-advanced" = true))]
    note: String,
    /// How long a value is kept.
    #[serde(default = "hours")]
    #[schemars(title = "Kept for", range(max = 48), extend("x-unit" = "hours", "x-advanced" = true))]
    hours: u8,
}

fn page() -> String {
    "https://example.com/".to_owned()
}

fn begin() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn rows() -> u8 {
    3
}

fn share() -> f64 {
    0.5
}

fn hours() -> u8 {
    24
}

/// How large.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum Size {
    /// Fits beside others.
    #[schemars(title = "Small")]
    Small,
    /// Takes half of the width.
    #[default]
    #[schemars(title = "Medium")]
    Medium,
    /// Takes all of the width.
    #[schemars(title = "Large")]
    Large,
}

/// What a bar covers.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bucket {
    /// As fits.
    #[default]
    #[schemars(title = "Fitting")]
    Auto,
    /// A day.
    #[schemars(title = "Days")]
    Day,
    /// A week.
    #[schemars(title = "Weeks")]
    Week,
    /// A month.
    #[schemars(title = "Months")]
    Month,
}

/// A part.
#[derive(Clone, Copy, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    /// What stands above.
    #[schemars(title = "Head")]
    Head,
    /// What stands in between.
    #[schemars(title = "Body")]
    Body,
    /// What stands below.
    #[schemars(title = "Foot")]
    Foot,
}

/// Days.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Span {
    /// The month so far.
    #[schemars(title = "This month")]
    Month {},
    /// So many days up to today.
    #[schemars(title = "Last days")]
    Days {
        /// How many days, today included.
        #[schemars(title = "How many", range(min = 1, max = 90), extend("x-unit" = "days"))]
        count: u8,
    },
    /// From one day to another.
    #[schemars(title = "Custom")]
    Custom {
        /// The first day.
        #[schemars(title = "From")]
        from: NaiveDate,
        /// The last day.
        #[schemars(title = "To")]
        to: NaiveDate,
    },
}

impl Default for Span {
    fn default() -> Self {
        Self::Month {}
    }
}

/// Who.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    /// Who it is.
    #[schemars(title = "Person", length(min = 1))]
    person: String,
    /// Where the person sits.
    #[schemars(title = "Seat")]
    seat: Seat,
}

/// A seat.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct Seat {
    /// The city.
    #[serde(default)]
    #[schemars(title = "City")]
    city: String,
    /// The number on the desk.
    #[schemars(title = "Desk", range(min = 1))]
    desk: u32,
}

/// Shows every kind of field.
pub(crate) struct EveryField;

impl Gadget for EveryField {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new(
            "every-field",
            "Every field",
            "Has every kind of field that a form can have.",
        )
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn choices(
        &self,
        field: &FieldPath,
        settings: &Value,
        _: &dyn Services,
    ) -> Result<Choices, Error> {
        let offered = match field.as_str() {
            "/region" => vec![Choice::new("north", "North"), Choice::new("south", "South")],
            "/floor" => (1..=4)
                .map(|floor| Choice::new(floor, format!("Floor {floor}")))
                .collect(),
            "/room" => {
                let (Some(region), Some(floor)) =
                    (settings["region"].as_str(), settings["floor"].as_u64())
                else {
                    return Ok(Choices::Waiting(
                        "Choose a region and a floor first.".to_owned(),
                    ));
                };
                rooms(region, floor)
            }
            "/things" => match settings["room"].as_str() {
                Some(room) => vec![
                    Choice::new(format!("{room}-lamp"), "Lamp"),
                    Choice::new(format!("{room}-desk"), "Desk"),
                ],
                None => return Ok(Choices::Waiting("Choose a room first.".to_owned())),
            },
            _ => {
                let message = format!("the field `{field}` has no dynamic choices");
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        };
        Ok(Choices::Offered(offered))
    }

    fn check(settings: &Settings, _: NaiveDate) -> Vec<FieldError> {
        let Span::Custom { from, to } = settings.span else {
            return Vec::new();
        };
        if from <= to {
            return Vec::new();
        }
        let field = FieldPath::root().child("span").child("to");
        vec![FieldError::new(field, "the last day is before the first")]
    }

    fn render(&self, settings: &Settings, _: &RenderContext<'_>) -> Result<View, Error> {
        shown::view("Every field", settings)
    }
}

/// Returns the rooms of a floor: more of them than anybody wants to scroll through.
fn rooms(region: &str, floor: u64) -> Vec<Choice> {
    (1..=30)
        .map(|number| {
            let room = floor * 100 + number;
            Choice {
                description: format!("{number} m² to the {region}"),
                ..Choice::new(format!("{region}-{room}"), format!("Room {room}"))
            }
        })
        .collect()
}
