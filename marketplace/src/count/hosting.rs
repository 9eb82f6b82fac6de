//! Where an app runs.

/// The hosting of a license.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Hosting {
    /// Atlassian's cloud.
    Cloud,
    /// A customer's cluster.
    DataCenter,
    /// A customer's single server.
    Server,
    /// Missing or unknown.
    #[default]
    Other,
}

impl Hosting {
    /// All hostings, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Cloud, Self::DataCenter, Self::Server, Self::Other];

    /// Reads a hosting as the Marketplace writes it, ignoring case and blanks.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let word: String = text
            .chars()
            .filter(|sign| !sign.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        match word.as_str() {
            "cloud" => Self::Cloud,
            "datacenter" => Self::DataCenter,
            "server" => Self::Server,
            _ => Self::Other,
        }
    }

    /// Returns the name that settings and tables use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cloud => "Cloud",
            Self::DataCenter => "Data Center",
            Self::Server => "Server",
            Self::Other => "Other",
        }
    }

    /// Returns the index of the hosting in [`Hosting::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_of_a_hosting_do_not_matter() {
        let cases = [
            ("Cloud", Hosting::Cloud),
            (" cLOUD ", Hosting::Cloud),
            ("Data Center", Hosting::DataCenter),
            ("Data center", Hosting::DataCenter),
            ("datacenter", Hosting::DataCenter),
            ("D a t a Center\t", Hosting::DataCenter),
            ("SERVER", Hosting::Server),
            ("", Hosting::Other),
            ("Moon", Hosting::Other),
        ];
        for (text, expected) in cases {
            assert_eq!(Hosting::parse(text), expected, "{text:?}");
        }
        for (index, hosting) in Hosting::ALL.into_iter().enumerate() {
            assert_eq!(hosting.index(), index);
            assert_eq!(Hosting::parse(hosting.name()), hosting);
        }
    }
}
