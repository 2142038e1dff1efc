"""Who uses a server while it is ill-treated: one who listens to its events, and one who writes notes and states."""

import http.client
import json
import random
import threading

from reliability.service import Gone

EVENT_BYTES_MAX = 1 << 20
# The server takes ten writes a second.
WRITE_EVERY_SECONDS = 0.15
NOTES_OF_A_FINDING_MAX = 400  # of a thousand that a page shows
LISTEN_SECONDS_MAX = 120  # without a word; the server says something every 15 s
STATES = ("new", "confirmed", "fixed", "wont-fix", "flaky")


class Listener(threading.Thread):
    """Tells the ledger of each `event: finding` of one life of the server; ends with it."""

    def __init__(self, service, ledger):
        super().__init__(daemon=True)
        self.port, self.ledger = service.port, ledger
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LISTEN_SECONDS_MAX)
        try:
            connection.request("GET", "/api/v1/events")
            answer = connection.getresponse()
            kind = None
            while line := answer.readline(EVENT_BYTES_MAX):
                if not line.endswith(b"\n"):
                    return  # cut off: nobody was told
                word, _, rest = line.rstrip(b"\n").partition(b": ")
                if word == b"event":
                    kind = rest
                elif word == b"data" and kind == b"finding":
                    self.ledger.announce(json.loads(rest))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


class Writer(threading.Thread):
    """Writes notes and states until it is told to end, through all lives of the server."""

    def __init__(self, service, ledger, seed):
        super().__init__(daemon=True)
        self.service, self.ledger, self.draw = service, ledger, random.Random(seed)
        self.ending = threading.Event()
        self.quiet = threading.Lock()  # held by whoever wants nothing to be written
        self.answered = threading.Condition()
        self.statuses = {}  # status: how many answers
        self.last_reason = ""  # of the last refusal
        self.strange = []  # answers that no client should get
        self.start()

    def run(self):
        number = 0
        while not self.ending.wait(WRITE_EVERY_SECONDS):
            keys = self.ledger.keys()
            if not keys:
                continue
            number += 1
            key = self.draw.choice(keys)
            try:
                with self.quiet:
                    self.write(key, number)
            except Gone:
                pass
            except (AssertionError, KeyError) as error:
                self.strange.append(str(error))

    def write(self, key, number):
        if number % 4 == 0:
            self.write_state(key)
        elif len(self.ledger.notes.get(key, ())) < NOTES_OF_A_FINDING_MAX:
            self.write_note(key, f"note {number}")

    def write_note(self, key, text):
        self.ledger.try_note(key, text)
        status, document = self.service.post(f"/findings/{key}/notes", {"text": text})
        if status == 200:
            self.ledger.acknowledge_note(key, text)
        else:
            self.ledger.withdraw_note(key, text)
        self.count(status, document)

    def write_state(self, key):
        state = self.draw.choice(STATES)
        self.ledger.try_state(key, state)
        status, document = self.service.post(f"/findings/{key}/state", {"state": state})
        if status == 200:
            self.ledger.acknowledge_state(key, state)
        else:
            self.ledger.withdraw_state(key, state)
        self.count(status, document)

    def count(self, status, document):
        if status != 200 and not document["error"]["message"]:
            self.strange.append(f"{status} without a reason")
        with self.answered:
            if status not in (200, 429):
                self.last_reason = document["error"]["message"]
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.answered.notify_all()

    def take_strange(self):
        taken, self.strange = self.strange, []
        return taken

    def refused(self):
        """Writes that the store could not do; 429 is a limit and no refusal."""
        return sum(count for status, count in self.statuses.items() if status not in (200, 429))

    def await_more(self, count_of, more, seconds_max):
        """True once count_of() has grown by `more`."""
        with self.answered:
            before = count_of()
            return self.answered.wait_for(lambda: count_of() >= before + more, seconds_max)

    def accepted(self):
        return self.statuses.get(200, 0)

    def end(self):
        self.ending.set()
        self.join()
