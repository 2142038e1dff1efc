"""A database that the disk has spoilt: the server says so, and what is left of it is salvaged."""

import pathlib
import shutil
import subprocess

from reliability import database
from reliability.on_disks import EXIT_WRONG_USE
from reliability.service import END_SECONDS_MAX, Gone, NotServing

WAY_OUT = "--salvage"


# What is done to a copy of the folder, by name.
def damage(path, how, draw):
    if how == "cut off":
        database.cut_off(path, draw.uniform(0.3, 0.9))
        return how
    count = {"one page": 1, "four pages": 4, "half of all pages": path.stat().st_size // database.PAGE_BYTES // 2}[how]
    chosen = database.overwrite_pages(path, count, draw)
    return f"{how} ({', '.join(map(str, chosen[:4]))})"


def prepared(world):
    """A folder that a kill left open and one that was closed well, what was announced in either, and their rows."""
    killed, closed = world.folder / "killed", world.folder / "closed"
    with world.session(data=killed) as session:
        session.start()
        session.await_findings(3)
        session.writer.await_more(session.writer.accepted, 10, END_SECONDS_MAX)
        session.writer.end()
        session.kill()
    shutil.copytree(killed, closed)
    with world.service(data=closed) as service:
        service.start()
        world.check("" if service.end() == 0 else f"ended badly:\n{service.said()}")
    # Looked at in a copy: who reads a database brings its log into it.
    looked_at = pathlib.Path(shutil.copytree(killed, world.folder / "looked-at"))
    return ((killed, database.rows_of(looked_at)), (closed, database.rows_of(closed))), session.ledger


def salvage(world, service):
    command = [service.program, "serve", "--data", service.data, "--salvage"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=END_SECONDS_MAX, check=False)
    return world.check("" if done.returncode == 0 else f"salvage: exit code {done.returncode}: {done.stderr}")


def refused_or_harmless(world, service, ledger):
    """True if the damage was told. Else the server must have all that it shows, or say what it cannot read."""
    try:
        service.start()
    except NotServing as error:
        clear = service.process.returncode == EXIT_WRONG_USE and WAY_OUT in str(error)
        world.check("" if clear else f"exit code {service.process.returncode}, and no way out:\n{error}")
        return True
    try:
        faults = list(ledger.faults(service.findings(), ledger.expected()))
        world.check(faults)
        return False
    except AssertionError as error:
        world.check("" if WAY_OUT in str(error) else f"an answer without a way out: {error}")
        return True
    except Gone as error:
        world.check(f"the server died of it: {error}:\n{service.said()}")
        return True
    finally:
        service.end()


def serves_what_is_left(world, service, ledger):
    """The new database is a whole one, and nothing in it is there twice. Gives its rows."""
    try:
        service.start()
        doubled = [fault for fault in ledger.faults(service.findings(), {}) if "doubled" in fault]
        world.check(doubled)
        world.check("" if service.end() == 0 else f"ended badly:\n{service.said()}")
    except (NotServing, AssertionError, Gone) as error:
        world.check(f"does not serve what was salvaged: {error}")
    return database.rows_of(service.data)


def corrupted(world):
    sources, ledger = prepared(world)
    tables = tuple(sources[0][1])
    kept, there, told, rounds = dict.fromkeys(tables, 0), dict.fromkeys(tables, 0), 0, 0
    for source, rows in sources:
        for how in ("one page", "four pages", "cut off", "half of all pages") * world.options.damages:
            rounds += 1
            data = pathlib.Path(shutil.copytree(source, world.folder / f"copy-{rounds}"))
            what = damage(data / "gridlock.db", how, world.draw)
            with world.service(data=data) as service:
                told += refused_or_harmless(world, service, ledger)
                left = serves_what_is_left(world, service, ledger) if salvage(world, service) else {}
            for table in tables:
                kept[table] += min(left.get(table, 0), rows[table])
                there[table] += rows[table]
            world.say(f"{source.name}, {what}: {left} of {rows}")
            shutil.rmtree(data)
    shares = ", ".join(f"{kept[table]:,} of {there[table]:,} {table}s" for table in tables)
    world.did = f"{rounds} spoilt databases, from one page to half of all: {told} told, {shares} salvaged"
