//! Paths and the resources that they name.

use crate::row::List;

/// A resource of the API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// The developer space of a numeric vendor id.
    SpaceOfVendor {
        /// The id as sent.
        vendor: String,
    },
    /// The apps of a developer space.
    ProductListing {
        /// The id as sent.
        developer: String,
    },
    /// Licenses or transactions.
    Report {
        /// The developer space as sent.
        developer: String,
        /// The list.
        list: List,
        /// The part of the list.
        part: Part,
    },
    /// The partner metrics.
    Metrics {
        /// The developer space as sent.
        developer: String,
    },
    /// A path of version 2, which was removed.
    Gone,
    /// The developer space and reporting in the wrong order.
    WrongOrder,
    /// Anything else.
    Unknown,
}

/// The resources of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// A page.
    Page,
    /// The start of an export.
    StartExport,
    /// The state of an export.
    ExportStatus {
        /// Its id.
        id: String,
    },
    /// The download of an export.
    ExportDownload {
        /// Its id.
        id: String,
    },
}

impl Route {
    /// Parses a path below the base address, such as `/rest/3/developer-space/…`. A trailing slash makes it a different path, as in the API.
    pub(crate) fn parse(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let rest = match parts.as_slice() {
            ["rest", "2", ..] => return Self::Gone,
            ["rest", "3", rest @ ..] => rest,
            _ => return Self::Unknown,
        };
        match *rest {
            [.., ""] | [] => Self::Unknown,
            ["developer-space", "vendor", vendor] => Self::SpaceOfVendor {
                vendor: vendor.to_owned(),
            },
            ["developer-space", _, "reporting", ..] => Self::WrongOrder,
            ["product-listing", "developer-space", developer] => Self::ProductListing {
                developer: developer.to_owned(),
            },
            ["partner-metrics", "developer-space", developer] => Self::Metrics {
                developer: developer.to_owned(),
            },
            ["reporting", "developer-space", developer, ref report @ ..] => {
                Self::report(developer, report)
            }
            _ => Self::Unknown,
        }
    }

    fn report(developer: &str, report: &[&str]) -> Self {
        let (list, rest) = match report {
            ["licenses", rest @ ..] => (List::Licenses, rest),
            ["sales", "transactions", rest @ ..] => (List::Transactions, rest),
            _ => return Self::Unknown,
        };
        let part = match *rest {
            [] => Part::Page,
            ["async", "export"] => Part::StartExport,
            ["async", "export", id, "status"] => Part::ExportStatus { id: id.to_owned() },
            ["async", "export", id] => Part::ExportDownload { id: id.to_owned() },
            _ => return Self::Unknown,
        };
        Self::Report {
            developer: developer.to_owned(),
            list,
            part,
        }
    }

    /// Returns the method of the resource.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Metrics { .. }
            | Self::Report {
                part: Part::StartExport,
                ..
            } => "POST",
            _ => "GET",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_resource() {
        let report = |list, part| Route::Report {
            developer: "d".to_owned(),
            list,
            part,
        };
        let id = || "e".to_owned();
        let root = "/rest/3/reporting/developer-space/d";
        let cases = [
            (
                format!("{root}/licenses"),
                report(List::Licenses, Part::Page),
            ),
            (
                format!("{root}/sales/transactions"),
                report(List::Transactions, Part::Page),
            ),
            (
                format!("{root}/sales/transactions/async/export"),
                report(List::Transactions, Part::StartExport),
            ),
            (
                format!("{root}/licenses/async/export/e/status"),
                report(List::Licenses, Part::ExportStatus { id: id() }),
            ),
            (
                format!("{root}/licenses/async/export/e"),
                report(List::Licenses, Part::ExportDownload { id: id() }),
            ),
            (
                "/rest/3/developer-space/vendor/7".to_owned(),
                Route::SpaceOfVendor {
                    vendor: "7".to_owned(),
                },
            ),
            (format!("{root}/"), Route::Unknown),
            (format!("{root}/licenses/"), Route::Unknown),
            (root.to_owned(), Route::Unknown),
            (
                "/rest/3/developer-space/d/reporting/licenses".to_owned(),
                Route::WrongOrder,
            ),
            ("/rest/2/vendors/7".to_owned(), Route::Gone),
            ("/".to_owned(), Route::Unknown),
        ];
        for (path, expected) in cases {
            assert_eq!(Route::parse(&path), expected, "{path}");
        }
    }
}
