"""The table of docs/RELIABILITY.md: what was done, and what held, as it was measured."""

import re

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


ROW = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def row(result):
    held = f"{result['held']:,} of {result['checks']:,}" if result["checks"] else "not run"
    return f"| `{result['name']}` | {result['did']} | {held} | {result['seconds']:.0f} s |"


def table(rows):
    head = ["| fault | what was done | checks that held | took |", "|---|---|---|---|"]
    return "\n".join(head + list(rows))


def replaced(text, results, order):
    """The page with the rows of these results between the markers; what was measured of others stays, in that order."""
    head, begin, rest = text.partition(BEGIN)
    old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} and {END}")
    rows = {match[1]: match[0] for match in ROW.finditer(old)}
    rows.update((result["name"], row(result)) for result in results)
    return f"{head}{begin}\n{table(rows[name] for name in order if name in rows)}\n{end}{tail}"
