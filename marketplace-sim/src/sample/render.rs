//! How the story of a license becomes rows of the two lists.

use chrono::NaiveDate;

use crate::ids;
use crate::row::{Facts, Hidden, Insights, Row, Text};
use crate::sample::catalog::{PRODUCTS, Product};
use crate::sample::customer::Customer;
use crate::sample::json::Object;
use crate::sample::random::Random;
use crate::sample::story::{Billing, Hosting, Ids, LicenseRow, Sale, SaleType, Story, Tier};

/// The license row of a story.
pub(crate) struct LicenseOf<'a> {
    seed: u64,
    story: &'a Story,
    row: &'a LicenseRow,
    product: &'static Product,
    facts: Facts,
}

impl<'a> LicenseOf<'a> {
    /// Creates the license row, if the story has one.
    pub(crate) fn new(seed: u64, story: &'a Story) -> Option<Self> {
        let row = story.row.as_ref()?;
        let product = &PRODUCTS[story.app];
        let cloud = row.hosting == Hosting::Cloud;
        Some(Self {
            seed,
            story,
            row,
            product,
            facts: Facts {
                from: Some(row.start),
                until: row.end,
                updated: Some(row.updated),
                boundaries: if cloud {
                    vec![row.boundary.into()]
                } else {
                    Vec::new()
                },
                hidden: row.hidden,
            },
        })
    }
}

const LEVEL: &str = "single-instance";

impl Row for LicenseOf<'_> {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn write(&self, insights: Insights, out: &mut String) {
        let customer = Customer::new(self.seed, self.story.customer);
        Object::write(out, |row| {
            self.write_ids(row);
            self.write_what(row, &customer);
            row.object("contactDetails", |details| customer.write_details(details));
            customer.write_partner(row);
            if let Some(number) = self.row.migrated_from {
                row.object("cmtDetails", |details| {
                    details.text("status", "converted");
                    details.text("relatedOnPremLicense", &license_id(number));
                });
            }
            row.text("extendedServerSupport", "NA");
            row.text(
                "licenseSourceType",
                match self.row.hidden {
                    Hidden::Atlassian => "Atlassian",
                    _ => "Non-Atlassian",
                },
            );
            row.text("licenseLevel", LEVEL);
            if self.row.hosting == Hosting::Cloud {
                row.raw(
                    "cloudComplianceBoundaries",
                    &format!("[\"{}\"]", self.row.boundary),
                );
            } else {
                row.raw("cloudComplianceBoundaries", "null");
            }
            if insights == Insights::Told {
                self.write_insights(row);
            }
        });
    }
}

