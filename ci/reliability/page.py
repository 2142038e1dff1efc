"""The table of docs/RELIABILITY.md: what was done, and what held, as it was measured."""

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def row(result):
    held = f"{result['held']:,} of {result['checks']:,}" if result["checks"] else "not run"
    return f"| `{result['name']}` | {result['did']} | {held} | {result['seconds']:.0f} s |"


def table(results):
    head = ["| fault | what was done | checks that held | took |", "|---|---|---|---|"]
    return "\n".join(head + [row(result) for result in results])


def replaced(text, results):
    """The page with what stands between the markers replaced."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} and {END}")
    return f"{head}{begin}\n{table(results)}\n{end}{tail}"
