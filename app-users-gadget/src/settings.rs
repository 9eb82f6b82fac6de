//! The settings of the users gadgets: the doc comment of a field is its help.

use marketplace::{Bucket, Compare, Day, Period, PeriodKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Writes the settings of a users gadget: the fields that every one has, with those of its own after the vendor.
///
/// The schema has one flat list of fields, and unknown ones are refused; a part of its own for the shared fields
/// could do only one of both.
macro_rules! settings {
    ($(#[$meta:meta])* $settings:ident {
        $(#[$name_meta:meta])* name, $(#[$vendor_meta:meta])* vendor, $($(#[$own_meta:meta])* $own:ident,)*
    }) => {
        #[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $settings {
            $(#[$name_meta])*
            #[serde(default)]
            #[schemars(title = "Name", length(max = 200))]
            pub name: String,
            /// Where the licenses are read from.
            #[schemars(title = "Datasource", extend("x-semantic" = "datasource", "x-datasource-kind" = "atlassian-marketplace"))]
            pub datasource: String,
            $(#[$vendor_meta])*
            #[schemars(title = "Vendor", length(min = 1), extend("x-semantic" = "vendor", "x-choices" = {"source": "vendors", "dependsOn": ["/datasource"]}))]
            pub vendor: String,
            $($(#[$own_meta])* pub $own: String,)*
            /// The days that gained, lost and net users are counted over, in UTC. Spans up to today include today.
            #[serde(default)]
            #[schemars(title = "Time period", extend("x-semantic" = "period"))]
            pub period: PeriodSetting,
            /// What one bar of the chart covers. Weeks begin on Monday.
            #[serde(default)]
            #[schemars(title = "Bars", extend("x-semantic" = "bucket"))]
            pub bucket: BucketSetting,
            /// What gained, lost and net users are compared with.
            #[serde(default)]
            #[schemars(title = "Compare with", extend("x-semantic" = "compare"))]
            pub compare: CompareSetting,
            /// Counts only licenses of these hostings; none chosen means all of them.
            #[serde(default)]
            #[schemars(title = "Hosting", extend("uniqueItems" = true, "x-semantic" = "hosting", "x-advanced" = true))]
            pub hosting: Vec<HostingSetting>,
            /// Licenses that are left out unless they are chosen here. Licenses that are free for life and
            /// those of Atlassian itself are not asked for at all.
            #[serde(default)]
            #[schemars(title = "Count also", extend("uniqueItems" = true, "x-semantic" = "include", "x-advanced" = true))]
            pub include: Vec<IncludeSetting>,
            /// How many users an unlimited license counts for; 0 counts it as none.
            #[serde(default = "unlimited_users")]
            #[schemars(title = "Users of an unlimited license", range(max = 1_000_000_000), extend("x-semantic" = "unlimited_users", "x-unit" = "users", "x-advanced" = true))]
            pub unlimited_users: u32,
            /// How many days a license that ran out still counts: renewals are often listed late.
            #[serde(default = "grace_days")]
            #[schemars(title = "Days of grace", range(max = 90), extend("x-semantic" = "grace_days", "x-unit" = "days", "x-advanced" = true))]
            pub grace_days: u8,
        }
    };
}

settings! {
    /// What App Users shows.
    #[schemars(title = "App Users")]
    AppUsersSettings {
        /// The title of the gadget on the dashboard. Left empty, it is the name of the app.
        name,
        /// The vendor whose app it is, by the number in the address of the partner console.
        vendor,
        /// The app whose users are counted, by its key.
        #[schemars(title = "App", length(min = 1), extend("x-semantic" = "app", "x-share" = "when-unset", "x-choices" = {"source": "apps", "dependsOn": ["/datasource", "/vendor"]}))]
        app,
    }
}

settings! {
    /// What Vendor Users shows.
    #[schemars(title = "Vendor Users")]
    VendorUsersSettings {
        /// The title of the gadget on the dashboard. Left empty, it names the vendor.
        name,
        /// The vendor whose apps are counted, by the number in the address of the partner console.
        vendor,
    }
}

fn unlimited_users() -> u32 {
    10_001
}

fn grace_days() -> u8 {
    7
}

macro_rules! choices {
    ($(#[$meta:meta])* $name:ident, $rename:literal, $($(#[$mark:ident])? $variant:ident = $title:literal $(as $name_of:literal)?),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
        #[serde(rename_all = $rename)]
        pub enum $name {
            $(#[doc = $title] $(#[$mark])? #[schemars(title = $title)] $(#[serde(rename = $name_of)])? $variant,)+
        }
    };
}

choices! {
    /// What one bar covers.
    #[derive(Default)]
    BucketSetting, "snake_case",
    #[default] Auto = "Fitting the period", Day = "Days", Week = "Weeks", Month = "Months",
}

choices! {
    /// What a period is compared with.
    #[derive(Default)]
    CompareSetting, "snake_case",
    #[default] PreviousPeriod = "The period before", LastYear = "The same days a year before", None = "Nothing",
}

choices! {
    /// How an app is hosted.
    HostingSetting, "PascalCase",
    Cloud = "Cloud", DataCenter = "Data Center" as "Data Center", Server = "Server",
}

choices! {
    /// Why licenses are left out.
    IncludeSetting, "snake_case",
    Sandbox = "Sandboxes", OpenSource = "Open source", Community = "Community", Free = "Free",
    Evaluation = "Evaluations", Demonstration = "Demonstrations", Internal = "Internal use",
}

/// The days that are counted over.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PeriodSetting {
    /// Today and the 6 days before.
    #[schemars(title = "Last 7 days")]
    #[serde(rename = "last_7_days")]
    Last7Days {},
    /// Today and the 29 days before.

    #[schemars(title = "Last 30 days")]
    #[serde(rename = "last_30_days")]
    Last30Days {},
    /// Today and the 89 days before.
    #[schemars(title = "Last 90 days")]
    #[serde(rename = "last_90_days")]
    Last90Days {},
    /// A year up to today.
    #[schemars(title = "Last 12 months")]
    #[serde(rename = "last_12_months")]
    Last12Months {},
    /// From the first of the month to today.
    #[schemars(title = "Month to date")]
    MonthToDate {},
    /// From the first day of the quarter to today.
    #[schemars(title = "Quarter to date")]
    QuarterToDate {},
    /// From the first of January to today.
    #[schemars(title = "Year to date")]
    YearToDate {},
    /// The month before this one.
    #[schemars(title = "Last month")]
    LastMonth {},
    /// The quarter before this one.
    #[schemars(title = "Last quarter")]
    LastQuarter {},
    /// The year before this one.
    #[schemars(title = "Last year")]
    LastYear {},
    /// From the first day with users to today.
    #[schemars(title = "All time")]
    AllTime {},
    /// From one day to another, both included.
    #[schemars(title = "Custom")]
    Custom {
        /// The first day.
        #[schemars(title = "From")]
        from: chrono::NaiveDate,
        /// The last day; not after today.
        #[schemars(title = "To")]
        to: chrono::NaiveDate,
    },
}

impl Default for PeriodSetting {
    fn default() -> Self {
        Self::Last30Days {}
    }
}

impl PeriodSetting {
    /// Returns the kind of period as the count knows it.
    pub(crate) fn kind(&self) -> PeriodKind {
        match self {
            Self::Last7Days {} => PeriodKind::Last7Days,
            Self::Last30Days {} => PeriodKind::Last30Days,
            Self::Last90Days {} => PeriodKind::Last90Days,
            Self::Last12Months {} => PeriodKind::Last12Months,
            Self::MonthToDate {} => PeriodKind::MonthToDate,
            Self::QuarterToDate {} => PeriodKind::QuarterToDate,
            Self::YearToDate {} => PeriodKind::YearToDate,
            Self::LastMonth {} => PeriodKind::LastMonth,
            Self::LastQuarter {} => PeriodKind::LastQuarter,
            Self::LastYear {} => PeriodKind::LastYear,
            Self::AllTime {} => PeriodKind::AllTime,
            Self::Custom { from, to } => PeriodKind::Custom {
                from: Day::from(*from),
                to: Day::from(*to),
            },
        }
    }

    /// Returns what people call the period, unless its days say it all.
    pub(crate) fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::Last7Days {} => "last 7 days",
            Self::Last30Days {} => "last 30 days",
            Self::Last90Days {} => "last 90 days",
            Self::Last12Months {} => "last 12 months",
            Self::MonthToDate {} => "month to date",
            Self::QuarterToDate {} => "quarter to date",
            Self::YearToDate {} => "year to date",
            Self::LastMonth {} => "last month",
            Self::LastQuarter {} => "last quarter",
            Self::LastYear {} => "last year",
            Self::AllTime {} => "all time",
            Self::Custom { .. } => return None,
        })
    }
}

impl BucketSetting {
    /// Returns the bucket by which a period is shown.
    pub(crate) fn bucket_of(self, period: Period) -> Bucket {
        match self {
            Self::Auto => Bucket::auto(period),
            Self::Day => Bucket::Day,
            Self::Week => Bucket::Week,
            Self::Month => Bucket::Month,
        }
    }
}

impl CompareSetting {
    pub(crate) fn compare(self) -> Option<Compare> {
        match self {
            Self::PreviousPeriod => Some(Compare::PreviousPeriod),
            Self::LastYear => Some(Compare::LastYear),
            Self::None => None,
        }
    }
}
