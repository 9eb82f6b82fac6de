//! Searching for secrets, in every encoding in which they could appear.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A secret that must not appear anywhere.
#[derive(Clone, Debug)]
pub struct PlantedSecret {
    name: String,
    traces: Vec<String>,
}

impl PlantedSecret {
    /// Creates one from a secret of at least twelve bytes; `name` is for messages.
    ///
    /// # Panics
    ///
    /// Panics when the secret is shorter: it would be found by chance.
    #[must_use]
    pub fn new(name: &str, secret: &[u8]) -> Self {
        assert!(secret.len() >= 12, "`{name}` is too short to search for");
        let mut traces = vec![letters(secret)];
        // Base64 depends on the position modulo three; the ends mix with neighbouring bytes and are cut off.
        for before in ["", "a", "ab"] {
            let encoded = STANDARD.encode([before.as_bytes(), secret].concat());
            let begin = if before.is_empty() { 0 } else { 4 };
            let middle = &encoded[begin..encoded.len() - 4];
            traces.push(middle.replace('+', "-").replace('/', "_"));
            traces.push(middle.to_owned());
        }
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        traces.push(hex.to_uppercase());
        traces.push(hex);
        traces.push(url_encoded(secret, "%20"));
        traces.push(url_encoded(secret, "+"));
        let name = name.to_owned();
        Self { name, traces }
    }

    /// Returns the encoding of the secret that the bytes contain, if any.
    #[must_use]
    pub fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        self.written_in(&letters(bytes))
    }

    fn written_in(&self, text: &str) -> Option<&str> {
        let found = self.traces.iter().find(|trace| text.contains(*trace));
        found.map(String::as_str)
    }
}

/// Maps each byte to a character, because text is searched far faster than bytes.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Percent-encodes bytes, with this text for a space.
#[must_use]
pub fn url_encoded(bytes: &[u8], space: &str) -> String {
    let written = bytes.iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(*byte).to_string()
        }
        b' ' => space.to_owned(),
        other => format!("%{other:02X}"),
    });
    written.collect()
}

/// Checks that bytes contain none of the secrets.
///
/// # Panics
///
/// Panics when they do, and says which one and where.
pub fn assert_no_secrets(what: &str, bytes: &[u8], secrets: &[PlantedSecret]) {
    let text = letters(bytes);
    for secret in secrets {
        let found = secret.written_in(&text);
        assert!(found.is_none(), "{what} holds {} as {found:?}", secret.name);
    }
}

/// Checks that no file below a directory contains any of the secrets, and returns the number of files.
///
/// # Panics
///
/// Panics when one does, or when it cannot be read.
pub fn assert_no_secrets_in_files(directory: &Path, secrets: &[PlantedSecret]) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(directory).expect("an own directory can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            count += assert_no_secrets_in_files(&path, secrets);
        } else {
            let bytes = fs::read(&path).expect("an own file can be read");
            assert_no_secrets(&path.display().to_string(), &bytes, secrets);
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let secret = "correct horse+battery";
        let planted = PlantedSecret::new("the secret", secret.as_bytes());
        for written in [
            format!("password={secret}"),
            STANDARD.encode(format!("ann@acme.example:{secret}")),
            STANDARD.encode(format!("ann:{secret}")),
            "password=correct+horse%2Bbattery&more".to_owned(),
            "?password=correct%20horse%2Bbattery".to_owned(),
            "636f727265637420686f7273652b62617474657279".to_owned(),
        ] {
            assert!(planted.found_in(written.as_bytes()).is_some(), "{written}");
        }
        assert_eq!(planted.found_in(b"correct horse battery"), None);
    }
}
