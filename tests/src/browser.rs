//! Chromium, driven over its DevTools protocol: what tests of pages do and look at.
//!
//! A page is used as a person uses it: keys and clicks are real input, and everything that the
//! browser has to complain about is kept.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::{keys::Key, protocol::Connection};

mod keys;
mod protocol;

/// How long anything may take before the test fails: far more than it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(25);
/// Settings of fontconfig; `FONTS` is where the fonts of pictures are.
const SYSTEM_FONT_IS_INTER: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>FONTS</dir>
  <!-- Those of the web are no fonts of a system. -->
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
/// More than anything on a page of ours is away from anything else, in presses of a key.
const STEPS: u32 = 400;
/// Has the page complain of what its policy forbids, also where the browser itself would say nothing.
const TELL: &str = "document.addEventListener('securitypolicyviolation', (event) => \
    console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`))";
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A Chromium without a window, with a profile of its own, until this value is dropped.
pub struct Browser {
    process: Child,
    port: u16,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser; without one on this machine it says so and returns nothing.
    ///
    /// # Panics
    ///
    /// Panics when a browser is there and does not start, or is missing where `CI` is set.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::launch(None)
    }

    /// Starts a browser whose system font is Inter, as on the machines of many people, so that
    /// pictures look alike wherever they are made.
    ///
    /// # Panics
    ///
    /// As [`Browser::start`].
    #[must_use]
    pub fn with_inter() -> Option<Self> {
        Self::launch(Some(SYSTEM_FONT_IS_INTER))
    }

    #[expect(
        clippy::print_stderr,
        reason = "a test that is skipped says why, on the way that test runners show"
    )]
    fn launch(fonts: Option<&str>) -> Option<Self> {
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
        let process = command
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
        Some(Self {
            process,
            port,
            _profile: profile,
        })
    }

    /// Opens a page that is empty, 1280 pixels wide, and light.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not answer.
    #[must_use]
    pub fn page(&self) -> Page {
        let target = self.ask("PUT", "/json/new?about:blank");
        let address = target["webSocketDebuggerUrl"]
            .as_str()
            .expect("a page has an address");
        let mut connection = Connection::open(address, self.port);
        for domain in ["Page", "Runtime", "Log"] {
            connection.call(&format!("{domain}.enable"), json!({}));
        }
        connection.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": TELL}),
        );
        let mut page = Page { connection };
        page.set_viewport(1280, 900, Theme::Light);
        page
    }

    /// Asks the browser itself, which speaks plain HTTP.
    fn ask(&self, method: &str, path: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromium listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        let port = self.port;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        );
        stream
            .write_all(request.as_bytes())
            .expect("the request is taken");
        // Chromium keeps the connection, so its end says nothing: the length does.
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

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stderr(Stdio::null())
        .output();
    version.is_ok_and(|output| output.status.success())
}

/// Waits for the file in which the browser says where it listens.
fn port_in(file: &Path) -> u16 {
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        // The port is whole once the line after it has begun.
        if let Some((port, _)) = text.split_once('\n') {
            return port.parse().expect("the first line is a port");
        }
        assert!(begin.elapsed() < PATIENCE, "chromium does not listen");
        thread::sleep(PAUSE);
    }
}

/// What the system of the visitor prefers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What somebody drags with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pointer {
    /// A pointer that is seen before it presses.
    Mouse,
    /// A finger, which scrolls too.
    Finger,
}

/// One page of a browser.
pub struct Page {
    connection: Connection,
}

impl Page {
    /// Goes to an address and waits until everything of it is loaded.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be loaded.
    pub fn goto(&mut self, url: &str) {
        self.connection.expect_load();
        let answer = self.connection.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.connection.wait_for_load(url);
    }

