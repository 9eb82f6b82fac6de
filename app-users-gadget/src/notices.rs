//! The notices of a view: what a reader has to know to read the numbers right.

use gadget_api::{Notice, NoticeLevel};
use marketplace::{Exclusion, NamedTexts, Report, counted, grouped};

use crate::{
    counted::Counted,
    query::CountQuery,
    words::{Wording, cut, exclusion, signed},
};

/// Returns the notices of a view; those with nothing to say are absent.
pub(crate) fn notices(query: &CountQuery<'_>, found: &Counted, report: &Report) -> Vec<Notice> {
    let current_status = &report.current_status;
    let snapshot = &found.loaded.snapshot;
    let mut notices = Notices::default();
    notices.excluded(&current_status.excluded);
    let no_id = counted(current_status.no_id, "row has", "rows have");
    notices.add(
        "no_id",
        (current_status.no_id, "rows"),
        format!("{no_id} no id and cannot be counted"),
    );
    let refunds = counted(
        current_status.refund_without_sale,
        "refund fits",
        "refunds fit",
    );
    notices.add(
        "refund_without_sale",
        (current_status.refund_without_sale, "refunds"),
        format!("{refunds} no sale, so nothing is subtracted"),
    );
    notices.users(
        "unexplained",
        report.unexplained,
        "by which the license list differs in this period, and no transaction says why",
    );
    notices.users(
        "by_sales_only",
        current_status.by_sales_only,
        "are known from transactions alone: the license list does not have them as they are now",
    );
    notices.may_still_renew(
        current_status.may_still_renew,
        current_status.may_still_renew_licenses,
    );
    let unlimited = counted(current_status.unlimited, "license is", "licenses are");
    let stand_in = grouped(query.unlimited_users);
    notices.add(
        "unlimited",
        (current_status.unlimited, "licenses"),
        format!("{unlimited} unlimited; each counts for {stand_in} users"),
    );
    let merged = counted(current_status.merged_rows, "license has", "licenses have");
    notices.add(
        "merged_rows",
        (current_status.merged_rows, "licenses"),
        format!("{merged} two rows that hold today; one of them counts"),
    );
    let dates = counted(current_status.date_not_understood, "row has", "rows have");
    notices.add(
        "date_not_understood",
        (current_status.date_not_understood, "rows"),
        format!("{dates} a date that cannot be read; it counts as missing"),
    );
    notices.named(
        "tier_not_understood",
        &current_status.tier_not_understood,
        (
            "has a tier that cannot be read",
            "have tiers that cannot be read",
        ),
    );
    notices.named(
        "unknown_license_type",
        &current_status.unknown_license_type,
        (
            "has an unknown license type and is counted",
            "have unknown license types and are counted",
        ),
    );
    let restated = counted(snapshot.restated(), "row", "rows");
    notices.add(
        "restated",
        (snapshot.restated(), "rows"),
        format!("{restated} changed since the last sync"),
    );
    if let Some(reason) = snapshot.no_transactions() {
        let text = format!(
            "Counted from licenses alone, without transactions: {reason}. Losses have no reason, and history is less exact"
        );
        notices.say("no_transactions", NoticeLevel::Attention, &text);
    }
    if let Err(reason) = found.atlassian(query.app) {
        let text = format!("Atlassian's own count is not available: {reason}");
        notices.say("no_atlassian_count", NoticeLevel::Info, &text);
    }
    notices.0
}

#[derive(Default)]
struct Notices(Vec<Notice>);

impl Notices {
    fn say(&mut self, code: &str, level: NoticeLevel, text: &str) {
        self.0.push(Notice::new(code, level, cut(text)));
    }

    fn add(&mut self, code: &str, (count, unit): (u64, &str), text: String) {
        if count > 0 {
            let notice = Notice::new(code, NoticeLevel::Info, cut(&text)).with_unit(unit);
            self.0.push(notice.with_count(signed(count)));
        }
    }

