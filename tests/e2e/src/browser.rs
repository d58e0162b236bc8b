//! Chromium, driven.

use crate::PATIENCE;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, Key, LoggingPrefsLogLevel, TimeoutConfiguration,
    WebDriver, WebElement, WindowHandle, error::WebDriverError,
};

/// What every browser is started with. `--no-sandbox` as tests may run as root; the rest keeps the
/// browser from doing things of its own.
const ARGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--window-size=1280,900",
];

/// Looks at a condition until it holds, at each change of the page and, for what is no change of the
/// page, every so often. Answers `{ got }` or, after the time given, `{ page, error }`.
const UNTIL: &str = "
    const done = arguments[arguments.length - 1];
    const a = arguments[0];
    const deadline_ms = performance.now() + arguments[1];
    const condition = () => (CONDITION);
    const finish = (answer) => { observer.disconnect(); clearInterval(timer); done(answer); };
    const look = () => {
        let got = null, error = null;
        try { got = condition(); } catch (thrown) { error = String(thrown); }
        if (got) finish({ got });
        else if (performance.now() > deadline_ms) {
            finish({ page: document.documentElement.innerText.slice(0, 1500), error });
        }
    };
    const observer = new MutationObserver(look);
    const timer = setInterval(look, 50);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
";

/// A browser on a profile, which outlives its process. Killed when dropped.
pub struct Browser {
    driver: WebDriver,
    driver_url: String,
    program: PathBuf,
    profile: PathBuf,
    process: Process,
}

/// A line of the browser's log that tells of a fault of the page.
#[derive(Clone, Debug)]
pub struct Severe(pub String);

impl Browser {
    pub(crate) async fn open(driver_url: &str, program: &Path, profile: PathBuf) -> Result<Self> {
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&program.display().to_string())?;
        for arg in ARGS {
            wanted.add_arg(arg)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(driver_url, wanted).await.context("chromedriver opens no browser")?;
        // Ended by its process, in `Drop`; asking the driver for it would block there.
        driver.clone().leak().context("a new session has not ended")?;
        let id = process_id(driver.capabilities())?;
        let process = Process { id, profile: profile.clone(), has_ended: Cell::new(false) };
        let script = PATIENCE + Duration::from_secs(10);
        driver.update_timeouts(TimeoutConfiguration::new(Some(script), Some(PATIENCE), None)).await?;
        // The network can be taken only from sockets that are opened after this.
        driver.cdp().send_raw("Network.enable", json!({})).await?;
        Ok(Self { driver, driver_url: driver_url.to_owned(), program: program.to_owned(), profile, process })
    }

    /// Kills its processes, as a power cut would, and waits for them to be gone. It can only be
    /// [reopened](Self::reopen) then.
    ///
    /// # Errors
    /// When they do not end.
    pub fn kill9(&self) -> Result<()> {
        self.process.kill9()
    }

