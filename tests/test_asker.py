"""Asking one case at a time."""

from typing import Any

import pytest

import quart_app
from comparison import Case, KnownDifferences, Request
from comparison.errors import TargetError
from comparison.runner import Asker
from comparison.targets import resolve_target


def test_a_case_whose_app_does_not_start_does_not_spoil_the_next_one() -> None:
    def create_app(settings: Any = None) -> Any:
        app = quart_app.create_app({"TOPICS": ["custom"]})

        async def fail() -> None:
            raise RuntimeError("no database")

        if settings:
            app.before_serving(fail)
        return app

    targets = {name: resolve_target(create_app, name) for name in ("one", "two")}
    asker = Asker(targets, KnownDifferences())
    try:
        with pytest.raises(TargetError, match="no database"):
            asker.ask(Case("c", Request("GET", "/custom"), settings={"DATABASE": 1}))
        comparison = asker.ask(Case("d", Request("GET", "/custom")))
    finally:
        asker.close()
    assert (comparison.case.id, comparison.verdict) == ("d", "identical")
