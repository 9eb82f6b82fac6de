//! Numbers as people write them in English.

/// Returns a number with commas between its thousands, and a true minus sign.
#[must_use]
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number and what it counts: `1 row`, `62,318 rows`.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{} {noun}", grouped(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_by_commas() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (62_318, "62,318"),
            (1_000_000, "1,000,000"),
            (-1_234_567, "−1,234,567"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn one_is_singular_and_all_other_counts_are_plural() {
        let cases = [(0, "0 rows"), (1, "1 row"), (62_318, "62,318 rows")];
        for (count, text) in cases {
            assert_eq!(counted(count, "row", "rows"), text);
        }
    }
}
