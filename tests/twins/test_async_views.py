"""Async views in both frameworks, and many of them at once."""

import asyncio
import threading

import pytest

from .client import Client, ClientOfView


async def test_a_view_continues_after_its_await(client: Client) -> None:
    answer = await client.send("/async/suspended")
    assert (answer.status, answer.json) == (202, {"message": "Waiting is over"})


async def test_twenty_concurrent_requests_do_not_interfere(client: Client) -> None:
    paths = ["/async/yielding", "/async/nested", "/async/together", "/async/plain"]
    alone = {path: await client.send(path) for path in paths}
    together = await asyncio.gather(*(client.send(path) for path in paths * 5))
    assert together == [alone[path] for path in paths * 5]


@pytest.mark.usefixtures("quiet")
async def test_an_exception_after_an_await_is_500(client: Client) -> None:
    assert (await client.send("/async/failing")).status == 500


@pytest.mark.parametrize("framework", ["quart"], indirect=True)
async def test_quart_runs_a_sync_view_outside_its_event_loop(
    client_of_view: ClientOfView,
) -> None:
    def view() -> str:
        return str(threading.current_thread() is threading.main_thread())

    assert (await client_of_view(view).send("/")).text == "False"
