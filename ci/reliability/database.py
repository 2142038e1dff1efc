"""What a data folder holds, read without the server: an oracle that knows SQL and files, and damage done on purpose."""

import hashlib
import os
import sqlite3

PAGE_BYTES = 4096
BLOBS_OF_A_FINDING = ("repro", "input", "explanation", "text", "perfetto", "test")


def faults_of_folder(data):
    """What is wrong with the data folder of a server that has ended, as sentences."""
    connection = sqlite3.connect(f"file:{data / 'gridlock.db'}?mode=ro", uri=True)
    try:
        said = connection.execute("PRAGMA integrity_check(5)").fetchall()
        if said != [("ok",)]:
            yield f"integrity_check: {said}"
        for table, row, *_ in connection.execute("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to nothing"
        yield from faults_of_sightings(connection)
        yield from faults_of_blobs(connection, data / "blobs")
    finally:
        connection.close()
    yield from faults_of_leftovers(data)


def faults_of_sightings(connection):
    doubled = "SELECT target, signature, count(*) FROM finding GROUP BY 1, 2 HAVING count(*) > 1"
    for target, signature, count in connection.execute(doubled):
        yield f"{count} findings {signature} of {target}"
    # A child tells each of its findings once, so two sightings of one stint are one that was taken in twice.
    twice = "SELECT finding, stint, count(*) FROM sighting GROUP BY 1, 2 HAVING count(*) > 1"
    for finding, stint, count in connection.execute(twice):
        yield f"{count} sightings of finding {finding} by stint {stint}"
    sums = """SELECT id, sightings, (SELECT count(*) FROM sighting WHERE finding = finding.id),
                     (SELECT coalesce(sum(count), 0) FROM sighting_count WHERE finding = finding.id) FROM finding"""
    for finding, told, rows, summed in connection.execute(sums):
        if not told == rows == summed:
            yield f"finding {finding} has {told} sightings, {rows} rows of them and {summed} in its sums"


def faults_of_blobs(connection, folder):
    named = set()
    for column in BLOBS_OF_A_FINDING:
        named |= {name for (name,) in connection.execute(f"SELECT {column} FROM finding") if name}
    for name in sorted(named):
        path = folder / name[:2] / name[2:]
        if not path.is_file():
            yield f"blob {name} is not there"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != name:
            yield f"blob {name} has other bytes"


def faults_of_leftovers(data):
    """A server that has ended in good order leaves nothing half done; work/ is emptied by the next."""
    for folder, pattern in (("spool", "*"), ("blobs", "new-*")):
        left = sorted(path.name for path in (data / folder).glob(pattern))
        if left:
            yield f"left in {folder}/: {len(left)}, {' '.join(left[:5])}"


def rows_of(data, tables=("finding", "sighting", "note")):
    """{table: rows}"""
    connection = sqlite3.connect(f"file:{data / 'gridlock.db'}?mode=ro", uri=True)
    try:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    finally:
        connection.close()


def overwrite_pages(path, count, draw):
    """Random bytes over whole pages, drawn from all of the file."""
    pages = path.stat().st_size // PAGE_BYTES
    chosen = draw.sample(range(pages), min(count, pages))
    with path.open("r+b") as file:
        for page in chosen:
            file.seek(page * PAGE_BYTES)
            file.write(draw.randbytes(PAGE_BYTES))
    return chosen


def cut_off(path, part):
    """What is left when a copy was broken off."""
    os.truncate(path, int(path.stat().st_size * part))
