"""Tests of the pages' pure parts: dashboard/test/unit/*_test.js, run in headless Chromium from a file server that sends
the content security policy of the service.
"""

import http.server
import pathlib
import re
import threading
import unittest

from webdriver import Browser

DASHBOARD = pathlib.Path(__file__).resolve().parent.parent
UNIT = DASHBOARD / "test" / "unit"


class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(DASHBOARD))

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()

    def log_message(self, *_):
        pass


class UnitTests(unittest.TestCase):
    def test_every_file_with_tests_is_run(self):
        imported = set(re.findall(r'import "\./(\w+_test)\.js"', (UNIT / "run.js").read_text(encoding="utf-8")))
        self.assertEqual(imported, {path.stem for path in UNIT.glob("*_test.js")})

    def test_the_parts_of_the_pages(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server, Browser() as browser:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                browser.open(f"http://127.0.0.1:{server.server_address[1]}/test/unit/index.html")
                results = browser.wait_for("the tests have ended",
                    lambda: browser.script("return window.results ?? null"))
                faults = [entry["message"] for entry in browser.log("browser") if entry["level"] == "SEVERE"]
            finally:
                server.shutdown()
        self.assertEqual(faults, [])
        self.assertGreater(len(results), 40)
        for result in results:
            with self.subTest(result["name"]):
                self.assertIsNone(result["fault"], result["fault"])
        print(f"{len(results)} tests of the pages' parts ran")
