"""A wall clock that jumps while the server runs. Only the server sees it, through libfaketime; its children keep the
real time, and so does everything that measures durations.
"""

import pathlib

from reliability import programs
from reliability.world import Skipped

LIBRARIES = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
# As libfaketime writes them, from the real time on. Back and forth; what was written in the future stays behind.
JUMPS = ("+1d", "+0", "-1d", "+0", "+1y", "-1y", "+0")
CANARY_SECONDS_MAX = 180


def jumps(world):
    if not LIBRARIES:
        raise Skipped("needs libfaketime (Debian's package faketime)")
    now = world.folder / "now"
    server = programs.make(world.folder / "bin", world.options.bin, "unset LD_PRELOAD")
    environment = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(now), "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    set_clock(now, "+0")
    with world.session(program=server, environment=environment) as session:
        session.start()
        session.await_findings()
        for jump in JUMPS:
            set_clock(now, jump)
            begin = session.service.get("/overview")["now"]
            session.await_progress()
            session.check()
            canary_is_found(world, session, begin)
            session.kill()
            if not session.start_or_tell():
                return
            session.await_progress()
            session.check()
            world.say(f"{jump}: {session.ledger.figures()}")
        session.check(all_notes=True)
        session.end()
        figures = session.ledger.figures()
    world.did = (f"{len(JUMPS)} jumps of a day and a year, back and forth, and a restart after each: "
                 f"{figures['findings']} findings, {figures['sightings']} sightings and {figures['notes']} notes promised")


def set_clock(file, jump):
    part = file.with_suffix(".part")
    part.write_text(jump + "\n", encoding="ascii")
    part.replace(file)


def canary_is_found(world, session, begin):
    """After a jump the canary's last time means nothing: it must be found again by the clock as it is now."""
    def is_found():
        canary = session.service.get("/overview")["canary"]
        return canary["ok"] and 0 <= canary["age_seconds"] <= canary["limit_seconds"]
    world.await_true(f"the canary is found by a clock at {begin}", is_found, CANARY_SECONDS_MAX)
