"""The example of httpbin has a case for each of its rules."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from comparison import Case, load_cases

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "httpbin"
RULES = 56


def sent(case: Case) -> Iterator[tuple[str, str]]:
    """The method and the path of each request of a case, where it says them."""
    for request in case.requests:
        path = (request.raw_path or request.path).partition("?")[0]
        if not request.follow and not path.startswith("${capture"):
            yield request.method, re.sub(r"\$\{env:\w+\}", "tea", path)


def test_each_rule_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPBIN_PASSWORD", "tea")
    monkeypatch.syspath_prepend(str(FOLDER))
    from httpbin import create_app  # type: ignore[import-not-found]

    app = create_app()
    urls = app.url_map.bind("localhost")
    rules = {r.rule for r in app.url_map.iter_rules() if r.endpoint != "static"}
    found: Counter[str] = Counter()
    files = (FOLDER / "cases.toml", FOLDER / "digest.toml")
    for case in chain.from_iterable(map(load_cases, files)):
        for method, path in sent(case):
            try:
                found[urls.match(path, method, return_rule=True)[0].rule] += 1
            except (HTTPException, RequestRedirect):
                continue  # a case of a request that no rule takes
    assert [rule for rule in rules if not found[rule]] == []
    assert len(rules) == RULES
