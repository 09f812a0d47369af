//! As much of the WebDriver protocol as the tests need, over a plain socket. <https://www.w3.org/TR/webdriver2/>

use aws_smithy_types::base64;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A browser of its own; it and its driver end with the value.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

/// The first of these programs that is installed.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name))).find(|file| file.is_file())
}

impl Browser {
    /// `None` where no browser is installed, after saying which test did not run.
    pub fn start(test: &str) -> Option<Browser> {
        let chromium = installed(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
        let driver = installed(&["chromedriver", "chromium.chromedriver"]);
        let (Some(chromium), Some(driver)) = (chromium, driver) else {
            let remedy = "install the packages chromium and chromium-driver (Debian), or Chrome and chromedriver";
            assert!(std::env::var_os("POSTURE_REQUIRE_CHROMIUM").is_none_or(|value| value != "1"), "{test}: {remedy}");
            eprintln!("SKIPPED {test}: no Chromium with its driver; {remedy}");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut driver =
            Command::new(driver).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let port = port(&mut said);
        // Whatever it says later must find a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let mut browser = Browser { driver, port, session: String::new(), _profile: profile };
        let data = format!("--user-data-dir={}", browser._profile.path().display());
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1400,1000",
            &data,
        ];
        let options = json!({ "binary": chromium, "args": args });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let answer = browser.request("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}")).to_owned();
        browser.command("timeouts", json!({ "script": 120_000, "pageLoad": 120_000, "implicit": 10_000 }));
        Some(browser)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(180))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let lower = line.trim().to_ascii_lowercase();
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if lower.is_empty() {
                break;
            }
        }
        reader.take(length).read_to_end(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = &answer["value"];
        assert!(value.get("error").is_none(), "{method} {path}: {value}");
        value.clone()
    }

    fn command(&self, name: &str, body: Value) -> Value {
        self.request("POST", &format!("/session/{}/{name}", self.session), &body)
    }

    /// Opens a page and waits until it has read all of its findings.
    pub fn open(&self, page: &Path, hash: &str) {
        // The same page with another fragment would not be loaded again.
        self.command("url", json!({ "url": "about:blank" }));
        self.command("url", json!({ "url": format!("file://{}{hash}", page.display()) }));
        self.until("the page has read its findings", "return document.documentElement.dataset.ready === 'true'");
    }

    /// Scrolls to the table, of which only the rows on the screen exist.
    pub fn to_findings(&self) {
        self.js("document.getElementById('findings').scrollIntoView()", &[]);
        self.until("rows are there", "return document.querySelectorAll('.row').length > 1");
    }

    /// Runs a function body in the page.
    pub fn js(&self, script: &str, args: &[Value]) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": args }))
    }

    pub fn until(&self, what: &str, condition: &str) {
        let start = Instant::now();
        while self.js(condition, &[]) != true {
            assert!(start.elapsed() < Duration::from_secs(120), "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn element(&self, selector: &str) -> String {
        let found = self.command("element", json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|members| members.values().next()).and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("no element {selector}: {found}")).to_owned()
    }

    pub fn click(&self, selector: &str) {
        self.command(&format!("element/{}/click", self.element(selector)), json!({}));
    }

    /// Types into an element.
    pub fn keys(&self, selector: &str, text: &str) {
        self.command(&format!("element/{}/value", self.element(selector)), json!({ "text": text }));
    }

    fn cdp(&self, command: &str, params: Value) {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": params }));
    }

    /// `light` or `dark`.
    pub fn media(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": [feature] }));
    }

    pub fn phone(&self) {
        let size = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        self.cdp("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the console said since the last time.
    pub fn messages(&self) -> Vec<String> {
        let said = self.command("se/log", json!({ "type": "browser" }));
        said.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap_or("").to_owned()).collect()
    }

    /// Prints to PDF; how many pages.
    pub fn print(&self, name: &str) -> usize {
        let pdf = base64::decode(self.command("print", json!({})).as_str().unwrap()).unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        keep(&format!("{name}.pdf"), &pdf);
        pdf.windows(11).filter(|bytes| *bytes == b"/Type /Page").count()
            - pdf.windows(12).filter(|bytes| *bytes == b"/Type /Pages").count()
    }

    pub fn screenshot(&self, name: &str) {
        if std::env::var_os("POSTURE_SHOTS").is_some() {
            let shot = self.request("GET", &format!("/session/{}/screenshot", self.session), &Value::Null);
            keep(&format!("{name}.png"), &base64::decode(shot.as_str().unwrap()).unwrap());
        }
    }
}

fn keep(name: &str, bytes: &[u8]) {
    if let Some(dir) = std::env::var_os("POSTURE_SHOTS") {
        std::fs::write(Path::new(&dir).join(name), bytes).unwrap();
    }
}

/// `ChromeDriver was started successfully on port 41234.`
fn port(said: &mut impl BufRead) -> u16 {
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        let port =
            line.trim().trim_end_matches('.').rsplit_once("success").and_then(|(_, rest)| rest.rsplit_once("on port "));
        if let Some(port) = port.and_then(|(_, port)| port.parse().ok()) {
            return port;
        }
        line.clear();
    }
    panic!("chromedriver did not say its port");
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.request("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        // The driver takes its browser with it.
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