    /// Closes it, as a person does, and waits for it to be gone: only then are cookies and local
    /// storage sure to be on the disk, for which Chromium takes its time. It can only be
    /// [reopened](Self::reopen) then.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn close(&self) -> Result<()> {
        // The browser may be gone before it has answered.
        let _ = self.devtools("Browser.close", json!({})).await;
        self.process.until_ended()
    }

    /// The same profile in a new process.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn reopen(&mut self) -> Result<()> {
        self.kill9()?;
        *self = Self::open(&self.driver_url, &self.program, self.profile.clone()).await?;
        Ok(())
    }

    /// Goes to an address and waits for its document to be loaded.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.driver.goto(url).await.with_context(|| format!("{url} cannot be loaded"))
    }

    /// The tab that is looked at.
    ///
    /// # Errors
    /// When there is none.
    pub async fn tab(&self) -> Result<WindowHandle> {
        self.driver.window().await.context("no tab is open")
    }

    /// Opens that address in a tab of its own, and looks at it.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open_tab(&self, url: &str) -> Result<WindowHandle> {
        let tab = self.driver.new_tab().await.context("no tab can be opened")?;
        self.to_tab(&tab).await?;
        self.goto(url).await?;
        Ok(tab)
    }

    /// Looks at that tab.
    ///
    /// # Errors
    /// When it is closed.
    pub async fn to_tab(&self, tab: &WindowHandle) -> Result<()> {
        self.driver.switch_to_window(tab.clone()).await.context("a tab cannot be looked at")
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn reload(&self) -> Result<()> {
        self.driver.refresh().await.context("the page cannot be loaded anew")
    }

    /// Waits until `condition`, a JavaScript expression over the arguments `a`, gives something that
    /// is true, and gives that.
    ///
    /// # Errors
    /// After [`PATIENCE`], with what is on the page instead of `what`.
    pub async fn until(&self, what: &str, condition: &str, args: Value) -> Result<Value> {
        let script = UNTIL.replace("CONDITION", condition);
        let deadline = Instant::now() + PATIENCE;
        let answer = loop {
            let patience = deadline.saturating_duration_since(Instant::now());
            let args = vec![args.clone(), json!(patience.as_millis() as u64)];
            match self.driver.execute_async(script.clone(), args).await {
                // What is waited for may come with the next page.
                Err(error) if is_unloaded(&error) && Instant::now() < deadline => {}
                answer => break answer.with_context(|| format!("waiting for {what}"))?,
            }
        };
        match answer.json() {
            Value::Object(answer) if answer.contains_key("got") => Ok(answer["got"].clone()),
            answer => {
                let page = answer["page"].as_str().unwrap_or_default();
                let error = answer["error"].as_str().unwrap_or("none");
                let log: Vec<_> = self.severe().await?.into_iter().map(|line| line.0).collect();
                bail!("{what} did not come\nerror: {error}\nlog: {log:#?}\npage:\n{page}")
            }
        }
    }

    /// What a JavaScript function body over the arguments `a` returns.
    ///
    /// # Errors
    /// When it throws.
    pub async fn eval(&self, body: &str, args: Value) -> Result<Value> {
        let script = format!("const a = arguments[0]; {body}");
        Ok(self.driver.execute(script, vec![args]).await.with_context(|| format!("running {body}"))?.json().clone())
    }

    /// What an `async` JavaScript function body over the arguments `a` comes to.
    ///
    /// # Errors
    /// When it throws, or takes longer than [`PATIENCE`].
    pub async fn eval_async(&self, body: &str, args: Value) -> Result<Value> {
        let script = format!(
            "const a = arguments[0]; const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then((got) => done({{ got }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.driver.execute_async(script, vec![args]).await.with_context(|| format!("running {body}"))?;
        match answer.json().get("error") {
            None => Ok(answer.json()["got"].clone()),
            Some(error) => bail!("{error}, running {body}"),
        }
    }

    /// Waits until there is an element of that CSS selector.
    ///
    /// # Errors
    /// When none comes.
    pub async fn until_there(&self, selector: &str) -> Result<()> {
        self.until(selector, "!!document.querySelector(a)", json!(selector)).await.map(drop)
    }

    /// Waits until there is no element of that CSS selector.
    ///
    /// # Errors
    /// When one stays.
    pub async fn until_gone(&self, selector: &str) -> Result<()> {
        self.until(&format!("the end of {selector}"), "!document.querySelector(a)", json!(selector)).await.map(drop)
    }

    /// The element of that CSS selector, once there is one.
    async fn element(&self, selector: &str) -> Result<WebElement> {
        let element = self.until(selector, "document.querySelector(a)", json!(selector)).await?;
        Ok(WebElement::from_json(element, self.driver.handle().clone())?)
    }

    /// Clicks the element of that CSS selector, once there is one, as a mouse does.
    ///
    /// # Errors
    /// When none comes, or something else lies over it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.element(selector).await?.click().await.with_context(|| format!("{selector} cannot be clicked"))
    }

    /// Replaces the text of the field of that CSS selector, once there is one, as a keyboard does.
    ///
    /// # Errors
    /// When none comes, or it takes no keys.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let field = self.element(selector).await?;
        field.send_keys(Key::Control + "a").await.with_context(|| format!("{selector} takes no keys"))?;
        field.send_keys(text).await.with_context(|| format!("{selector} takes no keys"))
    }

    /// Presses a key in the element of that CSS selector.
    ///
    /// # Errors
    /// When there is none, or it takes no keys.
    pub async fn press(&self, selector: &str, key: Key) -> Result<()> {
        let keys = thirtyfour::TypingData::from(key);
        self.element(selector).await?.send_keys(keys).await.with_context(|| format!("{selector} takes no keys"))
    }

    /// What an attribute of the element of that CSS selector says; none where either is not there.
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>> {
        let body = "return document.querySelector(a[0])?.getAttribute(a[1]) ?? null";
        Ok(self.eval(body, json!([selector, name])).await?.as_str().map(ToOwned::to_owned))
    }

    /// What the text of the element of that CSS selector is, as it stands in the document; none
    /// where there is none.
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub async fn text(&self, selector: &str) -> Result<Option<String>> {
        let text = self.eval("return document.querySelector(a)?.textContent ?? null", json!(selector)).await?;
        Ok(text.as_str().map(ToOwned::to_owned))
    }

    /// Sends a command of the DevTools protocol.
    ///
    /// # Errors
    /// When the browser does not know it.
    pub async fn devtools(&self, method: &str, params: Value) -> Result<Value> {
        self.driver.cdp().send_raw(method, params).await.with_context(|| format!("{method} failed"))
    }

    /// Takes the network away or gives it back, as the developer tools do. Open sockets stay half
    /// open.
    ///
    /// # Errors
    /// When the browser does not take that.
    pub async fn set_offline(&self, offline: bool) -> Result<()> {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", conditions).await.map(drop)
    }

    /// Makes the page as large as on a screen of that size; on a phone's, also touched.
    ///
    /// # Errors
    /// When the browser does not take that.
    pub async fn set_screen(&self, width_px: u32, height_px: u32, is_phone: bool) -> Result<()> {
        let screen = json!({ "width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": is_phone });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await?;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": is_phone })).await.map(drop)
    }

    /// What the page looks like, as a PNG.
    ///
    /// # Errors
    /// When the browser gives no picture.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        self.driver.screenshot_as_png().await.context("the browser gives no picture")
    }

    /// What the browser has logged, since this was last asked, of faults of the page. That a network
    /// fails is none.
    ///
    /// # Errors
    /// When the driver does not say.
    pub async fn severe(&self) -> Result<Vec<Severe>> {
        let log = self.driver.browser_log().await.context("the driver gives no log")?;
        let severe = log.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message);
        let of_the_network = |line: &String| {
            ["net::ERR_", "WebSocket connection to", "the server responded with a status of 401"]
                .iter()
                .any(|part| line.contains(part))
        };
        Ok(severe.filter(|line| !of_the_network(line)).map(Severe).collect())
    }

    /// That the page has logged no fault, panic or breach of its CSP.
    ///
    /// # Errors
    /// Names what it has.
    pub async fn is_well(&self) -> Result<()> {
        let severe = self.severe().await?;
        ensure!(severe.is_empty(), "the browser has logged {severe:#?}");
        let panic = self.text(".panic").await?;
        ensure!(panic.is_none(), "the app has failed: {panic:?}");
        Ok(())
    }
}

