//! Writes JSON objects directly into a string. Rows are written by the million, also in builds without optimization,
//! where a tree of values or a serializer is many times slower.

use chrono::NaiveDate;
use serde_json::Value;

/// An object that is being written.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Writes an object with the members that `members` adds.
    pub(crate) fn write(out: &mut String, members: impl FnOnce(&mut Object<'_>)) {
        out.push('{');
        let mut object = Object {
            out: &mut *out,
            is_empty: true,
        };
        members(&mut object);
        out.push('}');
    }

    fn name(&mut self, name: &str) {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        write_text(self.out, value);
    }

    /// Adds a text, or `null`.
    pub(crate) fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.raw(name, "null"),
        }
    }

    /// Adds a date.
    pub(crate) fn date(&mut self, name: &str, value: NaiveDate) {
        self.raw(name, &format!("\"{value}\""));
    }

    /// Adds an amount of money, given in cents.
    pub(crate) fn money(&mut self, name: &str, cents: i64) {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        self.raw(name, &format!("{sign}{}.{:02}", cents / 100, cents % 100));
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.push_str(json);
    }

    /// Adds an object.
    pub(crate) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        Object::write(self.out, members);
    }

    /// Adds what `value` writes.
    pub(crate) fn with(&mut self, name: &str, value: impl FnOnce(&mut String)) {
        self.name(name);
        value(self.out);
    }
}

/// Writes a text as a JSON string.
fn write_text(out: &mut String, text: &str) {
    let is_plain = text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if is_plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    #[test]
    fn what_is_written_is_json() {
        let mut out = String::new();
        Object::write(&mut out, |object| {
            object.text("a", "x \"y\" \\ \n\u{1}");
            object.text_or_null("b", None);
            object.date("c", day::read("2026-02-03").unwrap());
            object.money("d", -1205);
            object.object("e", |inner| inner.raw("f", "[1]"));
            object.object("g", |_| {});
        });
        let value: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"a": "x \"y\" \\ \n\u{1}", "b": null, "c": "2026-02-03", "d": -12.05, "e": {"f": [1]}, "g": {}})
        );
    }
}
