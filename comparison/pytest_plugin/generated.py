"""Call a marked test with generated requests."""

import inspect
from typing import Any

import pytest

from comparison.core.errors import UsageError, nearest
from comparison.models import Request

GENERATING = ("examples", "seed", "methods", "rules")


def call_generated(item: pytest.Function, marker: pytest.Mark) -> None:
    """Call a test with requests from the url map of the reference of `compare_apps`.

    The marker has keywords: the number of `examples` (100), the `seed` (0), the `methods`,
    and the `rules` (a shell pattern). Of the requests that fail the test, the report shows
    the smallest. Raises UsageError for other keywords, a test without the fixtures, or a
    reference without a url map. Raises it too if Hypothesis is missing.
    """
    if marker.args:
        raise UsageError(f"generated_requests takes {', '.join(GENERATING)} by name")
    for name in marker.kwargs:
        if name not in GENERATING:
            hint = nearest(name, GENERATING)
            raise UsageError(f"generated_requests takes no {name!r}{hint}")
    what = {"examples": 100, "seed": 0, **marker.kwargs}
    examples, seed = what.pop("examples"), what.pop("seed")
    if not isinstance(examples, int) or examples < 1:
        raise UsageError(
            f"generated_requests: examples must be 1 or more: {examples!r}"
        )
    try:
        import hypothesis

        from comparison.studies.fuzz.requests import requests
    except ModuleNotFoundError as error:
        raise UsageError(
            "generated_requests needs Hypothesis:"
            " pip install 'flask-quart-comparison[fuzz]'"
        ) from error
    names = inspect.signature(item.obj).parameters
    arguments = {name: item.funcargs[name] for name in names if name in item.funcargs}
    compare_apps: Any = arguments.get("compare_apps")
    if compare_apps is None or "generated_request" not in arguments:
        raise UsageError(
            "a test marked generated_requests takes compare_apps and generated_request"
        )
    target = compare_apps.reference()
    app = getattr(target.in_process() or target, "app", None)
    if not hasattr(app, "url_map"):
        raise UsageError(f"{target.spec}: has no url map to make requests from")
    sections = len(item._report_sections)  # noqa: SLF001

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples, database=None, deadline=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(requests(app, **what))
    def once(request: Request) -> None:
        # Hypothesis runs the smallest failing request last. We report only that one.
        del item._report_sections[sections:]  # noqa: SLF001
        item.obj(**{**arguments, "generated_request": request})

    once()
