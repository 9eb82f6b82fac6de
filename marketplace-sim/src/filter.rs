//! The query parameters of the two lists: which are read, what they refuse, which rows they keep.

use chrono::NaiveDate;

use crate::parameter::{
    self, BOUNDARIES, BadValue, HOSTINGS, LICENSE_TYPES, Sort, boolean, date, date_of_timestamp,
    integer, one_of,
};
use crate::row::{App, Dataset, Facts, Hidden, Insights, List, Uniform};
use crate::stored::first_number;

/// Which rows of a list a request asks for. An unknown parameter is ignored, as the API does.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Filter {
    products: Vec<String>,
    /// Apps that `products` name, for rows that carry no product id.
    product_keys: Vec<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    by_overlap: bool,
    updated: Option<NaiveDate>,
    /// A text to look for, in lower case.
    pub(crate) text: Option<String>,
    tiers: Vec<u64>,
    hosting: Option<String>,
    license_types: Vec<String>,
    status: Option<String>,
    partner_type: Option<String>,
    edition: Option<String>,
    level: Option<String>,
    sale_type: Option<String>,
    payment_status: Option<String>,
    billing_period: Option<String>,
    boundaries: Vec<String>,
    with_insights: bool,
    atlassian: bool,
    lifetime_free: bool,
    manual_invoice: bool,
    no_zero: bool,
    /// The order, if it is not that of the list.
    pub(crate) sort: Option<Sort>,
    everything: bool,
}

impl Filter {
    /// Reads the query of a request for `list`.
    ///
    /// # Errors
    ///
    /// Returns the first value that the API refuses.
    pub(crate) fn read(
        list: List,
        query: &[(String, String)],
        dataset: &dyn Dataset,
    ) -> Result<Self, BadValue> {
        let mut filter = Self::default();
        for (name, value) in query {
            filter.take(list, name, value)?;
        }
        if list == List::Transactions
            && let Some(sort) = &mut filter.sort
        {
            sort.descending = is_descending(query);
        }
        if filter.boundaries.is_empty() {
            filter.boundaries.push("commercial".to_owned());
        }
        filter.product_keys = keys_of(&filter.products, dataset.apps());
        Ok(filter)
    }

    /// Returns the filter that keeps every row there is, whatever was asked.
    pub(crate) fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    fn take(&mut self, list: List, name: &str, value: &str) -> Result<(), BadValue> {
        match name {
            // A comma list is one value that no row has; the real thing was seen to drop it.
            "productId" if !value.contains(',') => self.products.push(value.to_owned()),
            "startDate" => self.from = Some(date(name, value)?),
            "endDate" => self.to = Some(date(name, value)?),
            "lastUpdated" => self.updated = Some(date_of_timestamp(name, value)?),
            "text" => self.text = Some(value.to_lowercase()),
            "tier" => self.tiers.push(integer(name, value)?),
            "hosting" => self.hosting = Some(one_of(name, value, &HOSTINGS)?),
            "appEdition" => self.edition = Some(value.to_lowercase()),
            "partnerType" => self.partner_type = Some(value.to_lowercase()),
            "licenseLevel" => {
                let known = ["single-instance", "multi-instance"];
                self.level = Some(one_of(name, value, &known)?);
            }
            "cloudComplianceBoundaries" => {
                for part in value.split(',') {
                    self.boundaries.push(one_of(name, part, &BOUNDARIES)?);
                }
            }
            "sortBy" => self.sort = Some(parameter::sort(list, value)?),
            _ => match list {
                List::Licenses => self.take_license_parameter(name, value)?,
                List::Transactions => self.take_transaction_parameter(name, value)?,
            },
        }
        Ok(())
    }

    fn take_license_parameter(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        match name {
            "dateType" => self.by_overlap = one_of(name, value, &["start", "end"])? == "end",
            "licenseType" => {
                for part in value.split(',') {
                    self.license_types.push(one_of(name, part, &LICENSE_TYPES)?);
                }
            }
            "status" => {
                let known = ["active", "inactive", "cancelled"];
                self.status = Some(one_of(name, value, &known)?);
            }
            "withDataInsights" => self.with_insights = boolean(name, value)?,
            "includeAtlassianLicenses" => self.atlassian = boolean(name, value)?,
            "showLifeTimeFreeLicenses" => self.lifetime_free = boolean(name, value)?,
            _ => {}
        }
        Ok(())
    }

