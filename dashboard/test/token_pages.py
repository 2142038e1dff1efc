"""Browser tests of writing to a service that listens beyond loopback: it asks for the token that it was started with.
What is written is the weight of a campaign, which the page of its target sets.
"""

import unittest
import urllib.parse

from service import Service
from webdriver import Browser

TOKEN = "correct horse battery staple"
PLAN_SECONDS_MAX = 60


class TokenTests(unittest.TestCase):
    program = None  # set by ci/test-pages

    @classmethod
    def setUpClass(cls):
        cls.service = Service(cls.program, token=TOKEN)
        cls.addClassCleanup(cls.service.stop)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        # The target of a campaign that runs, as targets come to the plan in their turn.
        worker = cls.browser.wait_for("a campaign runs", lambda: next(iter(
            cls.service.get("/overview")["workers"]), None), seconds=PLAN_SECONDS_MAX)
        cls.target = worker["target"]
        cls.campaign = cls.campaigns()[0]

    @classmethod
    def campaigns(cls):
        return cls.service.get(f"/targets/{urllib.parse.quote(cls.target)}")["campaigns"]

    def setUp(self):
        self.open()
        self.browser.script("sessionStorage.clear()")

    def open(self):
        self.browser.open(f"{self.service.base}/targets/{urllib.parse.quote(self.target)}")
        self.browser.wait_for("the form is drawn", lambda: self.browser.find_all(self.field()))

    def field(self):
        return f"#weight-{self.campaign['id']}"

    def set_weight(self, text):
        field = self.browser.find(self.field())
        self.browser.clear(field)
        self.browser.type(field, text)
        self.browser.click(self.browser.find(f"form:has({self.field()}) button"))

    def said(self):
        return self.browser.text_of(f"form:has({self.field()}) .said")

    def weight(self):
        return next(one["weight"] for one in self.campaigns() if one["id"] == self.campaign["id"])

    def answer_dialog(self, token, button="ok"):
        self.browser.wait_for("the dialog is open", lambda: self.browser.find_all("dialog[open] #token-field"))
        self.assertEqual(self.browser.script("return document.activeElement.id"), "token-field")
        if token:
            self.browser.type(self.browser.find("#token-field"), token)
        self.browser.click(self.browser.find(f"dialog button[value={button}]"))
        self.browser.wait_for("the dialog is gone", lambda: not self.browser.find_all("dialog"))

    def test_the_token_is_asked_for_once_and_the_weight_is_set(self):
        self.set_weight("2.5")
        self.answer_dialog(TOKEN)
        self.browser.wait_for("the page says so", lambda: self.said() == "saved")
        self.assertEqual(self.weight(), 2.5)
        self.set_weight("0")
        self.browser.wait_for("it is written without another question", lambda: self.weight() == 0)
        self.assertEqual(self.browser.find_all("dialog"), [])
        self.open()
        self.assertEqual(self.browser.script("return document.querySelector(arguments[0]).value", self.field()), "0")
        self.set_weight("1")
        self.browser.wait_for("the tab still knows the token", lambda: self.weight() == 1)

    def test_without_the_token_nothing_is_written(self):
        before = self.weight()
        self.set_weight("7")
        self.answer_dialog(None, "cancel")
        self.browser.wait_for("the page says why", lambda: "token" in self.said())
        self.assertEqual(self.weight(), before)

    def test_a_wrong_token_writes_nothing_and_is_asked_for_again(self):
        before = self.weight()
        self.set_weight("7")
        self.answer_dialog("wrong horse")
        self.browser.wait_for("the page says why", lambda: "token" in self.said())
        self.assertEqual(self.weight(), before)
        self.set_weight("3")
        self.answer_dialog(TOKEN)
        self.browser.wait_for("the right one writes", lambda: self.weight() == 3)

    def test_a_weight_that_is_none_is_not_sent(self):
        before = self.weight()
        self.set_weight("101")
        self.assertTrue(self.browser.script("return document.querySelector(arguments[0]).validity.rangeOverflow",
                                            self.field()))
        self.assertEqual(self.browser.find_all("dialog"), [])
        self.assertEqual(self.weight(), before)
