"""Views that change the interpreter or the process under everybody's feet."""

import asyncio
import builtins
import gc
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from .table import Kit, misbehaves


def _raise(*_: Any, **__: Any) -> Any:
    raise RuntimeError("patched")


def _nothing(*_: Any, **__: Any) -> Any:
    return None


def patches(name: str, owner: Any, attribute: str, value: Any, **more: Any) -> None:
    """Enter a view that replaces an attribute for the rest of the process."""

    def act(kit: Kit) -> Any:
        setattr(owner, attribute, value)
        return "patched"

    act.__name__ = name
    misbehaves(**{"ways": ("in process", "servers"), "after": "any", **more})(act)


patches("time_sleep_does_nothing", time, "sleep", _nothing)
patches("time_stands_still", time, "monotonic", lambda: 0.0)
patches("time_raises", time, "time", _raise)
patches("perf_counter_goes_backwards", time, "perf_counter", lambda: -time.time())
patches("asyncio_wait_for_raises", asyncio, "wait_for", _raise)
patches("asyncio_sleep_raises", asyncio, "sleep", _raise)
patches("socket_raises", socket, "socket", _raise)
patches("threads_do_not_start", threading.Thread, "start", _raise)
patches("threads_start_without_a_word", threading.Thread, "start", _nothing)
patches("open_raises", builtins, "open", _raise)
patches("len_lies", builtins, "len", lambda _: 1)
patches("isinstance_lies", builtins, "isinstance", lambda *_: True)
patches("import_raises", builtins, "__import__", _raise)
patches("json_raises", json, "dumps", _raise)
patches("os_kill_does_nothing", os, "kill", _nothing)
patches("os_exit_does_nothing", os, "_exit", _nothing)
patches("sys_exit_does_nothing", sys, "exit", _nothing)
patches("os_write_raises", os, "write", _raise)
patches("stdout_is_none", sys, "stdout", None, after="same")
patches("stderr_is_none", sys, "stderr", None, after="same")
patches("excepthook_raises", sys, "excepthook", _raise, after="same")
patches("thread_excepthook_raises", threading, "excepthook", _raise, after="same")
patches("unraisablehook_raises", sys, "unraisablehook", _raise, after="same")
patches("displayhook_raises", sys, "displayhook", _raise, after="same")


@misbehaves(after="any", ways=("in process", "servers"))
def modules_are_cleared(kit: Kit) -> Any:
    sys.modules.clear()
    return "cleared"


@misbehaves(ways=("in process", "servers"))
def path_is_cleared(kit: Kit) -> Any:
    sys.path.clear()
    return "cleared"


@misbehaves(bad="same")
def close_standard_output(kit: Kit) -> Any:
    sys.stdout.close()
    return "closed"


@misbehaves(bad="same")
def close_descriptor_1(kit: Kit) -> Any:
    os.closerange(1, 2)
    return "closed"


@misbehaves(bad="same", ways=("in process", "servers"))
def close_descriptor_0_and_2(kit: Kit) -> Any:
    os.closerange(0, 1)
    os.closerange(2, 3)
    return "closed"


@misbehaves(after="any")
def close_every_descriptor(kit: Kit) -> Any:
    os.closerange(3, 512)
    return "closed"


@misbehaves(bad="same", ways=("in process", "servers"))
def output_is_discarded(kit: Kit) -> Any:
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return "redirected"


@misbehaves(ways=("in process", "servers"))
def settrace_left(kit: Kit) -> Any:
    def tracer(*_: Any) -> Any:
        return tracer

    sys.settrace(tracer)
    threading.settrace(tracer)
    return "traced"


@misbehaves(ways=("in process", "servers"), after="any")
def settrace_that_raises(kit: Kit) -> Any:
    sys.settrace(_raise)
    threading.settrace(_raise)
    return "traced"


@misbehaves(ways=("in process", "servers"), after="any")
def setprofile_that_raises(kit: Kit) -> Any:
    sys.setprofile(_raise)
    return "profiled"


@misbehaves(ways=("in process", "servers"), after="any")
def recursion_limit_of_fifty(kit: Kit) -> Any:
    sys.setrecursionlimit(50)
    return "limited"


