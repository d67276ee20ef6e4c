"""Outcomes of rows, their medians over the rounds, and the Markdown that docs/performance.md takes."""

import statistics

from harness import Trouble


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def shown(value, digits=None, unit=""):
    """With about three digits that count, unless it is said how many come after the point."""
    if value is None:
        return "-"
    if digits is None:
        size = abs(value)
        digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 3
    return f"{value:,.{digits}f}{unit}"


def over(value, other):
    """How many times the other it is."""
    return value / other if value is not None and other else None


class Bar:
    """A bound of a ratio."""

    def __init__(self, bound, at_least):
        self.bound, self.at_least = bound, at_least

    def met(self, ratio):
        return ratio is not None and (ratio >= self.bound if self.at_least else ratio <= self.bound)

    def __str__(self):
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"

    def verdict(self, ratio):
        if ratio is None:
            return "-"
        if self.met(ratio):
            return "yes"
        # How far it is, in the direction that counts.
        return f"no, {shown(self.bound / ratio if self.at_least else ratio / self.bound, 2)} x off"


def at_least(bound):
    return Bar(bound, True)


def at_most(bound):
    return Bar(bound, False)


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def choose(rows, only):
    """The rows that `--only` names, all without it."""
    names = [name for name in only.split(",") if name]
    known = [row.name for row in rows]
    for name in names:
        if name not in known:
            raise Trouble(f"there is no row {name}; there are {', '.join(known)}")
    return [row for row in rows if not names or row.name in names]
