"""Asks every target every case and yields the comparisons as they arrive.

    run = compare("flask_app", "quart_app", load_cases())
    for comparison in run:
        print(comparison.case.id, comparison.verdict)
    print(run.exit_code)

The targets are asked on a thread of the runner's own, so that a Flask app is never called
where an event loop runs, and so that an app that hangs can be left behind.
"""

from .lanes import AHEAD
from .run import DEFAULT_TIMEOUT, Asker, Run, compare, infos_of

__all__ = ["AHEAD", "DEFAULT_TIMEOUT", "Asker", "Run", "compare", "infos_of"]
