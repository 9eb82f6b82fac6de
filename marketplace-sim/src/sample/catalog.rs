//! The apps of the sample vendor.

use crate::row::App;
use crate::sample::calendar::Growth;

/// An app of the sample vendor, with the parameters of its sales.
pub(crate) struct Product {
    /// `addonKey`.
    pub(crate) key: &'static str,
    /// The name that people read.
    pub(crate) name: &'static str,
    /// `productId`.
    pub(crate) product_id: &'static str,
    /// The product that it extends.
    pub(crate) parent: &'static str,
    /// Its share of all licenses, relative to the sum of all shares.
    pub(crate) share: u64,
    /// How many years ago it was launched.
    pub(crate) years: i64,
    /// Whether it is also sold for Server and Data Center.
    pub(crate) on_premises: bool,
    /// The price per user and month in the first year, in cents.
    pub(crate) cents: i64,
    /// The month in which its prices rise.
    pub(crate) price_month: u32,
    /// How many of a thousand Cloud customers pay monthly.
    pub(crate) monthly: u64,
    /// How its business grows.
    pub(crate) growth: Growth,
    /// Whether the listing shows it without `includePrivate`.
    pub(crate) public: bool,
}

/// The apps, in descending order of users.
pub(crate) const PRODUCTS: [Product; 12] = [
    Product {
        growth: Growth::Brisk,
        monthly: 680,
        ..product(
            "com.acme.timeboard",
            "Timeboard for Jira",
            "7a1f6d52-0000-4000-8000-0000000000a1",
            "Jira",
            230,
            8,
            true,
            140,
            9,
        )
    },
    product(
        "com.acme.planboard",
        "Planboard for Jira",
        "7a1f6d52-0000-4000-8000-0000000000a2",
        "Jira",
        215,
        8,
        true,
        110,
        2,
    ),
    product(
        "com.acme.retronotes",
        "Retro Notes",
        "7a1f6d52-0000-4000-8000-0000000000a3",
        "Confluence",
        95,
        7,
        true,
        60,
        4,
    ),
    product(
        "com.acme.checklists",
        "Checklists for Jira",
        "7a1f6d52-0000-4000-8000-0000000000a4",
        "Jira",
        75,
        6,
        true,
        45,
        10,
    ),
    product(
        "com.acme.docflow",
        "Docflow for Confluence",
        "7a1f6d52-0000-4000-8000-0000000000a5",
        "Confluence",
        95,
        8,
        true,
        90,
        6,
    ),
    product(
        "com.acme.signoff",
        "Signoff for Confluence",
        "7a1f6d52-0000-4000-8000-0000000000a6",
        "Confluence",
        70,
        6,
        true,
        75,
        1,
    ),
    product(
        "com.acme.riskregister",
        "Risk Register",
        "7a1f6d52-0000-4000-8000-0000000000a7",
        "Jira",
        50,
        5,
        true,
        130,
        3,
    ),
    product(
        "com.acme.capacity",
        "Capacity Planner for Jira",
        "7a1f6d52-0000-4000-8000-0000000000a8",
        "Jira",
        45,
        4,
        false,
        150,
        5,
    ),
    product(
        "com.acme.sprintpoker",
        "Sprint Poker",
        "7a1f6d52-0000-4000-8000-0000000000a9",
        "Jira",
        40,
        5,
        false,
        35,
        11,
    ),
    product(
        "com.acme.minutes",
        "Meeting Minutes for Confluence",
        "7a1f6d52-0000-4000-8000-0000000000aa",
        "Confluence",
        30,
        3,
        false,
        50,
        7,
    ),
    product(
        "com.acme.assetlinks",
        "Asset Links for Jira",
        "7a1f6d52-0000-4000-8000-0000000000ab",
        "Jira",
        22,
        3,
        false,
        80,
        8,
    ),
    Product {
        public: false,
        ..product(
            "com.acme.releaseradar",
            "Release Radar",
            "7a1f6d52-0000-4000-8000-0000000000ac",
            "Jira",
            13,
            1,
            false,
            95,
            12,
        )
    },
];

#[expect(
    clippy::too_many_arguments,
    reason = "each call is one line of the table above"
)]
const fn product(
    key: &'static str,
    name: &'static str,
    product_id: &'static str,
    parent: &'static str,
    share: u64,
    years: i64,
    on_premises: bool,
    cents: i64,
    price_month: u32,
) -> Product {
    Product {
        key,
        name,
        product_id,
        parent,
        share,
        years,
        on_premises,
        cents,
        price_month,
        monthly: 250,
        growth: Growth::Steady,
        public: true,
    }
}

/// Returns the apps as the listing shows them.
pub(crate) fn apps() -> Vec<App> {
    PRODUCTS
        .iter()
        .map(|product| App {
            key: product.key.to_owned(),
            name: product.name.to_owned(),
            product_id: product.product_id.to_owned(),
            hostings: if product.on_premises {
                vec!["cloud", "server", "dataCenter"]
            } else {
                vec!["cloud"]
            },
            public: product.public,
        })
        .collect()
}
