//! Writes the history of a license as rows of the two lists.

use crate::ids;
use crate::row::{FilterFields, Hidden, Insights, Row, Text};
use crate::sample::catalog::{PRODUCTS, Product};
use crate::sample::customer::Customer;
use crate::sample::history::{
    Billing, Hosting, IdScheme, LicenseHistory, LicenseRow, Sale, SaleType, Tier,
};
use crate::sample::json::Object;
use crate::sample::random::Random;

/// The license row of a history.
pub(crate) struct LicenseRecord<'a> {
    seed: u64,
    history: &'a LicenseHistory,
    row: &'a LicenseRow,
    product: &'static Product,
    fields: FilterFields,
}

impl<'a> LicenseRecord<'a> {
    /// Creates the license row, if the history has one.
    pub(crate) fn new(seed: u64, history: &'a LicenseHistory) -> Option<Self> {
        let row = history.row.as_ref()?;
        let product = &PRODUCTS[history.app];
        let cloud = row.hosting == Hosting::Cloud;
        Some(Self {
            seed,
            history,
            row,
            product,
            fields: FilterFields {
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

impl Row for LicenseRecord<'_> {
    fn fields(&self) -> &FilterFields {
        &self.fields
    }

    fn write(&self, insights: Insights, out: &mut String) {
        let customer = Customer::new(self.seed, self.history.customer);
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
            if insights == Insights::Included {
                self.write_insights(row);
            }
        });
    }
}

impl LicenseRecord<'_> {
    fn write_ids(&self, row: &mut Object<'_>) {
        let license_ids = LicenseIds {
            seed: self.seed,
            history: self.history,
        };
        if self.history.id_scheme == IdScheme::None {
            row.text("addonLicenseId", "");
            row.text("licenseId", "null");
            return;
        }
        license_ids.write(row, self.row.is_entitled(), self.history.other_license_id);
    }

    fn write_what(&self, row: &mut Object<'_>, customer: &Customer) {
        if self.row.hosting == Hosting::Cloud {
            let cloud = ids::uuid_of(ids::mix(self.history.customer), self.history.customer);
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
            // Unlike a tier, this has no unit.
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

/// One sale of a history.
pub(crate) struct SaleRecord<'a> {
    seed: u64,
    history: &'a LicenseHistory,
    number: usize,
    sale: &'a Sale,
    product: &'static Product,
    fields: FilterFields,
}

impl<'a> SaleRecord<'a> {
    /// Creates the row of the sale with this index in the history.
    pub(crate) fn new(
        seed: u64,
        history: &'a LicenseHistory,
        number: usize,
        sale: &'a Sale,
    ) -> Self {
        let product = &PRODUCTS[history.app];
        Self {
            seed,
            history,
            number,
            sale,
            product,
            fields: FilterFields {
                from: Some(sale.sold),
                until: Some(sale.end),
                updated: Some(sale.updated()),
                boundaries: boundaries(history, sale),
                hidden: sale.hidden,
            },
        }
    }
}

fn boundaries(history: &LicenseHistory, sale: &Sale) -> Vec<Text> {
    if sale.hosting != Hosting::Cloud {
        return Vec::new();
    }
    let boundary = history
        .row
        .as_ref()
        .map_or("commercial", |row| row.boundary);
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

impl Row for SaleRecord<'_> {
    fn fields(&self) -> &FilterFields {
        &self.fields
    }

    fn write(&self, _insights: Insights, out: &mut String) {
        let customer = Customer::new(self.seed, self.history.customer);
        Object::write(out, |row| {
            let id = transaction_id(self.history, self.number);
            row.text("transactionId", &format!("AT-{id}"));
            row.text("transactionLineItemId", &format!("{id}-1"));
            let license_ids = LicenseIds {
                seed: self.seed,
                history: self.history,
            };
            license_ids.write(row, false, None);
            row.text("addonKey", self.product.key);
            row.text("productId", self.product.product_id);
            row.text("addonName", self.product.name);
            row.date("lastUpdated", self.sale.updated());
            row.text("paymentStatus", payment_status(self.sale));
            if let Some(boundary) = self.fields.boundaries.first() {
                row.raw("cloudComplianceBoundaries", &format!("[\"{boundary}\"]"));
            }
            row.object("customerDetails", |details| customer.write_buyer(details));
            customer.write_partner(row);
            row.object("purchaseDetails", |details| self.write_purchase(details));
        });
    }
}

impl SaleRecord<'_> {
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
            let id = transaction_id(self.history, original);
            let sold = self.history.sales.get(original).map(|sale| sale.sold);
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
        let mut random = Random::new(self.seed, 8, transaction_id(self.history, self.number));
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

/// Transaction ids are unique because a license has far fewer than 256 sales.
fn transaction_id(history: &LicenseHistory, number: usize) -> u64 {
    100_000_000 + (u64::from(history.number) << 8) + number as u64
}

fn license_id(number: u32) -> String {
    format!("SEN-{}", 40_000_000 + u64::from(number))
}

/// The ids of a license.
struct LicenseIds<'a> {
    seed: u64,
    history: &'a LicenseHistory,
}

impl LicenseIds<'_> {
    /// Writes the ids of the license; `entitled` adds those of its entitlement.
    fn write(&self, row: &mut Object<'_>, entitled: bool, other_license: Option<u32>) {
        let ids = self.history.id_scheme;
        if matches!(ids, IdScheme::All | IdScheme::License) {
            let number = other_license.map_or(self.history.number, |other| other);
            row.text(
                "addonLicenseId",
                &(40_000_000 + u64::from(number)).to_string(),
            );
            row.text("licenseId", &license_id(number));
        }
        if matches!(ids, IdScheme::All | IdScheme::Entitlement) || entitled {
            let mut random = Random::new(self.seed, 9, u64::from(self.history.number));
            row.text(
                "appEntitlementId",
                &ids::uuid_of(random.next(), random.next()),
            );
            row.text("appEntitlementNumber", &entitlement(&mut random));
        }
        if ids == IdScheme::Entitlement {
            row.text_or_null("hostLicenseId", None);
        }
    }
}

/// Returns an entitlement number such as `E-2AB-CDE-3FG-H45`.
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