    fn users(&mut self, code: &str, users: i64, what: &str) {
        if users != 0 {
            let count = counted(users.unsigned_abs(), "user", "users");
            let notice = Notice::new(code, NoticeLevel::Info, format!("{count} {what}"));
            self.0.push(notice.with_count(users).with_unit("users"));
        }
    }

    fn excluded(&mut self, excluded: &[(Exclusion, u64)]) {
        let count = excluded.iter().map(|(_, count)| count).sum();
        let reasons = excluded.iter().map(|(reason, count)| {
            let Wording { one, many, .. } = exclusion(*reason);
            counted(*count, one, many)
        });
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        let are = counted(count, "license is", "licenses are");
        self.add(
            "excluded",
            (count, "licenses"),
            format!("{are} left out: {reasons}"),
        );
    }

    fn may_still_renew(&mut self, users: i64, licenses: u64) {
        if licenses == 0 {
            return;
        }
        let of = counted(licenses, "license", "licenses");
        let count = counted(users.unsigned_abs(), "user", "users");
        let text =
            format!("{count} of {of} may still renew, and count until the days of grace are over");
        let notice = Notice::new("may_still_renew", NoticeLevel::Info, text);
        let notice = notice
            .with_count(users)
            .with_unit("users")
            .with_licenses(signed(licenses));
        self.0.push(notice);
    }

    /// Tells how many rows have one of some texts, and which.
    fn named(&mut self, code: &str, found: &NamedTexts, has: (&str, &str)) {
        const SHOWN: usize = 20;
        if found.rows == 0 {
            return;
        }
        let rows = counted(found.rows, "row", "rows");
        let has = if found.rows == 1 { has.0 } else { has.1 };
        let mut texts: Vec<String> = found
            .texts
            .iter()
            .take(SHOWN)
            .map(|text| match text.as_str() {
                "" => "(none)".to_owned(),
                text => format!("\u{201c}{text}\u{201d}"),
            })
            .collect();
        if found.texts.len() > SHOWN {
            texts.push("…".to_owned());
        }
        let text = format!("{rows} {has}: {}", texts.join(", "));
        let notice = Notice::new(code, NoticeLevel::Attention, cut(&text));
        self.0
            .push(notice.with_count(signed(found.rows)).with_unit("rows"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fill: impl FnOnce(&mut Notices)) -> Vec<String> {
        let mut notices = Notices::default();
        fill(&mut notices);
        notices.0.into_iter().map(|notice| notice.text).collect()
    }

    #[test]
    fn notices_read_as_sentences_whatever_the_number() {
        use Exclusion::{Evaluation, Sandbox};
        let cases: [(Vec<String>, &[&str]); 8] = [
            (text(|n| n.excluded(&[])), &[]),
            (
                text(|n| n.excluded(&[(Evaluation, 7)])),
                &["7 licenses are left out: 7 evaluations"],
            ),
            (
                text(|n| n.excluded(&[(Sandbox, 1), (Evaluation, 1_200)])),
                &["1,201 licenses are left out: 1 sandbox, 1,200 evaluations"],
            ),
            (
                text(|n| n.excluded(&[(Sandbox, 1)])),
                &["1 license is left out: 1 sandbox"],
            ),
            (text(|n| n.may_still_renew(0, 0)), &[]),
            (
                text(|n| n.may_still_renew(40, 1)),
                &[
                    "40 users of 1 license may still renew, and count until the days of grace are over",
                ],
            ),
            (text(|n| n.users("by_sales_only", 0, "are")), &[]),
            (
                text(|n| {
                    let found = NamedTexts {
                        rows: 3,
                        texts: vec![String::new(), "Enterprise".into()],
                    };
                    n.named(
                        "tier_not_understood",
                        &found,
                        (
                            "has a tier that cannot be read",
                            "have tiers that cannot be read",
                        ),
                    );
                }),
                &["3 rows have tiers that cannot be read: (none), \u{201c}Enterprise\u{201d}"],
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}
