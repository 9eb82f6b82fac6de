//! The course of one license: sold, renewed, enlarged, reduced, refunded, ended, resumed. Each step writes what the API would list,
//! so the row and the sales always tell the same story.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::catalog::PRODUCTS;
use crate::sample::story::{
    Billing, Evaluated, Hosting, Ids, LicenseRow, Sale, SaleType, Story, Tier,
};

/// What does not change in the course of a license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// The number that its ids are made of.
    pub(crate) number: u32,
    /// The number of its app.
    pub(crate) app: usize,
    /// The number that stands for its customer.
    pub(crate) customer: u64,
    pub(crate) billing: Billing,
    pub(crate) license_type: &'static str,
}

/// A license on its way.
pub(crate) struct Course {
    setup: Setup,
    pub(crate) hosting: Hosting,
    pub(crate) tier: Tier,
    /// The term that was sold last.
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    /// Where the terms that follow each other without a gap began.
    unbroken_from: NaiveDate,
    /// The size before the last renewal.
    earlier_tier: Tier,
    /// The number of the sale that covers the term now.
    covering: usize,
    updated: NaiveDate,
    first: NaiveDate,
    pub(crate) sales: Vec<Sale>,
    evaluated: Option<Evaluated>,
}

impl Course {
    /// Sells the license for the first time.
    pub(crate) fn begin(setup: Setup, hosting: Hosting, day: NaiveDate, tier: Tier) -> Self {
        let mut course = Self {
            setup,
            hosting,
            tier,
            start: day,
            end: day,
            unbroken_from: day,
            earlier_tier: tier,
            covering: 0,
            updated: day,
            first: day,
            sales: Vec::new(),
            evaluated: None,
        };
        course.end = course.term_after(day);
        course.sell(SaleType::New, day, day, None);
        course
    }

    /// Returns the number of the app.
    pub(crate) fn app(&self) -> usize {
        self.setup.app
    }

    /// Returns the first day on which the sale that covers the term now is both in force and sold; nothing can happen to it before.
    pub(crate) fn covering_from(&self) -> NaiveDate {
        let sale = &self.sales[self.covering];
        sale.start.max(sale.sold)
    }

    /// Tells that the license was tried for `days` before it was bought.
    pub(crate) fn after_evaluation(&mut self, days: i64) {
        if let Some(sale) = self.sales.first_mut() {
            sale.old_tier = Some(Tier::Evaluation);
        }
        self.evaluated = Some(Evaluated {
            start: day::plus(self.first, -days),
            end: self.first,
            sold: self.first,
        });
    }

    fn term_after(&self, day: NaiveDate) -> NaiveDate {
        match self.setup.billing {
            Billing::Monthly => day::plus_months(day, 1),
            Billing::Annual => day::plus_months(day, 12),
        }
    }

    fn sell(&mut self, sale_type: SaleType, sold: NaiveDate, start: NaiveDate, old: Option<Tier>) {
        self.covering = self.sales.len();
        self.updated = self.updated.max(sold);
        self.sales.push(Sale {
            sale_type,
            sold,
            start,
            end: self.end,
            tier: self.tier,
            old_tier: old,
            hosting: self.hosting,
            billing: self.setup.billing,
            license_type: self.setup.license_type,
            cents: self.price(start, self.end, self.tier),
            added: Vec::new(),
            original: None,
            hidden: Hidden::No,
        });
    }

    /// Sells the next term on `sold`, for `tier`; it starts where the last one ends.
    pub(crate) fn renew(&mut self, sold: NaiveDate, tier: Tier) {
        let old = self.tier;
        self.start = self.end;
        self.end = self.term_after(self.start);
        self.earlier_tier = old;
        self.tier = tier;
        self.sell(SaleType::Renewal, sold, self.start, Some(old));
    }

    /// Sells the next term on `sold` for another hosting.
    pub(crate) fn move_to(&mut self, hosting: Hosting, sold: NaiveDate) {
        self.hosting = hosting;
        self.start = self.end;
        self.end = self.term_after(self.start);
        let tier = self.tier;
        self.earlier_tier = tier;
        self.sell(SaleType::Upgrade, sold, self.start, Some(tier));
    }

    /// Changes the size in the middle of the term: the rest of the old sale is refunded, the rest of the term sold again.
    pub(crate) fn change(&mut self, day: NaiveDate, tier: Tier) {
        let old = self.tier;
        let refund = self.refund_of_rest(day);
        self.tier = tier;
        let sale_type = if tier.users() > old.users() {
            SaleType::Upgrade
        } else {
            SaleType::Downgrade
        };
        self.sell(sale_type, day, day, Some(old));
        self.sales.push(refund);
    }

