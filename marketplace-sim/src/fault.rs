//! The ways in which the stand-in can misbehave, by name.

use std::fmt;
use std::str::FromStr;

/// One way to misbehave.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// 429 with `Retry-After: 1` for the first two tries of each path.
    RateLimit,
    /// 429 with a `Retry-After` of more than a day, always.
    RateLimitLong,
    /// 429 with a date as `Retry-After` for the first two tries of each path.
    RateLimitDate,
    /// 502 with an HTML page for the first two tries of each path.
    BadGateway,
    /// 502 with an HTML page, always.
    BadGatewayAlways,
    /// 503, always.
    Unavailable,
    /// One byte of the body each 300 ms.
    Slow,
    /// Accepts the request and never answers.
    Hang,
    /// Closes the connection before the promised length, or in the middle of a chunked body.
    Truncated,
    /// A complete answer whose JSON text breaks off.
    TruncatedJson,
    /// 302 to another host.
    Redirect,
    /// 200 with the HTML page of a login.
    LoginPage,
    /// 200 with an empty body.
    Empty,
    /// Each page has a next one, and it is new.
    EndlessPaging,
    /// The next page is the first again.
    LoopingNext,
    /// A page without rows that has a next one.
    EmptyPages,
    /// A body that never ends.
    Oversized,
    /// A small compressed body that unpacks to gigabytes.
    GzipBomb,
    /// Exports end as `FAILED`.
    ExportFailed,
    /// The start of an export answers 500.
    ExportForbidden,
    /// Exports are `IN_PROGRESS` for ever.
    ExportStuck,
    /// All rows, whatever was asked.
    IgnoreFilters,
    /// Every fifth row comes twice.
    DuplicateRows,
    /// The list moves on by one row with each page that is read.
    ShiftingPages,
    /// Some dates are timestamps, `null`, empty or nonsense.
    OddDates,
    /// Some tiers are written in unusual ways, or are missing.
    OddTiers,
    /// 403 for transactions.
    ForbiddenTransactions,
    /// 403 for everything.
    ForbiddenAll,
    /// 401, with the `Authorization` header in the body.
    Unauthorized,
    /// 401, as for a token that ran out.
    ExpiredToken,
    /// 500 for the partner metrics.
    NoMetrics,
    /// 500 for the app listing.
    NoListing,
    /// The partner metrics call the users `users`.
    MetricsOtherField,
    /// JSON that is nested a hundred thousand deep.
    DeepJson,
    /// A byte order mark before the JSON text.
    Bom,
    /// The right body as `text/plain`.
    WrongContentType,
}

/// A kind of request that a fault can be limited to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// Pages and exports of licenses.
    Licenses,
    /// Pages and exports of transactions.
    Transactions,
    /// Partner metrics.
    Metrics,
    /// The app listing, and what is asked about single apps.
    Listing,
    /// Exports of either list: start, status and download.
    Export,
    /// The developer space.
    Space,
}

const SCOPES: [(Scope, &str); 6] = [
    (Scope::Licenses, "licenses"),
    (Scope::Transactions, "transactions"),
    (Scope::Metrics, "metrics"),
    (Scope::Listing, "listing"),
    (Scope::Export, "export"),
    (Scope::Space, "space"),
];

const FAULTS: [(Fault, &str, &str); 36] = [
    (
        Fault::RateLimit,
        "rate-limit",
        "429, Retry-After 1, for the first two tries of each path",
    ),
    (
        Fault::RateLimitLong,
        "rate-limit-long",
        "429, Retry-After 99999, always",
    ),
    (
        Fault::RateLimitDate,
        "rate-limit-date",
        "429, a date as Retry-After, for the first two tries of each path",
    ),
    (
        Fault::BadGateway,
        "bad-gateway",
        "502 with HTML for the first two tries of each path",
    ),
    (
        Fault::BadGatewayAlways,
        "bad-gateway-always",
        "502 with HTML, always",
    ),
    (Fault::Unavailable, "unavailable", "503, always"),
    (Fault::Slow, "slow", "one byte of the body each 300 ms"),
    (Fault::Hang, "hang", "accepts the request, never answers"),
    (
        Fault::Truncated,
        "truncated",
        "closes the connection before the body is complete",
    ),
    (
        Fault::TruncatedJson,
        "truncated-json",
        "a complete answer whose JSON breaks off",
    ),
    (Fault::Redirect, "redirect", "302 to another host"),
    (
        Fault::LoginPage,
        "login-page",
        "200 with an HTML login page",
    ),
    (Fault::Empty, "empty", "200 with an empty body"),
    (
        Fault::EndlessPaging,
        "endless-paging",
        "each page has a next one, and it is new",
    ),
    (
        Fault::LoopingNext,
        "looping-next",
        "the next page is the first again",
    ),
    (
        Fault::EmptyPages,
        "empty-pages",
        "a page without rows that has a next one",
    ),
    (Fault::Oversized, "oversized", "a body that never ends"),
    (
        Fault::GzipBomb,
        "gzip-bomb",
        "a small body that unpacks to gigabytes",
    ),
    (
        Fault::ExportFailed,
        "export-failed",
        "exports end as FAILED",
    ),
    (
        Fault::ExportForbidden,
        "export-forbidden",
        "starting an export answers 500",
    ),
    (
        Fault::ExportStuck,
        "export-stuck",
        "exports are IN_PROGRESS for ever",
    ),
    (
        Fault::IgnoreFilters,
        "ignore-filters",
        "all rows, whatever was asked",
    ),
    (
        Fault::DuplicateRows,
        "duplicate-rows",
        "every fifth row comes twice",
    ),
    (
        Fault::ShiftingPages,
        "shifting-pages",
        "the list moves by one row with each page read",
    ),
    (
        Fault::OddDates,
        "odd-dates",
        "some dates are timestamps, null, empty or nonsense",
    ),
    (
        Fault::OddTiers,
        "odd-tiers",
        "some tiers are written oddly, or missing",
    ),
    (
        Fault::ForbiddenTransactions,
        "forbidden-transactions",
        "403 for transactions",
    ),
    (Fault::ForbiddenAll, "forbidden-all", "403 for everything"),
    (
        Fault::Unauthorized,
        "unauthorized",
        "401, the Authorization header in its body",
    ),
    (
        Fault::ExpiredToken,
        "expired-token",
        "401, as for a token that ran out",
    ),
    (
        Fault::NoMetrics,
        "no-metrics",
        "500 for the partner metrics",
    ),
    (Fault::NoListing, "no-listing", "500 for the app listing"),
    (
        Fault::MetricsOtherField,
        "metrics-other-field",
        "the metrics say `users`, not `userCounts`",
    ),
    (
        Fault::DeepJson,
        "deep-json",
        "JSON nested a hundred thousand deep",
    ),
    (Fault::Bom, "bom", "a byte order mark before the JSON"),
    (
        Fault::WrongContentType,
        "wrong-content-type",
        "the right body as text/plain",
    ),
];

