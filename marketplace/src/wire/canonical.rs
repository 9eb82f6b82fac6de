//! The canonical text of a JSON value: members sorted at every depth, no blanks, everything else as sent.
//!
//! Records are equal if their canonical texts are, and these texts break the last tie between two rows.

/// How deep a record may be nested.
const DEEPEST: usize = 64;

/// A JSON text that is nested too deep, or is not JSON.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct NotCanonical;

/// Appends the canonical text of a JSON value.
///
/// The last of several members with the same name counts, as it does for parsers.
///
/// # Errors
///
/// Returns an error when the value is nested too deep, or is not JSON.
pub(super) fn write_canonical(json: &[u8], out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    write_value(json, 0, out).map(|_| ())
}

/// Writes the value at the start of the text, and returns what follows it.
fn write_value<'a>(
    json: &'a [u8],
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<&'a [u8], NotCanonical> {
    let json = json.trim_ascii_start();
    match json.first() {
        Some(b'{') if depth < DEEPEST => write_object(json, depth, out),
        Some(b'[') if depth < DEEPEST => write_array(json, depth, out),
        Some(b'{' | b'[') => Err(NotCanonical),
        _ => {
            let (scalar, rest) = scalar(json)?;
            out.extend_from_slice(scalar);
            Ok(rest)
        }
    }
}

fn write_array<'a>(
    json: &'a [u8],
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<&'a [u8], NotCanonical> {
    out.push(b'[');
    let mut rest = json[1..].trim_ascii_start();
    if let Some(after) = rest.strip_prefix(b"]") {
        out.push(b']');
        return Ok(after);
    }
    loop {
        rest = write_value(rest, depth + 1, out)?.trim_ascii_start();
        let (next, after) = rest.split_first().ok_or(NotCanonical)?;
        out.push(*next);
        rest = after;
        match next {
            b',' => {}
            b']' => return Ok(rest),
            _ => return Err(NotCanonical),
        }
    }
}

fn write_object<'a>(
    json: &'a [u8],
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<&'a [u8], NotCanonical> {
    let mut members: Vec<(&[u8], &[u8])> = Vec::with_capacity(32);
    let mut rest = json[1..].trim_ascii_start();
    if let Some(after) = rest.strip_prefix(b"}") {
        rest = after;
    } else {
        loop {
            let (key, after) = scalar(rest.trim_ascii_start())?;
            let value = after
                .trim_ascii_start()
                .strip_prefix(b":")
                .ok_or(NotCanonical)?;
            rest = skip_value(value)?;
            members.push((key, &value[..value.len() - rest.len()]));
            let (next, after) = rest.trim_ascii_start().split_first().ok_or(NotCanonical)?;
            rest = after;
            match next {
                b',' => {}
                b'}' => break,
                _ => return Err(NotCanonical),
            }
        }
    }
    // Without quotes, so that a name sorts before a longer one that starts with it.
    members.sort_by_key(|(key, _)| &key[1..key.len().max(2) - 1]);
    out.push(b'{');
    let mut is_first = true;
    for (index, (key, value)) in members.iter().enumerate() {
        if members.get(index + 1).is_some_and(|(next, _)| next == key) {
            continue;
        }
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        out.extend_from_slice(key);
        out.push(b':');
        write_value(value, depth + 1, out)?;
    }
    out.push(b'}');
    Ok(rest)
}

/// Returns what follows the value at the start of the text.
fn skip_value(json: &[u8]) -> Result<&[u8], NotCanonical> {
    let mut rest = json.trim_ascii_start();
    let mut depth = 0usize;
    loop {
        match rest.first().ok_or(NotCanonical)? {
            b'{' | b'[' => {
                depth += 1;
                rest = &rest[1..];
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1).ok_or(NotCanonical)?;
                rest = &rest[1..];
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => rest = &rest[1..],
            _ => rest = scalar(rest)?.1,
        }
        if depth == 0 {
            return Ok(rest);
        }
    }
}

/// Splits off a string, a number or a word.
fn scalar(json: &[u8]) -> Result<(&[u8], &[u8]), NotCanonical> {
    let end = if json.first() == Some(&b'"') {
        let mut at = 1;
        loop {
            match json.get(at).ok_or(NotCanonical)? {
                b'"' => break at + 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    } else {
        json.iter()
            .position(|byte| {
                matches!(
                    byte,
                    b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\n' | b'\r'
                )
            })
            .unwrap_or(json.len())
    };
    if end == 0 {
        Err(NotCanonical)
    } else {
        json.split_at_checked(end).ok_or(NotCanonical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(json: &str) -> Result<String, NotCanonical> {
        let mut out = Vec::new();
        write_canonical(json.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn members_are_sorted_at_every_depth_and_blanks_are_left_out() {
        let cases = [
            (
                r#" { "b" : 1 , "a" : [ 1.0 , { "d" : null , "c" : " x " } ] } "#,
                r#"{"a":[1.0,{"c":" x ","d":null}],"b":1}"#,
            ),
            (r#"{"ab": 1, "a": 2, "a-": 3}"#, r#"{"a":2,"a-":3,"ab":1}"#),
            (r#"{"a": 1, "b": 2, "a": 3}"#, r#"{"a":3,"b":2}"#),
            (
                r#"{"quote\"}": "\\", "brace": "}"}"#,
                r#"{"brace":"}","quote\"}":"\\"}"#,
            ),
            ("[]", "[]"),
            ("{}", "{}"),
            ("[ ]", "[]"),
            ("{ }", "{}"),
            (
                r#"[[[]], {"a": {}}, -1e5, true]"#,
                r#"[[[]],{"a":{}},-1e5,true]"#,
            ),
            (r#""x""#, r#""x""#),
        ];
        for (json, expected) in cases {
            assert_eq!(canonical(json).as_deref(), Ok(expected), "{json}");
        }
    }

    #[test]
    fn invalid_and_too_deep_json_is_refused() {
        let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
        let bottomless = "{\"a\":".repeat(100_000);
        for json in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\":1",
            "[1",
            "[1}",
            "\"x",
            "\"x\\",
            "{\"a\":}",
            &deep,
            &bottomless,
        ] {
            assert_eq!(canonical(json), Err(NotCanonical), "{json}");
        }
        assert!(canonical(&format!("{}1{}", "[".repeat(64), "]".repeat(64))).is_ok());
    }
}