@misbehaves(ways=("in process", "servers"))
def switch_interval_of_a_minute(kit: Kit) -> Any:
    sys.setswitchinterval(60)
    return "slow"


@misbehaves(bad="same", ways=("in process", "servers"))
def collector_is_off(kit: Kit) -> Any:
    gc.freeze()
    gc.disable()
    return "off"


@misbehaves(bad="same", ways=("in process", "servers"))
def collector_keeps_everything(kit: Kit) -> Any:
    gc.set_debug(gc.DEBUG_SAVEALL)
    return "kept"


@misbehaves(ways=("in process", "servers"))
def warnings_are_errors(kit: Kit) -> Any:
    warnings.simplefilter("error")
    return "strict"


@misbehaves(bad="same", ways=("in process", "servers"))
def logging_is_shut_down(kit: Kit) -> Any:
    logging.disable(logging.CRITICAL)
    logging.shutdown()
    logging.getLogger().handlers.clear()
    return "quiet"


@misbehaves(bad="same")
def change_folder(kit: Kit) -> Any:
    os.chdir("/")
    return "moved"


@misbehaves(ways=("in process", "servers"))
def folder_that_was_deleted(kit: Kit) -> Any:
    folder = Path(f"gone-{kit.name}-{os.getpid()}").resolve()
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    return "gone"


@misbehaves(bad="same")
def environment_is_cleared(kit: Kit) -> Any:
    os.environ.clear()
    return "cleared"


@misbehaves(bad="same", ways=("in process", "servers"))
def temporary_folder_was_deleted(kit: Kit) -> Any:
    os.environ["TMPDIR"] = "/does/not/exist"
    return "gone"


@misbehaves(bad="same", ways=("in process", "servers"))
def umask_of_everything(kit: Kit) -> Any:
    os.umask(0o777)
    return "hidden"


@misbehaves(after="any")
def no_more_files(kit: Kit) -> Any:
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    return "limited"


@misbehaves(after="any", ways=("in process", "servers"))
def leak_descriptors(kit: Kit) -> Any:
    try:
        while True:
            os.dup(0)
    except OSError as error:
        return error.strerror


@misbehaves(after="any")
def no_more_writing(kit: Kit) -> Any:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return "limited"


@misbehaves(bad="failed", ways=("in process", "servers"), after="any")
def no_more_processor_time(kit: Kit) -> Any:
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used, used))
    while True:
        pass


@misbehaves(bad="same", ways=("in process", "servers"))
def another_user(kit: Kit) -> Any:
    if os.getuid() == 0:
        os.setuid(65534)
    return "nobody"


@misbehaves(bad="same", ways=("in process", "servers"))
def leak_memory(kit: Kit) -> Any:
    vars(builtins).setdefault("leaked", []).append(bytearray(64 << 20))
    return "leaked"


@misbehaves(ways=("in process", "servers"))
def signals_are_ignored(kit: Kit) -> Any:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    return "ignored"


@misbehaves(ways=("in process", "servers"))
def alarm_that_raises(kit: Kit) -> Any:
    signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    time.sleep(0.3)
    return "alarmed"


@misbehaves(ways=("in process", "servers"), after="any")
def sockets_time_out_at_once(kit: Kit) -> Any:
    socket.setdefaulttimeout(0.000001)
    return "impatient"


@misbehaves(ways=("in process", "servers"))
def set_a_policy_without_loops(kit: Kit) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        policy = asyncio.get_event_loop_policy()
        policy.new_event_loop = _raise
    return "no loops"


@misbehaves(ways=("in process", "servers"))
def handler_of_the_loop_raises(kit: Kit) -> Any:
    if kit.name == "quart":
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_raise)
        loop.call_soon(_raise)
    return "handled"


@misbehaves(ways=("in process", "servers"), after="any")
def our_own_modules_are_patched(kit: Kit) -> Any:
    import httpx
    import msgspec

    httpx.Client.send = _raise
    httpx.AsyncClient.send = _raise
    msgspec.json.encode = _raise
    return "patched"