    fn take_transaction_parameter(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        match name {
            "saleType" => {
                let known = ["new", "renewal", "upgrade", "refund", "downgrade"];
                self.sale_type = Some(one_of(name, value, &known)?);
            }
            "paymentStatus" => {
                let known = ["paid", "open", "uncollectible", "refunded"];
                self.payment_status = Some(one_of(name, value, &known)?);
            }
            "billingPeriod" => {
                self.billing_period = Some(one_of(name, value, &["monthly", "annual"])?);
            }
            "excludeZeroTransactions" => self.no_zero = boolean(name, value)?,
            "includeManualInvoice" => self.manual_invoice = boolean(name, value)?,
            _ => {}
        }
        Ok(())
    }

    /// Tells whether the answer carries the members that come with `withDataInsights`: the API adds them
    /// only to requests that start in July 2018 or later.
    pub(crate) fn insights(&self) -> Insights {
        let first = NaiveDate::from_ymd_opt(2018, 7, 1);
        if self.everything || (self.with_insights && self.from.is_some() && self.from >= first) {
            Insights::Told
        } else {
            Insights::Withheld
        }
    }

    /// Tells whether a row with these facts belongs to the answer (apart from `text`, which needs the row itself).
    pub(crate) fn keeps(&self, facts: &Facts) -> bool {
        if self.everything {
            return true;
        }
        self.keeps_hidden(facts.hidden)
            && self.keeps_product(facts)
            && self.keeps_dates(facts)
            && self.keeps_boundaries(facts)
            && self.keeps_tier(facts)
            && !(self.no_zero && facts.costs_nothing)
            && self.keeps_words(facts)
    }

    /// Tells whether all rows (`true`) or none (`false`) of these places belong to the answer; `None` if each has to be looked at.
    pub(crate) fn keeps_uniform(&self, uniform: &Uniform) -> Option<bool> {
        if self.everything {
            return Some(true);
        }
        let none = self.lifetime_free
            || self.from.is_some_and(|from| from > uniform.to) && !self.by_overlap
            || self.to.is_some_and(|to| to < uniform.from);
        if none {
            return Some(false);
        }
        // Whatever else is asked must be nothing, so that members to come are not forgotten here.
        let rest = Self {
            from: None,
            to: None,
            boundaries: Vec::new(),
            with_insights: false,
            atlassian: false,
            manual_invoice: false,
            no_zero: false,
            ..self.clone()
        };
        let all = rest == Self::default()
            && self.from.is_none_or(|from| from <= uniform.from)
            && self.to.is_none_or(|to| to >= uniform.to)
            && self.boundaries.iter().any(|name| name == "commercial");
        all.then_some(true)
    }

    fn keeps_hidden(&self, hidden: Hidden) -> bool {
        match hidden {
            Hidden::No => !self.lifetime_free,
            Hidden::Atlassian => self.atlassian && !self.lifetime_free,
            Hidden::LifetimeFree => self.lifetime_free,
            Hidden::ManualInvoice => self.manual_invoice,
        }
    }

    fn keeps_product(&self, facts: &Facts) -> bool {
        if self.products.is_empty() {
            return true;
        }
        match &facts.product_id {
            Some(id) => self.products.iter().any(|product| product == id),
            None => self.product_keys.iter().any(|key| *key == facts.app_key),
        }
    }

    /// A missing or unreadable date counts as late: the row is in an answer that is open to the future, and so in no other.
    fn keeps_dates(&self, facts: &Facts) -> bool {
        let late = NaiveDate::MAX;
        if let (Some(updated), Some(row)) = (self.updated, facts.updated)
            && row < updated
        {
            return false;
        }
        let start = facts.from.unwrap_or(late);
        let compared = if self.by_overlap {
            facts.until.unwrap_or(late)
        } else {
            start
        };
        self.from.is_none_or(|from| compared >= from) && self.to.is_none_or(|to| start <= to)
    }

