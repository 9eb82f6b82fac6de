//! The size of a tier: from its text to a number of users.

/// The largest plausible size.
const LARGEST: u64 = 1_000_000_000;

/// Texts without a size, in lower case.
const WITHOUT_SIZE: [&str; 8] = [
    "",
    "evaluation",
    "subscription",
    "demonstration license",
    "unknown",
    "na",
    "pending",
    "not applicable",
];

/// The meaning of a tier's text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Tier {
    /// No size, as expected of this text.
    #[default]
    None,
    /// No size, because the text is not understood.
    NotUnderstood,
    /// As many users as the settings say.
    Unlimited,
    /// This many users.
    Users(u32),
}

/// The size of a tier by given settings.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Size {
    pub(super) users: i64,
    /// Whether the tier is unlimited.
    pub(super) is_unlimited: bool,
}

impl Tier {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        if text.starts_with("unlimited") {
            return Self::Unlimited;
        }
        if WITHOUT_SIZE.contains(&text.as_str()) || is_negative(&text) {
            return Self::None;
        }
        match upper_bound(&text).or_else(|| number(&text).map(|(users, _)| users)) {
            Some(users) if users <= LARGEST => {
                u32::try_from(users).map_or(Self::NotUnderstood, Self::Users)
            }
            _ => Self::NotUnderstood,
        }
    }

    /// Returns the size, if it has one.
    pub(super) fn size(self, unlimited_users: u32) -> Option<Size> {
        match self {
            Self::None | Self::NotUnderstood => None,
            Self::Unlimited => Some(Size {
                users: unlimited_users.into(),
                is_unlimited: true,
            }),
            Self::Users(users) => Some(Size {
                users: users.into(),
                is_unlimited: false,
            }),
        }
    }
}

fn is_negative(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| {
        rest.trim_start()
            .starts_with(|sign: char| sign.is_ascii_digit())
    })
}

/// Returns the upper end of the first range in a text (`11 - 1,000 users`).
fn upper_bound(text: &str) -> Option<u64> {
    let mut rest = text;
    while let Some((_, after)) = number(rest) {
        let upper = after.trim_start().strip_prefix('-').map(str::trim_start);
        if let Some(upper) =
            upper.filter(|upper| upper.starts_with(|sign: char| sign.is_ascii_digit()))
        {
            return number(upper).map(|(users, _)| users);
        }
        rest = after;
    }
    None
}

/// Returns the first number in a text, without its commas, and what follows it.
fn number(text: &str) -> Option<(u64, &str)> {
    let from = text.find(|sign: char| sign.is_ascii_digit())?;
    let digits = &text[from..];
    let until = digits
        .find(|sign: char| !sign.is_ascii_digit() && sign != ',')
        .unwrap_or(digits.len());
    let users = digits[..until]
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0u64, |sum, digit| {
            sum.saturating_mul(10).saturating_add((digit - b'0').into())
        });
    Some((users, &digits[until..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_size_that_it_says() {
        let cases = [
            ("Unlimited Users", Tier::Unlimited),
            (" UNLIMITED", Tier::Unlimited),
            ("unlimitedish 5", Tier::Unlimited),
            ("not unlimited", Tier::NotUnderstood),
            ("", Tier::None),
            ("  ", Tier::None),
            ("Evaluation", Tier::None),
            ("SUBSCRIPTION", Tier::None),
            (" Demonstration License ", Tier::None),
            ("Unknown", Tier::None),
            ("NA", Tier::None),
            ("Pending", Tier::None),
            ("Not Applicable", Tier::None),
            ("-17 Users", Tier::None),
            ("- 5", Tier::None),
            ("-\t5 - 10", Tier::None),
            ("-", Tier::NotUnderstood),
            ("- x 5", Tier::Users(5)),
            ("1-10 Users", Tier::Users(10)),
            ("11 - 1,000 users", Tier::Users(1000)),
            ("tier 3: 11-100", Tier::Users(100)),
            ("5 10-20 30-40", Tier::Users(20)),
            ("10--20", Tier::Users(10)),
            ("10 -x 20", Tier::Users(10)),
            ("1,-,2", Tier::Users(1)),
            ("10,-20", Tier::Users(20)),
            ("10 Users", Tier::Users(10)),
            ("1 User", Tier::Users(1)),
            ("0 Users", Tier::Users(0)),
            ("1,200 Users", Tier::Users(1200)),
            ("Per Unit Pricing (1,250 users)", Tier::Users(1250)),
            ("Annual - 25 users", Tier::Users(25)),
            ("50", Tier::Users(50)),
            ("v2: 7", Tier::Users(2)),
            ("1000000000", Tier::Users(1_000_000_000)),
            ("1,000,000,001", Tier::NotUnderstood),
            ("99999999999999999999999999", Tier::NotUnderstood),
            ("1-99999999999999999999999999", Tier::NotUnderstood),
            ("Enterprise", Tier::NotUnderstood),
            ("null", Tier::NotUnderstood),
            ("Evaluation (30 days)", Tier::Users(30)),
            (",,,", Tier::NotUnderstood),
        ];
        for (text, expected) in cases {
            assert_eq!(Tier::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_unlimited_text_has_the_size_of_the_settings() {
        assert_eq!(
            Tier::Unlimited.size(0),
            Some(Size {
                users: 0,
                is_unlimited: true
            })
        );
        assert_eq!(
            Tier::Unlimited.size(10001),
            Some(Size {
                users: 10001,
                is_unlimited: true
            })
        );
        assert_eq!(
            Tier::Users(7).size(10001),
            Some(Size {
                users: 7,
                is_unlimited: false
            })
        );
        assert_eq!(Tier::None.size(10001), None);
        assert_eq!(Tier::NotUnderstood.size(10001), None);
    }
}
