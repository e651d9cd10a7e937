"""The jobs resource, followed through the life of a job."""

from types import ModuleType
from typing import Any

import pytest

from .client import Answer, Client

AS_JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(twin: ModuleType) -> Client:
    """A client of a twin that has this topic alone."""
    return Client(twin.create_app({"TOPICS": ["jobs"]}))


async def post(client: Client, name: str, **headers: str) -> Answer:
    """Order a job."""
    return await client.send("/jobs", "POST", json={"name": name}, headers=headers)


async def put(client: Client, name: str, text: str, **headers: str) -> Answer:
    """Hand in a result; keyword arguments are headers with underscores."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    path = f"/jobs/{name}/result"
    return await client.send(path, "PUT", data=text, headers=named)


async def test_a_job_is_accepted_waits_and_leads_to_its_result(client: Client) -> None:
    accepted = await post(client, "report")
    (location,) = accepted.header("Location")
    waiting = await client.send(location)
    created = await put(client, "report", "42")
    done = await client.send(location)
    (result,) = done.header("Location")
    read = await client.send(result)
    answers = (accepted, waiting, created, done, read)
    assert [answer.status for answer in answers] == [202, 200, 201, 303, 200]
    assert created.header("Location") == [result]
    assert read.text == "42"
    assert read.header("ETag") == created.header("ETag") == ['"1"']


async def test_a_deleted_job_can_be_recreated(client: Client) -> None:
    await post(client, "report")
    deleted = await client.send("/jobs/report", "DELETE")
    missing = await client.send("/jobs/report")
    again = await post(client, "report")
    assert (deleted.status, deleted.body) == (204, b"")
    assert (missing.status, again.status) == (404, 202)


async def test_a_name_may_be_used_once(client: Client) -> None:
    assert [(await post(client, "report")).status for _ in range(3)] == [202, 409, 409]


async def test_replacing_a_result_needs_its_current_etag(client: Client) -> None:
    await post(client, "report")
    await put(client, "report", "42")
    unconditional = await put(client, "report", "43")
    outdated = await put(client, "report", "43", If_Match='"0"')
    replaced = await put(client, "report", "43", If_Match='"1"')
    too_late = await put(client, "report", "44", If_Match='"1"')
    answers = (unconditional, outdated, replaced, too_late)
    assert [answer.status for answer in answers] == [428, 412, 204, 412]
    assert replaced.header("ETag") == ['"2"']
    assert (await client.send("/jobs/report/result")).text == "43"


async def test_if_match_star_replaces_any_version(client: Client) -> None:
    await post(client, "report")
    await put(client, "report", "42")
    assert (await put(client, "report", "43", If_Match="*")).status == 204


@pytest.mark.parametrize(("tag", "status"), [('"1"', 304), ('"0"', 200), ("*", 304)])
async def test_a_matching_etag_gets_304_without_a_body(
    client: Client, tag: str, status: int
) -> None:
    await post(client, "report")
    await put(client, "report", "42")
    answer = await client.send("/jobs/report/result", headers={"If-None-Match": tag})
    assert answer.status == status
    assert answer.text == ("" if status == 304 else "42")


async def test_the_quota_is_counted_for_each_client(client: Client) -> None:
    mine = [await post(client, f"mine-{n}", **{"X-Client": "me"}) for n in range(3)]
    yours = await post(client, "yours", **{"X-Client": "you"})
    nobody = [await post(client, f"nobody-{n}") for n in range(3)]
    assert [answer.status for answer in mine] == [202, 202, 429]
    assert mine[-1].header("Retry-After") == ["60"]
    assert yours.status == 202
    assert [answer.status for answer in nobody] == [202, 202, 202]


async def test_a_rejected_job_does_not_exist(client: Client) -> None:
    for number in range(3):
        await post(client, f"job-{number}", **{"X-Client": "me"})
    assert (await client.send("/jobs")).json == ["job-0", "job-1"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": "name=report"}, 415),
        ({"data": '{"name": "report"}'}, 415),
        ({"data": "{", "headers": AS_JSON}, 400),
        ({"json": {}}, 422),
        ({"json": {"name": ""}}, 422),
        ({"json": {"name": 1}}, 422),
        ({"json": ["report"]}, 422),
        ({"data": "null", "headers": AS_JSON}, 422),
    ],
    ids=repr,
)
async def test_invalid_input_is_rejected_with_json(
    client: Client, options: dict[str, Any], status: int
) -> None:
    answer = await client.send("/jobs", "POST", **options)
    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert (await client.send("/jobs")).json == []


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/jobs", "DELETE", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/jobs/report", "POST", {"GET", "HEAD", "OPTIONS", "DELETE"}),
        ("/jobs/report/result", "POST", {"GET", "HEAD", "OPTIONS", "PUT"}),
    ],
)
async def test_405_lists_the_allowed_methods(
    client: Client, path: str, method: str, allowed: set[str]
) -> None:
    answer = await client.send(path, method)
    assert answer.status == 405
    assert set(", ".join(answer.header("Allow")).split(", ")) == allowed
