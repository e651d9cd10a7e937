"""Processes that are forked, so that they have whatever their parent made."""

import multiprocessing
import signal
import warnings
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import Any

from comparison.model import Case, Failure, Recording

from .http import build_request
from .session import Target

CAN_FORK = "fork" in multiprocessing.get_all_start_methods()


def forked(function: Callable[..., None], *arguments: Any) -> ForkProcess:
    """A process that calls the function, begun."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=function, args=arguments)
    with warnings.catch_warnings():
        # Python 3.12 warns where the caller has threads. Nothing that a thread of
        # theirs may hold is used on the other side.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    return process


def ask_apart(target: Target, case: Case, timeout: float, seconds: float) -> Recording:
    """What an app does in process, in a process of its own, which it may end.

    Raises TargetError where the app for the case cannot be made or started.
    """
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = forked(_ask, theirs, target, case, timeout)
    theirs.close()
    try:
        late = not ours.poll(seconds)
        found = None if late else ours.recv()
    except EOFError:
        late, found = False, None
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(found, BaseException):
        raise found
    if found is not None:
        return found  # type: ignore[no-any-return]
    message = f"no answer within {timeout:g} s" if late else "the app ended its process"
    session = target.session(timeout)
    session.request = build_request(case.request)
    failure = Failure("timeout" if late else "died", message)
    return session.interrupted(failure).recording()


def _ask(connection: Any, target: Target, case: Case, timeout: float) -> None:
    # Ctrl-C reaches it too, but who has forked it says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found: Recording | BaseException
    try:
        asked = target.session(timeout).ask(case, build_request(case.request))
        found = asked.recording()
    except BaseException as error:
        found = error
    connection.send(found)
