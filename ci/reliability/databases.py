"""A database that the disk has spoilt: the server says so, and what is left of it is salvaged."""

import pathlib
import shutil
import subprocess

from reliability import database
from reliability.on_disks import EXIT_WRONG_USE
from reliability.service import END_SECONDS_MAX, Gone, NotServing

WAY_OUT = "--salvage"
# Thousands of small files that nothing in the database refers to.
LEFT_OUT = shutil.ignore_patterns("corpus")


# What is done to a copy of the folder, by name.
def damage(path, how, draw):
    if how == "cut off":
        database.cut_off(path, draw.uniform(0.3, 0.9))
        return how
    count = {"one page": 1, "four pages": 4, "half of all pages": path.stat().st_size // database.PAGE_BYTES // 2}[how]
    chosen = database.overwrite_pages(path, count, draw)
    return f"{how} ({', '.join(map(str, chosen[:4]))})"


def prepared(world):
    """Two copies of one folder, closed well and as a kill leaves it, what was announced of it, and its rows. All rows
    are in the database itself: what was only in SQLite's log has checksums, and ends where the first one is wrong."""
    closed, killed = world.folder / "closed", world.folder / "killed"
    with world.session(data=closed) as session:
        session.start()
        session.await_findings(3)
        session.writer.await_more(session.writer.accepted, 10, END_SECONDS_MAX)
        session.writer.end()
        session.check(all_notes=True)
        session.end()
    shutil.copytree(closed, killed, ignore=LEFT_OUT)
    # The number of a server that did not say goodbye.
    (killed / "lock").write_text("1\n", encoding="ascii")
    return (killed, closed), session.ledger, database.rows_of(closed)


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
    """The new database is a whole one, and nothing in it is there twice. Gives the rows that were salvaged."""
    left = database.rows_of(service.data)
    try:
        service.start()
        doubled = [fault for fault in ledger.faults(service.findings(), {}) if "doubled" in fault]
        world.check(doubled)
        world.check("" if service.end() == 0 else f"ended badly:\n{service.said()}")
    except (NotServing, AssertionError, Gone) as error:
        world.check(f"does not serve what was salvaged: {error}")
    return left


def corrupted(world):
    sources, ledger, rows = prepared(world)
    tables = tuple(rows)
    kept, there, told, rounds = dict.fromkeys(tables, 0), dict.fromkeys(tables, 0), 0, 0
    for source in sources:
        for how in ("one page", "four pages", "cut off", "half of all pages") * world.options.damages:
            rounds += 1
            data = pathlib.Path(shutil.copytree(source, world.folder / f"copy-{rounds}", ignore=LEFT_OUT))
            what = damage(data / "gridlock.db", how, world.draw)
            with world.service(data=data) as service:
                told += refused_or_harmless(world, service, ledger)
                left = serves_what_is_left(world, service, ledger) if salvage(world, service) else {}
            for table in tables:
                kept[table] += left.get(table, 0)
                there[table] += rows[table]
            world.say(f"{source.name}, {what}: {left} of {rows}")
            shutil.rmtree(data)
    shares = ", ".join(f"{kept[table]:,} of {there[table]:,} {table}s" for table in tables)
    world.did = f"{rounds} spoilt databases, from one page to half of all: {told} told, {shares} salvaged"