impl LicenseOf<'_> {
    fn write_ids(&self, row: &mut Object<'_>) {
        let names = Names {
            seed: self.seed,
            story: self.story,
        };
        if self.story.ids == Ids::None {
            row.text("addonLicenseId", "");
            row.text("licenseId", "null");
            return;
        }
        let since_september = NaiveDate::from_ymd_opt(2025, 9, 1);
        let entitled =
            self.row.hosting == Hosting::DataCenter && Some(self.row.updated) >= since_september;
        names.write(row, entitled, self.story.other_license_id);
    }

    fn write_what(&self, row: &mut Object<'_>, customer: &Customer) {
        if self.row.hosting == Hosting::Cloud {
            let cloud = ids::uuid_of(ids::mix(self.story.customer), self.story.customer);
            row.text("cloudId", &cloud);
            row.text(
                "cloudSiteHostname",
                &[&customer.site, ".atlassian.net"].concat(),
            );
        }
        row.text("addonKey", self.product.key);
        row.text("productId", self.product.product_id);
        row.text("addonName", self.product.name);
        row.text("hosting", self.row.hosting.word());
        if self.row.hosting == Hosting::Cloud {
            row.text("appEdition", "Standard");
            row.text("newBillingSystem", "Yes");
        }
        row.date("lastUpdated", self.row.updated);
        if let Some(license_type) = self.row.license_type {
            row.text("licenseType", license_type);
        }
        row.date("maintenanceStartDate", self.row.start);
        match self.row.end {
            Some(end) => row.date("maintenanceEndDate", end),
            None => row.raw("maintenanceEndDate", "null"),
        }
        row.text("status", self.row.status);
        if let Some(tier) = self.row.tier {
            row.text("tier", &tier.text());
        }
    }

    /// Writes what the API adds for `withDataInsights`.
    fn write_insights(&self, row: &mut Object<'_>) {
        let cloud = self.row.hosting == Hosting::Cloud;
        let size = match self.row.opportunity {
            // Bare digits here, unlike in a tier.
            Some(Tier::Users(users)) => users.to_string(),
            Some(other) => other.text().into_owned(),
            None => "NA".to_owned(),
        };
        row.text("evaluationOpportunitySize", &size);
        if let Some(evaluated) = self.row.evaluated {
            let days = (evaluated.sold - evaluated.start).num_days();
            row.text("daysToConvertEval", &days.to_string());
            row.date("evaluationStartDate", evaluated.start);
            row.date("evaluationEndDate", evaluated.end);
            row.date("evaluationSaleDate", evaluated.sold);
        }
        let billing = match (cloud, self.row.billing) {
            (false, _) => "NA",
            (true, Billing::Monthly) => "MONTHLY",
            (true, Billing::Annual) => "ANNUAL",
        };
        row.text("parentProductBillingCycle", billing);
        row.text(
            "parentProductName",
            if cloud { self.product.parent } else { "NA" },
        );
        row.text(
            "parentProductEdition",
            if cloud { "Standard" } else { "NA" },
        );
        row.text(
            "installedOnSandbox",
            match (cloud, self.row.sandbox) {
                (_, true) => "Yes",
                (true, false) => "No",
                (false, false) => "NA",
            },
        );
    }
}

/// One sale of a story.
pub(crate) struct SaleOf<'a> {
    seed: u64,
    story: &'a Story,
    number: usize,
    sale: &'a Sale,
    product: &'static Product,
    facts: Facts,
}

impl<'a> SaleOf<'a> {
    /// Creates the row of the sale with this number among those of the story.
    pub(crate) fn new(seed: u64, story: &'a Story, number: usize, sale: &'a Sale) -> Self {
        let product = &PRODUCTS[story.app];
        Self {
            seed,
            story,
            number,
            sale,
            product,
            facts: Facts {
                from: Some(sale.sold),
                until: Some(sale.end),
                updated: Some(sale.sold),
                boundaries: boundaries(story, sale),
                hidden: sale.hidden,
            },
        }
    }
}

fn boundaries(story: &Story, sale: &Sale) -> Vec<Text> {
    if sale.hosting != Hosting::Cloud {
        return Vec::new();
    }
    let boundary = story.row.as_ref().map_or("commercial", |row| row.boundary);
    vec![boundary.into()]
}

fn payment_status(sale: &Sale) -> &'static str {
    match sale.sale_type {
        SaleType::Refund => "Refunded",
        _ => "Paid",
    }
}

fn billing_period(billing: Billing) -> &'static str {
    match billing {
        Billing::Monthly => "Monthly",
        Billing::Annual => "Annual",
    }
}

impl Row for SaleOf<'_> {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn write(&self, _insights: Insights, out: &mut String) {
        let customer = Customer::new(self.seed, self.story.customer);
        Object::write(out, |row| {
            let id = transaction_id(self.story, self.number);
            row.text("transactionId", &format!("AT-{id}"));
            row.text("transactionLineItemId", &format!("{id}-1"));
            let names = Names {
                seed: self.seed,
                story: self.story,
            };
            names.write(row, false, None);
            row.text("addonKey", self.product.key);
            row.text("productId", self.product.product_id);
            row.text("addonName", self.product.name);
            row.date("lastUpdated", self.sale.sold);
            row.text("paymentStatus", payment_status(self.sale));
            if let Some(boundary) = self.facts.boundaries.first() {
                row.raw("cloudComplianceBoundaries", &format!("[\"{boundary}\"]"));
            }
            row.object("customerDetails", |details| customer.write_buyer(details));
            customer.write_partner(row);
            row.object("purchaseDetails", |details| self.write_purchase(details));
        });
    }
}

