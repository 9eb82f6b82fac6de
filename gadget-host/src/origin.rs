//! Which origins a host sends the credentials of datasources to.

use std::net::IpAddr;

use gadget_api::{Error, ErrorKind, Request};
use url::{Host, Url};

use crate::network_scope::NetworkScope;

/// Which origins datasources may have besides the known origins of their kinds.
///
/// # Examples
///
/// ```
/// use gadget_host::OriginPolicy;
///
/// let policy = OriginPolicy::new().with_origin("https://marketplace.example.com")?;
/// assert!(OriginPolicy::new().with_origin("http://marketplace.example.com").is_err());
/// # Ok::<(), gadget_host::InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OriginPolicy {
    allowed: Vec<url::Origin>,
    has_insecure_loopback: bool,
}

/// A text is not an origin that can be allowed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not an origin that can be allowed; write it as `https://api.example.com`")]
pub struct InvalidOrigin {
    text: String,
}

impl OriginPolicy {
    /// Creates the policy that allows only the known origins of datasource kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows one more origin: `https://host` or `https://host:port`.
    ///
    /// This also allows it to be in a private network.
    ///
    /// # Errors
    ///
    /// Returns an error when `text` is anything but such an origin.
    pub fn with_origin(mut self, text: &str) -> Result<Self, InvalidOrigin> {
        let refused = || InvalidOrigin {
            text: crate::text::one_line(text),
        };
        let url = read(text).map_err(|_| refused())?;
        if url.scheme() != "https" || url.path() != "/" {
            return Err(refused());
        }
        self.allowed.push(url.origin());
        Ok(self)
    }

    /// Allows addresses that start with `http://` if their host is this machine.
    #[must_use]
    pub fn with_insecure_loopback(mut self) -> Self {
        self.has_insecure_loopback = true;
        self
    }

    /// Reads the base address of a datasource whose kind has the known origins `known`.
    pub(crate) fn base(&self, text: &str, known: &[String]) -> Result<BaseAddress, String> {
        let url = read(text)?;
        let scope = self.scope(&url, known)?;
        if scope == NetworkScope::Public && is_named_loopback(&url) {
            return Err("it points to this machine".to_owned());
        }
        if let Some(address) = literal(&url)
            && !scope.allows(address)
        {
            return Err(format!("{address} is not an allowed address"));
        }
        Ok(BaseAddress { url, scope })
    }

    fn scope(&self, url: &Url, known: &[String]) -> Result<NetworkScope, String> {
        let origin = url.origin();
        match url.scheme() {
            "http" if !is_loopback(url) => {
                return Err("it must start with `https://`".to_owned());
            }
            "http" if self.has_insecure_loopback => return Ok(NetworkScope::Loopback),
            "http" => {
                return Err(
                    "it must start with `https://`; an insecure address on this machine has to be allowed when the host is started"
                        .to_owned(),
                );
            }
            "https" => {}
            _ => return Err("it must start with `https://`".to_owned()),
        }
        if self.allowed.contains(&origin) {
            return Ok(NetworkScope::Named);
        }
        if known
            .iter()
            .any(|each| Url::parse(each).is_ok_and(|url| url.origin() == origin))
        {
            return Ok(NetworkScope::Public);
        }
        Err(format!(
            "`{}` is not an allowed origin; an administrator can allow it when the host is started",
            origin.ascii_serialization()
        ))
    }
}

