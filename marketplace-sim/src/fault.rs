//! The ways in which the stand-in can misbehave, by name.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// One way to misbehave. The comment of a variant is its help on the command line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, ValueEnum)]
#[non_exhaustive]
pub enum Fault {
    /// 429 with `Retry-After: 1` for the first two tries of each path.
    RateLimit,
    /// 429 with `Retry-After: 99999`, always.
    RateLimitLong,
    /// 429 with a date as `Retry-After` for the first two tries of each path.
    RateLimitDate,
    /// 502 with an HTML page for the first two tries of each path.
    BadGateway,
    /// 502 with an HTML page, always.
    BadGatewayAlways,
    /// 503, always.
    Unavailable,
    /// One byte of the body every 300 ms.
    Slow,
    /// Accepts the request and never answers.
    Hang,
    /// Closes the connection before the body is complete.
    Truncated,
    /// A complete answer whose JSON text ends early.
    TruncatedJson,
    /// 302 to another host.
    Redirect,
    /// 200 with an HTML login page.
    LoginPage,
    /// 200 with an empty body.
    Empty,
    /// Every page has a next page, and it is a new one.
    EndlessPaging,
    /// The next page is the first one again.
    LoopingNext,
    /// Pages after the first have no rows but a next page.
    EmptyPages,
    /// A body that never ends.
    Oversized,
    /// A small compressed body that decompresses to gigabytes.
    GzipBomb,
    /// Exports end as `FAILED`.
    ExportFailed,
    /// Starting an export answers 500.
    ExportForbidden,
    /// Exports stay `IN_PROGRESS`.
    ExportStuck,
    /// All rows, whatever the filters.
    IgnoreFilters,
    /// Every fifth row comes twice.
    DuplicateRows,
    /// The list moves by one row with each page that is read.
    ShiftingPages,
    /// Some dates are timestamps, `null`, empty or invalid.
    OddDates,
    /// Some tiers are spelled unusually, or missing.
    OddTiers,
    /// 403 for transactions.
    ForbiddenTransactions,
    /// 403 for everything.
    ForbiddenAll,
    /// 401 with the `Authorization` header in the body.
    Unauthorized,
    /// 401 as for an expired token.
    ExpiredToken,
    /// 500 for the partner metrics.
    NoMetrics,
    /// 500 for the app listing.
    NoListing,
    /// The partner metrics say `users` instead of `userCounts`.
    MetricsOtherField,
    /// JSON nested a hundred thousand levels deep.
    DeepJson,
    /// A byte order mark before the JSON text.
    Bom,
    /// The right body as `text/plain`.
    WrongContentType,
}

/// A kind of request that a fault can be limited to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, ValueEnum)]
#[non_exhaustive]
pub enum Scope {
    /// Pages and exports of licenses.
    Licenses,
    /// Pages and exports of transactions.
    Transactions,
    /// Partner metrics.
    Metrics,
    /// The app listing.
    Listing,
    /// Exports of either list: start, status and download.
    Export,
    /// The developer space.
    Space,
}

impl Fault {
    /// Returns all faults.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied()
    }

    /// Returns the name, such as `rate-limit`.
    #[must_use]
    pub fn name(self) -> String {
        name_of(self)
    }

    /// Returns one line about what happens.
    #[must_use]
    pub fn help(self) -> String {
        let value = self.to_possible_value();
        let help = value.as_ref().and_then(PossibleValue::get_help);
        help.map(ToString::to_string).unwrap_or_default()
    }
}

fn name_of(value: impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

fn names<T: ValueEnum>(separator: &str) -> String {
    let names = T::value_variants().iter().cloned().map(name_of);
    names.collect::<Vec<_>>().join(separator)
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// The faults that are on, each for all requests or for one kind of request.
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
    /// Returns an empty set.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds `fault` for all requests.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.0.push((fault, None));
        self
    }

    /// Adds `fault` for requests of `scope` only.
    #[must_use]
    pub fn with_scope(mut self, fault: Fault, scope: Scope) -> Self {
        self.0.push((fault, Some(scope)));
        self
    }

    /// Tells whether `fault` is on for a request that belongs to these scopes.
    pub(crate) fn has(&self, fault: Fault, scopes: &[Scope]) -> bool {
        self.0
            .iter()
            .filter(|(other, _)| *other == fault)
            .any(|(_, scope)| scope.is_none_or(|scope| scopes.contains(&scope)))
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::none().with(fault)
    }
}

/// The error for a name that is not a fault, or not a kind of request.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown fault `{0}`: a fault is one of {names}, alone or followed by one of @{scopes}",
    names = names::<Fault>(", "),
    scopes = names::<Scope>(", @"))]
pub struct UnknownFault(String);

impl FromStr for Faults {
    type Err = UnknownFault;

    /// Parses names separated by commas, each alone or followed by `@` and a kind of request.
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
    let (name, scope) = match text.split_once('@') {
        None => (text, None),
        Some((name, scope)) => (name, Some(scope)),
    };
    let scope = scope.map(|scope| Scope::from_str(scope, false)).transpose();
    match (Fault::from_str(name, false), scope) {
        (Ok(fault), Ok(scope)) => Ok((fault, scope)),
        _ => Err(UnknownFault(text.to_owned())),
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (fault, scope)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(formatter, "{comma}{fault}")?;
            if let Some(scope) = scope {
                write!(formatter, "@{}", name_of(*scope))?;
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