    /// Returns what a script gives, as JSON; of a promise, what it is kept with.
    ///
    /// The script is an expression: `document.title`, or `(async () => { … })()`.
    ///
    /// # Panics
    ///
    /// Panics when it throws.
    pub fn eval(&mut self, script: &str) -> Value {
        let answer = self.connection.call(
            "Runtime.evaluate",
            json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true}),
        );
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{script}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// Waits until a script gives something true, and returns it.
    ///
    /// # Panics
    ///
    /// Panics when that takes too long, with the text of the page.
    pub fn wait_for(&mut self, script: &str) -> Value {
        let begin = Instant::now();
        loop {
            let value = self.eval(script);
            let is_true = !matches!(&value, Value::Null | Value::Bool(false))
                && value != json!(0)
                && value != json!("");
            if is_true {
                return value;
            }
            if begin.elapsed() > PATIENCE {
                let text = self.eval("document.body.innerText");
                panic!(
                    "never true: {script}\n{}\n{:?}",
                    text.as_str().unwrap_or_default(),
                    self.console()
                );
            }
            thread::sleep(PAUSE);
        }
    }

    /// Presses and releases a key: `Tab`, `Shift+Tab`, `Enter`, `Space`, `ArrowDown`, `Control+a`, `x`.
    ///
    /// # Panics
    ///
    /// Panics when there is no such key.
    pub fn key(&mut self, name: &str) {
        let key = Key::named(name);
        for event in key.events() {
            self.connection.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Moves the focus to the first element of a selector once it is there and can be used.
    ///
    /// # Panics
    ///
    /// Panics when that takes too long.
    pub fn focus(&mut self, selector: &str) {
        let found = format!("document.querySelector({selector:?})");
        self.wait_for(&format!("{found} && !{found}.disabled"));
        self.eval(&format!("{found}.focus()"));
    }

    /// Moves the focus to an element and presses Enter.
    ///
    /// # Panics
    ///
    /// As [`Page::focus`].
    pub fn activate(&mut self, selector: &str) {
        self.focus(selector);
        self.key("Enter");
    }

    /// Presses a key until the focus is at what a selector finds: `Tab`, or an arrow within a menu.
    ///
    /// # Panics
    ///
    /// Panics when the focus does not come there, or comes there where nobody sees it.
    pub fn move_focus(&mut self, key: &str, selector: &str) {
        let found = format!("document.querySelector({selector:?})");
        self.wait_for(&found);
        for _ in 0..STEPS {
            if self.eval(&format!("document.activeElement.matches({selector:?})")) == true {
                let is_seen = self.eval(
                    "(() => { const box = document.activeElement.getBoundingClientRect(); return box.width > 0 && box.height > 0 \
                     && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth; })()",
                );
                assert_eq!(is_seen, true, "the focus at {selector} is out of sight");
                return;
            }
            self.key(key);
        }
        panic!(
            "{STEPS} times {key} do not lead to {selector}, but to {}",
            self.eval("document.activeElement.outerHTML")
        );
    }

    /// Types a text into what has the focus, a key for each character.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not take it.
    pub fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            for event in Key::of_character(character).events() {
                self.connection.call("Input.dispatchKeyEvent", event);
            }
        }
    }

    /// Clicks with the pointer into the middle of the first element that a selector finds.
    ///
    /// # Panics
    ///
    /// Panics when there is none, or it takes no room.
    pub fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const found = document.querySelector({}); if (!found) return null; found.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const box = found.getBoundingClientRect(); return box.width > 0 && {{x: box.x + box.width / 2, y: box.y + box.height / 2}}; }})()",
            json!(selector)
        ));
        assert!(place.is_object(), "nothing to click at {selector}: {place}");
        let place = ["x", "y"].map(|axis| place[axis].as_f64().unwrap_or_default());
        self.press_down(Pointer::Mouse, place);
        self.release(Pointer::Mouse, place);
    }

    /// Presses at one place of the screen, goes to another in steps, and lets go there.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not take it.
    pub fn drag(&mut self, pointer: Pointer, from: [f64; 2], to: [f64; 2]) {
        const STEPS: u32 = 12;
        let on_way = |step: u32| {
            let part = f64::from(step) / f64::from(STEPS);
            [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part)
        };
        self.press_down(pointer, from);
        for step in 1..=STEPS {
            self.move_to(pointer, on_way(step));
        }
        self.release(pointer, to);
    }

    fn press_down(&mut self, pointer: Pointer, place: [f64; 2]) {
        match pointer {
            Pointer::Mouse => {
                self.mouse("mouseMoved", place);
                self.mouse("mousePressed", place);
            }
            Pointer::Finger => self.touch("touchStart", &[place]),
        }
    }

    fn move_to(&mut self, pointer: Pointer, place: [f64; 2]) {
        match pointer {
            Pointer::Mouse => self.mouse("mouseMoved", place),
            Pointer::Finger => self.touch("touchMove", &[place]),
        }
    }

    fn release(&mut self, pointer: Pointer, place: [f64; 2]) {
        match pointer {
            Pointer::Mouse => self.mouse("mouseReleased", place),
            Pointer::Finger => self.touch("touchEnd", &[]),
        }
    }

    fn mouse(&mut self, kind: &str, [x, y]: [f64; 2]) {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let buttons = u8::from(kind != "mouseReleased");
        self.connection.call(
            "Input.dispatchMouseEvent",
            json!({"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1}),
        );
    }

    fn touch(&mut self, kind: &str, places: &[[f64; 2]]) {
        let points: Vec<_> = places
            .iter()
            .map(|[x, y]| json!({"x": x, "y": y}))
            .collect();
        self.connection.call(
            "Input.dispatchTouchEvent",
            json!({"type": kind, "touchPoints": points}),
        );
    }

    /// Presses a key on what asks for a file, and chooses this one.
    ///
    /// # Panics
    ///
    /// Panics when nothing asks for a file.
    pub fn choose_file(&mut self, key: &str, file: &Path) {
        let asks = json!({"enabled": true});
        self.connection
            .call("Page.setInterceptFileChooserDialog", asks);
        self.key(key);
        let input = self.connection.wait_for_file_chooser();
        self.connection.call(
            "DOM.setFileInputFiles",
            json!({"files": [file], "backendNodeId": input}),
        );
    }

    /// Keeps what the page downloads in this directory.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not take it.
    pub fn download_into(&mut self, directory: &Path) {
        self.connection.call(
            "Browser.setDownloadBehavior",
            json!({"behavior": "allow", "downloadPath": directory}),
        );
    }

    /// Returns what a script gives in each frame of the page, in the order of the page; of a frame that may not show its
    /// page, nothing.
    ///
    /// # Panics
    ///
    /// Panics when the script throws.
    pub fn eval_in_frames(&mut self, script: &str) -> Vec<Option<Value>> {
        let tree = self.connection.call("Page.getFrameTree", json!({}));
        let frames = tree["frameTree"]["childFrames"].as_array();
        let frames = frames.cloned().unwrap_or_default();
        let given = frames.iter().map(|each| {
            let frame = &each["frame"];
            if frame.get("unreachableUrl").is_some() {
                return None;
            }
            let world = self
                .connection
                .call("Page.createIsolatedWorld", json!({"frameId": frame["id"]}));
            let answer = self.connection.call(
                "Runtime.evaluate",
                json!({"expression": script, "contextId": world["executionContextId"], "returnByValue": true}),
            );
            assert!(answer.get("exceptionDetails").is_none(), "{script}: {answer}");
            Some(answer["result"]["value"].clone())
        });
        given.collect()
    }

    /// Gives the machine of the page a screen that is touched, and no mouse.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not take it.
    pub fn touch_screen(&mut self) {
        self.connection.call(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": true, "maxTouchPoints": 1}),
        );
    }

    /// Returns what the browser complained about since the last time: errors and warnings of
    /// scripts, exceptions, refused requests, and reports of the content security policy.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not answer.
    pub fn console(&mut self) -> Vec<String> {
        // What was said before this answer has come by then.
        self.eval("0");
        self.connection.complaints()
    }

    /// Sets the size of the page in pixels, and what the visitor's system prefers.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not take it.
    pub fn set_viewport(&mut self, width: u32, height: u32, theme: Theme) {
        self.connection.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
        let scheme = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        self.connection.call(
            "Emulation.setEmulatedMedia",
            json!({"features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]}),
        );
    }

    /// Writes a picture of the page in that size, as PNG.
    ///
    /// A height of 0 takes the whole page, however long it is.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be taken or written.
    pub fn screenshot(&mut self, path: &Path, width: u32, height: u32, theme: Theme) {
        self.set_viewport(width, height.max(400), theme);
        // Colours that change with the theme may take a moment.
        self.eval(
            "Promise.all(document.getAnimations().map(each => each.finished.catch(() => {})))",
        );
        let parameters = match height {
            0 => {
                let height = self.eval("document.documentElement.scrollHeight");
                let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
                json!({"format": "png", "captureBeyondViewport": true, "clip": clip})
            }
            // As it is seen, also what stands at the edge of the screen.
            _ => json!({"format": "png"}),
        };
        let answer = self.connection.call("Page.captureScreenshot", parameters);
        let data = answer["data"].as_str().expect("a picture has data");
        let picture = BASE64_STANDARD.decode(data).expect("the data is base64");
        fs::write(path, picture).expect("the picture can be written");
    }
}
