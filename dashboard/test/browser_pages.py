"""Browser tests of the pages of a running service: what a person does with a mouse, a keyboard, a phone. After each
test the browser's console has no error and nothing was asked of any other server.
"""

import pathlib
import unittest
import urllib.parse

from webdriver import Browser

WIDTHS = ((390, 844), (820, 1180), (1440, 900))
SCRIPT_NOTE = '<script>document.title = "owned"</script><img src=x onerror="document.title=\'owned\'"> & \u202etxet'
CONTRAST_MIN = 4.5
TEXT_COLOURS = ("--ink", "--dim", "--link", "--blue", "--green", "--orange-text", "--vermilion", "--purple")
GROUND_COLOURS = ("--ground", "--panel")


def luminance(colour):
    """Of "#rrggbb", as https://www.w3.org/TR/WCAG22/#dfn-relative-luminance defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class PageTests(unittest.TestCase):
    service = None  # set by ci/test-pages, as is `screenshots`
    screenshots = None

    @classmethod
    def setUpClass(cls):
        cls.findings = cls.service.explained_findings()
        cls.finding = cls.findings[0]
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.paths = ["/", "/findings", f"/findings/{cls.finding['key']}", "/regressions", "/corpus",
                     f"/targets/{urllib.parse.quote(cls.finding['target'])}", "/api"]

    def setUp(self):
        self.expected_errors = 0
        self.browser.resize(1280, 900)
        self.browser.colours("light")
        self.browser.log("browser")
        self.browser.requested_urls()

    def tearDown(self):
        # A page that goes away ends its stream of events; the browser may say so, and that is no fault of the page.
        errors = [entry["message"] for entry in self.browser.log("browser")
                  if entry["level"] == "SEVERE" and "/api/v1/events" not in entry["message"]]
        self.assertEqual(len(errors), self.expected_errors, errors)
        asked = self.browser.requested_urls()
        self.assertTrue(asked, "the log of the network is empty")
        outside = [url for url in asked if not url.startswith(f"{self.service.base}/") and not url.startswith("about:")]
        self.assertEqual(outside, [])

    def open(self, path):
        self.browser.open(self.service.base + path)
        self.wait_shown()

    def wait_shown(self):
        self.browser.wait_for("the page is drawn", lambda: self.browser.script(
            "const main = document.getElementById('content');"
            "return main !== null && main.querySelector('h1') !== null && !main.hasAttribute('aria-busy')"))

    def path_and_query(self):
        parts = urllib.parse.urlsplit(self.browser.url())
        return parts.path, dict(urllib.parse.parse_qsl(parts.query))

    def open_finding(self):
        self.open(f"/findings/{self.finding['key']}")

    # -- All pages

    def test_every_page_is_drawn(self):
        for path in self.paths:
            with self.subTest(path):
                self.open(path)
                self.assertEqual(self.browser.find_all(".fault"), [])
                self.assertTrue(self.browser.script("return document.title").endswith("Gridlock"))
                self.assertTrue(self.browser.script("return document.getElementById('content').innerText.length > 40"))

    def test_every_page_names_where_it_stands(self):
        for path, label in (("/", "Overview"), ("/findings", "Findings"), (self.paths[2], "Findings"),
                            ("/regressions", "Regressions"), ("/corpus", "Corpus"), ("/api", "API")):
            self.open(path)
            self.assertEqual(self.browser.text_of("nav a[aria-current=page]"), label)

    def test_no_page_is_wider_than_the_screen(self):
        for width, height in WIDTHS:
            self.browser.resize(width, height, is_phone=width < 500)
            for path in self.paths:
                self.open(path)
                needed = self.browser.script("return document.documentElement.scrollWidth")
                self.assertLessEqual(needed, width, f"{path} at {width}")

    def test_text_stands_out_from_its_ground_in_both_schemes(self):
        for scheme in ("light", "dark"):
            self.browser.colours(scheme)
            self.open("/findings")
            values = self.browser.script(
                "const style = getComputedStyle(document.documentElement);"
                "return Object.fromEntries(arguments[0].map((name) => [name, style.getPropertyValue(name).trim()]))",
                [*TEXT_COLOURS, *GROUND_COLOURS])
            for text in TEXT_COLOURS:
                for ground in GROUND_COLOURS:
                    self.assertGreaterEqual(contrast(values[text], values[ground]), CONTRAST_MIN,
                        (scheme, text, ground))

    def test_a_page_that_is_not_there_says_so(self):
        self.expected_errors = 1  # the browser tells of the 404
        self.open("/findings/0000000000000000")
        self.assertEqual(self.browser.text_of("h1"), "Not found")

    def test_the_first_tab_stop_skips_the_navigation(self):
        self.open("/")
        self.browser.press("Tab")
        self.assertEqual(self.browser.script("return document.activeElement.className"), "skip")
        self.browser.press("Enter")
        self.assertEqual(self.browser.script("return location.hash"), "#content")

    # -- Links, history, filters

    def test_links_need_no_reload_and_back_comes_back(self):
        self.open("/")
        self.browser.script("window.notReloaded = true")
        self.browser.click(self.browser.find(".finding-link"))
        self.browser.wait_for("the finding is shown", lambda: self.browser.find_all(".finding-title"))
        self.assertTrue(self.path_and_query()[0].startswith("/findings/"))
        self.browser.back()
        self.browser.wait_for("the overview is shown", lambda: self.browser.find_all("#targets"))
        self.assertEqual(self.path_and_query()[0], "/")
        self.browser.forward()
        self.browser.wait_for("the finding is shown again", lambda: self.browser.find_all(".finding-title"))
        self.assertTrue(self.browser.script("return window.notReloaded === true"))

    def verdicts_shown(self):
        return set(self.browser.script(
            "return [...document.querySelectorAll('.findings .verdict')].map((verdict) => verdict.textContent)"))

    def test_a_filter_is_part_of_the_address(self):
        self.open("/findings")
        verdict = self.finding["verdict"]
        self.browser.click(self.browser.find(f"#filter-verdict option[value='{verdict}']"))
        self.browser.wait_for("the address has the filter", lambda: self.path_and_query()[1].get("verdict") == verdict)
        self.browser.wait_for("only that verdict is shown", lambda: self.verdicts_shown() == {verdict})
        self.assertEqual(self.browser.script("return document.activeElement.id"), "filter-verdict")
        self.browser.open(self.browser.url())
        self.wait_shown()
        self.assertEqual(self.verdicts_shown(), {verdict})
        self.browser.back()
        self.browser.wait_for("the filter is gone", lambda: "verdict" not in self.path_and_query()[1])

    def test_a_search_that_finds_nothing_says_so(self):
        self.open("/findings?q=no-finding-is-called-like-that")
        self.assertEqual(self.browser.text_of(".empty"), "No finding is like that.")
        self.assertEqual(self.browser.text_of("#total"), "0")

    def test_a_column_sorts(self):
        self.open("/findings")
        self.browser.click(self.browser.find("#sort-sightings"))
        self.browser.wait_for("it is sorted", lambda: self.path_and_query()[1].get("sort") == "sightings" and
                              self.browser.find_all("th[aria-sort=descending] #sort-sightings"))
        counts = self.browser.script("return [...document.querySelectorAll('td[data-label=Seen]')]"
                                     ".map((cell) => Number(cell.textContent.replaceAll(',', '')))")
        self.assertEqual(counts, sorted(counts, reverse=True))

    def test_numbers_change_while_the_overview_is_open_and_nothing_moves(self):
        self.open("/")
        self.browser.wait_for("events come", lambda: self.browser.text_of("#link-state") == "live")
        place = "return document.getElementById('targets').getBoundingClientRect().top"
        before = self.browser.script(place)
        self.browser.script("window.changes = 0; const count = new MutationObserver(() => ++window.changes);"
                            "for (const number of document.querySelectorAll('.live-number'))"
                            "  count.observe(number, {childList: true, characterData: true, subtree: true})")
        self.browser.wait_for("a number changes", lambda: self.browser.script("return window.changes > 0"), seconds=60)
        self.assertEqual(self.browser.script(place), before)

    # -- A finding

    def test_the_page_of_a_finding_has_its_parts_in_order(self):
        self.open_finding()
        titles = self.browser.script(
            "return [...document.querySelectorAll('.finding section > h2')].map((title) => title.textContent)")
        wanted = ["Replay it", "The run", "Step by step", "What the sanitizers say", "How it was minimized",
            "Downloads",
                  "Sightings", "Re-tests"]
        self.assertEqual([title for title in titles if title in wanted], wanted)
        self.assertEqual(self.browser.text_of(".story"), self.finding["story"])

    def test_the_state_is_changed(self):
        finding = self.findings[-1]
        self.open(f"/findings/{finding['key']}")
        self.browser.click(self.browser.find("#state option[value=confirmed]"))
        self.browser.click(self.browser.find("#save-state"))
        self.browser.wait_for("the page says so", lambda: self.browser.text_of("#state-shown") == "confirmed")
        self.assertEqual(self.service.get(f"/findings/{finding['key']}")["state"], "confirmed")
        self.open(f"/findings?state=confirmed&target={urllib.parse.quote(finding['target'])}")
        self.assertIn(f"/findings/{finding['key']}", self.browser.script(
            "return [...document.querySelectorAll('.finding-link')].map((a) => a.getAttribute('href'))"))

    def test_a_duplicate_needs_the_other_finding(self):
        self.open_finding()
        self.assertFalse(self.browser.script("return document.getElementById('duplicate-of').checkVisibility()"))
        self.browser.click(self.browser.find("#state option[value=duplicate]"))
        self.assertTrue(self.browser.script("return document.getElementById('duplicate-of').checkVisibility()"))
        self.browser.click(self.browser.find("#save-state"))
        self.assertEqual(self.service.get(f"/findings/{self.finding['key']}")["state"], self.finding["state"])

    def test_a_note_with_script_in_it_is_text(self):
        self.open_finding()
        if not self.browser.find_all(".notes-fold[open]"):
            self.browser.click(self.browser.find("#notes-summary"))
        self.browser.script("document.getElementById('note').value = arguments[0]", SCRIPT_NOTE)
        self.browser.click(self.browser.find("#save-note"))
        shown = SCRIPT_NOTE.replace("\u202e", "\u27e8U+202E\u27e9")
        texts = "return [...document.querySelectorAll('.note-text')].map((note) => note.textContent)"
        self.browser.wait_for("the note is shown", lambda: shown in self.browser.script(texts))
        self.open_finding()
        self.assertIn(shown, self.browser.script(texts))
        self.assertEqual(self.browser.script("return document.querySelectorAll('main script, main img').length"), 0)
        self.assertNotEqual(self.browser.script("return document.title"), "owned")

    def test_the_command_that_is_shown_replays_the_finding(self):
        self.open_finding()
        command = self.browser.script("return document.getElementById('command').textContent")
        ran = self.service.run(command)
        self.assertEqual(ran.returncode, 0, f"{command}\n{ran.stdout}")
        self.assertIn(self.finding["verdict"], ran.stdout)

    def test_the_command_is_copied(self):
        self.browser.devtools("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.open_finding()
        self.browser.click(self.browser.find("#copy"))
        self.browser.wait_for("it is copied", lambda: self.browser.text_of("#copy") == "Copied")
        self.assertEqual(self.browser.script("return navigator.clipboard.readText()"), self.finding["command"])

    def test_the_files_can_be_downloaded(self):
        self.open_finding()
        links = self.browser.script(
            "return [...document.querySelectorAll('.downloads a')].map((link) => link.getAttribute('href'))")
        self.assertGreaterEqual(len(links), 4)
        for link in links:
            status, headers, body = self.service.fetch(link)
            self.assertEqual(status, 200, link)
            self.assertIn("attachment", headers["Content-Disposition"])
            self.assertGreater(len(body), 0, link)

    # -- The lane diagram

    def selected(self):
        """The selected step as the diagram, the table and the panel tell it."""
        return self.browser.script("""
            const lanes = document.getElementById("lanes");
            const active = document.getElementById(lanes.getAttribute("aria-activedescendant"));
            return {
              step: Number(active.getAttribute("data-step")), label: active.getAttribute("aria-label"),
              marked: active.getAttribute("aria-selected"),
              table: Number(document.querySelector(".step-table tr.selected")?.dataset.step),
              panel: document.querySelector(".step-detail h3").textContent,
              count: document.querySelectorAll("#lanes [aria-selected=true]").length,
            }""")

    def open_lanes(self):
        self.open_finding()
        self.browser.script("document.getElementById('draw-table')?.click()")
        self.browser.script("document.getElementById('lanes').focus({preventScroll: true})")
        self.browser.press("Home")

    def assert_one_selection(self, chosen):
        self.assertEqual(chosen["table"], chosen["step"])
        self.assertEqual((chosen["marked"], chosen["count"]), ("true", 1))
        self.assertRegex(chosen["panel"], rf"^Steps? {chosen['step']}\b")
        self.assertEqual(self.path_and_query()[1]["step"], str(chosen["step"]))

    def test_the_lanes_are_read_by_keyboard(self):
        self.open_lanes()
        self.browser.script("document.getElementById('lanes').scrollIntoView()")
        scrolled = self.browser.script("return window.scrollY")
        steps = self.finding["explanation"]["steps"]
        chosen = self.selected()
        self.assertEqual(chosen["step"], steps[0]["n"])
        self.assertIn(steps[0]["text"], chosen["label"])
        visited = [chosen["step"]]
        for key in ("ArrowDown", "j", "j"):
            self.browser.press(key)
            chosen = self.selected()
            self.assert_one_selection(chosen)
            self.assertGreater(chosen["step"], visited[-1])
            visited.append(chosen["step"])
        for key in ("k", "ArrowUp"):
            self.browser.press(key)
        self.assertEqual(self.selected()["step"], visited[1])
        self.browser.press("End")
        self.assert_one_selection(self.selected())
        self.assertGreaterEqual(self.selected()["step"], visited[-1])
        self.assertEqual(self.browser.script("return window.scrollY"), scrolled, "the page must not jump")

    def test_decisions_are_found_by_keyboard(self):
        explanation = self.finding["explanation"]
        decided = [step["n"] for step in explanation["steps"]
            if step["decision"] or step["n"] == explanation["fatal_step"]]
        self.open_lanes()
        wanted = [n for n in decided if n > explanation["steps"][0]["n"]]
        for n in wanted:
            self.browser.press("n")
            self.assertEqual(self.selected()["step"], n)
        listed = self.browser.script("return [...document.querySelectorAll('.decisions li')].length")
        self.assertEqual(listed, len(decided))

    def test_a_stretch_is_opened_and_folded_by_keyboard(self):
        self.open_lanes()
        size = "return Number(document.querySelector('#lanes [role=option]').getAttribute('aria-setsize'))"
        folded = self.browser.script(
            "return document.querySelector('#lanes .row-fold')?.getAttribute('data-step') ?? null")
        self.assertIsNotNone(folded, "a run of this length has a stretch in which one cpu runs alone")
        while str(self.selected()["step"]) != folded:
            self.browser.press("j")
        before = self.browser.script(size)
        self.browser.press("Enter")
        self.assertGreater(self.browser.script(size), before)
        self.assert_one_selection(self.selected())
        self.browser.press("Enter")
        self.assertEqual(self.browser.script(size), before)
        self.browser.click(self.browser.find("#open-all"))
        self.assertEqual(self.browser.script(size), len(self.finding["explanation"]["steps"]))
        self.assertEqual(self.path_and_query()[1]["open"], "all")

    def test_the_table_and_the_lanes_follow_each_other(self):
        self.open_lanes()
        rows = self.browser.find_all(".step-table tbody tr:not(.row-fold)")
        self.browser.click(rows[3])
        chosen = self.selected()
        self.assert_one_selection(chosen)
        self.browser.press("ArrowDown")
        self.assertGreater(self.selected()["step"], chosen["step"])
        self.assert_one_selection(self.selected())

    def test_the_panel_reads_the_step_under_the_pointer(self):
        self.open_lanes()
        self.browser.script("document.getElementById('lanes').scrollIntoView({block: 'center'})")
        chosen = self.selected()
        rows = self.browser.find_all("#lanes .row-step .hit")
        self.browser.hover(rows[2])
        under = self.browser.script("return document.querySelectorAll('#lanes .row-step')[2].getAttribute('data-step')")
        self.assertEqual(self.browser.text_of(".step-detail h3").split()[1], under)
        self.assertEqual(self.selected()["step"], chosen["step"], "looking selects nothing")
        self.browser.hover(self.browser.find(".masthead"))
        self.assertEqual(self.selected()["panel"], chosen["panel"])

    def test_a_step_has_an_address(self):
        n = next(step["n"] for step in self.finding["explanation"]["steps"] if step["decision"])
        self.open(f"/findings/{self.finding['key']}?step={n}")
        self.assertEqual(self.selected()["step"], n)

    def test_every_cpu_has_a_lane_and_what_the_run_had_is_drawn(self):
        self.open_lanes()
        explanation = self.finding["explanation"]
        self.assertEqual(len(self.browser.find_all(".lane-head")), len(explanation["cpus"]))
        for kind in {span["kind"] for span in explanation["spans"]}:
            self.assertTrue(self.browser.find_all(f".lanes-svg .bar-{kind}"), kind)
        for kind in {arrow["kind"] for arrow in explanation["arrows"]} - {"hand-over"}:
            self.assertTrue(self.browser.find_all(f".lanes-svg .arrow-{kind}"), kind)
        self.browser.press("End")
        if explanation["fatal_step"]:
            self.browser.click(self.browser.find(f".decisions a[href*='step={explanation['fatal_step']}']"))
            self.assertTrue(self.browser.find_all(".lanes-svg .fatal-mark"))

    def test_a_deadlock_has_its_cycle(self):
        stuck = [one for one in self.findings
            if any(edge["in_cycle"] for edge in (one["explanation"]["waits_for"] or {}).get("edges", []))]
        if not stuck:
            self.skipTest("no finding so far has a cycle of waits")
        self.open(f"/findings/{stuck[0]['key']}")
        edges = stuck[0]["explanation"]["waits_for"]["edges"]
        self.browser.wait_for("the graph is drawn", lambda: self.browser.find_all(".edge"))
        self.assertEqual(len(self.browser.find_all(".edge.in-cycle")), sum(edge["in_cycle"] for edge in edges))
        self.assertEqual(len(self.browser.find_all(".waits-for li")), len(edges))

    # -- Pictures

    def test_screenshots(self):
        folder = pathlib.Path(self.screenshots)
        folder.mkdir(parents=True, exist_ok=True)
        names = {"overview": "/", "findings": "/findings", "finding": f"/findings/{self.finding['key']}"}
        for scheme in ("light", "dark"):
            self.browser.colours(scheme)
            for width, height in WIDTHS:
                self.browser.resize(width, height, is_phone=width < 500)
                for name, path in names.items():
                    self.open(path)
                    picture = folder / f"{name}-{width}-{scheme}.png"
                    self.browser.screenshot(picture, whole_page=name == "finding", height_max=5000)
                    self.assertGreater(picture.stat().st_size, 10_000, picture)
