"""The same requests as a Locust file, for a load from more than one machine.

Locust (<https://locust.io>) is run by its own command and needs nothing of ours: gevent,
which it puts in the place of sockets and threads, never comes into our processes.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote_plus

from comparison.core.errors import UsageError
from comparison.models import Case
from comparison.targets.http import Chunks, encode_body, header_pairs
from comparison.targets.url import is_url

from .client import Wanted

HOST = "http://127.0.0.1:5000"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

TEMPLATE = '''\
"""{title}, for Locust; written by `{command}`.

    locust -f {file} --host {host} --headless -u 100 -r 100 -t 60s

On several machines: the same with `--master --expect-workers N`, and on each of the
others `locust -f {file} --worker --master-host MASTER`. When a run ends, the master
waits half a second for the last reports of its workers: let users come to their LIMIT
before, where every request has to be counted.
"""

{imports}from itertools import cycle
from urllib.parse import {parsing}

from locust import FastHttpUser, events, task
from locust.exception import StopTest

# Nobody else is asked, whatever --host says: a load may be a nuisance.
HOSTS = {hosts!r}

# Name, method, path, headers, body, and the status that is right; None: below 400.
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


class Asking(FastHttpUser):
    """Asks in a closed loop: the next request follows the answer."""

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
    def ask(self):
        self.left -= 1
        name, method, path, headers, body, status = next(self.turn)
        with self.client.request(
            method, path, name=name, headers=headers, data=body,
            catch_response=True, allow_redirects=False,
        ) as response:
            came = response.status_code
            if not came:
                return  # no answer: Locust counts what it was instead
            if came == status if status else came < 400:
                response.success()
            else:
                response.failure(f"status {{came}}")
'''


def locustfile(
    asked: Iterable[tuple[str, Wanted]],
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
    """A Locust file that asks these requests, each under its name.

    Each user asks `limit` requests at the most. `secrets` are the names of environment
    variables by their values: the file has the names, and reads the variables where it
    runs. Raises UsageError for what Locust cannot send.
    """
    requests = "\n".join(_request(name, w, secrets or {}) for name, w in asked)
    needed = [name for name in ("json", "os") if f"{name}." in requests]
    quoting = "quote_plus, " if "quote_plus(" in requests else ""
    return TEMPLATE.format(
        file=_said(file),
        imports="".join(f"import {name}\n" for name in needed if secrets),
        parsing=f"{quoting}urlsplit",
        title=_said(title),
        command=_said(command),
        host=host,
        hosts=(*LOOPBACK, *allowed),
        requests=requests,
        timeout=timeout,
        limit=limit,
    )


def _said(text: str) -> str:
    """A text as it may stand in a docstring.

    >>> _said('a "word"')
    "a 'word'"
    """
    return text.replace("\\", "\\\\").replace('"', "'")


def host_of(spec: str) -> str:
    """The URL of a target that has one, else where an app is served by itself."""
    return spec.rstrip("/") if is_url(spec) else HOST


def variables(cases: Collection[Case]) -> dict[str, str]:
    """The environment variables whose values are in cases, by value."""
    found = {value for case in cases for value in case.secrets if value}
    return {value: name for name, value in os.environ.items() if value in found}


def _request(name: str, wanted: Wanted, secrets: Mapping[str, str]) -> str:
    request = wanted.request
    body, kind = encode_body(request)
    assert not isinstance(body, Chunks)
    headers = dict(header_pairs(request.headers))
    if len(headers) != len(header_pairs(request.headers)):
        raise UsageError(f"{name}: Locust sends no header twice")
    if kind and "content-type" not in {header.lower() for header in headers}:
        headers["Content-Type"] = kind
    fields = ", ".join(
        f"{key!r}: {_expression(value, secrets)}" for key, value in headers.items()
    )
    return (
        f"    ({name!r}, {request.method!r}, {_expression(request.path, secrets)},"
        f" {{{fields}}}, {_body(body, secrets)}, {wanted.status!r}),"
    )


def _body(body: bytes | None, secrets: Mapping[str, str]) -> str:
    if body is None:
        return "None"
    try:
        return f"({_expression(body.decode(), secrets)}).encode()"
    except UnicodeDecodeError:
        return repr(body)


def _expression(text: str, secrets: Mapping[str, str]) -> str:
    """Python that makes a text, with each secret read from the environment.

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