/// A browser's processes: the first, and all others that work on its profile.
struct Process {
    id: u64,
    profile: PathBuf,
    /// Another may work on the profile since, or have the id.
    has_ended: Cell<bool>,
}

impl Process {
    fn kill9(&self) -> Result<()> {
        if self.has_ended.get() {
            return Ok(());
        }
        // It may have ended already.
        let _ = Command::new("kill").args(["-9", &self.id.to_string()]).output().context("there is no `kill`")?;
        self.until_ended()
    }

    fn until_ended(&self) -> Result<()> {
        let begun = Instant::now();
        while self.is_running() {
            ensure!(begun.elapsed() < PATIENCE, "a browser does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.has_ended.set(true);
        Ok(())
    }

    /// Whether any process names the profile on its command line, which all of a browser's do.
    fn is_running(&self) -> bool {
        let profile = self.profile.display().to_string();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
            .any(|line| String::from_utf8_lossy(&line).contains(&profile))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The test is over; what is left of it is of no matter.
        let _ = self.kill9();
    }
}

fn process_id(capabilities: &Capabilities) -> Result<u64> {
    capabilities.get("goog:processID").and_then(Value::as_u64).context("chromedriver names no process")
}

/// Whether a script, well within its time, found no end because its page did. The driver has more
/// than one way of saying so.
fn is_unloaded(error: &WebDriverError) -> bool {
    let text = error.to_string();
    ["document unloaded while waiting for result", "aborted by navigation", "script timeout"]
        .iter()
        .any(|said| text.contains(said))
}
