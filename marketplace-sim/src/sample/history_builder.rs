//! Builds the history of a license step by step: sales, renewals, changes, refunds. Each step records what the API would list,
//! so that the row and the sales are always consistent.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::catalog::PRODUCTS;
use crate::sample::history::{
    Billing, Evaluated, Hosting, IdScheme, LicenseHistory, LicenseRow, Sale, SaleType, Tier,
};

/// The properties of a license that never change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// The number that its ids are derived from.
    pub(crate) number: u32,
    /// The index of its app.
    pub(crate) app: usize,
    /// The number of its customer.
    pub(crate) customer: u64,
    pub(crate) billing: Billing,
    pub(crate) license_type: &'static str,
}

/// A license and its history so far.
pub(crate) struct HistoryBuilder {
    setup: Setup,
    pub(crate) hosting: Hosting,
    pub(crate) tier: Tier,
    /// The start of the last term.
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    /// The start of the terms that follow each other without a gap.
    continuous_from: NaiveDate,
    /// The tier before the last renewal.
    previous_tier: Tier,
    /// The index of the sale that covers the current term.
    current_sale: usize,
    updated: NaiveDate,
    first: NaiveDate,
    pub(crate) sales: Vec<Sale>,
    evaluated: Option<Evaluated>,
}

impl HistoryBuilder {
    /// Sells the license for the first time.
    pub(crate) fn new(setup: Setup, hosting: Hosting, day: NaiveDate, tier: Tier) -> Self {
        let mut builder = Self {
            setup,
            hosting,
            tier,
            start: day,
            end: day,
            continuous_from: day,
            previous_tier: tier,
            current_sale: 0,
            updated: day,
            first: day,
            sales: Vec::new(),
            evaluated: None,
        };
        builder.end = builder.term_after(day);
        builder.sell(SaleType::New, day, day, None);
        builder
    }

    /// Returns the index of the app.
    pub(crate) fn app(&self) -> usize {
        self.setup.app
    }

    /// Returns the first day on which the current sale is both sold and valid; a change or refund cannot be earlier.
    pub(crate) fn covering_from(&self) -> NaiveDate {
        let sale = &self.sales[self.current_sale];
        sale.start.max(sale.sold)
    }

    /// Adds an evaluation of `days` before the first sale.
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
        self.current_sale = self.sales.len();
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
            redated: None,
            listed: true,
        });
    }

    /// Sells the next term on `sold`, for `tier`.
    pub(crate) fn renew(&mut self, sold: NaiveDate, tier: Tier) {
        let old = self.tier;
        self.start = self.end;
        self.end = self.term_after(self.start);
        self.previous_tier = old;
        self.tier = tier;
        self.sell(SaleType::Renewal, sold, self.start, Some(old));
    }

    /// Sells the next term on `sold` for another hosting.
    pub(crate) fn move_to(&mut self, hosting: Hosting, sold: NaiveDate) {
        self.hosting = hosting;
        self.start = self.end;
        self.end = self.term_after(self.start);
        let tier = self.tier;
        self.previous_tier = tier;
        self.sell(SaleType::Upgrade, sold, self.start, Some(tier));
    }

    /// Changes the tier within the term: the rest of the old sale is refunded and the rest of the term sold again.
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
        let original = &self.sales[self.current_sale];
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

    /// Refunds the rest of the term, which ends the license.
    pub(crate) fn refund_rest(&mut self, day: NaiveDate) {
        let refund = self.refund_of_rest(day);
        self.sales.push(refund);
        self.end = day;
        self.updated = self.updated.max(day);
    }

    /// Refunds the whole term, which ends the license. The refund names the sale.
    pub(crate) fn refund_all(&mut self, day: NaiveDate) {
        let original = self.sales[self.current_sale].clone();
        self.sales.push(Sale {
            sale_type: SaleType::Refund,
            sold: day,
            cents: -original.cents,
            old_tier: None,
            original: Some(self.current_sale),
            ..original
        });
        self.end = day;
        self.updated = self.updated.max(day);
    }

    /// Bills the users that were added during the term that ends; the sale is listed a day later.
    pub(crate) fn bill_added(&mut self, added: Vec<(NaiveDate, u32)>) {
        let count = added.iter().map(|(_, users)| users).sum();
        let Some(last) = added.iter().map(|(day, _)| *day).max() else {
            return;
        };
        let tier = Tier::Added(count);
        let current_sale = self.current_sale;
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
            ..self.sales[current_sale].clone()
        });
    }

    /// Sells the license again after it ended.
    pub(crate) fn resume(&mut self, day: NaiveDate) {
        let tier = self.tier;
        self.start = day;
        self.continuous_from = day;
        self.end = self.term_after(day);
        self.sell(SaleType::Renewal, day, day, Some(tier));
    }

    /// Records an unimportant edit, such as a new contact.
    pub(crate) fn edited(&mut self, day: NaiveDate) {
        self.updated = self.updated.max(day);
    }

    /// Returns the history as of `today`.
    pub(crate) fn finish(mut self, today: NaiveDate, status: &'static str) -> LicenseHistory {
        // Added users are billed later and not listed before that day.
        self.sales.retain(|sale| sale.sold <= today);
        if self.end <= today && status != "active" {
            self.updated = self.updated.max(self.end);
        }
        // While the last term has not started, the row spans the continuous terms, in the tier of the current one.
        let (start, tier) = if self.start > today {
            (self.continuous_from, self.previous_tier)
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
            gained_ids: false,
        };
        LicenseHistory {
            number: self.setup.number,
            app: self.setup.app,
            customer: self.setup.customer,
            id_scheme: self.id_scheme(),
            other_license_id: None,
            row: Some(row),
            sales: self.sales,
        }
    }

    fn id_scheme(&self) -> IdScheme {
        let entitlements_only = NaiveDate::from_ymd_opt(2022, 1, 1);
        match self.hosting {
            Hosting::Cloud if Some(self.first) >= entitlements_only => IdScheme::Entitlement,
            Hosting::Cloud => IdScheme::All,
            Hosting::DataCenter | Hosting::Server => IdScheme::License,
        }
    }

    /// Returns a price in cents, per user and day, with a discount for many users and a rise each year.
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

/// License types that are sold at a price of zero.
const FREE_OF_CHARGE: [&str; 4] = ["COMMUNITY", "OPEN_SOURCE", "FREE", "FOUNDATION_FREE"];
