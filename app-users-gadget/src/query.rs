//! What both users gadgets count, from their settings.

use marketplace::Rules;

use crate::settings::{
    AppUsersSettings, BucketSetting, CompareSetting, HostingSetting, IncludeSetting, PeriodSetting,
    VendorUsersSettings,
};

/// The settings of a users gadget, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountQuery<'a> {
    /// Without outer blanks.
    pub(crate) name: &'a str,
    pub(crate) vendor: &'a str,
    /// The app; nothing for all apps of the vendor.
    pub(crate) app: Option<&'a str>,
    pub(crate) period: &'a PeriodSetting,
    pub(crate) bucket: BucketSetting,
    pub(crate) compare: CompareSetting,
    pub(crate) hosting: &'a [HostingSetting],
    pub(crate) include: &'a [IncludeSetting],
    pub(crate) unlimited_users: u32,
    pub(crate) grace_days: u8,
}

/// Reads the fields that both gadgets have.
macro_rules! count_query {
    ($settings:expr, $app:expr) => {
        CountQuery {
            name: $settings.name.trim(),
            vendor: &$settings.vendor,
            app: $app,
            period: &$settings.period,
            bucket: $settings.bucket,
            compare: $settings.compare,
            hosting: &$settings.hosting,
            include: &$settings.include,
            unlimited_users: $settings.unlimited_users,
            grace_days: $settings.grace_days,
        }
    };
}

impl<'a> From<&'a AppUsersSettings> for CountQuery<'a> {
    fn from(settings: &'a AppUsersSettings) -> Self {
        count_query!(settings, Some(&settings.app))
    }
}

impl<'a> From<&'a VendorUsersSettings> for CountQuery<'a> {
    fn from(settings: &'a VendorUsersSettings) -> Self {
        count_query!(settings, None)
    }
}

impl CountQuery<'_> {
    /// Returns the name of the days that a period of this many days is compared with.
    pub(crate) fn compared_with(&self, days: i32) -> String {
        let before = match (self.compare, self.period) {
            (CompareSetting::LastYear, _) => "a year before",
            (_, PeriodSetting::Last12Months {}) => "the 12 months before",
            (_, PeriodSetting::MonthToDate {}) => "the same days of the month before",
            (_, PeriodSetting::QuarterToDate {}) => "the same days of the quarter before",
            (_, PeriodSetting::YearToDate {}) => "the same days of the year before",
            (_, PeriodSetting::LastMonth {}) => "the month before",
            (_, PeriodSetting::LastQuarter {}) => "the quarter before",
            (_, PeriodSetting::LastYear {}) => "the year before",
            _ if days == 1 => "the day before",
            _ => return format!("the {days} days before"),
        };
        before.to_owned()
    }

    /// Returns the words that follow a number of those days, such as `in the 30 days before`.
    pub(crate) fn comparison(&self, days: i32) -> String {
        let compared_with = self.compared_with(days);
        match (self.compare, compared_with.as_str()) {
            (CompareSetting::LastYear, _) => compared_with,
            (_, "the day before") => format!("on {compared_with}"),
            _ => format!("in {compared_with}"),
        }
    }

    /// Returns the settings of the count.
    pub(crate) fn rules(&self) -> Result<Rules, gadget_api::Error> {
        let name = |value: serde_json::Result<serde_json::Value>| {
            value
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
        };
        let hostings: Vec<String> = self
            .hosting
            .iter()
            .filter_map(|each| name(serde_json::to_value(each)))
            .collect();
        let include: Vec<String> = self
            .include
            .iter()
            .filter_map(|each| name(serde_json::to_value(each)))
            .collect();
        let refused = |error: marketplace::RulesError| {
            gadget_api::Error::new(gadget_api::ErrorKind::Settings, error.to_string())
        };
        Rules::default()
            .with_hostings(hostings)
            .and_then(|rules| rules.with_included(include))
            .and_then(|rules| rules.with_unlimited_users(u64::from(self.unlimited_users)))
            .and_then(|rules| rules.with_grace_days(u64::from(self.grace_days)))
            .map_err(refused)
    }
}
