//! The status of today, whatever the period: users, excluded licenses, and the numbers of notices.

use super::exclusion::Exclusion;

/// The status of an app, or of all apps together, today, and the numbers of its notices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CurrentStatus {
    /// Licensed users.
    pub users_now: i64,
    /// The low end of these users.
    pub users_now_low: i64,
    /// Licensed users seven days ago.
    pub users_week_ago: i64,
    /// Excluded licenses by reason, in the order of the reasons; reasons without licenses are absent.
    pub excluded: Vec<(Exclusion, u64)>,
    /// Rows without any id.
    pub no_id: u64,
    /// Refunds whose sale was not found.
    pub refund_without_sale: u64,
    /// Users, before grace, of licenses for which the sales decide today.
    pub by_sales_only: i64,
    /// Users who count only because of grace.
    pub may_still_renew: i64,
    /// The licenses of these users.
    pub may_still_renew_licenses: u64,
    /// Licenses whose size comes from an unlimited tier.
    pub unlimited: u64,
    /// Licenses with two rows that are in effect today and differ in their license id.
    pub merged_rows: u64,
    /// Rows with a date that is there but cannot be read, where the count looks at them.
    pub date_not_understood: u64,
    /// Tiers that are not understood.
    pub tier_not_understood: NamedTexts,
    /// License types that are not known; they count.
    pub unknown_license_type: NamedTexts,
}

/// Rows with texts that a notice names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NamedTexts {
    /// The number of rows.
    pub rows: u64,
    /// The distinct texts (trimmed, empty if missing), sorted.
    pub texts: Vec<String>,
}
