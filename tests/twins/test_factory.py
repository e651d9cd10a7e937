"""create_app makes apps that don't know of each other."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from .client import App, Client, whole

ROOT = Path(__file__).parents[2]
ORDER = {"name": "report"}
ONE_TOPIC = {"TOPICS": ["custom"]}  # All of them take a quarter of a second.


async def test_two_apps_share_no_jobs(twin: ModuleType) -> None:
    one, other = (Client(twin.create_app({"TOPICS": ["jobs"]})) for _ in range(2))
    assert (await one.send("/jobs", "POST", json=ORDER)).status == 202
    assert (await one.send("/jobs/report")).status == 200
    assert (await other.send("/jobs/report")).status == 404


def test_settings_are_the_apps_configuration(twin: ModuleType) -> None:
    app = twin.create_app({"TESTING": True, **ONE_TOPIC})
    assert app.config["TESTING"] is True


def test_an_app_without_settings_has_the_default_configuration(
    twin: ModuleType,
) -> None:
    app = whole(twin)
    assert app.config == type(app)("untouched").config


def test_settings_do_not_leak_into_the_next_app(twin: ModuleType) -> None:
    settings = {"MAX_CONTENT_LENGTH": 10, **ONE_TOPIC}
    given = {**settings}
    twin.create_app(settings)
    assert twin.create_app(ONE_TOPIC).config["MAX_CONTENT_LENGTH"] != 10
    assert settings == given


def test_settings_are_applied_before_topics_are_registered(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    jobs = import_module(f"{twin.__name__}.jobs")
    monkeypatch.setattr(jobs, "init_app", lambda app: seen.append(app.testing))
    twin.create_app({"TESTING": True, "TOPICS": ["jobs"]})
    assert seen == [True]


def endpoints(app: App) -> set[str]:
    """The routes of an app, apart from that of static files."""
    return {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}


def test_a_route_is_registered_without_the_others_of_its_topic(
    twin: ModuleType,
) -> None:
    app = twin.create_app({"TOPICS": ["hooks.view"]})
    assert endpoints(app) == {"hooks.view", "hooks_diary"}
    assert app.view_functions.keys() == {"static", "hooks.view", "hooks_diary"}


async def test_a_route_keeps_the_hooks_and_handlers_of_its_topic(
    twin: ModuleType,
) -> None:
    app = twin.create_app({"TOPICS": ["hooks.fail_handled"], "HOOKS": "app"})
    answer = await Client(app).send("/hooks/fail-handled")
    assert (answer.status, answer.text) == (409, "handled")
    assert answer.header("X-App") == [
        "preprocessor, app before, before 1, before 2, after 2, after 1, app after"
    ]


def test_topics_blueprints_within_them_and_routes_can_be_mixed(
    twin: ModuleType,
) -> None:
    names = ("custom", "prefixes.where", "prefixes.shop.orders", "jobs.show")
    assert endpoints(twin.create_app({"TOPICS": names})) == {
        "custom.custom_status", "prefixes.where", "prefixes.shop.orders.order",
        "prefixes.shop.orders.following", "jobs.show",
    }  # fmt: skip


def test_a_whole_topic_has_all_of_its_routes(twin: ModuleType) -> None:
    alone = endpoints(twin.create_app({"TOPICS": ["hosts"]}))
    assert {"hosts.api", "hosts.link", "hosts.tenant"} < alone
    assert endpoints(twin.create_app({"TOPICS": ["hosts.api", "hosts"]})) == alone


@pytest.mark.parametrize(
    ("name", "near"),
    [("hook", "hooks"), ("hooks.inner.view", "hooks.inner.inner_view")],
)
def test_an_unknown_name_is_an_error_that_suggests_the_nearest(
    twin: ModuleType, name: str, near: str
) -> None:
    message = f"TOPICS: unknown topic or route {name!r}. Did you mean {near!r}?"
    with pytest.raises(ValueError, match=re.escape(message)):
        twin.create_app({"TOPICS": ["custom", name]})


def test_an_unknown_name_without_a_near_match_gets_no_suggestion(
    twin: ModuleType,
) -> None:
    with pytest.raises(ValueError, match="TOPICS: unknown topic or route 'zzz'$"):
        twin.create_app({"TOPICS": ["zzz"]})


# Recordings show the class of an app, in its name and in error messages.
def test_an_app_has_its_frameworks_name(twin: ModuleType, framework: str) -> None:
    app = twin.create_app(ONE_TOPIC)
    assert repr(app) == f"<{framework.title()} '{framework}_app'>"
    assert type(app).__module__ == f"{framework}.app"


def test_every_topic_is_registered_under_its_own_name(twin: ModuleType) -> None:
    names = [*import_module(f"{twin.__name__}.registration").MODULES]
    registered = whole(twin).blueprints
    assert [name for name in registered if "." not in name] == names


# A new interpreter: other tests of this process have imported other topics.
def test_an_app_with_one_topic_imports_only_that_one(framework: str) -> None:
    app = f"{framework}_app"
    code = (
        f"import sys, {app}; {app}.create_app({{'TOPICS': ['custom.custom_status']}});"
        f" print(*(name for name in sys.modules if name.startswith('{app}.')))"
    )
    output = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    helpers = {f"{app}.{name}" for name in ("registration", "topics", "harness")}
    assert set(output.split()) - helpers == {f"{app}.custom"}


def test_an_app_of_single_routes_takes_further_routes(twin: ModuleType) -> None:
    app = twin.create_app(ONE_TOPIC)
    app.add_url_rule("/more", "hooks.more", lambda: "More")
    assert "hooks.more" in endpoints(app)


def test_every_view_has_a_docstring(twin: ModuleType) -> None:
    views = whole(twin).view_functions
    undocumented = [name for name, view in views.items() if not view.__doc__]
    assert undocumented in ([], ["static"])
