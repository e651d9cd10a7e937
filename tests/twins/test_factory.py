"""create_app makes apps that don't know of each other."""

from types import ModuleType

import pytest

from .asking import App, Client

ORDER = {"name": "report"}


async def test_two_apps_share_no_jobs(twin: ModuleType) -> None:
    one, other = (Client(twin.create_app({"TOPICS": ["jobs"]})) for _ in range(2))
    assert (await one.ask("/jobs", "POST", json=ORDER)).status == 202
    assert (await one.ask("/jobs/report")).status == 200
    assert (await other.ask("/jobs/report")).status == 404


def test_settings_are_the_apps_configuration(twin: ModuleType) -> None:
    assert twin.create_app({"TESTING": True}).config["TESTING"] is True


def test_without_settings_nothing_is_configured(twin: ModuleType) -> None:
    app = twin.create_app()
    assert app.config == type(app)("untouched").config


def test_the_settings_of_one_app_are_not_those_of_the_next(twin: ModuleType) -> None:
    settings = {"MAX_CONTENT_LENGTH": 10}
    twin.create_app(settings)
    assert twin.create_app().config["MAX_CONTENT_LENGTH"] != 10
    assert settings == {"MAX_CONTENT_LENGTH": 10}


def test_settings_are_there_before_a_topic_is_registered(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(twin.jobs, "init_app", lambda app: seen.append(app.testing))
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
    answer = await Client(app).ask("/hooks/fail-handled")
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
def test_an_unknown_name_is_told_with_the_nearest(
    twin: ModuleType, name: str, near: str
) -> None:
    message = f"there is no topic or route {name!r}, did you mean {near!r}"
    with pytest.raises(ValueError, match=message):
        twin.create_app({"TOPICS": ["custom", name]})


def test_a_name_that_is_like_no_other_is_told_without_one(twin: ModuleType) -> None:
    with pytest.raises(ValueError, match="TOPICS: there is no topic or route 'zzz'$"):
        twin.create_app({"TOPICS": ["zzz"]})


# Recordings name the class of an app, and say what its class hasn't got.
def test_an_app_has_its_frameworks_name(twin: ModuleType, framework: str) -> None:
    app = twin.create_app({"TOPICS": ["custom"]})
    assert repr(app) == f"<{framework.title()} '{framework}_app'>"


def test_every_topic_is_registered_under_its_own_name(twin: ModuleType) -> None:
    names = [topic.__name__.rpartition(".")[2] for topic in twin.TOPICS]
    registered = twin.create_app().blueprints
    assert [name for name in registered if name in names] == names


def test_every_view_says_what_it_demonstrates(twin: ModuleType) -> None:
    views = twin.create_app().view_functions
    undocumented = [name for name, view in views.items() if not view.__doc__]
    assert undocumented in ([], ["static"])