impl Fault {
    /// Returns all faults.
    pub fn all() -> impl Iterator<Item = Self> {
        FAULTS.iter().map(|(fault, _, _)| *fault)
    }

    /// Returns the name, such as `rate-limit`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Returns one line about what happens.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        FAULTS
            .iter()
            .find(|(fault, _, _)| *fault == self)
            .expect("every fault is in the table, as a test shows")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Faults that are on, each for all requests or for those of one kind.
///
/// # Examples
///
/// ```
/// use marketplace_sim::Faults;
///
/// let faults: Faults = "bad-gateway@licenses,no-metrics".parse()?;
/// assert_eq!(faults.to_string(), "bad-gateway@licenses,no-metrics");
/// # Ok::<(), marketplace_sim::UnknownFault>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Faults(Vec<(Fault, Option<Scope>)>);

impl Faults {
    /// Returns a set without faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds `fault` for all requests that it concerns.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.0.push((fault, None));
        self
    }

    /// Adds `fault` for the requests of `scope` only.
    #[must_use]
    pub fn with_scope(mut self, fault: Fault, scope: Scope) -> Self {
        self.0.push((fault, Some(scope)));
        self
    }

    /// Tells whether `fault` is on for a request of these kinds.
    pub(crate) fn has(&self, fault: Fault, kinds: &[Scope]) -> bool {
        self.0
            .iter()
            .filter(|(other, _)| *other == fault)
            .any(|(_, scope)| scope.is_none_or(|scope| kinds.contains(&scope)))
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::none().with(fault)
    }
}

/// A name that no fault or no kind of request has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown fault `{0}`: a fault is one of {names}, alone or followed by one of @{scopes}",
    names = FAULTS.map(|(_, name, _)| name).join(", "),
    scopes = SCOPES.map(|(_, name)| name).join(", @"))]
pub struct UnknownFault(String);

impl FromStr for Faults {
    type Err = UnknownFault;

    /// Reads names that are separated by commas, each alone or with `@` and a kind of request.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(fault_with_scope)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn fault_with_scope(text: &str) -> Result<(Fault, Option<Scope>), UnknownFault> {
    let unknown = || UnknownFault(text.to_owned());
    let (name, scope) = match text.split_once('@') {
        None => (text, None),
        Some((name, scope)) => {
            let found = SCOPES.iter().find(|(_, known)| *known == scope);
            (name, Some(found.ok_or_else(unknown)?.0))
        }
    };
    let found = FAULTS.iter().find(|(_, known, _)| *known == name);
    Ok((found.ok_or_else(unknown)?.0, scope))
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (fault, scope)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(formatter, "{comma}{fault}")?;
            let name = SCOPES
                .iter()
                .find(|(known, _)| Some(*known) == *scope)
                .map(|(_, name)| name);
            if let Some(name) = name {
                write!(formatter, "@{name}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_by_its_name() {
        for fault in Fault::all() {
            let faults: Faults = fault.name().parse().unwrap();
            assert_eq!(faults, Faults::from(fault));
            assert_eq!(faults.to_string(), fault.name());
            assert!(!fault.help().is_empty());
        }
        assert_eq!(FAULTS.last().unwrap().0, Fault::WrongContentType);
        assert_eq!(Fault::WrongContentType as usize + 1, FAULTS.len());
    }

    #[test]
    fn a_fault_can_be_limited_to_one_kind_of_request() {
        let faults: Faults = " slow@export, hang@space ,".parse().unwrap();
        assert!(faults.has(Fault::Slow, &[Scope::Licenses, Scope::Export]));
        assert!(!faults.has(Fault::Slow, &[Scope::Licenses]));
        assert!(!faults.has(Fault::Hang, &[Scope::Export]));
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_that_exist() {
        for name in ["sloww", "slow@everything", "slow@", "@export"] {
            let text = name.parse::<Faults>().unwrap_err().to_string();
            assert!(
                text.starts_with(&format!("unknown fault `{name}`")),
                "{text}"
            );
            assert!(text.contains("rate-limit, "), "{text}");
            assert!(text.contains("@licenses"), "{text}");
        }
    }
}
