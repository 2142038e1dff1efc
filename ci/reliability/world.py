"""What a fault is given to work with: programs, a folder, chance, and where it puts down what held and what did not."""

import contextlib
import time

from reliability import database
from reliability.clients import Listener, Writer
from reliability.ledger import Ledger
from reliability.service import Gone, NotServing, Service

# Bugs of these are found within seconds, many kinds of them, by every engine.
TARGETS = ("xen-pv-spinlock", "xen-vcpu-migration", "demo-double-free", "demo-handler-race", "demo-livelock",
           "demo-lock-order")
JOBS = 2
NOTES_LOOKED_AT = 2  # findings whose notes are read at each check; all are at the end
FINDING_SECONDS_MAX = 300
LOOK_SECONDS = 0.2  # a counter tells nobody when it moves; it can only be asked
LINES_SHOWN = 12


class Skipped(Exception):
    """The fault cannot be made here; the text says why."""


class World:
    def __init__(self, options, name, folder, draw):
        self.options, self.name, self.folder, self.draw = options, name, folder, draw
        self.held = self.checks = 0
        self.wrong = []
        self.did = ""  # one sentence with figures, for the table
        self.begin = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.begin

    def say(self, text):
        print(f"  {self.name} {self.seconds():5.0f} s  {text}", flush=True)

    def check(self, faults):
        """Counts one check, which holds if there is no fault. True if so."""
        faults = [faults] if isinstance(faults, str) and faults else list(faults)
        self.checks += 1
        self.held += not faults
        for fault in faults:
            self.wrong.append(fault)
            self.say(f"WRONG: {fault}")
        return not faults

    @contextlib.contextmanager
    def service(self, data=None, program=None, environment=None, targets=TARGETS):
        """A server that is not started yet, and of which nothing is left behind."""
        arguments = ["--jobs", JOBS, "--targets", ",".join(targets), "--pages", self.options.pages]
        program = program or self.options.bin / "gridlock"
        service = Service(program, data or self.folder / "data", arguments, environment)
        try:
            yield service
        finally:
            service.kill()

    @contextlib.contextmanager
    def session(self, **how):
        with self.service(**how) as service:
            session = Session(self, service)
            try:
                yield session
            finally:
                session.writer.end()

    def await_true(self, what, is_so, seconds_max=FINDING_SECONDS_MAX):
        """Counts as a check. `is_so` may raise Gone, which is not so."""
        deadline = time.monotonic() + seconds_max
        while time.monotonic() < deadline:
            with contextlib.suppress(Gone):
                if is_so():
                    return self.check(())
            time.sleep(LOOK_SECONDS)
        return self.check(f"{seconds_max:.0f} s later still not so: {what}")


class Session:
    """A server with somebody who listens, somebody who writes, and the book of what both were told."""

    def __init__(self, world, service):
        self.world, self.service = world, service
        self.ledger = Ledger()
        self.writer = Writer(service, self.ledger, world.draw.random())

    def start(self):
        self.service.spawn()
        self.join()

    def join(self):
        """Waits until it serves, and listens."""
        self.service.await_ready()
        Listener(self.service, self.ledger)

    def start_or_tell(self):
        """False, and a check that failed, if it does not start."""
        try:
            self.start()
            return True
        except NotServing as error:
            return self.world.check(f"does not start:\n{error}")

    def check(self, all_notes=False):
        """All that was announced and acknowledged is there, once. Raises Gone."""
        with self.writer.quiet:
            expected = self.ledger.expected()
            rows = self.service.findings()
            faults = list(self.ledger.faults(rows, expected))
            keys = self.ledger.keys()
            chosen = keys if all_notes else self.world.draw.sample(keys, min(len(keys), NOTES_LOOKED_AT))
            for key in chosen:
                notes = self.service.get(f"/findings/{key}")["notes"]
                faults += self.ledger.faults_of_notes(key, [note["text"] for note in notes])
        for row in rows:
            self.ledger.announce(row)
        return self.world.check(faults + self.writer.take_strange())

    def await_findings(self, count=1):
        """Until so many are triaged."""
        def are_triaged():
            return sum(row["triaged"] for row in self.ledger.rows.values()) >= count
        with self.ledger.changed:
            there = self.ledger.changed.wait_for(are_triaged, FINDING_SECONDS_MAX)
        return self.world.check("" if there else f"no {count} findings triaged in {FINDING_SECONDS_MAX} s:\n"
                                + self.service.said())

    def runs(self):
        return self.service.metric("gridlock_runs_total")

    def await_progress(self):
        """Until the campaigns have made runs that they have not made before."""
        before = self.runs()
        return self.world.await_true("the campaigns make runs", lambda: self.runs() > before)

    def kill(self):
        left = self.service.kill()
        return self.world.check(f"left after the server was killed: {process}" for process in left)

    def end(self):
        """Ends the server in good order and looks at what it leaves."""
        code = self.service.end()
        faults = [] if code == 0 else [f"ended by SIGTERM with exit code {code}:\n{self.service.said()}"]
        return self.world.check(faults + list(database.faults_of_folder(self.service.data)))