    fn keeps_boundaries(&self, facts: &Facts) -> bool {
        let mut known = facts
            .boundaries
            .iter()
            .filter(|boundary| {
                BOUNDARIES
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(boundary))
            })
            .peekable();
        known.peek().is_none()
            || known.any(|boundary| {
                self.boundaries
                    .iter()
                    .any(|asked| asked.eq_ignore_ascii_case(boundary))
            })
    }

    /// `tier=10` was seen to bring evaluations too.
    fn keeps_tier(&self, facts: &Facts) -> bool {
        if self.tiers.is_empty() {
            return true;
        }
        let Some(tier) = &facts.tier else {
            return false;
        };
        if tier.eq_ignore_ascii_case("evaluation") {
            return self.tiers.contains(&10);
        }
        first_number(tier).is_some_and(|number| self.tiers.contains(&number))
    }

    fn keeps_words(&self, facts: &Facts) -> bool {
        let pairs = [
            (&self.hosting, &facts.hosting),
            (&self.status, &facts.status),
            (&self.partner_type, &facts.partner_type),
            (&self.edition, &facts.edition),
            (&self.level, &facts.level),
            (&self.sale_type, &facts.sale_type),
            (&self.payment_status, &facts.payment_status),
            (&self.billing_period, &facts.billing_period),
        ];
        let same = |asked: &Option<String>, word: Option<&str>| match asked {
            None => true,
            Some(asked) => word.is_some_and(|word| is_same_word(asked, word)),
        };
        pairs
            .iter()
            .all(|(asked, word)| same(asked, word.as_deref()))
            && (self.license_types.is_empty()
                || facts.license_type.as_deref().is_some_and(|word| {
                    self.license_types
                        .iter()
                        .any(|asked| is_same_word(asked, word))
                }))
    }
}

/// Compares a word of a query with one of a row: without case, and without what separates its parts.
fn is_same_word(asked: &str, word: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars()
            .filter(|letter| letter.is_alphanumeric())
            .map(|letter| letter.to_ascii_lowercase())
    }
    letters(asked).eq(letters(word))
}

fn keys_of(products: &[String], apps: &[App]) -> Vec<String> {
    apps.iter()
        .filter(|app| products.contains(&app.product_id))
        .map(|app| app.key.clone())
        .collect()
}

