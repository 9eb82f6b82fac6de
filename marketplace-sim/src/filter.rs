//! The query parameters of the two lists: which are implemented, which values are rejected, and which rows they select.

use chrono::NaiveDate;

use crate::parameter::{ParameterError, boolean, date, date_of_timestamp, one_of};
use crate::row::{FilterFields, Hidden, Insights, List, Text, UniformPlaces};

/// Compliance boundaries.
const BOUNDARIES: [&str; 3] = ["commercial", "fedramp_moderate", "isolated_cloud"];

/// Parameters of the reference that no client needs so far. They fail instead of being ignored, so that a client
/// that starts to use one notices.
const UNIMPLEMENTED: [&str; 17] = [
    "appEdition",
    "billingPeriod",
    "excludeZeroTransactions",
    "hosting",
    "licenseLevel",
    "licenseType",
    "order",
    "partnerType",
    "paymentStatus",
    "productId",
    "saleType",
    "showLicensesHistory",
    "sortBy",
    "status",
    "text",
    "tier",
    "withAttribution",
];

/// Which rows of a list a request asks for. Unknown parameters are ignored, as the API does.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Filter {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    by_overlap: bool,
    updated: Option<NaiveDate>,
    boundaries: Vec<String>,
    with_insights: bool,
    atlassian: bool,
    lifetime_free: bool,
    manual_invoice: bool,
    everything: bool,
}

impl Filter {
    /// Parses the query of a request for `list`.
    ///
    /// # Errors
    ///
    /// Returns an error for the first parameter that is rejected.
    pub(crate) fn parse(list: List, query: &[(String, String)]) -> Result<Self, ParameterError> {
        let mut filter = Self::default();
        for (name, value) in query {
            filter.set(list, name, value)?;
        }
        if filter.boundaries.is_empty() {
            filter.boundaries.push("commercial".to_owned());
        }
        Ok(filter)
    }

    /// Returns the filter that selects every row, whatever was asked.
    pub(crate) fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    fn set(&mut self, list: List, name: &str, value: &str) -> Result<(), ParameterError> {
        match (list, name) {
            (_, "startDate") => self.from = Some(date(name, value)?),
            (_, "endDate") => self.to = Some(date(name, value)?),
            (_, "lastUpdated") => self.updated = Some(date_of_timestamp(name, value)?),
            (_, "cloudComplianceBoundaries") => {
                for part in value.split(',') {
                    self.boundaries.push(one_of(name, part, &BOUNDARIES)?);
                }
            }
            (List::Licenses, "dateType") => {
                self.by_overlap = one_of(name, value, &["start", "end"])? == "end";
            }
            (List::Licenses, "withDataInsights") => self.with_insights = boolean(name, value)?,
            (List::Licenses, "includeAtlassianLicenses") => self.atlassian = boolean(name, value)?,
            (List::Licenses, "showLifeTimeFreeLicenses") => {
                self.lifetime_free = boolean(name, value)?;
            }
            (List::Transactions, "includeManualInvoice") => {
                self.manual_invoice = boolean(name, value)?;
            }
            _ if UNIMPLEMENTED.contains(&name) => return Err(ParameterError::unimplemented(name)),
            _ => {}
        }
        Ok(())
    }

    /// Tells whether rows include the members that `withDataInsights` adds: the API adds them
    /// only to requests that start in July 2018 or later.
    pub(crate) fn insights(&self) -> Insights {
        let first = NaiveDate::from_ymd_opt(2018, 7, 1);
        if self.everything || (self.with_insights && self.from.is_some() && self.from >= first) {
            Insights::Included
        } else {
            Insights::Omitted
        }
    }

    /// Returns the day before which no selected row was updated, if there is one.
    pub(crate) fn updated(&self) -> Option<NaiveDate> {
        self.updated.filter(|_| !self.everything)
    }

    /// Tells whether a row with these fields is selected.
    pub(crate) fn selects(&self, fields: &FilterFields) -> bool {
        self.everything
            || (self.selects_hidden(fields.hidden)
                && self.selects_dates(fields)
                && self.selects_boundaries(fields))
    }

    /// Tells whether all rows (`true`) or no rows (`false`) of these places are selected; `None` if each has to be checked.
    pub(crate) fn selects_uniform(&self, uniform: &UniformPlaces) -> Option<bool> {
        if self.everything {
            return Some(true);
        }
        let none = self.lifetime_free
            || self.from.is_some_and(|from| from > uniform.to) && !self.by_overlap
            || self.to.is_some_and(|to| to < uniform.from);
        if none {
            return Some(false);
        }
        // All other members must be unset, including any that are added to the filter later.
        let rest = Self {
            from: None,
            to: None,
            boundaries: Vec::new(),
            with_insights: false,
            atlassian: false,
            manual_invoice: false,
            ..self.clone()
        };
        let all = rest == Self::default()
            && self.from.is_none_or(|from| from <= uniform.from)
            && self.to.is_none_or(|to| to >= uniform.to)
            && self.boundaries.iter().any(|name| name == "commercial");
        all.then_some(true)
    }

