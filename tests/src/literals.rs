//! String literals of source files, for tests of what the code may name.

/// A string literal in a source file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Literal {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// What stands between its quotes, with escapes as they are written.
    pub text: String,
}

/// Returns the string literals of Rust code: without comments, and without the tests at its end.
#[must_use]
pub fn of_rust(source: &str) -> Vec<Literal> {
    let code = source.split("#[cfg(test)]\nmod tests {").next();
    let code = code.unwrap_or_default();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        let raw = rest.strip_prefix('r').map(|rest| {
            let hashes = rest.len() - rest.trim_start_matches('#').len();
            (hashes, &rest[hashes..])
        });
        let is_word = code[..at].ends_with(|each: char| each.is_alphanumeric() || each == '_');
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some((hashes, text)) =
            raw.filter(|(_, text)| text.starts_with('"') && !is_word)
        {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = text[1..].find(&end).unwrap_or(text.len() - 1);
            found.push(literal(code, at, &text[1..=length]));
            at += 1 + hashes + 1 + length + end.len();
        } else if let Some(text) = rest.strip_prefix('"') {
            let length = end_of_text(text);
            found.push(literal(code, at, &text[..length]));
            at += length + 2;
        } else {
            at += character(rest);
        }
    }
    found
}

/// Returns the string literals of a script that has each of them on one line.
#[must_use]
pub fn of_script(source: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    for (place, line) in source.lines().enumerate() {
        let is_comment = ["//", "*", "/*"]
            .iter()
            .any(|mark| line.trim_start().starts_with(mark));
        if is_comment {
            continue;
        }
        // Which quote opens a text does not matter: words between any two of them are looked at.
        let words = line.split(['"', '\'', '`']).skip(1);
        found.extend(words.map(|text| Literal {
            line: place + 1,
            text: text.to_owned(),
        }));
    }
    found
}

fn literal(code: &str, at: usize, text: &str) -> Literal {
    Literal {
        line: code[..at].matches('\n').count() + 1,
        text: text.to_owned(),
    }
}

/// Returns the length of a text up to its closing quote.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    text.find(|each: char| {
        let is_end = each == '"' && !is_escaped;
        is_escaped = each == '\\' && !is_escaped;
        is_end
    })
    .unwrap_or(text.len())
}

/// Returns the length of a character literal, so that `'"'` opens no text, or else of one character.
fn character(rest: &str) -> usize {
    let one = rest.chars().next().map_or(1, char::len_utf8);
    let Some(inner) = rest.strip_prefix('\'') else {
        return one;
    };
    let length = match inner.strip_prefix('\\') {
        Some(escaped) => 1 + escaped.chars().next().map_or(0, char::len_utf8),
        None => inner.chars().next().map_or(0, char::len_utf8),
    };
    match inner.get(length..) {
        Some(after) if after.starts_with('\'') => length + 2,
        _ => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_characters_and_tests_hold_no_literal() {
        let source = r##"
// "comment"
let a = "one \" more"; /* "two" */
let quote = '"'; let b: &'static str = r#"raw "text""#;
let escaped = '\''; call("last");
#[cfg(test)]
mod tests { "test" }
"##;
        let texts: Vec<_> = of_rust(source)
            .into_iter()
            .map(|each| (each.line, each.text))
            .collect();
        assert_eq!(
            texts,
            [
                (3, "one \\\" more".to_owned()),
                (4, "raw \"text\"".to_owned()),
                (5, "last".to_owned())
            ]
        );
        let script = of_script("// 'no'\nif (id === \"lost\") { say(`x`); }");
        assert!(
            script
                .iter()
                .any(|each| each.text == "lost" && each.line == 2)
        );
        assert!(script.iter().all(|each| each.text != "no"));
    }
}