fn is_descending(query: &[(String, String)]) -> bool {
    query
        .iter()
        .any(|(name, value)| name == "order" && value.eq_ignore_ascii_case("desc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;
    use crate::stored::Stored;

    fn filter(list: List, query: &str) -> Result<Filter, BadValue> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Filter::read(list, &pairs, &Stored::from_values(&[], &[]))
    }

    #[test]
    fn what_the_api_refuses_is_refused_by_name() {
        let cases = [
            ("startDate=2026-1-1", "startDate", "Must be a date"),
            ("endDate=01.02.2026", "endDate", "Must be a date"),
            (
                "startDate=2026-01-01T00:00:00Z",
                "startDate",
                "Must be a date",
            ),
            ("lastUpdated=yesterday", "lastUpdated", "Must be a date"),
            ("tier=ten", "tier", "must be an integer"),
            (
                "hosting=Data%20Center",
                "hosting",
                "must be one of cloud, datacenter, server",
            ),
            ("dateType=middle", "dateType", "must be one of start, end"),
            (
                "withDataInsights=1",
                "withDataInsights",
                "must be one of true, false",
            ),
        ];
        for (query, name, message) in cases {
            assert_eq!(
                filter(List::Licenses, query),
                Err(BadValue::new(name, message)),
                "{query}"
            );
        }
        assert_eq!(
            filter(List::Transactions, "saleType=gift"),
            Err(BadValue::new(
                "saleType",
                "must be one of new, renewal, upgrade, refund, downgrade"
            ))
        );
    }

    #[test]
    fn insight_fields_come_only_to_requests_from_july_2018_on() {
        let cases = [
            ("withDataInsights=true&startDate=2018-07-01", Insights::Told),
            (
                "withDataInsights=true&startDate=2018-06-30",
                Insights::Withheld,
            ),
            ("withDataInsights=true", Insights::Withheld),
            ("startDate=2018-07-01", Insights::Withheld),
        ];
        for (query, expected) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.insights(), expected, "{query}");
        }
    }

    #[test]
    fn a_row_is_kept_by_what_it_says() {
        let facts = Facts {
            app_key: "com.acme.timeboard".into(),
            from: day::read("2026-03-01"),
            until: day::read("2026-06-01"),
            updated: day::read("2026-03-02"),
            hosting: Some("Data Center".into()),
            license_type: Some("OPEN_SOURCE".into()),
            status: Some("active".into()),
            tier: Some("1,000 Users".into()),
            ..Facts::default()
        };
        let cases = [
            ("", true),
            ("nonsense=1", true),
            ("hosting=datacenter", true),
            ("hosting=DataCenter", true),
            ("hosting=server", false),
            ("licenseType=open_source,academic", true),
            ("licenseType=academic&licenseType=community", false),
            ("status=cancelled", false),
            ("tier=1000", true),
            ("tier=10", false),
            ("startDate=2026-03-01&endDate=2026-03-01", true),
            ("startDate=2026-03-02", false),
            ("startDate=2026-05-01&endDate=2026-05-02&dateType=end", true),
            ("startDate=2026-06-02&dateType=end", false),
            ("lastUpdated=2026-03-02", true),
            ("lastUpdated=2026-03-02T10:00:00Z", true),
            ("lastUpdated=2026-03-03", false),
            ("productId=unknown", false),
            ("productId=unknown,other", true),
            ("showLifeTimeFreeLicenses=true", false),
        ];
        for (query, kept) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.keeps(&facts), kept, "{query}");
        }
    }

    #[test]
    fn each_row_is_in_exactly_one_half_of_a_full_sync() {
        let late = filter(
            List::Licenses,
            "withDataInsights=true&startDate=2018-07-01&dateType=start",
        )
        .unwrap();
        let early = filter(List::Licenses, "endDate=2018-06-30").unwrap();
        for (start, is_late) in [
            (Some("2018-06-30"), false),
            (Some("2018-07-01"), true),
            (Some("soon"), true),
            (None, true),
        ] {
            let facts = Facts {
                from: start.and_then(day::read),
                ..Facts::default()
            };
            assert_eq!(late.keeps(&facts), is_late, "{start:?}");
            assert_eq!(early.keeps(&facts), !is_late, "{start:?}");
        }
    }

    #[test]
    fn rows_of_one_kind_are_judged_together_where_that_is_safe() {
        let uniform = Uniform {
            first_place: 0,
            rows: &[1],
            from: day::read("2024-12-01").unwrap(),
            to: day::read("2026-11-20").unwrap(),
        };
        let cases = [
            ("", Some(true)),
            (
                "withDataInsights=true&startDate=2018-07-01&dateType=start",
                Some(true),
            ),
            ("endDate=2018-06-30", Some(false)),
            ("startDate=2026-11-21", Some(false)),
            ("startDate=2025-01-01", None),
            ("lastUpdated=2020-01-01", None),
            ("productId=x", None),
            ("cloudComplianceBoundaries=isolated_cloud", None),
            ("showLifeTimeFreeLicenses=true", Some(false)),
            ("sortBy=tier", None),
        ];
        for (query, expected) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.keeps_uniform(&uniform), expected, "{query}");
        }
    }

    #[test]
    fn a_compliance_boundary_is_commercial_unless_asked() {
        let cases: [(&[&str], &str, bool); 6] = [
            (&[], "", true),
            (&["commercial"], "", true),
            (&["fedramp_moderate"], "", false),
            (
                &["FEDRAMP_MODERATE"],
                "cloudComplianceBoundaries=fedramp_moderate",
                true,
            ),
            (
                &["isolated_cloud"],
                "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=isolated_cloud",
                true,
            ),
            (&["a boundary to come"], "", true),
        ];
        for (boundaries, query, kept) in cases {
            let facts = Facts {
                boundaries: boundaries.iter().map(|name| (*name).into()).collect(),
                ..Facts::default()
            };
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.keeps(&facts), kept, "{boundaries:?} {query}");
        }
    }
}
