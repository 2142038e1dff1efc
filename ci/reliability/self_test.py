"""Checks the checks: a ledger that misses nothing and blames nobody, the page, damage that is done."""

import pathlib
import random
import tempfile
import unittest

from reliability import database, page
from reliability.ledger import Ledger


def row(signature="a", sightings=1, state="new", key="k"):
    return {"target": "t", "signature": signature, "sightings": sightings, "state": state, "key": key}


class TheLedger(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()
        self.ledger.announce(row(sightings=3))

    def faults(self, rows):
        return list(self.ledger.faults(rows, self.ledger.expected()))

    def test_what_is_there_as_announced_is_no_fault(self):
        self.assertEqual(self.faults([row(sightings=3)]), [])
        self.assertEqual(self.faults([row(sightings=4), row("b", key="l")]), [])

    def test_a_lost_finding_is_told(self):
        self.assertEqual(self.faults([row("b")]), ["lost: ('t', 'a')"])

    def test_a_doubled_finding_is_told(self):
        self.assertEqual(self.faults([row(sightings=3), row(sightings=3)]), ["doubled: ('t', 'a')"])

    def test_lost_sightings_are_told(self):
        self.assertEqual(self.faults([row(sightings=1)]), ["2 of 3 sightings lost: ('t', 'a')"])

    def test_the_highest_number_that_was_announced_counts(self):
        self.ledger.announce(row(sightings=2))
        self.assertEqual(len(self.faults([row(sightings=2)])), 1)

    def test_a_state_that_was_acknowledged_must_be_there(self):
        self.ledger.try_state("k", "fixed")
        self.ledger.acknowledge_state("k", "fixed")
        self.assertEqual(len(self.faults([row(sightings=3)])), 1)
        self.assertEqual(self.faults([row(sightings=3, state="fixed")]), [])

    def test_a_state_without_an_answer_may_be_there(self):
        self.ledger.try_state("k", "fixed")
        self.assertEqual(self.faults([row(sightings=3)]), [])
        self.assertEqual(self.faults([row(sightings=3, state="fixed")]), [])

    def test_a_state_that_was_refused_must_not_be_there(self):
        self.ledger.try_state("k", "fixed")
        self.ledger.withdraw_state("k", "fixed")
        self.assertEqual(len(self.faults([row(sightings=3, state="fixed")])), 1)

    def test_notes(self):
        for text in ("acknowledged", "open", "refused"):
            self.ledger.try_note("k", text)
        self.ledger.acknowledge_note("k", "acknowledged")
        self.ledger.withdraw_note("k", "refused")
        for texts, faults in ((["acknowledged"], 0), (["acknowledged", "open"], 0), (["open"], 1), ([], 1),
                              (["acknowledged"] * 2, 1), (["acknowledged", "open", "open"], 1),
                              (["acknowledged", "refused"], 1)):
            self.assertEqual(len(list(self.ledger.faults_of_notes("k", texts))), faults, texts)


class ThePage(unittest.TestCase):
    def test_only_the_rows_of_what_was_run_are_replaced(self):
        old = "| `clock` | old | 1 of 1 | 1 s |\n| `kills` | old | 0 of 1 | 1 s |\n"
        before = f"above\n{page.BEGIN}\n{old}{page.END}\nbelow\n"
        result = {"name": "kills", "did": "things", "held": 2, "checks": 3, "seconds": 4.4}
        text = page.replaced(before, [result], ("kills", "clock"))
        self.assertTrue(text.startswith(f"above\n{page.BEGIN}\n"))
        self.assertTrue(text.endswith(f"\n{page.END}\nbelow\n"))
        self.assertIn("| `kills` | things | 2 of 3 | 4 s |\n| `clock` | old | 1 of 1 | 1 s |\n", text)
        self.assertEqual(text.count("`kills`"), 1)

    def test_a_page_without_markers_is_refused(self):
        self.assertRaises(ValueError, page.replaced, "text", [], ())


class Damage(unittest.TestCase):
    def test_as_many_pages_are_overwritten_as_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "file"
            path.write_bytes(bytes(8 * database.PAGE_BYTES))
            chosen = database.overwrite_pages(path, 3, random.Random(1))
            pages = path.read_bytes()
            size = database.PAGE_BYTES
            changed = [number for number in range(8) if any(pages[number * size:(number + 1) * size])]
            self.assertEqual(changed, sorted(chosen))
            self.assertEqual(len(changed), 3)
            database.cut_off(path, 0.5)
            self.assertEqual(path.stat().st_size, 4 * size)


def run():
    suite = unittest.defaultTestLoader.loadTestsFromModule(__import__(__name__, fromlist=["x"]))
    return unittest.TextTestRunner().run(suite).wasSuccessful()
