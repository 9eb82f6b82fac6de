//! Ids that look random but are derived from names.

/// Returns a UUID that depends only on `kind` and `name`.
pub(crate) fn uuid(kind: &str, name: &str) -> String {
    let high = hash(&[kind, "high", name]);
    let low = hash(&[kind, "low", name]);
    uuid_of(high, low)
}

/// Formats 128 bits as a random UUID (version 4, variant 1).
pub(crate) fn uuid_of(high: u64, low: u64) -> String {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Tells whether `text` has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// FNV-1a over the parts, then the finisher of SplitMix64, so that similar names give unrelated ids.
fn hash(parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mix(state)
}

/// Mixes the bits of `value` (the finisher of SplitMix64).
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_its_name_and_has_the_form_of_a_uuid() {
        let one = uuid("developer", "1212980");
        assert!(is_uuid(&one), "{one}");
        assert_eq!(one, uuid("developer", "1212980"));
        assert_ne!(one, uuid("developer", "1212981"));
        assert_ne!(one, uuid("product", "1212980"));
        assert!(!is_uuid("1212980"));
        assert_eq!(one.as_bytes()[14], b'4');
    }
}
