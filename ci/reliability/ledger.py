"""What a server has announced and acknowledged, over all its lives, and what must be so for ever after.

Announced is a finding that was in an event or on a page. Acknowledged is a note or a state whose POST was answered with
200; one whose answer never came may or may not be there.
"""

import threading


class Ledger:
    """Thread safe."""

    def __init__(self):
        self.changed = threading.Condition()
        self.rows = {}  # by (target, signature): the newest row that was announced
        self.sightings = {}  # by (target, signature): the highest number that was announced
        self.events = 0
        self.notes = {}  # by finding's key: {text: acknowledged}
        self.refused = {}  # by finding's key: notes that were answered with an error
        self.states = {}  # by finding's key: states that it may have, the last acknowledged one first

    # -- What is told

    def announce(self, row):
        identity = (row["target"], row["signature"])
        with self.changed:
            self.rows[identity] = row
            self.sightings[identity] = max(self.sightings.get(identity, 0), row["sightings"])
            self.events += 1
            self.changed.notify_all()

    def try_note(self, key, text):
        with self.changed:
            self.notes.setdefault(key, {})[text] = False

    def acknowledge_note(self, key, text):
        with self.changed:
            self.notes[key][text] = True

    def withdraw_note(self, key, text):
        """It was refused. If it is there all the same, something was written in spite of the answer."""
        with self.changed:
            del self.notes[key][text]
            self.refused.setdefault(key, set()).add(text)

    def try_state(self, key, state):
        with self.changed:
            self.states.setdefault(key, ["new"]).append(state)

    def acknowledge_state(self, key, state):
        with self.changed:
            self.states[key] = [state]

    def withdraw_state(self, key, state):
        """It was refused, so nothing has changed."""
        with self.changed:
            self.states[key].remove(state)

    # -- What is asked

    def keys(self):
        with self.changed:
            return sorted(row["key"] for row in self.rows.values())

    def await_row(self, is_wanted, seconds_max):
        """True as soon as an announced row is as wanted."""
        with self.changed:
            return self.changed.wait_for(lambda: any(map(is_wanted, self.rows.values())), seconds_max)

    def figures(self):
        with self.changed:
            acknowledged = sum(done for notes in self.notes.values() for done in notes.values())
            return {"findings": len(self.rows), "sightings": sum(self.sightings.values()), "notes": acknowledged}

    def expected(self):
        """{(target, signature): sightings}, to be asked for before the rows that it is compared with."""
        with self.changed:
            return dict(self.sightings)

    def faults(self, rows, expected):
        """What is wrong with the findings that a server has, as sentences. REQUIRES: nobody writes meanwhile."""
        listed = {}
        for row in rows:
            identity = (row["target"], row["signature"])
            if identity in listed:
                yield f"doubled: {identity}"
            listed[identity] = row
        with self.changed:
            for identity, announced in expected.items():
                row = listed.get(identity)
                if row is None:
                    yield f"lost: {identity}"
                elif row["sightings"] < announced:
                    yield f"{announced - row['sightings']} of {announced} sightings lost: {identity}"
            for row in rows:
                allowed = self.states.get(row["key"])
                if allowed and row["state"] not in allowed:
                    yield f"{row['key']} is {row['state']}, where {' or '.join(allowed)} was acknowledged"

    def faults_of_notes(self, key, texts):
        """The same for the notes of one finding."""
        with self.changed:
            for text, acknowledged in self.notes.get(key, {}).items():
                count = texts.count(text)
                if count > 1:
                    yield f"note doubled: {text}"
                if count < 1 and acknowledged:
                    yield f"note lost: {text}"
            for text in self.refused.get(key, ()):
                if text in texts:
                    yield f"note refused and there: {text}"
