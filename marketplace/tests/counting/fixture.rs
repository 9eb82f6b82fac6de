//! Rows for the tests: short to write, complete enough to count.

use marketplace::{
    Bucket, CurrentStatus, Day, Kind, Ledger, Period, PeriodKind, Report, Rows, RowsBuilder, Rules,
    TieBreaker,
};
use serde_json::{Map, Value};

/// The day on which the tests count.
pub(crate) const TODAY: &str = "2026-11-20";

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// One record, of a license or of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    is_license: bool,
    members: Map<String, Value>,
}

/// Creates a license record of `SEN-1`, which is active; the span is written `from..until`, each may be left out.
pub(crate) fn license(tier: &str, span: &str, updated: &str) -> Record {
    let record = Record {
        is_license: true,
        members: Map::new(),
    };
    let record = record
        .set("addonKey", "app")
        .set("licenseId", "SEN-1")
        .set("hosting", "Cloud");
    let record = record
        .set("licenseType", "COMMERCIAL")
        .set("status", "active")
        .set("tier", tier);
    let record = if updated.is_empty() {
        record
    } else {
        record.set("lastUpdated", updated)
    };
    record.span(span)
}

/// Creates a transaction record of `SEN-1`, sold on the first day of its span.
pub(crate) fn sale(sale_type: &str, tier: &str, span: &str) -> Record {
    let record = Record {
        is_license: false,
        members: Map::new(),
    };
    let record = record
        .set("addonKey", "app")
        .set("licenseId", "SEN-1")
        .buy("hosting", "Cloud");
    let record = record
        .buy("licenseType", "COMMERCIAL")
        .buy("saleType", sale_type);
    let record = record
        .buy("billingPeriod", "Monthly")
        .buy("tier", tier)
        .span(span);
    match span.split_once("..").unwrap().0 {
        "" => record,
        from => record.sold(from),
    }
}

/// Creates an added-users record: each entry is a date and a number of users.
pub(crate) fn added(span: &str, entries: &[(&str, i64)]) -> Record {
    let entries = entries
        .iter()
        .map(|(date, users)| {
            let mut entry = Map::new();
            if !date.is_empty() {
                entry.insert("date".into(), (*date).into());
            }
            entry.insert("addedUsers".into(), (*users).into());
            Value::from(entry)
        })
        .collect::<Vec<_>>();
    sale("Renewal", "Per Unit Pricing (1 Users)", span).buy("proratedDetails", entries)
}

impl Record {
    /// Sets a member of the record.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.members.insert(key.into(), value.into());
        self
    }

    /// Sets a member of the purchase.
    pub(crate) fn buy(mut self, key: &str, value: impl Into<Value>) -> Self {
        let purchase = self
            .members
            .entry("purchaseDetails")
            .or_insert_with(|| Map::new().into());
        purchase
            .as_object_mut()
            .unwrap()
            .insert(key.into(), value.into());
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Self {
        self.members.remove(key);
        if let Some(Value::Object(purchase)) = self.members.get_mut("purchaseDetails") {
            purchase.remove(key);
        }
        self
    }

    pub(crate) fn id(self, id: &str) -> Self {
        self.set("licenseId", id)
    }

    pub(crate) fn status(self, status: &str) -> Self {
        self.set("status", status)
    }

    pub(crate) fn hosting(self, hosting: &str) -> Self {
        if self.is_license {
            self.set("hosting", hosting)
        } else {
            self.buy("hosting", hosting)
        }
    }

    pub(crate) fn license_type(self, license_type: &str) -> Self {
        if self.is_license {
            self.set("licenseType", license_type)
        } else {
            self.buy("licenseType", license_type)
        }
    }

    pub(crate) fn sold(self, date: &str) -> Self {
        self.buy("saleDate", date)
    }

    pub(crate) fn old(self, tier: &str) -> Self {
        self.buy("oldTier", tier)
    }

    pub(crate) fn item(self, line_item: &str) -> Self {
        self.set("transactionLineItemId", line_item)
    }

    pub(crate) fn transaction(self, id: &str) -> Self {
        self.set("transactionId", id)
    }

    /// Names the sale that a refund undoes.
    pub(crate) fn of(self, id: &str) -> Self {
        self.buy(
            "originalTransactionDetails",
            Map::from_iter([("transactionId".into(), id.into())]),
        )
    }

    fn span(self, span: &str) -> Self {
        let (from, until) = span.split_once("..").unwrap();
        let is_license = self.is_license;
        [
            ("maintenanceStartDate", from),
            ("maintenanceEndDate", until),
        ]
        .into_iter()
        .filter(|(_, date)| !date.is_empty())
        .fold(self, |record, (key, date)| {
            if is_license {
                record.set(key, date)
            } else {
                record.buy(key, date)
            }
        })
    }

    /// Shows the record a second time.
    pub(crate) fn add_to(&self, look: &mut TieBreaker) {
        let json = Value::from(self.members.clone()).to_string();
        if self.is_license {
            look.add_license(json.as_bytes());
        } else {
            look.add_transaction(json.as_bytes());
        }
    }

    pub(crate) fn push_to(&self, builder: &mut RowsBuilder) {
        let json = Value::from(self.members.clone()).to_string();
        if self.is_license {
            builder.push_license(json.as_bytes()).unwrap();
        } else {
            builder.push_transaction(json.as_bytes()).unwrap();
        }
    }
}

