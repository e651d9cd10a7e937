"""Say that many cases were turned away alike: a login or a value may be missing."""

from collections import Counter
from urllib.parse import urlsplit

from comparison.core.escaping import echo, visible_line
from comparison.core.plural import counted
from comparison.models import Comparison, Response, RunHeader

_REJECTED = (401, 403, 404)
_LOGIN = "If they need a login, send it first, with [[case.setup]]"
_CHOICE = "Where a value of the path names nothing in the apps, choose another"
_FEWEST = 3
_SHARE = 4


class TurnedAwayReport:
    """Counts the cases that all targets reject, or redirect to one place.

    Such cases are alike, and say little about the views. If they are at least one in four,
    a line on standard error says so. A case that expects its status is not counted.
    """

    def __init__(self) -> None:
        self.total = 0
        self.answers: Counter[str] = Counter()

    def begin(self, header: RunHeader) -> None:
        """Begin with nothing."""

    def add(self, comparison: Comparison) -> None:
        """Count a comparison."""
        self.total += 1
        responses = [each.exchange.response for each in comparison.recordings.values()]
        answers = {_answer(each) for each in responses if each is not None}
        expected = comparison.case.expect
        if expected is not None and expected.status is not None:
            return
        if len(answers) == 1 and None not in responses and (answer := answers.pop()):
            self.answers[answer] += 1

    def end(self, header: RunHeader) -> None:
        """Print what was counted, if it is much."""
        for answer, number in self.answers.most_common(1):
            if number >= max(_FEWEST, self.total / _SHARE):
                echo(
                    f"comparison: {number} of {counted(self.total, 'case')} got"
                    f" {visible_line(answer)} from every target."
                    f" {_CHOICE if answer == '404' else _LOGIN}",
                    err=True,
                )


def _answer(response: Response) -> str:
    """Return how a response turns a client away, or ""."""
    if response.status in _REJECTED:
        return str(response.status)
    places = [v for name, v in response.headers if name.lower() == "location"]
    if 300 <= response.status < 400 and places:
        return f"{response.status} to {urlsplit(places[0]).path or '/'}"
    return ""
