"""What the results of engine/bench/engines say: figures, the tables of docs/ENGINES.md, and the curves as SVG. Pure:
from lists of searches to text. `engine/bench/engines --self-test` runs the tests at the end.

A search is a dictionary: bug, contender, seed, and found, runs and seconds; the last two are None without a find.
"""

import math
import statistics
import unittest

BEGIN = "<!-- engines: begin -->"
END = "<!-- engines: end -->"

# Okabe and Ito's eight colours without yellow, which is not seen on white; further curves take them again, dashed.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#56b4e9", "#e69f00")
DASHES = ("", "7 3", "2 3")


def area(search, seconds_max):
    """The part of the budget that is left when the bug is found: under the curve of one search, 0 to 1."""
    return max(0.0, 1 - search["seconds"] / seconds_max) if search["found"] else 0.0


def mean_area(searches, seconds_max):
    return statistics.fmean(area(search, seconds_max) for search in searches)


def median(searches, key):
    """Of all searches, those without a find counting as endless; None where it is endless."""
    middle = statistics.median_high([search[key] if search["found"] else math.inf for search in searches])
    return None if middle == math.inf else middle


def by(searches, *keys):
    groups = {}
    for search in searches:
        groups.setdefault(tuple(search[key] for key in keys), []).append(search)
    return groups


def comparable(searches, contenders, bugs):
    """Those of bugs and seeds that every contender has searched: what is there of a campaign that is not done yet."""
    wanted = set(contenders)
    done = by([search for search in searches if search["contender"] in wanted and search["bug"] in bugs], "bug", "seed")
    return [search for group in done.values() if {one["contender"] for one in group} == wanted for search in group]


def ranks(areas):
    """{contender: rank} from {contender: area}; 1 is best, and equals share the mean of their places."""
    def rank(contender):
        better = sum(other > areas[contender] for other in areas.values())
        equal = sum(other == areas[contender] for other in areas.values())
        return better + (equal + 1) / 2

    return {contender: rank(contender) for contender in areas}


def mean_ranks(searches, seconds_max):
    """{contender: mean over the bugs of its rank by area}"""
    areas = {}
    for (bug, contender), group in by(searches, "bug", "contender").items():
        areas.setdefault(bug, {})[contender] = mean_area(group, seconds_max)
    of_bugs = [ranks(of_bug) for of_bug in areas.values()]
    return {contender: statistics.fmean(one[contender] for one in of_bugs) for contender in of_bugs[0]}


def seconds_text(seconds):
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"


def cell(searches):
    """`found of searches, median runs, median seconds`; the medians only where more than half of the searches found it."""
    text = f"{sum(search['found'] for search in searches)} of {len(searches)}"
    if median(searches, "seconds") is None:
        return text
    return f"{text}, {median(searches, 'runs'):,} runs, {seconds_text(median(searches, 'seconds'))} s"


def ordered(searches, seconds_max):
    """The contenders, best first, by area."""
    groups = by(searches, "contender")
    return [key[0] for key in sorted(groups, key=lambda key: (-mean_area(groups[key], seconds_max), key))]


def summary_table(searches, seconds_max):
    yield f"| contender | found | area under the curve, 0 to {seconds_max:g} s | mean rank | median seconds |"
    yield "|---|---:|---:|---:|---:|"
    groups, places = by(searches, "contender"), mean_ranks(searches, seconds_max)
    for contender in ordered(searches, seconds_max):
        group = groups[contender,]
        seconds = median(group, "seconds")
        found = sum(search["found"] for search in group)
        yield (f"| {contender} | {found} of {len(group)} | {mean_area(group, seconds_max):.3f} | "
               f"{places[contender]:.1f} | {'-' if seconds is None else seconds_text(seconds)} |")


def bug_table(searches, seconds_max, bugs):
    contenders = ordered(searches, seconds_max)
    yield "| bug | " + " | ".join(contenders) + " |"
    yield "|---|" + "---|" * len(contenders)
    groups = by(searches, "bug", "contender")
    for bug in bugs:
        if (bug, contenders[0]) in groups:
            yield f"| {bug.replace('/', ' `')}` | " + " | ".join(cell(groups[bug, one]) for one in contenders) + " |"


def tables(searches, seconds_max, bugs):
    if not searches:
        return ["Not measured yet."]
    return [*summary_table(searches, seconds_max), "", *bug_table(searches, seconds_max, bugs)]


