//! The apps of a vendor, and Atlassian's own count of their users.

use std::collections::BTreeMap;

use crate::day::Day;

/// An app of a vendor.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct App {
    /// Its key, such as `com.acme.timeboard`.
    pub key: String,
    /// Its display name; the key if the listing has no name.
    pub name: String,
}

/// Users of one app in one week, by Atlassian's own count.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WeeklyUsers {
    /// The key of the app.
    pub app: String,
    /// The first day of the week.
    pub week: Day,
    /// The users.
    pub users: u64,
}

/// The name of each app: the one of its newest row; of several, the greatest text.
#[derive(Debug, Default)]
pub(crate) struct AppNames(BTreeMap<String, (Option<Day>, String)>);

impl AppNames {
    /// Adds what a row of a day calls an app; an empty name only says that the app has rows.
    pub(crate) fn add(&mut self, app: &str, name: &str, said_on: Option<Day>) {
        let known = self.0.entry(app.to_owned()).or_default();
        let is_better = (said_on, name) > (known.0, known.1.as_str());
        if known.1.is_empty() || (!name.is_empty() && is_better) {
            *known = (said_on, name.to_owned());
        }
    }

    /// Returns the apps by key; a name may be empty.
    pub(crate) fn apps(&self) -> Vec<App> {
        let app = |(key, (_, name)): (&String, &(Option<Day>, String))| App {
            key: key.clone(),
            name: name.clone(),
        };
        self.0.iter().map(app).collect()
    }
}