/// Records, and how they are counted.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) records: Vec<Record>,
    today: Day,
    rules: Rules,
}

/// Creates a case that counts these records without grace.
pub(crate) fn given(records: impl IntoIterator<Item = Record>) -> Given {
    let rules = Rules::default().with_grace_days(0).unwrap();
    Given {
        records: records.into_iter().collect(),
        today: day(TODAY),
        rules,
    }
}

impl Given {
    pub(crate) fn today(mut self, today: &str) -> Self {
        self.today = day(today);
        self
    }

    pub(crate) fn grace(mut self, days: u64) -> Self {
        self.rules = self.rules.with_grace_days(days).unwrap();
        self
    }

    pub(crate) fn unlimited(mut self, users: u64) -> Self {
        self.rules = self.rules.with_unlimited_users(users).unwrap();
        self
    }

    pub(crate) fn hostings(mut self, names: &[&str]) -> Self {
        self.rules = self.rules.with_hostings(names).unwrap();
        self
    }

    pub(crate) fn include(mut self, names: &[&str]) -> Self {
        self.rules = self.rules.with_included(names).unwrap();
        self
    }

    pub(crate) fn rows(&self) -> Rows {
        let mut builder = RowsBuilder::new();
        for record in &self.records {
            record.push_to(&mut builder);
        }
        builder.finish()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.ledger_of(&self.rows())
    }

    pub(crate) fn ledger_of(&self, rows: &Rows) -> Ledger {
        Ledger::new(rows, "app", &self.rules, self.today)
    }

    pub(crate) fn current_status(&self) -> CurrentStatus {
        self.ledger().current_status().clone()
    }

    pub(crate) fn users_now(&self) -> i64 {
        self.current_status().users_now
    }

    /// Returns the reasons for which licenses are left out: `community 1, free 2`.
    pub(crate) fn excluded(&self) -> String {
        let excluded = self.current_status().excluded;
        let parts: Vec<_> = excluded
            .iter()
            .map(|(reason, count)| format!("{} {count}", reason.name()))
            .collect();
        parts.join(", ")
    }

    pub(crate) fn report(&self, kind: PeriodKind, bucket: Bucket) -> Report {
        let ledger = self.ledger();
        let period = kind
            .period(self.today, ledger.first_day_with_users())
            .unwrap();
        ledger.report(period, bucket).unwrap()
    }

    pub(crate) fn between(&self, from: &str, to: &str) -> Report {
        self.ledger()
            .report(Period::new(day(from), day(to)).unwrap(), Bucket::Day)
            .unwrap()
    }

    /// Returns all movements: `2025-01-01 new 100, 2026-01-01 churn 100`.
    pub(crate) fn history(&self) -> String {
        shown(&self.report(PeriodKind::AllTime, Bucket::Day))
    }
}

/// Returns the movements of a report by day.
pub(crate) fn shown(report: &Report) -> String {
    let mut parts = Vec::new();
    for bucket in &report.buckets {
        for kind in Kind::ALL
            .into_iter()
            .filter(|kind| bucket.sums.users[*kind] != 0)
        {
            parts.push(format!(
                "{} {} {}",
                bucket.start,
                kind.name(),
                bucket.sums.users[kind]
            ));
        }
    }
    parts.join(", ")
}
