//! Chromium, driven over its DevTools protocol.
//!
//! A page is used as a person uses it: keys and clicks are real input. What the browser complains
//! about fails the test, unless the test expects it.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};
use tempfile::TempDir;

pub use self::page::{Page, Pointer, Theme};
use self::protocol::Connection;
use crate::{PATIENCE, wait_until};

mod keys;
mod page;
mod protocol;

/// Settings of fontconfig; `FONTS` stands for the directory of the fonts that pictures use.
const SYSTEM_FONT_IS_INTER: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>FONTS</dir>
  <!-- Web fonts are not system fonts. -->
  <selectfont><rejectfont><glob>*.woff2</glob></rejectfont></selectfont>
  <match target="pattern">
    <test name="family"><string>system-ui</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>sans</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
</fontconfig>
"#;
/// Reports what the policy of a page forbids, also where the browser itself would say nothing.
const REPORT_VIOLATIONS: &str = "document.addEventListener('securitypolicyviolation', (event) => \
    console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`))";
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A Chromium without a window, with a profile of its own; it ends with the last of its pages.
#[derive(Clone)]
struct Browser(Arc<Process>);

struct Process {
    child: Child,
    port: u16,
    _profile: TempDir,
}

impl Browser {
    #[expect(
        clippy::print_stderr,
        reason = "a test that is skipped says why, on the way that test runners show"
    )]
    fn start(fonts: Option<&str>) -> Option<Self> {
        let Some(program) = NAMES.into_iter().find(|name| is_installed(name)) else {
            assert!(env::var_os("CI").is_none(), "CI needs chromium");
            eprintln!("skipped: chromium is not installed");
            return None;
        };
        let profile = tempfile::tempdir().expect("a temporary directory can be made");
        let mut command = Command::new(program);
        if let Some(fonts) = fonts {
            let file = profile.path().join("fonts.conf");
            let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../gadget-draw/fonts");
            fs::write(&file, fonts.replace("FONTS", directory)).expect("the file can be written");
            command.env("FONTCONFIG_FILE", file);
        }
        let child = command
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-quic", "--no-first-run", "--disable-sync"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--lang=en-US",
            ])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromium starts");
        let port = port_in(&profile.path().join("DevToolsActivePort"));
        Some(Self(Arc::new(Process {
            child,
            port,
            _profile: profile,
        })))
    }

    /// Connects to a new page.
    fn connect(&self) -> Connection {
        let target = self.ask("PUT", "/json/new?about:blank");
        let address = target["webSocketDebuggerUrl"]
            .as_str()
            .expect("a page has an address");
        let mut connection = Connection::open(address, self.0.port);
        for domain in ["Page", "Runtime", "Log"] {
            connection.call(&format!("{domain}.enable"), json!({}));
        }
        connection.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": REPORT_VIOLATIONS}),
        );
        connection
    }

    /// Asks the browser itself over plain HTTP.
    fn ask(&self, method: &str, path: &str) -> Value {
        let port = self.0.port;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("chromium listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        );
        stream
            .write_all(request.as_bytes())
            .expect("the request is taken");
        // Chromium keeps the connection open, so only the length tells where the body ends.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("the answer has a head");
            let header = line.trim_end().split_once(':');
            match header {
                None if line.trim_end().is_empty() => break,
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().expect("a length is a number");
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("the answer is whole");
        serde_json::from_slice(&body).expect("chromium answers with JSON")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The browser may have ended already; ignore the error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stderr(Stdio::null())
        .output();
    version.is_ok_and(|output| output.status.success())
}

/// Waits for the file that names the port of the browser, and returns the port.
fn port_in(file: &Path) -> u16 {
    wait_until("chromium listens", || {
        let text = fs::read_to_string(file).unwrap_or_default();
        // The port is complete once the next line has begun.
        let (port, _) = text.split_once('\n')?;
        Some(port.parse().expect("the first line is a port"))
    })
}
