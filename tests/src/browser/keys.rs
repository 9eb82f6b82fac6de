//! Keys of a keyboard, as the DevTools protocol describes them.

use serde_json::{Value, json};

/// The named keys: name, virtual key code, and the text that the key types.
const NAMED: [(&str, u32, &str); 16] = [
    ("Backspace", 8, ""),
    ("Tab", 9, ""),
    ("Enter", 13, "\r"),
    ("Escape", 27, ""),
    ("Space", 32, " "),
    ("PageUp", 33, ""),
    ("PageDown", 34, ""),
    ("End", 35, ""),
    ("Home", 36, ""),
    ("ArrowLeft", 37, ""),
    ("ArrowUp", 38, ""),
    ("ArrowRight", 39, ""),
    ("ArrowDown", 40, ""),
    ("Delete", 46, ""),
    ("F10", 121, ""),
    ("F11", 122, ""),
];
/// The modifier keys: name and bit.
const HELD: [(&str, u32); 4] = [("Alt", 1), ("Control", 2), ("Meta", 4), ("Shift", 8)];
const SHIFT: u32 = 8;

/// A key with its modifiers.
pub(super) struct Key {
    key: String,
    code: String,
    number: u32,
    text: String,
    held: u32,
}

impl Key {
    /// Returns the key of this name, with its modifiers before it: `Shift+Tab`.
    pub(super) fn named(name: &str) -> Self {
        // A plus alone is a key, not a separator.
        let (held, last) = match name.rsplit_once('+') {
            Some((held, last)) if !last.is_empty() => (held, last),
            _ => ("", name),
        };
        let mut key = match NAMED.into_iter().find(|(known, _, _)| *known == last) {
            Some((name, number, text)) => Self {
                key: if name == "Space" { " " } else { name }.to_owned(),
                code: name.to_owned(),
                number,
                text: text.to_owned(),
                held: 0,
            },
            None => {
                let mut characters = last.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Self::of_character(character),
                    _ => panic!("there is no key {last:?}"),
                }
            }
        };
        for held in held.split('+').filter(|held| !held.is_empty()) {
            let known = HELD.into_iter().find(|(known, _)| *known == held);
            key.held |= known
                .unwrap_or_else(|| panic!("{held:?} is not held down"))
                .1;
        }
        // With these modifiers, a key is a command and types nothing.
        if key.held & !SHIFT != 0 {
            key.text.clear();
        }
        key
    }

    /// Returns the key that types a character.
    pub(super) fn of_character(character: char) -> Self {
        if character == '\n' {
            return Self::named("Enter");
        }
        let upper = character.to_ascii_uppercase();
        let code = match upper {
            'A'..='Z' => format!("Key{upper}"),
            '0'..='9' => format!("Digit{upper}"),
            ' ' => "Space".to_owned(),
            _ => String::new(),
        };
        // The key codes of other characters depend on the keyboard layout.
        let number = if code.is_empty() { 0 } else { u32::from(upper) };
        Self {
            key: character.to_string(),
            code,
            number,
            text: character.to_string(),
            held: if character.is_ascii_uppercase() {
                SHIFT
            } else {
                0
            },
        }
    }

    /// Returns the events of a press: the key goes down, and up again.
    pub(super) fn events(&self) -> [Value; 2] {
        let event = |kind: &str| {
            json!({"type": kind, "key": self.key, "code": self.code, "modifiers": self.held,
                "windowsVirtualKeyCode": self.number, "nativeVirtualKeyCode": self.number})
        };
        let mut down = event(if self.text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        });
        if !self.text.is_empty() {
            down["text"] = json!(self.text);
        }
        // Editing commands come from the platform, which a browser without a window lacks.
        if self.held == 2 && self.key == "a" {
            down["commands"] = json!(["selectAll"]);
        }
        [down, event("keyUp")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_name_or_its_character() {
        for (name, key, code, text, held) in [
            ("Tab", "Tab", "Tab", "", 0),
            ("Shift+Tab", "Tab", "Tab", "", 8),
            ("Control+Shift+a", "a", "KeyA", "", 10),
            ("Space", " ", "Space", " ", 0),
            ("x", "x", "KeyX", "x", 0),
            ("X", "X", "KeyX", "X", 8),
            ("+", "+", "", "+", 0),
            ("é", "é", "", "é", 0),
        ] {
            let found = Key::named(name);
            assert_eq!(
                (
                    found.key.as_str(),
                    found.code.as_str(),
                    found.text.as_str(),
                    found.held
                ),
                (key, code, text, held),
                "{name}"
            );
        }
    }

    #[test]
    #[should_panic(expected = "there is no key \"Tabulator\"")]
    fn a_name_that_no_key_has_is_a_mistake_in_the_test() {
        let _ = Key::named("Tabulator");
    }
}