def replaced(page, lines):
    """The page with what stands between the markers replaced."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{head}{begin}\n{chr(10).join(lines)}\n{end}{tail}"


# ---- The curves ------------------------------------------------------------------------------------------------------

LEFT, TOP, WIDTH, HEIGHT = 64, 40, 620, 380
SECONDS_MIN = 0.01  # where the time axis begins; what is found sooner stands there
LABEL_STEP = 16  # pixels between the labels of curves that end at one height


def time_x(seconds, seconds_max):
    part = math.log(max(seconds, SECONDS_MIN) / SECONDS_MIN) / math.log(seconds_max / SECONDS_MIN)
    return LEFT + WIDTH * min(part, 1.0)


def found_y(part):
    return TOP + HEIGHT * (1 - part)


def curve(searches, seconds_max):
    """The corners of a step curve: up by one search each time one finds its bug."""
    corners = [(time_x(SECONDS_MIN, seconds_max), found_y(0))]
    times = sorted(search["seconds"] for search in searches if search["found"])
    for count, seconds in enumerate(times, 1):
        x = time_x(seconds, seconds_max)
        corners += [(x, corners[-1][1]), (x, found_y(count / len(searches)))]
    return [*corners, (time_x(seconds_max, seconds_max), corners[-1][1])]


def spread(heights):
    """The heights of labels, in the order of `heights`, which falls: each at least a step below the one before."""
    placed = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL_STEP) if placed else height)
    excess = max(0, placed[-1] - found_y(0)) if placed else 0
    return [height - excess for height in placed]


def axes(seconds_max):
    yield f'<path d="M{LEFT} {TOP}V{TOP + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#57606a"/>'
    for part in (0, 0.25, 0.5, 0.75, 1):
        y = found_y(part)
        yield f'<path d="M{LEFT} {y:.1f}H{LEFT + WIDTH}" stroke="#d8dee4" stroke-width="{0 if part == 0 else 1}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{part:.0%}</text>'
    tick = SECONDS_MIN
    while tick <= seconds_max * 1.001:
        x = time_x(tick, seconds_max)
        yield f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{tick:g}</text>'
        tick *= 10
    yield f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle">seconds of search</text>'


def svg(searches, seconds_max):
    groups = by(searches, "contender")
    curves = {key[0]: curve(group, seconds_max) for key, group in groups.items()}
    contenders = sorted(curves, key=lambda one: (curves[one][-1][1], ordered(searches, seconds_max).index(one)))
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 150} {TOP + HEIGHT + 56}" '
           'font-family="sans-serif" font-size="12">')
    yield '<rect width="100%" height="100%" fill="white"/>'
    bugs = len(by(searches, "bug"))
    yield (f'<text x="{LEFT}" y="22" font-weight="bold">searches that have found their bug '
           f"({bugs} historic bug{'s' * (bugs != 1)})</text>")
    yield from axes(seconds_max)
    labels = spread([curves[one][-1][1] for one in contenders])
    for number, (contender, label) in enumerate(zip(contenders, labels)):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS) % len(DASHES)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in curves[contender])
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        x, y = curves[contender][-1]
        yield f'<path d="M{x:.1f} {y:.1f}L{x + 12:.1f} {label:.1f}" stroke="{colour}"/>'
        yield f'<text x="{x + 16:.1f}" y="{label + 4:.1f}" fill="{colour}">{contender}</text>'
    yield "</svg>"


class SelfTest(unittest.TestCase):
    @staticmethod
    def search(contender, seed, seconds, bug="lock/broken"):
        runs = None if seconds is None else int(seconds * 1000)
        return {"bug": bug, "contender": contender, "seed": seed, "found": seconds is not None, "runs": runs,
                "seconds": seconds}

    def test_area_median_and_rank(self):
        searches = [self.search(*one) for one in (("a", 1, 0.0), ("a", 2, 5.0), ("b", 1, 2.5), ("b", 2, None))]
        groups = by(searches, "contender")
        self.assertEqual(mean_area(groups["a",], 10), 0.75)
        self.assertEqual(mean_area(groups["b",], 10), 0.375)
        self.assertEqual(median(groups["a",], "seconds"), 5.0)
        self.assertIsNone(median(groups["b",], "seconds"))
        self.assertEqual(mean_ranks(searches, 10), {"a": 1, "b": 2})
        self.assertEqual(ranks({"a": 0.5, "b": 0.5, "c": 0.1}), {"a": 1.5, "b": 1.5, "c": 3})

    def test_only_what_all_have_searched_is_compared(self):
        searches = [self.search(name, seed, 1.0) for name, seed in (("a", 1), ("b", 1), ("a", 2), ("c", 2))]
        self.assertEqual(comparable(searches, ["a", "b"], ["lock/broken"]), searches[:2])
        self.assertEqual(comparable(searches, ["a"], ["lock/other"]), [])

    def test_the_table_has_a_row_a_contender_best_first(self):
        searches = [self.search("slow", 1, None), self.search("fast", 1, 0.5)]
        rows = tables(searches, 10, ["lock/broken"])
        self.assertEqual(rows[2], "| fast | 1 of 1 | 0.950 | 1.0 | 0.50 |")
        self.assertEqual(rows[3], "| slow | 0 of 1 | 0.000 | 2.0 | - |")
        self.assertEqual(rows[-1], "| lock `broken` | 1 of 1, 500 runs, 0.50 s | 0 of 1 |")
        self.assertEqual(tables([], 10, []), ["Not measured yet."])

    def test_only_what_stands_between_the_markers_is_replaced(self):
        text = f"head\n{BEGIN}\nold\n{END}\ntail\n"
        self.assertEqual(replaced(text, ["new"]), text.replace("old", "new"))
        with self.assertRaises(ValueError):
            replaced("nothing", ["new"])

    def test_a_curve_steps_up_at_each_find_and_labels_keep_apart(self):
        corners = curve([self.search("a", 1, 0.1), self.search("a", 2, None)], 10)
        self.assertEqual([y for _, y in corners], [found_y(0), found_y(0), found_y(0.5), found_y(0.5)])
        self.assertAlmostEqual(corners[1][0], LEFT + WIDTH / 3)
        labels = spread([100, 100, 300])
        self.assertEqual(labels, [100, 100 + LABEL_STEP, 300])
        drawing = "\n".join(svg([self.search("a", 1, 0.1), self.search("b", 1, None)], 10))
        self.assertEqual(drawing.count("<polyline"), 2)
        self.assertIn(">b</text>", drawing)
