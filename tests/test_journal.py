"""The journal of a worker, read while the worker writes."""

import subprocess
import sys
from pathlib import Path

from comparison.runner.journal import IDLE, LOADING, Journal

WRITER = """
import sys
from pathlib import Path
from comparison.runner.journal import IDLE, LOADING, Journal
journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for _ in range(1000):
        journal.begin(LOADING, 1, 180.0)
        journal.begin(IDLE, 0, 0.0)
"""


def test_a_mark_is_never_half_of_one_write_and_half_of_another(tmp_path: Path) -> None:
    journal = Journal(tmp_path, create=True)
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        seen = set()
        for _ in range(200_000):
            mark = journal.mark
            if mark.since:
                seen.add((mark.case, mark.target, mark.limit))
        writer.kill()
    journal.close()
    assert seen == {(LOADING, 1, 180.0), (IDLE, 0, 0.0)}