/// Reads an address that has an origin and a path, and nothing else.
fn read(text: &str) -> Result<Url, String> {
    // The parser treats `\` as `/` and drops tabs and line ends, unlike a person.
    if text
        .chars()
        .any(|each| each.is_control() || each.is_whitespace() || each == '\\')
    {
        return Err("it contains a character that is not allowed in an address".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("it is not a valid address: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err("it contains a user or a password; enter them in their own fields".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a query or a fragment".to_owned());
    }
    match url.host() {
        None => Err("it has no host".to_owned()),
        Some(Host::Domain(name)) if name.is_empty() || name.ends_with('.') => {
            Err("its host ends with a dot".to_owned())
        }
        Some(_) => Ok(url),
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn is_named_loopback(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|name| name == "localhost" || name.ends_with(".localhost"))
}

fn is_loopback(url: &Url) -> bool {
    match literal(url) {
        Some(address) => NetworkScope::Loopback.allows(address),
        None => url.host_str() == Some("localhost"),
    }
}

/// The base address of a datasource; all requests go to paths below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BaseAddress {
    url: Url,
    scope: NetworkScope,
}

impl BaseAddress {
    /// Returns scheme, host and port as text.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns the address in its normal form, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(crate) fn scope(&self) -> NetworkScope {
        self.scope
    }

    /// Returns the address of a request, whose path is appended to the base path.
    pub(crate) fn address_of(&self, request: &Request) -> Result<Url, Error> {
        let path = request.path();
        let refused = |why: &str| {
            Error::new(
                ErrorKind::Internal,
                format!("the gadget requested a path that is not allowed: {why}"),
            )
        };
        if !path.starts_with('/') {
            return Err(refused("it does not start with `/`"));
        }
        if path.contains("//") {
            return Err(refused("it contains `//`"));
        }
        if path
            .chars()
            .any(|each| each.is_control() || "\\?# ".contains(each))
        {
            return Err(refused(
                "it contains a character that is not allowed in a path",
            ));
        }
        // The parser treats an escaped dot as a dot.
        let is_dots = |part: &str| {
            matches!(
                part.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        };
        if path.split('/').any(is_dots) {
            return Err(refused("it contains `.` or `..` as a segment"));
        }
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        if !request.query().is_empty() {
            url.query_pairs_mut().extend_pairs(request.query());
        }
        if url.origin() != self.url.origin() {
            return Err(refused("it leaves the origin of the datasource"));
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "https://api.atlassian.com";

    fn base(text: &str) -> Result<BaseAddress, String> {
        OriginPolicy::new().base(text, &[KNOWN.to_owned()])
    }

    #[test]
    fn only_the_known_origin_is_a_base_address_unless_another_is_allowed() {
        for text in [
            "https://api.atlassian.com",
            "https://api.atlassian.com/marketplace",
            "https://API.atlassian.com:443/marketplace/",
        ] {
            assert_eq!(
                base(text).map(|base| base.origin()),
                Ok(KNOWN.to_owned()),
                "{text}"
            );
        }
        for text in [
            "http://api.atlassian.com",
            "https://api.atlassian.com:8443",
            "https://api.atlassian.com.",
            "https://api.atlassian.com@evil.test",
            "https://evil.test\\@api.atlassian.com",
            "https://user:pass@api.atlassian.com",
            "https://@api.atlassian.com",
            "https://api.atlassian.com?x=1",
            "https://api.atlassian.com#x",
            "https://api.atlassian.com.evil.test",
            "https://xn--pi-7ta.atlassian.com",
            "https://аpi.atlassian.com",
            "https://api.atlassian.com\t.evil.test",
            " https://api.atlassian.com",
            "ftp://api.atlassian.com",
            "file:///etc/passwd",
            "//api.atlassian.com",
            "api.atlassian.com",
            "",
        ] {
            assert!(base(text).is_err(), "{text}");
        }
        let policy = OriginPolicy::new()
            .with_origin("https://intern.example:8443")
            .unwrap();
        assert_eq!(
            policy
                .base("https://intern.example:8443/x", &[])
                .map(|base| base.scope()),
            Ok(NetworkScope::Named)
        );
        assert!(policy.base("https://intern.example", &[]).is_err());
    }

    #[test]
    fn no_spelling_of_an_inner_address_is_a_base_address_even_if_a_library_claims_it() {
        for spelling in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "127.000.000.001",
            "①②⑦.⓪.⓪.①",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "127%2e0%2e0%2e1",
            "0",
            "0.0.0.0",
            "0x0",
            "00",
            "10.0.0.1",
            "10.1",
            "0xa.1",
            "167772161",
            "012.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.168.1",
            "0xc0a80001",
            "3232235521",
            "169.254.169.254",
            "169.254.43518",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[100::1]",
            "[2001::1]",
            "localhost",
            "LOCALHOST",
            "x.localhost",
            "localhost.",
            "127.0.0.1.",
        ] {
            let text = format!("https://{spelling}/");
            let origin = Url::parse(&text).map(|url| url.origin().ascii_serialization());
            let known: Vec<_> = origin.ok().into_iter().collect();
            assert!(
                OriginPolicy::new().base(&text, &known).is_err(),
                "{spelling}"
            );
            // Without TLS there is only this machine, and only if that was asked for.
            let text = format!("http://{spelling}/");
            assert!(
                OriginPolicy::new().base(&text, &known).is_err(),
                "{spelling}"
            );
        }
    }

    #[test]
    fn an_insecure_address_is_allowed_on_this_machine_only() {
        let policy = OriginPolicy::new().with_insecure_loopback();
        for (text, holds) in [
            ("http://127.0.0.1:8080/marketplace", true),
            ("http://[::1]:8080", true),
            ("http://localhost:8080", true),
            ("http://localhost.example.com", false),
            ("http://0.0.0.0:8080", false),
            ("http://10.0.0.1:8080", false),
            ("http://example.com", false),
            ("https://127.0.0.1", false),
        ] {
            assert_eq!(policy.base(text, &[]).is_ok(), holds, "{text}");
        }
    }

    #[test]
    fn an_origin_that_was_allowed_by_name_may_be_private_but_never_the_metadata_service() {
        for (text, holds) in [
            ("https://10.0.0.5", true),
            ("https://127.0.0.1:8443", true),
            ("https://169.254.169.254", false),
            ("https://0.0.0.0", false),
            ("https://[fe80::1]", false),
            ("https://[fd00:ec2::254]", false),
        ] {
            let policy = OriginPolicy::new().with_origin(text).unwrap();
            assert_eq!(policy.base(text, &[]).is_ok(), holds, "{text}");
        }
    }

    #[test]
    fn requests_stay_below_the_base_address() {
        let base = base("https://api.atlassian.com/marketplace/").unwrap();
        let address = |path: &str| base.address_of(&Request::get(path)).map(String::from);
        let with_query = Request::get("/rest/3/apps").with_query("a b", "c&d=é");
        assert_eq!(
            base.address_of(&with_query).map(String::from).unwrap(),
            "https://api.atlassian.com/marketplace/rest/3/apps?a+b=c%26d%3D%C3%A9"
        );
        assert_eq!(
            address("/@evil.test:80/x%2Fy").unwrap(),
            "https://api.atlassian.com/marketplace/@evil.test:80/x%2Fy"
        );
        for path in [
            "",
            "rest",
            "https://evil.test/",
            "//evil.test/",
            "/a//b",
            "/../x",
            "/a/..",
            "/a/./b",
            "/%2e%2e/x",
            "/.%2E/x",
            "/a\\..\\b",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\r\nHost: x",
            "/a\0",
        ] {
            assert!(address(path).is_err(), "{path:?}");
        }
    }
}
