"""create_app makes apps that don't know of each other."""

from types import ModuleType

import pytest

from .asking import Client

ORDER = {"name": "report"}


async def test_two_apps_share_no_jobs(twin: ModuleType) -> None:
    one, other = Client(twin.create_app()), Client(twin.create_app())
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
    twin.create_app({"TESTING": True})
    assert seen == [True]


def test_every_topic_is_registered_under_its_own_name(twin: ModuleType) -> None:
    names = [topic.__name__.rpartition(".")[2] for topic in twin.TOPICS]
    registered = twin.create_app().blueprints
    assert [name for name in registered if name in names] == names


def test_every_view_says_what_it_demonstrates(twin: ModuleType) -> None:
    views = twin.create_app().view_functions
    undocumented = [name for name, view in views.items() if not view.__doc__]
    assert undocumented in ([], ["static"])
