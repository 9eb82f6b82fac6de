//! The apps of a vendor, and Atlassian's own count of their users.

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
