"""Servers lack the optional keys that an explanation names, and set the others."""

import json
import re

import pytest

from comparison.causes.load import load_explanations
from comparison.targets.servers.stacks import STACKS

from ..apps import comparison_of
from ..targets.waiting import needs

KEYS = {
    "flask": (
        "RAW_URI", "REQUEST_URI", "REMOTE_PORT", "REMOTE_HOST", "SERVER_SOFTWARE",
        "wsgi.file_wrapper", "wsgi.input_terminated",
    ),
    "quart": ("state", "extensions"),
}  # fmt: skip
SERVERS = {
    framework: [s.partition("+")[2] for s in STACKS if s.startswith(framework)]
    for framework in KEYS
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "servers", list(zip(*SERVERS.values(), strict=True)), ids="-".join
)
def test_servers_lack_the_optional_keys_of_the_explanation(
    servers: tuple[str, str],
) -> None:
    needs(*servers)
    specs = [
        f"tests.causes.keys:{framework}_app@{server}"
        for framework, server in zip(KEYS, servers, strict=True)
    ]
    recordings = comparison_of(*specs).recordings.values()
    named = load_explanations()["environ-key-asked-for"].when["optional-key"]
    for (_, keys), server, recording in zip(
        KEYS.items(), servers, recordings, strict=True
    ):
        response = recording.exchange.response
        assert response is not None
        present = json.loads(str(response.body))
        lacked = {key for key in keys if re.search(named, f"{key} on {server}")}
        assert lacked == {key for key in keys if key not in present}
