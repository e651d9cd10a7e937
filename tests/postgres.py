"""A PostgreSQL server for a test: in a temporary folder, on a port of loopback."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.targets.waiting import until

USER = "postgres"  # whom Debian's package adds: the server refuses to run as root


def program(name: str) -> str | None:
    """The path of one of its programs, which Debian keeps out of PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(places[-1]) if places else None)


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """The URL of a new database; skip the test without PostgreSQL, but fail in CI."""
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed")
    options: dict[str, Any] = {}
    if os.geteuid() == 0:
        # Temporary folders of pytest are for root alone.
        folder = Path(f"/tmp/comparison-postgres-{os.getpid()}")
        folder.mkdir(mode=0o700)
        shutil.chown(folder, USER)
        options = {"user": USER, "group": USER, "extra_groups": ()}
    data = folder / "data"
    log = (folder / "log").open("w")
    try:
        subprocess.run(
            [initdb, "-D", data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8"],
            check=True, cwd=folder, stdout=log, stderr=log, timeout=120, **options,
        )  # fmt: skip
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1", "port": port, "fsync": "off",
            "unix_socket_directories": "", "max_connections": 20,
        }  # fmt: skip
        arguments = [
            part for pair in settings.items() for part in ("-c", "{}={}".format(*pair))
        ]
        server = subprocess.Popen(
            [postgres, "-D", data, *arguments],
            cwd=folder, stdout=log, stderr=log, start_new_session=True, **options,
        )  # fmt: skip
        try:
            url = f"postgresql://{USER}@127.0.0.1:{port}/postgres"
            until(lambda: server.poll() is not None or _answers(url))
            assert server.poll() is None, (folder / "log").read_text()
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
    finally:
        log.close()
        if options:
            shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
