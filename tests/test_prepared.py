"""A command that is a fork behaves for its caller as one that is a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from comparison.cases import CATALOGUE
from tests.prepared import Prepared

WAITED = 60.0  # seconds, on a busy machine


def ended(
    command: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, check=False, cwd=folder, env={**os.environ, **environment},
        input=b"", capture_output=True, timeout=WAITED,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["--version"], ["bad"], ["run", "--cases", "wrong.toml"]]
)
def test_a_forked_command_prints_and_exits_as_a_process_does(
    prepared: Prepared, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "wrong.toml").write_text("schema_version = 1\n[[case]]\nmetod = 1\n")
    process = ended([sys.executable, "-m", "comparison", *arguments], tmp_path)
    fork = ended([str(prepared.comparison), *arguments], tmp_path)
    assert process.stdout + process.stderr
    assert (fork.returncode, fork.stdout, fork.stderr) == (
        process.returncode,
        process.stdout,
        process.stderr,
    )


def test_a_forked_command_has_the_environment_and_folder_of_its_caller(
    prepared: Prepared, tmp_path: Path
) -> None:
    code = "import os\nraise ValueError(os.environ['SHOP'], os.getcwd())\n"
    (tmp_path / "shop.py").write_text(code)
    fork = ended([str(prepared.comparison), "discover", "shop"], tmp_path, SHOP="tea")
    assert fork.returncode == 3
    assert f"ValueError: ('tea', '{tmp_path}')" in fork.stderr.decode()


@contextmanager
def serving(prepared: Prepared) -> Iterator[subprocess.Popen[str]]:
    cases = str(CATALOGUE / "custom.toml")
    command = [prepared.comparison, "serve", "--port", "0", "--cases", cases]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert "http://" in server.stdout.readline()
            yield server
        finally:
            server.kill()


@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 0), ("SIGTERM", 143)])
def test_a_signal_reaches_a_forked_command(
    prepared: Prepared, sent: str, code: int
) -> None:
    with serving(prepared) as server:
        server.send_signal(signal.Signals[sent])
        assert server.wait(WAITED) == code


def test_a_forked_command_ends_with_its_caller(prepared: Prepared) -> None:
    with serving(prepared) as server:
        server.kill()
        # The other end of the pipe is open as long as the fork lives.
        server.communicate(timeout=WAITED)


def test_a_variable_that_python_reads_starts_a_process(
    prepared: Prepared, tmp_path: Path
) -> None:
    command = [str(prepared.comparison), "--version"]
    assert (
        b"import time:" in ended(command, tmp_path, PYTHONPROFILEIMPORTTIME="1").stderr
    )
