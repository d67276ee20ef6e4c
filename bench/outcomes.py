"""What a row of `bench/ratios` brings: figures, what each is compared with, and the bar."""

from tables import median, over, shown


class Skip(Exception):
    """This machine cannot run the row, and why."""


class Row:
    """`run` gets the options and measures once; it returns outcomes."""

    def __init__(self, name, what, run):
        self.name, self.what, self.run = name, what, run


class Outcome:
    """A figure. With `against` the bar is for the ratio of the two, else for the figure itself."""

    def __init__(self, what, value, unit, bar=None, against=None, of="", note=""):
        self.what, self.value, self.unit, self.bar = what, value, unit, bar
        self.against, self.of, self.note = against, of, note

    def ratio(self):
        return over(self.value, self.against) if self.of else self.value

    def json(self):
        return {"what": self.what, "value": self.value, "unit": self.unit, "against": self.against,
                "of": self.of, "ratio": self.ratio(), "bar": self.bar and str(self.bar), "note": self.note}


HEAD = ["what", "measured", "compared with", "ratio", "bar", "met"]


def lines(row, rounds):
    """Lines of the table, of the outcomes of each round; those of one name go together."""
    grouped = {}
    for outcomes in rounds:
        for outcome in outcomes:
            grouped.setdefault(outcome.what, []).append(outcome)
    for what, same in grouped.items():
        last = same[-1]
        ratio = median(outcome.ratio() for outcome in same)
        against = median(outcome.against for outcome in same)
        note = f" ({last.note})" if last.note else ""
        yield [f"{row.what}: {what}",
               shown(median(outcome.value for outcome in same)) + f" {last.unit}{note}",
               f"{shown(against)} {last.unit}, {last.of}" if last.of else "-",
               shown(ratio) if last.of else "-",
               str(last.bar) + ("" if last.of else f" {last.unit}") if last.bar else "-",
               last.bar.verdict(ratio) if last.bar else "-"]