    fn selects_hidden(&self, hidden: Hidden) -> bool {
        match hidden {
            Hidden::No => !self.lifetime_free,
            Hidden::Atlassian => self.atlassian && !self.lifetime_free,
            Hidden::LifetimeFree => self.lifetime_free,
            Hidden::ManualInvoice => self.manual_invoice,
        }
    }

    /// A missing or unreadable date counts as late: the row is selected by a range that is open to the future, and by no other.
    fn selects_dates(&self, fields: &FilterFields) -> bool {
        let late = NaiveDate::MAX;
        if let (Some(updated), Some(row)) = (self.updated, fields.updated)
            && row < updated
        {
            return false;
        }
        let start = fields.from.unwrap_or(late);
        let compared = if self.by_overlap {
            fields.until.unwrap_or(late)
        } else {
            start
        };
        self.from.is_none_or(|from| compared >= from) && self.to.is_none_or(|to| start <= to)
    }

    fn selects_boundaries(&self, fields: &FilterFields) -> bool {
        let canonical = |name: &Text| {
            let mut known = BOUNDARIES.into_iter();
            known.find(|known| known.eq_ignore_ascii_case(name))
        };
        let mut known = fields.boundaries.iter().filter_map(canonical).peekable();
        known.peek().is_none()
            || known.any(|name| self.boundaries.iter().any(|asked| asked == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    fn filter(list: List, query: &str) -> Result<Filter, ParameterError> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Filter::parse(list, &pairs)
    }

    #[test]
    fn a_bad_value_is_rejected_with_its_parameter() {
        let cases = [
            ("startDate=2026-1-1", "startDate", "Must be a date"),
            ("endDate=01.02.2026", "endDate", "Must be a date"),
            (
                "startDate=2026-01-01T00:00:00Z",
                "startDate",
                "Must be a date",
            ),
            ("lastUpdated=yesterday", "lastUpdated", "Must be a date"),
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
                Err(ParameterError::bad_value(name, message)),
                "{query}"
            );
        }
        assert_eq!(
            filter(List::Transactions, "includeManualInvoice=yes"),
            Err(ParameterError::bad_value(
                "includeManualInvoice",
                "must be one of true, false"
            ))
        );
    }

    #[test]
    fn a_parameter_that_is_not_implemented_fails_and_an_unknown_one_is_ignored() {
        for name in UNIMPLEMENTED {
            assert_eq!(
                filter(List::Licenses, &format!("{name}=x")),
                Err(ParameterError::unimplemented(name))
            );
        }
        assert_eq!(
            filter(List::Licenses, "nonsense=x"),
            filter(List::Licenses, "")
        );
    }

    #[test]
    fn insight_fields_come_only_to_requests_from_july_2018_on() {
        let cases = [
            (
                "withDataInsights=true&startDate=2018-07-01",
                Insights::Included,
            ),
            (
                "withDataInsights=true&startDate=2018-06-30",
                Insights::Omitted,
            ),
            ("withDataInsights=true", Insights::Omitted),
            ("startDate=2018-07-01", Insights::Omitted),
        ];
        for (query, expected) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.insights(), expected, "{query}");
        }
    }

    #[test]
    fn a_row_is_selected_by_its_dates() {
        let fields = FilterFields {
            from: day::read("2026-03-01"),
            until: day::read("2026-06-01"),
            updated: day::read("2026-03-02"),
            ..FilterFields::default()
        };
        let cases = [
            ("", true),
            ("nonsense=1", true),
            ("startDate=2026-03-01&endDate=2026-03-01", true),
            ("startDate=2026-03-02", false),
            ("startDate=2026-05-01&endDate=2026-05-02&dateType=end", true),
            ("startDate=2026-06-02&dateType=end", false),
            ("lastUpdated=2026-03-02", true),
            ("lastUpdated=2026-03-02T10:00:00Z", true),
            ("lastUpdated=2026-03-03", false),
            ("showLifeTimeFreeLicenses=true", false),
        ];
        for (query, selected) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.selects(&fields), selected, "{query}");
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
            let fields = FilterFields {
                from: start.and_then(day::read),
                ..FilterFields::default()
            };
            assert_eq!(late.selects(&fields), is_late, "{start:?}");
            assert_eq!(early.selects(&fields), !is_late, "{start:?}");
        }
    }

    #[test]
    fn uniform_rows_are_selected_together_where_that_is_safe() {
        let uniform = UniformPlaces {
            first_place: 0,
            rows: &[1],
            uneven: [].into(),
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
            ("cloudComplianceBoundaries=isolated_cloud", None),
            ("showLifeTimeFreeLicenses=true", Some(false)),
        ];
        for (query, expected) in cases {
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.selects_uniform(&uniform), expected, "{query}");
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
            (&["a_future_boundary"], "", true),
        ];
        for (boundaries, query, selected) in cases {
            let fields = FilterFields {
                boundaries: boundaries.iter().map(|name| (*name).into()).collect(),
                ..FilterFields::default()
            };
            let filter = filter(List::Licenses, query).unwrap();
            assert_eq!(filter.selects(&fields), selected, "{boundaries:?} {query}");
        }
    }
}
