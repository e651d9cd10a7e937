"""Write the same requests as a Locust file, for a load from more than one machine.

The file runs with the command of Locust (<https://locust.io>) and needs none of our
code. Locust's gevent replaces sockets and threads, so it stays out of our processes.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote_plus

from comparison.core.errors import UsageError
from comparison.models import Case
from comparison.targets.bodies import Chunks, encode_body, header_pairs
from comparison.targets.url import is_url

from .client import CheckedRequest

HOST = "http://127.0.0.1:5000"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

TEMPLATE = '''\
"""{title}, for Locust; written by `{command}`.

    locust -f {file} --host {host} --headless -u 100 -r 100 -t 60s

On several machines: add `--master --expect-workers N` on the first one, and run
`locust -f {file} --worker --master-host MASTER` on each of the others. When a run ends,
the master waits half a second for the last reports of its workers. To count every
request, let all users reach their LIMIT before the run ends.
"""

{imports}from itertools import cycle
from urllib.parse import {parsing}

from locust import FastHttpUser, events, task
from locust.exception import StopTest

# The file rejects other hosts, because a load test can harm somebody else's server.
HOSTS = {hosts!r}

# Name, method, path, headers, body, and the expected statuses; (): any below 400.
REQUESTS = (
{requests}
)

LIMIT = {limit}  # requests of each user


def allowed(host):
    return urlsplit(host or "").hostname in HOSTS


@events.init.add_listener
def check_host(environment, **_):
    options = environment.parsed_options
    if options and options.host and not allowed(options.host):
        raise SystemExit(f"{{options.host}} is not one of {{HOSTS}}")


class ClosedLoopUser(FastHttpUser):
    """Sends requests in a closed loop: the next request follows the response."""

    host = {host!r}
    network_timeout = connection_timeout = {timeout!r}

    def on_start(self):
        if not allowed(self.host):
            raise StopTest
        self.turn = cycle(REQUESTS)
        self.left = LIMIT

    def wait_time(self):
        return 0 if self.left else 86_400

    @task
    def send(self):
        self.left -= 1
        name, method, path, headers, body, statuses = next(self.turn)
        with self.client.request(
            method, path, name=name, headers=headers, data=body,
            catch_response=True, allow_redirects=False,
        ) as response:
            received = response.status_code
            if not received:
                return  # no response: Locust counts the error itself
            if received in statuses if statuses else received < 400:
                response.success()
            else:
                response.failure(f"status {{received}}")
'''


def locustfile(
    named_requests: Iterable[tuple[str, CheckedRequest]],
    *,
    file: str,
    title: str,
    command: str,
    host: str = HOST,
    allowed: tuple[str, ...] = (),
    timeout: float = 10.0,
    limit: int = 20_000,
    secrets: Mapping[str, str] | None = None,
) -> str:
    """Return a Locust file that sends these requests, each under its name.

    Each user sends at most `limit` requests. `secrets` maps the values of environment
    variables to their names. The file has only the names and reads the variables when it
    runs. Raises UsageError for requests that Locust cannot send.
    """
    requests = "\n".join(_request(name, w, secrets or {}) for name, w in named_requests)
    needed = [name for name in ("json", "os") if f"{name}." in requests]
    quoting = "quote_plus, " if "quote_plus(" in requests else ""
    return TEMPLATE.format(
        file=_in_docstring(file),
        imports="".join(f"import {name}\n" for name in needed if secrets),
        parsing=f"{quoting}urlsplit",
        title=_in_docstring(title),
        command=_in_docstring(command),
        host=host,
        hosts=(*LOOPBACK, *allowed),
        requests=requests,
        timeout=timeout,
        limit=limit,
    )


def _in_docstring(text: str) -> str:
    """Escape a text for a docstring.

    >>> _in_docstring('a "word"')
    "a 'word'"
    """
    return text.replace("\\", "\\\\").replace('"', "'")


def host_of(spec: str) -> str:
    """Return the URL of a target, or the default address of an app."""
    return spec.rstrip("/") if is_url(spec) else HOST


def variables(cases: Collection[Case]) -> dict[str, str]:
    """Return the environment variables whose values are secrets of the cases, by value."""
    found = {value for case in cases for value in case.secrets if value}
    return {value: name for name, value in os.environ.items() if value in found}


def _request(name: str, expected: CheckedRequest, secrets: Mapping[str, str]) -> str:
    request = expected.request
    body, kind = encode_body(request)
    assert not isinstance(body, Chunks)
    headers = dict(header_pairs(request.headers))
    if len(headers) != len(header_pairs(request.headers)):
        raise UsageError(f"{name}: Locust cannot send a header twice")
    if kind and "content-type" not in {header.lower() for header in headers}:
        headers["Content-Type"] = kind
    fields = ", ".join(
        f"{key!r}: {_expression(value, secrets)}" for key, value in headers.items()
    )
    return (
        f"    ({name!r}, {request.method!r}, {_expression(request.path, secrets)},"
        f" {{{fields}}}, {_body(body, secrets)}, {expected.statuses!r}),"
    )


def _body(body: bytes | None, secrets: Mapping[str, str]) -> str:
    if body is None:
        return "None"
    try:
        return f"({_expression(body.decode(), secrets)}).encode()"
    except UnicodeDecodeError:
        return repr(body)


def _expression(text: str, secrets: Mapping[str, str]) -> str:
    """Return a Python expression for a text that reads secrets from the environment.

    >>> _expression("Bearer 12345", {"12345": "TOKEN"})
    "'Bearer ' + os.environ['TOKEN']"
    """
    forms: dict[str, str] = {}
    for value, variable in secrets.items():
        read = f"os.environ[{variable!r}]"
        forms.setdefault(value, read)
        forms.setdefault(quote_plus(value), f"quote_plus({read})")
        forms.setdefault(json.dumps(value)[1:-1], f"json.dumps({read})[1:-1]")
        plain = json.dumps(value, ensure_ascii=False)[1:-1]
        forms.setdefault(plain, f"json.dumps({read}, ensure_ascii=False)[1:-1]")
    longest = sorted(forms, key=len, reverse=True)
    if not longest:
        return repr(text)
    parts = re.split(f"({'|'.join(map(re.escape, longest))})", text)
    made = [
        forms[part] if number % 2 else repr(part)
        for number, part in enumerate(parts)
        if part
    ]
    return " + ".join(made) or repr("")