    fn refund_of_rest(&self, from: NaiveDate) -> Sale {
        let original = &self.sales[self.covering];
        Sale {
            sale_type: SaleType::Refund,
            sold: from,
            start: from.max(original.start),
            end: self.end,
            old_tier: None,
            cents: -self.price(from, self.end, original.tier),
            original: None,
            ..original.clone()
        }
    }

    /// Gives the money back for the rest of the term, with which the license ends.
    pub(crate) fn refund_rest(&mut self, day: NaiveDate) {
        let refund = self.refund_of_rest(day);
        self.sales.push(refund);
        self.end = day;
        self.updated = self.updated.max(day);
    }

    /// Gives all the money of the term back, with which the license ends. The refund names the sale.
    pub(crate) fn refund_all(&mut self, day: NaiveDate) {
        let original = self.sales[self.covering].clone();
        self.sales.push(Sale {
            sale_type: SaleType::Refund,
            sold: day,
            cents: -original.cents,
            old_tier: None,
            original: Some(self.covering),
            ..original
        });
        self.end = day;
        self.updated = self.updated.max(day);
    }

    /// Bills the users that came in the course of the term that ends now; it is listed a day after.
    pub(crate) fn bill_added(&mut self, added: Vec<(NaiveDate, u32)>) {
        let count = added.iter().map(|(_, users)| users).sum();
        let Some(last) = added.iter().map(|(day, _)| *day).max() else {
            return;
        };
        let tier = Tier::Added(count);
        let covering = self.covering;
        self.sales.push(Sale {
            sale_type: SaleType::Renewal,
            sold: day::plus(self.end, 1),
            start: last,
            end: self.end,
            tier,
            old_tier: None,
            cents: self.price(last, self.end, tier),
            added,
            original: None,
            ..self.sales[covering].clone()
        });
    }

    /// Sells the license again after it had ended.
    pub(crate) fn resume(&mut self, day: NaiveDate) {
        let tier = self.tier;
        self.start = day;
        self.unbroken_from = day;
        self.end = self.term_after(day);
        self.sell(SaleType::Renewal, day, day, Some(tier));
    }

    /// Notes an edit that changed nothing of weight, such as a new contact.
    pub(crate) fn edited(&mut self, day: NaiveDate) {
        self.updated = self.updated.max(day);
    }

    /// Returns the story as it stands on `today`, with the license row as that day shows it.
    pub(crate) fn tell(mut self, today: NaiveDate, status: &'static str) -> Story {
        // What is billed after the fact is not listed before its day.
        self.sales.retain(|sale| sale.sold <= today);
        if self.end <= today && status != "active" {
            self.updated = self.updated.max(self.end);
        }
        // A term sold in advance shows as the whole time that is maintained, in the size that is in force.
        let (start, tier) = if self.start > today {
            (self.unbroken_from, self.earlier_tier)
        } else {
            (self.start, self.tier)
        };
        let row = LicenseRow {
            license_type: Some(self.setup.license_type),
            hosting: self.hosting,
            start,
            end: Some(self.end),
            status,
            tier: Some(tier),
            updated: self.updated.min(today),
            billing: self.setup.billing,
            sandbox: false,
            opportunity: None,
            evaluated: self.evaluated,
            boundary: "commercial",
            migrated_from: None,
            hidden: Hidden::No,
        };
        Story {
            number: self.setup.number,
            app: self.setup.app,
            customer: self.setup.customer,
            ids: self.ids(),
            other_license_id: None,
            row: Some(row),
            sales: self.sales,
        }
    }

    fn ids(&self) -> Ids {
        let entitlements_only = NaiveDate::from_ymd_opt(2022, 1, 1);
        match self.hosting {
            Hosting::Cloud if Some(self.first) >= entitlements_only => Ids::Entitlement,
            Hosting::Cloud => Ids::All,
            Hosting::DataCenter | Hosting::Server => Ids::License,
        }
    }

    /// Returns a price in cents: by user and day, less for many users, more each year.
    fn price(&self, start: NaiveDate, end: NaiveDate, tier: Tier) -> i64 {
        if FREE_OF_CHARGE.contains(&self.setup.license_type) {
            return 0;
        }
        let days = (end - start).num_days().max(0);
        let users = i64::from(tier.users());
        let paid_users = users.min(100) + (users - 100).max(0) / 3;
        let years = (start - self.first).num_days().max(0) / 365;
        let cents = PRODUCTS[self.setup.app].cents * (100 + 6 * years) / 100;
        let full = paid_users * cents * days / 30;
        match self.setup.license_type {
            "ACADEMIC" | "CLASSROOM" => full / 2,
            "SOCIAL_IMPACT" | "SOCIAL_IMPACT_GLOBAL_ACCESS" => full / 4,
            _ => full,
        }
    }
}

/// Types whose sales are listed with a price of nothing.
const FREE_OF_CHARGE: [&str; 4] = ["COMMUNITY", "OPEN_SOURCE", "FREE", "FOUNDATION_FREE"];
