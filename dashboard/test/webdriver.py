"""A W3C WebDriver client for Debian's chromedriver, with Python's standard library alone: what the browser tests need
of it and no more. Commands: https://www.w3.org/TR/webdriver2/. Nothing here knows Gridlock.
"""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

COMMAND_SECONDS_MAX = 60
START_SECONDS_MAX = 60
POLL_SECONDS = 0.1
# https://www.w3.org/TR/webdriver2/#elements: the name under which an element's reference is sent.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"ArrowDown": "\ue015", "ArrowUp": "\ue013", "Home": "\ue011", "End": "\ue010", "Enter": "\ue007",
    "Tab": "\ue004"}
BROWSER_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    # The browser's own calls home would be requests outside the server.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
)


class WebDriverError(Exception):
    """What the driver answered instead of a value."""


def request(method, url, body=None):
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=COMMAND_SECONDS_MAX) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        value = json.load(error)["value"]
        raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None


class Browser:
    """A headless Chromium with a profile of its own. Use it in a `with`."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="gridlock-browser-", ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(
            [shutil.which("chromedriver") or "chromedriver",
                "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.session = None
        try:
            port = self._port()
            capabilities = {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": [*BROWSER_FLAGS, f"--user-data-dir={self.profile.name}"]},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            }
            base = f"http://127.0.0.1:{port}/session"
            made = request("POST", base, {"capabilities": {"alwaysMatch": capabilities}})
            self.session = f"{base}/{made['sessionId']}"
        except BaseException:
            self.close()
            raise

    def _port(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            line = self.driver.stdout.readline()
            if not line:
                break
            match = re.search(r"started successfully on port (\d+)", line)
            if match:
                return int(match[1])
        raise WebDriverError("chromedriver did not start; Debian's package is chromium-driver")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            if self.session:
                request("DELETE", self.session)
        except (WebDriverError, OSError):
            pass  # the driver is ended below, and the browser with it
        self.session = None
        self.driver.terminate()
        self.driver.wait(timeout=COMMAND_SECONDS_MAX)
        self.driver.stdout.close()
        self.profile.cleanup()

    def call(self, method, path, body=None):
        return request(method, f"{self.session}/{path}", body)

    def devtools(self, command, **parameters):
        """A command of the Chrome DevTools protocol."""
        return self.call("POST", "goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self.call("POST", "url", {"url": url})

    def url(self):
        return self.call("GET", "url")

    def back(self):
        self.call("POST", "back", {})

    def forward(self):
        self.call("POST", "forward", {})

    def script(self, code, *arguments):
        """Runs the body of a function in the page and returns its value; elements come and go as references."""
        return self.call("POST", "execute/sync", {"script": code, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "element", {"using": "css selector", "value": selector})[ELEMENT]

    def find_all(self, selector):
        return [one[ELEMENT] for one in self.call("POST", "elements", {"using": "css selector", "value": selector})]

    def click(self, element):
        self.call("POST", f"element/{element}/click", {})

    def type(self, element, text):
        self.call("POST", f"element/{element}/value", {"text": text})

    def clear(self, element):
        self.call("POST", f"element/{element}/clear", {})

    def text(self, element):
        return self.call("GET", f"element/{element}/text")

    def text_of(self, selector):
        return self.text(self.find(selector))

    def press(self, *keys):
        """Keys on whatever has the focus; names as in KEYS, or single characters."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.call("POST", "actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def hover(self, element):
        move = {"type": "pointerMove", "duration": 0, "origin": {ELEMENT: element}, "x": 0, "y": 0}
        self.call("POST", "actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def wait_for(self, what, condition, seconds=20):
        """Until the function answers something true, which is returned. `what` is said if it never does."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                value = condition()
            except WebDriverError:
                value = None  # an element that is being replaced
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"after {seconds} s still not so: {what}; the page is {self.url()}")
            time.sleep(POLL_SECONDS)

    def resize(self, width, height, is_phone=False):
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone
        )

    def colours(self, scheme):
        """"light" or "dark"."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path, whole_page=False, height_max=16000):
        clip = {}
        if whole_page:
            size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
            height = min(size["height"], height_max)
            clip = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": height,
                "scale": 1}}
        data = self.devtools("Page.captureScreenshot", format="png", **clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def log(self, kind):
        """Entries since the last call: "browser" (the console) or "performance" (DevTools events)."""
        return self.call("POST", "se/log", {"type": kind})

    def requested_urls(self):
        """What the page asked the network for since the last call."""
        found = []
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                parameters = message["params"]
                found.append(parameters.get("url") or parameters["request"]["url"])
        return found
