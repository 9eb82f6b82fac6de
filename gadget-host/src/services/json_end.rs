//! Detects truncated JSON in close-delimited responses.

/// Follows the brackets of a JSON object or list; truncated text leaves one open.
#[derive(Debug, Default)]
pub(crate) struct JsonEndDetector {
    depth: u64,
    is_text: bool,
    is_escaped: bool,
    has_begun: bool,
    /// Something other than whitespace stands outside the outermost brackets.
    has_more: bool,
}

impl JsonEndDetector {
    /// Reads the next bytes.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.read_byte(*byte);
        }
    }

    /// Tells whether exactly one object or list has been read to its end.
    pub(crate) fn is_at_end(&self) -> bool {
        self.has_begun && self.depth == 0 && !self.has_more
    }

    fn read_byte(&mut self, byte: u8) {
        if self.is_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_text = false,
                _ => {}
            }
            return;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'{' | b'[' if self.depth > 0 || !self.has_begun => {
                self.has_begun = true;
                self.depth += 1;
            }
            _ if self.depth == 0 => self.has_more = true,
            b'}' | b']' => self.depth -= 1,
            b'"' => self.is_text = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_only_when_its_brackets_are_closed() {
        for (text, whole) in [
            ("{}", true),
            (" [1, {\"a\": \"]}\"}]\n", true),
            (r#"{"a\"}": "\\"}"#, true),
            ("", false),
            ("{", false),
            (r#"{"a": "}"#, false),
            (r#"["\"]"#, false),
            ("[1, 2", false),
            ("{}{", false),
            ("{} x", false),
            ("12", false),
            ("a,b\n1,2\n", false),
            ("}", false),
        ] {
            let mut json_end = JsonEndDetector::default();
            let (one, other) = text.as_bytes().split_at(text.len() / 2);
            json_end.read(one);
            json_end.read(other);
            assert_eq!(json_end.is_at_end(), whole, "{text}");
        }
    }
}