impl SaleOf<'_> {
    fn write_purchase(&self, details: &mut Object<'_>) {
        let sale = self.sale;
        details.date("saleDate", sale.sold);
        details.text("licenseType", sale.license_type);
        details.text("hosting", sale.hosting.word());
        details.text("billingPeriod", billing_period(sale.billing));
        details.text("tier", &sale.tier.text());
        if let Some(old) = sale.old_tier {
            details.text("oldTier", &old.text());
            details.text("changeInTier", change_in_tier(old, sale.tier));
        }
        details.money("purchasePrice", sale.cents);
        details.money("vendorAmount", sale.cents * 3 / 4);
        details.text("saleType", sale.sale_type.word());
        details.date("maintenanceStartDate", sale.start);
        details.date("maintenanceEndDate", sale.end);
        if sale.hidden == Hidden::ManualInvoice {
            details.text("paymentTerms", "Net30");
        }
        if let Some(original) = sale.original {
            let id = transaction_id(self.story, original);
            let sold = self.story.sales.get(original).map(|sale| sale.sold);
            details.object("originalTransactionDetails", |details| {
                details.text("transactionId", &format!("AT-{id}"));
                if let Some(sold) = sold {
                    details.date("saleDate", sold);
                }
            });
        }
        if !sale.added.is_empty() {
            details.with("proratedDetails", |out| self.write_added(out));
        }
    }

    fn write_added(&self, out: &mut String) {
        let mut random = Random::new(self.seed, 8, transaction_id(self.story, self.number));
        out.push('[');
        for (at, (day, users)) in self.sale.added.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            let (hour, minute) = (random.between(7, 18), random.between(0, 59));
            Object::write(out, |entry| {
                entry.text("date", &format!("{day}T{hour:02}:{minute:02}:13.000Z"));
                entry.raw("addedUsers", &users.to_string());
            });
        }
        out.push(']');
    }
}

fn change_in_tier(old: Tier, new: Tier) -> &'static str {
    match (old, new) {
        (Tier::Users(old), Tier::Users(new)) if new > old => "Increase",
        (Tier::Users(old), Tier::Users(new)) if new < old => "Decrease",
        _ => "Not Applicable",
    }
}

/// Numbers of transactions grow with the license and with its sales; a license has far fewer than 256 of them.
fn transaction_id(story: &Story, number: usize) -> u64 {
    100_000_000 + (u64::from(story.number) << 8) + number as u64
}

fn license_id(number: u32) -> String {
    format!("SEN-{}", 40_000_000 + u64::from(number))
}

/// The ids of a license.
struct Names<'a> {
    seed: u64,
    story: &'a Story,
}

impl Names<'_> {
    /// Writes the ids that the license has; `entitled` adds those of its entitlement.
    fn write(&self, row: &mut Object<'_>, entitled: bool, other_license: Option<u32>) {
        let ids = self.story.ids;
        if matches!(ids, Ids::All | Ids::License) {
            let number = other_license.map_or(self.story.number, |other| other);
            row.text(
                "addonLicenseId",
                &(40_000_000 + u64::from(number)).to_string(),
            );
            row.text("licenseId", &license_id(number));
        }
        if matches!(ids, Ids::All | Ids::Entitlement) || entitled {
            let mut random = Random::new(self.seed, 9, u64::from(self.story.number));
            row.text(
                "appEntitlementId",
                &ids::uuid_of(random.next(), random.next()),
            );
            row.text("appEntitlementNumber", &entitlement(&mut random));
        }
        if ids == Ids::Entitlement {
            row.text_or_null("hostLicenseId", None);
        }
    }
}

/// Writes a number as entitlements are numbered, such as `E-2AB-CDE-3FG-H45`.
fn entitlement(random: &mut Random) -> String {
    const LETTERS: [char; 32] = [
        '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K',
        'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
    ];
    let mut bits = random.next();
    let mut text = String::with_capacity(17);
    text.push('E');
    for at in 0..12 {
        if at % 3 == 0 {
            text.push('-');
        }
        text.push(LETTERS[(bits & 31) as usize]);
        bits >>= 5;
    }
    text
}
