//! A page of the browser, and what a person does there.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Browser, SYSTEM_FONT_IS_INTER, keys::Key, protocol::Connection};
use crate::PATIENCE;

/// How long to wait before a page is looked at again.
const PAUSE: Duration = Duration::from_millis(25);
/// The most key presses between any two elements of our pages.
const STEPS: u32 = 400;

/// The colour scheme that the visitor's system prefers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The input device of a drag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pointer {
    /// A mouse, which hovers before it presses.
    Mouse,
    /// A finger, which can also scroll.
    Finger,
}

/// A page of a browser.
///
/// When it is dropped at the end of a test, the test fails if the browser has complained about
/// anything that [`Page::expect_complaints`] was not told of.
pub struct Page {
    connection: Connection,
    browser: Browser,
}

impl Page {
    /// Starts a browser and opens an empty page, 1280 pixels wide, and light.
    ///
    /// Returns nothing, and prints why, when no browser is installed.
    ///
    /// # Panics
    ///
    /// Panics when a browser is there and does not start, or is missing where `CI` is set.
    #[must_use]
    pub fn open() -> Option<Self> {
        Browser::start(None).map(|browser| Self::open_in(&browser))
    }

    /// Does the same in a browser whose system font is Inter, as on the machines of many people, so
    /// that pictures look alike wherever they are taken.
    ///
    /// # Panics
    ///
    /// As [`Page::open`].
    #[must_use]
    pub fn open_with_inter() -> Option<Self> {
        Browser::start(Some(SYSTEM_FONT_IS_INTER)).map(|browser| Self::open_in(&browser))
    }

    /// Opens another empty page in the same browser, with the same cookies.
    #[must_use]
    pub fn open_another(&self) -> Self {
        Self::open_in(&self.browser)
    }

    fn open_in(browser: &Browser) -> Self {
        let mut page = Self {
            connection: browser.connect(),
            browser: browser.clone(),
        };
        page.set_viewport(1280, 900, Theme::Light);
        page
    }

    /// Navigates to an address and waits until the page has loaded completely.
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

    /// Evaluates a script and returns its value as JSON; a promise is awaited.
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

    /// Waits until a script returns something truthy, and returns that.
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
                    self.take_complaints()
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

    /// Moves the focus to the first element of a selector once it is there and enabled.
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

    /// Presses a key, such as `Tab` or an arrow key, until the focus is on an element of the selector.
    ///
    /// # Panics
    ///
    /// Panics when the focus does not get there, or the element is out of sight.
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

    /// Types a text into the focused element, one key per character.
    ///
    /// # Panics
    ///
    /// Panics when the browser refuses.
    pub fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            for event in Key::of_character(character).events() {
                self.connection.call("Input.dispatchKeyEvent", event);
            }
        }
    }

    /// Clicks the middle of the first element of a selector.
    ///
    /// # Panics
    ///
    /// Panics when there is none, or it has no size.
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

    /// Presses at one point of the screen, moves to another in steps, and releases there.
    ///
    /// # Panics
    ///
    /// Panics when the browser refuses.
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

    /// Presses a key that opens a file chooser, and chooses this file.
    ///
    /// # Panics
    ///
    /// Panics when no file chooser opens.
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

    /// Saves downloads of the page in this directory.
    ///
    /// # Panics
    ///
    /// Panics when the browser refuses.
    pub fn download_into(&mut self, directory: &Path) {
        self.connection.call(
            "Browser.setDownloadBehavior",
            json!({"behavior": "allow", "downloadPath": directory}),
        );
    }

    /// Evaluates a script in each frame of the page, in order; returns nothing for a frame that may not show its page.
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

    /// Emulates a touch screen in place of a mouse.
    ///
    /// # Panics
    ///
    /// Panics when the browser refuses.
    pub fn touch_screen(&mut self) {
        self.connection.call(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": true, "maxTouchPoints": 1}),
        );
    }

    /// Takes what the browser has complained about so far: errors and warnings of scripts,
    /// exceptions, refused requests, and violations of the content security policy.
    ///
    /// # Panics
    ///
    /// Panics when the browser does not answer.
    pub fn take_complaints(&mut self) -> Vec<String> {
        // Whatever was reported before this answer has arrived with it.
        self.eval("0");
        self.connection.complaints()
    }

    /// Takes the complaints so far, each of which must contain a text, such as the status `404`.
    ///
    /// # Panics
    ///
    /// Panics when one does not.
    pub fn expect_complaints(&mut self, text: &str) {
        let complaints = self.take_complaints();
        assert!(
            complaints.iter().all(|each| each.contains(text)),
            "the browser complains about more than {text:?}: {complaints:#?}"
        );
    }

    /// Checks that the browser has nothing to complain about.
    ///
    /// # Panics
    ///
    /// Panics when it has.
    pub fn expect_no_complaints(&mut self, what: &str) {
        assert_eq!(self.take_complaints(), [""; 0], "{what}");
    }

    /// Sets the size of the page in pixels, and what the visitor's system prefers.
    ///
    /// # Panics
    ///
    /// Panics when the browser refuses.
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

    /// Writes a picture of the page at this size, as PNG.
    ///
    /// A height of 0 takes the whole page, however long it is.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be taken or written.
    pub fn screenshot(&mut self, path: &Path, width: u32, height: u32, theme: Theme) {
        self.set_viewport(width, height.max(400), theme);
        // Transitions between the themes take a moment.
        self.eval(
            "Promise.all(document.getAnimations().map(each => each.finished.catch(() => {})))",
        );
        let parameters = match height {
            0 => {
                let height = self.eval("document.documentElement.scrollHeight");
                let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
                json!({"format": "png", "captureBeyondViewport": true, "clip": clip})
            }
            // Elements that are fixed to the edges of the screen are included.
            _ => json!({"format": "png"}),
        };
        let answer = self.connection.call("Page.captureScreenshot", parameters);
        let data = answer["data"].as_str().expect("a picture has data");
        let picture = BASE64_STANDARD.decode(data).expect("the data is base64");
        fs::write(path, picture).expect("the picture can be written");
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.expect_no_complaints("at the end of the test");
        }
    }
}
