"""SIGKILL at random moments: to the server, to what it has started, and to what that has started."""

import contextlib
import time

from reliability import processes
from reliability.service import Gone

# How often each is drawn.
WEIGHTS = {"server": 5, "fuzzer": 2, "triage": 2, "worker": 2}
ROLE_SECONDS_MAX = 4  # until one of the role that was drawn is there
LOOK_SECONDS = 0.02
# Of the kills of the server, so many hit it while it starts.
STARTING_SHARE = 0.25
STARTING_SECONDS_MAX = 0.6
PAUSE_SECONDS_MAX = 1.5
# Now and then campaigns and triage get far.
LONG_PAUSE_EVERY = 16
LONG_PAUSE_SECONDS_MAX = 12
SPOOL_FOLDERS_MAX = 16  # of two campaigns at a time, and of what dead servers left until the next has looked


class Killer:
    def __init__(self, world, session):
        self.world, self.session, self.service = world, session, session.service
        self.draw = world.draw
        self.killed = dict.fromkeys(WEIGHTS, 0)
        self.pids = set()  # all that were ever seen
        self.spools_max = 0

    def pause(self):
        seconds = LONG_PAUSE_SECONDS_MAX if self.draw.randrange(LONG_PAUSE_EVERY) == 0 else PAUSE_SECONDS_MAX
        time.sleep(self.draw.uniform(0, seconds))

    def victim(self):
        """One of the role that was drawn, or of any role if there is none for a while."""
        drawn = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        deadline = time.monotonic() + ROLE_SECONDS_MAX
        while True:
            there = self.service.processes()
            self.pids |= {process.pid for process in there}
            wanted = [process for process in there if process.role(self.service.process.pid) == drawn]
            if wanted or time.monotonic() > deadline:
                return self.draw.choice(wanted or there)
            time.sleep(LOOK_SECONDS)

    def kill_one(self):
        """One kill, and what must hold after it."""
        if not self.service.is_alive():
            self.service.spawn()
            if self.draw.random() < STARTING_SHARE:
                time.sleep(self.draw.uniform(0, STARTING_SECONDS_MAX))
                return self.kill_server()
            self.session.join()
        self.pause()
        self.look()
        process = self.victim()
        role = process.role(self.service.process.pid)
        if role == "server":
            return self.kill_server()
        self.killed[role] += process.kill()
        self.world.check("" if self.service.is_alive() else f"the server died with a {role}:\n{self.service.said()}")

    def kill_server(self):
        self.pids |= {process.pid for process in self.service.processes()}
        self.killed["server"] += 1
        self.session.kill()

    def look(self):
        spools = len(list((self.service.data / "spool").iterdir()))
        self.spools_max = max(self.spools_max, spools)
        self.world.check("" if spools <= SPOOL_FOLDERS_MAX else f"{spools} folders in spool/")
        try:
            self.session.check()
        except Gone as error:
            self.world.check(f"a server that nobody killed does not answer: {error}")

    def total(self):
        return sum(self.killed.values())


def kills(world):
    with world.session() as session:
        killer = Killer(world, session)
        while killer.total() < world.options.kills:
            killer.kill_one()
            if killer.total() % 20 == 0:
                world.say(f"{killer.total()} kills, {session.ledger.figures()}")
        if not session.service.is_alive():
            session.start()
        session.await_findings()
        session.await_progress()
        session.check(all_notes=True)
        session.end()
        with contextlib.suppress(FileNotFoundError):  # a kernel without System V shared memory
            left = processes.shared_memory_of(killer.pids)
            world.check(f"{len(left)} segments of shared memory are left" if left else "")
        figures = session.ledger.figures()
    by_role = ", ".join(f"{count} of a {role}" for role, count in killer.killed.items())
    world.did = (f"{killer.total()} kills at random moments: {by_role}; {figures['findings']} findings, "
                 f"{figures['sightings']} sightings and {figures['notes']} notes promised")
