"""Views that end their process, or raise unusual exceptions."""

import asyncio
import ctypes
import faulthandler
import os
import signal
import sys
import threading
import time
from typing import Any

from .table import Kit, misbehaves


@misbehaves(bad="failed")
def exit_0(kit: Kit) -> Any:
    os._exit(0)


@misbehaves(bad="failed")
def exit_1(kit: Kit) -> Any:
    os._exit(1)


@misbehaves(bad="failed", ways=("in process", "servers"))
def exit_3(kit: Kit) -> Any:
    os._exit(3)


@misbehaves(bad="failed", sides=("flask",))
def exit_0_flask_only(kit: Kit) -> Any:
    os._exit(0)


@misbehaves(bad="failed", sides=("quart",))
def exit_0_quart_only(kit: Kit) -> Any:
    os._exit(0)


@misbehaves()
def sys_exit(kit: Kit) -> Any:
    sys.exit(0)


@misbehaves()
def sys_exit_1(kit: Kit) -> Any:
    sys.exit(1)


@misbehaves(ways=("in process", "servers"))
def sys_exit_with_words(kit: Kit) -> Any:
    sys.exit("the database is gone")


@misbehaves()
def keyboard_interrupt(kit: Kit) -> Any:
    raise KeyboardInterrupt


@misbehaves(ways=("in process", "servers"))
def generator_exit(kit: Kit) -> Any:
    raise GeneratorExit


@misbehaves(ways=("in process", "servers"))
def cancelled(kit: Kit) -> Any:
    raise asyncio.CancelledError


@misbehaves(ways=("in process", "servers"))
def stop_iteration(kit: Kit) -> Any:
    raise StopIteration


@misbehaves(ways=("in process", "servers"))
def base_exception(kit: Kit) -> Any:
    class Mine(BaseException):
        pass

    raise Mine("not an Exception")


@misbehaves(ways=("in process", "servers"))
def exception_group(kit: Kit) -> Any:
    raise BaseExceptionGroup("both", [SystemExit(0), KeyboardInterrupt()])


def signalled(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.5)


@misbehaves(bad="failed")
def sigkill(kit: Kit) -> Any:
    signalled(signal.SIGKILL)


@misbehaves()
def sigterm(kit: Kit) -> Any:
    signalled(signal.SIGTERM)
    return "still here"


@misbehaves()
def sigint(kit: Kit) -> Any:
    signalled(signal.SIGINT)
    return "still here"


@misbehaves(ways=("in process", "servers"))
def sighup(kit: Kit) -> Any:
    signalled(signal.SIGHUP)
    return "still here"


@misbehaves(ways=("in process", "servers"))
def sigquit(kit: Kit) -> Any:
    signalled(signal.SIGQUIT)
    return "still here"


@misbehaves(bad="failed")
def sigsegv(kit: Kit) -> Any:
    signalled(signal.SIGSEGV)


@misbehaves(ways=("in process", "servers"))
def sigusr1(kit: Kit) -> Any:
    signalled(signal.SIGUSR1)
    return "still here"


@misbehaves(bad="failed")
def sigstop(kit: Kit) -> Any:
    signalled(signal.SIGSTOP)


@misbehaves(bad="failed", ways=("in process", "servers"))
def abort(kit: Kit) -> Any:
    os.abort()


@misbehaves(bad="failed", ways=("in process", "servers"))
def null_pointer(kit: Kit) -> Any:
    ctypes.string_at(0)


@misbehaves(ways=("in process", "servers"))
def alarm(kit: Kit) -> Any:
    signal.alarm(1)
    time.sleep(3)


@misbehaves(after="any", ways=("in process", "jobs"))
def kill_group(kit: Kit) -> Any:
    os.killpg(0, signal.SIGTERM)
    time.sleep(0.5)
    return "still here"


@misbehaves(after="any", ways=("in process", "servers"), shell=True, codes=(143,))
def kill_parent(kit: Kit) -> Any:
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(0.5)
    return "still here"


@misbehaves(bad="failed")
def execv_true(kit: Kit) -> Any:
    os.execv("/bin/true", ["true"])


@misbehaves(bad="failed")
def execv_sleep(kit: Kit) -> Any:
    os.execv("/bin/sleep", ["sleep", "300"])


@misbehaves(bad="failed", ways=("in process", "servers"))
def execv_python(kit: Kit) -> Any:
    os.execv(sys.executable, [sys.executable, "-c", "input()"])


@misbehaves(bad="failed", ways=("in process", "servers"))
def execv_talkative(kit: Kit) -> Any:
    os.execv("/bin/sh", ["sh", "-c", "echo restarting; echo 0123456789; exit 0"])


@misbehaves(after="any")
def exit_soon_on_a_thread(kit: Kit) -> Any:
    threading.Timer(0.2, os._exit, [0]).start()
    return "bye"


@misbehaves(after="any", ways=("in process", "servers"))
def kill_soon_on_a_thread(kit: Kit) -> Any:
    threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGKILL]).start()
    return "bye"


@misbehaves(bad="failed", ways=("in process", "servers"))
def faulthandler_exit(kit: Kit) -> Any:
    faulthandler.dump_traceback_later(0.3, exit=True)
    time.sleep(30)


@misbehaves()
def stop_loop(kit: Kit) -> Any:
    if kit.name == "quart":
        asyncio.get_running_loop().stop()
    return "stopped"


@misbehaves(after="any")
def close_loop_later(kit: Kit) -> Any:
    if kit.name == "quart":
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.stop)
        loop.call_soon(loop.stop)
    return "stopped"


@misbehaves(ways=("in process", "servers"))
def cancel_all_tasks(kit: Kit) -> Any:
    if kit.name == "quart":
        for task in asyncio.all_tasks():
            task.cancel()
    return "cancelled"


@misbehaves(ways=("in process", "servers"))
def recursion(kit: Kit) -> Any:
    return recursion(kit)


@misbehaves(ways=("in process", "servers"))
def memory_error(kit: Kit) -> Any:
    return str(len(bytearray(1 << 45)))


@misbehaves(ways=("in process", "servers"))
def exhaust_memory(kit: Kit) -> Any:
    import resource

    limit = 900 << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    kept = []
    try:
        while True:
            kept.append(bytearray(16 << 20))
    finally:
        kept.clear()
        resource.setrlimit(
            resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )


@misbehaves(ways=("in process", "servers"))
def error_that_cannot_be_displayed(kit: Kit) -> Any:
    class Mine(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

        __repr__ = __str__

    raise Mine


@misbehaves(ways=("in process", "servers"))
def error_that_exits_when_displayed(kit: Kit) -> Any:
    class Mine(Exception):
        def __str__(self) -> str:
            os._exit(0)
            return ""

    raise Mine


@misbehaves(ways=("in process", "servers"))
def error_of_ten_megabytes(kit: Kit) -> Any:
    raise ValueError("x" * 10_000_000)


@misbehaves(ways=("in process", "servers"))
def error_with_half_a_pair(kit: Kit) -> Any:
    raise ValueError("no such file: " + os.fsdecode(b"caf\xe9.txt"))


@misbehaves(ways=("in process", "servers"))
def error_caused_by_itself(kit: Kit) -> Any:
    error = ValueError("a circle")
    other = TypeError("of causes")
    other.__cause__ = error
    error.__context__ = other
    raise error from other
